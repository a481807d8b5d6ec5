"""The pages of the pipeline."""

from . import board, lead_form, leads, opportunities, setup
from .blueprint import bp

__all__ = ["board", "bp", "lead_form", "leads", "opportunities", "setup"]
