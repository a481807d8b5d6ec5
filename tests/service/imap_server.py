"""A small mailbox for tests (IMAP4rev1, RFC 3501): it gives its mails, remembers what was seen, and breaks when told to."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Box:
    """The mails by their numbers, which of them were seen, and every command that came."""

    port: int = 0
    validity: int = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)
    password: str = "secret"

    @property
    def url(self) -> str:
        return f"imap://help%40ours.example:{self.password}@127.0.0.1:{self.port}/INBOX?tls=0"

    def put(self, raw: bytes) -> int:
        number = max(self.mails, default=0) + 1
        self.mails[number] = raw
        return number


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    box: Box

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def handle(self) -> None:
        self.say(b"* OK tests")
        while line := self.rfile.readline():
            tag, _blank, command = line.decode().strip().partition(" ")
            self.box.commands.append(command.partition('"')[0] if command.startswith("LOGIN") else command)
            good = self.obey(command)
            self.say(f"{tag} {'OK done' if good else 'NO refused'}".encode())
            if command == "LOGOUT":
                return

    def obey(self, command: str) -> bool:
        box = self.box
        match command.split():
            case ["CAPABILITY"]:
                self.say(b"* CAPABILITY IMAP4rev1")
            case ["LOGIN", _user, password]:
                return password.strip('"') == "secret"
            case ["SELECT", _folder]:
                self.say(f"* {len(box.mails)} EXISTS".encode())
                self.say(f"* OK [UIDVALIDITY {box.validity}] valid".encode())
            case ["UID", "SEARCH", *words]:
                self.say(("* SEARCH " + " ".join(map(str, self.found(words)))).strip().encode())
            case ["UID", "FETCH", numbers, "(RFC822.SIZE)"]:
                for number in map(int, numbers.split(",")):
                    size = len(box.mails[number])
                    self.say(f"* {number} FETCH (UID {number} RFC822.SIZE {size})".encode())
            case ["UID", "FETCH", number, what]:
                raw = box.mails[int(number)]
                raw = raw.partition(b"\r\n\r\n")[0] if "HEADER" in what else raw
                self.wfile.write(f"* {number} FETCH (UID {number} {what.strip('()').replace('.PEEK', '')} ".encode())
                self.say(f"{{{len(raw)}}}".encode())
                self.say(raw + b")")
            case ["UID", "STORE", numbers, "+FLAGS.SILENT", _flags]:
                box.seen |= set(map(int, numbers.split(",")))
            case ["LOGOUT"]:
                self.say(b"* BYE")
        return True

    def found(self, words: list[str]) -> list[int]:
        numbers = sorted(self.box.mails)
        if words == ["UNSEEN"]:
            return [number for number in numbers if number not in self.box.seen]
        if words[0] == "UID":
            first = int(re.split(":", words[1])[0])
            return [number for number in numbers if number >= first] or numbers[-1:]
        return numbers


@contextmanager
def mailbox() -> Iterator[Box]:
    box = Box()
    handler = type("Bound", (Talk,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
