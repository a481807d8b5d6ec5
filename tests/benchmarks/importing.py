"""An import of 10,000 customers, as a user walks through the wizard."""

import csv
import io
import time
from random import Random

from tests.forms import fields_of

from .browser import Unexpected, path_of
from .names import Namer
from .sites import Site

ROWS = 10_000
MOST_SECONDS = 600


def file_of(rows: int = ROWS) -> bytes:
    """Companies that nobody knows yet, with what such a list usually has."""
    namer, target = Namer(Random(7)), io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["Code", "Name", "Industry", "Region", "Phone", "E-mail", "Website", "Owner"])
    for number in range(1, rows + 1):
        company = namer.company()
        domain = f"new{number}.example"
        phone = f"021 {5000 + number % 4000} {number % 10000:04}"
        name, owner = f"{company.name} {number}", "seller@demo.example"
        writer.writerow([f"I-{number:05}", name, "manufacturing", "", phone, f"a@{domain}", f"www.{domain}", owner])
    return target.getvalue().encode("utf-8-sig")


def import_rows(site: Site) -> dict[str, float]:
    """Seconds of each leg; the import must bring in every row."""
    browser, content, legs = site.browser, file_of(), {}
    began = time.monotonic()
    answer = browser.upload("/imports", {"record_type": "customer"}, "new.csv", content)
    path = path_of(answer.headers["Location"]).rsplit("/", 1)[0]
    browser.post(f"{path}/file", fields_of(browser.text(f"{path}/file")), expected=(303,))
    legs["upload and reading"] = time.monotonic() - began
    began = time.monotonic()
    answer = browser.post(f"{path}/columns", fields_of(browser.text(f"{path}/columns")), expected=(303,))
    if answer.headers["Location"].endswith("/words"):
        browser.post(f"{path}/words", fields_of(browser.text(f"{path}/words")), expected=(303,))
    _wait(site, path, "status = 'ready'")
    legs["dry run"] = time.monotonic() - began
    began = time.monotonic()
    browser.post(f"{path}/start", fields_of(browser.text(path)), expected=(303,))
    _wait(site, path, "status = 'done'")
    legs["import"] = time.monotonic() - began
    made = site.rows("SELECT made FROM imports WHERE id = :id", id=int(path.rsplit("/", 1)[1]))[0][0]
    if made != ROWS:
        raise Unexpected(f"{made} rows came in")
    return legs


def _wait(site: Site, path: str, until: str) -> None:
    for _time in range(MOST_SECONDS * 4):
        if site.rows(f"SELECT 1 FROM imports WHERE id = :id AND {until}", id=int(path.rsplit("/", 1)[1])):
            return
        time.sleep(0.25)
    raise Unexpected(f"the import does not get to: {until}")
