"""The chart of accounts and the journals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import once, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.records import Choice
from erpcrm.core.settings import lock_setting, setting

from ..charts import CHARTS, JOURNALS, Chart
from ..models import ACCOUNT_ROLES, MANY, Account, Entry, EntryLine, Journal

ROLE_LABELS: Mapping[str, Choice] = {choice.value: choice for choice in ACCOUNT_ROLES}
FIELDS = ("code", "name", "name_zh", "kind", "role", "currency", "active", "note")


def has_chart() -> bool:
    return once(("chart",), lambda: session.scalar(select(Account.id).limit(1)) is not None, Account)


def choose_chart(name: str) -> None:
    """Begin the books with one of the charts that come with the program. Refused once there are accounts."""
    if name not in CHARTS:
        raise NotThere
    lock_setting("currency")  # two who choose at once must not make two charts
    if has_chart():
        raise Refused(_("There is a chart of accounts already. Add or change single accounts."))
    for code, label, label_zh, kind, role in CHARTS[name].rows:
        session.add(Account(code=code, name=label, name_zh=label_zh, kind=kind, role=role))
    known = set(session.scalars(select(Journal.code)))
    for code, label, label_zh, kind, purpose in JOURNALS:
        if code not in known:
            session.add(Journal(code=code, name=label, name_zh=label_zh, kind=kind, purpose=purpose))
    session.flush()


def chart_in_use() -> Chart:
    """The chart that the books began with, known by the number of its account of receivables; a changed one counts as generic."""
    code = session.scalar(select(Account.code).where(Account.role == "receivable"))
    return next((chart for chart in CHARTS.values() if code == chart.number_of("receivable")), CHARTS["generic"])


def accounts_for(roles: Iterable[str]) -> dict[str, Account]:
    """The account of each of these roles, the lowest number where several have it. Refused when one is missing."""
    wanted = list(dict.fromkeys(roles))
    found = once(("accounts by role",), _by_role, Account)
    for role in wanted:
        if role not in found:
            raise Refused(
                _(
                    "No account is used for “%(use)s”. Choose one in the chart of accounts.",
                    use=ROLE_LABELS[role].label,
                ),
                url="/finance/accounts",
            )
    return {role: found[role] for role in wanted}


def _by_role() -> dict[str, Account]:
    query = (
        select(Account)
        .where(Account.role.is_not(None), Account.active, Account.currency.is_(None))
        .order_by(Account.code.desc())
    )
    return {str(account.role): account for account in session.scalars(query)}


def account_for(role: str) -> Account:
    return accounts_for([role])[role]


def kept_in(account: Account) -> str:
    """The currency of an account: its own, or the company's."""
    return account.currency or str(setting("currency"))


def money_accounts() -> Sequence[Account]:
    """Where money is: bank accounts and cash, in use."""
    query = select(Account).where(Account.role.in_(MANY), Account.active)
    return session.scalars(query.order_by(Account.role, Account.code)).all()


def active_accounts() -> Sequence[Account]:
    return session.scalars(select(Account).where(Account.active).order_by(Account.code)).all()


def journals() -> Sequence[Journal]:
    return session.scalars(select(Journal).order_by(Journal.code)).all()


def journal_for(purpose: str) -> Journal:
    """The journal in which documents of this kind are booked. Refused before a chart is chosen."""
    query = select(Journal).where(Journal.purpose == purpose)
    found = once(("journal", purpose), lambda: session.scalars(query).one_or_none(), Journal)
    if found is None:
        raise Refused(_("Choose a chart of accounts first."), url="/finance/start")
    return found


def is_used(account: Account) -> bool:
    return session.scalar(select(EntryLine.id).where(EntryLine.account_id == account.id).limit(1)) is not None


def save_account(account: Account | None, values: Mapping[str, Any], version: int | None = None) -> Account:
    """Add an account or change it.

    Refused when its number is taken, when another account has its role, and when kind or use of one with entries would
    change: what was booked as an asset would then be an expense.
    """
    found = account or Account()
    if version is not None and version != found.version:
        raise Stale(found)
    given = {name: values[name] for name in FIELDS if name in values}
    for name in ("code", "name", "name_zh", "note"):
        if name in given:
            given[name] = " ".join((given[name] or "").split()) or None
    given["role"] = given.get("role") or None
    if "currency" in given and given["currency"] in ("", setting("currency")):
        given["currency"] = None
    with session.no_autoflush:
        _check(found, given)
    for name, value in given.items():
        setattr(found, name, value)
    session.add(found)
    session.flush()
    return found


def _check(account: Account, given: Mapping[str, Any]) -> None:
    if not given.get("code") or not given.get("name"):
        raise Refused(_("An account needs a number and a name."))
    same = session.scalars(select(Account).where(Account.code == given["code"])).one_or_none()
    if same is not None and same is not account:
        raise Refused(_("%(code)s is “%(name)s” already.", code=same.code, name=same.label))
    role = given["role"]
    if given.get("currency", account.currency) is not None and role not in MANY:
        raise Refused(_("Only a bank account or cash is kept in another currency."))
    if role is not None and role not in MANY:
        other = session.scalars(select(Account).where(Account.role == role)).one_or_none()
        if other is not None and other is not account:
            raise Refused(
                _(
                    "“%(use)s” is booked to %(code)s. Take it off there first.",
                    use=ROLE_LABELS[role].label,
                    code=other.code,
                )
            )
    if account.id is None or not is_used(account):
        return
    if given.get("kind", account.kind) != account.kind:
        raise Refused(_("There are entries on this account, so its kind stays as it is. Add a new account instead."))
    if given.get("currency", account.currency) != account.currency:
        raise Refused(_("There are entries on this account, so its currency stays. Add another account instead."))
    if account.role == "receivable" and role != "receivable":
        raise Refused(_("What customers owe is booked here, so it stays the account of receivables."))


def remove_account(account: Account) -> None:
    """Refused when there are entries on it: it can be taken out of use instead."""
    if is_used(account):
        raise Refused(_("There are entries on %(code)s. Take it out of use instead.", code=account.code))
    session.delete(account)
    session.flush()


def journal_used(journal: Journal) -> bool:
    return session.scalar(select(Entry.id).where(Entry.journal_id == journal.id).limit(1)) is not None
