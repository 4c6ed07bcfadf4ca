"""The one hint that a failed assertion gives: the likely cause, verified against what was captured."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pytest_eventbridge._custom_bus_events import DEDUPLICATED
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._matching import Mismatch, has_mismatch
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._nearmiss import NearMiss
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._wording import printable, shown_path, shown_value

# What Python's `float` takes beyond it, such as "1_2" and "nan", nobody sends for a number.
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An expectation that too few accepted events met.

    Attributes:
        expected: The expectation.
        recorder: What was captured.
        near_misses: The accepted events that came closest, the closest first.
        is_met_by_some: Whether an accepted event met it, so that what a hint tells of is another one.
    """

    expected: ExpectedEvent
    recorder: Recorder
    near_misses: list[NearMiss]
    is_met_by_some: bool = False

    @property
    def subject(self) -> str:
        """What a hint calls the event that should have been accepted."""
        return "Another one that matches" if self.is_met_by_some else "It"


def find_hint(situation: Situation) -> str | None:
    """Return the first hint that proves true; `None` when none does."""
    return next((hint for find in _FINDERS if (hint := find(situation)) is not None), None)


def _refused(situation: Situation) -> str | None:
    for index, event in enumerate(situation.recorder.failed_entries):
        if _meets(situation.expected, event):
            place = f"failed_entries[{index}], sent from {shown_path(event.sent_from)}"
            code = printable(event.error_code or "")
            if event.injected_by is not None:
                return f"{situation.subject} was refused with {code}, as {event.injected_by} demands ({place})."
            return f"{situation.subject} was refused with {code} ({place}): {printable(event.error_message or '')}"
    return None


def _dropped(situation: Situation) -> str | None:
    for index, event in enumerate(situation.recorder.dropped_events):
        if _meets(situation.expected, event):
            return (
                f"{situation.subject} was sent to the event bus {event.event_bus!r}, which does not exist, and dropped "
                f"(dropped_events[{index}]).{_buses_there_are(situation, event.event_bus)}"
            )
    return None


def _dropped_from_another_bus(situation: Situation) -> str | None:
    if "event_bus" not in situation.expected.criteria:
        return None
    on_any_bus = _without(situation.expected, "event_bus")
    for index, event in enumerate(situation.recorder.dropped_events):
        if _meets(on_any_bus, event):
            return (
                f"dropped_events[{index}] matches in all but the event bus: it was sent to {event.event_bus!r}, which "
                f"does not exist.{_buses_there_are(situation, event.event_bus)}"
            )
    return None


def _in_a_failed_request(situation: Situation) -> str | None:
    for index, call in enumerate(situation.recorder.calls):
        if call.error is not None and any(_meets(situation.expected, entry) for entry in call.entries):
            return (
                f"{situation.subject} was in a request that failed as a whole: calls[{index}], "
                f"sent from {shown_path(call.sent_from)}, raised {type(call.error).__name__}, and the code went on."
            )
    return None


def _deduplicated(situation: Situation) -> str | None:
    for index, call in enumerate(situation.recorder.calls):
        for entry in call.entries:
            if entry.success_code == DEDUPLICATED and _meets(situation.expected, entry):
                return (
                    f"calls[{index}], sent from {shown_path(call.sent_from)}, repeats one that matches: "
                    f"it was answered with {DEDUPLICATED}, and is no event of its own."
                )
    return None


def _on_another_bus(situation: Situation) -> str | None:
    for near_miss in situation.near_misses:
        if [mismatch.path for mismatch in near_miss.mismatches] == ["event_bus"]:
            (mismatch,) = near_miss.mismatches
            return (
                f"events[{near_miss.index}] matches in all but the event bus: it was sent to {mismatch.actual!r}, "
                f"not to {shown_value(mismatch.expected, 60)}."
            )
    return None


def _captured_elsewhen(situation: Situation) -> str | None:
    for event in situation.recorder.cleared_events:
        if _meets(situation.expected, event):
            return f"One that matches was captured before clear() was called, sent from {shown_path(event.sent_from)}."
    for event in situation.recorder.events_outside():
        if _meets(situation.expected, event):
            return f"One that matches was captured outside this capture(), sent from {shown_path(event.sent_from)}."
    return None


