"""What was said to the customers of the demo company, and what is still to do."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from erpcrm.core.actor import acting_as
from erpcrm.core.i18n import zone

from .. import services
from ..models import Contact

PAST = (
    (92, 0, 0, "call", "电话了解新产线需求", "计划年底前新增两条封箱线，预算待批。", None),
    (85, 0, 1, "meeting", "现场测量产线尺寸", "厂房层高4.2米，需要定制输送机支架。", "尺寸已确认"),
    (61, 0, 0, "email", "发送PM-100技术资料", None, None),
    (24, 0, 0, "meeting", "方案评审会", "客户希望交期缩短到45天。", "同意进入报价"),
    (6, 0, 0, "call", "跟进报价反馈", "正在走内部审批，预计下周有结果。", None),
    (70, 2, 3, "call", "验证文件要求沟通", "需要IQ/OQ文件模板。", None),
    (33, 2, 3, "meeting", "GMP审核前技术交流", "审核时间定在下月中旬。", "客户满意"),
    (48, 3, 5, "meeting", "双十一备货方案", "耗材用量预计翻倍，希望分批交货。", "确认三批交货"),
    (12, 3, 5, "call", "确认第二批到货时间", None, "已签收"),
    (3, 3, 6, "note", "仓库反馈收缩膜偶有破裂，需要关注批次。", None, None),
    (55, 4, 7, "call", "回访设备使用情况", "设备运行稳定。", None),
    (40, 5, 8, "meeting", "集团框架协议谈判", "集团希望统一价格，按年度结算。", "下次讨论返利条款"),
    (15, 5, 8, "email", "发送框架协议草案", None, None),
    (20, 6, 9, "meeting", "天津仓现场调研", "日均出库8000件。", None),
    (66, 8, 10, "call", "电子防静电包装需求", None, None),
    (37, 9, 11, "meeting", "展会洽谈", "对PM-200很感兴趣，需要小包装方案。", None),
    (29, 10, 12, "call", "催要打样材料", "材料已寄出。", "已收到"),
    (44, 12, 13, "note", "茶叶小包装，年产量约20万盒，预算有限。", None, None),
    (
        58,
        13,
        14,
        "meeting",
        "Factory visit in Stuttgart",
        "They run two shifts and want a spare sealing head on site.",
        "Quote for 2 units",
    ),
    (26, 13, 14, "call", "Delivery terms", "DAP Stuttgart preferred; CE documents needed in German.", None),
    (9, 13, 15, "email", "CE declaration sent", None, None),
    (51, 15, 16, "call", "First call", "Small batches, many formats; interested in the semi-automatic line.", None),
    (
        31,
        17,
        18,
        "meeting",
        "Line 4 kick-off",
        "Two flow wrappers by Q1; plant 2 wants remote support.",
        "Scope agreed",
    ),
    (8, 17, 19, "call", "Voltage and footprint check", "480 V, 3 phase. Footprint fits.", None),
    (75, 18, 20, "email", "Catalogue sent", None, None),
    (18, 20, 22, "meeting", "Cold-room belt conveyor", "-25 °C, stainless frame required.", None),
    (5, 20, 22, "note", "Wei Ling is on leave until next week; her deputy decides on spare parts.", None, None),
    (14, 21, 23, "call", "Sample request", "Wants film samples for 3 formats.", None),
    (63, 22, None, "call", "订购耗材", "预付款已到。", None),
)
"""(days ago, customer, contact, kind, subject, body, outcome)"""

PLANNED = (
    (-3, 0, 0, "task", "把修改后的报价发给林总", "seller"),
    (0, 0, 0, "call", "询问审批进度", "seller"),
    (2, 0, 1, "meeting", "二厂现场勘查", "seller"),
    (-1, 9, 11, "task", "寄送PM-200样袋", "seller"),
    (0, 3, 6, "task", "回复收缩膜破裂的处理方案", "seller"),
    (1, 7, None, "call", "首次电话：冷链包装需求", "seller"),
    (5, 12, 13, "meeting", "拜访茗山茶业", "seller"),
    (4, 21, 23, "task", "Send film samples to Hanul", "seller"),
    (0, 2, 3, "task", "准备GMP验证文件", "colleague"),
    (3, 20, 22, "call", "Follow up on the cold-room conveyor", "colleague"),
    (-2, 5, 8, "task", "框架协议返利条款内部评审", "manager"),
    (1, 5, 8, "meeting", "与赵总谈返利条款", "manager"),
    (2, 13, 14, "task", "Revised offer for Nordlicht, two units", "maria"),
    (6, 17, 18, "call", "Call Dana about the Q1 date", "james"),
    (0, 4, 7, "task", "预约年度保养", "lin"),
)
"""(days from today, customer, contact, kind, subject, owner)"""

MENTION = "@{name} 京华天津仓的报价请先给我看一下，集团正在谈框架价。"


def fill_activities(world: Any, people: Sequence[Contact]) -> None:
    def moment(days: int, hour: int) -> datetime:
        return datetime.combine(world.today + timedelta(days=days), time(hour, 15), zone()).astimezone(UTC)

    for place, (ago, at, contact, kind, subject, body, outcome) in enumerate(PAST):
        customer = world.customers[at]
        owner = next(user for user in world.users.values() if user.id == customer.owner_id)
        services.add_activity(
            customer, kind, subject, owner, body=body, outcome=outcome, at=moment(-ago, 9 + place % 8), done=True,
            contact_id=people[contact].id if contact is not None else None,
        )  # fmt: skip
    for days, at, contact, kind, subject, owner in PLANNED:
        services.add_activity(
            world.customers[at], kind, subject, world.users[owner], due_on=world.today + timedelta(days=days), done=False,
            contact_id=people[contact].id if contact is not None else None,
        )  # fmt: skip
    manager, seller = world.users["manager"], world.users["seller"]
    with acting_as(manager):
        services.add_activity(world.customers[6], "note", MENTION.format(name=seller.name), manager)
