"""The pages of the pipeline."""

from . import (
    board,
    conversion,
    deal_parts,
    lead_form,
    leads,
    opportunities,
    performance,
    quotas,
    setup,
    shares,
)
from .blueprint import bp

__all__ = [
    "board",
    "bp",
    "conversion",
    "deal_parts",
    "lead_form",
    "leads",
    "opportunities",
    "performance",
    "quotas",
    "setup",
    "shares",
]
