"""The blueprint of service."""

from flask import Blueprint

bp = Blueprint("service", __name__, url_prefix="/service")
