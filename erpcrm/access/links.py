"""Links that let somebody set a password: signed, for one use, for a while. Nothing of them is stored."""

from hashlib import sha256

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from erpcrm.core.db import session

from .models import User

RESET = "password-reset"
INVITATION = "invitation"
LIFETIME = {RESET: 3600, INVITATION: 7 * 24 * 3600}
"""In seconds."""


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=purpose)


def _state(user: User) -> str:
    """Changes with the password, the address and every sign-out everywhere: with it, the link is spent."""
    return sha256(f"{user.password_hash}|{user.email}|{user.session_epoch}".encode()).hexdigest()[:20]


def make_token(user: User, purpose: str) -> str:
    return _signer(purpose).dumps([user.id, _state(user)])


def user_of(token: str, purpose: str) -> User | None:
    """Whose link this is; None when it is forged, too old or used."""
    try:
        user_id, state = _signer(purpose).loads(token, max_age=LIFETIME[purpose])
    except (BadSignature, ValueError):
        return None
    user = session.get(User, user_id)
    return user if user is not None and user.active and state == _state(user) else None
