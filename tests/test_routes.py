"""Every route against every role: what the role holds it reaches, everything else says no, and no form is taken without its token."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from markupsafe import escape
from werkzeug.routing import Rule

from erpcrm.access.roles import STANDARD_ROLES
from erpcrm.access.services import create_user
from erpcrm.core.access import PUBLIC, SIGNED_IN
from erpcrm.core.registry import registry

OPEN = {
    "access.accept_invitation",
    "access.check_code",
    "access.choose_language",
    "access.code",
    "access.confirm_first_code",
    "access.finish_set_up",
    "access.first_code",
    "access.forgot_password",
    "access.login",
    "access.mail_reset_link",
    "access.reset_password",
    "access.set_first_password",
    "access.set_password",
    "access.set_up",
    "access.sign_in",
    "company.logo",
    "marketing.answer",
    "marketing.follow_link",
    "marketing.form",
    "marketing.form_thanks",
    "marketing.leave_at_once",
    "marketing.pixel",
    "marketing.send_answer",
    "marketing.send_form",
    "marketing.unsubscribe",
    "pipeline.lead_form",
    "pipeline.lead_thanks",
    "pipeline.send_lead_form",
    "sales.accept_offer",
    "sales.comment_offer",
    "sales.decline_offer",
    "sales.offer",
    "sales.offer_pdf",
    "sales.see_offer",
    "service.answer_survey",
    "service.answer_ticket",
    "service.ask",
    "service.asked",
    "service.help_article",
    "service.help_home",
    "service.portal_file",
    "service.portal_ticket",
    "service.rate_article",
    "service.see_article",
    "service.send_question",
    "service.solve_ticket",
    "service.survey",
}
"""What anybody on the network may call: signing in, the first set-up, the logo on those pages, the public form for leads,
the offers behind their links, what a campaign's mails and pages lead to; help, the public form of service, and tickets and
surveys behind theirs."""
OWN = {
    "access.change_password",
    "access.password",
    "access.profile",
    "access.renew_recovery_codes",
    "access.sign_out",
    "access.sign_out_everywhere",
    "access.switch_off_two_factor",
    "access.switch_on_two_factor",
    "access.two_factor_page",
    "access.update_profile",
    "core.home",
    "notifications.choose",
    "notifications.inbox",
    "notifications.latest",
    "notifications.open_notice",
    "notifications.read",
    "notifications.settings",
}
"""About the user alone, so that being signed in is enough."""
BY_RECORD = {
    "core.pick",
    "core.search",
    "files.download",
    "files.of_record",
    "files.remove",
    "files.restore",
    "files.upload",
    "jobs.cancel",
    "jobs.job",
    "jobs.jobs",
    "jobs.run_again",
    "lists.bulk",
    "lists.columns_form",
    "lists.default_view",
    "lists.delete_view",
    "lists.filter_form",
    "lists.save_view",
    "lists.update_view",
    "lists.view_form",
    "trail.history",
}
"""About records of any type: the view asks for the permission that the record's type names, and for its scope."""
ENDS_THE_SESSION = {"access.sign_out", "access.sign_out_everywhere"}
NOWHERE = {"id": 999_999, "format": "csv", "kind": "nothing", "record_type": "nothing"}


def routes(app: Flask) -> Iterator[tuple[str, Rule, str | None]]:
    """(method, rule, permission) of every route but static files and the health check."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint not in ("static", "healthz"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule, getattr(app.view_functions[rule.endpoint], "permission", None)


def address(rule: Rule) -> str:
    """Where nothing is: permissions are asked before records."""
    values = {
        name: NOWHERE.get(name, 999_999 if rule._converters[name].regex == r"\d+" else "nothing")
        for name in rule.arguments
    }
    built = rule.build(values)
    assert built is not None, rule.rule
    return built[1]


def denies(answer: Any, permission: str) -> bool:
    known = registry().permissions.get(permission)
    if answer.status_code != 403 or known is None:
        return False
    with force_locale("en"):
        return f"“{escape(known.label)}”" in answer.text


def test_routes_without_a_permission_are_listed_by_name(app: Flask) -> None:
    """A new page is closed until somebody has thought about whom it is for."""
    found: dict[str | None, set[str]] = {}
    for _method, rule, permission in routes(app):
        found.setdefault(permission, set()).add(rule.endpoint)
    assert found[PUBLIC] == OPEN
    assert found[SIGNED_IN] == OWN | BY_RECORD


@pytest.mark.long
@pytest.mark.parametrize("key", [role.key for role in STANDARD_ROLES])
def test_a_role_reaches_what_it_holds_and_nothing_else(
    app: Flask, roles: Any, client: FlaskClient, sign_in: Callable[..., FlaskClient], key: str
) -> None:
    user = create_user("Somebody", "somebody@example.com", roles=[key], language="en")
    everywhere = list(routes(app))
    asked = {permission for _, _, permission in everywhere}
    assert None not in asked
    held = {permission for permission in asked if permission in (PUBLIC, SIGNED_IN) or user.may(permission)}
    wrong, denied, reached = [], 0, 0
    sign_in(client, user)
    for method, rule, permission in everywhere:
        answer = client.open(address(rule), method=method, headers={"HX-Request": "true"})
        if rule.endpoint in ENDS_THE_SESSION:
            sign_in(client, user)
        holds = permission in held
        denied, reached = denied + (not holds), reached + holds
        if denies(answer, permission) is holds or answer.status_code >= 500:
            wrong.append(f"{method} {rule.rule}: {answer.status_code}, {'holds' if holds else 'lacks'} {permission}")
    assert wrong == []
    assert reached > len(OPEN | OWN)
    assert (denied == 0) is (key == "admin")


def test_whoever_is_not_signed_in_is_sent_to_the_door(app: Flask, client: FlaskClient, admin: Any) -> None:
    wrong = []
    for method, rule, permission in routes(app):
        answer = client.open(address(rule), method=method)
        at_the_door = answer.status_code == 302 and answer.location.startswith("/login")
        if answer.status_code >= 500 or (permission != PUBLIC and not at_the_door):
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


ONE_CLICK = {"marketing.leave_at_once"}
"""What a mail program sends by itself, with the member's own token instead of ours (RFC 8058)"""


def test_no_write_is_taken_without_the_token_of_its_form(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient], admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    sign_in(client, admin)
    methods = {method for method, _rule, _permission in routes(app)}
    assert methods == {"GET", "POST"}, "the token is asked for by POST"
    wrong = {
        rule.rule: answer.status_code
        for method, rule, _permission in routes(app)
        if method == "POST"
        and rule.endpoint not in ONE_CLICK
        and (answer := client.post(address(rule), data={"csrf_token": "made-up"})).status_code != 400
    }
    assert wrong == {}


def test_with_its_token_a_form_is_taken(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient], admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    sign_in(client, admin)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/admin/teams/new").text)
    assert token is not None
    assert client.post("/admin/teams", data={"name": "West", "csrf_token": token[1]}).status_code == 303
