"""The verbs of the company: profile, working time, holidays, exchange rates, taxes."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, delete, exists, select

from erpcrm.core.actor import current_actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Base, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.file_types import TYPES
from erpcrm.core.i18n import _, today, zone
from erpcrm.core.merging import label_of
from erpcrm.core.places import is_currency
from erpcrm.core.settings import lock_setting, save_setting, setting

from .calendars import Calendar, Window
from .models import ANY, CHARGED, CompanyLogo, ExchangeRate, Holiday, Tax, TaxRule
from .profile import VERSION, Profile
from .standard_taxes import STANDARD_TAXES
from .taxation import Rounding

WEEKDAYS = range(7)
LOGO_LIMIT = 256 * 1024
LOGO_TYPES = ("png", "jpg", "webp", "gif")


def update_profile(values: Mapping[str, Any], version: int | None = None) -> None:
    """Change the profile. Stale when somebody else changed it since `version`.

    Refused when the currency would change under rates or amounts that are kept in the old one.
    """
    lock_setting(VERSION)
    known = Profile.now()
    if version is not None and version != known.version:
        raise Stale(known)
    before = known.values
    currency = values.get("currency", before["currency"])
    if currency != before["currency"] and session.scalar(select(ExchangeRate.id).limit(1)) is not None:
        raise Refused(
            _(
                "The exchange rates are kept in %(currency)s. Delete them before you change the currency.",
                currency=before["currency"],
            )
        )
    if currency != before["currency"] and (kept := _money_kept()) is not None:
        raise Refused(
            _(
                "There are amounts in %(currency)s already (%(things)s), which would silently become another money. The "
                "currency of a company that is at work stays.",
                currency=before["currency"],
                things=label_of(kept),
            )
        )
    changed = {}
    for name in before:
        if name in values and values[name] != before[name]:
            save_setting(name, values[name])
            changed[name] = [before[name], values[name]]
    if changed:
        save_setting(VERSION, known.version + 1)
        tell("profile_changed", changed)


def _money_kept() -> Table | None:
    """A table that holds amounts in the company's currency, of whatever area."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.info.get("company_money") and session.scalar(select(exists().where(column.is_not(None)))):
                return table
    return None


def tell(action: str, changes: Mapping[str, Any]) -> None:
    """An entry of the audit trail about the company, which is no record of its own."""
    actor = current_actor()
    session.add(
        AuditEntry(
            actor_id=actor.id if actor else None,
            record_type="company",
            record_id=1,
            action=action,
            changes=dict(changes),
        )
    )
    session.flush()


def set_logo(content: bytes) -> None:
    """Show this picture beside the company's name. Refused unless it is a small PNG, JPEG, WebP or GIF.

    Not SVG: that is a document which may carry scripts.
    """
    if len(content) > LOGO_LIMIT:
        raise Refused(_("A logo may have at most %(limit)s KB.", limit=LOGO_LIMIT // 1024))
    media_type = next((TYPES[name].media_type for name in LOGO_TYPES if TYPES[name].fits(content)), None)
    if media_type is None:
        raise Refused(_("This is no picture that a browser shows: take a PNG, JPEG, WebP or GIF."))
    digest = sha256(content).hexdigest()
    if digest == setting("company_logo"):
        return
    remove_logo(told=False)
    session.add(CompanyLogo(digest=digest, media_type=media_type, content=content))
    save_setting("company_logo", digest)
    tell("logo_changed", {})


def remove_logo(*, told: bool = True) -> None:
    if setting("company_logo") is None:
        return
    session.execute(delete(CompanyLogo))
    save_setting("company_logo", None)
    if told:
        tell("logo_changed", {})


def logo(digest: str) -> CompanyLogo | None:
    return session.get(CompanyLogo, digest)


# Working time


def week() -> dict[int, list[Window]]:
    """The windows of each weekday, 0 being Monday."""
    stored = setting("business_hours")
    return {day: [_window(pair) for pair in stored.get(str(day), ())] for day in WEEKDAYS}


def _window(pair: Sequence[str]) -> Window:
    start, end = pair
    return time.fromisoformat(start), time.max if end == "24:00" else time.fromisoformat(end)


def _stored(window: Window) -> list[str]:
    start, end = window
    return [f"{start:%H:%M}", "24:00" if end == time.max else f"{end:%H:%M}"]


def set_week(windows: Mapping[int, Sequence[Window]]) -> None:
    """Change the business hours. Refused when no time at all would be left."""
    if not any(windows.values()):
        raise Refused(_("There must be at least one window of business hours in the week."))
    before = setting("business_hours")
    after = {str(day): [_stored(window) for window in windows.get(day, ())] for day in WEEKDAYS}
    if after != before:
        save_setting("business_hours", after)
        told = {day: ", ".join("–".join(pair) for pair in pairs) for day, pairs in after.items()}
        was = {day: ", ".join("–".join(pair) for pair in before.get(day, ())) for day in after}
        tell("hours_changed", {"business_hours": [was, told]})


def holidays(year: int | None = None) -> Sequence[Holiday]:
    query = select(Holiday).order_by(Holiday.day)
    if year is not None:
        query = query.where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31)))
    return session.scalars(query).all()


