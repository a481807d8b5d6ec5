"""A field that a company adds is there wherever its records are: form, page, list, filter, export, import, for each kind."""

import csv
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.fields.definitions import create_field
from erpcrm.core.registry import record_type
from erpcrm.pipeline.services import ensure_standard_pipeline
from tests.forms import fields_of
from tests.wizard import Wizard

KINDS = {
    "customer": ("/customers", {"name": "Blue Sea Foods"}, "Name"),
    "contact": ("/customers/contacts", {"name": "Lin Zhiyuan"}, "Name"),
    "lead": ("/pipeline/leads", {"company": "Solara Components"}, "Company"),
    "opportunity": ("/pipeline/opportunities", {"name": "Ten pumps", "currency": "CNY"}, "Name"),
}


@pytest.mark.parametrize("name", KINDS)
def test_an_own_field_is_everywhere(app: Any, session: Any, client: Any, sign_in: Any, admin: Any, name: str) -> None:
    ensure_standard_pipeline()
    kind, (path, values, column) = record_type(name), KINDS[name]
    create_field(kind, {"label": "Cold store", "label_zh": "冷库", "kind": "number"})
    session.commit()
    sign_in(client, admin)

    assert "Cold store" in client.get(f"{path}/new").text, "in the form"
    form = fields_of(client.get(f"{path}/new").text)
    assert client.post(path, data=form | values | {"custom_cold_store": "12.5"}).status_code == 303
    record = session.scalars(select(kind.model)).one()
    assert record.custom == {"cold_store": "12.500000"}
    page = client.get(f"{path}/{record.id}").text
    assert "Cold store" in page
    assert "12.5" in page

    listed = client.get(f"{path}?cols=custom_cold_store&custom_cold_store.min=12&custom_cold_store.max=13").text
    assert "Cold store" in listed
    assert ">12.5<" in listed, "in the list, and found by its value"
    assert ">12.5<" not in client.get(f"{path}?cols=custom_cold_store&custom_cold_store.min=13").text

    answer = client.post(f"/lists/{name}/export/csv?at={path}&cols=custom_cold_store")
    rows = list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][-1] == "Cold store"
    assert rows[1][-1] == "12.5"

    wizard = Wizard(client, app).upload(f"{column},冷库\nAnother One,7\n", name, "more.csv")
    wizard.columns()
    wizard.post("/try")
    wizard.start()
    assert wizard.counts()[0] == 1, wizard.get()
    found = {one.custom.get("cold_store") for one in session.scalars(select(kind.model))}
    assert found == {"12.500000", "7.000000"}, "and imported under its name in either language"
