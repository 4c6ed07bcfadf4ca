"""The report of a test: all calls and entries in order, and what was injected."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_eventbridge._custom_bus_events import DEDUPLICATED
from pytest_eventbridge._failures import InjectedFailure
from pytest_eventbridge._messages import event_line
from pytest_eventbridge._model import CapturedEvent, PutEventsCall
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._rules import Rule
from pytest_eventbridge._wording import counted, more_lines, shown_path

_MAIN_THREAD = "MainThread"


def report_lines(
    recorder: Recorder, failures: Iterable[InjectedFailure], rules: Iterable[Rule], presentation: Presentation
) -> list[str]:
    """Describe what happened in a test, a line for each call and each entry.

    Args:
        recorder: What was captured.
        failures: What was injected.
        rules: The rules.
        presentation: The budget of the text.
    """
    lines: list[str] = []
    dropped = {event.event_id for event in recorder.dropped_events}
    left = 5 * presentation.listed_count
    for call in recorder.calls:
        if left <= 0:
            lines.append(f"and more, of {counted(len(recorder.calls), 'call')} in all; -v and -vv show more of them")
            break
        lines.append(_call_line(call))
        lines += [f"  [{entry.position}] {_entry_line(entry, dropped, presentation)}" for entry in call.entries]
        left -= 1 + len(call.entries)
    described = [f"  {failure}: {failure._fired_text}" for failure in failures]
    if described:
        lines += ["Injected failures:", *_within_budget(described, presentation)]
    routed = [line for rule in rules for line in _rule_lines(rule, presentation)]
    if routed:
        lines += ["Rules:", *_within_budget(routed, presentation)]
    return lines or ["No call reached EventBridge."]


def _within_budget(lines: list[str], presentation: Presentation) -> list[str]:
    count = 5 * presentation.listed_count
    return lines[:count] + more_lines(len(lines), count, "line")


def _rule_lines(rule: Rule, presentation: Presentation) -> list[str]:
    taken = rule.events
    parts = [f"{rule.name!r} on {rule.event_bus}{'' if rule.is_enabled else ' (disabled)'}"]
    parts.append(f"took {counted(len(taken), 'event')}")
    if rule.deliveries:
        parts.append(f"delivered {len(rule.deliveries)}")
    if rule.failure_count:
        parts.append(f"failed to deliver {rule.failure_count}")
    lines = [f"  {', '.join(parts)}"]
    lines += [f"    {event_line(event, presentation.width - 4)}" for event in taken[: presentation.listed_count]]
    return lines + more_lines(len(taken), presentation.listed_count, indent="    ")


def _call_line(call: PutEventsCall) -> str:
    parts = [f"+{call.offset_seconds * 1000:.1f} ms", call.region, call.operation]
    if call.attempts > 1:
        parts.append(f"{call.attempts} attempts")
    if call.error is not None:
        parts.append(f"raised {type(call.error).__name__}")
    parts.append(f"sent from {shown_path(call.sent_from)}")
    if call.thread != _MAIN_THREAD:
        parts.append(f"in {call.thread}")
    return "  ".join(parts)


def _entry_line(entry: CapturedEvent, dropped: set[str | None], presentation: Presentation) -> str:
    if entry.error_code is not None:
        outcome = ""  # the line says it already
    elif entry.event_id is None:
        outcome = "  not answered"
    elif entry.success_code == DEDUPLICATED:
        outcome = "  deduplicated"
    else:
        outcome = "  dropped" if entry.event_id in dropped else "  accepted"
    return f"{event_line(entry, presentation.width - len(outcome) - 6)}{outcome}"
