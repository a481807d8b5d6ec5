"""The demo company itself."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from erpcrm.core.settings import save_setting

from . import services

NAME = "Jiangnan Instruments 江南仪器"
RATES = (("USD", "7.12"), ("EUR", "7.74"), ("GBP", "9.05"), ("JPY", "0.0478"), ("HKD", "0.915"))
"""Invented, but of the right size."""


def build_company(world: Any) -> None:
    save_setting("company_name", NAME)
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
