"""The AWS SDK for JavaScript, in Node: a Lambda handler that publishes, run against the endpoint.

Needs `node`, and the package `@aws-sdk/client-eventbridge` in the folder that JAVASCRIPT_FOLDER names, where
`npm install` has put it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from pytest_eventbridge import EventBridgeEndpoint, ExpectedEvent, FakeEventBridge

if "JAVASCRIPT_FOLDER" not in os.environ:
    pytest.skip("no folder with the SDK is named", allow_module_level=True)

FOLDER = Path(os.environ["JAVASCRIPT_FOLDER"])

HANDLER = """
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

const client = new EventBridgeClient({});

const handler = async (order) => {
  const entry = (type) => ({
    Source: "shop.orders",
    DetailType: type,
    Detail: JSON.stringify(order),
    Resources: ["arn:aws:s3:::orders"],
    Time: new Date("2026-01-02T03:04:05Z"),
  });
  return client.send(new PutEventsCommand({ Entries: [entry("OrderPlaced"), entry("OrderPaid")] }));
};

try {
  console.log(JSON.stringify({ response: await handler(JSON.parse(process.argv[2])) }));
} catch (error) {
  console.log(JSON.stringify({ name: error.name, message: error.message, metadata: error.$metadata }));
}
"""

# The newer service has no client at npm yet. This is what one would do: the SDK's own protocol, by its own codec.
CUSTOM_BUS_HANDLER = """
import { cbor, dateToTag } from "@smithy/core/cbor";

const call = async (operation, input) => {
  const url = `${process.env.AWS_ENDPOINT_URL_EVENTBRIDGEV2}/service/AWSEventsV2/operation/${operation}`;
  const media = "application/cbor";
  const headers = { "smithy-protocol": "rpc-v2-cbor", accept: media, "content-type": media };
  const response = await fetch(url, { method: "POST", headers, body: cbor.serialize(input) });
  const output = cbor.deserialize(new Uint8Array(await response.arrayBuffer()));
  return { status: response.status, protocol: response.headers.get("smithy-protocol"), output };
};

const EventBusArn = process.argv[2];
const order = {
  Source: "shop.orders",
  DetailType: "OrderPlaced",
  Detail: JSON.stringify({ note: "café 🍵" }),
  Time: dateToTag(new Date("2026-01-02T03:04:05.678Z")),
  SystemMetadata: { EventGroupId: "o-1", DeduplicationId: "d-1" },
};
const raw = {
  Data: new Uint8Array([0, 1, 255]),
  SystemMetadata: { ContentType: "application/octet-stream" },
  Metadata: { trace: "t-1" },
};
console.log(JSON.stringify([
  await call("PutEvents", { EventBusArn, Entries: [order, order] }),
  await call("PutRawEvents", { EventBusArn, Entries: [raw] }),
  await call("PutEvents", { EventBusArn: EventBusArn.replace("orders", "odrers"), Entries: [order] }),
  await call("PutEvents", { EventBusArn, Entries: "none" }),
]));
"""


@pytest.fixture(scope="module")
def handler() -> Path:
    """The program, in the folder that has the SDK."""
    program = FOLDER / "handler.mjs"
    program.write_text(HANDLER, encoding="utf-8")
    return program


def run_handler(handler: Path, endpoint: EventBridgeEndpoint, **variables: str) -> Any:
    """Run the handler with the environment of the endpoint, and return what it prints."""
    command = ["node", "--no-warnings", str(handler), json.dumps({"order_id": "o-1"})]
    run = subprocess.run(
        command, env=os.environ | endpoint.env | variables, capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(run.stdout)


def test_its_events_are_captured(
    handler: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """What the handler publishes is captured whole, and the handler gets the ids of it."""
    response = run_handler(handler, eventbridge_endpoint)["response"]

    placed, paid = eventbridge.assert_emitted_exactly(
        ExpectedEvent(detail_type="OrderPlaced", detail={"order_id": "o-1"}), ExpectedEvent(detail_type="OrderPaid")
    )
    assert response["Entries"] == [{"EventId": placed.event_id}, {"EventId": paid.event_id}]
    assert response["$metadata"]["requestId"] == placed.call.request_id
    assert placed.to_dict() == {
        "version": "0",
        "id": placed.event_id,
        "detail-type": "OrderPlaced",
        "source": "shop.orders",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::orders"],
        "detail": {"order_id": "o-1"},
    }
    assert placed.sent_from.startswith("aws-sdk-js/3.")


def test_its_region_is_that_of_the_event(
    handler: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The region that the handler is configured for is the one of its events."""
    run_handler(handler, eventbridge_endpoint, AWS_REGION="ap-southeast-2")
    eventbridge.assert_emitted(times=2, where=lambda event: event.region == "ap-southeast-2")


