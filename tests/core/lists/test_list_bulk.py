"""A verb on many rows: those that were chosen, those that are the user's, and nobody else's."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.jobs import Job, run_pending
from erpcrm.core.lists.bulk import packed, unpacked
from tests.core.lists.gizmos import Gizmo

PAINT = "/lists/gizmo/bulk/paint?at=/gizmos"


def green():
    return set(session.scalars(select(Gizmo.name).where(Gizmo.colour == "green")))


def test_it_asks_first_and_changes_nothing_yet(web, make):
    pump = make("Pump")
    response = web.post(PAINT, data={"ids": [pump.id]})
    assert response.status_code == 200
    assert "1 row is selected." in response.text
    assert f'name="ids" value="{pump.id}"' in response.text
    assert green() == set()


def test_the_chosen_rows_are_changed_and_no_others(web, make):
    pump, valve = make("Pump"), make("Valve")
    make("Other")
    response = web.post(
        f"{PAINT}&q=x&sort=name", data={"ids": [pump.id, valve.id], "confirmed": "1", "colour": "green"}
    )
    assert response.status_code == 303
    assert response.location == "/gizmos?q=x&sort=name"
    assert green() == {"Pump", "Valve"}
    assert "2 rows are done." in web.get("/gizmos").text


def test_what_the_verb_asks_is_checked_and_the_choice_is_kept(web, make):
    pump = make("Pump")
    response = web.post(PAINT, data={"ids": [pump.id], "confirmed": "1", "colour": ""})
    assert response.status_code == 422
    assert "Name a colour." in response.text
    assert f'name="ids" value="{pump.id}"' in response.text


def test_nothing_chosen_is_refused(web, make):
    make("Pump")
    assert web.post(PAINT, data={}).status_code == 409
    assert (
        web.post(PAINT, data={"confirmed": "1", "colour": "green", "ids": ["x", "99999999999999999999"]}).status_code
        == 409
    )
    assert green() == set()


def test_all_that_match_are_those_of_the_filters_and_the_base(web, make):
    make("Pump", colour="red")
    make("Valve", colour="blue")
    make("Old", colour="red", status="archived")
    web.post(f"{PAINT}&colour=red", data={"all_matching": "1", "confirmed": "1", "colour": "green"})
    assert green() == {"Pump"}


def test_a_filter_that_is_not_understood_stops_it(web, make):
    make("Pump")
    response = web.post(f"{PAINT}&amount.min=abc", data={"all_matching": "1", "confirmed": "1", "colour": "green"})
    assert response.status_code == 409
    assert green() == set()


@pytest.mark.parametrize("data", [{"all_matching": "1"}, {"ids": "ALL"}])
def test_rows_out_of_scope_are_left_alone(client, sign_in, person, make, data):
    ben = person("Ben", scope="own", may=["gizmos.gizmo.view", "gizmos.gizmo.edit"])
    own, other = make("Ben's", owner_id=ben.id), make("Other")
    if "ids" in data:
        data = {"ids": [own.id, other.id]}
    sign_in(client, ben).post(PAINT, data={**data, "confirmed": "1", "colour": "green"})
    assert green() == {"Ben's"}


def test_it_takes_the_permission_of_the_verb(client, sign_in, person, make):
    reader = sign_in(client, person("Rita", may=["gizmos.gizmo.view"]))
    pump = make("Pump")
    assert reader.post(PAINT, data={"ids": [pump.id], "confirmed": "1", "colour": "green"}).status_code == 403
    assert "bulk_form" in reader.get("/gizmos").text
    assert 'name="ids"' not in reader.get("/gizmos").text
    assert reader.post("/lists/gizmo/bulk/nonsense?at=/gizmos").status_code == 404


def test_more_than_five_hundred_become_a_job_that_keeps_the_scope(client, sign_in, person, make, app):
    ben = person("Ben", scope="own", may=["gizmos.gizmo.view", "gizmos.gizmo.edit"])
    session.add_all([Gizmo(name=f"n{number}", owner_id=ben.id) for number in range(1100)])
    make("Other")
    sign_in(client, ben).post(PAINT, data={"all_matching": "1", "confirmed": "1", "colour": "green"})
    assert green() == set()
    given_away = session.scalars(select(Gizmo).where(Gizmo.name == "n1099")).one()
    given_away.owner_id = None
    session.commit()
    run_pending()
    session.expire_all()
    assert session.scalar(select(func.count()).where(Gizmo.colour == "green")) == 1099
    job = session.scalars(select(Job).where(Job.name == "lists.bulk")).one()
    assert (job.status, job.done) == ("done", 1100)
    assert job.result["text"].startswith("1,099 of 1,100")


def test_values_reach_the_job_as_they_were_entered():
    values = {"price": Decimal("1.50"), "day": date(2026, 3, 2), "owner_id": 5, "note": None, "tags": ["a"], "on": True}
    assert unpacked(packed(values)) == values
