"""The pages of credit."""

from . import accounts, applications, assessments, board, losses, risk, setup
from .blueprint import bp

__all__ = ["accounts", "applications", "assessments", "board", "bp", "losses", "risk", "setup"]
