"""Forms of marketing."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms import TextAreaField as Area
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _l, lazy_pgettext

from .models import CHANNELS, LANGUAGES, MEASURES, OUTCOMES, OUTCOMES_OF

AT_MOST = _l("At most %(max)d characters.")
SHORT, LONG = Length(max=200, message=AT_MOST), Length(max=2000, message=AT_MOST)
NEEDED = _l("Please fill this in.")


def _of(choices: Any) -> Any:
    return lambda: select_choices((choice.value, choice.label) for choice in choices)


class CampaignForm(Form):
    """What a campaign is after, and how it is sent."""

    name = StringField(_l("Name"), [InputRequired(_l("A campaign needs a name.")), SHORT])
    channel = SelectField(_l("Channel"), choices=_of(CHANNELS))
    goal = Area(_l("Goal"), [Optional(), LONG])
    measure = SelectField(_l("Measured by"), choices=_of(MEASURES))
    aim = ExactField(_l("Aim"), places=2, minimum=Decimal(0))
    budget = ExactField(_l("Budget"), places=2, minimum=Decimal(0))
    starts_on = DateField(_l("Begins on"), [Optional()])
    ends_on = DateField(_l("Ends on"), [Optional()])
    owner_id = ReferenceField(_l("Owner"), to="user")
    team_id = ReferenceField(_l("Team"), to="team")
    code = StringField(_l("Response code"), [Optional(), Length(max=32, message=AT_MOST)])
    control_percent = IntegerField(_l("Control group in %"), [Optional(), NumberRange(0, 50)])
    template_id = ReferenceField(_l("Mail template"), to="mail_template", create=True)
    template_b_id = ReferenceField(_l("Mail template of the other half"), to="mail_template")
    send_at = DateTimeLocalField(_l("Sending begins"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    per_hour = IntegerField(_l("At most so many mails an hour"), [Optional(), NumberRange(1, 1_000_000)])
    version = VersionField()


class TemplateForm(Form):
    name = StringField(_l("Name"), [InputRequired(NEEDED), SHORT])
    language = SelectField(_l("Language"), choices=_of(LANGUAGES))
    subject = StringField(_l("Subject"), [InputRequired(NEEDED), SHORT])
    body = Area(_l("Text"), [InputRequired(NEEDED), Length(max=50_000, message=AT_MOST)])
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()


class ReferencesForm(Form):
    """One record that a campaign is for."""

    customer_id = ReferenceField(_l("Customer"), to="customer")
    contact_id = ReferenceField(_l("Contact"), to="contact")
    lead_id = ReferenceField(_l("Lead"), to="lead")


class CostForm(Form):
    spent_on = DateField(_l("Date"), [InputRequired(NEEDED)])
    text = StringField(_l("Purpose"), [InputRequired(NEEDED), SHORT])
    amount = ExactField(_l("Amount"), [InputRequired(NEEDED)], places=2, minimum=Decimal("0.01"))


class ReasonForm(Form):
    reason = Area(_l("Reason"), [InputRequired(_l("Say why: others will ask.")), LONG])


class OutcomeForm(Form):
    """What came of it for a member; which may come depends on the channel."""

    outcome = SelectField(_l("Outcome"))
    note = Area(_l("Note"), [Optional(), LONG])

    def offer(self, channel: str) -> None:
        wanted = OUTCOMES_OF.get(channel, ("answered",))
        self.outcome.choices = select_choices((one.value, one.label) for one in OUTCOMES if one.value in wanted)


class LandingFormForm(Form):
    """The public page of a campaign."""

    slug = StringField(_l("Address of the page"), [InputRequired(NEEDED), Length(max=60, message=AT_MOST)])
    language = SelectField(_l("Language"), choices=_of(LANGUAGES))
    title = StringField(_l("Title"), [InputRequired(NEEDED), SHORT])
    intro = Area(_l("Introduction"), [Optional(), LONG])
    consent_text = Area(_l("Text of the consent"), [InputRequired(NEEDED), LONG])
    thanks = Area(lazy_pgettext("form", "Thanks"), [Optional(), LONG])
    active = BooleanField(_l("Open to the public"), default=True)
    version = VersionField()
