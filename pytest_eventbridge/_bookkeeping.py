"""Whether each event arrived once: which were lost, and which came twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

from pytest_eventbridge._custom_bus_events import DEDUPLICATED, CapturedRawEvent
from pytest_eventbridge._detail import with_room
from pytest_eventbridge._detail_member import read_member
from pytest_eventbridge._matching import ABSENT
from pytest_eventbridge._model import CapturedEvent, PutEventsCall
from pytest_eventbridge._spelling import unknown_name

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

_PATH_ROOTS: Final = (
    "detail",
    "detail_json",
    "detail_type",
    "deduplication_id",
    "event_bus",
    "event_bus_arn",
    "event_group_id",
    "event_id",
    "region",
    "resources",
    "source",
    "time",
    "trace_header",
)


def find_lost_events(calls: Iterable[PutEventsCall], accepted: Iterable[CapturedEvent]) -> list[CapturedEvent]:
    """Return the entries that failed and were not accepted in a later call.

    One acceptance answers all earlier failures of the same event: a retry may fail more than once. Of those failures
    that nothing answers, the last is returned.

    Args:
        calls: In the order of capture. An entry counts as failed when it was answered with an `ErrorCode`, and when
            its whole request failed.
        accepted: The accepted events.
    """
    accepted = list(accepted)
    accepted_ids = {event.event_id for event in accepted}
    # What an attempt has delivered whose answer was lost is not lost when the entry fails in the next attempt.
    delivered = {(event.call.request_id, event.position) for event in accepted if event.call.attempts > 1}
    open_failures: dict[Hashable, CapturedEvent] = {}
    for call in calls:
        failed: list[CapturedEvent] = []
        for event in call.entries:
            is_accepted = event.event_id in accepted_ids or event.success_code == DEDUPLICATED
            if is_accepted or (call.request_id, event.position) in delivered:
                if open_failures:
                    open_failures.pop(same_event_key(event), None)
            elif event.event_id is None:
                failed.append(event)
        for event in failed:
            open_failures[same_event_key(event)] = event
    return list(open_failures.values())


def find_duplicates(
    events: Iterable[CapturedEvent], key: str | Callable[[CapturedEvent], Any] | None
) -> list[list[CapturedEvent]]:
    """Return the events that share a key, one list for each key that more than one has, in the order of capture.

    Args:
        events: Accepted events.
        key: A dotted path, a function of the event, or `None`: the same event bus, source, detail type, resources and
            detail. An event that has nothing at the path, or null, shares it with none.

    Raises:
        TypeError: The path begins with something that an event does not have.
        ValueError: No event has anything at the path, so that nothing was compared.
    """
    if key is None:
        events = _possible_duplicates(events)
    key_of = same_event_key if key is None else key if callable(key) else _path_reader(key)
    groups: dict[Hashable, list[CapturedEvent]] = {}
    count = 0
    for count, event in enumerate(events, 1):  # noqa: B007  # read after the loop
        value = key_of(event)
        if value is not ABSENT:
            groups.setdefault(with_room(_frozen, value), []).append(event)
    if count and not groups:
        raise ValueError(f"None of the {count} accepted events has anything at {key!r}.")
    return [group for group in groups.values() if len(group) > 1]


def _possible_duplicates(events: Iterable[CapturedEvent]) -> list[CapturedEvent]:
    """Return the events that look the same as another, in their order.

    Most events differ outside the lists in their detail, and going through those takes many times as long as decoding.
    """
    outlined = [(event, _outline(event)) for event in events]
    counts = Counter(outline for _, outline in outlined)
    return [event for event, outline in outlined if counts[outline] > 1]


def _outline(event: CapturedEvent) -> Hashable:
    """Return what is equal for events whose `same_event_key` is; the reverse is open."""
    if isinstance(event, CapturedRawEvent):
        return event.data
    scalars: list[tuple[str, bool, Any]] = []
    detail = event.compared_detail()
    pending = [detail] if isinstance(detail, dict) else []  # on a Custom Event Bus it may be any JSON value
    while pending:
        for name, value in pending.pop().items():
            if isinstance(value, dict):
                pending.append(value)
            elif not isinstance(value, list):
                scalars.append((name, isinstance(value, bool), value))
    return event.source, event.detail_type, frozenset(scalars)


def same_event_key(event: CapturedEvent) -> Hashable:
    """Return what two entries have in common when one is the retry of the other: all but `Time` and `TraceHeader`."""
    if isinstance(event, CapturedRawEvent):
        metadata = tuple(sorted(event.metadata.items()))
        return (event.event_bus_arn, event.content_type, event.data, metadata)
    detail = event.compared_detail()
    return (
        event.event_bus_arn,
        event.source,
        event.detail_type,
        tuple(sorted(event.resources)),
        event.detail_json if detail is None else with_room(_frozen, detail),
    )


def _path_reader(path: str) -> Callable[[CapturedEvent], Any]:
    if not isinstance(path, str):
        raise TypeError(f"key: a dotted path or a function of the event is required, not {path!r}.")
    root, *steps = path.split(".")
    if root not in _PATH_ROOTS:
        raise TypeError(unknown_name("start of a path", root, _PATH_ROOTS))

    def read(event: CapturedEvent) -> Any:
        value, left = _start_of(event, root, steps)
        for step in left:
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, (list, tuple)) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return ABSENT
        return ABSENT if value is None else value

    return read


def _start_of(event: CapturedEvent, root: str, steps: list[str]) -> tuple[Any, list[str]]:
    """Return the value that a path starts from, and the steps that are left."""
    if root != "detail":
        return getattr(event, root), steps
    if not steps or steps[0].isdecimal():  # on a Custom Event Bus the detail may be a list
        return event.compared_detail(), steps
    return read_member(event, steps[0]), steps[1:]


def _frozen(value: Any) -> Hashable:
    """Return a stand-in for a JSON value that is equal for equal values: `1` and `1.0`, but not `1` and `true`.

    Flat, because comparing two nested tuples takes a frame of the recursion limit for each level.
    """
    if not isinstance(value, (dict, list, tuple)):
        return (bool, value) if isinstance(value, bool) else value
    parts: list[Any] = []
    pending: list[Any] = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            parts += (dict, len(part))
            for key in sorted(part, key=repr):
                pending += (part[key], key)
        elif isinstance(part, (list, tuple)):
            parts += (list, len(part))
            pending += reversed(part)
        else:
            parts += (isinstance(part, bool), part)
    return tuple(parts)
