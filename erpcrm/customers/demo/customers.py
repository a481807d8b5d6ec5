"""Who the demo company sells packaging machines to. All names are invented."""

from typing import Any

from erpcrm.core.moves import make_move

from .. import services
from ..models import Contact

CUSTOMERS = (
    ("深圳市蓝海食品有限公司", "Blue Sea Foods", "active", "food", "large", "south_china", "website", "seller", "net_30", "CNY",
     "91440300MA5A12340M", "0755-86530012", "info@lanhai-food.example", "www.lanhai-food.example", ("重点客户", "食品")),
    ("蓝海食品（珠海）有限公司", "Blue Sea Foods Zhuhai", "active", "food", "medium", "south_china", "referral", "seller", "net_30",
     "CNY", None, "0756-8112300", "zhuhai@lanhai-food.example", None, ("食品",)),
    ("上海申达医药包装有限公司", "Shenda Pharma Packaging", "active", "healthcare", "medium", "east_china", "trade_fair", "colleague",
     "net_60", "CNY", "91310000MA5B13110E", "021-58800123", "office@shenda-pack.example", "www.shenda-pack.example", ("医药",)),
    ("杭州云杉电子商务有限公司", "Yunshan E-Commerce", "active", "retail", "large", "east_china", "campaign", "seller", "prepaid", "CNY",
     "91330100MA5C13880D", "0571-88236600", "supply@yunshan.example", "www.yunshan.example", ("电商", "重点客户")),
    ("成都天府调味品有限公司", "Tianfu Condiments", "active", "food", "medium", "southwest_china", "cold_call", "lin", "on_delivery",
     "CNY", "91510100MA5D14650X", "028-85231177", "service@tianfu-food.example", None, ("食品",)),
    ("北京京华物流集团有限公司", "Jinghua Logistics Group", "active", "logistics", "huge", "north_china", "partner", "manager",
     "end_of_month", "CNY", "91110000MA5E154209", "010-65120088", "group@jinghua-logistics.example", "www.jinghua-logistics.example",
     ("集团", "重点客户")),
    ("京华物流（天津）有限公司", "Jinghua Logistics Tianjin", "active", "logistics", "large", "north_china", "partner", "seller",
     "end_of_month", "CNY", None, "022-24380600", "tianjin@jinghua-logistics.example", None, ("集团",)),
    ("京华冷链供应链有限公司", "Jinghua Cold Chain", "prospect", "logistics", "medium", "north_china", "referral", "seller", None, "CNY",
     None, "010-65120190", None, None, ("冷链",)),
    ("苏州精工电子有限公司", "Suzhou Precision Electronics", "active", "manufacturing", "large", "east_china", "website", "colleague",
     "net_30", "CNY", "91320500MA5F16190L", "0512-67351200", "purchase@jinggong.example", "www.jinggong.example", ()),
    ("青岛海之味水产有限公司", "Haizhiwei Seafood", "prospect", "food", "small", "east_china", "trade_fair", "seller", None, "CNY",
     "91370200MA5G16960N", "0532-85712233", "sales@haizhiwei.example", None, ("食品", "展会2026")),
    ("武汉长江日化有限公司", "Changjiang Household Products", "active", "manufacturing", "medium", "central_china", "campaign", "lin",
     "net_30", "CNY", "91420100MA5H17730Y", "027-87563300", "cj@changjiang-rh.example", None, ()),
    ("重庆山城火锅食品有限公司", "Shancheng Hotpot Foods", "prospect", "food", "small", "southwest_china", "website", "lin", None, "CNY",
     "91500000MA5J18500K", "023-63801122", None, None, ("食品",)),
    ("厦门茗山茶业有限公司", "Mingshan Tea", "prospect", "food", "micro", "south_china", "trade_fair", "seller", None, "CNY",
     "91350200MA5L200400", "0592-5180077", "mingshan@qq.com", None, ("茶", "展会2026")),
    ("Nordlicht Verpackung GmbH", "Nordlicht Verpackung GmbH", "active", "manufacturing", "medium", "europe", "trade_fair", "maria",
     "net_30", "EUR", "DE234567894", "+49 711 4500123", "einkauf@nordlicht.example", "www.nordlicht.example", ("Europe",)),
    ("Nordlicht Service GmbH", "Nordlicht Service GmbH", "active", "services", "small", "europe", "referral", "maria", "net_30", "EUR",
     "DE814567891", "+49 711 4500199", "service@nordlicht.example", None, ("Europe",)),
    ("Atelier Rhône SAS", "Atelier Rhône SAS", "active", "food", "small", "europe", "website", "maria", "net_60", "EUR",
     "FR64443061841", "+33 4 72 40 12 34", "contact@atelier-rhone.example", "www.atelier-rhone.example", ()),
    ("Lombardia Dolci S.r.l.", "Lombardia Dolci S.r.l.", "prospect", "food", "medium", "europe", "campaign", "maria", None, "EUR",
     "IT01234568887", "+39 02 4548 7711", "acquisti@lombardia-dolci.example", None, ()),
    ("Prairie Snacks Inc.", "Prairie Snacks Inc.", "active", "food", "large", "americas", "partner", "james", "net_30", "USD",
     "36-4123098", "+1 312 555 0142", "procurement@prairie-snacks.example", "www.prairie-snacks.example", ("key account",)),
    ("Harbour & Finch Ltd", "Harbour & Finch Ltd", "active", "retail", "medium", "europe", "referral", "james", "net_30", "GBP",
     None, "+44 161 496 0123", "hello@harbourfinch.example", "www.harbourfinch.example", ()),
    ("Göta Packteknik AB", "Göta Packteknik AB", "prospect", "manufacturing", "small", "europe", "website", "james", None, "EUR",
     "SE556036070201", "+46 31 390 06 12", "info@gotapack.example", None, ()),
    ("Straits Cold Storage Pte Ltd", "Straits Cold Storage Pte Ltd", "active", "logistics", "large", "asia", "partner", "colleague",
     "net_60", "USD", None, "+65 6345 1200", "ops@straits-cold.example", "www.straits-cold.example", ("冷链",)),
    ("Hanul Cosmetics Co., Ltd.", "Hanul Cosmetics Co., Ltd.", "prospect", "manufacturing", "medium", "asia", "trade_fair", "seller",
     None, "USD", None, "+82 2 2140 1200", "buying@hanul.example", None, ()),
    ("单晓明", "Shan Xiaoming", "active", "retail", "micro", "east_china", "website", "seller", "prepaid", "CNY", None,
     "138 1702 4455", "shanxm@163.com", None, ()),
    ("西安丝路文创有限公司", "Silk Road Creative", "prospect", "retail", "micro", "northwest_china", "cold_call", "colleague", None, "CNY",
     "91610100MA5M20810B", "029-88231010", None, None, ()),
)  # fmt: skip
"""(name, English name, status, industry, size, region, source, owner, payment terms, currency, tax number, phone, e-mail,
website, tags)"""

