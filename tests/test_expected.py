"""Expected events: each criterion, and equality with captured events."""

from __future__ import annotations

import copy
import json
import operator
import pickle
import re
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any
from unittest.mock import ANY

import botocore.session
import pytest
from botocore_versions import KEEPS_FRACTIONS
from dirty_equals import Contains, IsDatetime, IsStr

from pytest_eventbridge import (
    ABSENT,
    CapturedEvent,
    EventPattern,
    Exactly,
    ExpectedEvent,
    FakeEventBridge,
    InvalidEventPattern,
    Mismatch,
)
from pytest_eventbridge._pattern._wording import Words

ORDERS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/orders"
RESOURCES = ("arn:aws:s3:::in", "arn:aws:s3:::out", "arn:aws:s3:::in")
MOMENT = datetime(2026, 11, 1, 12, 30, 15, 250_000 if KEEPS_FRACTIONS else 0, tzinfo=timezone.utc)
TRACE_HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793"


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def captured(**entry: Any) -> CapturedEvent:
    """Send an entry, and return the event that it became."""
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}", **entry}
    with FakeEventBridge(ignore_detail_keys=["_datadog"]) as bridge:
        events_client().put_events(Entries=[entry])
    return [*bridge.events, *bridge.failed_entries][0]


@pytest.fixture(scope="module")
def event() -> CapturedEvent:
    """An event that has everything an event can have."""
    return captured(
        Detail='{"order_id": "o-1", "lines": [{"sku": "a", "count": 2}], "paid": true, "_datadog": {"id": 1}}',
        EventBusName="orders",
        Resources=list(RESOURCES),
        Time=MOMENT,
        TraceHeader=TRACE_HEADER,
    )


@pytest.fixture(scope="module")
def bare_event() -> CapturedEvent:
    """An event that has only what every event must have."""
    return captured()


MATCHING: dict[str, dict[str, Any]] = {
    "nothing": {},
    "source": {"source": "shop.orders"},
    "source, a matcher": {"source": IsStr(regex=r"shop\..*")},
    "source, a matcher class": {"source": IsStr},
    "source, a regular expression": {"source": re.compile(r"shop\.\w+")},
    "source, a predicate": {"source": lambda source: source.endswith(".orders")},
    "source, exactly": {"source": Exactly("shop.orders")},
    "detail type": {"detail_type": "OrderPlaced"},
    "detail type, a matcher": {"detail_type": ANY},
    "detail type, a predicate": {"detail_type": ("OrderPlaced", "OrderPaid").__contains__},
    "event bus by name": {"event_bus": "orders"},
    "event bus by ARN": {"event_bus": ORDERS_ARN},
    "event bus, a matcher of the name": {"event_bus": re.compile("ord.*")},
    "time": {"time": MOMENT},
    "time, in another zone": {"time": MOMENT.astimezone(timezone(timedelta(hours=2)))},
    "time, naive": {"time": MOMENT.replace(tzinfo=None)},
    "time, ISO 8601 with Z": {"time": MOMENT.isoformat().replace("+00:00", "Z")},
    "time, ISO 8601 with an offset": {"time": MOMENT.astimezone(timezone(timedelta(hours=2))).isoformat()},
    "time, ISO 8601 without an offset": {"time": MOMENT.replace(tzinfo=None).isoformat()},
    "time, a matcher": {"time": IsDatetime(approx=MOMENT, delta=1)},
    "time, a predicate": {"time": lambda time: time.year == 2026},
    "trace header": {"trace_header": TRACE_HEADER},
    "trace header, a regular expression": {"trace_header": re.compile("Root=.*")},
    "one resource": {"resources": [RESOURCES[1]]},
    "resources in another order": {"resources": (RESOURCES[1], RESOURCES[0])},
    "resources as a set": {"resources": set(RESOURCES)},
    "resources as a frozen set": {"resources": frozenset(RESOURCES)},
    "no resource in particular": {"resources": []},
    "a resource twice": {"resources": [RESOURCES[1], RESOURCES[1]]},
    "resources, matchers of one": {"resources": [re.compile(".*:out"), IsStr]},
    "resources, a matcher of all": {"resources": Contains(RESOURCES[1])},
    "resources, a predicate of all": {"resources": lambda resources: len(resources) == 3},
    "resources, exactly": {"resources": Exactly([RESOURCES[0], RESOURCES[0], RESOURCES[1]])},
    "resources, exactly, where the first could take the other's": {
        "resources": Exactly([ANY, re.compile(".*:in"), re.compile(".*:in")])
    },
    "resources, exactly by a predicate": {"resources": Exactly(lambda resources: len(resources) == 3)},
    "detail": {"detail": {"order_id": "o-1", "lines": [{"sku": "a"}]}},
    "detail, exactly, but for an ignored key": {
        "detail": Exactly({"order_id": "o-1", "lines": [{"sku": "a", "count": 2}], "paid": True})
    },
    "detail, a predicate": {"detail": lambda detail: detail["paid"] is True},
    "where": {"where": lambda event: event.region == "us-east-1"},
    "everything": {
        "source": "shop.orders",
        "detail_type": "OrderPlaced",
        "event_bus": "orders",
        "time": MOMENT,
        "trace_header": TRACE_HEADER,
        "resources": RESOURCES,
        "detail": {"paid": True},
        "where": lambda event: event.error_code is None,
    },
}


