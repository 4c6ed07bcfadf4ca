"""Why an event does not match: which conditions failed against which values, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from pytest_eventbridge._pattern._conditions import Condition
from pytest_eventbridge._pattern._consistency import hold_together
from pytest_eventbridge._pattern._fields import Field
from pytest_eventbridge._pattern._walk import leaves_at

# Values of one path that an explanation keeps; the message shows fewer still.
_MAX_VALUES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No value of a path meets a condition.

    Attributes:
        path: The field's path.
        conditions: Of which one would have had to hold.
        values: The leaves that are there, the first of them; none when there is no leaf.
    """

    path: str
    conditions: tuple[Condition, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Each of some fields holds for itself, but not in one element of an array.

    Attributes:
        path: What the fields' paths have in common; `""` when that is nothing.
        fields: The rest of each path, and its conditions.
    """

    path: str
    fields: tuple[tuple[str, tuple[Condition, ...]], ...]


Reason: TypeAlias = Failed | Apart


def find_reasons(alternatives: Sequence[Sequence[Field]], event: dict[str, Any]) -> list[Reason]:
    """Return why an event does not match; of the alternatives, about the one of which the fewest conditions fail.

    Args:
        alternatives: The fields of each, in the service's order.
        event: An envelope that no alternative matches.
    """
    known: dict[Field, Failed | None] = {}
    for alternative in alternatives:
        for field in alternative:
            if field not in known:
                known[field] = _failure_of(field, event)
    failures = [[known[field] for field in alternative if known[field] is not None] for alternative in alternatives]
    closest = min(range(len(alternatives)), key=lambda index: len(failures[index]))
    reasons: list[Reason] = [failure for failure in failures[closest] if failure is not None]
    reasons.sort(key=lambda reason: "." in reason.path)  # what is on the envelope first
    return reasons or list(_groups_apart(alternatives[closest], event))


def _failure_of(field: Field, event: dict[str, Any]) -> Failed | None:
    values = []
    for leaf in leaves_at(event, field.path):
        if field.test(leaf):
            return None
        values.append(leaf)
    if field.allows_absent and not values:
        return None
    return Failed(path=field.path, conditions=field.conditions, values=tuple(islice(values, _MAX_VALUES)))


def _groups_apart(fields: Sequence[Field], event: dict[str, Any]) -> Iterator[Apart]:
    """Yield the smallest groups of fields, by what their paths have in common, that do not hold together."""
    found: list[str] = []
    for beginning in sorted({*_common_beginnings(fields), ""}, key=len, reverse=True):
        if any(_is_under(path, beginning) for path in found):
            continue
        group = [field for field in fields if _is_under(field.path, beginning)]
        if not hold_together(group, event):
            found.append(beginning)
            start = len(beginning) + 1 if beginning else 0
            yield Apart(path=beginning, fields=tuple((field.path[start:], field.conditions) for field in group))


def _common_beginnings(fields: Iterable[Field]) -> Iterator[str]:
    seen: set[str] = set()
    for field in fields:
        steps = field.path.split(".")
        for count in range(1, len(steps) + 1):
            beginning = ".".join(steps[:count])
            if beginning in seen:
                yield beginning
            seen.add(beginning)


def _is_under(path: str, beginning: str) -> bool:
    return not beginning or path == beginning or path.startswith(f"{beginning}.")
