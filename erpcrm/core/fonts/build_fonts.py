"""Make the two Chinese fonts of this folder from the variable one: `python erpcrm/core/fonts/build_fonts.py NotoSansSC[wght].ttf`.

It needs fontTools, which the program itself doesn't.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

HERE = Path(__file__).parent
LETTERS_AND_SIGNS = (
    (0x20, 0x24F),  # Latin
    (0x2000, 0x206F),  # punctuation
    (0x2100, 0x23FF),  # letterlike signs, fractions, arrows, mathematics
    (0x2460, 0x25FF),  # numbers in circles, boxes
    (0x3000, 0x312F),  # Chinese punctuation, kana, bopomofo
    (0xFF00, 0xFFEF),  # full width
)
LEFT_TO_SOURCE_SANS = ((0x370, 0x52F), (0x20A0, 0x20CF))  # Greek, Cyrillic, currencies: here they have gaps
ALL_COMMON_IDEOGRAPHS = (0x4E00, 0x9FFF)


def encodable(encoding: str, last: int = 0xFF) -> set[int]:
    """The characters of a national standard, up to the one of its rows that begins with the byte `last`."""
    found = set()
    for code in range(0x80, 0x10000):
        try:
            encoded = chr(code).encode(encoding)
        except UnicodeError:
            continue
        if encoded[0] <= last:
            found.add(code)
    return found


def build(source: str, weight: int, style: str, wanted: set[int]) -> None:
    font = instantiateVariableFont(TTFont(source, recalcTimestamp=False), {"wght": weight})
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.hinting = False
    options.notdef_outline = True  # the box for what the font doesn't know
    options.drop_tables += ["vhea", "vmtx", "VORG", "STAT", "BASE"]  # nothing is set from top to bottom
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    names = font["name"]
    for name_id, text in ((1, "Noto Sans SC"), (2, style), (4, f"Noto Sans SC {style}"), (6, f"NotoSansSC-{style}")):
        names.setName(text, name_id, 3, 1, 0x409)
    names.names = [name for name in names.names if name.nameID <= 6]
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = 0x20 if weight > 400 else 0x40
    font["head"].macStyle = 1 if weight > 400 else 0
    font.save(HERE / f"NotoSansSC-{style}.ttf")
    sys.stdout.write(f"{style}: {len(font.getBestCmap())} characters\n")


if __name__ == "__main__":
    signs, left = (
        {code for first, last in ranges for code in range(first, last + 1)}
        for ranges in (LETTERS_AND_SIGNS, LEFT_TO_SOURCE_SANS)
    )
    simplified, traditional = encodable("gb2312"), encodable("big5", last=0xC6)
    usual = (signs | simplified | traditional) - left
    build(sys.argv[1], 700, "Bold", usual)
    # Names of people and places need rare characters, so the weight in which they are set has them all.
    build(sys.argv[1], 400, "Regular", usual | set(range(ALL_COMMON_IDEOGRAPHS[0], ALL_COMMON_IDEOGRAPHS[1] + 1)))
