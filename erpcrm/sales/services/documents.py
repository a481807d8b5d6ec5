"""What every document with prices does: begin for a customer, take values, come to its sums, tell whose it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import case, select

from erpcrm.access.models import User
from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.fields import fold_custom
from erpcrm.core.i18n import _, _l, in_language, today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.settings import setting
from erpcrm.customers.models import Address, Contact, Customer, CustomerContact
from erpcrm.customers.reading import address_lines
from erpcrm.pipeline.models import Opportunity
from erpcrm.pipeline.services import GateClosed

from .. import amounts
from ..models import PricedDocument

HEADER = frozenset(
    {
        "contact_id", "owner_id", "currency", "tax_included", "discount", "language", "payment_terms", "reference",
        "billing_address", "delivery_address", "introduction", "closing", "note", "tags", "custom",
    }
)  # fmt: skip
"""What a form may set on any document."""
PATHS = {"quotation": "/sales/quotations", "order": "/sales/orders", "contract": "/sales/contracts"}


def begin(document: Any, customer_id: int, by: Actor | None) -> None:
    """Take from a customer what a new document starts with: currency, terms, addresses, main contact, language.

    NotThere without the customer; Refused when it is archived, or when there is no rate for its currency today.
    """
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotThere
    if customer.status == "archived":
        raise Refused(_("%(name)s is archived. Restore the customer first.", name=customer.name))
    document.customer = customer
    document.customer_id = customer.id
    document.created_by_id = document.owner_id = by.id if by else None
    document.currency = customer.currency or setting("currency")
    document.rate = rate(document.currency)
    document.tax_included = False
    document.tax_rounding = setting("tax_rounding")
    document.payment_terms = customer.payment_terms
    billing, delivery = default_address(customer, "billing"), default_address(customer, "delivery")
    document.language = language_of(customer, billing)
    with in_language(document.language):
        document.billing_address = "\n".join(address_lines(billing)) if billing is not None else None
        document.delivery_address = "\n".join(address_lines(delivery)) if delivery is not None else None
    document.contact_id = _main_contact(customer)


def language_of(customer: Customer, address: Address | None = None) -> str:
    """The language in which documents for a customer are written at first: Chinese where its name or street are."""
    written = f"{customer.name}{address.street if address is not None else ''}"
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in written) else "en"


def default_address(customer: Customer, use: str) -> Address | None:
    """The customer's address for "billing" or "delivery"."""
    exact = case((Address.use == use, 0), else_=1)
    query = (
        select(Address)
        .where(Address.customer_id == customer.id, Address.use.in_((use, "both")))
        .order_by(Address.is_default.desc(), exact, Address.id)
    )
    return session.scalars(query.limit(1)).first()


def _main_contact(customer: Customer) -> int | None:
    query = (
        select(Contact.id)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == customer.id)
        .order_by(CustomerContact.is_primary.desc(), CustomerContact.id)
    )
    return session.scalars(query.limit(1)).first()


def fill_header(document: Any, values: Mapping[str, Any], more: Iterable[str] = ()) -> None:
    """Set what `values` names of the columns that a form may set; the team follows the owner, the rate the currency."""
    given = dict(fold_custom(values))
    if given.get("owner_id", 0) is None and document.owner_id is not None:
        del given["owner_id"]  # a document always belongs to somebody, or nobody but managers would find it again
    for name in (HEADER | set(more)) & given.keys():
        setattr(document, name, given[name])
    if document.discount is None:
        document.discount = amounts.ZERO
    if not amounts.ZERO <= document.discount <= amounts.HUNDRED:
        raise Refused(_("A discount is a percentage from 0 to 100."))
    if "currency" in given:
        document.rate = rate(document.currency)
    owner = session.get(User, document.owner_id) if document.owner_id else None
    document.team_id = owner.team_id if owner is not None else None


def check_version(record: Record, version: int | None) -> None:
    """Stale when somebody has changed the record since `version` was read."""
    if version is not None and version != record.version:
        raise Stale(record)


def settle(document: PricedDocument, lines: Sequence[Any]) -> None:
    """Bring the document's sums up to date with the lines that count."""
    found = amounts.document_totals(document, lines)
    document.net, document.tax, document.gross = found.net, found.tax, found.gross
    if found.gross >= amounts.MOST or found.gross * document.rate >= amounts.MOST:
        raise Refused(_("This comes to more than a document can be for."))
    document.base_gross = round_money(found.gross * document.rate, setting("currency"))


def tell_owner(document: Any, before: int | None, by: Actor | None) -> None:
    """Tell the owner of a document that it is theirs now, unless it was before or they did it."""
    if document.owner_id is None or document.owner_id in (before, by.id if by else None):
        return
    told = _l("%(number)s for %(customer)s is yours now", number=document.number, customer=document.customer.name)
    notify(document.owner_id, "assigned", told, path_of(document), record=document)


def path_of(document: Any) -> str:
    """The address of a document's page."""
    return f"{PATHS[document.record_name]}/{document.id}"


def on_day(values: Mapping[str, Any], name: str) -> Any:
    """A day that a form gives, or today."""
    return values.get(name) or today()


def win_deal(deal: Opportunity | None, document: Any) -> None:
    """The deal is won with its offer or contract, for what that comes to. When its stages still ask for something, its
    owner is told instead."""
    if deal is None or deal.status != "open":
        return
    deal.amount = document.net if not deal.lines else deal.amount
    try:
        # Won by the document, whoever took it: not everybody who may accept an offer may win a deal by hand.
        with session.begin_nested():
            make_move(deal, "win", by=None, reason=_("%(number)s was accepted", number=document.number))
    except (GateClosed, Refused):
        if deal.owner_id is not None:
            told = _l("%(number)s was accepted: complete the deal and win it", number=document.number)
            notify(deal.owner_id, "decided", told, f"/pipeline/opportunities/{deal.id}", record=deal)