def test_a_failed_entry_is_in_its_response(
    handler: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The SDK neither throws nor retries when an entry fails: a handler that does not look loses the event."""
    eventbridge.fail_entries("InternalFailure", detail_type="OrderPaid")

    response = run_handler(handler, eventbridge_endpoint)["response"]

    assert response["FailedEntryCount"] == 1
    assert response["Entries"][1] == {"ErrorCode": "InternalFailure", "ErrorMessage": "Internal Service Failure"}
    assert eventbridge.events == [ExpectedEvent(detail_type="OrderPlaced")]
    with pytest.raises(AssertionError, match="1 event failed and was not accepted later"):
        eventbridge.assert_no_lost_events()


@pytest.mark.parametrize("error", ["ThrottlingException", "InternalException", ReadTimeoutError])
def test_it_tries_again_what_fails(
    handler: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint, error: Any
) -> None:
    """The SDK retries what is throttled, what fails within the service, and what the network cuts off."""
    eventbridge.fail_requests(error)

    response = run_handler(handler, eventbridge_endpoint)["response"]

    assert response["$metadata"]["attempts"] == 2
    assert len(eventbridge.calls) == 2
    eventbridge.assert_emitted(times=2)
    eventbridge.assert_no_lost_events()


def test_a_lost_answer_makes_duplicates(
    handler: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """A request that was delivered although its answer got lost is sent again, and each event comes twice."""
    eventbridge.fail_requests(ReadTimeoutError, delivered=True)

    run_handler(handler, eventbridge_endpoint)

    eventbridge.assert_emitted(detail_type="OrderPlaced", times=2)
    with pytest.raises(AssertionError):
        eventbridge.assert_no_duplicates()


def test_an_error_is_thrown_by_its_name(
    handler: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The SDK throws an error of the service's name, with its text and status."""
    eventbridge.fail_requests("AccessDeniedException", "Not you.", times=None)

    error = run_handler(handler, eventbridge_endpoint)

    assert (error["name"], error["message"], error["metadata"]["httpStatusCode"]) == (
        "AccessDeniedException",
        "Not you.",
        400,
    )
    assert eventbridge.events == []


@pytest.mark.eventbridge(event_buses=["orders"])
def test_the_newer_service_is_asked_in_its_own_protocol(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """What the codec of the SDK writes is captured, and it reads what is answered: events, bytes and errors."""
    program = FOLDER / "custom_bus.mjs"
    program.write_text(CUSTOM_BUS_HANDLER, encoding="utf-8")
    arn = f"arn:aws:events:us-east-1:123456789012:event-busv2/orders/{'a' * 25}"
    run = subprocess.run(
        ["node", "--no-warnings", str(program), arn],
        env=os.environ | eventbridge_endpoint.env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    put, put_raw, unknown, unreadable = json.loads(run.stdout)

    event = eventbridge.assert_emitted_once(event_group_id="o-1", detail={"note": "café 🍵"})
    assert [entry["SuccessCode"] for entry in put["output"]["Entries"]] == ["PUBLISHED", "DEDUPLICATED"]
    assert {entry["EventId"] for entry in put["output"]["Entries"]} == {event.event_id}
    assert put["output"]["Entries"][0]["SequenceNumber"] == event.sequence_number
    assert event.time.isoformat() == "2026-01-02T03:04:05.678000+00:00"
    (raw,) = eventbridge.raw_events
    assert (raw.data, raw.content_type, raw.metadata) == (b"\0\1\xff", "application/octet-stream", {"trace": "t-1"})
    assert put_raw["output"]["Entries"][0]["EventId"] == raw.event_id
    assert (unknown["status"], unknown["output"]["__type"].rpartition("#")[2]) == (404, "ResourceNotFoundException")
    assert (unreadable["status"], "Exception" in unreadable["output"]["__type"]) == (400, True)
    assert {answer["protocol"] for answer in (put, put_raw, unknown, unreadable)} == {"rpc-v2-cbor"}
