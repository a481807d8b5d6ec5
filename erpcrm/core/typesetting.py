"""Typst: the one way to it, with fonts of our own; and which pictures it can draw."""

import json
from functools import cache
from pathlib import Path

import typst

from .file_types import TYPES

FONTS = Path(__file__).with_name("fonts")


@cache
def fonts() -> typst.Fonts:
    """Ours alone: a document looks the same on every server."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


KEPT_RUNS = 10


def typeset(template: bytes, *, tagged: bool = True, **inputs: str) -> bytes:
    """The template as PDF; it finds `inputs` in `sys.inputs` and is read with nothing else."""
    # A compiler of its own for each: one can't be shared by threads.
    compiler = typst.Compiler(template, root=FONTS, font_paths=fonts(), sys_inputs=inputs)
    made = compiler.compile(format="pdf", pdf_tags=tagged)
    if not isinstance(made, bytes):
        raise TypeError(f"Typst gave {type(made)}")
    return made


def forget() -> None:
    """Typst keeps what it has laid out for the next ten runs, 100 MB of a document of 500 lines: let those runs be now."""
    for _run in range(KEPT_RUNS + 1):
        typeset(b"")


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
    except typst.TypstError:
        return False
    return True


def numbers(picture: bytes) -> str:
    """Its bytes as a list of numbers, since the template is handed texts only."""
    return json.dumps(list(picture), separators=(",", ":"))