@pytest.mark.parametrize("criteria", MATCHING.values(), ids=MATCHING)
def test_a_criterion_that_holds(event: CapturedEvent, criteria: dict[str, Any]) -> None:
    """An event for which all criteria hold matches, which means that there is no mismatch."""
    expected = ExpectedEvent(**criteria)
    assert expected.mismatches(event) == []
    assert expected.matches(event)
    assert expected == event


def no(value: Any) -> bool:
    """Accept nothing."""
    return False


THREE = ["a", "b", "c"]
DIFFERING: dict[str, tuple[dict[str, Any], list[tuple[str, Any, Any]]]] = {
    "source": ({"source": "shop"}, [("source", "shop", "shop.orders")]),
    "source, by a predicate": ({"source": no}, [("source", no, "shop.orders")]),
    "detail type in another case": ({"detail_type": "orderplaced"}, [("detail_type", "orderplaced", "OrderPlaced")]),
    "event bus by name": ({"event_bus": "default"}, [("event_bus", "default", "orders")]),
    "event bus by ARN": (
        {"event_bus": ORDERS_ARN.replace("us-east-1", "eu-west-1")},
        [("event_bus", ORDERS_ARN.replace("us-east-1", "eu-west-1"), ORDERS_ARN)],
    ),
    "time": ({"time": "2026-11-01T12:30:16Z"}, [("time", MOMENT.replace(second=16, microsecond=0), MOMENT)]),
    "trace header": ({"trace_header": "Root=1"}, [("trace_header", "Root=1", TRACE_HEADER)]),
    "a trace header that should not be there": (
        {"trace_header": ABSENT},
        [("trace_header", ABSENT, TRACE_HEADER)],
    ),
    "two resources of three": (
        {"resources": ["x", RESOURCES[0], "y"]},
        [("resources[0]", "x", RESOURCES), ("resources[2]", "y", RESOURCES)],
    ),
    "resources, by a predicate": ({"resources": no}, [("resources", no, RESOURCES)]),
    "too few resources, exactly": (
        {"resources": Exactly([RESOURCES[0], RESOURCES[1]])},
        [("resources", Exactly([RESOURCES[0], RESOURCES[1]]), RESOURCES)],
    ),
    "another resource, exactly": ({"resources": Exactly(THREE)}, [("resources", Exactly(THREE), RESOURCES)]),
    "a resource once too often, exactly": (
        {"resources": Exactly([RESOURCES[1], RESOURCES[1], RESOURCES[0]])},
        [("resources", Exactly([RESOURCES[1], RESOURCES[1], RESOURCES[0]]), RESOURCES)],
    ),
    "detail": ({"detail": {"lines": [{"count": 3}]}}, [("detail.lines[0].count", 3, 2)]),
    "detail, an ignored key": ({"detail": {"_datadog": ANY}}, [("detail._datadog", ANY, ABSENT)]),
    "several, in one order whatever that of the keywords": (
        {"detail": {"paid": 1}, "event_bus": "x", "source": "y"},
        [("source", "y", "shop.orders"), ("event_bus", "x", "orders"), ("detail.paid", 1, True)],
    ),
}


