"""What a rule may ask of a customer: the fields of its record and of its contacts, what it bought, its deals, RFM, other segments.

Areas above add fields of their own with `add_fields`. Each field turns a condition into SQL on `Customer` alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import once, session
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _, _l, lazy_pgettext
from erpcrm.core.lists.columns import MOMENTS, NUMERIC, columns_for
from erpcrm.core.lists.filters import TEXTUAL, Filter, condition
from erpcrm.core.lists.periods import PERIODS
from erpcrm.core.options import options
from erpcrm.core.records import Choice, Column
from erpcrm.core.registry import is_on, record_type, registry
from erpcrm.core.whole import whole_or_none
from erpcrm.customers.models import Contact, Customer, CustomerContact
from erpcrm.pipeline.models import Opportunity

from ..models import CustomerRfm, RfmCell, Segment
from ..rules import Condition
from .transactions import purchase_lines, purchases

MARGIN = "sales.margin.view"
MOST_DAYS = 36_500

OPERATORS: Mapping[str, Any] = {
    "any": _l("is one of"),
    "none": _l("is none of"),
    "has": _l("contains"),
    "is": _l("is exactly"),
    "min": _l("is at least"),
    "max": _l("is at most"),
    "between": _l("is between"),
    "within": _l("was in the last … days"),
    "before": _l("was more than … days ago, or never"),
    "from": _l("is on or after"),
    "until": _l("is on or before"),
    "period": _l("is in the period"),
    "filled": _l("has a value"),
    "empty": _l("has no value"),
    "did": _l("one of"),
    "did_not": _l("none of"),
    "in": _l("is in one of"),
    "not_in": _l("is in none of"),
}
WITHOUT_VALUE = frozenset({"filled", "empty"})
NEGATIVE = {"none": "any", "did_not": "did", "not_in": "in"}


class BrokenRule(ValueError):
    """A condition that can't be asked: its field is gone, or its value is not understood. `why` says it to people."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Ask:
    """What building a condition needs to know: the day, and the segments on the way here, so that none contains itself."""

    on: date
    within: frozenset[int] = field(default_factory=frozenset)
    segment: Callable[[int, "Ask"], Select[Any]] | None = None


@dataclass(frozen=True)
class RuleField:
    """Something that rules ask. `kind` says which inputs fit: text, number, money, date, choice, ref, tags, bool."""

    name: str
    label: Any
    group: Any
    kind: str
    operators: Sequence[str]
    build: Callable[[Condition, Ask], ColumnElement[bool]]
    choices: Callable[[], Sequence[Choice]] | None = None
    ref: str | None = None
    windowed: bool = False
    """May be bounded to what happened in the last so many days"""
    permission: str | None = None


CUSTOMER, CONTACTS = _l("Customer"), _l("Contacts")
BOUGHT, DEALS = _l("Purchases"), lazy_pgettext("rule", "Opportunities")
SCORES, SEGMENTS = _l("RFM"), _l("Segments")
_more: list[Callable[[], Sequence[RuleField]]] = []


def add_fields(give: Callable[[], Sequence[RuleField]]) -> None:
    """What an area above wants rules to ask (open tickets): `give` is called each time, and gives nothing while it is off."""
    if give not in _more:
        _more.append(give)


def rule_fields(actor: Actor | None = None) -> dict[str, RuleField]:
    """All fields by name, of which this user may ask; the system asks everything."""
    found = [*_customer_fields(), *_contact_fields(), *_purchase_fields(), *_other_fields()]
    found += [one for give in _more for one in give()]
    return {one.name: one for one in found if one.permission is None or actor is None or actor.may(one.permission)}


# ------------------------------------------------------------ columns of records


def _customer_fields() -> Iterator[RuleField]:
    for column in columns_for(record_type("customer"), None).values():
        if (
            column.filterable
            and column.asked is None
            and column.name not in ("quiet", "rfm_cell", "rfm_r", "rfm_f", "rfm_m")
        ):
            yield _of_column("customer", CUSTOMER, column, _asks_customer(column))


