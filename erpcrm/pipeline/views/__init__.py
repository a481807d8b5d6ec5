"""The pages of the pipeline."""

from . import (
    board,
    conversion,
    deal_parts,
    forecast,
    lead_form,
    leads,
    learned,
    opportunities,
    performance,
    pool,
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
    "forecast",
    "lead_form",
    "leads",
    "learned",
    "opportunities",
    "performance",
    "pool",
    "quotas",
    "setup",
    "shares",
]
