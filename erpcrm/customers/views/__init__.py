"""Pages of customers, contacts, addresses, activities, duplicates and My day."""

from . import activities, addresses, contacts, customers, duplicates, mails, my_day, places, timeline
from .blueprint import bp

__all__ = [
    "activities",
    "addresses",
    "bp",
    "contacts",
    "customers",
    "duplicates",
    "mails",
    "my_day",
    "places",
    "timeline",
]
