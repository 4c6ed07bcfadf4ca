"""What goes over the wire to and from the service `eventbridgev2`, as botocore's own client reads and writes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._cbor import CborError, decode, encode
from pytest_eventbridge._cbor_wire import decode_request

SESSION = botocore.session.Session()
if "eventbridgev2" not in SESSION.get_available_services():
    pytest.skip("this botocore does not know eventbridgev2", allow_module_level=True)

ARN = "arn:aws:events:us-east-1:123456789012:event-busv2/orders/abcdefghij0123456789abcde"
ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id": "ö-1"}'}
MOMENT = datetime(2026, 11, 1, 12, 30, 15, 250_000, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share."""
    return SESSION.create_client(
        "eventbridgev2", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


@pytest.fixture
def requests(client: Any, eventbridge: FakeEventBridge) -> Iterator[list[dict[str, Any]]]:
    """The requests of the client, as botocore is about to send them."""
    seen: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: Any) -> None:
        seen.append(params)

    client.meta.events.register_first("before-call", keep)
    yield seen
    client.meta.events.unregister("before-call", keep)


@pytest.fixture
def answers(client: Any, eventbridge: FakeEventBridge) -> Iterator[list[tuple[Any, dict[str, Any], Any]]]:
    """The answers that the client got: the HTTP response, what was parsed of it, and the model of the operation."""
    seen: list[tuple[Any, dict[str, Any], Any]] = []

    def keep(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((http_response, parsed, model))

    client.meta.events.register("after-call", keep)
    yield seen
    client.meta.events.unregister("after-call", keep)


def test_a_request_decodes_to_what_the_caller_gave(client: Any, requests: list[dict[str, Any]]) -> None:
    """Members come by name, blobs as bytes and times in seconds since the epoch."""
    raw_entry = {"Data": b"\x00\xff", "Metadata": {"tenant": "acme"}, "SystemMetadata": {"ContentType": "text/plain"}}

    client.put_events(EventBusArn=ARN, Entries=[{**ENTRY, "Time": MOMENT, "Resources": ["a", "b"]}])
    client.put_raw_events(EventBusArn=ARN, Entries=[raw_entry])

    sent, sent_raw = requests
    assert sent["url_path"] == "/service/AWSEventsV2/operation/PutEvents"
    assert decode_request(sent["body"]) == {
        "EventBusArn": ARN,
        "Entries": [{**ENTRY, "Time": MOMENT.timestamp(), "Resources": ["a", "b"]}],
    }
    assert decode_request(sent_raw["body"]) == {"EventBusArn": ARN, "Entries": [raw_entry]}


@pytest.mark.parametrize("body", [b"", b"\xff", encode([]), encode("Entries")])
def test_a_request_that_is_no_map(body: bytes) -> None:
    """What is malformed, or another value than a map, is refused."""
    with pytest.raises(CborError):
        decode_request(body)


@pytest.mark.parametrize(
    "entries", [[ENTRY], [ENTRY, {**ENTRY, "Detail": "no JSON"}]], ids=["accepted", "one of them failed"]
)
def test_an_answer_is_what_botocore_makes_of_its_bytes(
    client: Any, answers: list[tuple[Any, dict[str, Any], Any]], entries: list[dict[str, Any]]
) -> None:
    """The bytes, the headers and the parsed response say the same."""
    response = client.put_events(EventBusArn=ARN, Entries=entries)

    [(http_response, parsed, model)] = answers
    raw = {"status_code": 200, "headers": http_response.headers, "body": http_response.content}
    reparsed = create_parser("smithy-rpc-v2-cbor").parse(raw, model.output_shape)
    assert {**reparsed["ResponseMetadata"], "RetryAttempts": 0} == parsed["ResponseMetadata"]
    assert reparsed["Entries"] == parsed["Entries"] == response["Entries"]
    headers = http_response.headers
    assert headers["smithy-protocol"] == "rpc-v2-cbor"
    assert headers["content-type"] == "application/cbor"
    assert headers["content-length"] == str(len(http_response.content))
    assert abs(parsedate_to_datetime(headers["date"]) - datetime.now(timezone.utc)).total_seconds() < 60
    assert headers["x-amzn-requestid"] == response["ResponseMetadata"]["RequestId"]


def test_the_count_of_failed_entries_is_there_when_one_failed(client: Any, eventbridge: FakeEventBridge) -> None:
    """On full success the service may leave it out, so the fake does."""
    assert "FailedEntryCount" not in client.put_events(EventBusArn=ARN, Entries=[ENTRY])
    eventbridge.fail_entries()
    assert client.put_events(EventBusArn=ARN, Entries=[ENTRY])["FailedEntryCount"] == 1


def test_an_error_names_its_shape(client: Any, answers: list[tuple[Any, dict[str, Any], Any]]) -> None:
    """The type of an error is the full name of its shape, and its text is the member `Message`."""
    with pytest.raises(ClientError) as caught:
        client.put_events(EventBusArn="no ARN", Entries=[ENTRY])

    [(http_response, _, _)] = answers
    body = decode(http_response.content)
    assert body["__type"] == "com.amazonaws.eventbridgev2#InvalidInputException"
    assert body["Message"] == caught.value.response["Message"] == caught.value.response["Error"]["Message"]
    assert http_response.status_code == 400


@pytest.mark.parametrize("status", ["413", "502"])
def test_a_status_alone(client: Any, eventbridge: FakeEventBridge, status: str) -> None:
    """A response that says nothing but its status has that for its code."""
    eventbridge.fail_requests(status, times=None)
    with pytest.raises(ClientError) as caught:
        client.put_events(EventBusArn=ARN, Entries=[ENTRY])
    assert caught.value.response["Error"]["Code"] == status


@pytest.mark.parametrize("body", [b"\xff", None, "text"])
def test_a_body_that_a_handler_has_made_unreadable(client: Any, eventbridge: FakeEventBridge, body: Any) -> None:
    """The service cannot read it, and nothing is captured."""

    def spoil(params: dict[str, Any], **_: Any) -> None:
        params["body"] = body

    client.meta.events.register_first("before-call", spoil)
    try:
        with pytest.raises(ClientError, match="SerializationException"):
            client.put_events(EventBusArn=ARN, Entries=[ENTRY])
    finally:
        client.meta.events.unregister("before-call", spoil)
    assert eventbridge.calls[0].entries == ()
