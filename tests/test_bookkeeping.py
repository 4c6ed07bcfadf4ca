"""Lost events and duplicates: which entries are the same, and which failure is answered by which acceptance."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from pytest_eventbridge import CapturedEvent, EventBridgeAssertionError, FakeEventBridge

BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/"


@cache
def events_client(region: str = "us-east-1") -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def entry(detail: Any = None, **members: Any) -> dict[str, Any]:
    """Return a request entry; `detail` is a value, or JSON text as it is."""
    text = detail if isinstance(detail, str) else json.dumps(detail or {})
    return {"Source": "shop", "DetailType": "Placed", "Detail": text, **members}


def send(*entries: dict[str, Any], region: str = "us-east-1") -> None:
    """Send entries in one request."""
    events_client(region).put_events(Entries=list(entries))


def complained_of(assertion: Callable[..., None], *arguments: Any) -> list[CapturedEvent]:
    """Return the events that an assertion raises about; none when it holds."""
    try:
        assertion(*arguments)
    except EventBridgeAssertionError as error:
        # An assertion that fails about nothing must not pass for one that holds.
        return list(error.captured) or pytest.fail("The assertion failed and named no event.")
    return []


def lost(bridge: FakeEventBridge) -> list[CapturedEvent]:
    """Return the events that `assert_no_lost_events` complains of."""
    return complained_of(bridge.assert_no_lost_events)


def duplicates(bridge: FakeEventBridge, key: Any = None) -> list[CapturedEvent]:
    """Return the events that `assert_no_duplicates` complains of."""
    return complained_of(bridge.assert_no_duplicates, key)


def test_nothing_is_lost_where_nothing_failed(eventbridge: FakeEventBridge) -> None:
    """No event at all, and only accepted ones, are both without loss."""
    assert lost(eventbridge) == []
    send(entry(), entry())
    assert lost(eventbridge) == []


def test_a_failed_entry_that_nobody_sends_again_is_lost(eventbridge: FakeEventBridge) -> None:
    """The entry that failed is lost, the others of its request are not."""
    eventbridge.fail_entries(position=1)
    send(entry({"n": 0}), entry({"n": 1}), entry({"n": 2}))
    assert lost(eventbridge) == eventbridge.failed_entries


def test_a_retry_answers_a_failure(eventbridge: FakeEventBridge) -> None:
    """An acceptance in a later call makes good for the failure."""
    eventbridge.fail_entries()
    send(entry())
    send(entry())
    assert lost(eventbridge) == []


def test_one_acceptance_answers_several_failures(eventbridge: FakeEventBridge) -> None:
    """A retry may fail itself, and the last one that succeeds answers for them all."""
    eventbridge.fail_entries(times=3)
    for _ in range(4):
        send(entry())
    assert len(eventbridge.failed_entries) == 3
    assert lost(eventbridge) == []


def test_of_several_failures_the_last_is_reported(eventbridge: FakeEventBridge) -> None:
    """An event that failed three times is one lost event, as it failed last."""
    eventbridge.fail_entries("ThrottlingException", times=2)
    eventbridge.fail_entries("InternalFailure")
    for _ in range(3):
        send(entry())
    assert [event.error_code for event in lost(eventbridge)] == ["InternalFailure"]
    assert lost(eventbridge)[0] is eventbridge.failed_entries[-1]


def test_an_earlier_acceptance_answers_nothing(eventbridge: FakeEventBridge) -> None:
    """What was accepted before the failure is another occurrence of the event."""
    eventbridge.fail_entries(skip=1)
    send(entry())
    send(entry())
    assert lost(eventbridge) == eventbridge.failed_entries


@pytest.mark.parametrize("position", [0, 1])
def test_a_twin_in_the_same_request_answers_nothing(eventbridge: FakeEventBridge, position: int) -> None:
    """The same entry twice in a request is two events, wherever the one that failed stands."""
    eventbridge.fail_entries(position=position)
    send(entry(), entry())
    assert lost(eventbridge) == eventbridge.failed_entries
    send(entry())
    assert lost(eventbridge) == []


def test_an_event_can_be_lost_again(eventbridge: FakeEventBridge) -> None:
    """A failure after the acceptance of its event is open again."""
    eventbridge.fail_entries()
    send(entry())
    send(entry())
    eventbridge.fail_entries()
    send(entry())
    assert lost(eventbridge) == [eventbridge.failed_entries[1]]


def test_a_retry_to_a_bus_that_does_not_exist_answers_nothing() -> None:
    """A dropped event is answered with success, and is lost all the same."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        bridge.fail_entries()
        send(entry(EventBusName="nowhere"))
        send(entry(EventBusName="nowhere"))
    assert len(bridge.dropped_events) == 1
    assert lost(bridge) == bridge.failed_entries