@pytest.mark.parametrize(("criteria", "found"), DIFFERING.values(), ids=DIFFERING)
def test_a_criterion_that_does_not_hold(
    event: CapturedEvent, criteria: dict[str, Any], found: list[tuple[str, Any, Any]]
) -> None:
    """Each criterion that does not hold gives its mismatches, and the event does not match."""
    expected = ExpectedEvent(**criteria)
    mismatches = expected.mismatches(event)
    assert [(mismatch.path, mismatch.expected, mismatch.actual) for mismatch in mismatches] == found
    assert not expected.matches(event)
    assert expected != event


def test_another_source_exactly(event: CapturedEvent) -> None:
    """`Exactly` around a text is no more than the text."""
    (mismatch,) = ExpectedEvent(source=Exactly("shop")).mismatches(event)
    assert (mismatch.path, mismatch.actual) == ("source", "shop.orders")


def test_a_predicate_of_the_whole_event(event: CapturedEvent) -> None:
    """A `where` that says no is a mismatch of the whole event."""
    (mismatch,) = ExpectedEvent(where=no).mismatches(event)
    assert (mismatch.path, mismatch.expected) == ("where", no)
    assert mismatch.actual is event


def test_an_event_with_nothing_optional(bare_event: CapturedEvent) -> None:
    """What an event does not have is `ABSENT`, empty or the default, and can be expected as such."""
    assert ExpectedEvent(trace_header=ABSENT, resources=Exactly([]), event_bus="default", detail=Exactly({})) == (
        bare_event
    )
    (mismatch,) = ExpectedEvent(trace_header="Root=1").mismatches(bare_event)
    assert (mismatch.expected, mismatch.actual) == ("Root=1", ABSENT)


def test_a_detail_that_is_no_object() -> None:
    """The detail of a failed entry may be none, which no expected key matches."""
    failed = captured(Detail="[1]")
    assert ExpectedEvent(detail=None) == failed
    (mismatch,) = ExpectedEvent(detail={"a": ABSENT}).mismatches(failed)
    assert (mismatch.path, mismatch.expected, mismatch.actual) == ("detail", {"a": ABSENT}, None)


@pytest.mark.parametrize("depth", [100, 999], ids=str)
@pytest.mark.parametrize("wrap", [lambda value: value, Exactly], ids=["loosely", "exactly"])
def test_an_expectation_can_be_as_deep_as_a_detail(depth: int, wrap: Any) -> None:
    """An expectation nested as deep as the service allows is compared like any other."""
    event = captured(Detail='{"a":' * depth + "[1]" + "}" * depth)
    assert event.error_code is None
    expected: Any = [2]
    for _ in range(depth):
        expected = {"a": expected}
    (mismatch,) = ExpectedEvent(detail=wrap(expected)).mismatches(event)
    assert (mismatch.path, mismatch.expected, mismatch.actual) == ("detail" + ".a" * depth + "[0]", 2, 1)
    assert ExpectedEvent(detail=event.detail) == event


def test_the_first_mismatch_spares_the_rest(event: CapturedEvent) -> None:
    """A costly predicate is not called for an event of another source."""
    asked: list[CapturedEvent] = []
    assert not ExpectedEvent(where=asked.append, source="shop").matches(event)
    assert asked == []


