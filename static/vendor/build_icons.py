"""Build static/icons.svg from the icons named in tabler-icons-*/icons.txt.

Usage: python static/vendor/build_icons.py <folder of outline icons from the npm package @tabler/icons>

The full sprite weighs 237 KB compressed; one made of the icons in use weighs a few.
"""

import re
import sys
from pathlib import Path

VENDOR = Path(__file__).resolve().parent
BACKGROUND = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


def symbol(name: str, source: str) -> str:
    """Return one <symbol> with the drawing of `source` and the id `name`."""
    drawing = BACKGROUND.sub("", source[source.index(">") + 1 : source.rindex("</svg>")])
    drawing = re.sub(r"\s*\n\s*", "", drawing).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def main(outline: Path) -> None:
    """Write the sprite; an icon that the package lacks stops the build."""
    names = sorted(set((VENDOR / "tabler-icons-3.51.0" / "icons.txt").read_text(encoding="utf-8").split()))
    symbols = [symbol(name, (outline / f"{name}.svg").read_text(encoding="utf-8")) for name in names]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (VENDOR.parent / "icons.svg").write_text(sprite, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