def _encoded_twice(situation: Situation) -> str | None:
    for index, event in enumerate(situation.recorder.failed_entries):
        if _matches_once_decoded(situation.expected, event):
            return (
                f"{situation.subject} was refused with {event.error_code}, because its Detail was encoded twice: "
                f"a JSON string with JSON in it (failed_entries[{index}], sent from {shown_path(event.sent_from)})."
            )
    for mismatch in _mismatches_of_closest(situation):
        inner = _decoded(mismatch.actual)
        if isinstance(inner, (dict, list)) and _fits(mismatch.expected, inner):
            return f"{mismatch.path} was encoded twice: it is a JSON string with the expected JSON in it."
    return None


def _spelled_otherwise(situation: Situation) -> str | None:
    kinds = {_spelling_difference(mismatch) for mismatch in _mismatches_of_closest(situation)}
    if not kinds or None in kinds:
        return None
    by = "case" if kinds == {"case"} else "white space" if kinds == {"white space"} else "case and white space"
    return f"events[{situation.near_misses[0].index}] differs only by {by}."


def _of_another_type(situation: Situation) -> str | None:
    mismatches = _mismatches_of_closest(situation)
    if not mismatches:
        return None
    if all(_is_number_as_text(mismatch.expected, mismatch.actual) for mismatch in mismatches):
        return f"{mismatches[0].path} was sent as a string, and is expected as a number."
    if all(_is_number_as_text(mismatch.actual, mismatch.expected) for mismatch in mismatches):
        return f"{mismatches[0].path} was sent as a number, and is expected as a string."
    return None


# The surest cause first.
_FINDERS: Final[tuple[Callable[[Situation], str | None], ...]] = (
    _refused,
    _dropped,
    _in_a_failed_request,
    _deduplicated,
    _dropped_from_another_bus,
    _on_another_bus,
    _captured_elsewhen,
    _encoded_twice,
    _spelled_otherwise,
    _of_another_type,
)


def _meets(expected: ExpectedEvent, event: CapturedEvent) -> bool:
    """Say whether an event that the assertion did not look at matches; a matcher that cannot read it says no."""
    try:
        return expected.matches(event)
    except Exception:  # a matcher of the test's, and an entry it was never meant for
        return False


def _without(expected: ExpectedEvent, criterion: str) -> ExpectedEvent:
    return ExpectedEvent(**{name: value for name, value in expected.criteria.items() if name != criterion})


def _buses_there_are(situation: Situation, event_bus: str) -> str:
    declared = sorted({*(situation.recorder.event_buses or ()), "default"})
    nearest = difflib.get_close_matches(event_bus, declared, n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else f" Declared: {', '.join(declared)}."


def _fits(expected: Any, actual: Any) -> bool:
    """Say whether a value that nobody sent is as expected; a matcher that cannot read it says no."""
    try:
        return not has_mismatch(expected, actual)
    except Exception:  # a matcher of the test's, and a value it was never meant for
        return False


def _mismatches_of_closest(situation: Situation) -> tuple[Mismatch, ...]:
    return situation.near_misses[0].mismatches if situation.near_misses else ()


def _matches_once_decoded(expected: ExpectedEvent, event: CapturedEvent) -> bool:
    outer = _decoded(event.detail_json)
    inner = _decoded(outer)
    if not isinstance(outer, str) or not isinstance(inner, dict):
        return False
    return _meets(_without(expected, "detail"), event) and _fits(expected.criteria.get("detail", {}), inner)


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _spelling_difference(mismatch: Mismatch) -> str | None:
    expected, actual = mismatch.expected, mismatch.actual
    if not isinstance(expected, str) or not isinstance(actual, str):
        return None
    if expected.lower() == actual.lower():
        return "case"
    if "".join(expected.split()) == "".join(actual.split()):
        return "white space"
    if "".join(expected.lower().split()) == "".join(actual.lower().split()):
        return "both"
    return None


def _is_number_as_text(number: Any, text: Any) -> bool:
    if not isinstance(number, (int, float, Decimal)) or isinstance(number, bool) or not isinstance(text, str):
        return False
    if not _NUMBER.fullmatch(text):
        return False
    # Exactly, because two big numbers may be the same as a float.
    return number == (float(text) if isinstance(number, float) else Decimal(text))
