"""What the receivers of a campaign reach without an account: pictures, links, unsubscribing, answering, forms.

A GET writes nothing by itself: openings and clicks are noted afterwards, in a transaction of their own, so that the answer
never waits for them and no failure of theirs is seen. Whatever changes something for the person asks for a button.
"""

from base64 import b64decode
from typing import Any

from flask import Response, redirect, request, url_for
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length, Optional

from erpcrm.access.area import limiter
from erpcrm.core.access import public
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import LANGUAGES, _, _l, in_language
from erpcrm.core.lifecycle import afterwards
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.robots import FASTEST, LIMIT, age, stamp
from erpcrm.core.settings import setting
from erpcrm.pipeline.views.lead_form import PublicLeadForm

from .. import services
from ..forms import AT_MOST
from ..models import CampaignMember, LandingForm
from .blueprint import bp

FORM = "marketing.landing"
OFTEN = "60 per minute; 1000 per hour"
"""Of one address: behind one proxy of pictures stand many readers"""
SELDOM = "20 per minute; 200 per hour"
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent picture of one point"""


def _private(response: Response) -> Response:
    """Whoever is handed this address must not find it in somebody's referrers, search results or caches."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _headers() -> dict[str, str]:
    return dict(request.headers)


@bp.get("/o/<token>.gif")
@limiter.limit(OFTEN)
@public
def pixel(token: str) -> Response:
    """The picture in a mail. It is there for every token, so that nobody learns which ones there are."""
    method, headers = request.method, _headers()

    def note() -> None:
        services.note_open(token, method, headers)

    afterwards(_unless_unknown(note))
    return _private(Response(PIXEL, mimetype="image/gif"))


def _unless_unknown(note: Any) -> Any:
    def quietly() -> None:
        try:
            note()
        except NotThere:
            return

    return quietly


@bp.get("/c/<token>/<int:link>")
@limiter.limit(OFTEN)
@public
def follow_link(token: str, link: int) -> Response:
    """Lead on to the stored address, and to no other."""
    target = services.link_of(services.member_of(token), link)
    method, headers = request.method, _headers()

    def note() -> None:
        services.note_click(token, link, method, headers)

    afterwards(_unless_unknown(note))
    return _private(redirect(target.url, 303))  # type: ignore[arg-type]


def _language(member: CampaignMember) -> str | None:
    """The one that the reader has chosen on the page, else that of the mail."""
    chosen = request.cookies.get("language")
    if chosen in LANGUAGES:
        return chosen
    template = member.campaign.template_b if member.variant == "b" else member.campaign.template
    return template.language if template is not None else None


@bp.get("/u/<token>")
@limiter.limit(SELDOM)
@public
def unsubscribe(token: str) -> Response:
    """One button: a scanner that opens the address must not unsubscribe anybody."""
    member = services.member_of(token)
    with in_language(_language(member)):
        return _private(page("marketing/unsubscribe.html", member=member, company=setting("company_name")))


@bp.post("/u/<token>")
@limiter.limit(SELDOM)
@public
def leave_at_once(token: str) -> Response:
    """Unsubscribe, from the page or from a mail program in one click (RFC 8058): without an account, without a token of ours."""
    member = services.member_of(token)
    with in_language(_language(member)):
        services.unsubscribe(token)
        return _private(page("marketing/unsubscribe.html", member=member, company=setting("company_name"), done=True))


@bp.get("/r/<code>")
@limiter.limit(SELDOM)
@public
def answer(code: str) -> Response:
    """A campaign's code, as it stands on print, leads to its form; a member's own to a button."""
    try:
        member = services.member_of(code)
    except NotThere:
        return redirect_to(url_for(".form", slug=services.form_by_code(code).slug))
    with in_language(_language(member)):
        done = member.responded_at is not None
        return _private(page("marketing/answer.html", member=member, company=setting("company_name"), done=done))


@bp.post("/r/<code>")
@limiter.limit(SELDOM)
@public
def send_answer(code: str) -> Response:
    member = services.member_of(code)
    with in_language(_language(member)):
        services.respond(member, "answered", None)
    return redirect_to(url_for(".answer", code=code))


# --------------------------------------------------------------------------- forms


class VisitorForm(PublicLeadForm):
    """As the company's public form, but with the consent in the campaign's own words and nothing that must be told."""

    need = TextAreaField(_l("What can we do for you?"), [Optional(), Length(max=4000, message=AT_MOST)])
    marketing_consent = BooleanField("")


def _show(landing: LandingForm, form: VisitorForm, asked_at: str, status: int = 200) -> Response:
    form.marketing_consent.label.text = landing.consent_text
    return page("marketing/form.html", status=status, landing=landing, form=form, asked_at=asked_at)


def _form_language(landing: LandingForm) -> str:
    chosen = request.cookies.get("language")
    return chosen if chosen in LANGUAGES else landing.language


@bp.get("/f/<slug>")
@limiter.limit(SELDOM)
@public
def form(slug: str) -> Response:
    landing = services.open_form(slug)
    with in_language(_form_language(landing)):
        return _show(landing, VisitorForm(formdata=None), stamp(FORM))


@bp.post("/f/<slug>")
@limiter.limit(LIMIT)
@public
def send_form(slug: str) -> Response:
    """Takes a lead, with the same traps for robots as the company's public form."""
    landing = services.open_form(slug)
    with in_language(_form_language(landing)):
        visitor, asked = VisitorForm(), request.form.get("asked_at", "")
        if visitor.homepage.data:
            return redirect_to(url_for(".form_thanks", slug=slug))
        valid, seconds = visitor.validate(), age(FORM, asked)
        if valid and (seconds is None or seconds < FASTEST):
            visitor.form_errors = [_("Please look over your message and send it once more.")]
            valid = False
        if not valid:
            return _show(landing, visitor, asked if seconds is not None else stamp(FORM), status=422)
        services.take(landing, {name: value for name, value in visitor.values().items() if name != "homepage"})
    return redirect_to(url_for(".form_thanks", slug=slug))


@bp.get("/f/<slug>/thanks")
@public
def form_thanks(slug: str) -> Response:
    landing = services.open_form(slug)
    with in_language(_form_language(landing)):
        return page("marketing/thanks.html", landing=landing)
