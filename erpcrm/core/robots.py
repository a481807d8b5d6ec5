"""Public forms: how robots are kept out without asking people anything.

A field that only robots fill, a signed moment at which the page was fetched, and a limit by address. A person who was too quick
is asked to send it once more, and loses nothing.
"""

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from .db import now

FASTEST = 3
"""Seconds that a human needs at least; a robot answers at once."""
SLOWEST = 24 * 60 * 60
"""Seconds after which a page that was fetched once is not good for sending again and again."""
LIMIT = "6 per minute; 30 per hour"
"""Messages from one address: a whole office may share one."""


def _serializer(form: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=form)


def stamp(form: str) -> str:
    """When this form was fetched, signed so that it can't be made up."""
    return str(_serializer(form).dumps(int(now().timestamp())))


def age(form: str, asked_at: str) -> float | None:
    """Seconds since the form was fetched; None when that was not lately, or is made up."""
    try:
        at = _serializer(form).loads(asked_at)
    except BadSignature:
        return None
    seconds: float = now().timestamp() - at
    return seconds if seconds <= SLOWEST else None
