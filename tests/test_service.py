"""The classic service as a botocore client sees it: one case for each thing known of the real one.

What a case is worth stands before the colon of its id: `recorded` from AWS, `documented`, `measured` on botocore,
`reported` by users of AWS, taken from the service's `model`, or `unknown`. What is unknown is accepted, never invented.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta, timezone
from importlib.util import find_spec
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    InvalidEndpointConfigurationError,
    MissingDependencyException,
    ParamValidationError,
)
from botocore.serialize import create_serializer
from clients import LEFT_OUT, entry, make_client

from pytest_eventbridge import FakeEventBridge

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999999999999"

NO_SOURCE = ("InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.")
NO_DETAIL_TYPE = ("InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument.")
NO_DETAIL = ("InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument.")
MALFORMED = ("MalformedDetail", "Detail is malformed.")
NOT_AUTHORIZED = ("NotAuthorizedForSourceException", "Not authorized for the source.")


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share, older than any fake."""
    return make_client()


@pytest.fixture(scope="module")
def client_in_ireland() -> Any:
    """A client of another region."""
    return make_client(region="eu-west-1")


def bus_arn(name: str, *, region: str = "us-east-1", account: str = ACCOUNT) -> str:
    """Make the ARN of an event bus."""
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


def nested(levels: int) -> str:
    """Make a JSON object of so many levels."""
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    ("members", "error"),
    [
        pytest.param({"Source": LEFT_OUT}, NO_SOURCE, id="recorded: no Source"),
        pytest.param({"Detail": LEFT_OUT}, NO_DETAIL, id="recorded: no Detail"),
        pytest.param({"DetailType": ""}, NO_DETAIL_TYPE, id="recorded: DetailType is empty"),
        pytest.param({"DetailType": LEFT_OUT}, NO_DETAIL_TYPE, id="emulated: no DetailType"),
        pytest.param({"Source": ""}, NO_SOURCE, id="reported: Source is empty"),
        pytest.param({"Detail": ""}, NO_DETAIL, id="emulated: Detail is empty"),
        pytest.param({"Detail": "NotJSON"}, MALFORMED, id="recorded: Detail is no JSON"),
        pytest.param({"Detail": "{{}"}, MALFORMED, id="recorded: Detail is broken JSON"),
        pytest.param({"Detail": "[]"}, MALFORMED, id="recorded: Detail is an array"),
        pytest.param({"Detail": '"NotJSON"'}, MALFORMED, id="recorded: Detail is a string"),
        pytest.param({"Detail": "1"}, MALFORMED, id="inferred: Detail is a number"),
        pytest.param({"Detail": "null"}, MALFORMED, id="inferred: Detail is null"),
        pytest.param({"Detail": "true"}, MALFORMED, id="inferred: Detail is a boolean"),
        pytest.param({"Detail": nested(1001)}, MALFORMED, id="documented: Detail nests deeper than 1,000 levels"),
        pytest.param({"Source": "aws.ec2"}, NOT_AUTHORIZED, id="reported: Source begins with aws."),
        pytest.param({"Source": "aws.partner/example.com/shop"}, NOT_AUTHORIZED, id="reported: a partner's Source"),
        pytest.param(
            {"DetailType": "D" * 129},
            ("InvalidArgument", "A specified parameter is not valid."),
            id="documented: DetailType is longer than 128",
        ),
        pytest.param({"Source": LEFT_OUT, "DetailType": LEFT_OUT}, NO_SOURCE, id="emulated: Source before DetailType"),
        pytest.param({"DetailType": "", "Detail": ""}, NO_DETAIL_TYPE, id="emulated: DetailType before Detail"),
        pytest.param({"DetailType": "", "Detail": "[]"}, NO_DETAIL_TYPE, id="emulated: missing before malformed"),
        pytest.param({"Source": "aws.ec2", "Detail": "[]"}, MALFORMED, id="emulated: malformed before unauthorized"),
    ],
)
def test_an_entry_that_the_service_refuses_fails_alone(
    client: Any, eventbridge: FakeEventBridge, members: dict[str, Any], error: tuple[str, str]
) -> None:
    """The call succeeds with status 200, its one result entry has code and text only; nothing is emitted."""
    response = client.put_events(Entries=[entry(**members)])

    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert response["FailedEntryCount"] == 1
    assert response["Entries"] == [{"ErrorCode": error[0], "ErrorMessage": error[1]}]
    assert eventbridge.events == []
    assert eventbridge.dropped_events == []
    [failed] = eventbridge.failed_entries
    assert (failed.error_code, failed.error_message, failed.event_id) == (*error, None)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"Detail": "{}"}, id="documented: Detail is an empty object"),
        pytest.param({"Detail": nested(1000)}, id="documented: Detail nests 1,000 levels"),
        pytest.param({"Detail": '{"a":9223372036854775807}'}, id="documented: the greatest integer"),
        pytest.param({"Detail": '{"a":-9223372036854775808}'}, id="documented: the least integer"),
        pytest.param({"Detail": '{"a":9223372036854775808}'}, id="unknown: an integer above 64 bits"),
        pytest.param({"Detail": '{"a":-9223372036854775809}'}, id="unknown: an integer below 64 bits"),
        pytest.param({"Detail": '{"a":1,"a":2}'}, id="unknown: Detail has a key twice"),
        pytest.param({"Detail": ' {"a": 1}\n'}, id="model: whitespace around Detail"),
        pytest.param({"Detail": '{"name":"Zoë 😀"}'}, id="model: Detail is not ASCII"),
        pytest.param({"DetailType": "D" * 128}, id="documented: DetailType of 128"),
        pytest.param({"DetailType": "é" * 128}, id="documented: DetailType of 128 characters, 256 bytes"),
        pytest.param({"Source": "s" * 5000}, id="unknown: a long Source"),
        pytest.param({"Source": "aws"}, id="unknown: Source is aws without the dot"),
        pytest.param({"Source": "AWS.ec2"}, id="unknown: Source begins with AWS. in capitals"),
        pytest.param({"Source": "my.aws.shop"}, id="unknown: Source has aws. inside"),
        pytest.param({"Source": " "}, id="unknown: Source is blank"),
        pytest.param({"Resources": []}, id="model: no resources"),
        pytest.param({"Resources": ["resource1", "resource2"]}, id="documented: Resources are no ARNs"),
        pytest.param({"Resources": ["https://sqs.us-east-1.amazonaws.com/1/q"]}, id="recorded: a resource is a URL"),
        pytest.param({"Resources": ["r" * 2049]}, id="unknown: a resource longer than 2,048"),
        pytest.param({"Resources": [""]}, id="unknown: a resource is empty"),
        pytest.param({"Time": datetime(2022, 1, 1, tzinfo=timezone.utc)}, id="recorded: Time is years ago"),
        pytest.param({"Time": datetime(1960, 1, 1, tzinfo=timezone.utc)}, id="unknown: Time before the epoch"),
        pytest.param({"Time": datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)}, id="unknown: Time far ahead"),
        pytest.param({"EventBusName": "no-such-bus"}, id="recorded: a bus that nobody made"),
        pytest.param({"EventBusName": bus_arn("no-such-bus")}, id="inferred: the ARN of a bus that nobody made"),
        pytest.param({"EventBusName": bus_arn("theirs", account=OTHER_ACCOUNT)}, id="recorded: another account's bus"),
        pytest.param({"EventBusName": bus_arn("orders", region="eu-west-1")}, id="unknown: another region's bus"),
        pytest.param(
            {"EventBusName": "arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/orders"},
            id="model: another partition's bus",
        ),
        pytest.param({"EventBusName": "._-Aa0"}, id="model: each kind of character of a bus name"),
        pytest.param({"EventBusName": "b" * 1600}, id="model: a bus name of 1,600"),
        pytest.param({"TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}, id="documented: a trace"),
        pytest.param({"TraceHeader": "not a trace header"}, id="documented: a trace header that is none"),
        pytest.param({"TraceHeader": "t" * 500}, id="model: a trace header of 500"),
    ],
)
def test_an_entry_that_the_service_takes_is_emitted_as_sent(
    client: Any, eventbridge: FakeEventBridge, members: dict[str, Any]
) -> None:
    """Its result entry is an event id and nothing else, and the captured event holds what was sent."""
    sent = entry(**members)

    response = client.put_events(Entries=[sent])

    [event] = eventbridge.events
    assert response["FailedEntryCount"] == 0
    assert response["Entries"] == [{"EventId": event.event_id}]
    assert dict(event.entry) == sent
    assert (event.source, event.detail_type, event.detail_json) == (sent["Source"], sent["DetailType"], sent["Detail"])
    assert eventbridge.failed_entries == []
    assert eventbridge.dropped_events == []


