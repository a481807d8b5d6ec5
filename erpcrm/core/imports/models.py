"""An import, and what it did with each row of its file."""

from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Base, Record
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

PERMISSION = "core.import.run"

FLOW = Workflow(
    name="import",
    states=[
        State("draft", _l("Being set up"), "gray"),
        State("checking", _l("Being checked"), "blue"),
        State("ready", _l("Checked"), "purple"),
        State("running", _l("Running"), "blue"),
        State("done", _l("Done"), "green"),
        State("undoing", _l("Being undone"), "orange"),
        State("undone", _l("Undone"), "gray"),
    ],
    moves=[
        Move("check", _l("Try it out"), ("draft", "ready"), "checking", PERMISSION),
        Move("checked", _l("Checked"), ("checking",), "ready", PERMISSION),
        Move("revise", _l("Change"), ("checking", "ready"), "draft", PERMISSION),
        Move("start", _l("Import"), ("ready",), "running", PERMISSION, icon="player-play", kind="primary"),
        Move("finish", _l("Finish"), ("running",), "done", PERMISSION),
        Move("stop", _l("Stop"), ("running",), "done", PERMISSION, icon="player-stop"),
        Move("undo", _l("Undo this import"), ("done",), "undoing", PERMISSION, icon="arrow-back-up", kind="danger"),
        Move("keep", _l("Keep"), ("undoing",), "done", PERMISSION),
        Move("undone", _l("Undone"), ("undoing",), "undone", PERMISSION),
    ],
)

MODES = (
    Choice("create", _l("Only create new ones")),
    Choice("update", _l("Only update those that exist")),
    Choice("both", _l("Update those that exist, create the others")),
)


class Import(Record):
    """A file on its way into the system. `settings` is what the user decided (see plan.Plan), `checked` what the trial said."""

    __tablename__ = "imports"
    __table_args__ = (
        FLOW.check(),
        Index(None, "record_type", "signature", "id"),
        Index(None, "created_by_id", "id"),
    )
    record_name = "import"
    record_label = _l("Import")
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "status",
        "settings",
        "checked",
        "signature",
        "rows",
        "made",
        "changed",
        "skipped",
        "bad",
        "job_id",
        "stored_as",
    }

    record_type: Mapped[str] = mapped_column(info={"label": _l("Kind of record")})
    file_name: Mapped[str] = mapped_column(info={"label": _l("File")})
    stored_as: Mapped[str]
    """Name below the folder of imports"""
    status: Mapped[str] = mapped_column(default=FLOW.initial, info={"label": _l("State")})
    signature: Mapped[str] = mapped_column(default="")
    """Digest of the header row: the next file with the same header starts with these settings."""
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    checked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    """The job that checks, runs or undoes it now, or did so last"""


class ImportRow(Base):
    """What became of one row. Row 0 stands for records made on the way, such as a missing product.

    `details` holds {"before": {attribute: value}} of an updated record, {"later": {field: text}} of one whose reference
    is set in the second pass, and {"cells": [...]} of a row that was not taken. `mark` is the last audit entry of the
    batch: a later entry means that somebody has touched the record since.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index(None, "import_id", "action", "row_no"),
        Index(None, "record_type", "record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    row_no: Mapped[int]
    action: Mapped[str]
    """created, updated, skipped, bad; undone afterwards: deleted, restored, or kept where that was not possible"""
    record_type: Mapped[str | None]
    record_id: Mapped[int | None]
    mark: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
