"""Which of many expectations each event meets, held against comparing each with each."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_texts import OBJECTS, parts_of, texts_of
from odd_strings import Unhashable

from pytest_eventbridge import ABSENT, CapturedEvent, Exactly, ExpectedEvent, FakeEventBridge
from pytest_eventbridge import _candidates as candidates
from pytest_eventbridge._candidates import find_matching

KINDS = [
    {},
    {"source": "shop"},
    {"source": re.compile("s.*"), "detail_type": "Paid"},
    {"detail_type": "Placed"},
    {"source": Unhashable("shop"), "detail_type": Unhashable("Paid")},
]


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def captured(texts: list[str]) -> list[CapturedEvent]:
    """Return an event for each text of a Detail, of one kind and another in turn."""
    kinds = [("shop", "Placed"), ("shop", "Paid"), ("other", "Paid")]
    with FakeEventBridge() as bridge:
        for number, text in enumerate(texts):
            source, detail_type = kinds[number % len(kinds)]
            events_client().put_events(Entries=[{"Source": source, "DetailType": detail_type, "Detail": text}])
    return list(bridge.events)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), values=st.lists(OBJECTS, min_size=1, max_size=5))
def test_no_pair_is_missed_and_none_is_invented(data: st.DataObject, values: list[Any]) -> None:
    """The places are those that comparing each event with each expectation finds."""
    events = captured([data.draw(texts_of(value)) for value in values])
    details = st.sampled_from(values).flatmap(parts_of) | OBJECTS | st.builds(Exactly, st.sampled_from(values))
    expected = [
        ExpectedEvent(**kind, detail=detail)
        for kind, detail in data.draw(st.lists(st.tuples(st.sampled_from(KINDS), details), max_size=6))
    ]
    places = [[place for place, event in enumerate(events) if one.matches(event)] for one in expected]
    assert find_matching(expected, events) == places


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"source": "shop"},
        {"detail": {}},
        {"detail": {"id": 1, "at": None}},
        {"source": "shop", "event_bus": "orders"},
    ],
)
def test_equal_plain_expectations_share_a_list(criteria: dict[str, Any]) -> None:
    """So that pairing can take them for one."""
    one, other = find_matching([ExpectedEvent(**criteria), ExpectedEvent(**criteria)], captured(["{}"]))
    assert one is other


@pytest.mark.parametrize(
    "detail",
    [{"id": ABSENT}, {"id": re.compile("1")}, {"id": [1]}, lambda detail: True],
    ids=["ABSENT", "regular expression", "list", "predicate"],
)
def test_other_expectations_share_a_list_with_themselves_only(detail: Any) -> None:
    """Whether two matchers accept the same cannot be told."""
    expected = ExpectedEvent(detail=detail)
    first, second, third = find_matching([expected, ExpectedEvent(detail=detail), expected], captured(["{}"]))
    assert first is third is not second


def test_each_detail_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many expectations do not decode a Detail many times, and one whose text says enough is not decoded at all."""
    decoded: list[CapturedEvent] = []

    class Counted(candidates.OpenedEvent):
        def detail(self) -> Any:
            if not self.is_decoded:
                decoded.append(self.event)
            return super().detail()

    monkeypatch.setattr(candidates, "OpenedEvent", Counted)
    events = captured([f'{{"id": {number}}}' for number in range(20)])
    expected = [ExpectedEvent(detail={"id": number}) for number in range(10, 40)]
    expected.append(ExpectedEvent(detail={"id": 10, "tags": [1]}))
    assert find_matching(expected, events) == [[number] for number in range(10, 20)] + [[]] * 21
    assert decoded == events[10:]


def test_a_value_under_a_key_that_encoders_write_differently() -> None:
    """It is looked for in the decoded object."""
    events = captured(['{"é": 1}', '{"\\u00e9": 2}', "{}"])
    expected = [ExpectedEvent(detail={"é": number}) for number in (1, 2, 3)]
    assert find_matching(expected, events) == [[0], [1], []]
