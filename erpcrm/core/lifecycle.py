"""One request, one transaction: open, check permission, call, then commit on success and roll back on anything else.

Requests, jobs and commands all run through `transaction`, which holds the only commit of the code base.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import BadRequest, HTTPException

from . import idempotency
from .access import PUBLIC, SIGNED_IN
from .db import access_mode, session
from .errors import NotAllowed, NotThere, Refused, Stale
from .i18n import _
from .pages import refusal
from .registry import is_on, registry
from .stale import stale_page

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
log = structlog.get_logger()


class Transaction:
    """A running unit of work. `discard()` makes its end a rollback without being an error."""

    def __init__(self) -> None:
        self.discarded = False

    def discard(self) -> None:
        self.discarded = True


@contextmanager
def transaction(*, writes: bool = True) -> Iterator[Transaction]:
    """Commit at the end, or roll back when an exception passes or `discard()` was called.

    Afterwards what was left with `after_commit` runs (after success only), then what was left with `afterwards`
    (always, each in a transaction of its own). One inside another is an error: it would commit half of the outer one.
    """
    if session.info.get("in_transaction"):
        raise RuntimeError("a transaction inside another")
    unit = Transaction()
    later: list[Callable[[], None]] = []
    always: list[Callable[[], None]] = []
    session.info.update(in_transaction=True, after_commit=later, afterwards=always)
    try:
        with access_mode(writes=writes):
            try:
                yield unit
                if unit.discarded:
                    session.rollback()
                else:
                    session.commit()
            except BaseException:
                later.clear()
                session.rollback()
                raise
    finally:
        session.info["in_transaction"] = False
        if unit.discarded:
            later.clear()
        _run_later(later, always)


def _run_later(later: list[Callable[[], None]], always: list[Callable[[], None]]) -> None:
    """What fails here is logged and not told: it must not make a success look like a failure, nor hide an error."""
    for call in list(later):
        try:
            call()
        except Exception:
            log.exception("after commit")
    for call in list(always):
        try:
            with transaction():
                call()
        except Exception:
            log.exception("afterwards")


def after_commit(call: Callable[[], None]) -> None:
    """Run `call` once this transaction is safely committed: waking the worker, not changing data."""
    session.info["after_commit"].append(call)


def afterwards(call: Callable[[], None]) -> None:
    """Run `call` in a transaction of its own however this one ends: what must be kept of a failure."""
    session.info["afterwards"].append(call)


class App(Flask):
    """Flask, with every view run inside a transaction and behind its permission."""

    def dispatch_request(self) -> ResponseReturnValue:
        if request.routing_exception is not None or request.endpoint in (
            "static",
            "healthz",
        ):
            return super().dispatch_request()
        return answer(self)


def answer(app: Flask) -> Response:
    """Run the view of this request; turn every way it may end into a response."""
    try:
        with transaction(writes=request.method not in SAFE) as unit:
            _check_area()
            _check_access(app)
            _check_text()
            key, response = idempotency.claim() if request.method not in SAFE else (None, None)
            if response is None:
                response = app.make_response(Flask.dispatch_request(app))
                if response.status_code >= 400:
                    unit.discard()
                elif key is not None:
                    idempotency.remember(key, response)
        return response
    except SignInFirst:
        return _to_sign_in()
    except (
        Refused,
        Stale,
        NotAllowed,
        NotThere,
        HTTPException,
        ObjectDeletedError,
        StaleDataError,
        StatementError,
        OverflowError,
        RecursionError,
    ) as error:
        # The transaction is rolled back: what is rendered now shows what is really stored.
        with transaction(writes=False) as unit:
            return app.make_response(_explain(error))


class SignInFirst(Exception):
    """The route needs a signed-in user."""


def _check_area() -> None:
    area = registry().blueprint_area.get(request.blueprint or "")
    if area is not None and not is_on(area):
        raise NotThere


def _check_access(app: Flask) -> None:
    view: Any = app.view_functions[request.endpoint or ""]
    permission = getattr(view, "permission", None)
    if permission is None:
        raise NotAllowed(f"unmarked route {request.endpoint}")
    if permission == PUBLIC:
        return
    if not current_user.is_authenticated:
        raise SignInFirst
    if permission != SIGNED_IN and not current_user.may(permission):
        raise NotAllowed(permission)


def _check_text() -> None:
    """A character zero stands in no text that a person types, and PostgreSQL keeps none."""
    texts = (request.path, *request.args.keys(), *request.args.values(), *request.form.keys(), *request.form.values())
    if any("\x00" in text for text in texts):
        raise BadRequest


def _to_sign_in() -> Response:
    target = url_for(
        "access.login",
        next=request.full_path.rstrip("?") if request.method in SAFE else None,
    )
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)  # type: ignore[return-value]


def _explain(error: Exception) -> ResponseReturnValue:
    match error:
        case Refused():
            return refusal(409, str(error.message), url=error.url)
        case Stale():
            return stale_page(error.record)
        case StaleDataError() | IntegrityError():
            log.warning("conflict", error=str(error))
            return refusal(
                409,
                _("Somebody saved a change to the same thing at the same moment. Reload and try again."),
            )
        case OperationalError():
            log.error("database", error=str(error))
            return refusal(
                503,
                _("The system is busy. Nothing was changed; please try again in a moment."),
            )
        case DataError() | OverflowError() | RecursionError() | StatementError(orig=ValueError() | OverflowError()):
            # Pages refuse with better words what they know of; this is for what nobody has thought of.
            log.warning("value that the database can't hold", error=str(error))
            return refusal(400, _http_message(400))
        case NotAllowed():
            permission = registry().permissions.get(error.permission)
            label = permission.label if permission else error.permission
            return refusal(
                403,
                _(
                    "Your role does not include “%(permission)s”. Ask an administrator.",
                    permission=label,
                ),
            )
        case NotThere() | ObjectDeletedError():  # deleted by somebody else a moment ago
            return refusal(404, _("There is nothing here, or it is not yours to see."))
        case HTTPException(response=Response() as response):
            return response
        case HTTPException():
            return refusal(error.code or 500, _http_message(error.code or 500))
    raise error


def _http_message(code: int) -> str:
    known = {
        400: _("The browser sent something that can't be read. Reload the page and try again."),
        404: _("There is nothing here, or it is not yours to see."),
        405: _("This can't be opened directly."),
        413: _("That file is too large."),
        429: _("Too many tries. Please wait a moment."),
    }
    return known.get(code, _("Something went wrong. Nothing was changed."))


def explain_http_error(error: HTTPException) -> ResponseReturnValue:
    """For errors outside a view: an unknown address, a wrong method, a missing CSRF token."""
    with transaction(writes=False):
        return _explain(error)


def explain_crash(error: Exception) -> ResponseReturnValue:
    """Flask has logged it with its traceback; the user learns that nothing was changed."""
    log.exception("crash", path=request.path)
    with transaction(writes=False):
        return refusal(500, _("Something went wrong. Nothing was changed."))
