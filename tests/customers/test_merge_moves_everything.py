"""A merge leads over whatever points at the loser: asked of the metadata, so that it holds for tables that come later."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from erpcrm.analytics.models import CustomerValue
from erpcrm.core.db import Base
from erpcrm.core.merging import KEPT
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.services import merge_records
from tests.factories.customers import a_contact, a_customer
from tests.factories.rows import a_row


def pointing(model: Any) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every table and the columns by which its rows may point at `model`, with what says so beside the id."""
    for _name, table in sorted(Base.metadata.tables.items()):
        for key in table.foreign_keys:
            if key.column.table is model.__table__ and not table.info.get("computed"):
                yield table, {key.parent.name: None}
        paired = {"record_type", "record_id"} <= set(table.c.keys()) and table.name not in KEPT
        if paired and table.info.get("on_merge") != "keep":
            yield table, {"record_type": model.record_name, "record_id": None}


def at(columns: dict[str, Any], record_id: int) -> dict[str, Any]:
    return {name: record_id if value is None else value for name, value in columns.items()}


def how_many(session: Any, table: Table, columns: dict[str, Any], record_id: int) -> int:
    where = [table.c[name] == value for name, value in at(columns, record_id).items()]
    return session.scalar(select(func.count()).select_from(table).where(*where))


@pytest.mark.parametrize("make", [a_customer, lambda owner: a_contact(None, owner)], ids=["customer", "contact"])
def test_whatever_points_at_the_loser_points_at_the_winner_afterwards(app, session, seller, manager, make):
    winner, loser = make(seller), make(seller)
    winner_id, loser_id = winner.id, loser.id
    ways = list(pointing(type(winner)))
    for table, columns in ways:
        a_row(table, **at(columns, loser_id))
    before = [how_many(session, table, columns, loser_id) for table, columns in ways]
    assert all(before), "there is something to move in every table"
    merge_records(winner, loser, {}, manager)
    session.flush()
    session.expire_all()
    left = {table.name: how_many(session, table, columns, loser_id) for table, columns in ways}
    assert {name for name, count in left.items() if count} == set()
    # The nightly search's pairs with the loser make no sense any more; everything else is with the winner.
    moved = {table.name for table, columns in ways if how_many(session, table, columns, winner_id)}
    assert moved == {table.name for table, _columns in ways}
    assert session.get(type(winner), loser_id) is None


def test_what_is_worked_out_of_the_loser_is_gone(app, session, seller, manager):
    """It can't be led over: the winner's figures are worked out of all that it has now."""
    winner, loser = a_customer(seller), a_customer(seller)
    days = {"as_of": date(2026, 3, 1), "first_on": date(2026, 1, 1), "last_on": date(2026, 2, 1)}
    a_row(CustomerValue.__table__, id=loser.id, customer_id=loser.id, **days)
    merge_records(winner, loser, {}, manager)
    session.flush()
    assert session.scalar(select(func.count()).select_from(CustomerValue)) == 0


def test_the_tables_that_matter_are_among_them(app):
    assert {"addresses", "activities", "customer_contacts", "opportunities", "attachments", "mail_links"} <= {
        table.name for table, _columns in pointing(Customer)
    }
    assert {"activities", "customer_contacts", "opportunity_contacts"} <= {table.name for table, _ in pointing(Contact)}
