"""Print one table of what things take here and elsewhere, all measured in this run.

    python -m tests.benchmarks [--quick] [--markdown PATH] [--json PATH] [name of a row, or pattern of names ...]

`tox -e benchmarks` has everybody installed. Nothing here is a test: no figure fails anything.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

# Before any peer, because moto adds a handler to each session that is made once it is imported.
from . import events as _events  # noqa: F401
from .rows import MeasuredRow, Row
from .table import as_json, as_markdown, as_text

# Each has `ROWS`, and imports the peers that they need.
_SUBJECTS: Final = (
    "starting",
    "entering",
    "whole_tests",
    "publishing",
    "awaiting",
    "capturing",
    "asserting",
    "pairing",
    "patterns",
    "endpoint",
)

_MOST_ROUNDS: Final = 100
_QUICK_ROUNDS: Final = 3


def main() -> None:
    """Measure the rows that are asked for, and print them."""
    options = _options()
    measured = [_measured(row, options.quick) for row in _iter_rows(options.names)]
    if not measured:
        sys.exit("No row has such a name.")
    print(as_text(measured))
    for path, make_text in ((options.markdown, as_markdown), (options.json, as_json)):
        if path is not None:
            path.write_text(f"{make_text(measured)}\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure, beside others.")
    parser.add_argument("names", nargs="*", help="only the rows of these names (start, 'put-*', ...)")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_ROUNDS} rounds, to see that it works")
    parser.add_argument("--markdown", type=Path, metavar="PATH", help="write a short table there, a line for each row")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything that was measured there")
    return parser.parse_args()


def _iter_rows(names: Sequence[str]) -> Iterator[Row]:
    """Yield the rows that are asked for, without those whose peers are not installed."""
    for subject in _SUBJECTS:
        try:
            rows: tuple[Row, ...] = importlib.import_module(f".{subject}", __package__).ROWS
        except ModuleNotFoundError as error:
            _tell(f"{subject}: left out, because {error.name} is not installed")
        else:
            yield from (row for row in rows if not names or any(fnmatch(row.name, name) for name in names))


def _measured(row: Row, is_quick: bool) -> MeasuredRow:
    _tell(f"{row.name} ...")
    return row.measured(_QUICK_ROUNDS if is_quick else _MOST_ROUNDS)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
