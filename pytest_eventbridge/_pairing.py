"""Pairing the members of two collections one to one, where a greedy choice would not find every pairing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


def pair(adjacency: Sequence[Sequence[int]], right_count: int) -> list[int | None]:
    """Find a largest one-to-one pairing between left and right members.

    Takes O(E * sqrt(V)) steps: Hopcroft and Karp, 1973.

    Args:
        adjacency: For each left member, the right members it may be paired with, preferred ones first.
        right_count: How many right members there are.

    Returns:
        For each left member the right one it is paired with; `None` where none is left for it.
    """
    left_to_right: list[int | None] = [None] * len(adjacency)
    right_to_left: list[int | None] = [None] * right_count
    while True:
        layers = _layers(adjacency, left_to_right, right_to_left)
        if layers is None:
            return left_to_right
        for left, right in enumerate(left_to_right):
            if right is None:
                _augment(left, adjacency, layers, left_to_right, right_to_left)


def _layers(
    adjacency: Sequence[Sequence[int]], left_to_right: list[int | None], right_to_left: list[int | None]
) -> list[int] | None:
    """Number the left members by their distance from an unpaired one; `None` when no augmenting path exists."""
    layers = [-1 if right is not None else 0 for right in left_to_right]
    queue = deque(left for left, layer in enumerate(layers) if layer == 0)
    found = False
    while queue:
        left = queue.popleft()
        for right in adjacency[left]:
            next_left = right_to_left[right]
            if next_left is None:
                found = True
            elif layers[next_left] == -1:
                layers[next_left] = layers[left] + 1
                queue.append(next_left)
    return layers if found else None


def _augment(
    root: int,
    adjacency: Sequence[Sequence[int]],
    layers: list[int],
    left_to_right: list[int | None],
    right_to_left: list[int | None],
) -> None:
    """Search a path from an unpaired left member to an unpaired right one, layer by layer, and flip it.

    Walks with a stack of its own: a path can be longer than Python's recursion limit.
    """
    path: list[tuple[int, int]] = []
    candidates = [iter(adjacency[root])]
    lefts = [root]
    while candidates:
        left = lefts[-1]
        right = next(candidates[-1], None)
        if right is None:
            layers[left] = -1  # no path leads on from here in this round
            candidates.pop()
            lefts.pop()
            if path:
                path.pop()
            continue
        next_left = right_to_left[right]
        if next_left is None:
            for paired_left, paired_right in [*path, (left, right)]:
                left_to_right[paired_left] = paired_right
                right_to_left[paired_right] = paired_left
            return
        if layers[next_left] == layers[left] + 1:
            path.append((left, right))
            lefts.append(next_left)
            candidates.append(iter(adjacency[next_left]))
