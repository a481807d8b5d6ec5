"""The blueprint of marketing, and what its pages share."""

from flask import Blueprint
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.access import everyone, load

from ..models import Campaign, CampaignMember, MailTemplate
from ..scopes import MEMBER_SCOPE

bp = Blueprint("marketing", __name__, url_prefix="/marketing")
WHOLE = (
    joinedload(Campaign.owner).lazyload(User.roles),
    joinedload(Campaign.team),
    joinedload(Campaign.template),
    joinedload(Campaign.template_b),
)


def load_campaign(id: int) -> Campaign:
    return load(Campaign, id, everyone, options=WHOLE)


def load_template(id: int) -> MailTemplate:
    return load(MailTemplate, id, everyone)


def load_member(id: int) -> CampaignMember:
    return load(CampaignMember, id, MEMBER_SCOPE, options=(joinedload(CampaignMember.campaign),))
