"""The first page of all, in a database without users: the company and its first administrator."""

from flask import Response, request, url_for
from flask_babel import get_locale

from erpcrm.core.access import public
from erpcrm.core.errors import NotThere
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.places import home_of

from .. import services
from ..forms import SetupForm
from .blueprint import bp
from .entering import complete


@bp.get("/setup")
@public
def set_up() -> Response:
    if services.anybody_here():
        return redirect_to(url_for("core.home"))
    language = str(get_locale() or "en")[:2]
    currency, zone = home_of(tag for tag, _quality in request.accept_languages) or ("USD", "UTC")
    form = SetupForm(formdata=None, company_language=language, currency=currency, time_zone=zone)
    return page("access/setup.html", form=form)


@bp.post("/setup")
@public
def finish_set_up() -> Response:
    """Works once only."""
    if services.anybody_here():
        raise NotThere
    form = SetupForm()
    if not form.validate():
        return page("access/setup.html", form=form, status=422)
    user = services.found_company(
        company_name=form.company_name.data or "",
        language=form.company_language.data,
        currency=form.currency.data,
        time_zone=form.time_zone.data,
        name=form.name.data or "",
        email=form.email.data or "",
        password=form.password.data or "",
    )
    return complete(user, remember=False, target=request.args.get("next"))
