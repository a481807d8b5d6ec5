"""The verbs of customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, inspect, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.company_names import company_name
from erpcrm.core.db import session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.i18n import _, _l
from erpcrm.core.merging import forget, pointing_at
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import free_numbers
from erpcrm.core.pinyin import pinyin_key
from erpcrm.core.places import is_currency
from erpcrm.core.settings import setting
from erpcrm.core.similar import normalise

from .. import identity
from ..links import MY_CUSTOMERS, customer_path
from ..models import CUSTOMER_FLOW, Customer

ASSIGN = "customers.customer.assign"
COMPUTED = frozenset(
    {
        "id",
        "version",
        "created_at",
        "updated_at",
        "created_by_id",
        "name_key",
        "match_key",
        "core_key",
        "english_key",
        "mail_domain",
    }
    | {"last_activity_at", "status", "custom"}
)
FILLABLE = frozenset(inspect(Customer).column_attrs.keys()) - COMPUTED
LONGEST_CHAIN = 50
CODE_IS_FREE = "_code_is_free"
"""An entry of `values` with which an import says that it has looked up all codes of its batch already."""


def home_region() -> str:
    """The country whose phone numbers need no country code here."""
    return identity.region_of_currency(setting("currency"))


def create_customer(values: Mapping[str, Any], by: Actor | None) -> Customer:
    """A new customer; `values` by attribute, other names in it are passed over. Numbered unless it brings a code.

    Without an owner in `values` it belongs to `by` where `by` would not see it otherwise, and to the owner's team.
    Refused when the code is taken, the name is missing, or the parent leads in a circle.
    """
    customer = build_customer(values, by)
    session.flush()
    _tell_owner(customer, None, by)
    return customer


def build_customer(values: Mapping[str, Any], by: Actor | None) -> Customer:
    """The same without the flush and without telling the owner: for many at once."""
    customer = Customer(created_by_id=by.id if by else None, custom={}, tags=[])
    customer.status = values.get("status") or CUSTOMER_FLOW.initial
    if customer.status not in CUSTOMER_FLOW.state:
        raise Refused(_("There is no status “%(status)s”.", status=customer.status))
    given = dict(values)
    if "owner_id" not in given and by is not None and by.scope("customer") != "all":
        given["owner_id"] = by.id
    if not given.get("code"):
        given["code"] = free_numbers("customer", 1, Customer.code)[0]
    _fill(customer, given)
    session.add(customer)
    return customer


def update_customer(customer: Customer, values: Mapping[str, Any], version: int | None, by: Actor | None) -> None:
    """Change what `values` names. Stale when somebody else changed the customer since `version` (None: not asked)."""
    if version is not None and version != customer.version:
        raise Stale(customer)
    before = customer.owner_id
    given_away = any(name in values and values[name] != getattr(customer, name) for name in ("owner_id", "team_id"))
    if by is not None and given_away and not by.may(ASSIGN):
        raise NotAllowed(ASSIGN)
    _fill(customer, values)
    session.flush()
    _tell_owner(customer, before, by)


def _fill(customer: Customer, values: Mapping[str, Any]) -> None:
    given = {name: value for name, value in values.items() if name in FILLABLE}
    owner_before, team_before = customer.owner_id, customer.team_id
    for name, value in given.items():
        setattr(customer, name, READERS.get(name, _plain)(value))
    if customer.code is None or (
        "code" in given and not values.get(CODE_IS_FREE) and code_taken(customer.code, customer.id)
    ):
        raise Refused(_("The code %(code)s belongs to another customer.", code=customer.code))
    if not customer.name:
        raise Refused(_("A customer needs a name."))
    if "parent_id" in given and stands_above_itself(customer.id, customer.parent_id):
        raise Refused(_("The parent company would then belong to this customer itself."))
    if customer.owner_id is not None and ("owner_id" in given or "team_id" in given):
        new_owner = customer.owner_id != owner_before
        if customer.team_id is None or (new_owner and customer.team_id == team_before):
            with session.no_autoflush:
                owner = session.get(User, customer.owner_id)
            customer.team_id = owner.team_id if owner is not None else customer.team_id
    if values.get("custom"):
        customer.custom = values["custom"]
    name_it(customer)


def name_it(customer: Customer) -> None:
    """Work out again what is derived from name, website and e-mail."""
    customer.name_key = pinyin_key(customer.name, customer.reading)
    customer.match_key = normalise(customer.name)
    customer.core_key = company_name(customer.name).core
    customer.english_key = normalise(customer.english_name) if customer.english_name else None
    customer.mail_domain = identity.mail_domain(customer.email, customer.website)


def _plain(value: Any) -> Any:
    return identity.clean(value) if isinstance(value, str) else value


def _currency(value: Any) -> str | None:
    code = (identity.clean(value) or "").upper()
    if code and not is_currency(code):
        raise Refused(_("There is no currency “%(code)s”: write its three letters, such as CNY.", code=code))
    return code or None


READERS: dict[str, Any] = {
    "phone": lambda value: identity.any_phone(value, home_region()),
    "email": identity.any_email,
    "website": identity.any_website,
    "tax_number": identity.compact_tax_number,
    "tags": lambda value: list(dict.fromkeys(value or ())),
    "kind": lambda value: value or "company",
    "currency": _currency,
}


def code_taken(code: str, but: int | None = None) -> bool:
    query = select(Customer.id).where(func.lower(Customer.code) == code.strip().lower(), Customer.id != (but or 0))
    with session.no_autoflush:
        return session.scalar(query) is not None


def stands_above_itself(customer_id: int | None, parent_id: int | None) -> bool:
    """Whether a customer with this parent would be its own, over however many steps."""
    seen, above = {customer_id} if customer_id else set(), parent_id
    with session.no_autoflush:
        for _step in range(LONGEST_CHAIN):
            if above is None:
                return False
            if above in seen:
                return True
            seen.add(above)
            above = session.scalar(select(Customer.parent_id).where(Customer.id == above))
    return False


def _tell_owner(customer: Customer, before: int | None, by: Actor | None) -> None:
    if by is None or customer.owner_id in (None, before, by.id):
        return
    notify(
        customer.owner_id,
        "assigned",
        _l("%(who)s made you the owner of %(customer)s", who=by.name, customer=customer.name),
        customer_path(customer.id),
        record=customer,
    )


def assign_owner(customers: Sequence[Customer], owner: User, by: Actor) -> int:
    """Give customers to `owner` and the owner's team. Returns how many changed hands; the owner is told once."""
    changed = [customer for customer in customers if customer.owner_id != owner.id]
    for customer in changed:
        customer.owner_id, customer.team_id = owner.id, owner.team_id
    session.flush()
    if len(changed) == 1:
        _tell_owner(changed[0], None, by)
    elif changed and owner.id != by.id:
        told = _l("%(who)s made you the owner of %(count)s customers", who=by.name, count=len(changed))
        notify(owner.id, "assigned", told, MY_CUSTOMERS)
    return len(changed)


def add_tag(customers: Sequence[Customer], tags: Sequence[str]) -> int:
    """Put tags on customers. Returns how many did not have them all."""
    changed = 0
    for customer in customers:
        missing = [tag for tag in tags if tag not in customer.tags]
        if missing:
            customer.tags = [*customer.tags, *missing]
            changed += 1
    session.flush()
    return changed


def remove_tag(customers: Sequence[Customer], tags: Sequence[str]) -> int:
    """Take tags off customers. Returns how many had one of them."""
    changed = 0
    for customer in customers:
        if any(tag in customer.tags for tag in tags):
            customer.tags = [tag for tag in customer.tags if tag not in tags]
            changed += 1
    session.flush()
    return changed


def delete_customer(customer: Customer, by: Actor) -> None:
    """Delete a customer for good, with its addresses. Refused, with what it is, when anything else points at it."""
    found = pointing_at(customer, besides=("addresses",))
    if found:
        raise Refused(
            _(
                "%(name)s can't be deleted: %(what)s still belong to it. Archive it, or merge it into another customer.",
                name=customer.name,
                what=", ".join(f"{count} × {label}" for count, label in found),
            )
        )
    forget(customer, with_parts=("addresses",))
