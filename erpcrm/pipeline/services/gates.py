"""What stages ask for before a deal leaves them."""

from collections.abc import Iterable, Sequence
from typing import Any

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.fields import fields_of
from erpcrm.core.i18n import _, _l

from ..models import Opportunity, Stage

GATES: dict[str, Any] = {
    "customer": _l("Customer"),
    "amount": _l("Amount"),
    "expected_close": _l("Expected close"),
    "next_step": _l("Next step"),
    "description": _l("Description"),
    "contacts": _l("Contacts"),
    "lines": _l("Lines"),
    "competitors": _l("Competitors"),
}
"""What a stage may ask for before a deal leaves it; `gates` adds the own fields."""


def gates() -> dict[str, Any]:
    """All that a stage may ask for, with its label; own fields are named custom_<key>."""
    return GATES | {field.name: field.shown_label for field in fields_of("opportunity")}


class GateClosed(Refused):
    """A stage on the way still asks for something: `missing` names the fields."""

    def __init__(self, missing: Sequence[str]) -> None:
        known = gates()
        names = ", ".join(str(known.get(name, name)) for name in missing)
        super().__init__(_("This stage asks for: %(fields)s.", fields=names))
        self.missing = list(missing)


def missing_to_reach(deal: Opportunity, target: Stage | None) -> list[str]:
    """Fields that must be filled before `deal` may go forward to `target` (None: to be won).

    Every stage that is left on the way is asked, so that a long jump gets round none. Going back asks nothing.
    """
    here = session.get_one(Stage, deal.stage_id)
    return missing_between(deal, here, target)


def missing_between(deal: Opportunity, start: Stage | None, target: Stage | None) -> list[str]:
    """The same from `start` (None: from the first stage of the target's pipeline). Another pipeline asks nothing."""
    known = start or target
    if known is None:
        return []
    stages = known.pipeline.stages
    here = 0 if start is None else stages.index(start)
    there = len(stages) if target is None else stages.index(target) if target in stages else 0
    return missing_of(deal, (name for stage in stages[here:there] for name in stage.required))


def missing_of(deal: Opportunity, wanted: Iterable[str]) -> list[str]:
    """Those of `wanted` that are not filled. An own field that was taken away can't be asked for any more."""
    known = gates()
    return [name for name in dict.fromkeys(wanted) if name in known and not _filled(deal, name)]


def _filled(deal: Opportunity, name: str) -> bool:
    match name:
        case "customer":
            return deal.customer_id is not None
        case "contacts":
            return bool(deal.people)
        case "lines":
            return bool(deal.lines)
        case "competitors":
            return bool(deal.competitors)
    if name.startswith("custom_"):
        return (deal.custom or {}).get(name.removeprefix("custom_")) not in (None, "")
    return getattr(deal, name, None) not in (None, "")
