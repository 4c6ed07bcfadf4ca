"""A process that was forked from the one that serves the fake, played in one process: what it sends goes there."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, UnknownServiceError

from pytest_eventbridge import FakeEventBridge

ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
BUS_ARN = f"arn:aws:events:us-east-1:123456789012:event-busv2/orders/{'a' * 25}"


def make_client(service: str = "events") -> Any:
    """Make a client that tries twice."""
    return botocore.session.Session().create_client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )


def serve_elsewhere(bridge: FakeEventBridge, url: str) -> None:
    """Let a fake be the copy of one that another process serves."""
    bridge._service.endpoints.append((os.getpid() + 1, url))


@pytest.fixture
def elsewhere() -> Iterator[FakeEventBridge]:
    """The fake of the other process; the active one is its copy."""
    bridge = FakeEventBridge()
    with bridge.serve() as endpoint, FakeEventBridge() as copy:
        serve_elsewhere(copy, endpoint.url)
        yield bridge
        assert copy.calls == []
        copy.verify()


def test_an_event_goes_there(elsewhere: FakeEventBridge) -> None:
    """It is captured where it is served, and its client gets the answer."""
    response = make_client().put_events(Entries=[ENTRY])
    event = elsewhere.assert_emitted_once(source="shop.orders")
    assert response["Entries"] == [{"EventId": event.event_id}]
    assert event.region == "eu-west-1"


def test_an_event_of_the_newer_service_goes_there(elsewhere: FakeEventBridge) -> None:
    """So is one that is sent over the other protocol."""
    try:
        client = make_client("eventbridgev2")
    except UnknownServiceError:
        pytest.skip("this botocore does not know the service")
    response = client.put_events(EventBusArn=BUS_ARN, Entries=[{"Source": "shop", "DetailType": "OrderPlaced"}])
    assert response["Entries"][0]["EventId"] == elsewhere.assert_emitted_once(event_bus=BUS_ARN).event_id


def test_other_operations_go_there(elsewhere: FakeEventBridge) -> None:
    """What rules there are is known there only; and so is what nobody plays."""
    client = make_client()
    client.put_rule(Name="all", EventPattern='{"source":["shop.orders"]}')
    client.put_events(Entries=[ENTRY])
    elsewhere.assert_routed("all")
    with pytest.raises(ClientError, match="OperationNotPlayed"):
        client.list_archives()
    with pytest.raises(AssertionError, match="ListArchives"):
        elsewhere.verify()


def test_failures_are_made_there(elsewhere: FakeEventBridge) -> None:
    """A client tries again what fails there, as one of any other process does."""
    elsewhere.fail_requests("InternalException")
    elsewhere.fail_entries()
    response = make_client().put_events(Entries=[ENTRY])
    assert response["FailedEntryCount"] == 1
    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    assert [type(call.error) for call in elsewhere.calls] == [ClientError, type(None)]


def test_no_proxy_is_used(elsewhere: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that was made for a proxy gets there without it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    make_client().put_events(Entries=[ENTRY])
    elsewhere.assert_emitted_once()


def test_when_it_is_not_served_any_more_nothing_else_is_reached() -> None:
    """A client sees that nobody is there; the copy does not answer in the other's place."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with FakeEventBridge() as copy:
        serve_elsewhere(copy, url)
        with pytest.raises(EndpointConnectionError, match=f'Could not connect to the endpoint URL: "{url}/"'):
            make_client().put_events(Entries=[ENTRY])
    assert copy.calls == []


def test_where_it_is_served_nothing_is_forwarded() -> None:
    """In the process of the endpoint a client is answered as it is without one, and after it, too."""
    client = make_client()
    with FakeEventBridge() as bridge:
        with bridge.serve():
            client.put_events(Entries=[ENTRY])
        client.put_events(Entries=[ENTRY])
    assert {event.sent_from.partition(":")[0] for event in bridge.events} == {__file__}
    assert len(bridge.events) == 2
