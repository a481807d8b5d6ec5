"""The customer's link: read an offer, ask, accept with a name, or decline. No account; the address can't be guessed."""

from typing import Any

from flask import Response, request, url_for

from erpcrm.access.area import limiter
from erpcrm.core.access import public
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import LANGUAGES, in_language, today
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.printing import pdf_response
from erpcrm.core.settings import setting

from .. import amounts, printing, services
from ..forms import AcceptForm, CommentForm, DeclineForm
from ..models import QUOTATION_FLOW, Quotation
from .blueprint import bp

LIMIT = "20 per minute; 200 per hour"
"""Of one address: a whole office may share one."""


def may_answer(quotation: Quotation) -> bool:
    """Whether the customer may still accept or decline it."""
    return quotation.is_open and quotation.valid_until >= today()


def found(key: str) -> Quotation:
    """The offer behind the link, as it is now."""
    quotation = services.by_link(key)
    session.refresh(quotation, attribute_names=["status"])
    return quotation


def language_of(quotation: Quotation) -> str:
    """The one that the reader has chosen on the page, else the document's."""
    chosen = request.cookies.get("language")
    return chosen if chosen in LANGUAGES else quotation.language


def _show(quotation: Quotation, status: int = 200, **given: Any) -> Response:
    with in_language(language_of(quotation)):
        forms = {
            "accept_form": given.pop("accept_form", None) or AcceptForm(formdata=None),
            "decline_form": given.pop("decline_form", None) or DeclineForm(formdata=None),
            "comment_form": given.pop("comment_form", None) or CommentForm(formdata=None),
        }
        over = quotation.is_open and not may_answer(quotation)  # its day has passed, and nobody has noted that yet
        newest = services.versions_of(quotation)[0]
        response = page(
            "sales/offer.html",
            status=status,
            quotation=quotation,
            state=QUOTATION_FLOW.state["expired"] if over else QUOTATION_FLOW.state_of(quotation),
            totals=amounts.document_totals(quotation, [line for line in quotation.lines if line.counts]),
            company=setting("company_name"),
            open=may_answer(quotation),
            newest=newest if newest.id != quotation.id and newest.status not in ("draft", "in_approval") else None,
            **forms,
            **given,
        )
    # Whoever is handed this address must not find it in somebody's referrers, search results or caches.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/offers/<key>")
@limiter.limit(LIMIT)
@public
def offer(key: str) -> Response:
    return _show(found(key), said=request.args.get("said", ""))


@bp.get("/offers/<key>/pdf")
@limiter.limit(LIMIT)
@public
def offer_pdf(key: str) -> Response:
    quotation = found(key)
    response = pdf_response(printing.quotation_pdf(quotation, language_of(quotation)), quotation.number, download=True)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.post("/offers/<key>/seen")
@limiter.limit(LIMIT)
@public
def see_offer(key: str) -> Response:
    """Told by the page itself when a browser has shown it: mail scanners that only fetch the address don't count."""
    services.note_seen(found(key))
    return Response(status=204)


@bp.post("/offers/<key>/accept")
@limiter.limit(LIMIT)
@public
def accept_offer(key: str) -> Response:
    quotation = found(key)
    with in_language(language_of(quotation)):
        form = AcceptForm()
        if not form.validate():
            return _show(quotation, 422, accept_form=form)
        if not may_answer(quotation):
            return _show(quotation, 409)  # the page itself says what has become of it, and what to do
        chosen = [int(value) for value in request.form.getlist("chosen") if value.isdigit() and len(value) < 16]
        services.accept(quotation, None, name=form.name.data, chosen=chosen, signature=form.signature.data)
    return _again(key, "accepted")


@bp.post("/offers/<key>/decline")
@limiter.limit(LIMIT)
@public
def decline_offer(key: str) -> Response:
    quotation = found(key)
    with in_language(language_of(quotation)):
        form = DeclineForm()
        if not form.validate():
            return _show(quotation, 422, decline_form=form)
        if not may_answer(quotation):
            return _show(quotation, 409)
        services.reject(quotation, None, None, note=form.text.data or None, name=form.name.data)
    return _again(key, "declined")


@bp.post("/offers/<key>/comment")
@limiter.limit("5 per minute; 40 per hour")
@public
def comment_offer(key: str) -> Response:
    quotation = found(key)
    with in_language(language_of(quotation)):
        form = CommentForm()
        if not form.validate():
            return _show(quotation, 422, comment_form=form)
        if quotation.status not in ("sent", "accepted", "expired"):
            raise NotThere
        services.comment(quotation, form.name.data or "", form.text.data or "")
    return _again(key, "commented")


def _again(key: str, said: str) -> Response:
    return redirect_to(url_for("sales.offer", key=key, said=said))
