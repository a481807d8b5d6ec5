"""Forms of customers, contacts, addresses and activities."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from babel import Locale
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.validators import Optional as MayBeEmpty

from erpcrm.core.fields.values import PREFIX
from erpcrm.core.forms import Form, ReferenceField, TagsField, VersionField
from erpcrm.core.i18n import _, _l, lazy_pgettext, locale_code, today
from erpcrm.core.options import OptionField
from erpcrm.core.places import currency_choices, is_currency
from erpcrm.core.records import Choice
from erpcrm.core.whole import whole

from . import identity
from .models import CHANNELS, CONSENTS, CUSTOMER_KINDS, KINDS, USES
from .services.customers import code_taken, home_region, stands_above_itself


def pairs(choices: Sequence[Choice], blank: Any = None) -> list[SelectChoice]:
    """Choices for a form, a blank one first if wanted."""
    first = [SelectChoice("", blank)] if blank is not None else []
    return first + [SelectChoice(choice.value, choice.label) for choice in choices]


def locale() -> Locale:
    return Locale.parse("zh_Hans" if locale_code() == "zh" else "en")


def currencies() -> list[SelectChoice]:
    """All currencies by name, those most in use first."""
    return [SelectChoice("", ""), *(SelectChoice(code, name) for code, name in currency_choices())]


def countries() -> list[SelectChoice]:
    """All countries by name, the company's own first."""
    names = {
        code: name
        for code, name in locale().territories.items()
        if len(code) == 2 and code not in ("ZZ", "XA", "XB", "EU", "UN", "EZ", "QO")
    }
    own = home_region()
    rest = sorted((name, code) for code, name in names.items() if code != own)
    return [SelectChoice(own, names.get(own, own))] + [SelectChoice(code, name) for name, code in rest]


def readable(read: Callable[[str], Any], message: Any) -> Callable[[Any, Any], None]:
    """A validator: `read` must understand what was typed."""

    def check(form: Any, field: Any) -> None:
        try:
            field.data = read(field.data) if field.data else None
        except ValueError as error:
            raise ValidationError(message) from error

    return check


phone_number = readable(
    lambda text: identity.read_phone(text, home_region()),
    _l("This is not a phone number. Write it with its area code, from abroad with + and the country code."),
)
email_address = readable(identity.read_email, _l("This is not an e-mail address."))
web_address = readable(identity.read_website, _l("This is not an address of a website."))


def tax_number(form: Any, field: Any) -> None:
    """Numbers of a kind that we can check must be right; others are taken as they are, and so is one that came by import."""
    field.data = identity.compact_tax_number(field.data)
    if field.data != field.object_data and identity.tax_number_state(field.data) == "wrong":
        raise ValidationError(
            _("This tax number is not right: its check digit or its length. Please compare it with the document.")
        )


def own_fields_of(form: Form) -> list[Any]:
    """The fields of a form that users have added."""
    return [field for name, field in form._fields.items() if name.startswith(PREFIX)]


class MaybeField(SelectField):
    """One of some choices, or none: `data` is None then, also when the form was sent without the field."""

    def __init__(self, label: Any = None, *, of: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(label, choices=lambda: pairs(of, ""), coerce=lambda value: value or None, **kwargs)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None:
            super().pre_validate(form)


MOST_ADDRESSES = 20
"""A mail to more people is a campaign."""
LINE = Length(max=200, message=_l("At most %(max)d characters."))
TEXT = Length(max=20_000, message=_l("At most %(max)d characters."))


class CustomerForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), LINE])
    kind = RadioField(_l("Kind"), choices=lambda: pairs(CUSTOMER_KINDS), default="company")
    english_name = StringField(_l("English name"), [LINE])
    reading = StringField(
        _l("Pinyin"), [LINE], description=_l("Only where the name is read differently than usual, such as shàn for 单.")
    )
    code = StringField(_l("Code"), [Length(max=40)], description=_l("Left empty, the next number is taken."))
    tax_number = StringField(_l("Tax number"), [Length(max=40), tax_number])
    phone = TelField(_l("Phone"), [MayBeEmpty(), phone_number])
    email = EmailField(_l("E-mail"), [MayBeEmpty(), email_address])
    website = StringField(_l("Website"), [MayBeEmpty(), web_address], render_kw={"inputmode": "url"})
    industry = OptionField(_l("Industry"), options="customer.industry")
    size = OptionField(_l("Size"), options="customer.size")
    region = OptionField(_l("Region"), options="customer.region")
    source = OptionField(_l("Source"), options="customer.source")
    owner_id = ReferenceField(_l("Owner"), to="user")
    team_id = ReferenceField(_l("Team"), to="team", description=_l("Left empty, the team of the owner."))
    parent_id = ReferenceField(_l("Parent company"), to="customer")
    tags = TagsField(_l("Tags"), description=_l("Several are separated by commas."))
    payment_terms = OptionField(_l("Payment terms"), options="customer.payment_terms")
    currency = SelectField(_l("Currency"), choices=currencies, validate_choice=False)
    customer_group = OptionField(_l("Customer group"), options="customer.group")
    tax_group = OptionField(_l("Tax group"), options="tax.customer_group")
    note = TextAreaField(_l("Note"), [TEXT])
    version = VersionField()
    but: int | None = None
    """The customer that the form is about; None for a new one."""

    def validate_code(self, field: Any) -> None:
        if field.data and code_taken(field.data, self.but):
            raise ValidationError(_("The code %(code)s belongs to another customer.", code=field.data))

    def validate_currency(self, field: Any) -> None:
        if field.data and not is_currency(field.data):
            raise ValidationError(_("Pick a currency."))

    def validate_parent_id(self, field: Any) -> None:
        if stands_above_itself(self.but, field.data):
            raise ValidationError(_("The parent company would then belong to this customer itself."))


