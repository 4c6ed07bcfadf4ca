"""Which captured events came closest to an expectation, and where they differ.

The only module that imports deepdiff, and only once an assertion has failed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._matching import ABSENT, Mismatch, iter_mismatches
from pytest_eventbridge._model import CapturedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A captured event that does not match an expectation, with what differs.

    Attributes:
        event: The captured event.
        index: Its 0-based place among the events that the assertion looked at.
        mismatches: What differs, in the order of the criteria. Two lists of different length are taken apart into
            the elements that were added and removed.
    """

    event: CapturedEvent
    index: int
    mismatches: tuple[Mismatch, ...]


def find_near_misses(expected: ExpectedEvent, events: Iterable[CapturedEvent], count: int) -> list[NearMiss]:
    """Return the events that came closest to an expectation, the closest first.

    The fewer criteria an event misses, the closer it is; among equals, the fewer differences; then the order of
    capture. The source and the detail type say what kind of event it is, so missing one of them weighs most.

    Args:
        expected: The expectation.
        events: The captured events; those that match are left out.
        count: How many to return.
    """
    ranked = heapq.nsmallest(count, _iter_ranked(expected, events))
    return [
        NearMiss(event=event, index=index, mismatches=tuple(_iter_explained(mismatches)))
        for _, index, event, mismatches in ranked
    ]


def _iter_ranked(
    expected: ExpectedEvent, events: Iterable[CapturedEvent]
) -> Iterator[tuple[tuple[int, int, int], int, CapturedEvent, list[Mismatch]]]:
    for index, event in enumerate(events):
        mismatches = expected.mismatches(event)
        if mismatches:
            paths = [mismatch.path for mismatch in mismatches]
            of_another_kind = sum(path in ("source", "detail_type") for path in paths)
            missed_criteria = len({path.partition(".")[0].partition("[")[0] for path in paths})
            yield (of_another_kind, missed_criteria, len(paths)), index, event, mismatches


def _iter_explained(mismatches: Iterable[Mismatch]) -> Iterator[Mismatch]:
    for mismatch in mismatches:
        if isinstance(mismatch.expected, list) and isinstance(mismatch.actual, list):
            yield from _iter_list_differences(mismatch)
        else:
            yield mismatch


def _iter_list_differences(mismatch: Mismatch) -> Iterator[Mismatch]:
    """Take a mismatch between lists of different length apart: which elements are missing, which are too many."""
    from deepdiff import DeepDiff  # imported here because only a failed assertion needs it

    differences = DeepDiff(mismatch.expected, mismatch.actual, view="tree", verbose_level=2)
    found: list[Mismatch] = []
    for kind in ("iterable_item_removed", "iterable_item_added", "values_changed", "type_changes"):
        for level in differences.get(kind, ()):
            path = mismatch.path + level.path(root="", output_format="str")
            expected = ABSENT if kind == "iterable_item_added" else level.t1
            actual: Any = ABSENT if kind == "iterable_item_removed" else level.t2
            # deepdiff knows nothing of matchers: what they accept it takes for a change.
            found += iter_mismatches(expected, actual, path)
    yield from found or [mismatch]
