"""Forms of access."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, EmailField, PasswordField, SelectField, SelectMultipleField, StringField, TelField
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError

from erpcrm.core.forms import Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import LANGUAGES, _, _l, lazy_pgettext
from erpcrm.core.places import currency_choices, zone_choices

from .models import Role, User
from .passwords import objection

EMAIL = Email(_l("This is not an e-mail address."))


class LoginForm(Form):
    email = EmailField(
        _l("E-mail"), [InputRequired(_l("Enter your e-mail address."))], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Enter your password."))], render_kw={"autocomplete": "current-password"}
    )
    remember = BooleanField(_l("Stay signed in on this device"))


class CodeForm(Form):
    """The second step of signing in."""

    code = StringField(_l("Sign-in code"), [InputRequired(_l("Enter the code."))])


class ForgotForm(Form):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter your e-mail address.")), EMAIL])


class NewPasswordForm(Form):
    """`user` is whose password it becomes, for the rules."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Enter a password."))])
    again = PasswordField(_l("New password, once more"), [InputRequired(_l("Enter the password once more."))])

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user

    def validate_password(self, field: PasswordField) -> None:
        email, name = (self.user.email, self.user.name) if self.user is not None else (None, "")
        if (why := objection(field.data, email=email, name=name)) is not None:
            raise ValidationError(why)

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("The two passwords differ."))


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(_l("Present password"), [InputRequired(_l("Enter your present password."))])


class PasswordOnlyForm(Form):
    """Asks who sits there before something that weakens the account."""

    password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password."))])


def language_field(first: Any) -> SelectField:
    return SelectField(_l("Language"), [Optional()], choices=select_choices([("", first), *LANGUAGES.items()]))


class ProfileForm(Form):
    name = StringField(lazy_pgettext("person", "Name"), [InputRequired(_l("Enter a name.")), Length(max=120)])
    phone = TelField(_l("Phone"), [Length(max=40)])
    language = language_field(_l("As the browser asks for"))
    version = VersionField()


class UserForm(Form):
    name = StringField(lazy_pgettext("person", "Name"), [InputRequired(_l("Enter a name.")), Length(max=120)])
    email = EmailField(
        _l("E-mail"),
        [Optional(), EMAIL, Length(max=254)],
        description=_l("Without one, the user can own records but not sign in."),
    )
    phone = TelField(_l("Phone"), [Length(max=40)])
    region = StringField(_l("Region"), [Length(max=80)])
    team_id = ReferenceField(_l("Team"), to="team", create=True)
    language = language_field(_l("As the browser asks for"))
    roles = SelectMultipleField(_l("Roles"), coerce=int)
    version = VersionField()

    def offer(self, roles: Sequence[Role]) -> "UserForm":
        """Name the roles to choose from, and start with those that the user holds."""
        self.roles.choices = select_choices((role.id, role.label) for role in roles)
        return self


class NewUserForm(UserForm):
    invite = BooleanField(_l("Mail an invitation"), default=True)

    def validate_invite(self, field: BooleanField) -> None:
        if field.data and not self.email.data:
            raise ValidationError(_("An invitation needs an e-mail address."))


class HandOverForm(Form):
    to = ReferenceField(_l("Colleague"), [InputRequired(_l("Choose a colleague."))], to="user")


class TeamForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=120)])
    manager_id = ReferenceField(
        _l("Manager"), to="user", description=_l("Sees the records of the team through the scope “team”.")
    )
    members = SelectMultipleField(_l("Members"), coerce=int)
    version = VersionField()

    def offer(self, users: Sequence[User]) -> "TeamForm":
        self.members.choices = select_choices((user.id, user.name) for user in users)
        return self


class MayForm(Form):
    """Who may do what to which record, and why."""

    user = ReferenceField(_l("User"), [InputRequired(_l("Choose a user."))], to="user")
    permission = SelectField(_l("Permission"), [InputRequired(_l("Choose a permission."))])
    kind = SelectField(_l("Record type"), [Optional()])
    record = StringField(_l("Record"), [Optional()], description=_l("Number in the address of its page, code or name."))


class SetupForm(NewPasswordForm):
    """The company and its first administrator."""

    company_name = StringField(
        _l("Company name"), [InputRequired(_l("Enter the name of your company.")), Length(max=120)]
    )
    company_language = SelectField(_l("Language"), choices=select_choices(LANGUAGES.items()))
    currency = SelectField(_l("Currency"), choices=lambda: select_choices(currency_choices()))
    time_zone = SelectField(_l("Time zone"), choices=lambda: select_choices(zone_choices()))
    name = StringField(_l("Your name"), [InputRequired(_l("Enter a name.")), Length(max=120)])
    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Enter your e-mail address.")), EMAIL])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter a password."))])
    again = PasswordField(_l("Password, once more"), [InputRequired(_l("Enter the password once more."))])

    def validate_password(self, field: PasswordField) -> None:
        if (why := objection(field.data, email=self.email.data, name=self.name.data or "")) is not None:
            raise ValidationError(why)