def _contact_fields() -> Iterator[RuleField]:
    for column in columns_for(record_type("contact"), None).values():
        if column.filterable and column.name not in ("customer", "role", "created", "updated"):
            yield _of_column("contact", CONTACTS, column, _asks_contacts(column))


def _of_column(kind: str, group: Any, column: Column, build: Any) -> RuleField:
    operators = _operators_of(column)
    choices = column.all_choices if column.kind in ("choice", "state") else None
    shown: str = "choice" if column.kind == "state" else column.kind
    shown = "text" if column.kind in TEXTUAL else "date" if column.kind in MOMENTS else shown
    return RuleField(f"{kind}.{column.name}", column.label, group, shown, operators, build, choices, column.ref)


def _operators_of(column: Column) -> tuple[str, ...]:
    if column.kind in TEXTUAL:
        return ("has", "is", "filled", "empty")
    if column.kind in NUMERIC:
        return ("min", "max", "between", "filled", "empty")
    if column.kind in MOMENTS:
        return ("within", "before", "from", "until", "period", "filled", "empty")
    if column.kind == "bool":
        return ("any",)
    return ("any", "none") if column.kind == "state" else ("any", "none", "filled", "empty")


def _asks_customer(column: Column) -> Callable[[Condition, Ask], ColumnElement[bool]]:
    def build(one: Condition, ask: Ask) -> ColumnElement[bool]:
        return _by_filter("customer", column, one, ask)

    return build


def _asks_contacts(column: Column) -> Callable[[Condition, Ask], ColumnElement[bool]]:
    """Some contact of the customer answers; with "is none of", no contact does."""

    def build(one: Condition, ask: Ask) -> ColumnElement[bool]:
        positive = Condition(one.field, NEGATIVE.get(one.operator, one.operator), one.values, one.days)
        asked = _by_filter("contact", column, positive, ask)
        if one.operator == "before":
            asked = _by_filter("contact", column, Condition(one.field, "within", one.values), ask)
        query = select(CustomerContact.customer_id).join(Contact, Contact.id == CustomerContact.contact_id).where(asked)
        found = Customer.id.in_(query)
        return not_(found) if one.operator in NEGATIVE or one.operator == "before" else found

    return build


def _by_filter(kind: str, column: Column, one: Condition, ask: Ask) -> ColumnElement[bool]:
    """What the filter of a list would ask; "none of" and "more than … days ago" hold for those without a value too."""
    values, operator = list(one.values), NEGATIVE.get(one.operator, one.operator)
    this = Filter(column)
    if operator == "any":
        this.values = values
    elif operator == "is":
        this.values = values[:1]
    elif operator == "has":
        this.has = values[0] if values else ""
    elif operator in ("min", "max", "between"):
        this.min = values[0] if values and operator != "max" else ""
        this.max = values[-1] if values and operator != "min" else ""
    elif operator in ("within", "before"):
        this.min = (ask.on - timedelta(days=days_of(values[0] if values else ""))).isoformat()
    elif operator in ("from", "until"):
        setattr(this, "min" if operator == "from" else "max", values[0] if values else "")
    elif operator == "period":
        this.values = values[:1]
    elif operator in WITHOUT_VALUE:
        this.empty = operator == "empty"
    if operator not in WITHOUT_VALUE and (not values or (operator == "between" and len(values) < 2)):
        raise BrokenRule(_("“%(field)s” has no value to compare with.", field=column.label))
    found = condition(this, record_type(kind), None)
    if this.wrong:
        raise BrokenRule(f"{column.label}: {this.wrong}")
    return not_(func.coalesce(found, false())) if one.operator == "before" or one.operator in NEGATIVE else found


def days_of(text: str) -> int:
    """So many days. BrokenRule for what is no number of days."""
    number = whole_or_none(text)
    if number is None or not 0 <= number <= MOST_DAYS:
        raise BrokenRule(_("“%(text)s” is no number of days.", text=text))
    return number


