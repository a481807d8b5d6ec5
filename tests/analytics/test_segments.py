"""Segments: a rule finds in the database whom it finds in plain Python; what can't be asked is refused; lists and pages use them."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select

from erpcrm.analytics import services
from erpcrm.analytics.models import Segment, SegmentMember, SegmentMove
from erpcrm.analytics.rules import Condition, Group, holds, plain, read
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.fields.definitions import create_field
from erpcrm.core.fields.values import stored
from erpcrm.core.lists.state import ListState
from erpcrm.core.moves import make_move
from erpcrm.core.registry import record_type
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Customer
from erpcrm.customers.services import merge_records, update_customer
from erpcrm.pipeline.models import Opportunity
from tests.factories.customers import a_contact, a_customer
from tests.factories.opportunities import a_deal
from tests.factories.sales import a_line, a_product, an_order

TODAY = date(2026, 3, 2)
INDUSTRIES, REGIONS, TAGS = ("food", "machinery", None), ("east_china", "europe", None), ("VIP", "key", "old")


def ids_in(segment: Segment, actor: Any = None) -> set[int]:
    return set(session.scalars(services.customers_in(segment, actor)))


def by_rule(*items: Any, op: str = "all", name: str = "Rule", by: Any = None) -> Segment:
    return services.save_segment(None, {"name": name, "kind": "rule", "rule": Group(op, items)}, by)


@pytest.fixture
def deals_only(app: Any, clock: Any, roles: Any) -> None:
    save_setting("modules_off", ["credit", "finance", "sales"])


def a_won(customer: Customer, day: date, amount: int) -> dict[str, Any]:
    return {"customer_id": customer.id, "closed_on": day, "base_amount": Decimal(amount), "amount": Decimal(amount)}


@pytest.fixture
def people(deals_only: None, seller: Any) -> list[dict[str, Any]]:
    """Forty customers of all kinds, with what rules may ask of them as plain values."""
    random, found, won = Random(7), [], []
    for number in range(40):
        known: dict[str, Any] = {
            "industry": random.choice(INDUSTRIES),
            "region": random.choice(REGIONS),
            "tags": random.sample(TAGS, random.randrange(3)),
            "english_name": random.choice(("Blue Pumps", "Red Valves", None)),
        }
        customer = a_customer(seller, name=f"客户 {number}", **known)
        titles = random.sample(("Buyer", "Engineer", None), random.randrange(3))
        for title in titles:
            a_contact(customer, seller, job_title=title)
        days = [random.randrange(1, 500) for _n in range(random.randrange(4))]
        amounts = [random.randrange(1, 500) for _day in days]
        won += [a_won(customer, TODAY - timedelta(days=day), amount) for day, amount in zip(days, amounts, strict=True)]
        bought = list(zip(days, amounts, strict=True))
        found.append(known | {"id": customer.id, "titles": titles, "bought": bought})
    pattern = a_deal(seller, name="Pattern")
    shared = {"pipeline_id": pattern.pipeline_id, "stage_id": pattern.stage_id, "currency": "CNY", "status": "won"}
    for number, one in enumerate(won):
        one |= shared | {"name": "Deal", "code": f"W-{number}", "version": 1}
    session.execute(insert(Opportunity), won)
    return found


def python_says(known: dict[str, Any], one: Condition) -> bool:
    """The same conditions, evaluated on plain values and not by the code that is tested."""
    name, operator, values = one.field.partition(".")[2], one.operator, one.values
    if one.field in ("customer.industry", "customer.region"):
        value = known[name]
        return {
            "any": value in values,
            "none": value not in values,
            "empty": value is None,
            "filled": value is not None,
        }[operator]
    if one.field == "customer.tags":
        hit = any(tag in values for tag in known["tags"])
        return {"any": hit, "none": not hit, "empty": not known["tags"], "filled": bool(known["tags"])}[operator]
    if one.field == "customer.english_name":
        return values[0].lower() in (known["english_name"] or "").lower()
    if one.field == "contact.job_title":
        return any(values[0].lower() in (title or "").lower() for title in known["titles"] if title)
    within = [(day, amount) for day, amount in known["bought"] if not one.days or day <= int(one.days)]
    if one.field == "purchases.last":
        lately = any(day <= int(values[0]) and amount > 0 for day, amount in known["bought"])
        return lately if operator == "within" else not lately
    figure = (
        sum(amount for _day, amount in within) if name == "revenue" else sum(1 for _d, amount in within if amount > 0)
    )
    low, high = int(values[0]), int(values[-1])
    return {"min": figure >= low, "max": figure <= high, "between": low <= figure <= high}[operator]


def a_condition(random: Random) -> Condition:
    field = random.choice(
        ("customer.industry", "customer.region", "customer.tags", "customer.english_name", "contact.job_title",
         "purchases.revenue", "purchases.count", "purchases.last")
    )  # fmt: skip
    if field in ("customer.industry", "customer.region", "customer.tags"):
        known = {"customer.industry": INDUSTRIES[:2], "customer.region": REGIONS[:2], "customer.tags": TAGS}[field]
        operator = random.choice(("any", "none", "filled", "empty"))
        return Condition(
            field,
            operator,
            () if operator in ("filled", "empty") else tuple(random.sample(known, random.choice((1, 2)))),
        )
    if field == "customer.english_name":
        return Condition(field, "has", (random.choice(("pump", "VALVE", "d")),))
    if field == "contact.job_title":
        return Condition(field, "has", (random.choice(("buy", "engineer")),))
    if field == "purchases.last":
        return Condition(field, random.choice(("within", "before")), (str(random.choice((30, 120, 400))),))
    low = random.choice((-10, 0, 1, 2, 100, 300))
    return Condition(
        field, random.choice(("min", "max", "between")), (str(low), str(low + random.choice((0, 200)))),
        random.choice(("", "90", "365")),
    )  # fmt: skip


def a_rule(random: Random, depth: int = 0) -> Group:
    items = [
        a_rule(random, depth + 1) if depth < 2 and random.random() < 0.3 else a_condition(random)
        for _n in range(random.randrange(1, 4))
    ]
    return Group(random.choice(("all", "any", "none")), tuple(items))


def test_a_rule_finds_whom_plain_python_finds(people: list[dict[str, Any]]) -> None:
    random, seen = Random(11), set()
    for number in range(120):
        rule = a_rule(random)
        assert read(plain(rule)) == rule
        found = set(session.scalars(services.customers_where(services.rule_condition(rule), None)))
        expected = {one["id"] for one in people if holds(rule, lambda condition, one=one: python_says(one, condition))}
        assert found == expected, (number, plain(rule))
        seen.add(len(expected))
    assert len(seen) > 10  # the rules were not all for everybody or nobody


def test_margin_products_deals_owners_and_own_fields_are_asked(
    app: Any, clock: Any, roles: Any, seller: Any, colleague: Any
) -> None:
    save_setting("modules_off", ["credit", "finance"])
    create_field(record_type("customer"), {"label": "Machines", "kind": "number"})
    pump, valve = a_product(cost=Decimal(40), category="spare_part"), a_product()
    one = a_customer(seller)
    one.custom = {"machines": stored(Decimal(12))}
    session.flush()
    two, three = a_customer(colleague), a_customer(colleague)
    an_order(one, seller, a_line(pump, 2))
    an_order(two, seller, a_line(valve, 1))
    a_deal(seller, customer_id=three.id, amount=Decimal(900))
    fields = services.rule_fields()
    own = next(name for name in fields if "machines" in name)
    for asked, expected in (
        (Condition("purchases.margin", "min", ("120",)), {one.id}),
        (Condition("purchases.product", "did", (str(pump.id),), "30"), {one.id}),
        (Condition("purchases.product", "did_not", (str(pump.id), str(valve.id))), {three.id}),
        (Condition("purchases.category", "did", ("spare_part",)), {one.id}),
        (Condition("deals.amount", "between", ("900", "900")), {three.id}),
        (Condition("deals.count", "max", ("0",)), {one.id, two.id}),
        (Condition("customer.owner", "any", (str(colleague.id),)), {two.id, three.id}),
        (Condition("customer.created", "within", ("0",)), {one.id, two.id, three.id}),
        (Condition("customer.created", "period", ("last_year",)), set()),
        (Condition(own, "min", ("12",)), {one.id}),
        (Condition(own, "empty"), {two.id, three.id}),
    ):
        found = set(session.scalars(services.customers_where(services.rule_condition(Group("all", (asked,))), None)))
        assert found == expected, asked
    assert "purchases.margin" not in services.rule_fields(seller) or seller.may("sales.margin.view")


def test_a_rule_on_a_field_since_deleted_is_refused_and_marked(
    app: Any, clock: Any, roles: Any, seller: Any, marketer: Any, client: Any, sign_in: Any
) -> None:
    made = create_field(record_type("customer"), {"label": "Machines", "kind": "number"})
    name = next(name for name in services.rule_fields() if "machines" in name)
    segment = by_rule(Condition(name, "min", ("1",)), Condition("customer.region", "empty"), op="any")
    asks = by_rule(Condition("segment", "in", (str(segment.id),)), name="Asks the other")
    a_customer(seller)
    assert len(ids_in(segment)) == len(ids_in(asks)) == 1
    made.active = False
    session.commit()
    for one in (segment, asks):
        with pytest.raises(Refused, match=r"“Machines” is not there any more.*Open it and change its rule"):
            services.customers_in(one)
    assert not services.note_members(segment)
    sign_in(client, marketer)
    page = client.get("/analytics/segments").text
    assert "can’t be used" in page
    assert "“Machines” is not there any more" in page
    assert "can’t be used" in client.get(f"/analytics/segments/{segment.id}").text
    assert "Machines (not there any more)" in client.get(f"/analytics/segments/{segment.id}/edit").text
    # As a filter it is neither everybody nor nobody in silence: it says so, and an export of it is refused.
    listed = client.get(f"/customers?segment={segment.id}").text
    assert "tone-red" in listed
    assert "is not there any more" in listed
    state = ListState.read(record_type("customer"), [("segment", str(segment.id))], actor=marketer)
    with pytest.raises(Refused, match="not understood"):
        state.check()


def test_what_makes_no_rule_is_not_kept(app: Any, clock: Any, roles: Any, seller: Any, marketer: Any) -> None:
    segment = by_rule(Condition("customer.region", "empty"))
    for rule, why in (
        (Group(), "without conditions"),
        (Group("all", (Group("none"),)), "without conditions"),
        (Group("all", (Condition("customer.shoe_size", "min", ("1",)),)), "not there any more"),
        (Group("all", (Condition("customer.region", "min", ("1",)),)), "not compared"),
        (Group("all", (Condition("customer.region", "any"),)), "no value"),
        (Group("all", (Condition("purchases.last", "within", ("soon",)),)), "no number of days"),
        (Group("all", (Condition("purchases.count", "min", ("two",)),)), "not a number"),
        (Group("all", (Condition("customer.created", "from", ("1.4.",)),)), "not a date"),
        (Group("all", (Condition("rfm.cell", "any", ("gone",)),)), "no RFM cell"),
        (Group("all", (Condition("segment", "in", ("999",)),)), "#999"),
        (Group("all", (Condition("segment", "in", (str(segment.id),)),)), "contains itself"),
    ):
        with pytest.raises(Refused, match=why):
            services.save_segment(segment, {"name": "Rule", "rule": rule}, None)
        session.expire(segment)
    with pytest.raises(Refused, match="already"):
        by_rule(Condition("customer.region", "empty"), name="RULE")
    with pytest.raises(Refused, match="not yours"):
        by_rule(Condition("purchases.margin", "min", ("1",)), name="Margin", by=seller)


def test_two_segments_that_ask_each_other_are_no_circle(app: Any, clock: Any, roles: Any) -> None:
    first = by_rule(Condition("customer.region", "empty"), name="First")
    second = by_rule(Condition("segment", "not_in", (str(first.id),)), name="Second")
    with pytest.raises(Refused, match="contains itself"):
        services.save_segment(
            first, {"name": "First", "rule": Group("any", (Condition("segment", "in", (str(second.id),)),))}, None
        )
    session.expire_all()
    with pytest.raises(Refused, match="“Second” asks for this one"):
        services.delete_segment(first)
    services.delete_segment(second)
    services.delete_segment(first)
    assert session.scalars(select(Segment.id)).all() == []


def test_who_came_and_left_is_noted_and_only_that(app: Any, clock: Any, roles: Any, seller: Any, run_jobs: Any) -> None:
    stays, goes, comes = (a_customer(seller, region=region) for region in ("europe", "europe", None))
    segment = by_rule(Condition("customer.region", "any", ("europe",)))
    assert services.note_members(segment)
    assert (segment.customers, session.scalars(select(SegmentMove.id)).all()) == (2, [])
    update_customer(goes, {"region": None}, None, seller)
    update_customer(comes, {"region": "europe"}, None, seller)
    services.note_members(segment)
    services.note_members(segment)
    moves = session.execute(select(SegmentMove.customer_id, SegmentMove.joined, SegmentMove.on)).all()
    assert sorted(tuple(move) for move in moves) == sorted([(comes.id, True, TODAY), (goes.id, False, TODAY)])
    assert set(session.scalars(services.members_of(segment))) == {stays.id, comes.id}
    assert [one.name for one in services.segments_of(comes.id)] == ["Rule"]
    # An archived customer leaves; two that become one are in it once.
    make_move(stays, "activate", by=seller)
    make_move(stays, "archive", by=seller)
    services.note_members(segment)
    assert set(session.scalars(services.members_of(segment))) == {comes.id}


def test_a_fixed_list_holds_whom_people_put_on_it(
    app: Any, clock: Any, roles: Any, seller: Any, outsider: Any, manager: Any
) -> None:
    mine, theirs = a_customer(seller), a_customer(outsider)
    guests = services.save_segment(None, {"name": "Guests", "kind": "static"}, seller)
    assert services.add_customers(guests, [mine.id, theirs.id, 999], seller) == 1
    assert services.add_customers(guests, [mine.id], None) == 0
    everybody = by_rule(Condition("customer.region", "empty"))
    assert services.add_from(guests, everybody, None) == 1
    assert (ids_in(guests), ids_in(guests, seller), guests.customers) == ({mine.id, theirs.id}, {mine.id}, 2)
    assert services.remove_customers(guests, [theirs.id], None) == 1
    assert session.scalars(select(SegmentMember.customer_id)).all() == [mine.id]
    with pytest.raises(Refused, match="follows from its rule"):
        services.add_customers(everybody, [mine.id], None)
    twin = a_customer(seller)
    services.add_customers(guests, [twin.id], None)
    merge_records(mine, twin, {}, seller)
    assert ids_in(guests) == {mine.id}


def test_a_list_filters_shows_and_exports_segments(
    app: Any, clock: Any, roles: Any, seller: Any, outsider: Any, manager: Any, client: Any, sign_in: Any
) -> None:
    a_customer(seller, name="Alpha")
    a_customer(seller, name="Beta", region="europe")
    a_customer(outsider, name="Gamma")
    segment = by_rule(Condition("customer.region", "empty"), name="No region")
    services.note_members(segment)
    session.commit()
    sign_in(client, seller)
    page = client.get(f"/customers?segment={segment.id}&cols=name,segment").text
    assert "Alpha" in page
    assert "Beta" not in page
    assert "Gamma" not in page
    assert "No region" in page
    shown = client.get(f"/analytics/segments/{segment.id}").text
    assert "Alpha" in shown
    assert "Gamma" not in shown
    assert '<span class="count">1</span>' in shown
    assert client.get("/analytics/segments/new").status_code == 403
    sign_in(client, manager)
    answer = client.post(f"/lists/customer/export/csv?at=/customers&segment={segment.id}&cols=name,segment")
    assert "Alpha" in answer.text
    assert "Beta" not in answer.text
    save_setting("modules_off", ["marketing", "service", "analytics"])
    session.commit()
    assert "Alpha" in (listed := client.get(f"/customers?segment={segment.id}").text)
    assert "Beta" in listed


def test_the_editor_counts_as_one_edits_and_keeps_the_rule(
    app: Any, clock: Any, roles: Any, seller: Any, marketer: Any, client: Any, sign_in: Any
) -> None:
    a_customer(seller, name="Alpha", region="europe")
    a_customer(seller, name="Beta")
    session.commit()
    sign_in(client, marketer)
    rule = {"g.": "any", "f.0": "customer.region", "o.0": "any", "v.0": "europe"}
    found = client.get(
        "/analytics/segments/preview", query_string=rule, headers={"HX-Request": "true", "HX-Target": "div#preview"}
    )
    assert '<strong class="num">1</strong>' in found.text
    assert "Alpha" in found.text
    assert "<html" not in found.text
    assert "no value" in client.get("/analytics/segments/preview", query_string=rule | {"v.0": ""}).text
    grown = client.get(
        "/analytics/segments/rule",
        query_string=rule | {"do": "add:"},
        headers={"HX-Request": "true", "HX-Target": "div#rule"},
    )
    assert 'name="f.1"' in grown.text
    assert 'value="europe" checked' in grown.text
    # Without a script the same buttons post the form: nothing is stored yet, nothing typed is lost.
    plainly = client.post("/analytics/segments", data=rule | {"name": "Far away", "kind": "rule", "do": "group:"})
    assert plainly.status_code == 200
    assert 'name="f.1.0"' in plainly.text
    assert "Far away" in plainly.text
    assert session.scalars(select(Segment.id)).all() == []
    bad = client.post("/analytics/segments", data=rule | {"name": "Far away", "kind": "rule", "v.0": ""})
    assert bad.status_code == 422
    assert "no value" in bad.text
    numbers = {"f.1": "purchases.revenue", "o.1": "min", "v.1": "1,000", "d.1": "90"}
    made = client.post("/analytics/segments", data=rule | numbers | {"name": "Far away", "kind": "rule"})
    segment = session.scalars(select(Segment)).one()
    assert made.location.endswith(f"/analytics/segments/{segment.id}")
    assert segment.rule["items"][1] == {
        "field": "purchases.revenue", "operator": "min", "values": ["1000"], "days": "90", "label": "Revenue"
    }  # fmt: skip
    words = client.get(made.location).text
    assert "Region is one of" in words
    assert "Revenue is at least 1,000 in the last 90 days" in words
    stale = client.post(f"/analytics/segments/{segment.id}/edit", data=rule | {"name": "New", "version": "0"})
    assert stale.status_code == 409
