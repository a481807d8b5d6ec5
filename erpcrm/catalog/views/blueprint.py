"""The routes of the catalog begin here."""

from flask import Blueprint

bp = Blueprint("catalog", __name__, url_prefix="/catalog")
