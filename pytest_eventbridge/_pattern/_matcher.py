"""A compiled pattern: the fields of each alternative, cheap ones first, and whether an event has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pytest_eventbridge._pattern._compiler import Alternative
from pytest_eventbridge._pattern._conditions import Condition, Text
from pytest_eventbridge._pattern._consistency import hold_together
from pytest_eventbridge._pattern._fields import Check, Field
from pytest_eventbridge._pattern._paths import in_order
from pytest_eventbridge._pattern._tree import Unusual, make_tree
from pytest_eventbridge._pattern._values import end_of


class Matcher:
    """What a pattern demands, ready to be held against events.

    Args:
        alternatives: As compiled.

    Attributes:
        alternatives: The fields of each, in the service's order.
        matches: Whether an event, a `dict`, has all fields of an alternative.
    """

    __slots__ = ("alternatives", "matches")

    def __init__(self, alternatives: list[Alternative]) -> None:
        self.alternatives = _make_fields(alternatives)
        common = set.intersection(*map(set, self.alternatives))
        checks = [field.check for field in sorted(common, key=lambda field: (field.cost, field.path))]
        self.matches: Callable[[dict[str, Any]], bool]
        if len(self.alternatives) == 1:
            self.matches = _match_all(checks, _match_together(self.alternatives[0]))
        else:
            self.matches = _match_one(checks, [_Others(fields, common) for fields in self.alternatives])

    def texts_of(self, name: str) -> frozenset[str]:
        """Return the strings of which a field must be one in each alternative; empty when others would do as well."""
        fields = [field for one in self.alternatives for field in one if field.path == name]
        if len(fields) < len(self.alternatives):
            return frozenset()
        conditions = [condition for field in fields for condition in field.conditions]
        texts = [condition.value for condition in conditions if isinstance(condition, Text)]
        return frozenset(texts) if len(texts) == len(conditions) else frozenset()


class _Others:
    """The fields of an alternative that not all have."""

    __slots__ = ("fields", "match_together")

    def __init__(self, fields: list[Field], common: set[Field]) -> None:
        self.fields = sorted((field for field in fields if field not in common), key=lambda field: field.cost)
        self.match_together = _match_together(fields)


def _match_all(checks: list[Check], match_together: Callable[[Any], bool]) -> Callable[[dict[str, Any]], bool]:
    def matches(event: dict[str, Any]) -> bool:
        for check in checks:
            holds = check(event)
            if not holds:
                # What is alone was asked before.
                return holds is None and match_together(event)
        return True

    return matches


def _match_one(checks: list[Check], alternatives: list[_Others]) -> Callable[[dict[str, Any]], bool]:
    def matches(event: dict[str, Any]) -> bool:
        depends_always = False
        for check in checks:
            holds = check(event)
            if holds is None:
                depends_always = True
            elif not holds:
                return False
        known: dict[Field, bool | None] = {}
        for alternative in alternatives:
            depends = depends_always
            for field in alternative.fields:
                if field not in known:
                    known[field] = field.check(event)
                holds = known[field]
                if holds is None:
                    depends = True
                elif not holds:
                    break
            else:
                if not depends or alternative.match_together(event):
                    return True
        return False

    return matches


def _match_together(all_fields: list[Field]) -> Callable[[Any], bool]:
    """Return a function that says whether those fields hold that can depend on each other."""
    fields = [field for field in all_fields if not field.is_alone]
    tree = make_tree(fields)
    if tree is None:
        return lambda event: hold_together(fields, event)

    def matches(event: Any) -> bool:
        try:
            return tree.holds(event)
        except Unusual:
            return hold_together(fields, event)

    return matches


def _make_fields(alternatives: list[Alternative]) -> list[list[Field]]:
    """Return the fields of each alternative, in the service's order; those that are the same, as one."""
    paths = {path for alternative in alternatives for path in alternative}
    counts = Counter(beginning for path in paths for beginning in _beginnings(path))
    fields: dict[tuple[str, int], Field] = {}

    def field_of(path: str, conditions: tuple[Condition, ...]) -> Field:
        key = (path, id(conditions))
        if key not in fields:
            fields[key] = Field(path, conditions, _alone_from(path, counts))
        return fields[key]

    return [[field_of(path, alternative[path]) for path in in_order(alternative)] for alternative in alternatives]


def _beginnings(path: str) -> Iterator[str]:
    dot = path.find(".")
    while dot >= 0:
        yield path[:dot]
        dot = path.find(".", dot + 1)
    yield path


def _alone_from(path: str, counts: Counter[str]) -> int:
    """Return the place after the first beginning of a path that no other path has."""
    return next((end_of(beginning) for beginning in _beginnings(path) if counts[beginning] == 1), end_of(path) + 1)
