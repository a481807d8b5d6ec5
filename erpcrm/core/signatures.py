"""Signatures: drawn on a page (`ui.signature_pad`), sent as text, kept as a picture of the record that was signed."""

from base64 import b64decode
from binascii import Error
from io import BytesIO

from werkzeug.datastructures import FileStorage

from .actor import Actor
from .db import Record
from .errors import Refused
from .files import Attachment, attach
from .i18n import _

PICTURE = "data:image/png;base64,"
LONGEST = 400_000
"""Characters: a picture of 900 by 300 points, drawn all over, is a quarter of that"""


def attach_signature(record: Record, drawn: str | None, by: Actor | None) -> Attachment | None:
    """The picture that was drawn, as a file of `record`; None where nothing was. Refused when it is no picture."""
    if not drawn:
        return None
    try:
        content = b64decode(drawn.removeprefix(PICTURE), validate=True)
    except (Error, ValueError) as error:
        raise Refused(_("The signature can't be read. Sign once more, or leave the name alone.")) from error
    return attach(record, FileStorage(BytesIO(content), "signature.png"), by)
