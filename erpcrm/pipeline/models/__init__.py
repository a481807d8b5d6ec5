"""The tables of the sales pipeline."""

from .leads import LEAD_FLOW, AssignmentRule, Lead, ScoreRule
from .opportunities import (
    OPPORTUNITY_FLOW,
    Competitor,
    Opportunity,
    OpportunityContact,
    OpportunityHistory,
    OpportunityLine,
)
from .performance import MEASURES, PERIOD_KINDS, OpportunityMargin, OpportunityShare, Quota
from .stages import Pipeline, Stage

__all__ = [
    "LEAD_FLOW",
    "MEASURES",
    "OPPORTUNITY_FLOW",
    "PERIOD_KINDS",
    "AssignmentRule",
    "Competitor",
    "Lead",
    "Opportunity",
    "OpportunityContact",
    "OpportunityHistory",
    "OpportunityLine",
    "OpportunityMargin",
    "OpportunityShare",
    "Pipeline",
    "Quota",
    "ScoreRule",
    "Stage",
]