NAMES = [
    "name",
    "english_name",
    "status",
    "industry",
    "size",
    "region",
    "source",
    "owner_id",
    "payment_terms",
    "currency",
    "tax_number",
    "phone",
    "email",
    "website",
    "tags",
]
PARENTS = {1: 0, 6: 5, 7: 5, 14: 13}
"""Which customer belongs to which, by place in CUSTOMERS."""
ARCHIVED = 23
TWICE = {"name": "蓝海食品", "english_name": "Blue Sea Foods", "phone": "0755-86530012", "source": "trade_fair"}
"""The first customer once more, as a colleague entered it: something to merge. Other areas build nothing on it."""

CONTACTS = (
    (
        0,
        "林志远",
        "采购总监",
        "decision_maker",
        "138 2355 0101",
        "lin.zhiyuan@lanhai-food.example",
        "lanhai_lin",
        "granted",
    ),
    (0, "黄丽", "设备工程师", "technical", "139 2355 0102", "huang.li@lanhai-food.example", None, "unknown"),
    (1, "何家豪", "厂长", "decision_maker", "137 2355 0103", "he.jiahao@lanhai-food.example", None, "granted"),
    (2, "顾晓东", "采购经理", "buyer", "138 1655 0201", "gu@shenda-pack.example", None, "granted"),
    (2, "沈芸", "财务主管", "finance", "139 1655 0202", "shen@shenda-pack.example", None, "withdrawn"),
    (3, "单雨晴", "供应链负责人", "decision_maker", "186 5710 0301", "shan@yunshan.example", "yq_shan", "granted"),
    (3, "徐航", "仓储经理", "user", "187 5710 0302", "xu@yunshan.example", None, "unknown"),
    (4, "罗文斌", "总经理", "decision_maker", "135 4081 0401", "luo@tianfu-food.example", None, "unknown"),
    (5, "赵国强", "集团采购总监", "decision_maker", "139 1010 0501", "zhao@jinghua-logistics.example", None, "granted"),
    (6, "刘畅", "运营经理", "user", "138 2210 0601", "liu@jinghua-logistics.example", None, "unknown"),
    (8, "陆建明", "设备部经理", "technical", "139 5120 0801", "lu@jinggong.example", None, "granted"),
    (9, "孙海波", "老板", "decision_maker", "136 5320 0901", "sun@haizhiwei.example", "haibo_sun", "granted"),
    (10, "程思远", "采购", "buyer", "137 2710 1001", "cheng@changjiang-rh.example", None, "unknown"),
    (12, "陈茗", "创始人", "decision_maker", "138 5920 1201", "mingshan@qq.com", "chenming_tea", "granted"),
    (
        13,
        "Katrin Vogel",
        "Head of Purchasing",
        "decision_maker",
        "+49 171 4500 201",
        "k.vogel@nordlicht.example",
        None,
        "granted",
    ),
    (
        13,
        "Jonas Albrecht",
        "Production Manager",
        "technical",
        "+49 171 4500 202",
        "j.albrecht@nordlicht.example",
        None,
        "unknown",
    ),
    (
        15,
        "Camille Perrin",
        "Gérante",
        "decision_maker",
        "+33 6 12 40 12 34",
        "camille@atelier-rhone.example",
        None,
        "granted",
    ),
    (16, "Giulia Conti", "Buyer", "buyer", "+39 340 454 8771", "g.conti@lombardia-dolci.example", None, "unknown"),
    (
        17,
        "Dana Whitfield",
        "VP Operations",
        "decision_maker",
        "+1 312 555 0188",
        "dwhitfield@prairie-snacks.example",
        None,
        "granted",
    ),
    (
        17,
        "Marcus Lee",
        "Plant Engineer",
        "technical",
        "+1 312 555 0190",
        "mlee@prairie-snacks.example",
        None,
        "unknown",
    ),
    (
        18,
        "Oliver Finch",
        "Director",
        "decision_maker",
        "+44 7700 900123",
        "oliver@harbourfinch.example",
        None,
        "withdrawn",
    ),
    (19, "Elin Sjöberg", "CEO", "decision_maker", "+46 70 390 06 12", "elin@gotapack.example", None, "granted"),
    (
        20,
        "Tan Wei Ling",
        "Warehouse Director",
        "decision_maker",
        "+65 9123 4500",
        "weiling@straits-cold.example",
        None,
        "granted",
    ),
    (21, "Park Ji-woo", "Sourcing Manager", "buyer", "+82 10 2140 1201", "jiwoo@hanul.example", None, "unknown"),
)
"""(customer, name, job title, role, mobile, e-mail, WeChat, consent)"""
ALSO_AT = ((8, 6, "decision_maker"), (0, 1, "buyer"), (14, 14, "decision_maker"))
"""(contact, customer, role): people who also work for another company of the group."""

