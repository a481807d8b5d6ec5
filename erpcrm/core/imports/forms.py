"""What the wizard's pages send. Their fields depend on the file, so they are read by name instead of declared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FileField, RadioField
from wtforms.validators import InputRequired, ValidationError

from erpcrm.core.actor import Actor
from erpcrm.core.forms import Form
from erpcrm.core.i18n import _, _l
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole_or_none

from .models import MODES
from .plan import REST, Plan, Source
from .reading import DELIMITERS, ENCODINGS, Reading
from .resolving import Group, find_records, visible
from .services import NEW, NEW_KINDS, habits_of, sources_from
from .storage import TYPES

MORE_LINES = 3


class FileForm(Form):
    """Step one: what it is, and the file."""

    record_type = RadioField(_l("What is in the file?"), [InputRequired(_l("Choose what the rows of the file are."))])
    file = FileField(_l("File"), render_kw={"accept": ",".join(sorted(TYPES))})

    def validate_file(self, field: Any) -> None:
        if not getattr(field.data, "filename", None):
            raise ValidationError(_("Choose a file."))
        if "." + field.data.filename.rpartition(".")[2].lower() not in TYPES:
            raise ValidationError(_("This is not a CSV or Excel file."))


def reading_from(args: Mapping[str, str], now: Reading, names: Sequence[str]) -> Reading:
    """How to read the file, as chosen; what was not sent, or can't be, stays as it is."""
    header = args.get("header", "")
    number = int(header) if header.isdecimal() and len(header) < 6 else now.header
    if now.is_spreadsheet:
        sheet = args.get("sheet")
        return Reading(None, None, sheet if sheet in names else now.sheet, number)
    encoding, delimiter = args.get("encoding"), args.get("delimiter")
    return Reading(
        encoding if encoding in ENCODINGS else now.encoding,
        delimiter if delimiter in DELIMITERS else now.delimiter,
        None,
        number,
    )


@dataclass
class ColumnsForm:
    """Step three: which column fills which field. `errors` by field of the page."""

    columns: list[str]
    more: list[Source]
    mode: str
    key: str
    clear: bool
    dates: str
    mark: str
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> "ColumnsForm":
        return cls(
            [name or "" for name in plan.columns],
            list(plan.more),
            plan.mode,
            plan.key or "",
            plan.clear,
            plan.dates or "",
            plan.mark or "",
        )

    @classmethod
    def sent(cls, form: MultiDict[str, str], plan: Plan) -> "ColumnsForm":
        """What was posted, with unknown fields left out."""

        def known(name: str) -> str:
            return name if name in plan.fields else ""

        def new(name: str) -> str:
            return name if name.removeprefix(NEW) in NEW_KINDS and name.startswith(NEW) else ""

        lines = [
            (
                known(form.get(f"more-{line}-field", "")),
                place
                if (place := whole_or_none(form.get(f"more-{line}-column"))) is not None and place < len(plan.headers)
                else None,
                form.get(f"more-{line}-text", "").strip(),
            )
            for line in range(len(plan.fields) + MORE_LINES)
            if f"more-{line}-field" in form
        ]
        mode = form.get("mode", "create")
        return cls(
            columns=[
                known(name) or new(name) for name in (form.get(f"column-{i}", "") for i in range(len(plan.headers)))
            ],
            more=sources_from(lines),
            mode=mode if mode in {choice.value for choice in MODES} else "create",
            key=known(form.get("key", "")),
            clear="clear" in form,
            dates=order if (order := form.get("dates", "")) in ("dmy", "mdy") else "",
            mark=mark if (mark := form.get("mark", "")) in ("point", "comma") else "",
        )

    def values(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "more": self.more,
            "mode": self.mode,
            "key": self.key,
            "clear": self.clear,
            "dates": self.dates,
            "mark": self.mark,
        }

    def validate(self, plan: Plan) -> bool:
        """Whether a plan made of this can run; else `errors` say what to do."""
        used = [name for name in self.columns if name in plan.fields] + [source.field for source in self.more]
        for name, times in Counter(used).items():
            if times > 1:
                self.errors[name] = _(
                    "“%(field)s” is filled twice. Leave one of them out.", field=plan.fields[name].label
                )
        if not any(self.columns):
            self.errors["columns"] = _("Choose a field for at least one column.")
        missing = [one.label for one in plan.fields.values() if one.required and one.name not in used]
        if missing and self.mode != "update" and used:
            self.errors["required"] = _(
                "To create %(things)s the file must also fill: %(fields)s.",
                things=plan.kind.plural,
                fields=", ".join(str(label) for label in missing),
            )
        if plan.importer.match is not None:
            self.key = ""
        elif self.mode != "create" and not self.key:
            self.errors["key"] = _("Say by which field existing records are found.")
        elif self.key and self.key not in used:
            self.errors["key"] = _("No column fills “%(field)s”.", field=plan.fields[self.key].label)
        if not self.errors:
            self._ask_dates(plan)
        return not self.errors

    def _ask_dates(self, plan: Plan) -> None:
        chosen = Plan(
            plan.kind, plan.path, plan.reading, plan.headers, [name or None for name in self.columns], self.more
        )
        if habits_of(chosen)["ask_dates"] and not self.dates:
            self.errors["dates"] = _("The dates can be read in two ways. Say which comes first, the day or the month.")


