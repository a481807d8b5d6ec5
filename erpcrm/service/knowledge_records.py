"""What lists and search know about articles."""

from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Column, RecordType, Searchable, states_of

from .article_text import plain
from .models.knowledge import ARTICLE_EDIT, ARTICLE_FLOW, ARTICLE_LANGUAGES, ARTICLE_VIEW, CATEGORIES, Article

article = RecordType(
    name="article",
    model=Article,
    label=_l("Article"),
    plural=_l("Articles"),
    icon="book",
    endpoint="service.article",
    list_endpoint="service.articles",
    view=ARTICLE_VIEW,
    edit=ARTICLE_EDIT,
    create=ARTICLE_EDIT,
    create_endpoint="service.new_article",
    title=Article.title,
    scope=everyone,
    sort="-views",
    base=lambda _state: Article.status != "archived",
    search=Searchable(
        title=lambda one: one.title,
        names=lambda one: [(one.title, None)],
        words=lambda one: [plain(one.body, 4000)],
        subtitle=lambda one: plain(one.body, 90),
    ),
    columns=(
        Column("title", _l("Title"), Article.title),
        Column("status", _l("Status"), Article.status, "state", choices=states_of(ARTICLE_FLOW)),
        Column("public", _l("Public"), Article.public, "bool"),
        Column("language", _l("Language"), Article.language, "choice", choices=ARTICLE_LANGUAGES),
        Column("category", _l("Category"), Article.category, "choice", choices=lambda: options(CATEGORIES)),
        Column("views", lazy_pgettext("article", "Views"), Article.views, "number", sortable=True),
        Column("helpful", _l("Helped"), Article.helpful, "number"),
        Column("unhelpful", _l("Did not help"), Article.unhelpful, "number"),
        Column("created", _l("Created"), Article.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "drafts": (_l("Drafts"), "status=draft&sort=-created"),
        "public": (_l("For customers"), "public=1&status=published"),
    },
)