ADDRESSES = (
    (0, "both", "蓝海食品", "南山区科技南路18号", "深圳市", "广东省", "518057", "CN"),
    (0, "delivery", "蓝海食品二厂", "宝安区福海街道展城路6号", "深圳市", "广东省", "518103", "CN"),
    (2, "both", "申达医药包装", "浦东新区张江路665号", "上海市", "上海市", "201203", "CN"),
    (3, "billing", "云杉电商财务部", "滨江区江南大道588号", "杭州市", "浙江省", "310052", "CN"),
    (3, "delivery", "云杉下沙仓", "钱塘区6号大街260号", "杭州市", "浙江省", "310018", "CN"),
    (4, "both", "天府调味品", "郫都区川菜产业园永安路12号", "成都市", "四川省", "611732", "CN"),
    (5, "billing", "京华物流集团", "朝阳区建国路93号", "北京市", "北京市", "100022", "CN"),
    (6, "delivery", "京华天津仓", "东丽区航空路9号", "天津市", "天津市", "300300", "CN"),
    (8, "both", "精工电子", "工业园区星湖街218号", "苏州市", "江苏省", "215123", "CN"),
    (10, "both", "长江日化", "江夏区庙山大道30号", "武汉市", "湖北省", "430223", "CN"),
    (13, "both", "Nordlicht Verpackung GmbH", "Hafenstraße 14", "Stuttgart", None, "70327", "DE"),
    (15, "both", "Atelier Rhône SAS", "27 rue de la République", "Lyon", None, "69002", "FR"),
    (17, "billing", "Prairie Snacks Inc. – Accounts Payable", "1200 W Fulton Market", "Chicago", "IL", "60607", "US"),
    (17, "delivery", "Prairie Snacks Plant 2", "455 Commerce Drive", "Aurora", "IL", "60504", "US"),
    (18, "both", "Harbour & Finch Ltd", "8 Canal Street", "Manchester", None, "M1 3HE", "GB"),
    (20, "both", "Straits Cold Storage Pte Ltd", "21 Jurong Port Road", "Singapore", None, "619101", "SG"),
)
"""(customer, use, recipient, street, city, province, postcode, country)"""


