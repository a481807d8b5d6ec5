"""The lines of a document while they are typed: the rows of a form, what the rules say of each, and what all come to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erpcrm.catalog.services import units_of
from erpcrm.company.models import Tax
from erpcrm.company.services import taxes
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.options import option_label, options

from . import amounts
from .forms import LineForm
from .models import OrderLine, PricedDocument
from .services import UNTAXED, Rules, fill_line, rules_for

BLANK_ROWS = 3
FIELDS = (
    "id", "product_id", "text", "quantity", "unit", "price", "discount", "tax_id", "optional", "wanted_on",
    "contract_line_id",
)  # fmt: skip


class Row:
    """One row of the form. `line` is what it would become, `error` why it can't."""

    def __init__(self, number: int, form: LineForm) -> None:
        self.number, self.form = number, form
        self.line: Any = None
        self.error: str | None = None

    @property
    def is_blank(self) -> bool:
        return self.form.is_blank

    @property
    def reason(self) -> str:
        """Where the price comes from, while it is the one that was found."""
        found = self.line is not None and self.line.price == self.line.list_price
        return self.line.why_this_price if found else ""

    def mistyped(self) -> bool:
        """Whether something in it can't be read. It then stays as it was typed, with the error beside it."""
        wrong = next((field for field in self.form if field.process_errors and any(field.raw_data or ())), None)
        if wrong is not None:
            self.error = f"{wrong.label.text}: {wrong.process_errors[0]}"
        return wrong is not None

    def values(self) -> dict[str, Any]:
        """What `set_lines` takes. A price or tax that is still the proposed one is left to the rules."""
        found = {name: self.form[name].data for name in FIELDS}
        found["unit"] = found["unit"] or None
        if found["price"] is not None and found["price"] == self.form.found.data:
            found["price"] = None
        ruled = self.form.ruled.data
        if ruled is not None:
            found["tax_id"] = None if found["tax_id"] == ruled else found["tax_id"] or UNTAXED
        return found


