"""The manifest of customers."""

from datetime import timedelta
from functools import partial

from erpcrm.core.area import Area, Create, NavItem, OptionList, Permission, Schedule, Timeline
from erpcrm.core.i18n import _l
from erpcrm.core.numbers import declare_numbers

from . import demo, identity, jobs, reading
from .forms import own_fields_of
from .models import CUSTOMER_FLOW
from .records import activity, contact, customer
from .timeline_card import timeline_of
from .views import bp

EVERYBODY = ("seller", "manager", "marketer", "agent", "controller", "accountant")
SALES = ("seller", "manager")

declare_numbers("customer", _l("Customers"), "C-", digits=5)

area = Area(
    name="customers",
    label=_l("Customers"),
    about=_l("Customers, their people and addresses, and everything that was said and done."),
    requires=("access", "company"),
    blueprints=[bp],
    record_types=[customer, contact, activity],
    workflows=[CUSTOMER_FLOW],
    permissions=[
        Permission(
            "customers.customer.view", _l("See customers"), roles=(*EVERYBODY, "buyer", "storekeeper", "planner")
        ),
        Permission("customers.customer.edit", _l("Create and change customers"), roles=(*SALES, "agent", "accountant")),
        Permission("customers.customer.assign", _l("Give customers and contacts to others"), roles=("manager",)),
        Permission("customers.customer.merge", _l("Merge duplicates"), roles=SALES),
        Permission("customers.customer.delete", _l("Delete customers and contacts"), roles=("manager",)),
        Permission("customers.customer.import", _l("Import customers"), roles=("manager", "marketer")),
        Permission("customers.contact.view", _l("See contacts"), roles=EVERYBODY),
        Permission("customers.contact.edit", _l("Create and change contacts"), roles=(*SALES, "marketer", "agent")),
        Permission("customers.contact.import", _l("Import contacts"), roles=("manager", "marketer")),
        Permission("customers.activity.view", _l("See activities"), roles=EVERYBODY),
        Permission("customers.activity.edit", _l("Log activities and tasks"), roles=EVERYBODY),
        Permission("customers.mail.send", _l("Write e-mails to customers"), roles=EVERYBODY),
    ],
    option_lists=[
        OptionList(
            "customer.industry",
            _l("Industries"),
            (
                ("manufacturing", "Manufacturing", "制造业"),
                ("technology", "Technology", "信息技术"),
                ("energy", "Energy", "能源"),
                ("construction", "Construction", "建筑业"),
                ("retail", "Retail and trade", "批发零售"),
                ("logistics", "Logistics", "交通物流"),
                ("finance", "Finance", "金融业"),
                ("healthcare", "Healthcare", "医药卫生"),
                ("education", "Education", "教育科研"),
                ("food", "Food and agriculture", "食品农业"),
                ("services", "Services", "服务业"),
                ("public", "Public sector", "公共部门"),
            ),
        ),
        OptionList(
            "customer.size",
            _l("Company sizes"),
            (
                ("micro", "Up to 20 people", "20人以下"),
                ("small", "21 to 99 people", "21–99人"),
                ("medium", "100 to 499 people", "100–499人"),
                ("large", "500 to 4,999 people", "500–4999人"),
                ("huge", "5,000 people and more", "5000人以上"),
            ),
        ),
        OptionList(
            "customer.region",
            _l("Regions"),
            (
                ("north_china", "North China", "华北"),
                ("east_china", "East China", "华东"),
                ("south_china", "South China", "华南"),
                ("central_china", "Central China", "华中"),
                ("southwest_china", "Southwest China", "西南"),
                ("northwest_china", "Northwest China", "西北"),
                ("northeast_china", "Northeast China", "东北"),
                ("asia", "Rest of Asia", "亚洲其他"),
                ("europe", "Europe", "欧洲"),
                ("americas", "Americas", "美洲"),
                ("other", "Other", "其他"),
            ),
        ),
        OptionList(
            "customer.source",
            _l("Sources"),
            (
                ("website", "Website", "官网"),
                ("referral", "Referral", "转介绍"),
                ("trade_fair", "Trade fair", "展会"),
                ("cold_call", "Cold call", "电话拓展"),
                ("campaign", "Campaign", "市场活动"),
                ("partner", "Partner", "合作伙伴"),
                ("import", "Import", "数据导入"),
                ("other", "Other", "其他"),
            ),
        ),
        OptionList(
            "customer.group",
            _l("Customer groups"),
            (
                ("key", "Key account", "重点客户"),
                ("dealer", "Dealer", "经销商"),
                ("direct", "Direct customer", "直销客户"),
                ("retail", "Retail", "零售"),
            ),
        ),
        OptionList(
            "customer.payment_terms",
            _l("Payment terms"),
            (
                ("prepaid", "Prepaid", "预付"),
                ("on_delivery", "On delivery", "货到付款"),
                ("net_15", "15 days net", "15天账期"),
                ("net_30", "30 days net", "30天账期"),
                ("net_60", "60 days net", "60天账期"),
                ("net_90", "90 days net", "90天账期"),
                ("end_of_month", "30 days end of month", "月结30天"),
            ),
        ),
        OptionList(
            "contact.role",
            _l("Roles of contacts"),
            (
                ("decision_maker", "Decides", "决策人"),
                ("buyer", "Buys", "采购"),
                ("finance", "Pays", "财务"),
                ("technical", "Technical", "技术"),
                ("user", "Uses", "使用者"),
                ("reception", "Front office", "前台"),
                ("other", "Other", "其他"),
            ),
        ),
    ],
    nav=[
        NavItem(_l("My day"), "customers.my_day", "sun", "customers.activity.view", order=10),
        NavItem(
            _l("Customers"),
            "customers.customers",
            "building",
            "customers.customer.view",
            group=_l("Customers"),
            order=30,
        ),
        NavItem(
            _l("Contacts"),
            "customers.contacts",
            "address-book",
            "customers.contact.view",
            group=_l("Customers"),
            order=31,
        ),
        NavItem(
            _l("Activities"),
            "customers.activities",
            "list-check",
            "customers.activity.view",
            group=_l("Customers"),
            order=32,
        ),
        NavItem(
            _l("Duplicates"),
            "customers.duplicates",
            "git-merge",
            "customers.customer.merge",
            group=_l("Customers"),
            order=33,
        ),
    ],
    create=[
        Create(_l("Customer"), "customers.new_customer", "building", "customers.customer.edit"),
        Create(_l("Contact"), "customers.new_contact", "address-book", "customers.contact.edit"),
    ],
    schedules=[
        Schedule(jobs.REMIND, _l("Remind of tasks that are due"), timedelta(minutes=15)),
        Schedule(jobs.SCAN, _l("Look for duplicates"), timedelta(days=1)),
    ],
    demo=demo.fill,
    events={
        "merged": _l("merged with another"),
        "merged_into": _l("merged into another"),
        "history_moved": _l("history handed on"),
        "history_received": _l("history taken over"),
    },
    timeline=Timeline("customers.timeline", "customers.activity.view"),
    jinja={
        "timeline_of": timeline_of,
        "dial": identity.dial,
        "role_label": partial(reading.label, "contact.role"),
        "own_fields_of": own_fields_of,
    },
)
