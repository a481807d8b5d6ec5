"""The mailbox of the mail server: what is new in it (IMAP, RFC 3501). Runs outside of any transaction."""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

TIMEOUT = 20
MOST_AT_ONCE = 6
MOST_BYTES = 60 * 1024 * 1024
"""Of what is fetched at once: it is held in memory until it is kept"""
LARGEST = 100 * 1024 * 1024
LOOK_BACK = timedelta(days=7)
"""How far back we look when a mailbox was made anew and its numbers say nothing any more"""
SIZE = re.compile(rb"UID (\d+).*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?UID (\d+)", re.S)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Fetched:
    """A mail as the server gave it. One that is too large comes with its head only."""

    uid: int
    content: bytes
    size: int
    whole: bool = True


@dataclass(frozen=True)
class News:
    """What was new: `validity` tells whether numbers of the mailbox still mean what they meant."""

    validity: int
    mails: tuple[Fetched, ...]
    more: bool


@dataclass(frozen=True)
class Mailbox:
    """imaps://user:password@host:993/INBOX, or imap://…, which begins TLS unless ?tls=0 says that it must not."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: str

    @classmethod
    def of(cls, url: str) -> "Mailbox":
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ValueError("IMAP_URL looks like imaps://user:password@host:993/INBOX")
        wrapped = parts.scheme == "imaps"
        return cls(
            parts.hostname,
            parts.port or (993 if wrapped else 143),
            unquote(parts.username),
            unquote(parts.password or ""),
            unquote(parts.path.strip("/")) or "INBOX",
            "wrapped" if wrapped else "none" if "tls=0" in parts.query else "start",
        )

    @contextmanager
    def _opened(self) -> Iterator[tuple[imaplib.IMAP4, int]]:
        context = ssl.create_default_context() if self.tls != "none" else None
        server: imaplib.IMAP4 = (
            imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=TIMEOUT)
            if self.tls == "wrapped"
            else imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT)
        )
        try:
            if self.tls == "start":
                server.starttls(context)
            server.login(self.user, self.password)
            _ask(server.select(_quoted(self.folder)))
            told = server.response("UIDVALIDITY")[1]
            yield server, int(told[0] or 0) if told else 0
        finally:
            try:
                server.logout()
            except (OSError, imaplib.IMAP4.error):
                server.shutdown()

    def news(self, validity: int | None, after: int | None) -> News:
        """The next mails above the number `after`. At first those that nobody has read; in a mailbox that was made anew
        those of the last week. Nothing is changed on the server. Raises what imaplib and sockets raise."""
        with self._opened() as (server, now_valid):
            numbers = _numbers(server, _criterion(validity, after, now_valid))
            if validity == now_valid and after is not None:
                numbers = [
                    number for number in numbers if number > after
                ]  # "n:*" gives the last one even if it is older
            sizes = _sizes(server, numbers[:MOST_AT_ONCE])
            mails: list[Fetched] = []
            total = 0
            for number in numbers[:MOST_AT_ONCE]:
                size = sizes.get(number, 0)
                if mails and total + size > MOST_BYTES:
                    break
                whole = size <= LARGEST
                content = _content(server, number, "BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]")
                if content is not None:
                    mails.append(Fetched(number, content, size or len(content), whole))
                    total += size
            return News(now_valid, tuple(mails), len(mails) < len(numbers))

    def mark_seen(self, validity: int, numbers: Sequence[int]) -> None:
        """Tell the server that they were taken. Only after they are kept here."""
        with self._opened() as (server, now_valid):
            if numbers and now_valid == validity:
                _ask(server.uid("STORE", ",".join(map(str, numbers)), "+FLAGS.SILENT", r"(\Seen)"))


def _criterion(validity: int | None, after: int | None, now_valid: int) -> tuple[str, ...]:
    if validity is None or after is None:
        return ("UNSEEN",)
    if validity == now_valid:
        return ("UID", f"{after + 1}:*")
    day = datetime.now(UTC) - LOOK_BACK
    return ("SINCE", f"{day.day}-{MONTHS[day.month - 1]}-{day.year}")


def _ask(answer: tuple[str, Any]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else status)
    return list(data)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbers(server: imaplib.IMAP4, criterion: tuple[str, ...]) -> list[int]:
    found = _ask(server.uid("SEARCH", *criterion))
    return sorted(int(number) for line in found if line for number in line.split())


def _sizes(server: imaplib.IMAP4, numbers: Sequence[int]) -> dict[int, int]:
    if not numbers:
        return {}
    sizes = {}
    for line in _ask(server.uid("FETCH", ",".join(map(str, numbers)), "(RFC822.SIZE)")):
        found = SIZE.search(line if isinstance(line, bytes) else b" ".join(line or ()))
        if found:
            first, size, other_size, other = found.groups()
            sizes[int(first or other)] = int(size or other_size)
    return sizes


def _content(server: imaplib.IMAP4, number: int, part: str) -> bytes | None:
    """None where somebody has deleted it since."""
    for piece in _ask(server.uid("FETCH", str(number), f"({part})")):
        if isinstance(piece, tuple) and len(piece) == 2:
            return bytes(piece[1])
    return None
