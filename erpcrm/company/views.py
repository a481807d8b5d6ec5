"""The pages of the company: profile, working time, currencies."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for

from erpcrm.core.access import allow, everyone, load, public
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.options import entries, option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting

from . import services
from .forms import HolidaysForm, HoursForm, LogoForm, ProfileForm, RateForm, TaxForm, TaxRoundingForm, TaxRuleForm
from .models import ANY, TAX_KINDS, ExchangeRate, Holiday, Tax
from .profile import Profile
from .standard_taxes import STANDARD_TAXES

bp = Blueprint("company", __name__)
EDIT = "company.profile.edit"


def logo_url() -> str | None:
    """For every page: where the logo is, if there is one."""
    digest = setting("company_logo")
    return url_for("company.logo", digest=digest) if digest else None


def _profile_form() -> ProfileForm:
    known = Profile.now()
    return ProfileForm(formdata=None, data=known.values | {"version": known.version})


def _profile(form: ProfileForm | None = None, logo_form: LogoForm | None = None, status: int = 200) -> Response:
    return page(
        "company/profile.html",
        form=form or _profile_form(),
        logo_form=logo_form or LogoForm(formdata=None),
        status=status,
    )


@bp.get("/company/profile")
@allow(EDIT)
def profile() -> Response:
    return _profile()


@bp.post("/company/profile")
@allow(EDIT)
def update_profile() -> Response:
    form = ProfileForm()
    if not form.validate():
        return _profile(form=form, status=422)
    services.update_profile(form.values(), form.version.data)
    flash(_("Saved."), "success")
    return redirect_to(url_for("company.profile"))


@bp.post("/company/logo")
@allow(EDIT)
def set_logo() -> Response:
    form = LogoForm()
    if not form.validate():
        return _profile(logo_form=form, status=422)
    with form.logo.data.stream as stream:
        content = stream.read(services.LOGO_LIMIT + 1)
    try:
        services.set_logo(content)
    except Refused as no:
        form.logo.errors = [no.message]
        return _profile(logo_form=form, status=422)
    flash(_("Saved."), "success")
    return redirect_to(url_for("company.profile"))


@bp.post("/company/logo/remove")
@allow(EDIT)
def remove_logo() -> Response:
    services.remove_logo()
    return redirect_to(url_for("company.profile"))


@bp.get("/company/logo/<digest>")
@public
def logo(digest: str) -> Response:
    """Public, for the sign-in page shows it too. The address changes with the picture, so browsers may keep it."""
    found = services.logo(digest)
    if found is None:
        raise NotThere
    response = make_response(found.content)
    response.headers["Content-Type"] = found.media_type
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _hours(form: HoursForm | None = None, holidays_form: HolidaysForm | None = None, status: int = 200) -> Response:
    years: dict[int, list[Any]] = {}
    for holiday in services.holidays():
        years.setdefault(holiday.day.year, []).append(holiday)
    return page(
        "company/hours.html",
        form=form or HoursForm.of(services.week()),
        holidays_form=holidays_form or HolidaysForm(formdata=None),
        years=sorted(years.items(), reverse=True),
        status=status,
    )


@bp.get("/company/hours")
@allow(EDIT)
def hours() -> Response:
    return _hours()


@bp.post("/company/hours")
@allow(EDIT)
def update_hours() -> Response:
    form = HoursForm()
    if not form.validate():
        return _hours(form=form, status=422)
    services.set_week(form.windows())
    flash(_("Saved."), "success")
    return redirect_to(url_for("company.hours"))


@bp.post("/company/holidays")
@allow(EDIT)
def add_holidays() -> Response:
    form = HolidaysForm()
    if not form.validate():
        return _hours(holidays_form=form, status=422)
    count = services.add_holidays(form.found())
    flash(_("%(count)s days added.", count=count), "success")
    return redirect_to(url_for("company.hours"))


@bp.post("/company/holidays/<int:id>/remove")
@allow(EDIT)
def remove_holiday(id: int) -> Response:
    services.remove_holiday(load(Holiday, id, everyone))
    return redirect_to(url_for("company.hours"))


def _currencies(form: RateForm | None = None, status: int = 200) -> Response:
    rates = services.all_rates()
    latest: dict[str, ExchangeRate] = {}
    for rate in rates:
        if rate.day <= today():
            latest.setdefault(rate.currency, rate)
    return page(
        "company/currencies.html",
        form=form or RateForm(formdata=None, day=today(), currency=request.args.get("currency")),
        rates=rates,
        latest=latest,
        own=setting("currency"),
        status=status,
    )


@bp.get("/company/currencies")
@allow(EDIT)
def currencies() -> Response:
    return _currencies()


@bp.post("/company/currencies")
@allow(EDIT)
def set_rate() -> Response:
    form = RateForm()
    if not form.validate():
        return _currencies(form, 422)
    services.set_rate(form.currency.data, form.day.data, form.rate.data or Decimal())
    flash(_("Saved."), "success")
    return redirect_to(url_for("company.currencies"))


@bp.post("/company/currencies/<int:id>/remove")
@allow(EDIT)
def remove_rate(id: int) -> Response:
    services.remove_rate(load(ExchangeRate, id, everyone))
    return redirect_to(url_for("company.currencies"))


CUSTOMER_GROUPS, PRODUCT_GROUPS = "tax.customer_group", "tax.product_group"


def _groups(name: str) -> list[tuple[str, Any]]:
    """Any of them, then each that is offered."""
    return [(ANY, None), *((entry.value, entry.choice.label) for entry in entries(name) if entry.active)]


@bp.get("/company/taxes")
@allow(EDIT)
def taxes() -> Response:
    """The taxes, and which of them holds for whom and what."""
    rules = services.tax_rules()
    columns = _groups(PRODUCT_GROUPS)
    rows = [
        (customers, label, [(products, services.deciding(rules, customers, products)) for products, _label in columns])
        for customers, label in _groups(CUSTOMER_GROUPS)
    ]
    return page(
        "company/taxes.html",
        taxes=services.taxes(),
        rows=rows,
        columns=columns,
        kinds={choice.value: choice.label for choice in TAX_KINDS},
        standard=STANDARD_TAXES,
        form=TaxRoundingForm(formdata=None, tax_rounding=setting("tax_rounding")),
    )


@bp.post("/company/taxes/rounding")
@allow(EDIT)
def set_tax_rounding() -> Response:
    form = TaxRoundingForm()
    if form.validate():
        services.set_tax_rounding(form.tax_rounding.data)
        flash(_("Saved."), "success")
    return redirect_to(url_for("company.taxes"))


@bp.post("/company/taxes/standard/<name>")
@allow(EDIT)
def take_standard_taxes(name: str) -> Response:
    services.take_standard_taxes(name)
    return redirect_to(url_for("company.taxes"))


def _tax_dialog(form: TaxForm, tax: Tax | None, status: int = 200) -> Response:
    return page("company/tax.html", parts=["dialog_body"], form=form, tax=tax, status=status)


@bp.get("/company/taxes/new")
@allow(EDIT)
def new_tax() -> Response:
    return _tax_dialog(TaxForm(formdata=None), None)


@bp.post("/company/taxes/new")
@allow(EDIT)
def create_tax() -> Response:
    return _save_tax(None)


@bp.get("/company/taxes/<int:id>/edit")
@allow(EDIT)
def edit_tax(id: int) -> Response:
    tax = load(Tax, id, everyone)
    return _tax_dialog(TaxForm(tax.id, formdata=None, obj=tax), tax)


@bp.post("/company/taxes/<int:id>/edit")
@allow(EDIT)
def update_tax(id: int) -> Response:
    return _save_tax(load(Tax, id, everyone))


def _save_tax(tax: Tax | None) -> Response:
    form = TaxForm(tax.id if tax else None)
    if not form.validate():
        return _tax_dialog(form, tax, status=422)
    services.save_tax(tax, form.values())
    return redirect_to(url_for("company.taxes"))


@bp.route("/company/taxes/rule", methods=["GET", "POST"])
@allow(EDIT)
def tax_rule() -> Response:
    """Which tax holds for one group of customers and one of products; both come with the address, blank for any."""
    customers, products = request.args.get("customers", ANY), request.args.get("products", ANY)
    if customers not in dict(_groups(CUSTOMER_GROUPS)) or products not in dict(_groups(PRODUCT_GROUPS)):
        raise NotThere
    rules = services.tax_rules()
    own = next((rule for rule in rules if (rule.customer_group, rule.product_group) == (customers, products)), None)
    broader = services.deciding([rule for rule in rules if rule is not own], customers, products)
    inherited = broader.tax.label if broader else None
    if request.method == "GET":
        form = TaxRuleForm(inherited, formdata=None, tax_id=own.tax_id if own else None)
        return _rule_dialog(form, customers, products)
    form = TaxRuleForm(inherited)
    if not form.validate():
        return _rule_dialog(form, customers, products, status=422)
    if form.tax_id.data is not None:
        services.save_tax_rule(customers, products, load(Tax, form.tax_id.data, everyone))
    elif own is not None:
        services.remove_tax_rule(own)
    return redirect_to(url_for("company.taxes"))


def _rule_dialog(form: TaxRuleForm, customers: str, products: str, status: int = 200) -> Response:
    return page(
        "company/tax_rule.html",
        parts=["dialog_body"],
        form=form,
        customers=customers,
        products=products,
        who=option_label(CUSTOMER_GROUPS, customers) if customers else _("Any customer"),
        what=option_label(PRODUCT_GROUPS, products) if products else _("any product"),
        status=status,
    )
