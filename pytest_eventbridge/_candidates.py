"""Which of many expectations each of many events meets, without comparing each with each.

Expectations that differ in a plain value (an order id) are found by that value, so that the time grows with the number
of pairs that come into question, not with the product of both numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final, TypeAlias

from pytest_eventbridge._conditions import KIND, OpenedEvent
from pytest_eventbridge._detail_text import (
    Scalar,
    iter_scalars_of,
    may_spell_otherwise,
    plain_text,
    quoted,
    scalar_of,
)
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._matching import ABSENT, Exactly
from pytest_eventbridge._model import CapturedEvent

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# The keys that lead to a scalar in Detail.
_Path: TypeAlias = "tuple[str, ...]"

# Beyond so many plain values, one more makes no expectation easier to find.
_MAX_VALUES: Final = 50


def find_matching(expected: Sequence[ExpectedEvent], events: Sequence[CapturedEvent]) -> list[list[int]]:
    """Return for each expectation the places of the events that match it, in their order.

    Each `Detail` is decoded once at most, and not kept. Expectations with the same plain criteria share one list.
    """
    distinct = {_key_of(one): one for one in expected}
    matching: dict[Hashable, list[int]] = {key: [] for key in distinct}
    lists = list(matching.values())
    search = _Search(list(distinct.values()))
    for place, event in enumerate(events):
        for number in search.iter_matching(event):
            lists[number].append(place)
    return [matching[_key_of(one)] for one in expected]


@dataclass(slots=True)
class _Group:
    """Expectations that demand the same source and the same detail type, or leave them open.

    Attributes:
        by_value: By the path of a plain value in `Detail`, and by that value: the numbers of the expectations.
        others: The numbers of those that demand no plain value there.
    """

    by_value: dict[_Path, dict[Scalar | None, list[int]]] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)

    def iter_candidates(self, opened: OpenedEvent) -> Iterator[int]:
        yield from self.others
        text = opened.event.detail_json
        for path, numbers in self.by_value.items():
            if _may_lead_to(path, numbers, text):
                yield from numbers.get(_scalar_at(path, opened.detail()), ())


class _Search:
    """Finds those of many expectations that an event meets."""

    def __init__(self, expected: list[ExpectedEvent]) -> None:
        self._expected = expected
        self._groups: dict[tuple[str | None, ...], _Group] = {}
        values = [list(_iter_values(one.criteria.get("detail")))[:_MAX_VALUES] for one in expected]
        frequencies = Counter(value for of_one in values for value in of_one)
        for number, (one, of_one) in enumerate(zip(expected, values, strict=True)):
            kind = tuple(plain_text(one.criteria.get(name)) for name in KIND)
            group = self._groups.setdefault(kind, _Group())
            if of_one:
                path, scalar = min(of_one, key=frequencies.__getitem__)  # the rarest tells most
                group.by_value.setdefault(path, {}).setdefault(scalar, []).append(number)
            else:
                group.others.append(number)

    def iter_matching(self, event: CapturedEvent) -> Iterator[int]:
        """Yield the numbers of the expectations that an event meets."""
        opened = OpenedEvent(event, is_shared=True)
        for kind in product((event.source, None), (event.detail_type, None)):
            group = self._groups.get(kind)
            if group is not None:
                for number in group.iter_candidates(opened):
                    if self._expected[number].matches_opened(opened):
                        yield number


def _key_of(expected: ExpectedEvent) -> Hashable:
    """Return the same for expectations that are met by the same events; at least for those of plain values."""
    criteria = expected.criteria
    outer = tuple((name, plain_text(value)) for name, value in criteria.items() if name != "detail")
    detail = _frozen(criteria.get("detail", {}))
    is_plain = detail is not None and all(text is not None for _, text in outer)
    return (outer, detail) if is_plain else id(expected)


def _frozen(value: Any) -> Hashable | None:
    """Return what equal plain dicts have in common; `None` when there is more in them than scalars and dicts."""
    if not isinstance(value, dict):
        return None
    scalars = {key: scalar_of(member) for key, member in value.items()}
    return None if None in scalars.values() else frozenset(scalars.items())


def _iter_values(expected: Any) -> Iterator[tuple[_Path, Scalar]]:
    """Yield each plain value that an expected `Detail` demands at a path of keys, the outermost first."""
    level: list[tuple[_Path, Any]] = [((), expected)]
    while level:
        inner: list[tuple[_Path, Any]] = []
        for path, value in level:
            value = value.value if isinstance(value, Exactly) else value
            if isinstance(value, dict):
                inner += [((*path, key), member) for key, member in value.items()]
            elif path and (scalar := scalar_of(value)) is not None:
                yield path, scalar
        level = inner


def _scalar_at(path: _Path, value: Any) -> Scalar | None:
    for key in path:
        value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
    return scalar_of(value)


def _may_lead_to(path: _Path, scalars: Container[Scalar | None], text: str) -> bool:
    """Say whether a text may hold one of the values at the path, as told from the path's last key."""
    quoted_key = quoted(path[-1])
    if quoted_key is None:
        return True
    is_there = any(scalar is None or scalar in scalars for scalar in iter_scalars_of(text, quoted_key))
    return is_there or may_spell_otherwise(text)
