"""The pages of analytics."""

from .blueprint import bp

__all__ = ["bp"]
