"""The service `eventbridgev2` as a botocore client sees it: one case for each thing known of the real one.

What a case is worth stands before the colon of its id: `documented`, taken from the service's `model`, `measured` on
botocore, `reported` by users of AWS, `ours` where an answer is needed and nothing is known, or `unknown`. What is
unknown is accepted.
"""

from __future__ import annotations

import copy
import json
import re
import time
from typing import Any

import botocore.session
import clients
import pytest
from botocore.credentials import CredentialResolver
from botocore.exceptions import ClientError, ConnectTimeoutError, ParamValidationError, ReadTimeoutError
from clients import LEFT_OUT, SESSION, entry

from pytest_eventbridge import ABSENT, CapturedRawEvent, EventBridgeAssertionError, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._cbor import encode

if "eventbridgev2" not in SESSION.get_available_services():
    pytest.skip("this botocore does not know eventbridgev2", allow_module_level=True)

ID = "abcdefghij0123456789abcde"


def bus_arn(name: str = "orders", *, account: str = "123456789012", ending: str = ID) -> str:
    """Make the ARN of a Custom Event Bus."""
    return f"arn:aws:events:us-east-1:{account}:event-busv2/{name}/{ending}"


def make_client(**config: Any) -> Any:
    """Make a real client of the service."""
    return clients.make_client("eventbridgev2", **config)


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share, older than any fake."""
    return make_client()


@pytest.fixture(scope="module")
def unchecked_client() -> Any:
    """A client that lets every request out, as those of other languages do."""
    return make_client(parameter_validation=False)


def raw_entry(data: bytes = b'{"order_id": "o-1"}', **members: Any) -> dict[str, Any]:
    """Make an entry of PutRawEvents that the service accepts, but for the members given."""
    complete = {"Data": data, "SystemMetadata": {"ContentType": "application/json"}} | members
    return {name: value for name, value in complete.items() if value is not LEFT_OUT}


def of_type(content_type: str) -> dict[str, Any]:
    """Make a raw entry of a content type."""
    return raw_entry(SystemMetadata={"ContentType": content_type})


def put(client: Any, *entries: dict[str, Any], arn: str | None = None, **arguments: Any) -> list[dict[str, Any]]:
    """Publish entries and return the result entries."""
    results: list[dict[str, Any]]
    results = client.put_events(EventBusArn=arn or bus_arn(), Entries=list(entries), **arguments)["Entries"]
    return results


def put_raw(client: Any, *entries: dict[str, Any], arn: str | None = None, **arguments: Any) -> list[dict[str, Any]]:
    """Publish raw entries and return the result entries."""
    results: list[dict[str, Any]]
    results = client.put_raw_events(EventBusArn=arn or bus_arn(), Entries=list(entries), **arguments)["Entries"]
    return results


def success_codes(results: list[dict[str, Any]]) -> list[str | None]:
    """Return the success code of each result entry."""
    return [result.get("SuccessCode") for result in results]


# ---- entries


def test_an_accepted_event(client: Any, eventbridge: FakeEventBridge) -> None:
    """It is answered with an id, a sequence number and `PUBLISHED`, and captured with all that was sent."""
    ordering = {"EventGroupId": "order-1", "DeduplicationId": "key-1"}
    [result] = put(client, entry(SystemMetadata=ordering, Resources=["arn:aws:s3:::a"], Time=1_800_000_000))

    assert result == {
        "EventId": result["EventId"],
        "SequenceNumber": "10000000000000001000",
        "SuccessCode": "PUBLISHED",
    }
    [event] = eventbridge.events
    assert event.event_id == result["EventId"]
    assert event.sequence_number == result["SequenceNumber"]
    assert event.success_code == "PUBLISHED"
    assert event.event_group_id == "order-1"
    assert event.deduplication_id == "key-1"
    assert event.event_bus == "orders"
    assert event.event_bus_arn == bus_arn()
    assert event.to_dict() == {
        "version": "0",
        "id": result["EventId"],
        "detail-type": "OrderPlaced",
        "source": "shop.orders",
        "account": "123456789012",
        "time": "2027-01-15T08:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::a"],
        "detail": {"order_id": "o-1"},
    }
    assert event.call.service == "eventbridgev2"
    assert event.call.entries == (event,)
    assert event.sent_from.startswith(__file__)
    eventbridge.assert_emitted_once(source="shop.orders", detail={"order_id": "o-1"}, event_bus="orders")


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"Detail": LEFT_OUT}, id="model: no Detail"),
        pytest.param({"Detail": "[1, 2]"}, id="unknown: Detail is an array"),
        pytest.param({"Detail": '"text"'}, id="unknown: Detail is a string"),
        pytest.param({"Detail": "null"}, id="unknown: Detail is null"),
        pytest.param({"Source": "s" * 256}, id="model: the longest Source"),
        pytest.param({"DetailType": "d" * 128}, id="model: the longest DetailType"),
        pytest.param({"Resources": ["r" * 2048] * 100}, id="model: the most Resources"),
        pytest.param({"Resources": [""]}, id="model: an empty resource"),
        pytest.param({"Time": 0}, id="unknown: Time is long past"),
        pytest.param({"SystemMetadata": {"DeduplicationId": " x" * 64}}, id="model: the longest DeduplicationId"),
        pytest.param({"SystemMetadata": {"EventGroupId": " "}}, id="model: EventGroupId is white space"),
    ],
)
def test_what_the_service_takes(client: Any, eventbridge: FakeEventBridge, members: dict[str, Any]) -> None:
    """The entry is accepted."""
    assert success_codes(put(client, entry(**members))) == ["PUBLISHED"]
    assert eventbridge.events[0].detail == json.loads(entry(**members).get("Detail", "null"))


REFUSED = [
    pytest.param(
        entry(Source="aws.ec2"),
        "Source must not begin with the reserved prefix aws.",
        id="documented: aws. is reserved",
    ),
    pytest.param(entry(Detail="no JSON"), "Detail is not valid JSON.", id="documented: Detail is no JSON"),
    pytest.param(entry(Detail=""), "Detail is not valid JSON.", id="documented: Detail is empty"),
    pytest.param(entry(Detail='{"a": NaN}'), "Detail is not valid JSON.", id="documented: NaN is no JSON"),
    pytest.param(entry(Detail="[" * 1001 + "]" * 1001), "Detail is not valid JSON.", id="ours: the depth of classic"),
]
REFUSED_RAW = [
    pytest.param(
        of_type(content_type),
        f"Unsupported contentType: {content_type}. Supported types: application/json, application/avro, "
        "application/protobuf, application/octet-stream.",
        id=f"documented: {content_type}",
    )
    for content_type in ("application/cloudevents+json", "application/eventbridge+json", "text/plain")
] + [
    pytest.param(
        of_type(content_type),
        "SchemaRegistryConfiguration is required for open-format events",
        id=f"documented: {content_type} without a registry",
    )
    for content_type in ("application/avro", "application/protobuf")
]


@pytest.mark.parametrize(("refused", "message"), REFUSED)
def test_an_entry_that_the_service_refuses(
    client: Any, eventbridge: FakeEventBridge, refused: dict[str, Any], message: str
) -> None:
    """It fails alone, with the one code there is, and what stands beside it is published."""
    failed, published = put(client, refused, entry())

    assert failed == {"ErrorCode": "VALIDATION_ERROR", "ErrorMessage": message}
    assert published["SuccessCode"] == "PUBLISHED"
    [event] = eventbridge.failed_entries
    assert (event.error_code, event.error_message) == ("VALIDATION_ERROR", message)
    assert (event.event_id, event.sequence_number, event.success_code) == (None, None, None)
    eventbridge.assert_failed(error_code="VALIDATION_ERROR", times=1)
    assert len(eventbridge.events) == 1


@pytest.mark.parametrize(("refused", "message"), REFUSED_RAW)
def test_a_raw_entry_that_the_service_refuses(
    client: Any, eventbridge: FakeEventBridge, refused: dict[str, Any], message: str
) -> None:
    """It fails alone, and is among the failed entries."""
    failed, published = put_raw(client, refused, raw_entry())

    assert failed == {"ErrorCode": "VALIDATION_ERROR", "ErrorMessage": message}
    assert published["SuccessCode"] == "PUBLISHED"
    [event] = eventbridge.failed_entries
    assert isinstance(event, CapturedRawEvent)
    assert event.error_message == message
    assert len(eventbridge.raw_events) == 1


@pytest.mark.parametrize("content_type", ["application/avro", "application/protobuf", "application/octet-stream"])
def test_content_types(client: Any, eventbridge: FakeEventBridge, content_type: str) -> None:
    """Bytes of each type are taken as they are; the registry is named for them all."""
    registry = {"RegistryUri": "arn:aws:glue:us-east-1:123456789012:registry/orders"}
    results = put_raw(client, of_type(content_type), SchemaRegistryConfiguration=registry)
    assert success_codes(results) == ["PUBLISHED"]


def test_a_raw_event(client: Any, eventbridge: FakeEventBridge) -> None:
    """It is captured with its bytes and what describes them, apart from the others."""
    system_metadata = {"ContentType": "application/octet-stream", "EventGroupId": "g", "DeduplicationId": "d"}
    [result] = put_raw(client, raw_entry(b"\x00\xff", Metadata={"tenant": "acme"}, SystemMetadata=system_metadata))

    assert eventbridge.events == []
    [event] = eventbridge.raw_events
    assert event.data == b"\x00\xff"
    assert event.content_type == "application/octet-stream"
    assert event.metadata == {"tenant": "acme"}
    assert (event.event_group_id, event.deduplication_id) == ("g", "d")
    assert (event.sequence_number, event.success_code) == (result["SequenceNumber"], "PUBLISHED")
    assert (event.event_id, event.error_code, event.position) == (result["EventId"], None, 0)
    assert (event.event_bus, event.event_bus_arn) == ("orders", bus_arn())
    assert event.call is eventbridge.calls[0]
    assert event.call.operation == "PutRawEvents"
    assert (event.source, event.detail_type, event.detail, event.resources) == ("", "", None, ())


def test_sequence_numbers_rise(client: Any, eventbridge: FakeEventBridge) -> None:
    """Each event has a higher one than all before, whichever operation published it."""
    results = [*put(client, entry(), entry()), *put_raw(client, raw_entry()), *put(client, entry())]
    numbers = [int(result["SequenceNumber"]) for result in results]
    assert numbers == sorted(set(numbers))
    assert [event.sequence_number for event in eventbridge.events] == [
        result["SequenceNumber"] for result in (*results[:2], results[3])
    ]


# ---- whole requests


def too_many(entries: int) -> list[dict[str, Any]]:
    """Make so many entries."""
    return [entry()] * entries


INVALID = [
    pytest.param({"EventBusArn": "orders"}, "at 'eventBusArn'", id="model: a bus by name"),
    pytest.param(
        {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/orders"},
        "at 'eventBusArn'",
        id="model: a classic bus",
    ),
    pytest.param({"EventBusArn": bus_arn("o" * 980)}, "at 'eventBusArn'", id="model: a long ARN"),
    pytest.param({"Entries": too_many(101)}, "at 'entries'", id="model: 101 entries"),
    pytest.param({"Entries": []}, "at 'entries'", id="model: no entry"),
    pytest.param({"Entries": LEFT_OUT}, "null at 'entries'", id="model: Entries left out"),
    pytest.param({"Entries": [entry(Source="s" * 257)]}, "'entries.1.member.source'", id="model: a long Source"),
    pytest.param({"Entries": [entry(Source="")]}, "'entries.1.member.source'", id="model: an empty Source"),
    pytest.param({"Entries": [entry(Source=LEFT_OUT)]}, "'entries.1.member.source'", id="model: no Source"),
    pytest.param({"Entries": [entry(DetailType=LEFT_OUT)]}, "member.detailType'", id="model: no DetailType"),
    pytest.param({"Entries": [entry(), entry(DetailType="d" * 129)]}, "'entries.2", id="model: a long DetailType"),
    pytest.param({"Entries": [entry(Resources=["r"] * 101)]}, "member.resources'", id="model: 101 Resources"),
    pytest.param({"Entries": [entry(Resources=["r" * 2049])]}, "resources.1.member'", id="model: a long resource"),
    pytest.param(
        {"Entries": [entry(SystemMetadata={"EventGroupId": "g" * 129})]}, "eventGroupId'", id="model: a long group"
    ),
    pytest.param(
        {"Entries": [entry(SystemMetadata={"DeduplicationId": " \t\u3000"})]},
        "deduplicationId'",
        id="model: a DeduplicationId of white space",
    ),
    pytest.param(
        {"DeduplicationConfiguration": {"DeduplicationType": "NONE"}}, "[CONTENT_BASED]", id="model: another type"
    ),
    pytest.param({"DeduplicationConfiguration": {}}, "deduplicationType'", id="model: no type"),
    pytest.param(
        {"Entries": [entry(Detail=f'"{"x" * 1_048_576}"')]}, "Total size", id="model: more than 1,048,576 bytes"
    ),
]
INVALID_RAW = [
    pytest.param({"Entries": [raw_entry(Data=LEFT_OUT)]}, "member.data'", id="model: no Data"),
    pytest.param({"Entries": [raw_entry(SystemMetadata=LEFT_OUT)]}, "systemMetadata'", id="model: no SystemMetadata"),
    pytest.param({"Entries": [raw_entry(SystemMetadata={})]}, "contentType'", id="model: no ContentType"),
    pytest.param({"Entries": [of_type("a" * 257)]}, "contentType'", id="model: a long ContentType"),
    pytest.param(
        {"Entries": [raw_entry(Metadata={str(number): "x" for number in range(101)})]},
        "metadata'",
        id="model: 101 keys",
    ),
    pytest.param({"Entries": [raw_entry(Metadata={"a/b": "x"})]}, "[^/]+", id="model: a key with a slash"),
    pytest.param({"Entries": [raw_entry(Metadata={"k" * 129: "x"})]}, "metadata.key'", id="model: a long key"),
    pytest.param({"Entries": [raw_entry(Metadata={"key": ""})]}, "metadata.key'", id="model: an empty value"),
    pytest.param(
        {"Entries": [raw_entry(Metadata={"Key": "x", "kEY": "x"})]}, "by case only", id="documented: keys by case"
    ),
    pytest.param({"SchemaRegistryConfiguration": {}}, "registryUri'", id="model: no RegistryUri"),
    pytest.param(
        {"SchemaRegistryConfiguration": {"RegistryUri": "u", "ConfluentPublicRegistryConfiguration": {}}},
        "connectionArn'",
        id="model: no ConnectionArn",
    ),
    pytest.param({"Entries": [raw_entry(b"x" * 1_048_577)]}, "Total size", id="model: more than 1,048,576 bytes"),
    pytest.param(
        {"Entries": [raw_entry(b"x" * 1_048_570, Metadata={"ääkey": "x"})]}, "Total size", id="model: with Metadata"
    ),
]
UNREADABLE = [
    pytest.param({"Entries": [entry(Detail={"order_id": 1})]}, id="an object in place of a text"),
    pytest.param({"Entries": {"a": 1}}, id="a map of entries"),
    pytest.param({"Entries": [1]}, id="an entry that is a number"),
    pytest.param({"Entries": [entry(Resources="r")]}, id="a text in place of a list"),
    pytest.param({"EventBusArn": 1}, id="an ARN that is a number"),
    pytest.param({"Entries": [entry(Time="2026-11-01")]}, id="a text in place of a time"),
    pytest.param({"Entries": [entry(Time=True)]}, id="a boolean in place of a time"),
]
UNREADABLE_RAW = [
    pytest.param({"Entries": [raw_entry(Data="text")]}, id="a text in place of bytes"),
    pytest.param({"Entries": [raw_entry(Metadata=["tenant"])]}, id="a list in place of a map"),
    pytest.param({"Entries": [raw_entry(Metadata={"tenant": 1})]}, id="a number in a map of texts"),
]


def refusal(method: Any, arguments: dict[str, Any]) -> ClientError:
    """Return the error of a request that is refused as a whole."""
    given = {name: value for name, value in arguments.items() if value is not LEFT_OUT}
    with pytest.raises(ClientError) as caught:
        method(**given)
    return caught.value


def assert_refused(error: ClientError, code: str, status: int, text: str) -> None:
    """Assert what a refused request is answered with."""
    assert error.response["Error"]["Code"] == code
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert text in error.response["Error"]["Message"]


@pytest.mark.parametrize(("arguments", "text"), INVALID)
def test_an_invalid_request(
    unchecked_client: Any, eventbridge: FakeEventBridge, arguments: dict[str, Any], text: str
) -> None:
    """It is refused as a whole, none of its entries is published, and it can be looked at."""
    error = refusal(unchecked_client.put_events, {"EventBusArn": bus_arn(), "Entries": [entry()], **arguments})

    assert_refused(error, "InvalidInputException", 400, text)
    assert type(error).__name__ == "InvalidInputException"
    assert eventbridge.events == []
    [call] = eventbridge.calls
    assert call.error is error
    for position, captured in enumerate(call.entries):
        assert (captured.position, captured.event_id, captured.error_code) == (position, None, None)


@pytest.mark.parametrize(("arguments", "text"), INVALID_RAW)
def test_an_invalid_raw_request(
    unchecked_client: Any, eventbridge: FakeEventBridge, arguments: dict[str, Any], text: str
) -> None:
    """It is refused as a whole, and can be looked at, whatever its entries lack."""
    error = refusal(unchecked_client.put_raw_events, {"EventBusArn": bus_arn(), "Entries": [raw_entry()], **arguments})

    assert_refused(error, "InvalidInputException", 400, text)
    assert eventbridge.raw_events == []
    [captured] = eventbridge.calls[0].entries
    assert isinstance(captured, CapturedRawEvent)
    assert isinstance(captured.data, bytes)
    assert isinstance(captured.content_type, str)
    assert repr(captured).startswith("<CapturedRawEvent ")


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        *(pytest.param("put_events", *case.values, id=case.id) for case in UNREADABLE),
        *(pytest.param("put_raw_events", *case.values, id=case.id) for case in UNREADABLE_RAW),
    ],
)
def test_an_unreadable_request(
    unchecked_client: Any, eventbridge: FakeEventBridge, method: str, arguments: dict[str, Any]
) -> None:
    """A request that the service cannot even read is refused as a whole, and nothing of it is captured."""

    def spoil(params: dict[str, Any], **_: Any) -> None:
        params["body"] = encode({"EventBusArn": bus_arn(), "Entries": [entry()], **arguments})

    unchecked_client.meta.events.register_first("before-call", spoil)
    try:
        error = refusal(getattr(unchecked_client, method), {"EventBusArn": bus_arn(), "Entries": []})
    finally:
        unchecked_client.meta.events.unregister("before-call", spoil)
    assert_refused(error, "SerializationException", 400, "")
    assert eventbridge.calls[0].entries == ()


def test_members_that_the_service_does_not_know(unchecked_client: Any, eventbridge: FakeEventBridge) -> None:
    """They are passed over, whatever they hold, and can be looked at."""

    def add(params: dict[str, Any], **_: Any) -> None:
        one = entry(Unknown=b"\xff", SystemMetadata={"Unknown": [b"\xff"]}, Time=float("nan"))
        params["body"] = encode({"EventBusArn": bus_arn(), "Entries": [one, one], "Unknown": 1, **CONTENT_BASED})

    unchecked_client.meta.events.register_first("before-call", add)
    try:
        assert success_codes(put(unchecked_client)) == ["PUBLISHED", "DEDUPLICATED"]
    finally:
        unchecked_client.meta.events.unregister("before-call", add)
    [event] = eventbridge.events
    assert copy.copy(event) == event
    assert event.entry["Unknown"] == b"\xff"
    assert event.time == event.call.received


@pytest.mark.parametrize(
    "arguments", [{"Entries": []}, {"Entries": [entry(Source=LEFT_OUT)]}, {"EventBusArn": ""}, {"Entries": [{"A": 1}]}]
)
def test_what_botocore_keeps_back(client: Any, eventbridge: FakeEventBridge, arguments: dict[str, Any]) -> None:
    """Measured: botocore's own validation comes first."""
    with pytest.raises(ParamValidationError):
        client.put_events(**{"EventBusArn": bus_arn(), "Entries": [entry()], **arguments})
    assert eventbridge.calls == []


