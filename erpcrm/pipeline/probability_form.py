"""The form of a seller's own probability."""

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from erpcrm.core.forms import Form, VersionField
from erpcrm.core.i18n import _l


class ProbabilityForm(Form):
    percent = IntegerField(
        _l("Your own probability"),
        [
            InputRequired(_l("Enter a whole number from 0 to 100.")),
            NumberRange(0, 100, message=_l("Enter a whole number from 0 to 100.")),
        ],
    )
    version = VersionField()