def test_a_key_that_detail_has_twice_keeps_its_last_value(client: Any, eventbridge: FakeEventBridge) -> None:
    """A duplicate key is decoded as Python's `json` does it, and the text stays as sent."""
    client.put_events(Entries=[entry(Detail='{"a":1,"a":2}')])

    [event] = eventbridge.events
    assert event.detail == {"a": 2}
    assert event.detail_json == '{"a":1,"a":2}'


@pytest.mark.parametrize("member", ["Source", "DetailType", "Detail"])
def test_a_request_whose_only_entry_is_incomplete_is_answered_all_the_same(
    client: Any, eventbridge: FakeEventBridge, member: str
) -> None:
    """No entry is complete, yet the entry fails and not the request, as recorded (the documentation says otherwise)."""
    response = client.put_events(Entries=[entry(**{member: LEFT_OUT})])

    assert response["FailedEntryCount"] == 1
    [call] = eventbridge.calls
    assert call.error is None


def test_a_mixed_batch_is_answered_entry_by_entry_in_the_order_of_the_request(
    client: Any, eventbridge: FakeEventBridge
) -> None:
    """Each result entry stands where its entry stood, and `FailedEntryCount` counts the bad ones."""
    details = ['{"n":0}', "[]", '{"n":2}', "", '{"n":4}']

    response = client.put_events(Entries=[entry(Detail=detail) for detail in details])

    assert response["FailedEntryCount"] == 2
    assert [sorted(result) for result in response["Entries"]] == [
        ["EventId"],
        ["ErrorCode", "ErrorMessage"],
        ["EventId"],
        ["ErrorCode", "ErrorMessage"],
        ["EventId"],
    ]
    assert [result.get("ErrorCode") for result in response["Entries"]] == [
        None,
        "MalformedDetail",
        None,
        "InvalidArgument",
        None,
    ]
    assert [event.position for event in eventbridge.events] == [0, 2, 4]
    assert [event.detail["n"] for event in eventbridge.events] == [0, 2, 4]
    assert [event.position for event in eventbridge.failed_entries] == [1, 3]
    [call] = eventbridge.calls
    assert [event.detail_json for event in call.entries] == details
    assert [event.event_id for event in call.entries] == [result.get("EventId") for result in response["Entries"]]


