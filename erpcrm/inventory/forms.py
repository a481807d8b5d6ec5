"""Forms of inventory."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from erpcrm.catalog.models import Product
from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _, _l
from erpcrm.core.options import OptionField, options
from erpcrm.core.whole import whole_or_none

from .models import (
    ADJUSTMENT_KINDS,
    CARRIED,
    FOUND,
    INTO,
    LOCATION_KINDS,
    OURS,
    STOCK,
    Location,
    Receipt,
    ReceiptLine,
    place_name,
)
from .services import is_tracked, warehouses

SMALLEST = Decimal("0.000001")


def _id(value: Any) -> int | None:
    """What a select of records holds: an id as it is stored or as it is sent, or nothing."""
    return value if isinstance(value, int) else whole_or_none(value)


def _warehouse_choices() -> Any:
    return select_choices((str(one.id), one.name) for one in warehouses())


def location_choices(locations: Sequence[Location], *, everywhere: bool = False) -> Any:
    """Locations by code and name; those of several warehouses with the name of theirs."""
    return select_choices(
        (
            str(one.id),
            f"{one.warehouse.name} / {one.code}"
            if everywhere and one.warehouse
            else f"{one.code} · {place_name(one.name)}",
        )
        for one in locations
    )


class WarehouseForm(Form):
    code = StringField(_l("Code"), [DataRequired(_l("A warehouse needs a code.")), Length(max=20)])
    name = StringField(_l("Name"), [DataRequired(_l("A warehouse needs a name.")), Length(max=120)])
    address = TextAreaField(_l("Address"), [Length(max=500)])
    allow_negative = BooleanField(_l("Stock may go below zero"))
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()


class LocationForm(Form):
    code = StringField(_l("Code"), [DataRequired(_l("A location needs a code.")), Length(max=30)])
    name = StringField(_l("Name"), [Length(max=120)])
    kind = SelectField(
        _l("Kind"),
        choices=lambda: select_choices((one.value, one.label) for one in LOCATION_KINDS if one.value in OURS),
    )
    active = BooleanField(_l("In use"), default=True)


class ReceiptForm(Form):
    warehouse_id = SelectField(_l("Warehouse"), choices=_warehouse_choices, coerce=_id)
    sender = StringField(_l("From whom"), [Length(max=200)])
    reference = StringField(_l("Their reference"), [Length(max=120)])
    expected_on = DateField(_l("Expected on"), [Optional()])
    note = TextAreaField(_l("Note"), [Length(max=4000)])
    version = VersionField()


class ReceiptLineForm(Form):
    product_id = ReferenceField(_l("Product"), [InputRequired(_l("Pick a product."))], to="product")
    quantity = ExactField(
        _l("Quantity"), [InputRequired(_l("How many?"))], places=6, minimum=SMALLEST, default=Decimal(1)
    )
    unit = OptionField(_l("Unit"), options="product.unit")
    unit_cost = ExactField(_l("Unit cost"), [Optional()], places=6, minimum=Decimal(0))


class LotForm(Form):
    expires_on = DateField(_l("Best before"), [Optional()])
    note = TextAreaField(_l("Note"), [Length(max=4000)])
    version = VersionField()


class AdjustForm(Form):
    """Stock put right: the address says of which product; locations are those of all warehouses."""

    kind = SelectField(
        _l("What happened"),
        choices=lambda: select_choices((one.value, one.label) for one in ADJUSTMENT_KINDS),
        default=FOUND,
    )
    quantity = ExactField(
        _l("Quantity"), [InputRequired(_l("How many?"))], places=6, minimum=SMALLEST, default=Decimal(1)
    )
    location = SelectField(_l("Location"), coerce=_id)
    target = SelectField(_l("Carried to"), coerce=_id)
    lot = StringField(_l("Lot or serial number"), [Length(max=60)])
    unit_cost = ExactField(_l("Unit cost"), [Optional()], places=6, minimum=Decimal(0))
    reason = StringField(_l("Reason"), [DataRequired(_l("Say why: somebody will ask one day.")), Length(max=500)])

    def __init__(self, product: Product, locations: Sequence[Location], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = location_choices(locations, everywhere=True)
        self.location.choices = choices
        self.target.choices = [*select_choices([("", "–")]), *choices]
        if not is_tracked(product):
            del self.lot

    def validate_target(self, field: Any) -> None:
        if self.kind.data == CARRIED and not field.data:
            raise ValidationError(_("Choose where it goes."))


class CountForm(Form):
    """What is counted: a warehouse, one of its locations, or one category in it."""

    warehouse_id = SelectField(_l("Warehouse"), choices=_warehouse_choices, coerce=_id)
    location_id = SelectField(_l("Location"), coerce=_id)
    category = OptionField(_l("Category"), options="product.category")
    shows_expected = BooleanField(_l("Show what the books say"), default=True)
    note = TextAreaField(_l("Note"), [Length(max=4000)])

    def __init__(self, locations: Sequence[Location], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.location_id.choices = [
            *select_choices([("", "")]),
            *location_choices([one for one in locations if one.kind == STOCK], everywhere=True),
        ]


class CountLineForm(Form):
    """Something that the sheet does not have."""

    product_id = ReferenceField(_l("Product"), [InputRequired(_l("Pick a product."))], to="product")
    location = SelectField(_l("Location"), coerce=_id)
    lot = StringField(_l("Lot or serial number"), [Length(max=60)])
    counted = ExactField(_l("Counted"), [InputRequired(_l("How many?"))], places=6, minimum=Decimal(0))


class CountedForm(Form):
    """What was counted of one line; blank takes it back."""

    counted = ExactField(_l("Counted"), [Optional()], places=6, minimum=Decimal(0))


def costing_form() -> Any:
    """Which product categories are valued first in, first out: a box for each, named by its place in the list."""
    boxes = {
        f"category_{place}": BooleanField(choice.label) for place, choice in enumerate(options("product.category"))
    }
    return type("CostingForm", (Form,), boxes)


def receive_form(receipt: Receipt) -> Any:
    """What came of each line that is still expected: a quantity, and lots where the product is tracked."""
    fields: dict[str, Any] = {"location": SelectField(_l("Put it at"), coerce=_id), "version": VersionField()}
    for line in open_lines(receipt):
        fields[f"quantity_{line.id}"] = ExactField(
            _l("Quantity"), [Optional()], places=6, minimum=Decimal(0), default=line.expected
        )
        if is_tracked(line.product):
            label = _l("Serial numbers") if line.product.tracking == "serial" else _l("Lots")
            fields[f"lots_{line.id}"] = TextAreaField(label, [Length(max=20_000)])
            fields[f"expires_{line.id}"] = DateField(_l("Best before"), [Optional()])
    return type("ReceiveForm", (Form,), fields)


def open_lines(receipt: Receipt) -> list[ReceiptLine]:
    return [line for line in receipt.lines if line.expected]


class ShipForm(Form):
    carrier = StringField(_l("Carrier"), [Length(max=120)])
    tracking = StringField(_l("Tracking number"), [Length(max=120)])
    version = VersionField()


class SignForm(Form):
    """Who has taken the goods; the signature is a picture that the page draws, or none."""

    name = StringField(_l("Received by"), [DataRequired(_l("Who has taken it?")), Length(max=120)])
    signature = HiddenField(validators=[Length(max=400_000)])
    version = VersionField()


def pick_form(groups: Sequence[Any]) -> Any:
    """The lots and serial numbers of what is tracked: one text a product of the delivery."""
    fields: dict[str, Any] = {"version": VersionField()}
    for place, group in enumerate(groups):
        if group.tracked:
            label = _l("Serial numbers") if group.product.tracking == "serial" else _l("Lots")
            fields[f"lots_{place}"] = TextAreaField(label, [Length(max=20_000)], default=group.lots)
    return type("PickForm", (Form,), fields)


def return_form(lines: Sequence[Any]) -> Any:
    """How much of each line comes back, and what becomes of it."""
    fields: dict[str, Any] = {
        "reason": StringField(_l("Reason"), [DataRequired(_l("Say why it comes back.")), Length(max=500)]),
        "warehouse_id": SelectField(_l("Warehouse"), choices=_warehouse_choices, coerce=_id),
        "at_once": BooleanField(_l("It is here already"), default=True),
    }
    for line, left in lines:
        fields[f"quantity_{line.id}"] = ExactField(
            _l("Comes back"), [Optional()], places=6, minimum=Decimal(0), maximum=left
        )
        fields[f"becomes_{line.id}"] = SelectField(
            _l("What becomes of it"), choices=lambda: select_choices((one.value, one.label) for one in INTO)
        )
    return type("ReturnForm", (Form,), fields)
