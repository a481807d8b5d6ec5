"""Who is credited with a deal: its owner, or those who share its success.

`CREDITED` is the one place that says so: a row for each who has a part, with whose it is, how much of it and how many percent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, event, false, func, inspect, literal, or_, select, true
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import joinedload, outerjoin

from erpcrm.access.models import User
from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.db import now, session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _
from erpcrm.core.settings import setting

from ..models import Opportunity, OpportunityMargin, OpportunityShare
from ..models.opportunities import ASSIGN, EDIT
from ..performance import split
from .past import flush_as

MOST = 8
"""People who share one deal."""

CREDITED = outerjoin(Opportunity, OpportunityShare, OpportunityShare.opportunity_id == Opportunity.id)
SHARED = OpportunityShare.id.is_not(None)
CREDITED_USER = func.coalesce(OpportunityShare.user_id, Opportunity.owner_id)
CREDITED_TEAM: ColumnElement[Any] = case((SHARED, OpportunityShare.team_id), else_=Opportunity.team_id)
CREDITED_PERCENT = func.coalesce(OpportunityShare.percent, literal(100))
CREDITED_AMOUNT: ColumnElement[Any] = case((SHARED, OpportunityShare.base_amount), else_=Opportunity.base_amount)
"""In the company's currency; the parts of a deal make exactly its amount."""


def credited_to(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Own: what is credited to me. Team: or to one of my teams. All: everything. For statements over `CREDITED`."""
    if scope == "all":
        return true()
    mine: ColumnElement[bool] = CREDITED_USER.in_((actor.id,))
    if scope == "own":
        return mine
    return or_(mine, CREDITED_TEAM.in_(sorted(actor.team_ids)) if actor.team_ids else false())


def shares_of(deal: Opportunity) -> Sequence[OpportunityShare]:
    """In the order in which they were entered; none when the owner has it all."""
    query = select(OpportunityShare).where(OpportunityShare.opportunity_id == deal.id)
    return session.scalars(
        query.options(joinedload(OpportunityShare.user)).order_by(OpportunityShare.position, OpportunityShare.id)
    ).all()


def may_share(deal: Opportunity, by: Actor) -> bool:
    """The owner while the deal is open; who may give deals to others also afterwards, when quotas count on it."""
    if not by.may(EDIT):
        return False
    return by.may(ASSIGN) or (deal.owner_id == by.id and deal.status == "open")


def set_shares(deal: Opportunity, shares: Mapping[int, int], by: Actor, version: int | None = None) -> None:
    """Share the success of a deal: {user: percent}, in this order. Nobody, or the owner alone: the owner has it all.

    Refused unless the percentages are whole numbers that make 100; NotAllowed as `may_share` says; Stale as in every edit.
    """
    session.refresh(deal, with_for_update=True)
    if not may_share(deal, by):
        raise NotAllowed(ASSIGN)
    if version is not None and version != deal.version:
        raise Stale(deal)
    _must_make_a_whole(shares)
    there = {share.user_id: share for share in shares_of(deal)}
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(list(shares))))}
    for user_id in shares.keys() - there.keys():
        if user_id not in users or not users[user_id].active:
            raise Refused(_("Only people who work here can share a deal. Choose somebody else."))
    wanted = {} if shares.keys() == {deal.owner_id} else shares
    for user_id in there.keys() - wanted.keys():
        session.delete(there[user_id])
    for place, (user_id, percent) in enumerate(wanted.items(), 1):
        share = there.get(user_id)
        if share is None:
            share = OpportunityShare(opportunity_id=deal.id, user_id=user_id, team_id=users[user_id].team_id)
            session.add(share)
        share.position, share.percent = place, percent
        there[user_id] = share
    _amounts(deal, [there[user_id] for user_id in wanted])
    deal.updated_at = now()  # a second dialog that is open on the same shares is stale from now on
    flush_as(by)


def _must_make_a_whole(shares: Mapping[int, int]) -> None:
    if not shares:
        return
    if len(shares) > MOST:
        raise Refused(_("At most %(most)s people share a deal.", most=MOST))
    if any(not 1 <= percent <= 100 for percent in shares.values()):
        raise Refused(_("Each share is a whole number of percent from 1 to 100."))
    if (total := sum(shares.values())) != 100:
        raise Refused(_("The shares make %(total)s %%. They must make 100 %%.", total=total))


def _amounts(deal: Opportunity, shares: Sequence[OpportunityShare]) -> None:
    parts = split(deal.base_amount, [share.percent for share in shares], setting("currency"))
    for share, part in zip(shares, parts, strict=True):
        share.base_amount = part


@event.listens_for(OrmSession, "before_flush")
def keep_success(flushing: OrmSession, _context: Any, _instances: Any) -> None:
    """Whoever changes what a deal is worth changes its parts; whoever wins one says what it leaves, and who reopens it not."""
    dirty = [one for one in flushing.dirty if isinstance(one, Opportunity)]
    changed = [deal for deal in dirty if inspect(deal).attrs.base_amount.history.has_changes()]
    if changed:
        _keep_parts(flushing, {deal.id: deal for deal in changed})
    ended = [deal for deal in dirty if inspect(deal).attrs.status.history.has_changes()]
    won = [one for one in (*flushing.new, *ended) if isinstance(one, Opportunity) and one.status == "won"]
    if won:
        _keep_margins(flushing, won)
    for deal in ended:
        if deal.status != "won" and (margin := flushing.get(OpportunityMargin, deal.id)) is not None:
            flushing.delete(margin)


def _keep_parts(flushing: OrmSession, deals: Mapping[int, Opportunity]) -> None:
    shares: dict[int, list[OpportunityShare]] = defaultdict(list)
    query = select(OpportunityShare).where(OpportunityShare.opportunity_id.in_(list(deals)))
    for share in flushing.scalars(query.order_by(OpportunityShare.position, OpportunityShare.id)):
        if share not in flushing.deleted:
            shares[share.opportunity_id].append(share)
    for deal_id, found in shares.items():
        _amounts(deals[deal_id], found)


def _keep_margins(flushing: OrmSession, won: Iterable[Opportunity]) -> None:
    """What winning leaves is worked out on the day of it: costs of later days would change the past."""
    known = [
        deal
        for deal in won
        if deal.base_amount is not None and deal.lines and all(line.product_id is not None for line in deal.lines)
    ]
    wanted = {line.product_id for deal in known for line in deal.lines}
    query = select(Product.id, Product.cost).where(Product.id.in_(wanted), Product.cost.is_not(None))
    costs: dict[Any, Any] = {id: cost for id, cost in flushing.execute(query)} if wanted else {}
    currency = setting("currency")
    for deal in known:
        if any(line.product_id not in costs for line in deal.lines):
            continue
        cost = sum((line.quantity * costs[line.product_id] for line in deal.lines), Decimal(0))
        margin = (deal.base_amount or Decimal(0)) - round_money(cost, currency)
        there = flushing.get(OpportunityMargin, deal.id) if deal.id is not None else None
        if there is not None:
            there.base_margin = margin
        else:
            flushing.add(OpportunityMargin(opportunity=deal, base_margin=margin))
