"""A small mail server for tests: it keeps what it gets and answers as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Letters:
    """What came in, and what to answer to RCPT and to the end of DATA."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    rcpt_answer: str = "250 ok"
    data_answer: str = "250 ok"
    hang_up_at: int = 0
    """The message in whose middle the server hangs up, counted from 1"""
    begun: int = 0
    slow: float = 0
    """Seconds that it takes over each message, for who wants to come in between"""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class Talk(socketserver.StreamRequestHandler):
    """One conversation in SMTP (RFC 5321)."""

    letters: Letters

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 tests")
        while line := self.rfile.readline():
            match line.decode().strip().upper().split():
                case ["QUIT", *_]:
                    return self.say("221 bye")
                case ["EHLO", *_]:
                    self.say("250-tests")
                    self.say("250 SMTPUTF8")
                case ["RCPT", *_]:
                    self.letters.recipients.append(line.decode().partition("<")[2].partition(">")[0])
                    self.say(self.letters.rcpt_answer)
                case ["DATA", *_]:
                    self.say("354 go on")
                    self.letters.begun += 1
                    if self.letters.begun == self.letters.hang_up_at:
                        return None
                    self.take()
                case _:
                    self.say("250 ok")
        return None

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.letters.slow:
            threading.Event().wait(self.letters.slow)
        if self.letters.data_answer.startswith("250"):
            self.letters.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
        self.say(self.letters.data_answer)


@contextmanager
def mail_server() -> Iterator[Letters]:
    letters = Letters()
    talk = type("TalkHere", (Talk,), {"letters": letters})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), talk) as server:
        letters.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield letters
        server.shutdown()
        thread.join()
