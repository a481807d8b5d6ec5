"""The people of core's tests: an administrator, a seller and a colleague of the seller."""

from typing import Any

import pytest
from flask import Flask

from erpcrm.access.services import create_user, ensure_standard_roles


@pytest.fixture
def roles(app: Flask) -> Any:
    return ensure_standard_roles()


@pytest.fixture
def admin(roles: Any, session: Any) -> Any:
    user = create_user("Ada Admin", "admin@example.com", roles=["admin"], language="en")
    session.commit()
    return user


@pytest.fixture
def seller(roles: Any, session: Any) -> Any:
    user = create_user("王芳", "seller@example.com", roles=["seller"], language="zh")
    session.commit()
    return user


@pytest.fixture
def colleague(roles: Any, session: Any) -> Any:
    user = create_user("Anna Berg", "colleague@example.com", roles=["seller"], language="en")
    session.commit()
    return user
