"""A field of a pattern: a path, what is demanded there, and the fastest way to look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pytest_eventbridge._pattern._conditions import Absent, Condition, Test, Text, any_of
from pytest_eventbridge._pattern._values import MISSING, PLAIN
from pytest_eventbridge._pattern._walk import walker

# Whether a field holds for an event; `None` where that depends on other fields.
Check: TypeAlias = Callable[[Any], "bool | None"]

# Steps for which the names with dots are put together ahead; each further step would add as many again.
_MAX_PREPARED_STEPS: Final = 8


class Field:
    """One path and its conditions.

    Args:
        path: Steps, joined by dots.
        conditions: Of which one must hold.
        alone_from: The place in the path from which on no other path of the pattern goes the same way.

    Attributes:
        test: Whether a leaf meets a condition.
        allows_absent: Whether a condition is that there be no leaf.
        check: Whether the field holds for an event.
    """

    __slots__ = ("allows_absent", "check", "conditions", "path", "test")

    def __init__(self, path: str, conditions: tuple[Condition, ...], alone_from: int) -> None:
        self.path = path
        self.conditions = conditions
        self.test: Test = any_of(conditions)
        self.allows_absent = any(isinstance(condition, Absent) for condition in conditions)
        self.check: Check = self._make_check(alone_from)

    def _make_check(self, alone_from: int) -> Check:
        walk = walker(self.path, self.test, self.allows_absent, alone_from)
        steps = self.path.split(".")
        if len(steps) > _MAX_PREPARED_STEPS:
            return walk
        if len(steps) > 1:
            return _deep_check(steps, self.test, self.allows_absent, walk)
        texts = frozenset(condition.value for condition in self.conditions if isinstance(condition, Text))
        if len(texts) == len(self.conditions):
            return _text_check(self.path, texts, walk)
        return _shallow_check(self.path, self.test, self.allows_absent, walk)

    @property
    def cost(self) -> tuple[bool, int, int]:
        """How early to look: `source` and `detail-type` first, then what is near and simple."""
        is_other = self.path not in ("source", "detail-type")
        complexity = sum(not isinstance(condition, Text) for condition in self.conditions)
        return is_other, self.path.count("."), complexity


def _text_check(name: str, texts: frozenset[str], walk: Check) -> Check:
    def check(event: Any) -> bool | None:
        value = event.get(name)
        if type(value) is str:
            return value in texts
        return walk(event)

    return check


def _shallow_check(name: str, test: Test, allows_absent: bool, walk: Check) -> Check:
    def check(event: Any) -> bool | None:
        value = event.get(name, MISSING)
        if type(value) in PLAIN:
            return test(value)
        return allows_absent if value is MISSING else walk(event)

    return check


def _deep_check(steps: list[str], test: Test, allows_absent: bool, walk: Check) -> Check:
    # With each step, the names that would take several at once.
    plan = [
        (step, [".".join(steps[place:end]) for end in range(place + 2, len(steps) + 1)])
        for place, step in enumerate(steps)
    ]
    (last, _), plan = plan[-1], plan[:-1]

    def check(event: Any) -> bool | None:
        value = event
        for step, longer_names in plan:
            for name in longer_names:
                if name in value:
                    return walk(event)
            value = value.get(step, MISSING)
            if type(value) is not dict:
                return allows_absent if value is MISSING else walk(event)
        value = value.get(last, MISSING)
        if type(value) in PLAIN:
            return test(value)
        return allows_absent if value is MISSING else walk(event)

    return check
