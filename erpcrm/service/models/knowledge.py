"""Articles: what customers and colleagues can read before they ask, and while they answer."""

from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.core.db import Record
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

ARTICLE_VIEW = "service.article.view"
ARTICLE_EDIT = "service.article.edit"
CATEGORIES = "service.article_category"

ARTICLE_LANGUAGES = (Choice("en", "English"), Choice("zh", "中文"))

ARTICLE_FLOW = Workflow(
    "article",
    states=(
        State("draft", lazy_pgettext("article", "Draft"), "yellow"),
        State("published", _l("Published"), "green"),
        State("archived", _l("Archived"), "gray"),
    ),
    moves=(
        Move("publish", _l("Publish"), ("draft",), "published", ARTICLE_EDIT, icon="send", kind="primary"),
        Move("withdraw", _l("Back to draft"), ("published",), "draft", ARTICLE_EDIT, icon="edit"),
        Move("archive", _l("Archive"), ("draft", "published"), "archived", ARTICLE_EDIT, icon="archive"),
        Move("restore", _l("Restore"), ("archived",), "draft", ARTICLE_EDIT, icon="arrow-back-up"),
    ),
)


class Article(Record):
    """A text in simple Markdown. A public one is for everybody once it is published; an internal one for colleagues."""

    __tablename__ = "service_articles"
    record_name = "article"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "views", "helpful", "unhelpful"}

    title: Mapped[str] = mapped_column(info={"label": _l("Title")})
    body: Mapped[str] = mapped_column(info={"label": _l("Text")})
    language: Mapped[str] = mapped_column(info={"label": _l("Language"), "choices": ARTICLE_LANGUAGES})
    category: Mapped[str | None] = mapped_column(info={"label": _l("Category"), "options": CATEGORIES})
    status: Mapped[str] = mapped_column(default=ARTICLE_FLOW.initial, info={"label": _l("Status")})
    public: Mapped[bool] = mapped_column(default=False, info={"label": _l("Public")})
    views: Mapped[int] = mapped_column(default=0, info={"label": lazy_pgettext("article", "Views")})
    helpful: Mapped[int] = mapped_column(default=0, info={"label": _l("Helped")})
    unhelpful: Mapped[int] = mapped_column(default=0, info={"label": _l("Did not help")})

    created_by: Mapped[User | None] = relationship(foreign_keys="Article.created_by_id")

    __table_args__ = (
        ARTICLE_FLOW.check(),
        CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        Index(None, "created_at", "id"),
        Index(None, "views", "id"),
        Index(None, "status", "public", "language", "views"),
    )
