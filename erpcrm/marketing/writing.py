"""Light Markdown to the two forms of a mail: HTML in which nothing but our own tags stands, and plain text.

Paragraphs, # headings, - lists, **bold**, *italic*, [words](https://address). Anything else is text.
"""

import re
from collections.abc import Callable, Sequence
from html import escape

LINK = re.compile(r"\[([^\[\]\n]+)\]\(\s*([^()\s]+)\s*\)")
ADDRESS = re.compile(r"https?://[^\s\"'<>{}\\^`]+", re.IGNORECASE)
BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
ITALIC = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
HEADING = re.compile(r"(#{1,3})\s+(.+)")
Follow = Callable[[str], str]


def links_of(body: str) -> list[str]:
    """The addresses that the text leads to, each once, in their order."""
    return list(dict.fromkeys(url for _words, url in LINK.findall(body)))


def wrong_links(body: str) -> list[str]:
    """Addresses that are none of a web page: no script, no file, no field within."""
    return [url for url in links_of(body) if not ADDRESS.fullmatch(url)]


def _inline(text: str, follow: Follow) -> str:
    parts, at = [], 0
    for match in LINK.finditer(text):
        parts.append(_marks(text[at : match.start()]))
        words, url = match[1], match[2]
        if ADDRESS.fullmatch(url):
            parts.append(f'<a href="{escape(follow(url))}">{_marks(words)}</a>')
        else:
            parts.append(_marks(match[0]))
        at = match.end()
    return "".join((*parts, _marks(text[at:])))


def _marks(text: str) -> str:
    return ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", escape(text)))


def _blocks(body: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in body.replace("\r\n", "\n").split("\n"):
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def to_html(body: str, follow: Follow = lambda url: url) -> str:
    """The text as HTML; `follow` gives the address to put for the one that was written."""
    return "\n".join(_block(block, follow) for block in _blocks(body))


def _block(lines: Sequence[str], follow: Follow) -> str:
    heading = HEADING.fullmatch(lines[0])
    if heading:
        level = len(heading[1]) + 1
        rest = f"\n{_block(lines[1:], follow)}" if len(lines) > 1 else ""
        return f"<h{level}>{_inline(heading[2], follow)}</h{level}>{rest}"
    if all(line.startswith(("- ", "* ")) for line in lines):
        return "<ul>{}</ul>".format("".join(f"<li>{_inline(line[2:], follow)}</li>" for line in lines))
    return "<p>{}</p>".format("<br>\n".join(_inline(line, follow) for line in lines))


def to_text(body: str, follow: Follow = lambda url: url) -> str:
    """The same for readers without HTML: links follow their words in brackets."""

    def link(match: re.Match[str]) -> str:
        words, url = match[1], match[2]
        return f"{words} ({follow(url)})" if ADDRESS.fullmatch(url) else match[0]

    plain = "\n\n".join("\n".join(block) for block in _blocks(LINK.sub(link, body)))
    return re.sub(r"(?m)^#{1,3}\s+", "", BOLD.sub(r"\1", plain))
