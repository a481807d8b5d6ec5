"""What finance does after moves of lower areas."""

from collections.abc import Mapping
from typing import Any

from erpcrm.core.db import session

from .models import CustomerAccount
from .services import hold_account
from .services.stock import book_details


def join_accounts(winner: Any, by: Any, details: Mapping[str, Any]) -> None:
    """Two records of one customer become one: so do their accounts. A stop of reminders on either of them stays."""
    loser = details["loser"]
    if winner.record_name != "customer" or session.get(CustomerAccount, loser.id) is None:
        return
    first, second = sorted((winner.id, loser.id))
    accounts = {first: hold_account(first), second: hold_account(second)}
    kept, gone = accounts[winner.id], accounts[loser.id]
    if gone.dunning_stop and not kept.dunning_stop:
        kept.dunning_stop, kept.dunning_note, kept.dunning_until = True, gone.dunning_note, gone.dunning_until
    session.delete(gone)
    session.flush()


def book_goods(document: Any, by: Any, details: Mapping[str, Any]) -> None:
    """Goods have moved: what they are worth is booked in the same transaction."""
    book_details(document, details)
