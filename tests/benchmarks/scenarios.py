"""What users do that is measured. A scenario is made for one site and then acted many times, each time a little different."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from erpcrm.core.exact import AMOUNT

from .browser import Answer, Browser, Unexpected
from .orders import POOL, WRITES
from .sites import Site

Act = Callable[[Browser, int], Answer]
LETTERS = ("hua", "bre", "ele", "zhe", "tec", "lin", "wei", "mar")
CHARACTERS = ("机械", "上海", "电子", "精密", "中达", "华盛", "苏州", "阀门")
INITIALS = ("hwjs", "shzd", "bjxs", "szhd", "hzdz", "njjx", "gzxc", "wxht")
PAGE = 1000
BUSY = 503
"""What a user gets who has waited fifteen seconds for others to write: it is counted, and told in the report."""


@dataclass(frozen=True)
class Scenario:
    name: str
    make: Callable[[Site], Act]
    target: float | None = None
    """At most so many times the one-query page."""
    rare: bool = False
    """Takes long: acted a few times, by one user."""
    reads: bool = True


def part(path: str, target: str = "results") -> Callable[[Site], Act]:
    return lambda _site: lambda browser, _number: browser.part(path, target)


def whole(path: str) -> Callable[[Site], Act]:
    return lambda _site: lambda browser, _number: browser.page(path)


def search(words: tuple[str, ...], path: str = "/customers", target: str = "results") -> Callable[[Site], Act]:
    return lambda _site: lambda browser, number: browser.part(f"{path}?q={_quoted(words[number % len(words)])}", target)


def _quoted(word: str) -> str:
    return "".join(f"%{byte:02X}" for byte in word.encode())


def _deep(site: Site) -> int:
    """Page 1,000, or as far down a smaller list."""
    return max(2, round(PAGE * min(1, site.scale)))


def next_link(site: Site) -> Act:
    """The page that the link "next page" leads to, deep down in the list."""
    page = site.browser.text(f"/customers?page={_deep(site) - 1}")
    found = re.search(r'<a[^>]*href="([^"]+)"[^>]*rel="next"', page)
    if found is None:
        raise Unexpected("no next page")
    path = unescape(found[1])
    return lambda browser, _number: browser.page(path)


def jump(site: Site) -> Act:
    path = f"/customers?page={_deep(site)}"
    return lambda browser, _number: browser.page(path)


def customer_page(site: Site) -> Act:
    most = site.counts["customers"]
    return lambda browser, number: browser.page(f"/customers/{1 + number * 7919 % most}")


def move_card(site: Site) -> Act:
    """Cards go between the first two stages, to and fro; each user moves cards of their own."""
    stages = [row[0] for row in site.rows("SELECT id FROM stages ORDER BY position LIMIT 2")]
    cards = [list(row) for row in site.rows(
        "SELECT id, stage_id, version FROM opportunities WHERE status = 'open' AND stage_id IN (:one, :two) ORDER BY id DESC"
        " LIMIT 2000", one=stages[0], two=stages[1]
    )]  # fmt: skip

    def act(browser: Browser, number: int) -> Answer:
        card = cards[number % len(cards)]
        there = stages[0] if card[1] == stages[1] else stages[1]
        fields, path = {"stage": there, "version": card[2]}, f"/pipeline/opportunities/{card[0]}/stage"
        answer = browser.post(path, fields, target=f"li#card_{card[0]}", expected=(200, BUSY))
        if answer.status != BUSY:
            card[1:] = [there, card[2] + 1]
        return answer

    return act


def quick_add(site: Site) -> Act:
    most = site.counts["customers"]

    def act(browser: Browser, number: int) -> Answer:
        path = f"/timeline/customer/{1 + number * 104729 % most}"
        return browser.post(
            path, {"kind": "call", "subject": f"Call {number}"}, target="div#timeline_stream", expected=(200, BUSY)
        )

    return act


def order_page(site: Site) -> Act:
    most = site.counts["sales_orders"]
    return lambda browser, number: browser.page(f"/sales/orders/{1 + number * 7919 % most}")


def ageing(_site: Site) -> Act:
    """As of a day two months ago, or a day or two before that."""
    today = datetime.now(UTC).date()
    return lambda browser, number: browser.page(f"/finance/ageing?on={today - timedelta(days=60 + number % 3)}")


def once(query: str, path: str, fields: Callable[[Any], dict[str, Any]]) -> Callable[[Site], Act]:
    """A write that each document takes once: those that `query` finds among the newest orders were filled in for it."""

    def make(site: Site) -> Act:
        rows = site.rows(query, newest=site.counts["sales_orders"] - POOL * len(WRITES))

        def act(browser: Browser, number: int) -> Answer:
            if number >= len(rows):
                raise Unexpected(f"{path}: all {len(rows)} that were filled in are used up; take fewer ROUNDS")
            row = rows[number]
            return browser.post(path.format(row[0]), fields(row), expected=(302, 303, BUSY))

        return act

    return make


def _amount(kept: Any) -> Decimal:
    """SQLite keeps amounts as whole numbers."""
    return kept if isinstance(kept, Decimal) else Decimal(kept).scaleb(-AMOUNT.places)


def _version(row: Any) -> dict[str, Any]:
    return {"version": row[1]}


confirm = once(
    # Of customers who have ordered before: with a first order they become active, which is written too.
    "SELECT id, version FROM sales_orders WHERE id > :newest AND status = 'draft'"
    " AND customer_id IN (SELECT id FROM customers WHERE status = 'active') ORDER BY id",
    "/sales/orders/{}/confirm",
    _version,
)
ship = once(
    "SELECT id, version FROM deliveries WHERE order_id > :newest AND status = 'ready' ORDER BY id",
    "/inventory/deliveries/{}/ship",
    lambda row: {"version": row[1], "carrier": "SF", "tracking": f"SF{row[0]}"},
)
post = once(
    "SELECT id, version FROM invoices WHERE order_id > :newest AND status = 'draft' ORDER BY id",
    "/finance/invoices/{}/post",
    _version,
)
allocate = once(
    "SELECT payments.item_id, receivable_items.id, receivable_items.open FROM invoices"
    " JOIN payments ON payments.reference = invoices.number JOIN receivable_items ON receivable_items.number = invoices.number"
    " WHERE invoices.order_id > :newest AND receivable_items.open = receivable_items.amount ORDER BY payments.id",
    "/finance/items/{}/allocate",
    lambda row: {f"share-{row[1]}": _amount(row[2])},
)


def export(site: Site) -> Act:
    """The 10,000 newest customers, or all of fewer, to Excel."""
    newest = site.rows("SELECT created_at FROM customers ORDER BY id DESC LIMIT 1 OFFSET 10000")
    since = f"&created.min={date.fromisoformat(str(newest[0][0])[:10])}" if newest else ""
    path = f"/lists/customer/export/xlsx?at=/customers{since}"
    return lambda browser, _number: browser.post(path, {})


SCENARIOS = (
    Scenario("Customer list, part", part("/customers"), 3),
    Scenario("Customer list, page", whole("/customers"), 5),
    Scenario("Customer list sorted by name, part", part("/customers?sort=name"), 3),
    Scenario("List page 1,000 by its link, page", next_link, 5),
    Scenario("List page 1,000 by its number, page", jump, 5),
    Scenario("Search as you type, three letters", search(LETTERS), 3),
    Scenario("Search as you type, two Chinese characters", search(CHARACTERS), 3),
    Scenario("Search as you type, pinyin initials", search(INITIALS), 3),
    Scenario("Customer page", customer_page, 8),
    Scenario("Kanban", whole("/pipeline/board"), 8),
    Scenario("Move a card", move_card, reads=False),
    Scenario("Quick-add an activity", quick_add, reads=False),
    Scenario("Sales order page", order_page, 8),
    Scenario("Credit approval queue", whole("/credit/applications"), 8),
    Scenario("Ageing of all customers as of a day", ageing, 5),
    Scenario("Performance of this year", whole("/pipeline/performance")),
    Scenario("Deals of a year through their stages", whole("/pipeline/performance/stages")),
    Scenario("Attainment of all who sell", whole("/pipeline/quotas")),
    Scenario("Confirm an order: 3 lines, credit, reservation", confirm, reads=False),
    Scenario("Ship a delivery", ship, reads=False),
    Scenario("Post an invoice", post, reads=False),
    Scenario("Allocate a payment", allocate, reads=False),
    Scenario("Global search", search((*LETTERS, *CHARACTERS, *INITIALS), "/search", "palette_list")),
    Scenario("Export of 10,000 rows to Excel", export, rare=True),
)
