"""The pages of finance."""

from . import bank, dunning, entries, ledger, payments, periods, receivables, setup, today
from .blueprint import bp

__all__ = ["bank", "bp", "dunning", "entries", "ledger", "payments", "periods", "receivables", "setup", "today"]
