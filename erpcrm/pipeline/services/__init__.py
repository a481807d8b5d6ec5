"""The verbs of the pipeline."""

from .assignment import assign
from .conversion import Conversion, convert, duplicates_of
from .leads import create_lead, rescore, update_lead
from .opportunities import (
    GateClosed,
    amount_in_base,
    create_opportunity,
    lose,
    missing_to_reach,
    move_to_stage,
    set_lines,
    update_opportunity,
)
from .stages import default_pipeline, ensure_standard_pipeline

__all__ = [
    "Conversion",
    "GateClosed",
    "amount_in_base",
    "assign",
    "convert",
    "create_lead",
    "create_opportunity",
    "default_pipeline",
    "duplicates_of",
    "ensure_standard_pipeline",
    "lose",
    "missing_to_reach",
    "move_to_stage",
    "rescore",
    "set_lines",
    "update_lead",
    "update_opportunity",
]
