"""Waiting: what is there already, what threads and tasks send, time that is over, and time that stands still.

Events are let go when somebody is known to wait, so that no test depends on how long anything takes. A wait that is
meant to end without the event takes no time, or as little as can be told from none.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.session
import pytest

from pytest_eventbridge import CapturedEvents, EventBridgeAssertionError, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._recorder import Recorder

# Far beyond what anything here takes; a wait that comes to it has been forgotten.
FOREVER = 60.0
SHORTLY = 0.02


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def send(*sources: str) -> None:
    """Send an entry from each source in one request; `"!"` makes one that the service refuses."""
    entries = [
        {"Source": source, "DetailType": "T", "Detail": "no JSON" if source == "!" else "{}"} for source in sources
    ]
    events_client().put_events(Entries=entries)


def sources(events: list[Any]) -> str:
    """Return the sources of events in one text."""
    return "".join(event.source for event in events)


def is_waited_for(captured: CapturedEvents) -> bool:
    """Say whether somebody is waiting, and has looked at what is there."""
    listeners = [one for one in captured._recorder._listeners if not isinstance(one, Recorder)]
    return any(not one._uncounted for one in listeners)


@pytest.fixture
def meanwhile() -> Iterator[Callable[..., Future[None]]]:
    """A function that sends in another thread as soon as somebody waits, one request for each text."""
    is_over = threading.Event()
    with ThreadPoolExecutor() as pool:

        def once_waited_for(captured: CapturedEvents, *requests: str) -> None:
            for request in requests:
                while not is_waited_for(captured):
                    if is_over.is_set():  # a test that was skipped waits for nothing
                        return
                    time.sleep(0)
                send(*request)

        yield lambda captured, *requests: pool.submit(once_waited_for, captured, *requests)
        is_over.set()


def wait(captured: CapturedEvents, *args: Any, **kwargs: Any) -> Any:
    """Wait as a plain test does."""
    return captured.wait_for(*args, **kwargs)


def wait_on_a_loop(captured: CapturedEvents, *args: Any, **kwargs: Any) -> Any:
    """Wait on an event loop of asyncio."""
    return asyncio.run(captured.wait_for_async(*args, **kwargs))


def wait_on_trio(captured: CapturedEvents, *args: Any, **kwargs: Any) -> Any:
    """Wait in a run of trio."""
    return pytest.importorskip("trio").run(lambda: captured.wait_for_async(*args, **kwargs))


each_way = pytest.mark.parametrize("wait", [wait, wait_on_a_loop, wait_on_trio])


@each_way
def test_events_that_are_there_already(eventbridge: FakeEventBridge, wait: Callable[..., Any]) -> None:
    """Whatever matches already is returned at once, in the order of capture, even where no time is given."""
    send("a", "b", "a")
    assert wait(eventbridge, source="a", timeout=0) == [eventbridge.events[0], eventbridge.events[2]]
    assert wait(eventbridge, ExpectedEvent(source="b"), timeout=0) == eventbridge.events[1:2]
    assert sources(wait(eventbridge, timeout=0, times=3)) == "aba"


@each_way
def test_an_event_from_another_thread(
    eventbridge: FakeEventBridge, meanwhile: Callable[..., Future[None]], wait: Callable[..., Any]
) -> None:
    """Events that do not match are waited past, and the one that does is returned."""
    sent = meanwhile(eventbridge, "b", "!", "ba")
    assert sources(wait(eventbridge, source="a", timeout=FOREVER)) == "a"
    sent.result()
    assert sources(list(eventbridge.events)) == "bba"


@each_way
def test_so_many_events(
    eventbridge: FakeEventBridge, meanwhile: Callable[..., Future[None]], wait: Callable[..., Any]
) -> None:
    """Those that were there count with those that come; all that match by then are returned."""
    send("a")
    meanwhile(eventbridge, "b", "a", "aa")
    assert sources(wait(eventbridge, source="a", times=3, timeout=FOREVER)) == "aaaa"


@each_way
def test_within_a_capture(
    eventbridge: FakeEventBridge, meanwhile: Callable[..., Future[None]], wait: Callable[..., Any]
) -> None:
    """A view of a block waits for what is captured inside the block only."""
    send("a")
    with eventbridge.capture() as captured:
        with pytest.raises(EventBridgeAssertionError):
            wait(captured, source="a", timeout=0)
        meanwhile(captured, "a")
        assert wait(captured, source="a", timeout=FOREVER) == eventbridge.events[1:]


@each_way
@pytest.mark.parametrize(("seconds", "said"), [(0, "0 seconds"), (SHORTLY, "0.02 seconds")])
def test_time_is_over(eventbridge: FakeEventBridge, wait: Callable[..., Any], seconds: float, said: str) -> None:
    """What is raised then is what `assert_emitted` raises, with the near misses, and says how long was waited."""
    send("b", "a", "!")
    expected = ExpectedEvent(source="a", detail={"id": 1})
    with pytest.raises(EventBridgeAssertionError) as at_once:
        eventbridge.assert_emitted(expected, at_least=2)
    with pytest.raises(EventBridgeAssertionError) as waited:
        wait(eventbridge, expected, times=2, timeout=seconds)
    headline, *lines = str(at_once.value).splitlines()
    assert str(waited.value).splitlines() == [headline, f"Waited {said}.", *lines]
    assert waited.value.expected == at_once.value.expected == (expected,)
    assert waited.value.captured == at_once.value.captured
    assert [near.index for near in waited.value.near_misses] == [near.index for near in at_once.value.near_misses]


@each_way
def test_nothing_is_left(eventbridge: FakeEventBridge, wait: Callable[..., Any]) -> None:
    """A wait leaves no listener and no thread, however it ends."""
    before = set(threading.enumerate())

    def raises(event: Any) -> bool:
        raise LookupError("in the matcher")

    send("a")
    wait(eventbridge, source="a")
    with pytest.raises(EventBridgeAssertionError):
        wait(eventbridge, source="b", timeout=SHORTLY)
    with pytest.raises(LookupError, match="in the matcher"):
        wait(eventbridge, where=raises)
    assert eventbridge._recorder._listeners == []
    assert set(threading.enumerate()) - before == set()


@each_way
def test_matchers_run_where_somebody_waits(
    eventbridge: FakeEventBridge, meanwhile: Callable[..., Future[None]], wait: Callable[..., Any]
) -> None:
    """A predicate runs in the thread of the test, once for each event, and what it raises does not reach the sender."""
    seen: list[tuple[str, str]] = []

    def is_b(event: Any) -> bool:
        seen.append((event.source, threading.current_thread().name))
        if event.source == "c":
            raise LookupError("in the matcher")
        return False

    sent = meanwhile(eventbridge, "a", "b", "c")
    with pytest.raises(LookupError, match="in the matcher"):
        wait(eventbridge, where=is_b, timeout=FOREVER)
    sent.result()
    assert seen == [(source, threading.current_thread().name) for source in "abc"]


@each_way
@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"timeout": -1}, ValueError, "timeout: -1 is not a number of seconds that one can wait."),
        ({"timeout": float("nan")}, ValueError, "timeout: nan is not"),
        ({"timeout": float("inf")}, ValueError, "timeout: inf is not"),
        ({"timeout": "5"}, TypeError, "timeout: a number of seconds is required, not '5'."),
        ({"timeout": None}, TypeError, "timeout: a number of seconds is required, not None."),
        ({"timeout": True}, TypeError, "timeout: a number of seconds is required, not True."),
        ({"times": 0}, ValueError, "times: 0 is less than 1."),
        ({"times": 1.5}, TypeError, "times: a whole number is required, not 1.5."),
        ({"times": None}, TypeError, "times: a whole number is required, not None."),
        ({"sorce": "a"}, TypeError, "Did you mean 'source'?"),
        ({"source": int}, TypeError, "int"),
    ],
    ids=str,
)
def test_arguments_that_make_no_sense(
    eventbridge: FakeEventBridge,
    wait: Callable[..., Any],
    arguments: dict[str, Any],
    error: type[Exception],
    text: str,
) -> None:
    """They are refused before anything is waited for, even where an event matches."""
    send("a")
    with pytest.raises(error) as caught:
        wait(eventbridge, **arguments)
    assert text in str(caught.value)


def test_many_wait_at_once(eventbridge: FakeEventBridge) -> None:
    """Each of several threads gets what it waits for, and none wakes another for good."""
    with ThreadPoolExecutor() as pool:
        waits = [pool.submit(eventbridge.wait_for, source=source, timeout=FOREVER) for source in "abcd"]
        for source in "dxcba":
            send(source)
        assert [sources(one.result()) for one in waits] == list("abcd")


def test_while_many_threads_send(eventbridge: FakeEventBridge) -> None:
    """No arrival is missed, and none is counted twice."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(lambda: [send("a", "b") for _ in range(25)])
        assert len(eventbridge.wait_for(source="a", times=200, timeout=FOREVER)) == 200
    assert len(eventbridge.events) == 400


