"""Typst: the one way to it, with fonts of our own; and which pictures it can draw."""

import json
import subprocess
import sys
from pathlib import Path

from .file_types import TYPES

FONTS = Path(__file__).with_name("fonts")
PROGRAM = Path(__file__).with_name("typesetter.py")
LONGEST = 60
"""Seconds that a document may take: one of a thousand lines takes two."""


class NotTypeset(Exception):
    """Typst refuses the template or one of its pictures."""


def typeset(template: bytes, *, tagged: bool = True, **inputs: str) -> bytes:
    """The template as PDF; it finds `inputs` in `sys.inputs` and is read with nothing else.

    In a process of its own: inside of ours a document would leave 100 MB behind. NotTypeset when it can't be made.
    """
    asked = {"template": template.decode(), "inputs": inputs, "tagged": tagged, "fonts": str(FONTS)}
    # Isolated (-I): neither the folder it is called from nor the environment decides what it imports.
    command = [sys.executable, "-I", str(PROGRAM)]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise NotTypeset(done.stderr.decode("utf-8", "replace")[-500:])
    return done.stdout


PICTURES = ("png", "jpg", "webp", "gif")
LARGEST_PICTURE = 4000
"""Pixels a side. A small file may unpack to gigabytes."""


def _ending(picture: bytes) -> str | None:
    return next((name for name in PICTURES if TYPES[name].fits(picture)), None)


def has_a_sane_size(picture: bytes) -> bool:
    """Whether it is a picture at all, and what its head says of it can be held in memory."""
    ending = _ending(picture)
    if ending != "png":
        return ending is not None
    return max(int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) <= LARGEST_PICTURE


def can_be_drawn(picture: bytes) -> bool:
    """Whether a picture prints: a whole PNG, JPEG, WebP or GIF of a size that is meant to be looked at."""
    if not has_a_sane_size(picture):
        return False
    try:
        typeset(b"#image(bytes(json(bytes(sys.inputs.picture))))", picture=numbers(picture))
    except NotTypeset:
        return False
    return True


def numbers(picture: bytes) -> str:
    """Its bytes as a list of numbers, since the template is handed texts only."""
    return json.dumps(list(picture), separators=(",", ":"))
