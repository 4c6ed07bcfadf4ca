"""The record of what was captured, and the read-only views of it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Final, Generic, Protocol, TypeVar, final, overload

from pytest_eventbridge._custom_bus_events import CapturedRawEvent
from pytest_eventbridge._event_log import EventLog
from pytest_eventbridge._model import CapturedEvent, PutEventsCall
from pytest_eventbridge._stopwatch import seconds

T = TypeVar("T", bound="CapturedEvent | PutEventsCall")


@final
class CapturedSequence(Sequence[T], Generic[T]):
    """A live, read-only view: what is captured later shows in it. A slice is a list, and stays as it is."""

    __slots__ = ("_captured", "collection", "recorder")

    def __init__(self, captured: list[T], recorder: Recorder, collection: str) -> None:
        self._captured = captured
        self.recorder = recorder
        self.collection = collection

    def __len__(self) -> int:
        return len(self._captured)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        __tracebackhide__ = True
        try:
            return self._captured[index]
        except IndexError:
            there = f"has {len(self._captured)}" if self._captured else "is empty"
            raise IndexError(f"There is no {self.collection}[{index}]: {self.collection} {there}.") from None

    def __iter__(self) -> Iterator[T]:
        return iter(self._captured)

    def __contains__(self, value: object) -> bool:
        return value in self._captured

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CapturedSequence):
            return self._captured == other._captured
        if isinstance(other, list):
            return self._captured == other
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # how Python says unhashable: the view changes

    def __repr__(self) -> str:
        return repr(self._captured)


class Listener(Protocol):
    """What hears of all that is recorded: a record of its own, or somebody who waits. Called under the lock."""

    def record_call(self, call: PutEventsCall) -> None:
        """Hear of a call."""

    def record(
        self,
        *,
        accepted: Sequence[CapturedEvent],
        failed: Sequence[CapturedEvent],
        dropped: Sequence[CapturedEvent],
        raw: Sequence[CapturedRawEvent],
    ) -> None:
        """Hear of the outcome of entries."""


@final
class Recorder:
    """What one fake, or one `capture()` block, has captured.

    Attributes:
        events: Accepted events, in the order of capture.
        raw_events: Those of PutRawEvents, which are not among `events`.
        failed_entries: Entries answered with an `ErrorCode`.
        dropped_events: Entries answered with success that went to an event bus that does not exist.
        calls: One for each API call.
        event_buses: The event buses that were declared; `None` when every one exists.
        began: When it began, by the stopwatch.
        cleared_events: The accepted events that `clear` was called upon, for hints.
    """

    def __init__(self, *, event_buses: Collection[str] | None = None, around: Recorder | None = None) -> None:
        self.event_buses: Final = event_buses
        self.cleared_events: Final[list[CapturedEvent]] = []
        self._around = around
        self.began: Final = seconds()
        self.events: Final = EventLog()
        self.raw_events: Final[list[CapturedRawEvent]] = []
        self.failed_entries: Final = EventLog()
        self.dropped_events: Final[list[CapturedEvent]] = []
        self.calls: Final[list[PutEventsCall]] = []
        # Re-entrant, because a matcher of the test's runs under it and may itself publish.
        self.lock: threading.RLock = threading.RLock() if around is None else around.lock
        self._listeners: list[Listener] = []

    def record_call(self, call: PutEventsCall) -> None:
        """Add a call that has reached the service, and tell the listeners. Call it under the lock."""
        self.calls.append(call)
        for listener in self._listeners:
            listener.record_call(call)

    def record(
        self,
        accepted: Sequence[CapturedEvent] = (),
        failed: Sequence[CapturedEvent] = (),
        dropped: Sequence[CapturedEvent] = (),
        raw: Sequence[CapturedRawEvent] = (),
    ) -> None:
        """Add the outcome of entries, and tell the listeners. Call it under the lock."""
        self.events.extend(accepted)
        self.failed_entries.extend(failed)
        self.dropped_events.extend(dropped)
        self.raw_events.extend(raw)
        for listener in self._listeners:
            listener.record(accepted=accepted, failed=failed, dropped=dropped, raw=raw)

    def all_accepted(self) -> list[CapturedEvent]:
        """Return what was accepted and has not been dropped, raw events last."""
        return [*self.events, *self.raw_events]

    def clear(self) -> None:
        """Forget everything captured so far; open `capture()` blocks keep theirs."""
        with self.lock:
            self.cleared_events.extend(self.events)
            for captured in (self.events, self.raw_events, self.failed_entries, self.dropped_events, self.calls):
                captured.clear()

    def events_outside(self) -> list[CapturedEvent]:
        """Return the accepted events that the record around a capture has besides those of the capture."""
        if self._around is None:
            return []
        inside = {id(event) for event in (*self.events, *self.cleared_events)}
        return [event for event in self._around.events if id(event) not in inside]

    def open_capture(self) -> Recorder:
        """Return a record that gets, besides this one, what is captured from now on."""
        capture = Recorder(event_buses=self.event_buses, around=self)
        with self.lock:
            self.add_listener(capture)
        return capture

    def close_capture(self, capture: Recorder) -> None:
        """End what `open_capture` began."""
        with self.lock:
            self.remove_listener(capture)

    def add_listener(self, listener: Listener) -> None:
        """Tell somebody of all that is recorded from now on. Call it under the lock."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Listener) -> None:
        """End what `add_listener` began. Call it under the lock."""
        self._listeners.remove(listener)
