"""winmail.dat: how Outlook packs what it thinks that the receiver can't read (MS-OXTNEF, 2.1)."""

import struct
from dataclasses import dataclass

SIGNATURE = 0x223E9F78
HEAD = struct.Struct("<BII")
BODY, ATTACHED, TITLE, DATA = 0x800C, 0x9002, 0x8010, 0x800F


@dataclass(frozen=True)
class Packed:
    """The text, where there is one, and the files: name and content."""

    text: bytes
    files: tuple[tuple[bytes, bytes], ...]


def unpack(content: bytes) -> Packed | None:
    """What lies in it; None when it is none, or is damaged: then nobody should take a half of it for the whole."""
    if len(content) < 6 or int.from_bytes(content[:4], "little") != SIGNATURE:
        return None
    at, text = 6, b""
    files: list[list[bytes]] = []
    while at < len(content):
        if at + HEAD.size > len(content):
            return None
        _level, tag, length = HEAD.unpack_from(content, at)
        start, at = at + HEAD.size, at + HEAD.size + length + 2
        if at > len(content):
            return None
        value, number = content[start : start + length], tag & 0xFFFF
        if sum(value) & 0xFFFF != int.from_bytes(content[at - 2 : at], "little"):
            return None
        if number == BODY:
            text = value.rstrip(b"\0")
        elif number == ATTACHED:
            files.append([b"", b""])
        elif number == TITLE and files:
            files[-1][0] = value.partition(b"\0")[0]
        elif number == DATA and files:
            files[-1][1] = value
    return Packed(text, tuple((name, data) for name, data in files if data))
