"""The blueprint of marketing."""

from flask import Blueprint

bp = Blueprint("marketing", __name__, url_prefix="/marketing")
