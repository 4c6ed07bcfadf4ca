"""Looking for the leaves of one path, wherever in the event they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pytest_eventbridge._pattern._values import Repeated, elements_of, end_of, is_array, is_object, leaf_of, steps_into


class SharedArray(Exception):  # noqa: N818 - no error: which element is meant depends on other paths
    """An array was met that other paths lead into as well."""


def leaves_at(value: Any, path: str, *, start: int = 0, alone_from: int = 0) -> Iterator[Any]:
    """Yield the leaves of a path: through arrays, at any depth, and through names with dots.

    Args:
        value: Where to begin.
        path: The whole path.
        start: The place in the path where the steps begin that are still to go.
        alone_from: The place in the path from which on no other path goes the same way.

    Raises:
        SharedArray: There is an array before that place.
    """
    end = end_of(path)
    pending = [(value, start)]
    # Where the way has forked already: an event made by hand may hold an array in itself, or one object many times.
    seen: set[tuple[int, int]] = set()
    while pending:
        value, place = pending.pop()
        if is_object(value):
            if place < end:
                steps = steps_into(value, path, place)
                if len(steps) > 1:
                    if (id(value), place) in seen:
                        continue
                    seen.add((id(value), place))
                pending += [(dict.__getitem__(value, name), after) for name, after in reversed(steps)]
        elif is_array(value):
            if place < alone_from:
                raise SharedArray
            if (id(value), place) not in seen:
                seen.add((id(value), place))
                pending += [(element, place) for element in reversed(list(elements_of(value)))]
        elif type(value) is Repeated:
            pending += [(one, place) for one in reversed(value.values)]
        elif place == end:
            yield leaf_of(value)


def walker(
    path: str, test: Callable[[Any], bool], allows_absent: bool, alone_from: int
) -> Callable[[Any], bool | None]:
    """Return a function that says whether a path's condition holds for some leaf in an event, or for there being none.

    Returns:
        The function; it returns `None` where the answer depends on the other paths that lead into an array.
    """

    def check(event: Any) -> bool | None:
        is_there = False
        try:
            for leaf in leaves_at(event, path, alone_from=alone_from):
                if test(leaf):
                    return True
                is_there = True
        except SharedArray:
            return None
        return allows_absent and not is_there

    return check