def test_ten_entries_are_one_request(client: Any, eventbridge: FakeEventBridge) -> None:
    """The greatest number of entries is accepted, each under an id of its own, in order."""
    response = client.put_events(Entries=[entry(Detail=f'{{"n":{n}}}') for n in range(10)])

    assert response["FailedEntryCount"] == 0
    assert [event.event_id for event in eventbridge.events] == [result["EventId"] for result in response["Entries"]]
    assert [event.detail["n"] for event in eventbridge.events] == list(range(10))
    assert len({event.event_id for event in eventbridge.events}) == 10


def test_a_bus_that_does_not_exist_gets_a_success_and_drops_the_event(client: Any) -> None:
    """The caller sees an event id and no failure (recorded), and the event is among the dropped ones only."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        response = client.put_events(Entries=[entry(EventBusName="odrers"), entry(EventBusName="orders")])

    assert response["FailedEntryCount"] == 0
    assert [sorted(result) for result in response["Entries"]] == [["EventId"], ["EventId"]]
    assert [event.event_bus for event in bridge.dropped_events] == ["odrers"]
    assert [event.event_bus for event in bridge.events] == ["orders"]
    assert bridge.failed_entries == []
    assert bridge.dropped_events[0].event_id == response["Entries"][0]["EventId"]
    assert len(bridge.calls[0].entries) == 2


def test_a_failed_entry_is_never_a_dropped_one(client: Any) -> None:
    """An entry that the service refuses fails whichever bus it names."""
    with FakeEventBridge(event_buses=()) as bridge:
        client.put_events(Entries=[entry(EventBusName="no-such-bus", Detail="[]")])

    assert [event.error_code for event in bridge.failed_entries] == ["MalformedDetail"]
    assert bridge.dropped_events == []


@pytest.mark.parametrize(
    ("event_bus", "exists"),
    [
        pytest.param(LEFT_OUT, True, id="none named"),
        pytest.param("default", True, id="default"),
        pytest.param(bus_arn("default"), True, id="default by ARN"),
        pytest.param("orders", True, id="by the name given"),
        pytest.param(bus_arn("orders"), True, id="by the ARN of the name given"),
        pytest.param("audit", True, id="by the name of the ARN given"),
        pytest.param(bus_arn("audit"), True, id="by the ARN given"),
        pytest.param(bus_arn("shared", account=OTHER_ACCOUNT), True, id="another account's ARN given"),
        pytest.param("Orders", False, id="in another case"),
        pytest.param("orders-eu", False, id="a longer name"),
        pytest.param("shared", False, id="another account's name, in our account"),
        pytest.param(bus_arn("shared"), False, id="another account's bus, in our account"),
        pytest.param(bus_arn("orders", account=OTHER_ACCOUNT), False, id="our name, in another account"),
        pytest.param(bus_arn("default", account=OTHER_ACCOUNT), False, id="another account's default"),
        pytest.param(bus_arn("audit", region="eu-west-1"), False, id="the ARN given, in another region"),
    ],
)
def test_which_event_buses_exist(client: Any, event_bus: Any, exists: bool) -> None:
    """With `event_buses` given only those and `default` exist: names in our own account, ARNs as they stand."""
    buses = ["orders", bus_arn("audit"), bus_arn("shared", account=OTHER_ACCOUNT)]
    with FakeEventBridge(event_buses=buses) as bridge:
        response = client.put_events(Entries=[entry(EventBusName=event_bus)])

    assert response["FailedEntryCount"] == 0
    assert (len(bridge.events), len(bridge.dropped_events)) == ((1, 0) if exists else (0, 1))


def test_an_event_bus_given_by_arn_exists_in_its_region_only(client_in_ireland: Any) -> None:
    """A name means the bus in the client's own region, where nobody made that one."""
    with FakeEventBridge(event_buses=[bus_arn("audit")]) as bridge:
        client_in_ireland.put_events(Entries=[entry(EventBusName="audit"), entry(EventBusName=bus_arn("audit"))])

    assert [event.position for event in bridge.dropped_events] == [0]
    assert [event.position for event in bridge.events] == [1]


