"""What a customer may owe, and what was found of its orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice
from erpcrm.customers.models import Customer
from erpcrm.sales.models import SalesOrder

ACCOUNT_VIEW = "credit.account.view"
ACCOUNT_EDIT = "credit.account.edit"
ACCOUNT_HOLD = "credit.account.hold"
GRADES = (
    Choice("A", "A", "green"),
    Choice("B", "B", "green"),
    Choice("C", "C", "yellow"),
    Choice("D", "D", "orange"),
    Choice("E", "E", "red"),
)


def money(label: Any) -> dict[str, Any]:
    """An amount in the company's currency, with its label."""
    return {**COMPANY_MONEY, "label": label}


class CreditAccount(Record):
    """A customer's credit. Its row is the lock: whoever asks whether an order fits holds it until the order is in.

    Every figure left empty is looked up further: at the companies above, then in what the company has set for all.
    Amounts are in the company's currency.
    """

    __tablename__ = "credit_accounts"
    record_name = "credit_account"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"customer_id"}

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), unique=True, info={"label": _l("Customer")}
    )
    limit: Mapped[Decimal | None] = mapped_column("credit_limit", AMOUNT, info=money(_l("Credit limit")))
    """None: none of its own; zero: cash only"""
    temporary_limit: Mapped[Decimal | None] = mapped_column(AMOUNT, info=money(_l("Temporary limit")))
    temporary_until: Mapped[date | None] = mapped_column(info={"label": _l("Temporary limit until")})
    """The last day on which it holds instead of the other"""
    overdue_limit: Mapped[Decimal | None] = mapped_column(AMOUNT, info=money(_l("Overdue limit")))
    overdue_minimum: Mapped[Decimal | None] = mapped_column(AMOUNT, info=money(_l("Overdue amounts that don't matter")))
    grace_days: Mapped[int | None] = mapped_column(info={"label": _l("Days of grace")})
    held: Mapped[bool] = mapped_column(default=False, info={"label": _l("On hold")})
    hold_reason: Mapped[str | None] = mapped_column(info={"label": _l("Reason of the hold")})
    held_since: Mapped[datetime | None]
    hold_is_automatic: Mapped[bool] = mapped_column(default=False)
    """Put on by the system, which also lifts it once the customer has paid"""
    watch: Mapped[bool] = mapped_column(default=False, info={"label": _l("On the watch list")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    grade: Mapped[str | None] = mapped_column(info={"label": _l("Grade"), "choices": GRADES})
    score: Mapped[int | None] = mapped_column(info={"label": _l("Score")})
    reassess_on: Mapped[date | None] = mapped_column(info={"label": _l("Assess again on")})

    customer: Mapped[Customer] = relationship()

    __table_args__ = (
        CheckConstraint("credit_limit >= 0", name="limit_not_negative"),
        CheckConstraint("temporary_limit >= 0", name="temporary_limit_not_negative"),
        CheckConstraint("(temporary_limit IS NULL) = (temporary_until IS NULL)", name="temporary_limit_ends"),
        CheckConstraint("overdue_limit >= 0 AND overdue_minimum >= 0 AND grace_days >= 0", name="overdue_not_negative"),
        CheckConstraint("grade IN ('A', 'B', 'C', 'D', 'E')", name="grade_known"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_within"),
        Index(None, "held", "id"),
        Index(None, "watch", "id"),
        Index(None, "reassess_on", "id"),
        Index(None, "created_at", "id"),
        {"info": {"label": _l("Credit accounts")}},
    )

    def limit_on(self, day: date) -> Decimal | None:
        """The limit of its own that holds on a day."""
        if self.temporary_until is not None and self.temporary_until >= day:
            return self.temporary_limit
        return self.limit


class CreditOrder(Base):
    """What credit knows of an order: what was found last, for what it was confirmed, and whether somebody released it."""

    __tablename__ = "credit_orders"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("sales_orders.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    checked_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(default="pass")
    findings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """[{rule, action, figures}, ...]"""
    worth: Mapped[Decimal | None] = mapped_column(AMOUNT)
    """For what it was confirmed, tax included, in the order's own currency; None: it never was"""
    released: Mapped[Decimal | None] = mapped_column(AMOUNT)
    """Up to what worth, in the order's own currency, it may go on whatever is found; None: it was not released"""
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    used: Mapped[bool] = mapped_column(default=False)
    """The release has let the order through: it is good for its deliveries, and not for another confirmation"""

    order: Mapped[SalesOrder] = relationship()

    __table_args__ = (CheckConstraint("verdict IN ('pass', 'warn', 'stop')", name="verdict_known"),)
