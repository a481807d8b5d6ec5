"""The people of the tests: seller and colleague in team North, their manager, an outsider, an administrator."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from erpcrm.access.models import Role, User
from erpcrm.access.services import create_team, create_user, ensure_standard_roles


@pytest.fixture
def roles(app: Flask) -> dict[str, Role]:
    """The standard roles, by key."""
    return {role.key or "": role for role in ensure_standard_roles()}


@pytest.fixture
def teams(roles: dict[str, Role]) -> SimpleNamespace:
    """`teams.north` and `teams.south`."""
    return SimpleNamespace(north=create_team("North"), south=create_team("South"))


@pytest.fixture
def admin(roles: dict[str, Role]) -> User:
    return create_user("Ada Admin", "admin@example.com", roles=["admin"], language="en")


@pytest.fixture
def seller(teams: SimpleNamespace) -> User:
    return create_user("王芳", "seller@example.com", roles=["seller"], team=teams.north, language="en")


@pytest.fixture
def colleague(teams: SimpleNamespace) -> User:
    return create_user("Anna Berg", "colleague@example.com", roles=["seller"], team=teams.north, language="en")


@pytest.fixture
def manager(teams: SimpleNamespace, session: Any) -> User:
    user = create_user("Max Manager", "manager@example.com", roles=["manager"], team=teams.north, language="en")
    teams.north.manager_id = user.id
    session.flush()
    return user


@pytest.fixture
def outsider(teams: SimpleNamespace) -> User:
    """Sells in another team."""
    return create_user("Otto Outsider", "outsider@example.com", roles=["seller"], team=teams.south, language="en")


__all__ = ["admin", "colleague", "manager", "outsider", "roles", "seller", "teams"]
