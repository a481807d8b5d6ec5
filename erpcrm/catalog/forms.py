"""Forms of the catalog."""

from decimal import Decimal
from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from erpcrm.core.currencies import currency_choices
from erpcrm.core.forms import ExactField, Form, VersionField
from erpcrm.core.i18n import _l
from erpcrm.core.options import OptionField


class ProductForm(Form):
    """A product as its page edits it. Left blank, the code is given by the system."""

    name = StringField(_l("Name"), [DataRequired(_l("A product needs a name.")), Length(max=200)])
    english_name = StringField(_l("English name"), [Length(max=200)])
    code = StringField(_l("Code"), [Length(max=60)])
    category = OptionField(_l("Category"), options="product.category")
    unit = OptionField(_l("Unit"), [InputRequired(_l("Choose a unit."))], options="product.unit")
    price = ExactField(_l("List price"), places=6, minimum=Decimal(0))
    currency = SelectField(_l("Currency"))
    note = TextAreaField(_l("Note"), [Length(max=4000)])
    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = [SelectChoice(code, label) for code, label in currency_choices()]
