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
    with pytest.raises(AssertionError, match="1 event failed and was never accepted"):
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
