"""The AWS CLI as a program of its own, led to the endpoint by its environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from pytest_eventbridge import EventBridgeEndpoint, ExpectedEvent, FakeEventBridge

PLACED = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": "o-1"})}
PAID = {"Source": "shop.orders", "DetailType": "OrderPaid", "Detail": json.dumps({"order_id": "o-1"})}


def run_cli(
    endpoint: EventBridgeEndpoint, *arguments: str, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `aws events ...` with what the environment of the endpoint says, and more."""
    environment = os.environ | endpoint.env | (variables or {})
    command = [sys.executable, "-m", "awscli", "events", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def put_events(
    endpoint: EventBridgeEndpoint, *entries: dict[str, str], variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `aws events put-events`."""
    return run_cli(endpoint, "put-events", "--entries", json.dumps(entries), variables=variables)


def test_its_events_are_captured(eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint) -> None:
    """The CLI prints the ids of the events that were captured, and exits with 0."""
    run = put_events(eventbridge_endpoint, PLACED, PAID)

    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout) == {
        "FailedEntryCount": 0,
        "Entries": [{"EventId": event.event_id} for event in eventbridge.events],
    }
    event = eventbridge.assert_emitted_once(detail_type="OrderPlaced", detail={"order_id": "o-1"})
    assert event.sent_from.startswith("aws-cli/")
    assert event.region == "us-east-1"


def test_a_failed_entry_is_printed(eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint) -> None:
    """The CLI exits with 0 when an entry has failed: only its output tells."""
    eventbridge.fail_entries("ThrottlingException", detail_type="OrderPaid")

    run = put_events(eventbridge_endpoint, PLACED, PAID)

    assert (run.returncode, run.stderr) == (0, "")
    printed = json.loads(run.stdout)
    assert printed["FailedEntryCount"] == 1
    assert printed["Entries"][1]["ErrorCode"] == "ThrottlingException"
    assert eventbridge.events == [ExpectedEvent(detail_type="OrderPlaced")]
    with pytest.raises(AssertionError, match="1 event failed and was not accepted later"):
        eventbridge.assert_no_lost_events()


def test_a_request_that_fails_is_tried_again(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The CLI retries for itself, in the mode and as often as it is configured for."""
    eventbridge.fail_requests("ThrottlingException")

    run = put_events(eventbridge_endpoint, PLACED, variables={"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "2"})

    assert (run.returncode, run.stderr) == (0, "")
    eventbridge.assert_emitted_once(detail_type="OrderPlaced")
    assert len(eventbridge.calls) == 2
    eventbridge.assert_no_lost_events()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("AccessDeniedException", "An error occurred (AccessDeniedException) when calling the PutEvents operation"),
        ("lost answer", "Connection was closed before we received a valid response from endpoint URL"),
    ],
)
def test_a_request_that_fails_for_good_is_an_error(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint, error: str, text: str
) -> None:
    """The CLI prints why, and its exit code says so."""
    from botocore.exceptions import ReadTimeoutError

    eventbridge.fail_requests(ReadTimeoutError if error == "lost answer" else error, delivered=error == "lost answer")

    run = put_events(eventbridge_endpoint, PLACED, variables={"AWS_MAX_ATTEMPTS": "1"})

    assert run.returncode in (254, 255)
    assert text in run.stderr
    eventbridge.assert_emitted(times=int(error == "lost answer"))


def test_its_rules_are_those_of_the_fake(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """A rule that the CLI makes takes what comes after it."""
    run = run_cli(eventbridge_endpoint, "put-rule", "--name", "orders", "--event-pattern", '{"source":["shop.orders"]}')
    assert json.loads(run.stdout)["RuleArn"] == "arn:aws:events:us-east-1:123456789012:rule/orders"

    put_events(eventbridge_endpoint, PLACED)

    eventbridge.assert_routed("orders", detail_type="OrderPlaced")
