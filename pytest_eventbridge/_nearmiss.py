"""Which captured events came closest to an expectation, and where they differ.

The only module that imports deepdiff, and only once an assertion has failed.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_eventbridge._detail import with_room
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._matching import ABSENT, Exactly, Mismatch, iter_mismatches, key_path
from pytest_eventbridge._model import CapturedEvent

# Of many events only the most promising are compared in full: decoding each Detail takes most of the time.
_COMPARED_COUNT: Final = 200

# Lists longer than this are shown as a whole: aligning two lists takes time with the product of their lengths.
_ALIGNED_LENGTH: Final = 200
# And lists that nest deeper than this: deepdiff recurses.
_ALIGNED_DEPTH: Final = 50

_JSON_SCALARS: Final = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A mismatch, as a reader wants it explained.

    Attributes:
        path: Where.
        expected: The expected value or matcher; `ABSENT` when nothing was to be there.
        actual: The captured value; `ABSENT` when nothing is there.
        moved_from: Where the value was expected when it is elsewhere in the same list; else `None`.
        is_reordered: Whether a list has the expected elements, in another order.
    """

    path: str
    expected: Any
    actual: Any
    moved_from: str | None = None
    is_reordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A captured event that does not match an expectation, with what differs.

    Attributes:
        event: The captured event.
        index: Its 0-based place among the events that the assertion looked at.
        mismatches: What differs, in the order of the criteria.
        differences: The same, with lists taken apart into the elements that are missing, too many, changed or moved.
    """

    event: CapturedEvent
    index: int
    mismatches: tuple[Mismatch, ...]
    differences: tuple[Difference, ...]


def find_near_misses(
    expected: ExpectedEvent, events: Sequence[CapturedEvent], count: int, *, among: Sequence[int] | None = None
) -> list[NearMiss]:
    """Return the events that came closest to an expectation, the closest first.

    The source and the detail type say what kind of event it is, so missing one of them weighs most; then the fewer
    criteria an event misses, the closer it is; among equals, the fewer differences; then the order of capture.

    Args:
        expected: The expectation.
        events: The captured events; those that match are left out.
        count: How many to return.
        among: The places of the events that come into question; `None`: all.
    """
    indices: Iterable[int] = range(len(events)) if among is None else among
    if len(events) > _COMPARED_COUNT:
        score = _Score(expected)
        promising = heapq.nsmallest(_COMPARED_COUNT, ((score(events[index]), index) for index in indices))
        indices = (index for _, index in promising)
    ranked = heapq.nsmallest(count, _iter_ranked(expected, events, indices))
    return [
        NearMiss(
            event=events[index],
            index=index,
            mismatches=tuple(mismatches),
            differences=tuple(explain(expected, events[index], mismatches)),
        )
        for _, index, mismatches in ranked
    ]


def explain(expected: ExpectedEvent, event: CapturedEvent, mismatches: Iterable[Mismatch]) -> Iterator[Difference]:
    """Yield the differences behind an event's mismatches, with lists taken apart."""
    detail = event.compared_detail()
    reordered = with_room(lambda one: list(_iter_reordered(one, detail, "detail")), expected.criteria.get("detail"))
    yield from reordered
    for mismatch in mismatches:
        if any(mismatch.path.startswith(f"{difference.path}[") for difference in reordered):
            continue
        wanted, actual = _bare(mismatch.expected), mismatch.actual
        if isinstance(wanted, list) and isinstance(actual, list) and _can_be_taken_apart(wanted, actual):
            yield from _list_differences(mismatch.path, wanted, actual)
        else:
            yield Difference(path=mismatch.path, expected=mismatch.expected, actual=actual)


def _iter_reordered(expected: Any, actual: Any, path: str) -> Iterator[Difference]:
    """Yield a difference for each list that has the expected elements in another order."""
    expected = _bare(expected)
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, member in expected.items():
            yield from _iter_reordered(member, actual.get(key), key_path(path, key))
    elif isinstance(expected, list) and isinstance(actual, list):
        if expected != actual and _is_plain(expected) and _as_texts(expected) == _as_texts(actual):
            yield Difference(path=path, expected=expected, actual=actual, is_reordered=True)
        else:
            for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
                yield from _iter_reordered(one, other, f"{path}[{index}]")


def _as_texts(values: list[Any]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True) for value in values)


def _bare(expected: Any) -> Any:
    return expected.value if isinstance(expected, Exactly) else expected