def test_a_matcher_that_sends(eventbridge: FakeEventBridge, meanwhile: Callable[..., Future[None]]) -> None:
    """A predicate may itself send, and wait for that, while other threads go on sending."""

    def answers(event: Any) -> bool:
        if event.source == "a":
            send("c")
            eventbridge.wait_for(source="c", timeout=FOREVER)
        return event.source == "b"

    meanwhile(eventbridge, "a", "b")
    assert sources(eventbridge.wait_for(where=answers, timeout=FOREVER)) == "b"


def test_an_event_that_came_when_the_time_was_over(eventbridge: FakeEventBridge) -> None:
    """An event that nobody was woken for any more is found by the last look."""
    with patch("pytest_eventbridge._waiting.wait_for", lambda *_: send("a") or []):
        assert eventbridge.wait_for(source="a", timeout=0) == list(eventbridge.events)


def test_tasks_of_the_same_loop(eventbridge: FakeEventBridge) -> None:
    """The loop goes on while it is waited on, so that a task of its own can send."""

    async def test() -> None:
        async def send_soon() -> None:
            while not is_waited_for(eventbridge):
                await asyncio.sleep(0)
            send("a")

        waited, _ = await asyncio.gather(eventbridge.wait_for_async(source="a", timeout=FOREVER), send_soon())
        assert sources(waited) == "a"

    asyncio.run(test())


