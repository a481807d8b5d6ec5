"""The blueprint of credit, and what its pages share."""

from typing import Any

from flask import Blueprint
from sqlalchemy.orm import joinedload

from erpcrm.core.access import load
from erpcrm.core.errors import Refused
from erpcrm.customers.models import Customer

from ..models import Assessment, BadDebt, CreditApplication
from ..records import APPLICATION_SCOPE, ASSESSMENT_SCOPE, DEBT_SCOPE, SHEET_SCOPE

WHOLE = tuple(
    joinedload(part)
    for part in (
        CreditApplication.customer,
        CreditApplication.order,
        CreditApplication.requested_by,
        CreditApplication.endorsed_by,
        CreditApplication.decided_by,
        CreditApplication.decided_for,
    )
)
bp = Blueprint("credit", __name__, url_prefix="/credit")


def load_customer(id: int) -> Customer:
    return load(Customer, id, SHEET_SCOPE)


def load_application(id: int) -> CreditApplication:
    return load(CreditApplication, id, APPLICATION_SCOPE, options=WHOLE)


def load_assessment(id: int) -> Assessment:
    return load(Assessment, id, ASSESSMENT_SCOPE)


def load_debt(id: int) -> BadDebt:
    return load(BadDebt, id, DEBT_SCOPE)


def beside(field: Any, no: Refused) -> None:
    """Say a refusal beside the field that it is about."""
    field.errors = [str(no.message)]
