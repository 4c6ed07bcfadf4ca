"""The short answer to whether a value is as expected, held against the mismatches that define it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import pytest
from dirty_equals import IsInt, IsStr
from hypothesis import given, settings
from hypothesis import strategies as st
from json_texts import SCALARS, STRINGS, VALUES, parts_of

from pytest_eventbridge import ABSENT, Exactly
from pytest_eventbridge._matching import has_mismatch
from pytest_eventbridge._values import depth_of, value_condition


def is_short(value: object) -> bool:
    """Serve as a predicate of any value."""
    return len(repr(value)) < 5


MATCHERS = st.sampled_from([ANY, ABSENT, IsInt(), IsStr(), re.compile("a.*"), is_short, [].__contains__])
EXPECTED = st.recursive(
    SCALARS | MATCHERS,
    lambda members: (
        st.lists(members, max_size=3) | st.dictionaries(STRINGS, members, max_size=3) | st.builds(Exactly, members)
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), actual=VALUES | st.just(ABSENT))
def test_the_answer_is_that_of_the_mismatches(data: st.DataObject, actual: Any) -> None:
    """A match is no mismatch, for whatever values and matchers."""
    expected = data.draw(EXPECTED | parts_of(actual) | st.builds(Exactly, parts_of(actual)))
    assert value_condition(expected)(actual) is not has_mismatch(expected, actual)


@pytest.mark.parametrize(
    "nest",
    [lambda inner: [inner], lambda inner: {"a": inner}, lambda inner: Exactly([inner])],
    ids=["lists", "objects", "Exactly"],
)
def test_a_deep_value(nest: Callable[[Any], Any]) -> None:
    """A value may nest hundreds of levels deep."""
    deep: Any = 1
    for _ in range(450):
        deep = nest(deep)
    plain: Any = 1
    for _ in range(450):
        plain = {"a": plain} if isinstance(deep, dict) else [plain]
    assert depth_of(deep) == depth_of(plain) == 450
    assert value_condition(deep)(plain)
    assert not value_condition(deep)([plain])


@pytest.mark.parametrize(("value", "depth"), [(1, 0), ([], 1), ({"a": [1], "b": {}}, 2), (Exactly({"a": 1}), 1)])
def test_depth(value: Any, depth: int) -> None:
    """A scalar has none, and each list or object around it adds one."""
    assert depth_of(value) == depth


def test_a_matcher_gets_a_copy() -> None:
    """What a matcher does to a list reaches nobody else, neither here nor where mismatches are listed."""
    actual = {"lines": [1, 2]}

    def empty(lines: list[int]) -> bool:
        lines.clear()
        return True

    assert value_condition({"lines": empty})(actual)
    assert not has_mismatch({"lines": empty}, actual)
    assert actual == {"lines": [1, 2]}


def test_a_matcher_gets_what_nobody_else_needs() -> None:
    """Where it is said so, a predicate is given the value itself, which spares copying a large one."""
    lines = [1, 2]
    assert value_condition({"lines": lambda given: given is lines}, lambda actual: actual)({"lines": lines})
    assert not value_condition({"lines": lambda given: given is lines})({"lines": lines})
