"""The demo company's customers: Chinese and international, with people, addresses and what was said lately."""

from datetime import timedelta
from typing import Any

from erpcrm.core.db import now, session

from . import services
from .models import Customer

# name, English name, industry, size, region, source, currency, owner, status, tax number, city, country
CUSTOMERS: tuple[tuple[str, str | None, str, str, str, str, str, str, str, str | None, str, str], ...] = (
    ("上海精密机械有限公司", "Shanghai Precision Machinery", "manufacturing", "large", "east_china", "referral", "CNY", "seller", "active", "91310000775785552L", "上海", "CN"),
    ("Müller Antriebstechnik GmbH", None, "manufacturing", "medium", "europe", "trade_fair", "EUR", "colleague", "active", "DE136695976", "Stuttgart", "DE"),
    ("宁波海天塑机配件厂", None, "manufacturing", "medium", "east_china", "website", "CNY", "seller", "active", None, "宁波", "CN"),
    ("Acme Pumps Ltd", None, "energy", "medium", "europe", "website", "GBP", "colleague", "active", None, "Leeds", "GB"),
    ("深圳湟鑫精密五金有限公司", None, "manufacturing", "small", "south_china", "cold_call", "CNY", "seller", "prospect", None, "深圳", "CN"),
    ("Nordlicht Robotics AB", None, "technology", "small", "europe", "trade_fair", "EUR", "seller", "active", None, "Göteborg", "SE"),
    ("青岛港机重工股份有限公司", "Qingdao Port Machinery", "manufacturing", "huge", "east_china", "partner", "CNY", "manager", "active", None, "青岛", "CN"),
    ("无锡轴承厂", None, "manufacturing", "large", "east_china", "referral", "CNY", "colleague", "active", None, "无锡", "CN"),
    ("Cascade Turbines Inc.", None, "energy", "large", "americas", "campaign", "USD", "seller", "prospect", None, "Portland", "US"),
    ("杭州云控自动化科技有限公司", "Hangzhou Yunkong Automation", "technology", "medium", "east_china", "website", "CNY", "seller", "active", None, "杭州", "CN"),
    ("华为技术服务（东莞）有限公司", None, "technology", "huge", "south_china", "partner", "CNY", "manager", "active", None, "东莞", "CN"),
    ("Tanaka Seimitsu K.K.", None, "manufacturing", "medium", "asia", "trade_fair", "JPY", "colleague", "active", None, "Osaka", "JP"),
    ("北京仪诚检测技术有限公司", None, "services", "small", "north_china", "cold_call", "CNY", "seller", "active", None, "北京", "CN"),
    ("成都西南液压件有限公司", None, "manufacturing", "medium", "southwest_china", "referral", "CNY", "colleague", "prospect", None, "成都", "CN"),
    ("Boreal Foods Oy", None, "food", "medium", "europe", "website", "EUR", "seller", "active", None, "Tampere", "FI"),
    ("西安航宇零部件有限公司", "Xi'an Aero Components", "manufacturing", "large", "northwest_china", "partner", "CNY", "manager", "active", None, "西安", "CN"),
    ("武汉长江船舶设备有限公司", None, "manufacturing", "large", "central_china", "import", "CNY", "colleague", "active", None, "武汉", "CN"),
    ("单氏包装材料（苏州）有限公司", None, "manufacturing", "small", "east_china", "website", "CNY", "seller", "archived", None, "苏州", "CN"),
)  # fmt: skip
READINGS = {"单氏包装材料（苏州）有限公司": "shan shi bao zhuang cai liao su zhou you xian gong si"}
CONTACTS: tuple[tuple[int, str, str, str, str], ...] = (
    # place of the customer, name, job title, mobile, e-mail
    (0, "李建华", "采购总监", "138 0162 7711", "li.jianhua@shpm.example"),
    (0, "王晓东", "设备工程师", "139 1755 2034", "wang.xd@shpm.example"),
    (1, "Petra Vogel", "Head of Purchasing", "+49 711 555 0132", "p.vogel@mueller-antrieb.example"),
    (2, "陈国平", "厂长", "137 5821 6608", "chen@haitianpj.example"),
    (3, "James Whitfield", "Operations Manager", "+44 113 496 0741", "j.whitfield@acmepumps.example"),
    (4, "黄志强", "总经理", "136 9211 0457", "huang@huangxin.example"),
    (5, "Elin Bergström", "CTO", "+46 31 390 06 42", "elin@nordlicht.example"),
    (6, "刘振国", "设备部长", "135 0532 8890", "liuzg@qdgj.example"),
    (7, "周丽", "采购经理", "139 6178 3321", "zhouli@wxzc.example"),
    (8, "Dana Price", "VP Engineering", "+1 503 555 0119", "dprice@cascadeturbines.example"),
    (9, "吴敏", "项目经理", "158 6712 4409", "wumin@yunkong.example"),
    (10, "赵磊", "供应链经理", "138 2901 5566", "zhaolei@hwjsfw.example"),
    (11, "田中 健一", "調達課長", "+81 6 5550 0173", "k.tanaka@tanaka-seimitsu.example"),
    (12, "孙倩", "实验室主任", "186 1033 7720", "sunqian@yicheng.example"),
    (14, "Mikko Laine", "Plant Manager", "+358 40 555 0148", "mikko.laine@borealfoods.example"),
    (15, "马向前", "技术总监", "133 0920 6612", "maxq@xahy.example"),
)
NOTES: tuple[tuple[int, str, str, str, int | None, int | None], ...] = (
    # place, kind, text, owner, days ago (done) or None, days ahead (open) or None
    (0, "call", "确认样件尺寸，客户同意公差放宽到 0.02", "seller", 2, None),
    (0, "task", "发送三坐标检测报告", "seller", None, 0),
    (1, "meeting", "Visit at the plant: two retrofit lines, decision in the next quarter", "colleague", 9, None),
    (2, "note", "厂里计划年底扩产，注塑机配件需求翻倍", "seller", 5, None),
    (3, "email", "Sent the price list for seals and shafts", "colleague", 12, None),
    (4, "call", "首次电话沟通，对交期要求高", "seller", 1, None),
    (4, "task", "寄送样册和名片", "seller", None, -2),
    (5, "task", "Prepare the demo of the inspection cell", "seller", None, 3),
    (6, "meeting", "龙门铣项目评审会，技术条款基本确认", "manager", 6, None),
    (8, "task", "Ask for the drawings of the rotor fixture", "seller", None, -1),
    (9, "call", "上料线改造预算已批，下周出招标文件", "seller", 3, None),
    (9, "task", "准备投标资质文件", "seller", None, 5),
    (12, "note", "更换了采购负责人，需要重新拜访", "seller", 20, None),
    (14, "call", "Spare parts are fine, asks for a service contract", "seller", 4, None),
    (15, "meeting", "航空件质量体系审核", "manager", 15, None),
)


