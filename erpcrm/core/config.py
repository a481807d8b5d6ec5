"""Configuration from the environment. Everything a company decides at run time is a setting, not configuration."""

import os
import secrets
from pathlib import Path
from typing import Any


def from_environment(instance: Path) -> dict[str, Any]:
    """`DATABASE_URL`, `SECRET_KEY`, `HTTPS` (1 behind a TLS proxy), `MAX_UPLOAD_MB`, `PUBLIC_URL`, `MAIL_URL`, `MAIL_FROM`,
    `IMAP_URL`."""
    instance.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{instance / 'erpcrm.db'}"
    https = os.environ.get("HTTPS") == "1"
    return {
        "SQLALCHEMY_DATABASE_URI": database_url(url),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secret_key(instance / "secret_key"),
        "FILES_FOLDER": os.environ.get("FILES_FOLDER") or str(instance / "files"),
        # Links in mails are made of this and never of what a request says its host is: that could be anybody's.
        "PUBLIC_URL": (os.environ.get("PUBLIC_URL") or f"http://localhost:{os.environ.get('PORT', '8000')}").rstrip(
            "/"
        ),
        "MAIL_URL": os.environ.get("MAIL_URL") or None,
        "MAIL_FROM": os.environ.get("MAIL_FROM") or "erpcrm@localhost",
        "IMAP_URL": os.environ.get("IMAP_URL") or None,
        "MAX_CONTENT_LENGTH": int(os.environ.get("MAX_UPLOAD_MB", "32")) * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": https,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": https,
        "WTF_CSRF_TIME_LIMIT": None,
        "TRUSTED_PROXIES": int(os.environ.get("TRUSTED_PROXIES", "0")),
    }


def database_url(url: str) -> str:
    """The address with our driver: people write postgres:// or postgresql://, SQLAlchemy wants the driver named."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def secret_key(path: Path) -> str:
    """The key that signs sessions: made once, readable by the owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    key = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
