"""A user who walks through the import wizard by HTTP, without JavaScript."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from erpcrm.core.db import db
from erpcrm.core.imports.models import Import
from erpcrm.core.jobs import run_pending
from tests.forms import fields_of


class Wizard:
    """A user with a browser, and the import that they are working on."""

    def __init__(self, client: FlaskClient, app: Flask) -> None:
        self.client, self.app = client, app
        self.id = 0
        self.page = ""

    def upload(self, content: bytes | str | Path, kind: str = "toy", name: str = "toys.csv") -> "Wizard":
        data = (
            content.read_bytes()
            if isinstance(content, Path)
            else content.encode()
            if isinstance(content, str)
            else content
        )
        name = content.name if isinstance(content, Path) else name
        # Encoded here: the test client leaves the temporary file of a large form open.
        boundary, body = encode_multipart({"record_type": kind, "file": FileStorage(BytesIO(data), name)})
        answer = self.client.post("/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")
        self.page = answer.text
        assert answer.status_code == 303, plain(answer.text)
        self.id = int(answer.location.split("/")[-2])
        return self

    def get(self, step: str = "", status: int = 200) -> str:
        answer = self.client.get(f"/imports/{self.id}{step}")
        assert answer.status_code == status, plain(answer.text)
        self.page = answer.text
        return plain(answer.text)

    def post(self, step: str, data: dict[str, Any] | None = None, status: int = 303) -> str:
        """Send a form; returns where it leads, or the text of the page when it was not accepted."""
        answer = self.client.post(f"/imports/{self.id}{step}", data=data or {})
        self.page = answer.text
        assert answer.status_code == status, plain(answer.text)
        return str(answer.location) if status == 303 else plain(answer.text)

    def form(self, step: str) -> dict[str, str]:
        """What the form of a page would send if the user changed nothing."""
        self.get(step)
        return fields_of(self.page)

    def columns(self, status: int = 303, **changes: str) -> str:
        """Send the columns as suggested, with some changed: column_3="price"."""
        sent = self.form("/columns") | {
            name.replace("_", "-", 1) if name[-1].isdigit() else name: v for name, v in changes.items()
        }
        return self.post("/columns", sent, status)

    def words(self, status: int = 303, **answers: str) -> str:
        """Answer unknown words, by the word; the rest as suggested."""
        sent = self.form("/words")
        for name, value in list(sent.items()):
            if name.endswith("-word") and value in answers:
                sent[name.removesuffix("-word")] = answers[value]
        return self.post("/words", sent, status)

    def start(self) -> "Wizard":
        self.post("/start")
        run_pending()
        return self

    @property
    def record(self) -> Import:
        db.session.expire_all()
        found = db.session.get_one(Import, self.id)
        db.session.commit()  # so that the test holds no lock while the worker works
        return found

    def counts(self) -> tuple[int, int, int, int]:
        """(created, updated, skipped, bad)"""
        one = self.record
        return one.made, one.changed, one.skipped, one.bad

    def trial(self) -> dict[str, int]:
        return dict(self.record.checked["counts"])


def plain(html: str) -> str:
    """The text of a page."""
    body = re.sub(r"(?s)^.*<main[^>]*>|</main>.*$", "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()
