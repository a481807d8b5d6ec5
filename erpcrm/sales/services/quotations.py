"""The verbs of quotations."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, _l, show_date, today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.core.settings import setting
from erpcrm.core.signatures import attach_signature
from erpcrm.customers.services import add_activity
from erpcrm.pipeline.models import Opportunity

from .. import amounts
from ..models import QUOTATION_FLOW, Quotation, QuotationLine
from . import documents
from .lines import copied_line, set_lines
from .terms import allowance_of

FIELDS = ("opportunity_id", "issued_on", "valid_until")
LINK_KEPT = timedelta(days=30)
"""How long after the last day of its validity the customer's link still shows the offer"""
Lines = Sequence[Mapping[str, Any]]


def new_quotation(customer_id: int, by: Actor | None, opportunity: Opportunity | None = None) -> Quotation:
    """A quotation that is not stored yet, filled with what its customer and its deal tell. Dated today."""
    quotation = Quotation(status=QUOTATION_FLOW.initial, discount=Decimal(0), approved_discount=Decimal(0))
    with session.no_autoflush:
        documents.begin(quotation, customer_id, by)
        if opportunity is not None:
            quotation.opportunity_id, quotation.currency = opportunity.id, opportunity.currency
            quotation.owner_id = opportunity.owner_id
    quotation.issued_on = today()
    quotation.valid_until = today() + timedelta(days=setting("quotation_days"))
    return quotation


def create_quotation(values: Mapping[str, Any], lines: Lines, by: Actor | None) -> Quotation:
    """A new draft for `values["customer_id"]`, perhaps from a deal. Lines as `set_lines` takes them, besides `optional`."""
    deal = session.get(Opportunity, values["opportunity_id"]) if values.get("opportunity_id") else None
    quotation = new_quotation(values["customer_id"], by, deal)
    quotation.series = quotation.number = next_number("quotation")
    session.add(quotation)
    _fill(quotation, values, lines)
    session.flush()
    documents.tell_owner(quotation, None, by)
    return quotation


def update_quotation(
    quotation: Quotation, values: Mapping[str, Any], lines: Lines, by: Actor | None, version: int | None = None
) -> None:
    """Change a draft. Refused for any other: what was sent is replaced by a new version, never changed."""
    documents.check_version(quotation, version)
    if quotation.status != "draft":
        raise Refused(
            _(
                "%(number)s is %(state)s and can't be changed. Make a new version of it.",
                number=quotation.number,
                state=QUOTATION_FLOW.state_of(quotation).label,
            )
        )
    owner = quotation.owner_id
    _fill(quotation, values, lines)
    session.flush()
    documents.tell_owner(quotation, owner, by)


def _fill(quotation: Quotation, values: Mapping[str, Any], lines: Lines) -> None:
    with session.no_autoflush:
        documents.fill_header(quotation, values, FIELDS)
        quotation.issued_on = quotation.issued_on or today()
        if quotation.valid_until is None or quotation.valid_until < quotation.issued_on:
            raise Refused(_("A quotation is valid until the day it is made, or longer."))
        made = set_lines(quotation, lines, QuotationLine)
        for line, given in zip(made, lines, strict=True):
            line.optional = bool(given.get("optional"))
            line.chosen = line.chosen and line.optional
        settle(quotation)


def settle(quotation: Quotation) -> None:
    """Bring the sums up to date: optional lines count when they are chosen."""
    documents.settle(quotation, [line for line in quotation.lines if line.counts])


# ------------------------------------------------------------------ discounts


def discount_to_approve(quotation: Quotation, by: Actor) -> Decimal | None:
    """The largest discount of any line, when it is beyond what `by` may give and what was approved; else None."""
    largest = amounts.largest_discount(quotation, quotation.lines)
    return largest if largest > max(allowance_of(by), quotation.approved_discount) else None