def test_an_entry_that_the_service_refuses_is_lost(eventbridge: FakeEventBridge) -> None:
    """An entry that is corrected and sent again is another event, so that the first one stays lost."""
    send(entry("no JSON"))
    send(entry({}))
    assert [event.error_code for event in lost(eventbridge)] == ["MalformedDetail"]


def test_two_malformed_details_are_two_events(eventbridge: FakeEventBridge) -> None:
    """What cannot be decoded is compared as text."""
    send(entry("no JSON"), entry("[1]"), entry("no JSON"))
    assert [event.detail_json for event in lost(eventbridge)] == ["no JSON", "[1]"]


def test_a_request_that_failed_counts_for_each_of_its_entries(eventbridge: FakeEventBridge) -> None:
    """A refused request loses all it carried, until it is sent again in smaller ones."""
    entries = [entry({"n": number}) for number in range(11)]
    with pytest.raises(ClientError, match="ValidationException"):
        send(*entries)
    assert [event.detail["n"] for event in lost(eventbridge)] == list(range(11))
    assert eventbridge.events == []
    assert eventbridge.failed_entries == []
    send(*entries[:10])
    assert [event.detail["n"] for event in lost(eventbridge)] == [10]
    send(entries[10])
    assert lost(eventbridge) == []


def test_a_request_that_failed_after_its_events_were_accepted(eventbridge: FakeEventBridge) -> None:
    """Sending accepted events again in a request that is refused leaves them open."""
    send(entry())
    with pytest.raises(ClientError, match="ValidationException"):
        send(entry(), entry(EventBusName="no bus name"))
    assert [event.event_bus for event in lost(eventbridge)] == ["default", "no bus name"]


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another order of keys": (entry('{"a": 1, "b": {"c": 1, "d": 2}}'), entry('{"b":{"d":2,"c":1},"a":1}')),
    "an integer and a float": (entry('{"a": [1, 0]}'), entry('{"a": [1.0, -0.0]}')),
    "another time": (entry(Time=1_700_000_000), entry(Time=1_700_000_001)),
    "a time and none": (entry(Time=1_700_000_000), entry()),
    "another trace header": (entry(TraceHeader="Root=1"), entry(TraceHeader="Root=2")),
    "another order of resources": (entry(Resources=["a", "b"]), entry(Resources=["b", "a"])),
    "no resources and an empty list": (entry(Resources=[]), entry()),
    "the bus by name and by ARN": (entry(EventBusName="x"), entry(EventBusName=BUS_ARN + "x")),
    "the default bus and none": (entry(EventBusName="default"), entry()),
    "an escaped letter": (entry('{"a": "\\u00e9"}'), entry('{"a": "é"}')),
}
DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "source": (entry(), entry(Source="shops")),
    "detail type": (entry(), entry(DetailType="Paid")),
    "bus": (entry(), entry(EventBusName="x")),
    "a bus of another account": (
        entry(EventBusName=BUS_ARN + "x"),
        entry(EventBusName=BUS_ARN.replace("123456789012", "210987654321") + "x"),
    ),
    "resources": (entry(Resources=["a"]), entry(Resources=["a", "b"])),
    "a resource twice": (entry(Resources=["a"]), entry(Resources=["a", "a"])),
    "a value": (entry({"a": 1}), entry({"a": 2})),
    "one and true": (entry({"a": 1}), entry({"a": True})),
    "zero and false": (entry({"a": [0]}), entry({"a": [False]})),
    "a number and its text": (entry({"a": 1}), entry({"a": "1"})),
    "null and nothing": (entry({"a": None}), entry({})),
    "an empty list and an empty object": (entry({"a": []}), entry({"a": {}})),
    "another order of a list": (entry({"a": [1, 2]}), entry({"a": [2, 1]})),
    "an object and a list of its pairs": (entry({"a": {"b": 1}}), entry({"a": [["b", 1]]})),
    "true and a list that spells it": (entry({"a": True}), entry({"a": ["boolean", 1]})),
    "two big numbers": (entry({"a": 2**53}), entry({"a": 2**53 + 1})),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_what_makes_no_other_event(eventbridge: FakeEventBridge, first: dict[str, Any], second: dict[str, Any]) -> None:
    """The two are the same event: the second answers the failure of the first, or is its duplicate."""
    eventbridge.fail_entries()
    send(first)
    send(second)
    assert lost(eventbridge) == []
    send(first)
    assert duplicates(eventbridge) == eventbridge.events


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_makes_another_event(eventbridge: FakeEventBridge, first: dict[str, Any], second: dict[str, Any]) -> None:
    """The two are different events: neither answers for the other, and neither is a duplicate."""
    eventbridge.fail_entries()
    send(first)
    send(second)
    assert lost(eventbridge) == eventbridge.failed_entries
    send(first)
    assert len(eventbridge.events) == 2
    assert duplicates(eventbridge) == []


