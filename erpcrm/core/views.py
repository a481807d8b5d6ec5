"""The pages of core."""

from flask import Blueprint, Response

from .access import signed_in
from .pages import page

bp = Blueprint("core", __name__)


@bp.get("/")
@signed_in
def home() -> Response:
    """Where a user lands after sign-in."""
    return page("core/home.html")
