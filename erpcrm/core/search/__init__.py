"""Search: what is written into the index, how it is asked, and the box that searches everything."""

from ..pinyin import pinyin_key
from .index import SearchEntry, forget, install, reindex, uninstall
from .query import Hit, matching, matching_ids, newest_hits
from .words import search_words

__all__ = [
    "Hit",
    "SearchEntry",
    "forget",
    "install",
    "matching",
    "matching_ids",
    "newest_hits",
    "pinyin_key",
    "reindex",
    "search_words",
    "uninstall",
]
