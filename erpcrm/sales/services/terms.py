"""Who buys by which price list, and how much each role may take off."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from erpcrm.access.models import Role, User
from erpcrm.catalog.models import PriceList
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _

from ..models import DiscountAllowance, PriceListHolder
from ..models.quotations import APPROVE

ALL = Decimal(100)


def allowance_of(actor: Actor) -> Decimal:
    """The most that this user may take off without asking, in percent: the highest of their roles; 0 where none says.

    Whoever approves discounts without a figure of their own may give any.
    """
    roles = [role.id for role in session.get_one(User, actor.id).roles]
    found = session.scalars(select(DiscountAllowance.percent).where(DiscountAllowance.role_id.in_(roles))).all()
    if found:
        return max(found)
    return ALL if actor.may(APPROVE) else Decimal(0)


def allowances() -> dict[int, Decimal]:
    """{role: percent} of the roles that have a figure."""
    return {row.role_id: row.percent for row in session.scalars(select(DiscountAllowance))}


def set_allowance(role: Role, percent: Decimal | None) -> None:
    """Let a role give up to `percent`; None takes the figure away. Refused outside of 0 to 100."""
    if percent is not None and not 0 <= percent <= ALL:
        raise Refused(_("A discount is a percentage from 0 to 100."))
    found = session.scalars(select(DiscountAllowance).where(DiscountAllowance.role_id == role.id)).one_or_none()
    if percent is None:
        if found is not None:
            session.delete(found)
    else:
        found = found or DiscountAllowance(role_id=role.id)
        found.percent = percent
        session.add(found)
    session.flush()


def holders_of(price_list_id: int) -> Sequence[PriceListHolder]:
    """Who buys by a list: groups first."""
    query = (
        select(PriceListHolder)
        .where(PriceListHolder.price_list_id == price_list_id)
        .options(joinedload(PriceListHolder.customer))
        .order_by(PriceListHolder.customer_group.is_(None), PriceListHolder.id)
    )
    return session.scalars(query).all()


def give_list(
    price_list: PriceList, *, customer_id: int | None = None, customer_group: str | None = None
) -> PriceListHolder:
    """Let a customer, or a group of customers, buy by a list. Refused for a list that is for everybody already."""
    if price_list.for_everybody:
        raise Refused(_("This list is for everybody already."))
    if (customer_id is None) == (customer_group is None):
        raise Refused(_("Choose a customer or a group of customers."))
    mine = (
        PriceListHolder.customer_id == customer_id
        if customer_id is not None
        else PriceListHolder.customer_group == customer_group
    )
    known = session.scalars(
        select(PriceListHolder).where(PriceListHolder.price_list_id == price_list.id, mine)
    ).one_or_none()
    if known is not None:
        return known
    holder = PriceListHolder(price_list=price_list, customer_id=customer_id, customer_group=customer_group)
    session.add(holder)
    session.flush()
    return holder


def take_list(price_list_id: int, holder_id: int) -> None:
    """No longer by this list. NotThere when it was not."""
    holder = session.get(PriceListHolder, holder_id)
    if holder is None or holder.price_list_id != price_list_id:
        raise NotThere
    session.delete(holder)
    session.flush()
