"""What goods that move do to the books: cost of goods sold, goods in stock, goods received and not invoiced, differences.

Each document's moves are booked in the transaction in which the goods move, at the value that the move has, so that the account
of goods in stock is always what the moves say that the stock is worth.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.db import Record, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, today
from erpcrm.inventory.models import Location, ProductCost, StockMove

from ..models import Entry
from .accounts import accounts_for, has_chart, is_used
from .entries import Posting, book

ZERO = Decimal(0)
OURS = ("stock", "scrap")
AGAINST = {"customer": "cogs", "supplier": "uninvoiced_receipts", "adjustment": "stock_difference"}
"""Where goods come from or go to, and the account that stands for it"""


def book_moves(document: Record, moves: Sequence[StockMove] | None = None) -> Entry | None:
    """Book what the moves of a document are worth; `moves` names them where the document has others that are booked already.

    None where nothing changes in worth (goods carried from one place to another), and before the books are open.
    """
    if not has_chart():
        return None
    found = list(moves) if moves is not None else _moves_of(document)
    kinds = _kinds(found)
    amounts: dict[str, Decimal] = {}

    def add(role: str, amount: Decimal) -> None:
        amounts[role] = amounts.get(role, ZERO) + amount

    for move in found:
        source, target = kinds[move.from_id], kinds[move.to_id]
        if (source in OURS) == (target in OURS):
            continue
        comes = target in OURS
        other = AGAINST[source if comes else target]
        add("inventory", move.value if comes else -move.value)
        add(other, -move.value if comes else move.value)
        if move.difference:
            # Paid beyond what goods that had left below zero were taken at: their cost was as much higher.
            add("cogs", move.difference)
            add(other, -move.difference)
    if not any(amounts.values()):
        return None
    accounts = accounts_for(amounts)
    number = getattr(document, "number", None) or f"#{document.id}"
    postings = [Posting(accounts[role], amount, text=number) for role, amount in amounts.items() if amount]
    text = _("Goods moved by %(number)s", number=number)
    return book("stock", today(), text, postings, document=document)


def _moves_of(document: Record) -> list[StockMove]:
    query = select(StockMove).where(
        StockMove.document_type == document.record_name, StockMove.document_id == document.id
    )
    return list(session.scalars(query.order_by(StockMove.id)))


def _kinds(moves: Sequence[StockMove]) -> dict[int, str]:
    ids = {place for move in moves for place in (move.from_id, move.to_id)}
    return {id: kind for id, kind in session.execute(select(Location.id, Location.kind).where(Location.id.in_(ids)))}


def book_details(document: Record, details: Any) -> Entry | None:
    """The same for a move of a workflow, whose details may name the moves of goods that belong to it."""
    return book_moves(document, details.get("moves"))


def open_stock(on: date) -> Entry | None:
    """Book what the stock is worth when the books begin, against opening balances. Refused once goods are booked."""
    accounts = accounts_for(["inventory", "opening"])
    if is_used(accounts["inventory"]):
        raise Refused(_("There are entries on %(code)s already.", code=accounts["inventory"].code))
    worth = stock_value()
    if not worth:
        return None
    postings = [Posting(accounts["inventory"], worth), Posting(accounts["opening"], -worth)]
    return book("stock", on, _("Goods in stock when the books begin"), postings)


def stock_value() -> Decimal:
    """What all goods in stock are worth, in the company's currency: what the account of goods in stock has to stand at."""
    return Decimal(session.scalar(select(func.sum(ProductCost.value))) or 0)
