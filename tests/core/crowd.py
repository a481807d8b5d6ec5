"""Many rows of everything, all at the same few records: what a page meets that asks once a row."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import String, Table, UniqueConstraint, insert, select

from erpcrm.access.models import Role, Team, User
from erpcrm.catalog.models import PriceList, PriceListItem, Product
from erpcrm.company.models import ExchangeRate, Holiday, Tax
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import db
from erpcrm.core.fields.definitions import CustomField
from erpcrm.core.files import Attachment
from erpcrm.core.imports.models import Import, ImportRow
from erpcrm.core.jobs import Job
from erpcrm.core.lists.saved_views import SavedView
from erpcrm.core.mail import Mail, MailLink
from erpcrm.core.notifications import Notification
from erpcrm.customers.models import Activity, Address, Contact, Customer, CustomerContact, DuplicatePair, Mention
from erpcrm.inventory.models import (
    Delivery,
    DeliveryLine,
    Location,
    Lot,
    Receipt,
    ReceiptLine,
    Reservation,
    Return,
    ReturnLine,
    StockAdjustment,
    StockItem,
    StockLevel,
    StockMove,
    Warehouse,
)
from erpcrm.pipeline.models import (
    AssignmentRule,
    Competitor,
    Lead,
    Opportunity,
    OpportunityContact,
    OpportunityHistory,
    OpportunityLine,
    Pipeline,
    ScoreRule,
    Stage,
)

FEW = 60
"""So many there are at most of what a company sets up by hand: roles, stages, own fields."""
BY_HAND: tuple[Any, ...] = (
    Role,
    Team,
    CustomField,
    Pipeline,
    Stage,
    ScoreRule,
    AssignmentRule,
    SavedView,
    Tax,
    Warehouse,
)
AS_THEY_ARE: tuple[Any, ...] = (
    User, Customer, Contact, Product, PriceList, PriceListItem, Lead, Opportunity, Activity, Address, Competitor, OpportunityHistory,
    OpportunityLine, StockMove, StockAdjustment, Receipt, ReceiptLine, Lot, Delivery, DeliveryLine, Return, ReturnLine,
    Job, Import, ImportRow, Mail, Notification, Attachment, AuditEntry,
)  # fmt: skip


def crowd(rows: int, there: int = 0) -> None:
    """Copy the first row of each table until there are so many: the copies belong to the same customer, deal, user.

    `there` tells how many an earlier call has made.
    """
    few, many = range(min(there, FEW), min(rows, FEW)), range(there, rows)
    for model in BY_HAND:
        clones(model, few)
    for model in AS_THEY_ARE:
        clones(model, many)
    customers, contacts, mails = (ids(model) for model in (Customer, Contact, Mail))
    clones(CustomerContact, many, contact_id=contacts, is_main=[False], is_primary=[False])
    clones(OpportunityContact, many, contact_id=contacts)
    clones(MailLink, many, mail_id=mails)
    clones(Mention, many, activity_id=ids(Activity))
    clones(DuplicatePair, many, second_id=customers)
    clones(Location, few, kind=["stock"] * FEW)
    clones(StockItem, many, product_id=ids(Product))
    clones(StockLevel, many, lot_id=ids(Lot))
    clones(Reservation, many, line_id=range(1, rows + 1))
    days = [date(2001, 1, 1) + timedelta(days=number) for number in many]
    clones(Holiday, many, day=days)
    clones(ExchangeRate, many, day=days)
    db.session.commit()


def ids(model: Any) -> list[int]:
    """From the last one down: those that are copies."""
    return list(db.session.scalars(select(model.id).order_by(model.id.desc())))


def clones(model: Any, numbers: range, **various: Sequence[Any]) -> None:
    """A copy of the first row of `model` for each number. `various` gives columns other values in turn."""
    table: Table = model.__table__
    first = db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings().first()
    assert first is not None, f"no {model.__name__} to copy"
    apart = [column.name for column in unique_texts(table) if column.name not in various]
    given = {name: value for name, value in first.items() if name != "id"}
    rows = [
        given
        | {name: f"{first[name]}-{number}" for name in apart if first[name] is not None}
        | {name: values[place % len(values)] for name, values in various.items()}
        for place, number in enumerate(numbers)
    ]
    if various:
        rows = rows[: min(len(values) for values in various.values() if len(values) > 1)]
    db.session.execute(insert(table), rows)


def unique_texts(table: Table) -> list[Any]:
    """The columns with text that no two rows may share, alone or with others."""
    unique = [constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    unique += [index.columns for index in table.indexes if index.unique]
    return [
        column
        for column in table.columns
        if isinstance(column.type, String) and any(column.name in some for some in unique)
    ]
