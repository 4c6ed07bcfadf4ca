"""The engine against a second implementation, which is slow and obvious."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from slow_pattern import slow_matches

from pytest_eventbridge import EventPattern, InvalidEventPattern

# An example takes 50 ms: tox asks for more than Hypothesis's usual number on one Python only.
EXAMPLE_COUNT = int(os.environ.get("EVENTBRIDGE_EXAMPLE_COUNT", "100"))

NAMES = st.sampled_from(["a", "b", "c", "a.b", "b.c", "a!", ""])
TEXTS = st.sampled_from(["x", "y", "xy", "X", "", "10.0.0.1", "::1", "a00::1", "ß", "SS", "*", "😀", "??"])
NUMBERS = st.sampled_from([0, 1, -1, 2.5, 300, 300.0, 2**53 + 1, 1e22, 12345678901234567000, 12345678901234567168])
LEAVES = st.sampled_from(["x", "y", 1, 2, True, None]) | TEXTS | NUMBERS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
CONDITIONS = st.one_of(
    LEAVES,
    st.builds(lambda value: {"exists": value}, st.booleans()),
    st.builds(
        lambda operator, text: {operator: text}, st.sampled_from(["prefix", "suffix", "equals-ignore-case"]), TEXTS
    ),
    st.builds(lambda end, text: {end: {"equals-ignore-case": text}}, st.sampled_from(["prefix", "suffix"]), TEXTS),
    st.builds(lambda text: {"wildcard": text}, st.sampled_from(["*", "x*", "*y", "x*y", "\\*", "*x*", ""])),
    st.builds(
        lambda bounds: {"numeric": bounds},
        st.sampled_from([[">", 0], ["<=", 1], [">", -1, "<", 300], ["=", 300], [">=", 1e22]]),
    ),
    st.builds(
        lambda block: {"cidr": block}, st.sampled_from(["10.0.0.0/8", "::/0", "0.0.0.9/0", "::1/127", "a00::7/16"])
    ),
    st.builds(lambda refused: {"anything-but": refused}, TEXTS | st.sampled_from([1, ["x", "y"], [1, 300]])),
    st.builds(
        lambda operator, texts: {"anything-but": {operator: texts}},
        st.sampled_from(["prefix", "suffix", "equals-ignore-case", "wildcard"]),
        st.sampled_from(["x", ["x", "y"], ["ß"]]),
    ),
)


def patterns() -> st.SearchStrategy[dict[str, Any]]:
    """Return patterns, most of them valid."""
    leaf = st.lists(CONDITIONS, min_size=1, max_size=2)

    def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        fields = st.dictionaries(NAMES, leaf | inner, min_size=1, max_size=3)
        arms = st.lists(fields, min_size=2, max_size=3)
        return fields | st.builds(lambda some, arms: {**some, "$or": arms}, fields, arms)

    return st.recursive(st.dictionaries(NAMES, leaf, min_size=1, max_size=3), around, max_leaves=6)


def shaped_like(pattern: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return events that have what a pattern asks for, or nearly."""

    def member(asked: Any) -> st.SearchStrategy[Any]:
        if isinstance(asked, dict):
            inner = shaped_like(asked)
            return (
                inner | st.lists(inner | LEAVES, max_size=3) | st.builds(lambda one: [one], st.lists(inner, max_size=2))
            )
        given_away = [one for one in asked if not isinstance(one, dict)]
        leaf = LEAVES if not given_away else st.sampled_from(given_away) | LEAVES
        return leaf | st.lists(leaf | st.lists(leaf, max_size=2), max_size=2) | VALUES

    members = {name: member(asked) for name, asked in pattern.items() if name != "$or"}
    merged = st.fixed_dictionaries({}, optional=members)
    for arm in pattern.get("$or", []):
        merged = st.builds(lambda one, other: {**one, **other}, merged, shaped_like(arm))
    return merged


@settings(deadline=None, max_examples=EXAMPLE_COUNT)
@given(st.data())
def test_verdicts_agree(data: st.DataObject) -> None:
    """Whatever the pattern and the event, both implementations say the same, and the explanation says so too."""
    pattern = data.draw(patterns())
    event = data.draw(shaped_like(pattern) | st.dictionaries(NAMES, VALUES, max_size=3))
    try:
        compiled = EventPattern(pattern)
    except InvalidEventPattern:
        assume(False)
    expected = slow_matches(json.loads(compiled.text), event)
    assert compiled.matches(event) == expected
    assert (compiled.explain(event) == "The event matches.") == expected


@settings(deadline=None)
@given(patterns(), st.text() | st.dictionaries(st.text(), VALUES))
def test_no_event_is_an_error(pattern: dict[str, Any], detail: Any) -> None:
    """A pattern that is valid has a verdict on every event."""
    try:
        compiled = EventPattern(pattern)
    except InvalidEventPattern:
        assume(False)
    assert compiled.matches({"a": detail, "b": [detail]}) in (True, False)


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\ \n\tabx01.-+e$or*/é😀\x01') | st.text())
def test_no_text_is_an_error_of_another_kind(text: str) -> None:
    """Whatever the text, it is a pattern, or is refused as one."""
    with contextlib.suppress(InvalidEventPattern):
        assert EventPattern(text).text == text