def add_holidays(days: Mapping[date, str]) -> int:
    """Add days, or rename those that are there. Returns how many are new."""
    known = {holiday.day: holiday for holiday in session.scalars(select(Holiday).where(Holiday.day.in_(list(days))))}
    for day, name in days.items():
        if day in known:
            known[day].name = name or known[day].name
        else:
            session.add(Holiday(day=day, name=name))
    session.flush()
    return len(days) - len(known)


def remove_holiday(holiday: Holiday) -> None:
    session.delete(holiday)
    session.flush()


def calendar() -> Calendar:
    """The company's working time: two queries."""
    days = frozenset(session.scalars(select(Holiday.day)))
    return Calendar(zone=zone(), week=week(), holidays=days)


# Exchange rates


def set_rate(currency: str, day: date, rate: Decimal) -> ExchangeRate:
    """What one unit of `currency` is worth in the company's currency from `day` on. Replaces that of the same day."""
    if not is_currency(currency):
        raise Refused(_("%(currency)s is not a currency.", currency=currency))
    if currency == setting("currency"):
        raise Refused(_("%(currency)s is the company's own currency: its rate is always 1.", currency=currency))
    if rate <= 0:
        raise Refused(_("A rate is more than zero."))
    found = session.scalars(
        select(ExchangeRate).where(ExchangeRate.currency == currency, ExchangeRate.day == day)
    ).one_or_none()
    if found is None:
        found = ExchangeRate(currency=currency, day=day)
        session.add(found)
    found.rate = rate
    session.flush()
    return found


def remove_rate(rate: ExchangeRate) -> None:
    session.delete(rate)
    session.flush()


def rate(currency: str, on: date | None = None) -> Decimal:
    """What one unit of `currency` is worth in the company's currency on a day: the latest rate until then.

    Refused when there is none: a sum must not be made of guesses.
    """
    if currency == setting("currency"):
        return Decimal(1)
    day = on or today()
    found = session.scalar(
        select(ExchangeRate.rate)
        .where(ExchangeRate.currency == currency, ExchangeRate.day <= day)
        .order_by(ExchangeRate.day.desc())
        .limit(1)
    )
    if found is None:
        raise Refused(
            _(
                "There is no exchange rate for %(currency)s on %(day)s. Add one under Currencies.",
                currency=currency,
                day=day.isoformat(),
            ),
            url="/company/currencies",
        )
    return Decimal(found)


def rates(currencies: Sequence[str], on: date | None = None) -> dict[str, Decimal]:
    """The rates of several currencies in one query; those without one are left out."""
    day, own = on or today(), setting("currency")
    wanted = {currency for currency in currencies if currency != own}
    found: dict[str, Decimal] = {own: Decimal(1)} if own in currencies else {}
    if wanted:
        rows = session.execute(
            select(ExchangeRate.currency, ExchangeRate.rate)
            .where(ExchangeRate.currency.in_(wanted), ExchangeRate.day <= day)
            .order_by(ExchangeRate.day)
        )
        found |= {currency: Decimal(value) for currency, value in rows}
    return found


