"""The one place where the reasons of an explanation become text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, final

from pytest_eventbridge._pattern._conditions import UNKNOWN, either
from pytest_eventbridge._pattern._explanation import Apart, Reason

_MATCHES: Final = "The event matches."
_DOES_NOT_MATCH: Final = "The event does not match:"

# Of several values of a path, how many are shown, and how many characters of each.
_SHOWN_VALUES: Final = 3
_SHOWN_CHARACTERS: Final = 80


@final
class Words:
    """What a pattern demands, or what is there instead, in words, which are its `repr`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Words):
            return NotImplemented
        return self.text == other.text

    def __hash__(self) -> int:
        return hash((Words, self.text))

    def __repr__(self) -> str:
        return self.text


_APART: Final = Words("them in different ones")


def explanation_text(reasons: Sequence[Reason]) -> str:
    """Return the reasons for which an event does not match, a line for each; none means that it matches."""
    if not reasons:
        return _MATCHES
    return "\n".join([_DOES_NOT_MATCH, *(f"  {reason_line(reason)}" for reason in reasons)])


def reason_line(reason: Reason) -> str:
    """Return one reason as a line."""
    return f"{reason.path or 'the event'}: expected {demand_of(reason)!r}, {_found(reason)}"


def demand_of(reason: Reason) -> Words:
    """Return what was demanded."""
    if isinstance(reason, Apart):
        return Words(f"one element with {_listed([_part(rest, either(all_)) for rest, all_ in reason.fields])}")
    return Words(either(reason.conditions))


def values_of(reason: Reason) -> tuple[Any, ...]:
    """Return what is there instead; empty when there is nothing."""
    return (_APART,) if isinstance(reason, Apart) else reason.values


def _part(rest: str, demanded: str) -> str:
    return f"{rest}: {demanded}" if rest else demanded


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _found(reason: Reason) -> str:
    values = values_of(reason)
    if not values:
        return "but it is missing"
    shown = [_shown(value) for value in values[:_SHOWN_VALUES]]
    more = len(values) - len(shown)
    return f"got {_listed([*shown, f'{more} more'] if more else shown)}"


def _shown(value: Any) -> str:
    if value is UNKNOWN:
        return "a value that is no JSON"
    if type(value) is int and abs(value) >= 10**_SHOWN_CHARACTERS:
        return "an integer of many digits"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 4]}...{text[-1:]}"
