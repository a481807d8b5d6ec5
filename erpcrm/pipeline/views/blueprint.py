"""The blueprint that the modules of this folder put their routes on."""

from flask import Blueprint

bp = Blueprint("pipeline", __name__, url_prefix="/pipeline")
