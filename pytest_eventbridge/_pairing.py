"""Pairing the members of two collections one to one, where a greedy choice would not find every pairing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence


def pair(adjacency: Sequence[Sequence[int]], right_count: int) -> list[int | None]:
    """Find a largest one-to-one pairing between left and right members.

    Takes O(E * sqrt(V)) steps: Hopcroft and Karp, 1973. Left members that share one list count as one in E.

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
        # Within one round a right member that one left member has passed by is of no use to another one that shares
        # its list and layer, so they go on where the other stopped.
        untried: dict[tuple[int, int], Iterator[int]] = {}
        for left, right in enumerate(left_to_right):
            if right is None:
                _augment(left, adjacency, layers, untried, left_to_right, right_to_left)


def _layers(
    adjacency: Sequence[Sequence[int]], left_to_right: list[int | None], right_to_left: list[int | None]
) -> list[int] | None:
    """Number the left members by their distance from an unpaired one; `None` when no augmenting path exists."""
    layers = [-1 if right is not None else 0 for right in left_to_right]
    queue = deque(left for left, layer in enumerate(layers) if layer == 0)
    walked: set[int] = set()
    found = False
    while queue:
        left = queue.popleft()
        if id(adjacency[left]) in walked:
            continue
        walked.add(id(adjacency[left]))
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
    untried: dict[tuple[int, int], Iterator[int]],
    left_to_right: list[int | None],
    right_to_left: list[int | None],
) -> None:
    """Search a path from an unpaired left member to an unpaired right one, layer by layer, and flip it.

    Walks with a stack of its own: a path can be longer than Python's recursion limit.
    """

    def open_neighbours(left: int) -> Iterator[int]:
        return untried.setdefault((id(adjacency[left]), layers[left]), iter(adjacency[left]))

    path: list[tuple[int, int]] = []
    walk = [(root, open_neighbours(root))]
    while walk:
        left, neighbours = walk[-1]
        right = next(neighbours, None)
        if right is None:
            walk.pop()  # no path leads on from here in this round
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
            walk.append((next_left, open_neighbours(next_left)))
