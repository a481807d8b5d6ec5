"""Every list of records: search, filters, sort, paging, columns, totals, saved views, bulk actions and export, from one declaration."""

from .page import list_page
from .state import ListState

__all__ = ["ListState", "list_page"]
