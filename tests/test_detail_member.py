"""Reading one member of a `Detail`, held against decoding all of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_texts import VALUES

from pytest_eventbridge import ABSENT, CapturedEvent, FakeEventBridge
from pytest_eventbridge._detail_member import read_member

KEYS = st.sampled_from(["a", "b", ":", ",", ", ", "{", "}", "", "é", '"', "\\", "a\n"])
OBJECTS = st.dictionaries(KEYS, VALUES | KEYS | st.dictionaries(KEYS, VALUES | KEYS, max_size=3), max_size=4)


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def captured(text: str, **options: Any) -> CapturedEvent:
    """Return the entry that a fake captures with this `Detail`, accepted or not."""
    with FakeEventBridge(**options) as bridge:
        events_client().put_events(Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": text}])
    return bridge.calls[0].entries[0]


@settings(max_examples=300, deadline=None)
@given(detail=OBJECTS, key=KEYS, is_ascii=st.booleans(), indent=st.sampled_from([None, 1]))
def test_it_is_what_decoding_gives(detail: dict[str, Any], key: str, is_ascii: bool, indent: int | None) -> None:
    """However the text is written, and wherever the key stands in it besides."""
    event = captured(json.dumps(detail, ensure_ascii=is_ascii, indent=indent))
    assert read_member(event, key) == event.detail.get(key, ABSENT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', 1),
        ('{"a" : {"b": [1]}, "c": 2}', {"b": [1]}),
        ('{"b": {"a": 1}}', ABSENT),
        ('{"b": [{"c": 1}], "a": 2}', 2),
        ('{"b": "}", "a": 2}', 2),
        ('{"b": {"c": "}", "a": 2}}', ABSENT),
        ('{"b": "a"}', ABSENT),
        ('{"a": 1, "a": 2}', 2),
        ('{"b": {"a": 1}, "a": 2}', 2),
        (r'{"\u0061": 1}', 1),
        ('{"b": 1}', ABSENT),
        ('{"a": ' + "9" * 5000 + "}", float("inf")),
        ('{"a": ' + "[" * 900 + "]" * 900 + "}", json.loads("[" * 900 + "]" * 900)),
    ],
)
def test_a_member(text: str, value: Any) -> None:
    """The key counts at the top level alone, and of two the last, as in Python's `json`."""
    assert read_member(captured(text), "a") == value


def test_the_value_is_a_new_one() -> None:
    """What is done to it does not reach the event."""
    event = captured('{"a": []}')
    read_member(event, "a").append(1)
    assert read_member(event, "a") == []


@pytest.mark.parametrize("text", ['{"a": 1', '"a"', '["a"]', '{"a": NaN}'])
def test_a_refused_entry_holds_nothing(text: str) -> None:
    """What the service does not take for a JSON object has no members."""
    assert read_member(captured(text), "a") is ABSENT


def test_an_ignored_key_is_not_there() -> None:
    """A key that no comparison sees is none here either."""
    assert read_member(captured('{"a": 1}', ignore_detail_keys=["a"]), "a") is ABSENT
