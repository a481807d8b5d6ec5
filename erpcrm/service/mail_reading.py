"""Reading a mail as it came: bytes in, plain values out. Nothing here asks a database, and no mail makes it fail.

Mails are what anybody may send: headers that break the rules, charsets that are not what they say, HTML with scripts,
attachments within attachments. What can't be read is kept as well as it can be, and never raises.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from .mail_text import split_quoted, text_of_html
from .winmail import unpack

MOST_PARTS = 200
"""A mail of a million empty parts is an attack on our memory"""
DEEPEST = 12
LONGEST_TEXT = 200_000
LONGEST_BODY = 1_000_000
"""Bytes of one part that are looked at: the original is kept whole beside it"""
LONGEST_SUBJECT = 250
MOST_REFERENCES = 100
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
ID = re.compile(r"<[^<>\s]{1,900}>")
NUMBER = re.compile(r"\[(T-[0-9A-Za-z-]{1,20})\]")
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "iso-8859-1": "cp1252", "us-ascii": "utf-8"}
"""Senders name the small set and write the large one."""
GUESSES = ("utf-8", "gb18030", "cp1252")

AUTO_SUBMITTED, BULK, AUTO_REPLY, NULL_SENDER, LIST, OWN = (
    "auto_submitted", "bulk", "auto_reply", "null_sender", "list", "own",
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """An attachment as it came: its name, what it says it is, its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class ReadMail:
    """What a mail says. `automatic` is why it is no person's, None where it seems to be one's."""

    message_id: str | None
    subject: str
    sender_name: str
    sender: str
    """Address in lower case; "" where there is none"""
    to: tuple[str, ...]
    """Addresses of To and Cc"""
    sent_at: datetime | None
    text: str
    quoted: str
    """What is quoted of earlier mails below the text"""
    files: tuple[File, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    """Message ids of what it answers, the nearest first"""
    automatic: str | None = None

    @property
    def ticket_numbers(self) -> tuple[str, ...]:
        """Numbers of tickets in the subject."""
        return tuple(found.upper() for found in NUMBER.findall(self.subject))


@dataclass
class _Found:
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    parts: int = 0


def read_mail(raw: bytes, own: Iterable[str] = ()) -> ReadMail:
    """What stands in a mail. `own` are our addresses: what comes from them is our own mail coming back."""
    message = message_from_bytes(raw)
    found = _Found()
    _walk(message, found, 0)
    written = "\n\n".join(part.strip("\n") for part in found.plain if part.strip())
    if not written.strip():
        written = "\n\n".join(text_of_html(part) for part in found.html)
    text, quoted = split_quoted(_clean(written)[:LONGEST_TEXT])
    sender_name, sender = next(iter(_addresses(message, "from") or _addresses(message, "sender")), ("", ""))
    return ReadMail(
        message_id=next(iter(ids_in(_texts(message, "message-id"))), None),
        subject=" ".join(_header(message, "subject").split())[:LONGEST_SUBJECT],
        sender_name=sender_name,
        sender=sender,
        to=tuple(address for _name, address in _addresses(message, "to", "cc")),
        sent_at=_moment(_header(message, "date")),
        text=text,
        quoted=quoted,
        files=tuple(found.files),
        in_reply_to=_answered(message),
        automatic=_automatic(message, sender, {address.lower() for address in own}),
    )


def head_of(raw: bytes) -> bytes:
    """The headers alone: what a mail is known by, without reading through its attachments."""
    ends = [at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0]
    return raw[: min(ends)] if ends else raw


def ids_in(texts: Iterable[str]) -> Iterator[str]:
    """The message ids in headers, each once."""
    seen: dict[str, None] = {}
    for text in texts:
        seen.update(dict.fromkeys(ID.findall(text)))
    yield from seen


def _answered(message: Message) -> tuple[str, ...]:
    nearest = list(ids_in(_texts(message, "in-reply-to")))
    earlier = list(ids_in(_texts(message, "references")))[-MOST_REFERENCES:]
    return tuple(dict.fromkeys([*nearest, *reversed(earlier)]))


# ------------------------------------------------------------------- headers


def _texts(message: Message, name: str) -> list[str]:
    """All headers of this name, decoded."""
    return [decoded(value) for value in message.get_all(name, [])]


def _header(message: Message, name: str) -> str:
    return next(iter(_texts(message, name)), "")


def decoded(value: object) -> str:
    """A header in words: RFC 2047, and bytes that stand there raw as many mailers write them."""
    try:
        parts = decode_header(value)  # type: ignore[arg-type]
    except (HeaderParseError, ValueError):
        return _clean(str(value))
    words = []
    for part, charset in parts:
        if isinstance(part, str):
            part = part.encode("utf-8", "surrogateescape")
            charset = None
        words.append(in_words(part, None if charset == "unknown-8bit" else charset))
    return _clean("".join(words))


def in_words(content: bytes, charset: str | None) -> str:
    """Bytes as text: in the charset that is named, else in the first of the usual ones that fits."""
    named = WIDER.get((charset or "").lower(), charset)
    for guess in (*([named] if named else []), *GUESSES):
        try:
            return content.decode(guess)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def _clean(text: str) -> str:
    """Without characters that no database takes or no screen shows, and with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(char for char in text if char in "\n\t" or (char >= " " and char != "\x7f"))


def _addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """(name, address) of these headers. Taken apart before they are decoded: a name may hold a comma in its code."""
    given = [
        value if isinstance(value, str) else decoded(value) for name in names for value in message.get_all(name, [])
    ]
    found = [(decoded(name), address) for name, address in getaddresses(given)]
    if not any("@" in address for _name, address in found):
        found = [("", address) for text in given for address in ADDRESS.findall(text)]
    return [
        (" ".join(name.split())[:200], address.strip().lower()[:200])
        for name, address in found
        if ADDRESS.fullmatch(address.strip())
    ]


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _automatic(message: Message, sender: str, own: set[str]) -> str | None:
    """Why nobody should be answered here: RFC 3834, and what mailers did before and beside it."""
    if sender in own:
        return OWN
    submitted = _header(message, "auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return AUTO_SUBMITTED
    local = sender.partition("@")[0]
    bounce = _header(message, "return-path").strip() == "<>" or message.get_content_type() == "multipart/report"
    if bounce or not sender or local in ("mailer-daemon", "postmaster"):
        return NULL_SENDER
    if any(name in message for name in ("x-autoreply", "x-autorespond", "x-auto-response", "x-mail-autoreply")):
        return AUTO_REPLY
    precedence = _header(message, "precedence").strip().lower()
    if precedence == "auto_reply":
        return AUTO_REPLY
    if precedence in ("bulk", "junk"):
        return BULK
    if precedence == "list" or any(name in message for name in ("list-id", "list-unsubscribe", "list-post")):
        return LIST
    return None


# --------------------------------------------------------------------- parts


def _walk(part: Message, found: _Found, depth: int) -> None:
    found.parts += 1
    if found.parts > MOST_PARTS:
        return
    kind = part.get_content_type()
    if depth >= DEEPEST or kind == "message/rfc822":
        _keep(part, found)
    elif part.is_multipart():
        for child in part.get_payload():
            if isinstance(child, Message):
                _walk(child, found, depth + 1)
    elif kind == "application/ms-tnef":
        _keep_packed(part, found)
    elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
        text = in_words(_bytes(part)[:LONGEST_BODY], _charset(part))
        (found.plain if kind == "text/plain" else found.html).append(text)
    else:
        _keep(part, found)


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" or part.is_multipart():
        inner = part.get_payload()
        whole = inner[0] if isinstance(inner, list) and inner else part
        return whole.as_bytes() if isinstance(whole, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _keep(part: Message, found: _Found) -> None:
    content = _bytes(part)
    if content:
        found.files.append(File(_name(part, len(found.files) + 1), part.get_content_type(), content))


def _name(part: Message, place: int) -> str:
    try:
        given = part.get_filename()
    except (ValueError, LookupError, TypeError):
        given = None
    name = decoded(given) if given else ""
    if name.strip():
        return " ".join(name.split())[:180]
    kind = part.get_content_type()
    return f"{place}.{'eml' if kind == 'message/rfc822' else kind.rpartition('/')[2] or 'bin'}"


def _keep_packed(part: Message, found: _Found) -> None:
    """What Outlook packs into winmail.dat; where that can't be read it stays as it is."""
    packed = unpack(_bytes(part))
    if packed is None:
        return _keep(part, found)
    if packed.text:
        found.plain.append(in_words(packed.text, None))
    for name, content in packed.files:
        found.files.append(File(_clean(in_words(name, None)) or "file", "application/octet-stream", content))
