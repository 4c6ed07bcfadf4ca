"""An event pattern as a value: compiled once, held against any number of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, final

from pytest_eventbridge._limits import MAX_PATTERN_LENGTH
from pytest_eventbridge._pattern._compiler import Compiler
from pytest_eventbridge._pattern._event_text import restore_repeated
from pytest_eventbridge._pattern._explanation import Reason, find_reasons
from pytest_eventbridge._pattern._json_text import pattern_text
from pytest_eventbridge._pattern._matcher import Matcher
from pytest_eventbridge._pattern._scanner import SyntaxFault
from pytest_eventbridge._pattern._wording import explanation_text
from pytest_eventbridge.exceptions import InvalidEventPattern

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


class _Event(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


@final
class EventPattern:
    """An EventBridge event pattern, matched as a rule on AWS matches it.

    A value: equal to another one of the same text.

    Args:
        pattern: A dict, or JSON text. In text, a name may be given twice: the last one counts.

    Raises:
        InvalidEventPattern: The service would refuse the pattern.
        TypeError: It is neither a dict nor a string, or a dict with something in it that is no JSON.

    Attributes:
        text: The JSON text, as given or as made of the dict.

    Source: AWS's open-source rule engine (aws/event-ruler, 2.0.1), and answers recorded from AWS where the two differ.
    """

    __slots__ = ("_matcher", "_matches", "text")

    text: str
    _matcher: Matcher
    _matches: Callable[[dict[str, Any]], bool]

    def __init__(self, pattern: dict[str, Any] | str) -> None:
        if not isinstance(pattern, (dict, str)):
            raise TypeError(f"An event pattern is a dict or JSON text, not {type(pattern).__name__}: {pattern!r}.")
        text = pattern if isinstance(pattern, str) else pattern_text(pattern)
        if text is None or len(text) > MAX_PATTERN_LENGTH:
            raise InvalidEventPattern(f"Member must have length less than or equal to {MAX_PATTERN_LENGTH}")
        compiler = Compiler(text)
        try:
            alternatives = compiler.compile()
        except SyntaxFault as fault:
            raise InvalidEventPattern(
                fault.reason, fault.locations, path=compiler.path, is_internal=fault.is_internal
            ) from None
        object.__setattr__(self, "text", text)
        matcher = Matcher(alternatives)
        object.__setattr__(self, "_matcher", matcher)
        object.__setattr__(self, "_matches", matcher.matches)

    def matches(self, event: dict[str, Any] | _Event) -> bool:
        """Say whether a rule with this pattern would take the event.

        Nothing in an event is an error: what is no JSON value exists, and equals nothing.

        Args:
            event: A `CapturedEvent`, or an envelope: the dict that a target receives. Of a name that `Detail` gives
                several times, each value counts, as in the service; a dict has but the last.

        Raises:
            TypeError: It is neither.
        """
        return self._matches(event if type(event) is dict else envelope_of(event))

    def explain(self, event: dict[str, Any] | _Event) -> str:
        """Say, path by path, which condition failed against which value.

        Args:
            event: As for `matches`.

        Returns:
            One line when the event matches; else a line that says that it does not, and an indented one for each
            condition that failed. Of alternatives (`$or`), it is about the one that comes closest.

        Raises:
            TypeError: As for `matches`.
        """
        return explanation_text(self.find_reasons(event))

    def find_reasons(self, event: dict[str, Any] | _Event) -> list[Reason]:
        """Return what `explain` tells, as data; empty when the event matches."""
        envelope = envelope_of(event)
        return [] if self._matches(envelope) else find_reasons(self._matcher.alternatives, envelope)

    def texts_of(self, name: str) -> frozenset[str]:
        """Return the strings of which a field of the envelope must be one; empty when others would do as well."""
        return self._matcher.texts_of(name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventPattern):
            return NotImplemented
        return self.text == other.text

    def __hash__(self) -> int:
        return hash((EventPattern, self.text))

    def __repr__(self) -> str:
        return f"EventPattern({self.text!r})"

    def __reduce__(self) -> tuple[Callable[[str], EventPattern], tuple[str]]:
        return EventPattern, (self.text,)


def envelope_of(event: Any) -> dict[str, Any]:
    """Return an event as a pattern is held against it.

    Args:
        event: A `CapturedEvent`, of which the text of `Detail` counts: all values of a name that is there several
            times, as in the service (recorded). Or an envelope, as it is.

    Raises:
        TypeError: It is neither.
    """
    if type(event) is dict:
        return event
    to_dict = getattr(type(event), "to_dict", None)
    envelope = event if to_dict is None else to_dict(event)
    if not isinstance(envelope, dict):
        raise TypeError(f"An event is a CapturedEvent or an envelope dict, not {type(event).__name__}: {event!r}.")
    envelope = dict(envelope)
    detail_json = getattr(event, "detail_json", None)
    if isinstance(detail_json, str):
        restore_repeated(envelope, detail_json)
    return envelope
