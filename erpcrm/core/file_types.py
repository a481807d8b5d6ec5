"""Which files are taken, and as what they are given back: known by content, never by what the browser says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

HEAD = 4096
"""Bytes from the start by which a type is known."""


@dataclass(frozen=True)
class FileType:
    """`inline`: may be shown by the browser; all others are only ever downloaded."""

    media_type: str
    fits: Callable[[bytes], bool]
    icon: str = "file"
    inline: bool = False


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics)


def _text(head: bytes) -> bool:
    return b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _boxed(*brands: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[4:8] == b"ftyp" and (not brands or head[8:12] in brands)


ZIP = _starts(b"PK\x03\x04", b"PK\x05\x06")
OLE = _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
OFFICE = "application/vnd.openxmlformats-officedocument."

TYPES: dict[str, FileType] = {
    "pdf": FileType("application/pdf", lambda head: b"%PDF-" in head[:1024], "file-text"),
    "png": FileType("image/png", _starts(b"\x89PNG\r\n\x1a\n"), "eye", inline=True),
    "jpg": FileType("image/jpeg", _starts(b"\xff\xd8\xff"), "eye", inline=True),
    "gif": FileType("image/gif", _starts(b"GIF87a", b"GIF89a"), "eye", inline=True),
    "webp": FileType("image/webp", _webp, "eye", inline=True),
    "heic": FileType("image/heic", _boxed(b"heic", b"heix", b"mif1", b"msf1")),
    "tif": FileType("image/tiff", _starts(b"II*\x00", b"MM\x00*")),
    "docx": FileType(f"{OFFICE}wordprocessingml.document", ZIP, "file-text"),
    "xlsx": FileType(f"{OFFICE}spreadsheetml.sheet", ZIP, "file-spreadsheet"),
    "pptx": FileType(f"{OFFICE}presentationml.presentation", ZIP),
    "odt": FileType("application/vnd.oasis.opendocument.text", ZIP, "file-text"),
    "ods": FileType("application/vnd.oasis.opendocument.spreadsheet", ZIP, "file-spreadsheet"),
    "odp": FileType("application/vnd.oasis.opendocument.presentation", ZIP),
    "doc": FileType("application/msword", OLE, "file-text"),
    "xls": FileType("application/vnd.ms-excel", OLE, "file-spreadsheet"),
    "ppt": FileType("application/vnd.ms-powerpoint", OLE),
    "wps": FileType("application/vnd.ms-works", OLE, "file-text"),
    "et": FileType("application/vnd.ms-excel", OLE, "file-spreadsheet"),
    "msg": FileType("application/vnd.ms-outlook", OLE, "mail"),
    "eml": FileType("message/rfc822", _text, "mail"),
    "rtf": FileType("application/rtf", _starts(b"{\\rtf"), "file-text"),
    "txt": FileType("text/plain", _text, "file-text"),
    "md": FileType("text/plain", _text, "file-text"),
    "csv": FileType("text/csv", _text, "file-spreadsheet"),
    "ics": FileType("text/calendar", _text, "calendar"),
    "vcf": FileType("text/vcard", _text, "address-book"),
    "zip": FileType("application/zip", ZIP),
    "7z": FileType("application/x-7z-compressed", _starts(b"7z\xbc\xaf\x27\x1c")),
    "rar": FileType("application/vnd.rar", _starts(b"Rar!\x1a\x07")),
    "dwg": FileType("image/vnd.dwg", _starts(b"AC10")),
    "dxf": FileType("image/vnd.dxf", _text),
    "step": FileType("model/step", _text),
    "mp3": FileType("audio/mpeg", _starts(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "m4a": FileType("audio/mp4", _boxed()),
    "wav": FileType("audio/wav", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE"),
    "mp4": FileType("video/mp4", _boxed()),
    "mov": FileType("video/quicktime", _boxed()),
}
ALIASES = {"jpeg": "jpg", "tiff": "tif", "stp": "step", "text": "txt", "heif": "heic"}


def ending_of(name: str) -> str:
    """The type that a file's name claims: "pdf"."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    return ALIASES.get(ending, ending)