@pytest.mark.parametrize("name", ["source", "detail_type", "event_bus", "time", "trace_header", "resources", "detail"])
def test_an_exception_in_any_criterion_passes_through(event: CapturedEvent, name: str) -> None:
    """An exception raised in a matcher is the test's error, wherever the matcher stands."""

    def broken(value: Any) -> bool:
        raise LookupError("broken matcher")

    with pytest.raises(LookupError, match="broken matcher"):
        ExpectedEvent(**{name: broken}).matches(event)
    with pytest.raises(LookupError, match="broken matcher"):
        assert event == ExpectedEvent(where=broken)


ALLOWED = "detail, detail_type, event_bus, event_group_id, pattern, resources, source, time, trace_header, where"


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("detailtype", " Did you mean 'detail_type'?"),
        ("detail-type", " Did you mean 'detail_type'?"),
        ("DetailType", " Did you mean 'detail_type'?"),
        ("event_bus_name", " Did you mean 'event_bus'?"),
        ("resource", " Did you mean 'resources'?"),
        ("sources", " Did you mean 'source'?"),
        ("xyzzy", ""),
        ("times", " Use assert_emitted(times=...)."),
        ("at_least", " Use assert_emitted(at_least=...)."),
        ("at_most", " Use assert_emitted(at_most=...)."),
        ("error_code", " Use assert_failed(error_code=...)."),
        ("timeout", " Use wait_for(timeout=...)."),
        ("within", " Use wait_for(timeout=...)."),
    ],
)
def test_an_unknown_criterion_is_refused(name: str, advice: str) -> None:
    """A criterion that does not exist is a usage error with the allowed names, and the one that was probably meant."""
    with pytest.raises(TypeError) as caught:
        ExpectedEvent(**{name: "x"})
    assert str(caught.value) == f"Unknown criterion {name!r}.{advice} Allowed: {ALLOWED}."


PATTERN = {"source": ["shop.orders"], "detail": {"total": [{"numeric": [">", 10]}], "state": ["open"]}}


@pytest.mark.parametrize(
    "pattern", [PATTERN, json.dumps(PATTERN), EventPattern(PATTERN)], ids=["dict", "text", "compiled"]
)
def test_a_pattern_is_matched_against_the_envelope(pattern: Any) -> None:
    """It holds as a rule would, in each of the forms in which it may be given."""
    expected = ExpectedEvent(pattern=pattern)
    assert expected.criteria == {"pattern": EventPattern(PATTERN)}
    assert expected.matches(captured(Detail=json.dumps({"total": 11, "state": "open", "more": 1})))
    assert not expected.matches(captured(Detail=json.dumps({"total": 10, "state": "open"})))
    assert pickle.loads(pickle.dumps(expected)) == expected


def test_a_pattern_is_a_criterion_wherever_one_is_taken() -> None:
    """Entries can be found, asserted and failed by it."""
    entries = [
        {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"total": total, "state": "open"})}
        for total in (5, 50)
    ]
    with FakeEventBridge() as bridge:
        failure = bridge.fail_entries(pattern=PATTERN, position=1)
        events_client().put_events(Entries=entries)
        assert failure.fired == 1
        assert [event.detail["total"] for event in bridge.events] == [5]
        bridge.assert_failed(pattern=PATTERN)
        bridge.assert_not_emitted(pattern=PATTERN)
        events_client().put_events(Entries=entries)
        assert bridge.find(pattern=json.dumps(PATTERN)) == [bridge.assert_emitted_once(pattern=PATTERN)]
        assert bridge.events == [
            ExpectedEvent(pattern={"source": ["shop.orders"]}),
            ExpectedEvent(pattern={"detail": {"total": [5]}}),
            ExpectedEvent(pattern=PATTERN),
        ]
        with pytest.raises(InvalidEventPattern):
            bridge.fail_entries(pattern={})
        with pytest.raises(InvalidEventPattern):
            bridge.find(pattern="x")


