"""Fields that lead into one array: the service takes them all from one of its elements.

Each array is an independent choice of one element; a scalar that stands in an array directly chooses none. A demand
that something be absent looks at the elements chosen so far, by the paths before it in the service's order, and at all
elements of an array in which none is chosen yet. So the element that counts is that of the first path that finds a
value there, and the paths before that one must be absent from the whole array. This holds at each depth, which makes
one look at each part of the event enough; the service itself goes through all combinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from pytest_eventbridge._pattern._fields import Field
from pytest_eventbridge._pattern._tangle import hold_together_in_a_tangle
from pytest_eventbridge._pattern._values import Repeated, elements_of, end_of, is_array, is_object, leaf_of, steps_into
from pytest_eventbridge._pattern._walk import leaves_at

# Indexes of the fields that lead to one place in the event, in the service's order.
_Group: TypeAlias = tuple[int, ...]


class _Tangled(Exception):  # noqa: N818 - no error: the event is of a kind for which there is another way
    """A path leads on in two ways from one object."""


def hold_together(fields: Sequence[Field], event: Any) -> bool:
    """Say whether the fields hold for an event with one element of each array.

    Args:
        fields: In the service's order.
        event: The envelope.
    """
    try:
        return _Search(fields).holds(event, 0, tuple(range(len(fields))), must_be_there=False)
    except (_Tangled, RecursionError):
        return hold_together_in_a_tangle(fields, event)


class _Search:
    """One look at an event.

    In each method, `place` is where the steps begin that the paths of the group still have to go, and `must_be_there`
    says that the first field of the group has to find a value rather than be absent.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        # What is being looked at counts as failed: an event made by hand may hold an array in itself.
        self._known: dict[tuple[int, int, _Group, bool], bool] = {}

    def holds(self, value: Any, place: int, group: _Group, must_be_there: bool) -> bool:
        key = (id(value), place, group, must_be_there)
        known = self._known.get(key)
        if known is not None:
            return known
        self._known[key] = False
        if is_object(value):
            known = self._object_holds(value, place, group, must_be_there)
        elif is_array(value):
            known = self._array_holds(value, place, group, must_be_there)
        elif type(value) is Repeated:
            raise _Tangled
        else:
            known = self._leaf_holds(value, place, group, must_be_there)
        self._known[key] = known
        return known

    def _ends_at(self, field: int, place: int) -> bool:
        return end_of(self._fields[field].path) == place

    def _leaf_holds(self, value: Any, place: int, group: _Group, must_be_there: bool) -> bool:
        if self._ends_at(group[0], place):
            if not self._fields[group[0]].test(leaf_of(value)):
                return False
            group = group[1:]
        elif must_be_there:
            return False
        return all(self._fields[field].allows_absent for field in group)

    def _object_holds(self, value: Any, place: int, group: _Group, must_be_there: bool) -> bool:
        parts: dict[tuple[str, int], list[int]] = {}
        for field in group:
            is_end = self._ends_at(field, place)
            steps = [] if is_end else steps_into(value, self._fields[field].path, place)
            if len(steps) > 1:
                raise _Tangled
            if steps:
                parts.setdefault(steps[0], []).append(field)
            elif (must_be_there and field == group[0]) or not self._fields[field].allows_absent:
                return False
        for (name, after), part in parts.items():
            must_be_there_too = must_be_there and part[0] == group[0]
            if not self.holds(dict.__getitem__(value, name), after, tuple(part), must_be_there_too):
                return False
        return True

    def _array_holds(self, value: Any, place: int, group: _Group, must_be_there: bool) -> bool:
        elements = list(elements_of(value))
        inner = [element for element in elements if is_object(element) or is_array(element)]
        first = self._fields[group[0]]
        if not self._ends_at(group[0], place):
            return self._elements_hold(inner, place, group, must_be_there)
        scalars = [leaf_of(element) for element in elements if not is_object(element) and not is_array(element)]
        is_met = any(first.test(scalar) for scalar in scalars)
        is_absent = first.allows_absent and not must_be_there and not self._is_there(elements, place, group[0])
        if (is_met or is_absent) and self._elements_hold(inner, place, group[1:], must_be_there=False):
            return True
        return self._any_holds(inner, place, group)

    def _elements_hold(self, elements: list[Any], place: int, group: _Group, must_be_there: bool) -> bool:
        for index, field in enumerate(group):
            if self._any_holds(elements, place, group[index:]):
                return True
            if must_be_there or not self._fields[field].allows_absent or self._is_there(elements, place, field):
                return False
        return True

    def _any_holds(self, elements: list[Any], place: int, group: _Group) -> bool:
        return any(self.holds(element, place, group, must_be_there=True) for element in elements)

    def _is_there(self, elements: list[Any], place: int, field: int) -> bool:
        leaves = leaves_at(elements, self._fields[field].path, start=place)
        return next(leaves, self) is not self
