"""Forms of finance."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, FieldList, FormField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from erpcrm.core.currencies import currency_choices
from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _, _l, lazy_pgettext
from erpcrm.core.options import OptionField
from erpcrm.core.settings import setting
from erpcrm.sales.forms import DocumentForm

from .models import ACCOUNT_KINDS, ACCOUNT_ROLES
from .services import active_accounts, journals, money_accounts

ENTER_AMOUNT = _l("Enter an amount.")
ENTER_DAY = _l("Enter a day.")
BLANK_LINES = 4
TEXT = Length(max=200)
NOTE = Length(max=2000)


def _whole_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") and str(value).isdecimal() else None


def account_choices(*, blank: bool = True) -> Any:
    """Every account in use: "1122 Accounts receivable"."""
    first = [("", "")] if blank else []
    return select_choices([*first, *((one.id, f"{one.code} {one.label}") for one in active_accounts())])


def money_choices() -> Any:
    return select_choices(
        (one.id, f"{one.code} {one.label}{f' ({one.currency})' if one.currency else ''}") for one in money_accounts()
    )


def _currencies() -> Any:
    return select_choices(currency_choices())


def _own_or_other() -> Any:
    own = setting("currency")
    others = [choice for choice in currency_choices() if choice[0] != own]
    return select_choices([("", _("the company’s currency (%(currency)s)", currency=own)), *others])


class AccountForm(Form):
    code = StringField(_l("Account number"), [DataRequired(_l("An account needs a number.")), Length(max=20)])
    name = StringField(_l("Name"), [DataRequired(_l("An account needs a name.")), TEXT])
    name_zh = StringField(_l("Name in Chinese"), [TEXT])
    kind = SelectField(_l("Kind"), choices=lambda: select_choices((one.value, one.label) for one in ACCOUNT_KINDS))
    role = SelectField(
        _l("Used for"),
        choices=lambda: select_choices(
            [("", _("nothing by itself")), *((one.value, one.label) for one in ACCOUNT_ROLES)]
        ),
        coerce=lambda value: value or None,
    )
    currency = SelectField(_l("Kept in"), choices=_own_or_other)
    active = BooleanField(_l("In use"), default=True)
    note = TextAreaField(_l("Note"), [NOTE])
    version = VersionField()


class LineForm(Form):
    """One line of an entry: an account, and debit or credit."""

    account_id = SelectField(_l("Account"), choices=account_choices, coerce=_whole_or_none)
    text = StringField(lazy_pgettext("entry", "Text"), [TEXT])
    debit = ExactField(_l("Debit"), [Optional()], places=4, minimum=Decimal(0))
    credit = ExactField(_l("Credit"), [Optional()], places=4, minimum=Decimal(0))
    amount_currency = ExactField(_l("In its currency"), [Optional()], places=4, minimum=Decimal(0))
    """On an account that is kept in another currency: how much of it"""

    @property
    def is_blank(self) -> bool:
        return not (self.account_id.data or self.debit.data or self.credit.data or self.text.data)

    @property
    def amount(self) -> Decimal:
        return (self.debit.data or Decimal(0)) - (self.credit.data or Decimal(0))


class EntryForm(Form):
    journal_id = SelectField(
        _l("Journal"),
        choices=lambda: select_choices((one.id, f"{one.code} {one.label}") for one in journals()),
        coerce=int,
    )
    date = DateField(_l("Date"), [InputRequired(ENTER_DAY)])
    text = StringField(lazy_pgettext("entry", "Text"), [DataRequired(_l("Say what it is about.")), TEXT])
    lines = FieldList(FormField(LineForm), min_entries=BLANK_LINES)
    version = VersionField()

    def add_blank(self) -> None:
        for _count in range(BLANK_LINES):
            self.lines.append_entry()

    def validate_lines(self, field: Any) -> None:
        for line in field:
            if line.form.is_blank:
                continue
            if line.form.account_id.data is None:
                line.form.account_id.errors = [_("Choose an account.")]
            elif line.form.debit.data and line.form.credit.data:
                line.form.credit.errors = [_("Debit or credit, not both.")]
            elif not line.form.amount:
                line.form.debit.errors = [_("Enter an amount.")]

    def validate(self, extra_validators: Any = None) -> bool:
        well = super().validate(extra_validators)
        return well and not any(errors for line in self.lines for errors in (field.errors for field in line.form))


class ReverseForm(Form):
    on = DateField(_l("Day"), [InputRequired(ENTER_DAY)])
    text = StringField(lazy_pgettext("entry", "Text"), [TEXT])


class ReasonForm(Form):
    reason = StringField(_l("Reason"), [DataRequired(_l("Say why.")), TEXT])
    version = VersionField()


class PaymentForm(Form):
    """A payment from a customer; which items it settles comes in fields of its own, one an item."""

    customer_id = ReferenceField(_l("Customer"), [InputRequired(_l("Pick a customer."))], to="customer")
    amount = ExactField(_l("Amount"), [InputRequired(ENTER_AMOUNT)], places=4, minimum=Decimal("0.0001"))
    currency = SelectField(_l("Currency"), choices=_currencies)
    bank_amount = ExactField(_l("Arrived in the bank"), [Optional()], places=4, minimum=Decimal("0.0001"))
    account_id = SelectField(_l("Bank account or cash"), choices=money_choices, coerce=int)
    date = DateField(_l("Date"), [InputRequired(ENTER_DAY)])
    reference = StringField(_l("Reference"), [TEXT])
    note = TextAreaField(_l("Note"), [NOTE])


class RefundForm(Form):
    amount = ExactField(_l("Amount"), [InputRequired(ENTER_AMOUNT)], places=4, minimum=Decimal("0.0001"))
    account_id = SelectField(_l("Bank account or cash"), choices=money_choices, coerce=int)
    bank_amount = ExactField(_l("Left the bank"), [Optional()], places=4, minimum=Decimal("0.0001"))
    date = DateField(_l("Date"), [InputRequired(ENTER_DAY)])
    reference = StringField(_l("Reference"), [TEXT])


class WriteOffForm(Form):
    amount = ExactField(_l("Amount"), [InputRequired(ENTER_AMOUNT)], places=4, minimum=Decimal("0.0001"))
    why = SelectField(
        _l("As"),
        choices=lambda: select_choices([("write_off", _("small difference")), ("bad_debt", _("bad debt"))]),
    )
    reason = StringField(_l("Reason"), [DataRequired(_l("Say why it is written off.")), TEXT])


class OpeningForm(Form):
    """What a customer owed when these books began."""

    customer_id = ReferenceField(_l("Customer"), [InputRequired(_l("Pick a customer."))], to="customer")
    number = StringField(_l("Number of the old invoice"), [DataRequired(_l("Enter its number.")), Length(max=60)])
    date = DateField(_l("Date"), [InputRequired(ENTER_DAY)])
    due_on = DateField(_l("Due on"), [InputRequired(ENTER_DAY)])
    amount = ExactField(_l("Open amount"), [InputRequired(ENTER_AMOUNT)], places=4)
    currency = SelectField(_l("Currency"), choices=_currencies)
    rate = ExactField(_l("Exchange rate"), [Optional()], places=10, minimum=Decimal("0.0000000001"))

    def validate_due_on(self, field: DateField) -> None:
        if self.date.data and field.data and field.data < self.date.data:
            raise ValidationError(_("It can't be due before its own day."))


class StatementForm(Form):
    account_id = SelectField(_l("Bank account or cash"), choices=money_choices, coerce=int)
    file = FileField(_l("CSV file"), [FileRequired(_l("Choose a file."))], render_kw={"accept": ".csv,.txt,text/csv"})


class LineAmountForm(Form):
    """How much of a document's currency a bank line is, when its account is kept in another one."""

    amount = ExactField(_l("Amount"), [InputRequired(ENTER_AMOUNT)], places=4, minimum=Decimal("0.0001"))