def test_the_envelope_is_what_a_target_receives(client: Any, eventbridge: FakeEventBridge) -> None:
    """Keys, their order, version and id are those that were recorded, and nothing else is in it."""
    moment = datetime(2022, 1, 1, tzinfo=timezone.utc)
    response = client.put_events(
        Entries=[entry(Time=moment, Resources=["r-2", "r-1"], EventBusName="orders", TraceHeader="Root=1")]
    )

    envelope = eventbridge.events[0].to_dict()

    assert list(envelope.items()) == [
        ("version", "0"),
        ("id", response["Entries"][0]["EventId"]),
        ("detail-type", "OrderPlaced"),
        ("source", "shop.orders"),
        ("account", ACCOUNT),
        ("time", "2022-01-01T00:00:00Z"),
        ("region", "us-east-1"),
        ("resources", ["r-2", "r-1"]),
        ("detail", {"order_id": "o-1"}),
    ]


def test_the_envelope_of_an_event_without_resources_has_an_empty_list(
    client: Any, eventbridge: FakeEventBridge
) -> None:
    """`resources` is there, and empty."""
    client.put_events(Entries=[entry()])

    assert eventbridge.events[0].to_dict()["resources"] == []


@pytest.mark.parametrize(
    "event_bus",
    [bus_arn("theirs", account=OTHER_ACCOUNT), bus_arn("there", region="ap-south-1")],
    ids=["another account", "another region"],
)
def test_an_event_keeps_the_account_and_region_of_its_sender(
    client_in_ireland: Any, eventbridge: FakeEventBridge, event_bus: str
) -> None:
    """The envelope tells where the event comes from, not whose bus it went to."""
    client_in_ireland.put_events(Entries=[entry(EventBusName=event_bus)])

    [event] = eventbridge.events
    envelope = event.to_dict()
    assert (envelope["account"], envelope["region"]) == (ACCOUNT, "eu-west-1")
    assert event.event_bus_arn == event_bus


def test_event_ids_have_the_form_of_a_uuid(client: Any, eventbridge: FakeEventBridge) -> None:
    """An id is in lower case, unique, and no longer than the model allows."""
    for _ in range(5):
        client.put_events(Entries=[entry() for _ in range(10)])

    ids = [event.event_id or "" for event in eventbridge.events]
    assert len(set(ids)) == 50
    assert all(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event_id) for event_id in ids)
    assert all(len(event_id) <= 64 for event_id in ids)


