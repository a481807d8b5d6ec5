"""The answer to an edit of an outdated version: what was typed beside what is stored now, in words; nothing typed is lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from flask import Response, make_response, render_template, request
from jinja2_fragments.flask import render_block
from sqlalchemy import inspect

from .db import Record
from .errors import NotThere
from .i18n import show_number
from .pages import wanted_part
from .pointers import may_see, title_of
from .records import Choice
from .registry import registry
from .trail import choices_of, target_of
from .whole import whole_or_none


@dataclass(frozen=True)
class Stored:
    """One field as it is stored now: its text as a form would send it, and as people read it."""

    name: str
    label: Any
    sent: str
    shown: str
    choices: Sequence[Choice] = ()
    title: Callable[[str], str] | None = None
    """Of a field that refers to another record: the name that belongs to an id"""

    def word_for(self, typed: str) -> str:
        """How a value that a form has sent is read."""
        if self.title is not None:
            return self.title(typed)
        return next((str(choice.label) for choice in self.choices if choice.value == typed), typed)


class Versioned(Protocol):
    """What is no record and has a version all the same, such as the company's profile."""

    version: int

    def stored(self) -> Sequence[Stored]: ...


def stale_page(record: Record | Versioned) -> Response:
    """409 with both versions side by side."""
    fields = _of_record(record) if isinstance(record, Record) else record.stored()
    typed = request.form
    rows = [
        {
            "label": one.label,
            "mine": typed.get(f"{one.name}_text") or one.word_for(typed[one.name]),
            "theirs": one.shown,
            "differs": _plain(typed[one.name]) != _plain(one.sent),
        }
        for one in fields
        if one.name in typed
    ]
    posted = [(k, v) for k, values in typed.lists() for v in values if k not in ("version", "csrf_token", "_key")]
    told: Mapping[str, Any] = {
        "rows": rows,
        "posted": posted,
        "version": record.version,
        "action": request.full_path.rstrip("?"),
        "url": request.referrer,
    }
    if "HX-Request" not in request.headers:
        return make_response(render_template("core/stale.html", **told), 409)
    response = make_response(render_block("core/stale.html", "stale", **told), 409)
    response.headers["HX-Retarget"] = "#dialog_body" if wanted_part() == "dialog_body" else "#content"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _plain(text: str) -> str:
    """Browsers send line breaks in their own way."""
    return text.replace("\r\n", "\n").strip()


def _of_record(record: Record) -> Iterator[Stored]:
    kind = registry().record_types.get(record.record_name)
    for attribute in inspect(type(record)).column_attrs:
        if attribute.key in record.unaudited:
            continue
        column, value = attribute.columns[0], getattr(record, attribute.key)
        label = column.info.get("label", attribute.key)
        target = target_of(type(record), attribute.key)
        if target is not None:
            yield Stored(
                attribute.key,
                label,
                "" if value is None else str(value),
                _title(target, value),
                (),
                partial(_title, target),
            )
            continue
        choices = choices_of(record.record_name, attribute.key, kind.column(attribute.key) if kind else None, column)
        sent = _as_sent(value)
        shown = next((str(choice.label) for choice in choices if choice.value == str(value)), sent)
        yield Stored(attribute.key, label, sent, shown, choices)


def _as_sent(value: Any) -> str:
    """As the field of a form shows it, and sends it back when nobody has touched it."""
    if isinstance(value, Decimal):
        return show_number(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _title(target: str, value: Any) -> str:
    record_id = whole_or_none(str(value)) if value is not None else None
    if record_id is None:
        return ""
    try:
        return title_of(target, record_id) if may_see(target, record_id) else f"#{record_id}"
    except NotThere:
        return f"#{record_id}"
