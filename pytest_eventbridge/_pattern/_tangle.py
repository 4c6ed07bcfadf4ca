"""The rare event in which a path leads on in several ways from one object: names with dots, or names given twice.

Here the elements of two arrays can depend on each other, and nothing better is known than to try the values of one
path after the other, as the service does. Neither can come up in an event whose names are without dots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from pytest_eventbridge._pattern._fields import Field
from pytest_eventbridge._pattern._values import Repeated, elements_of, end_of, is_array, is_object, leaf_of, steps_into

# Values tried, and elements of arrays compared, before the search is given up: the event then does not match. An event
# has to be made for that, and the service would not come to an end either.
_MAX_WORK: Final = 300_000

# The arrays around a value, from the inside: each by its number, with the index of the element that is around it.
_Position: TypeAlias = "tuple[_Position | None, int, int]"
_Leaves: TypeAlias = list[list[tuple[Any, "_Position | None"]]]


class _GivenUp(Exception):  # noqa: N818 - caught below
    """The search takes too long."""


def hold_together_in_a_tangle(fields: Sequence[Field], event: Any) -> bool:
    """Say whether the fields hold for an event with one element of each array.

    Args:
        fields: In the service's order.
        event: The envelope.
    """
    search = _Search(fields)
    try:
        return search.finds_a_way(search.collect(event))
    except _GivenUp:
        return False


class _Search:
    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._work = 0

    def collect(self, event: Any) -> _Leaves:
        """Return the leaves of each field, with where they stand."""
        leaves: _Leaves = [[] for _ in self._fields]
        array_count = 0
        pending: list[tuple[Any, int, tuple[int, ...], _Position | None]] = [
            (event, 0, tuple(range(len(self._fields))), None)
        ]
        while pending:
            value, place, group, position = pending.pop()
            self._spend()
            if is_object(value):
                for (name, after), part in self._parts(value, place, group).items():
                    pending.append((dict.__getitem__(value, name), after, tuple(part), position))
            elif type(value) is Repeated:
                pending += [(one, place, group, position) for one in value.values]
            elif is_array(value):
                array_count += 1
                for index, element in enumerate(elements_of(value)):
                    is_inner = is_object(element) or is_array(element)
                    pending.append((element, place, group, (position, array_count, index) if is_inner else position))
            else:
                for field in group:
                    if end_of(self._fields[field].path) == place:
                        leaves[field].append((leaf_of(value), position))
        return leaves

    def _parts(self, value: Any, place: int, group: tuple[int, ...]) -> dict[tuple[str, int], list[int]]:
        parts: dict[tuple[str, int], list[int]] = {}
        for field in group:
            path = self._fields[field].path
            for step in steps_into(value, path, place) if place < end_of(path) else ():
                parts.setdefault(step, []).append(field)
        return parts

    def finds_a_way(self, leaves: _Leaves) -> bool:
        """Say whether there is a value, or none where that is allowed, for each field in turn."""
        start: frozenset[tuple[int, int]] = frozenset()
        pending = [(0, start)]
        seen = {(0, start)}
        while pending:
            index, chosen = pending.pop()
            if index == len(self._fields):
                return True
            for choice in self._choices(self._fields[index], leaves[index], chosen):
                if (index + 1, choice) not in seen:
                    seen.add((index + 1, choice))
                    pending.append((index + 1, choice))
        return False

    def _choices(
        self, field: Field, leaves: list[tuple[Any, _Position | None]], chosen: frozenset[tuple[int, int]]
    ) -> Iterator[frozenset[tuple[int, int]]]:
        indexes = dict(chosen)
        is_there = False
        for leaf, position in leaves:
            added = self._added(position, indexes)
            if added is None:
                continue
            is_there = True
            if field.test(leaf):
                yield chosen.union(added)
        if field.allows_absent and not is_there:
            yield chosen

    def _added(self, position: _Position | None, indexes: dict[int, int]) -> list[tuple[int, int]] | None:
        """Return the elements around a position; `None` when others are chosen already."""
        added = []
        self._spend()
        while position is not None:
            self._spend()
            position, array, index = position
            if indexes.get(array, index) != index:
                return None
            added.append((array, index))
        return added

    def _spend(self) -> None:
        self._work += 1
        if self._work > _MAX_WORK:
            raise _GivenUp
