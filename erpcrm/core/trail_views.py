"""The page of the audit trail, and the history of one record."""

from datetime import MAXYEAR, date
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from . import trail
from .access import allow, signed_in
from .errors import NotThere
from .forms import Form, ReferenceField, select_choices
from .i18n import _, _l
from .pages import page
from .pointers import may_read_changes, record_behind, records_called, title_of
from .registry import record_types_on, registry
from .whole import whole

bp = Blueprint("trail", __name__)


def known_actions() -> list[tuple[str, str]]:
    """All actions that may stand in the trail, for a filter: [(action, label)]."""
    found = {action: str(label) for action, label in trail.ACTIONS.items()}
    for area in registry().areas:
        found |= {action: str(label) for action, label in area.events.items()}
        for flow in area.workflows:
            for move in flow.moves:
                found.setdefault(move.name, str(move.label))
    return sorted(found.items(), key=lambda pair: pair[1])


class AuditFilter(Form):
    """In the address, so that a colleague can be shown the same."""

    user = ReferenceField(_l("Changed by"), to="user")
    kind = SelectField(_l("Record type"), [Optional()])
    record = StringField(_l("Record"), [Optional()], description=_l("Name, code or number"))
    action = SelectField(_l("Action"), [Optional()])
    since = DateField(_l("Since day"), [Optional()])
    until = DateField(_l("Until day"), [Optional()])

    def wanted(self) -> trail.Wanted:
        kind = registry().record_types.get(self.kind.data or "")
        text = (self.record.data or "").strip()
        record_id = records_called(kind, text) or -1 if kind is not None and text else None
        return trail.Wanted(
            actor_id=self.user.data,
            record_type=kind.name if kind is not None else None,
            record_id=record_id,
            action=self.action.data or None,
            since=_day(self.since.data),
            until=_day(self.until.data),
        )


def _day(chosen: date | None) -> date | None:
    """A day that has a beginning and an end in every zone."""
    return chosen if isinstance(chosen, date) and 1 < chosen.year < MAXYEAR else None


def _filter() -> AuditFilter:
    form = AuditFilter(formdata=request.args)
    kinds = sorted(
        ((kind.name, str(kind.label)) for kind in registry().record_types.values()), key=lambda pair: pair[1]
    )
    form.kind.choices = select_choices([("", _("All")), *kinds])
    form.action.choices = select_choices([("", _("All")), *known_actions()])
    return form


@bp.get("/admin/audit")
@allow("core.audit.view")
def audit() -> Response:
    """Who changed what, when, from what to what; newest first."""
    form = _filter()
    if not form.validate():
        return page("core/audit.html", parts=["audit_rows"], form=form, lines=[], more_url=None, status=422)
    found = trail.entries(form.wanted(), before=request.args.get("before", type=whole), limit=trail.SHOWN + 1)
    lines = trail.in_words(found[: trail.SHOWN])
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "before" and value]
    here = url_for("trail.audit")
    more_url = f"{here}?{urlencode([*kept, ('before', lines[-1].id)])}" if len(found) > trail.SHOWN else None
    return page(
        "core/audit.html",
        parts=["audit_rows"],
        form=form,
        lines=lines,
        more_url=more_url,
        filtered=bool(kept),
        first_url=f"{here}?{urlencode(kept)}" if "before" in request.args else None,
    )


@bp.get("/admin/audit/<kind>/<int:id>")
@signed_in
def history(kind: str, id: int) -> Response:
    """What happened to one record: for readers of the trail, and for whoever may change the record."""
    record_behind(kind, id)
    if not may_read_changes(kind):
        raise NotThere
    before = request.args.get("before", type=whole)
    found = trail.history(kind, id, before=before, limit=trail.SHOWN + 1)
    lines = found[: trail.SHOWN]
    more_url = url_for("trail.history", kind=kind, id=id, before=lines[-1].id) if len(found) > trail.SHOWN else None
    return page(
        "core/audit_history.html",
        parts=["history"],
        lines=lines,
        more_url=more_url,
        kind=next(k for k in record_types_on() if k.name == kind),
        id=id,
        name=title_of(kind, id),
    )
