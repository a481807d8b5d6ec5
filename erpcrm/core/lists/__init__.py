"""Every list of records, from one declaration: search, filters, sort, pages, totals, views, bulk actions, export."""

from .page import list_page
from .state import ListState

__all__ = ["ListState", "list_page"]
