"""The people of the tests: seller and colleague in team North, their manager, an outsider, and who else works in a company.

Who a test asks for is there when it begins: `assemble` makes each selection once, and tests start from what was remembered.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from erpcrm import demo
from erpcrm.access.models import Role, Team, User
from erpcrm.access.services import create_team, create_user, ensure_standard_roles, user_by_email
from erpcrm.core.db import session


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    team: str | None = None
    leads: bool = False

    def join(self, called: str) -> User:
        team = session.scalars(select(Team).where(Team.name == self.team)).one() if self.team else None
        user = create_user(self.name, address_of(called), roles=[self.role], team=team, language="en")
        if team is not None and self.leads:
            team.manager_id = user.id
            session.flush()
        return user


PEOPLE = {
    "admin": Person("Ada Admin", "admin"),
    "seller": Person("王芳", "seller", "North"),
    "colleague": Person("Anna Berg", "seller", "North"),
    "manager": Person("Max Manager", "manager", "North", leads=True),
    "outsider": Person("Otto Outsider", "seller", "South"),
    "marketer": Person("Mia Market", "marketer"),
    "keeper": Person("Stella Store", "storekeeper"),
    "accountant": Person("Ann Accountant", "accountant"),
    "controller": Person("Cora Controller", "controller"),
    "second": Person("Sven Second", "controller"),
    "agent": Person("Chen Agent", "agent", "North"),
    "helper": Person("Hanna Helper", "agent", "South"),
}
CAST = ("demo_company", "roles", "teams", *PEOPLE)


def address_of(called: str) -> str:
    return f"{called}@example.com"


def assemble(names: Collection[str]) -> None:
    """Make the standard roles, the teams and these people, or the demo company."""
    if "demo_company" in names:
        assert len(names) == 1, "the demo company has its own people"
        demo.fill()
        return
    ensure_standard_roles()
    if "teams" in names:
        create_team("North")
        create_team("South")
    for called, person in PEOPLE.items():
        if called in names:
            person.join(called)


def found(called: str) -> User:
    user = user_by_email(address_of(called))
    assert user is not None, f"ask for the fixture {called!r}, so that it is there when the test begins"
    return user


@pytest.fixture
def demo_company(app: Flask) -> Callable[[str], User]:
    """The demo company is there: `demo_company("seller")` is one of its people."""

    def person(called: str) -> User:
        user = user_by_email(f"{called}@demo.example")
        assert user is not None
        return user

    return person


@pytest.fixture
def roles(app: Flask) -> dict[str, Role]:
    """The standard roles, by key."""
    return {role.key or "": role for role in session.scalars(select(Role).order_by(Role.id))}


@pytest.fixture
def teams(roles: dict[str, Role]) -> SimpleNamespace:
    """`teams.north` and `teams.south`."""
    north, south = session.scalars(select(Team).order_by(Team.id))
    return SimpleNamespace(north=north, south=south)


@pytest.fixture
def admin(roles: Any) -> User:
    return found("admin")


@pytest.fixture
def seller(teams: Any) -> User:
    return found("seller")


@pytest.fixture
def colleague(teams: Any) -> User:
    """Sells in the team of the seller."""
    return found("colleague")


@pytest.fixture
def manager(teams: Any) -> User:
    """Leads the team of the seller."""
    return found("manager")


@pytest.fixture
def outsider(teams: Any) -> User:
    """Sells in another team."""
    return found("outsider")


@pytest.fixture
def marketer(roles: Any) -> User:
    """Sees and changes all leads, but neither converts nor assigns them."""
    return found("marketer")


@pytest.fixture
def keeper(roles: Any) -> User:
    return found("keeper")


@pytest.fixture
def accountant(roles: Any) -> User:
    return found("accountant")


@pytest.fixture
def controller(roles: Any) -> User:
    return found("controller")


@pytest.fixture
def second(roles: Any) -> User:
    """Another controller: two pairs of eyes."""
    return found("second")


__all__ = list(CAST)


@pytest.fixture
def agent(teams: Any) -> User:
    """Answers tickets."""
    return found("agent")


@pytest.fixture
def helper(teams: Any) -> User:
    """Answers tickets in another team."""
    return found("helper")
