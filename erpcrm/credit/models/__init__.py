"""Tables and workflows of credit."""

from .accounts import ACCOUNT_EDIT, ACCOUNT_HOLD, ACCOUNT_VIEW, GRADES, CreditAccount, CreditOrder
from .applications import (
    APPLICATION_FLOW,
    APPLY,
    DECIDE,
    KINDS,
    OF_LIMITS,
    UNDECIDED,
    VIEW,
    Authority,
    CreditApplication,
    Deputy,
)
from .assessments import ASSESS, ASSESSMENT_VIEW, SETUP, Assessment, Scorecard
from .losses import DEBT_APPROVE, DEBT_FLOW, DEBT_PROPOSE, LOSS_POST, RISK_VIEW, BadDebt, ExpectedLoss

__all__ = [
    "ACCOUNT_EDIT",
    "ACCOUNT_HOLD",
    "ACCOUNT_VIEW",
    "APPLICATION_FLOW",
    "APPLY",
    "ASSESS",
    "ASSESSMENT_VIEW",
    "DEBT_APPROVE",
    "DEBT_FLOW",
    "DEBT_PROPOSE",
    "DECIDE",
    "GRADES",
    "KINDS",
    "LOSS_POST",
    "OF_LIMITS",
    "RISK_VIEW",
    "SETUP",
    "UNDECIDED",
    "VIEW",
    "Assessment",
    "Authority",
    "BadDebt",
    "CreditAccount",
    "CreditApplication",
    "CreditOrder",
    "Deputy",
    "ExpectedLoss",
    "Scorecard",
]
