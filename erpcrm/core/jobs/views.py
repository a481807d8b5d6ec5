"""The pages of jobs, and the command that runs the worker."""

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from ..access import signed_in
from ..db import session
from ..errors import NotThere
from ..pages import page, redirect_to, wanted_part
from ..pointers import title_of
from ..whole import whole
from . import services
from .handlers import outcome_of
from .models import Job
from .pages import (
    SHOWN,
    STATES,
    VIEW,
    ended_jobs,
    failed_count,
    failed_jobs,
    label_of,
    scheduled,
    unfinished_jobs,
    waiting_more,
)
from .worker import work

bp = Blueprint("jobs", __name__, cli_group=None)


@bp.cli.command("worker")
def worker() -> None:
    """Do the jobs in the queue, until told to end."""
    work(current_app._get_current_object())  # type: ignore[attr-defined]


def _own(job_id: int) -> Job:
    """A job of one's own, or any with the permission to see them all."""
    job = session.get(Job, job_id)
    if job is None or (job.user_id != current_user.id and not current_user.may(VIEW)):
        raise NotThere
    return job


@bp.get("/jobs")
@signed_in
def jobs() -> Response:
    """Running, waiting and failed jobs; those that ended; the schedule."""
    tab = request.args.get("tab", "now")
    routine = "routine" in request.args
    before = request.args.get("before", type=whole)
    data = {"tab": tab, "routine": routine, "before": before, "states": STATES, "sees_all": current_user.may(VIEW)}
    if tab == "ended":
        lines = ended_jobs(current_user, routine=routine, before=before)
        data |= {"ended": lines[:SHOWN], "more": len(lines) > SHOWN}
    elif tab == "scheduled" and current_user.may(VIEW):
        data["schedule"] = scheduled()
    elif tab == "failed":
        data["failed"] = failed_jobs(current_user)
    else:
        data |= {
            "tab": "now",
            "unfinished": unfinished_jobs(current_user, routine=routine),
            "unseen": 0 if routine else waiting_more(current_user),
            "lately": ended_jobs(current_user, routine=routine, before=None)[:5],
        }
    return page("core/jobs.html", parts=["jobs_list"], failed_count=failed_count(current_user), **data)


@bp.get("/jobs/<int:id>")
@signed_in
def job(id: int) -> Response:
    """One job; its part `progress` is what other pages embed. When it has ended the page around it is loaded anew."""
    found = _own(id)
    if wanted_part() == "progress" and found.is_finished:
        return Response(status=200, headers={"HX-Refresh": "true"})
    return page(
        "core/job.html",
        parts=["progress"],
        job=found,
        label=label_of(found.name, found.label),
        outcome=outcome_of(found.name, found.result),
        states=STATES,
        who=title_of("user", found.user_id) if found.user_id else None,
        sees_all=current_user.may(VIEW),
    )


@bp.post("/jobs/<int:id>/cancel")
@signed_in
def cancel(id: int) -> Response:
    services.cancel(_own(id))
    return redirect_to(url_for("jobs.job", id=id))


@bp.post("/jobs/<int:id>/again")
@signed_in
def run_again(id: int) -> Response:
    services.run_again(_own(id))
    return redirect_to(url_for("jobs.job", id=id))
