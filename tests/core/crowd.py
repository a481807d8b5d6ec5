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
    Location,
    Lot,
    Receipt,
    ReceiptLine,
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
    Location,
)
AS_THEY_ARE: tuple[Any, ...] = (
    User, Customer, Contact, Product, PriceList, PriceListItem, Lead, Opportunity, Activity, Address, Competitor, OpportunityHistory,
    OpportunityLine, StockMove, StockAdjustment, Receipt, ReceiptLine, Lot,
    Job, Import, ImportRow, Mail, Notification, Attachment, AuditEntry,
)  # fmt: skip


def crowd(rows: int) -> None:
    """Copy the first row of each table so often: the copies belong to the same customer, deal, user."""
    for model in BY_HAND:
        clones(model, min(rows, FEW))
    for model in AS_THEY_ARE:
        clones(model, rows)
    customers, contacts, mails = (ids(model) for model in (Customer, Contact, Mail))
    clones(CustomerContact, rows, contact_id=contacts, is_main=[False], is_primary=[False])
    clones(OpportunityContact, rows, contact_id=contacts)
    clones(MailLink, rows, mail_id=mails)
    clones(Mention, rows, activity_id=ids(Activity))
    clones(DuplicatePair, rows, second_id=customers)
    clones(Location, min(rows, FEW), kind=["stock"] * FEW)
    products = ids(Product)
    clones(StockItem, rows, product_id=products)
    clones(StockLevel, rows, lot_id=ids(Lot))
    days = [date(2001, 1, 1) + timedelta(days=number) for number in range(rows)]
    clones(Holiday, rows, day=days)
    clones(ExchangeRate, rows, day=days)
    db.session.commit()


def ids(model: Any) -> list[int]:
    """From the last one down: those that are copies."""
    return list(db.session.scalars(select(model.id).order_by(model.id.desc())))


def clones(model: Any, count: int, **various: Sequence[Any]) -> None:
    """`count` copies of the first row of `model`. `various` gives columns other values in turn."""
    table: Table = model.__table__
    first = db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings().first()
    assert first is not None, f"no {model.__name__} to copy"
    apart = [column.name for column in unique_texts(table) if column.name not in various]
    given = {name: value for name, value in first.items() if name != "id"}
    rows = [
        given
        | {name: f"{first[name]}-{number}" for name in apart if first[name] is not None}
        | {name: values[number % len(values)] for name, values in various.items()}
        for number in range(count)
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
