"""The verbs of customers, contacts and activities."""

from .activities import add_activity, delete_activity, finish_activity, not_told, reopen_activity, update_activity
from .addresses import add_address, remove_address, update_address
from .contacts import (
    create_contact,
    delete_contact,
    link_contact,
    make_main,
    make_primary,
    unlink_contact,
    update_contact,
    update_place,
)
from .customers import add_tag, assign_owner, create_customer, delete_customer, remove_tag, update_customer
from .duplicates import contact_candidates, customer_candidates, dismiss_pair
from .history import move_history
from .mails import people_to_write_to, write_mail
from .merging import merge_records

__all__ = [
    "add_activity",
    "add_address",
    "add_tag",
    "assign_owner",
    "contact_candidates",
    "create_contact",
    "create_customer",
    "customer_candidates",
    "delete_activity",
    "delete_contact",
    "delete_customer",
    "dismiss_pair",
    "finish_activity",
    "link_contact",
    "make_main",
    "make_primary",
    "merge_records",
    "move_history",
    "not_told",
    "people_to_write_to",
    "remove_address",
    "remove_tag",
    "reopen_activity",
    "unlink_contact",
    "update_activity",
    "update_address",
    "update_contact",
    "update_customer",
    "update_place",
    "write_mail",
]
