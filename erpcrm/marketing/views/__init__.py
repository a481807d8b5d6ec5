"""The pages of marketing."""

from .blueprint import bp

__all__ = ["bp"]
