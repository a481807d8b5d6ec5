"""By how many days an amount is overdue. No database."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from erpcrm.core.i18n import _l


@dataclass(frozen=True)
class Band:
    """Amounts that are overdue by `first` to `last` days; None is without end."""

    name: str
    label: Any
    first: int | None
    last: int | None

    def earliest_due(self, on: date) -> date | None:
        """The first due day that falls into the band on a day."""
        return on - timedelta(days=self.last) if self.last is not None else None

    def latest_due(self, on: date) -> date | None:
        return on - timedelta(days=self.first) if self.first is not None else None


BANDS = (
    Band("current", _l("Not due"), None, 0),
    Band("upto_30", _l("1–30 days"), 1, 30),
    Band("upto_60", _l("31–60 days"), 31, 60),
    Band("upto_90", _l("61–90 days"), 61, 90),
    Band("beyond", _l("Over 90 days"), 91, None),
)
CREDIT = "credit"
"""What customers have with us and nobody has allocated yet: in a column of its own, whatever its day"""


def band_of(due_on: date, on: date) -> Band:
    """Where an amount due on `due_on` stands on a day."""
    days = (on - due_on).days
    return next(band for band in BANDS if band.last is None or days <= band.last)
