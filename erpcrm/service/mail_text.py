"""The text of a mail: HTML made plain, and where the quotation of earlier mails begins."""

import re
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "head", "title", "noscript", "template", "svg", "object"})
APART = frozenset({"p", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
"""With a blank line before and after"""
BLOCKS = APART | {"div", "br", "tr", "li", "section", "article", "header", "footer", "hr", "address", "dt", "dd"}
DEEPEST_QUOTE = 5

ORIGINAL = "original message|forwarded message|原始邮件|转发邮件|original-nachricht|message d'origine"
OPENINGS = (
    re.compile(rf"^\s*-{{2,}}\s*({ORIGINAL})\s*-{{2,}}\s*$", re.I),
    re.compile(r"^\s*(on|am|le|el|il)\b.{4,200}\b(wrote|schrieb|a écrit|escribió|ha scritto)\b.{0,120}[:：]\s*$", re.I),
    re.compile(r"^\s*(在|于)?.{0,200}(写道|寫道)\s*[:：]?\s*$"),
)
FROM = re.compile(r"^\s*\*?(from|von|de|发件人|寄件者)\*?\s*[:：]", re.I)
BESIDE = re.compile(
    r"^\s*\*?(sent|date|to|subject|gesendet|an|betreff|envoyé|发送时间|日期|时间|收件人|主题)\*?\s*[:：]", re.I
)
RULE = re.compile(r"^\s*[_—-]{10,}\s*$")


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.silent = self.quotes = 0
        self.target: str | None = None
        self.link_from = (0, 0)

    def _line(self, blank: bool = False) -> None:
        if self.lines[-1].strip(" >"):
            self.lines.append("")
        if blank and len(self.lines) > 1 and self.lines[-2].strip(" >"):
            self.lines.append("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag == "blockquote":
            self._line(True)
            self.quotes = min(self.quotes + 1, DEEPEST_QUOTE)
        elif tag == "br":
            self.lines.append("")
        elif tag in BLOCKS:
            self._line(tag in APART)
            if tag == "li":
                self._add("• ")
        elif tag in ("td", "th") and self.lines[-1].strip():
            self._add("  ")
        elif tag == "a":
            self.target = next((value for name, value in attrs if name == "href"), None)
            self.link_from = (len(self.lines), len(self.lines[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "blockquote":
            self._line(True)
            self.quotes = max(0, self.quotes - 1)
        elif tag in APART:
            self._line(True)
        elif tag in BLOCKS:
            self._line()
        elif tag == "a" and self.target:
            number, place = self.link_from
            said = self.lines[-1][place:].strip() if number == len(self.lines) else ""
            if self.target.lower().startswith(("http://", "https://")) and self.target.rstrip("/") != said.rstrip("/"):
                self._add(f" ({self.target})")
            self.target = None

    def handle_data(self, data: str) -> None:
        if not self.silent:
            words = re.sub(r"\s+", " ", data)
            self._add(words if self.lines[-1].strip(" >") else words.lstrip())

    def _add(self, words: str) -> None:
        if words and not self.lines[-1] and self.quotes:
            self.lines[-1] = "> " * self.quotes
        self.lines[-1] += words


def text_of_html(html: str) -> str:
    """What a reader of the HTML would see: no scripts, no styles, no pictures; quotations marked with ">"."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    text = "\n".join(line.rstrip() for line in reader.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def split_quoted(text: str) -> tuple[str, str]:
    """(what is new, what is quoted below it). An answer between the lines of the quotation stays whole."""
    lines = text.split("\n")
    to_the_end = _quoted_from(lines)
    for at, line in enumerate(lines):
        if _opens(lines, at) or (at >= to_the_end and line.strip()):
            new, quoted = "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip()
            if not new or _answers_between(lines[at + 1 :]):
                return text.strip(), ""
            return new, quoted
    return text.strip(), ""


def _opens(lines: list[str], at: int) -> bool:
    line = lines[at]
    if any(opening.match(line) for opening in OPENINGS):
        return not _is_said(lines, at)
    if at + 1 < len(lines) and OPENINGS[1].match(f"{line} {lines[at + 1].strip()}"):
        return line.strip() != ""
    if FROM.match(line):
        return sum(bool(BESIDE.match(below)) for below in lines[at + 1 : at + 6]) >= 2
    return (
        bool(RULE.match(line))
        and at + 1 < len(lines)
        and bool(FROM.match(next((x for x in lines[at + 1 :] if x.strip()), "")))
    )


def _is_said(lines: list[str], at: int) -> bool:
    """A sentence that happens to end like an attribution, with nothing below it."""
    return not any(line.strip() for line in lines[at + 1 :])


def _quoted_from(lines: list[str]) -> int:
    """From which line on nothing stands but quoted lines."""
    at = len(lines)
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith(">")):
        at -= 1
    return at


def _answers_between(below: list[str]) -> bool:
    """Whether somebody has written between quoted lines: then the quotation can't be cut off without losing the answer."""
    marked = [line.lstrip().startswith(">") for line in below if line.strip()]
    return any(marked) and not all(marked) and marked[0] and not _signature_only(below)


def _signature_only(below: list[str]) -> bool:
    """Unquoted lines after "-- " are a signature and not an answer."""
    for at, line in enumerate(below):
        if line.strip() and not line.lstrip().startswith(">"):
            return line.strip() == "--" and not any(one.lstrip().startswith(">") for one in below[at:])
    return True
