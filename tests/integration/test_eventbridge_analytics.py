"""The package eventbridge-analytics-python, which publishes from a daemon thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from eventbridge.analytics import Client
from eventbridge.analytics.request import APIError

from pytest_eventbridge import EventBridgeAssertionError, FakeEventBridge
from pytest_eventbridge.exceptions import VerificationError

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning:eventbridge.analytics")

MakeClient = Callable[..., Any]


@pytest.fixture
def make_client(eventbridge: FakeEventBridge) -> Iterator[MakeClient]:
    """A function that makes clients, whose threads end before the fake does."""
    made = []

    def make(**options: Any) -> Any:
        client = Client("shop.web", "clicks", **({"upload_interval": 0.05, "max_retries": 0} | options))
        made.append(client)
        return client

    yield make
    for client in made:
        if client.consumers is not None:
            client.join()


def test_its_thread_is_captured(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """What the thread of the library sends is captured, and the call names that thread."""
    client = make_client()
    _, message = client.track("user-1", "Order Placed", {"total": 12})
    client.flush()

    event = eventbridge.assert_emitted_once(
        source="shop.web",
        event_bus="clicks",
        detail_type="eventbridge_analytics_python",
        detail={
            "type": "track",
            "userId": "user-1",
            "event": "Order Placed",
            "properties": {"total": 12},
            "messageId": message["messageId"],
        },
    )
    assert event.call.thread == client.consumers[0].name != threading.current_thread().name
    assert "eventbridge/analytics/" in event.sent_from.replace("\\", "/")


def test_twelve_messages_are_two_calls(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """The library sends ten entries at a time at the most, and keeps their order."""
    client = make_client(send=False)
    for number in range(12):
        client.queue.put({"type": "track", "number": number})
    for _ in range(2):
        client.consumers[0].upload()

    assert [len(call.entries) for call in eventbridge.calls] == [10, 2]
    assert [event.detail["number"] for event in eventbridge.events] == list(range(12))


def test_a_failed_entry_is_lost_in_silence(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """The library never sends a failed entry again, however many retries it may make, and its caller hears nothing."""
    eventbridge.fail_entries("ThrottlingException")
    client = make_client(max_retries=5)

    was_queued, _ = client.track("user-1", "Order Placed")
    client.flush()
    client.join()

    assert was_queued is True
    assert eventbridge.events == []
    assert len(eventbridge.calls) == 1
    with pytest.raises(EventBridgeAssertionError) as failed:
        eventbridge.assert_no_lost_events()
    message = str(failed.value)
    assert message.startswith(
        "1 event failed and was not accepted later:\n  clicks  shop.web  eventbridge_analytics_python"
    )
    assert "ThrottlingException: The request was denied due to request throttling." in message
    assert "the caller got a response without an exception, which hides it." in message


@pytest.mark.eventbridge(fail_on_lost_events=True)
def test_the_check_of_every_test_finds_it(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """With `fail_on_lost_events` nobody has to ask: the end of the test finds the lost event."""
    failure = eventbridge.fail_entries("ThrottlingException")
    client = make_client()
    client.track("user-1", "Order Placed")
    client.flush()

    with pytest.raises(VerificationError, match="1 event failed and was not accepted later"):
        eventbridge.verify()
    assert failure.fired == 1
    # Sent again, which the library does not, and this test ends well.
    boto3.client("events").put_events(Entries=[dict(eventbridge.failed_entries[0].entry)])


def test_the_callback_gets_another_error(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """The library takes the error code for a number, so its callback gets a ValueError."""
    errors: list[tuple[Exception, list[dict[str, Any]]]] = []
    eventbridge.fail_entries("ThrottlingException")
    client = make_client(max_retries=5, on_error=lambda error, batch: errors.append((error, batch)))

    client.track("user-1", "Order Placed")
    client.flush()

    ((error, batch),) = errors
    assert isinstance(error, ValueError)
    assert "ThrottlingException" in str(error)
    assert [message["event"] for message in batch] == ["Order Placed"]


def test_the_callback_gets_accepted_entries_too(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """The callback gets the whole batch: whoever sends that again makes duplicates, and is found out."""
    blamed: list[dict[str, Any]] = []
    eventbridge.fail_entries("ThrottlingException", position=0)
    client = make_client(on_error=lambda error, batch: blamed.extend(batch), send=False)
    for number in range(3):
        client.queue.put({"type": "track", "number": number})
    client.consumers[0].upload()

    assert [event.detail["number"] for event in eventbridge.events] == [1, 2]
    assert [message["number"] for message in blamed] == [0, 1, 2]

    for message in blamed:
        client.queue.put(message)
    client.consumers[0].upload()

    eventbridge.assert_no_lost_events()
    with pytest.raises(EventBridgeAssertionError) as failed:
        eventbridge.assert_no_duplicates(key="detail.number")
    assert {event.detail["number"] for event in failed.value.captured} == {1, 2}


def test_in_sync_mode_the_caller_is_told(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """In sync mode the same failed entry is an exception to the caller."""
    eventbridge.fail_entries("ThrottlingException")
    client = make_client(sync_mode=True)

    with pytest.raises(APIError) as caught:
        client.track("user-1", "Order Placed")

    assert caught.value.code == "ThrottlingException"
    assert eventbridge.events == []


def test_a_refused_request_is_lost_in_silence_too(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """A request that fails as a whole is lost as well, and the report knows the exception that the thread got."""
    eventbridge.fail_requests("AccessDeniedException")
    client = make_client()

    client.track("user-1", "Order Placed")
    client.flush()

    (call,) = eventbridge.calls
    assert type(call.error).__name__ == "AccessDeniedException"
    with pytest.raises(EventBridgeAssertionError, match="the caller got the exception AccessDeniedException"):
        eventbridge.assert_no_lost_events()


def test_a_throttled_request_is_retried_by_botocore(eventbridge: FakeEventBridge, make_client: MakeClient) -> None:
    """Botocore's own retries work in the thread of the library, and nobody waits for them."""
    eventbridge.fail_requests("ThrottlingException")
    client = make_client()

    client.track("user-1", "Order Placed")
    client.flush()

    (call,) = eventbridge.calls
    assert call.attempts == 2
    assert len(call.retry_delays) == 1
    eventbridge.assert_emitted_once(detail={"event": "Order Placed"})
    eventbridge.assert_no_lost_events()


@pytest.mark.eventbridge_faults("all")
def test_it_loses_or_doubles_events(
    request: pytest.FixtureRequest, eventbridge: FakeEventBridge, make_client: MakeClient
) -> None:
    """Of all faults it survives those that botocore's retries survive; only the lost answer makes duplicates."""
    fault = request.node.callspec.id
    client = make_client()
    client.track("user-1", "Order Placed")
    client.flush()

    if fault.startswith("entry:") or fault in ("denied", "expired", "throttled-for-good"):
        with pytest.raises(EventBridgeAssertionError):
            eventbridge.assert_no_lost_events()
        assert eventbridge.events == []
    else:
        eventbridge.assert_no_lost_events()
        assert len(eventbridge.events) == (2 if fault == "lost-answer" else 1)
