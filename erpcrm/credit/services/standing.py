"""Where customers stand: exposure, the limits that hold for them, what is left, and what holds them up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.core.db import now, remembered, session
from erpcrm.core.i18n import _, today
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import CreditAccount
from ..policy import ZERO, Case, Finding, Limit, findings, headroom
from .exposure import NOTHING, Ids, Terms, beyond_grace, companies_above, groups_under, overdue_of, terms_of


def amount_setting(name: str) -> Decimal | None:
    """An amount that the company has set; None where it has set none."""
    given = setting(name)
    return Decimal(given) if given not in (None, "") else None


@dataclass(frozen=True)
class Standing:
    """A customer's credit now, in the company's currency."""

    customer_id: int
    terms: Terms
    limits: Sequence[Limit]
    """The ones that hold: of its own, of companies above, else the company's for everybody"""
    account: CreditAccount | None
    holds: Sequence[tuple[str, str]] = ()
    overdue: Decimal = ZERO
    """All that is past its day"""
    oldest: int = 0
    """By how many days the oldest of it is overdue"""
    members: Mapping[int, Collection[int]] = field(default_factory=dict)
    """{company with a limit for its group: who belongs to it}"""

    @property
    def headroom(self) -> Decimal | None:
        return headroom(self.limits)

    @property
    def limit(self) -> Limit | None:
        """The limit that leaves the least."""
        with_amount = [limit for limit in self.limits if limit.headroom is not None]
        return min(with_amount, key=lambda limit: limit.headroom or ZERO, default=None)

    @property
    def assessed(self) -> bool:
        """Whether it was assessed, and that still holds."""
        account = self.account
        return account is not None and account.grade is not None and (account.reassess_on or today()) >= today()

    def case(self, worth: Decimal, without: Decimal = ZERO) -> Case:
        """An order for `worth`; `without` is what of the exposure is that order's already."""
        limits = [_less(limit, without) for limit in self.limits]
        return Case(worth, self.terms.exposure - without, limits, self.holds, self.assessed)

    def check(self, worth: Decimal, without: Decimal = ZERO) -> list[Finding]:
        """What the company's policy finds of that order."""
        return findings(self.case(worth, without), actions())


def _less(limit: Limit, amount: Decimal) -> Limit:
    return limit if not amount else Limit(**{**vars(limit), "exposure": limit.exposure - amount})


def actions() -> Mapping[str, str]:
    """{rule: pass, warn or stop}: the company's policy."""
    found: Mapping[str, str] = setting("credit_policy")
    return found


def hold_accounts(customer_id: int) -> Sequence[CreditAccount]:
    """Hold a customer's credit, and that of every company above it, until this transaction ends.

    In the order of customers, so that two orders of one group wait for each other and never block. Rows that are missing
    are made: what isn't there can't be held.
    """
    known: dict[int, Sequence[CreditAccount]] = remembered("credit accounts")
    if customer_id in known:
        return known[customer_id]
    ids = sorted({customer_id, *companies_above([customer_id]).get(customer_id, ())})
    moment = now()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "customer_id": id, "version": 1, "created_at": moment, "updated_at": moment,
            "held": False, "hold_is_automatic": False, "watch": False,
        }
        for id in ids
    ]  # fmt: skip
    session.flush()
    session.execute(insert(CreditAccount).values(rows).on_conflict_do_nothing())
    query = select(CreditAccount).where(CreditAccount.customer_id.in_(ids)).order_by(CreditAccount.customer_id)
    known[customer_id] = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    return known[customer_id]


def hold_account(customer_id: int) -> CreditAccount:
    """The same, for whoever changes the customer's own account."""
    return next(one for one in hold_accounts(customer_id) if one.customer_id == customer_id)


def account_of(customer_id: int) -> CreditAccount | None:
    return session.scalars(select(CreditAccount).where(CreditAccount.customer_id == customer_id)).one_or_none()


