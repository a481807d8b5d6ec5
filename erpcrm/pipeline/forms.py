"""Forms of the pipeline."""

from decimal import Decimal
from typing import Any, ClassVar

from babel.numbers import list_currencies
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from erpcrm.access.models import User
from erpcrm.core.db import session
from erpcrm.core.fields import field_for
from erpcrm.core.forms import ExactField, Form, ReferenceField, TagsField, VersionField, select_choices
from erpcrm.core.i18n import _, _l, lazy_pgettext
from erpcrm.core.options import OptionField
from erpcrm.customers.forms import email_address, phone_number, web_address

from .models.stages import FORECAST_CATEGORIES
from .services import GateClosed

FAVOURITES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD")
AT_MOST = _l("At most %(max)d characters.")
NAME = Length(max=200, message=AT_MOST)


def currencies() -> list[tuple[str, str]]:
    rest = sorted(list_currencies() - set(FAVOURITES))
    return [(code, code) for code in (*FAVOURITES, *rest)]


class LeadForm(Form):
    company = StringField(_l("Company"), [NAME], render_kw={"autocomplete": "off"})
    person = StringField(_l("Person"), [Optional(), NAME], render_kw={"autocomplete": "off"})
    job_title = StringField(_l("Job title"), [Optional(), NAME])
    phone = TelField(_l("Phone"), [Optional(), Length(max=60, message=AT_MOST), phone_number])
    email = EmailField(_l("E-mail"), [Optional(), NAME, email_address])
    website = StringField(_l("Website"), [Optional(), NAME, web_address], render_kw={"inputmode": "url"})
    need = TextAreaField(_l("Need"), [Optional(), Length(max=20_000, message=AT_MOST)])
    source = OptionField(_l("Source"), options="customer.source")
    source_reference = StringField(_l("Source reference"), [Optional(), NAME])
    industry = OptionField(_l("Industry"), options="customer.industry")
    region = OptionField(_l("Region"), options="customer.region")
    size = OptionField(_l("Size"), options="customer.size")
    marketing_consent = BooleanField(_l("Agreed to marketing"))
    owner_id = ReferenceField(_l("Owner"), to="user")
    reading = StringField(_l("Pinyin"), [Optional(), NAME])
    tags = TagsField(_l("Tags"))
    version = VersionField()

    def validate_company(self, field: Any) -> None:
        if not (field.data or "").strip() and not (self.person.data or "").strip():
            raise ValidationError(_("Enter a company or a person."))

    def validate_owner_id(self, field: Any) -> None:
        owner = session.get(User, field.data) if field.data and field.data != field.object_data else None
        if owner is not None and not owner.active:
            raise ValidationError(_("%(name)s is not active.", name=owner.name))


class OpportunityForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Give the deal a name.")), NAME])
    customer_id = ReferenceField(_l("Customer"), to="customer", create=True)
    stage_id = SelectField(_l("Stage"), coerce=int)
    amount = ExactField(_l("Amount"), [Optional()], minimum=Decimal(0))
    currency = SelectField(_l("Currency"), choices=currencies)
    expected_close = DateField(_l("Expected close"), [Optional()])
    forecast_category = SelectField(
        _l("Forecast category"),
        coerce=lambda value: value or None,
        choices=lambda: select_choices(
            [("", _l("As the stage")), *((choice.value, choice.label) for choice in FORECAST_CATEGORIES)]
        ),
    )
    next_step = StringField(_l("Next step"), [Optional(), NAME])
    next_step_on = DateField(_l("Next step on"), [Optional()])
    owner_id = ReferenceField(_l("Owner"), to="user")
    source = OptionField(_l("Source"), options="customer.source")
    description = TextAreaField(_l("Description"), [Optional()])
    tags = TagsField(_l("Tags"))
    version = VersionField()


class GateForm(Form):
    """The fields that a stage asks for; `gate_form` adds those that are missing."""


GATE_FIELDS: dict[str, Any] = {
    "customer": lambda: ReferenceField(_l("Customer"), [InputRequired()], to="customer"),
    "amount": lambda: ExactField(_l("Amount"), [InputRequired(_l("Enter the amount."))], minimum=Decimal(0)),
    "expected_close": lambda: DateField(_l("Expected close"), [InputRequired(_l("Choose a day."))]),
    "next_step": lambda: StringField(_l("Next step"), [InputRequired(_l("What happens next?")), NAME]),
    "description": lambda: TextAreaField(_l("Description"), [InputRequired(_l("Describe the deal."))]),
    "contacts": lambda: ReferenceField(_l("Contact"), [InputRequired()], to="contact"),
    "lines": lambda: StringField(_l("What is it about?"), [InputRequired(_l("Name a product or describe it.")), NAME]),
    "competitors": lambda: StringField(_l("Competitor"), [InputRequired(_l("Name a competitor.")), NAME]),
}


