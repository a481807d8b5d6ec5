"""RFM of all customers: worked out in the database, kept with the moves between cells, and read for pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Select,
    Subquery,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.settings import lock_setting, save_setting, setting
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .. import rfm
from ..models import CustomerRfm, RfmCell, RfmMove
from .transactions import purchases

MOST_MOVERS = 200
WAYS = ("quintiles", "cutoffs")


@dataclass(frozen=True)
class Policy:
    """How scores are worked out: over so many months, by fifths or by cut-offs (days, purchases, revenue)."""

    months: int
    by: str
    cuts: Mapping[str, tuple[Decimal, ...]]


def policy() -> Policy:
    kept = {**rfm.STANDARD_CUTS, **setting("rfm_cuts")}
    return Policy(setting("rfm_months"), setting("rfm_by"), {n: tuple(Decimal(c) for c in kept[n]) for n in rfm.NAMES})


def save_policy(months: int, by: str, cuts: Mapping[str, Sequence[Decimal]]) -> None:
    """Refused when cut-offs are not four rising numbers each."""
    if by not in WAYS or not 1 <= months <= rfm.MOST_MONTHS:
        raise Refused(_("Choose a window of 1 to %(most)s months.", most=rfm.MOST_MONTHS))
    if any(rfm.wrong_cuts(cuts[name]) for name in rfm.NAMES):
        raise Refused(_("Cut-offs are four numbers above zero, each greater than the one before."))
    lock_setting("rfm_months")
    save_setting("rfm_months", months)
    save_setting("rfm_by", by)
    save_setting("rfm_cuts", {name: [f"{cut.normalize():f}" for cut in cuts[name]] for name in rfm.NAMES})


def cells() -> Sequence[RfmCell]:
    """The cells, in the order in which they are tried; a new company has the standard ones."""
    return session.scalars(select(RfmCell).order_by(RfmCell.position, RfmCell.id)).all()


def ensure_cells() -> None:
    """The standard cells, where there are none."""
    if session.scalar(select(RfmCell.id).limit(1)) is not None:
        return
    for place, one in enumerate(rfm.STANDARD_CELLS):
        ranges = {
            f"{name}_{end}": value
            for name, pair in (("r", one.r), ("f", one.f), ("m", one.m))
            for end, value in zip(("from", "to"), pair, strict=True)
        }
        session.add(RfmCell(key=one.key, name=one.name, name_zh=one.name_zh, tone=one.tone, position=place, **ranges))
    session.flush()


def save_cell(cell: RfmCell | None, values: Mapping[str, Any]) -> RfmCell:
    """Change a cell or make one, at its place in the order. Refused when a range is upside down or the name is another's."""
    for name in rfm.NAMES:
        if not 1 <= values[f"{name}_from"] <= values[f"{name}_to"] <= 5:
            raise Refused(_("Each range goes from a lower to a higher score, 1 to 5."))
    others = [one for one in cells() if cell is None or one.id != cell.id]
    if any(one.name.lower() == values["name"].lower() for one in others):
        raise Refused(_("There is a cell “%(name)s” already.", name=values["name"]))
    made = cell or RfmCell(key=f"cell_{max((one.id for one in others), default=0) + 1}")
    place = values.get("position")
    for column in ("name", "name_zh", "tone", *(f"{n}_{end}" for n in rfm.NAMES for end in ("from", "to"))):
        setattr(made, column, values[column])
    session.add(made)
    at = len(others) if place is None else max(min(place - 1, len(others)), 0)
    for position, one in enumerate([*others[:at], made, *others[at:]]):
        one.position = position
    session.flush()
    return made


def delete_cell(cell: RfmCell) -> None:
    """Customers in it have no cell until scores are worked out again; rules that ask for it say so."""
    session.delete(cell)
    session.flush()


# ------------------------------------------------------------------- working out


