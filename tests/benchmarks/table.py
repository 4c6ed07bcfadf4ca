"""The table as a text, in Markdown and as JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from .measuring import spread
from .rows import MeasuredRow

_PACKAGES: Final = (
    "pytest-eventbridge",
    "pytest",
    "botocore",
    "boto3",
    "deepdiff",
    "aiobotocore",
    "ministack",
    "moto",
    "networkx",
    "pytest-localstack",
)

_HEADS: Final = ("work", "ours", "beside", "its cost", "its cost / ours (quartiles)", "to reach", "reached")
_MARKDOWN_HEADS: Final = ("work", "ours", "times ours")

_Line = tuple[str, ...]


def as_text(rows: Sequence[MeasuredRow]) -> str:
    """Return a line for each row, beneath it one for each peer."""
    lines = [_HEADS, *(line for row in rows for line in _iter_lines(row))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    notes = [f"{row.row.name}: {row.row.note}" for row in rows if row.row.note]
    return "\n".join([*padded, "", *notes, f"With {_versions_text()}."])


def as_markdown(rows: Sequence[MeasuredRow]) -> str:
    """Return a short table: one line for each row."""
    lines = [_MARKDOWN_HEADS, ("---",) * len(_MARKDOWN_HEADS)]
    for row in rows:
        peers = "; ".join(f"{peer} {_digits(ratio.median)}" for peer, ratio in row.ratios().items())
        lines.append((row.row.work, row.row.unit.shown(row.ours.median), peers))
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", f"With {_versions_text()}."])


def as_json(rows: Sequence[MeasuredRow]) -> str:
    """Return everything: each single sample, and what it was measured with."""
    with_what = {"python": platform.python_version(), "machine": platform.machine(), "packages": _versions()}
    return json.dumps({"measured_with": with_what, "rows": [row.as_data() for row in rows]}, indent=2)


def _iter_lines(row: MeasuredRow) -> Iterator[_Line]:
    unit = row.row.unit
    yield (row.row.work, unit.shown(row.ours.median), "", "", "", *_goal_cells(row, None))
    for peer, ratio in row.ratios().items():
        cost = unit.shown(spread(row.costs[peer]).median)
        times = f"x {_digits(ratio.median)} ({_digits(ratio.low)} to {_digits(ratio.high)})"
        yield ("", "", peer, cost, times, *_goal_cells(row, peer))


def _goal_cells(row: MeasuredRow, peer: str | None) -> tuple[str, str]:
    goals = row.goals_beside(peer)
    texts = "; ".join(goal.text for goal, _, _ in goals)
    answers = "; ".join(f"{'yes' if is_reached else 'NO'}: {goal.shown(found)}" for goal, found, is_reached in goals)
    return texts, answers


def _digits(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _versions_text() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join([python, *(f"{name} {number}" for name, number in _versions().items())])
