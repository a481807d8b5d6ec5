"""The pages of finance."""

from . import bank, dunning, entries, free_invoices, invoices, ledger, payments, periods, receivables, setup, today
from .blueprint import bp

__all__ = [
    "bank",
    "bp",
    "dunning",
    "entries",
    "free_invoices",
    "invoices",
    "ledger",
    "payments",
    "periods",
    "receivables",
    "setup",
    "today",
]
