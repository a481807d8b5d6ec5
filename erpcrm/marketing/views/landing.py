"""Setting up the public pages of a campaign."""

from flask import Response, flash, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, in_language, locale_code
from erpcrm.core.mail import absolute
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting

from .. import services
from ..forms import LandingFormForm
from ..links import FORMS
from ..models import EDIT, Campaign, LandingForm
from .blueprint import bp, load_campaign


def _ask(found: Campaign, form: LandingFormForm, landing: LandingForm | None, status: int = 200) -> Response:
    return page(
        "marketing/landing_form.html",
        status=status,
        campaign=found,
        form=form,
        landing=landing,
        begins=absolute(FORMS),
    )


@bp.get("/campaigns/<int:id>/forms/new")
@allow(EDIT)
def new_landing(id: int) -> Response:
    found = load_campaign(id)
    language = locale_code()
    with in_language(language):
        consent = _(
            "You may send me news about the products of %(company)s by e-mail. I can withdraw this at any time.",
            company=setting("company_name") or "erpcrm",
        )
    data = {
        "slug": found.code.lower(),
        "language": language,
        "title": found.name,
        "consent_text": consent,
        "active": True,
    }
    return _ask(found, LandingFormForm(formdata=None, data=data), None)


def _save(found: Campaign, landing: LandingForm | None) -> Response:
    form = LandingFormForm()
    if not form.validate():
        return _ask(found, form, landing, 422)
    try:
        with session.begin_nested():
            kept = landing or LandingForm(campaign_id=found.id)
            services.save_form(kept, form.values(), current_user, form.version.data)
    except Refused as no:
        if landing is not None:
            session.refresh(landing)
        form.form_errors = [str(no.message)]
        return _ask(found, form, landing, 422)
    flash(_("The page is saved."), "success")
    return redirect_to(url_for(".campaign", id=found.id))


@bp.post("/campaigns/<int:id>/forms")
@allow(EDIT)
def create_landing(id: int) -> Response:
    return _save(load_campaign(id), None)


def _landing(found: Campaign, form_id: int) -> LandingForm:
    landing = session.get(LandingForm, form_id)
    if landing is None or landing.campaign_id != found.id:
        raise NotThere
    return landing


@bp.get("/campaigns/<int:id>/forms/<int:form_id>/edit")
@allow(EDIT)
def edit_landing(id: int, form_id: int) -> Response:
    found = load_campaign(id)
    landing = _landing(found, form_id)
    return _ask(found, LandingFormForm(obj=landing), landing)


@bp.post("/campaigns/<int:id>/forms/<int:form_id>")
@allow(EDIT)
def update_landing(id: int, form_id: int) -> Response:
    found = load_campaign(id)
    return _save(found, _landing(found, form_id))
