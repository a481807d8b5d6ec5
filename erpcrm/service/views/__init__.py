"""The pages of service."""

from .blueprint import bp

__all__ = ["bp"]
