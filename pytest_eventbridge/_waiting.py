"""What a test waits with, for events that threads, tasks or other processes send."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pytest_eventbridge._arrivals import is_on_event_loop, wait_for, wait_for_async
from pytest_eventbridge._counting import Bounds, CountedEvents
from pytest_eventbridge._expected import ExpectedEvent, as_expected
from pytest_eventbridge._failures import checked_count
from pytest_eventbridge._model import CapturedEvent

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from pytest_eventbridge._expected import Criteria

# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True


class AwaitedEvents(CountedEvents):
    """What was captured, and the ways to wait for more of it."""

    def wait_for(
        self,
        expected: ExpectedEvent | None = None,
        /,
        *,
        timeout: float = 5.0,
        times: int = 1,
        **criteria: Unpack[Criteria],
    ) -> list[CapturedEvent]:
        """Block until an accepted event matches, or so many do; those that are there already count.

        For code that sends from another thread or process. It blocks the event loop too, if one runs on this thread.

        Args:
            expected: The expectation, where it is not given as criteria.
            timeout: Seconds to wait at the longest, by a clock that no tool stops.
            times: So many or more.
            **criteria: See `Criteria`.

        Returns:
            The matching events, in the order of capture.

        Raises:
            EventBridgeAssertionError: Too few have come in that time; the text is that of `assert_emitted`.
            TypeError: An unknown criterion, or an argument of the wrong type.
            ValueError: A `timeout` that one cannot wait, or `times` below 1.
        """
        __tracebackhide__ = True
        wanted = as_expected(expected, criteria)
        least, seconds = _checked_times(times), _checked_seconds("timeout", timeout)
        matching = wait_for(self._recorder, wanted, least, seconds)
        return matching if len(matching) >= least else self._assert_arrived(wanted, least, seconds)

    async def wait_for_async(
        self,
        expected: ExpectedEvent | None = None,
        /,
        *,
        timeout: float = 5.0,
        times: int = 1,
        **criteria: Unpack[Criteria],
    ) -> list[CapturedEvent]:
        """Wait as `wait_for` does, and let the event loop go on meanwhile: asyncio's or trio's."""
        __tracebackhide__ = True
        wanted = as_expected(expected, criteria)
        least, seconds = _checked_times(times), _checked_seconds("timeout", timeout)
        matching = await wait_for_async(self._recorder, wanted, least, seconds)
        return matching if len(matching) >= least else self._assert_arrived(wanted, least, seconds)

    def _await_in_vain(self, expected: ExpectedEvent, within: object) -> None:
        """Block until an event matches, or the time is over."""
        __tracebackhide__ = True
        seconds = _checked_seconds("within", within)
        if is_on_event_loop():
            raise RuntimeError(
                "assert_not_emitted(within=...) would block the event loop that is running on this thread, so that "
                "nothing on it could send. Call it in another thread, such as by asyncio.to_thread()."
            )
        wait_for(self._recorder, expected, 1, seconds)

    def _assert_arrived(self, expected: ExpectedEvent, times: int, seconds: float) -> list[CapturedEvent]:
        __tracebackhide__ = True
        waited = [f"Waited {seconds:g} second{'' if seconds == 1 else 's'}."]
        return self._assert_count("events", expected, Bounds(None, times, None), notes=waited)


def _checked_seconds(name: str, value: object) -> float:
    """Return a number of seconds that one can wait.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative, not a number, or more than the platform can wait.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name}: a number of seconds is required, not {value!r}.")
    if not 0 <= value <= threading.TIMEOUT_MAX:
        raise ValueError(f"{name}: {value} is not a number of seconds that one can wait.")
    return float(value)


def _checked_times(value: object) -> int:
    """Return how many events to wait for.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is less than 1.
    """
    times = checked_count("times", value, 1)
    if times is None:
        raise TypeError("times: a whole number is required, not None.")
    return times
