"""What visitors and customers fill in without an account."""

from wtforms import EmailField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from erpcrm.core.forms import Form, select_choices
from erpcrm.core.i18n import _l
from erpcrm.customers.forms import email_address

AT_MOST = _l("At most %(max)d characters.")
ASKED = (
    ("question", _l("I have a question")),
    ("incident", _l("Something does not work")),
    ("request", _l("I need something")),
    ("return", _l("I want to return something")),
    ("complaint", _l("I want to complain")),
    ("feedback", _l("I have an idea or praise")),
)


class AskForm(Form):
    """`homepage` is invisible to people; robots fill it."""

    kind = SelectField(_l("What is it about?"), choices=lambda: select_choices(ASKED))
    subject = StringField(
        _l("In a few words"),
        [InputRequired(_l("Say in a few words what it is about.")), Length(max=200, message=AT_MOST)],
    )
    text = TextAreaField(
        _l("What happened?"), [InputRequired(_l("Please tell us what you need.")), Length(max=10000, message=AT_MOST)]
    )
    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Please enter your name.")), Length(max=100, message=AT_MOST)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("Your e-mail address"),
        [InputRequired(_l("Please enter your e-mail address.")), Length(max=200, message=AT_MOST), email_address],
        render_kw={"autocomplete": "email"},
        description=_l("We send you the link under which you see our answers."),
    )
    files = MultipleFileField(_l("Photos or documents (optional)"), [Optional()])
    homepage = StringField("Homepage", [Optional()])


class PortalForm(Form):
    text = TextAreaField(
        _l("Your message"), [InputRequired(_l("Write something first.")), Length(max=10000, message=AT_MOST)]
    )
    files = MultipleFileField(_l("Photos or documents (optional)"), [Optional()])
