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
from .performance import MEASURES, PERIOD_KINDS, OpportunityMargin, OpportunityShare, Quota
from .pool import POOLED, Pooled, PoolMove, PoolPlace
from .stages import Pipeline, Stage

__all__ = [
    "LEAD_FLOW",
    "MEASURES",
    "OPPORTUNITY_FLOW",
    "PERIOD_KINDS",
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
    "OpportunityMargin",
    "OpportunityShare",
    "Pipeline",
    "PoolMove",
    "PoolPlace",
    "Pooled",
    "Quota",
    "ScoreRule",
    "Stage",
    "StageResult",
]
