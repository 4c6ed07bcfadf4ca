"""What a plain `assert` says when it compares captured events with expected ones."""

from __future__ import annotations

from typing import Any

from pytest_eventbridge._differences import explain
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._explanation import explain_unmet
from pytest_eventbridge._messages import difference_lines, event_line, expectation_lines
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import CapturedSequence
from pytest_eventbridge._wording import counted, shown_path


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
    if op == "in" and isinstance(left, ExpectedEvent) and isinstance(right, CapturedSequence):
        lines, _ = explain_unmet(left, right.recorder, presentation, collection=right.collection)
        return [f"the expected event in {counted(len(right), 'captured event')}", *lines]
    if op != "==":
        return None
    if isinstance(left, ExpectedEvent) or _has_expected(left):
        left, right = right, left
    if isinstance(left, CapturedEvent) and isinstance(right, ExpectedEvent):
        return ["the captured event == the expected event", *_event_against(right, left, presentation)]
    if _has_captured(left) and _has_expected(right):
        events: Any = left  # a list, or a view of one
        return _explain_lists(list(events), right, presentation)
    return None


def _explain_lists(events: list[Any], expected: list[Any], presentation: Presentation) -> list[str]:
    lines = [f"{counted(len(events), 'captured event')} == {counted(len(expected), 'expected event')}"]
    for index, (event, one) in enumerate(zip(events, expected, strict=False)):
        if event != one and isinstance(event, CapturedEvent) and isinstance(one, ExpectedEvent):
            lines += [f"[{index}] does not match:", *_event_against(one, event, presentation)]
        elif event != one:
            lines.append(f"[{index}] differs: expected {one!r}, got {event!r}")
    for index, event in enumerate(events[len(expected) :], len(expected)):
        lines.append(f"[{index}] is one too many: {event_line(event, presentation.width)}")
    for index, one in enumerate(expected[len(events) :], len(events)):
        lines += [f"[{index}] is missing:", *expectation_lines(one, presentation)]
    return lines


def _event_against(expected: ExpectedEvent, event: CapturedEvent, presentation: Presentation) -> list[str]:
    differences = explain(expected, event, expected.mismatches(event))
    return [
        f"  {event_line(event, presentation.width - 2)}",
        f"  sent from {shown_path(event.sent_from)}",
        *difference_lines(differences, event, presentation),
    ]


def _has_captured(value: Any) -> bool:
    if isinstance(value, CapturedSequence):
        return True
    return isinstance(value, list) and any(isinstance(member, CapturedEvent) for member in value)


def _has_expected(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(member, ExpectedEvent) for member in value)
