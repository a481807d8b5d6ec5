"""What the documents say about the program is so."""

import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from erpcrm.areas import AREAS
from erpcrm.core.registry import registry

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
LINES_OF_A_SCREEN = 50
LARGEST_PICTURE = 200_000


def test_every_dependency_is_explained() -> None:
    """What it is for, and what was not taken instead, where there was something."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=\[]", dependency)[0] for dependency in wanted}
    told = (DOCS / "architecture.md").read_text().partition("## Dependencies")[2].lower()
    assert len(names) > 30
    assert sorted(name for name in names if not re.search(rf"\b{re.escape(name.lower())}\b", told)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_fits_a_screen_and_maps_the_areas() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= LINES_OF_A_SCREEN
    assert [name for line in lines for name in re.findall(r"^\| `(\w+)` \|", line)] == [area.name for area in AREAS]


def test_the_picture_is_there_and_not_huge() -> None:
    assert 20_000 < (DOCS / "picture.png").stat().st_size < LARGEST_PICTURE


def test_every_area_has_its_page() -> None:
    """The rooms of core have pages of their own: lists, imports, search, jobs, look."""
    assert [area.name for area in AREAS if area.name != "core" and not (DOCS / f"{area.name}.md").exists()] == []


def test_the_documents_draw_each_workflow_as_it_is(app: Flask) -> None:
    drawn = [
        text.strip()
        for page in PAGES
        for text in re.findall(r"```mermaid\n(stateDiagram-v2.*?)```", page.read_text(), re.DOTALL)
    ]
    assert sorted(drawn) == sorted(flow.diagram() for flow in registry().workflows.values())


def test_every_command_of_the_makefile_is_in_its_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    told = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    promised = {command for page in PAGES for command in re.findall(r"`(?:\w+=\S+ )?make ([a-z-]+)", page.read_text())}
    assert {"run", "test", "check", "bench", "help"} <= told
    assert promised - told == set()


def test_every_setting_of_the_environment_is_explained() -> None:
    """And what the files under deploy/ set is a setting."""
    read = {
        name
        for path in (ROOT / "erpcrm").rglob("*.py")
        for name in re.findall(r"os\.environ(?:\.get\(|\[)\"([A-Z_]+)\"", path.read_text())
    } - {"PARENT_PID"}
    told = set(re.findall(r"`([A-Z_]+)`", (DOCS / "operations.md").read_text()))
    assert read - told == set()
    compose = set(re.findall(r"^      ([A-Z_]+): ", (ROOT / "deploy/compose.yaml").read_text(), re.MULTILINE))
    assert {name for name in compose if not name.startswith("POSTGRES_")} - told == set()
