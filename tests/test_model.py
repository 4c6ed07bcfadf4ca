"""Captured events and calls: what they tell of an entry, and that nothing changes them."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any
from uuid import UUID

import botocore
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore_versions import KEEPS_FRACTIONS
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import CapturedEvent, FakeEventBridge, PutEventsCall

ACCOUNT = "123456789012"
TIME = datetime(2026, 11, 1, 12, 30, 15, 250_000 if KEEPS_FRACTIONS else 0, tzinfo=timezone.utc)
ENTRY: dict[str, Any] = {
    "Source": "shop.orders",
    "DetailType": "OrderPlaced",
    "Detail": '{ "order_id": "o-1", "lines": [1, 2.50] }',
    "EventBusName": "orders",
    "Resources": ["arn:aws:s3:::b", "arn:aws:s3:::a"],
    "Time": TIME,
    "TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793",
}
BARE_ENTRY = {"Source": "shop", "DetailType": "Placed", "Detail": "{}"}


@cache
def events_client(region: str = "us-east-1", **config: Any) -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events",
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(**config),
    )


def captured(entry: dict[str, Any], region: str = "us-east-1", **config: Any) -> CapturedEvent:
    """Send an entry, and return what it became."""
    with FakeEventBridge() as bridge:
        events_client(region, **config).put_events(Entries=[entry])
    return bridge.calls[0].entries[0]


def test_every_attribute_of_an_accepted_event(eventbridge: FakeEventBridge) -> None:
    """An accepted event tells all that was sent, where from, and what was answered."""
    response = events_client().put_events(Entries=[BARE_ENTRY, ENTRY])
    line = sys._getframe().f_lineno - 1
    event = eventbridge.events[1]
    assert event.source == "shop.orders"
    assert event.detail_type == "OrderPlaced"
    assert event.detail == {"order_id": "o-1", "lines": [1, 2.5]}
    assert event.detail_json == ENTRY["Detail"]
    assert event.event_bus == "orders"
    assert event.event_bus_arn == f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/orders"
    assert event.resources == ("arn:aws:s3:::b", "arn:aws:s3:::a")
    assert event.time == TIME
    assert event.time.tzinfo is timezone.utc
    assert event.trace_header == ENTRY["TraceHeader"]
    assert event.event_id == response["Entries"][1]["EventId"]
    assert event.error_code is None
    assert event.error_message is None
    assert event.account_id == ACCOUNT
    assert event.region == "us-east-1"
    assert event.position == 1
    assert event.entry == ENTRY
    assert event.sent_from == f"{__file__}:{line}"
    assert event.call is eventbridge.calls[0]
    assert event.call.entries[1] is event


def test_every_attribute_of_an_event_with_nothing_optional(eventbridge: FakeEventBridge) -> None:
    """What the entry did not have is empty, none, the default, or the moment of the call."""
    before = datetime.now(timezone.utc)
    events_client().put_events(Entries=[BARE_ENTRY])
    after = datetime.now(timezone.utc)
    (event,) = eventbridge.events
    assert event.event_bus == "default"
    assert event.event_bus_arn == f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    assert event.resources == ()
    assert event.trace_header is None
    assert before <= event.time <= after
    assert event.time.tzinfo is timezone.utc
    assert event.entry == BARE_ENTRY


def test_every_attribute_of_a_failed_entry(eventbridge: FakeEventBridge) -> None:
    """A failed entry has the answer's code and message, and no id."""
    eventbridge.fail_entries("ThrottlingException", "Slow down.")
    events_client().put_events(Entries=[ENTRY])
    (event,) = eventbridge.failed_entries
    assert (event.error_code, event.error_message) == ("ThrottlingException", "Slow down.")
    assert event.event_id is None
    assert event.to_dict()["id"] is None
    assert event.detail == {"order_id": "o-1", "lines": [1, 2.5]}


@pytest.mark.parametrize("member", ["Source", "DetailType", "Detail"])
def test_an_entry_without_a_required_member(member: str) -> None:
    """A member that was not sent is an empty text, and an absent detail is none."""
    event = captured({name: value for name, value in BARE_ENTRY.items() if name != member})
    assert {"Source": event.source, "DetailType": event.detail_type, "Detail": event.detail_json}[member] == ""
    assert event.detail == (None if member == "Detail" else {})
    assert event.error_code == "InvalidArgument"


