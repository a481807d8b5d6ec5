"""Forms of segments and RFM."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _l

from .models import TONES
from .rfm import CUTS, MOST_MONTHS, NAMES, SCORES
from .services import cell_choices

AT_MOST = _l("At most %(max)d characters.")


class SegmentForm(Form):
    """What a segment is called; its rule comes beside it, from the editor."""

    name = StringField(_l("Name"), [InputRequired(_l("Give the segment a name.")), Length(max=100, message=AT_MOST)])
    description = TextAreaField(_l("Description"), [Length(max=1000, message=AT_MOST)])
    cells = SelectMultipleField(
        _l("RFM cells"), choices=lambda: select_choices((one.value, one.label) for one in cell_choices())
    )
    owner_id = ReferenceField(_l("Owner"), to="user")
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()


def _one_of_the_two(form: Any, field: Any) -> None:
    if not field.data and not form.segment_id.data:
        raise StopValidation(_l("Pick a customer, or a segment."))


class AddForm(Form):
    """Whom to put on a fixed list: one customer, or all who are in a segment now."""

    customer_id = ReferenceField(_l("Customer"), [_one_of_the_two], to="customer")
    segment_id = ReferenceField(
        _l("Everybody in a segment"), to="segment", description=_l("As it is now: who joins it later is not added.")
    )


class CellForm(Form):
    """A cell of RFM: its names and the scores that it takes."""

    name = StringField(_l("Name"), [InputRequired(_l("Give the cell a name.")), Length(max=60, message=AT_MOST)])
    name_zh = StringField(_l("Name in Chinese"), [Length(max=60, message=AT_MOST)])
    tone = SelectField(_l("Colour"), choices=lambda: select_choices((one.value, one.label) for one in TONES))
    position = IntegerField(
        _l("Place in the order"),
        [Optional(), NumberRange(1, 100)],
        description=_l("The first cell that fits takes a customer."),
    )
    r_from, r_to = (
        SelectField(label, coerce=int, choices=select_choices((one, one) for one in SCORES))
        for label in (_l("Recency from"), _l("Recency to"))
    )
    f_from, f_to = (
        SelectField(label, coerce=int, choices=select_choices((one, one) for one in SCORES))
        for label in (_l("Frequency from"), _l("Frequency to"))
    )
    m_from, m_to = (
        SelectField(label, coerce=int, choices=select_choices((one, one) for one in SCORES))
        for label in (_l("Monetary from"), _l("Monetary to"))
    )
    version = VersionField()


class RfmForm(Form):
    """How scores are worked out."""

    months = IntegerField(
        _l("Months that count"), [InputRequired(_l("Say how many months.")), NumberRange(1, MOST_MONTHS)]
    )
    by = RadioField(
        _l("Scores"),
        choices=select_choices(
            (("quintiles", _l("By fifths: the best fifth of the customers has 5")), ("cutoffs", _l("By cut-offs")))
        ),
    )

    def cuts(self) -> dict[str, list[Decimal]]:
        return {name: [self[f"{name}_{place}"].data or Decimal(0) for place in range(CUTS)] for name in NAMES}


for _name in NAMES:
    for _place in range(CUTS):
        _field = ExactField(_l("Cut-off"), places=2 if _name == "m" else 0, minimum=Decimal(0))
        setattr(RfmForm, f"{_name}_{_place}", _field)