def number_of(text: str, places: int = 4) -> Decimal:
    """A number with so many places. BrokenRule for what is none, or holds more."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise BrokenRule(_("“%(text)s” is not a number.", text=text)) from error
    if not number.is_finite() or abs(number) >= 10**12 or number != round(number, places):
        raise BrokenRule(_("“%(text)s” has too many digits.", text=text))
    return number


def bounds_of(one: Condition, places: int = 4) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that a condition on a number asks for."""
    if not one.values or (one.operator == "between" and len(one.values) < 2):
        raise BrokenRule(_("“%(field)s” has no value to compare with.", field=one.label or one.field))
    low = number_of(one.values[0], places) if one.operator in ("min", "between") else None
    high = number_of(one.values[-1], places) if one.operator in ("max", "between") else None
    return low, high


# ---------------------------------------------------------------------- purchases


def _since(one: Condition, ask: Ask, day: Any) -> list[ColumnElement[bool]]:
    return [day >= ask.on - timedelta(days=days_of(one.days))] if one.days else []


def _sum_between(sums: Callable[[ColumnElement[bool]], Select[Any]], figure: Any, one: Condition, places: int) -> Any:
    """Whose figure is within the bounds; it is 0 for customers about whom there is nothing to add up."""
    low, high = bounds_of(one, places)
    found: list[ColumnElement[bool]] = []
    if low is not None:
        found.append(Customer.id.in_(sums(figure >= low)) if low > 0 else not_(Customer.id.in_(sums(figure < low))))
    if high is not None:
        found.append(Customer.id.in_(sums(figure <= high)) if high < 0 else not_(Customer.id.in_(sums(figure > high))))
    return and_(*found)


def _purchases(figure: str) -> Callable[[Condition, Ask], ColumnElement[bool]]:
    def build(one: Condition, ask: Ask) -> ColumnElement[bool]:
        bought = purchases()
        # A credit note is no purchase, but lowers what was bought.
        where = [*_since(one, ask, bought.c.on), *([bought.c.revenue > 0] if figure == "count" else [])]
        value = func.count() if figure == "count" else func.sum(bought.c[figure])

        def sums(having: ColumnElement[bool]) -> Select[Any]:
            return select(bought.c.customer_id).where(*where).group_by(bought.c.customer_id).having(having)

        return _sum_between(sums, value, one, 0 if figure == "count" else AMOUNT.places)

    return build


def _last_purchase(one: Condition, ask: Ask) -> ColumnElement[bool]:
    bought = purchases()
    days = days_of(one.values[0] if one.values else "")
    since = select(bought.c.customer_id).where(bought.c.revenue > 0, bought.c.on >= ask.on - timedelta(days=days))
    return not_(Customer.id.in_(since)) if one.operator == "before" else Customer.id.in_(since)


def _bought(what: str) -> Callable[[Condition, Ask], ColumnElement[bool]]:
    def build(one: Condition, ask: Ask) -> ColumnElement[bool]:
        if not one.values:
            raise BrokenRule(_("“%(field)s” has no value to compare with.", field=one.label or one.field))
        lines = purchase_lines()
        if what == "product":
            asked: Any = lines.c.product_id.in_(_ids(one))
        else:
            asked = lines.c.product_id.in_(select(Product.id).where(Product.category.in_(one.values)))
        query = select(lines.c.customer_id).where(asked, lines.c.quantity > 0, *_since(one, ask, lines.c.on))
        return not_(Customer.id.in_(query)) if one.operator == "did_not" else Customer.id.in_(query)

    return build


def _ids(one: Condition) -> list[int]:
    found = [whole_or_none(value) for value in one.values]
    if None in found or not found:
        raise BrokenRule(_("“%(field)s” has no value to compare with.", field=one.label or one.field))
    return [number for number in found if number is not None]


def _purchase_fields() -> Iterator[RuleField]:
    sums = ("min", "max", "between")
    yield RuleField("purchases.revenue", _l("Revenue"), BOUGHT, "money", sums, _purchases("revenue"), windowed=True)
    yield RuleField(
        "purchases.margin", _l("Margin"), BOUGHT, "money", sums, _purchases("margin"), windowed=True, permission=MARGIN
    )
    yield RuleField(
        "purchases.count", _l("Number of purchases"), BOUGHT, "number", sums, _purchases("count"), windowed=True
    )
    yield RuleField("purchases.last", _l("Last purchase"), BOUGHT, "date", ("within", "before"), _last_purchase)
    if is_on(registry().by_name["catalog"]):
        did = ("did", "did_not")
        yield RuleField(
            "purchases.product",
            _l("Bought the product"),
            BOUGHT,
            "ref",
            did,
            _bought("product"),
            ref="product",
            windowed=True,
        )
        yield RuleField(
            "purchases.category",
            _l("Bought of the category"),
            BOUGHT,
            "choice",
            did,
            _bought("category"),
            choices=lambda: options("product.category"),
            windowed=True,
        )


