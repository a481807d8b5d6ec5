"""The demo company's marketing: campaigns at every stage, whose members have come more or less far."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.moves import make_move

from . import services
from .models import Campaign, CampaignMember, LandingForm, MailTemplate, MemberEvent
from .services.responses import first

SPRING_EN = """# Hello {{first name | there}},

your packaging line has earned a check-up. Until the end of the month we come to {{company | your plant}} **free of charge**,
measure cycle times and seal quality, and leave a written report.

- Half a day on site
- No machine stops for longer than ten minutes
- [See a sample report](https://www.example.com/line-check)

{{response link}}

Kind regards
{{owner}}, {{our company}}"""
SPRING_ZH = """# {{姓名 | 您好}}，您好！

贵司的包装线该做一次体检了。本月底之前，我们**免费**上门为{{公司 | 贵司}}检测节拍与封口质量，并出具书面报告。

- 现场半天
- 单台停机不超过十分钟
- [查看报告样本](https://www.example.com/line-check-zh)

{{回复链接}}

{{负责人}}
{{我司}}"""
FAIR_ZH = """# {{姓名}}，诚邀您莅临展位

下月上海包装展，我们将现场演示新一代封盒机。

[预约参观时间](https://www.example.com/fair)

{{负责人}}，{{我司}}"""
TEMPLATES = (
    ("Line check 2026", "en", "A free check of your packaging line, {{first name}}", SPRING_EN),
    ("产线体检 2026", "zh", "{{姓名}}，免费为贵司包装线做一次体检", SPRING_ZH),
    ("产线体检（数字标题）", "zh", "停机 10 分钟，省下 8% 包材：免费产线体检", SPRING_ZH),
    ("包装展邀请函", "zh", "邀请您参观上海包装展", FAIR_ZH),
)


def fill(world: Any) -> None:
    marketer = world.users["marketer"]
    with acting_as(marketer):
        made = [
            services.save_template(
                MailTemplate(), {"name": name, "language": language, "subject": subject, "body": body}, marketer
            )
            for name, language, subject, body in TEMPLATES
        ]
        _finished(world, marketer, made)
        _running(world, marketer)
        _planned(world, marketer, made)


def _finished(world: Any, by: Any, templates: list[MailTemplate]) -> None:
    """A mail campaign with two subjects and a control group, a month ago."""
    day = world.today
    campaign = services.create_campaign(
        {
            "name": "秋季产线体检 Autumn line check", "channel": "mail", "goal": "20 visits on site, 5 retrofits 现场检测 20 次",
            "measure": "responses", "aim": Decimal(8), "budget": Decimal(12000), "starts_on": day - timedelta(days=38),
            "ends_on": day - timedelta(days=8), "control_percent": 10, "template_id": templates[1].id,
            "template_b_id": templates[2].id, "code": "CHECK26",
        },
        by,
    )  # fmt: skip
    services.add_view(campaign, "contact", "all", by, excluded=False)
    make_move(campaign, "start", by=by)
    services.fix_audience(campaign, by)
    links = services.keep_links(campaign)
    begun = now() - timedelta(days=36)
    reached = session.scalars(
        select(CampaignMember)
        .where(CampaignMember.campaign_id == campaign.id, CampaignMember.control.is_(False))
        .order_by(CampaignMember.id)
    ).all()
    for place, member in enumerate(reached):
        _walk(member, place, begun + timedelta(minutes=place), next(iter(links.values())))
    for days, text, amount in ((37, "文案与设计 Copy and design", 4200), (20, "检测耗材 Test material", 3150)):
        services.add_cost(
            campaign, {"spent_on": day - timedelta(days=days), "text": text, "amount": Decimal(amount)}, by
        )
    make_move(campaign, "finish", by=by)


def _walk(member: CampaignMember, place: int, at: Any, link: int) -> None:
    """How far somebody has come: the same every time, and less of them at each step."""
    member.targeted_at = at
    if place % 11 == 10:
        member.delivery, member.bounced_at = "bounced", at
        member.error = "550 5.1.1 mailbox unavailable"
        _happened(member, "bounced", at)
        return
    member.delivery, member.sent_at, member.delivered_at = "sent", at, at
    _happened(member, "sent", at)
    steps = (("opened", 3, 5), ("clicked", 2, 9), ("responded", 4, 30))
    for step, (kind, nth, hours) in enumerate(steps):
        if (place + step) % nth == 0 or (kind == "responded" and place in (1, 5, 7)):
            when = at + timedelta(hours=hours)
            first(member, kind, when)
            _happened(member, kind, when, link if kind == "clicked" else None)
            if kind == "clicked":
                first(member, "opened", when)
            if kind == "responded":
                member.outcome, member.outcome_at = "answered", when
    session.flush()


def _happened(member: CampaignMember, kind: str, at: Any, link: int | None = None) -> None:
    session.add(MemberEvent(member_id=member.id, campaign_id=member.campaign_id, kind=kind, at=at, link_id=link))


def _running(world: Any, by: Any) -> None:
    """A call list that the sellers work off, and advertisements with a public page."""
    day = world.today
    calls = services.create_campaign(
        {
            "name": "备件套餐电话回访 Spare parts calls", "channel": "call", "measure": "won", "aim": Decimal(60000),
            "goal": "Offer the spare parts package before the winter break 年底前推荐备件套餐", "budget": Decimal(3000),
            "starts_on": day - timedelta(days=6), "ends_on": day + timedelta(days=15),
        },
        by,
    )  # fmt: skip
    services.add_view(calls, "customer", "all", by, excluded=False)
    services.add_view(calls, "customer", "archived", by, excluded=True)
    services.start(calls, by)
    members = session.scalars(
        select(CampaignMember).where(CampaignMember.campaign_id == calls.id).order_by(CampaignMember.id)
    ).all()
    for member, outcome in zip(members, ("interested", "no_answer", "not_interested"), strict=False):
        services.respond(member, outcome, world.users["seller"])
    ads: Campaign = services.create_campaign(
        {
            "name": "小型封盒机广告 Tray sealer ads", "channel": "ads", "measure": "leads", "aim": Decimal(15),
            "goal": "Leads from small food makers 小型食品厂线索", "budget": Decimal(8000), "code": "SEAL8",
            "starts_on": day - timedelta(days=12), "ends_on": day + timedelta(days=18),
        },
        by,
    )  # fmt: skip
    form = services.save_form(
        LandingForm(campaign_id=ads.id),
        {
            "slug": "tray-sealer", "language": "zh", "title": "小型封盒机：三天试用",
            "intro": "留下联系方式，我们与您约定试用时间。\nLeave your address and we agree on a trial.",
            "consent_text": "同意通过电子邮件接收产品信息，可随时撤回。I agree to product news by e-mail and can withdraw at any time.",
        },
        by,
    )  # fmt: skip
    services.start(ads, by)
    services.add_cost(
        ads, {"spent_on": day - timedelta(days=10), "text": "搜索广告 Search ads", "amount": Decimal(5400)}, by
    )
    for person, company, email, agreed in (
        ("韩雪", "烟台鲜果时光食品厂", "hanxue@xianguo.example", True),
        ("Tom Ashby", "Ashby's Ready Meals", "tom@ashbys.example", False),
        ("邓志强", "南宁桂味米粉有限公司", "deng@guiwei.example", True),
    ):
        services.take(form, {"person": person, "company": company, "email": email, "marketing_consent": agreed})


def _planned(world: Any, by: Any, templates: list[MailTemplate]) -> None:
    """One whose audience is chosen and that can be started, with a control group."""
    day = world.today
    campaign = services.create_campaign(
        {
            "name": "上海包装展邀请 Packaging fair", "channel": "mail", "measure": "responses", "aim": Decimal(6),
            "goal": "约 6 场现场洽谈 Six talks at the booth", "budget": Decimal(20000), "starts_on": day + timedelta(days=5),
            "ends_on": day + timedelta(days=40), "control_percent": 10, "template_id": templates[3].id, "per_hour": 200,
        },
        by,
    )  # fmt: skip
    services.add_view(campaign, "contact", "all", by, excluded=False)
    services.add_view(campaign, "lead", "all", by, excluded=False)
