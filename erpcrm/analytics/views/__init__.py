"""The pages of analytics."""

from . import behaviour, dashboard, value
from .blueprint import bp

__all__ = ["behaviour", "bp", "dashboard", "value"]
