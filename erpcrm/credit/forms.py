"""Forms of credit."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _, _l
from erpcrm.core.options import OptionField

from .models import GRADES, KINDS
from .scoring import FACTORS, Factor

AT_MOST = _l("At most %(max)d characters.")
LONG = Length(max=2000, message=AT_MOST)
ZERO, HUNDRED = Decimal(0), Decimal(100)
ACTIONS = (("pass", _l("Let pass")), ("warn", _l("Warn")), ("stop", _l("Stop")))
MOST_DAYS = 3650


def _grades(blank: Any = None) -> Any:
    return lambda: select_choices(
        ([("", blank)] if blank is not None else []) + [(one.value, one.label) for one in GRADES]
    )


class ApplicationForm(Form):
    """What somebody asks for. Which fields count depends on the kind; the others are left out of it."""

    customer_id = ReferenceField(_l("Customer"), [InputRequired(_l("Pick a customer."))], to="customer")
    kind = SelectField(_l("What for"), choices=lambda: select_choices((choice.value, choice.label) for choice in KINDS))
    order_id = ReferenceField(
        _l("Sales order"), to="order", description=_l("The order that waits for it, or is to be released.")
    )
    amount = ExactField(_l("Amount"), places=4, minimum=ZERO)
    wanted_until = DateField(_l("Until"), [Optional()], description=_l("Of a temporary raise: its last day."))
    wanted_terms = OptionField(_l("Payment terms"), options="customer.payment_terms")
    reason = TextAreaField(_l("Why"), [InputRequired(_l("Say why: whoever decides has nothing else to go by.")), LONG])


class DecisionForm(Form):
    """Approve, perhaps less, for a time, with conditions; or the words of a question or a refusal."""

    amount = ExactField(_l("Granted"), places=4, minimum=ZERO)
    until = DateField(_l("Until"), [Optional()])
    conditions = TextAreaField(_l("Conditions"), [LONG])
    words = TextAreaField(_l("Question or reason"), [LONG])
    version = VersionField()


class AccountForm(Form):
    """What a controller sets by hand."""

    limit = ExactField(
        _l("Credit limit"),
        places=4,
        minimum=ZERO,
        description=_l("Left empty: that of the group, or of the company. Zero: cash only."),
    )
    temporary_limit = ExactField(_l("Temporary limit"), places=4, minimum=ZERO)
    temporary_until = DateField(_l("Temporary limit until"), [Optional()])
    overdue_limit = ExactField(
        _l("Overdue limit"),
        places=4,
        minimum=ZERO,
        description=_l("The most that may be overdue beyond the days of grace."),
    )
    overdue_minimum = ExactField(_l("Overdue amounts that don't matter"), places=4, minimum=ZERO)
    grace_days = IntegerField(_l("Days of grace"), [Optional(), NumberRange(0, MOST_DAYS)])
    watch = BooleanField(_l("On the watch list"))
    note = TextAreaField(_l("Note"), [LONG])
    version = VersionField()


class ReasonForm(Form):
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Say why: sellers will ask.")), LONG])


def assessment_form() -> type[Form]:
    """A field for each factor that is entered, and a note."""
    fields: dict[str, Any] = {factor.key: _entered(factor) for factor in FACTORS if not factor.own}
    fields["note"] = TextAreaField(_l("Note"), [LONG])
    return type("AssessmentForm", (Form,), fields)


def _entered(factor: Factor) -> Any:
    if factor.unit == "choice":
        pairs = [("", _l("Not known")), *factor.choices]
        return SelectField(factor.label, choices=lambda: select_choices(pairs))
    return ExactField(factor.label, places=2)


def _action(label: Any) -> SelectField:
    return SelectField(label, choices=lambda: select_choices(ACTIONS))


class SetupForm(Form):
    """The company's policy, its limits for everybody, and its thresholds."""

    over_limit = _action(_l("Over the limit"))
    overdue = _action(_l("Overdue beyond grace"))
    hold = _action(_l("On credit hold"))
    no_assessment = _action(_l("Without a valid assessment"))
    credit_limit = ExactField(
        _l("Credit limit"), places=4, minimum=ZERO, description=_l("Left empty: none. Zero: cash only.")
    )
    credit_overdue_limit = ExactField(_l("Overdue limit"), places=4, minimum=ZERO, description=_l("Left empty: none."))
    credit_overdue_minimum = ExactField(_l("Overdue amounts that don't matter"), places=4, minimum=ZERO)
    credit_grace_days = IntegerField(
        _l("Days of grace"), [InputRequired(_l("Enter a number of days.")), NumberRange(0, MOST_DAYS)]
    )
    credit_hold_days = IntegerField(
        _l("Hold by itself after days"),
        [Optional(), NumberRange(1, MOST_DAYS)],
        description=_l("Overdue by so many days beyond grace. Left empty: never."),
    )
    credit_second_above = ExactField(
        _l("Two pairs of eyes above"), places=4, minimum=ZERO, description=_l("Left empty: one person always decides.")
    )
    credit_application_days = IntegerField(
        _l("An application expires after days"), [InputRequired(_l("Enter a number of days.")), NumberRange(1, 365)]
    )


class AuthorityForm(Form):
    most = ExactField(_l("Decides up to"), places=4, minimum=ZERO, description=_l("Left empty: without end."))
    worst_grade = SelectField(_l("Down to grade"), choices=_grades())


class DeputyForm(Form):
    user_id = ReferenceField(_l("Who is away"), [InputRequired(_l("Pick somebody."))], to="user")
    deputy_id = ReferenceField(_l("Deputy"), [InputRequired(_l("Pick somebody."))], to="user")
    starts_on = DateField(_l("From"), [InputRequired(_l("Choose a day."))])
    ends_on = DateField(_l("Until"), [InputRequired(_l("Choose a day."))])


class WhatIfForm(Form):
    """What would be otherwise. Nothing of it is stored."""

    percent = ExactField(_l("All limits by percent"), places=2, minimum=-HUNDRED, maximum=Decimal(1000))
    grade = SelectField(_l("Only limits of grade"), choices=_grades(_l("All")), default="")
    company_limit = ExactField(_l("Limit for every customer without one"), places=4, minimum=ZERO)
    held_grade = SelectField(_l("Hold this grade and worse"), choices=_grades(_l("None")), default="")
    over_limit = _action(_l("Over the limit"))
    overdue = _action(_l("Overdue beyond grace"))
    hold = _action(_l("On credit hold"))
    no_assessment = _action(_l("Without a valid assessment"))


class DebtForm(Form):
    amount = ExactField(_l("Amount"), [InputRequired(_l("Enter an amount above zero."))], places=4, minimum=ZERO)
    reason = TextAreaField(_l("Why"), [InputRequired(_l("Say why it is written off.")), LONG])


class RecoveryForm(Form):
    amount = ExactField(_l("Amount"), [InputRequired(_l("Enter an amount above zero."))], places=4, minimum=ZERO)
    account_id = SelectField(_l("Bank account or cash"), coerce=int, choices=[])
    date = DateField(_l("Date"), [InputRequired(_l("Choose a day."))])


class PostLossForm(Form):
    date = DateField(_l("At the end of"), [InputRequired(_l("Choose a day."))])


class CardForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Give the scorecard a name.")), Length(max=200, message=AT_MOST)])


def nothing_known() -> str:
    return _("Not known")
