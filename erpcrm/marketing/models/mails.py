"""What campaigns write: templates, and the links in them."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Base, Record
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice

LANGUAGES = (Choice("en", _l("English")), Choice("zh", _l("Chinese")))


class MailTemplate(Record):
    """Subject and text of a mail to many, with {{fields}}."""

    __tablename__ = "mail_templates"
    record_name = "mail_template"

    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_key: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(info={"label": _l("Language"), "choices": LANGUAGES})
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    body: Mapped[str] = mapped_column(Text, info={"label": _l("Text")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})

    __table_args__ = (
        CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        Index(None, "created_at", "id"),
        Index(None, "name_key", "id"),
    )


class CampaignLink(Base):
    """An address that a campaign's mail leads to. Tracked links lead to stored addresses and nowhere else."""

    __tablename__ = "campaign_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    url: Mapped[str]

    __table_args__: Any = (UniqueConstraint("campaign_id", "url"),)