def test_the_most_that_a_request_may_hold(client: Any, eventbridge: FakeEventBridge) -> None:
    """100 entries, and 1,048,576 bytes, are accepted; the option changes the latter."""
    assert set(success_codes(put(client, *too_many(100)))) == {"PUBLISHED"}
    assert success_codes(put_raw(client, raw_entry(b"x" * 1_048_574, Metadata={"k": "x"}))) == ["PUBLISHED"]
    with FakeEventBridge(max_request_bytes=10):
        assert_refused(
            refusal(client.put_events, {"EventBusArn": bus_arn(), "Entries": [entry()]}),
            "InvalidInputException",
            400,
            "Total size",
        )


# ---- event buses


@pytest.mark.parametrize(
    ("declared", "arn", "exists"),
    [
        pytest.param(None, bus_arn(), True, id="nothing declared"),
        pytest.param([bus_arn()], bus_arn(), True, id="by ARN"),
        pytest.param([bus_arn()], bus_arn(ending="z" * 25), False, id="another bus of that name"),
        pytest.param(["orders"], bus_arn(), True, id="by name"),
        pytest.param(["orders"], bus_arn(ending="z" * 25), True, id="by name, whatever the id"),
        pytest.param(["orders"], bus_arn(account="999999999999"), False, id="by name, in another account"),
        pytest.param([bus_arn(account="999999999999")], bus_arn(account="999999999999"), True, id="another account"),
        pytest.param(["billing"], bus_arn(), False, id="another name"),
        pytest.param([], bus_arn("default"), False, id="none, not even a default one"),
    ],
)
def test_declared_event_buses(client: Any, declared: list[str] | None, arn: str, exists: bool) -> None:
    """Documented: what is sent to a bus that does not exist is refused, unlike on the classic service."""
    with FakeEventBridge(event_buses=declared) as bridge:
        for method, one in ((client.put_events, entry()), (client.put_raw_events, raw_entry())):
            if exists:
                method(EventBusArn=arn, Entries=[one])
                continue
            error = refusal(method, {"EventBusArn": arn, "Entries": [one]})
            assert_refused(error, "ResourceNotFoundException", 404, f"Event bus {arn} does not exist.")
            assert type(error).__name__ == "ResourceNotFoundException"
    assert len(bridge.events) == len(bridge.raw_events) == int(exists)
    assert bridge.dropped_events == []


