"""Which elements of two lists belong together, where some were inserted, removed or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from pytest_eventbridge._matching import Exactly, iter_mismatches
from pytest_eventbridge._pairing import pair

# The place of an element among the expected ones and among the actual ones; `None` where it has none.
Slot: TypeAlias = "tuple[int | None, int | None]"

# What an element that is missing or too many costs. Two of them cost more than the greatest distance, so that a single
# other element counts as changed, and less than two such, so that a shift by one is seen.
_GAP: Final = 0.6

# Scalars that are compared with each other at most: some hundredths of a second.
_MAX_WORK: Final = 20_000


def align(expected: Sequence[Any], actual: Sequence[Any]) -> list[Slot] | None:
    """Pair the elements of two lists in their order, so that what differs is as little as possible.

    Args:
        expected: The expected elements, which may hold matchers.
        actual: The decoded JSON elements.

    Returns:
        A slot for each pair, and for each element without a partner, in order; `None` where finding out would take
        too long.
    """
    start = common_length(expected, actual)
    end = common_length(expected[start:][::-1], actual[start:][::-1])
    inner, other = expected[start : len(expected) - end], actual[start : len(actual) - end]
    if sum(map(_scalar_count, inner)) * len(other) > _MAX_WORK:
        return None
    slots: list[Slot] = [(index, index) for index in range(start)]
    slots += [
        (None if left is None else start + left, None if right is None else start + right)
        for left, right in _cheapest(inner, other)
    ]
    slots += [(len(expected) - index, len(actual) - index) for index in range(end, 0, -1)]
    return slots


def is_reordered(expected: Sequence[Any], actual: Sequence[Any]) -> bool:
    """Say whether two lists that differ would not if the elements stood in another order; no if that takes too long."""
    if len(expected) != len(actual) or sum(map(_scalar_count, expected)) * len(actual) > _MAX_WORK:
        return False
    adjacency = [[index for index, two in enumerate(actual) if has_no_distance(one, two)] for one in expected]
    return None not in pair(adjacency, len(actual))


def has_no_distance(expected: Any, actual: Any) -> bool:
    """Say whether an element is as expected; a matcher that cannot read it says no."""
    return _distance(expected, actual) == 0


def common_length(expected: Sequence[Any], actual: Sequence[Any]) -> int:
    """Return how many elements are as expected before the first that is not."""
    length = 0
    for one, other in zip(expected, actual, strict=False):
        if not has_no_distance(one, other):
            break
        length += 1
    return length


def _cheapest(expected: Sequence[Any], actual: Sequence[Any]) -> list[Slot]:
    """Return the slots with the least summed distance; among equals the one that pairs earlier."""
    rows, columns = len(expected), len(actual)
    distances = [[_distance(one, other) for other in actual] for one in expected]
    # costs[i][j]: what is left to pay for expected[i:] and actual[j:].
    costs = [[_GAP * (rows - i + columns - j) for j in range(columns + 1)] for i in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            paired = distances[i][j] + costs[i + 1][j + 1]
            costs[i][j] = min(paired, _GAP + costs[i + 1][j], _GAP + costs[i][j + 1])
    slots: list[Slot] = []
    i = j = 0
    while i < rows and j < columns:
        if costs[i][j] == distances[i][j] + costs[i + 1][j + 1]:
            slots.append((i, j))
            i, j = i + 1, j + 1
        elif costs[i][j] == _GAP + costs[i + 1][j]:
            slots.append((i, None))
            i += 1
        else:
            slots.append((None, j))
            j += 1
    slots += [(left, None) for left in range(i, rows)]
    slots += [(None, right) for right in range(j, columns)]
    return slots


def _distance(expected: Any, actual: Any) -> float:
    """Return which part of an expected element differs, from 0 to 1."""
    try:
        paths = [mismatch.path for mismatch in iter_mismatches(expected, actual, "")]
    except Exception:  # a matcher of the test's, and an element it was never meant for
        return 1.0
    return 1.0 if "" in paths else min(len(paths) / _scalar_count(expected), 1.0)


def _scalar_count(value: Any) -> int:
    """Return how many scalars and matchers a value holds, at least 1."""
    count, pending = 0, [value]
    while pending:
        value = pending.pop()
        if isinstance(value, Exactly):
            pending.append(value.value)
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        else:
            count += 1
    return max(count, 1)
