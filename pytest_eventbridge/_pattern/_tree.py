"""Fields that meet in arrays, for the usual event: objects with plain names, and arrays of them.

What all the paths have in common is walked once, and of each array an element is sought that satisfies all that lead
into it. Where a path's value may also be absent, or an array holds another one or the leaves of a path, `Unusual` says
that this is not enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_eventbridge._pattern._conditions import Test
from pytest_eventbridge._pattern._fields import MAX_PREPARED_STEPS, Field
from pytest_eventbridge._pattern._values import MISSING, PLAIN


class Unusual(Exception):  # noqa: N818 - no error: there is another way
    """The event is not of the kind for which this is made."""


class Node:
    """A place to which paths lead.

    Attributes:
        field: The field whose path ends here, if any.
        nodes: By the next step.
        longer_names: The names that would take several steps from here at once.
    """

    __slots__ = ("_ends", "_ways", "field", "longer_names", "nodes")

    def __init__(self) -> None:
        self.field: Field | None = None
        self.nodes: dict[str, Node] = {}
        self.longer_names: list[str] = []
        # By the next step, once all nodes are there: those at which a path ends and none goes on, and the others.
        self._ends: list[tuple[str, Test, Node]] = []
        self._ways: list[tuple[str, Node]] = []

    def prepare(self) -> None:
        """Make it ready to be asked, when it has all its nodes."""
        for step, node in self.nodes.items():
            if node.field is not None and not node.nodes:
                self._ends.append((step, node.field.test, node))
            else:
                self._ways.append((step, node))
            node.prepare()

    def holds(self, value: Any) -> bool:
        """Say whether the fields below hold for a value.

        Raises:
            Unusual: Something is met that this cannot tell.
        """
        if type(value) is dict:
            return self._holds_for_object(value)
        if type(value) is list:
            return self._holds_for_one(value)
        raise Unusual

    def _holds_for_object(self, value: dict[str, Any]) -> bool:
        if self.field is not None:
            raise Unusual
        for name in self.longer_names:
            if name in value:
                raise Unusual
        for step, test, node in self._ends:
            member = value.get(step, MISSING)
            if type(member) in PLAIN:
                if not test(member):
                    return False
            elif member is MISSING or not node.holds(member):
                return False
        for step, node in self._ways:
            member = value.get(step, MISSING)
            if member is MISSING or not node.holds(member):
                return False
        return True

    def _holds_for_one(self, elements: list[Any]) -> bool:
        if self.field is not None:
            return self._holds_for_leaf(self.field, elements)
        for element in elements:
            if type(element) is dict:
                if self._holds_for_object(element):
                    return True
            elif type(element) not in PLAIN:
                raise Unusual
        return False

    def _holds_for_leaf(self, field: Field, elements: list[Any]) -> bool:
        if self.nodes:
            raise Unusual
        for element in elements:
            if type(element) not in PLAIN:
                raise Unusual
            if field.test(element):
                return True
        return False


def make_tree(fields: Sequence[Field]) -> Node | None:
    """Return the root of the fields' paths; `None` where it would not help."""
    root = Node()
    for field in fields:
        steps = field.path.split(".")
        if field.allows_absent or len(steps) > MAX_PREPARED_STEPS:
            return None
        node = root
        for place, step in enumerate(steps):
            names = (".".join(steps[place:end]) for end in range(place + 2, len(steps) + 1))
            node.longer_names += (name for name in names if name not in node.longer_names)
            node = node.nodes.setdefault(step, Node())
        node.field = field
    root.prepare()
    return root
