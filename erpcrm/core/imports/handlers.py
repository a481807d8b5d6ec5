"""The jobs of imports: each step is a batch is a transaction, and the place is kept with the effect."""

from flask import url_for
from flask_babel import force_locale

from erpcrm.core.actor import acting_as, current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import _, _l
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.registry import record_type, require_on

from .engine import run_step, try_step
from .models import Import
from .services import AT_ONCE
from .storage import sweep
from .undo import BATCH as UNDO_BATCH
from .undo import obstacles, undo_step

# Reasons are kept as words, so they are said in the language in which the user saw the wizard.


def _import_of(job: Job) -> Import | None:
    imported = session.get(Import, job.state["import"], with_for_update=True)
    if imported is not None:
        require_on(record_type(imported.record_type))
    return imported


@handler("imports.try", label=_l("Trying out an import"))
def try_job(job: Job) -> Progress:
    imported = _import_of(job)
    if imported is None or imported.status != "checking" or imported.job_id != job.id:
        return DONE  # changed or thrown away meanwhile
    with force_locale(job.state["language"]):
        ended = try_step(imported, current_actor())
    job.done = imported.checked["at"]
    job.result = {"text": _("Tried out"), "url": url_for("imports.show_import", id=imported.id)}
    return DONE if ended else MORE


@handler("imports.run", label=_l("Import"))
def run_job(job: Job) -> Progress:
    imported = _import_of(job)
    if imported is None or imported.status != "running":
        return DONE  # stopped
    with force_locale(job.state["language"]):
        ended = run_step(imported, job.state, current_actor())
    job.done = min(job.state["at"], job.total or 0)
    job.result = {
        "text": _(
            "%(made)s created, %(changed)s updated, %(bad)s bad",
            made=imported.made,
            changed=imported.changed,
            bad=imported.bad,
        ),
        "url": url_for("imports.show_import", id=imported.id),
    }
    if ended and imported.rows > AT_ONCE and job.user_id is not None:
        told = _l(
            "%(file)s is imported: %(made)s created, %(changed)s updated, %(bad)s bad",
            file=imported.file_name,
            made=imported.made,
            changed=imported.changed,
            bad=imported.bad,
        )
        with acting_as(None):  # nobody is told of what they did themselves, and here the system did it
            notify(job.user_id, "decided", told, job.result["url"], mail=False)
    return DONE if ended else MORE


@handler("imports.undo", label=_l("Undoing an import"))
def undo_job(job: Job) -> Progress:
    imported = _import_of(job)
    if imported is None or imported.status != "undoing":
        return DONE
    if job.done == 0 and obstacles(imported)[1]:
        # Something has touched its records between the click and now.
        make_move(imported, "keep", by=None)
        job.result = {"text": _("Not undone"), "url": url_for("imports.show_import", id=imported.id)}
        return DONE
    ended = undo_step(imported, current_actor())
    job.done = min(job.done + UNDO_BATCH, job.total or 0)
    job.result = {"text": _("Undone"), "url": url_for("imports.show_import", id=imported.id)}
    return DONE if ended else MORE


@handler("imports.sweep", label=_l("Remove files of imports that came to nothing"), quiet=True)
def sweep_job(job: Job) -> None:
    job.done = sweep()
