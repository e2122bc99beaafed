"""The house stays the one that is drawn: imports point down, rooms stay small.

Read from the source with ``ast``; nothing here imports what it judges.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

PROJECT = Path(__file__).parents[2]

# From the top of the house down. Rooms of one line are siblings and do not know each other.
LAYERS = (
    {"__main__"},
    {"cli"},
    {"app"},
    {"clienteling_api", "sync"},
    {"bench"},
    {"demo"},
    {"flows"},
    {"metrics"},
    {"vision", "scanner", "store", "feed", "sheets"}
    | {"backup", "acme", "onvif", "preview", "update"},
    {"child"},
    {"camera"},
    {"rules"},
    {"contract", "config", "log", "usage", "durable", "tasks"},
    {"domain", "errors"},
)
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60
VOCABULARIES = {  # declarations only: one list of words reads better than two
    "edge/clienteling_api/web/app/locales/en.js",
    "edge/clienteling_api/web/app/locales/zh.js",
}
LAST_LINE = "edge/clienteling_api/problems.py"  # where nothing internal may reach a phone
# The letters in brackets keep these lines from finding themselves.
INDEX_HOST = re.compile(r"py[p]i\.org|pythonhoste[d]\.org|npmj[s]\.(org|com)|prox[y]\.golang")
MACHINE_PATH = re.compile(r"(?<![\w.}])/(wor[k]|roo[t]|hom[e]|User[s]|tm[p]/plan)/")


def python_files(*folders: str) -> list[Path]:
    return sorted(f for folder in folders for f in (PROJECT / folder).rglob("*.py"))


EDGE = python_files("edge")
ALL = python_files("edge", "hq", "tests", "provisioning")


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def room_of(path: Path) -> str:
    """The room a file lives in: the folder or module just below ``edge``."""
    return path.relative_to(PROJECT / "edge").parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The dotted name of everything a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Name and text of every text file under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = PROJECT / name
        if path.suffix not in {".png", ".webp", ".ico", ".mp3", ".woff2"} and path.is_file():
            yield name, path.read_text(encoding="utf-8")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_the_source_is_where_these_tests_look_for_it() -> None:
    assert {"domain", "rules", "store", "vision"} <= {room_of(path) for path in EDGE}


def test_every_module_lives_in_a_room_that_is_drawn() -> None:
    assert {room_of(path) for path in EDGE} <= {*RANK, "__init__"}


def test_imports_point_down() -> None:
    found = [
        f"{name_of(path)} must not import {imported}"
        for path in EDGE
        for imported in imports(path)
        if not points_down(room_of(path), imported)
    ]
    assert not found


def test_no_files_import_each_other_in_a_circle() -> None:
    """``static_order`` raises ``CycleError``, which names the files."""
    house = [*EDGE, *python_files("hq")]
    list(TopologicalSorter({path: set(modules(path)) - {path} for path in house}).static_order())
    scripts = [*(PROJECT / "edge").rglob("*.js")]
    assert scripts
    list(TopologicalSorter({path: set(scripts_of(path)) for path in scripts}).static_order())


def modules(path: Path) -> Iterator[Path]:
    """The files behind what a file imports; a package that only hands names on is its face."""
    for imported in imports(path):
        place = PROJECT / imported.replace(".", "/")
        for file in (place.with_suffix(".py"), place.parent.with_suffix(".py")):
            if file.is_file():
                yield file
                break


def scripts_of(path: Path) -> Iterator[Path]:
    for near in re.findall(
        r'^(?:import|export)\b[^;]*?"(\.[^"]+)";', path.read_text(), re.MULTILINE
    ):
        yield (path.parent / near).resolve()


def points_down(own: str, imported: str) -> bool:
    """Siblings are not below each other; the package itself gives its version to all."""
    package, _, rest = imported.partition(".")
    room = rest.partition(".")[0]
    if package != "edge" or room in {own, "__version__"}:
        return True
    return own != "__init__" and RANK[room] > RANK[own]


def test_the_package_never_imports_provisioning_headquarters_or_tests() -> None:
    roots = {imported.partition(".")[0] for path in EDGE for imported in imports(path)}
    assert not roots & {"provisioning", "hq", "tests", "component", "unit", "e2e"}


def test_headquarters_knows_nothing_of_the_store_but_the_contract() -> None:
    """And how files are written, which is nobody's own."""
    found = {imported for path in python_files("hq") for imported in imports(path)}
    shared = ("edge.contract", "edge.durable")
    assert not [i for i in found if i.startswith("edge") and not i.startswith(shared)]


def test_rules_are_pure() -> None:
    """No I/O and no clock: a rule gets what it needs as arguments."""
    doors = {"asyncio", "sqlite3", "socket", "subprocess", "threading", "os", "pathlib", "time"}
    for path in python_files("edge/rules"):
        roots = {imported.partition(".")[0] for imported in imports(path)}
        assert not roots & doors, f"{name_of(path)} opens {roots & doors}"
        assert "datetime.now" not in path.read_text(encoding="utf-8"), name_of(path)


def test_only_the_store_speaks_sql() -> None:
    for path in EDGE:
        roots = {imported.partition(".")[0] for imported in imports(path)}
        assert room_of(path) == "store" or not roots & {"sqlite3", "sqlite_utils"}, name_of(path)


def test_files_stay_short() -> None:
    scripts = sorted((PROJECT / "edge").rglob("*.js"))
    lengths = {name_of(path): path.read_text("utf-8").count("\n") for path in [*ALL, *scripts]}
    found = {name: length for name, length in lengths.items() if length > MAX_FILE_LINES}
    assert not found.keys() - VOCABULARIES, found


def test_functions_stay_short() -> None:
    found = [
        f"{name_of(path)}: {node.name} has {lines} lines"
        for path in ALL
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not found


def test_nothing_is_caught_broadly() -> None:
    """Unless it is thrown on: an undo may see everything, but swallows nothing."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in ALL
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    ]
    assert {name.partition(":")[0] for name in found} <= {LAST_LINE}, found


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type else "Exception"
    broad = re.search(r"\b(Exception|BaseException)\b", caught)
    return bool(broad) and not isinstance(handler.body[-1], ast.Raise)


def test_no_tracked_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in tracked_texts()
        for pattern in (INDEX_HOST, MACHINE_PATH)
        for match in pattern.finditer(text)
    ]
    assert not found
