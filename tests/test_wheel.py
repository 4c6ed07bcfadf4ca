"""What is installed: the package, its marker for type checkers, and the licence."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

import pytest_eventbridge

DISTRIBUTION = metadata.distribution("pytest-eventbridge")
ROOT = Path(__file__).parent.parent
WRITTEN_BY_INSTALLERS = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def test_the_wheel_holds_the_package_and_nothing_else() -> None:
    """Each file of the installed wheel is the package's own, or says what the distribution is."""
    files = [Path(str(file)) for file in DISTRIBUTION.files or () if "__pycache__" not in str(file)]
    if not any(file.name == "plugin.py" for file in files):
        pytest.skip("installed as a link to the source")
    package = {Path(pytest_eventbridge.__name__, path) for path in _source_files()}
    others = {file.name for file in files if file.parts[0] != pytest_eventbridge.__name__}

    assert {file for file in files if file.parts[0] == pytest_eventbridge.__name__} == package
    assert "LICENSE" in others
    assert others <= {"LICENSE", "METADATA", "RECORD", "WHEEL", "entry_points.txt", *WRITTEN_BY_INSTALLERS}


def test_the_lower_bounds_are_those_that_are_tested() -> None:
    """The lowest versions that the distribution asks for are those of the tox environment that tests with them."""
    tested = (ROOT / "tox.ini").read_text(encoding="utf-8")
    for requirement in DISTRIBUTION.requires or ():
        name, _, lowest = requirement.partition(";")[0].partition(">=")
        assert f"    {name}=={lowest}\n" in tested, requirement


def _source_files() -> list[Path]:
    folder = ROOT / pytest_eventbridge.__name__
    return [path.relative_to(folder) for path in folder.rglob("*") if path.suffix == ".py" or path.name == "py.typed"]
