"""Sales orders, and how far each line has come."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT, QUANTITY
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

from .documents import PricedLine, SoldDocument, document_args, line_args
from .quotations import Quotation

VIEW = "sales.order.view"
EDIT = "sales.order.edit"
CONFIRM = "sales.order.confirm"
CANCEL = "sales.order.cancel"
declare_numbers("order", _l("Sales orders"), "SO-")

ORDER_FLOW = Workflow(
    "order",
    states=(
        State("draft", lazy_pgettext("order", "Draft"), "gray"),
        State("waiting", _l("Waiting for credit"), "yellow"),
        State("confirmed", _l("Confirmed"), "blue"),
        State("closed", lazy_pgettext("order", "Closed"), "green"),
        State("cancelled", lazy_pgettext("order", "Cancelled"), "red"),
    ),
    moves=(
        Move(
            "confirm",
            _l("Confirm"),
            ("draft", "waiting"),
            "confirmed",
            CONFIRM,
            icon="check",
            kind="primary",
            waits_in="waiting",
        ),
        Move("take_back", _l("Back to draft"), ("waiting",), "draft", EDIT, icon="arrow-back-up"),
        # Made after every change of a confirmed order, so that guards see the order as it would be, and may refuse.
        Move("amend", _l("Change"), ("confirmed",), "confirmed", EDIT, icon="edit", page="sales.edit_order"),
        Move("close", _l("Close"), ("confirmed",), "closed", EDIT, reason="optional", icon="lock"),
        Move("reopen", _l("Reopen"), ("closed",), "confirmed", EDIT, reason="required", icon="lock-open"),
        Move(
            "cancel",
            _l("Cancel the order"),
            ("draft", "waiting", "confirmed"),
            "cancelled",
            CANCEL,
            reason="required",
            icon="ban",
            kind="danger",
        ),
        Move("restore", _l("Restore as draft"), ("cancelled",), "draft", EDIT, icon="archive-off"),
    ),
)
BY_VERB = frozenset({"amend"})

LINE_FLOW = Workflow(
    "order_line",
    states=(
        State("open", lazy_pgettext("line", "Open"), "blue"),
        State("held", lazy_pgettext("line", "On hold"), "orange"),
        State("closed", lazy_pgettext("line", "Closed"), "gray"),
    ),
    moves=(
        Move("hold", _l("Put on hold"), ("open",), "held", EDIT, reason="optional", icon="hand-stop"),
        Move("release", _l("Release"), ("held",), "open", EDIT, icon="player-play"),
        Move("close", _l("Close short"), ("open", "held"), "closed", EDIT, reason="optional", icon="lock"),
        Move("reopen", _l("Reopen"), ("closed",), "open", EDIT, icon="lock-open"),
        # A guard above may say that these goods leave in another way.
        Move("deliver", _l("Record as delivered"), ("open",), "open", EDIT, icon="truck-delivery"),
    ),
)

NOTHING, PARTLY, ALL = "nothing", "partly", "all"
DELIVERY_STATES = (
    Choice(NOTHING, _l("Not delivered"), "gray"),
    Choice(PARTLY, _l("Partly delivered"), "yellow"),
    Choice(ALL, _l("Delivered"), "green"),
)
INVOICE_STATES = (
    Choice(NOTHING, _l("Not invoiced"), "gray"),
    Choice(PARTLY, _l("Partly invoiced"), "yellow"),
    Choice(ALL, _l("Invoiced"), "green"),
)


class SalesOrder(SoldDocument, HasCustom, Record):
    """What the customer has ordered. How far it has come follows from the quantities of its lines alone."""

    __tablename__ = "sales_orders"
    record_name = "order"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "status", "rate", "base_gross", "tax_rounding", "delivery_state", "invoice_state", "undelivered", "uninvoiced",
        "base_net", "base_cost",
    }  # fmt: skip

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=ORDER_FLOW.initial, info={"label": _l("Status")})
    quotation_id: Mapped[int | None] = mapped_column(
        ForeignKey("quotations.id"), index=True, info={"label": _l("Quotation")}
    )
    contract_id: Mapped[int | None] = mapped_column(
        ForeignKey("contracts.id"), index=True, info={"label": _l("Contract")}
    )
    ordered_on: Mapped[date] = mapped_column(info={"label": _l("Ordered on")})
    wanted_on: Mapped[date | None] = mapped_column(info={"label": _l("Wanted by")})
    confirmed_on: Mapped[date | None] = mapped_column(info={"label": _l("Confirmed on")})
    delivery_state: Mapped[str] = mapped_column(
        default=NOTHING, info={"label": _l("Delivery"), "choices": DELIVERY_STATES}
    )
    invoice_state: Mapped[str] = mapped_column(
        default=NOTHING, info={"label": _l("Invoicing"), "choices": INVOICE_STATES}
    )
    undelivered: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info=COMPANY_MONEY)
    """Confirmed and still to be delivered: company currency, tax included"""
    uninvoiced: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info=COMPANY_MONEY)
    """Delivered and not invoiced yet: company currency, tax included"""
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})

    quotation: Mapped[Quotation | None] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(
        cascade="all, delete-orphan", order_by="OrderLine.position", back_populates="order"
    )

    __table_args__ = document_args(
        ORDER_FLOW.check(),
        CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        CheckConstraint("delivery_state IN ('nothing', 'partly', 'all')", name="delivery_known"),
        CheckConstraint("invoice_state IN ('nothing', 'partly', 'all')", name="invoice_known"),
        Index(None, "ordered_on", "id"),
        Index(None, "wanted_on", "id"),
        Index(None, "base_gross", "id"),
        Index(None, "status", "delivery_state", "wanted_on", "id"),
        # What customers have bought, without a look at the orders themselves.
        Index(
            "ix_sales_orders_bought",
            *("customer_id", "ordered_on", "base_net", "base_cost"),
            sqlite_where=text("status IN ('confirmed', 'closed') AND base_net <> 0"),
            postgresql_where=text("status IN ('confirmed', 'closed') AND base_net <> 0"),
        ),
    )


class OrderLine(PricedLine, Record):
    """A line of an order. All quantities are in the line's own unit; they only tell what others have told."""

    __tablename__ = "sales_order_lines"
    record_name = "order_line"
    record_label = _l("Line")
    audit_parent = ("order", "order_id")
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "delivered", "returned", "invoiced", "base_net"}

    order_id: Mapped[int] = mapped_column(ForeignKey("sales_orders.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(default=LINE_FLOW.initial, info={"label": _l("Status")})
    wanted_on: Mapped[date | None] = mapped_column(info={"label": _l("Wanted by")})
    delivered: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("Delivered")})
    returned: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("Returned")})
    invoiced: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("Invoiced")})
    """Net of credit notes"""
    base_net: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), server_default=text("0"), info=COMPANY_MONEY)
    """Its share of the order's `base_net`"""
    contract_line_id: Mapped[int | None] = mapped_column(ForeignKey("contract_lines.id"), index=True)

    order: Mapped[SalesOrder] = relationship(back_populates="lines")

    __table_args__ = line_args(
        LINE_FLOW.check(),
        CheckConstraint("delivered >= 0 AND returned >= 0 AND returned <= delivered", name="returned_was_delivered"),
        CheckConstraint("delivered <= quantity", name="delivered_was_ordered"),
        CheckConstraint("invoiced >= 0 AND invoiced <= quantity", name="invoiced_was_ordered"),
        Index(None, "product_id", "status"),
    )

    @property
    def closed(self) -> Decimal:
        """What will not be delivered any more: the rest of a line that was closed short."""
        return self.quantity - self.delivered if self.status == "closed" else Decimal(0)

    @property
    def to_deliver(self) -> Decimal:
        """What is still to be delivered, held or not."""
        return Decimal(0) if self.status == "closed" else self.quantity - self.delivered

    @property
    def kept(self) -> Decimal:
        """What the customer has got and kept."""
        return self.delivered - self.returned

    @property
    def to_invoice(self) -> Decimal:
        """Delivered, kept, and not invoiced yet."""
        return max(self.kept - self.invoiced, Decimal(0))

    @property
    def billable(self) -> Decimal:
        """What may still be invoiced at all, delivered or not; below zero: that much has to be credited."""
        return self.quantity - self.closed - self.returned - self.invoiced

    @property
    def to_credit(self) -> Decimal:
        """Invoiced, and either come back or never to be delivered."""
        kept_too_much = self.invoiced - self.kept if self.invoiced <= self.delivered else Decimal(0)
        return max(-self.billable, kept_too_much, Decimal(0))

    @property
    def by_hand(self) -> Decimal:
        """What is still to be delivered of something that no warehouse holds: work, and what a text describes."""
        stocked = self.product is not None and (self.product.stocked or self.product.kind == "set")
        return Decimal(0) if stocked or self.status == "held" else self.to_deliver

    @property
    def owed_goods(self) -> Decimal:
        """What is still to be delivered and has not been invoiced ahead: it will be owed one day, and is not yet."""
        ahead = max(self.invoiced - self.kept, Decimal(0))
        return max(self.to_deliver - ahead, Decimal(0))
