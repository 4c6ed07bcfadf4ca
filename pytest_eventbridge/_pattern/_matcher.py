"""A compiled pattern: the fields of each alternative, cheap ones first, and whether an event has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pytest_eventbridge._pattern._compiler import Alternative
from pytest_eventbridge._pattern._conditions import Condition, Text
from pytest_eventbridge._pattern._consistency import hold_together
from pytest_eventbridge._pattern._fields import Field
from pytest_eventbridge._pattern._paths import in_order
from pytest_eventbridge._pattern._values import end_of


class Matcher:
    """What a pattern demands, ready to be held against events.

    Args:
        alternatives: As compiled.

    Attributes:
        alternatives: The fields of each, in the service's order.
    """

    __slots__ = ("_common", "_others", "alternatives")

    def __init__(self, alternatives: list[Alternative]) -> None:
        counts = Counter(
            beginning for path in {path for one in alternatives for path in one} for beginning in _beginnings(path)
        )
        fields: dict[tuple[str, int], Field] = {}

        def field_of(path: str, conditions: tuple[Condition, ...]) -> Field:
            key = (path, id(conditions))
            if key not in fields:
                fields[key] = Field(path, conditions, _alone_from(path, counts))
            return fields[key]

        self.alternatives = [[field_of(path, one[path]) for path in in_order(one)] for one in alternatives]
        common = set.intersection(*map(set, self.alternatives))
        self._common = sorted(common, key=lambda field: field.cost)
        self._others = [
            sorted((field for field in one if field not in common), key=lambda field: field.cost)
            for one in self.alternatives
        ]

    def matches(self, event: dict[str, Any]) -> bool:
        """Say whether an event has all fields of an alternative."""
        depends = False
        for field in self._common:
            holds = field.check(event)
            if not holds:
                if holds is not None:
                    return False
                depends = True
        if len(self._others) == 1:
            return not depends or hold_together(self.alternatives[0], event)
        return self._matches_one(event, depends)

    def texts_of(self, name: str) -> frozenset[str]:
        """Return the strings of which a field must be one in each alternative; empty when others would do as well."""
        fields = [field for one in self.alternatives for field in one if field.path == name]
        if len(fields) < len(self.alternatives):
            return frozenset()
        conditions = [condition for field in fields for condition in field.conditions]
        texts = [condition.value for condition in conditions if isinstance(condition, Text)]
        return frozenset(texts) if len(texts) == len(conditions) else frozenset()

    def _matches_one(self, event: dict[str, Any], depends_always: bool) -> bool:
        known: dict[Field, bool | None] = {}
        for alternative, others in zip(self.alternatives, self._others, strict=True):
            depends = depends_always
            for field in others:
                if field not in known:
                    known[field] = field.check(event)
                holds = known[field]
                if holds is None:
                    depends = True
                elif not holds:
                    break
            else:
                if not depends or hold_together(alternative, event):
                    return True
        return False


def _beginnings(path: str) -> Iterable[str]:
    dot = path.find(".")
    while dot >= 0:
        yield path[:dot]
        dot = path.find(".", dot + 1)
    yield path


def _alone_from(path: str, counts: Counter[str]) -> int:
    """Return the place after the first beginning of a path that no other path has."""
    return next((end_of(beginning) for beginning in _beginnings(path) if counts[beginning] == 1), end_of(path) + 1)
