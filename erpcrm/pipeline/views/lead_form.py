"""The public form for leads: no account, but a limit on how often, and traps for robots."""

from flask import Response, abort, request, url_for
from wtforms import BooleanField, EmailField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from erpcrm.access.area import limiter
from erpcrm.core.access import public
from erpcrm.core.forms import Form
from erpcrm.core.i18n import _, _l
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.robots import FASTEST, LIMIT, age, stamp
from erpcrm.core.settings import setting
from erpcrm.customers.forms import email_address

from .. import services
from ..forms import AT_MOST
from .blueprint import bp

FORM = "pipeline.contact-us"


class PublicLeadForm(Form):
    """What a visitor of the company's website enters. `homepage` is invisible to people; robots fill it."""

    person = StringField(
        _l("Your name"),
        [InputRequired(_l("Please enter your name.")), Length(max=100, message=AT_MOST)],
        render_kw={"autocomplete": "name"},
    )
    company = StringField(
        _l("Company"), [Optional(), Length(max=200, message=AT_MOST)], render_kw={"autocomplete": "organization"}
    )
    email = EmailField(
        _l("E-mail"),
        [
            InputRequired(_l("Please enter your e-mail address.")),
            Length(max=200, message=AT_MOST),
            email_address,
        ],
        render_kw={"autocomplete": "email"},
    )
    phone = TelField(_l("Phone"), [Optional(), Length(max=40, message=AT_MOST)], render_kw={"autocomplete": "tel"})
    need = TextAreaField(
        _l("What can we do for you?"),
        [InputRequired(_l("Please tell us what you need.")), Length(max=4000, message=AT_MOST)],
    )
    marketing_consent = BooleanField(_l("You may send me news about your products. I can withdraw this at any time."))
    homepage = StringField("Homepage", [Optional()])


@bp.get("/contact-us")
@public
def lead_form() -> Response:
    require_open()
    return _show(PublicLeadForm(formdata=None), stamp(FORM))


@bp.post("/contact-us")
@limiter.limit(LIMIT)
@public
def send_lead_form() -> Response:
    """Takes a lead. A robot that fills the invisible field is thanked like everybody else, so that it learns nothing.

    Whoever is too quick, or has an old page, is asked to send it once more: a person who does loses nothing.
    """
    require_open()
    form, asked = PublicLeadForm(), request.form.get("asked_at", "")
    if form.homepage.data:
        return redirect_to(url_for(".lead_thanks"))
    valid, seconds = form.validate(), age(FORM, asked)
    if valid and (seconds is None or seconds < FASTEST):
        form.form_errors = [_("Please look over your message and send it once more.")]
        valid = False
    if not valid:
        return _show(form, asked if seconds is not None else stamp(FORM), status=422)
    values = {name: value for name, value in form.values().items() if name != "homepage"}
    reference = request.args.get("ref", "").strip()[:200] or None
    services.create_lead(values | {"source": "website", "source_reference": reference}, None)
    return redirect_to(url_for(".lead_thanks"))


@bp.get("/contact-us/thanks")
@public
def lead_thanks() -> Response:
    require_open()
    return page("pipeline/lead_thanks.html")


def _show(form: PublicLeadForm, asked_at: str, status: int = 200) -> Response:
    return page("pipeline/lead_form_public.html", form=form, asked_at=asked_at, status=status)


def require_open() -> None:
    """404 while the company has not opened the form."""
    if not setting("lead_form_open"):
        abort(404)
