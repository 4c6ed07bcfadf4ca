"""The table of measurements: what it says of costs that are known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from benchmarks.measuring import Sample, measure_in_turns, spread
from benchmarks.rows import (
    MICROSECONDS,
    OURS,
    Goal,
    MeasuredRow,
    Row,
    at_most,
    at_most_above,
    at_most_times,
    times_ahead,
)
from benchmarks.table import as_json, as_markdown, as_text

OURS_COSTS = [2e-6, 4e-6, 6e-6]
OTHER_COSTS = [4e-6, 12e-6, 24e-6]


def measured_with(*goals: Goal) -> MeasuredRow:
    """Return a row whose costs are known: ours 2, 4 and 6, the other's 2, 3 and 4 times as much."""

    @contextmanager
    def prepare() -> Iterator[Mapping[str, Sample]]:
        ours, other = iter(OURS_COSTS), iter(OTHER_COSTS)
        yield {OURS: lambda: next(ours), "other": lambda: next(other)}

    row = Row(name="work", work="some work", unit=MICROSECONDS, prepare=prepare, goals=goals, note="a remark")
    return row.measured(most_rounds=3)


def test_peers_take_turns() -> None:
    """Each peer is measured once in each round, in an order that changes."""
    taken: list[str] = []

    def sample(name: str) -> Sample:
        return lambda: float(taken.append(name) or len(taken))  # type: ignore[func-returns-value]  # None, so the length

    costs = measure_in_turns({name: sample(name) for name in "abc"}, rounds=8)
    rounds = ["".join(taken[start : start + 3]) for start in range(0, len(taken), 3)]
    assert {"".join(sorted(one)) for one in rounds} == {"abc"}
    assert len(set(rounds)) > 1
    assert {name: len(of_peer) for name, of_peer in costs.items()} == {"a": 8, "b": 8, "c": 8}


def test_ratios_are_taken_round_by_round() -> None:
    """A ratio is the other's cost over ours in the same round; its median and quartiles are told."""
    assert measured_with().ratios() == {"other": pytest.approx((2, 3, 4))}
    assert measured_with().ours.median == pytest.approx(4e-6)
    assert spread([5.0]) == (5.0, 5.0, 5.0)


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        (at_most(5e-6, MICROSECONDS), "at most 5.0 µs  yes: 4.0 µs"),
        (at_most(3e-6, MICROSECONDS), "at most 3.0 µs  NO: 4.0 µs"),
        (at_most_above("other", 1e-6, MICROSECONDS), "at most 1.0 µs above  yes: -8.0 µs"),
        (at_most_above("other", -9e-6, MICROSECONDS), "at most -9.0 µs above  NO: -8.0 µs"),
        (at_most_times("other", 1), "no more than it  yes: 0.33 times"),
        (at_most_times("other", 0.3), "at most 0.3 times it  NO: 0.33 times"),
        (times_ahead("other", 1), "ahead of it  yes: 3.0 times"),
        (times_ahead("other", 4), "at least 4 times ahead  NO: 3.0 times"),
    ],
)
def test_goal_is_reached_or_not(goal: Goal, text: str) -> None:
    """A goal is told in words, with what was reached."""
    assert f"  {text}\n" in as_text([measured_with(goal)])


def test_the_three_forms() -> None:
    """The table has a line for each peer, that in Markdown one for each row; JSON has every sample."""
    rows = [measured_with(times_ahead("other", 2))]
    head, own, other, _, note, versions = as_text(rows).splitlines()
    assert head.split()[:3] == ["work", "ours", "beside"]
    assert own.split("  ")[:2] == ["some work", "4.0 µs"]
    assert other.split()[:5] == ["other", "12.0", "µs", "x", "3.00"]
    assert note == "work: a remark"
    assert f"pytest {pytest.__version__}" in versions
    assert "| some work | 4.0 µs | other 3.00 |" in as_markdown(rows).splitlines()
    (as_data,) = json.loads(as_json(rows))["rows"]
    assert as_data["costs_by_round"] == {OURS: OURS_COSTS, "other": OTHER_COSTS}
    assert as_data["goals"] == [
        {"text": "at least 2 times ahead", "beside": "other", "reached": "3.0 times", "is_reached": True}
    ]
