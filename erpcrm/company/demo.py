"""The demo company itself."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from erpcrm.core.settings import save_setting

from . import services

NAME = "Jiangnan Instruments 江南仪器"
LETTERHEAD = {
    "company_address": "江苏省苏州市工业园区星湖街 328 号\n328 Xinghu Street, Suzhou Industrial Park",
    "company_tax_number": "91320594MA1XAMPLE8",
    "company_phone": "+86 512 6280 0100",
    "company_email": "office@demo.example",
    "company_website": "https://jiangnan.example",
    "company_bank": "中国示例银行苏州分行 Example Bank, Suzhou\n账号 Account 1102 0200 0900 0123 456\nSWIFT EXAMCNBJ",
}
RATES = (("USD", "7.12"), ("EUR", "7.74"), ("GBP", "9.05"), ("JPY", "0.0478"), ("HKD", "0.915"))
"""Invented, but of the right size."""


def build_company(world: Any) -> None:
    save_setting("company_name", NAME)
    for name, value in LETTERHEAD.items():
        save_setting(name, value)
    morning_and_afternoon = [(time(9), time(12)), (time(13, 30), time(18))]
    services.set_week(dict.fromkeys(range(5), morning_and_afternoon))
    year = world.today.year
    services.add_holidays(
        {
            date(year, 1, 1): "New Year 元旦",
            date(year, 5, 1): "Labour Day 劳动节",
            date(year, 10, 1): "National Day 国庆节",
            date(year, 10, 2): "National Day 国庆节",
            date(year, 10, 3): "National Day 国庆节",
            date(year + 1, 1, 1): "New Year 元旦",
        }
    )
    for currency, rate in RATES:
        services.set_rate(currency, date(year - 2, 1, 1), Decimal(rate))
    services.take_standard_taxes("china")
