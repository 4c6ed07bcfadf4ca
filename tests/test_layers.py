"""The order of the modules: who may import whom, and what is loaded when."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import pytest_eventbridge

PACKAGE = "pytest_eventbridge"

# A module may import from the groups to its left (here: above it) only, not from its own. A subpackage has one place,
# and an order within that is free of cycles.
ORDER = (
    (
        "exceptions",
        "_limits",
        "_spelling",
        "_pairing",
        "_environment",
        "_presentation",
        "_event_buses",
        "_frozen",
        "_packing",
        "_regions",
        "_colours",
        "_cbor",
        "_deduplication",
        "_loopback_server",
        "_import_watch",
        "_stopwatch",
        "_origin",
    ),
    ("_ownership", "_report_sections"),
    ("_guard",),
    ("_detail", "_constraints", "_event_groups", "_options", "_pattern", "_invocation", "_lambda_context"),
    ("_model", "_matching", "_request_members", "_test_event_pattern"),
    ("_custom_bus_events", "_control_plane_constraints", "_custom_bus_constraints", "_event_log"),
    ("_detail_text", "_values", "_alignment", "_criteria", "_nearby_keys"),
    ("_detail_member",),
    ("_conditions",),
    ("_expected", "_bookkeeping", "_wording", "_recorder", "_inputs"),
    ("_failures", "_differences", "_candidates", "_rules"),
    ("_nearmiss",),
    ("_request_failures", "_hints", "_messages", "_routing"),
    ("_injected", "_explanation", "_report", "_control_plane", "_rule_making", "_arrivals"),
    ("_counting",),
    ("_waiting",),
    ("_guard_messages", "_service", "_comparison", "_assertions", "_routing_assertions"),
    ("_wire", "_routed_events", "_publishing"),
    ("_cbor_wire", "_custom_bus", "_partner"),
    ("_operations",),
    ("_interceptor", "_http_connection"),
    ("_http_requests",),
    ("_http_service",),
    ("_endpoint",),
    ("_fake", "_session_guard"),
    ("_faults", "_guard_hooks"),
    ("__init__",),
    ("plugin",),
)

# A foreign library lives behind one door, but for pytest: the hooks of the guard are loaded only where it is on.
DOORS = {
    "botocore": {"_interceptor"},
    "deepdiff": {"_differences"},
    "h11": {"_http_connection"},
    "pytest": {"plugin", "_guard_hooks"},
}
MAX_MODULE_LINES = 400

FOLDER = Path(pytest_eventbridge.__file__).parent
# By dotted name within the package; a subpackage's `__init__` goes by the subpackage's name.
MODULES = {
    ".".join(path.relative_to(FOLDER).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(FOLDER.rglob("*.py"))
}
each_module = pytest.mark.parametrize("module", MODULES)


def imported_names(module: str, *, at_run_time: bool = False) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever in it.

    Args:
        module: Its name, without the package's.
        at_run_time: Leave out what stands under `if TYPE_CHECKING`.
    """
    pending: list[ast.AST] = [ast.parse(MODULES[module].read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively in line {node.lineno}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif at_run_time and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            pending += node.orelse
        else:
            pending += ast.iter_child_nodes(node)


def place_of(module: str) -> int:
    """Return the place of a module in the order: that of its subpackage, if it is in one."""
    return next(place for place, group in enumerate(ORDER) if module.partition(".")[0] in group)


def imported_modules(module: str) -> set[str]:
    """Return the modules of the package that a module imports."""
    found = set()
    for name in imported_names(module):
        package, _, rest = name.partition(".")
        if package == PACKAGE:
            longest = max(
                (other for other in MODULES if f"{rest}.".startswith(f"{other}.")), key=len, default="__init__"
            )
            found.add(longest)
    return found


def test_each_module_has_its_place() -> None:
    """The order names each module and subpackage once, and no other."""
    placed = [module for group in ORDER for module in group]
    assert sorted(placed) == sorted({module.partition(".")[0] for module in MODULES})


@each_module
def test_imports_run_one_way(module: str) -> None:
    """A module imports only modules that stand before it in the order, or are in its own subpackage."""
    own = module.partition(".")[0]
    others = {other for other in imported_modules(module) if own != other.partition(".")[0]}
    assert {other for other in others if place_of(other) >= place_of(module)} == set()


def test_no_import_cycle() -> None:
    """No module imports itself, by whatever way round."""
    TopologicalSorter({module: imported_modules(module) for module in MODULES}).prepare()


def test_lazy_names_come_from_below() -> None:
    """The names that the package loads when asked for come from modules that stand before it in the order."""
    assert {name for name in pytest_eventbridge._HOME.values() if place_of(name) >= place_of("__init__")} == set()


@pytest.mark.parametrize(("library", "doors"), DOORS.items())
def test_foreign_library_has_its_door(library: str, doors: set[str]) -> None:
    """The modules and subpackages that are its door import the library, and no other does."""
    importers = {
        module.partition(".")[0]
        for module in MODULES
        for name in imported_names(module)
        if name.partition(".")[0] == library
    }
    assert importers == doors


@each_module
def test_nothing_else_is_needed_at_run_time(module: str) -> None:
    """What a module imports is Python's own, the package's, or of a library that the package depends on."""
    libraries = {name.partition(".")[0] for name in imported_names(module, at_run_time=True)}
    assert libraries - sys.stdlib_module_names - {PACKAGE, *DOORS} == set()


@each_module
def test_module_is_not_too_long(module: str) -> None:
    """A module has a length that one can read in one go."""
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a statement loads in a new process, besides those that pytest has loaded."""
    program = f"import sys, pytest\nbefore = set(sys.modules)\n{statement}\nprint(*sorted(set(sys.modules) - before))"
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(completed.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import pytest_eventbridge",
        "import pytest_eventbridge.plugin",
        "import pytest_eventbridge, pytest_eventbridge.plugin; dir(pytest_eventbridge); pytest_eventbridge.__all__",
    ],
    ids=["package", "plugin", "both"],
)
def test_loading_the_plugin_loads_nothing_else(statement: str) -> None:
    """Each start of pytest pays for the plugin, so this loads no module besides its own: no botocore, no asyncio."""
    assert loaded_by(statement) <= {PACKAGE, f"{PACKAGE}.plugin"}


@pytest.mark.parametrize("library", ["asyncio", "boto3", "botocore", "deepdiff"])
def test_importing_the_names_stays_cheap(library: str) -> None:
    """Importing every public name, and making a fake, does not yet load what only a use of it needs."""
    loaded = loaded_by("from pytest_eventbridge import *; FakeEventBridge()")
    assert f"{PACKAGE}._fake" in loaded
    assert library not in loaded


def test_a_session_without_the_fixture_loads_no_botocore(pytester: pytest.Pytester) -> None:
    """A test session that has the plugin and does not use it gets along without botocore and the fake."""
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            loaded = {name for name in sys.modules if name.partition(".")[0] in ("botocore", "deepdiff")}
            assert loaded | {name for name in sys.modules if name.startswith("pytest_eventbridge.")} == {
                "pytest_eventbridge.plugin"
            }
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
