"""Starting pytest with the plug-in installed and not used, and loading the plug-in alone."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest_localstack

from .measuring import Sample
from .rows import MILLISECONDS, OURS, Row, at_most, at_most_above

WITHOUT: Final = "pytest without a plug-in"
LOCALSTACK: Final = "pytest-localstack's plug-in"

_MOST_ADDED_SECONDS: Final = 3e-3

# By peer, which plug-ins pytest leaves out. moto has none.
_LEFT_OUT: Final = {OURS: ["localstack"], WITHOUT: ["eventbridge", "localstack"], LOCALSTACK: ["eventbridge"]}

# A process that has loaded pytest tells how many seconds loading a module takes.
_LOADING: Final = """
import importlib, sys, time, pytest
begin = time.perf_counter()
importlib.import_module(sys.argv[1])
print(time.perf_counter() - begin)
"""


# As on a user's machine: compiled once. A variable that forbids it would have each start compile everything anew.
_ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _run(arguments: Sequence[str], folder: Path) -> str:
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, check=True, cwd=folder, env=_ENVIRONMENT, text=True
    )
    return run.stdout


def _processor_seconds(arguments: Sequence[str], folder: Path) -> float:
    """Return the time on the processor, which other processes stretch less than that on the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(arguments, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def starting() -> Iterator[Mapping[str, Sample]]:
    """Run pytest on one empty test."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")

        def sample(left_out: Sequence[str]) -> Sample:
            options = [option for plug_in in left_out for option in ("-p", f"no:{plug_in}")]
            arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
            _run(arguments, folder)  # compiles what is not compiled yet
            return lambda: _processor_seconds(arguments, folder)

        yield {peer: sample(left_out) for peer, left_out in _LEFT_OUT.items()}


@contextmanager
def loading() -> Iterator[Mapping[str, Sample]]:
    """Import the module of the plug-in, where pytest has been imported."""
    with TemporaryDirectory() as name:
        folder = Path(name)

        def sample(module: str) -> Sample:
            _run(["-c", _LOADING, module], folder)
            return lambda: float(_run(["-c", _LOADING, module], folder))

        yield {OURS: sample("pytest_eventbridge.plugin"), LOCALSTACK: sample(pytest_localstack.__name__)}


ROWS: Final = (
    Row(
        name="start",
        work="start pytest, the plug-in installed and not used",
        unit=MILLISECONDS,
        prepare=starting,
        goals=(at_most_above(WITHOUT, _MOST_ADDED_SECONDS, MILLISECONDS),),
        rounds=31,
        note="time on the processor; moto has no plug-in",
    ),
    Row(
        name="load",
        work="load the plug-in's module",
        unit=MILLISECONDS,
        prepare=loading,
        goals=(at_most(_MOST_ADDED_SECONDS, MILLISECONDS),),
    ),
)
