"""What the form of a page would send if the user changed nothing."""

import re
from html import unescape


def fields_of(html: str) -> dict[str, str]:
    """The form fields of a page with their values: inputs, checked boxes, chosen options (else the first)."""
    body = re.sub(r"(?s)^.*<main[^>]*>|</main>.*$", "", html)
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name = _attribute(tag, "name")
        if name and (_attribute(tag, "type") not in ("radio", "checkbox") or " checked" in tag):
            found[name] = _attribute(tag, "value") or ""
    for tag, inside in re.findall(r"(?s)(<select[^>]*>)(.*?)</select>", body):
        options = re.findall(r"(<option[^>]*>)([^<]*)", inside)
        chosen = next((option for option in options if " selected" in option[0]), options[0])
        value = _attribute(chosen[0], "value")
        found[_attribute(tag, "name") or ""] = chosen[1] if value is None else value
    for name in ("csrf_token", "_key"):
        found.pop(name, None)
    return {name: unescape(value) for name, value in found.items()}


def _attribute(tag: str, name: str) -> str | None:
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return match[1] if match else None
