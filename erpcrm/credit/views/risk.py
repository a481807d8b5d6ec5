"""The risk of all customers together, and what would be if limits or the policy were others."""

from flask import Response, request
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.errors import NotThere
from erpcrm.core.pages import page
from erpcrm.core.settings import setting
from erpcrm.finance.models import RECEIVABLE_VIEW

from .. import services
from ..forms import WhatIfForm
from ..models import ASSESS, RISK_VIEW
from ..policy import RULES
from .blueprint import bp

FIGURES = ("exposure", "dso", "overdue", "concentration")


@bp.get("/risk")
@allow(RISK_VIEW)
def risk() -> Response:
    """Figures of the whole, then who needs a look: watch list, orders that wait, assessments that have run out."""
    return page(
        "credit/risk.html",
        risk=services.risk(current_user),
        watched=services.watched(current_user),
        due=services.due_for_assessment(current_user),
        waiting=services.waiting_orders(current_user),
        hold_days=setting("credit_hold_days"),
        may_assess=current_user.may(ASSESS),
        own=setting("currency"),
    )


@bp.get("/risk/<figure>")
@allow(RISK_VIEW)
def risk_figure(figure: str) -> Response:
    """How a figure of the risk page comes about."""
    if figure not in FIGURES:
        raise NotThere
    found = services.risk(current_user)
    return page(
        "credit/risk_figure.html",
        parts=["dialog_body"],
        figure=figure,
        risk=found,
        rest=found.exposure - sum((one.exposure for one in found.largest), start=services.NOTHING.exposure),
        days=services.DAYS,
        may_open=current_user.may(RECEIVABLE_VIEW),
    )


@bp.get("/what-if")
@allow(RISK_VIEW)
def what_if() -> Response:
    """Asked by the address, for nothing is written."""
    policy = services.actions()
    asked = bool(request.args)
    form = WhatIfForm(request.args, data=dict(policy)) if asked else WhatIfForm(formdata=None, data=dict(policy))
    found = None
    if asked and form.validate():
        found = services.what_if(
            services.Change(
                policy={rule: form[rule].data for rule in RULES},
                percent=form.percent.data or services.NOTHING.exposure,
                grade=form.grade.data or None,
                company_limit=form.company_limit.data,
                held_grade=form.held_grade.data or None,
            ),
            current_user,
        )
    status = 422 if asked and found is None else 200
    return page("credit/what_if.html", parts=["answer"], form=form, found=found, own=setting("currency"), status=status)
