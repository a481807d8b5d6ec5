"""Forms of the company."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from erpcrm.core.forms import ExactField, Form, VersionField, select_choices
from erpcrm.core.i18n import LANGUAGES, _, _l
from erpcrm.core.places import currency_choices, zone_choices
from erpcrm.core.settings import setting

from .calendars import Window, parse_windows, show_windows
from .holiday_lists import parse_holidays
from .models import CHARGED, TAX_KINDS
from .profile import LABELS, month_choices, number_format_choices
from .services import taxes

DAY_FIELDS = tuple(f"day_{day}" for day in range(7))


def foreign_currency_choices() -> list[tuple[str, str]]:
    return [choice for choice in currency_choices() if choice[0] != setting("currency")]


class ProfileForm(Form):
    version = VersionField()
    company_name = StringField(
        LABELS["company_name"], [InputRequired(_l("Enter the name of your company.")), Length(max=120)]
    )
    language = SelectField(
        LABELS["language"],
        choices=select_choices(LANGUAGES.items()),
        description=_l("For mails and for browsers that ask for no language."),
    )
    time_zone = SelectField(LABELS["time_zone"], choices=lambda: select_choices(zone_choices()))
    currency = SelectField(
        LABELS["currency"], choices=lambda: select_choices(currency_choices()), description=_l("Sums are shown in it.")
    )
    number_format = SelectField(LABELS["number_format"], choices=lambda: select_choices(number_format_choices()))
    fiscal_year_start = SelectField(
        LABELS["fiscal_year_start"], coerce=int, choices=lambda: select_choices(month_choices())
    )
    company_address = TextAreaField(LABELS["company_address"], [Length(max=500)])
    company_tax_number = StringField(LABELS["company_tax_number"], [Length(max=60)])
    company_phone = StringField(LABELS["company_phone"], [Length(max=60)])
    company_email = StringField(LABELS["company_email"], [Length(max=200)])
    company_website = StringField(LABELS["company_website"], [Length(max=200)])
    company_bank = TextAreaField(
        LABELS["company_bank"],
        [Length(max=500)],
        description=_l("Where to pay: bank, account number, SWIFT or IBAN. Printed on invoices."),
    )


class LogoForm(Form):
    logo = FileField(_l("Logo"), description=_l("PNG, JPEG, WebP or GIF, at most 256 KB. A square works best."))

    def validate_logo(self, field: FileField) -> None:
        if not field.data:
            raise ValidationError(_("Choose a file."))


class HoursForm(Form):
    """One line a weekday: "9:00-12:00, 13:30-18:00"; blank is a day off."""

    day_0 = StringField()
    day_1 = StringField()
    day_2 = StringField()
    day_3 = StringField()
    day_4 = StringField()
    day_5 = StringField()
    day_6 = StringField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = get_day_names("wide", "stand-alone", locale=get_locale())
        for day, name in enumerate(DAY_FIELDS):
            self[name].label.text = names[day]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        for name in DAY_FIELDS:
            try:
                parse_windows(self[name].data or "")
            except ValueError:
                self[name].errors = [_("Write it like 9:00–12:00, 13:30–18:00, without overlaps.")]
                valid = False
        return valid

    def windows(self) -> dict[int, list[Window]]:
        return {day: parse_windows(self[name].data or "") for day, name in enumerate(DAY_FIELDS)}

    @classmethod
    def of(cls, week: dict[int, list[Window]]) -> "HoursForm":
        return cls(formdata=None, **{name: show_windows(week[day]) for day, name in enumerate(DAY_FIELDS)})


class HolidaysForm(Form):
    days = TextAreaField(
        _l("Holidays"),
        [InputRequired(_l("Enter at least one day."))],
        description=_l(
            "One a line, with or without a name: 2026-10-01 National Day. A run: 2026-10-01 to 2026-10-07 National Day."
        ),
    )

    def validate_days(self, field: TextAreaField) -> None:
        found, unread = parse_holidays(field.data or "")
        if unread:
            raise ValidationError(_("This line is not understood: %(line)s", line=unread[0][:80]))
        if not found:
            raise ValidationError(_("Enter at least one day."))

    def found(self) -> dict[date, str]:
        return parse_holidays(self.days.data or "")[0]


class RateForm(Form):
    currency = SelectField(_l("Currency"), choices=lambda: select_choices(foreign_currency_choices()))
    day = DateField(_l("Valid from"), [InputRequired(_l("Enter a day."))])
    rate = ExactField(_l("Rate"), [InputRequired(_l("Enter a rate."))], places=10)

    def validate_rate(self, field: ExactField) -> None:
        if field.data is not None and field.data <= 0:
            raise ValidationError(_("A rate is more than zero."))


class TaxForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=80)])
    name_zh = StringField(_l("Chinese name"), [Length(max=80)])
    kind = SelectField(
        _l("Kind"),
        choices=lambda: select_choices((choice.value, choice.label) for choice in TAX_KINDS),
        default=CHARGED,
    )
    rate = ExactField(_l("Tax rate"), places=4, minimum=Decimal(0), maximum=Decimal("999.9999"), default=Decimal(0))
    text = StringField(
        _l("Text on documents"), [Length(max=200)], description=_l("Why no tax is charged, where the law asks for it.")
    )
    active = BooleanField(_l("Offered"), default=True)

    def __init__(self, tax_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tax_id = tax_id

    def validate_name(self, field: StringField) -> None:
        wanted = (field.data or "").strip().lower()
        if any(tax.name.lower() == wanted and tax.id != self.tax_id for tax in taxes()):
            raise ValidationError(_("There is a tax of this name already."))

    def validate_rate(self, field: ExactField) -> None:
        if self.kind.data != CHARGED and field.data:
            raise ValidationError(_("A tax that is not charged has the rate 0."))


class TaxRuleForm(Form):
    tax_id = SelectField(_l("Tax"), coerce=lambda value: int(value) if value else None)

    def __init__(self, inherited: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        blank = _("As the broader rule says: %(tax)s", tax=inherited) if inherited else _("No tax is known")
        self.tax_id.choices = select_choices([("", blank), *((tax.id, tax.label) for tax in taxes(offered=True))])


class TaxRoundingForm(Form):
    tax_rounding = SelectField(
        _l("Rounding"),
        choices=lambda: select_choices(
            [("document", _("Once a document, by tax")), ("line", _("On every line, then added"))]
        ),
    )
