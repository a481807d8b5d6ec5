"""The pages of the mail outbox."""

from urllib.parse import quote

from flask import Blueprint, Response, current_app, request, send_file, url_for
from sqlalchemy import select

from . import mail
from .access import allow
from .blobs import path_of
from .db import session
from .errors import NotThere
from .file_views import UNTRUSTED
from .i18n import _, _l
from .mail import Mail
from .pages import page, redirect_to
from .pointers import title_of
from .whole import whole

SHOWN = 50
STATES = {
    "queued": (_l("Waiting"), "gray"),
    "sending": (_l("Being sent"), "blue"),
    "sent": (_l("Sent"), "green"),
    "failed": (_l("Failed"), "red"),
    "kept": (_l("Kept here"), "yellow"),
}

bp = Blueprint("mails", __name__)


@bp.get("/mails")
@allow("core.mail.view")
def mails() -> Response:
    status = request.args.get("status")
    before = request.args.get("before", type=whole)
    query = select(Mail.id, Mail.to, Mail.subject, Mail.status, Mail.created_at, Mail.sent_at, Mail.error)
    if status in STATES:
        query = query.where(Mail.status == status)
    if before is not None:
        query = query.where(Mail.id < before)
    found = session.execute(query.order_by(Mail.id.desc()).limit(SHOWN + 1)).all()
    return page(
        "core/mails.html",
        mails=found[:SHOWN],
        more=len(found) > SHOWN,
        shown=status if status in STATES else None,
        tabs=[{"label": _("All"), "url": url_for("mails.mails"), "active": status not in STATES}]
        + [
            {"label": label, "url": url_for("mails.mails", status=value), "active": status == value}
            for value, (label, _tone) in STATES.items()
        ],
        states=STATES,
        configured=current_app.config["MAIL_URL"] is not None,
    )


def _mail(id: int) -> Mail:
    found = session.get(Mail, id)
    if found is None:
        raise NotThere
    return found


@bp.get("/mails/<int:id>")
@allow("core.mail.view")
def one(id: int) -> Response:
    found = _mail(id)
    return page(
        "core/mail.html",
        mail=found,
        states=STATES,
        who=title_of("user", found.user_id) if found.user_id else None,
        configured=current_app.config["MAIL_URL"] is not None,
    )


@bp.get("/mails/<int:id>/files/<int:file_id>")
@allow("core.mail.view")
def attached(id: int, file_id: int) -> Response:
    """A file that goes with the mail: only ever saved, never shown."""
    file = next((file for file in _mail(id).files if file.id == file_id), None)
    if file is None:
        raise NotThere
    response = send_file(path_of(file.sha256), mimetype="application/octet-stream", etag=file.sha256)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["Content-Security-Policy"] = UNTRUSTED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/mails/<int:id>/again")
@allow("core.mail.view")
def again(id: int) -> Response:
    mail.send_again(_mail(id))
    return redirect_to(url_for("mails.one", id=id))
