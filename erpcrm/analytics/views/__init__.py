"""The pages of analytics."""

from . import behaviour, dashboard, rfm, segments, value
from .blueprint import bp

__all__ = ["behaviour", "bp", "dashboard", "rfm", "segments", "value"]
