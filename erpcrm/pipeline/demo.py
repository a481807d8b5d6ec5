"""The demo company's leads and deals: with the customers that the customers area has built."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.i18n import on_day
from erpcrm.core.moves import make_move
from erpcrm.core.settings import save_setting
from erpcrm.customers.services import add_activity

from . import forecast_demo, learned_demo, pool_demo, services
from .models import AssignmentRule, Opportunity, ScoreRule
from .performance_demo import fill_performance
from .services.rules import save

LEADS: tuple[tuple[str | None, str, str, str, str, str, str, str, str], ...] = (
    # company, person, job title, phone, e-mail, source, region, what they need, status
    (
        "苏州恒远流体设备有限公司",
        "沈志远",
        "采购经理",
        "0512 6286 1100",
        "shen.zy@hengyuan-fluid.example",
        "trade_fair",
        "east_china",
        "两台卧式加工中心，三季度交货",
        "qualified",
    ),
    (
        "Brückner Armaturen GmbH",
        "Katrin Brückner",
        "Head of Purchasing",
        "+49 711 2305 118",
        "k.brueckner@brueckner-armaturen.example",
        "website",
        "europe",
        "Retrofit of four milling cells",
        "contacted",
    ),
    (
        "重庆渝工传动股份有限公司",
        "何建国",
        "设备部部长",
        "023 6788 2210",
        "hejg@yugong.example",
        "referral",
        "southwest_china",
        "齿轮加工线刀具年度协议",
        "new",
    ),
    (
        "Northfield Pumps Ltd",
        "Oliver Hughes",
        "Operations Director",
        "+44 121 496 0155",
        "o.hughes@northfieldpumps.example",
        "website",
        "europe",
        "Spindle service contract for the Birmingham plant",
        "new",
    ),
    (None, "周晓梅", "", "139 1188 6021", "zhouxm@163.com", "website", "east_china", "想了解小型车床价格", "new"),
    (
        "青岛港机精密制造有限公司",
        "马海涛",
        "总工程师",
        "0532 8091 7788",
        "ma.ht@qdgangji.example",
        "trade_fair",
        "north_china",
        "大型龙门铣可行性方案",
        "qualified",
    ),
    (
        "Solara Components Inc.",
        "Maria Vasquez",
        "VP Manufacturing",
        "+1 503 555 0142",
        "mvasquez@solara.example",
        "referral",
        "americas",
        "Fixtures for a new inverter line",
        "contacted",
    ),
    (
        "佛山市正达五金制品厂",
        "黎伟强",
        "厂长",
        "0757 8330 4412",
        "liwq@zhengda-fs.example",
        "cold_call",
        "south_china",
        "钣金折弯机询价",
        "new",
    ),
    (
        "Kanto Seiki K.K.",
        "Haruto Mori",
        "Procurement",
        "+81 3 5550 0188",
        "mori@kantoseiki.example",
        "trade_fair",
        "asia",
        "Tool holders, 300 pieces a year",
        "disqualified",
    ),
)
DEALS: tuple[tuple[str, str, int | None, str, int, int, str], ...] = (
    # name, stage or end, amount in thousands, owner, days to close, days in stage, next step
    ("变速箱壳体试制", "Prospecting", 58, "seller", 40, 3, "电话确认图纸版本"),
    ("CNC fixtures, 20 sets", "Prospecting", 12, "colleague", 55, 5, "Send the reference list"),
    ("不锈钢法兰年单", "Prospecting", 96, "seller", 62, 26, ""),
    ("Spare parts package", "Prospecting", 31, "seller", 25, 8, "Call back after the budget round"),
    ("检测设备升级", "Prospecting", None, "colleague", 70, 2, "约现场调研"),
    ("铸铁底座 HT250 ×120", "Qualification", 223, "seller", 21, 6, "今天发样件报告"),
    ("激光切割外协框架", "Qualification", 88, "colleague", 35, 12, "确认年用量"),
    ("Retrofit of two machining centres", "Qualification", 145, "seller", 48, 24, ""),
    ("Coolant system for line 3", "Qualification", 37, "seller", 30, 4, "Visit on site with the engineer"),
    ("自动化上料线改造", "Proposal", 480, "seller", 12, 9, "报价评审会"),
    ("轴承座 4 种", "Proposal", 75, "colleague", 18, 7, "等客户确认交期"),
    ("钣金机箱 500 件", "Proposal", 100, "seller", -3, 16, "跟进报价答复"),
    ("Turnkey milling cell", "Proposal", 690, "manager", 44, 5, "Present the layout"),
    ("液压站装配 8 台", "Negotiation", 368, "seller", 6, 4, "商务条款谈判"),
    ("样机加工", "Negotiation", 162, "colleague", 9, 15, ""),
    ("Service contract, three years", "Negotiation", 210, "seller", 15, 3, "Agree on response times"),
    ("导轨磨床一台", "won", 320, "seller", -12, 0, ""),
    ("Annual tooling agreement", "won", 184, "seller", -25, 0, ""),
    ("备件包 2026", "won", 41, "colleague", -8, 0, ""),
    ("机器人打磨单元", "won", 530, "manager", -75, 0, ""),
    ("Assembly jigs", "won", 66, "colleague", -110, 0, ""),
    ("压铸模具 2 套", "lost", 150, "seller", -18, 0, "price"),
    ("Grinding line", "lost", 410, "manager", -52, 0, "no_budget"),
    ("搬运小车", "lost", 28, "colleague", -5, 0, "competitor"),
)
SCORES = (
    ("Has a phone number", "phone", "filled", None, 10),
    ("E-mail of a company", "email", "own_domain", None, 15),
    ("No e-mail address", "email", "empty", None, -10),
    ("Decides on purchases", "job_title", "contains", "采购,purchas,procurement,部长,厂长,director,vp", 20),
    ("Came by referral", "source", "is", "referral", 20),
    ("Met at a trade fair", "source", "is", "trade_fair", 15),
    ("Says what is needed", "need", "filled", None, 10),
    ("Spoken to lately", "last_activity_at", "within_days", "14", 15),
)
COMPETITORS = ("精雕机械", "Halbrook Tools", "大通重工")


def fill(world: Any) -> None:
    pipeline = services.ensure_standard_pipeline()
    save_setting("lead_form_open", True)
    _rules(world)
    _leads(world)
    _deals(world, {stage.name: stage for stage in pipeline.stages})
    learned_demo.fill(world)
    pool_demo.fill(world)
    forecast_demo.fill(world)
    fill_performance(world)


def _rules(world: Any) -> None:
    for name, fact, test, value, points in SCORES:
        save(ScoreRule(), {"name": name, "fact": fact, "test": test, "value": value, "points": points, "active": True})
    abroad = {"regions": ["europe", "americas", "asia"], "industries": [], "sources": [], "active": True}
    save(AssignmentRule(), abroad | {"name": "Export", "user_id": world.users["colleague"].id})
    home = {"regions": [], "industries": [], "sources": [], "active": True, "team_id": world.users["seller"].team_id}
    save(AssignmentRule(), home | {"name": "Domestic, in turn"})


def _leads(world: Any) -> None:
    for place, (company, person, title, phone, email, source, region, need, status) in enumerate(LEADS):
        lead = services.create_lead(
            {
                "company": company, "person": person, "job_title": title, "phone": phone, "email": email,
                "source": source, "region": region, "need": need,
            },
            world.users["marketer"],
        )  # fmt: skip
        lead.created_at = now() - timedelta(days=3 * place + 1)
        if status in ("contacted", "qualified"):
            add_activity(lead, "call", need, lead.owner or world.users["seller"])
        for move in {"contacted": ("contact",), "qualified": ("contact", "qualify")}.get(status, ()):
            make_move(lead, move, by=world.users["admin"])
        if status == "disqualified":
            services.disqualify(lead, "no_need", world.users["admin"], "Buys from a group company.")
        services.rescore([lead])


def _deals(world: Any, stages: dict[str, Any]) -> None:
    last = list(stages.values())[-1]
    for place, (name, where, thousands, owner, close, days, note) in enumerate(DEALS):
        user = world.users[owner]
        # Whoever sells sees whom to.
        mine = [customer for customer in world.customers if customer.owner_id == user.id] or world.customers
        customer = mine[place % len(mine)]
        stage = stages.get(where, last)
        amount = None if thousands is None else Decimal(thousands * 1000)
        values = {
            "name": name, "customer_id": customer.id, "stage_id": stage.id, "owner_id": user.id, "amount": amount,
            "currency": customer.currency, "expected_close": world.today + timedelta(days=close),
            "opened_on": world.today + timedelta(days=min(close, 0) - 20 - 3 * place), "source": customer.source,
            "next_step": (note or None) if where in stages else None,
            "next_step_on": world.today + timedelta(days=3 * place % 8 - 1) if where in stages and note else None,
        }  # fmt: skip
        with acting_as(user), on_day(values["opened_on"]):
            deal = services.create_opportunity(values, user)
            _details(world, deal, place)
        if where not in stages:
            with acting_as(user), on_day(world.today + timedelta(days=close)):
                make_move(deal, "win" if where == "won" else "lose", by=world.users["admin"], loss_reason=note)
        deal.stage_since = now() - timedelta(days=days)
        session.flush()


def _details(world: Any, deal: Opportunity, place: int) -> None:
    """Lines on every third deal, a competitor on every fourth, a contact where the customer has one."""
    if place % 3 == 0 and world.products and deal.amount is not None:
        product = world.products[place % len(world.products)]
        line = {"product_id": product.id, "quantity": Decimal(4), "price": deal.amount / 4}
        services.set_lines(deal, [line], deal.owner)
    if place % 4 == 0:
        services.add_competitor(deal, COMPETITORS[place // 4 % len(COMPETITORS)], None)
    contact = next((one for one in world.contacts if deal.customer_id in {at.customer_id for at in one.places}), None)
    if contact is not None:
        services.add_person(deal, contact.id, ("decider", "buyer", "user")[place % 3])
