"""One step of a job: one transaction, with the rights and in the language of the user whose job it is."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from traceback import format_exc

import structlog
from flask import Flask
from sqlalchemy.orm.attributes import flag_modified

from ..actor import Actor, acting_as
from ..db import lock, now, session
from ..errors import NotAllowed, NotThere, Refused, Stale
from ..i18n import _
from ..lifecycle import transaction
from ..registry import load_actor, registry
from .handlers import HANDLERS, RETRIES, Answer, Failed, Handler, Outside, Progress
from .models import Job, Outcome

log = structlog.get_logger()


@contextmanager
def fresh_context(app: Flask) -> Iterator[None]:
    """A database session, settings and language of its own, and addresses of pages: what a request would have."""
    with app.app_context(), app.test_request_context("/", base_url=app.config["PUBLIC_URL"]):
        yield


def take_step(app: Flask, job_id: int, me: str, outcome: Outcome | None) -> Progress | Outside:
    """Do one step of a job that worker `me` holds. MORE or Outside: it is still held; DONE: it is held no longer."""
    with fresh_context(app):
        with transaction(writes=False):
            job = session.get(Job, job_id)
            if job is None or not _held(job, me):
                return Progress.DONE
            actor = load_actor(job.user_id) if job.user_id else None
        with acting_as(actor):
            try:
                with transaction():
                    lock(job)
                    if not _held(job, me):
                        return Progress.DONE
                    return _called(job, actor, outcome)
            except (Refused, NotAllowed, NotThere, Stale) as error:
                message, trace, final = _reason(error), None, True
            except Exception as error:
                log.exception("job crashed", job=job.id, kind=job.name)
                message, trace, final = f"{type(error).__name__}: {error}", format_exc(), False
            with suppress(NotThere), transaction():  # a job goes with its user
                lock(job)
                if _held(job, me):
                    _note_failure(job, message, trace, final=final)
            return Progress.DONE


def _held(job: Job | None, me: str) -> bool:
    return job is not None and job.status == "running" and job.worker == me


def _called(job: Job, actor: Actor | None, outcome: Outcome | None) -> Progress | Outside:
    """Call the handler and keep what it says, inside the running transaction."""
    kind = HANDLERS.get(job.name)
    if kind is None:
        raise Refused(_("This version of the program does not know this kind of job any more."))
    if job.user_id and (actor is None or not getattr(actor, "is_active", True)):
        raise Refused(_("The user whose job this is may not work here any more."))
    job.outcome, job.last_try = outcome, job.attempts >= len(kind.retries)
    answer = kind.step(job)
    flag_modified(job, "state")  # a handler may have changed the inside of it
    flag_modified(job, "result")
    verdict = _keep(job, answer)
    session.flush()  # while the actor is still known: the audit trail names who acts
    return verdict


def _keep(job: Job, answer: Answer) -> Progress | Outside:
    moment = now()
    job.heartbeat_at = moment
    match answer:
        case Failed():
            _note_failure(job, answer.message, None, final=answer.final)
            return Progress.DONE
        case Outside():
            return answer
        case Progress.MORE:
            job.attempts, job.error, job.traceback = 0, None, None
            return Progress.MORE
        case _:
            job.attempts, job.error, job.traceback = 0, None, None
            job.status, job.finished_at, job.worker = "done", moment, None
            if job.total is not None:
                job.done = job.total
            return Progress.DONE


def _note_failure(job: Job, message: str, trace: str | None, *, final: bool) -> None:
    """Try again after a while, or end it: with a reason that a person can read."""
    kind: Handler | None = HANDLERS.get(job.name)
    retries = kind.retries if kind else RETRIES
    job.error, job.traceback, job.worker = message[:2000], trace, None
    job.attempts += 1
    if final or job.attempts > len(retries):
        job.status, job.finished_at = "failed", now()
    else:
        job.status, job.run_at = "queued", now() + timedelta(seconds=retries[job.attempts - 1])
    session.flush()


def _reason(error: Exception) -> str:
    match error:
        case Refused():
            return str(error.message)
        case NotAllowed():
            permission = registry().permissions.get(error.permission)
            label = permission.label if permission else error.permission
            return _("Your role does not include “%(permission)s”. Ask an administrator.", permission=label)
        case Stale():
            return _("Somebody saved a change to the same thing at the same moment. Reload and try again.")
    return _("There is nothing here, or it is not yours to see.")
