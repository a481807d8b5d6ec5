"""Sums that must not drift, files that must not be empty, edits that must not be lost."""

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from erpcrm.company.services import set_rate
from erpcrm.core.i18n import today
from erpcrm.core.settings import save_setting
from erpcrm.pipeline.models import Opportunity, Stage
from erpcrm.pipeline.services import create_opportunity, ensure_standard_pipeline


@pytest.fixture
def boss(client: FlaskClient, sign_in: Any, admin: Any) -> FlaskClient:
    return sign_in(client, admin)


def test_a_second_tap_on_export_gets_the_file_too(boss: FlaskClient, mine: Any) -> None:
    files = []
    for _tap in range(2):
        answer = boss.post("/lists/customer/export/csv?at=/customers", data={"_key": "one tap"})
        files.append(answer.get_data())
        answer.close()
    assert len(files[0]) > 100
    assert files[0] == files[1]


@pytest.mark.parametrize(
    "change",
    [
        ("/customers/{customer}", {"name": "New", "kind": "company"}),
        ("/customers/{customer}/archive", {}),
        ("/customers/contacts/{contact}", {"name": "New"}),
        ("/customers/activities/{task}", {"subject": "New", "kind": "task"}),
        ("/customers/{customer}/addresses/{address}", {"street": "New", "country": "CN", "use": "both"}),
        ("/admin/users/{user}/edit", {"name": "New"}),
        ("/admin/teams/{team}/edit", {"name": "New"}),
        ("/admin/roles/{role}", {"name": "New", "scope": "own", "lens": "operations"}),
        ("/pipeline/opportunities/{deal}", {"name": "New", "currency": "CNY"}),
    ],
    ids=lambda change: change[0],
)
def test_an_edit_of_what_somebody_changed_meanwhile_is_stopped_with_both_versions(
    boss: FlaskClient, session: Any, theirs: Any, admin: Any, roles: Any, change: tuple[str, dict[str, str]]
) -> None:
    ensure_standard_pipeline()
    deal = create_opportunity({"name": "Deal", "currency": "CNY"}, admin)
    session.commit()
    path, sent = change
    user = theirs.customer.owner
    path = path.format(
        customer=theirs.customer.id, contact=theirs.contact.id, task=theirs.task.id, address=theirs.address.id,
        user=user.id, team=user.team_id, role=roles["buyer"].id, deal=deal.id,
    )  # fmt: skip
    if "opportunities" in path:
        sent = sent | {"stage_id": str(deal.stage_id)}
    answer = boss.post(path, data=sent | {"version": "999"})
    assert answer.status_code == 409
    if sent:
        assert "New" in answer.text  # nothing typed is lost
    answer.close()


@pytest.mark.parametrize("typed", ["0.1", "0.01", "99999999.99", "12345678.91"])
def test_sums_of_money_are_exact(boss: FlaskClient, session: Any, admin: Any, typed: str) -> None:
    ensure_standard_pipeline()
    stage = session.query(Stage).first()
    for _n in range(10):
        sent = {"name": "Deal", "stage_id": stage.id, "amount": typed, "currency": "CNY"}
        assert boss.post("/pipeline/opportunities", data=sent).status_code == 303
    total = sum(deal.amount for deal in session.query(Opportunity))
    assert total == Decimal(typed) * 10
    page = boss.get("/pipeline/opportunities?totals=1&status=open").text.replace(",", "")
    assert f"{total:.2f}" in page


@pytest.mark.parametrize(
    "typed", ["1e12", "NaN", "Infinity", "-1e30", "9" * 40, "1.23456789", "１２", "1,2,3", "0x10", "٣"]
)
def test_an_amount_is_taken_whole_or_refused(boss: FlaskClient, session: Any, typed: str) -> None:
    ensure_standard_pipeline()
    stage = session.query(Stage).first()
    sent = {"name": "Deal", "stage_id": stage.id, "amount": typed, "currency": "CNY"}
    answer = boss.post("/pipeline/opportunities", data=sent)
    assert answer.status_code in (303, 422)
    stored = [deal.amount for deal in session.query(Opportunity)]
    assert all(amount is None or (amount.is_finite() and amount == round(amount, 2)) for amount in stored)
    answer.close()


def test_the_companys_currency_does_not_change_under_amounts_that_are_kept_in_it(
    boss: FlaskClient, session: Any, admin: Any
) -> None:
    """What deals are worth in the company's currency is stored with them: it would silently mean another money."""
    ensure_standard_pipeline()
    create_opportunity({"name": "Deal", "amount": Decimal(100), "currency": "CNY"}, admin)
    session.commit()
    sent = {
        "company_name": "We",
        "currency": "USD",
        "language": "en",
        "time_zone": "UTC",
        "number_format": "auto",
        "fiscal_year_start": "1",
    }
    answer = boss.post("/company/profile", data=sent)
    assert answer.status_code == 409
    answer.close()


def test_a_rate_is_more_than_nothing(boss: FlaskClient, session: Any) -> None:
    save_setting("currency", "CNY")
    for typed in ("0", "-1", "NaN", "0.00000000001", "1e30"):
        sent = {"currency": "USD", "day": today().isoformat(), "rate": typed}
        assert boss.post("/company/currencies", data=sent).status_code == 422
    assert set_rate("USD", today(), Decimal("7.1")).rate == Decimal("7.1")
