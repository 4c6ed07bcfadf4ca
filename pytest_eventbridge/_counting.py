"""Asserting on how many of the captured events match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from pytest_eventbridge._event_log import EventLog
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._explanation import explain_unmet
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._wording import counted
from pytest_eventbridge.exceptions import EventBridgeAssertionError

# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True


class CountedEvents:
    """What was captured, and the assertion that counts what matches of it."""

    def __init__(self, recorder: Recorder, presentation: Presentation) -> None:
        self._recorder = recorder
        self._presentation = presentation

    def _assert_count(
        self, collection: str, expected: ExpectedEvent, bounds: Bounds, *, notes: Sequence[str] = ()
    ) -> list[CapturedEvent]:
        __tracebackhide__ = True
        events: EventLog = getattr(self._recorder, collection)
        matching = expected.select(events)
        if bounds.allow(len(matching)):
            return matching
        captured = list(events)
        kind = "accepted event" if collection == "events" else "failed entry"
        headline = f"Expected {bounds.describe(kind)}, but {_found(matching, captured, kind)}."
        lines, near_misses = explain_unmet(
            expected,
            self._recorder,
            self._presentation,
            collection=collection,
            matching=matching,
            are_too_many=bounds.are_exceeded_by(len(matching)),
            is_wanted=not bounds.are_exceeded_by(1),
        )
        raise EventBridgeAssertionError(
            "\n".join([headline, *notes, *lines]), expected=[expected], captured=captured, near_misses=near_misses
        )


@final
class Bounds:
    """How many events have to match.

    Args:
        times: Exactly so many.
        at_least: So many or more.
        at_most: So many or fewer, perhaps none.

    Raises:
        TypeError: One is no whole number from 0 on, or they contradict each other.
    """

    def __init__(self, times: int | None, at_least: int | None, at_most: int | None) -> None:
        for name, value in (("times", times), ("at_least", at_least), ("at_most", at_most)):
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise TypeError(f"{name}: a whole number, 0 or more, is required, not {value!r}.")
        if times is not None and (at_least is not None or at_most is not None):
            raise TypeError("Give times, or at_least and at_most, not both.")
        if at_least is not None and at_most is not None and at_least > at_most:
            raise TypeError(f"at_least={at_least} and at_most={at_most} leave no number that would do.")
        self._times = times
        self._least = at_least if at_least is not None else 0 if at_most is not None else 1
        self._most = at_most

    def allow(self, count: int) -> bool:
        """Say whether so many would do."""
        if self._times is not None:
            return count == self._times
        return count >= self._least and (self._most is None or count <= self._most)

    def are_exceeded_by(self, count: int) -> bool:
        """Say whether so many are too many."""
        most = self._times if self._times is not None else self._most
        return most is not None and count > most

    def describe(self, kind: str) -> str:
        """Put into words how many of a kind, as a singular noun, have to match."""
        most = self._times if self._times is not None else self._most
        is_one = most in (0, 1) or (most is None and self._least == 1)
        return f"{self._describe_count(kind)} that {'matches' if is_one else 'match'}"

    def _describe_count(self, kind: str) -> str:
        if self._times is not None:
            return f"no {kind}" if self._times == 0 else f"exactly {counted(self._times, kind)}"
        if self._most is None:
            article = "an" if kind[0] in "aeiou" else "a"
            return f"{article} {kind}" if self._least == 1 else f"at least {counted(self._least, kind)}"
        most = f"at most {counted(self._most, kind)}"
        return most if self._least == 0 else f"at least {self._least} and {most}"


def _found(matching: Sequence[CapturedEvent], captured: Sequence[CapturedEvent], kind: str) -> str:
    """Say how many of how many match."""
    plural = counted(2, kind).removeprefix("2 ")
    if not captured:
        return f"there is no {kind}"
    if len(captured) == 1:
        return f"the one {kind} does{'' if matching else ' not'}"
    count = "none" if not matching else str(len(matching))
    return f"{count} of the {len(captured)} {plural} {'does' if len(matching) <= 1 else 'do'}"
