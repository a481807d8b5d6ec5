"""Forms of the forecast."""

from decimal import Decimal

from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from erpcrm.core.forms import ExactField, Form
from erpcrm.core.i18n import _l


class CallForm(Form):
    amount = ExactField(
        _l("Amount"),
        [Optional()],
        minimum=Decimal(0),
        description=_l("Left empty, the call is taken back."),
    )
    note = TextAreaField(_l("Note"), [Optional(), Length(max=2000, message=_l("At most %(max)d characters."))])
