"""The blueprint that all pages of access hang on."""

from flask import Blueprint

bp = Blueprint("access", __name__)
