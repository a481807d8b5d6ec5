"""The books of the demo company: what customers owed before, invoices, payments, a bank statement, reminders, closed months."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.company.services import rates
from erpcrm.core.actor import acting_as
from erpcrm.core.db import session
from erpcrm.core.settings import setting
from erpcrm.sales.models import SalesOrder

from . import demo_year, services
from .services import Posting
from .services.periods import month_before
from .settling import Proposal
from .terms import Part, Terms

OPENING: tuple[tuple[int, str, str, int, int], ...] = (
    # customer, number, amount, days ago, days of credit
    (0, "2026-0117", "48600.00", 128, 30),
    (0, "2026-0163", "12750.50", 84, 30),
    (1, "2026-0121", "96000.00", 119, 60),
    (2, "2026-0149", "7380.00", 95, 30),
    (3, "2026-0158", "33120.00", 88, 45),
    (4, "2026-0171", "5460.25", 77, 30),
    (5, "2026-0174", "18900.00", 76, 60),
    (6, "2026-0180", "64200.00", 70, 60),
    (8, "2026-0186", "2980.00", 66, 30),
)
INVOICES: tuple[tuple[int, int, str, tuple[tuple[str, str], ...]], ...] = (
    # customer, days ago, terms, lines
    (0, 41, "net_30", (("PM-120", "1"), ("SV-001", "1"))),
    (2, 34, "net_15", (("SP-011", "24"), ("CM-001", "12"))),
    (3, 27, "net_30", (("CV-050", "2"),)),
    (5, 19, "net_30", (("SP-024", "3"), ("SP-031", "2"))),
    (7, 12, "net_60", (("PM-200", "1"), ("SV-001", "3"))),
    (1, 6, "net_30", (("CM-001", "48"),)),
)


def fill(world: Any) -> None:
    accountant, controller = world.users["accountant"], world.users["controller"]
    services.choose_chart("cn")
    services.ensure_levels()
    services.save_terms("net_60", Terms((Part(Decimal(100), "day", 60),), Decimal(2), 10))
    books = Demo(world, accountant)
    with acting_as(accountant):
        services.open_stock(world.today)
        books.open()
        demo_year.trade(books)
        books.invoice()
        books.pay()
        books.entries()
        books.bank()
        books.remind()
    with acting_as(controller):
        services.stop_reminders(books.customer(8), stop=True, note="Complaint in talks 质量问题协商中")


class Demo:
    """The accountant of the demo company at work."""

    def __init__(self, world: Any, by: Any) -> None:
        self.world, self.by = world, by
        self.invoices: list[Any] = []
        self.items: list[Any] = []

    def customer(self, place: int) -> Any:
        return self.world.customers[place % len(self.world.customers)]

    def day(self, ago: int) -> date:
        return self.world.today - timedelta(days=ago)  # type: ignore[no-any-return]

    def open(self) -> None:
        own = setting("currency")
        known = rates(["USD"], self.day(0))
        for place, number, amount, ago, days in OPENING:
            self.items.append(
                services.add_opening_item(
                    self.customer(place), number=number, on=self.day(ago), due_on=self.day(ago - days), amount=Decimal(amount),
                    currency=own, rate=Decimal(1), by=self.by,
                )
            )  # fmt: skip
        if "USD" in known:
            self.items.append(
                services.add_opening_item(
                    self.customer(17), number="2026-0190", on=self.day(62), due_on=self.day(32), amount=Decimal(14850),
                    currency="USD", rate=known["USD"] + Decimal("0.05"), by=self.by,
                )
            )  # fmt: skip

    def invoice(self) -> None:
        products = {product.code: product for product in self.world.products}
        for place, ago, terms, parts in INVOICES:
            customer = self.customer(place)
            lines = [
                {"product_id": products[code].id, "unit": products[code].unit, "quantity": Decimal(quantity)}
                | ({"price": Decimal(50)} if products[code].price is None else {})
                for code, quantity in parts
            ]
            values = {
                "customer_id": customer.id, "date": self.day(ago), "payment_terms": terms, "currency": setting("currency"),
            }  # fmt: skip
            invoice = services.create_invoice(values, lines, self.by)
            services.post_invoice(invoice, self.by)
            self.invoices.append(invoice)
        returned = self.invoices[1]
        note = services.credit(
            returned, self.by, "Four blades returned 退回刀片四片", {returned.lines[0].id: Decimal(4)}
        )
        services.post_invoice(note, self.by)
        bonus = {
            "customer_id": self.customer(1).id, "kind": "credit_note", "currency": setting("currency"), "date": self.day(3),
            "reason": "Volume bonus of the third quarter 三季度返利",
        }  # fmt: skip
        line = {"text": "Volume bonus 返利", "quantity": Decimal(1), "price": Decimal(1500)}
        services.post_invoice(services.create_invoice(bonus, [line], self.by), self.by)
        self._of_orders()
        service = {"product_id": products["SV-001"].id, "unit": "day", "quantity": Decimal(2)}
        services.create_invoice({"customer_id": self.customer(4).id}, [service], self.by)

    def _of_orders(self) -> None:
        """What the demo's orders have delivered; and an advance on one that has not begun."""
        orders = session.scalars(
            select(SalesOrder).where(SalesOrder.status == "confirmed").order_by(SalesOrder.id)
        ).all()
        begun = [order for order in orders if any(line.to_invoice for line in order.lines)]
        waiting = [order for order in orders if order not in begun and order.gross]
        for order in begun[:2]:
            services.post_invoice(services.invoice_order(order, self.by), self.by)
        for order in waiting[:1]:
            services.post_invoice(services.invoice_advance(order, Decimal(30), self.by), self.by)

    def pay(self) -> None:
        bank = services.account_for("bank")
        dollars = services.save_account(
            None,
            {
                "code": "100202", "name": "Bank deposits, US dollars", "name_zh": "银行存款——美元户", "kind": "asset", "role": "bank",
                "currency": "USD",
            },
        )  # fmt: skip

        def receive(place: int, amount: str, ago: int, *shares: Proposal, currency: str | None = None) -> None:
            values = {
                "amount": Decimal(amount), "account": dollars if currency == "USD" else bank, "date": self.day(ago),
                "reference": f"电汇 {ago:03d}", "currency": currency or setting("currency"),
            }  # fmt: skip
            services.receive(self.customer(place), values, self.by, shares)

        first, second = self.items[0], self.items[1]
        receive(0, "50000", 30, Proposal(first.id, first.open), Proposal(second.id, Decimal(1400)))
        receive(3, "33120", 35, Proposal(self.items[4].id, Decimal(33120)))
        receive(6, "40000", 9, Proposal(self.items[7].id, Decimal(40000)))
        receive(7, "20000", 4)
        if self.items[-1].currency == "USD":
            receive(17, "5000", 20, Proposal(self.items[-1].id, Decimal(5000)), currency="USD")

    def entries(self) -> None:
        accounts = {account.code: account for account in services.active_accounts()}
        general = services.journal_for("general")
        for ago, text, code, amount in (
            (75, "Office rent 办公室租金", "5602", "8600"),
            (45, "Office rent 办公室租金", "5602", "8600"),
            (14, "Trade fair stand 展位费", "5601", "12400"),
        ):
            postings = [Posting(accounts[code], Decimal(amount)), Posting(accounts["1002"], -Decimal(amount))]
            services.post(services.draft_entry(general, self.day(ago), text, postings, by=self.by), self.by)
        postings = [Posting(accounts["5602"], Decimal(640)), Posting(accounts["1001"], Decimal(-640))]
        services.draft_entry(general, self.day(1), "Travel costs 差旅费", postings, by=self.by)
        until = month_before(month_before(self.world.today))
        services.revalue(month_before(self.world.today) - timedelta(days=1), self.by)
        while (month := services.to_close()) is not None and month <= until:
            services.close(month, self.by)

    def bank(self) -> None:
        """Yesterday's statement: a transfer that names its invoice, one that is known by its name, charges, and a riddle."""
        named, by_name = self.invoices[3], self.items[2]
        rows = (
            ("交易日期", "贷方发生额", "借方发生额", "对方户名", "摘要", "流水号"),
            (self.day(2), f"{named.gross}", "", self.customer(5).name, f"货款 {named.number}", "B2026112201"),
            (self.day(2), f"{by_name.open}", "", self.customer(1).name, "货款", "B2026112202"),
            (self.day(1), "3500.00", "", "个体户 王磊", "定金", "B2026112301"),
            (self.day(1), "", "35.00", "中国工商银行", "手续费", "B2026112302"),
        )
        text = "\r\n".join(",".join(str(cell) for cell in row) for row in rows)
        services.take_statement(text.encode("gb18030"), "ICBC 2026-11.csv", services.account_for("bank"), self.by)

    def remind(self) -> None:
        for reminder in services.reminders(self.by)[1:3]:
            if reminder.to is not None:
                services.send_reminder(reminder.customer, self.by)
