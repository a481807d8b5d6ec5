"""The tables of the sales pipeline."""

from .forecast import ForecastCall, ForecastPicture, StageResult
from .leads import LEAD_FLOW, AssignmentRule, Lead, ScoreRule
from .learned import LearnedModel
from .opportunities import (
    OPPORTUNITY_FLOW,
    Competitor,
    Opportunity,
    OpportunityContact,
    OpportunityHistory,
    OpportunityLine,
)
from .pool import POOLED, Pooled, PoolMove, PoolPlace
from .stages import Pipeline, Stage

__all__ = [
    "LEAD_FLOW",
    "OPPORTUNITY_FLOW",
    "POOLED",
    "AssignmentRule",
    "Competitor",
    "ForecastCall",
    "ForecastPicture",
    "Lead",
    "LearnedModel",
    "Opportunity",
    "OpportunityContact",
    "OpportunityHistory",
    "OpportunityLine",
    "Pipeline",
    "PoolMove",
    "PoolPlace",
    "Pooled",
    "ScoreRule",
    "Stage",
    "StageResult",
]
