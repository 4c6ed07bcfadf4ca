"""Patterns of several fields that lead into arrays, and addresses and names that are written in several ways."""

from __future__ import annotations

from typing import Any

import pytest
from slow_pattern import slow_matches

from pytest_eventbridge import EventPattern
from pytest_eventbridge._pattern._addresses import parse_address
from pytest_eventbridge._pattern._wording import Words

ABSENT = {"exists": False}

CASES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    # All from one element, at each depth.
    ({"l": {"x": [1], "y": [2]}}, {"l": [{"x": 1, "y": 1}, {"x": 1, "y": 2}]}, True),
    ({"l": {"x": [1], "y": [2]}}, {"l": [{"x": 1, "y": 1}, {"x": 2, "y": 2}]}, False),
    ({"l": {"x": [1], "y": [2]}}, {"l": [[{"x": 1}, {"y": 2}], [{"x": 1, "y": 2}]]}, True),
    ({"l": {"x": [1], "y": [2]}}, {"l": [[{"x": 1}], [{"y": 2}]]}, False),
    ({"l": {"m": {"x": [1], "y": [2]}, "z": [3]}}, {"l": [{"m": [{"x": 1, "y": 2}]}, {"z": 3}]}, False),
    ({"l": {"m": {"x": [1], "y": [2]}, "z": [3]}}, {"l": [{"m": [{"x": 1}, {"x": 1, "y": 2}], "z": 3}]}, True),
    ({"l": {"x": [1], "y": [2]}}, {"l": [5, {"x": 1, "y": 2}]}, True),
    # Different arrays are independent, and what is not in an array as well.
    ({"l": {"x": [1]}, "m": {"x": [1]}}, {"l": [{"x": 2}, {"x": 1}], "m": [{"x": 1}, {"x": 2}]}, True),
    ({"l": {"x": [1], "y": [2]}, "z": [3]}, {"l": [{"x": 1, "y": 2}], "z": [4, 3]}, True),
    ({"l": {"x": [1, 2]}}, {"l": [{"x": 3}, 5, [{"x": [2]}]]}, True),
    # A scalar in an array goes together with each of its elements.
    ({"l": [5], "l.x": [1]}, {"l": [{"x": 1}, 5]}, True),
    ({"l": [5], "l.x": [1]}, {"l": [{"x": 2}, 5]}, False),
    ({"l": [5], "l.x": [1]}, {"l": [[5, {"x": 1}], [6]]}, True),
    ({"l": [5], "l.x": [1]}, {"l": [[5], [{"x": 1}]]}, False),
    ({"l": [5], "l.x": [1]}, {"l": 5}, False),
    ({"l": [5], "l.x": [1, ABSENT]}, {"l": 5}, True),
    ({"l": [5], "l.x": [1, ABSENT]}, {"l": 6}, False),
    ({"l": [5], "l.x": [1, ABSENT]}, {"l": [{"x": 2}, 5]}, False),
    ({"l": [5], "l.x": [1, ABSENT]}, {"l": [[5], [{"x": 2}]]}, True),
    ({"l": [5, ABSENT], "l.x": [1]}, {"l": [{"x": 1}]}, True),
    ({"l": [5, ABSENT], "l.x": [1]}, {"l": [{"x": 1}, 6]}, False),
    ({"l": [5, ABSENT], "l.x": [1]}, {"l": {"x": 1}}, True),
    # Something else than objects and arrays where objects are due.
    ({"l": {"m": {"x": [1], "y": [1]}, "z": [1]}}, {"l": [{"m": 5, "z": 1}]}, False),
    ({"l": {"m": [1], "z": [1]}, "l.m.x": [2]}, {"l": [{"m": {"x": 2}, "z": 1}]}, False),
    ({"l": {"m": [1, ABSENT], "z": [1]}, "l.m.x": [2]}, {"l": [{"m": {"x": 2}, "z": 1}]}, True),
    ({"l": {"x": [1], "y": [1, ABSENT]}}, {"l": [5, {"x": 1}]}, True),
    ({"l": {"x": [1], "y": [1, ABSENT]}}, {"l": [{"x": 2}]}, False),
    ({"l": {"m": {"x": [1, ABSENT], "y": [1]}, "z": [1]}}, {"l": [{"m": 5, "z": 1}]}, False),
    ({"l": {"a": [1], "m": {"x": [1, ABSENT]}}}, {"l": [{"a": 1, "m": 5}]}, True),
    ({"l": {"a": [1], "m": [2]}}, {"l": [{"a": 1, "m": [3]}, {"a": [5, 1], "m": [3, 2]}]}, True),
    ({"l": {"a": [1], "m": [2]}}, {"l": [{"a": 1, "m": [3, [2]]}]}, True),
    # Absence looks at the elements that the paths before it have chosen, and at all where none has.
    ({"l": {"x": [ABSENT], "y": [1]}}, {"l": [{"x": 1, "y": 2}, {"y": 1}]}, False),
    ({"l": {"x": [1], "y": [ABSENT]}}, {"l": [{"y": 1, "x": 2}, {"x": 1}]}, True),
    ({"l": {"x": [ABSENT], "y": [ABSENT]}}, {"l": [{"z": 1}, 5]}, True),
    ({"l": {"x": [ABSENT], "y": [ABSENT]}}, {"l": [{"z": 1}, [{"y": 5}]]}, False),
    ({"l": {"a": [ABSENT, 1], "b": [2], "c": [ABSENT]}}, {"l": [{"a": 1, "b": 2}, {"c": 1}]}, True),
    ({"l": {"a": [ABSENT, 1], "b": [2], "c": [ABSENT]}}, {"l": [{"a": 2, "b": 2}, {"c": 1}]}, False),
    ({"l": {"a": [ABSENT, 1], "b": [2], "c": [ABSENT]}}, {"l": [{"b": 2}, {"c": 1}]}, True),
    # Alternatives, some of which depend on an array.
    ({"z": [1], "l": {"$or": [{"x": [1], "y": [2]}, {"x": [2], "y": [1]}]}}, {"z": 1, "l": [{"x": 2, "y": 1}]}, True),
    (
        {"z": [1], "l": {"$or": [{"x": [1], "y": [2]}, {"x": [2], "y": [1]}]}},
        {"z": 1, "l": [{"x": 2}, {"y": 1}]},
        False,
    ),
    ({"l": {"x": [1]}, "$or": [{"l": {"y": [2]}}, {"z": [1]}]}, {"l": [{"x": 1}], "z": 1}, True),
    ({"l": {"x": [1]}, "$or": [{"l": {"y": [2]}}, {"z": [1]}]}, {"l": [{"x": 1}, {"y": 2}], "z": 2}, False),
    ({"l": {"x": [1], "y": [2]}, "$or": [{"z": [1]}, {"w": [1]}]}, {"l": [{"x": 1, "y": 2}], "w": 1}, True),
    ({"l": {"x": [1], "y": [2]}, "$or": [{"z": [1]}, {"w": [1]}]}, {"l": [{"x": 1}, {"y": 2}], "w": 1}, False),
    ({"z": [1], "$or": [{"x": [1]}, {"y": [1]}]}, {"z": 2, "x": 1}, False),
    # Names with dots, which may lead on in several ways.
    ({"a": {"b": {"c": [1], "d": [2]}}}, {"a.b": [{"c": 1, "d": 2}]}, True),
    ({"a": {"b": {"c": [1], "d": [2]}}}, {"a.b": [{"c": 1}], "a": {"b": {"d": 2}}}, True),
    ({"a": {"b": {"c": [1], "d": [2]}}}, {"a.b": [{"c": 1}, {"d": 2}], "a": {"b": {"d": 3}}}, False),
    ({"a": {"b": {"c": [1], "d": [2, ABSENT]}}}, {"a.b": [{"c": 1}, {"d": 3}], "a": {"b": [{"e": 3}]}}, True),
    ({"a": {"b": {"c": [1], "d": [2, ABSENT]}}}, {"a.b": [{"c": 1}, {"d": 3}], "a": {"b": [[5], {"d": 3}]}}, False),
    ({"a": {"b": {"c": [1]}}}, {"a": [{"b.c": 1}, {"b": 5}]}, True),
    ({"a.b.c.d.e.f.g.h.i": [1]}, {"a": {"b.c": {"d.e.f": {"g.h.i": 1}}}}, True),
    ({"a.b.c.d.e.f.g.h.i": [1], "a.x": [1]}, {"a": [{"b.c": {"d.e.f.g": {"h.i": 1}}, "x": 1}]}, True),
    ({"a.b.c.d.e.f.g.h.i": [1]}, {"a.b.c.d.e.f.g.h.": 1, "a.b.c.d.e.f.g.h": {"j": 1}}, False),
]


