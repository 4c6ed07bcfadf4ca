"""The services other than the classic PutEvents over HTTP, and that answers are kept as clients got them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError, UnknownServiceError

from pytest_eventbridge import EventBridgeEndpoint, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._cbor import decode, encode
from pytest_eventbridge._interceptor import _errors, operation_names

ORDERS = f"arn:aws:events:eu-west-1:123456789012:event-busv2/orders/{'a' * 25}"
PLACED = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id":"o-1"}'}
PAID = {"Source": "shop.orders", "DetailType": "OrderPaid"}
RAW = {"Data": b"\x00\xff", "SystemMetadata": {"ContentType": "application/octet-stream"}, "Metadata": {"k": "v"}}
PARTNER = {"Source": "aws.partner/shop.example/orders", "DetailType": "OrderPlaced", "Detail": "{}"}

needs_v2 = pytest.mark.skipif(
    "eventbridgev2" not in botocore.session.Session().get_available_services(),
    reason="this botocore does not know eventbridgev2",
)


@pytest.fixture
def bridge() -> FakeEventBridge:
    """A fake that is not active, with one Custom Event Bus."""
    return FakeEventBridge(event_buses=["orders"])


@pytest.fixture
def endpoint(bridge: FakeEventBridge) -> Iterator[EventBridgeEndpoint]:
    """Its endpoint."""
    with bridge.serve() as endpoint:
        yield endpoint


def make_client(service: str, endpoint: EventBridgeEndpoint) -> Any:
    """Make a client of a service at the endpoint that retries nothing."""
    return botocore.session.Session().create_client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        endpoint_url=endpoint.url,
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


@pytest.fixture
def v2(endpoint: EventBridgeEndpoint) -> Iterator[Any]:
    """A client of the newer service."""
    client = make_client("eventbridgev2", endpoint)
    yield client
    client.close()


def as_answered(response: Any) -> dict[str, Any]:
    """Return a response without what its client has noted in it of its own retries."""
    metadata = {name: value for name, value in response["ResponseMetadata"].items() if name != "MaxAttemptsReached"}
    return {**response, "ResponseMetadata": metadata}


@needs_v2
def test_events_on_a_custom_event_bus_are_captured(bridge: FakeEventBridge, v2: Any) -> None:
    """The newer service answers in its own protocol, and its events are among the others."""
    bridge.fail_entries("VALIDATION_ERROR", detail_type="OrderPaid")
    response = v2.put_events(EventBusArn=ORDERS, Entries=[{**PLACED, "SystemMetadata": {"EventGroupId": "g"}}, PAID])

    event = bridge.assert_emitted_once(source="shop.orders", event_group_id="g")
    assert response["Entries"][0]["EventId"] == event.event_id
    assert response["Entries"][1]["ErrorCode"] == "VALIDATION_ERROR"
    assert (event.event_bus_arn, event.region) == (ORDERS, "eu-west-1")
    assert (event.call.service, event.call.response) == ("eventbridgev2", as_answered(response))


@needs_v2
def test_raw_events_are_captured(bridge: FakeEventBridge, v2: Any) -> None:
    """Bytes come through as they were sent."""
    response = v2.put_raw_events(EventBusArn=ORDERS, Entries=[RAW])
    (raw,) = bridge.raw_events
    assert (raw.data, raw.content_type, raw.metadata) == (b"\x00\xff", "application/octet-stream", {"k": "v"})
    assert raw.call.response == as_answered(response)


@needs_v2
@pytest.mark.parametrize(
    ("arn", "code", "status"),
    [
        (ORDERS, "ThrottlingException", 429),
        (ORDERS.replace("orders", "unknown"), "ResourceNotFoundException", 404),
    ],
)
def test_a_refused_request_has_the_newer_services_form(
    bridge: FakeEventBridge, v2: Any, arn: str, code: str, status: int
) -> None:
    """Errors, injected or the service's own, have the codes and statuses of the newer service."""
    if arn == ORDERS:
        bridge.fail_requests("ThrottlingException")
    with pytest.raises(ClientError) as raised:
        v2.put_events(EventBusArn=arn, Entries=[PLACED])
    response = raised.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    (call,) = bridge.calls
    assert isinstance(call.error, ClientError)
    assert call.error.response["Error"] == response["Error"]
    assert call.error.response["ResponseMetadata"] == as_answered(response)["ResponseMetadata"]


