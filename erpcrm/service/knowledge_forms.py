"""Forms of knowledge."""

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from erpcrm.core.forms import Form, VersionField, select_choices
from erpcrm.core.i18n import _l
from erpcrm.core.options import OptionField

from .models.knowledge import ARTICLE_LANGUAGES, CATEGORIES
from .services.knowledge import LONGEST_BODY

AT_MOST = _l("At most %(max)d characters.")


class ArticleForm(Form):
    title = StringField(_l("Title"), [InputRequired(_l("Please enter a title.")), Length(max=200, message=AT_MOST)])
    language = SelectField(
        _l("Language"), choices=lambda: select_choices((one.value, one.label) for one in ARTICLE_LANGUAGES)
    )
    category = OptionField(_l("Category"), options=CATEGORIES)
    public = BooleanField(_l("Public: customers read it without an account once it is published"))
    body = TextAreaField(
        _l("Text"),
        [InputRequired(_l("Please enter a text.")), Length(max=LONGEST_BODY, message=AT_MOST)],
        description=_l(
            "# heading, **bold**, *italic*, - list, 1. numbered list, > quotation, `code`, [words](https://…)"
        ),
    )
    version = VersionField()
