"""The record of what was captured, and the read-only views of it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Final, Generic, TypeVar, final, overload

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
        return self._captured[index]

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


@final
class Recorder:
    """What one fake, or one `capture()` block, has captured.

    Attributes:
        events: Accepted events, in the order of capture.
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
        self.events: Final[list[CapturedEvent]] = []
        self.failed_entries: Final[list[CapturedEvent]] = []
        self.dropped_events: Final[list[CapturedEvent]] = []
        self.calls: Final[list[PutEventsCall]] = []
        # Re-entrant, because a matcher of the test's runs under it and may itself publish.
        self.lock: threading.RLock = threading.RLock() if around is None else around.lock
        self._captures: list[Recorder] = []

    def record_call(self, call: PutEventsCall) -> None:
        """Add a call that has reached the service, here and in each open capture. Call it under the lock."""
        self.calls.append(call)
        for capture in self._captures:
            capture.record_call(call)

    def record(
        self,
        *,
        accepted: Sequence[CapturedEvent] = (),
        failed: Sequence[CapturedEvent] = (),
        dropped: Sequence[CapturedEvent] = (),
    ) -> None:
        """Add the outcome of entries, here and in each open capture. Call it under the lock."""
        self.events.extend(accepted)
        self.failed_entries.extend(failed)
        self.dropped_events.extend(dropped)
        for capture in self._captures:
            capture.record(accepted=accepted, failed=failed, dropped=dropped)

    def clear(self) -> None:
        """Forget everything captured so far; open `capture()` blocks keep theirs."""
        with self.lock:
            self.cleared_events.extend(self.events)
            for captured in (self.events, self.failed_entries, self.dropped_events, self.calls):
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
            self._captures.append(capture)
        return capture

    def close_capture(self, capture: Recorder) -> None:
        """End what `open_capture` began."""
        with self.lock:
            self._captures.remove(capture)