def check_discount(quotation: Quotation, by: Actor | None) -> None:
    """Refused when somebody has to approve the discount first. The system itself gives none."""
    if by is not None and (discount := discount_to_approve(quotation, by)) is not None:
        raise Refused(
            _(
                "The discount of %(percent)s %% is beyond the %(most)s %% that you may give. Ask for approval.",
                percent=f"{discount.normalize():f}",
                most=f"{max(allowance_of(by), quotation.approved_discount).normalize():f}",
            )
        )


@QUOTATION_FLOW.on("submit")
def _submitted(quotation: Quotation, by: Actor | None, details: dict[str, Any]) -> None:
    _must_have_lines(quotation)


@QUOTATION_FLOW.on("approve")
def _approved(quotation: Quotation, by: Actor | None, details: dict[str, Any]) -> None:
    discount = amounts.largest_discount(quotation, quotation.lines)
    if by is not None and discount > allowance_of(by):
        raise Refused(
            _("The discount of %(percent)s %% is beyond what you may give too.", percent=f"{discount.normalize():f}")
        )
    quotation.approved_discount = discount
    told = _l("The discount of %(number)s is approved", number=quotation.number)
    _tell_owner(quotation, told)


@QUOTATION_FLOW.on("decline")
def _declined(quotation: Quotation, by: Actor | None, details: dict[str, Any]) -> None:
    told = _l("The discount of %(number)s is declined: %(why)s", number=quotation.number, why=details["reason"])
    _tell_owner(quotation, told)


def _tell_owner(quotation: Quotation, text: Any) -> None:
    if quotation.owner_id is not None:
        notify(quotation.owner_id, "decided", text, documents.path_of(quotation), record=quotation)


# ------------------------------------------------------ sending and deciding


def _must_have_lines(quotation: Quotation) -> None:
    if not any(line.quantity for line in quotation.lines):
        raise Refused(_("There is nothing in it yet. Add a line."))


@QUOTATION_FLOW.on("send")
def _sent(quotation: Quotation, by: Actor | None, details: dict[str, Any]) -> None:
    _must_have_lines(quotation)
    check_discount(quotation, by)
    if quotation.valid_until < today():
        raise Refused(_("It was valid until a day that has passed. Give it a later one."))
    quotation.sent_at = now()
    quotation.link_key = quotation.link_key or token_urlsafe(24)


@QUOTATION_FLOW.on("accept")
def _accepted(quotation: Quotation, by: Actor | None, details: dict[str, Any]) -> None:
    if quotation.valid_until < today():
        raise Refused(
            _(
                "%(number)s was valid until %(day)s. Extend it, or make a new version, before it is accepted.",
                number=quotation.number,
                day=show_date(quotation.valid_until),
            )
        )
    quotation.closed_on = today()
    quotation.decided_by = details.get("person")
    documents.win_deal(quotation.opportunity, quotation)


@QUOTATION_FLOW.on("reject")
def _rejected(quotation: Quotation, by: Actor | None, details: dict[str, Any]) -> None:
    quotation.closed_on = today()
    quotation.reject_reason = details.get("reject_reason")
    quotation.decided_by = details.get("person")


def reject(
    quotation: Quotation,
    reject_reason: str | None,
    by: Actor | None,
    *,
    note: str | None = None,
    name: str | None = None,
    version: int | None = None,
) -> None:
    """The customer does not want it: with the reason from the list where it is known, and what was said."""
    make_move(quotation, "reject", by=by, reason=note, version=version, reject_reason=reject_reason, person=name)


def accept(
    quotation: Quotation,
    by: Actor | None,
    *,
    name: str | None = None,
    chosen: Sequence[int] | None = None,
    signature: str | None = None,
    version: int | None = None,
) -> None:
    """The customer takes it, perhaps with a `signature` that was drawn. `chosen` are the ids of the optional lines that are
    taken too; None leaves them as they are.

    Refused when it is not open any more: expired, replaced by another version, decided already.
    """
    lock(quotation)
    documents.check_version(quotation, version)
    if chosen is not None and quotation.is_open:
        for line in quotation.lines:
            line.chosen = line.optional and line.id in chosen
        settle(quotation)
        session.flush()  # the move reads the offer anew
    make_move(quotation, "accept", by=by, person=name)
    quotation.signature = attach_signature(quotation, signature, by)
    session.flush()


