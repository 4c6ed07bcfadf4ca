"""Turning what an assertion found into text, last of all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pytest_eventbridge._detail import with_room
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._failures import InjectedFailure
from pytest_eventbridge._matching import ABSENT, Mismatch
from pytest_eventbridge._model import CapturedEvent, Origin
from pytest_eventbridge._nearmiss import NearMiss

_LISTED_COUNT: Final = 10
_VALUE_LENGTH: Final = 120


def counted(count: int, noun: str) -> str:
    """Return "1 event", "2 events", "2 entries"."""
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {plural}"


def shown_path(sent_from: str) -> str:
    """Return a `"path:line"` relative to the current directory when the path lies under it."""
    here = os.getcwd() + os.sep
    return sent_from.removeprefix(here)


def expectation_lines(expected: ExpectedEvent) -> list[str]:
    """Describe an expectation, a line for each criterion."""
    return [f"  {name}: {shown_value(value)}" for name, value in expected.criteria.items()] or ["  any event"]


def near_miss_lines(near_misses: Iterable[NearMiss], collection: str) -> list[str]:
    """Describe near misses: where each was sent from, and a line for each difference."""
    lines = []
    for number, near_miss in enumerate(near_misses):
        title = "Closest" if number == 0 else "Next"
        place = f"{collection}[{near_miss.index}], sent from {shown_path(near_miss.event.sent_from)}"
        lines += ["", f"{title}: {place}", *(f"  {mismatch_line(mismatch)}" for mismatch in near_miss.mismatches)]
    return lines


def mismatch_line(mismatch: Mismatch) -> str:
    """Describe one difference."""
    if mismatch.path == "where":
        return f"where: {shown_value(mismatch.expected)} said no"
    if mismatch.expected is ABSENT:
        return f"{mismatch.path}: expected nothing, got {shown_value(mismatch.actual)}"
    got = "it is missing" if mismatch.actual is ABSENT else f"got {shown_value(mismatch.actual)}"
    return f"{mismatch.path}: expected {shown_value(mismatch.expected)}, {got}"


def event_lines(title: str, events: Sequence[CapturedEvent], collection: str) -> list[str]:
    """List captured events, one line each, under a title; nothing when there are none."""
    if not events:
        return []
    lines = ["", title]
    lines += [f"  {collection}[{index}] {event_line(event)}" for index, event in enumerate(events[:_LISTED_COUNT])]
    if len(events) > _LISTED_COUNT:
        lines.append(f"  and {len(events) - _LISTED_COUNT} more")
    return lines


def event_line(event: CapturedEvent) -> str:
    """Describe a captured event in one line: event bus, source, detail type, head of the detail, outcome."""
    outcome = f"  failed: {event.error_code}" if event.error_code else ""
    kind = f"{event.event_bus}  {event.source or '(no source)'}  {event.detail_type or '(no detail type)'}"
    return f"{kind}  {event.detail_head()}{outcome}"


def lost_event_line(event: CapturedEvent) -> str:
    """Say of a lost event what it was, why it failed, where it was sent from, and what the caller got."""
    error = event.call.error
    if error is not None:
        outcome = f"the whole request failed; the caller got {type(error).__name__}"
    else:
        outcome = f"{event.error_code}: {event.error_message}; the caller got a response without an exception"
    return f"{event_line(event).partition('  failed: ')[0]}\n    sent from {shown_path(event.sent_from)}; {outcome}"


def unused_failures_problem(failures: Sequence[InjectedFailure]) -> str:
    """Describe the injected failures that never fired, and what to do about it."""
    lines = ["An injected failure never fired:" if len(failures) == 1 else "Injected failures never fired:"]
    lines += [f"  {failure}" for failure in failures]
    lines.append("No entry matched. Cancel it, or set allow_unused_failures=True.")
    return "\n".join(lines)


def refused_operation_problem(origin: Origin) -> str:
    """Describe a call of an operation that nobody plays, and what to do about it."""
    return (
        f"{origin.operation} of the service {origin.service!r} was called from {shown_path(origin.sent_from)}. "
        "The fake does not play it; answer it with another mock, such as moto's mock_aws."
    )


def shown_value(value: Any) -> str:
    """Return the `repr` of a value, cut in the middle when it is long."""
    name = getattr(value, "__qualname__", None)
    text = f"{name} (function)" if callable(value) and isinstance(name, str) else with_room(repr, value)
    if len(text) <= _VALUE_LENGTH:
        return text
    half = (_VALUE_LENGTH - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"
