"""The demo company's service: promises, texts that are used often, and tickets at every step of the last days."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.notifications import quietly
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Contact

from . import complaint_demo, services, voice_demo
from .models import Ticket

REPLIES = (
    (
        "先确认收到 First answer",
        "{{contact}}，您好！\n\n您的问题（{{ticket}}）已收到，我们正在处理，预计 {{due}} 前给您答复。\n\n{{company}} {{agent}}",
        None,
    ),
    (
        "Ask for photos",
        "Dear {{contact}},\n\nplease send us two or three photos of the part, and the number on its type plate.\n\n"
        "Kind regards\n{{agent}}, {{company}}",
        "defect",
    ),
    (
        "重启控制器 Restart the controller",
        "{{contact}}，您好！\n\n请先断电 30 秒后重新启动控制器；如果仍有报警，请告诉我们显示的代码。\n\n{{agent}}",
        "operation",
    ),
    (
        "Spare part is on its way",
        "Dear {{contact}},\n\nthe spare part leaves our warehouse today; you will get the tracking number by mail.\n\n{{agent}}",
        "delivery",
    ),
)
OPEN: tuple[tuple[str, str, str, str, str, str, str, int, bool], ...] = (
    # contact, subject, what they say, kind, category, impact, urgency, hours ago, whether it is the agent's
    ("黄丽", "封口机温度不稳定，产品漏气", "今早起封口温度在 160 到 190 度之间跳动，已报废 200 袋。请尽快派工程师。", "incident",
     "defect", "high", "high", 3, False),
    ("Jonas Albrecht", "Conveyor stops every few minutes", "Since the night shift the conveyor stops with error E-14.",
     "incident", "defect", "high", "medium", 6, True),
    ("Giulia Conti", "Which film for frozen vegetables?", "We start with frozen vegetables in January. Which film fits?",
     "question", "operation", "low", "medium", 20, False),
    ("何家豪", "收到的备件型号不对", "订的是 M12 加热管，收到 M10，只能坚持两天。", "complaint", "delivery", "medium", "high", 52, True),
    ("沈芸", "发票抬头需要更改", "请把上个月的发票抬头改为集团总公司，税号见附件。", "request", "billing", "medium", "low", 56, False),
    ("Dana Whitfield", "Training for two new operators", "Two colleagues join in December. When could they be trained?",
     "request", "operation", "low", "low", 52, True),
    ("单雨晴", "退回多发的两卷薄膜", "上批货多发了两卷，想安排退货。", "return", "delivery", "low", "medium", 75, True),
    ("刘畅", "希望界面支持中英文切换", "我们有外籍操作工，希望触摸屏可以切换语言。", "feedback", "other", "low", "low", 28, False),
)  # fmt: skip
DONE: tuple[tuple[str, str, str, str, str, str, int, int], ...] = (
    # contact, subject, what they say, kind, category, what solved it, days ago, hours that it took
    ("黄丽", "开机报警 A-03", "开机后一直报 A-03。", "incident", "operation", "急停按钮未复位，电话指导后恢复。", 2, 1),
    ("Katrin Vogel", "Manual in English", "Could you send the manual of the sealing unit in English?", "question", "other",
     "Manual sent by mail.", 4, 5),
    ("Jonas Albrecht", "Sensor dirty again", "The optical sensor must be cleaned every day.", "incident", "defect",
     "Cover mounted at the sensor; no more dust since.", 9, 26),
    ("徐航", "合格证丢失，需补发", "质检要求提供合格证原件。", "request", "other", "已补寄合格证原件。", 6, 4),
)  # fmt: skip


def fill(world: Any) -> None:
    agent, manager = world.users["agent"], world.users["manager"]
    with acting_as(agent), quietly():
        save_setting("service_mail", "service@demo.example")
        _promises(manager)
        for name, text, category in REPLIES:
            services.save_canned(None, {"name": name, "text": text, "category": category})
        for row in OPEN:
            _open(world, row, agent)
        for solved in DONE:
            _done(world, solved, agent)
        complaint_demo.fill(world)
        services.refresh_breaches()
        voice_demo.fill(world)


def _promises(manager: Any) -> None:
    standard = services.default_policy()
    targets = dict(standard.targets)
    services.save_policy(
        None,
        {
            "name": "Key accounts 重点客户",
            "customer_groups": ["key"],
            "targets": {"urgent": [30, 240], "high": [60, 480], "normal": [120, 960], "low": [240, 1920]},
            "escalate_minutes": 30,
            "escalate_to_id": manager.id,
        },
    )
    services.save_policy(
        None,
        {
            "name": "Line down around the clock 停线全天候",
            "priorities": ["urgent"],
            "kinds": ["incident"],
            "with_contract": True,
            "around_the_clock": True,
            "targets": {"urgent": [30, 360], "high": [None, None], "normal": [None, None], "low": [None, None]},
        },
    )
    services.save_policy(standard, {"name": "Standard 标准", "targets": targets})


def _asked(world: Any, name: str, subject: str, kind: str, category: str) -> dict[str, Any]:
    contact = session.scalars(select(Contact).where(Contact.name == name).order_by(Contact.id)).first()
    assert contact is not None, name  # noqa: S101 - the demo company has its people
    return {
        "subject": subject,
        "kind": kind,
        "category": category,
        "channel": "mail",
        "contact_id": contact.id,
        "requester_name": contact.name,
        "requester_mail": contact.email,
        "product_id": world.products[len(subject) % len(world.products)].id,
    }


def _open(world: Any, row: tuple[str, str, str, str, str, str, str, int, bool], agent: Any) -> Ticket:
    name, subject, text, kind, category, impact, urgency, hours, mine = row
    values = _asked(world, name, subject, kind, category) | {"impact": impact, "urgency": urgency}
    start = now() - timedelta(hours=hours)
    made = services.open_ticket(values, None, text=text, at=start)
    if not mine:
        return made
    services.assign(made, agent, agent)
    if made.address is None:
        return made
    answer = "您好，已收到，正在核实。" if kind in ("complaint", "return") else "Thank you, we are looking into it."
    services.reply(made, answer, agent, at=start + timedelta(hours=hours / 3))
    if kind == "return":
        services.move_ticket(made, "wait_customer", agent, at=start + timedelta(hours=hours / 2))
    elif kind == "request":
        services.move_ticket(made, "wait_third", agent, at=start + timedelta(hours=hours / 2))
        services.note(made, "Asked the training centre for dates 已向培训中心询问日期", agent)
    return made


def _done(world: Any, row: tuple[str, str, str, str, str, str, int, int], agent: Any) -> Ticket:
    name, subject, text, kind, category, solution, days, hours = row
    start = now() - timedelta(days=days, hours=hours)
    made = services.open_ticket(_asked(world, name, subject, kind, category), None, text=text, at=start)
    services.assign(made, agent, agent)
    if made.address is not None:
        services.reply(made, solution, agent, at=start + timedelta(hours=hours / 2))
    services.move_ticket(made, "resolve", agent, reason=solution, at=start + timedelta(hours=hours))
    if days > 7:
        services.move_ticket(made, "close", agent, at=start + timedelta(days=7, hours=hours))
    return made
