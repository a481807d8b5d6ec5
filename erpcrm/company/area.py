"""The manifest of company."""

from sqlalchemy import select

from erpcrm.core.access import everyone
from erpcrm.core.area import Area, NavItem, OptionList, Permission
from erpcrm.core.i18n import _l
from erpcrm.core.records import Column, RecordType

from .demo import build_company
from .models import ExchangeRate, Holiday, Tax, TaxRule
from .profile import LETTERHEAD
from .views import EDIT, bp, logo_url

holiday = RecordType(
    name="holiday",
    model=Holiday,
    label=_l("Holiday"),
    plural=_l("Holidays"),
    icon="calendar",
    endpoint="company.hours",
    list_endpoint="company.hours",
    view=EDIT,
    edit=EDIT,
    title=Holiday.name,
    scope=everyone,
    sort="day",
    columns=(Column("day", _l("Day"), Holiday.day, kind="date", sortable=True),),
)

exchange_rate = RecordType(
    name="exchange_rate",
    model=ExchangeRate,
    label=_l("Exchange rate"),
    plural=_l("Exchange rates"),
    icon="arrows-exchange",
    endpoint="company.currencies",
    list_endpoint="company.currencies",
    view=EDIT,
    edit=EDIT,
    title=ExchangeRate.currency,
    scope=everyone,
    sort="-day",
    columns=(Column("day", _l("Valid from"), ExchangeRate.day, kind="date", sortable=True),),
)

tax = RecordType(
    name="tax",
    model=Tax,
    label=_l("Tax"),
    plural=_l("Taxes"),
    icon="percentage",
    endpoint="company.edit_tax",
    list_endpoint="company.taxes",
    view=EDIT,
    edit=EDIT,
    title=Tax.name,
    scope=everyone,
)

_DECIDED = select(Tax.name).where(Tax.id == TaxRule.tax_id).correlate(TaxRule).scalar_subquery()
"""A rule is called what the tax is that it decides on."""

tax_rule = RecordType(
    name="tax_rule",
    model=TaxRule,
    label=_l("Tax rule"),
    plural=_l("Tax rules"),
    icon="percentage",
    endpoint="company.taxes",
    list_endpoint="company.taxes",
    view=EDIT,
    edit=EDIT,
    title=_DECIDED,
    scope=everyone,
)

WORKING_WEEK = {str(day): [["09:00", "18:00"]] for day in range(5)}

area = Area(
    name="company",
    label=_l("Company"),
    about=_l("Name, logo, currencies, taxes, business hours and holidays of the company."),
    always_on=True,
    requires=("access",),
    blueprints=[bp],
    record_types=[holiday, exchange_rate, tax, tax_rule],
    permissions=[Permission(EDIT, _l("Change the company profile"))],
    nav=[
        NavItem(_l("Company"), "company.profile", "building", EDIT, group=_l("Administration"), order=84),
        NavItem(
            _l("Working time and holidays"),
            "company.hours",
            "calendar",
            EDIT,
            group=_l("Company"),
            order=84,
            in_menu=False,
        ),
        NavItem(
            _l("Currencies"),
            "company.currencies",
            "coin",
            EDIT,
            group=_l("Company"),
            order=84,
            in_menu=False,
        ),
        NavItem(_l("Taxes"), "company.taxes", "percentage", EDIT, group=_l("Company"), order=84, in_menu=False),
    ],
    option_lists=[
        OptionList(
            "tax.product_group",
            _l("Tax groups of products"),
            (
                ("standard", "Standard", "标准税率"),
                ("reduced", "Reduced", "低税率"),
                ("service", "Services", "服务"),
                ("exempt", "Exempt", "免税"),
            ),
        ),
        OptionList(
            "tax.customer_group",
            _l("Tax groups of customers"),
            (
                ("domestic", "Domestic", "国内"),
                ("eu_business", "Businesses in the EU", "欧盟企业"),
                ("export", "Export", "出口"),
            ),
        ),
    ],
    settings={"business_hours": WORKING_WEEK, "tax_rounding": "document", "profile_version": 1}
    | dict.fromkeys(LETTERHEAD, ""),
    events={
        "profile_changed": _l("changed the profile"),
        "logo_changed": _l("changed the logo"),
        "hours_changed": _l("changed the business hours"),
        "tax_rounding_changed": _l("changed how taxes are rounded"),
    },
    demo=build_company,
    jinja={"company_logo_url": logo_url},
)
