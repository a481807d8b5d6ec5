"""Translation catalogues: one an area, so that an area can be read, translated and moved as a whole.

python -m erpcrm.core.catalogues update     take new texts from code and templates into the catalogues
python -m erpcrm.core.catalogues compile    write the binary catalogues that are out of date
python -m erpcrm.core.catalogues check      refuse what is missing, empty, fuzzy, left over or broken
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
LANGUAGE = "zh"
CORE = "core"
"""Core also owns what stands outside every area: the application itself and the page frame."""

CORE_CODE = ("erpcrm/__init__.py", "erpcrm/areas.py")
CORE_TEMPLATES = ("templates/ui", "templates/core")

PYTHON_KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
JINJA_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
JINJA_OPTIONS = {"silent": "false", "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols"}

NAMED = re.compile(r"%\((\w+)\)[#0\- +]*[\d.]*[a-zA-Z]")
UNNAMED = re.compile(r"(?<!%)%[sd]\b")
LEAST_MESSAGES = 40
"""An extraction that broke finds nothing and would pass every other check."""


@dataclass(frozen=True)
class Area:
    """A folder with texts of its own, and where they come from."""

    name: str
    root: Path = ROOT

    @property
    def po(self) -> Path:
        return self.root / "erpcrm" / self.name / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    def code(self) -> Iterator[Path]:
        yield from sorted((self.root / "erpcrm" / self.name).rglob("*.py"))
        if self.name == CORE:
            yield from (path for path in (self.root / name for name in CORE_CODE) if path.exists())

    def templates(self) -> Iterator[Path]:
        folders = CORE_TEMPLATES if self.name == CORE else (f"templates/{self.name}",)
        for folder in folders:
            yield from sorted(path for path in (self.root / folder).rglob("*") if path.suffix in (".html", ".txt"))
        if self.name == CORE:
            yield from sorted((self.root / "templates").glob("*.html"))


def areas(root: Path = ROOT) -> list[Area]:
    """Every package below `erpcrm`, in the order of their names."""
    return [Area(path.parent.name, root) for path in sorted((root / "erpcrm").glob("*/__init__.py"))]


def texts_of(area: Area) -> Catalog:
    """What the code and the templates of an area ask to have translated."""
    found = Catalog(locale=LANGUAGE, charset="utf-8")
    for paths, method, keywords, options in (
        (area.code(), "python", PYTHON_KEYWORDS, {}),
        (area.templates(), "jinja2.ext:babel_extract", JINJA_KEYWORDS, JINJA_OPTIONS),
    ):
        for path in paths:
            place = path.relative_to(area.root).as_posix()
            for _line, text, _comments, context in extract_from_file(method, path, keywords, (), options):
                if text:
                    found.add(text, locations=[(place, None)], context=context)  # type: ignore[list-item]
    return found


def kept(area: Area) -> Catalog:
    """The catalogue of an area as it is stored; an empty one where there is none."""
    if not area.po.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    with area.po.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def merged(area: Area, others: Sequence[Catalog] = ()) -> Catalog:
    """The texts in use with the translations that are known, here or else in another area's catalogue.

    No guesses from similar texts, nothing that is no longer used.
    """
    known, result = kept(area), texts_of(area)
    for message in result:
        if not message.id:
            continue
        for catalogue in (known, *others):
            old = catalogue.get(message.id, message.context)
            if old is not None and not old.fuzzy and _complete(old) and _same_shape(message, old):
                message.string = old.string
                message.user_comments = old.user_comments
                break
        # Files without line numbers: two people who touch one area then rarely touch the same line here.
        message.locations = sorted(set(message.locations))
    return result


def _same_shape(new: Message, old: Message) -> bool:
    return isinstance(new.id, str) == isinstance(old.string, str)


HEADER = f"""msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