def test_a_wait_is_cancelled(eventbridge: FakeEventBridge) -> None:
    """A task that is cancelled while it waits leaves nothing behind, and later events wake nobody."""
    before = set(threading.enumerate())

    async def test() -> None:
        task = asyncio.create_task(eventbridge.wait_for_async(source="a", timeout=FOREVER))
        while not is_waited_for(eventbridge):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        send("a")

    asyncio.run(test())
    assert eventbridge._recorder._listeners == []
    assert set(threading.enumerate()) - before == set()


def test_the_loop_is_closed_under_a_wait(eventbridge: FakeEventBridge) -> None:
    """Whoever sends does not hear of a loop that was closed before its task was done."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(eventbridge.wait_for_async(source="a", timeout=FOREVER))
    while not is_waited_for(eventbridge):
        loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    send("a")
    assert sources(list(eventbridge.events)) == "a"
    task.get_coro().close()  # type: ignore[union-attr]  # it is one
    del task
    with suppress(RuntimeError), patch.object(loop, "call_exception_handler"):
        gc.collect()  # asyncio complains of a task that is pending when it goes


def test_without_a_loop(eventbridge: FakeEventBridge) -> None:
    """A coroutine that nothing runs says so, in asyncio's own words."""
    with pytest.raises(RuntimeError, match="no running event loop"):
        eventbridge.wait_for_async(source="a").send(None)


