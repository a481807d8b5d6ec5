"""The mail of a survey, in the language of this request."""

from collections.abc import Sequence

from markupsafe import Markup

from erpcrm.core.i18n import _, show_date, zone
from erpcrm.core.settings import setting

from .models.surveys import SurveyInvitation


def _opening(invitation: SurveyInvitation) -> list[str]:
    name = invitation.contact.name if invitation.contact is not None else ""
    hello = _("Hello %(name)s,", name=name) if name else _("Hello,")
    if invitation.ticket is None:
        return [hello, _("may we ask you one question? It takes less than a minute.")]
    return [
        hello,
        _("your matter “%(subject)s” is settled. May we ask you one question?", subject=invitation.ticket.subject),
    ]


def _closing(invitation: SurveyInvitation) -> list[str]:
    assert invitation.expires_at is not None  # noqa: S101 - it is being sent
    day = show_date(invitation.expires_at.astimezone(zone()).date())
    return [_("The link is for you alone and works until %(day)s.", day=day), str(setting("company_name") or "")]


def as_text(invitation: SurveyInvitation, question: str, ends: tuple[str, str], url: str) -> str:
    lines = [*_opening(invitation), question, _("Answer with one press: %(url)s", url=url), *_closing(invitation)]
    return "\n\n".join(line for line in lines if line)


def as_html(
    invitation: SurveyInvitation, question: str, ends: tuple[str, str], steps: Sequence[tuple[int, str]]
) -> str:
    """The steps as plain links in a table: mail programs take away whatever is more than that."""
    cells = Markup("").join(
        Markup('<td align="center"><a href="{}"><b>&nbsp;{}&nbsp;</b></a></td>').format(url, step)
        for step, url in steps
    )
    table = Markup(
        '<table border="1" cellpadding="8" cellspacing="0"><tr>{}</tr></table><p><small>{} = {} · {} = {}</small></p>'
    ).format(cells, steps[0][0], ends[0], steps[-1][0], ends[1])
    parts = [Markup("<p>{}</p>").format(line) for line in _opening(invitation)]
    parts += [Markup("<p><b>{}</b></p>").format(question), table]
    parts += [Markup("<p><small>{}</small></p>").format(line) for line in _closing(invitation) if line]
    return str(Markup("\n").join(parts))
