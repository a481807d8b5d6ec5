"""The demo company's articles, surveys with a year of answers, and mails that came in."""

from datetime import timedelta
from io import BytesIO
from random import Random
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.moves import make_move
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Contact, Customer, CustomerContact

from .models import Survey, SurveyInvitation, Ticket
from .services import incoming, knowledge, portal, surveys

ARTICLES: tuple[tuple[str, str, str, str, bool, bool, int, int, int], ...] = (
    # language, category, title, text, public, published, views, helped, did not help
    (
        "zh", "trouble", "封口机温度不稳定怎么办",
        "封口温度上下跳动超过 **15 度**时，请按以下顺序检查：\n\n1. 断电 30 秒后重新启动控制器。\n2. 检查加热管接线是否松动。\n"
        "3. 用万用表测量加热管电阻：M10 为 48 Ω，M12 为 36 Ω。\n4. 更换热电偶。\n\n> 更换前必须断电并等待封口条冷却。\n\n"
        "仍未解决？请把控制器显示的代码和铭牌照片发给我们。",
        True, True, 214, 61, 7,
    ),
    (
        "zh", "maintenance", "日常清洁与保养",
        "## 每班\n- 用软布擦拭封口条\n- 清除光电传感器上的粉尘\n\n## 每周\n- 检查传送带张紧度\n"
        "- 给导轨加食品级润滑油\n\n## 每季\n- 更换密封圈\n- 校准温度",
        True, True, 168, 44, 3,
    ),
    (
        "zh", "start", "开机报警 A-03 的处理",
        "报警 **A-03** 表示急停按钮没有复位。\n\n1. 顺时针旋转急停按钮直到弹起。\n2. 按 `复位` 键两秒。\n3. 重新启动。",
        True, True, 131, 52, 2,
    ),
    (
        "zh", "billing", "更改发票抬头",
        "请在开票后 **15 天内**提供新的抬头和税号；跨月的发票需要先开红字发票。",
        True, True, 57, 12, 4,
    ),
    (
        "en", "trouble", "The conveyor stops with error E-14",
        "Error **E-14** means that the optical sensor sees nothing for two seconds.\n\n1. Clean the lens with a soft cloth.\n"
        "2. Check that the reflector is not bent.\n3. Tighten the plug of the sensor cable.\n\nIf it comes back within an hour, "
        "the sensor is worn out: [ask us](/service/ask) for a new one.",
        True, True, 189, 38, 9,
    ),
    (
        "en", "operation", "Which film for which product",
        "- **Frozen vegetables**: laminated PE, 70 µm, cold resistant to −30 °C\n- **Snacks**: metallised PP, 40 µm\n"
        "- **Liquids**: PA/PE, 90 µm\n\nTest ten bags before you change a whole line.",
        True, True, 143, 35, 3,
    ),
    (
        "en", "delivery", "Sending goods back",
        "Write to us first: you get a number for the parcel. Parts that were not fitted are taken back within **30 days**.",
        True, True, 76, 15, 2,
    ),
    (
        "en", "operation", "When a customer threatens to stop paying",
        "Open a complaint, tell the credit controller, and promise nothing about the amount. A colleague of sales calls on the same day.",
        False, True, 24, 0, 0,
    ),
    (
        "zh", "maintenance", "冬季停机注意事项", "排空冷却水，关闭气源，覆盖控制柜。\n\n（待售后部补充各机型细节）", True, False, 0, 0, 0,
    ),
)  # fmt: skip
MAILS = (
    "From: {name} <{known}>\nTo: service@demo.example\nMessage-ID: <demo-1@mail.example>\nSubject: Re: [{code}] 铭牌编号\n"
    "Content-Type: text/plain; charset=utf-8\n\n铭牌上的编号是 7735-B，2023 年出厂。\n\n"
    "在 2026-11-23，客服写道：\n> 请把铭牌上的编号发给我们。\n",
    "From: 黄丽 <{other}>\nTo: service@demo.example\nMessage-ID: <demo-2@mail.example>\nSubject: 自动回复：我正在休假\n"
    "Auto-Submitted: auto-replied\nContent-Type: text/plain; charset=utf-8\n\n我本周休假，下周一回复您的邮件。\n",
    "From: Packaging Weekly <news@packaging-weekly.example>\nTo: service@demo.example\nMessage-ID: <demo-3@mail.example>\n"
    "Subject: Ten trends in flexible packaging\nList-Unsubscribe: <https://packaging-weekly.example/u>\n"
    "Content-Type: text/plain; charset=utf-8\n\nThis week: ten trends.\n",
    "From: Elena Novak <elena.novak@harborline.example>\nTo: service@demo.example\nMessage-ID: <demo-4@mail.example>\n"
    "Subject: Do you repair other makers' sealers?\nContent-Type: text/plain; charset=utf-8\n\n"
    "Good morning,\n\nwe have two sealers of another maker, eight years old. Could your technicians look at them?\n\nElena Novak\n",
)
WORDS: dict[int, tuple[str, ...]] = {
    5: ("工程师当天就到了，非常专业。", "Quick and friendly, thank you!", "一次解决，点赞。"),
    4: ("Good help, only the hotline was busy at first.", "处理得不错。"),
    3: ("等了两天才有人回电话。",),
    2: ("Had to explain the same thing three times.",),
    10: ("Reliable machines, and somebody answers the phone.", "合作多年，一直很放心。"),
    9: ("备件到货很快。",),
    6: ("Prices rose twice this year.",),
}


