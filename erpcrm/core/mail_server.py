"""The mail server: where mails are handed over, and what it says of them."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from time import monotonic
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from flask import current_app

from .i18n import _

TIMEOUT = 20
DROPS = 3
"""Connections that may break while many messages are handed over"""


@dataclass(frozen=True)
class MailServer:
    """Where mails go: smtp://user:password@host:587?tls=1 (STARTTLS), or smtps://host:465."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str

    @classmethod
    def of(cls, url: str) -> "MailServer":
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError(
                "MAIL_URL looks like smtp://user:password@host:587?tls=1 or smtps://user:password@host:465"
            )
        wrapped = parts.scheme == "smtps"
        port = parts.port or (465 if wrapped else 25)
        start = "tls=1" in parts.query or (port == 587 and "tls=0" not in parts.query)
        return cls(
            parts.hostname,
            port,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            "wrapped" if wrapped else "start" if start else "none",
        )

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """A conversation with the server, signed in. Raises what smtplib raises."""
        context = ssl.create_default_context() if self.tls != "none" else None
        server = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
            if self.tls == "wrapped"
            else smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        )
        with server:
            if self.tls == "start":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password or "")
            yield server

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises what smtplib raises."""
        with self.connected() as server:
            refused = server.send_message(message)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    def send_many(self, letters: Sequence[tuple[int, EmailMessage]], seconds: float) -> dict[int, "Told"]:
        """Hand messages over, each to one receiver, through one connection: {key: what the server said}.

        Those that are not reached within `seconds` are left out. Raises what smtplib raises where not even a connection was had;
        after a connection breaks the next one is tried, and after `DROPS` of them the rest is left out.
        """
        told: dict[int, Told] = {}
        rest, until, drops = list(reversed(letters)), monotonic() + seconds, 0
        while rest and monotonic() < until and drops < DROPS:
            drops += 1
            try:
                with self.connected() as server:
                    while rest and monotonic() < until and server.sock is not None:
                        key, message = rest.pop()
                        told[key] = _handed_over(server, message)
            except (OSError, smtplib.SMTPException):
                if not told:
                    raise
        return told


def mail_server() -> MailServer | None:
    """The one that is set up; None where none is, so that mails are kept."""
    url = current_app.config["MAIL_URL"]
    return MailServer.of(url) if url is not None else None


@dataclass(frozen=True)
class Told:
    """What became of a message. "refused": this receiver for good; "rejected": this message for good; "later": asked again it
    may go; "uncertain": the connection broke before the answer came, so it may have gone or not."""

    state: Literal["taken", "refused", "rejected", "later", "uncertain"]
    text: str = ""


def _handed_over(server: smtplib.SMTP, message: EmailMessage) -> Told:
    """Outside of any transaction: nothing here may ask the database, not even for a translation."""
    try:
        refused = server.send_message(message)
    except smtplib.SMTPServerDisconnected as error:
        return Told("uncertain", str(error) or type(error).__name__)
    except smtplib.SMTPRecipientsRefused as error:
        return Told("refused" if is_final(error) else "later", reason_of(error))
    except smtplib.SMTPSenderRefused as error:
        return Told("later", reason_of(error))  # it is us whom the server does not like, and that can be mended
    except smtplib.SMTPResponseException as error:
        return Told("rejected" if is_final(error) else "later", reason_of(error))
    except OSError as error:
        server.close()
        return Told("uncertain", str(error) or type(error).__name__)
    except (smtplib.SMTPException, ValueError) as error:  # an address that this server or the mail format does not know
        return Told("rejected", str(error) or type(error).__name__)
    return Told("refused", str(refused)) if refused else Told("taken")


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def is_final(error: Exception) -> bool:
    """A 5xx answer says that trying again is in vain (RFC 5321, 4.2.1); but a wrong password of ours can be mended."""
    codes = _codes(error)
    return bool(codes) and min(codes) >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)


def reason_of(error: Exception) -> str:
    def words(answer: Any) -> str:
        return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)

    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{to}: {code} {words(text)}" for to, (code, text) in error.recipients.items())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {words(error.smtp_error)}"
    return _("The mail server can't be reached: %(reason)s", reason=str(error) or type(error).__name__)
