"""Turning what an assertion found into text, last of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from pytest_eventbridge._alignment import common_length
from pytest_eventbridge._custom_bus_events import CapturedRawEvent
from pytest_eventbridge._differences import Difference
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._failures import InjectedFailure
from pytest_eventbridge._matching import ABSENT
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._nearby_keys import find_nearby
from pytest_eventbridge._nearmiss import NearMiss
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._pattern._wording import Words
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._rules import Delivery, Rule
from pytest_eventbridge._wording import (
    counted,
    cut_middle,
    more_lines,
    printable,
    raised_at,
    shown_list,
    shown_path,
    shown_texts,
    shown_value,
)

_LEAST_HEAD_LENGTH: Final = 16

# Characters of what an event is, which tells more than the end of a long error code on the same line of the terminal.
_LEAST_KIND_LENGTH: Final = 40

# Characters of an exception's text; what matters of it (the service's own words) comes last.
_REASON_LENGTH: Final = 400

# Characters of what is there instead of what a pattern demands; what it demands has the rest of the line.
_FOUND_LENGTH: Final = 40

# Characters of a path; a longer one is cut in the middle.
_PATH_LENGTH: Final = 60


def expectation_lines(expected: ExpectedEvent, presentation: Presentation) -> list[str]:
    """Describe an expectation: a line for each of its own criteria, no others."""
    width = presentation.width
    lines = [f"  {name}: {shown_value(value, width - len(name) - 4)}" for name, value in expected.criteria.items()]
    return lines or ["  any event"]


def near_miss_lines(near_misses: Iterable[NearMiss], collection: str, presentation: Presentation) -> list[str]:
    """Describe near misses: the place of each, where it was sent from, and a line for each difference."""
    lines = []
    for number, near_miss in enumerate(near_misses):
        title = "Closest" if number == 0 else "Next"
        lines.append(f"{title}: {collection}[{near_miss.index}], sent from {shown_path(near_miss.event.sent_from)}")
        lines += difference_lines(near_miss.differences, near_miss.event, presentation)
    return lines


def difference_lines(differences: Iterable[Difference], event: CapturedEvent, presentation: Presentation) -> list[str]:
    """Describe the differences of one event, a line for each."""
    told = list(differences)
    shown = told[: presentation.difference_count]
    lines = [f"  {_difference_line(difference, event, presentation)}" for difference in shown]
    return lines + more_lines(len(told), len(shown), "difference")


def _difference_line(difference: Difference, event: CapturedEvent, presentation: Presentation) -> str:
    path, expected, actual = _shown_way(difference.path, presentation), difference.expected, difference.actual
    width = max((presentation.width - len(path) - 22) // 2, min(20, presentation.width // 3))
    if path == "where":
        return f"where: {shown_value(expected, width)} says no"
    if difference.is_reordered:
        return f"{path}: the same elements in another order, expected {shown_value(expected, width)}"
    if difference.moved_from is not None:
        return f"{path}: {shown_value(actual, width)} was expected at {_shown_way(difference.moved_from, presentation)}"
    if isinstance(expected, Words):
        return _pattern_line(difference, path, event, presentation)
    if expected is ABSENT:
        return f"{path}: not expected, got {shown_value(actual, width)}"
    if actual is ABSENT:
        return f"{path}: expected {shown_value(expected, width)}, but it is missing{_elsewhere(difference.path, event)}"
    if isinstance(expected, list) and isinstance(actual, list):
        return f"{path}: {_list_line(expected, actual, width)}"
    if isinstance(expected, str) and isinstance(actual, str):
        expected_text, actual_text = shown_texts(expected, actual, width)
        return f"{path}: expected {expected_text}, got {actual_text}"
    return (
        f"{path}: expected {shown_value(expected, width)}, got {_typed(expected, actual)}{shown_value(actual, width)}"
    )


def _shown_way(path: str, presentation: Presentation) -> str:
    return cut_middle(path, min(_PATH_LENGTH, max(presentation.width - 28, 16)))


def _list_line(expected: list[Any], actual: list[Any], width: int) -> str:
    """Tell two lists apart that are too long for it to be told by element: from where they differ."""
    start = common_length(expected, actual)
    where = f"from [{start}] on, " if start else ""
    one, other = expected[start:], actual[start:]
    return (
        f"{where}expected {counted(len(one), 'element')} {shown_list(one, width)}, "
        f"got {len(other)} {shown_list(other, width)}"
    )


def _pattern_line(difference: Difference, path: str, event: CapturedEvent, presentation: Presentation) -> str:
    if difference.actual is ABSENT:
        found = f"but it is missing{_elsewhere(difference.path, event)}"
    else:
        found = f"got {shown_value(difference.actual, _FOUND_LENGTH)}"
    room = presentation.width - len(f"  {path}: expected , {found}")
    return f"{path}: expected {shown_value(difference.expected, max(room, _FOUND_LENGTH))}, {found}"


def _typed(expected: Any, actual: Any) -> str:
    """Name the JSON type of a value where it is not the expected one."""
    if type(expected) not in _JSON_TYPES or _JSON_TYPES[type(expected)] == _JSON_TYPES.get(type(actual)):
        return ""
    return f"the {_JSON_TYPES[type(actual)]} " if type(actual) in _JSON_TYPES and actual is not None else ""


_JSON_TYPES = {
    str: "string",
    int: "number",
    float: "number",
    Decimal: "number",
    bool: "boolean",
    dict: "object",
    list: "list",
    type(None): "null",
}


def _elsewhere(path: str, event: CapturedEvent) -> str:
    nearby = find_nearby(path, event)
    return "" if nearby is None else f" (there is {cut_middle(printable(nearby), _PATH_LENGTH)})"


def captured_lines(recorder: Recorder, presentation: Presentation, shown: Iterable[CapturedEvent] = ()) -> list[str]:
    """List what else was captured, a line for each entry; the budget is for all of them together.

    Args:
        recorder: What was captured.
        presentation: The budget.
        shown: Events that the text has shown already.
    """
    already = {id(event) for event in shown}
    collections: dict[str, Sequence[CapturedEvent]] = {
        "events": recorder.events,
        "raw_events": recorder.raw_events,
        "failed_entries": recorder.failed_entries,
        "dropped_events": recorder.dropped_events,
    }
    rows = [
        (f"{name}[{index}]", event)
        for name, events in collections.items()
        for index, event in enumerate(events)
        if id(event) not in already
    ]
    if not rows:
        return [] if already else ["", _nothing_captured(recorder)]
    return ["", *row_lines("Also captured:" if already else "Captured:", rows, presentation)]


def row_lines(title: str, rows: Sequence[tuple[str, CapturedEvent]], presentation: Presentation) -> list[str]:
    """List events under a title, a line for each: its place, and what it is."""
    listed = rows[: presentation.listed_count]
    lines = [title, *_place_lines(listed, presentation)]
    return lines + more_lines(len(rows), len(listed))


def event_lines(title: str, rows: Sequence[tuple[str, CapturedEvent]], presentation: Presentation) -> list[str]:
    """List events as `row_lines` does, each with the place in the code that sent it."""
    listed = rows[: presentation.listed_count]
    lines = [title]
    for line, (_, event) in zip(_place_lines(listed, presentation), listed, strict=True):
        lines += [line, f"    sent from {shown_path(event.sent_from)}"]
    return lines + more_lines(len(rows), len(listed))


def _place_lines(rows: Sequence[tuple[str, CapturedEvent]], presentation: Presentation) -> list[str]:
    width = max((len(place) for place, _ in rows), default=0)
    return [f"  {place.ljust(width)}  {event_line(event, presentation.width - width - 4)}" for place, event in rows]


def _nothing_captured(recorder: Recorder) -> str:
    if recorder.calls:
        return f"No entry was answered: {counted(len(recorder.calls), 'call')} failed as a whole."
    return "Nothing was captured since clear()." if recorder.cleared_events else "Nothing was captured."


def duplicate_lines(groups: Sequence[Sequence[CapturedEvent]], presentation: Presentation) -> list[str]:
    """List events that came more than once, each with the places in the code that sent it."""
    lines = []
    for group in groups[: presentation.listed_count]:
        lines += ["", f"{counted(len(group), 'time')}: {event_line(group[0], presentation.width - 10)}"]
        lines += [f"  sent from {shown_path(event.sent_from)}" for event in group[: presentation.listed_count]]
        lines += more_lines(len(group), presentation.listed_count, "time")
    more = more_lines(len(groups), presentation.listed_count, indent="")
    return [*lines, "", *more] if more else lines


def event_line(event: CapturedEvent, width: int) -> str:
    """Describe a captured event in one line: event bus, source, detail type, head of the detail, outcome.

    Of a raw event: event bus, content type, head of the data, outcome.
    """
    kind = "  ".join(_kind_of(event))
    outcome = "" if event.error_code is None else f"  failed: {printable(event.error_code)}"
    kind = cut_middle(printable(kind), min(width, max(width - len(outcome), _LEAST_KIND_LENGTH)))
    head_length = width - len(kind) - len(outcome) - 2
    head = f"  {printable(event.detail_head(head_length))}" if head_length >= _LEAST_HEAD_LENGTH else ""
    return f"{kind}{head}{outcome}"


def _kind_of(event: CapturedEvent) -> list[str]:
    if isinstance(event, CapturedRawEvent):
        return [event.event_bus, event.content_type]
    # An event of a partner has no event bus.
    bus = [event.event_bus] if event.event_bus else []
    return [*bus, event.source or "(no source)", event.detail_type or "(no detail type)"]


def lost_event_lines(event: CapturedEvent, presentation: Presentation) -> list[str]:
    """Say of a lost event what it was, why it failed, where it was sent from, and what the caller got."""
    error = event.call.error
    if event.error_code is not None:
        why = f"{printable(event.error_code)}: {printable(event.error_message or '')}"
    else:
        why = f"The whole request failed: {cut_middle(printable(str(error)), _REASON_LENGTH)}"
    if error is not None:
        got = f"the caller got the exception {type(error).__name__}."
    else:
        got = "the caller got a response without an exception, which hides it."
    return [
        f"  {event_line(event, presentation.width - 2)}",
        f"    {why}",
        f"    Sent from {shown_path(event.sent_from)}; {got}",
    ]


def unused_failures_problem(failures: Sequence[InjectedFailure], presentation: Presentation) -> str:
    """Describe the injected failures that never fired, and what to do about it."""
    is_one = len(failures) == 1
    lines = ["An injected failure never fired:" if is_one else "Injected failures never fired:"]
    lines += [f"  {failure}" for failure in failures[: presentation.listed_count]]
    lines += more_lines(len(failures), presentation.listed_count)
    what, it = ("it applies to", "it") if is_one else ("they apply to", "them")
    lines.append(
        f"What {what} did not come, or too little of it. Cancel {it}, or set the option allow_unused_failures."
    )
    return "\n".join(lines)


def failed_deliveries_problem(deliveries: Sequence[tuple[Rule, Delivery]], presentation: Presentation) -> str:
    """Describe deliveries whose target raised, and what to do about it."""
    failed = counted(len(deliveries), "delivery")
    lines = [f"{failed} failed, of which the caller of put_events does not hear:"]
    for rule, delivery in deliveries[: presentation.listed_count]:
        lines += failed_delivery_lines(rule, delivery, presentation)
    lines += more_lines(len(deliveries), presentation.listed_count)
    lines.append("Where that is expected, read rule.failed_deliveries in the test.")
    return "\n".join(lines)


def failed_delivery_lines(rule: Rule, delivery: Delivery, presentation: Presentation) -> list[str]:
    """Say of a failed delivery what raised what and where, and for which event."""
    place = raised_at(delivery.error)
    raised = "" if place is None else f", raised at {shown_path(place)}"
    text = cut_middle(printable(str(delivery.error)), _REASON_LENGTH)
    return [
        f"  rule {rule.name!r}, target {printable(delivery.target)}{raised}",
        f"    {type(delivery.error).__name__}: {text}",
        f"    for {event_line(delivery.event, presentation.width - 8)}",
        f"    sent from {shown_path(delivery.event.sent_from)}",
    ]


def refused_operation_problem(origin: Origin) -> str:
    """Describe a call of an operation that nobody plays, and what to do about it."""
    return (
        f"{origin.operation} of the service {origin.service!r} was called from {shown_path(origin.sent_from)}. "
        "The fake does not play it; answer it with another mock, such as moto's mock_aws."
    )


def lost_events_problem(lost: Sequence[CapturedEvent], presentation: Presentation) -> str:
    """Describe lost events."""
    lines = [f"{counted(len(lost), 'event')} failed and {'was' if len(lost) == 1 else 'were'} not accepted later:"]
    for event in lost[: presentation.listed_count]:
        lines += lost_event_lines(event, presentation)
    lines += more_lines(len(lost), presentation.listed_count)
    return "\n".join(lines)
