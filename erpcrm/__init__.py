"""erpcrm: ERP and CRM on one database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Response
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from erpcrm import demo
from erpcrm.areas import AREAS
from erpcrm.books.commands import import_book
from erpcrm.core import idempotency, menu
from erpcrm.core.access import can
from erpcrm.core.area import Area
from erpcrm.core.backup import backup
from erpcrm.core.config import from_environment
from erpcrm.core.db import db, prepare_engine, session
from erpcrm.core.i18n import init_i18n
from erpcrm.core.lifecycle import App, explain_crash, explain_http_error, transaction
from erpcrm.core.logs import configure_logs
from erpcrm.core.opened import init_opened
from erpcrm.core.options import option_label
from erpcrm.core.pages import init_pages
from erpcrm.core.registry import Registry
from erpcrm.core.security import init_security
from erpcrm.core.serve import prepare, serve
from erpcrm.core.settings import setting
from erpcrm.core.static_files import init_static
from erpcrm.core.transfer import copy_database_command

ROOT = Path(__file__).parents[1]


def create_app(config: dict[str, Any] | None = None, areas: Sequence[Area] = AREAS) -> App:
    """The application. `config` overrides what the environment says; `areas` are all of the program's unless named."""
    configure_logs()
    app = App(
        "erpcrm",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(ROOT / "instance"),
    )
    app.config.update(from_environment(ROOT / "instance"))
    app.config.update(config or {})
    app.extensions["erpcrm"] = Registry(areas)
    app.extensions["erpcrm_demo"] = demo.fill
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Migrate(
        app,
        db,
        directory=str(ROOT / "migrations"),
        render_as_batch=True,
        compare_type=True,
    )
    CSRFProtect(app)
    Compress(app)
    init_i18n(app)
    init_pages(app)
    init_security(app)
    init_static(app)
    init_opened(app)
    app.jinja_env.globals.update(
        can=can,
        company_name=lambda: setting("company_name") or "erpcrm",
        new_key=idempotency.new_key,
        nav=menu.nav,
        option_label=option_label,
        quick_create=menu.quick_create,
    )
    for area in areas:
        for blueprint in area.blueprints:
            app.register_blueprint(blueprint)
        app.jinja_env.globals.update(area.jinja)
        if area.init_app is not None:
            area.init_app(app)
    app.register_error_handler(HTTPException, explain_http_error)
    app.register_error_handler(Exception, explain_crash)
    app.add_url_rule("/healthz", "healthz", healthz)
    for command in (serve, prepare, backup, copy_database_command, import_book):
        app.cli.add_command(command)
    return app


def healthz() -> Response:
    """200 when the database answers, else 503: for a load balancer or a container's health check."""
    try:
        with transaction(writes=False):  # else it would wait for whoever is writing
            session.execute(text("SELECT 1"))
    except OperationalError:
        return Response("the database does not answer\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
