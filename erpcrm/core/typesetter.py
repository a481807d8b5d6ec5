"""Lays one document out with typst and ends. Run as a program of its own: what typst keeps in memory goes with it, and a
document that it never gets done with can be stopped.

Reads {"template", "inputs", "tagged", "fonts"} as JSON from standard input and writes the PDF to standard output.
"""

import json
import sys

import typst


def main() -> None:
    """Fonts of our own alone, so that a document looks the same on every server."""
    asked = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[asked["fonts"]])
    compiler = typst.Compiler(
        asked["template"].encode(), root=asked["fonts"], font_paths=fonts, sys_inputs=asked["inputs"]
    )
    made = compiler.compile(format="pdf", pdf_tags=asked["tagged"])
    if not isinstance(made, bytes):
        raise TypeError(f"Typst gave {type(made)}")
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    try:
        main()
    except typst.TypstError as error:
        sys.exit(str(error))
