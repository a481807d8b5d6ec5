"""Who shares the success of a deal."""

from flask import Response, flash, request
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.i18n import _
from erpcrm.core.pages import page

from ..models.opportunities import ASSIGN
from ..performance_forms import BLANK_ROWS, SharesForm
from ..services.shares import MOST, may_share, set_shares, shares_of
from .blueprint import bp
from .deal_parts import EDIT, back_to, deal_with


@bp.route("/opportunities/<int:id>/shares", methods=["GET", "POST"])
@allow(EDIT)
def edit_shares(id: int) -> Response:
    """A row for each; an empty form gives all of it back to the owner."""
    deal = deal_with(id)
    if not may_share(deal, current_user):
        raise NotAllowed(ASSIGN)
    if request.method == "POST":
        form = SharesForm()
        if form.validate():
            try:
                set_shares(deal, form.shares(), current_user, form.version.data)
                flash(_("Saved."), "success")
                return back_to(deal)
            except Refused as no:
                form.form_errors = [str(no.message)]
    else:
        known = [{"user_id": share.user_id, "percent": share.percent} for share in shares_of(deal)]
        if not known and deal.owner_id is not None:
            known = [{"user_id": deal.owner_id, "percent": 100}]
        blank = [{"user_id": None, "percent": None}] * max(0, min(BLANK_ROWS, MOST - len(known)))
        form = SharesForm(formdata=None, data={"parts": [*known, *blank], "version": deal.version})
    status = 422 if request.method == "POST" else 200
    return page("pipeline/shares.html", parts=["dialog_body"], deal=deal, form=form, status=status)