def test_a_declared_custom_bus_is_no_classic_one() -> None:
    """The classic service neither lists it nor has a bus of its name."""
    classic = SESSION.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with FakeEventBridge(event_buses=[bus_arn()]) as bridge:
        assert [bus["Name"] for bus in classic.list_event_buses()["EventBuses"]] == ["default"]
        classic.put_events(Entries=[entry(EventBusName="orders")])
    assert len(bridge.dropped_events) == 1


def test_rules_take_nothing_from_a_custom_bus(client: Any, eventbridge: FakeEventBridge) -> None:
    """A Custom Event Bus has subscribers, and no classic rule takes what is on it, whatever its name."""
    taken: list[Any] = []
    rule = eventbridge.add_rule({"source": ["shop.orders"]}, taken.append, event_bus="orders")
    put(client, entry())

    assert taken == []
    assert rule.events == []
    eventbridge.assert_all_routed()
    assert rule.explain(eventbridge.events[0]) == (
        "The rule does not take the event:\n"
        f"  event_bus: {bus_arn()} is a Custom Event Bus, on which there are no rules"
    )


# ---- deduplication

KEYED = {"DeduplicationId": "key-1"}
CONTENT_BASED = {"DeduplicationConfiguration": {"DeduplicationType": "CONTENT_BASED"}}


