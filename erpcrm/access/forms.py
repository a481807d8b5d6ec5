"""Forms of access."""

from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import InputRequired

from erpcrm.core.forms import Form
from erpcrm.core.i18n import _l


class LoginForm(Form):
    email = EmailField(
        _l("E-mail"),
        [InputRequired(_l("Enter your e-mail address."))],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("Stay signed in on this device"))