def test_another_region_makes_another_event(eventbridge: FakeEventBridge) -> None:
    """The same bus name in another region is another bus."""
    send(entry())
    send(entry(), region="eu-west-1")
    assert duplicates(eventbridge) == []
    assert duplicates(eventbridge, "source") == eventbridge.events


def test_ignored_detail_keys_make_no_other_event() -> None:
    """A key that comparisons do not see tells no events apart, except below the top level."""
    with FakeEventBridge(ignore_detail_keys=["_datadog"]) as bridge:
        bridge.fail_entries()
        send(entry({"a": 1, "_datadog": {"id": 1}}))
        send(entry({"a": 1, "_datadog": {"id": 2}}))
        assert lost(bridge) == []
        send(entry({"a": 1}))
        assert duplicates(bridge) == bridge.events
        bridge.clear()
        send(entry({"a": {"_datadog": 1}}), entry({"a": {"_datadog": 2}}))
        assert duplicates(bridge) == []


def test_ignored_detail_keys_are_not_seen_by_a_key_path() -> None:
    """The path `detail` compares the same as no path at all: without the keys that no comparison sees."""
    with FakeEventBridge(ignore_detail_keys=["_datadog"]) as bridge:
        send(entry({"a": 1, "_datadog": {"id": 1}}), entry({"a": 1, "_datadog": {"id": 2}}))
    assert duplicates(bridge, "detail") == bridge.events


def test_a_failed_entry_is_no_duplicate(eventbridge: FakeEventBridge) -> None:
    """Only what was accepted twice is a duplicate."""
    eventbridge.fail_entries(times=2)
    for _ in range(3):
        send(entry())
    assert duplicates(eventbridge) == []


def test_a_twin_in_the_same_request_is_a_duplicate(eventbridge: FakeEventBridge) -> None:
    """Two equal entries of one request are two acceptances of the same event."""
    send(entry({"n": 1}), entry({"n": 2}), entry({"n": 1}))
    assert duplicates(eventbridge) == [eventbridge.events[0], eventbridge.events[2]]


def test_duplicates_are_listed_by_event(eventbridge: FakeEventBridge) -> None:
    """Those that share a key stand together, in the order in which the first of each was captured."""
    send(*[entry({"n": number}) for number in (1, 2, 3, 2, 1, 2)])
    assert [event.detail["n"] for event in duplicates(eventbridge)] == [1, 1, 2, 2, 2]


def test_no_events_have_no_duplicates(eventbridge: FakeEventBridge) -> None:
    """Where nothing was accepted, every key finds nothing."""
    for key in (None, "detail.order_id", lambda event: event.source):
        eventbridge.assert_no_duplicates(key)


KEYS: dict[str, tuple[Any, list[int]]] = {
    "the source": ("source", [0, 1, 2, 3]),
    "a key of the detail": ("detail.id", [0, 2]),
    "a key further down": ("detail.order.id", [1, 2]),
    "a member of a list": ("detail.lines.0.sku", [0, 3]),
    "a resource": ("resources.0", [1, 3]),
    "all resources": ("resources", [0, 2]),
    "the whole detail": ("detail", []),
    "the event id": ("event_id", []),
    "a function": (lambda event: event.detail.get("id") == 1, [0, 2, 1, 3]),
    "a function that returns a dict": (lambda event: {"id": [event.detail.get("id")]}, [0, 2, 1, 3]),
    "a function that tells all apart": (lambda event: event.event_id, []),
}


@pytest.mark.parametrize(("key", "found"), KEYS.values(), ids=KEYS)
def test_duplicates_by_key(eventbridge: FakeEventBridge, key: Any, found: list[int]) -> None:
    """Events that share what is at a dotted path, or what a function returns, are duplicates."""
    send(
        entry({"id": 1, "lines": [{"sku": "a"}]}),
        entry({"id": None, "order": {"id": 7}, "lines": []}, Resources=["x"]),
        entry({"id": 1.0, "order": {"id": 7.0}}),
        entry({"lines": [{"sku": "a"}, {"sku": "b"}], "order": "none"}, Resources=["x", "y"]),
    )
    assert duplicates(eventbridge, key) == [eventbridge.events[index] for index in found]


