"""Number sequences: without gaps, without repeats."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from erpcrm.core.errors import Refused
from erpcrm.core.numbers import change_sequence, declare_numbers, next_number, next_numbers, sequences

declare_numbers("letter", "Letters", "L-")
declare_numbers("offer", "Offers", "Q-{year}-", digits=3, yearly=True)


def test_numbers_come_in_order(app: Flask) -> None:
    assert [next_number("letter") for _n in range(3)] == ["L-00001", "L-00002", "L-00003"]
    assert next_numbers("letter", 2) == ["L-00004", "L-00005"]


def test_a_number_whose_document_is_rolled_back_is_given_to_the_next(session: Any) -> None:
    next_number("letter")
    session.commit()
    assert next_number("letter") == "L-00002"
    session.rollback()
    assert next_number("letter") == "L-00002"


def test_a_yearly_sequence_starts_anew_in_the_companys_year(app: Flask, clock: Any) -> None:
    assert next_number("offer") == "Q-2026-001"
    assert next_number("letter") == "L-00001"
    clock.move_to(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert next_number("offer") == "Q-2026-002"
    clock.move_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    assert next_number("offer") == "Q-2027-001"
    assert next_number("letter") == "L-00002"


def test_an_unknown_sequence_is_an_error(app: Flask) -> None:
    with pytest.raises(KeyError):
        next_number("nonsense")


def test_a_company_may_change_how_its_numbers_look(app: Flask) -> None:
    next_number("letter")
    change_sequence("letter", prefix="BRIEF/", digits=3, yearly=False, start=100)
    assert next_number("letter") == "BRIEF/100"


def test_a_number_is_never_given_twice_by_a_change(app: Flask) -> None:
    next_numbers("letter", 5)
    with pytest.raises(Refused):
        change_sequence("letter", prefix="L-", digits=5, yearly=False, start=3)
    with pytest.raises(Refused):
        change_sequence("letter", prefix="OTHER-", digits=5, yearly=False, start=1)
    with pytest.raises(Refused):
        change_sequence("letter", prefix="L-", digits=5, yearly=True)
    with pytest.raises(Refused):
        change_sequence("letter", prefix="L-", digits=0, yearly=False)
    assert next_number("letter") == "L-00006"


def test_every_declared_sequence_is_listed_before_its_first_number(app: Flask) -> None:
    listed = {row.name: row for row in sequences()}
    assert (listed["letter"].prefix, listed["letter"].next) == ("L-", 1)
    next_number("letter")
    assert {row.name: row.next for row in sequences()}["letter"] == 2
