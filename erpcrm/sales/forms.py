"""Forms of sales: the heads of documents, and the small dialogs."""

from decimal import Decimal
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from erpcrm.core.currencies import currency_choices
from erpcrm.core.forms import ExactField, Form, ReferenceField, TagsField, VersionField, select_choices
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import OptionField
from erpcrm.core.signatures import LONGEST

from .models import LANGUAGES, RENEWALS

AT_MOST = _l("At most %(max)d characters.")
SHORT = Length(max=200, message=AT_MOST)
LONG = Length(max=4000, message=AT_MOST)
HUNDRED = Decimal(100)


def _currencies() -> Any:
    return select_choices(currency_choices())


class CustomerForm(Form):
    """The first step of a document: whom it is for."""

    customer = ReferenceField(_l("Customer"), [InputRequired(_l("Pick a customer."))], to="customer", create=True)


class DocumentForm(Form):
    """The head of every document with prices. The customer is chosen before, and stays."""

    contact_id = ReferenceField(_l("Contact"), to="contact", create=True)
    reference = StringField(_l("Customer’s reference"), [SHORT])
    payment_terms = OptionField(_l("Payment terms"), options="customer.payment_terms")
    owner_id = ReferenceField(_l("Owner"), to="user")
    currency = SelectField(_l("Currency"), choices=_currencies)
    tax_included = BooleanField(_l("Prices include tax"))
    discount = ExactField(_l("Discount on everything"), places=4, minimum=Decimal(0), maximum=HUNDRED)
    language = SelectField(_l("Language"), choices=lambda: select_choices((one.value, one.label) for one in LANGUAGES))
    billing_address = TextAreaField(_l("Billing address"), [LONG])
    delivery_address = TextAreaField(_l("Delivery address"), [LONG])
    introduction = TextAreaField(_l("Opening text"), [LONG])
    closing = TextAreaField(_l("Closing text"), [LONG])
    note = TextAreaField(_l("Internal note"), [LONG])
    tags = TagsField(_l("Tags"))
    version = VersionField()

    OF_ITS_OWN: ClassVar[tuple[str, ...]] = ()
    """The fields that only this kind of document has, shown first"""


class QuotationForm(DocumentForm):
    issued_on = DateField(lazy_pgettext("document", "Date"), [InputRequired(_l("Choose a day."))])
    valid_until = DateField(_l("Valid until"), [InputRequired(_l("Choose a day."))])

    OF_ITS_OWN = ("issued_on", "valid_until")


class OrderForm(DocumentForm):
    ordered_on = DateField(_l("Ordered on"), [InputRequired(_l("Choose a day."))])
    wanted_on = DateField(_l("Wanted by"), [Optional()])
    contract_id = ReferenceField(_l("Contract"), to="contract")

    OF_ITS_OWN = ("ordered_on", "wanted_on", "contract_id")


class ContractForm(DocumentForm):
    name = StringField(_l("Name"), [InputRequired(_l("Give the contract a name.")), SHORT])
    starts_on = DateField(_l("Starts on"), [InputRequired(_l("Choose a day."))])
    ends_on = DateField(_l("Ends on"), [InputRequired(_l("Choose a day."))])
    signed_on = DateField(_l("Signed on"), [Optional()])
    value = ExactField(
        _l("Value"), [Optional()], minimum=Decimal(0), description=_l("Left empty: what its lines come to.")
    )
    renewal = SelectField(_l("Renewal"), choices=lambda: select_choices((one.value, one.label) for one in RENEWALS))
    renewal_months = IntegerField(_l("Renewed for months"), [NumberRange(1, 600)], default=12)
    notice_days = IntegerField(_l("Notice in days"), [NumberRange(0, 3650)], default=30)

    OF_ITS_OWN = ("name", "starts_on", "ends_on", "signed_on", "value", "renewal", "renewal_months", "notice_days")