def test_each_failed_condition_of_a_pattern_is_a_mismatch() -> None:
    """The path says where in the pattern; what was demanded is in words."""
    expected = ExpectedEvent(pattern={**PATTERN, "detail": {**PATTERN["detail"], "tags": ["new"]}})
    assert expected.mismatches(captured(Source="shop", Detail=json.dumps({"total": 9, "tags": ["old", "web"]}))) == [
        Mismatch(path="pattern.source", expected=Words("'shop.orders'"), actual="shop"),
        Mismatch(path="pattern.detail.state", expected=Words("'open'"), actual=ABSENT),
        Mismatch(path="pattern.detail.tags", expected=Words("'new'"), actual=["old", "web"]),
        Mismatch(path="pattern.detail.total", expected=Words("a number > 10"), actual=9),
    ]


def test_conditions_of_a_pattern_that_hold_apart_only_are_one_mismatch() -> None:
    """Its path is the array's, or none where the fields have nothing in common."""
    expected = ExpectedEvent(pattern={"detail": {"lines": {"sku": ["a"], "count": [2]}}})
    [mismatch] = expected.mismatches(
        captured(Detail=json.dumps({"lines": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}]}))
    )
    assert mismatch == Mismatch(
        path="pattern.detail.lines",
        expected=Words("one element with count: 2 and sku: 'a'"),
        actual=Words("them in different ones"),
    )


def test_a_pattern_that_the_service_would_refuse_is_an_error_at_once() -> None:
    """It does not wait for an event."""
    with pytest.raises(InvalidEventPattern, match='"source" must be an object or an array'):
        ExpectedEvent(pattern={"source": "shop.orders"})
    with pytest.raises(TypeError, match="An event pattern is a dict or JSON text, not int: 5"):
        ExpectedEvent(pattern=5)


def test_equality_works_both_ways_round(event: CapturedEvent, bare_event: CapturedEvent) -> None:
    """An expected event equals a captured one that matches, on whichever side of `==` it stands."""
    expected = ExpectedEvent(event_bus="orders")
    for compare, outcome in ((operator.eq, True), (operator.ne, False)):
        assert compare(expected, event) is outcome
        assert compare(event, expected) is outcome
        assert compare(expected, bare_event) is not outcome
        assert compare(bare_event, expected) is not outcome


def test_equality_works_in_lists(event: CapturedEvent, bare_event: CapturedEvent) -> None:
    """Lists of expected events compare with captured ones, and `in` finds one either way."""
    orders, default = ExpectedEvent(event_bus="orders"), ExpectedEvent(event_bus="default")
    assert [event, bare_event] == [orders, default]
    assert [orders, default] == [event, bare_event]
    assert [event, bare_event] != [default, orders]
    assert orders in [bare_event, event]
    assert event in [default, orders]
    assert orders not in [bare_event]
    assert [event, bare_event].index(default) == 1


def test_equality_works_against_live_views() -> None:
    """The events of a fake compare with a list of expected ones, on whichever side they stand."""
    entries = [{"Source": source, "DetailType": "T", "Detail": "{}"} for source in ("a", "b")]
    with FakeEventBridge() as bridge:
        events_client().put_events(Entries=entries)
    a, b = ExpectedEvent(source="a"), ExpectedEvent(source="b")
    assert bridge.events == [a, b]
    assert [a, b] == bridge.events
    assert bridge.events != [b, a]
    assert a in bridge.events
    assert ExpectedEvent(source="c") not in bridge.events
    assert bridge.events.index(b) == 1
    assert bridge.events.count(ExpectedEvent()) == 2


def test_equality_of_two_expected_events() -> None:
    """Two expected events are equal when their criteria are, in whatever order they were given."""
    expected = ExpectedEvent(source="shop", detail={"a": [1]})
    assert expected == ExpectedEvent(detail={"a": [1]}, source="shop")
    assert expected != ExpectedEvent(source="shop")
    assert expected != ExpectedEvent(source="shop", detail={"a": [2]})


@pytest.mark.parametrize("other", [None, "shop", {"source": "shop"}, ("source", "shop"), object], ids=repr)
def test_equality_with_anything_else(other: Any) -> None:
    """An expected event equals nothing else, and leaves the question to the other side."""
    expected = ExpectedEvent(source="shop")
    assert expected != other
    assert other != expected
    assert expected == ANY