def as_botocore_sends(client: Any, moment: datetime) -> datetime:
    """Return a time as it goes over the wire: older versions of botocore cut fractions off themselves."""
    model = client.meta.service_model.operation_model("PutEvents")
    request = create_serializer("json").serialize_to_request({"Entries": [{"Time": moment}]}, model)
    [sent] = json.loads(request["body"])["Entries"]
    return datetime.fromtimestamp(sent["Time"], tz=timezone.utc)


IN_KOLKATA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("sent", "captured", "delivered"),
    [
        pytest.param(
            datetime(2022, 1, 1, tzinfo=timezone.utc),
            datetime(2022, 1, 1, tzinfo=timezone.utc),
            "2022-01-01T00:00:00Z",
            id="recorded: whole seconds",
        ),
        pytest.param(
            datetime(2021, 12, 31, 23, 59, 59, 999000, tzinfo=timezone.utc),
            datetime(2021, 12, 31, 23, 59, 59, 999000, tzinfo=timezone.utc),
            "2021-12-31T23:59:59Z",
            id="recorded: a fraction is cut off, not rounded",
        ),
        pytest.param(
            datetime(1969, 12, 31, 23, 59, 58, 500000, tzinfo=timezone.utc),
            datetime(1969, 12, 31, 23, 59, 58, 500000, tzinfo=timezone.utc),
            "1969-12-31T23:59:58Z",
            id="unknown: a fraction before the epoch",
        ),
        pytest.param(
            datetime(2022, 1, 1, 5, 30, tzinfo=IN_KOLKATA),
            datetime(2022, 1, 1, tzinfo=timezone.utc),
            "2022-01-01T00:00:00Z",
            id="measured: another zone",
        ),
        pytest.param(
            datetime(2022, 1, 1),
            datetime(2022, 1, 1, tzinfo=timezone.utc),
            "2022-01-01T00:00:00Z",
            id="measured: no zone is UTC",
        ),
        pytest.param(
            "2022-01-01T00:00:00+02:00",
            datetime(2021, 12, 31, 22, tzinfo=timezone.utc),
            "2021-12-31T22:00:00Z",
            id="measured: ISO text",
        ),
        pytest.param(
            1640995200,
            datetime(2022, 1, 1, tzinfo=timezone.utc),
            "2022-01-01T00:00:00Z",
            id="measured: seconds since the epoch",
        ),
        pytest.param(
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
            "9999-12-31T23:59:59Z",
            id="unknown: the last second of a datetime",
        ),
    ],
)
def test_the_time_of_an_event(
    client: Any, eventbridge: FakeEventBridge, sent: Any, captured: datetime, delivered: str
) -> None:
    """The captured event has it in UTC as botocore sends it, the envelope in whole seconds."""
    client.put_events(Entries=[entry(Time=sent)])

    [event] = eventbridge.events
    assert event.time == as_botocore_sends(client, captured)
    assert event.time.utcoffset() == timedelta(0)
    assert event.to_dict()["time"] == delivered


def test_an_event_without_a_time_happens_when_it_is_put(client: Any, eventbridge: FakeEventBridge) -> None:
    """Its time is the moment of the call, the same for all entries of a request."""
    before = datetime.now(timezone.utc)
    client.put_events(Entries=[entry(), entry()])
    after = datetime.now(timezone.utc)

    first, second = eventbridge.events
    assert before <= first.time <= after
    assert first.time == second.time
    assert first.to_dict()["time"] == first.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_entries_of_a_refused_request_were_neither_accepted_nor_failed(
    client: Any, eventbridge: FakeEventBridge
) -> None:
    """The whole request fails with status 400, and its entries, good and bad, are only in the call."""
    with pytest.raises(ClientError) as refused:
        client.put_events(Entries=[entry(EventBusName="a/b"), entry(Detail="[]")])

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert eventbridge.events == []
    assert eventbridge.failed_entries == []
    assert eventbridge.dropped_events == []
    [call] = eventbridge.calls
    assert call.error is refused.value
    assert call.response is None
    assert [(event.event_id, event.error_code) for event in call.entries] == [(None, None), (None, None)]