@pytest.mark.parametrize(("pattern", "event", "expected"), CASES)
def test_verdict(pattern: dict[str, Any], event: dict[str, Any], expected: bool) -> None:
    """The verdict is as told, and as the slow implementation finds."""
    compiled = EventPattern(pattern)
    assert compiled.matches(event) == expected
    assert (compiled.explain(event) == "The event matches.") == expected
    assert slow_matches(pattern, event) == expected


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("10.4.0.255", "0A0400FF"),
        ("010.004.0.0", "0A040000"),
        ("10.4.0.256", None),
        ("10.4.0", None),
        ("::", "0" * 32),
        ("::1", "0" * 31 + "1"),
        ("fe80::", "FE80" + "0" * 28),
        ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
        ("1:2:3:4:5:6:7::", "00010002000300040005000600070000"),
        ("000001:2:3:4:5:6:7:aBcD", "0001000200030004000500060007ABCD"),
        ("::ffff:a00:1", "0A000001"),
        ("::ffff:10.0.0.1", None),
        ("1:2:3:4:5:6:7", None),
        ("1:2:3:4:5:6:7:8::", None),
        ("1::2::3", None),
        (":::", None),
        (":", None),
        ("1:", None),
        (":1::", None),
        ("12345::", None),
        ("x::", None),
        ("", None),
    ],
)
def test_address(text: str, digits: str | None) -> None:
    """An address is read as the service's runtime reads it."""
    assert parse_address(text) == digits


def test_a_group_of_fields_is_named_where_it_is_smallest() -> None:
    """What does hold together is not blamed."""
    pattern = EventPattern({"a": {"b": {"c": [1], "d": [2]}, "e": {"f": [3], "g": [4]}}, "x": [1], "x.y": [1]})
    event = {"a": {"b": [{"c": 1}, {"d": 2}], "e": [{"f": 3, "g": 4}]}, "x": [1, {"y": 1}]}
    assert pattern.explain(event) == (
        "The event does not match:\n  a.b: expected one element with c: 1 and d: 2, got them in different ones"
    )


def test_words_are_a_value() -> None:
    """They are equal to the same words, and to nothing else."""
    assert Words("x") == Words("x")
    assert hash(Words("x")) == hash(Words("x"))
    assert Words("x") != "x"
    assert repr(Words("a number > 5")) == "a number > 5"