def convert(amount: Decimal, currency: str, on: date | None = None) -> Decimal:
    """An amount of `currency` in the company's currency, rounded to its digits. Refused without a rate."""
    return round_money(amount * rate(currency, on), setting("currency"))


def all_rates() -> Sequence[ExchangeRate]:
    return session.scalars(select(ExchangeRate).order_by(ExchangeRate.currency, ExchangeRate.day.desc())).all()


# Taxes


def taxes(*, offered: bool = False) -> Sequence[Tax]:
    """All of them, or those that may still be chosen; the highest rate first."""
    query = select(Tax).order_by(Tax.active.desc(), Tax.rate.desc(), Tax.name)
    return session.scalars(query.where(Tax.active) if offered else query).all()


def tax_rules() -> Sequence[TaxRule]:
    """In the order in which they are asked."""
    return sorted(session.scalars(select(TaxRule)), key=lambda rule: (_breadth(rule), rule.id))


def _breadth(rule: TaxRule) -> tuple[bool, bool]:
    """The narrower rule decides. Who the customer is weighs more than what is sold: an export stays an export."""
    return rule.customer_group == ANY, rule.product_group == ANY


def save_tax(tax: Tax | None, values: Mapping[str, Any]) -> Tax:
    """Add a tax or change it. The rate of a tax that a document bears should not be changed: offer it no longer instead.

    Refused when a tax that is not charged has a rate.
    """
    rate, kind = values["rate"] or Decimal(0), values["kind"]
    if kind != CHARGED and rate:
        raise Refused(_("A tax that is not charged has the rate 0."))
    if not Decimal(0) <= rate < 1000:
        raise Refused(_("A tax rate is a percentage from 0 to below 1,000."))
    tax = tax or Tax()
    for name in ("name", "name_zh", "text"):
        setattr(tax, name, (values.get(name) or "").strip() or None)
    tax.kind, tax.rate, tax.active = kind, rate, bool(values.get("active", True))
    session.add(tax)
    session.flush()
    return tax


def save_tax_rule(customer_group: str, product_group: str, tax: Tax) -> TaxRule:
    """Let a tax hold for these groups; the blank group is any. Replaces the rule that was there for them."""
    known = select(TaxRule).where(TaxRule.customer_group == customer_group, TaxRule.product_group == product_group)
    rule = session.scalars(known).one_or_none() or TaxRule(customer_group=customer_group, product_group=product_group)
    rule.tax = tax
    session.add(rule)
    session.flush()
    return rule


def remove_tax_rule(rule: TaxRule) -> None:
    session.delete(rule)
    session.flush()


def tax_rule_for(customer_group: str | None, product_group: str | None) -> TaxRule | None:
    """The rule that says which tax these have: the narrowest that fits. None when there is none, so no tax is known."""
    return deciding(tax_rules(), customer_group or ANY, product_group or ANY)


def deciding(rules: Sequence[TaxRule], customer_group: str, product_group: str) -> TaxRule | None:
    """The first that fits of rules in the order of `tax_rules`."""
    who, what = (ANY, customer_group), (ANY, product_group)
    return next((rule for rule in rules if rule.customer_group in who and rule.product_group in what), None)


def set_tax_rounding(rounding: Rounding) -> None:
    """Whether the taxes of a document are rounded on every line or once by tax. For documents from now on."""
    before = setting("tax_rounding")
    if rounding != before:
        save_setting("tax_rounding", rounding)
        tell("tax_rounding_changed", {"tax_rounding": [before, rounding]})


def take_standard_taxes(name: str) -> None:
    """Add the taxes and rules of a country that are not there yet. NotThere when no such set is known."""
    if name not in STANDARD_TAXES:
        raise NotThere
    known = {tax.name: tax for tax in taxes()}
    for given in STANDARD_TAXES[name].taxes:
        if given["name"] not in known:
            known[given["name"]] = save_tax(None, given)
    there = {(rule.customer_group, rule.product_group) for rule in tax_rules()}
    for customer_group, product_group, tax in STANDARD_TAXES[name].rules:
        if (customer_group, product_group) not in there:
            save_tax_rule(customer_group, product_group, known[tax])
