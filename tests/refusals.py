"""What is refused leaves nothing behind, as in a request of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from erpcrm.core.db import session
from erpcrm.core.errors import Refused


@contextmanager
def refused(match: str) -> Iterator[None]:
    """What runs within is refused with words that fit `match`, and taken back."""
    with pytest.raises(Refused, match=match), session.begin_nested():
        yield