def freezegun(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the time as freezegun does: every clock of Python's stands."""
    return pytest.importorskip("freezegun").freeze_time("2026-01-01")


def time_machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the time as time-machine does."""
    return pytest.importorskip("time_machine").travel("2026-01-01", tick=False)


def by_hand(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the clocks by putting others in their place."""
    return patch.multiple(time, monotonic=lambda: 0.0, perf_counter=lambda: 0.0, time=lambda: 0.0)


@each_way
@pytest.mark.parametrize("stop", [freezegun, time_machine, by_hand])
def test_time_stands_still(
    eventbridge: FakeEventBridge,
    meanwhile: Callable[..., Future[None]],
    monkeypatch: pytest.MonkeyPatch,
    wait: Callable[..., Any],
    stop: Callable[[pytest.MonkeyPatch], Any],
) -> None:
    """A wait ends when its time is over, and wakes when an event comes, though the test has stopped every clock."""
    with stop(monkeypatch):
        with pytest.raises(EventBridgeAssertionError, match=r"Waited 0\.02 seconds\."):
            wait(eventbridge, source="a", timeout=SHORTLY)
        meanwhile(eventbridge, "b", "a")
        assert sources(wait(eventbridge, source="a", timeout=FOREVER)) == "a"


def test_nothing_comes_within(eventbridge: FakeEventBridge) -> None:
    """It holds when no event that matches comes in that time."""
    send("b")
    eventbridge.assert_not_emitted(source="a", within=SHORTLY)
    eventbridge.assert_not_emitted(source="a", within=0)


def test_something_comes_within(eventbridge: FakeEventBridge, meanwhile: Callable[..., Future[None]]) -> None:
    """It fails with the text of the plain assertion as soon as one comes, or at once when one is there."""
    meanwhile(eventbridge, "b", "a")
    with pytest.raises(EventBridgeAssertionError) as waited:
        eventbridge.assert_not_emitted(source="a", within=FOREVER)
    with pytest.raises(EventBridgeAssertionError) as plain:
        eventbridge.assert_not_emitted(source="a")
    assert str(waited.value) == str(plain.value)
    with pytest.raises(EventBridgeAssertionError):
        eventbridge.assert_not_emitted(source="a", within=FOREVER)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"within": -0.1, "source": "a"}, ValueError, "within: -0.1 is not a number of seconds that one can wait."),
        ({"within": "1", "source": "a"}, TypeError, "within: a number of seconds is required, not '1'."),
        ({"within": 1}, TypeError, "assert_not_emitted needs criteria."),
    ],
    ids=str,
)
def test_within_what(
    eventbridge: FakeEventBridge, arguments: dict[str, Any], error: type[Exception], text: str
) -> None:
    """A time that makes no sense is refused, and a time does not stand in for criteria."""
    with pytest.raises(error) as caught:
        eventbridge.assert_not_emitted(**arguments)
    assert str(caught.value).startswith(text)


def on_asyncio(test: Callable[[], Awaitable[None]]) -> None:
    """Run on an event loop of asyncio."""
    asyncio.run(test())  # type: ignore[arg-type]  # a coroutine, which is awaitable


def on_trio(test: Callable[[], Awaitable[None]]) -> None:
    """Run in a run of trio."""
    pytest.importorskip("trio").run(test)


@pytest.mark.parametrize("run", [on_asyncio, on_trio])
def test_within_on_an_event_loop(eventbridge: FakeEventBridge, run: Callable[..., None]) -> None:
    """It refuses to block a loop, on which nothing could send meanwhile, so that it would always hold."""

    async def test() -> None:
        with pytest.raises(RuntimeError, match="would block the event loop that is running on this thread"):
            eventbridge.assert_not_emitted(source="a", within=FOREVER)
        eventbridge.assert_not_emitted(source="a")

    run(test)


def test_within_in_a_thread_beside_the_loop(eventbridge: FakeEventBridge) -> None:
    """In a thread of its own it sees what the tasks of the loop send."""

    async def test() -> None:
        waiting = asyncio.ensure_future(asyncio.to_thread(eventbridge.assert_not_emitted, source="a", within=FOREVER))
        while not is_waited_for(eventbridge):
            await asyncio.sleep(0)
        send("a")
        with pytest.raises(EventBridgeAssertionError):
            await waiting

    asyncio.run(test())


def test_within_before_anybody_has_loaded_asyncio(
    eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where asyncio is not loaded no loop of it runs, and it is not loaded to find that out."""
    monkeypatch.delitem(sys.modules, "asyncio")
    eventbridge.assert_not_emitted(source="a", within=0)
    assert "asyncio" not in sys.modules
