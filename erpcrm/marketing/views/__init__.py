"""The pages of marketing."""

from . import audience, campaigns, landing, members, public, templates
from .blueprint import bp

__all__ = ["audience", "bp", "campaigns", "landing", "members", "public", "templates"]
