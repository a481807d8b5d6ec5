"""Canned replies: texts that are written once and used often."""

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Record
from erpcrm.core.i18n import _l


class CannedReply(Record):
    """A text with fields such as {{contact}}, which are filled in when it is put into a reply."""

    __tablename__ = "canned_replies"
    record_name = "canned_reply"

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    text: Mapped[str] = mapped_column(Text, info={"label": _l("Text")})
    category: Mapped[str | None] = mapped_column(info={"label": _l("Category"), "options": "ticket.category"})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})

    __table_args__ = (Index(None, "active", "name"),)