class LineForm(Form):
    """A line being typed. Its price, left empty, is the one that the rules find; `found` is what they found last."""

    id = IntegerField(validators=[Optional()])
    product_id = ReferenceField(_l("Product"), to="product")
    text = TextAreaField(lazy_pgettext("line", "Text"), [LONG])
    quantity = ExactField(_l("Quantity"), places=6, minimum=Decimal(0))
    unit = SelectField(_l("Unit"), choices=[], validate_choice=False)
    price = ExactField(_l("Price"), places=6, minimum=Decimal(0))
    found = ExactField(places=6)
    discount = ExactField(_l("Discount"), places=4, minimum=Decimal(0), maximum=HUNDRED)
    tax_id = SelectField(
        _l("Tax"), coerce=lambda value: int(value) if str(value).isdigit() else None, choices=[], validate_choice=False
    )
    ruled = IntegerField(validators=[Optional()])
    """The tax that the rules named last"""
    optional = BooleanField(lazy_pgettext("line", "Optional"))
    wanted_on = DateField(_l("Wanted by"), [Optional()])
    contract_line_id = IntegerField(validators=[Optional()])

    @property
    def is_blank(self) -> bool:
        return self.product_id.data is None and not self.product_id.text and not (self.text.data or "").strip()


class SendForm(Form):
    to = EmailField(_l("To"), [Optional(), SHORT])
    subject = StringField(_l("Subject"), [SHORT])
    text = TextAreaField(lazy_pgettext("mail", "Text"), [Length(max=20_000, message=AT_MOST)])
    by_mail = BooleanField(_l("Send it by e-mail"), default=True)
    version = VersionField()


class RejectForm(Form):
    reject_reason = OptionField(
        _l("Reason"), [InputRequired(_l("Choose a reason."))], options="quotation.reject_reason"
    )
    note = TextAreaField(_l("What happened?"), [LONG])
    version = VersionField()


class ReasonForm(Form):
    reason = TextAreaField(_l("Reason"), [LONG])
    version = VersionField()


class ExtendForm(Form):
    valid_until = DateField(_l("Valid until"), [InputRequired(_l("Choose a day."))])
    version = VersionField()


class AcceptForm(Form):
    """What a customer sends by the link."""

    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Please enter your name.")), Length(max=100, message=AT_MOST)],
        render_kw={"autocomplete": "name"},
    )
    signature = HiddenField(validators=[Length(max=LONGEST)])
    agreed = BooleanField(_l("I accept this offer on behalf of my company."), [InputRequired(_l("Please confirm."))])


class DeclineForm(Form):
    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Please enter your name.")), Length(max=100, message=AT_MOST)],
        render_kw={"autocomplete": "name"},
    )
    text = TextAreaField(_l("What made you decide so?"), [Length(max=2000, message=AT_MOST)])


class CommentForm(Form):
    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Please enter your name.")), Length(max=100, message=AT_MOST)],
        render_kw={"autocomplete": "name"},
    )
    text = TextAreaField(
        _l("Question or comment"),
        [InputRequired(_l("Please write something.")), Length(max=2000, message=AT_MOST)],
    )


class DeliverForm(Form):
    quantity = ExactField(_l("Quantity"), [InputRequired(_l("How many?"))], places=6, minimum=Decimal("0.000001"))


class ObligationForm(Form):
    text = StringField(_l("Obligation"), [InputRequired(_l("What was promised?")), SHORT])
    ours = SelectField(
        _l("Who has to do it"),
        coerce=lambda value: str(value) in ("True", "1"),
        choices=lambda: select_choices([("1", _l("We")), ("0", _l("The customer"))]),
    )
    due_on = DateField(_l("Due"), [InputRequired(_l("Choose a day."))])
    done_on = DateField(_l("Done on"), [Optional()])
    version = VersionField()


class BillForm(Form):
    text = StringField(lazy_pgettext("line", "Text"), [InputRequired(_l("What is it for?")), SHORT])
    amount = ExactField(_l("Amount"), [InputRequired(_l("Enter the amount."))], minimum=Decimal("0.0001"))
    due_on = DateField(_l("Due"), [InputRequired(_l("Choose a day."))])
    version = VersionField()


class PlanForm(Form):
    count = IntegerField(_l("Number of invoices"), [InputRequired(), NumberRange(1, 120)], default=4)
    months = IntegerField(_l("Months apart"), [InputRequired(), NumberRange(1, 60)], default=3)


class HolderForm(Form):
    customer_id = ReferenceField(_l("Customer"), to="customer")
    customer_group = OptionField(_l("Customer group"), options="customer.group")
