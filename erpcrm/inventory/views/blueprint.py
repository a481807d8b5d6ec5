"""The routes of inventory begin here."""

from typing import Any

from flask import Blueprint, Response

from erpcrm.core.pages import page

bp = Blueprint("inventory", __name__, url_prefix="/inventory")


def dialog(template: str, form: Any = None, status: int = 200, **data: Any) -> Response:
    """A small form or an explanation over the page it is about; opened by its address, a page of its own."""
    return page(template, parts=["dialog_body"], form=form, status=status, **data)
