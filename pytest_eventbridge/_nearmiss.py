"""Which captured events came closest to an expectation."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_eventbridge._conditions import KIND
from pytest_eventbridge._detail_text import OpenedText, TextCheck
from pytest_eventbridge._differences import Difference, explain
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._matching import Mismatch
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._wording import equal_length

# Of many events only the most promising are compared in full: decoding each Detail takes most of the time.
_COMPARED_COUNT: Final = 50

# Of an event's mismatches so many, and of their texts so many characters, decide among events that are equally close.
_TEXT_COUNT: Final = 5
_TEXT_LENGTH: Final = 100


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


class NearMissSearch:
    """Finds the events that came closest to an expectation, or to each of several.

    Args:
        events: The captured events.
    """

    def __init__(self, events: Sequence[CapturedEvent]) -> None:
        self._events = events
        self._texts: dict[int, OpenedText] = {}

    def find(self, expected: ExpectedEvent, count: int, *, among: Sequence[int] | None = None) -> list[NearMiss]:
        """Return the events that came closest to an expectation, the closest first.

        The source and the detail type say what kind of event it is, so missing one of them weighs most; then the fewer
        criteria an event misses, the closer it is; among equals, the fewer differences; then the less of the texts that
        differ; then the order of capture.

        Args:
            expected: The expectation; the events that match it are left out.
            count: How many to return.
            among: The places of the events that come into question; `None`: all.
        """
        indices: Sequence[int] = range(len(self._events)) if among is None else among
        if len(indices) > _COMPARED_COUNT:
            indices = self._most_promising(expected, indices)
        ranked = heapq.nsmallest(count, _iter_ranked(expected, self._events, indices))
        return [
            NearMiss(
                event=self._events[index],
                index=index,
                mismatches=tuple(mismatches),
                differences=tuple(explain(expected, self._events[index], mismatches)),
            )
            for _, index, mismatches in ranked
        ]

    def _most_promising(self, expected: ExpectedEvent, indices: Sequence[int]) -> list[int]:
        """Return the places of the events that seem closest, told without decoding a `Detail`."""
        text_check = TextCheck(expected.criteria.get("detail"))
        promising: list[int] = []
        for alike in self._by_kind(expected, indices):
            distances = ((text_check.distance(self._text(index)), distance, index) for distance, index in alike)
            promising += [index for *_, index in heapq.nsmallest(_COMPARED_COUNT - len(promising), distances)]
        return promising

    def _by_kind(self, expected: ExpectedEvent, indices: Sequence[int]) -> list[list[tuple[float, int]]]:
        """Return the places of the events of the right kind, of those that are so in part, and of the others.

        Each with how far the texts of its kind are from those expected.
        """
        kind = ExpectedEvent(**{name: value for name, value in expected.criteria.items() if name in KIND})
        known: dict[tuple[str, str], tuple[int, float]] = {}
        by_mismatch_count: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for index in indices:
            event = self._events[index]
            if (event.source, event.detail_type) not in known:
                mismatches = kind.mismatches(event)
                known[event.source, event.detail_type] = len(mismatches), _text_distance(mismatches)
            mismatch_count, distance = known[event.source, event.detail_type]
            by_mismatch_count[mismatch_count].append((distance, index))
        return [alike for _, alike in sorted(by_mismatch_count.items())]

    def _text(self, index: int) -> OpenedText:
        if index not in self._texts:
            self._texts[index] = OpenedText(self._events[index].detail_json)
        return self._texts[index]


def find_near_misses(
    expected: ExpectedEvent, events: Sequence[CapturedEvent], count: int, *, among: Sequence[int] | None = None
) -> list[NearMiss]:
    """Return the events that came closest to one expectation: see `NearMissSearch.find`."""
    return NearMissSearch(events).find(expected, count, among=among)


def _iter_ranked(
    expected: ExpectedEvent, events: Sequence[CapturedEvent], indices: Iterable[int]
) -> Iterator[tuple[tuple[int, int, int, float], int, list[Mismatch]]]:
    for index in indices:
        mismatches = expected.mismatches(events[index])
        if mismatches:
            paths = [mismatch.path for mismatch in mismatches]
            of_another_kind = sum(path in ("source", "detail_type") for path in paths)
            missed_criteria = len({criterion_of(path) for path in paths})
            yield (of_another_kind, missed_criteria, len(paths), _text_distance(mismatches)), index, mismatches


def _text_distance(mismatches: Sequence[Mismatch]) -> float:
    """Return how much of the texts that differ does so: 0 where it is only the case, 1 for each wholly other value."""
    return sum(_differing_part(mismatch.expected, mismatch.actual) for mismatch in mismatches[:_TEXT_COUNT])


def _differing_part(expected: Any, actual: Any) -> float:
    """Return the part of the longer text that is neither at the beginning nor at the end of both."""
    if not isinstance(expected, str) or not isinstance(actual, str):
        return 1.0
    one, other = expected[:_TEXT_LENGTH].lower(), actual[:_TEXT_LENGTH].lower()
    if one == other:
        return 0.0
    start = equal_length(one, other)
    end = equal_length(one[start:][::-1], other[start:][::-1])
    length = max(len(one), len(other))
    return (length - start - end) / length


def criterion_of(path: str) -> str:
    """Return the criterion that a mismatch's path begins with."""
    return path.partition(".")[0].partition("[")[0]
