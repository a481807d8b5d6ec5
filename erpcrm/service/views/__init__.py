"""The pages of service."""

from . import help, knowledge, mails, public, surveys
from .blueprint import bp

__all__ = ["bp", "help", "knowledge", "mails", "public", "surveys"]
