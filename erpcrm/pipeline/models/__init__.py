"""The tables of the sales pipeline."""

from .forecast import ForecastCall, ForecastPicture, StageResult
from .leads import LEAD_FLOW, AssignmentRule, Lead, ScoreRule
from .opportunities import (
    OPPORTUNITY_FLOW,
    Competitor,
    Opportunity,
    OpportunityContact,
    OpportunityHistory,
    OpportunityLine,
)
from .stages import Pipeline, Stage

__all__ = [
    "LEAD_FLOW",
    "OPPORTUNITY_FLOW",
    "AssignmentRule",
    "Competitor",
    "ForecastCall",
    "ForecastPicture",
    "Lead",
    "Opportunity",
    "OpportunityContact",
    "OpportunityHistory",
    "OpportunityLine",
    "Pipeline",
    "ScoreRule",
    "Stage",
    "StageResult",
]
