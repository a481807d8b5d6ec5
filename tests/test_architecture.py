"""Rules of the house that no other tool checks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from jinja2 import Environment, nodes
from sqlalchemy import select

from erpcrm.core.access import PUBLIC, SIGNED_IN
from erpcrm.core.registry import registry

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "erpcrm").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
UNFINISHED = re.compile(r"# *(TODO|FIXME|XXX)\b|[Cc]oming soon|[Ll]orem ipsum")
INLINE = re.compile(r"<style\b|\sstyle=|\son(click|load|change|submit|input|error|keydown)=|javascript:", re.IGNORECASE)
SCRIPT_BODY = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.IGNORECASE)


PARTS = re.compile(r"parts=\[([^\]]*)\]")
STRING = re.compile(r'"(\w+)"')


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            yield node


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 50
    assert len(TEMPLATES) > 20


def test_the_sprite_has_the_icons_in_use_and_no_others(app: Flask) -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
    wanted = set((ROOT / "static" / "vendor" / "tabler-icons-3.51.0" / "icons.txt").read_text().split())
    code = "\n".join(path.read_text() for path in (*SOURCES, *TEMPLATES, ROOT / "static" / "app.js"))
    assert sprite == wanted
    assert {name for name in sprite if not re.search(rf"""["'`#]{name}["'`]""", code)} == set(), "drawn nowhere"
    named = re.findall(r"""\bicon=["']([a-z][a-z0-9-]*)["']|\bui\.icon\(["']([a-z][a-z0-9-]*)["']""", code)
    assert {one or other for one, other in named} | set(declared_icons()) <= sprite


def declared_icons() -> Iterator[str]:
    """Those that areas name for menus, records, moves and what is done to many at once."""
    for area in registry().areas:
        kinds = area.record_types
        for one in (*area.nav, *area.create, *kinds, *(action for kind in kinds for action in kind.bulk)):
            yield one.icon
        yield from (move.icon for flow in area.workflows for move in flow.moves)


def test_commit_stands_once() -> None:
    places = [name for name, tree in trees() for _call in calls(tree, "commit")]
    assert places == ["erpcrm/core/lifecycle.py"]


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        f"{name}:{inner.lineno}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_file_is_too_long() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_module_has_a_vague_name() -> None:
    assert [path for path in SOURCES if VAGUE & {path.stem, *path.relative_to(ROOT).parts}] == []


def test_services_know_nothing_of_the_web() -> None:
    """A service can then be called by a job, a command or a test as well as by a view."""
    found = [
        f"{name}: {module}"
        for name, tree in trees()
        if name.endswith("/services.py") or "/services/" in name
        for node in ast.walk(tree)
        for module in modules_of(node)
        if module.split(".")[0] in {"flask", "flask_login", "flask_wtf", "wtforms"}
        or (module.endswith(("views", "forms")) and not module.endswith(".saved_views"))  # those are kept, not shown
    ]
    assert found == []


def modules_of(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module):
            return [module or ""]
    return []


def test_nothing_is_left_unfinished() -> None:
    found = [
        path.relative_to(ROOT).as_posix() for path in (*SOURCES, *TEMPLATES) if UNFINISHED.search(path.read_text())
    ]
    assert found == []


def test_templates_hold_no_scripts_and_no_styles() -> None:
    """The content security policy forbids them, so they would silently do nothing."""
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {match.group()}"
        for path in TEMPLATES
        for pattern in (INLINE, SCRIPT_BODY)
        if (match := pattern.search(path.read_text()))
    ]
    assert found == []


def test_a_part_needs_nothing_from_the_page_around_it() -> None:
    """A block that is rendered alone does not see what its template imports or sets above it."""
    parser = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 - nothing is rendered
    named = {name for path in SOURCES for parts in PARTS.findall(path.read_text()) for name in STRING.findall(parts)}
    assert len(named) > 10
    missing = []
    for path in TEMPLATES:
        tree = parser.parse(path.read_text())
        above = set()
        for node in tree.body:
            match node:
                case nodes.FromImport():
                    above |= {name if isinstance(name, str) else name[1] for name in node.names}
                case nodes.Import():
                    above.add(node.target)
                case nodes.Macro():
                    above.add(node.name)
                case nodes.Assign(target=nodes.Name() as target):
                    above.add(target.name)
        for block in tree.find_all(nodes.Block):
            used = {name.name for name in block.find_all(nodes.Name) if name.ctx == "load"}
            if block.name in named and used & above:
                missing.append((path.relative_to(ROOT).as_posix(), block.name, sorted(used & above)))
    assert missing == []


def test_every_route_names_its_permission(app: Flask) -> None:
    known = {PUBLIC, SIGNED_IN, *registry().permissions}
    wrong = {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "permission", None)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in ("static", "healthz")
        and getattr(app.view_functions[rule.endpoint], "permission", None) not in known
    }
    assert wrong == {}


def test_every_permission_is_named_after_its_area(app: Flask) -> None:
    for area in registry().areas:
        for permission in area.permissions:
            assert re.fullmatch(rf"{area.name}\.[a-z_]+\.[a-z_]+", permission.code), permission.code


def test_what_the_manifests_name_is_there(app: Flask) -> None:
    found = []
    permissions, endpoints = registry().permissions, set(app.view_functions)
    for area in registry().areas:
        for item in area.nav:
            found += [item.endpoint] if item.endpoint not in endpoints else []
            found += [item.permission] if item.permission and item.permission not in permissions else []
        for entry in area.create:
            found += [entry.endpoint] if entry.endpoint not in endpoints else []
            found += [entry.permission] if entry.permission not in permissions else []
        for kind in area.record_types:
            found += [name for name in (kind.endpoint, kind.list_endpoint) if name not in endpoints]
            found += [name for name in (kind.view, kind.edit) if name not in permissions]
        found += [name for name in area.requires if name not in registry().by_name]
    assert found == []


def test_a_record_is_named_by_its_own_table(app: Flask) -> None:
    """A name out of another table would be that of all its rows, wherever it is asked for without a join."""
    strangers = [
        kind.name
        for kind in registry().record_types.values()
        if len(select(kind.title).select_from(kind.model).get_final_froms()) > 1
    ]
    assert strangers == []
