"""What is installed: pinned, with checksums, and from wherever the person who installs gets packages."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def pins(name: str) -> dict[str, str]:
    """Package -> version of a lock."""
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_checksum(name: str) -> None:
    entries = re.split(r"^(?=[\w])", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_where_packages_come_from(name: str) -> None:
    content = (ROOT / name).read_text()
    assert re.findall(r"https?://|file:|--index-url|--extra-index-url|--find-links|@ ", content) == []


def test_tests_run_on_the_very_versions_that_users_get() -> None:
    development = pins("requirements-dev.txt")
    assert {name: development.get(name) for name in pins("requirements.txt")} == pins("requirements.txt")


def test_every_dependency_is_in_its_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for wanted, name in (
        (project["project"]["dependencies"], "requirements.txt"),
        (project["dependency-groups"]["dev"], "requirements-dev.txt"),
    ):
        names = {re.split(r"[<>=\[]", dependency)[0].lower() for dependency in wanted}
        assert names <= pins(name).keys()