def test_a_repetition(client: Any, eventbridge: FakeEventBridge) -> None:
    """It is a success that says so, is in its call, and is no second event."""
    [first] = put(client, entry(SystemMetadata=KEYED))
    [second] = put(client, entry(SystemMetadata=KEYED))

    assert second == {**first, "SuccessCode": "DEDUPLICATED"}
    assert len(eventbridge.events) == 1
    [repetition] = eventbridge.calls[1].entries
    assert (repetition.success_code, repetition.event_id) == ("DEDUPLICATED", first["EventId"])
    assert repetition.error_code is None
    assert repetition not in eventbridge.events
    eventbridge.assert_no_duplicates()
    eventbridge.assert_no_lost_events()


@pytest.mark.parametrize(
    ("first", "second", "is_repetition"),
    [
        pytest.param({}, {"Detail": "{}", "Source": "other"}, True, id="documented: whatever else is in the entry"),
        pytest.param({}, {"SystemMetadata": {"DeduplicationId": "key-2"}}, False, id="documented: another key"),
        pytest.param({}, {"SystemMetadata": {**KEYED, "EventGroupId": "g"}}, False, id="documented: in a group"),
        pytest.param(
            {"SystemMetadata": {**KEYED, "EventGroupId": "g"}},
            {"SystemMetadata": {**KEYED, "EventGroupId": "h"}},
            False,
            id="documented: in another group",
        ),
        pytest.param(
            {"SystemMetadata": {**KEYED, "EventGroupId": "g"}},
            {"SystemMetadata": {**KEYED, "EventGroupId": "g"}},
            True,
            id="documented: in the same group",
        ),
        pytest.param(
            {"SystemMetadata": {"EventGroupId": "g"}}, {"SystemMetadata": {"EventGroupId": "g"}}, False, id="no key"
        ),
    ],
)
def test_deduplication_by_id(
    client: Any, eventbridge: FakeEventBridge, first: dict[str, Any], second: dict[str, Any], is_repetition: bool
) -> None:
    """A key says what is a repetition, in its event group; it is the same within one request and over several."""
    entries = [entry(**{"SystemMetadata": KEYED, **members}) for members in (first, second)]
    expected = ["PUBLISHED", "DEDUPLICATED" if is_repetition else "PUBLISHED"]

    assert success_codes(put(client, *entries)) == expected
    assert len(eventbridge.events) == expected.count("PUBLISHED")
    with FakeEventBridge():
        assert [success_codes(put(client, one)) for one in entries] == [[code] for code in expected]


