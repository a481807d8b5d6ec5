"""Mails with a link that lets somebody set a password. The link itself is made by the page that asks."""

from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, in_language
from erpcrm.core.mail import send_mail
from erpcrm.core.settings import setting

from ..models import User
from .rank import may_touch


def invite(user: User, link: str, *, by: User | None = None) -> None:
    """Mail a user the way in. Refused without an address, and for somebody who is in already."""
    if not user.email:
        raise Refused(_("%(name)s has no e-mail address yet.", name=user.name))
    if not user.active:
        raise Refused(_("%(name)s is not active.", name=user.name))
    if user.password_hash:
        raise Refused(_("%(name)s has a password already.", name=user.name))
    may_touch(by, user)
    with in_language(user.language):
        company = setting("company_name") or "erpcrm"
        text = _(
            "Hello %(name)s,\n\n"
            "%(company)s works with erpcrm, and you are invited. Choose your password here:\n\n%(link)s"
            "\n\nThe link is good for 7 days, and once.",
            name=user.name,
            company=company,
            link=link,
        )
        send_mail(user.email, _("Your account at %(company)s", company=company), text, by=by, secret=True)


def send_reset_link(user: User, link: str, *, by: User | None = None) -> None:
    """Mail a user the way to a new password."""
    if not user.email or not user.active:
        raise Refused(_("%(name)s can't sign in, so there is no password to reset.", name=user.name))
    may_touch(by, user)
    with in_language(user.language):
        company = setting("company_name") or "erpcrm"
        text = _(
            "Hello %(name)s,\n\n"
            "somebody, probably you, has asked for a new password at %(company)s. Choose it here:\n\n"
            "%(link)s\n\nThe link is good for one hour, and once. If it was not you, there is nothing to do: "
            "your password "
            "stays as it is.",
            name=user.name,
            company=company,
            link=link,
        )
        send_mail(user.email, _("A new password at %(company)s", company=company), text, by=by, secret=True)
