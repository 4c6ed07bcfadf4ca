"""The stopwatch: seconds that pass, whatever is done to the `time` module."""

from __future__ import annotations

import time

import pytest

from pytest_eventbridge._stopwatch import seconds


def test_it_is_the_clock_for_durations() -> None:
    """Between two readings of Python's own clock lies one of the stopwatch."""
    before = time.perf_counter()
    between = seconds()
    after = time.perf_counter()

    assert before <= between <= after


def test_it_follows_no_replaced_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that takes the place of Python's own is not asked."""
    before = seconds()
    monkeypatch.setattr(time, "perf_counter", lambda: before + 1e9)

    assert seconds() < before + 1e6
