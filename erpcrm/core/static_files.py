"""Static files under names that change with their content, so that a browser may keep them for ever."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, has_request_context, url_for
from flask.globals import request_ctx
from whitenoise import WhiteNoise


def init_static(app: Flask) -> None:
    folder = Path(app.static_folder or "")

    @lru_cache(maxsize=256)
    def digest(name: str, modified: int) -> str:
        return sha256((folder / name).read_bytes()).hexdigest()[:12]

    def address(name: str) -> str:
        modified = (folder / name).stat().st_mtime_ns if app.debug else 0
        return url_for("static", filename=name, v=digest(name, modified))

    kept: dict[tuple[str, str], str] = {}

    def static_url(name: str) -> str:
        """Kept, because a page with many icons asks a thousand times. What a proxy puts before the path is part of the key."""
        if app.debug or not has_request_context():
            return address(name)
        key = name, request_ctx.url_adapter.script_name  # type: ignore[union-attr]
        if key not in kept:
            kept[key] = address(name)
        return kept[key]

    app.jinja_env.globals["static_url"] = static_url
    year = 365 * 24 * 3600
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=folder,
        prefix="static/",
        max_age=0 if app.debug else year,
        autorefresh=app.debug,
    )
