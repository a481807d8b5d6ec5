"""A growing pause between guesses at one account's password, kept in the database so that all processes know of it."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.core.db import now, session

from .models import SignInFailures

FREE = 5
"""Failures before the first pause."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
"""Not longer: who knows an address could lock its owner out for as long as he likes."""
KEPT = timedelta(days=1)


def pause_after(failures: int) -> timedelta:
    """How long after the last of so many failures the next guess is taken: 30 s after the fifth, doubling to 15 min."""
    if failures < FREE:
        return timedelta()
    return min(FIRST_PAUSE * (1 << min(failures - FREE, 10)), LONGEST_PAUSE)


def _account(email: str) -> str:
    return email.strip().lower()[:254]


def wait(email: str, at: datetime | None = None) -> timedelta:
    """How long this account still has to wait; zero when it needn't."""
    found = session.get(SignInFailures, _account(email))
    if found is None or found.last_at < (at or now()) - KEPT:
        return timedelta()
    return max(found.last_at + pause_after(found.count) - (at or now()), timedelta())


def failed(email: str) -> None:
    """Count a failure. To be called in a transaction that is kept although sign-in was refused."""
    moment = now()
    session.execute(delete(SignInFailures).where(SignInFailures.last_at < moment - KEPT))
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(SignInFailures).values(account=_account(email), count=1, last_at=moment)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[SignInFailures.account],
            set_={"count": SignInFailures.count + 1, "last_at": moment},
        )
    )


def forget(email: str) -> None:
    """Sign-in went well, or the password is a new one: the next mistake is the first again."""
    session.execute(delete(SignInFailures).where(SignInFailures.account == _account(email)))