def show_gate(form: Form, gate: GateClosed) -> None:
    """Say beside the fields of a form what a stage asks for; what the form has no field for, beside the stage."""
    fields = {"customer": "customer_id"}
    for name in [fields.get(name, name) for name in gate.missing]:
        if name in form:
            form[name].errors = [*form[name].errors, _("The stage asks for this.")]
    form["stage_id"].errors = [*form["stage_id"].errors, str(gate.message)]


def gate_form(missing: list[str]) -> GateForm:
    """A form of what is missing. Own fields (custom_<key>) come from their definition."""
    own = {name: field_for("opportunity", name, required=True) for name in missing if name not in GATE_FIELDS}
    fields: dict[str, Any] = {name: GATE_FIELDS[name]() for name in missing if name in GATE_FIELDS}
    fields |= {name: field for name, field in own.items() if field is not None}
    return type("GateFormOfStage", (GateForm,), fields)()  # type: ignore[no-any-return]


class LoseForm(Form):
    loss_reason = OptionField(
        _l("Reason"), [InputRequired(_l("Choose why the deal was lost."))], options="opportunity.loss_reason"
    )
    note = TextAreaField(_l("What happened?"), [Optional()])
    version = VersionField()


class LineForm(Form):
    product_id = ReferenceField(_l("Product"), to="product")
    text = StringField(lazy_pgettext("line", "Text"), [Length(max=500)])
    quantity = ExactField(_l("Quantity"), [InputRequired(_l("How many?"))], places=6, minimum=Decimal("0.000001"))
    price = ExactField(_l("Price"), [Optional()], places=6, minimum=Decimal(0))

    def validate_text(self, field: Any) -> None:
        if not field.data and self.product_id.data is None:
            raise ValidationError(_("Pick a product, or describe it."))


class PersonForm(Form):
    contact_id = ReferenceField(_l("Contact"), [InputRequired(_l("Pick a contact."))], to="contact", create=True)
    role = OptionField(_l("Role"), options="opportunity.contact_role")


class CompetitorForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Name a competitor.")), NAME])
    note = TextAreaField(_l("Note"), [Optional()])


class ReopenForm(Form):
    reason = TextAreaField(_l("Why is it open again?"), [DataRequired(_l("Say why."))])
    version = VersionField()


class DisqualifyForm(Form):
    reason = OptionField(_l("Reason"), [InputRequired(_l("Choose a reason."))], options="lead.disqualify_reason")
    note = TextAreaField(_l("Note"), [Optional(), Length(max=2000, message=AT_MOST)])
    version = VersionField()


def three() -> list[SelectChoice]:
    labels = (
        ("new", lazy_pgettext("conversion", "New")),
        ("existing", lazy_pgettext("conversion", "Existing")),
        ("none", lazy_pgettext("conversion", "None")),
    )
    return select_choices(labels)


class MaybeCurrencyField(SelectField):
    """A currency, or none: `data` is None then, also when the form was sent without the field."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        pairs = [("", ""), *currencies()]
        super().__init__(label, choices=select_choices(pairs), coerce=lambda value: value or None, **kwargs)
        self.type = "SelectField"  # drawn as one

    def pre_validate(self, form: Any) -> None:
        if self.data is not None:
            super().pre_validate(form)


class ConvertForm(Form):
    """One page with three choices each. What stands under a choice that was not made is not looked at."""

    customer = RadioField(_l("Customer"), choices=three)
    existing_customer_id = ReferenceField(_l("Which customer?"), to="customer")
    confirmed = BooleanField(_l("I have looked: this is a new customer"))
    contact = RadioField(_l("Contact"), choices=three)
    existing_contact_id = ReferenceField(_l("Which contact?"), to="contact")
    confirmed_contact = BooleanField(_l("I have looked: this is a new contact"))
    opportunity = RadioField(_l("Deal"), choices=three)
    existing_opportunity_id = ReferenceField(_l("Which deal?"), to="opportunity")
    deal_name = StringField(_l("Name of the deal"), [Optional(), NAME])
    amount = ExactField(_l("Amount"), [Optional()], minimum=Decimal(0))
    currency = MaybeCurrencyField(_l("Currency"), description=_l("Left empty, that of the customer."))
    expected_close = DateField(_l("Expected close"), [Optional()])
    version = VersionField()

    PARTS: ClassVar[dict[str, tuple[str, tuple[str, ...]]]] = {
        "customer": ("existing_customer_id", ()),
        "contact": ("existing_contact_id", ()),
        "opportunity": ("existing_opportunity_id", ("deal_name", "amount", "currency", "expected_close")),
    }

    def validate(self, extra_validators: Any = None) -> bool:
        for choice, (existing, new) in self.PARTS.items():
            idle = [existing] if self[choice].data != "existing" else []
            for name in (*idle, *(new if self[choice].data != "new" else ())):
                self[name].process(None)
        good = bool(super().validate(extra_validators))
        for choice, (existing, _new) in self.PARTS.items():
            if self[choice].data == "existing" and self[existing].data is None and not self[existing].errors:
                self[existing].errors = [_("Pick one from the list.")]
                good = False
        return good