def test_a_refused_request_uses_up_no_injected_failure(client: Any, eventbridge: FakeEventBridge) -> None:
    """The service looks at no entry of a request that it refuses as a whole."""
    failure = eventbridge.fail_entries("ThrottlingException")
    with pytest.raises(ClientError):
        client.put_events(Entries=[entry(EventBusName="a/b")])
    assert failure.fired == 0

    response = client.put_events(Entries=[entry()])

    assert response["Entries"][0]["ErrorCode"] == "ThrottlingException"
    assert failure.fired == 1


@pytest.mark.parametrize("error_code", ["InternalFailure", "ThrottlingException", "NoSuchCode"])
def test_an_injected_failure_is_answered_like_one_of_the_service(
    client: Any, eventbridge: FakeEventBridge, error_code: str
) -> None:
    """The result entry has code and text and nothing else, and stands in its place among the others."""
    eventbridge.fail_entries(error_code, "for the test", position=1)

    response = client.put_events(Entries=[entry(), entry(), entry()])

    assert response["FailedEntryCount"] == 1
    assert response["Entries"][1] == {"ErrorCode": error_code, "ErrorMessage": "for the test"}
    assert [event.position for event in eventbridge.events] == [0, 2]


def test_the_services_own_refusal_comes_before_an_injected_failure(client: Any, eventbridge: FakeEventBridge) -> None:
    """An entry that would fail anyway gets the service's answer, and the injected failure waits for another."""
    failure = eventbridge.fail_entries("InternalFailure")

    response = client.put_events(Entries=[entry(Detail="[]"), entry()])

    assert [result["ErrorCode"] for result in response["Entries"]] == ["MalformedDetail", "InternalFailure"]
    assert failure.fired == 1


def test_the_documented_example_of_a_failure_has_its_documented_text(client: Any, eventbridge: FakeEventBridge) -> None:
    """`InternalFailure` without a text of the test's own reads as in the user guide."""
    eventbridge.fail_entries("InternalFailure")

    response = client.put_events(Entries=[entry()])

    assert response["Entries"] == [{"ErrorCode": "InternalFailure", "ErrorMessage": "Internal Service Failure"}]


@pytest.fixture(params=["legacy", "standard", "adaptive"], scope="module")
def retrying_client(request: pytest.FixtureRequest) -> Any:
    """A client in each of botocore's retry modes."""
    return make_client(retries={"mode": request.param})


def test_a_failed_entry_is_never_retried_by_botocore(retrying_client: Any, eventbridge: FakeEventBridge) -> None:
    """A response of status 200 is one attempt, in each retry mode, whatever its entries say."""
    eventbridge.fail_entries("ThrottlingException", times=None)

    response = retrying_client.put_events(Entries=[entry()])

    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    [call] = eventbridge.calls
    assert call.attempts == 1


def test_a_validation_exception_is_never_retried_by_botocore(
    retrying_client: Any, eventbridge: FakeEventBridge
) -> None:
    """It is one attempt in each retry mode, and a plain `ClientError`: the model has no class for it."""
    with pytest.raises(ClientError, match="ValidationException") as refused:
        retrying_client.put_events(Entries=[entry(EventBusName="a/b")])

    assert type(refused.value) is ClientError
    assert not hasattr(retrying_client.exceptions, "ValidationException")
    assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    [call] = eventbridge.calls
    assert call.attempts == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({}, 'Missing required parameter in input: "Entries"', id="no Entries"),
        pytest.param(
            {"Entries": []}, "Invalid length for parameter Entries, value: 0, valid min length: 1", id="empty"
        ),
        pytest.param({"Entries": [entry(Detail={"a": 1})]}, "Entries[0].Detail", id="Detail is a dict"),
        pytest.param({"Entries": [entry(Detail=None)]}, "Entries[0].Detail", id="Detail is None"),
        pytest.param({"Entries": [entry(EventBusName=None)]}, "Entries[0].EventBusName", id="EventBusName is None"),
        pytest.param({"Entries": [entry(EventBusName="")]}, "Entries[0].EventBusName", id="EventBusName is empty"),
        pytest.param({"Entries": [entry(TraceHeader="")]}, "Entries[0].TraceHeader", id="TraceHeader is empty"),
        pytest.param({"Entries": [entry(Resources="arn")]}, "Entries[0].Resources", id="Resources is a string"),
        pytest.param({"Entries": [entry(Time=date(2022, 1, 1))]}, "Entries[0].Time", id="Time is a date"),
        pytest.param({"Entries": [entry(Foo=1)]}, 'Unknown parameter in Entries[0]: "Foo"', id="an unknown member"),
    ],
)
def test_what_botocore_itself_refuses_never_reaches_the_service(
    client: Any, eventbridge: FakeEventBridge, arguments: dict[str, Any], message: str
) -> None:
    """The client's own parameter validation runs, and no call is captured (measured)."""
    with pytest.raises(ParamValidationError, match=re.escape(message)):
        client.put_events(**arguments)

    assert eventbridge.calls == []


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([entry()] * 11, id="11 entries"),
        pytest.param([entry(EventBusName="b" * 1601)], id="a long bus name"),
        pytest.param([entry(TraceHeader="t" * 501)], id="a long trace header"),
        pytest.param([entry(EventBusName="a/b")], id="a bus name against the pattern"),
    ],
)
def test_a_limit_that_botocore_does_not_check_is_the_services_to_keep(
    client: Any, eventbridge: FakeEventBridge, entries: list[dict[str, Any]]
) -> None:
    """The request leaves botocore (measured), and the service refuses it as a whole."""
    with pytest.raises(ClientError, match="ValidationException"):
        client.put_events(Entries=entries)

    assert [len(call.entries) for call in eventbridge.calls] == [len(entries)]
    assert eventbridge.events == []


