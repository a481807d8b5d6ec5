"""The blueprint of the area, and what its views share."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import load
from erpcrm.core.errors import NotThere
from erpcrm.core.pages import own_path

from ..models import Activity, Address, Contact, Customer, CustomerContact
from ..scopes import ACTIVITY_SCOPE, CONTACT_SCOPE, CUSTOMER_SCOPE

bp = Blueprint("customers", __name__)


def load_customer(record_id: int) -> Customer:
    return load(Customer, record_id, CUSTOMER_SCOPE)


def load_contact(record_id: int) -> Contact:
    return load(Contact, record_id, CONTACT_SCOPE)


def load_activity(record_id: int) -> Activity:
    return load(Activity, record_id, ACTIVITY_SCOPE)


def part_of(parent: Customer | Contact, part: Address | CustomerContact | None) -> Any:
    """A part that was asked for under its parent's address must belong to it."""
    if part is None:
        raise NotThere
    of = part.contact_id if isinstance(parent, Contact) and isinstance(part, CustomerContact) else part.customer_id
    if of != parent.id:
        raise NotThere
    return part


def without_foreign_owner(values: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever may not give records to others can't do it through a form either: the field is not shown, and not read."""
    if current_user.may("customers.customer.assign"):
        return dict(values)
    return {name: value for name, value in values.items() if name not in ("owner_id", "team_id")}


def said(text: Any) -> None:
    """A notice on the next page."""
    flash(str(text), "success")


def back_to(default: str) -> str:
    """The page that the form says it came from, if it is one of ours."""
    return own_path(request.form.get("next")) or default


def customer_url(customer_id: int) -> str:
    return url_for("customers.customer", id=customer_id)
