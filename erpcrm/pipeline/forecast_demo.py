"""The demo company's past year of deals, as days went by: so that forecasts have something to be compared with."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from erpcrm.core.actor import acting_as
from erpcrm.core.db import session
from erpcrm.core.i18n import on_day
from erpcrm.core.moves import make_move

from . import services
from .forecasting import Period
from .models import Opportunity, Stage
from .services import forecast as forecasts

PAST: tuple[tuple[str, int, str, int, int, int, str], ...] = (
    # name, amount in thousands, owner, quarters ago, day of the quarter on which it ended, days it slipped, end
    ("立式加工中心 VMC850", 420, "seller", 5, 52, 0, "won"),
    ("Fixture plates, series B", 64, "colleague", 5, 30, 12, "won"),
    ("机床防护罩改造", 88, "seller", 5, 71, 0, "price"),
    ("Deburring cell", 310, "manager", 5, 80, 20, "won"),
    ("冷却液集中供应系统", 205, "seller", 4, 41, 0, "won"),
    ("Spindle overhaul, 4 machines", 96, "colleague", 4, 25, 0, "won"),
    ("刀具管理系统", 150, "colleague", 4, 66, 30, "no_budget"),
    ("Turning centre TC-20", 540, "manager", 4, 84, 0, "won"),
    ("铝件夹具 12 套", 58, "seller", 4, 70, 35, "won"),
    ("Measuring room equipment", 260, "seller", 4, 35, 0, "competitor"),
    ("车间吊装设备", 132, "colleague", 3, 44, 0, "won"),
    ("Coolant filters, yearly contract", 72, "seller", 3, 20, 0, "won"),
    ("五轴加工试制", 380, "seller", 3, 78, 25, "won"),
    ("Chip conveyors for hall 2", 118, "colleague", 3, 61, 0, "price"),
    ("去毛刺机器人", 290, "manager", 3, 50, 0, "no_decision"),
    ("Tool presetter", 84, "colleague", 3, 82, 15, "won"),
    ("老旧磨床大修", 176, "seller", 2, 33, 0, "won"),
    ("Pallet system for two machines", 465, "manager", 2, 75, 40, "won"),
    ("精密虎钳 40 台", 52, "colleague", 2, 28, 0, "won"),
    ("Laser marking station", 138, "seller", 2, 58, 0, "competitor"),
    ("检具设计与制造", 94, "seller", 2, 69, 10, "won"),
    ("Retrofit of a boring mill", 350, "colleague", 2, 85, 0, "no_budget"),
    ("自动送料机 6 台", 228, "seller", 1, 40, 0, "won"),
    ("Workholding for aerospace parts", 310, "seller", 1, 72, 18, "won"),
    ("数控系统升级", 145, "colleague", 1, 55, 0, "won"),
    ("Parts washer", 78, "colleague", 1, 30, 0, "price"),
    ("龙门铣床搬迁服务", 112, "manager", 1, 80, 0, "won"),
    ("Dust extraction, hall 1", 240, "manager", 1, 64, 28, "no_decision"),
)
LASTED = 130
"""Days from the first talk to the end."""
PICTURES = timedelta(days=7)


def fill(world: Any) -> None:
    quarter = forecasts.this_quarter()
    stages = services.default_pipeline().stages
    for day, _place, run in sorted(_events(world, quarter, stages), key=lambda event: event[:2]):
        if day < world.today:
            with on_day(day):
                run()
    _lately(world)
    forecasts.count_stage_results(world.today)
    day = quarter.step(-4).first - timedelta(days=1)
    while day < world.today:
        forecasts.take_picture(day)
        day += PICTURES
    for back in range(PICTURES.days, 0, -1):
        forecasts.take_picture(world.today - timedelta(days=back))
    _calls(world, quarter)


def _events(world: Any, quarter: Period, stages: list[Stage]) -> Iterator[tuple[date, int, Any]]:
    """What happened to the deals of the past, by day: opened, moved on, put off, ended."""
    for place, (name, thousands, owner, ago, day, slipped, end) in enumerate(PAST):
        user = world.users[owner]
        ended = quarter.step(-ago).first + timedelta(days=day)
        opened = ended - timedelta(days=LASTED)
        deal = _Deal(world, place, name, Decimal(thousands * 1000), user)
        yield opened, place, lambda deal=deal, by=ended - timedelta(days=slipped): deal.open(by)
        # What is lost ends where it stands: every stage has some that came no further.
        reached = len(stages) if end == "won" else 1 + place % len(stages)
        for step, stage in enumerate(stages[1:reached], 1):
            when = opened + timedelta(days=LASTED * step // len(stages))
            yield when, place, lambda deal=deal, stage=stage: deal.move(stage)
        if slipped:
            yield ended - timedelta(days=slipped + 3), place, lambda deal=deal, to=ended: deal.put_off(to)
        yield ended, place, lambda deal=deal, end=end: deal.end(end)


class _Deal:
    """A deal of the past, on its way."""

    def __init__(self, world: Any, place: int, name: str, amount: Decimal, user: Any) -> None:
        mine = [one for one in world.customers if one.owner_id == user.id] or world.customers
        self.customer, self.name, self.amount, self.user = mine[place % len(mine)], name, amount, user
        self.deal: Opportunity | None = None

    def open(self, close: date) -> None:
        values = {
            "name": self.name, "customer_id": self.customer.id, "owner_id": self.user.id, "amount": self.amount,
            "currency": "CNY", "expected_close": close, "source": self.customer.source,
        }  # fmt: skip
        with acting_as(self.user):
            self.deal = services.create_opportunity(values, self.user)

    def move(self, stage: Stage) -> None:
        services.move_to_stage(self._open, stage, self.user)

    def put_off(self, to: date) -> None:
        services.update_opportunity(self._open, {"expected_close": to}, self.user)

    def end(self, end: str) -> None:
        with acting_as(self.user):
            if end == "won":
                make_move(self._open, "win", by=self.user)
            else:
                services.lose(self._open, end, self.user)

    @property
    def _open(self) -> Opportunity:
        if self.deal is None:
            raise LookupError(f"{self.name} was never opened")
        return self.deal


LATELY: tuple[tuple[str, int, dict[str, Any]], ...] = (
    # name, days ago, what changed: an amount, days by which the close moved, a category
    ("自动化上料线改造", 4, {"amount": Decimal(525_000)}),
    ("Service contract, three years", 3, {"later": 45}),
    ("Turnkey milling cell", 2, {"later": -20}),
    ("轴承座 4 种", 2, {"amount": Decimal(62_000)}),
    ("激光切割外协框架", 1, {"forecast_category": "best_case"}),
)


def _lately(world: Any) -> None:
    """What moved in the last days."""
    deals = {deal.name: deal for deal in session.query(Opportunity).filter(Opportunity.status == "open")}
    for name, ago, changed in LATELY:
        deal, values = deals[name], dict(changed)
        if (days := values.pop("later", None)) is not None and deal.expected_close is not None:
            values["expected_close"] = deal.expected_close + timedelta(days=days)
        if deal.lines:
            values.pop("amount", None)
        if values:
            with on_day(world.today - timedelta(days=ago)):
                services.update_opportunity(deal, values, deal.owner)


CALLED: tuple[tuple[str, int, str | None], ...] = (
    ("seller", 60, "自动化上料线本季度能签。"),
    ("colleague", 10, None),
    ("manager", 40, None),
)
"""Who, how much of the open deals above commit they count on (percent), and what they say about it"""


def _calls(world: Any, quarter: Period) -> None:
    """The figures of this quarter and of those before, as far as they were known when they began; and the manager's doubts."""
    for ago in range(4, -1, -1):
        period = quarter.step(-ago)
        with on_day(period.first - timedelta(days=1)) if ago else nullcontext():
            for owner, percent, note in CALLED:
                user = world.users[owner]
                forecasts.call(user, period, _expected(user, period, percent), note if ago == 0 else None, user)
    seller = world.users["seller"]
    note = "Two customers have not named a budget yet."
    forecasts.call(seller, quarter, _expected(seller, quarter, 0), note, world.users["manager"])


def _expected(user: Any, period: Period, percent: int) -> Decimal:
    """Round figures, as people name them."""
    amounts = forecasts.forecast(forecasts.View(period, owner_id=user.id), None).total.amounts
    sure = amounts["closed"] + amounts["commit"]
    return Decimal(int(sure + (amounts["total"] - sure) * percent / 100) // 10_000 * 10_000)
