"""Attachments: kept safely, seen by whoever sees the record, never run by a browser."""

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from erpcrm.core.audit import AuditEntry
from erpcrm.core.blobs import path_of
from erpcrm.core.db import now
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.files import Attachment, attach, clean_name, files_of
from erpcrm.core.jobs import enqueue
from erpcrm.core.settings import save_setting

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
PDF = b"%PDF-1.7\n" + b"x" * 500
SCRIPT = b"<script>alert(document.domain)</script>"


def upload(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def contents(app: Flask) -> list[Path]:
    return [path for path in Path(app.config["FILES_FOLDER"]).rglob("*") if path.is_file()]


def get(client: Any, url: str) -> Any:
    """A download, read and closed."""
    with client.get(url) as response:
        assert response.data is not None
        return response


def post(client: Any, record: Any, *files: tuple[bytes, str], **headers: str) -> Any:
    data = {
        "record_type": record.record_name,
        "record_id": record.id,
        "files": [(io.BytesIO(content), name) for content, name in files],
    }
    return client.post("/files", data=data, headers=headers)


@pytest.fixture(autouse=True)
def empty_folder(app: Flask) -> None:
    for path in contents(app):
        path.unlink()


def test_equal_contents_are_kept_once(app: Flask, session: Any, admin: Any, seller: Any) -> None:
    first = attach(admin, upload(PDF, "contract.pdf"), seller)
    second = attach(seller, upload(PDF, "合同 终稿.pdf"), seller)
    assert first.sha256 == second.sha256
    assert contents(app) == [path_of(first.sha256)]
    assert path_of(first.sha256).read_bytes() == PDF
    assert (second.name, second.media_type, second.size) == ("合同 终稿.pdf", "application/pdf", len(PDF))
    assert files_of("user", seller.id) == [second]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SCRIPT, "page.html"),
        (SCRIPT, "drawing.svg"),
        (b"MZ\x90\x00", "setup.exe"),
        (SCRIPT, "picture.png"),
        (b"MZ\x90\x00", "contract.pdf"),
        (PDF, "without ending"),
        (b"", "empty.txt"),
        (b"a\x00b", "notes.txt"),
    ],
)
def test_what_is_dangerous_or_pretends_to_be_something_else_is_refused(
    app: Flask, session: Any, admin: Any, content: bytes, name: str
) -> None:
    with pytest.raises(Refused):
        attach(admin, upload(content, name), admin)
    assert contents(app) == []


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(app: Flask, session: Any, admin: Any) -> None:
    save_setting("file_max_mb", 1)
    with pytest.raises(Refused):
        attach(admin, upload(b"x" * (1024 * 1024 + 1), "large.txt"), admin)
    assert contents(app) == []
    attach(admin, upload(b"x" * 1024 * 1024, "just right.txt"), admin)


def test_a_company_may_take_fewer_types(app: Flask, session: Any, admin: Any) -> None:
    save_setting("file_types", ["pdf"])
    with pytest.raises(Refused):
        attach(admin, upload(b"text", "notes.txt"), admin)


def test_names_lose_what_file_systems_and_headers_do_not_take() -> None:
    assert clean_name("../../etc/passwd.txt") == "passwd.txt"
    assert clean_name("C:\\Users\\me\\合同.PDF") == "合同.PDF"
    assert clean_name('a\r\nb"<c>.txt') == "abc.txt"
    assert clean_name("x" * 300 + ".pdf") == "x" * 176 + ".pdf"
    assert clean_name("...") == "file"


def test_adding_and_removing_stand_in_the_audit_trail(session: Any, client: Any, sign_in: Any, admin: Any) -> None:
    sign_in(client, admin)
    assert post(client, admin, (PDF, "contract.pdf")).status_code == 303
    [attachment] = files_of("user", admin.id)
    assert client.post(f"/files/{attachment.id}/remove").status_code == 303
    assert files_of("user", admin.id) == []
    assert client.post(f"/files/{attachment.id}/restore").status_code == 303
    assert files_of("user", admin.id) == [attachment]
    trail = select(AuditEntry.action, AuditEntry.changes).where(AuditEntry.action.startswith("file_"))
    assert session.execute(trail.order_by(AuditEntry.id)).all() == [
        ("file_added", {"file": [None, "contract.pdf"]}),
        ("file_removed", {"file": ["contract.pdf", None]}),
        ("file_added", {"file": [None, "contract.pdf"]}),
    ]


def test_only_who_may_change_the_record_adds_a_file(
    session: Any, client: Any, sign_in: Any, admin: Any, seller: Any
) -> None:
    sign_in(client, seller)
    assert post(client, admin, (PDF, "contract.pdf")).status_code == 403
    assert files_of("user", admin.id) == []


def test_only_who_may_see_the_record_gets_its_files(
    session: Any, client: Any, sign_in: Any, admin: Any, seller: Any
) -> None:
    attachment = attach(admin, upload(PDF, "contract.pdf"), admin)
    session.commit()
    url = f"/files/{attachment.id}/contract.pdf"
    assert client.get(url).status_code == 302, "first sign in"
    sign_in(client, seller)
    assert get(client, url).data == PDF
    assert client.get(f"/files?record_type=user&record_id={admin.id}").status_code == 200
    for role in seller.roles:
        role.permissions = []
    session.commit()
    assert client.get(url).status_code == 404
    assert client.get(f"/files?record_type=user&record_id={admin.id}").status_code == 404


