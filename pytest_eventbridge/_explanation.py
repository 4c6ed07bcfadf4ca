"""Why an expectation is not met: the lines that follow the headline of every such failure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._hints import Situation, find_hint
from pytest_eventbridge._messages import captured_lines, event_lines, expectation_lines, near_miss_lines
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._nearmiss import NearMiss, find_near_misses
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder


def explain_unmet(
    expected: ExpectedEvent,
    recorder: Recorder,
    presentation: Presentation,
    *,
    collection: str = "events",
    matching: Sequence[CapturedEvent] = (),
    are_too_many: bool = False,
    is_wanted: bool = True,
    start: int = 0,
) -> tuple[list[str], list[NearMiss]]:
    """Explain an expectation that too few or too many captured events meet.

    Args:
        expected: The expectation.
        recorder: What was captured.
        presentation: The budget of the text.
        collection: Where the expectation looked: `"events"` or `"failed_entries"`.
        matching: The events there that meet it.
        are_too_many: Whether more meet it than should, so that none was missed.
        is_wanted: Whether any should meet it.
        start: The place in the collection from which on it looked.

    Returns:
        The lines, and the near misses among them.
    """
    events = list(getattr(recorder, collection))
    near_misses: list[NearMiss] = []
    lines: list[str] = []
    if not are_too_many:
        among = range(start, len(events))
        near_misses = find_near_misses(expected, events, presentation.near_miss_count, among=among)
        if collection == "events":
            situation = Situation(
                expected=expected, recorder=recorder, near_misses=near_misses, is_met_by_some=bool(matching)
            )
            hint = find_hint(situation)
            lines += [hint] if hint is not None else []
    lines += ["Expected:" if is_wanted else "Not expected:", *expectation_lines(expected, presentation)]
    if matching:
        those = set(map(id, matching))
        rows = [(f"{collection}[{index}]", event) for index, event in enumerate(events) if id(event) in those]
        lines += event_lines("Matching:", rows, presentation)
    lines += near_miss_lines(near_misses, collection, presentation)
    lines += captured_lines(recorder, presentation, [*matching, *(near_miss.event for near_miss in near_misses)])
    return lines, near_misses