@needs_v2
def test_its_network_fails_too(bridge: FakeEventBridge, v2: Any) -> None:
    """A request that was delivered although its connection was reset is captured."""
    bridge.fail_requests(ReadTimeoutError, delivered=True)
    with pytest.raises(ConnectionClosedError):
        v2.put_events(EventBusArn=ORDERS, Entries=[PLACED])
    bridge.assert_emitted_once(detail_type="OrderPlaced")


def test_partners_publish(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """The other operation of the classic service that publishes is played as well."""
    client = make_client("events", endpoint)
    response = client.put_partner_events(Entries=[PARTNER])
    client.close()
    assert bridge.events == [ExpectedEvent(source="aws.partner/shop.example/orders")]
    assert bridge.calls[0].response == as_answered(response)


def post_cbor(endpoint: EventBridgeEndpoint, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Send a request in the newer service's protocol without any SDK, and return status and members of the answer."""
    with socket.create_connection(("127.0.0.1", int(endpoint.url.rpartition(":")[2])), timeout=10) as connection:
        head = (
            f"POST /service/AWSEventsV2/operation/{operation} HTTP/1.0\r\nSmithy-Protocol: rpc-v2-cbor\r\n"
            f"Content-Type: application/cbor\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        with connection.makefile("rb") as file:
            answered_head, _, answered = file.read().partition(b"\r\n\r\n")
    assert b"content-type: application/cbor" in answered_head.lower()
    members = decode(answered)
    assert isinstance(members, dict)
    return int(answered_head.split()[1]), members


def test_no_sdk_is_needed(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """Whatever sends the bytes, and whatever this machine's botocore knows, the event is captured."""
    status, members = post_cbor(endpoint, "PutEvents", encode({"EventBusArn": ORDERS, "Entries": [PLACED]}))
    event = bridge.assert_emitted_once(detail={"order_id": "o-1"})
    assert (status, members["Entries"][0]["EventId"]) == (200, event.event_id)


def test_what_cannot_be_read_is_refused(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """A body that is no CBOR is refused in CBOR."""
    status, members = post_cbor(endpoint, "PutEvents", b"\xff")
    assert (status, members["__type"].rpartition("#")[2]) == (400, "SerializationException")


def test_what_it_does_not_have_is_an_unknown_operation(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """An operation that the newer service does not have is refused in CBOR, and is no problem of the test."""
    status, members = post_cbor(endpoint, "PutAnything", encode({}))
    assert (status, members["__type"].rpartition("#")[2]) == (400, "UnknownOperationException")
    bridge.verify()


def test_the_tests_own_error_is_told_in_cbor(bridge: FakeEventBridge) -> None:
    """What a predicate raises is an internal failure to the client, in its protocol."""
    bridge.fail_entries(where=lambda event: json.loads("{"))
    endpoint = bridge.serve()
    status, members = post_cbor(endpoint, "PutEvents", encode({"EventBusArn": ORDERS, "Entries": [PLACED]}))
    assert (status, members["Message"]) == (500, "The test's own code raised JSONDecodeError.")
    with pytest.raises(json.JSONDecodeError):
        endpoint.close()


def test_a_service_that_botocore_is_too_old_for_has_no_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where botocore does not know the newer service, no operation of it is one that is merely not played."""

    def know_nothing(loader: object, service: str, type_name: str) -> None:
        raise UnknownServiceError(service_name=service, known_service_names="")

    monkeypatch.setattr(_errors.Loader, "load_service_model", know_nothing)
    operation_names.cache_clear()
    assert operation_names("eventbridgev2") == frozenset()
    operation_names.cache_clear()
    monkeypatch.undo()
    assert "PutEvents" in operation_names("events")


@pytest.mark.parametrize(
    ("operation", "entry"), [("PutEvents", {**PLACED, "EventBusName": [1]}), ("PutRawEvents", {**RAW, "Source": 5})]
)
def test_it_reads_past_what_it_does_not_know(
    bridge: FakeEventBridge, endpoint: EventBridgeEndpoint, operation: str, entry: dict[str, Any]
) -> None:
    """A member that an entry does not have on a Custom Event Bus makes no difference, whatever is in it."""
    status, members = post_cbor(endpoint, operation, encode({"EventBusArn": ORDERS, "Entries": [entry]}))
    assert (status, members["Entries"][0]["SuccessCode"]) == (200, "PUBLISHED")
    ((captured,),) = (call.entries for call in bridge.calls)
    assert (captured.event_bus, captured.source) == ("orders", "shop.orders" if operation == "PutEvents" else "")
