"""The verbs of knowledge: articles are written, read, found, and offered while somebody answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, update

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.search.query import matching
from erpcrm.customers.identity import clean

from ..article_text import telling_words
from ..models.knowledge import Article

FILLABLE = ("title", "body", "language", "category", "public")
LONGEST_BODY = 60_000
OFFERED = 4
"""Articles that are offered beside an answer"""
FOUND = 50


def create_article(values: Mapping[str, Any], by: Actor | None) -> Article:
    """A new draft. Refused without a title or a text."""
    article = Article(created_by_id=by.id if by else None, views=0, helpful=0, unhelpful=0)
    _fill(article, values)
    session.add(article)
    session.flush()
    return article


def update_article(article: Article, values: Mapping[str, Any], version: int | None) -> None:
    """Change what `values` names; what stood there before is in the audit trail. Stale when somebody was quicker."""
    if version is not None and version != article.version:
        raise Stale(article)
    _fill(article, values)
    session.flush()


def _fill(article: Article, values: Mapping[str, Any]) -> None:
    for name in FILLABLE:
        if name in values:
            value = values[name]
            setattr(article, name, clean(value) if isinstance(value, str) else value)
    if not article.title or not article.body:
        raise Refused(_("An article needs a title and a text."))
    if len(article.body) > LONGEST_BODY:
        raise Refused(_("This text is too long for one article. Make two of it."))


def is_public() -> ColumnElement[bool]:
    """What anybody may read."""
    return (Article.status == "published") & Article.public


def public_article(id: int) -> Article:
    """NotThere for drafts, internal and archived articles: the public learns nothing of them."""
    found = session.scalars(select(Article).where(Article.id == id, is_public())).one_or_none()
    if found is None:
        raise NotThere
    return found


def public_articles(language: str, text: str = "") -> Sequence[Article]:
    """Public articles in a language that a typed text finds, the most read first; all of them for a blank text."""
    query = select(Article).where(is_public(), Article.language == language, matching("article", text))
    return session.scalars(query.order_by(Article.views.desc(), Article.id).limit(FOUND)).all()


def note_view(article: Article) -> None:
    """Somebody has read it. Nobody's open form becomes stale by that."""
    _count(article, "views")


def note_opinion(article: Article, helpful: bool) -> None:
    _count(article, "helpful" if helpful else "unhelpful")


def _count(article: Article, column: str) -> None:
    known = getattr(Article, column)
    session.execute(
        update(Article)
        .where(Article.id == article.id)
        .values({column: known + 1, "updated_at": Article.updated_at})
        .execution_options(synchronize_session=False)
    )
    session.expire(article, [column])


def articles_about(text: str, language: str | None = None, limit: int = OFFERED) -> list[Article]:
    """Published articles that share most words with `text`; those in `language` before others that fit as well."""
    words = telling_words(text)
    if not words:
        return []
    hits = [case((matching("article", word), 1), else_=0) for word in words]
    shared = sum(hits[1:], hits[0]).label("shared")
    query = (
        select(Article, shared)
        .where(Article.status == "published", or_(*(matching("article", word) for word in words)))
        .order_by(shared.desc(), (Article.language == language).desc(), Article.helpful.desc(), Article.id)
    )
    rows = session.execute(query.limit(limit * 3)).all()
    if not rows:
        return []
    # One word in common says little where another article shares many.
    least = max(1, rows[0].shared // 3)
    return [article for article, count in rows if count >= least][:limit]


def counts_by_category(language: str) -> dict[str | None, int]:
    query = select(Article.category, func.count()).where(is_public(), Article.language == language)
    return {category: count for category, count in session.execute(query.group_by(Article.category))}
