"""Forms of the catalog."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from erpcrm.core.currencies import currency_choices
from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _, _l, lazy_pgettext
from erpcrm.core.options import OptionField, option_label

from .models import GOODS, KINDS, TRACKING, UNTRACKED, Product
from .services import units_of

SMALLEST = Decimal("0.000001")


def _currencies() -> Any:
    return select_choices(currency_choices())


class ProductForm(Form):
    """A product as its page edits it. Left blank, the code is given by the system."""

    name = StringField(_l("Name"), [DataRequired(_l("A product needs a name.")), Length(max=200)])
    english_name = StringField(_l("English name"), [Length(max=200)])
    code = StringField(_l("Code"), [Length(max=60)])
    kind = SelectField(
        _l("Kind"), choices=lambda: select_choices((one.value, one.label) for one in KINDS), default=GOODS
    )
    category = OptionField(_l("Category"), options="product.category")
    unit = OptionField(_l("Unit"), [InputRequired(_l("Choose a unit."))], options="product.unit")
    price = ExactField(_l("List price"), places=6, minimum=Decimal(0))
    currency = SelectField(_l("Currency"), choices=_currencies)
    cost = ExactField(_l("Cost"), places=6, minimum=Decimal(0))
    tax_group = OptionField(_l("Tax group"), options="tax.product_group")
    barcode = StringField(_l("Barcode"), [Length(max=60)])
    weight = ExactField(_l("Weight"), places=6, minimum=Decimal(0))
    stocked = BooleanField(_l("Kept in stock"), default=True)
    tracking = SelectField(
        _l("Tracked"), choices=lambda: select_choices((one.value, one.label) for one in TRACKING), default=UNTRACKED
    )
    note = TextAreaField(_l("Note"), [Length(max=4000)])
    version = VersionField()


class UnitForm(Form):
    """Another unit that a product is traded in."""

    unit = OptionField(_l("Unit"), [InputRequired(_l("Choose a unit."))], options="product.unit")
    factor = ExactField(_l("Holds"), [InputRequired(_l("How many?"))], places=6, minimum=SMALLEST)
    barcode = StringField(_l("Barcode"), [Length(max=60)])


class ComponentForm(Form):
    product_id = ReferenceField(_l("Product"), [InputRequired(_l("Pick a product."))], to="product", create=True)
    quantity = ExactField(
        _l("Quantity"), [InputRequired(_l("How many?"))], places=6, minimum=SMALLEST, default=Decimal(1)
    )


class PriceCheckForm(Form):
    """What would it cost: a quantity, a unit and a day. Read from the address."""

    quantity = ExactField(_l("Quantity"), [Optional()], places=6, minimum=SMALLEST, default=Decimal(1))
    unit = SelectField(_l("Unit"))
    currency = SelectField(_l("Currency"), choices=_currencies)
    on = DateField(lazy_pgettext("day", "On"), [Optional()])

    def __init__(self, product: Product, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices = unit_choices(product)


class PriceListForm(Form):
    name = StringField(_l("Name"), [DataRequired(_l("A price list needs a name.")), Length(max=120)])
    currency = SelectField(_l("Currency"), choices=_currencies)
    for_everybody = BooleanField(_l("For everybody"))
    tax_included = BooleanField(_l("Prices include tax"))
    reduction = ExactField(
        _l("Reduction on everything else"), [Optional()], places=2, minimum=Decimal(0), maximum=Decimal(100)
    )
    starts_on = DateField(_l("Valid from"), [Optional()])
    ends_on = DateField(_l("Valid until"), [Optional()])
    active = BooleanField(_l("In use"), default=True)
    note = TextAreaField(_l("Note"), [Length(max=4000)])
    version = VersionField()

    def validate_ends_on(self, field: DateField) -> None:
        _last_day(self, field)

    def validate_reduction(self, field: ExactField) -> None:
        if field.data and self.tax_included.data:
            raise ValidationError(_("List prices are without tax, so a list with tax can't reduce them."))


class PriceForm(Form):
    """A price on a list."""

    product_id = ReferenceField(_l("Product"), [InputRequired(_l("Pick a product."))], to="product")
    unit = OptionField(_l("Unit"), options="product.unit")
    min_quantity = ExactField(_l("From quantity"), [Optional()], places=6, minimum=Decimal(0))
    price = ExactField(_l("Price"), [InputRequired(_l("Enter a price."))], places=6, minimum=Decimal(0))
    starts_on = DateField(_l("Valid from"), [Optional()])
    ends_on = DateField(_l("Valid until"), [Optional()])

    def validate_ends_on(self, field: DateField) -> None:
        _last_day(self, field)


class CopyForm(Form):
    """A new list out of one that is there."""

    name = StringField(_l("Name"), [DataRequired(_l("A price list needs a name.")), Length(max=120)])
    percent = ExactField(
        _l("Change of prices"), [Optional()], places=2, minimum=Decimal(-100), maximum=Decimal(1000), default=Decimal(0)
    )


def unit_choices(product: Product) -> Any:
    return select_choices((unit, option_label("product.unit", unit)) for unit in units_of(product))


def _last_day(form: Any, field: DateField) -> None:
    if field.data and form.starts_on.data and field.data < form.starts_on.data:
        raise ValidationError(_("The last day comes before the first."))
