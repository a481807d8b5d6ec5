"""What customers have bought, what they are worth and how they buy: worked out at night from the documents, never edited.

Every figure here can be worked out again; nothing is decided by them that a person has not decided.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Base, Record, now
from erpcrm.core.exact import AMOUNT, Exact
from erpcrm.core.i18n import _l
from erpcrm.customers.models import Customer

from ..abc import CLASSES
from ..intervals import RISKS

VALUE_VIEW = "analytics.value.view"
BEHAVIOUR_VIEW = "analytics.behaviour.view"
COMPUTE = "analytics.value.compute"
SETUP = "analytics.value.setup"

COMPUTED = {"computed": True}
"""No reason to keep a customer or a product: it is worked out anew"""
TIMES = Exact(2)
"""How often, how many times longer, percent"""
SHARE = Exact(4)


class CustomerValue(Record):
    """One customer who has bought: what came in, what was left of it, in which rhythm, and what is to be expected.

    Its id is the customer's, so that the figures of today stand where those of yesterday stood. Amounts are in the company's
    currency, without tax. Estimates are None while there is too little to go by.
    """

    __tablename__ = "customer_values"
    record_name = "customer_value"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), unique=True, info={"label": _l("Customer")}
    )
    as_of: Mapped[date] = mapped_column(info={"label": _l("As of")})
    first_on: Mapped[date] = mapped_column(info={"label": _l("First purchase")})
    last_on: Mapped[date] = mapped_column(info={"label": _l("Last purchase")})
    days: Mapped[int] = mapped_column(info={"label": _l("Purchases")})
    """Days on which something was bought: two documents of one day are one purchase"""
    documents: Mapped[int] = mapped_column(info={"label": _l("Documents")})
    activities: Mapped[int] = mapped_column(default=0, info={"label": _l("Activities")})
    bought: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Bought")})
    """Without what was credited: what an average purchase is made of"""
    revenue: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Revenue")})
    revenue_year: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Revenue of twelve months")})
    costed: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    """So much of the revenue is on documents whose cost is known"""
    margin: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("Margin")})
    cost_to_serve: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Cost to serve")})
    contribution: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("Margin after cost to serve")})
    rank: Mapped[int | None] = mapped_column(info={"label": _l("Rank")})
    before: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    """The revenue of those who stand in front"""
    share: Mapped[Decimal | None] = mapped_column(TIMES, info={"label": _l("Share of revenue in percent")})
    abc: Mapped[str] = mapped_column(default="C", info={"label": _l("Class"), "choices": CLASSES})
    doubled_interval: Mapped[int | None]
    """Twice the median of the days between purchases: a whole number"""
    ratio: Mapped[Decimal | None] = mapped_column(TIMES, info={"label": _l("Silent for so many intervals")})
    risk: Mapped[str] = mapped_column(default="unknown", info={"label": _l("Churn risk"), "choices": RISKS})
    at_risk: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Revenue at risk")})
    alive: Mapped[Decimal | None] = mapped_column(TIMES, info={"label": _l("Still a customer, in percent")})
    expected: Mapped[Decimal | None] = mapped_column(TIMES, info={"label": _l("Purchases expected in twelve months")})
    clv: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("Customer lifetime value")})

    customer: Mapped[Customer] = relationship()

    __table_args__ = (
        CheckConstraint("id = customer_id", name="id_of_customer"),
        CheckConstraint("abc IN ('A', 'B', 'C')", name="abc_known"),
        CheckConstraint("risk IN ('unknown', 'steady', 'due', 'late', 'lapsed')", name="risk_known"),
        CheckConstraint("days >= 1 AND last_on >= first_on", name="has_bought"),
        Index(None, "rank", "id"),
        Index(None, "clv", "id"),
        Index(None, "last_on", "id"),
        Index(None, "at_risk", "id"),
        {"info": COMPUTED},
    )

    @property
    def interval(self) -> Decimal | None:
        """The median of the days between purchases."""
        return None if self.doubled_interval is None else Decimal(self.doubled_interval) / 2

    @property
    def average(self) -> Decimal:
        """What an average purchase came to."""
        return self.bought / self.days


class CustomerMonth(Base):
    """What one customer bought in one month: of this cohorts, retention and trends are added up.

    Months are whole numbers, year x 12 + month - 1. `cohort` is the month of the first purchase.
    """

    __tablename__ = "customer_months"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[int]
    days: Mapped[int]
    """Zero in a month of nothing but credit notes"""
    revenue: Mapped[Decimal] = mapped_column(AMOUNT)

    __table_args__ = (Index(None, "cohort", "month"), {"info": COMPUTED})


class ProductPair(Base):
    """Two products that stood on one document at least so often as the company wants to hear of, over twelve months."""

    __tablename__ = "product_pairs"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True)
    both: Mapped[int]
    first: Mapped[int]
    second: Mapped[int]
    baskets: Mapped[int]

    __table_args__ = ({"info": COMPUTED},)


class ValueRun(Base):
    """One working out of all of it: from what, by which parameters, how well they fit, or why there are none."""

    __tablename__ = "value_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(default=now)
    source: Mapped[str]
    customers: Mapped[int]
    repeaters: Mapped[int]
    """Customers with a second purchase"""
    rate: Mapped[Decimal | None] = mapped_column(SHARE)
    """What is left of the revenue of all customers after cost and cost to serve; None where no cost is known"""
    refusal: Mapped[str | None]
    """Why nothing is predicted: few_customers, few_repeaters, no_frequency, no_spend"""
    fit: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """{frequency: {r, alpha, a, b}, log_likelihood, spend: {p, q, gamma}, spend_likelihood, correlation}"""
    calibration: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """{split_on, rows: [{repeats, customers, predicted, actual}]}"""
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was chosen when it was worked out: discount, years, costs, cuts"""