def test_one_and_true_are_different_keys(eventbridge: FakeEventBridge) -> None:
    """A key is compared as JSON, in which a boolean is no number."""
    send(entry({"id": 1}), entry({"id": True}), entry({"id": "1"}))
    assert duplicates(eventbridge, "detail.id") == []


@pytest.mark.parametrize("key", ["detail.oder_id", "detail.order_id.0", "detail.lines.1", "detail.lines.sku"])
def test_a_path_at_which_no_event_has_anything_is_refused(eventbridge: FakeEventBridge, key: str) -> None:
    """A mistyped path would find no duplicate ever, so that it is an error when it finds nothing at all."""
    send(entry({"order_id": "o-1", "lines": [1]}), entry({"order_id": "o-1"}), entry({"oder_id": None}))
    with pytest.raises(ValueError, match=r"has anything at") as caught:
        eventbridge.assert_no_duplicates(key)
    assert str(caught.value) == f"None of the 3 accepted events has anything at {key!r}."


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("details.id", r"^Unknown start of a path 'details'\. Did you mean 'detail'\? Allowed: deduplication_id, "),
        ("order_id", r"^Unknown start of a path 'order_id'\."),
        ("", r"^Unknown start of a path ''\."),
    ],
)
def test_a_path_that_begins_wrongly_is_refused(eventbridge: FakeEventBridge, key: str, message: str) -> None:
    """A path has to begin with something that every event has."""
    with pytest.raises(TypeError, match=message):
        eventbridge.assert_no_duplicates(key)


@pytest.mark.parametrize("key", [5, ["detail", "id"], b"detail"], ids=repr)
def test_a_key_that_is_neither_path_nor_function_is_refused(eventbridge: FakeEventBridge, key: Any) -> None:
    """Anything else in the place of a key is a usage error that says so."""
    with pytest.raises(TypeError, match="path"):
        eventbridge.assert_no_duplicates(key)


def test_a_key_function_without_a_hash_is_refused(eventbridge: FakeEventBridge) -> None:
    """What a key function returns has to be comparable, and an exception in it passes through."""
    send(entry())
    with pytest.raises(TypeError, match="unhashable"):
        eventbridge.assert_no_duplicates(lambda event: {event.source})
    with pytest.raises(ZeroDivisionError):
        eventbridge.assert_no_duplicates(lambda event: 1 / 0)


DEEP = '{"a":' * 999 + "[1]" + "}" * 999


def test_a_detail_can_be_as_deep_as_the_service_allows(eventbridge: FakeEventBridge) -> None:
    """The deepest detail that is accepted is compared like any other."""
    eventbridge.fail_entries()
    send(entry(DEEP))
    send(entry(DEEP))
    assert lost(eventbridge) == []
    send(entry(DEEP.replace("1", "2")))
    assert len(eventbridge.events) == 2
    assert duplicates(eventbridge) == []
    send(entry(DEEP))
    assert duplicates(eventbridge) == [eventbridge.events[0], eventbridge.events[2]]
    assert duplicates(eventbridge, "detail.a") == [eventbridge.events[0], eventbridge.events[2]]


def test_a_capture_knows_only_its_own(eventbridge: FakeEventBridge) -> None:
    """Inside a `capture()` block only what happens there is lost or twice."""
    eventbridge.fail_entries(times=2)
    send(entry())
    with eventbridge.capture() as captured:
        send(entry())
        send(entry())
    captured.assert_no_lost_events()
    send(entry())
    captured.assert_no_duplicates()
    assert duplicates(eventbridge) == eventbridge.events


def test_what_was_cleared_is_not_lost(eventbridge: FakeEventBridge) -> None:
    """What was forgotten is neither lost, nor does it answer or duplicate anything."""
    send(entry())
    eventbridge.fail_entries()
    send(entry())
    eventbridge.clear()
    eventbridge.assert_no_lost_events()
    send(entry())
    eventbridge.assert_no_duplicates()


def test_events_that_look_alike_outside_their_lists_are_told_apart(eventbridge: FakeEventBridge) -> None:
    """What differs in a list alone, at whatever depth, makes another event."""
    details = [{"a": {"b": 1, "l": [number]}} for number in (1, 2, 1)] + [{"a": {"b": True, "l": [1]}}]
    send(*map(entry, details))
    assert duplicates(eventbridge) == [eventbridge.events[0], eventbridge.events[2]]
