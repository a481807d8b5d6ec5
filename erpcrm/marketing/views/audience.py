"""Whom a campaign is for: who will get it, who will not and why, before anything is sent."""

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from .. import services
from ..forms import ReferencesForm
from ..models import CHANNELS, EDIT, SEND, VIEW, Campaign
from .blueprint import bp, load_campaign

SHOWN = 50
CHANNEL_OF = {choice.value: choice for choice in CHANNELS}


@bp.get("/campaigns/<int:id>/audience")
@allow(VIEW)
def audience(id: int) -> Response:
    return _show(load_campaign(id))


def _show(found: Campaign, form: ReferencesForm | None = None, status: int = 200) -> Response:
    """The audience as it would be now. Once it has started its members stand, and their list is the page."""
    if found.status != "planned":
        return redirect_to(url_for(".members_of", id=found.id))
    trouble = None
    try:
        people = services.audience(found, current_user)
    except Refused as no:  # a segment whose rule can't be used any more: it can be taken away here
        people, trouble = [], str(no.message)
    counts = services.counts(people)
    why = request.args.get("why", "")
    why = why if why in services.WHY else "ready"
    those = [person for person in people if person.why == why]
    at = max(request.args.get("page", 1, type=whole) or 1, 1)
    may_edit = current_user.may(EDIT)
    return page(
        "marketing/audience.html",
        parts=["audience"],
        status=status,
        campaign=found,
        channel=CHANNEL_OF[found.channel],
        counts=counts,
        total=len(people),
        why=why,
        reasons=services.WHY,
        people=those[(at - 1) * SHOWN : at * SHOWN],
        at=at,
        more=len(those) > at * SHOWN,
        targets=services.target_counts(found),
        segments=services.segments_named(found),
        trouble=trouble,
        kinds={name: record_type(name) for name in services.KINDS},
        views=services.views_for(current_user) if may_edit else {},
        form=form or ReferencesForm(formdata=None),
        may_edit=may_edit,
        may_send=current_user.may(SEND),
    )


@bp.post("/campaigns/<int:id>/audience")
@allow(EDIT)
def add_target(id: int) -> Response:
    """Add one record by name, or everybody who stands on a list now."""
    found = load_campaign(id)
    excluded = request.form.get("excluded") == "1"
    form = ReferencesForm()
    if "view" in request.form:
        kind, _colon, view = request.form["view"].partition(":")
        if kind not in services.KINDS:
            raise NotThere
        added = services.add_view(found, kind, view, current_user, excluded=excluded)
    else:
        if not form.validate():
            return _show(found, form, 422)
        picked = {kind: getattr(form, f"{kind}_id").data for kind in services.LISTED}
        if not any(picked.values()):
            raise Refused(_("Choose somebody first."))
        added = sum(services.add_target(found, kind, [one], excluded=excluded) for kind, one in picked.items() if one)
    if not added:
        flash(_("They stood there already, or the list is empty."), "info")
    return redirect_to(url_for(".audience", id=found.id))


@bp.post("/campaigns/<int:id>/audience/remove")
@allow(EDIT)
def remove_target(id: int) -> Response:
    """Take all of a kind away again; of segments the one that is named."""
    found = load_campaign(id)
    kind = request.form.get("kind", "")
    if kind not in services.KINDS:
        raise NotThere
    one = request.form.get("id", type=whole)
    services.remove_targets(found, kind, excluded=request.form.get("excluded") == "1", id=one)
    return redirect_to(url_for(".audience", id=found.id))
