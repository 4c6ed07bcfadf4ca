"""Reading and asserting on what was captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn, final

from pytest_eventbridge._bookkeeping import find_duplicates, find_lost_events
from pytest_eventbridge._expected import ExpectedEvent, as_expected
from pytest_eventbridge._messages import (
    counted,
    event_line,
    event_lines,
    expectation_lines,
    lost_event_line,
    near_miss_lines,
    shown_path,
    shown_value,
)
from pytest_eventbridge._model import CapturedEvent, PutEventsCall
from pytest_eventbridge._nearmiss import NearMiss, find_near_misses
from pytest_eventbridge._pairing import pair
from pytest_eventbridge._recorder import CapturedSequence, Recorder
from pytest_eventbridge.exceptions import EventBridgeAssertionError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from pytest_eventbridge._expected import Criteria

_NEAR_MISS_COUNT: Final = 3


class CapturedEvents:
    """What was captured, with everything there is to ask of it.

    A `FakeEventBridge` is one, and `capture()` yields one of what is captured inside its block only.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @property
    def events(self) -> CapturedSequence[CapturedEvent]:
        """Accepted events, in the order of capture: a live, read-only view."""
        return CapturedSequence(self._recorder.events)

    @property
    def failed_entries(self) -> CapturedSequence[CapturedEvent]:
        """Entries answered with an `ErrorCode`: injected, or because the service would refuse them."""
        return CapturedSequence(self._recorder.failed_entries)

    @property
    def dropped_events(self) -> CapturedSequence[CapturedEvent]:
        """Entries answered with success that went to an event bus that does not exist, as the real service does."""
        return CapturedSequence(self._recorder.dropped_events)

    @property
    def calls(self) -> CapturedSequence[PutEventsCall]:
        """One for each API call that reached the service, in the order in which they did."""
        return CapturedSequence(self._recorder.calls)

    def clear(self) -> None:
        """Forget what was captured. Injected failures stay."""
        self._recorder.clear()

    @contextmanager
    def capture(self) -> Iterator[CapturedEvents]:
        """Yield a view of what is captured inside the block only. It can be read after the block too."""
        capture = self._recorder.open_capture()
        try:
            yield CapturedEvents(capture)
        finally:
            self._recorder.close_capture(capture)

    def find(self, expected: ExpectedEvent | None = None, /, **criteria: Unpack[Criteria]) -> list[CapturedEvent]:
        """Return the accepted events that match, in the order of capture; all of them without criteria.

        Args:
            expected: The expectation, where it is not given as criteria.
            **criteria: See `Criteria`.

        Raises:
            TypeError: An unknown criterion, or one whose value could match nothing.
        """
        return _matching(as_expected(expected, criteria), self._recorder.events)

    def assert_emitted(
        self,
        expected: ExpectedEvent | None = None,
        /,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **criteria: Unpack[Criteria],
    ) -> list[CapturedEvent]:
        """Assert that an accepted event matches, or that so many do.

        Args:
            expected: The expectation, where it is not given as criteria.
            times: Exactly so many.
            at_least: So many or more.
            at_most: So many or fewer, perhaps none.
            **criteria: See `Criteria`.

        Returns:
            The matching events, in the order of capture.

        Raises:
            EventBridgeAssertionError: Too few or too many match.
            TypeError: An unknown criterion; `times` together with a bound.
        """
        __tracebackhide__ = True
        return self._assert_count("events", as_expected(expected, criteria), _Bounds(times, at_least, at_most))

    def assert_emitted_once(
        self, expected: ExpectedEvent | None = None, /, **criteria: Unpack[Criteria]
    ) -> CapturedEvent:
        """Assert that exactly one accepted event matches, and return it.

        Raises:
            EventBridgeAssertionError: None matches, or more than one.
        """
        __tracebackhide__ = True
        (event,) = self._assert_count("events", as_expected(expected, criteria), _Bounds(1, None, None))
        return event

    def assert_not_emitted(self, expected: ExpectedEvent | None = None, /, **criteria: Unpack[Criteria]) -> None:
        """Assert that no accepted event matches.

        Raises:
            EventBridgeAssertionError: One does.
            TypeError: No criteria: `assert_nothing_emitted` is meant.
        """
        __tracebackhide__ = True
        wanted = as_expected(expected, criteria)
        if not wanted.criteria:
            raise TypeError(
                "assert_not_emitted needs criteria. To assert that there was no event at all, "
                "use assert_nothing_emitted()."
            )
        self._assert_count("events", wanted, _Bounds(0, None, None))

    def assert_nothing_emitted(self) -> None:
        """Assert that no event was accepted, failed or dropped.

        Raises:
            EventBridgeAssertionError: One was.
        """
        __tracebackhide__ = True
        recorder = self._recorder
        captured = [*recorder.events, *recorder.failed_entries, *recorder.dropped_events]
        if captured:
            lines = [f"Expected no event, but {counted(len(captured), 'entry')} reached EventBridge."]
            raise EventBridgeAssertionError("\n".join(lines + self._captured_lines()), captured=captured)

    def assert_emitted_in_order(self, *expected: ExpectedEvent) -> list[CapturedEvent]:
        """Assert that accepted events match the expectations in their order; others may stand between.

        Returns:
            The first such events, one for each expectation.

        Raises:
            EventBridgeAssertionError: There is none for an expectation behind those of the expectations before it.
        """
        __tracebackhide__ = True
        events = list(self._recorder.events)
        matching: list[CapturedEvent] = []
        start = 0
        for number, one in enumerate(_all_expected(expected)):
            index = next((index for index in range(start, len(events)) if one.matches(events[index])), None)
            if index is None:
                earlier = "" if not matching else f" after events[{start - 1}], which matches the one before it"
                headline = f"Expected {counted(len(expected), 'event')} in order, but number {number + 1} is not there"
                self._fail(f"{headline}{earlier}.", [one], "events")
            matching.append(events[index])
            start = index + 1
        return matching

    def assert_emitted_exactly(self, *expected: ExpectedEvent, in_order: bool = False) -> list[CapturedEvent]:
        """Assert that the accepted events and the expectations pair up one to one, with none left over.

        A pairing is found whenever one exists, even where an event matches several expectations.

        Args:
            *expected: The expectations.
            in_order: Whether the events have to come in the order of the expectations.

        Returns:
            The events, in the order of their expectations.

        Raises:
            EventBridgeAssertionError: There is no such pairing.
        """
        __tracebackhide__ = True
        wanted = _all_expected(expected)
        events = list(self._recorder.events)
        if in_order:
            adjacency = [
                [index] if index < len(events) and one.matches(events[index]) else []
                for index, one in enumerate(wanted)
            ]
        else:
            adjacency = [[index for index, event in enumerate(events) if one.matches(event)] for one in wanted]
        pairing = pair(adjacency, len(events))
        unpaired = [one for one, index in zip(wanted, pairing, strict=True) if index is None]
        if unpaired or len(events) != len(wanted):
            taken = {index for index in pairing if index is not None}
            self._fail_exactly(unpaired, [event for index, event in enumerate(events) if index not in taken], wanted)
        return [events[index] for index in pairing if index is not None]

    def assert_failed(
        self,
        expected: ExpectedEvent | None = None,
        /,
        *,
        error_code: str | None = None,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **criteria: Unpack[Criteria],
    ) -> list[CapturedEvent]:
        """Assert that an entry that was answered with an `ErrorCode` matches, or that so many do.

        Args:
            expected: The expectation, where it is not given as criteria.
            error_code: The `ErrorCode` it has to be; any when `None`.
            times: Exactly so many.
            at_least: So many or more.
            at_most: So many or fewer, perhaps none.
            **criteria: See `Criteria`.

        Returns:
            The matching entries, in the order of capture.

        Raises:
            EventBridgeAssertionError: Too few or too many match.
        """
        __tracebackhide__ = True
        bounds = _Bounds(times, at_least, at_most)
        return self._assert_count("failed_entries", as_expected(expected, criteria), bounds, error_code)

    def assert_no_lost_events(self) -> None:
        """Assert that each entry that failed was accepted later.

        It counts as the same entry when event bus, source, detail type, detail and resources are the same; `Time` and
        `TraceHeader` may have changed. One acceptance answers all earlier failures of an entry. A request that failed
        as a whole counts for each of its entries.

        Raises:
            EventBridgeAssertionError: An entry was lost; `captured` holds the last failure of each.
        """
        __tracebackhide__ = True
        lost = find_lost_events(self._recorder.calls, self._recorder.events)
        if lost:
            lines = [f"{counted(len(lost), 'event')} failed and {'was' if len(lost) == 1 else 'were'} never accepted."]
            lines += [f"\n  {lost_event_line(event)}" for event in lost]
            raise EventBridgeAssertionError("\n".join(lines), captured=lost)

    def assert_no_duplicates(self, key: str | Callable[[CapturedEvent], Any] | None = None) -> None:
        """Assert that no event was accepted twice.

        Args:
            key: What makes two events the same: a dotted path such as `"detail.order_id"`, or a function of the
                event; `None`: the same event bus, source, detail type, resources and detail. Events that have nothing
                at the path are left out.

        Raises:
            EventBridgeAssertionError: One was; `captured` holds all events that share a key with another.
            TypeError: The path begins with something that an event does not have.
            ValueError: No event has anything at the path.
        """
        __tracebackhide__ = True
        groups = find_duplicates(self._recorder.events, key)
        if groups:
            same = "" if key is None else f" with the same {shown_value(key)}"
            lines = [f"{counted(len(groups), 'event')}{same} {'was' if len(groups) == 1 else 'were'} accepted twice."]
            for group in groups:
                lines += ["", f"  {event_line(group[0])}"]
                lines += [f"    sent from {shown_path(event.sent_from)}" for event in group]
            raise EventBridgeAssertionError("\n".join(lines), captured=[event for group in groups for event in group])

    def _assert_count(
        self, collection: str, expected: ExpectedEvent, bounds: _Bounds, error_code: str | None = None
    ) -> list[CapturedEvent]:
        __tracebackhide__ = True
        matching = [
            event
            for event in _matching(expected, getattr(self._recorder, collection))
            if error_code is None or event.error_code == error_code
        ]
        if not bounds.allow(len(matching)):
            kind = "accepted event" if collection == "events" else "failed entry"
            with_code = f" with {error_code}" if error_code is not None else ""
            count = counted(len(matching), kind) if matching else f"no {kind}"
            verb = "matches" if len(matching) <= 1 else "match"
            headline = f"Expected {bounds.describe(kind)}{with_code}, but {count} {verb}."
            self._fail(headline, [expected], collection, matching)
        return matching

    def _fail(
        self, headline: str, expected: list[ExpectedEvent], collection: str, matching: Sequence[CapturedEvent] = ()
    ) -> NoReturn:
        __tracebackhide__ = True
        captured: list[CapturedEvent] = list(getattr(self._recorder, collection))
        near_misses = [] if matching else find_near_misses(expected[0], captured, _NEAR_MISS_COUNT)
        lines = [headline, "", "Expected:", *expectation_lines(expected[0])]
        lines += near_miss_lines(near_misses[:1], collection)
        lines += self._captured_lines()
        raise EventBridgeAssertionError("\n".join(lines), expected=expected, captured=captured, near_misses=near_misses)

    def _fail_exactly(
        self, unpaired: list[ExpectedEvent], left_over: list[CapturedEvent], expected: list[ExpectedEvent]
    ) -> None:
        __tracebackhide__ = True
        captured = list(self._recorder.events)
        near_misses: list[NearMiss] = []
        lines = [
            f"Expected exactly {counted(len(expected), 'event')}, and {counted(len(captured), 'event')} "
            f"{'was' if len(captured) == 1 else 'were'} accepted; {len(unpaired)} expected without an event, "
            f"{counted(len(left_over), 'event')} that nothing expects."
        ]
        for one in unpaired:
            closest = find_near_misses(one, left_over, _NEAR_MISS_COUNT)
            near_misses += closest
            lines += ["", "Expected:", *expectation_lines(one), *near_miss_lines(closest[:1], "left over")]
        lines += event_lines("Nothing expects:", left_over, "left over")
        raise EventBridgeAssertionError("\n".join(lines), expected=expected, captured=captured, near_misses=near_misses)

    def _captured_lines(self) -> list[str]:
        recorder = self._recorder
        lines = event_lines("Accepted:", recorder.events, "events")
        lines += event_lines("Failed:", recorder.failed_entries, "failed_entries")
        lines += event_lines(
            "Dropped, because the event bus does not exist:", recorder.dropped_events, "dropped_events"
        )
        return lines or ["", "Nothing was captured."]


@final
class _Bounds:
    """How many events have to match."""

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
        if self._times is not None:
            return count == self._times
        return count >= self._least and (self._most is None or count <= self._most)

    def describe(self, kind: str) -> str:
        if self._times is not None:
            return f"no {kind}" if self._times == 0 else f"exactly {counted(self._times, kind)}"
        if self._most is None:
            article = "an" if kind[0] in "aeiou" else "a"
            return f"{article} {kind}" if self._least == 1 else f"at least {counted(self._least, kind)}"
        most = f"at most {counted(self._most, kind)}"
        return most if self._least == 0 else f"at least {self._least} and {most}"


def _matching(expected: ExpectedEvent, events: Sequence[CapturedEvent]) -> list[CapturedEvent]:
    return [event for event in events if expected.matches(event)]


def _all_expected(expected: Sequence[ExpectedEvent]) -> list[ExpectedEvent]:
    return [as_expected(one, {}) for one in expected]
