"""Addresses of routes, quickly: a page has some hundred links, and building one by the routing rules costs as much as a small query."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask
from flask.globals import request_ctx
from werkzeug.routing import Rule

KEPT_IN_QUERY = "!$'()*,/:;?@"
KEPT_IN_PATH = "!$&'()*+,/:;=@"
"""What Werkzeug leaves as it is; a test compares."""
_PIECES = re.compile(r"<(int:|string:)?(\w+)>")
Maker = Callable[[Mapping[str, Any]], str | None]


class Addresses:
    """Makes the addresses of routes whose rules are plain: literal pieces, whole numbers and strings."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._makers: dict[str, Maker | None] = {}

    def make(self, endpoint: str, values: Mapping[str, Any]) -> str | None:
        """The address inside this request, or None when only Flask itself knows."""
        try:
            context = request_ctx
            prefix = context.url_adapter.script_name  # type: ignore[union-attr]
        except (RuntimeError, AttributeError):
            return None
        if endpoint[:1] == ".":
            endpoint = f"{context.request.blueprint or ''}{endpoint}"
        if endpoint not in self._makers:
            self._makers[endpoint] = self._maker(endpoint)
        maker = self._makers[endpoint]
        path = None if maker is None else maker(values)
        return None if path is None else f"{prefix[:-1]}{path}"

    def _maker(self, endpoint: str) -> Maker | None:
        if self._app.url_default_functions or endpoint not in self._app.view_functions:
            return None
        rules = list(self._app.url_map.iter_rules(endpoint))
        if len(rules) != 1 or not _is_plain(rules[0]):
            return None
        # Literal piece, then kind and name of a value, then the next literal piece, and so on.
        first, *rest = _PIECES.split(rules[0].rule)
        values = list(zip(rest[0::3], rest[1::3], rest[2::3], strict=True))
        return lambda given: _address(first, values, given)


def _is_plain(rule: Rule) -> bool:
    literal = _PIECES.sub("", rule.rule)
    special = rule.defaults or rule.alias or rule.host or rule.subdomain or rule.redirect_to or rule.websocket
    return not special and literal.isascii() and "<" not in literal and quote(literal, safe=KEPT_IN_PATH) == literal


def _address(first: str, pieces: list[tuple[str | None, str, str]], given: Mapping[str, Any]) -> str | None:
    left, path = dict(given), first
    for kind, name, literal in pieces:
        value = left.pop(name, None)
        if kind == "int:":
            if type(value) is not int or value < 0:
                return None
            path += f"{value}{literal}"
        elif isinstance(value, str) and value:
            path += f"{quote(value, safe=KEPT_IN_PATH)}{literal}"
        else:
            return None
    query = [(name, one) for name, value in left.items() for one in _many(value) if one is not None] if left else ()
    return f"{path}?{urlencode(query, safe=KEPT_IN_QUERY)}" if query else path


def _many(value: Any) -> Any:
    return value if isinstance(value, list | tuple | set) else (value,)
