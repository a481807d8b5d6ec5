"""The text of an article: simple Markdown made HTML, and which words of a text to look for in articles. Pure.

Headings, paragraphs, lists, quotations, code, bold, italic, links. Whatever else stands in a text is shown as it was typed:
every piece is escaped before anything is put around it, so no text becomes markup or script.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from erpcrm.core.search.words import normal

SAFE = ("https://", "http://", "mailto:", "tel:", "/")
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<said>[^\[\]\n]{1,300})\]\((?P<to>[^()\s]{1,1000})\)"
    r"|(?P<url>https?://[^\s<>\"'）)，。；]{1,1000})"
    r"|\*\*(?P<bold>(?:[^*\n]|\*(?!\*)){1,1000})\*\*"
    r"|(?<![\w*])\*(?P<italic>[^*\s](?:[^*\n]{0,1000}[^*\s])?)\*(?![\w*])"
)
HEADING = re.compile(r"(#{1,4})\s+(.*?)\s*#*$")
ITEM = re.compile(r"(?P<indent>\s*)(?:[-*•]|(?P<number>\d{1,3})[.)、])\s+(?P<text>.*)")
RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*$")
FENCE = "```"
DEEPEST = 4
"""Quotations in quotations"""


def article_html(text: str) -> Markup:
    """The text as HTML, safe to show."""
    return Markup("\n").join(_blocks(text.replace("\r\n", "\n").split("\n"), 0))


def _blocks(lines: list[str], depth: int) -> Iterator[Markup]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(FENCE):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith(FENCE)), len(lines))
            yield Markup("<pre><code>{}</code></pre>").format("\n".join(lines[at + 1 : end]))
            at = end + 1
            continue
        kind = _kind(line)
        end = at + 1
        while end < len(lines) and _goes_on(kind, lines[end]):
            end += 1
        yield from _block(kind, lines[at:end], depth)
        at = end


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if line.startswith(FENCE):
        return "fence"
    if RULE.match(line):
        return "rule"
    if HEADING.match(line):
        return "heading"
    if line.lstrip().startswith(">"):
        return "quote"
    return "list" if ITEM.match(line) else "text"


def _goes_on(kind: str, line: str) -> bool:
    """Whether a line belongs to the block before it: an item may go on in an indented line."""
    if kind in ("rule", "heading", "fence"):
        return False
    return _kind(line) == kind or (kind == "list" and line.startswith("  ") and bool(line.strip()))


def _block(kind: str, lines: list[str], depth: int) -> Iterator[Markup]:
    if kind == "rule":
        yield Markup("<hr>")
    elif kind == "heading":
        found = HEADING.match(lines[0])
        assert found is not None  # noqa: S101 - the kind says so
        level = len(found[1]) + 1  # the first is the title of the page
        yield Markup(f"<h{level}>{{}}</h{level}>").format(inline(found[2]))  # noqa: S704 - a number
    elif kind == "quote":
        inner = [line.lstrip()[1:].removeprefix(" ") for line in lines]
        body = Markup("\n").join(_blocks(inner, depth + 1)) if depth < DEEPEST else escape("\n".join(inner))
        yield Markup("<blockquote>{}</blockquote>").format(body)
    elif kind == "list":
        yield _list(lines)
    elif kind == "text":
        yield Markup("<p>{}</p>").format(_lines(lines))


def _lines(lines: list[str]) -> Markup:
    return Markup("<br>\n").join(inline(line.strip()) for line in lines)


@dataclass
class _Item:
    deep: bool
    tag: str
    start: int
    text: list[str]


def _list(lines: list[str]) -> Markup:
    """Items, those that are indented inside of the one above them."""
    items: list[_Item] = []
    for line in lines:
        found = ITEM.match(line)
        if found is None:
            items[-1].text.append(line)
            continue
        number = found["number"]
        deep = len(found["indent"].expandtabs(4)) >= 2 and bool(items)
        items.append(_Item(deep, "ol" if number else "ul", int(number or 1), [found["text"]]))
    rows: list[Markup] = []
    for deep, group in groupby(items, key=lambda item: item.deep):
        found_items = list(group)
        if deep:
            rows[-1] += _wrapped(found_items, [_lines(item.text) for item in found_items])
        else:
            rows += [_lines(item.text) for item in found_items]
    return _wrapped(items, rows)


def _wrapped(items: list[_Item], rows: list[Markup]) -> Markup:
    tag, start = items[0].tag, items[0].start
    opening = Markup(f'<ol start="{start}">') if tag == "ol" and start != 1 else Markup(f"<{tag}>")  # noqa: S704 - a number
    return opening + Markup("").join(Markup("<li>{}</li>").format(row) for row in rows) + Markup(f"</{tag}>")  # noqa: S704


def inline(text: str) -> Markup:
    """One line with its bold, italic, code and links."""
    pieces, last = [], 0
    for found in INLINE.finditer(text):
        pieces += [escape(text[last : found.start()]), _piece(found)]
        last = found.end()
    return Markup("").join([*pieces, escape(text[last:])])


def _piece(found: re.Match[str]) -> Markup:
    if found["code"]:
        return Markup("<code>{}</code>").format(found["code"])
    if found["bold"]:
        return Markup("<strong>{}</strong>").format(inline(found["bold"]))
    if found["italic"]:
        return Markup("<em>{}</em>").format(inline(found["italic"]))
    target = found["url"] or found["to"]
    if not target.lower().startswith(SAFE) or target.startswith("//"):
        return escape(found[0])
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(target, found["said"] or target)


def plain(text: str, most: int = 160) -> str:
    """The beginning of an article without its marks, for lists of results."""
    words = re.sub(r"^\s*(#+|[-•>*]|\d{1,3}[.)、])\s", " ", text.replace(FENCE, " "), flags=re.M)
    words = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", re.sub(r"\*\*|[*`]", "", words))
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


# ---------------------------------------------------------- words to look for

USUAL_ENGLISH = """
the and for are but not you all any can had her was one our out has have from this that with they been were will your
what when where which who how please hello dear thanks thank regards best hi does did its there here just very need
want would could should about into than then them these those some more also like get got still only after before
ticket service help question problem issue kind
"""
USUAL_CHINESE = """
我们 你们 他们 您好 你好 请问 谢谢 什么 怎么 如何 为什 可以 没有 这个 那个 一个 现在 已经 还是 就是 不能 需要 问题 一下 麻烦 希望
贵司 公司 关于 因为 所以 但是 如果 的时 时候 是否 能否 了吗 出现 进行
"""
USUAL = frozenset((USUAL_ENGLISH + USUAL_CHINESE).split())
MOST_WORDS = 16
CHINESE = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z0-9]+")


def telling_words(text: str) -> list[str]:
    """The words of a text by which an article about it may be found: Latin words, and pairs of Chinese characters."""
    found: dict[str, None] = {}
    folded = normal(text[:2000])
    for word in LATIN.findall(folded):
        if len(word) > 2 and word not in USUAL and not word.isdigit():
            found[_stem(word)] = None
    for run in CHINESE.findall(folded):
        for place in range(len(run) - 1):
            pair = run[place : place + 2]
            if pair not in USUAL:
                found[pair] = None
    return list(found)[:MOST_WORDS]


def _stem(word: str) -> str:
    """Words are found by their beginning: without its ending "leaking" finds "leak" and "leaks"."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word.removesuffix(ending)
    return word
