"""Customers, the people at them, where they are, what was said to them, and which of them may be the same."""

from .activities import KINDS, Activity, Mention
from .contacts import CHANNELS, CONSENTS, Contact, CustomerContact
from .customers import CUSTOMER_FLOW, CUSTOMER_KINDS, EDIT, USES, Address, Customer
from .duplicates import DuplicatePair, MergedRecord

__all__ = [
    "CHANNELS",
    "CONSENTS",
    "CUSTOMER_FLOW",
    "CUSTOMER_KINDS",
    "EDIT",
    "KINDS",
    "USES",
    "Activity",
    "Address",
    "Contact",
    "Customer",
    "CustomerContact",
    "DuplicatePair",
    "Mention",
    "MergedRecord",
]
