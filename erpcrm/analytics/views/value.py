"""What one customer is worth and how its figures come about, the list of all, and the set-up."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, require
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _, show_money, show_month, today
from erpcrm.core.lists import list_page
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.customers.models import KINDS

from ..cohorts import first_day
from ..intervals import RISKS
from ..models import BEHAVIOUR_VIEW, SETUP, VALUE_VIEW, CustomerValue
from ..services import behaviour, policy, value
from ..services.predicting import Models, history_of, terms_of
from ..value_forms import ValueSetupForm
from ..worth import decimal_of, rate_of
from .blueprint import bp, load_customer
from .dashboard import SOURCES

FIGURES = ("contribution", "share", "risk", "expected")
RISK = {risk.value: risk for risk in RISKS}


@bp.get("/value")
@allow(BEHAVIOUR_VIEW)
def values() -> Response:
    return list_page(record_type("customer_value"), template="analytics/values.html", run=value.last_run())


@bp.get("/value/<int:id>")
@allow(BEHAVIOUR_VIEW)
def customer_value(id: int) -> Response:
    """All that is known of how one customer buys. Its id is the customer's."""
    customer = load_customer(id)
    found, run = value.value_of(customer.id), value.last_run()
    day = today()
    habits, mix = behaviour.habits_and_mix(customer.id, day)
    return page(
        "analytics/customer.html",
        customer=customer,
        found=found,
        run=run,
        source=SOURCES.get(run.source) if run is not None else None,
        risk=RISK[found.risk] if found is not None else None,
        silent=(day - found.last_on).days if found is not None else None,
        months=[
            (show_month(first_day(month)), max(Decimal(0), revenue), show_money(revenue))
            for month, revenue in behaviour.months_of(customer.id, day)
        ],
        habits=habits,
        mix=[(option_label("product.category", part.category) if part.category else None, part) for part in mix],
        engagement=_engagement(customer.id),
        may_see_value=current_user.may(VALUE_VIEW),
        may_plan=current_user.may("customers.activity.edit"),
    )


def _engagement(customer_id: int) -> list[tuple[Any, int, int]]:
    labels = {kind.value: kind.label for kind in KINDS}
    return [
        (labels.get(kind, kind), count, before) for kind, count, before in behaviour.engagement(customer_id, today())
    ]


def _known(id: int) -> CustomerValue:
    found = value.value_of(load_customer(id).id)
    if found is None:
        raise NotThere
    return found


@bp.get("/value/<int:id>/lifetime")
@allow(VALUE_VIEW)
def lifetime(id: int) -> Response:
    """The years of a lifetime value: purchases x value x what is left x discount."""
    found, run = _known(id), value.last_run()
    models = Models.of(run.fit) if run is not None else None
    terms = terms_of(found, models, run, setting("currency")) if models is not None and run is not None else []
    return page(
        "analytics/lifetime.html",
        parts=["dialog_body"],
        found=found,
        run=run,
        terms=terms,
        total=sum((term.amount for term in terms), start=Decimal(0)),
        own_rate=found.contribution is not None and found.costed > 0,
        spend_of_all=decimal_of(models.spend.of_all) if models is not None else None,
    )


@bp.get("/value/<int:id>/<figure>")
@allow(BEHAVIOUR_VIEW)
def figure(id: int, figure: str) -> Response:
    """How a figure of a customer comes about."""
    if figure not in FIGURES:
        raise NotThere
    if figure == "contribution":
        require(VALUE_VIEW)
    found, run = _known(id), value.last_run()
    if run is None:
        raise NotThere
    return page(
        "analytics/figure.html",
        parts=["dialog_body"],
        figure=figure,
        found=found,
        run=run,
        risk=RISK[found.risk],
        silent=(run.as_of - found.last_on).days,
        history=history_of(found, run.as_of),
        models=Models.of(run.fit),
        rate=rate_of(found.contribution, found.costed, run.rate),
        cost_document=Decimal(run.settings["cost_document"]),
        cost_activity=Decimal(run.settings["cost_activity"]),
        cuts=run.settings["cuts"],
    )


@bp.route("/value/setup", methods=["GET", "POST"])
@allow(SETUP)
def value_setup() -> Response:
    """Costs, classes, discount; what is chosen holds from the next working out on."""
    (customers, repeaters), (_products, basket_least) = policy.least()
    first, second = policy.cuts()
    costs = policy.costs()
    data = {
        "cost_document": costs.document,
        "cost_activity": costs.activity,
        "first_cut": first,
        "second_cut": second,
        "discount": Decimal(setting("value_discount")),
        "years": setting("value_years"),
        "least_customers": customers,
        "least_repeaters": repeaters,
        "basket_least": basket_least,
    }
    form: Any = ValueSetupForm(formdata=None, data=data) if request.method == "GET" else ValueSetupForm()
    if request.method == "POST" and form.validate():
        policy.choose(
            {
                "value_cost_document": f"{form.cost_document.data.normalize():f}",
                "value_cost_activity": f"{form.cost_activity.data.normalize():f}",
                "value_cuts": [form.first_cut.data, form.second_cut.data],
                "value_discount": f"{form.discount.data.normalize():f}",
                "value_years": form.years.data,
                "value_least": [form.least_customers.data, form.least_repeaters.data],
                "basket_least": form.basket_least.data,
            }
        )
        flash(_("Saved. It holds from the next calculation on."), "success")
        return redirect_to(url_for("analytics.dashboard"))
    status = 422 if request.method == "POST" else 200
    return page("analytics/value_setup.html", form=form, own=setting("currency"), status=status)
