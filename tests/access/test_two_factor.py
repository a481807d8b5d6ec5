"""The second factor at sign-in."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from erpcrm.access import two_factor
from erpcrm.access.services import update_role
from erpcrm.access.two_factor import qr_picture
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.core.idempotency import IdempotencyKey
from tests.access.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def codes(seller, with_password, app_code, clock, session):
    """The seller has two-factor sign-in; these are the recovery codes."""
    with_password(seller)
    codes = two_factor.switch_on(seller, SECRET, app_code(SECRET))
    session.commit()
    clock.shift(timedelta(minutes=5))
    return codes


def type_code(client, code):
    return client.post("/login/code", data={"code": code})


def test_the_password_alone_does_not_let_in(seller, codes, log_in, client):
    assert log_in(seller.email).location == "/login/code"
    assert client.get("/profile").status_code == 302


def test_the_code_of_the_app_lets_in_and_leads_on(seller, codes, client, app_code):
    client.post("/login?next=/profile", data={"email": seller.email, "password": PASSWORD})
    assert type_code(client, app_code(SECRET)).location == "/profile"
    assert client.get("/profile").status_code == 200


def test_a_code_works_once(seller, codes, app, client, log_in, app_code):
    log_in(seller.email)
    code = app_code(SECRET)
    assert type_code(client, code).status_code == 303
    other = app.test_client()
    other.post("/login", data={"email": seller.email, "password": PASSWORD})
    assert type_code(other, code).status_code == 422


def test_a_recovery_code_works_once_however_it_is_typed(seller, codes, app, client, log_in):
    log_in(seller.email)
    assert type_code(client, codes[3].upper().replace("-", " ")).status_code == 303
    assert len(seller.recovery_codes) == 9
    other = app.test_client()
    other.post("/login", data={"email": seller.email, "password": PASSWORD})
    assert type_code(other, codes[3]).status_code == 422


def test_wrong_codes_are_slowed_down_like_wrong_passwords(seller, codes, client, log_in, app_code):
    log_in(seller.email)
    for _n in range(5):
        assert type_code(client, "000000").status_code == 422
    assert type_code(client, app_code(SECRET)).status_code == 429


def test_the_password_is_forgotten_after_ten_minutes_without_a_code(seller, codes, client, log_in, clock, app_code):
    log_in(seller.email)
    clock.shift(timedelta(minutes=11))
    assert type_code(client, app_code(SECRET)).location == "/login"


def test_the_code_page_alone_leads_nowhere(app, client, seller):
    assert client.get("/login/code").location == "/login"
    assert type_code(client, "123456").location == "/login"
    assert client.get("/login/first-code").location == "/login"


def secret_on(page):
    return re.search(r'secret-key">([A-Z2-7 ]+)<', page).group(1).replace(" ", "")


def test_it_is_set_up_in_the_profile_with_a_code_that_proves_the_app(seller, with_password, client, log_in, app_code):
    with_password(seller)
    log_in(seller.email)
    page = client.get("/profile/two-factor").text
    secret = secret_on(page)
    assert "<svg" in page
    assert " style=" not in page
    assert client.post("/profile/two-factor", data={"code": "000000"}).status_code == 422
    done = client.post("/profile/two-factor", data={"code": app_code(secret)})
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert seller.two_factor


def test_switching_it_off_needs_the_password(seller, codes, client, log_in, app_code):
    log_in(seller.email)
    type_code(client, app_code(SECRET))
    assert client.post("/profile/two-factor/off", data={"password": "wrong password"}).status_code == 422
    assert client.post("/profile/two-factor/off", data={"password": PASSWORD}).status_code == 303
    assert not seller.two_factor


def test_new_recovery_codes_end_the_old_ones(seller, codes, client, log_in, app_code, app):
    log_in(seller.email)
    type_code(client, app_code(SECRET))
    assert client.post("/profile/two-factor/codes", data={"password": PASSWORD}).status_code == 200
    assert not two_factor.accept(seller, codes[0])


def test_a_role_that_requires_it_ends_sessions_and_asks_for_it_at_the_next_sign_in(
    seller, admin, roles, with_password, client, log_in, app_code
):
    with_password(seller)
    log_in(seller.email)
    update_role(roles["seller"], {"two_factor": True}, by=admin)
    assert client.get("/profile").status_code == 302
    assert log_in(seller.email).location == "/login/first-code"
    assert client.get("/profile").status_code == 302
    secret = secret_on(client.get("/login/first-code").text)
    assert "recovery codes" in client.post("/login/first-code", data={"code": app_code(secret)}).text
    assert client.get("/profile").status_code == 200


def test_it_cannot_be_switched_off_while_a_role_requires_it(seller, codes, roles, admin):
    update_role(roles["seller"], {"two_factor": True}, by=admin)
    with pytest.raises(Refused):
        two_factor.switch_off(seller)


def test_an_administrator_switches_it_off_for_somebody_who_lost_the_phone(seller, admin, codes, client, sign_in):
    sign_in(client, admin)
    assert client.post(f"/admin/users/{seller.id}/two-factor-off").status_code == 303
    assert not seller.two_factor


def test_the_codes_are_not_kept_for_a_second_try(seller, codes, client, log_in, app_code, session):
    log_in(seller.email)
    type_code(client, app_code(SECRET))
    form = {"password": PASSWORD, "_key": "the same key"}
    first, second = (client.post("/profile/two-factor/codes", data=form) for _n in range(2))
    assert "recovery-codes" in first.text
    assert second.location == "/profile/two-factor"
    assert all("recovery-codes" not in (row.body or "") for row in session.scalars(select(IdempotencyKey)))


def test_the_secret_and_the_codes_are_not_in_the_audit_trail(seller, codes, session):
    told = " ".join(str(entry.changes) for entry in session.scalars(select(AuditEntry)))
    assert SECRET not in told
    assert "argon2" not in told
    assert not any(hashed in told for hashed in seller.recovery_codes)


def test_the_whole_code_is_shown_whatever_size_the_page_gives_it():
    """Without a view box a picture of fixed size is cut off where it does not fit, and no telephone can read it."""
    head = qr_picture("otpauth://totp/erpcrm:somebody@example.com?secret=ABCDEFGHIJKLMNOP&issuer=erpcrm").partition(
        ">"
    )[0]
    assert "viewBox=" in head
    assert not re.search(r"\s(width|height)=", head)
