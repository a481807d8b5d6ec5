"""Articles as colleagues write and read them, and those that are offered beside an answer."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.i18n import _, locale_code
from erpcrm.core.lists import list_page
from erpcrm.core.mail import absolute
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from ..article_text import CHINESE, article_html
from ..knowledge_forms import ArticleForm
from ..models.knowledge import ARTICLE_EDIT, ARTICLE_FLOW, ARTICLE_VIEW, Article
from ..services import knowledge, messages_of
from .blueprint import bp, load_ticket


@bp.get("/articles")
@allow(ARTICLE_VIEW)
def articles() -> Response:
    return list_page(record_type("article"), template="service/articles.html", help_url=url_for("service.help_home"))


@bp.get("/articles/<int:id>")
@allow(ARTICLE_VIEW)
def article(id: int) -> Response:
    found = load(Article, id, everyone)
    readers = found.helpful + found.unhelpful
    return page(
        "service/article.html",
        article=found,
        html=article_html(found.body),
        state=ARTICLE_FLOW.state_of(found),
        moves=ARTICLE_FLOW.moves_for(found, current_user),
        may_edit=current_user.may(ARTICLE_EDIT),
        public_url=absolute(url_for("service.help_article", id=found.id)),
        helped=round(100 * found.helpful / readers) if readers else None,
    )


def _form_page(form: Any, found: Article | None, status: int = 200) -> Response:
    return page("service/article_form.html", form=form, article=found, status=status)


@bp.get("/articles/new")
@allow(ARTICLE_EDIT)
def new_article() -> Response:
    return _form_page(ArticleForm(formdata=None, data={"language": locale_code()}), None)


@bp.post("/articles/new")
@allow(ARTICLE_EDIT)
def create_article() -> Response:
    form = ArticleForm()
    if not form.validate():
        return _form_page(form, None, 422)
    made = knowledge.create_article(form.values(), current_user)
    flash(_("“%(name)s” is created.", name=made.title), "success")
    return redirect_to(url_for("service.article", id=made.id))


@bp.get("/articles/<int:id>/edit")
@allow(ARTICLE_EDIT)
def edit_article(id: int) -> Response:
    found = load(Article, id, everyone)
    return _form_page(ArticleForm(formdata=None, obj=found), found)


@bp.post("/articles/<int:id>/edit")
@allow(ARTICLE_EDIT)
def update_article(id: int) -> Response:
    found, form = load(Article, id, everyone), ArticleForm()
    if not form.validate():
        return _form_page(form, found, 422)
    knowledge.update_article(found, form.values(), form.version.data)
    flash(_("“%(name)s” is saved.", name=found.title), "success")
    return redirect_to(url_for("service.article", id=found.id))


@bp.post("/articles/<int:id>/<move>")
@allow(ARTICLE_EDIT)
def move_article(id: int, move: str) -> Response:
    found = load(Article, id, everyone)
    make_move(found, move, by=current_user, version=request.form.get("version", type=whole))
    return redirect_to(url_for("service.article", id=found.id))


@bp.get("/tickets/<int:id>/articles")
@allow(ARTICLE_VIEW)
def article_offers(id: int) -> Response:
    """Articles about what a ticket says: of a public one its address goes into the answer, of an internal one its text."""
    ticket = load_ticket(id)
    said = [message.text for message in messages_of(ticket) if message.kind == "incoming"]
    text = " ".join([ticket.subject, *said[-1:]])
    offers = [
        (one, f"{one.title}: {absolute(url_for('service.help_article', id=one.id))}" if one.public else one.body)
        for one in knowledge.articles_about(text, "zh" if CHINESE.search(text) else "en")
    ]
    return page("service/article_offers.html", parts=["article_offers"], ticket=ticket, offers=offers)
