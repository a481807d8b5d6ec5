"""The people and campaigns of marketing's tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from erpcrm.marketing import services
from erpcrm.marketing.models import Campaign, MailTemplate
from tests.core.smtp_server import Letters, mail_server
from tests.factories.customers import a_contact, a_customer


@pytest.fixture
def letters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    with mail_server() as letters:
        monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "office@example.com")
        yield letters


def a_template(
    subject: str = "Hello {{first name}}", body: str = "See [this](https://example.com/a).", **more: Any
) -> MailTemplate:
    values = {"name": subject, "language": "en", "subject": subject, "body": body, **more}
    return services.save_template(MailTemplate(), values, None)


def agreed(customer: Any, number: int, **more: Any) -> Any:
    values = {
        "name": f"Pat Number{number}",
        "email": f"pat{number}@example.com",
        "consent": "granted",
        "consent_source": "fair",
    }
    return a_contact(customer, **{**values, **more})


@pytest.fixture
def customer(app: Flask, clock: Any) -> Any:
    return a_customer(name="Blue Ocean Foods")


@pytest.fixture
def campaign(customer: Any, marketer: Any) -> Callable[..., Campaign]:
    """`campaign(5)`: by mail, to five who have agreed; `start=True`: and running."""

    def make(
        count: int = 3, *, start: bool = False, body: str = "See [this](https://example.com/a).", **values: Any
    ) -> Campaign:
        given = {"name": "Spring", "channel": "mail", "template_id": a_template(body=body).id, **values}
        made = services.create_campaign(given, marketer)
        people = [agreed(customer, number) for number in range(count)]
        services.add_target(made, "contact", [person.id for person in people], excluded=False)
        if start:
            services.start(made, marketer)
        return made

    return make
