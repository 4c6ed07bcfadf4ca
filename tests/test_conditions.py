"""The short ways to say whether an event matches, held against its mismatches."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from functools import cache
from typing import Any
from unittest.mock import ANY

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_texts import OBJECTS, parts_of, texts_of
from odd_strings import Caseless, Unhashable

from pytest_eventbridge import ABSENT, CapturedEvent, Exactly, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._conditions import OpenedEvent
from pytest_eventbridge._event_log import EventLog

MOMENT = datetime(2026, 11, 1, tzinfo=timezone.utc)

CRITERIA = {
    "source": ["shop", "shop.orders", "none", re.compile("shop.*"), lambda source: source != "shop", Caseless("SHOP")],
    "detail_type": ["Placed", "Paid", "None", re.compile("P.*"), Caseless("PAID"), Unhashable("Paid")],
    "event_bus": ["default", "orders", "arn:aws:events:us-east-1:123456789012:event-bus/orders", str.islower],
    "time": [MOMENT, lambda time: time == MOMENT, re.compile("2026.*")],
    "trace_header": ["Root=1", ABSENT],
    "resources": [[], ["arn:a"], Exactly(["arn:a", "arn:b"]), lambda resources: not resources],
    "where": [lambda event: event.source == "shop", lambda event: 1],
}
ENTRIES = st.fixed_dictionaries(
    {
        "Source": st.sampled_from(["shop", "shop.orders"]),
        "DetailType": st.sampled_from(["Placed", "Paid"]),
        "Detail": OBJECTS.flatmap(lambda value: texts_of(value)) | st.just("no JSON"),
    },
    optional={
        "EventBusName": st.sampled_from(["orders", "default"]),
        "Time": st.just(MOMENT),
        "TraceHeader": st.just("Root=1"),
        "Resources": st.sampled_from([["arn:a"], ["arn:b", "arn:a"]]),
    },
)

each_kind = pytest.mark.parametrize(
    "criteria",
    [{"source": "shop", "detail_type": "Placed"}, {"source": "shop"}, {"detail_type": "Placed"}, {}],
    ids=["both", "source", "type", "any"],
)


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def captured(entries: list[dict[str, Any]]) -> list[CapturedEvent]:
    """Send entries, and return what was captured of them, accepted or not."""
    with FakeEventBridge() as bridge:
        events_client().put_events(Entries=entries)
    return [*bridge.events, *bridge.failed_entries]


def logged(events: list[CapturedEvent]) -> EventLog:
    """Return a log of captured events."""
    log = EventLog()
    log.extend(events)
    return log


@settings(max_examples=200, deadline=None)
@given(data=st.data(), entries=st.lists(ENTRIES, min_size=1, max_size=4))
def test_a_match_is_no_mismatch(data: st.DataObject, entries: list[dict[str, Any]]) -> None:
    """Whatever the criteria, an event matches, and is selected, exactly when it has no mismatch."""
    events = captured(entries)
    optional: dict[str, Any] = {name: st.sampled_from(values) for name, values in CRITERIA.items()}
    optional["detail"] = OBJECTS | st.sampled_from([event.detail for event in events]).flatmap(parts_of)
    expected = ExpectedEvent(**data.draw(st.fixed_dictionaries({}, optional=optional)))
    without_mismatch = [event for event in events if not expected.mismatches(event)]
    assert [event for event in events if expected.matches(event)] == without_mismatch
    assert expected.select(logged(events)) == without_mismatch


def test_a_detail_is_decoded_once() -> None:
    """However many expectations look at an opened event, they see the same decoded object."""
    (event,) = captured([{"Source": "shop", "DetailType": "Placed", "Detail": json.dumps({"id": 1, "n": [1]})}])
    opened = OpenedEvent(event)
    assert not opened.is_decoded
    assert not ExpectedEvent(detail={"id": 2}).matches_opened(opened)
    assert not opened.is_decoded  # its text says enough
    assert ExpectedEvent(detail={"id": 1}).matches_opened(opened)
    assert opened.detail() is opened.detail()


@each_kind
def test_a_predicate_that_publishes_is_asked_of_what_was_there(criteria: dict[str, Any]) -> None:
    """Looking for events does not look at those that the predicate adds."""
    entry = {"Source": "shop", "DetailType": "Placed", "Detail": "{}"}
    with FakeEventBridge() as bridge:

        def publish_again(event: CapturedEvent) -> bool:
            if len(bridge.events) < 5:  # so that it ends, whatever is looked at
                events_client().put_events(Entries=[entry])
            return True

        events_client().put_events(Entries=[entry])
        found = bridge.find(where=publish_again, **criteria)
    assert (len(found), len(bridge.events)) == (1, 2)


@pytest.mark.parametrize("source", [Caseless("SHOP"), Unhashable("shop")], ids=["caseless", "unhashable"])
def test_a_string_of_a_class_of_its_own_matches_by_its_equality(source: str) -> None:
    """How a class of strings says what equals it decides, and no hash does."""
    log = logged(captured([{"Source": "shop", "DetailType": "Placed", "Detail": "{}"}]))
    assert ExpectedEvent(source=source).select(log) == log


@each_kind
def test_selected_events_are_a_new_list(criteria: dict[str, Any]) -> None:
    """What a test does to the list changes nothing else."""
    log = logged(captured([{"Source": "shop", "DetailType": "Placed", "Detail": "{}"}]))
    expected = ExpectedEvent(**criteria)
    expected.select(log).clear()
    assert expected.select(log) == log
    assert len(log) == 1


@pytest.mark.parametrize("member", [ABSENT, Exactly(ABSENT), 1, ANY, lambda _: True])
@pytest.mark.parametrize("text", ["{", "[1]", '"a"', '["a"]'])
def test_what_is_no_object_has_no_key_and_lacks_none(text: str, member: Any) -> None:
    """A `Detail` that the service refused meets no demand on a key, not even that the key is not there."""
    with FakeEventBridge() as bridge:
        events_client().put_events(Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": text}])
    (entry,) = bridge.failed_entries
    expected = ExpectedEvent(detail={"a": member})
    assert expected.mismatches(entry)
    assert not expected.matches(entry)
