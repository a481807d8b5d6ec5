"""Mails are fetched from the mailbox and made tickets, one a step."""

from functools import partial

from flask import current_app

from erpcrm.core.i18n import _, _l
from erpcrm.core.jobs import DONE, MORE, Failed, Job, Outside, Progress, handler
from erpcrm.core.settings import setting

from .mailbox import Mailbox, News
from .services import incoming

FETCH = "service.fetch_mail"


@handler(FETCH, label=_l("Fetch mails to service"), quiet=True)
def fetch_mail(job: Job) -> Progress | Outside | Failed:
    """Ask the server, keep and commit, tell the server, take one mail a step; and again while there is more.

    The server learns only afterwards that a mail was read. Whoever is killed in between is given it again, and knows it.
    """
    phase = job.state.get("phase", "take")
    url = current_app.config["IMAP_URL"]
    if phase == "take" and job.outcome is None:
        if incoming.take_next() is not None:
            job.done += 1
            return MORE
        if url is None or job.state.get("read"):
            return DONE
        job.state["phase"] = "ask"
    if url is None:
        return DONE
    box, known = Mailbox.of(url), setting("service_mailbox") or {}
    ask = partial(box.news, known.get("validity"), known.get("uid"))
    if phase in ("take", "ask"):
        if job.outcome is None:
            return Outside(ask)
        if job.outcome.error is not None:
            reason = str(job.outcome.error) or type(job.outcome.error).__name__
            return Failed(_("The mailbox can't be read: %(reason)s", reason=reason))
        news: News = job.outcome.value
        incoming.keep_news(news)
        job.state |= {"phase": "tell" if news.mails else "take", "read": not news.more}
        if not news.mails:
            return MORE
        return Outside(partial(box.mark_seen, news.validity, [mail.uid for mail in news.mails]))
    job.state["phase"] = "take"  # whatever the server said to our telling it: we know what we have
    return MORE
