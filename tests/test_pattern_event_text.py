"""Reading an event's text so that no value of a repeated name is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_eventbridge import EventPattern
from pytest_eventbridge._pattern._event_text import may_repeat_names, parse_event, restore_repeated
from pytest_eventbridge._pattern._values import Repeated

NAMES = st.sampled_from(["a", "b", ":", '"', '":', "\\", "é", ""])
VALUES = st.recursive(
    NAMES | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", False),
        ('{"a": 1, "b": {"c": [1, "a", "a"]}}', False),
        ('{"a": "a", "b": "a\\": b"}', False),
        ('{"a": ":", ":": 1}', False),
        ('{"a": 1, "a": 2}', True),
        ('{"x":":",":":1, ":" \t\n:2}', True),
        ('{"a": {"b": 1}, "b": 2}', True),
        ('{"a": 1, "\\u0061": 2}', True),
        ('{"a\\\\": 1}', True),
    ],
)
def test_may_repeat_names(text: str, expected: bool) -> None:
    """Names are told from other strings; where it cannot be sure, the answer is yes."""
    assert may_repeat_names(text) == expected


@given(st.dictionaries(NAMES, VALUES), st.booleans(), NAMES, st.integers(0, 3))
def test_no_repeated_name_is_missed(detail: dict[str, Any], is_ascii: bool, name: str, place: int) -> None:
    """Whatever the object, it is seen when one of its names is given a second time."""
    members = [f"{json.dumps(key, ensure_ascii=is_ascii)}:{json.dumps(value)}" for key, value in detail.items()]
    members.insert(place, f"{json.dumps(name, ensure_ascii=is_ascii)}: 1")
    assert may_repeat_names(f"{{{', '.join(members)}}}") or name not in detail


def test_all_values_are_there() -> None:
    """A name that is given several times has all its values, at each depth; the others have theirs."""
    parsed = parse_event('{"a": 1, "b": {"c": 2, "c": [3]}, "a": null, "d": 4}')
    assert parsed is not None
    assert isinstance(parsed["a"], Repeated)
    assert parsed["a"].values == (1, None)
    assert parsed["b"]["c"].values == (2, [3])
    assert parsed["d"] == 4


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2', '{"a": NaN, "a": 1}', '[{"a": 1, "a": 2}]', '{"a":[' * 50_000])
def test_what_is_no_event_stays_as_it_is(text: str) -> None:
    """A text that cannot be read leaves the envelope alone."""
    envelope: dict[str, Any] = {"detail": {"b": 1}}
    restore_repeated(envelope, text)
    assert envelope == {"detail": {"b": 1}}


def test_what_was_refused_stays_refused() -> None:
    """Where the envelope has no detail, none is made of the text."""
    envelope = {"detail": None}
    restore_repeated(envelope, '{"a": 1, "a": 2}')
    assert envelope == {"detail": None}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ({"v": [0]}, '{"v": 0, "v": 1}', True),
        ({"v": [1]}, '{"v": 0, "v": 1}', True),
        ({"v": [2]}, '{"v": 0, "v": 1}', False),
        ({"v": [{"anything-but": 1}]}, '{"v": 1, "v": 2}', True),
        ({"v": [{"exists": False}]}, '{"v": {}, "v": []}', True),
        ({"v": [{"exists": False}]}, '{"v": {}, "v": 1}', False),
        ({"v": {"a": [1], "b": [2]}}, '{"v": {"a": 1}, "v": {"b": 2}}', True),
        ({"v": {"a": [1], "b": [2]}}, '{"v": [{"a": 1}], "v": [{"b": 2}]}', True),
        ({"v": {"a": [1], "b": [2]}}, '{"v": [{"a": 1, "a": 2}, {"b": 2}]}', False),
        ({"v": {"a": [1], "b": [2]}}, '{"v": [{"a": 1, "a": 3, "b": 2}, {"b": 3}]}', True),
        ({"v": [1], "w": [1]}, '{"v": [0, 1], "v": 2, "w": 1}', True),
        ({"v": [1], "w": [1]}, '{"w": 1, "w": 2, "v": [[3], {}]}', False),
    ],
)
def test_a_rule_sees_them_all(pattern: dict[str, Any], text: str, expected: bool) -> None:
    """Each value of a repeated name may be the one that meets a condition, as was recorded."""
    envelope: dict[str, Any] = {"detail": {}}
    restore_repeated(envelope, text)
    compiled = EventPattern({"detail": pattern})
    assert compiled.matches(envelope) == expected
    assert (compiled.explain(envelope) == "The event matches.") == expected