@pytest.mark.parametrize("detail", ["[1]", "1", "null", '"{}"', "{", "{'a': 1}", '{"a": NaN}', ""])
def test_a_detail_that_is_no_object_is_none(detail: str) -> None:
    """What the service would not take for a JSON object has no decoded form, and stays as sent."""
    event = captured({**BARE_ENTRY, "Detail": detail})
    assert event.detail is None
    assert event.detail_json == detail
    assert event.to_dict()["detail"] is None


@pytest.mark.parametrize("service_answer", ["accepted", "failed", "refused"])
def test_an_entry_of_every_outcome_can_be_shown(eventbridge: FakeEventBridge, service_answer: str) -> None:
    """Source, detail type, another bus than the default one, head of the detail, and failure are in the `repr`."""
    entry = {**BARE_ENTRY, "EventBusName": "orders", "Detail": '{"a":\n  1}'}
    if service_answer == "failed":
        eventbridge.fail_entries("InternalFailure")
    if service_answer == "refused":
        entry["Detail"] = '{"a":\n  1'
    events_client().put_events(Entries=[entry])
    assert (
        repr(eventbridge.calls[0].entries[0])
        == {
            "accepted": """<CapturedEvent 'shop' 'Placed' on orders {"a": 1}>""",
            "failed": """<CapturedEvent 'shop' 'Placed' on orders {"a": 1}, failed: InternalFailure>""",
            "refused": """<CapturedEvent 'shop' 'Placed' on orders {"a": 1, failed: MalformedDetail>""",
        }[service_answer]
    )


@pytest.mark.parametrize(
    ("detail", "head"),
    [
        ('{"a": "' + "x" * 51 + '"}', '{"a": "' + "x" * 51 + '"}'),
        ('{"a": "' + "x" * 52 + '"}', '{"a": "' + "x" * 50 + "..."),
        ("{" + " " * 100 + "}", "{..."),
    ],
    ids=["as long as it may be", "one letter longer", "mostly blanks"],
)
def test_a_long_detail_is_shown_by_its_beginning(detail: str, head: str) -> None:
    """The `repr` is one line of bounded length."""
    assert repr(captured({**BARE_ENTRY, "Detail": detail})) == f"<CapturedEvent 'shop' 'Placed' {head}>"


ATTRIBUTES = [
    "source",
    "detail_type",
    "detail",
    "detail_json",
    "event_bus",
    "event_bus_arn",
    "resources",
    "time",
    "trace_header",
    "event_id",
    "error_code",
    "error_message",
    "account_id",
    "region",
    "position",
    "entry",
    "sent_from",
    "call",
    "mistyped",
]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_event_is_frozen(name: str) -> None:
    """No attribute can be set, deleted or added."""
    event = captured(ENTRY)
    before = event.to_dict()
    # CPython before 3.12 raises a TypeError for what is no field of a frozen dataclass with slots.
    with pytest.raises((AttributeError, TypeError)):
        setattr(event, name, "x")
    with pytest.raises((AttributeError, TypeError)):
        delattr(event, name)
    assert event.to_dict() == before


def test_nothing_reaches_a_captured_event() -> None:
    """Neither the code's own dicts nor anything that the event handed out is part of it."""
    entry = {**ENTRY, "Resources": list(ENTRY["Resources"])}
    event = captured(entry)
    entry["Source"] = "x"
    entry["Resources"].append("x")
    event.detail["lines"].append("x")
    event.entry["Resources"].append("x")
    envelope = event.to_dict()
    envelope["resources"].append("x")
    envelope["detail"]["order_id"] = "x"
    envelope["source"] = "x"
    assert event.entry == ENTRY
    assert event.detail == {"order_id": "o-1", "lines": [1, 2.5]}
    assert event.resources == ("arn:aws:s3:::b", "arn:aws:s3:::a")
    assert event.to_dict() == captured(ENTRY).to_dict() | {"id": event.event_id}