def test_deduplication_is_of_one_bus_and_account(client: Any, eventbridge: FakeEventBridge) -> None:
    """The same key on another bus, or in a fake of another account, is another event."""
    one = entry(SystemMetadata=KEYED)
    for arn in (bus_arn(), bus_arn(ending="z" * 25), bus_arn("billing")):
        assert success_codes(put(client, one, arn=arn)) == ["PUBLISHED"]
    with FakeEventBridge(account_id="999999999999"):
        assert success_codes(put(client, one)) == ["PUBLISHED"]


@pytest.mark.parametrize(
    ("second", "is_repetition"),
    [
        pytest.param({}, True, id="reported: the same"),
        pytest.param({"Detail": '{"order_id":"o-2"}'}, False, id="documented: another Detail"),
        pytest.param({"Source": "shop.billing"}, False, id="ours: another Source"),
        pytest.param({"Time": 1_800_000_000}, False, id="ours: another Time"),
        pytest.param({"SystemMetadata": {"EventGroupId": "g"}}, False, id="documented: in a group"),
        pytest.param({"SystemMetadata": {"DeduplicationId": "key"}}, True, id="ours: with a key, which does not count"),
    ],
)
def test_deduplication_by_content(
    client: Any, eventbridge: FakeEventBridge, second: dict[str, Any], is_repetition: bool
) -> None:
    """With the setting, what an entry holds says whether it is a repetition."""
    codes = success_codes(put(client, entry(), entry(**second), **CONTENT_BASED))
    assert codes == ["PUBLISHED", "DEDUPLICATED" if is_repetition else "PUBLISHED"]