class Editor:
    """The rows of a document's form, from what is stored or from what was posted."""

    def __init__(self, document: PricedDocument, rows: Sequence[Row]) -> None:
        self.document, self.rows = document, list(rows)
        self.taxes: Sequence[Tax] = taxes(offered=True)

    @property
    def optional(self) -> bool:
        """Whether lines of this document may be left to the customer's choice."""
        return self.document.record_name == "quotation"  # type: ignore[attr-defined]

    @property
    def deliverable(self) -> bool:
        """Whether lines of this document have days of delivery."""
        return self.document.record_name == "order"  # type: ignore[attr-defined]

    @classmethod
    def of(cls, document: PricedDocument, lines: Sequence[Any]) -> "Editor":
        """The rows of stored lines, and blank ones after them."""
        rows = [Row(number, _form_of(number, line)) for number, line in enumerate(lines)]
        made = cls(document, rows)
        made.add_blank(BLANK_ROWS if not rows else 1)
        made.look_up()
        return made

    @classmethod
    def proposed(cls, document: PricedDocument, given: Sequence[Mapping[str, Any]]) -> "Editor":
        """The rows of lines that are proposed and not stored yet."""
        rows = [
            Row(n, LineForm(formdata=None, prefix=f"lines-{n}-", data=dict(values))) for n, values in enumerate(given)
        ]
        made = cls(document, rows)
        made.add_blank(BLANK_ROWS if not rows else 1)
        made.look_up()
        return made

    @classmethod
    def posted(cls, document: PricedDocument, formdata: Any) -> "Editor":
        """The rows that were typed; `act` may name one to drop ("drop-3"), or ask for more ("add")."""
        numbers = sorted({int(part) for key in formdata for part in [_number_in(key)] if part is not None})
        act = formdata.get("act", "")
        rows = [Row(n, LineForm(formdata=formdata, prefix=f"lines-{n}-")) for n in numbers if act != f"drop-{n}"]
        made = cls(document, rows)
        if act == "add":
            made.add_blank(BLANK_ROWS)
        elif not rows or not rows[-1].is_blank:
            made.add_blank(1)
        made.look_up()
        return made

    def add_blank(self, count: int) -> None:
        after = max((row.number for row in self.rows), default=-1) + 1
        self.rows += [Row(n, LineForm(formdata=None, prefix=f"lines-{n}-")) for n in range(after, after + count)]

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if not row.is_blank]

    def values(self) -> list[dict[str, Any]]:
        return [row.values() for row in self.filled]

    def validate(self) -> bool:
        """Whether every row that is filled is right: the form's own rules, and those of product, unit and price."""
        good = True
        for row in self.filled:
            right = row.form.validate()
            if right and row.error is None:
                continue
            good = False
            if not right:
                row.error = next(
                    f"{row.form[name].label.text}: {messages[0]}" for name, messages in row.form.errors.items()
                )
        return good

    def look_up(self) -> None:
        """Ask the rules about every row: its units, price, tax and amount. Wrong ones keep what was typed."""
        rules = rules_for(self.document)
        rules.prepare(row.form.product_id.data for row in self.rows)
        for row in self.rows:
            self._offer(row, rules)
            if row.is_blank or row.mistyped():
                continue
            line = OrderLine()
            try:
                with session.no_autoflush:
                    fill_line(line, row.values(), self.document, rules)
            except (Refused, ArithmeticError) as refused:
                row.error = str(refused) if isinstance(refused, Refused) else _("This number is too large.")
                continue
            row.line = line
            self._show(row, rules)

    def _offer(self, row: Row, rules: Rules) -> None:
        """The units that the product is traded in, or all of them for a free line; the taxes."""
        form = row.form
        product = rules.products.get(form.product_id.data or 0)
        if product is not None:
            form.product_id.shown_as(product.name)
            units = [(unit, option_label("product.unit", unit)) for unit in units_of(product)]
            if form.unit.data not in dict(units):
                form.unit.data = product.unit
        else:
            units = [("", ""), *((choice.value, choice.label) for choice in options("product.unit"))]
        form.unit.choices = units
        form.tax_id.choices = [("", _("No tax")), *((tax.id, tax.label) for tax in self.taxes)]

    def _show(self, row: Row, rules: Rules) -> None:
        form, line = row.form, row.line
        if line.list_price is not None and (form.price.data is None or form.price.data == form.found.data):
            form.price.data, form.price.raw_data = line.list_price, None
        form.found.data, form.found.raw_data = line.list_price, None
        if form.quantity.data is None and line.quantity:
            form.quantity.data, form.quantity.raw_data = line.quantity, None
        ruled = rules.tax_of(line.product)
        form.tax_id.data = line.tax_id
        form.ruled.data, form.ruled.raw_data = (ruled.id if ruled is not None else None), None

    @property
    def lines(self) -> list[Any]:
        """What the rows would become, the wrong ones left out."""
        return [row.line for row in self.filled if row.line is not None]

    @property
    def counted(self) -> list[Any]:
        """The lines that are part of the total."""
        return [
            row.line for row in self.filled if row.line is not None and not (self.optional and row.form.optional.data)
        ]

    @property
    def totals(self) -> Any:
        return amounts.document_totals(self.document, self.counted)  # type: ignore[arg-type]

    def margin(self, base: str) -> amounts.Margin:
        return amounts.margin(self.document, self.counted, base)  # type: ignore[arg-type]

    @property
    def largest_discount(self) -> Decimal:
        return amounts.largest_discount(self.document, self.lines)  # type: ignore[arg-type]


def _form_of(number: int, line: Any) -> LineForm:
    data = {name: getattr(line, name, None) for name in FIELDS}
    if line.product_id is None and not line.quantity:
        data |= {"quantity": None, "price": None}  # words alone
    if not data["discount"]:
        data["discount"] = None
    return LineForm(formdata=None, prefix=f"lines-{number}-", data=data)


def _number_in(key: str) -> int | None:
    head, _dash, rest = key.partition("-")
    number = rest.partition("-")[0]
    return int(number) if head == "lines" and number.isdigit() and len(number) < 6 else None