def test_the_entry_is_read_only() -> None:
    """The entry as sent can be read like a dict, and not written to."""
    entry = captured(ENTRY).entry
    with pytest.raises(TypeError, match="does not support item assignment"):
        entry["Source"] = "x"  # type: ignore[index]
    with pytest.raises(TypeError, match="does not support item deletion"):
        del entry["Source"]  # type: ignore[attr-defined]


def test_the_envelope_is_as_the_service_delivers_it() -> None:
    """Keys, their order, and their form are those of a delivered event."""
    event = captured(ENTRY)
    assert json.dumps(event.to_dict(), separators=(",", ":")) == (
        f'{{"version":"0","id":"{event.event_id}","detail-type":"OrderPlaced","source":"shop.orders",'
        f'"account":"{ACCOUNT}","time":"2026-11-01T12:30:15Z","region":"us-east-1",'
        '"resources":["arn:aws:s3:::b","arn:aws:s3:::a"],"detail":{"order_id":"o-1","lines":[1,2.5]}}'
    )


TIMES = {
    "whole seconds": (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), "2026-01-02T03:04:05Z"),
    "a fraction is cut off, not rounded": (
        datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=timezone.utc),
        "2026-01-02T03:04:05Z",
    ),
    "another zone": (
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        "2026-01-01T21:34:05Z",
    ),
    "the epoch": (datetime(1970, 1, 1, tzinfo=timezone.utc), "1970-01-01T00:00:00Z"),
    "a fraction before the epoch": (
        datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=timezone.utc),
        "1969-12-31T23:59:59Z",
    ),
    "a year below 1000": (datetime(476, 9, 4, tzinfo=timezone.utc), "0476-09-04T00:00:00Z"),
    "the first year": (datetime(1, 1, 1, tzinfo=timezone.utc), "0001-01-01T00:00:00Z"),
    "the last year": (datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc), "9999-12-31T23:59:59Z"),
}


@pytest.mark.parametrize(("time", "text"), TIMES.values(), ids=TIMES)
def test_times(time: datetime, text: str) -> None:
    """The event has the moment that was sent, in UTC, and the envelope has it in whole seconds."""
    if time.microsecond and not KEEPS_FRACTIONS:
        pytest.skip("this botocore sends whole seconds")
    event = captured({**BARE_ENTRY, "Time": time})
    assert event.time == time
    assert event.time.tzinfo is timezone.utc
    assert event.entry["Time"] == time
    assert event.to_dict()["time"] == text


