"""The blueprint of analytics, and what its pages share."""

from flask import Blueprint

from erpcrm.core.access import load
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

bp = Blueprint("analytics", __name__, url_prefix="/analytics")


def load_customer(id: int) -> Customer:
    return load(Customer, id, CUSTOMER_SCOPE)