@dataclass
class WordPick:
    """The picker beside an unknown word, in the shape that ui.picker wants."""

    name: str
    id: str
    data: int | None
    text: str
    pick_url: str
    label: Any
    errors: Sequence[str] = ()
    description: str = ""
    flags: Any = None


def word_answers(
    form: MultiDict[str, str], groups: Sequence[Group], by: Actor
) -> tuple[dict[str, dict[str, dict[str, Any]]], dict[str, str]]:
    """({field: {word: answer}}, {name of the control: what is wrong}) for the unknown words of these groups."""
    answers: dict[str, dict[str, dict[str, Any]]] = {}
    errors: dict[str, str] = {}
    for group in groups:
        name = group.field.name
        given = answers.setdefault(name, {})
        all_alike = form.get(f"{name}-all", "")
        for line in range(len(group.unknown)):
            control = f"{name}-{line}"
            text = form.get(f"{control}-word")
            if text is not None:
                answer = _answer(form, f"{name}-all" if all_alike else control, group, by)
                if isinstance(answer, str):
                    errors[control] = answer
                else:
                    given[text] = answer
        if group.hidden:
            rest = _answer(form, f"{name}-all" if all_alike else f"{name}-rest", group, by)
            if isinstance(rest, str):
                errors[f"{name}-rest"] = rest
            else:
                given[REST] = rest
    return answers, errors


def _answer(form: MultiDict[str, str], control: str, group: Group, by: Actor) -> dict[str, Any] | str:
    """One answer, or what is wrong with it."""
    chosen = form.get(control, "")
    verb, _colon, value = chosen.partition(":")
    match verb:
        case "use":
            return _use(group, value, by)
        case "other":
            return _other(form, control, group, by)
        case "create" if group.may_create:
            return {"do": "create"}
        case "empty" if not group.field.required:
            return {"do": "empty"}
        case "reject":
            return {"do": "reject"}
    return _("Say what this means.")


def _use(group: Group, value: str, by: Actor) -> dict[str, Any] | str:
    if group.field.kind != "ref":
        if value in {known for known, _label in group.choices}:
            return {"do": "use", "to": value}
        return _("This choice is not there any more.")
    number = whole_or_none(value)
    if number is not None and visible(record_type(group.field.ref or ""), [number], by):
        return {"do": "use", "to": number}
    return _("This is not there any more, or not yours to see.")


def _other(form: MultiDict[str, str], control: str, group: Group, by: Actor) -> dict[str, Any] | str:
    picked, typed = form.get(f"{control}-other", ""), form.get(f"{control}-other_text", "").strip()
    if group.field.kind != "ref":
        return _("Say what this means.")
    if picked.isdecimal():
        return _use(group, picked, by)
    ids = find_records(record_type(group.field.ref or ""), [typed], by).get(typed, []) if typed else []
    if len(ids) == 1:
        return {"do": "use", "to": ids[0]}
    return _("Nothing, or more than one, is called “%(text)s”. Pick one from the list.", text=typed)
