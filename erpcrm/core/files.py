"""Attachments: files on any record, seen by whoever may see the record."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from .actor import Actor
from .audit import record_event
from .blobs import BLOB, keep, path_of
from .db import Base, Record, now, session
from .errors import NotThere, Refused
from .file_types import HEAD, TYPES, FileType, ending_of
from .i18n import _, _l
from .jobs import Job, handler
from .pointers import record_behind
from .settings import setting

LONGEST_NAME = 180
MOST_A_RECORD = 200
BIN_KEPT = timedelta(days=30)


class Attachment(Base):
    """A file on a record. Removed ones can be brought back for a month."""

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "record_type", "record_id", "id"), Index(None, "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    record_id: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(info=BLOB)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]

    @property
    def kind(self) -> FileType | None:
        return TYPES.get(ending_of(self.name))

    @property
    def inline(self) -> bool:
        """Whether the browser may show it: pictures only."""
        return self.kind is not None and self.kind.inline and self.kind.media_type == self.media_type


Upload = FileStorage
"""A file as a form brings it"""


def attach(record: Record, storage: Upload, by: Actor | None) -> Attachment:
    """Put an uploaded file on a record.

    Refused when it is empty or too large, when its type is not taken, or when its content is not what its name says.
    """
    name = clean_name(storage.filename or "")
    ending = ending_of(name)
    kind = TYPES.get(ending)
    if kind is None or ending not in setting("file_types"):
        raise Refused(
            _(
                "“%(name)s”: files of this type are not taken. Put it into a ZIP file, or ask an administrator.",
                name=name,
            )
        )
    head = storage.stream.read(HEAD)
    storage.stream.seek(0)
    if head and not kind.fits(head):
        raise Refused(_("“%(name)s” does not hold what its name says. Save it again with the right ending.", name=name))
    if len(files_of(record.record_name, record.id)) >= MOST_A_RECORD:
        raise Refused(_("There are %(most)s files here already. Remove some first.", most=MOST_A_RECORD))
    blob = keep(storage.stream, setting("file_max_mb") * 1024 * 1024)
    attachment = Attachment(
        record_type=record.record_name,
        record_id=record.id,
        name=name,
        media_type=kind.media_type,
        size=blob.size,
        sha256=blob.sha256,
        user_id=by.id if by else None,
    )
    session.add(attachment)
    record_event(record, "file_added", {"file": [None, name]})
    session.flush()
    return attachment


def attach_content(record: Record, name: str, content: bytes, by: Actor | None) -> Attachment:
    """The same for a file that nobody has uploaded: one that came with a mail."""
    return attach(record, FileStorage(BytesIO(content), name), by)


def clean_name(given: str) -> str:
    """A file name without folders and control characters, short enough for every file system; its ending is kept."""
    base = given.replace("\\", "/").rpartition("/")[2]
    base = "".join(char for char in base if char.isprintable() and char not in '<>:"|?*').strip(" .")
    stem, dot, ending = base.rpartition(".")
    if not stem:
        return base[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"


def files_of(record_type: str, record_id: int) -> Sequence[Attachment]:
    """The files of a record, newest first. The caller knows that the record may be seen."""
    query = select(Attachment).where(
        Attachment.record_type == record_type, Attachment.record_id == record_id, Attachment.deleted_at.is_(None)
    )
    return session.scalars(query.order_by(Attachment.id.desc()).limit(MOST_A_RECORD)).all()


def visible_file(attachment_id: int, *, deleted: bool = False) -> tuple[Attachment, Record]:
    """A file and its record. NotThere unless the user may see the record."""
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or (attachment.deleted_at is not None) is not deleted:
        raise NotThere
    return attachment, record_behind(attachment.record_type, attachment.record_id)


def still_fits(attachment: Attachment) -> bool:
    """Look again before the browser is let see it: what lies in the folder may not be what was put there."""
    with path_of(attachment.sha256).open("rb") as file:
        head = file.read(HEAD)
    return attachment.kind is not None and attachment.kind.fits(head)


def remove(attachment: Attachment, record: Record) -> None:
    attachment.deleted_at = now()
    record_event(record, "file_removed", {"file": [attachment.name, None]})
    session.flush()


def bring_back(attachment: Attachment, record: Record) -> None:
    """Undo a removal. Refused when the content is gone, a month after it."""
    if not attachment.sha256:
        raise Refused(_("This file was removed more than a month ago, and its content is gone."))
    attachment.deleted_at = None
    record_event(record, "file_added", {"file": [None, attachment.name]})
    session.flush()


@handler("files.empty_bin", label=_l("Forget files that were removed a month ago"), quiet=True)
def empty_bin(job: Job) -> None:
    """The row stays, without its content, so that the audit trail still leads somewhere."""
    session.execute(
        update(Attachment)
        .where(Attachment.deleted_at < now() - BIN_KEPT, Attachment.sha256 != "")
        .values(sha256="")
        .execution_options(synchronize_session=False)
    )