class BookLineForm(Form):
    account_id = SelectField(_l("Account"), [InputRequired()], choices=account_choices, coerce=_whole_or_none)
    text = StringField(lazy_pgettext("entry", "Text"), [TEXT])

    def validate_account_id(self, field: SelectField) -> None:
        if field.data is None:
            raise ValueError(_("Choose an account."))


class StopForm(Form):
    note = StringField(_l("Reason"), [DataRequired(_l("Say why no reminders go out.")), TEXT])
    until = DateField(_l("Until"), [Optional()])


class LevelForm(Form):
    days = IntegerField(_l("Days overdue"), [InputRequired(), NumberRange(0, 3650)])
    name = StringField(_l("Name"), [DataRequired(), TEXT])
    name_zh = StringField(_l("Name in Chinese"), [TEXT])
    text = TextAreaField(_l("Text"), [DataRequired(), NOTE])
    text_zh = TextAreaField(_l("Text in Chinese"), [NOTE])


class PartForm(Form):
    percent = ExactField(_l("Percent"), [Optional()], places=4, minimum=Decimal(0), maximum=Decimal(100))
    counted_from = SelectField(
        _l("Counted from"),
        choices=lambda: select_choices([("day", _("the invoice’s day")), ("month_end", _("the end of its month"))]),
    )
    days = IntegerField(_l("Days"), [Optional(), NumberRange(0, 3650)])


