"""Surveys by schedule invite their people, and what is due is sent, a bounded number a step."""

from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _l, today
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler

from .models import Survey
from .services import surveys

SEND = "service.send_surveys"
INVITE = "service.invite_people"


@handler(SEND, label=_l("Send surveys"), quiet=True)
def send_surveys(job: Job) -> Progress:
    """First whom a schedule asks, then everybody whose time has come."""
    for survey in surveys.surveys_due():
        last = surveys.invite_people(survey, job.state.get(str(survey.id), 0))
        if last is not None:
            job.state[str(survey.id)] = last
            return MORE
        survey.last_run_on = today()
        session.flush()
    sent = surveys.send_due()
    job.done += sent
    return MORE if sent == surveys.STEP else DONE


@handler(INVITE, label=_l("Invite people to a survey"))
def invite_people(job: Job) -> Progress:
    """What somebody has started by hand; sending is the other job's work."""
    survey = session.get(Survey, job.state["survey"])
    if survey is None:
        raise NotThere
    last = surveys.invite_people(survey, job.state.get("after", 0))
    job.state["after"] = last or 0
    if last is not None:
        return MORE
    survey.last_run_on = today()
    return DONE
