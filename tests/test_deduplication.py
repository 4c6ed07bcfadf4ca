"""The memory of the service for what it has accepted, on a clock that a test can move."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._deduplication import DEDUPLICATION_SECONDS, Acceptance, DeduplicationWindow

FIRST = Acceptance("id-1", "1")
SECOND = Acceptance("id-2", "2")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still: the one number in the list is the time."""
    moment = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def test_the_window_ends(now: list[float]) -> None:
    """An entry is remembered for less than 300 seconds, and only under its own key."""
    window = DeduplicationWindow()
    window.add("key", FIRST)
    assert window.find("key") == FIRST
    assert window.find("another") is None

    now[0] += DEDUPLICATION_SECONDS - 0.001
    assert window.find("key") == FIRST
    now[0] += 0.001
    assert window.find("key") is None


def test_advancing(now: list[float]) -> None:
    """The clock runs ahead of the other by as much as it has been advanced in all."""
    window = DeduplicationWindow()
    window.add("key", FIRST)
    window.advance(299)
    assert window.find("key") == FIRST
    window.advance(1)
    assert window.find("key") is None
    window.add("key", SECOND)
    assert window.find("key") == SECOND


def test_a_clock_that_is_set_back(now: list[float]) -> None:
    """What was accepted on a clock that a test has frozen in the future repeats nothing once that is over."""
    window = DeduplicationWindow()
    now[0] += 1_000_000
    window.add("key", FIRST)
    now[0] -= 1_000_000
    assert window.find("key") is None


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0, 1, 149, 150, 151, 299, 300, 301]), st.sampled_from(["a", "b"])), max_size=30
    )
)
def test_against_all_that_was_accepted(steps: list[tuple[int, str]]) -> None:
    """What is found is the entry of that key that was accepted less than 300 seconds ago, if there is one."""
    window = DeduplicationWindow()
    accepted: list[tuple[int, str, Acceptance]] = []
    now = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "time", lambda: 1_800_000_000.0)
        for number, (seconds, key) in enumerate(steps):
            window.advance(seconds)
            now += seconds
            expected = [one for moment, of_key, one in accepted if of_key == key and now - moment < 300]
            assert window.find(key) == (expected[0] if expected else None)
            if not expected:
                accepted.append((now, key, Acceptance(f"id-{number}", str(number))))
                window.add(key, accepted[-1][2])


@pytest.mark.parametrize(
    ("seconds", "error"),
    [("1", TypeError), (True, TypeError), (-1, ValueError), (float("nan"), ValueError), (float("inf"), ValueError)],
)
def test_wrong_seconds(seconds: float, error: type[Exception]) -> None:
    """A clock runs forward, by a number of seconds that has an end."""
    with pytest.raises(error, match="seconds: "):
        FakeEventBridge().advance_clock(seconds)
