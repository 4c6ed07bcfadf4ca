"""Where a request comes from: the trace header that its HTTP request carries."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import botocore.session
import pytest

from pytest_eventbridge import ABSENT, FakeEventBridge
from pytest_eventbridge._origin import Origin

ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
HEADER = "Root=1-5f4e1f6a-000000000000000000000001;Parent=53995c3f42cd8ad8;Sampled=1"
OF_THE_ENTRY = "Root=1-5f4e1f6a-000000000000000000000002"


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


@pytest.mark.parametrize(
    ("service", "operation", "header", "expected"),
    [
        ("events", "PutEvents", HEADER, HEADER),
        ("events", "PutEvents", "", None),
        ("events", "PutEvents", None, None),
        ("events", "PutPartnerEvents", HEADER, None),
        ("eventbridgev2", "PutEvents", HEADER, None),
    ],
)
def test_put_events_is_traced(service: str, operation: str, header: str | None, expected: str | None) -> None:
    """The service takes note of a trace header with PutEvents, and with nothing else."""
    origin = Origin(service, operation, "us-east-1", "aws", "shop.py:1").traced_by(header)
    assert origin.trace_header == expected


@pytest.mark.parametrize("may_fail", [False, True], ids=["answered at once", "answered by attempts"])
def test_within_a_lambda_function_botocore_sends_one(
    client: Any, eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch, may_fail: bool
) -> None:
    """An event that a Lambda function sends has the trace header of its invocation, unless the entry has its own."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)
    if may_fail:
        eventbridge.fail_requests("InternalException")

    client.put_events(Entries=[ENTRY, {**ENTRY, "TraceHeader": OF_THE_ENTRY}])

    assert [event.trace_header for event in eventbridge.events] == [HEADER, OF_THE_ENTRY]
    eventbridge.assert_emitted_once(trace_header=HEADER)
    assert "TraceHeader" not in eventbridge.events[0].entry
    assert HEADER not in json.dumps(eventbridge.events[0].to_dict())


def test_elsewhere_there_is_none(client: Any, eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where botocore sends no such header there is none."""
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    client.put_events(Entries=[ENTRY])
    eventbridge.assert_emitted_once(trace_header=ABSENT)


def test_one_that_comes_over_the_endpoint() -> None:
    """The header of an HTTP request is that of its events, but for those whose entry has its own."""
    bridge = FakeEventBridge()
    with bridge.serve() as endpoint:
        request = urllib.request.Request(
            endpoint.url,
            json.dumps({"Entries": [ENTRY, {**ENTRY, "TraceHeader": OF_THE_ENTRY}]}).encode(),
            {"X-Amz-Target": "AWSEvents.PutEvents", "X-Amzn-Trace-Id": HEADER},
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()
    assert [event.trace_header for event in bridge.events] == [HEADER, OF_THE_ENTRY]
