"""Waiting for events that threads, tasks or other processes send: woken by each arrival, never by polling.

No clock is read here but that of `threading`, which tools that stop the time for a test leave alone.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, final

from pytest_eventbridge._custom_bus_events import CapturedRawEvent
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._model import CapturedEvent, PutEventsCall
from pytest_eventbridge._recorder import Recorder

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


def wait_for(recorder: Recorder, expected: ExpectedEvent, times: int, seconds: float) -> list[CapturedEvent]:
    """Block this thread until so many accepted events match, at the longest for so many seconds.

    Returns:
        Those that match, in the order of capture: fewer than `times` when the time is over.
    """
    condition = threading.Condition(recorder.lock)
    with Arrivals(recorder, expected, wake=condition.notify_all) as arrivals, condition:
        condition.wait_for(lambda: arrivals.count() >= times, seconds)
        return arrivals.matching


async def wait_for_async(
    recorder: Recorder, expected: ExpectedEvent, times: int, seconds: float
) -> list[CapturedEvent]:
    """Suspend this task until so many accepted events match; as `wait_for`, on asyncio and on trio."""
    bell = _Bell.of_this_loop()
    with Arrivals(recorder, expected, wake=bell.ring) as arrivals:
        if arrivals.count() < times:
            with _last_ring_after(seconds, bell):
                while arrivals.count() < times and not bell.has_rung_last:
                    await bell.heard()
        return arrivals.matching


def is_on_event_loop() -> bool:
    """Say whether an event loop is running on this thread, so that blocking it stops what runs on the loop."""
    asyncio = sys.modules.get("asyncio")  # nothing can run on it before somebody has loaded it
    if asyncio is not None:
        with suppress(RuntimeError):
            return asyncio.get_running_loop() is not None
    return _trio_token() is not None


@final
class Arrivals:
    """The accepted events that match: those that are there, and within its `with` block those that arrive.

    The test's matchers run in the thread or task that asks for the count, not in those that send.

    Args:
        recorder: Where the events are recorded.
        expected: What they have to match.
        wake: Called after each arrival, in the thread that sends, under the lock of the record.

    Attributes:
        matching: Those that match, as far as they are counted.
    """

    def __init__(self, recorder: Recorder, expected: ExpectedEvent, *, wake: Callable[[], None]) -> None:
        self.matching: list[CapturedEvent] = []
        self._recorder = recorder
        self._expected = expected
        self._wake = wake
        self._uncounted: deque[CapturedEvent] = deque()

    def __enter__(self) -> Arrivals:
        with self._recorder.lock:
            self._uncounted.extend(self._recorder.events)
            self._recorder.add_listener(self)
        return self

    def __exit__(self, *_: object) -> None:
        with self._recorder.lock:
            self._recorder.remove_listener(self)

    def count(self) -> int:
        """Return how many match so far."""
        while self._uncounted:
            event = self._uncounted.popleft()
            if self._expected.matches(event):
                self.matching.append(event)
        return len(self.matching)

    def record_call(self, call: PutEventsCall) -> None:
        """Pass over a call: what matters are its entries."""

    def record(
        self,
        *,
        accepted: Sequence[CapturedEvent] = (),
        failed: Sequence[CapturedEvent] = (),  # noqa: ARG002 - as every listener of a recorder is called
        dropped: Sequence[CapturedEvent] = (),  # noqa: ARG002
        raw: Sequence[CapturedRawEvent] = (),  # noqa: ARG002
    ) -> None:
        """Keep accepted events until somebody counts them, and wake who is to."""
        if accepted:
            self._uncounted.extend(accepted)
            self._wake()


@final
class _Bell:
    """Wakes a task of an event loop, from any thread.

    Attributes:
        has_rung_last: Whether there is no more to wait for.
    """

    def __init__(self, make_event: Callable[[], Any], call_soon: Callable[[Callable[[], None]], object]) -> None:
        self.has_rung_last = False
        self._make_event = make_event
        self._call_soon = call_soon
        self._event = make_event()

    @classmethod
    def of_this_loop(cls) -> _Bell:
        """Return one for the event loop that is running.

        Raises:
            RuntimeError: None is.
        """
        if (token := _trio_token()) is not None:
            return cls(sys.modules["trio"].Event, token.run_sync_soon)
        # Whoever runs a coroutine has loaded it; it is imported here because it is slow to load.
        import asyncio

        return cls(asyncio.Event, asyncio.get_running_loop().call_soon_threadsafe)

    def ring(self) -> None:
        """Wake the task."""
        with suppress(RuntimeError):  # of a loop that was closed with the task still waiting
            self._call_soon(lambda: self._event.set())

    def ring_last(self) -> None:
        """Wake the task for the last time."""
        self.has_rung_last = True
        self.ring()

    async def heard(self) -> None:
        """Wait until it rings."""
        await self._event.wait()
        self._event = self._make_event()


@contextmanager
def _last_ring_after(seconds: float, bell: _Bell) -> Iterator[None]:
    # Not by a timer of the loop: its clock stands still where a test has stopped the time.
    timer = threading.Timer(seconds, bell.ring_last)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _trio_token() -> Any:
    """Return what calls into the run of trio that this thread is in; `None` when it is in none."""
    trio = sys.modules.get("trio")
    with suppress(RuntimeError):
        return None if trio is None else trio.lowlevel.current_trio_token()
    return None
