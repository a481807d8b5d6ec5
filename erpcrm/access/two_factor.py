"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

from hashlib import sha256
from io import BytesIO
from secrets import choice

import pyotp
import segno
from sqlalchemy import select

from erpcrm.core.audit import record_event
from erpcrm.core.db import now, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _

from .models import User
from .services.rank import may_touch

STEP = 30
"""Seconds that a code is shown."""
SLACK = 1
"""Steps before and after that are taken too: clocks differ and people type slowly."""
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    return pyotp.random_base32()


def app_address(user: User, secret: str, issuer: str) -> str:
    """What the app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email or user.name, issuer_name=issuer)


def qr_picture(address: str) -> str:
    """The QR code as inline SVG without any style attribute."""
    out = BytesIO()
    segno.make(address, error="m").save(
        out,
        kind="svg",
        border=3,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode()


def _step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is."""
    typed = code.replace(" ", "")
    here = int(now().timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in range(here - SLACK, here + SLACK + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), typed):
            return step
    return None


def switch_on(user: User, secret: str, code: str) -> list[str] | None:
    """Switch it on once the app shows the right code. Returns the recovery codes, to be shown once; None if wrong."""
    step = _step_of(secret, code)
    if step is None:
        return None
    user.totp_secret, user.totp_step = secret, step
    record_event(user, "two_factor_on")
    return renew_codes(user)


def switch_off(user: User, *, by: User | None = None) -> None:
    """Refused to the user's own wish while a role requires it, and to who holds less than the user.

    An administrator does it for somebody who has lost the phone; where a role requires a second factor, it is set up
    anew at the next sign-in.
    """
    if by is None or by.id == user.id:
        if user.must_use_two_factor:
            raise Refused(_("One of your roles requires two-factor sign-in, so it can't be switched off."))
    else:
        may_touch(by, user)
        user.session_epoch += 1
    user.totp_secret, user.totp_step, user.recovery_codes = None, 0, []
    record_event(user, "two_factor_off")
    session.flush()


def renew_codes(user: User) -> list[str]:
    """New recovery codes; the old ones are good no more."""
    codes = ["-".join("".join(choice(ALPHABET) for _n in range(4)) for _m in range(4)) for _k in range(CODES)]
    user.recovery_codes = [_hash(code) for code in codes]
    session.flush()
    return codes


def _hash(code: str) -> str:
    # 79 bits of chance need no slow hash.
    return sha256(code.encode()).hexdigest()


def _plain(code: str) -> str:
    letters = "".join(char for char in code.lower() if char.isalnum())
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def accept(user: User, code: str) -> bool:
    """Whether this code of the app, or this recovery code, lets the user in. Each is taken once."""
    if user.totp_secret is None:
        return False
    # Two requests with the same code at once: the second waits, and sees that the first has taken it.
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    session.refresh(user, ["totp_secret", "totp_step", "recovery_codes"])
    step = _step_of(user.totp_secret, code)
    if step is not None and step > user.totp_step:
        user.totp_step = step
        session.flush()
        return True
    hashed = _hash(_plain(code))
    if hashed in user.recovery_codes:
        user.recovery_codes = [other for other in user.recovery_codes if other != hashed]
        record_event(user, "recovery_code_used")
        session.flush()
        return True
    return False
