"""A field of a pattern: a path, what is demanded there, and the fastest way to look.

Most events have objects on the way and a leaf, or a list of leaves, at the end; the checks here are made for these, and
leave anything else to a walk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pytest_eventbridge._pattern._conditions import Absent, Condition, Test, Text, any_of
from pytest_eventbridge._pattern._values import MISSING, PLAIN, end_of
from pytest_eventbridge._pattern._walk import walker

# Whether a field holds for an event; `None` where that depends on other fields.
Check: TypeAlias = Callable[[Any], "bool | None"]

# Steps for which the names with dots are put together ahead; each further step would add as many again.
MAX_PREPARED_STEPS: Final = 8


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
        is_alone: Whether no other path begins with the same step.
    """

    __slots__ = ("allows_absent", "check", "conditions", "is_alone", "path", "test")

    def __init__(self, path: str, conditions: tuple[Condition, ...], alone_from: int) -> None:
        self.path = path
        self.conditions = conditions
        self.test: Test = any_of(conditions)
        self.allows_absent = any(isinstance(condition, Absent) for condition in conditions)
        self.check: Check = self._make_check(alone_from)
        self.is_alone = alone_from <= end_of(path.partition(".")[0])

    def _make_check(self, alone_from: int) -> Check:
        walk = walker(self.path, self.test, self.allows_absent, alone_from)
        steps = self.path.split(".")
        if len(steps) > MAX_PREPARED_STEPS:
            return walk
        look_on = self._make_further_look(alone_from > end_of(self.path), walk)
        if len(steps) > 1:
            return _deep_check(steps, alone_from, self.test, self.allows_absent, look_on)
        texts = frozenset(condition.value for condition in self.conditions if isinstance(condition, Text))
        if len(texts) == len(self.conditions):
            return _text_check(self.path, texts, look_on)
        return _shallow_check(self.path, self.test, look_on)

    def _make_further_look(self, is_shared: bool, walk: Check) -> Callable[[Any, Any], bool | None]:
        """Return a function of what stands at the end of the path, where that is no leaf, and of the event."""
        test, allows_absent = self.test, self.allows_absent

        def look_on(value: Any, event: Any) -> bool | None:
            if value is MISSING:
                return allows_absent
            if type(value) is not list:
                return walk(event)
            if is_shared:
                return None
            for element in value:
                if type(element) not in PLAIN:
                    return walk(event)
                if test(element):
                    return True
            return allows_absent and not value

        return look_on

    @property
    def cost(self) -> tuple[int, bool, int, int]:
        """How early to look: `source` and `detail-type` first, then what is near and simple."""
        first = {"source": 0, "detail-type": 1}.get(self.path, 2)
        complexity = sum(not isinstance(condition, Text) for condition in self.conditions)
        return first, not self.is_alone, self.path.count("."), complexity


def _text_check(name: str, texts: frozenset[str], look_on: Callable[[Any, Any], bool | None]) -> Check:
    def check(event: Any) -> bool | None:
        value = event.get(name, MISSING)
        if type(value) is str:
            return value in texts
        return False if type(value) in PLAIN else look_on(value, event)

    return check


def _shallow_check(name: str, test: Test, look_on: Callable[[Any, Any], bool | None]) -> Check:
    def check(event: Any) -> bool | None:
        value = event.get(name, MISSING)
        return test(value) if type(value) in PLAIN else look_on(value, event)

    return check


def _deep_check(
    steps: list[str], alone_from: int, test: Test, allows_absent: bool, look_on: Callable[[Any, Any], bool | None]
) -> Check:
    # With each step but the last: whether other paths go the same way after it, and the names that would take it and
    # more at once.
    plan = [
        (
            step,
            end_of(".".join(steps[: place + 1])) < alone_from,
            [".".join(steps[place:end]) for end in range(place + 2, len(steps) + 1)],
        )
        for place, step in enumerate(steps[:-1])
    ]
    last = steps[-1]

    def check(event: Any) -> bool | None:
        value = event
        for step, is_shared, longer_names in plan:
            for name in longer_names:
                if name in value:
                    return look_on(event, event)
            value = value.get(step, MISSING)
            if type(value) is not dict:
                if value is MISSING:
                    return allows_absent
                return None if is_shared and type(value) is list else look_on(event, event)
        value = value.get(last, MISSING)
        return test(value) if type(value) in PLAIN else look_on(value, event)

    return check