class NewCustomerForm(CustomerForm):
    status = RadioField(
        _l("Status"),
        choices=[SelectChoice("prospect", _l("Prospect")), SelectChoice("active", lazy_pgettext("customer", "Active"))],
        default="prospect",
    )


class ContactForm(Form):
    name = StringField(lazy_pgettext("person", "Name"), [InputRequired(_l("Enter the name.")), LINE])
    reading = StringField(_l("Pinyin"), [LINE])
    job_title = StringField(_l("Job title"), [LINE])
    mobile = TelField(_l("Mobile"), [MayBeEmpty(), phone_number])
    phone = TelField(_l("Phone"), [MayBeEmpty(), phone_number])
    other_phone = TelField(_l("Other phone"), [MayBeEmpty(), phone_number])
    email = EmailField(_l("E-mail"), [MayBeEmpty(), email_address])
    wechat = StringField(_l("WeChat"), [Length(max=60)])
    channel = MaybeField(_l("Preferred channel"), of=CHANNELS)
    consent = RadioField(_l("Marketing consent"), choices=lambda: pairs(CONSENTS), default="unknown")
    consent_on = DateField(_l("Consent on"), [MayBeEmpty()])
    consent_source = StringField(
        _l("Consent source"), [LINE], description=_l("Where it was given: a form, a trade fair, a call.")
    )
    owner_id = ReferenceField(_l("Owner"), to="user")
    active = BooleanField(_l("Active"), default=True)
    note = TextAreaField(_l("Note"), [TEXT])
    version = VersionField()

    def validate_consent_on(self, field: Any) -> None:
        if field.data and field.data > today():
            raise ValidationError(_("A consent can't be given in the future."))

    def validate_consent_source(self, field: Any) -> None:
        if self.consent.data == "granted" and not (field.data or "").strip():
            raise ValidationError(_("Say where the consent was given: without its source it proves nothing."))


class NewContactForm(ContactForm):
    customer_id = ReferenceField(_l("Customer"), to="customer")
    role = OptionField(_l("Role at the customer"), options="contact.role")


class PlaceForm(Form):
    """Which person works for the customer, as what."""

    contact_id = ReferenceField(_l("Contact"), [InputRequired(_l("Pick a contact."))], to="contact")
    role = OptionField(_l("Role"), options="contact.role")


class ContactPlaceForm(Form):
    """For which customer the person works, as what."""

    customer_id = ReferenceField(_l("Customer"), [InputRequired(_l("Pick a customer."))], to="customer")
    role = OptionField(_l("Role"), options="contact.role")


class RoleForm(Form):
    role = OptionField(_l("Role"), options="contact.role")


class AddressForm(Form):
    use = RadioField(_l("Use"), choices=lambda: pairs(USES), default="both")
    recipient = StringField(_l("Recipient"), [LINE], render_kw={"autocomplete": "off"})
    street = TextAreaField(_l("Street"), [InputRequired(_l("Enter the street and number.")), Length(max=500)])
    postcode = StringField(_l("Postcode"), [Length(max=20)])
    city = StringField(_l("City"), [LINE])
    state = StringField(_l("Province or state"), [LINE])
    country = SelectField(_l("Country"), choices=countries)
    phone = TelField(_l("Phone"), [Length(max=60)])
    is_default = BooleanField(_l("Default"))
    version = VersionField()


class QuickForm(Form):
    """The bar above a timeline: what happened, or what is to do."""

    kind = RadioField(_l("Kind"), choices=lambda: pairs(KINDS), default="note")
    subject = TextAreaField(_l("Text"), [InputRequired(_l("Say in a few words what it is about.")), TEXT])
    due_on = DateField(_l("Due"), [MayBeEmpty()])
    contact_id = SelectField(_l("Contact"), coerce=lambda text: whole(text) if text else None, validate_choice=False)


class MailForm(Form):
    to = StringField(
        _l("To"), [InputRequired(_l("Enter an e-mail address."))], description=_l("Several are separated by commas.")
    )
    subject = StringField(_l("Subject"), [InputRequired(_l("Enter a subject.")), LINE])
    text = TextAreaField(_l("Text"), [InputRequired(_l("Enter the text.")), TEXT], render_kw={"rows": 10})

    @property
    def addresses(self) -> list[str]:
        """The addresses in `to`, each once."""
        given = re.split("[,;，；、]", self.to.data or "")
        return list(dict.fromkeys(identity.any_email(one) or "" for one in given if one.strip()))

    def validate_to(self, field: Any) -> None:
        for one in self.addresses:
            try:
                identity.read_email(one)
            except ValueError as error:
                raise ValidationError(_("“%(text)s” is not an e-mail address.", text=one)) from error
        if len(self.addresses) > MOST_ADDRESSES:
            raise ValidationError(_("At most %(count)s addresses.", count=MOST_ADDRESSES))


class ActivityForm(Form):
    kind = RadioField(_l("Kind"), choices=lambda: pairs(KINDS))
    subject = StringField(_l("Subject"), [InputRequired(_l("Say in a few words what it is about.")), LINE])
    body = TextAreaField(_l("Text"), [TEXT])
    due_on = DateField(_l("Due"), [MayBeEmpty()])
    owner_id = ReferenceField(_l("Owner"), to="user")
    outcome = StringField(_l("Outcome"), [LINE])
    version = VersionField()


class FinishForm(Form):
    outcome = StringField(_l("Outcome"), [LINE])


class ReasonForm(Form):
    """Why a move is made."""

    reason = TextAreaField(_l("Reason"), [Length(max=2000)])
    version = VersionField()


class MergeForm(Form):
    """Which of the two stays; the picks by field come beside it."""

    winner = HiddenField()