def extend(quotation: Quotation, until: date, version: int | None = None) -> None:
    """Let an offer that waits for an answer hold longer. Refused for a day that has passed."""
    lock(quotation)
    documents.check_version(quotation, version)
    if quotation.status != "sent" or until < today():
        raise Refused(_("Only an offer that waits for an answer can be extended, to a day that is yet to come."))
    quotation.valid_until = until
    session.flush()


def expire_due() -> int:
    """Let every offer expire whose last day has passed; return how many. An offer that was decided never expires."""
    due = select(Quotation).where(Quotation.status == "sent", Quotation.valid_until < today())
    found = session.scalars(due.order_by(Quotation.id)).all()
    for quotation in found:
        make_move(quotation, "expire", by=None)
    return len(found)


def revise(quotation: Quotation, by: Actor) -> Quotation:
    """The next version, as a draft with the same lines; the old one can still be read, and not be accepted any more.

    Refused for a draft, which is changed itself, and once it was accepted: the order is changed then.
    """
    lock(quotation)
    if session.scalar(
        select(Quotation.id).where(Quotation.series == quotation.series, Quotation.revision > quotation.revision)
    ):
        raise Refused(_("There is a newer version of %(number)s already.", number=quotation.series))
    make_move(quotation, "supersede", by=by)
    revision = quotation.revision + 1
    values = {name: getattr(quotation, name) for name in documents.HEADER - {"custom"}}
    lines = [{**copied_line(line), "optional": line.optional} for line in quotation.lines]
    made = Quotation(
        status=QUOTATION_FLOW.initial,
        series=quotation.series,
        revision=revision,
        number=f"{quotation.series}/{revision}",
        customer=quotation.customer,
        customer_id=quotation.customer_id,
        created_by_id=by.id,
        approved_discount=Decimal(0),
        tax_rounding=quotation.tax_rounding,
        custom=dict(quotation.custom or {}),
    )
    session.add(made)
    until = today() + timedelta(days=setting("quotation_days"))
    days = {"opportunity_id": quotation.opportunity_id, "issued_on": today(), "valid_until": until}
    _fill(made, values | days, lines)
    session.flush()
    record_event(made, "revised", {"number": [quotation.number, made.number]})
    return made


def versions_of(quotation: Quotation) -> Sequence[Quotation]:
    """All versions under its number, the newest first."""
    query = select(Quotation).where(Quotation.series == quotation.series).order_by(Quotation.revision.desc())
    return session.scalars(query).all()


# ---------------------------------------------------------- the customer's link


def by_link(key: str) -> Quotation:
    """The offer that a customer's link shows. NotThere when there is none, it was never sent, or the link has run out."""
    quotation = session.scalars(select(Quotation).where(Quotation.link_key == key)).one_or_none() if key else None
    if quotation is None or quotation.status in ("draft", "in_approval") or link_ends(quotation) < today():
        raise NotThere
    return quotation


def link_ends(quotation: Quotation) -> date:
    """The last day on which the customer's link shows the offer."""
    return quotation.valid_until + LINK_KEPT


def note_seen(quotation: Quotation) -> None:
    """Keep when the customer opened the offer for the first time, and tell its owner."""
    if quotation.seen_at is None:
        quotation.seen_at = now()
        session.flush()
        _tell_owner(quotation, _l("%(number)s was opened by the customer", number=quotation.number))


def comment(quotation: Quotation, name: str, text: str) -> None:
    """What the customer says about the offer through the link: a note on it, and its owner is told."""
    add_activity(quotation, "note", _("%(name)s by the customer’s link: %(text)s", name=name, text=text), None)
    _tell_owner(quotation, _l("%(name)s has commented on %(number)s", name=name, number=quotation.number))