def test_an_expected_event_has_no_hash() -> None:
    """No hash could be true to its equality, so that sets and dict keys are refused."""
    with pytest.raises(TypeError, match="unhashable type: 'ExpectedEvent'"):
        hash(ExpectedEvent(source="shop"))


def test_an_expected_event_shows_its_criteria() -> None:
    """The `repr` is a call that gives the same criteria, in one order."""
    assert repr(ExpectedEvent()) == "ExpectedEvent()"
    expected = ExpectedEvent(detail={"a": (1, ABSENT)}, source="shop")
    assert repr(expected) == "ExpectedEvent(source='shop', detail={'a': [1, ABSENT]})"
    assert repr(ExpectedEvent(resources={"b", "a"})) == "ExpectedEvent(resources=['a', 'b'])"


def test_an_expected_event_has_no_other_attributes() -> None:
    """A mistyped attribute is an error."""
    expected = ExpectedEvent(source="shop")
    assert expected.criteria == {"source": "shop"}
    with pytest.raises(AttributeError):
        expected.critera = {}  # type: ignore[attr-defined]


def test_later_changes_reach_no_expected_event(event: CapturedEvent) -> None:
    """What the test does to its dict afterwards does not change what it expects."""
    detail: dict[str, Any] = {"lines": [{"sku": "a"}]}
    expected = ExpectedEvent(detail=detail)
    detail["lines"][0]["sku"] = "b"
    assert expected == event


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda expected: pickle.loads(pickle.dumps(expected))])
def test_an_expected_event_can_be_copied_and_pickled(event: CapturedEvent, duplicate: Any) -> None:
    """A copy matches what the original matches, matchers included."""
    criteria = {
        "source": re.compile("shop.*"),
        "time": MOMENT,
        "trace_header": IsStr,
        "resources": Exactly([ANY, ANY, ANY]),
        "detail": {"order_id": str.isascii, "cancelled": ABSENT},
    }
    same = duplicate(ExpectedEvent(**criteria))
    assert same == event
    assert list(same.criteria) == list(criteria)
    assert same != captured()


def test_a_lambda_cannot_be_pickled() -> None:
    """An expected event with a lambda is pickled no more than the lambda itself, and can be copied all the same."""
    expected = ExpectedEvent(detail={"a": lambda value: value == 1})
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(expected)
    assert copy.deepcopy(expected) == captured(Detail='{"a": 1}')


FINDERS = ["find", "assert_emitted", "assert_emitted_once", "assert_not_emitted", "assert_failed"]


@pytest.mark.parametrize("method", FINDERS)
def test_an_expected_event_or_criteria(eventbridge: FakeEventBridge, method: str) -> None:
    """Either form is taken, never both, and nothing else in the place of an expected event."""
    ask = getattr(eventbridge, method)
    with pytest.raises(TypeError) as caught:
        ask(ExpectedEvent(source="shop"), detail={}, source="x")
    assert str(caught.value) == "Give an ExpectedEvent or criteria, not both: detail, source."
    with pytest.raises(TypeError) as caught:
        ask({"source": "shop"})
    assert str(caught.value) == (
        "An ExpectedEvent is required, not dict: {'source': 'shop'}. "
        "Criteria are given by keyword, such as source='shop.orders'."
    )
    with pytest.raises(TypeError, match=r"^Unknown criterion 'sourc'\. Did you mean 'source'\?"):
        ask(sourc="shop")


def test_finding_by_an_expected_event(eventbridge: FakeEventBridge) -> None:
    """An expected event finds what the same criteria find."""
    for source in ("a", "b", "a"):
        events_client().put_events(Entries=[{"Source": source, "DetailType": "T", "Detail": "{}"}])
    found = eventbridge.find(source="a")
    assert found == eventbridge.find(ExpectedEvent(source="a")) == [eventbridge.events[0], eventbridge.events[2]]
    assert eventbridge.find() == eventbridge.events
    assert eventbridge.find(ExpectedEvent()) == eventbridge.events