# ------------------------------------------------------- deals, RFM, other segments


def _open_deals(figure: str) -> Callable[[Condition, Ask], ColumnElement[bool]]:
    def build(one: Condition, ask: Ask) -> ColumnElement[bool]:
        value = func.count() if figure == "count" else func.sum(Opportunity.base_amount)
        base = select(Opportunity.customer_id).where(Opportunity.status == "open", Opportunity.customer_id.is_not(None))
        base = base if figure == "count" else base.where(Opportunity.base_amount.is_not(None))

        def sums(having: ColumnElement[bool]) -> Select[Any]:
            return base.group_by(Opportunity.customer_id).having(having)

        return _sum_between(sums, value, one, 0 if figure == "count" else AMOUNT.places)

    return build


def _score(column: Any) -> Callable[[Condition, Ask], ColumnElement[bool]]:
    def build(one: Condition, ask: Ask) -> ColumnElement[bool]:
        low, high = bounds_of(one, 0)
        asked = [column >= int(low)] if low is not None else []
        asked += [column <= int(high)] if high is not None else []
        return Customer.id.in_(select(CustomerRfm.customer_id).where(*asked))

    return build


def _cell(one: Condition, ask: Ask) -> ColumnElement[bool]:
    if not one.values:
        raise BrokenRule(_("“%(field)s” has no value to compare with.", field=one.label or one.field))
    known = {choice.value for choice in cell_choices()}
    if gone := [value for value in one.values if value not in known]:
        raise BrokenRule(_("There is no RFM cell “%(cell)s” any more.", cell=gone[0]))
    found = Customer.id.in_(select(CustomerRfm.customer_id).where(CustomerRfm.cell.in_(one.values)))
    return not_(found) if one.operator == "none" else found


def cell_choices() -> Sequence[Choice]:
    """The cells of RFM as filters and rules offer them."""
    return once(("rfm_cells",), _cell_choices, RfmCell)


def _cell_choices() -> Sequence[Choice]:
    query = select(RfmCell).order_by(RfmCell.position, RfmCell.id)
    return [Choice(cell.key, cell.label, cell.tone) for cell in session.scalars(query)]


def _in_segment(one: Condition, ask: Ask) -> ColumnElement[bool]:
    if ask.segment is None:
        raise BrokenRule(_("A segment can't be asked here."))
    found = or_(*(Customer.id.in_(ask.segment(id, ask)) for id in _ids(one)))
    return not_(found) if one.operator == "not_in" else found


def _other_fields() -> Iterator[RuleField]:
    sums = ("min", "max", "between")
    if is_on(registry().by_name["pipeline"]):
        yield RuleField("deals.count", _l("Open opportunities"), DEALS, "number", sums, _open_deals("count"))
        yield RuleField("deals.amount", _l("Amount of open opportunities"), DEALS, "money", sums, _open_deals("amount"))
    for name, label, column in (
        ("rfm.r", _l("Recency score"), CustomerRfm.r),
        ("rfm.f", _l("Frequency score"), CustomerRfm.f),
        ("rfm.m", _l("Monetary score"), CustomerRfm.m),
    ):
        yield RuleField(name, label, SCORES, "number", sums, _score(column))
    yield RuleField("rfm.cell", _l("RFM cell"), SCORES, "choice", ("any", "none"), _cell, choices=cell_choices)
    yield RuleField("segment", _l("Segment"), SEGMENTS, "ref", ("in", "not_in"), _in_segment, ref=Segment.record_name)


PERIOD_CHOICES = tuple(Choice(name, label) for name, label in PERIODS.items())