BUSES: dict[str, tuple[str, str | None, str, str]] = {
    "none": ("us-east-1", None, "default", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"),
    "by name": ("eu-west-1", "orders", "orders", f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/orders"),
    "by ARN": (
        "us-east-1",
        "arn:aws:events:eu-west-1:210987654321:event-bus/orders",
        "orders",
        "arn:aws:events:eu-west-1:210987654321:event-bus/orders",
    ),
    "China": ("cn-north-1", "orders", "orders", f"arn:aws-cn:events:cn-north-1:{ACCOUNT}:event-bus/orders"),
    "GovCloud": ("us-gov-west-1", None, "default", f"arn:aws-us-gov:events:us-gov-west-1:{ACCOUNT}:event-bus/default"),
}


@pytest.mark.parametrize(("region", "sent", "name", "arn"), BUSES.values(), ids=BUSES)
def test_event_buses(region: str, sent: str | None, name: str, arn: str) -> None:
    """The bus has a name and an ARN, whichever of the two was sent, in the client's partition."""
    event = captured(BARE_ENTRY if sent is None else {**BARE_ENTRY, "EventBusName": sent}, region)
    assert (event.event_bus, event.event_bus_arn) == (name, arn)
    assert (event.region, event.to_dict()["region"]) == (region, region)


@pytest.mark.parametrize("member", ["EventBusName", "TraceHeader", "Source", "DetailType", "Detail"])
def test_a_member_that_is_null_on_the_wire(member: str) -> None:
    """A client that does not validate can send null, which is the same as not sending the member."""
    event = captured({**BARE_ENTRY, member: None}, parameter_validation=False)
    without = captured({name: value for name, value in BARE_ENTRY.items() if name != member})
    assert event.event_bus_arn == without.event_bus_arn
    assert event.trace_header is None
    assert event.error_message == without.error_message
    own = {"id": event.event_id, "time": event.to_dict()["time"]}
    assert event.to_dict() == without.to_dict() | own


def test_the_account_is_the_fakes() -> None:
    """The account of the options is in the event, its envelope and its bus."""
    with FakeEventBridge(account_id="000000000001") as bridge:
        events_client().put_events(Entries=[BARE_ENTRY])
    (event,) = bridge.events
    assert event.account_id == event.to_dict()["account"] == event.call.account_id == "000000000001"
    assert event.event_bus_arn == "arn:aws:events:us-east-1:000000000001:event-bus/default"


def test_ignored_detail_keys_stay_in_the_event() -> None:
    """Comparisons do not see an ignored key; the event and its envelope have it all the same."""
    with FakeEventBridge(ignore_detail_keys=["_datadog", "_missing"]) as bridge:
        events_client().put_events(Entries=[{**BARE_ENTRY, "Detail": '{"a": {"_datadog": 1}, "_datadog": 2}'}])
        events_client().put_events(Entries=[{**BARE_ENTRY, "Detail": "[1]"}])
    (event,) = bridge.events
    assert event.detail == event.to_dict()["detail"] == {"a": {"_datadog": 1}, "_datadog": 2}
    assert event.compared_detail() == {"a": {"_datadog": 1}}
    assert bridge.failed_entries[0].compared_detail() is None


def test_equality_and_hash(eventbridge: FakeEventBridge) -> None:
    """Events are equal to themselves, whatever else was sent alike."""
    events_client().put_events(Entries=[BARE_ENTRY, BARE_ENTRY])
    events_client().put_events(Entries=[BARE_ENTRY, {**BARE_ENTRY, "Detail": "no JSON"}])
    events_client().put_events(Entries=[BARE_ENTRY, {**BARE_ENTRY, "Detail": "no JSON"}])
    events = [event for call in eventbridge.calls for event in call.entries]
    for index, event in enumerate(events):
        assert [index] == [place for place, other in enumerate(events) if other == event]
    assert len(set(events)) == len(events) == 6
    assert events[0] != "event"
    assert events[0] != events[0].to_dict()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_event_can_be_pickled_with_its_call(eventbridge: FakeEventBridge, protocol: int) -> None:
    """What comes out of a pickle equals what went in, and hangs together in the same way."""
    eventbridge.fail_entries(position=1)
    events_client().put_events(Entries=[ENTRY, BARE_ENTRY])
    (accepted,), (failed,) = eventbridge.events, eventbridge.failed_entries
    same = pickle.loads(pickle.dumps([accepted, failed], protocol))
    assert same == [accepted, failed]
    assert [hash(event) for event in same] == [hash(accepted), hash(failed)]
    assert repr(same) == repr([accepted, failed])
    assert same[0].to_dict() == accepted.to_dict()
    assert same[0].call is same[1].call
    assert all(event is entry for event, entry in zip(same, same[0].call.entries, strict=True))
    assert same[0].call.response == accepted.call.response
    assert same[0].sent_from == accepted.sent_from
    with pytest.raises(AttributeError):
        same[0].source = "x"


def test_an_event_of_a_failed_call_can_be_pickled(eventbridge: FakeEventBridge) -> None:
    """The exception that the caller got goes along."""
    with pytest.raises(ClientError):
        events_client().put_events(Entries=[BARE_ENTRY] * 11)
    same = pickle.loads(pickle.dumps(eventbridge.calls[0].entries[10]))
    assert same == eventbridge.calls[0].entries[10]
    assert same.call.error.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_an_event_can_be_copied(duplicate: Any) -> None:
    """A copy equals the original."""
    event = captured(ENTRY)
    assert duplicate(event) == event
    assert hash(duplicate(event)) == hash(event)


JSON_TEXTS = st.text(max_size=20)
JSON_DETAILS = st.dictionaries(
    JSON_TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | JSON_TEXTS,
        lambda members: st.lists(members, max_size=3) | st.dictionaries(JSON_TEXTS, members, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


@settings(max_examples=50, deadline=None)
@given(
    detail=JSON_DETAILS,
    is_ascii=st.booleans(),
    time=st.datetimes(
        min_value=datetime(1, 1, 2),
        max_value=datetime(9999, 12, 30),
        timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=-8))]),
    ),
    resources=st.lists(JSON_TEXTS, max_size=3),
)
def test_what_was_sent_is_what_was_captured(
    detail: dict[str, Any], is_ascii: bool, time: datetime, resources: list[str]
) -> None:
    """Any detail, time and resources come out as they went in."""
    time = time.replace(microsecond=0)
    text = json.dumps(detail, ensure_ascii=is_ascii)
    event = captured({**BARE_ENTRY, "Detail": text, "Time": time, "Resources": resources})
    assert event.detail_json == text
    assert repr(event.detail) == repr(detail)
    assert event.time == time
    assert list(event.resources) == event.to_dict()["resources"] == resources
    assert pickle.loads(pickle.dumps(event)) == event


