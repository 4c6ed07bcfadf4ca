"""Captured events of a Custom Event Bus as values: what they say, and that nothing changes them."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest

from pytest_eventbridge import ABSENT, CapturedEvent, CapturedRawEvent, ExpectedEvent
from pytest_eventbridge._bookkeeping import find_duplicates
from pytest_eventbridge._custom_bus_events import CustomBusDraft, CustomBusEvent, RawEventDraft
from pytest_eventbridge._model import CallDraft
from pytest_eventbridge._origin import Origin

ARN = "arn:aws:events:us-east-1:123456789012:event-busv2/orders/abcdefghij0123456789abcde"
ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id":"o-1"}'}
RAW_ENTRY = {"Data": b'{"order_id":"o-1"}', "SystemMetadata": {"ContentType": "application/json"}}


def call(*, ignore_detail_keys: frozenset[str] = frozenset()) -> CallDraft:
    """Make a call under way."""
    return CallDraft(
        origin=Origin("eventbridgev2", "PutEvents", "us-east-1", "aws", "test.py:1"),
        account_id="123456789012",
        endpoint_id=None,
        request_id="request-1",
        received_seconds=1_800_000_000.5,
        offset_seconds=0.0,
        thread="MainThread",
        ignore_detail_keys=ignore_detail_keys,
    )


CALL = call()


def event(under: CallDraft = CALL, **members: Any) -> CustomBusEvent:
    """Make an accepted event."""
    draft = CustomBusDraft({**ENTRY, **members}, 0, under, ARN)
    draft.accept("id-1", "1000", "PUBLISHED")
    return draft.freeze()


def raw_event(data: bytes = b'{"order_id":"o-1"}', under: CallDraft = CALL, **members: Any) -> CapturedRawEvent:
    """Make an accepted raw event."""
    draft = RawEventDraft({**RAW_ENTRY, "Data": data, **members}, 0, under, ARN)
    draft.accept("id-1", "1000", "PUBLISHED")
    return draft.freeze()


EVENTS = pytest.mark.parametrize(
    "captured",
    [
        event(Time=1.5, Resources=["r"], SystemMetadata={"EventGroupId": "g"}),
        raw_event(Metadata={"k": "v"}),
        CustomBusDraft(ENTRY, 0, CALL, ARN).freeze(),
        RawEventDraft({}, 0, CALL, "").freeze(),
    ],
    ids=["event", "raw event", "failed event", "raw event without anything"],
)


@EVENTS
def test_a_captured_event_is_a_frozen_value(captured: CapturedEvent) -> None:
    """It is equal to its copies, has their hash, and nothing of it can be set."""
    for twin in (pickle.loads(pickle.dumps(captured)), copy.deepcopy(captured), copy.copy(captured)):
        assert type(twin) is type(captured)
        assert twin == captured
        assert hash(twin) == hash(captured)
        assert twin.event_bus_arn == captured.event_bus_arn
    for name in ("source", "call", "event_bus_arn", "success_code", "anything"):
        with pytest.raises(AttributeError):
            setattr(captured, name, "other")
        with pytest.raises(AttributeError):
            delattr(captured, name)


@pytest.mark.parametrize(
    "members",
    [{"Detail": "{}"}, {"Time": 1}, {"SystemMetadata": {"EventGroupId": "g"}}, {"Resources": ["r"]}],
)
def test_events_that_differ(members: dict[str, Any]) -> None:
    """Two events are the same when entry, answer and bus are."""
    assert event() == event()
    assert event() != event(**members)
    assert event() != CustomBusDraft(ENTRY, 0, CALL, ARN).freeze()
    assert event() != "an event"


@pytest.mark.parametrize(
    "other",
    [
        raw_event(b"{}"),
        raw_event(Metadata={"k": "v"}),
        raw_event(SystemMetadata={"ContentType": "application/json", "EventGroupId": "g"}),
        RawEventDraft(RAW_ENTRY, 0, CALL, ARN).freeze(),
        RawEventDraft(RAW_ENTRY, 1, CALL, ARN).freeze(),
    ],
    ids=["data", "metadata", "group", "answer", "position"],
)
def test_raw_events_that_differ(other: CapturedRawEvent) -> None:
    """Two raw events are the same when entry and answer are."""
    assert raw_event() == raw_event()
    assert raw_event() != other
    assert raw_event() != event()


def test_the_entry_cannot_be_changed() -> None:
    """What is read of an entry is read-only, or a copy."""
    captured = event(SystemMetadata={"EventGroupId": "g"}, Time=1.5)
    captured.entry["SystemMetadata"]["EventGroupId"] = "other"
    assert captured.event_group_id == "g"
    assert captured.entry["Time"] == captured.time
    raw = raw_event(Metadata={"k": "v"})
    with pytest.raises(TypeError):
        raw.metadata["k"] = "other"  # type: ignore[index]  # on purpose
    raw.to_dict()["Metadata"]["k"] = "other"
    raw.entry["Metadata"]["k"] = "other"
    assert raw.metadata == {"k": "v"}


@pytest.mark.parametrize(
    ("detail_json", "compared"),
    [('{"a":1,"_datadog":{}}', {"a": 1}), ("[1]", [1]), ("1", 1), ("no JSON", None)],
)
def test_compared_detail(detail_json: str, compared: Any) -> None:
    """The ignored keys are left out of an object; another value has none."""
    captured = event(call(ignore_detail_keys=frozenset({"_datadog"})), Detail=detail_json)
    assert captured.compared_detail() == compared


@pytest.mark.parametrize(
    ("data", "content_type", "decoded"),
    [
        (b'{"a":1}', "application/json", {"a": 1}),
        (b"no JSON", "application/json", b"no JSON"),
        (b"\xff", "application/json", b"\xff"),
        (b'{"a":1}', "application/avro", b'{"a":1}'),
    ],
)
def test_what_a_subscriber_gets_of_a_raw_event(data: bytes, content_type: str, decoded: Any) -> None:
    """The data is decoded where it is JSON; the service's own metadata stand beside the publisher's."""
    metadata = {"ContentType": content_type, "DeduplicationId": "d"}
    assert raw_event(data, SystemMetadata=metadata, Metadata={"k": "v"}).to_dict() == {
        "Data": decoded,
        "Metadata": {"k": "v"},
        "SystemMetadata": {**metadata, "aws:EventId": "id-1", "aws:SequenceNumber": "1000"},
    }


@pytest.mark.parametrize(
    ("data", "length", "head"),
    [
        (b'{"a":\n 1}', 60, '{"a": 1}'),
        (b"x" * 61, 60, "x" * 57 + "..."),
        (b"\xff\x00", 60, "\\xff\x00"),
        (b"", 60, ""),
        ("ü".encode() * 20, 10, "ü" * 7 + "..."),
    ],
)
def test_the_head_of_data(data: bytes, length: int, head: str) -> None:
    """It is on one line, cut to a length, and bytes that are no text are escaped."""
    assert raw_event(data).detail_head(length) == head


def test_reprs() -> None:
    """They say what it is, where it went, and how it failed."""
    assert repr(event()) == """<CapturedEvent 'shop.orders' 'OrderPlaced' on orders {"order_id":"o-1"}>"""
    failed = RawEventDraft(RAW_ENTRY, 0, CALL, ARN)
    failed.refuse("VALIDATION_ERROR", "text", None)
    assert repr(failed.freeze()) == (
        """<CapturedRawEvent application/json on orders {"order_id":"o-1"}, failed: VALIDATION_ERROR>"""
    )
    assert repr(raw_event(b"1")) == "<CapturedRawEvent application/json on orders 1>"


@pytest.mark.parametrize(
    ("criteria", "matches"),
    [
        ({"event_bus": "orders"}, True),
        ({"event_bus": ARN}, True),
        ({"where": lambda captured: captured.content_type == "application/json"}, True),
        ({"pattern": {"Data": {"order_id": ["o-1"]}}}, True),
        ({"pattern": {"source": ["shop.orders"]}}, False),
        ({"source": "shop.orders"}, False),
        ({"detail": {"order_id": "o-1"}}, False),
        ({"resources": ["r"]}, False),
        ({"time": re.compile(".*")}, False),
    ],
)
def test_criteria_of_raw_events(criteria: dict[str, Any], matches: bool) -> None:
    """What a raw event has can be asked for; of the rest, nothing matches."""
    assert (ExpectedEvent(**criteria) == raw_event()) is matches
    assert ExpectedEvent(pattern={"Data": ["x"]}) != raw_event(b"\xff")


@pytest.mark.parametrize("text", ["[[1], {}]", '"a"', "1"])
def test_a_detail_that_is_no_object_is_compared(text: str) -> None:
    """On a Custom Event Bus `Detail` may be any JSON value: two that are the same are, and a key is in none."""
    same = [event(Detail=text), event(Detail=f" {text} "), event(Detail="[2]")]
    assert find_duplicates(same, None) == [same[:2]]
    assert not ExpectedEvent(detail={"a": 1}).matches(same[0])
    assert not ExpectedEvent(detail={"a": ABSENT}).matches(same[0])


def test_a_list_has_elements_at_a_path() -> None:
    """A path into a `Detail` that is a list begins with the number of an element; one into an object with a key."""
    listed = [event(Detail="[1, 2]"), event(Detail="[1, 3]"), event(Detail='{"0": 1}'), event(Detail='{"a": 1}')]
    assert find_duplicates(listed, "detail.0") == [listed[:3]]
    with pytest.raises(ValueError, match=r"has anything at 'detail\.a'"):
        find_duplicates(listed[:3], "detail.a")
