"""Forms: WTForms with the fields that this house needs. CSRF is checked for every write by the app, not per form."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask import url_for
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import DateTimeField, Field, HiddenField, IntegerField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from .actor import current_actor
from .db import session
from .i18n import _, number_locale, show_number
from .registry import record_type
from .whole import whole_or_none

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Days that a person means. Beyond them a slip of the keyboard would be stored, and days counted from it don't exist"""


class Form(FlaskForm):
    """The base of every form."""

    class Meta:
        csrf = False
        locales = False

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        for field in self:
            day = field.data if isinstance(field, DateTimeField) else None
            if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
                field.errors = [_("Choose a day from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)]
                good = False
        return good

    def values(self) -> dict[str, Any]:
        """What was entered, by field name: what the area's services take."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if not isinstance(field, HiddenField | VersionField)
        }


def select_choices(pairs: Iterable[tuple[Any, Any]], group: str | None = None) -> list[SelectChoice]:
    """What a select shows, from (value, label)."""
    return [SelectChoice(value=value, label=label, optgroup=group) for value, label in pairs]


class VersionField(IntegerField):
    """The version of the record that the user has seen; services compare it before they change anything."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("", **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """A form for something new sends it blank."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        super().process_formdata(valuelist)


class ExactField(Field):
    """A decimal with at most `places` digits after the point, typed with the reader's separators.

    `data` is a Decimal or None. More digits than `places` are an error beside the field, never rounded away.
    """

    widget = TextInput()

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        places: int = 4,
        minimum: Decimal | None = None,
        maximum: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.places, self.minimum, self.maximum = places, minimum, maximum

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return show_number(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            self.data = None
            return
        self.data = None
        try:
            number = parse_decimal(typed, locale=number_locale(), strict=False)
            self.data = number.quantize(Decimal(1).scaleb(-self.places)) if self._fits(number) else self._rejected()
        except (NumberFormatError, InvalidOperation) as error:
            raise ValueError(_("This is not a number.")) from error

    def _fits(self, number: Decimal) -> bool:
        return number.is_finite() and abs(number) < self._limit and number == round(number, self.places)

    @property
    def _limit(self) -> int:
        """Below ten trillion, and within what a column of so many places holds."""
        return int(10 ** min(13, 18 - self.places))

    def _rejected(self) -> Decimal:
        raise ValueError(
            _(
                "At most %(places)s digits after the point, and below %(limit)s.",
                places=self.places,
                limit=show_number(self._limit),
            )
        )

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            return
        if self.minimum is not None and self.data < self.minimum:
            raise ValidationError(_("At least %(limit)s.", limit=show_number(self.minimum)))
        if self.maximum is not None and self.data > self.maximum:
            raise ValidationError(_("At most %(limit)s.", limit=show_number(self.maximum)))


class ReferenceField(Field):
    """Another record, picked by typing its name, code, pinyin or initials. `data` is its id or None.

    The browser sends the id in `name` and the typed text in `name_text`. Without a script only the text comes, and is
    resolved here when exactly one record within the user's scope has that code or name.
    """

    widget = TextInput()
    is_reference = True

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        to: str,
        create: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.to, self._create = to, create
        self._text: str | None = None

    @property
    def pick_url(self) -> str:
        return url_for("core.pick", kind=self.to)

    @property
    def create_url(self) -> str | None:
        kind = record_type(self.to)
        actor = current_actor()
        if not self._create or kind.create_endpoint is None or actor is None or not actor.may(kind.create or ""):
            return None
        return url_for(kind.create_endpoint)

    @property
    def text(self) -> str:
        """The name of the record that is chosen, or what was typed. One outside the user's scope has a number only."""
        if self._text is None:
            self._text = ""
            if self.data is not None:
                kind = record_type(self.to)
                query = self._in_scope().with_only_columns(kind.title).where(kind.model.id == self.data)
                self._text = str(session.scalar(query) or f"#{self.data}")
        return self._text

    def shown_as(self, text: str) -> None:
        """The name of the chosen record, from somebody who has read it already: many fields then need no query each."""
        self._text = text

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None, **kwargs: Any) -> None:
        self._text = None
        super().process(formdata, data, extra_filters, **kwargs)
        if formdata and f"{self.name}_text" in formdata:
            self._typed(formdata.get(self.name, ""), formdata[f"{self.name}_text"].strip())

    def _typed(self, chosen: str, typed: str) -> None:
        self._text = typed
        if not typed:
            self.data = None
        elif whole_or_none(chosen) is None:
            self.data = self._resolve(typed)
        self.raw_data = [typed]  # something was entered, whether or not it is known

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = whole_or_none(valuelist[0]) if valuelist else None

    def _in_scope(self) -> Any:
        kind, actor = record_type(self.to), current_actor()
        query = select(kind.model.id)
        return query if actor is None else query.where(kind.scope(actor, actor.scope(kind.name)))

    def _resolve(self, typed: str) -> int | None:
        kind = record_type(self.to)
        same = func.lower(kind.title) == typed.lower()
        if kind.code is not None:
            same = same | (func.lower(kind.code) == typed.lower())
        found = session.scalars(self._in_scope().where(same).limit(2)).all()
        return found[0] if len(found) == 1 else None

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            if self._text:
                raise ValidationError(
                    _(
                        "Nothing, or more than one, is called “%(text)s”. Pick one from the list.",
                        text=self._text,
                    )
                )
            return
        if self.data == self.object_data:
            return  # what stood there already, and was not touched: the user need not see it to keep it
        if session.scalar(self._in_scope().where(record_type(self.to).model.id == self.data)) is None:
            self.data = None
            raise ValidationError(_("This is not there any more, or not yours to see."))


class TagsField(StringField):
    """Words separated by commas (or Chinese commas). `data` is a list without repeats."""

    def _value(self) -> str:
        return ", ".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        words = (valuelist[0] if valuelist else "").replace("，", ",").replace("、", ",").split(",")
        self.data = list(dict.fromkeys(word.strip() for word in words if word.strip()))
