"""A browser of the load generator: one kept-alive connection, cookies, and the headers that HTMX sends."""

import gzip
import http.client
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

ACCEPTED = "gzip, deflate, br, zstd"
IDLE = 15.0
"""Seconds after which a connection is not trusted any more."""


class Unexpected(AssertionError):
    """The server gave another answer than a user would need."""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        body = gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body
        return body.decode()

    @property
    def moved_bytes(self) -> int:
        """What went over the line: the body as it was sent, and the headers."""
        return len(self.body) + sum(len(name) + len(value) + 4 for name, value in self.headers.items()) + 20


class Browser:
    """Signed in once, then used by one thread."""

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None, token: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies, self.token, self.port = dict(cookies or {}), token, port
        self.used = 0.0

    def twin(self) -> "Browser":
        """Another window of the same user, on a connection of its own."""
        return Browser(self.port, self.cookies, self.token)

    def send(
        self, method: str, path: str, body: bytes | None = None, *, accept: str = ACCEPTED, expected: tuple[int, ...] = (200,),
        **headers: str,
    ) -> Answer:  # fmt: skip
        sent = {"Accept-Encoding": accept, "Accept-Language": "en", "Connection": "keep-alive"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if time.monotonic() - self.used > IDLE:
            self.connection.close()  # the server has closed it, or is about to; it opens again by itself
        began = time.perf_counter()
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        content = response.read()
        took = time.perf_counter() - began
        self.used = time.monotonic()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, value = cookie.partition(";")[0].split("=", 1)
            self.cookies[name] = value
        answer = Answer(response.status, response.headers, content, took)
        if answer.status not in expected:
            raise Unexpected(f"{method} {path} gave {answer.status}: {content[:300]!r}")
        return answer

    def page(self, path: str, **options: Any) -> Answer:
        return self.send("GET", path, **options)

    def part(self, path: str, target: str) -> Answer:
        return self.send("GET", path, HX_Request="true", HX_Target=f"div#{target}")

    def text(self, path: str) -> str:
        """A page to be read by the generator, uncompressed."""
        return self.page(path, accept="identity").text

    def post(self, path: str, fields: Mapping[str, Any], *, target: str | None = None, **options: Any) -> Answer:
        """Send a form with its token and a new idempotency key; with `target` as HTMX does."""
        body = urlencode(dict(fields) | {"csrf_token": self.token, "_key": secrets.token_hex(8)}).encode()
        headers = {"Content_Type": "application/x-www-form-urlencoded"}
        if target is not None:
            headers |= {"HX_Request": "true", "HX_Target": target, "X_CSRFToken": self.token}
        return self.send("POST", path, body, **headers, **options)

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes) -> Answer:
        edge = secrets.token_hex(12)
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in (dict(fields) | {"csrf_token": self.token}).items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{edge}--\r\n".encode()])
        return self.send("POST", path, body, Content_Type=f"multipart/form-data; boundary={edge}", expected=(303,))

    def sign_in(self, email: str, password: str) -> "Browser":
        self.token = token_of(self.text("/login"))
        self.post("/login", {"email": email, "password": password}, expected=(302, 303))
        self.token = token_of(self.text("/customers"))
        return self


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise Unexpected("a page without a CSRF token")
    return found[1]


def path_of(location: str) -> str:
    return urlsplit(location).path
