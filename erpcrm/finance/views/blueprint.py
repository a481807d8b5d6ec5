"""The blueprint of finance, and what its pages share."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for

from erpcrm.core.access import load
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import today
from erpcrm.core.pages import redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import registry
from erpcrm.customers.scopes import of_seen_customers

from .. import services
from ..models import Payment, ReceivableItem

bp = Blueprint("finance", __name__, url_prefix="/finance")
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def need_chart() -> Response | None:
    """Where to go instead, while there is no chart of accounts."""
    return None if services.has_chart() else redirect_to(url_for("finance.start"))


def asked_day(name: str, default: date | None = None) -> date:
    """A day of the address; the default, or today, where it is none."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return default or today()
    return day if FIRST_DAY <= day <= LAST_DAY else default or today()


def load_item(id: int) -> ReceivableItem:
    return load(ReceivableItem, id, of_seen_customers(ReceivableItem.customer_id))


def load_payment(id: int) -> Payment:
    return load(Payment, id, of_seen_customers(Payment.customer_id))


def refused_beside(field: Any, no: Refused) -> None:
    """Say a refusal beside the field that it is about."""
    field.errors = [str(no.message)]


def document_url(kind_name: str | None, id: int | None) -> str | None:
    """Where the document behind an entry or an item is; None where there is none, or none that this user may see."""
    kind = registry().record_types.get(kind_name or "")
    if kind is None or id is None or not may_see(kind.name, id):
        return None
    return url_for(kind.endpoint, id=id)
