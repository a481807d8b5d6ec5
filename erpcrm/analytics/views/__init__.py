"""The pages of analytics."""

from . import rfm, segments
from .blueprint import bp

__all__ = ["bp", "rfm", "segments"]
