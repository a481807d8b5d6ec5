"""What goes over the line: a first visit with an empty cache, and a page after it."""

import re
from urllib.parse import urljoin

from .browser import Browser
from .sites import Site

IN_A_PAGE = re.compile(r'(?:href|src)="(/static/[^"#]+)')
IN_A_SHEET = re.compile(r"url\(['\"]?([^'\")#]+)")


def moved(site: Site) -> dict[str, int]:
    """Bytes of: the sign-in page as a stranger's first visit, the customer list as a first page, pages after that."""
    stranger = Browser(site.port)
    found = {"Sign-in page, nothing cached": _with_static(stranger, "/login")}
    browser = site.browser
    found["Customer list, nothing cached"] = _with_static(browser, "/customers")
    found["Kanban, nothing cached"] = _with_static(browser, "/pipeline/board")
    for label, path in (
        ("Customer list", "/customers"), ("Customer page", "/customers/500"), ("Kanban", "/pipeline/board"),
        ("My day", "/my-day"), ("Customer form", "/customers/500/edit"),
    ):  # fmt: skip
        found[f"{label}, later"] = browser.page(path).moved_bytes
    found["Customer list, part"] = browser.part("/customers", "results").moved_bytes
    return found


def _with_static(browser: Browser, path: str) -> int:
    seen: set[str] = set()
    total = browser.page(path).moved_bytes
    for address in dict.fromkeys(IN_A_PAGE.findall(browser.text(path).replace("&amp;", "&"))):
        total += _file(browser, address, seen)
    return total


def _file(browser: Browser, address: str, seen: set[str]) -> int:
    if address in seen:
        return 0
    seen.add(address)
    size = browser.page(address).moved_bytes
    if ".css" in address:
        for inner in IN_A_SHEET.findall(browser.text(address)):
            if not inner.startswith("data:"):
                size += _file(browser, urljoin(address, inner), seen)
    return size
