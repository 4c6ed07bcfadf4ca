"""Which elements of two lists are taken for the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import Exactly
from pytest_eventbridge._alignment import align, has_no_distance, is_reordered

LISTS = st.lists(st.sampled_from("abc"), max_size=7)


def item(**members: Any) -> dict[str, Any]:
    """Return an element with members that all elements have."""
    return {"kind": "line", **members}


@pytest.mark.parametrize(
    ("expected", "actual", "slots"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param("ab", "ab", [(0, 0), (1, 1)], id="equal"),
        pytest.param("ac", "abc", [(0, 0), (None, 1), (1, 2)], id="inserted"),
        pytest.param("abc", "ac", [(0, 0), (1, None), (2, 1)], id="removed"),
        pytest.param("abc", "xab", [(None, 0), (0, 1), (1, 2), (2, None)], id="shifted"),
        pytest.param("abc", "axc", [(0, 0), (1, 1), (2, 2)], id="changed"),
        pytest.param("ab", "cd", [(0, 0), (1, 1)], id="all changed"),
        pytest.param("a", "xy", [(0, 0), (None, 1)], id="changed and one more"),
        pytest.param(
            [item(sku="a", n=1), item(sku="b", n=2)],
            [item(sku="x", n=7), item(sku="a", n=9), item(sku="b", n=9)],
            [(None, 0), (0, 1), (1, 2)],
            id="changed ones go to what they resemble",
        ),
        pytest.param([Exactly({"a": 1})], [{"a": 1, "b": 2}, {"a": 1}], [(None, 0), (0, 1)], id="Exactly"),
        pytest.param([{}, [1], []], [5, {}, [1], []], [(None, 0), (0, 1), (1, 2), (2, 3)], id="empty ones"),
    ],
)
def test_elements_that_belong_together(expected: Any, actual: Any, slots: Any) -> None:
    """What was inserted or removed has no partner, and what was changed is with what it was."""
    assert align(list(expected), list(actual)) == slots


@settings(max_examples=200, deadline=None)
@given(expected=LISTS, actual=LISTS)
def test_each_element_has_one_place_in_order(expected: list[str], actual: list[str]) -> None:
    """No element is lost or told twice, and the order of neither list is changed."""
    slots = align(expected, actual)
    assert slots is not None
    assert [left for left, _ in slots if left is not None] == list(range(len(expected)))
    assert [right for _, right in slots if right is not None] == list(range(len(actual)))
    assert (None, None) not in slots


def test_long_lists_are_not_aligned() -> None:
    """Unless they begin or end alike, which takes no search."""
    assert align(["x"] * 300, ["y"] * 299) is None
    assert not is_reordered(list(range(300)), list(range(300))[::-1])
    assert align([1] * 5000, [1] * 5001) == [*((index, index) for index in range(5000)), (None, 5000)]


@pytest.mark.parametrize(
    ("expected", "actual", "answer"),
    [
        ([1, 2], [2, 1], True),
        ([{"a": 1}, {"a": 2}], [{"a": 2, "b": 1}, {"a": 1}], True),
        ([{"a": 1}, {}], [{"b": 1}, {"a": 1}], True),
        ([1, 2], [2, 2], False),
        ([1, 2], [2, 1, 3], False),
    ],
)
def test_another_order(expected: list[Any], actual: list[Any], answer: bool) -> None:
    """It is another order when each expected element has one of its own."""
    assert is_reordered(expected, actual) is answer


def test_a_matcher_that_fails_on_an_element_says_no() -> None:
    """It was written for another one."""
    assert has_no_distance(lambda number: number > 5, 6)
    assert not has_no_distance(lambda number: number > 5, "text")
