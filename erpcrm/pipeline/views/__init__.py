"""The pages of the pipeline."""

from . import board, conversion, deal_parts, forecast, lead_form, leads, learned, opportunities, pool, setup
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
    "pool",
    "setup",
]
