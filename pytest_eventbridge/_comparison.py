"""What a plain `assert` says when it compares captured events with expected ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from pytest_eventbridge._differences import explain
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._explanation import explain_unmet
from pytest_eventbridge._matching import ABSENT
from pytest_eventbridge._messages import (
    difference_lines,
    event_line,
    expectation_lines,
    near_miss_lines,
    row_lines,
)
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._nearmiss import find_near_misses
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import CapturedSequence
from pytest_eventbridge._wording import counted, more_lines, shown_path, shown_value


def explain_comparison(op: str, left: Any, right: Any, presentation: Presentation) -> list[str] | None:
    """Explain a comparison that did not hold, in the form that `pytest_assertrepr_compare` wants.

    Args:
        op: The operator: `"=="`, `"in"`, ...
        left: Its left operand.
        right: Its right operand.
        presentation: The budget of the text.

    Returns:
        The lines; `None` for a comparison that is not one of captured events with expected ones.
    """
    if op in ("in", "not in"):
        events = _captured_events(right)
        is_ours = isinstance(left, ExpectedEvent) and events is not None
        return _explain_membership(op, left, right, events or [], presentation) if is_ours else None
    if op != "==":
        return None
    if isinstance(left, ExpectedEvent) or _has_expected(left):
        left, right = right, left
    if isinstance(left, CapturedEvent) and isinstance(right, ExpectedEvent):
        return ["the captured event == the expected event", *_event_against(right, left, presentation)]
    events = _captured_events(left)
    if events is not None and _has_expected(right):
        return _explain_lists(left, events, right, presentation)
    return None


def _explain_membership(
    op: str, expected: ExpectedEvent, collection: Any, events: list[CapturedEvent], presentation: Presentation
) -> list[str]:
    lines = [f"the expected event {op} {counted(len(events), 'captured event')}"]
    if op == "in" and isinstance(collection, CapturedSequence):
        unmet, _ = explain_unmet(expected, collection.recorder, presentation, collection=collection.collection)
        return lines + unmet
    name = collection.collection if isinstance(collection, CapturedSequence) else ""
    lines += ["Not expected:" if op == "not in" else "Expected:", *expectation_lines(expected, presentation)]
    rows = [(f"{name}[{index}]", event) for index, event in enumerate(events)]
    if op == "not in":
        return lines + row_lines("Matching:", [row for row in rows if expected.matches(row[1])], presentation)
    near_misses = find_near_misses(expected, events, presentation.near_miss_count)
    shown = {near_miss.index for near_miss in near_misses}
    others = [row for index, row in enumerate(rows) if index not in shown]
    lines += near_miss_lines(near_misses, name, presentation)
    return lines + (row_lines("The others:", others, presentation) if others else [])


def _explain_lists(
    captured: Any, events: list[CapturedEvent], expected: Sequence[Any], presentation: Presentation
) -> list[str]:
    lines = [f"{counted(len(events), 'captured event')} == {counted(len(expected), 'expected event')}"]
    if isinstance(captured, tuple) != isinstance(expected, tuple):
        lines.append("A tuple equals no list, whatever is in them. Compare with a list.")
    pairs = list(zip_longest(events, expected, fillvalue=ABSENT))
    differing = [index for index, (event, one) in enumerate(pairs) if event != one]
    for index in differing[: presentation.listed_count]:
        lines += _pair_lines(f"[{index}]", *pairs[index], presentation)
    return lines + more_lines(len(differing), presentation.listed_count, indent="")


def _pair_lines(place: str, event: Any, expected: Any, presentation: Presentation) -> list[str]:
    if expected is ABSENT:
        return [f"{place} is one too many: {event_line(event, presentation.width)}"]
    if not isinstance(expected, ExpectedEvent):
        width = max(presentation.width - 40, 20)
        got = "nothing" if event is ABSENT else shown_value(event, width)
        return [f"{place} differs: expected {shown_value(expected, width)}, got {got}"]
    if event is ABSENT:
        return [f"{place} is missing:", *expectation_lines(expected, presentation)]
    return [f"{place} does not match:", *_event_against(expected, event, presentation)]


def _event_against(expected: ExpectedEvent, event: CapturedEvent, presentation: Presentation) -> list[str]:
    differences = explain(expected, event, expected.mismatches(event))
    return [
        f"  {event_line(event, presentation.width - 2)}",
        f"  sent from {shown_path(event.sent_from)}",
        *difference_lines(differences, event, presentation),
    ]


def _captured_events(value: Any) -> list[CapturedEvent] | None:
    """Return the captured events in a view, a list or a tuple; `None` when something else is in it."""
    if isinstance(value, CapturedSequence) and value.collection == "calls":
        return None
    if isinstance(value, (CapturedSequence, list, tuple)) and all(isinstance(one, CapturedEvent) for one in value):
        return list(value)
    return None


def _has_expected(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(member, ExpectedEvent) for member in value)
