"""The verbs of campaigns, their templates and their costs."""

import re
from collections.abc import Mapping
from secrets import choice
from typing import Any

from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.mail_server import mail_server
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import next_number
from erpcrm.core.pinyin import pinyin_key

from ..merging_fields import unknown_fields
from ..models import Campaign, CampaignCost, CampaignMember, MailTemplate
from ..writing import wrong_links
from .members import ASKS_CONSENT, fix_audience
from .sending import begin_sending, go_on_sending

FILLABLE = (
    *("name", "channel", "goal", "measure", "aim", "code", "owner_id", "team_id", "budget", "starts_on", "ends_on"),
    *("control_percent", "template_id", "template_b_id", "per_hour", "send_at"),
)
STANDS = frozenset({"channel", "control_percent", "template_id", "template_b_id", "code", "send_at"})
"""What can't be changed any more once it has started"""
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for others when read from paper"""


def new_code() -> str:
    """A response code that nobody has yet."""
    while True:
        code = "".join(choice(LETTERS) for _place in range(6))
        if session.scalar(select(Campaign.id).where(Campaign.code == code)) is None:
            return code


def create_campaign(values: Mapping[str, Any], by: Actor | None) -> Campaign:
    """A new campaign, planned. Belongs to `by` unless `values` names an owner."""
    campaign = Campaign(created_by_id=by.id if by else None, measure="responses", control_percent=0)
    _fill(campaign, {"owner_id": by.id if by else None} | dict(values))
    campaign.code = campaign.code or new_code()
    campaign.number = next_number("campaign")
    session.add(campaign)
    session.flush()
    return campaign


def update_campaign(campaign: Campaign, values: Mapping[str, Any], version: int | None = None) -> None:
    """Change what `values` names. Stale when somebody changed it since; refused for what stands once it has started."""
    lock(campaign)
    if version is not None and version != campaign.version:
        raise Stale(campaign)
    if campaign.status in ("finished", "cancelled"):
        raise Refused(_("The campaign is over: it can't be changed any more."))
    if campaign.status != "planned":
        values = {name: value for name, value in values.items() if name not in STANDS}
    _fill(campaign, values)
    session.flush()


def _fill(campaign: Campaign, values: Mapping[str, Any]) -> None:
    for name in FILLABLE:
        if name in values:
            value = values[name]
            setattr(campaign, name, value.strip() or None if isinstance(value, str) else value)
    if not campaign.name:
        raise Refused(_("A campaign needs a name."))
    campaign.name_key = pinyin_key(campaign.name, None)
    campaign.control_percent = campaign.control_percent or 0
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:
        raise Refused(_("The campaign ends before it begins."))
    if campaign.template_b_id is not None and campaign.template_b_id == campaign.template_id:
        raise Refused(_("Both halves would get the same mail. Choose another template for one of them."))
    if campaign.template_b_id is not None and campaign.template_id is None:
        raise Refused(_("Choose the template of the first half too."))
    if campaign.code:
        campaign.code = campaign.code.upper()
        if not CODE.fullmatch(campaign.code):
            raise Refused(_("A response code has 2 to 32 letters from A to Z, digits and hyphens."))
        taken = select(Campaign.id).where(Campaign.code == campaign.code, Campaign.id != (campaign.id or 0))
        with session.no_autoflush:
            if session.scalar(taken) is not None:
                raise Refused(_("Another campaign has this response code."))
    if "owner_id" in values and "team_id" not in values:
        owner = session.get(User, campaign.owner_id) if campaign.owner_id else None
        campaign.team_id = owner.team_id if owner else None


def start(campaign: Campaign, by: Actor | None, version: int | None = None) -> int:
    """Fix the audience, draw control group and halves, and let it run; a mail campaign begins to send, now or when it is due.

    Returns how many will get it. Refused without a template or a mail server, and when nobody may be written to.
    """
    make_move(campaign, "start", by=by, version=version)
    if campaign.channel == "mail":
        if campaign.template is None:
            raise Refused(_("Choose a mail template first."))
        if mail_server() is None:
            raise Refused(
                _("No mail server is set up, so nothing can be sent. An administrator sets MAIL_URL; see the manual.")
            )
    reached = fix_audience(campaign, by)
    if not reached and campaign.channel in ASKS_CONSENT:
        raise Refused(
            _(
                "Nobody in the audience may be reached: none has agreed to marketing and has an address. "
                "Look at the audience, note consents on the pages of contacts, or choose others."
            )
        )
    if campaign.channel == "mail":
        begin_sending(campaign)
    return reached


def resume(campaign: Campaign, by: Actor | None, version: int | None = None) -> None:
    """Let a paused campaign run again; sending goes on with those who have not been written to."""
    make_move(campaign, "resume", by=by, version=version)
    if campaign.channel == "mail" and campaign.fixed_at is not None:
        go_on_sending(campaign)


def send_on(campaign: Campaign) -> None:
    """Go on with a sending that has stopped by itself. Refused when it has not."""
    lock(campaign)
    if campaign.status != "running" or campaign.channel != "mail":
        raise Refused(_("This campaign is not sending."))
    if not go_on_sending(campaign):
        raise Refused(_("It is being sent already."))


def add_cost(campaign: Campaign, values: Mapping[str, Any], by: Actor | None) -> CampaignCost:
    """Note what the campaign has cost, in the company's currency."""
    cost = CampaignCost(
        campaign_id=campaign.id,
        spent_on=values["spent_on"],
        text=values["text"].strip(),
        amount=values["amount"],
        created_by_id=by.id if by else None,
    )
    session.add(cost)
    session.flush()
    return cost


