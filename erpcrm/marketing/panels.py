"""What marketing shows on the pages of other areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from .models import CAMPAIGN_FLOW, OUTCOMES
from .services import campaigns_of

SHOWN = 8
OUTCOME_OF = {choice.value: choice for choice in OUTCOMES}


def campaigns_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """In which campaigns a customer's people are, and how far each has come; of a campaign that it holds out nothing is said,
    lest somebody make up for it."""
    data: dict[int, list[dict[str, Any]]] = {}
    for customer_id, campaign, member in campaigns_of(ids):
        rows = data.setdefault(customer_id, [])
        if len(rows) < SHOWN and not member.control:
            rows.append(
                {
                    "campaign": campaign,
                    "member": member,
                    "state": CAMPAIGN_FLOW.state_of(campaign),
                    "outcome": OUTCOME_OF.get(member.outcome or ""),
                }
            )
    return data
