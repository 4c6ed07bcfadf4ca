"""Pairing two collections one to one, held against trying every way to do it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_eventbridge._pairing import pair

RIGHT_COUNT = 6


def largest_pairing(adjacency: Sequence[Sequence[int]], taken: frozenset[int] = frozenset()) -> int:
    """Return how many can be paired at most, by trying everything."""
    if not adjacency:
        return 0
    first, *others = adjacency
    with_first = [1 + largest_pairing(others, taken | {right}) for right in first if right not in taken]
    return max([largest_pairing(others, taken), *with_first])


def assert_is_pairing(pairing: list[int | None], adjacency: Sequence[Sequence[int]]) -> None:
    """Assert that nothing is paired twice, or with what it does not go with."""
    assert len(pairing) == len(adjacency)
    rights = [right for right in pairing if right is not None]
    assert len(rights) == len(set(rights))
    assert all(right is None or right in adjacency[left] for left, right in enumerate(pairing))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.integers(0, RIGHT_COUNT - 1), unique=True, max_size=RIGHT_COUNT), max_size=RIGHT_COUNT))
@example([[0, 1], [0]])
@example([[0], [0, 1], [1, 2], [2, 3], [3, 4]])
def test_no_pairing_is_larger(adjacency: list[list[int]]) -> None:
    """What is found is a pairing, and trying everything finds no larger one."""
    pairing = pair(adjacency, RIGHT_COUNT)
    assert_is_pairing(pairing, adjacency)
    assert len(pairing) - pairing.count(None) == largest_pairing(adjacency)


@pytest.mark.parametrize(
    ("adjacency", "right_count", "pairing"),
    [
        ([], 0, []),
        ([], 2, []),
        ([[]], 0, [None]),
        ([[], [0]], 1, [None, 0]),
        ([[0], [0]], 1, [0, None]),
        ([[0, 1], [0]], 2, [1, 0]),
        ([[0, 1, 2]] * 3, 3, [0, 1, 2]),
        ([[2, 1], [1, 0], [0, 2]], 3, [2, 1, 0]),
        ([[0, 0], [0]], 1, [0, None]),
    ],
    ids=[
        "nothing",
        "nothing on the left",
        "nothing on the right",
        "one that goes with nothing",
        "two for one",
        "the first has to give way",
        "everything goes with everything",
        "everyone gets what they prefer",
        "the same one named twice",
    ],
)
def test_a_pairing_by_hand(adjacency: list[list[int]], right_count: int, pairing: list[int | None]) -> None:
    """The earlier and the preferred ones come first, as far as the largest pairing allows."""
    assert pair(adjacency, right_count) == pairing


def test_a_chain_longer_than_the_recursion_limit() -> None:
    """One newcomer can make everybody move on by one, however many they are."""
    length = 3 * sys.getrecursionlimit()
    adjacency = [[left, left + 1] for left in range(length)] + [[0]]
    assert pair(adjacency, length + 1) == [*range(1, length + 1), 0]


def test_a_chain_without_an_end() -> None:
    """A newcomer for whom nobody can move leaves everybody where they are."""
    length = 3 * sys.getrecursionlimit()
    adjacency = [[left, (left + 1) % length] for left in range(length)] + [[0]]
    pairing = pair(adjacency, length)
    assert_is_pairing(pairing, adjacency)
    assert pairing.count(None) == 1


def test_where_a_greedy_choice_finds_only_half() -> None:
    """All are paired although taking the first free one each time would leave every second one without."""
    count = 300
    adjacency = [list(range(count - left)) for left in range(count)]
    assert pair(adjacency, count) == list(reversed(range(count)))


def test_many_who_want_one() -> None:
    """Exactly one of many gets the only one there is."""
    pairing = pair([[0]] * 2_000, 1)
    assert pairing == [0] + [None] * 1_999