def scored(on: date, how: Policy, known: Sequence[RfmCell]) -> Select[Any]:
    """customer_id, r, f, m, cell, last_on, purchases, revenue of all who bought within the window, in one statement."""
    bought = purchases()
    real = bought.c.revenue > 0  # a credit note is no purchase, but lowers what was bought
    figures = (
        select(
            bought.c.customer_id,
            func.max(case((real, bought.c.on))).label("last_on"),
            func.count(case((real, 1))).label("purchases"),
            func.sum(bought.c.revenue).label("revenue"),
        )
        .where(bought.c.on > rfm.window_from(on, how.months), bought.c.on <= on)
        .group_by(bought.c.customer_id)
        .having(func.count(case((real, 1))) > 0)
        .subquery("figures")
    )
    scores = {"r": figures.c.last_on, "f": figures.c.purchases, "m": figures.c.revenue}
    if how.by == "cutoffs":
        days = [on - timedelta(days=int(cut)) for cut in how.cuts["r"]]
        r: Any = case(*((figures.c.last_on >= day, 5 - place) for place, day in enumerate(days)), else_=1)
        counts = [int(cut) for cut in how.cuts["f"]]
        f: Any = case(*((figures.c.purchases >= cut, 5 - n) for n, cut in enumerate(reversed(counts))), else_=1)
        sums = list(reversed(how.cuts["m"]))
        m: Any = case(*((figures.c.revenue >= cut, 5 - n) for n, cut in enumerate(sums)), else_=1)
    else:
        r, f, m = (1 + (func.rank().over(order_by=scores[name]) - 1) * 5 // func.count().over() for name in rfm.NAMES)
    found = select(
        figures.c.customer_id,
        r.label("r"),
        f.label("f"),
        m.label("m"),
        figures.c.last_on,
        figures.c.purchases,
        figures.c.revenue,
    ).subquery("scores")
    within = [
        (
            and_(
                *(
                    found.c[name].between(getattr(cell, f"{name}_from"), getattr(cell, f"{name}_to"))
                    for name in rfm.NAMES
                )
            ),
            literal(cell.key),
        )
        for cell in known
    ]
    cell: Any = case(*within) if within else null()
    columns = [found.c[name] for name in ("customer_id", "r", "f", "m")]
    return select(*columns, cell.label("cell"), *(found.c[name] for name in ("last_on", "purchases", "revenue")))


FIGURES = ("customer_id", "r", "f", "m", "cell", "last_on", "purchases", "revenue")
FRESH = Table(
    "rfm_fresh",
    MetaData(),
    Column("customer_id", Integer, primary_key=True, autoincrement=False),
    *(Column(name, CustomerRfm.__table__.c[name].type) for name in FIGURES[1:]),
    prefixes=["TEMPORARY"],
)
"""What a run has worked out, with an index by customer, until it is compared with what was there"""


def work_out(on: date | None = None) -> int:
    """Scores and cells of all customers as of `on` (today), with who came from which cell into which. Returns how many have one."""
    day = on or today()
    ensure_cells()
    lock_setting("rfm_months")  # two at once would both write every move
    connection, old = session.connection(), CustomerRfm.__table__
    FRESH.create(connection)
    session.execute(insert(FRESH).from_select(list(FIGURES), scored(day, policy(), cells())))
    moved = (
        select(FRESH.c.customer_id, old.c.cell, FRESH.c.cell, literal(day))
        .select_from(FRESH.outerjoin(old, old.c.customer_id == FRESH.c.customer_id))
        .where(FRESH.c.cell.is_distinct_from(old.c.cell))
    )
    gone = select(old.c.customer_id, old.c.cell, null(), literal(day)).where(
        old.c.cell.is_not(None), ~exists().where(FRESH.c.customer_id == old.c.customer_id)
    )
    for rows in (gone, moved):
        session.execute(insert(RfmMove).from_select(["customer_id", "from_cell", "to_cell", "on"], rows))
    session.execute(delete(CustomerRfm))
    kept = select(*(FRESH.c[name] for name in FIGURES), literal(day))
    session.execute(insert(CustomerRfm).from_select([*FIGURES, "as_of"], kept))
    FRESH.drop(connection)
    return session.scalar(select(func.count()).select_from(CustomerRfm)) or 0


# ----------------------------------------------------------------------- reading


def _seen(actor: Actor) -> ColumnElement[bool]:
    return and_(Customer.status != "archived", CUSTOMER_SCOPE(actor, actor.scope("customer")))


def as_of() -> date | None:
    """The day of the scores; None before they were worked out, or when nobody bought."""
    return session.scalar(select(func.max(CustomerRfm.as_of)))


def first_move() -> date | None:
    """The day from which it is known who was in which cell."""
    return session.scalar(select(func.min(RfmMove.on)))


def grid(actor: Actor) -> dict[tuple[int, int], tuple[int, Decimal]]:
    """{(r, f): (customers, revenue)} of those that this user sees."""
    query = select(CustomerRfm.r, CustomerRfm.f, func.count(), func.sum(CustomerRfm.revenue))
    query = query.join(Customer, Customer.id == CustomerRfm.customer_id).where(_seen(actor))
    return {
        (r, f): (many, worth) for r, f, many, worth in session.execute(query.group_by(CustomerRfm.r, CustomerRfm.f))
    }


def by_cell(actor: Actor) -> dict[str | None, tuple[int, Decimal]]:
    """{cell: (customers, revenue)} of those that this user sees."""
    query = select(CustomerRfm.cell, func.count(), func.sum(CustomerRfm.revenue))
    query = query.join(Customer, Customer.id == CustomerRfm.customer_id).where(_seen(actor))
    return {cell: (many, worth) for cell, many, worth in session.execute(query.group_by(CustomerRfm.cell))}


def spread(actor: Actor) -> dict[str, dict[int, tuple[int, Any, Any]]]:
    """{r, f, m: {score: (customers, least, greatest figure)}} of those that this user sees."""
    found: dict[str, dict[int, tuple[int, Any, Any]]] = {}
    figures = {"r": CustomerRfm.last_on, "f": CustomerRfm.purchases, "m": CustomerRfm.revenue}
    for name, figure in figures.items():
        score = getattr(CustomerRfm, name)
        query = select(score, func.count(), func.min(figure), func.max(figure))
        query = query.join(Customer, Customer.id == CustomerRfm.customer_id).where(_seen(actor)).group_by(score)
        found[name] = {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}
    return found


def scores_of(customer_id: int) -> CustomerRfm | None:
    return session.get(CustomerRfm, customer_id)


def documents_of(row: CustomerRfm, many: int = 50) -> Sequence[Any]:
    """What a customer's scores are made of, the newest first: (type, id, day, revenue)."""
    bought = purchases()
    query = select(bought.c.document_type, bought.c.document_id, bought.c.on, bought.c.revenue).where(
        bought.c.customer_id == row.customer_id,
        bought.c.on > rfm.window_from(row.as_of, policy().months),
        bought.c.on <= row.as_of,
    )
    return session.execute(query.order_by(bought.c.on.desc(), bought.c.document_id.desc()).limit(many)).all()


def _cells_on(day: date, name: str) -> Subquery:
    """The cell that each customer was in at the end of a day, of those who ever had one."""
    last = func.row_number().over(partition_by=RfmMove.customer_id, order_by=(RfmMove.on.desc(), RfmMove.id.desc()))
    moves = select(RfmMove.customer_id, RfmMove.to_cell, last.label("back")).where(RfmMove.on <= day).subquery()
    return select(moves.c.customer_id, moves.c.to_cell.label("cell")).where(moves.c.back == 1).subquery(name)


def flow(start: date, end: date, actor: Actor) -> dict[tuple[str | None, str | None], int]:
    """{(cell on the first day, cell on the last day): customers} of those that this user sees."""
    before, after = _cells_on(start, "was"), _cells_on(end, "now")
    query = (
        select(before.c.cell, after.c.cell, func.count())
        .select_from(after)
        .outerjoin(before, before.c.customer_id == after.c.customer_id)
        .join(Customer, Customer.id == after.c.customer_id)
        .where(_seen(actor), or_(before.c.cell.is_not(None), after.c.cell.is_not(None)))
        .group_by(before.c.cell, after.c.cell)
    )
    return {(was, now): many for was, now, many in session.execute(query)}


def movers(start: date, end: date, was: str | None, now: str | None, actor: Actor) -> Sequence[Any]:
    """Who was in one cell on the first day and in the other on the last: (id, name, owner, revenue, last purchase)."""
    before, after = _cells_on(start, "was"), _cells_on(end, "now")
    query = (
        select(Customer, CustomerRfm)
        .select_from(after)
        .outerjoin(before, before.c.customer_id == after.c.customer_id)
        .join(Customer, Customer.id == after.c.customer_id)
        .outerjoin(CustomerRfm, CustomerRfm.customer_id == Customer.id)
        .where(_seen(actor), before.c.cell.is_not_distinct_from(was), after.c.cell.is_not_distinct_from(now))
        .order_by(CustomerRfm.revenue.desc().nulls_last(), Customer.id)
        .limit(MOST_MOVERS)
    )
    return session.execute(query).all()