def remove_cost(cost: CampaignCost) -> None:
    session.delete(cost)
    session.flush()


def costs_of(campaign: Campaign) -> list[CampaignCost]:
    query = select(CampaignCost).where(CampaignCost.campaign_id == campaign.id)
    return list(session.scalars(query.order_by(CampaignCost.spent_on, CampaignCost.id)))


def save_template(
    template: MailTemplate, values: Mapping[str, Any], by: Actor | None, version: int | None = None
) -> MailTemplate:
    """Keep a template. Refused with unknown fields, and with links that lead to no web page."""
    if template.id is not None:
        lock(template)
        if version is not None and version != template.version:
            raise Stale(template)
        if session.scalar(_being_sent(template).limit(1)) is not None:
            raise Refused(_("A campaign is sending this template. Copy it, or wait until that campaign is finished."))
    else:
        template.created_by_id = by.id if by else None
        template.active = True
    for name in ("name", "language", "subject", "body", "active"):
        if name in values:
            setattr(template, name, values[name])
    template.name = " ".join(template.name.split())
    template.subject = " ".join(template.subject.split())
    template.name_key = pinyin_key(template.name, None)
    check_template(template.subject, template.body)
    session.add(template)
    session.flush()
    return template


def _being_sent(template: MailTemplate) -> Any:
    """Members who are still to get it."""
    waiting = CampaignMember.delivery.in_(("waiting", "sending"))
    return (
        select(CampaignMember.id)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(waiting, Campaign.status.in_(("running", "paused")))
        .where((Campaign.template_id == template.id) | (Campaign.template_b_id == template.id))
    )


def check_template(subject: str, body: str) -> None:
    """Refused when it can't be sent as it stands: better now than after ten thousand."""
    unknown = unknown_fields(subject, body)
    if unknown:
        fields = ", ".join(name if name.startswith("{{") else "{{" + name + "}}" for name in unknown)
        raise Refused(_("Nobody knows the field %(fields)s. See the list of fields below.", fields=fields))
    wrong = wrong_links(body)
    if wrong:
        raise Refused(_("“%(link)s” is no address of a web page: it begins with https://.", link=wrong[0][:100]))


def cost_total(campaign: Campaign) -> Any:
    return session.scalar(select(func.sum(CampaignCost.amount)).where(CampaignCost.campaign_id == campaign.id))
