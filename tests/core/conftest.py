"""In core's tests the seller reads Chinese, so that the reader's language can be told from everybody else's."""

from typing import Any

import pytest

from erpcrm.access.models import User


@pytest.fixture
def seller(seller: User, session: Any) -> User:
    seller.language = "zh"
    session.commit()
    return seller