def fill(world: Any) -> None:
    for place, row in enumerate(CUSTOMERS):
        world.customers.append(_customer(world, place, row))
    for place, name, title, mobile, email in CONTACTS:
        customer = world.customers[place]
        values = {"name": name, "job_title": title, "mobile": mobile, "email": email, "owner_id": customer.owner_id}
        contact = services.create_contact(values, customer.owner, customer=customer, role=None)
        world.contacts_of.setdefault(customer.id, []).append(contact)
    for place, kind, text, owner, ago, ahead in NOTES:
        services.add_activity(
            world.customers[place],
            kind,
            text,
            world.users[owner],
            due_on=None if ahead is None else world.today + timedelta(days=ahead),
            at=None if ago is None else now() - timedelta(days=ago),
        )
    session.flush()


def _customer(world: Any, place: int, row: tuple[Any, ...]) -> Customer:
    name, english, industry, size, region, source, currency, owner, status, tax, city, country = row
    user = world.users[owner]
    values = {
        "name": name, "english_name": english, "industry": industry, "size": size, "region": region, "source": source,
        "currency": currency, "owner_id": user.id, "team_id": user.team_id, "tax_number": tax, "kind": "company",
        "payment_terms": ("net_30", "net_60", "prepaid")[place % 3], "reading": READINGS.get(name),
        "tags": [["VIP"], [], ["出口" if country != "CN" else "长三角"]][place % 3],
    }  # fmt: skip
    customer = services.create_customer(values, user)
    customer.status = status
    services.add_address(
        customer,
        {"street": f"{city} {place * 7 + 12}", "city": city, "country": country, "use": "both", "is_default": True},
        user,
    )
    customer.created_at = now() - timedelta(days=400 - 20 * place)
    return customer
