"""The company's pages: profile, logo, hours, holidays, currencies."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest

from erpcrm.company import services
from erpcrm.company.holiday_lists import parse_holidays
from erpcrm.core.errors import Refused
from erpcrm.core.settings import setting
from tests.forms import fields_of

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


@pytest.fixture
def office(client, sign_in, admin):
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return sign_in(client, admin)


PROFILE = {
    "company_name": "江南仪器", "currency": "CNY", "language": "zh", "time_zone": "Asia/Shanghai",
    "number_format": "auto", "fiscal_year_start": "4",
}  # fmt: skip


def test_the_profile_is_changed_and_told_in_the_trail(office):
    assert office.get("/company/profile").status_code == 200
    assert office.post("/company/profile", data=PROFILE).status_code == 303
    assert (setting("company_name"), setting("fiscal_year_start")) == ("江南仪器", 4)
    trail = office.get("/admin/audit").text
    assert "changed the profile" in trail
    assert "江南仪器" in trail


def test_a_profile_that_somebody_changed_meanwhile_shows_both_versions(office):
    seen = fields_of(office.get("/company/profile").text)
    assert (
        office.post(
            "/company/profile", data={**seen, **PROFILE, "company_name": "Theirs", "company_address": "Road 1\nTown"}
        ).status_code
        == 303
    )
    mine = {**seen, **PROFILE, "company_name": "Mine", "fiscal_year_start": "7", "company_address": "Road 1\r\nTown"}
    answer = office.post("/company/profile", data=mine)
    assert answer.status_code == 409
    for words in ("Theirs", "Mine", "April", "July"):
        assert words in answer.text
    assert answer.text.count("differs") == 2
    assert setting("company_name") == "Theirs"
    again = fields_of(answer.text.partition('class="form-actions"')[2])
    assert office.post("/company/profile", data=again).status_code == 303
    assert (setting("company_name"), setting("fiscal_year_start")) == ("Mine", 7)


@pytest.mark.parametrize(("field", "value"), [("currency", "XXQ"), ("time_zone", "Mars"), ("fiscal_year_start", "13")])
def test_a_profile_that_makes_no_sense_is_refused(office, field, value):
    assert office.post("/company/profile", data={**PROFILE, field: value}).status_code == 422


def test_only_who_may_change_the_company_sees_its_pages(client, sign_in, seller):
    sign_in(client, seller)
    for path in ("/company/profile", "/company/hours", "/company/currencies"):
        assert client.get(path).status_code == 403


def test_the_currency_stays_while_exchange_rates_are_kept_in_it(app):
    services.set_rate("USD", date(2026, 1, 1), Decimal("7.1"))
    with pytest.raises(Refused):
        services.update_profile({"currency": "EUR"})
    assert setting("currency") == "CNY"


def test_a_logo_is_shown_to_strangers_and_replaced(office, app):
    upload = lambda content: office.post("/company/logo", data={"logo": (BytesIO(content), "logo.png")})  # noqa: E731
    assert upload(PNG).status_code == 303
    address = f"/company/logo/{setting('company_logo')}"
    picture = app.test_client().get(address)
    assert picture.data == PNG
    assert picture.content_type == "image/png"
    assert "immutable" in picture.headers["Cache-Control"]
    assert address in app.test_client().get("/login").text
    assert upload(PNG + b"other").status_code == 303
    assert office.get(address).status_code == 404
    assert office.post("/company/logo/remove").status_code == 303
    assert setting("company_logo") is None


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"GIF", b"", PNG + b"x" * services.LOGO_LIMIT])
def test_a_logo_that_is_no_small_picture_is_refused(office, content):
    answer = office.post("/company/logo", data={"logo": (BytesIO(content), "logo.png")})
    assert answer.status_code == 422
    assert setting("company_logo") is None


def test_business_hours_have_several_windows_a_day(office):
    assert office.get("/company/hours").status_code == 200
    data = {"day_0": "9:00-12:00, 13:00-17:00", "day_5": "10:00-14:00"}
    assert office.post("/company/hours", data=data).status_code == 303
    calendar = services.calendar()
    monday = datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert calendar.between(monday, monday + timedelta(days=7)) == timedelta(hours=11)


@pytest.mark.parametrize("windows", ["9-17", "12:00-9:00", "9:00-12:00, 11:00-13:00"])
def test_hours_that_make_no_sense_are_an_error_beside_the_day(office, windows):
    answer = office.post("/company/hours", data={"day_0": windows, "day_1": "9:00-12:00"})
    assert answer.status_code == 422
    assert windows in answer.text


def test_a_week_without_any_work_is_refused(office):
    assert office.post("/company/hours", data={"day_0": ""}).status_code == 409


def test_holidays_are_pasted_and_removed(office):
    pasted = "2026-10-01 至 2026-10-03 国庆节\n2026/12/25 Christmas\n2027年1月1日"
    assert office.post("/company/holidays", data={"days": pasted}).status_code == 303
    assert [holiday.day for holiday in services.holidays(2026)] == [
        date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3), date(2026, 12, 25),
    ]  # fmt: skip
    first = services.holidays()[0]
    assert first.name == "国庆节"
    assert office.post(f"/company/holidays/{first.id}/remove").status_code == 303
    assert len(services.holidays()) == 4


def test_pasting_a_day_again_renames_it(app):
    services.add_holidays({date(2026, 1, 1): "New Year"})
    assert services.add_holidays({date(2026, 1, 1): "元旦", date(2026, 1, 2): ""}) == 1
    assert [holiday.name for holiday in services.holidays()] == ["元旦", ""]


@pytest.mark.parametrize("line", ["tomorrow", "2026-13-01", "2026-10-07 - 2026-10-01", "2026-01-01 to 2027-01-01"])
def test_a_line_that_is_no_date_is_shown_back(office, line):
    assert parse_holidays(line) == ({}, [line])
    answer = office.post("/company/holidays", data={"days": f"2026-05-01\n{line}"})
    assert answer.status_code == 422
    assert services.holidays() == []


def test_the_rate_of_a_day_is_the_latest_until_then(app):
    services.set_rate("USD", date(2026, 1, 1), Decimal("7.10"))
    services.set_rate("USD", date(2026, 3, 1), Decimal("7.20"))
    assert services.rate("USD", date(2026, 2, 28)) == Decimal("7.1")
    assert services.rate("USD", date(2026, 3, 1)) == Decimal("7.2")
    assert services.rates(["USD", "EUR", "CNY"], date(2026, 5, 1)) == {"USD": Decimal("7.2"), "CNY": Decimal(1)}
    assert services.convert(Decimal("10.01"), "USD", date(2026, 2, 1)) == Decimal("71.07")


def test_a_sum_without_a_rate_is_refused_rather_than_guessed(app):
    services.set_rate("USD", date(2026, 3, 1), Decimal("7.2"))
    for currency, day in (("USD", date(2026, 2, 28)), ("EUR", date(2026, 3, 1))):
        with pytest.raises(Refused):
            services.rate(currency, day)
    assert services.rate("CNY", date(1999, 1, 1)) == 1


@pytest.mark.parametrize(("currency", "rate"), [("CNY", "1"), ("XXQ", "1"), ("USD", "0"), ("USD", "-7")])
def test_a_rate_that_makes_no_sense_is_refused(app, currency, rate):
    with pytest.raises(Refused):
        services.set_rate(currency, date(2026, 1, 1), Decimal(rate))


def test_rates_are_entered_replaced_and_removed_on_the_page(office):
    assert "No exchange rates yet" in office.get("/company/currencies").text
    data = {"currency": "USD", "day": "2026-01-01", "rate": "7.1234567891"}
    assert office.post("/company/currencies", data=data).status_code == 303
    assert office.post("/company/currencies", data={**data, "rate": "7.2"}).status_code == 303
    (rate,) = services.all_rates()
    assert rate.rate == Decimal("7.2")
    assert office.post("/company/currencies", data={**data, "rate": "nonsense"}).status_code == 422
    assert office.post("/company/currencies", data={**data, "currency": "CNY"}).status_code == 422
    assert office.post(f"/company/currencies/{rate.id}/remove").status_code == 303
    assert services.all_rates() == []