def test_a_pointer_to_nothing_is_not_there(client: Any, sign_in: Any, admin: Any) -> None:
    sign_in(client, admin)
    for query in ("record_type=user&record_id=999", "record_type=nonsense&record_id=1", "record_type=user", ""):
        assert client.get(f"/files?{query}").status_code == 404
    assert client.get("/files/999/x.pdf").status_code == 404


def test_a_browser_never_runs_a_file(session: Any, client: Any, sign_in: Any, admin: Any) -> None:
    attachment = attach(admin, upload(SCRIPT, "notes.txt"), admin)
    session.commit()
    sign_in(client, admin)
    headers = get(client, f"/files/{attachment.id}/notes.html").headers
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''notes.txt"
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_pictures_are_shown_but_only_while_they_are_pictures(
    session: Any, client: Any, sign_in: Any, admin: Any
) -> None:
    attachment = attach(admin, upload(PNG, "图.png"), admin)
    session.commit()
    url = f"/files/{attachment.id}/x.png"
    sign_in(client, admin)
    shown = get(client, url).headers
    assert shown["Content-Disposition"].startswith("inline; filename*=UTF-8''%E5%9B%BE.png")
    assert shown["Content-Type"] == "image/png"
    assert get(client, f"{url}?download=1").headers["Content-Disposition"].startswith("attachment")
    path_of(attachment.sha256).write_bytes(SCRIPT)
    tampered = get(client, url).headers
    assert tampered["Content-Disposition"].startswith("attachment")
    assert tampered["Content-Type"] == "application/octet-stream"


def test_several_files_are_taken_together_or_not_at_all(
    app: Flask, session: Any, client: Any, sign_in: Any, admin: Any
) -> None:
    sign_in(client, admin)
    answer = post(client, admin, (PDF, "contract.pdf"), (SCRIPT, "page.html"))
    assert answer.status_code == 409
    assert "page.html" in answer.text
    assert files_of("user", admin.id) == []
    assert post(client, admin, (PDF, "contract.pdf"), (PNG, "photo.png")).status_code == 303
    assert [file.name for file in files_of("user", admin.id)] == ["photo.png", "contract.pdf"]


def test_a_script_gets_the_part_back_and_can_undo(session: Any, client: Any, sign_in: Any, admin: Any) -> None:
    sign_in(client, admin)
    htmx = {"HX-Request": "true", "HX-Target": "section#files"}
    part = post(client, admin, (PDF, "contract.pdf"), **htmx)
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<section class="card" id="files"')
    [attachment] = files_of("user", admin.id)
    after = client.post(f"/files/{attachment.id}/remove", headers=htmx)
    assert f"/files/{attachment.id}/restore" in after.text
    assert "contract.pdf" in client.post(f"/files/{attachment.id}/restore", headers=htmx).text


def make_old(path: Path) -> None:
    moment = (now() - timedelta(days=2)).timestamp()
    os.utime(path, (moment, moment))


def test_contents_that_nothing_names_are_cleared_away_but_not_at_once(
    app: Flask, session: Any, admin: Any, run_jobs: Callable[..., int]
) -> None:
    kept = attach(admin, upload(PDF, "contract.pdf"), admin)
    session.commit()
    attach(admin, upload(PNG, "photo.png"), admin)
    session.rollback()
    assert len(contents(app)) == 2, "an upload that was rolled back leaves its content behind"
    enqueue("files.sweep")
    run_jobs()
    assert len(contents(app)) == 2, "it is young"
    for _sweep in range(2):
        for path in contents(app):
            make_old(path)
        enqueue("files.sweep")
        run_jobs()
    assert contents(app) == [path_of(kept.sha256)]


def test_a_content_that_was_moved_aside_too_early_comes_back(
    app: Flask, session: Any, admin: Any, run_jobs: Callable[..., int]
) -> None:
    attachment = attach(admin, upload(PDF, "contract.pdf"), admin)
    session.rollback()
    make_old(contents(app)[0])
    enqueue("files.sweep")
    run_jobs()
    assert [path.parent.name for path in contents(app)] == ["aside"]
    session.add(
        Attachment(
            record_type="user", record_id=admin.id, name="a.pdf", media_type="application/pdf", size=1,
            sha256=attachment.sha256,
        )
    )  # fmt: skip
    session.commit()
    make_old(contents(app)[0])
    enqueue("files.sweep")
    run_jobs()
    assert contents(app) == [path_of(attachment.sha256)]


def test_a_removed_file_can_be_brought_back_for_a_month(
    app: Flask, session: Any, admin: Any, run_jobs: Callable[..., int], clock: Any
) -> None:
    attachment = attach(admin, upload(PDF, "contract.pdf"), admin)
    attachment.deleted_at = now()
    clock.shift(timedelta(days=29))
    enqueue("files.empty_bin")
    run_jobs()
    assert attachment.sha256
    clock.shift(timedelta(days=2))
    enqueue("files.empty_bin")
    run_jobs()
    assert attachment.sha256 == ""
    with pytest.raises(NotThere):
        path_of(attachment.sha256 or "0" * 64)