@pytest.mark.parametrize(
    ("second", "is_repetition"),
    [
        pytest.param(raw_entry(), True, id="the same"),
        pytest.param(raw_entry(b"{}"), False, id="other bytes"),
        pytest.param(of_type("application/octet-stream"), False, id="another content type"),
        pytest.param(raw_entry(Metadata={"tenant": "acme"}), False, id="other metadata"),
    ],
)
def test_deduplication_of_raw_events(
    client: Any, eventbridge: FakeEventBridge, second: dict[str, Any], is_repetition: bool
) -> None:
    """Raw entries are deduplicated alike."""
    codes = success_codes(put_raw(client, raw_entry(), second, **CONTENT_BASED))
    assert codes == ["PUBLISHED", "DEDUPLICATED" if is_repetition else "PUBLISHED"]
    assert len(eventbridge.raw_events) == codes.count("PUBLISHED")


def test_the_window_is_300_seconds(client: Any, eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends by the clock that the test moves, and by the time of the process, which frozen time is."""
    one = entry(SystemMetadata=KEYED)
    assert success_codes(put(client, one)) == ["PUBLISHED"]
    eventbridge.advance_clock(290)
    assert success_codes(put(client, one)) == ["DEDUPLICATED"]
    eventbridge.advance_clock(10)  # since the event it repeats, not since the last repetition
    assert success_codes(put(client, one)) == ["PUBLISHED"]

    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert success_codes(put(client, one)) == ["PUBLISHED"]
    assert len(eventbridge.events) == 3


def test_what_was_not_accepted_is_repeated_by_nothing(client: Any, eventbridge: FakeEventBridge) -> None:
    """An entry that failed may come again under its key."""
    one = entry(SystemMetadata=KEYED)
    eventbridge.fail_entries("InternalFailure")
    assert success_codes(put(client, one)) == [None]
    assert success_codes(put(client, one)) == ["PUBLISHED"]
    eventbridge.assert_no_lost_events()


def test_a_hint_tells_of_a_repetition(client: Any, eventbridge: FakeEventBridge) -> None:
    """Whoever misses a second event is told that the service took it for the first."""
    one = entry(SystemMetadata=KEYED)
    put(client, one)
    put(client, one)
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_emitted(source="shop.orders", times=2)
    hint = str(caught.value).splitlines()[1]
    assert re.fullmatch(
        r"calls\[1\], sent from \S+:\d+, repeats one that matches: "
        r"it was answered with DEDUPLICATED, and is no event of its own\.",
        hint,
    )


def test_the_service_remembers_what_the_fake_forgets(client: Any, eventbridge: FakeEventBridge) -> None:
    """`clear()` is of what was captured, and no time passes in it."""
    one = entry(SystemMetadata=KEYED)
    put(client, one)
    eventbridge.clear()
    assert success_codes(put(client, one)) == ["DEDUPLICATED"]
    assert eventbridge.events == []


def test_a_retry_that_was_deduplicated_loses_nothing(client: Any, eventbridge: FakeEventBridge) -> None:
    """A failure counts as answered by a repetition, too, of an event that the record has no more."""
    one = entry(SystemMetadata=KEYED)
    put(client, one)
    eventbridge.clear()
    with eventbridge.fail_requests("AccessDeniedException"), pytest.raises(ClientError):
        put(client, one)
    with pytest.raises(EventBridgeAssertionError):
        eventbridge.assert_no_lost_events()
    put(client, one)
    eventbridge.assert_no_lost_events()


# ---- failures


def test_fail_entries(client: Any, eventbridge: FakeEventBridge) -> None:
    """Entries fail by the criteria, the event group among them, in both operations."""
    failure = eventbridge.fail_entries("ThrottlingException", event_group_id="g", times=2)
    in_group = {"EventGroupId": "g"}
    failed, published = put(client, entry(SystemMetadata=in_group), entry())
    [failed_raw] = put_raw(client, raw_entry(SystemMetadata={"ContentType": "application/json", **in_group}))

    text = "The request was denied due to request throttling."
    assert failed == failed_raw == {"ErrorCode": "ThrottlingException", "ErrorMessage": text}
    assert published["SuccessCode"] == "PUBLISHED"
    assert failure.fired == 2
    assert [event.injected_by for event in eventbridge.failed_entries] == [str(failure)] * 2


@pytest.mark.parametrize(
    ("code", "status", "attempts"),
    [
        ("ThrottlingException", 429, {"legacy": 5, "standard": 3, "adaptive": 3}),
        ("InternalException", 500, {"legacy": 5, "standard": 3, "adaptive": 3}),
        ("SchemaRegistryUnavailableException", 400, {"legacy": 1, "standard": 3, "adaptive": 3}),
        ("AccessDeniedException", 403, {"legacy": 1, "standard": 1, "adaptive": 1}),
        ("ResourceNotFoundException", 404, {"legacy": 1, "standard": 1, "adaptive": 1}),
        ("InvalidInputException", 400, {"legacy": 1, "standard": 1, "adaptive": 1}),
        ("InvalidStateException", 409, {"legacy": 1, "standard": 1, "adaptive": 1}),
    ],
)
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_fail_requests(
    eventbridge: FakeEventBridge, code: str, status: int, attempts: dict[str, int], mode: str
) -> None:
    """Each modelled error has the status of its model, is raised as its class, and is retried as botocore does."""
    client = make_client(retries={"mode": mode})
    failure = eventbridge.fail_requests(code, times=None)
    error = refusal(client.put_raw_events, {"EventBusArn": bus_arn(), "Entries": [raw_entry()]})

    assert isinstance(error, getattr(client.exceptions, code))
    assert_refused(error, code, status, error.response["Message"])
    assert failure.fired == eventbridge.calls[0].attempts == attempts[mode]
    assert eventbridge.raw_events == []


def test_a_retry_gets_through(client: Any, eventbridge: FakeEventBridge) -> None:
    """A request that fails once is sent again by botocore, and its events are there once."""
    eventbridge.fail_requests("ThrottlingException")
    assert success_codes(put(client, entry(), entry())) == ["PUBLISHED"] * 2
    assert eventbridge.calls[0].attempts == 2
    assert len(eventbridge.events) == 2


def test_a_lost_answer_is_no_duplicate_with_a_key(client: Any, eventbridge: FakeEventBridge) -> None:
    """A retry of what was accepted repeats it, where the entry has a key; without one it comes twice."""
    eventbridge.fail_requests(ReadTimeoutError, delivered=True)
    assert success_codes(put(client, entry(SystemMetadata=KEYED), entry(Detail="{}"))) == ["DEDUPLICATED", "PUBLISHED"]
    assert [event.detail for event in eventbridge.events] == [{"order_id": "o-1"}, {}, {}]
    with pytest.raises(EventBridgeAssertionError, match="accepted more than once"):
        eventbridge.assert_no_duplicates()


def test_a_network_error(eventbridge: FakeEventBridge) -> None:
    """It is raised where the network raises it."""
    client = make_client(retries={"total_max_attempts": 1})
    eventbridge.fail_requests(ConnectTimeoutError)
    with pytest.raises(ConnectTimeoutError):
        put(client, entry())
    [lost] = eventbridge.calls[0].entries
    with pytest.raises(EventBridgeAssertionError, match=r"orders  shop\.orders  OrderPlaced") as caught:
        eventbridge.assert_no_lost_events()
    assert list(caught.value.captured) == [lost]


def test_a_raw_event_that_is_lost_and_sent_again(eventbridge: FakeEventBridge) -> None:
    """Raw events are the same when bus, bytes, content type and metadata are."""
    client = make_client(retries={"total_max_attempts": 1})
    eventbridge.fail_requests("InternalException")
    with pytest.raises(ClientError):
        put_raw(client, raw_entry(b"a"), raw_entry(b"b"))
    put_raw(client, raw_entry(b"a"))
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_no_lost_events()
    [lost] = caught.value.captured
    assert lost.data == b"b"
    put_raw(client, raw_entry(b"b"))
    eventbridge.assert_no_lost_events()


# ---- reading and asserting


def test_the_event_group_is_a_criterion(client: Any, eventbridge: FakeEventBridge) -> None:
    """A text, a matcher, or that there is none."""
    put(client, entry(SystemMetadata={"EventGroupId": "order-1"}), entry(Source="other"))
    put_raw(client, raw_entry(SystemMetadata={"ContentType": "application/json", "EventGroupId": "order-2"}))

    eventbridge.assert_emitted_once(event_group_id="order-1")
    eventbridge.assert_emitted_once(event_group_id=re.compile("order-."))
    eventbridge.assert_emitted_once(event_group_id=ABSENT, source="other")
    assert ExpectedEvent(event_group_id="order-2") in eventbridge.raw_events
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_emitted(event_group_id="order-3", source="shop.orders")
    assert "event_group_id: expected 'order-3', got 'order-1'" in str(caught.value)
    with pytest.raises(TypeError, match=re.escape("event_group_id: a string or a matcher is required, not None. To")):
        eventbridge.find(event_group_id=None)


def test_captures_and_clearing(client: Any, eventbridge: FakeEventBridge) -> None:
    """A capture has the raw events of its block, and clearing forgets those too."""
    put_raw(client, raw_entry(b"1"))
    with eventbridge.capture() as captured:
        put_raw(client, raw_entry(b"2"))
        put(client, entry())
    assert [event.data for event in captured.raw_events] == [b"2"]
    assert len(captured.events) == 1
    assert [event.data for event in eventbridge.raw_events] == [b"1", b"2"]
    assert repr(eventbridge) == "<FakeEventBridge active: 3 accepted, 0 failed, 0 dropped>"
    eventbridge.clear()
    assert eventbridge.raw_events == []
    assert len(captured.raw_events) == 1


def test_nothing_emitted(client: Any, eventbridge: FakeEventBridge) -> None:
    """A raw event is something that was emitted, and the text shows it."""
    put_raw(client, raw_entry(b'{"order_id":\n"o-1"}'))
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_nothing_emitted()
    assert str(caught.value).splitlines()[-1] == '  raw_events[0]  orders  application/json  {"order_id": "o-1"}'


def test_duplicates_of_raw_events(client: Any, eventbridge: FakeEventBridge) -> None:
    """Raw events that are the same are duplicates; others are none, though they have no source and no detail."""
    put_raw(client, raw_entry(b"1"), raw_entry(b"2"), raw_entry(b"1", Metadata={"k": "v"}))
    eventbridge.assert_no_duplicates()
    put_raw(client, raw_entry(b"1"))
    with pytest.raises(EventBridgeAssertionError, match="accepted more than once") as caught:
        eventbridge.assert_no_duplicates()
    assert [event.data for event in caught.value.captured] == [b"1", b"1"]


def test_duplicates_by_key(client: Any, eventbridge: FakeEventBridge) -> None:
    """The ids of deduplication and of the group are paths, too."""
    put(client, entry(SystemMetadata={"DeduplicationId": "a", "EventGroupId": "1"}))
    put(client, entry(SystemMetadata={"DeduplicationId": "a", "EventGroupId": "2"}))
    eventbridge.assert_no_duplicates("event_group_id")
    with pytest.raises(EventBridgeAssertionError):
        eventbridge.assert_no_duplicates("deduplication_id")


def test_the_report(client: Any, eventbridge: FakeEventBridge) -> None:
    """It has a line for each entry that says what became of it."""
    put(client, entry(SystemMetadata=KEYED), entry(SystemMetadata=KEYED), entry(Source="aws.s3"))
    put_raw(client, raw_entry(b"\xff"), of_type("text/plain"))
    lines = [line for line in eventbridge._report().splitlines() if line.startswith("  ")]
    assert lines == [
        '  [0] orders  shop.orders  OrderPlaced  {"order_id":"o-1"}  accepted',
        '  [1] orders  shop.orders  OrderPlaced  {"order_id":"o-1"}  deduplicated',
        '  [2] orders  aws.s3  OrderPlaced  {"order_id":"o-1"}  failed: VALIDATION_ERROR',
        "  [0] orders  application/json  \\xff  accepted",
        '  [1] orders  text/plain  {"order_id": "o-1"}  failed: VALIDATION_ERROR',
    ]


# ---- clients


def test_a_client_without_credentials() -> None:
    """No credentials are asked for, and no region of the account is needed."""
    session = botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([]))
    client = session.create_client("eventbridgev2", region_name="eu-west-1")
    with FakeEventBridge() as bridge:
        put(client, entry())
        bridge.fail_requests("ThrottlingException")
        put(client, entry())
    assert [event.region for event in bridge.events] == ["eu-west-1"] * 2


def test_the_classic_service_beside_it(client: Any, eventbridge: FakeEventBridge) -> None:
    """Both run side by side, and a classic event has nothing of what only the new service gives."""
    classic = SESSION.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    classic.put_events(Entries=[entry()])
    put(client, entry())

    old, new = eventbridge.events
    assert (old.event_group_id, old.deduplication_id, old.sequence_number, old.success_code) == (None,) * 4
    assert (old.call.service, new.call.service) == ("events", "eventbridgev2")
    assert old != new
    eventbridge.assert_no_duplicates()
