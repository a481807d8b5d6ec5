"""What the pipeline does after moves of lower areas."""

from collections.abc import Mapping
from typing import Any

from erpcrm.core.db import session

from .models import Lead
from .services import rescore


def score_after_activity(activity: Any, by: Any, details: Mapping[str, Any]) -> None:
    """Rules may ask for activities: a lead is scored anew when one is logged on it or done."""
    if activity.record_type == Lead.record_name and (lead := session.get(Lead, activity.record_id)) is not None:
        rescore([lead])
