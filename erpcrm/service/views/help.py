"""Help for everybody: public articles, without an account."""

from flask import Response, request, url_for

from erpcrm.access.area import limiter
from erpcrm.core.access import public
from erpcrm.core.i18n import LANGUAGES, locale_code
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting

from ..article_text import article_html, plain
from ..models.knowledge import Article
from ..services import knowledge
from .blueprint import bp

LIMIT = "60 per minute; 1000 per hour"
"""Of one address: a whole office may share one."""
OPINIONS = "10 per minute; 60 per hour"


@bp.get("/help")
@limiter.limit(LIMIT)
@public
def help_home() -> Response:
    """Every public article in the reader's language, or those that a search finds. Where the language has none, the other's."""
    text = request.args.get("q", "").strip()[:200]
    language = locale_code()
    found = knowledge.public_articles(language, text)
    others = [code for code in LANGUAGES if code != language]
    instead = not found
    if instead:
        found = [one for code in others for one in knowledge.public_articles(code, text)]
    groups: dict[str | None, list[Article]] = {}
    for one in found:
        groups.setdefault(one.category, []).append(one)
    return page(
        "service/help.html",
        parts=["results"],
        q=text,
        groups=sorted(groups.items(), key=lambda pair: (pair[0] is None, -len(pair[1]))),
        count=len(found),
        instead=instead and bool(found),
        plain=plain,
        may_ask=setting("service_form_open"),
    )


@bp.get("/help/<int:id>")
@limiter.limit(LIMIT)
@public
def help_article(id: int) -> Response:
    found = knowledge.public_article(id)
    return page(
        "service/help_article.html",
        article=found,
        html=article_html(found.body),
        said=request.args.get("said", ""),
        related=[
            one for one in knowledge.articles_about(found.title, found.language, 6) if one.public and one is not found
        ],
        may_ask=setting("service_form_open"),
    )


@bp.post("/help/<int:id>/seen")
@limiter.limit(LIMIT)
@public
def see_article(id: int) -> Response:
    """Told by the page itself once a browser shows it: what only fetches addresses does not count."""
    knowledge.note_view(knowledge.public_article(id))
    return Response(status=204)


@bp.post("/help/<int:id>/opinion")
@limiter.limit(OPINIONS)
@public
def rate_article(id: int) -> Response:
    found = knowledge.public_article(id)
    knowledge.note_opinion(found, request.form.get("helpful") == "1")
    return redirect_to(url_for("service.help_article", id=id, said="1"))
