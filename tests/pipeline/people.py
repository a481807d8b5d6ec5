"""Clients of the cast who work on deals, and what they work on. Tests take them by `from tests.pipeline.people import *`."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.core.trail import Line, history
from erpcrm.pipeline.models import Opportunity, Pipeline
from erpcrm.pipeline.services import ensure_standard_pipeline
from tests.factories.opportunities import a_deal


@pytest.fixture
def pipeline(app: Flask) -> Pipeline:
    """The standard one: Prospecting, Qualification (asks for a customer), Proposal (amount), Negotiation (amount, close)."""
    return ensure_standard_pipeline()


@pytest.fixture
def as_seller(app: Flask, sign_in: Any, seller: Any, pipeline: Pipeline) -> FlaskClient:
    return sign_in(app.test_client(), seller)  # type: ignore[no-any-return]


@pytest.fixture
def as_colleague(app: Flask, sign_in: Any, colleague: Any, pipeline: Pipeline) -> FlaskClient:
    return sign_in(app.test_client(), colleague)  # type: ignore[no-any-return]


@pytest.fixture
def as_manager(app: Flask, sign_in: Any, manager: Any, pipeline: Pipeline) -> FlaskClient:
    return sign_in(app.test_client(), manager)  # type: ignore[no-any-return]


@pytest.fixture
def deal(seller: Any, pipeline: Pipeline, session: Any) -> Opportunity:
    """A deal of the seller at the beginning of the pipeline, with nothing known but its name."""
    deal = a_deal(seller, name="Two lathes")
    session.commit()
    return deal


@pytest.fixture
def trail(app: Flask) -> Any:
    """`trail(deal)`: its audit trail in words, newest first."""

    def read(record: Any) -> list[Line]:
        with app.test_request_context():
            return history(record.record_name, record.id)

    return read


__all__ = ["as_colleague", "as_manager", "as_seller", "deal", "pipeline", "trail"]
