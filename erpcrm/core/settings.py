"""What the company decides for the whole system: named JSON values in one table, read once a request."""

from typing import Any

from flask import current_app, g
from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, session


class Setting(Base):
    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


STORED = select(Setting.__table__.c.name, Setting.__table__.c.value)

DEFAULTS: dict[str, Any] = {
    "company_name": "",
    "company_logo": None,
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "language": "zh",
    "number_format": "auto",
    "fiscal_year_start": 1,
    "modules_off": [],
    "file_max_mb": 20,
    "file_types": [
        *("pdf", "png", "jpg", "gif", "webp", "heic", "tif", "docx", "xlsx", "pptx", "odt", "ods", "odp"),
        *("doc", "xls", "ppt", "wps", "et", "msg", "eml", "rtf", "txt", "md", "csv", "ics", "vcf", "zip", "7z", "rar"),
        *("dwg", "dxf", "step", "mp3", "m4a", "wav", "mp4", "mov"),
    ],
}


def defaults() -> dict[str, Any]:
    """What holds until the company decides: core's settings and those that the areas declare in their manifests."""
    return current_app.extensions["erpcrm"].settings  # type: ignore[no-any-return]


def settings() -> dict[str, Any]:
    """All settings of this request, defaults filled in. One query, whoever asks first."""
    try:
        return g.settings  # type: ignore[no-any-return]
    except AttributeError:
        g.settings = found = defaults() | {name: value for name, value in session.execute(STORED)}
        return found


def setting(name: str) -> Any:
    return settings()[name]


def lock_setting(name: str) -> None:
    """Hold the setting until the transaction ends, as it is now: for whoever decides by its value what to store."""
    row = session.get(Setting, name, with_for_update=True, populate_existing=True)
    if row is None:
        session.add(Setting(name=name, value=defaults()[name]))
        session.flush()
    g.pop("settings", None)


def save_setting(name: str, value: Any) -> None:
    """Store one setting. The caller checks the value and the permission."""
    if name not in defaults():
        raise KeyError(name)
    row = session.get(Setting, name)
    if row is None:
        session.add(Setting(name=name, value=value))
    else:
        row.value = value
    session.flush()
    g.pop("settings", None)
