"""The verbs of the pipeline."""

from .assignment import assign
from .conversion import Conversion, contacts_like, convert, duplicates_of
from .details import add_competitor, add_person, fill_gate, remove_line, remove_part, save_line, win
from .gates import GATES, GateClosed, gates, missing_to_reach
from .leads import create_lead, disqualify, give, update_lead
from .opportunities import (
    amount_in_base,
    create_opportunity,
    currency_for,
    lose,
    move_to_stage,
    must_be_open,
    set_lines,
    update_opportunity,
    weighted,
)
from .past import history_of, state_at
from .pool_past import moves_of
from .scores import rescore
from .stages import default_pipeline, ensure_standard_pipeline

__all__ = [
    "GATES",
    "Conversion",
    "GateClosed",
    "add_competitor",
    "add_person",
    "amount_in_base",
    "assign",
    "contacts_like",
    "convert",
    "create_lead",
    "create_opportunity",
    "currency_for",
    "default_pipeline",
    "disqualify",
    "duplicates_of",
    "ensure_standard_pipeline",
    "fill_gate",
    "gates",
    "give",
    "history_of",
    "lose",
    "missing_to_reach",
    "move_to_stage",
    "moves_of",
    "must_be_open",
    "remove_line",
    "remove_part",
    "rescore",
    "save_line",
    "set_lines",
    "state_at",
    "update_lead",
    "update_opportunity",
    "weighted",
    "win",
]
