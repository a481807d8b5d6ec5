"""The public form for leads: no account, but a limit on how often, and a trap for robots."""

from flask import Response, abort, request, url_for
from wtforms import BooleanField, EmailField, StringField, TelField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from erpcrm.core.access import public
from erpcrm.core.db import now
from erpcrm.core.forms import Form
from erpcrm.core.i18n import _l
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting

from .. import services
from .blueprint import bp

FASTEST = 3
"""Seconds that a human needs at least; a robot answers at once."""


class PublicLeadForm(Form):
    """What a visitor of the company's website enters. `homepage` is invisible to people; robots fill it."""

    person = StringField(
        _l("Your name"),
        [InputRequired(_l("Please enter your name.")), Length(max=100)],
        render_kw={"autocomplete": "name"},
    )
    company = StringField(_l("Company"), [Optional(), Length(max=200)], render_kw={"autocomplete": "organization"})
    email = EmailField(
        _l("E-mail"),
        [
            InputRequired(_l("Please enter your e-mail address.")),
            Email(_l("This is not an e-mail address.")),
            Length(max=200),
        ],
        render_kw={"autocomplete": "email"},
    )
    phone = TelField(_l("Phone"), [Optional(), Length(max=40)], render_kw={"autocomplete": "tel"})
    need = TextAreaField(
        _l("What can we do for you?"), [InputRequired(_l("Please tell us what you need.")), Length(max=4000)]
    )
    marketing_consent = BooleanField(_l("You may send me news about your products. I can withdraw this at any time."))
    homepage = StringField("Homepage", [Optional()])


@bp.get("/contact-us")
@public
def lead_form() -> Response:
    require_open()
    return page("pipeline/lead_form_public.html", form=PublicLeadForm(), asked_at=int(now().timestamp()))


@bp.post("/contact-us")
@public
def send_lead_form() -> Response:
    """Takes a lead. A robot is thanked like everybody else, so that it learns nothing."""
    require_open()
    form = PublicLeadForm()
    asked_at = request.form.get("asked_at", type=int) or 0
    if not form.validate():
        return page("pipeline/lead_form_public.html", form=form, asked_at=asked_at, status=422)
    if not form.homepage.data and now().timestamp() - asked_at >= FASTEST:
        values = {name: value for name, value in form.values().items() if name != "homepage"}
        reference = (request.args.get("ref") or "")[:200] or None
        services.create_lead(values | {"source": "website", "source_reference": reference}, None)
    return redirect_to(url_for(".lead_thanks"))


@bp.get("/contact-us/thanks")
@public
def lead_thanks() -> Response:
    require_open()
    return page("pipeline/lead_thanks.html")


def require_open() -> None:
    """404 while the company has not opened the form."""
    if not setting("lead_form_open"):
        abort(404)
