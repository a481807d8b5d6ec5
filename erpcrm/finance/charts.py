"""The two charts of accounts that come with the program.

"cn" follows the account numbers of the Accounting Standards for Small Business Enterprises of the Ministry of Finance of China
(小企业会计准则, Cai Kuai [2011] No. 17, appendix), with sub-accounts where automatic postings need one. Under it exchange gains and
recovered bad debts are non-operating income (5301), exchange losses and cash discounts finance costs (5603), bad debts
non-operating expenses (5711). 1231 for an allowance is not in that standard; it is there for companies that keep one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erpcrm.core.i18n import _l

Row = tuple[str, str, str, str, str | None]
"""Number, English name, Chinese name, kind, role"""

CHINA: Sequence[Row] = (
    ("1001", "Cash on hand", "库存现金", "asset", "cash"),
    ("1002", "Bank deposits", "银行存款", "asset", "bank"),
    ("1012", "Other monetary funds", "其他货币资金", "asset", None),
    ("1101", "Short-term investments", "短期投资", "asset", None),
    ("1121", "Notes receivable", "应收票据", "asset", None),
    ("1122", "Accounts receivable", "应收账款", "asset", "receivable"),
    ("112299", "Accounts receivable, currency valuation", "应收账款——汇率调整", "asset", "receivable_valuation"),
    ("1123", "Prepayments", "预付账款", "asset", None),
    ("1131", "Dividends receivable", "应收股利", "asset", None),
    ("1132", "Interest receivable", "应收利息", "asset", None),
    ("1221", "Other receivables", "其他应收款", "asset", None),
    ("1231", "Allowance for bad debts", "坏账准备", "asset", "allowance"),
    ("1401", "Material purchases", "材料采购", "asset", None),
    ("1402", "Goods in transit", "在途物资", "asset", None),
    ("1403", "Raw materials", "原材料", "asset", None),
    ("1404", "Material cost variances", "材料成本差异", "asset", None),
    ("1405", "Goods in stock", "库存商品", "asset", "inventory"),
    ("1407", "Trade margin", "商品进销差价", "asset", None),
    ("1408", "Materials out for processing", "委托加工物资", "asset", None),
    ("1411", "Consumables and packaging", "周转材料", "asset", None),
    ("1421", "Consumable biological assets", "消耗性生物资产", "asset", None),
    ("1501", "Long-term bond investments", "长期债券投资", "asset", None),
    ("1511", "Long-term equity investments", "长期股权投资", "asset", None),
    ("1601", "Fixed assets", "固定资产", "asset", None),
    ("1602", "Accumulated depreciation", "累计折旧", "asset", None),
    ("1604", "Construction in progress", "在建工程", "asset", None),
    ("1605", "Construction materials", "工程物资", "asset", None),
    ("1606", "Disposal of fixed assets", "固定资产清理", "asset", None),
    ("1621", "Productive biological assets", "生产性生物资产", "asset", None),
    ("1622", "Accumulated depreciation of biological assets", "生产性生物资产累计折旧", "asset", None),
    ("1701", "Intangible assets", "无形资产", "asset", None),
    ("1702", "Accumulated amortisation", "累计摊销", "asset", None),
    ("1801", "Long-term deferred expenses", "长期待摊费用", "asset", None),
    ("1901", "Property gains and losses pending", "待处理财产损溢", "asset", "stock_difference"),
    ("2001", "Short-term loans", "短期借款", "liability", None),
    ("2201", "Notes payable", "应付票据", "liability", None),
    ("2202", "Accounts payable", "应付账款", "liability", None),
    ("220299", "Accounts payable, estimated for goods received", "应付账款——暂估", "liability", "uninvoiced_receipts"),
    ("2203", "Advances from customers", "预收账款", "liability", "advance_received"),
    ("2211", "Employee benefits payable", "应付职工薪酬", "liability", None),
    ("2221", "Taxes payable", "应交税费", "liability", None),
    ("222101", "VAT payable, output tax", "应交税费——应交增值税（销项税额）", "liability", "tax_payable"),
    ("2231", "Interest payable", "应付利息", "liability", None),
    ("2232", "Profit payable", "应付利润", "liability", None),
    ("2241", "Other payables", "其他应付款", "liability", None),
    ("2401", "Deferred income", "递延收益", "liability", None),
    ("2501", "Long-term loans", "长期借款", "liability", None),
    ("2701", "Long-term payables", "长期应付款", "liability", None),
    ("3001", "Paid-in capital", "实收资本", "equity", None),
    ("3002", "Capital reserve", "资本公积", "equity", None),
    ("3101", "Surplus reserve", "盈余公积", "equity", None),
    ("3103", "Profit of the year", "本年利润", "equity", None),
    ("3104", "Profit distribution", "利润分配", "equity", None),
    ("310499", "Opening balances", "利润分配——期初余额", "equity", "opening"),
    ("4001", "Production cost", "生产成本", "asset", None),
    ("4101", "Manufacturing overhead", "制造费用", "asset", None),
    ("4301", "Research and development", "研发支出", "asset", None),
    ("4401", "Engineering work", "工程施工", "asset", None),
    ("4403", "Machine work", "机械作业", "asset", None),
    ("5001", "Main business revenue", "主营业务收入", "income", "sales"),
    ("5051", "Other business revenue", "其他业务收入", "income", None),
    ("5111", "Investment income", "投资收益", "income", None),
    ("5301", "Non-operating income", "营业外收入", "income", None),
    ("530101", "Exchange gains", "营业外收入——汇兑收益", "income", "fx_gain"),
    ("530102", "Bad debts recovered", "营业外收入——收回坏账", "income", "bad_debt_recovered"),
    ("5401", "Cost of main business", "主营业务成本", "expense", "cogs"),
    ("5402", "Cost of other business", "其他业务成本", "expense", None),
    ("5403", "Taxes and surcharges", "税金及附加", "expense", None),
    ("5601", "Selling expenses", "销售费用", "expense", None),
    ("5602", "Administrative expenses", "管理费用", "expense", None),
    ("5603", "Finance costs", "财务费用", "expense", None),
    ("560301", "Exchange losses", "财务费用——汇兑损失", "expense", "fx_loss"),
    ("560302", "Cash discounts given", "财务费用——现金折扣", "expense", "discount_given"),
    ("560303", "Small differences written off", "财务费用——尾差", "expense", "write_off"),
    ("560304", "Bank charges", "财务费用——手续费", "expense", None),
    ("5711", "Non-operating expenses", "营业外支出", "expense", None),
    ("571101", "Bad debts", "营业外支出——坏账损失", "expense", "bad_debt"),
    ("571102", "Expected credit losses", "营业外支出——预期信用损失", "expense", "allowance_expense"),
    ("5801", "Income tax expense", "所得税费用", "expense", None),
)
GENERIC: Sequence[Row] = (
    ("1000", "Cash", "现金", "asset", "cash"),
    ("1010", "Bank", "银行存款", "asset", "bank"),
    ("1100", "Accounts receivable", "应收账款", "asset", "receivable"),
    ("1110", "Accounts receivable, currency valuation", "应收账款汇率调整", "asset", "receivable_valuation"),
    ("1120", "Allowance for credit losses", "信用损失准备", "asset", "allowance"),
    ("1150", "Other receivables", "其他应收款", "asset", None),
    ("1200", "Inventory", "存货", "asset", "inventory"),
    ("1300", "Prepaid expenses", "预付费用", "asset", None),
    ("1500", "Property and equipment", "固定资产", "asset", None),
    ("1590", "Accumulated depreciation", "累计折旧", "asset", None),
    ("2000", "Accounts payable", "应付账款", "liability", None),
    ("2010", "Goods received, not invoiced", "暂估应付账款", "liability", "uninvoiced_receipts"),
    ("2100", "Advances from customers", "预收账款", "liability", "advance_received"),
    ("2200", "Tax on sales", "应交销售税", "liability", "tax_payable"),
    ("2300", "Wages payable", "应付职工薪酬", "liability", None),
    ("2500", "Loans", "借款", "liability", None),
    ("3000", "Capital", "资本", "equity", None),
    ("3100", "Retained earnings", "留存收益", "equity", None),
    ("3900", "Opening balances", "期初余额", "equity", "opening"),
    ("4000", "Sales", "销售收入", "income", "sales"),
    ("4500", "Other income", "其他收入", "income", None),
    ("4600", "Exchange gains", "汇兑收益", "income", "fx_gain"),
    ("4700", "Bad debts recovered", "收回坏账", "income", "bad_debt_recovered"),
    ("5000", "Cost of goods sold", "销售成本", "expense", "cogs"),
    ("5100", "Stock differences", "存货损益", "expense", "stock_difference"),
    ("6000", "Wages and salaries", "工资", "expense", None),
    ("6100", "Rent", "租金", "expense", None),
    ("6200", "Marketing and selling", "销售费用", "expense", None),
    ("6300", "Office and administration", "管理费用", "expense", None),
    ("6400", "Depreciation", "折旧", "expense", None),
    ("7000", "Bank charges", "银行手续费", "expense", None),
    ("7100", "Exchange losses", "汇兑损失", "expense", "fx_loss"),
    ("7200", "Discounts given", "现金折扣", "expense", "discount_given"),
    ("7210", "Small differences written off", "尾差", "expense", "write_off"),
    ("7300", "Bad debts", "坏账损失", "expense", "bad_debt"),
    ("7310", "Expected credit losses", "预期信用损失", "expense", "allowance_expense"),
    ("8000", "Income tax", "所得税", "expense", None),
)


@dataclass(frozen=True)
class Chart:
    """A chart to begin with.

    `discount_lowers_tax`: whether an early-payment discount usually lowers the tax on sales where this chart is used. In China it
    is a cost of finance, and only a discount that stands on the invoice itself lowers its tax (Guo Shui Fa [1993] No. 154).
    Elsewhere it mostly does: Articles 79 and 90 of Directive 2006/112/EC, § 17 UStG.
    """

    label: Any
    about: Any
    rows: Sequence[Row]
    discount_lowers_tax: bool

    def number_of(self, role: str) -> str | None:
        return next((number for number, _name, _name_zh, _kind, its in self.rows if its == role), None)


CHARTS: Mapping[str, Chart] = {
    "cn": Chart(
        _l("China, small enterprises"),
        _l(
            "The account numbers of the Accounting Standards for Small Business Enterprises, such as 1002, 1122 and 2221."
        ),
        CHINA,
        discount_lowers_tax=False,
    ),
    "generic": Chart(
        _l("Generic"),
        _l("A short chart in round numbers, for companies elsewhere."),
        GENERIC,
        discount_lowers_tax=True,
    ),
}
JOURNALS: Sequence[tuple[str, str, str, str, str]] = (
    ("INV", "Invoices", "销售发票", "sales", "invoice"),
    ("CN", "Credit notes", "红字发票", "sales", "credit_note"),
    ("PAY", "Payments", "收付款", "bank", "payment"),
    ("STK", "Stock", "存货", "inventory", "stock"),
    ("GEN", "General", "总账", "general", "general"),
)
"""Code, English and Chinese name, kind, and which documents are booked in it"""
