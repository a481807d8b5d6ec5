"""Fills an empty database through the models' tables: what a company has after five busy years.

Rows are made in the order of time, as they would have come: ids follow creation, a customer's history is spread over its
years. Search entries are made by the index's own words, the audit trail has the entry of each creation.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, select

from erpcrm import create_app
from erpcrm.access.demo import build_users
from erpcrm.access.models import User
from erpcrm.access.services import create_team, create_user
from erpcrm.catalog.services import create_product
from erpcrm.core.audit import AuditEntry
from erpcrm.core.company_names import company_name
from erpcrm.core.db import db, now, session
from erpcrm.core.i18n import today
from erpcrm.core.jobs.models import ScheduledWork
from erpcrm.core.jobs.schedules import schedules_on
from erpcrm.core.lifecycle import transaction
from erpcrm.core.numbers import next_numbers
from erpcrm.core.options import options, seed_options
from erpcrm.core.pinyin import pinyin_key
from erpcrm.core.registry import record_type
from erpcrm.core.search.index import SearchEntry, rows_of
from erpcrm.core.serve import bring_up_to_date
from erpcrm.core.settings import save_setting
from erpcrm.core.similar import normalise
from erpcrm.customers.models import Activity, Address, Contact, Customer, CustomerContact
from erpcrm.demo import World
from erpcrm.pipeline.models import Opportunity, OpportunityHistory, Stage
from erpcrm.pipeline.services.stages import ensure_standard_pipeline

from . import trading
from .bulk import BATCH, Row, let_sequences_follow, quick_writes, write
from .names import Company, Namer
from .sound import faults

YEARS = 5
FULL = {"customers": 100_000, "contacts": 300_000, "opportunities": 200_000, "activities": 1_000_000}
CHOICES = ("industry", "region", "size", "source", "payment_terms")


@dataclass
class Made:
    """What later rows point at."""

    random: Random
    namer: Namer
    start: datetime
    end: datetime
    sellers: list[tuple[int, int | None]]
    """(user, team)"""
    stages: Sequence[tuple[int, int]]
    """(stage, its pipeline), in order"""
    choices: dict[str, list[str]]
    companies: list[Company] = field(default_factory=list)
    owners: list[tuple[int, int | None]] = field(default_factory=list)
    last_activity: dict[int, datetime] = field(default_factory=dict)
    deals: list[tuple[int, int | None]] = field(default_factory=list)
    """(deal, its customer)"""

    def moment(self, part: float) -> datetime:
        """At so much of the five years."""
        return self.start + (self.end - self.start) * part

    def a_customer(self, part: float) -> int:
        """One of those who were there by then; newer ones are spoken to more often."""
        there = max(1, int(len(self.companies) * part))
        return there - int(there * self.random.random() ** 1.3)


def fill(scale: float, say: Callable[[str], Any]) -> dict[str, int]:
    """Fill the database that DATABASE_URL names; returns how many of each there are."""
    count = {name: max(1, round(number * scale)) for name, number in (FULL | trading.FULL).items()}
    app = create_app()
    with app.app_context():
        bring_up_to_date()
        with transaction():
            made, laid = people(), trading.lay(count["products"])
        with quick_writes() as connection:
            populate(connection, made, count, say)
            trade = trading.trade_of(connection, laid, made.end, YEARS)
            trading.populate(connection, laid, trade, count["orders"], say)
            let_sequences_follow(connection)
        with transaction():
            next_numbers("customer", count["customers"])
            next_numbers("opportunity", count["opportunities"])
            trading.take_numbers(trade)
            # What runs at night has run last night: it is not what is measured.
            for schedule in schedules_on():
                session.add(ScheduledWork(name=schedule.job, next_at=now() + schedule.every, last_at=now()))
        with transaction(writes=False):
            wrong = faults(today())
        if wrong:
            raise AssertionError("; ".join(wrong))
    return count


def populate(connection: Connection, made: Made, count: dict[str, int], say: Callable[[str], Any] = len) -> None:
    """So many customers, contacts, opportunities and activities, with all that belongs to them."""
    for name, rows in (
        ("customers", _customers(made, count["customers"])),
        ("contacts", _contacts(made, count["contacts"])),
        ("opportunities", _opportunities(made, count["opportunities"])),
        ("activities", _activities(made, count["activities"])),
        ("last activities", _last_activities(made, connection)),
    ):
        began = time.monotonic()
        write(connection, ((model.__table__, row) for model, row in rows))
        say(f"    {name}: {time.monotonic() - began:.0f} s")


def people() -> Made:
    """Users, teams, choices and the pipeline: through the verbs that users call."""
    world = World(today=datetime.now(UTC).date())
    build_users(world)
    seed_options()
    save_setting("company_name", "Bench 华测")
    ensure_standard_pipeline()
    for number in range(1, 41):
        create_product(
            {"code": f"P-{number:03}", "name": f"Product {number}", "unit": "piece", "price": Decimal(number)}, by=None
        )
    password_hash = world.users["seller"].password_hash
    random = Random(20261124)
    namer = Namer(random)
    sellers: list[User] = []
    for number in range(1, 9):
        team = create_team(f"Team {number}")
        for place in range(6):
            person = namer.person(chinese=place % 2 == 0)
            user = create_user(person, f"s{number}{place}@bench.example", roles=["seller"], team=team)
            user.password_hash = password_hash
            sellers.append(user)
    session.flush()
    sellers += [world.users["seller"], world.users["colleague"]]
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    owners = [(user.id, user.team_id) for user in sellers]
    stages = [(row.id, row.pipeline_id) for row in session.execute(select(Stage).order_by(Stage.position)).scalars()]
    choices = {name: [choice.value for choice in options(f"customer.{name}")] for name in CHOICES}
    return Made(random, namer, end - timedelta(days=365 * YEARS), end, owners, stages, choices)


def _born(at: datetime, by: int | None) -> Row:
    return {"version": 1, "created_at": at, "updated_at": at, "created_by_id": by}


def _trail(
    record_type: str, record_id: int, at: datetime, by: int | None, part: str | None = None, **changes: Any
) -> tuple[Any, Row]:
    told = {name: [None, value] for name, value in changes.items() if value is not None}
    return AuditEntry, {
        "at": at, "actor_id": by, "record_type": record_type, "record_id": record_id, "part": part, "action": "created",
        "changes": told, "reason": None,
    }  # fmt: skip


def _found(kind: str, record: Any) -> Iterator[tuple[Any, Row]]:
    for row in rows_of(record_type(kind), [record], db.engine.dialect.name):
        yield SearchEntry, row


def _customers(made: Made, count: int) -> Iterator[tuple[Any, Row]]:
    random, namer = made.random, made.namer
    industries, regions, sizes, sources, terms = (made.choices[name] for name in CHOICES)
    for number in range(1, count + 1):
        at, company = made.moment(number / count), namer.company()
        owner, team = random.choice(made.sellers)
        made.companies.append(company)
        made.owners.append((owner, team))
        domain = f"c{number}.example"
        phone = f"+86 21 {random.randint(1000, 9999)} {number % 10000:04}"
        row = _born(at, owner) | {
            "id": number, "code": f"C-{number:05}", "kind": "company", "name": company.name, "english_name": None,
            "reading": None, "name_key": pinyin_key(company.name), "match_key": normalise(company.name),
            "core_key": company_name(company.name).core, "english_key": None,
            "tax_number": f"91{number:016}" if number % 3 else None, "industry": random.choice(industries),
            "size": random.choice(sizes), "region": random.choice(regions), "source": random.choice(sources),
            "status": random.choices(("active", "prospect", "archived"), (70, 25, 5))[0], "owner_id": owner, "team_id": team,
            "parent_id": random.randint(1, number - 1) if number > 1 and number % 20 == 0 else None,
            "payment_terms": random.choice(terms), "currency": "CNY" if company.chinese else "EUR", "phone": phone,
            "email": f"info@{domain}", "website": f"https://{domain}", "mail_domain": domain,
            "tags": random.choice(([], [], ["VIP"], ["重点"], ["OEM", "VIP"])), "note": None, "last_activity_at": None,
            "custom": {},
        }  # fmt: skip
        yield Customer, row
        yield Address, _born(at, owner) | {
            "customer_id": number, "use": "both", "is_default": True, "recipient": None, "phone": None,
            "street": f"工业园路{number % 900 + 1}号" if company.chinese else f"{number % 900 + 1} Mill Road",
            "city": company.name[:2] if company.chinese else "York", "state": None, "postcode": None,
            "country": "CN" if company.chinese else "GB",
        }  # fmt: skip
        told = {
            name: row[name] for name in ("code", "name", "industry", "region", "owner_id", "phone", "email", "currency")
        }
        yield _trail("customer", number, at, owner, **told)
        yield from _found("customer", SimpleNamespace(**row))


def _contacts(made: Made, count: int) -> Iterator[tuple[Any, Row]]:
    random, namer, companies = made.random, made.namer, made.companies
    for number in range(1, count + 1):
        place = min(len(companies), 1 + (number - 1) * len(companies) // count)
        company = companies[place - 1]
        owner, _team = made.owners[place - 1]
        at = made.moment(place / len(companies))
        name = namer.person(chinese=company.chinese)
        row = _born(at, owner) | {
            "id": number, "name": name, "reading": None, "name_key": pinyin_key(name),
            "job_title": namer.title(chinese=company.chinese), "phone": None,
            "mobile": f"1{random.choice('35789')}{number % 10}{random.randint(10_000_000, 99_999_999)}", "other_phone": None,
            "email": f"p{number}@c{place}.example", "wechat": None, "channel": random.choice(("mobile", "email", None)),
            "consent": random.choice(("unknown", "granted", "withdrawn")), "consent_on": None, "consent_source": None,
            "note": None, "active": random.random() < 0.95, "owner_id": owner, "last_activity_at": None, "custom": {},
        }  # fmt: skip
        link = _born(at, owner) | {
            "customer_id": place, "contact_id": number, "role": None, "is_primary": True,
            "is_main": number == 1 or 1 + (number - 2) * len(companies) // count != place,
        }  # fmt: skip
        yield Contact, row
        yield CustomerContact, link
        told = {name: row[name] for name in ("name", "job_title", "mobile", "email")}
        yield _trail("contact", number, at, owner, **told)
        at_work = SimpleNamespace(is_primary=True, customer=SimpleNamespace(name=company.name))
        yield from _found("contact", SimpleNamespace(**row, places=[at_work]))


def _opportunities(made: Made, count: int) -> Iterator[tuple[Any, Row]]:
    random, namer, stages = made.random, made.namer, made.stages
    today = made.end.date()
    for number in range(1, count + 1):
        part = number / count
        at, customer = made.moment(part), made.a_customer(part)
        company, (owner, team) = made.companies[customer - 1], made.owners[customer - 1]
        age = (made.end - at).days
        is_open = random.random() < (0.6 if age < 120 else 0.05)
        status = "open" if is_open else random.choice(("won", "lost"))
        place = random.choices(range(4), (4, 3, 2, 1))[0] if status != "won" else 3
        lasted = random.randint(5, max(6, min(120, age)))
        closed = None if is_open else min(today, at.date() + timedelta(days=lasted))
        since = min(made.end, at + timedelta(days=random.randint(0, lasted), seconds=number % 86400))
        amount = Decimal(random.randint(5, 900) * 1000)
        made.deals.append((number, customer))
        row = _born(at, owner) | {
            "id": number, "code": f"O-{number:05}", "name": namer.deal(company), "customer_id": customer,
            "pipeline_id": stages[place][1], "stage_id": stages[place][0], "stage_since": since, "status": status,
            "amount": amount, "currency": "CNY", "rate": Decimal(1), "base_amount": amount, "opened_on": at.date(),
            "expected_close": at.date() + timedelta(days=lasted), "closed_on": closed, "owner_id": owner, "team_id": team,
            "source": None, "next_step": "发送报价" if number % 3 else None, "next_step_on": None,
            "loss_reason": random.choice(("price", "competitor", "no_budget")) if status == "lost" else None,
            "description": None, "tags": [], "last_activity_at": None, "custom": {},
        }  # fmt: skip
        yield Opportunity, row
        yield from _history(row, [stage for stage, _pipeline in stages[: place + 1]], closed)
        told = {"name": row["name"], "customer_id": customer, "amount": str(amount), "owner_id": owner}
        yield _trail("opportunity", number, at, owner, **told)
        seen = SimpleNamespace(**row, customer=SimpleNamespace(name=company.name))
        yield from _found("opportunity", seen)


def _history(deal: Row, stages: Sequence[int], closed: date | None) -> Iterator[tuple[Any, Row]]:
    """Each stage that it went through, and its end."""
    kept = {name: deal[name] for name in ("amount", "currency", "base_amount", "expected_close", "owner_id", "team_id")}
    kept |= {"opportunity_id": deal["id"], "by_id": deal["owner_id"], "closed_on": None}
    began, took = deal["created_at"], deal["stage_since"] - deal["created_at"]
    for step, stage in enumerate(stages):
        at = began + took * (step / len(stages))
        changed = ["stage_id"] if step else ["created"]
        yield OpportunityHistory, kept | {"at": at, "changed": changed, "stage_id": stage, "status": "open"}
    if closed is not None:
        at = max(deal["stage_since"], datetime(closed.year, closed.month, closed.day, tzinfo=UTC))
        yield (
            OpportunityHistory,
            kept
            | {"at": at, "changed": ["status"], "stage_id": stages[-1], "status": deal["status"], "closed_on": closed},
        )


def _activities(made: Made, count: int) -> Iterator[tuple[Any, Row]]:
    random, namer = made.random, made.namer
    for number in range(1, count + 1):
        part = number / count
        at = made.moment(part)
        if number % 5 == 0:
            record = "opportunity"
            record_id, customer = made.deals[random.randrange(max(1, int(len(made.deals) * part)))]
        else:
            record, customer = "customer", made.a_customer(part)
            record_id = customer
        owner, _team = made.owners[(customer or 1) - 1]
        kind = random.choice(("call", "call", "note", "meeting", "email", "task"))
        is_open = kind == "task" and part > 0.97
        due = (at + timedelta(days=random.randint(0, 60))).date() if kind == "task" else None
        if not is_open and customer is not None:
            made.last_activity[customer] = at
        yield Activity, _born(at, owner) | {
            "id": number, "kind": kind, "subject": namer.talk(chinese=made.companies[(customer or 1) - 1].chinese),
            "body": None, "record_type": record, "record_id": record_id, "customer_id": customer, "contact_id": None,
            "owner_id": owner, "due_on": due, "starts_at": None, "done_at": None if is_open else at, "at": at,
            "outcome": None, "reminded_on": due,
        }  # fmt: skip
        yield _trail("activity", number, at, owner, kind=kind, customer_id=customer, owner_id=owner)


def _last_activities(made: Made, connection: Connection) -> Iterator[tuple[Any, Row]]:
    table = Customer.__table__
    latest = list(made.last_activity.items())
    statement = "UPDATE customers SET last_activity_at = {} WHERE id = {}"
    marks = ("?", "?") if connection.dialect.name == "sqlite" else ("%s", "%s")
    bind = table.c.last_activity_at.type.bind_processor(connection.dialect) or (lambda value: value)
    for start in range(0, len(latest), BATCH):
        some = [(bind(at), customer) for customer, at in latest[start : start + BATCH]]
        connection.exec_driver_sql(statement.format(*marks), some)
    yield from ()


def main() -> None:
    began = time.monotonic()
    fill(float(os.environ.get("SCALE", "1")), lambda text: sys.stdout.write(f"{text}\n"))
    sys.stdout.write(f"    together: {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