@pytest.mark.parametrize(
    "incomplete",
    [
        pytest.param({}, id="an empty entry"),
        pytest.param(entry(Source="", DetailType="", Detail=""), id="empty texts"),
        pytest.param({"EventBusName": "orders"}, id="a bus only"),
    ],
)
def test_an_incomplete_entry_that_botocore_does_not_check_is_the_services_to_refuse(
    client: Any, eventbridge: FakeEventBridge, incomplete: dict[str, Any]
) -> None:
    """The request leaves botocore (measured), and the service answers the entry with one error."""
    response = client.put_events(Entries=[incomplete])

    assert response["Entries"] == [{"ErrorCode": NO_SOURCE[0], "ErrorMessage": NO_SOURCE[1]}]
    [failed] = eventbridge.failed_entries
    assert dict(failed.entry) == incomplete
    assert (failed.source, failed.detail_type, failed.detail_json) == ("", "", "")
    assert failed.detail is None


def test_the_request_goes_over_the_wire_as_botocore_makes_it(client: Any, eventbridge: FakeEventBridge) -> None:
    """Target, content type and the user's order of keys are as measured when the fake answers."""
    requests: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: Any) -> None:
        requests.append(params)

    moment = datetime(2022, 1, 1, 0, 0, 0, 999999, tzinfo=timezone.utc)
    client.meta.events.register("before-call.eventbridge.PutEvents", keep)
    try:
        client.put_events(Entries=[{"Detail": "{}", "Time": moment, "DetailType": "d", "Source": "s"}])
    finally:
        client.meta.events.unregister("before-call.eventbridge.PutEvents", keep)

    [request] = requests
    assert (request["method"], request["url_path"]) == ("POST", "/")
    assert request["headers"]["X-Amz-Target"] == "AWSEvents.PutEvents"
    assert request["headers"]["Content-Type"] == "application/x-amz-json-1.1"
    assert list(eventbridge.calls[0].entries[0].entry) == ["Detail", "Time", "DetailType", "Source"]
    [sent] = json.loads(request["body"])["Entries"]
    assert list(sent) == ["Detail", "Time", "DetailType", "Source"]
    assert eventbridge.events[0].time == datetime.fromtimestamp(sent["Time"], tz=timezone.utc)


def test_an_endpoint_id_that_is_no_host_label_never_reaches_the_service(
    client: Any, eventbridge: FakeEventBridge
) -> None:
    """It is refused by the endpoint rules of botocore (measured)."""
    with pytest.raises(InvalidEndpointConfigurationError, match="EndpointId must be a valid host label"):
        client.put_events(Entries=[entry()], EndpointId="not a label")

    assert eventbridge.calls == []


@pytest.mark.skipif(find_spec("awscrt") is not None, reason="awscrt is installed")
def test_an_endpoint_id_needs_awscrt_as_it_does_with_the_real_service(
    client: Any, eventbridge: FakeEventBridge
) -> None:
    """Without that package botocore cannot sign for a global endpoint, and says so (measured)."""
    with pytest.raises(MissingDependencyException, match="Missing Dependency"):
        client.put_events(Entries=[entry()], EndpointId="abcde.veo")

    assert eventbridge.calls == []