def fill(world: Any) -> None:
    agent, manager = world.users["agent"], world.users["manager"]
    save_setting("service_form_open", True)
    with acting_as(agent):
        for language, category, title, text, public, published, views, helped, not_helped in ARTICLES:
            values = {"language": language, "category": category, "title": title, "body": text, "public": public}
            article = knowledge.create_article(values, agent)
            article.views, article.helpful, article.unhelpful = views, helped, not_helped
            if published:
                make_move(article, "publish", by=agent)
    with acting_as(manager):
        usual = {"active": True, "delay_hours": 24, "sample_percent": 100, "every_days": 90, "valid_days": 14}
        after = surveys.save_survey(
            None,
            {**usual, "name": "After service 服务满意度", "kind": "csat", "trigger": "ticket", "rest_days": 30},
            manager,
        )
        likely = surveys.save_survey(
            None, {**usual, "name": "Would you recommend us? 推荐意愿", "kind": "nps", "trigger": "hand", "rest_days": 90},
            manager,
        )  # fmt: skip
    _answers(world, after, agent, (5, 5, 4, 5, 4, 3, 5, 2, 4, 5), 70)
    _answers(world, likely, None, (10, 9, 8, 10, 7, 6, 9, 10, 3, 8, 9), 60)
    _mails(agent)


def _answers(world: Any, survey: Survey, agent: Any, scores: tuple[int, ...], count: int) -> None:
    """A year of them: every third person does not answer, and the last bad one is followed up."""
    random = Random(survey.kind)  # noqa: S311 - the same company every time
    query = (
        select(Contact, Customer)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.is_primary, Contact.email.is_not(None), Contact.consent != "withdrawn")
        .order_by(Contact.id)
    )
    people = session.execute(query).all()
    for number in range(count):
        contact, customer = people[random.randrange(len(people))]
        sent = now() - timedelta(days=1 + (count - number) * 330 / count, hours=random.randrange(9))
        answered = number % 3 != 2 or number == count - 1
        score = scores[random.randrange(len(scores))] if number != count - 1 else min(scores)
        said = WORDS.get(score, ())
        session.add(
            SurveyInvitation(
                survey_id=survey.id,
                contact_id=contact.id,
                customer_id=customer.id,
                email=str(contact.email).lower(),
                language="zh" if surveys.CHINESE.search(contact.name) else "en",
                agent_id=agent.id if agent is not None else None,
                product_id=world.products[random.randrange(min(4, len(world.products)))].id
                if agent is not None
                else None,
                token=token_urlsafe(24),
                send_at=sent,
                sent_at=sent,
                created_at=sent,
                expires_at=sent + timedelta(days=14),
                answered_at=sent + timedelta(hours=3 + random.randrange(60)) if answered else None,
                score=score if answered else None,
                comment=said[random.randrange(len(said))] if answered and said and random.random() < 0.5 else None,
            )
        )
    session.flush()
    last = session.scalars(select(SurveyInvitation).order_by(SurveyInvitation.id.desc()).limit(1)).one()
    score, last.score, last.answered_at = last.score or survey.low_at, None, None
    last.comment = None
    surveys.answer(last, min(score, survey.low_at), WORDS.get(min(scores), ("",))[0])


def _mails(agent: Any) -> None:
    """One on a ticket, one that nobody wrote, one to many, and one of a stranger."""
    ticket = session.scalars(
        select(Ticket)
        .where(Ticket.requester_mail.is_not(None), Ticket.resolved_at.is_(None))
        .order_by(Ticket.id)
        .limit(1)
    ).one()
    for text in MAILS:
        raw = text.format(name=ticket.requester, known=ticket.address, other=ticket.address, code=ticket.code).encode()
        incoming.keep_mail(raw)
        incoming.take_next()
    link = portal.link_for(ticket, str(ticket.address), ticket.requester)
    measured = FileStorage(BytesIO("时间,温度\n08:00,163\n08:10,188\n08:20,171\n".encode()), "封口温度.csv")
    portal.answer_by_link(link, "附上今早测量的封口温度。", [measured])
