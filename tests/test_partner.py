"""PutPartnerEvents as a botocore client sees it: one case for each thing known of the real one."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pytest_eventbridge import EventBridgeAssertionError, FakeEventBridge

LEFT_OUT = object()
SOURCE = "aws.partner/example.com/shop"


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share, older than any fake."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


@pytest.fixture(scope="module")
def unchecked_client() -> Any:
    """A client that lets every request out."""
    session = botocore.session.Session()
    config = Config(parameter_validation=False)
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing", config=config
    )


def entry(**members: Any) -> dict[str, Any]:
    """Make an entry that the service accepts, but for the members given."""
    complete = {"Source": SOURCE, "DetailType": "OrderPlaced", "Detail": '{"order_id":"o-1"}'} | members
    return {name: value for name, value in complete.items() if value is not LEFT_OUT}


def test_an_accepted_event(client: Any, eventbridge: FakeEventBridge) -> None:
    """It is answered with its id alone, and captured as an event that has no event bus."""
    response = client.put_partner_events(Entries=[entry(Resources=["r"], Time=1_800_000_000)] * 20)

    assert response["FailedEntryCount"] == 0
    assert [set(result) for result in response["Entries"]] == [{"EventId"}] * 20
    assert [event.event_id for event in eventbridge.events] == [result["EventId"] for result in response["Entries"]]
    event = eventbridge.events[0]
    assert (event.event_bus, event.event_bus_arn) == ("", "")
    assert event.to_dict()["source"] == SOURCE
    assert event.to_dict()["time"] == "2027-01-15T08:00:00Z"
    assert event.call.operation == "PutPartnerEvents"
    assert event.call.entries == tuple(eventbridge.events)
    eventbridge.assert_emitted(source=SOURCE, event_bus="", detail={"order_id": "o-1"}, times=20)


def test_event_buses_are_none_of_its_concern(client: Any) -> None:
    """No event is dropped for its bus, and no rule takes one, on whichever bus."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        rule = bridge.add_rule({"source": [{"prefix": "aws.partner"}]}, lambda event: None)
        client.put_partner_events(Entries=[entry()])
    assert len(bridge.events) == 1
    assert bridge.dropped_events == []
    bridge.assert_all_routed()
    assert rule.deliveries == ()
    assert rule.explain(bridge.events[0]).splitlines()[1] == "  event_bus: sent to '', the rule is on 'default'"


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        *(
            pytest.param(
                {name: value},
                "InvalidArgument",
                f"Parameter {name} is not valid. Reason: {name} is a required argument.",
                id=f"{name} {'left out' if value is LEFT_OUT else 'empty'}",
            )
            for name, value in [
                ("Source", LEFT_OUT),
                ("DetailType", LEFT_OUT),
                ("DetailType", ""),
                ("Detail", LEFT_OUT),
                ("Detail", ""),
            ]
        ),
        pytest.param({"Detail": "[]"}, "MalformedDetail", "Detail is malformed.", id="Detail is an array"),
        pytest.param(
            {"DetailType": "d" * 129}, "InvalidArgument", "A specified parameter is not valid.", id="a long DetailType"
        ),
    ],
)
def test_an_entry_that_the_service_refuses(
    client: Any, eventbridge: FakeEventBridge, members: dict[str, Any], code: str, message: str
) -> None:
    """It fails alone, as on PutEvents."""
    response = client.put_partner_events(Entries=[entry(**members), entry()])

    assert response["FailedEntryCount"] == 1
    assert response["Entries"][0] == {"ErrorCode": code, "ErrorMessage": message}
    assert set(response["Entries"][1]) == {"EventId"}
    eventbridge.assert_failed(error_code=code, times=1)


PATTERN = r"aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param(
            [entry(), entry(Source="shop.orders")],
            "1 validation error detected: Value 'shop.orders' at 'entries.2.member.source' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {PATTERN}",
            id="a source that is no partner's",
        ),
        pytest.param(
            [entry(Source=f"aws.partner/a/{'b' * 243}")],
            f"1 validation error detected: Value 'aws.partner/a/{'b' * 243}' at 'entries.1.member.source' failed to "
            "satisfy constraint: Member must have length less than or equal to 256",
            id="a long source",
        ),
        pytest.param(
            [entry(Resources=["r", "s"])] * 21,
            "1 validation error detected: Value '["
            + ", ".join(
                [
                    f"PutPartnerEventsRequestEntry(time=null, source={SOURCE}, resources=[r, s], "
                    'detailType=OrderPlaced, detail={"order_id":"o-1"})'
                ]
                * 21
            )
            + "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 20",
            id="21 entries",
        ),
        pytest.param(
            [entry(Detail=f'{{"a":"{"x" * 1_048_576}"}}')],
            "Total size of the entries in the request is over the limit.",
            id="more than 1,048,576 bytes",
        ),
        pytest.param(
            [],
            "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1",
            id="no entry",
        ),
        pytest.param(
            LEFT_OUT,
            "1 validation error detected: Value null at 'entries' failed to satisfy constraint: Member must not be "
            "null",
            id="Entries left out",
        ),
    ],
)
def test_a_request_that_the_service_refuses(
    unchecked_client: Any, eventbridge: FakeEventBridge, entries: Any, message: str
) -> None:
    """It fails as a whole, and none of its entries is accepted."""
    with pytest.raises(ClientError) as caught:
        unchecked_client.put_partner_events(**({} if entries is LEFT_OUT else {"Entries": entries}))

    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": message}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert eventbridge.events == []
    assert len(eventbridge.calls[0].entries) == (0 if entries is LEFT_OUT else len(entries))


def test_a_request_that_cannot_be_read(unchecked_client: Any, eventbridge: FakeEventBridge) -> None:
    """A member of a type that the service cannot read fails the request, of which nothing is captured."""
    with pytest.raises(ClientError, match="SerializationException"):
        unchecked_client.put_partner_events(Entries=[entry(Resources=[1])])
    assert eventbridge.calls[0].entries == ()


def test_a_large_body_of_small_entries(client: Any) -> None:
    """What does not count as an entry's size does not fail a request."""
    with FakeEventBridge(max_request_bytes=70) as bridge:
        client.put_partner_events(Entries=[entry()])
    assert len(bridge.events) == 1


def test_failures(client: Any, eventbridge: FakeEventBridge) -> None:
    """Entries and requests fail as those of PutEvents do."""
    eventbridge.fail_entries("InternalFailure", source=SOURCE)
    eventbridge.fail_requests("OperationDisabledException", times=1, skip=1)

    response = client.put_partner_events(Entries=[entry()])
    assert response["Entries"] == [{"ErrorCode": "InternalFailure", "ErrorMessage": "Internal Service Failure"}]
    with pytest.raises(client.exceptions.OperationDisabledException, match="is not available in this region"):
        client.put_partner_events(Entries=[entry()])
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_no_lost_events()
    assert f"  {SOURCE}  OrderPlaced  " in str(caught.value)
    client.put_partner_events(Entries=[entry()])
    eventbridge.assert_no_lost_events()


def test_the_captured_event_is_a_frozen_value(client: Any, eventbridge: FakeEventBridge) -> None:
    """It cannot be changed, and is equal to its copies."""
    client.put_partner_events(Entries=[entry()])
    [event] = eventbridge.events
    with pytest.raises(AttributeError, match="cannot be set"):
        event.source = "other"
    for twin in (pickle.loads(pickle.dumps(event)), copy.deepcopy(event)):
        assert twin == event
        assert twin.event_bus_arn == ""