class TermsForm(Form):
    parts = FieldList(FormField(PartForm), min_entries=4, max_entries=12)
    discount = ExactField(_l("Early-payment discount"), [Optional()], places=4, minimum=Decimal(0), maximum=Decimal(99))
    discount_days = IntegerField(_l("When paid within days"), [Optional(), NumberRange(0, 3650)])
    lowers_tax = BooleanField(_l("Discount taken also lowers the tax"))


class LimitForm(Form):
    amount = ExactField(_l("Limit"), [InputRequired(ENTER_AMOUNT)], places=2, minimum=Decimal(0))


class InvoiceForm(DocumentForm):
    """The head of an invoice that is written by hand."""

    date = DateField(_l("Date"), [InputRequired(ENTER_DAY)])

    OF_ITS_OWN: ClassVar[tuple[str, ...]] = ("date",)


class FreeCreditForm(InvoiceForm):
    """The head of a credit note that no invoice of ours stands behind."""

    reason = StringField(_l("Reason"), [DataRequired(_l("Say why it is credited.")), TEXT])

    OF_ITS_OWN = ("date", "reason")


class HeadForm(Form):
    """What may be changed of a draft that came from an order."""

    date = DateField(_l("Date"), [InputRequired(ENTER_DAY)])
    payment_terms = OptionField(_l("Payment terms"), options="customer.payment_terms")
    reference = StringField(_l("Customer’s reference"), [TEXT])
    introduction = TextAreaField(_l("Opening text"), [NOTE])
    closing = TextAreaField(_l("Closing text"), [NOTE])
    note = TextAreaField(_l("Internal note"), [NOTE])
    version = VersionField()


class CreditForm(Form):
    reason = StringField(_l("Reason"), [DataRequired(_l("Say why it is credited.")), TEXT])
    post = BooleanField(_l("Post it at once"))


class AdvanceForm(Form):
    """What of an order is to be invoiced."""

    what = SelectField(
        _l("What to invoice"),
        choices=lambda: select_choices(
            [
                ("delivered", _("what was delivered")),
                ("all", _("all that is left")),
                ("advance", _("a share in advance")),
            ]
        ),
    )
    percent = ExactField(_l("Share in advance"), [Optional()], places=4, minimum=Decimal(0), maximum=Decimal(100))
    post = BooleanField(_l("Post it at once"))

    def validate_percent(self, field: ExactField) -> None:
        if self.what.data == "advance" and not field.data:
            raise ValidationError(_("Which share?"))


class SendInvoiceForm(Form):
    to = StringField(_l("To"), [DataRequired(_l("Whom to?")), TEXT])
    subject = StringField(_l("Subject"), [DataRequired(), TEXT])
    text = TextAreaField(lazy_pgettext("mail", "Text"), [Length(max=20_000)])


class DayForm(Form):
    on = DateField(_l("Day"), [InputRequired(ENTER_DAY)])


def quantities_in(form: Any, ids: Sequence[int]) -> tuple[dict[int, Decimal], list[int]]:
    """What was typed beside each line: ({line: quantity}, lines whose number can't be read)."""
    found: dict[int, Decimal] = {}
    wrong: list[int] = []
    for line_id in ids:
        name = f"quantity-{line_id}"
        field = ExactField(name, places=6, minimum=Decimal(0)).bind(Form(formdata=None), name)
        field.process(form)
        if not field.validate(None):
            wrong.append(line_id)
        elif field.data:
            found[line_id] = field.data
    return found, wrong


def shares_in(form: Any, item_ids: Sequence[int]) -> tuple[dict[int, Decimal], dict[int, Decimal], list[int]]:
    """What was typed beside each open item: ({item: amount}, {item: discount}, items whose number can't be read)."""
    amounts: dict[int, Decimal] = {}
    discounts: dict[int, Decimal] = {}
    wrong: list[int] = []
    for item_id in item_ids:
        for name, found in ((f"share-{item_id}", amounts), (f"discount-{item_id}", discounts)):
            field = ExactField(name, places=4, minimum=Decimal(0)).bind(Form(formdata=None), name)
            field.process(form)
            if not field.validate(None):
                wrong.append(item_id)
            elif field.data:
                found[item_id] = field.data
    return amounts, discounts, wrong
