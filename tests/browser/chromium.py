"""Where a Chromium is, if there is one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
DOWNLOADED = (
    "from playwright.sync_api import sync_playwright as start\nwith start() as p: print(p.chromium.executable_path)"
)
ADVICE = "no Chromium was found: install one (apt-get install chromium) or name it in CHROMIUM"


def executable() -> str | None:
    """CHROMIUM from the environment, else what the system has, else what playwright has downloaded."""
    if given := os.environ.get("CHROMIUM"):
        return given if os.access(given, os.X_OK) else None
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    # In a process of its own: playwright refuses to be started twice in one.
    asked = subprocess.run([sys.executable, "-c", DOWNLOADED], capture_output=True, text=True, check=False)
    own = asked.stdout.strip()
    return own if own and Path(own).exists() else None


if __name__ == "__main__":
    sys.exit(0 if executable() else 1)