def test_every_attribute_of_a_call(eventbridge: FakeEventBridge) -> None:
    """A call tells what was called, where from, and what the caller got."""
    eventbridge.fail_entries(position=1)
    response = events_client("eu-west-1").put_events(Entries=[BARE_ENTRY, ENTRY])
    line = sys._getframe().f_lineno - 1
    (call,) = eventbridge.calls
    assert isinstance(call, PutEventsCall)
    assert call.service == "events"
    assert call.operation == "PutEvents"
    assert call.region == "eu-west-1"
    assert call.partition == "aws"
    assert call.account_id == ACCOUNT
    assert call.endpoint_id is None
    assert call.sent_from == f"{__file__}:{line}"
    assert call.request_id == response["ResponseMetadata"]["RequestId"]
    assert UUID(call.request_id)
    assert call.entries == (eventbridge.events[0], eventbridge.failed_entries[0])
    assert call.response == response
    assert call.error is None
    assert call.attempts == 1
    assert repr(call) == f"<PutEventsCall PutEvents from {__file__}:{line}: 1 accepted, 1 failed>"


def test_a_call_that_raised(eventbridge: FakeEventBridge) -> None:
    """A call that failed as a whole has the exception that the caller got, and its entries."""
    with pytest.raises(ClientError) as caught:
        events_client().put_events(Entries=[BARE_ENTRY] * 11)
    line = sys._getframe().f_lineno - 1
    (call,) = eventbridge.calls
    assert call.error is caught.value
    assert call.response is None
    assert [event.position for event in call.entries] == list(range(11))
    assert all(event.call is call for event in call.entries)
    assert {(event.event_id, event.error_code, event.error_message) for event in call.entries} == {(None, None, None)}
    assert repr(call) == f"<PutEventsCall PutEvents from {__file__}:{line}: raised ClientError>"


def test_the_endpoint_of_a_call(eventbridge: FakeEventBridge) -> None:
    """A call to a global endpoint has its id."""
    # Signing for a global endpoint needs awscrt, which an unsigned client does without.
    client = events_client("us-east-1", signature_version=botocore.UNSIGNED)
    client.put_events(Entries=[BARE_ENTRY], EndpointId="abcde.veo")
    assert eventbridge.calls[0].endpoint_id == "abcde.veo"


def test_what_the_caller_does_to_the_response_changes_no_call(eventbridge: FakeEventBridge) -> None:
    """A call holds a copy of the response."""
    response = events_client().put_events(Entries=[BARE_ENTRY])
    as_got = copy.deepcopy(response)
    response["Entries"][0]["EventId"] = "x"
    response["ResponseMetadata"].clear()
    assert eventbridge.calls[0].response == as_got


@pytest.mark.parametrize("name", ["entries", "response", "error", "attempts", "service", "mistyped"])
def test_a_call_is_frozen(eventbridge: FakeEventBridge, name: str) -> None:
    """No attribute of a call can be set or added."""
    events_client().put_events(Entries=[BARE_ENTRY])
    with pytest.raises((AttributeError, TypeError)):
        setattr(eventbridge.calls[0], name, "x")


def test_a_call_equals_only_itself(eventbridge: FakeEventBridge) -> None:
    """Two calls with the same entries are two calls."""
    for _ in range(2):
        events_client().put_events(Entries=[BARE_ENTRY])
    first, second = eventbridge.calls
    assert first == first
    assert first != second
    assert len({first, second}) == 2
    assert eventbridge.calls.index(second) == 1
