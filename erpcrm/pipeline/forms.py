"""Forms of the pipeline."""

from decimal import Decimal
from typing import Any

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
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, ValidationError

from erpcrm.core.fields import field_for
from erpcrm.core.forms import ExactField, Form, ReferenceField, TagsField, VersionField
from erpcrm.core.i18n import _, _l
from erpcrm.core.options import OptionField

from .services import GateClosed

FAVOURITES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD")
NAME = Length(max=200)


def currencies() -> list[tuple[str, str]]:
    rest = sorted(list_currencies() - set(FAVOURITES))
    return [(code, code) for code in (*FAVOURITES, *rest)]


class LeadForm(Form):
    company = StringField(_l("Company"), [Optional(), NAME], render_kw={"autocomplete": "off"})
    person = StringField(_l("Person"), [Optional(), NAME], render_kw={"autocomplete": "off"})
    job_title = StringField(_l("Job title"), [Optional(), NAME])
    phone = TelField(_l("Phone"), [Optional(), Length(max=40)])
    email = EmailField(_l("E-mail"), [Optional(), Email(_l("This is not an e-mail address."))])
    website = URLField(_l("Website"), [Optional(), NAME])
    need = TextAreaField(_l("Need"), [Optional()])
    source = OptionField(_l("Source"), options="customer.source")
    source_reference = StringField(_l("Source reference"), [Optional(), NAME])
    industry = OptionField(_l("Industry"), options="customer.industry")
    region = OptionField(_l("Region"), options="customer.region")
    size = OptionField(_l("Size"), options="customer.size")
    owner_id = ReferenceField(_l("Owner"), to="user")
    reading = StringField(_l("Pinyin"), [Optional(), NAME])
    tags = TagsField(_l("Tags"))
    version = VersionField()

    def validate_company(self, field: Any) -> None:
        if not field.data and not self.person.data:
            raise ValidationError(_("Enter a company or a person."))


class OpportunityForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Give the deal a name.")), NAME])
    customer_id = ReferenceField(_l("Customer"), to="customer", create=True)
    stage_id = SelectField(_l("Stage"), coerce=int)
    amount = ExactField(_l("Amount"), [Optional()], minimum=Decimal(0))
    currency = SelectField(_l("Currency"), choices=currencies)
    expected_close = DateField(_l("Expected close"), [Optional()])
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
    text = StringField(_l("Text"), [Length(max=500)])
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
    note = TextAreaField(_l("Note"), [Optional()])
    version = VersionField()


WAYS = [
    SelectChoice("new", _l("New")),
    SelectChoice("existing", _l("Existing")),
    SelectChoice("none", _l("None")),
]
"""What a lead becomes, or joins."""


class ConvertForm(Form):
    customer = RadioField(_l("Customer"), choices=WAYS)
    existing_customer_id = ReferenceField(_l("Customer"), to="customer")
    contact = RadioField(_l("Contact"), choices=WAYS)
    existing_contact_id = ReferenceField(_l("Contact"), to="contact")
    opportunity = RadioField(_l("Deal"), choices=WAYS)
    existing_opportunity_id = ReferenceField(_l("Deal"), to="opportunity")
    deal_name = StringField(_l("Name of the deal"), [Optional(), NAME])
    amount = ExactField(_l("Amount"), [Optional()], minimum=Decimal(0))
    expected_close = DateField(_l("Expected close"), [Optional()])
    confirmed = BooleanField(_l("I have looked: this is a new customer"))
    version = VersionField()