def standings(ids: Ids, *, terms: Mapping[int, Terms] | None = None) -> dict[int, Standing]:
    """{customer: where it stands} of many at once, None: of everybody who owes anything or has an account.

    Seven queries at most, whatever their number. Nothing is locked: guards call `hold_accounts` first.
    """
    day = today()
    own = terms if terms is not None else terms_of(ids)
    above = companies_above(ids)
    wanted = None if ids is None else {*ids, *(one for chain in above.values() for one in chain)}
    query = select(CreditAccount)
    if wanted is not None:
        query = query.where(CreditAccount.customer_id.in_(wanted))
    accounts = {account.customer_id: account for account in session.scalars(query)}
    chosen = list(ids) if ids is not None else sorted({*own, *accounts})
    roots = {
        parent
        for id in chosen
        for parent in above.get(id, ())
        if (account := accounts.get(parent)) is not None
        and (account.limit_on(day) is not None or account.overdue_limit is not None)
    }
    groups = groups_under(roots)
    members = {member for group in groups.values() for member in group}
    everyone = members | set(chosen)
    missing = members - own.keys() - set(chosen) if ids is not None else set()
    known = {**own, **(terms_of(missing) if missing else {})}
    late = overdue_of(everyone if ids is not None else None, day)
    names = _names({*roots, *(id for id in accounts if accounts[id].held)})
    reader = _Reader(day, known, late, accounts, groups, names)
    return {id: reader.read(id, above.get(id, ())) for id in chosen}


def standing(customer_id: int) -> Standing:
    return standings([customer_id])[customer_id]


def _names(ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return {id: name for id, name in rows}


@dataclass(frozen=True)
class _Reader:
    """What was read of many customers, to tell of each where it stands."""

    day: date
    terms: Mapping[int, Terms]
    late: Mapping[int, Sequence[tuple[date, Decimal]]]
    accounts: Mapping[int, CreditAccount]
    groups: Mapping[int, Collection[int]]
    names: Mapping[int, str]

    def read(self, id: int, above: Sequence[int]) -> Standing:
        account, terms, late = self.accounts.get(id), self.terms.get(id, NOTHING), self.late.get(id, ())
        held = [self.accounts[one] for one in (id, *above) if one in self.accounts and self.accounts[one].held]
        return Standing(
            id,
            terms,
            self._limits(id, above),
            account,
            [(self.names.get(one.customer_id, ""), one.hold_reason or "") for one in held],
            sum((amount for _due, amount in late), ZERO),
            max(((self.day - due).days for due, _amount in late), default=0),
            {root: self.groups[root] for root in above if root in self.groups},
        )

    def _limits(self, id: int, above: Sequence[int]) -> list[Limit]:
        """Of its own and of every company above that has one: all of them hold. None at all: the company's for everybody."""
        found: list[Limit] = []
        for one in (id, *above):
            account = self.accounts.get(one)
            if account is None:
                continue
            amount, overdue = account.limit_on(self.day), account.overdue_limit
            if amount is None and overdue is None:
                continue
            members = [id] if one == id else list(self.groups.get(one, (one,)))
            found.append(self._limit("customer" if one == id else "group", one, account, amount, overdue, members))
        own = self.accounts.get(id)
        everybody_amount = None if any(one.amount is not None for one in found) else amount_setting("credit_limit")
        everybody_overdue = (
            None if any(one.overdue_limit is not None for one in found) else amount_setting("credit_overdue_limit")
        )
        if everybody_amount is not None or everybody_overdue is not None:
            found.append(self._limit("company", id, own, everybody_amount, everybody_overdue, [id]))
        return found

    def _limit(
        self,
        source: str,
        whose: int,
        account: CreditAccount | None,
        amount: Decimal | None,
        overdue_limit: Decimal | None,
        members: Sequence[int],
    ) -> Limit:
        grace = account.grace_days if account is not None and account.grace_days is not None else None
        days = grace if grace is not None else int(setting("credit_grace_days"))
        minimum = account.overdue_minimum if account is not None else None
        return Limit(
            source=source,
            name=self.names.get(whose, ""),
            customer_id=whose,
            amount=amount,
            exposure=sum((self.terms.get(member, NOTHING).exposure for member in members), ZERO),
            overdue_limit=overdue_limit,
            overdue=sum((beyond_grace(self.late.get(one, ()), days, self.day) for one in members), ZERO),
            overdue_minimum=minimum if minimum is not None else amount_setting("credit_overdue_minimum") or ZERO,
            grace_days=days,
            temporary=source != "company"
            and account is not None
            and account.temporary_until is not None
            and account.temporary_until >= self.day,
        )


def source_label(limit: Limit) -> str:
    """Where a limit was found, in words."""
    if limit.source == "customer":
        return _("Temporary limit") if limit.temporary else _("Limit of this customer")
    if limit.source == "group":
        return _("Limit of the group %(name)s", name=limit.name)
    return _("Limit for every customer")
