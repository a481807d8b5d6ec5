"""Forms of shared success and of quotas."""

from typing import Any

from wtforms import FieldList, FormField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from erpcrm.core.forms import Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _, _l

from .services.shares import MOST

BLANK_ROWS = 3


class SharePart(Form):
    user_id = ReferenceField(_l("User"), to="user")
    percent = IntegerField(_l("Percent"), [Optional(), NumberRange(1, 100, _l("From 1 to 100."))])


class SharesForm(Form):
    """Who shares a deal; rows without a user and a percentage are not looked at."""

    parts = FieldList(FormField(SharePart), min_entries=BLANK_ROWS, max_entries=MOST)
    version = VersionField()

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        seen: set[int] = set()
        for part in self.parts:
            user, percent = part.form.user_id, part.form.percent
            if user.data is not None and percent.data is None and not percent.errors:
                percent.errors = [_("How many percent?")]
            elif percent.data is not None and user.data is None and not user.errors:
                user.errors = [_("Who?")]
            elif user.data in seen:
                user.errors = [_("Each person once.")]
            else:
                seen |= {user.data} - {None}
                continue
            good = False
        if good and (shares := self.shares()) and (total := sum(shares.values())) != 100:
            self.form_errors = [_("The shares make %(total)s %%. They must make 100 %%.", total=total)]
            good = False
        return good

    def shares(self) -> dict[int, int]:
        return {
            part.form.user_id.data: part.form.percent.data
            for part in self.parts
            if part.form.user_id.data is not None and part.form.percent.data is not None
        }


class CopyForm(Form):
    """Last year's figures and so many percent more."""

    of = SelectField(
        _l("Start from"),
        choices=lambda: select_choices(
            [("quota", _("last year’s quotas")), ("achieved", _("what was achieved last year"))]
        ),
    )
    percent = IntegerField(
        _l("Percent more"), [InputRequired(_l("Enter 0 for the same.")), NumberRange(-90, 900)], default=10
    )
