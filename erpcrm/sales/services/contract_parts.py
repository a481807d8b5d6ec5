"""What a contract has besides its lines: obligations with their days, and the plan of its invoices."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _

from .. import amounts
from ..models import Contract, Obligation, PlannedBill
from . import documents
from .contracts import months_later


def save_obligation(
    contract: Contract, obligation_id: int | None, values: Mapping[str, Any], version: int | None = None
) -> Obligation:
    """Note what one side has promised, or change it."""
    obligation = _part(contract.obligations, obligation_id, version) or Obligation(contract=contract)
    for name in ("text", "ours", "due_on", "done_on"):
        if name in values:
            setattr(obligation, name, values[name])
    session.add(obligation)
    session.flush()
    return obligation


def save_bill(
    contract: Contract, bill_id: int | None, values: Mapping[str, Any], version: int | None = None
) -> PlannedBill:
    """Plan an invoice, or change one that was not made yet."""
    bill = _part(contract.bills, bill_id, version) or PlannedBill(contract=contract)
    if bill.billed_on is not None:
        raise Refused(_("It is invoiced already."))
    for name in ("text", "amount", "due_on"):
        if name in values:
            setattr(bill, name, values[name])
    if bill.amount <= 0:
        raise Refused(_("An amount is more than zero."))
    session.add(bill)
    session.flush()
    return bill


def plan_bills(contract: Contract, count: int, every_months: int) -> None:
    """Spread what the contract comes to over `count` invoices, one every so many months from its first day on.

    The last one takes what rounding has left. Plans that were not invoiced yet are replaced.
    """
    if not 1 <= count <= 120 or not 1 <= every_months <= 60:
        raise Refused(_("From 1 to 120 invoices, from 1 to 60 months apart."))
    whole = (contract.value if contract.value is not None else contract.net) - sum(
        (bill.amount for bill in contract.bills if bill.billed_on is not None), Decimal(0)
    )
    if whole <= 0:
        raise Refused(_("There is nothing to plan: the contract has no value."))
    for bill in [bill for bill in contract.bills if bill.billed_on is None]:
        session.delete(bill)
        contract.bills.remove(bill)
    for number in range(count):
        part = amounts.part_amount(whole, Decimal(count), Decimal(number), Decimal(1), contract.currency)
        if part <= 0:
            raise Refused(_("An amount is more than zero."))
        due_on = months_later(contract.starts_on, number * every_months)
        text = _("%(name)s, part %(number)s of %(count)s", name=contract.name, number=number + 1, count=count)
        contract.bills.append(PlannedBill(due_on=due_on, amount=part, text=text))
    session.flush()


def remove_part(contract: Contract, part: Obligation | PlannedBill) -> None:
    """Take an obligation or a planned invoice away. Refused for one that was invoiced."""
    if isinstance(part, PlannedBill) and part.billed_on is not None:
        raise Refused(_("It is invoiced already."))
    session.delete(part)
    session.flush()
    session.expire(contract, ["obligations", "bills"])


def _part(parts: Sequence[Any], part_id: int | None, version: int | None) -> Any:
    if part_id is None:
        return None
    found = next((part for part in parts if part.id == part_id), None)
    if found is None:
        raise NotThere
    documents.check_version(found, version)
    return found
