"""Reading and asserting on what was captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_eventbridge._bookkeeping import find_duplicates, find_lost_events
from pytest_eventbridge._candidates import find_matching
from pytest_eventbridge._counting import Bounds
from pytest_eventbridge._custom_bus_events import CapturedRawEvent
from pytest_eventbridge._expected import ExpectedEvent, as_expected
from pytest_eventbridge._explanation import explain_unmet
from pytest_eventbridge._messages import (
    captured_lines,
    duplicate_lines,
    event_lines,
    expectation_lines,
    lost_events_problem,
    near_miss_lines,
)
from pytest_eventbridge._model import CapturedEvent, PutEventsCall
from pytest_eventbridge._nearmiss import NearMiss, NearMissSearch
from pytest_eventbridge._pairing import pair
from pytest_eventbridge._recorder import CapturedSequence
from pytest_eventbridge._waiting import AwaitedEvents
from pytest_eventbridge._wording import counted, more_lines, shown_value
from pytest_eventbridge.exceptions import EventBridgeAssertionError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from pytest_eventbridge._expected import Criteria

# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True


class CapturedEvents(AwaitedEvents):
    """What was captured, with everything there is to ask of it.

    A `FakeEventBridge` is one, and `capture()` yields one of what is captured inside its block only.
    """

    @property
    def events(self) -> CapturedSequence[CapturedEvent]:
        """Accepted events, in the order of capture: a live, read-only view."""
        return CapturedSequence(self._recorder.events, self._recorder, "events")

    @property
    def raw_events(self) -> CapturedSequence[CapturedRawEvent]:
        """Accepted events of PutRawEvents, in the order of capture, which are not among `events`: a live view."""
        return CapturedSequence(self._recorder.raw_events, self._recorder, "raw_events")

    @property
    def failed_entries(self) -> CapturedSequence[CapturedEvent]:
        """Entries answered with an `ErrorCode`: injected, or because the service would refuse them."""
        return CapturedSequence(self._recorder.failed_entries, self._recorder, "failed_entries")

    @property
    def dropped_events(self) -> CapturedSequence[CapturedEvent]:
        """Entries answered with success that went to an event bus that does not exist, as the real service does."""
        return CapturedSequence(self._recorder.dropped_events, self._recorder, "dropped_events")

    @property
    def calls(self) -> CapturedSequence[PutEventsCall]:
        """One for each API call that reached the service, in the order in which they did."""
        return CapturedSequence(self._recorder.calls, self._recorder, "calls")

    def clear(self) -> None:
        """Forget what was captured. Injected failures stay."""
        self._recorder.clear()

    @contextmanager
    def capture(self) -> Iterator[CapturedEvents]:
        """Yield a view of what is captured inside the block only. It can be read after the block too."""
        capture = self._recorder.open_capture()
        try:
            yield CapturedEvents(capture, self._presentation)
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
        __tracebackhide__ = True
        return as_expected(expected, criteria).select(self._recorder.events)

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
        return self._assert_count("events", as_expected(expected, criteria), Bounds(times, at_least, at_most))

    def assert_emitted_once(
        self, expected: ExpectedEvent | None = None, /, **criteria: Unpack[Criteria]
    ) -> CapturedEvent:
        """Assert that exactly one accepted event matches, and return it.

        Raises:
            EventBridgeAssertionError: None matches, or more than one.
        """
        __tracebackhide__ = True
        (event,) = self._assert_count("events", as_expected(expected, criteria), Bounds(1, None, None))
        return event

    def assert_not_emitted(
        self,
        expected: ExpectedEvent | None = None,
        /,
        *,
        within: float | None = None,
        **criteria: Unpack[Criteria],
    ) -> None:
        """Assert that no accepted event matches, nor will one soon.

        Args:
            expected: The expectation, where it is not given as criteria.
            within: Seconds to wait for one; it fails as soon as one comes. `None`: what is there now is all.
            **criteria: See `Criteria`.

        Raises:
            EventBridgeAssertionError: One does.
            TypeError: No criteria: `assert_nothing_emitted` is meant.
            ValueError: A `within` that one cannot wait.
            RuntimeError: `within` on a thread on which an event loop is running: nothing on it could send meanwhile.
        """
        __tracebackhide__ = True
        wanted = as_expected(expected, criteria)
        if not wanted.criteria:
            raise TypeError(
                "assert_not_emitted needs criteria. To assert that there was no event at all, "
                "use assert_nothing_emitted()."
            )
        if within is not None:
            self._await_in_vain(wanted, within)
        self._assert_count("events", wanted, Bounds(0, None, None))

    def assert_nothing_emitted(self) -> None:
        """Assert that no event was accepted, failed or dropped.

        Raises:
            EventBridgeAssertionError: One was.
        """
        __tracebackhide__ = True
        recorder = self._recorder
        captured = [*recorder.all_accepted(), *recorder.failed_entries, *recorder.dropped_events]
        if captured:
            lines = [f"Expected no event, but {counted(len(captured), 'entry')} reached EventBridge."]
            lines += captured_lines(recorder, self._presentation)
            raise EventBridgeAssertionError("\n".join(lines), captured=captured)

    def assert_emitted_in_order(self, *expected: ExpectedEvent) -> list[CapturedEvent]:
        """Assert that accepted events match the expectations in their order; others may stand between.

        Returns:
            The first such events, one for each expectation.

        Raises:
            EventBridgeAssertionError: There is none for an expectation behind those of the expectations before it.
        """
        __tracebackhide__ = True
        wanted = _all_expected(expected)
        events = list(self._recorder.events)
        matching: list[CapturedEvent] = []
        start = 0
        for number, one in enumerate(wanted):
            index = next((index for index in range(start, len(events)) if one.matches(events[index])), None)
            if index is None:
                earlier = "" if not matching else f" after events[{start - 1}], which matches the one before it"
                headline = f"Expected {counted(len(expected), 'event')} in order, but number {number + 1} is not there"
                early = next((index for index in range(start) if one.matches(events[index])), None)
                lines, near_misses = explain_unmet(one, self._recorder, self._presentation, start=start)
                came_early = [] if early is None else [f"events[{early}] matches, but came before events[{start - 1}]."]
                raise EventBridgeAssertionError(
                    "\n".join([f"{headline}{earlier}.", *came_early, *lines]),
                    expected=wanted,
                    captured=events,
                    near_misses=near_misses,
                )
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
            adjacency = find_matching(wanted, events)
        pairing = pair(adjacency, len(events))
        unpaired = [one for one, index in zip(wanted, pairing, strict=True) if index is None]
        if unpaired or len(events) != len(wanted):
            left_over = sorted(set(range(len(events))).difference(pairing))
            self._fail_exactly(wanted, unpaired, events, left_over)
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
        wanted = as_expected(expected, criteria)
        if error_code is not None:
            wanted = wanted.with_error_code(error_code)
        return self._assert_count("failed_entries", wanted, Bounds(times, at_least, at_most))

    def assert_no_lost_events(self) -> None:
        """Assert that each entry that failed was accepted later.

        It counts as the same entry when event bus, source, detail type, detail and resources are the same; `Time` and
        `TraceHeader` may have changed. One acceptance answers all earlier failures of an entry. A request that failed
        as a whole counts for each of its entries.

        Raises:
            EventBridgeAssertionError: An entry was lost; `captured` holds the last failure of each.
        """
        __tracebackhide__ = True
        lost = find_lost_events(self._recorder.calls, self._recorder.all_accepted())
        if lost:
            raise EventBridgeAssertionError(lost_events_problem(lost, self._presentation), captured=lost)

    def assert_no_duplicates(self, key: str | Callable[[CapturedEvent], Any] | None = None) -> None:
        """Assert that no event was accepted twice; one that the service itself has deduplicated was not.

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
        groups = find_duplicates(self._recorder.all_accepted(), key)
        if groups:
            same = "" if key is None else f" with the same {key if isinstance(key, str) else shown_value(key, 60)}"
            were = "was" if len(groups) == 1 else "were"
            lines = [f"{counted(len(groups), 'event')}{same} {were} accepted more than once."]
            lines += duplicate_lines(groups, self._presentation)
            raise EventBridgeAssertionError("\n".join(lines), captured=[event for group in groups for event in group])

    def _fail_exactly(
        self,
        expected: list[ExpectedEvent],
        unpaired: list[ExpectedEvent],
        events: list[CapturedEvent],
        left_over: list[int],
    ) -> NoReturn:
        __tracebackhide__ = True
        presentation = self._presentation
        near_misses: list[NearMiss] = []
        amiss = [f"{counted(len(unpaired), 'expected event')} did not come"] if unpaired else []
        amiss += [f"{len(left_over)} came that nothing expects"] if left_over else []
        were = "was" if len(events) == 1 else "were"
        lines = [
            f"Expected exactly {counted(len(expected), 'event')}, and {counted(len(events), 'event')} {were} accepted: "
            f"{', '.join(amiss)}."
        ]
        search = NearMissSearch(events)
        for one in unpaired[: presentation.listed_count]:
            closest = search.find(one, presentation.near_miss_count, among=left_over)
            near_misses += closest
            lines += ["Expected:", *expectation_lines(one, presentation)]
            lines += near_miss_lines(closest[:1], "events", presentation)
        lines += more_lines(len(unpaired), presentation.listed_count, "expected event", indent="")
        if left_over:
            rows = [(f"events[{index}]", events[index]) for index in left_over]
            lines += event_lines("Nothing expects:", rows, presentation)
        else:
            lines += captured_lines(self._recorder, presentation, events)
        raise EventBridgeAssertionError("\n".join(lines), expected=expected, captured=events, near_misses=near_misses)


def _all_expected(expected: Sequence[ExpectedEvent]) -> list[ExpectedEvent]:
    __tracebackhide__ = True
    for one in expected:
        if not isinstance(one, ExpectedEvent):
            raise TypeError(f"ExpectedEvents are required, not {type(one).__name__}: {one!r}.")
    return list(expected)
