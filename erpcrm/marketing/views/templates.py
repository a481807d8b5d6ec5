"""Mail templates: the list, one as it will look, its form, and a test to oneself."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, locale_code
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from .. import services
from ..forms import TemplateForm
from ..merging_fields import first_name
from ..models import EDIT, SEND, VIEW, Campaign, CampaignMember, MailTemplate
from ..words import FIELDS
from .blueprint import bp, load_campaign, load_template


@bp.get("/templates")
@allow(VIEW)
def templates() -> Response:
    return list_page(record_type("mail_template"))


@bp.get("/templates/<int:id>")
@allow(VIEW)
def template(id: int) -> Response:
    found = load_template(id)
    subject, _text, html = services.written(services.prepared(found), _of_oneself(), None)
    used_in = select(Campaign).where((Campaign.template_id == found.id) | (Campaign.template_b_id == found.id))
    return page(
        "marketing/template.html",
        made=found,
        subject=subject,
        html=_shown(html),
        used_in=session.scalars(used_in.order_by(Campaign.id.desc()).limit(20)).all(),
        may_edit=current_user.may(EDIT),
    )


def _of_oneself() -> dict[str, str]:
    """The fields with what is at hand: the reader's own name and company."""
    company = setting("company_name") or ""
    return {
        "name": current_user.name,
        "first name": first_name(current_user.name),
        "company": company,
        "our company": company,
        "owner": current_user.name,
        "job title": "",
    }


def _shown(html: str) -> Markup:
    """The body of a mail within a page. It is made of nothing but escaped text and the tags of `writing`."""
    body = html.partition("<body>")[2].rpartition("</body>")[0]
    return Markup(body)  # noqa: S704


def _ask(form: TemplateForm, found: MailTemplate | None, status: int = 200) -> Response:
    return page("marketing/template_form.html", status=status, form=form, made=found, fields=FIELDS)


@bp.get("/templates/new")
@allow(EDIT)
def new_template() -> Response:
    """Empty, or a copy of another one."""
    data: dict[str, Any] = {"language": locale_code(), "active": True}
    copied = request.args.get("copy", type=whole)
    if copied is not None:
        old = load_template(copied)
        data = {"language": old.language, "subject": old.subject, "body": old.body, "active": True}
        data["name"] = _("Copy of %(name)s", name=old.name)
    return _ask(TemplateForm(formdata=None, data=data), None)


def _save(form: TemplateForm, found: MailTemplate | None) -> Response:
    if not form.validate():
        return _ask(form, found, 422)
    try:
        with session.begin_nested():
            made = services.save_template(found or MailTemplate(), form.values(), current_user, form.version.data)
    except Refused as no:
        form.form_errors = [str(no.message)]
        if found is not None:
            session.refresh(found)
        return _ask(form, found, 422)
    flash(_("%(name)s is saved.", name=made.name), "success")
    return redirect_to(url_for(".template", id=made.id))


@bp.post("/templates")
@allow(EDIT)
def create_template() -> Response:
    return _save(TemplateForm(), None)


@bp.get("/templates/<int:id>/edit")
@allow(EDIT)
def edit_template(id: int) -> Response:
    found = load_template(id)
    return _ask(TemplateForm(obj=found), found)


@bp.post("/templates/<int:id>")
@allow(EDIT)
def update_template(id: int) -> Response:
    return _save(TemplateForm(), load_template(id))


# --------------------------------------------------------------------------- as a member will get it


def _variant(found: Campaign, name: str | None) -> tuple[str, MailTemplate]:
    chosen = found.template_b if name == "b" and found.template_b is not None else found.template
    if chosen is None:
        raise Refused(_("Choose a mail template first."))
    return ("b" if chosen is found.template_b else "a"), chosen


def _like(found: Campaign, member_id: int | None) -> CampaignMember | None:
    """A member to preview with: the one that is named, else the first; before the start somebody of the audience."""
    query = select(CampaignMember).where(CampaignMember.campaign_id == found.id, CampaignMember.control.is_(False))
    if member_id is not None:
        query = query.where(CampaignMember.id == member_id)
    parts = (joinedload(CampaignMember.contact), joinedload(CampaignMember.lead), joinedload(CampaignMember.customer))
    member = session.scalars(query.options(*parts).order_by(CampaignMember.id).limit(1)).first()
    if member is None and member_id is not None:
        raise NotThere
    return member or services.somebody_like(found, current_user)


@bp.get("/campaigns/<int:id>/preview")
@allow(EDIT)
def preview(id: int) -> Response:
    """The mail with the fields of a real member."""
    found = load_campaign(id)
    variant, chosen = _variant(found, request.args.get("variant"))
    member = _like(found, request.args.get("member", type=whole))
    values = services.values_for(member, found.owner) if member is not None else _of_oneself()
    subject, text, html = services.written(services.prepared(chosen), values, None)
    return page(
        "marketing/preview.html",
        parts=["dialog_body"],
        campaign=found,
        variant=variant,
        to=member.name if member is not None else current_user.name,
        address=member.address if member is not None else current_user.email,
        subject=subject,
        text=text,
        html=_shown(html),
        may_send=current_user.may(SEND),
    )


@bp.post("/campaigns/<int:id>/test")
@allow(EDIT)
def send_test(id: int) -> Response:
    """Send it to oneself, and to nobody else."""
    found = load_campaign(id)
    _name, chosen = _variant(found, request.form.get("variant"))
    services.send_test(found, chosen, current_user, _like(found, None))
    flash(_("A test is on its way to %(address)s.", address=current_user.email), "success")
    return redirect_to(url_for(".campaign", id=found.id))
