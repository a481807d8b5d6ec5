"""The figures of a campaign: the path, by variant, the cost against the budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.db import session

from ..models import PATH, Campaign, CampaignMember

STEPS = tuple(step for step, _label in PATH)
COLUMNS = tuple(getattr(CampaignMember, f"{step}_at") for step in STEPS)


@dataclass(frozen=True)
class Path:
    """How many of a campaign's members came to each step. The control group stands apart: it gets nothing."""

    counts: dict[str, int]
    variants: dict[str, dict[str, int]]
    control: int
    deliveries: dict[str, int]

    def share(self, step: str, of: str) -> Decimal | None:
        """In percent, with one digit; None of nothing."""
        whole = self.counts[of]
        return (Decimal(self.counts[step] * 100) / whole).quantize(Decimal("0.1")) if whole else None


def path_of(campaign: Campaign) -> Path:
    """One query: members by variant and state of sending, with the number at each step."""
    query = (
        select(
            CampaignMember.variant,
            CampaignMember.control,
            CampaignMember.delivery,
            func.count(),
            *(func.count(column) for column in COLUMNS),
        )
        .where(CampaignMember.campaign_id == campaign.id)
        .group_by(CampaignMember.variant, CampaignMember.control, CampaignMember.delivery)
    )
    counts = dict.fromkeys(STEPS, 0)
    variants: dict[str, dict[str, int]] = {}
    deliveries: dict[str, int] = {}
    control = 0
    for variant, held, delivery, number, *reached in session.execute(query):
        if held:
            control += number
            continue
        deliveries[delivery] = deliveries.get(delivery, 0) + number
        own = variants.setdefault(variant, dict.fromkeys(STEPS, 0))
        for step, count in zip(STEPS, reached, strict=True):
            counts[step] += count
            own[step] += count
    return Path(counts, variants, control, deliveries)


def steps_shown(campaign: Campaign, path: Path) -> Sequence[tuple[str, Any]]:
    """The steps that this channel knows, and others that somebody has come to all the same."""
    mailed = campaign.channel == "mail"
    usual = {"targeted", "responded", "converted"}
    return [(step, label) for step, label in PATH if mailed or step in usual or path.counts[step]]