class _Score:
    """How far an event seems from an expectation, told without decoding its `Detail`. Lower is closer."""

    def __init__(self, expected: ExpectedEvent) -> None:
        outer = {name: value for name, value in expected.criteria.items() if name in ("source", "detail_type")}
        self._outer = ExpectedEvent(**outer)
        self._leaves = list(_iter_leaf_texts(expected.criteria.get("detail")))

    def __call__(self, event: CapturedEvent) -> tuple[int, int]:
        text = event.detail_json
        return len(self._outer.mismatches(event)), sum(leaf not in text for leaf in self._leaves)


def _iter_leaf_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Exactly):
        yield from _iter_leaf_texts(value.value)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield json.dumps(key)
            yield from _iter_leaf_texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _iter_leaf_texts(member)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield json.dumps(value)


def _iter_ranked(
    expected: ExpectedEvent, events: Sequence[CapturedEvent], indices: Iterable[int]
) -> Iterator[tuple[tuple[int, int, int], int, list[Mismatch]]]:
    for index in indices:
        mismatches = expected.mismatches(events[index])
        if mismatches:
            paths = [mismatch.path for mismatch in mismatches]
            of_another_kind = sum(path in ("source", "detail_type") for path in paths)
            missed_criteria = len({criterion_of(path) for path in paths})
            yield (of_another_kind, missed_criteria, len(paths)), index, mismatches


def criterion_of(path: str) -> str:
    """Return the criterion that a mismatch's path begins with."""
    return path.partition(".")[0].partition("[")[0]


def _is_plain(value: Any) -> bool:
    """Say whether a value is JSON through and through; deepdiff knows nothing of matchers."""
    if isinstance(value, dict):
        return all(_is_plain(member) for member in value.values())
    if isinstance(value, list):
        return all(_is_plain(member) for member in value)
    return isinstance(value, _JSON_SCALARS)


def _can_be_taken_apart(expected: list[Any], actual: list[Any]) -> bool:
    if max(len(expected), len(actual)) > _ALIGNED_LENGTH:
        return False
    return with_room(_is_plain, expected) and max(_depth(expected), _depth(actual)) <= _ALIGNED_DEPTH


def _depth(value: Any) -> int:
    """Return how deep lists and objects nest, with the containers of each level in turn."""
    depth, level = 0, [value]
    while level:
        depth += 1
        members = [member for one in level for member in (one.values() if isinstance(one, dict) else one)]
        level = [member for member in members if isinstance(member, (dict, list))]
    return depth


def _list_differences(path: str, expected: list[Any], actual: list[Any]) -> list[Difference]:
    """Take two lists of different length apart: which elements are missing, too many, moved or changed."""
    from deepdiff import DeepDiff  # imported here because only a failed assertion needs it

    keys = {key for member in expected if isinstance(member, dict) for key in member}
    # What no expected element mentions is no difference, and would keep deepdiff from aligning the elements.
    mentioned = [
        {key: value for key, value in member.items() if key in keys} if isinstance(member, dict) else member
        for member in actual
    ]
    levels = DeepDiff(expected, mentioned, view="tree")
    found: list[tuple[Any, Difference]] = []
    for kind in ("values_changed", "type_changes"):
        for level in levels.get(kind, ()):
            mismatches = iter_mismatches(level.t1, level.t2, _path_of(level, path))
            found += [
                (_order_of(level), Difference(path=one.path, expected=one.expected, actual=one.actual))
                for one in mismatches
            ]
    added = {_path_of(level, path): level for level in levels.get("iterable_item_added", ())}

    def whole(level: Any) -> Any:
        steps = level.path(output_format="list")
        return actual[steps[0]] if len(steps) == 1 else level.t2

    for kind in ("iterable_item_removed", "dictionary_item_removed"):
        for level in levels.get(kind, ()):
            old_path, value = _path_of(level, path), level.t1
            new_path = next((new for new, one in added.items() if not any(iter_mismatches(value, one.t2, ""))), None)
            if new_path is None:
                found.append((_order_of(level), Difference(path=old_path, expected=value, actual=ABSENT)))
            else:
                moved = Difference(path=new_path, expected=value, actual=value, moved_from=old_path)
                found.append((_order_of(added.pop(new_path)), moved))
    found += [
        (_order_of(level), Difference(path=new_path, expected=ABSENT, actual=whole(level)))
        for new_path, level in added.items()
    ]
    return [difference for _, difference in sorted(found, key=lambda pair: pair[0])]


def _order_of(level: Any) -> list[tuple[bool, Any]]:
    return [(isinstance(step, str), step) for step in level.path(output_format="list")]


def _path_of(level: Any, path: str) -> str:
    for step in level.path(output_format="list"):
        path = f"{path}[{step}]" if isinstance(step, int) else key_path(path, step)
    return path
