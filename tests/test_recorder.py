"""The record: live read-only views, forgetting, capture blocks, and threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from typing import Any
from unittest.mock import ANY

import botocore.session
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import CapturedEvent, CapturedEvents, FakeEventBridge


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def send(*sources: str, **members: Any) -> dict[str, Any]:
    """Send an entry from each source in one request; `"!"` makes one that the service refuses."""
    entries = [
        {"Source": source, "DetailType": "T", "Detail": "no JSON" if source == "!" else "{}", **members}
        for source in sources
    ]
    return events_client().put_events(Entries=entries)


def sources(captured: CapturedEvents) -> str:
    """Return the sources of the accepted events in one text."""
    return "".join(event.source for event in captured.events)


def test_each_outcome_has_its_view() -> None:
    """Accepted, failed and dropped entries stand apart, and each call is there once."""
    with FakeEventBridge(event_buses=["known"]) as bridge:
        send("a", "!", "b")
        send("c", EventBusName="unknown")
        send("d", EventBusName="known")
        with pytest.raises(ClientError):
            send(*"efghijklmno")
    assert [event.source for event in bridge.events] == ["a", "b", "d"]
    assert [event.source for event in bridge.failed_entries] == ["!"]
    assert [event.source for event in bridge.dropped_events] == ["c"]
    assert [len(call.entries) for call in bridge.calls] == [3, 1, 1, 11]


@pytest.mark.parametrize("name", ["events", "failed_entries", "dropped_events", "calls"])
def test_a_view_is_live(name: str) -> None:
    """A view that was taken before shows what was captured since, and what was forgotten."""
    with FakeEventBridge(event_buses=[]) as bridge:
        view = getattr(bridge, name)
        assert not view
        assert len(view) == 0
        send("a", "!")
        send("b", EventBusName="unknown")
        assert view
        assert list(view) == list(getattr(bridge, name))
        bridge.clear()
        assert len(view) == 0


@pytest.mark.parametrize("name", ["events", "failed_entries", "dropped_events", "calls"])
def test_a_view_is_read_only(eventbridge: FakeEventBridge, name: str) -> None:
    """A view has no method that changes it, and cannot be replaced."""
    send("a")
    view = getattr(eventbridge, name)
    for method in ("append", "clear", "extend", "insert", "pop", "remove", "sort", "reverse"):
        assert not hasattr(view, method)
    with pytest.raises(TypeError, match="does not support item assignment"):
        view[0] = None
    with pytest.raises(TypeError, match="doesn't support item deletion"):
        del view[0]
    with pytest.raises(AttributeError):
        setattr(eventbridge, name, [])


def test_a_view_is_a_sequence(eventbridge: FakeEventBridge) -> None:
    """Length, index, slice, iteration, `in`, `reversed`, `index` and `count` are those of a list."""
    send("a", "b", "c")
    events = eventbridge.events
    first, second, third = events
    assert len(events) == 3
    assert (events[0], events[1], events[-1]) == (first, second, third)
    assert events[1:] == [second, third]
    assert events[::-1] == list(reversed(events)) == [third, second, first]
    assert isinstance(events[:], list)
    assert second in events
    assert "b" not in events
    assert events.index(third) == 2
    assert events.count(first) == 1
    with pytest.raises(IndexError, match=r"^There is no events\[3\]: events has 3\.$"):
        events[3]
    with pytest.raises(TypeError, match="indices must be integers or slices"):
        events["a"]  # type: ignore[call-overload]


def test_a_view_of_nothing_says_so(eventbridge: FakeEventBridge) -> None:
    """A test that takes the first of what is not there is told what is empty."""
    with pytest.raises(IndexError, match=r"^There is no failed_entries\[0\]: failed_entries is empty\.$"):
        eventbridge.failed_entries[0]


def test_a_slice_is_not_live(eventbridge: FakeEventBridge) -> None:
    """A slice is a list of what was there."""
    send("a")
    before = eventbridge.events[:]
    send("b")
    eventbridge.clear()
    assert [event.source for event in before] == ["a"]


def test_a_view_equals_a_list_of_the_same(eventbridge: FakeEventBridge) -> None:
    """A view compares with lists and views, either way round, and with nothing else."""
    send("a", "!")
    events = eventbridge.events
    assert events == [events[0]]
    assert [events[0]] == events
    assert events != []
    assert [events[0]] * 2 != events
    assert events == eventbridge.events
    assert events != eventbridge.failed_entries
    assert eventbridge.dropped_events == []
    assert eventbridge.calls == [eventbridge.calls[0]]
    assert events != tuple(events)
    assert events != events[0]
    assert events == ANY
    with eventbridge.capture() as captured:
        pass
    assert captured.events == eventbridge.dropped_events
    assert captured.events != events


def test_a_view_has_no_hash(eventbridge: FakeEventBridge) -> None:
    """What changes cannot be a dict key."""
    with pytest.raises(TypeError, match="unhashable type: 'CapturedSequence'"):
        hash(eventbridge.events)


def test_a_view_shows_what_is_in_it(eventbridge: FakeEventBridge) -> None:
    """The `repr` is that of a list, so that a failed plain assert reads well."""
    assert repr(eventbridge.events) == "[]"
    send("a", "b")
    assert repr(eventbridge.events) == "[<CapturedEvent 'a' 'T' {}>, <CapturedEvent 'b' 'T' {}>]"


def test_clear_forgets_all_that_was_captured() -> None:
    """After `clear` nothing is there, and what comes then is captured as before."""
    with FakeEventBridge(event_buses=[]) as bridge:
        send("a", "!")
        send("b", EventBusName="unknown")
        bridge.clear()
        assert bridge.events == bridge.failed_entries == bridge.dropped_events == []
        assert bridge.calls == []
        bridge.assert_nothing_emitted()
        send("c")
        assert sources(bridge) == "c"


def test_clear_keeps_injected_failures(eventbridge: FakeEventBridge) -> None:
    """What was injected still fires after `clear`."""
    eventbridge.fail_entries(skip=1)
    send("a")
    eventbridge.clear()
    send("b")
    eventbridge.assert_failed(source="b")


def test_a_capture_sees_its_block_only(eventbridge: FakeEventBridge) -> None:
    """What is captured in the block is in both, what comes before and after only in the fake."""
    send("a")
    with eventbridge.capture() as captured:
        assert captured.events == []
        send("b", "!")
        assert sources(captured) == "b"
    send("c", "!")
    assert sources(captured) == "b"
    assert captured.events[0] is eventbridge.events[1]
    assert captured.failed_entries == eventbridge.failed_entries[:1]
    assert captured.calls == eventbridge.calls[1:2]
    assert sources(eventbridge) == "abc"


def test_a_capture_reads_and_asserts_like_the_fake(eventbridge: FakeEventBridge) -> None:
    """The methods of a capture look at what it has captured."""
    send("a")
    with eventbridge.capture() as captured:
        captured.assert_nothing_emitted()
        send("b")
    captured.assert_emitted_once(source="b")
    captured.assert_not_emitted(source="a")
    assert captured.find() == captured.events


def test_captures_nest_and_overlap(eventbridge: FakeEventBridge) -> None:
    """Each block gets what is captured while it is open, in whatever order they end."""
    first, second, third = (eventbridge.capture() for _ in range(3))
    with ExitStack() as stack:
        outer = stack.enter_context(first)
        send("a")
        inner = second.__enter__()
        send("b")
        last = stack.enter_context(third)
        send("c")
        second.__exit__(None, None, None)
        send("d")
    send("e")
    assert (sources(outer), sources(inner), sources(last), sources(eventbridge)) == ("abcd", "bc", "cd", "abcde")


def test_a_capture_can_be_captured(eventbridge: FakeEventBridge) -> None:
    """A block inside a block of the same view sees a part of that part."""
    with eventbridge.capture() as outer:
        send("a")
        with outer.capture() as inner:
            send("b")
        send("c")
    assert (sources(outer), sources(inner)) == ("abc", "b")


def test_clear_and_captures_leave_each_other_alone(eventbridge: FakeEventBridge) -> None:
    """The fake's `clear` does not reach an open capture, nor a capture's `clear` the fake."""
    with eventbridge.capture() as captured:
        send("a")
        eventbridge.clear()
        assert sources(captured) == "a"
        send("b")
        captured.clear()
        assert sources(eventbridge) == "b"
        send("c")
    assert (sources(captured), sources(eventbridge)) == ("c", "bc")


def test_a_capture_ends_with_an_exception(eventbridge: FakeEventBridge) -> None:
    """An exception in the block passes through and closes the capture."""
    views = []

    def capture_and_raise() -> None:
        with eventbridge.capture() as captured:
            views.append(captured)
            send("a")
            raise LookupError

    with pytest.raises(LookupError):
        capture_and_raise()
    send("b")
    assert sources(views[0]) == "a"


def test_captures_of_nested_fakes() -> None:
    """A capture of the outer fake does not see what an inner fake answers."""
    with FakeEventBridge() as outer, outer.capture() as captured:
        send("a")
        with FakeEventBridge() as inner:
            send("b")
        send("c")
    assert (sources(captured), sources(inner)) == ("ac", "b")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["send", "open", "close", "clear"]), max_size=20))
def test_captures_agree_with_a_log(steps: list[str]) -> None:
    """Whatever is opened, closed and cleared in whatever order, each record has what a plain log would."""
    log: list[str] = []
    cleared = 0
    opened: list[tuple[Any, CapturedEvents, int]] = []
    closed: list[tuple[CapturedEvents, int, int]] = []
    with FakeEventBridge() as bridge:
        for number, step in enumerate(steps):
            if step == "send":
                log.append(f"{number};")
                send(log[-1])
            elif step == "open":
                block = bridge.capture()
                opened.append((block, block.__enter__(), len(log)))
            elif step == "close" and opened:
                # The oldest first, so that blocks overlap as well as nest.
                block, captured, start = opened.pop(0)
                block.__exit__(None, None, None)
                closed.append((captured, start, len(log)))
            elif step == "clear":
                bridge.clear()
                cleared = len(log)
    assert sources(bridge) == "".join(log[cleared:])
    for captured, start, end in [*closed, *((captured, start, len(log)) for _, captured, start in opened)]:
        assert sources(captured) == "".join(log[start:end])


THREAD_COUNT = 8
CALLS_PER_THREAD = 25


def test_nothing_is_lost_between_threads(eventbridge: FakeEventBridge) -> None:
    """What many threads send at once is all there, each once, in the order of each thread."""
    client = events_client()
    start = threading.Barrier(THREAD_COUNT)

    def publish(thread: int) -> list[str]:
        start.wait()
        sent = []
        for number in range(CALLS_PER_THREAD):
            text = f'{{"thread": {thread}, "number": {number}}}'
            entry = {"Source": "a", "DetailType": "T", "Detail": text}
            response = client.put_events(Entries=[entry, {**entry, "Detail": "no JSON"}])
            sent.append(response["Entries"][0]["EventId"])
        return sent

    with eventbridge.capture() as captured, ThreadPoolExecutor(THREAD_COUNT) as pool:
        sent = list(pool.map(publish, range(THREAD_COUNT)))
    by_thread: dict[int, list[CapturedEvent]] = {thread: [] for thread in range(THREAD_COUNT)}
    for event in eventbridge.events:
        by_thread[event.detail["thread"]].append(event)
    assert [[event.event_id for event in events] for events in by_thread.values()] == sent
    assert all(
        [event.detail["number"] for event in events] == list(range(CALLS_PER_THREAD)) for events in by_thread.values()
    )
    assert len(eventbridge.failed_entries) == THREAD_COUNT * CALLS_PER_THREAD
    assert [call.entries[0] for call in eventbridge.calls] == eventbridge.events
    assert captured.events == eventbridge.events
    assert captured.calls == eventbridge.calls


def test_captures_in_threads(eventbridge: FakeEventBridge) -> None:
    """Threads that open and close captures of their own see all of their own events."""
    client = events_client()
    start = threading.Barrier(THREAD_COUNT)

    def publish(thread: int) -> bool:
        start.wait()
        for number in range(CALLS_PER_THREAD):
            source = f"{thread}-{number}"
            with eventbridge.capture() as captured:
                client.put_events(Entries=[{"Source": source, "DetailType": "T", "Detail": "{}"}])
            captured.assert_emitted_once(source=source)
        return True

    with ThreadPoolExecutor(THREAD_COUNT) as pool:
        assert all(pool.map(publish, range(THREAD_COUNT)))
    assert len(eventbridge.events) == THREAD_COUNT * CALLS_PER_THREAD