def fill_customers(world: Any) -> list[Contact]:
    """Customers, addresses and contacts. Returns the contacts in the order of CONTACTS."""
    people: list[Contact] = []
    by = world.users["admin"]
    for row in CUSTOMERS:
        values = dict(zip(NAMES, row, strict=True))
        values["owner_id"] = world.users[values["owner_id"]].id
        if values["name"] == "单晓明":
            values |= {"kind": "person", "reading": "shàn xiǎo míng"}
        if values["name"] == values["english_name"]:
            del values["english_name"]
        owner = next(user for user in world.users.values() if user.id == values["owner_id"])
        world.customers.append(services.create_customer(values, owner))
    colleague = world.users["colleague"]
    services.create_customer(TWICE | {"owner_id": colleague.id}, colleague)
    for child, parent in PARENTS.items():
        services.update_customer(world.customers[child], {"parent_id": world.customers[parent].id}, None, by)
    make_move(world.customers[ARCHIVED], "archive", by=by, reason="项目已取消")
    for at, name, title, role, mobile, email, wechat, consent in CONTACTS:
        customer = world.customers[at]
        values = {
            "name": name,
            "job_title": title,
            "mobile": mobile,
            "email": email,
            "wechat": wechat,
            "consent": consent,
        }
        values |= {"owner_id": customer.owner_id, "channel": "wechat" if wechat else None}
        if name == "单雨晴":
            values["reading"] = "shàn yǔ qíng"
        if consent == "granted":
            values["consent_source"] = "2026 展会登记表" if at < 13 else "Trade fair registration form"
        people.append(services.create_contact(values, by, customer, role))
        world.contacts.append(people[-1])
    for contact, customer, role in ALSO_AT:
        services.link_contact(people[contact], world.customers[customer], role)
    for at, use, recipient, street, city, state, postcode, country in ADDRESSES:
        values = {"use": use, "recipient": recipient, "street": street, "city": city, "state": state}
        services.add_address(world.customers[at], values | {"postcode": postcode, "country": country}, by)
    return people
