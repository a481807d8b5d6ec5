"""The taxes that companies of a country start with.

China: VAT rates of 13, 9 and 6 % (Announcement 39 of 2019 of the Ministry of Finance), 0 for exports. Germany: §12 UStG,
19 and 7 %; §4 Nr. 1a and 1b UStG exempt exports and deliveries within the EU; §13b UStG and Article 196 of Directive 2006/112/EC
reverse the charge for services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erpcrm.core.i18n import _l


@dataclass(frozen=True)
class StandardTaxes:
    """`rules` are (group of customers, group of products, name of the tax)."""

    label: Any
    taxes: Sequence[Mapping[str, Any]]
    rules: Sequence[tuple[str, str, str]]


def _tax(name: str, name_zh: str, rate: str, kind: str = "charged", text: str | None = None) -> dict[str, Any]:
    return {"name": name, "name_zh": name_zh, "rate": Decimal(rate), "kind": kind, "text": text}


STANDARD_TAXES = {
    "china": StandardTaxes(
        _l("China"),
        (
            _tax("VAT 13%", "增值税 13%", "13"),
            _tax("VAT 9%", "增值税 9%", "9"),
            _tax("VAT 6%", "增值税 6%", "6"),
            _tax("Export 0%", "出口零税率", "0"),
            _tax("VAT exempt", "免征增值税", "0", "exempt"),
        ),
        (
            ("", "", "VAT 13%"),
            ("", "reduced", "VAT 9%"),
            ("", "service", "VAT 6%"),
            ("", "exempt", "VAT exempt"),
            ("export", "", "Export 0%"),
        ),
    ),
    "germany": StandardTaxes(
        _l("Germany"),
        (
            _tax("VAT 19%", "德国增值税 19%", "19"),
            _tax("VAT 7%", "德国增值税 7%", "7"),
            _tax("Reverse charge", "反向征收", "0", "reversed", "Reverse charge, Article 196 of Directive 2006/112/EC"),
            _tax("EU delivery", "欧盟内部供货免税", "0", "exempt", "Exempt intra-Community supply, § 4 Nr. 1b UStG"),
            _tax("Export", "出口免税", "0", "exempt", "Exempt export, § 4 Nr. 1a UStG"),
            _tax("VAT exempt (Germany)", "德国免税", "0", "exempt"),
        ),
        (
            ("", "", "VAT 19%"),
            ("", "reduced", "VAT 7%"),
            ("", "exempt", "VAT exempt (Germany)"),
            ("eu_business", "", "EU delivery"),
            ("eu_business", "service", "Reverse charge"),
            ("export", "", "Export"),
        ),
    ),
}
