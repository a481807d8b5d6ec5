"""The pages of core."""

from flask import Blueprint, Response

from .access import signed_in
from .menu import nav
from .pages import page, redirect_to

bp = Blueprint("core", __name__)

START = "/my-day"
"""Where the day begins, for whoever has it in the menu."""


@bp.get("/")
@signed_in
def home() -> Response:
    """Where a user lands after sign-in."""
    if any(entry["url"] == START for group in nav() for entry in group["items"]):
        return redirect_to(START)
    return page("core/home.html")
