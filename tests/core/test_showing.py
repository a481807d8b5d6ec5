"""How values are written on pages."""

from datetime import UTC, date, datetime
from typing import Any

from erpcrm.core.i18n import local_day, show_date


def test_a_moment_belongs_to_the_day_that_it_has_where_the_company_is(app: Any) -> None:
    """A quarter past six in the evening in London is a quarter past two of the next day in Shanghai."""
    evening = datetime(2026, 11, 24, 18, 15, tzinfo=UTC)
    with app.test_request_context():
        assert local_day(evening) == date(2026, 11, 25)
        assert show_date(evening) == show_date(date(2026, 11, 25)) != show_date(date(2026, 11, 24))
