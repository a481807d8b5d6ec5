"""The verbs of forecasts."""

from .accuracy import CALL, HORIZONS, MEASURES, Review, review
from .calls import Called, call, call_kind, called_in, calls_of, latest
from .changes import Change, Changes, changes_since, end_of
from .figures import FIGURES, Explanation, Forecast, Row, beyond, explain, forecast
from .pictures import missing_days, take_picture
from .rates import count_stage_results, counted_results, stage_rates
from .view import NOBODY, View, asked_period, fiscal_start, quarter_around, seen_people, sees, this_quarter

__all__ = [
    "CALL",
    "FIGURES",
    "HORIZONS",
    "MEASURES",
    "NOBODY",
    "Called",
    "Change",
    "Changes",
    "Explanation",
    "Forecast",
    "Review",
    "Row",
    "View",
    "asked_period",
    "beyond",
    "call",
    "call_kind",
    "called_in",
    "calls_of",
    "changes_since",
    "count_stage_results",
    "counted_results",
    "end_of",
    "explain",
    "fiscal_start",
    "forecast",
    "latest",
    "missing_days",
    "quarter_around",
    "review",
    "seen_people",
    "sees",
    "stage_rates",
    "take_picture",
    "this_quarter",
]