def as_po(catalogue: Catalog) -> bytes:
    """A catalogue as text: sorted, with a header that has no dates in it, so that equal content is equal bytes."""
    buffer = BytesIO()
    write_po(
        buffer,
        catalogue,
        width=120,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    body = buffer.getvalue().decode("utf-8").strip("\n")
    return f"{HEADER}\n{body}\n".encode() if body else HEADER.encode()


def update(root: Path = ROOT) -> list[str]:
    """Bring the catalogues up to date with code and templates; the lines say what is left to translate."""
    report = []
    before = [kept(area) for area in areas(root)]
    for area in areas(root):
        catalogue = merged(area, before)
        if not len(catalogue) and not area.po.exists():
            continue
        area.po.parent.mkdir(parents=True, exist_ok=True)
        text = as_po(catalogue)
        if not area.po.exists() or area.po.read_bytes() != text:
            area.po.write_bytes(text)
        empty = sum(not _complete(message) for message in catalogue if message.id)
        report.append(f"{area.name}: {len(catalogue)} texts, {empty} to translate")
    return report


def compile_catalogues(root: Path = ROOT) -> None:
    """Write the binary catalogue of every area whose text is newer."""
    for area in areas(root):
        if not area.po.exists():
            continue
        if area.mo.exists() and area.mo.stat().st_mtime_ns >= area.po.stat().st_mtime_ns:
            continue
        # Into place in one step: a server or a second test worker may be reading the old one.
        scratch = area.mo.with_name(f"messages.{os.getpid()}.tmp")
        with scratch.open("wb") as file:
            write_mo(file, kept(area))
        scratch.replace(area.mo)


def check(root: Path = ROOT, least: int = LEAST_MESSAGES) -> list[str]:
    """What is wrong with the catalogues, one line each; nothing when all is well."""
    problems, count = [], 0
    for area in areas(root):
        stored, wanted = kept(area), texts_of(area)
        count += len(wanted)
        problems += [f"{area.name}: {problem}" for problem in _compare(stored, wanted)]
    problems += _contradictions(root)
    if count < least:
        problems.append(f"only {count} texts were found, fewer than {least}: is the extraction broken?")
    return problems


def _compare(stored: Catalog, wanted: Catalog) -> Iterator[str]:
    for message in wanted:
        if message.id and stored.get(message.id, message.context) is None:
            yield f"missing: {_first(message)!r} (make translations)"
    for message in stored:
        if not message.id:
            continue
        if wanted.get(message.id, message.context) is None:
            yield f"no longer used: {_first(message)!r} (make translations)"
        elif message.fuzzy:
            yield f"fuzzy: {_first(message)!r}"
        elif not _complete(message):
            yield f"not translated: {_first(message)!r}"
        else:
            yield from _broken_placeholders(message)
    yield from (f"obsolete entry: {_first(message)!r} (make translations)" for message in stored.obsolete.values())


def _contradictions(root: Path) -> Iterator[str]:
    """All catalogues are read as one, so one text can have one translation only."""
    seen: dict[tuple[str, str | None], tuple[str, list[str]]] = {}
    for area in areas(root):
        for message in kept(area):
            if not message.id or not _complete(message):
                continue
            strings = _strings(message)
            other, known = seen.setdefault((_first(message), message.context), (area.name, strings))
            if known != strings:
                yield (
                    f"{area.name}: {_first(message)!r} is {strings[0]!r} here and {known[0]!r} in {other}"
                    " (agree on one, or tell them apart with pgettext)"
                )


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _complete(message: Message) -> bool:
    strings = _strings(message)
    return bool(strings) and all(text.strip() for text in strings)


def _broken_placeholders(message: Message) -> Iterator[str]:
    """A translation must fill in exactly what the original does; the singular may leave out the count."""
    original = _first(message) if isinstance(message.id, str) else message.id[-1]
    if UNNAMED.search(original):
        yield f"placeholder without a name: {original!r}"
    for text in _strings(message):
        if placeholders(text) != placeholders(original):
            yield f"placeholders differ: {original!r} and {text!r}"
        elif not _can_be_filled_in(text):
            yield f"a percent sign must be doubled: {text!r}"


def placeholders(text: str) -> set[str]:
    """The names of each `%(name)s` in a text."""
    return set(NAMED.findall(text))


def _can_be_filled_in(text: str) -> bool:
    """A text without placeholders is never formatted, and may have single percent signs."""
    names = placeholders(text)
    try:
        return not names or bool(text % dict.fromkeys(names, 1))
    except (ValueError, TypeError):
        return False


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m erpcrm.core.catalogues", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("update", "compile", "check"))
    command = parser.parse_args(arguments).command
    if command == "update":
        for line in update():
            print(line)
        return 0
    if command == "compile":
        compile_catalogues()
        return 0
    problems = check()
    for line in problems:
        print(line)
    print(f"Translations: {len(problems)} problems" if problems else "Translations: complete")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
