"""The cast: a seller, a colleague of the seller, their manager, somebody of another team, an administrator."""

from typing import Any

import pytest
from flask import Flask

from erpcrm.access.services import create_team, create_user, ensure_standard_roles
from tests.factories.customers import a_customer


@pytest.fixture
def cast(app: Flask, session: Any) -> dict[str, Any]:
    ensure_standard_roles()
    north, south = create_team("North"), create_team("South")
    people = {
        "seller": create_user("Li Na", "seller@example.com", roles=["seller"], team=north, language="en"),
        "colleague": create_user("Wang Wei", "colleague@example.com", roles=["seller"], team=north, language="en"),
        "manager": create_user("Chen Hua", "manager@example.com", roles=["manager"], team=north, language="en"),
        "outsider": create_user("Maria Rossi", "outsider@example.com", roles=["seller"], team=south, language="en"),
        "controller": create_user("Zhao Jing", "controller@example.com", roles=["controller"], language="en"),
        "storekeeper": create_user("Ma Chao", "storekeeper@example.com", roles=["storekeeper"], language="en"),
        "admin": create_user("Ada Admin", "admin@example.com", roles=["admin"], language="en"),
    }
    north.manager_id = people["manager"].id
    session.commit()
    return people


@pytest.fixture
def seller(cast: dict[str, Any]) -> Any:
    return cast["seller"]


@pytest.fixture
def colleague(cast: dict[str, Any]) -> Any:
    return cast["colleague"]


@pytest.fixture
def manager(cast: dict[str, Any]) -> Any:
    return cast["manager"]


@pytest.fixture
def outsider(cast: dict[str, Any]) -> Any:
    return cast["outsider"]


@pytest.fixture
def admin(cast: dict[str, Any]) -> Any:
    return cast["admin"]


@pytest.fixture
def as_seller(client: Any, sign_in: Any, seller: Any) -> Any:
    return sign_in(client, seller)


@pytest.fixture
def as_manager(app: Flask, sign_in: Any, manager: Any) -> Any:
    return sign_in(app.test_client(), manager)


@pytest.fixture
def mine(seller: Any, session: Any) -> Any:
    """A customer of the seller."""
    customer = a_customer(seller, name="深圳市蓝海食品有限公司", english_name="Blue Sea Foods", phone="0755-86530012")
    session.commit()
    return customer


@pytest.fixture
def theirs(colleague: Any, session: Any) -> Any:
    """A customer of the colleague."""
    customer = a_customer(colleague, name="上海申达医药包装有限公司")
    session.commit()
    return customer
