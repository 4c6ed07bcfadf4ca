"""The record of what was captured, and the read-only views of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, TypeVar, final, overload

from pytest_eventbridge._model import CapturedEvent, PutEventsCall, fill_in

T = TypeVar("T", bound="CapturedEvent | PutEventsCall")


@final
class CapturedSequence(Sequence[T], Generic[T]):
    """A live, read-only view: what is captured later shows in it. A slice is a list, and stays as it is."""

    __slots__ = ("_captured",)

    def __init__(self, captured: list[T]) -> None:
        self._captured = captured

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
    """

    def __init__(self) -> None:
        self.events: Final[list[CapturedEvent]] = []
        self.failed_entries: Final[list[CapturedEvent]] = []
        self.dropped_events: Final[list[CapturedEvent]] = []
        self.calls: Final[list[PutEventsCall]] = []
        # Re-entrant, because a matcher of the test's runs under it and may itself publish.
        self.lock: Final = threading.RLock()
        self._captures: list[Recorder] = []

    def record(
        self,
        call: PutEventsCall,
        *,
        accepted: Sequence[CapturedEvent] = (),
        failed: Sequence[CapturedEvent] = (),
        dropped: Sequence[CapturedEvent] = (),
    ) -> None:
        """Add a call and the outcome of its entries, here and in each open capture. Call it under the lock."""
        self.calls.append(call)
        self.events.extend(accepted)
        self.failed_entries.extend(failed)
        self.dropped_events.extend(dropped)
        for capture in self._captures:
            capture.record(call, accepted=accepted, failed=failed, dropped=dropped)

    def complete(self, call: PutEventsCall, *, response: dict[str, Any] | None, error: BaseException | None) -> None:
        """Note what the caller got from a call."""
        fill_in(call, response=response, error=error)

    def clear(self) -> None:
        """Forget everything captured so far; open `capture()` blocks keep theirs."""
        with self.lock:
            for captured in (self.events, self.failed_entries, self.dropped_events, self.calls):
                captured.clear()

    def open_capture(self) -> Recorder:
        """Return a record that gets, besides this one, what is captured from now on."""
        capture = Recorder()
        with self.lock:
            self._captures.append(capture)
        return capture

    def close_capture(self, capture: Recorder) -> None:
        """End what `open_capture` began."""
        with self.lock:
            self._captures.remove(capture)
