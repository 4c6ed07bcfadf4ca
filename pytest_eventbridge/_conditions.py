"""Whether a captured event meets a criterion, answered as soon as that is clear.

What a criterion demands is defined by its mismatches. Here stand the short ways to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, TypeAlias

from pytest_eventbridge._detail_member import read_member
from pytest_eventbridge._detail_text import TextCheck, is_plain_text
from pytest_eventbridge._matching import ABSENT, Mismatch
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._values import ValueCondition, value_condition

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

Check: TypeAlias = Callable[[str, Any, CapturedEvent], Iterator[Mismatch]]

# The criteria that say what kind of event it is.
KIND: Final = ("source", "detail_type")

_UNDECODED: Final = object()


class OpenedEvent:
    """A captured event whose `Detail` is decoded once, when first asked for, however many expectations look at it.

    It lives no longer than an assertion looks at the event.

    Args:
        event: The event.
        is_shared: Whether more than one expectation may look at it, so that a predicate of one is given a copy.
    """

    __slots__ = ("_detail", "event", "is_shared")

    def __init__(self, event: CapturedEvent, *, is_shared: bool = False) -> None:
        self.event = event
        self.is_shared = is_shared
        self._detail: Any = _UNDECODED

    @property
    def is_decoded(self) -> bool:
        """Whether `detail` has been asked for."""
        return self._detail is not _UNDECODED

    def detail(self) -> Any:
        """Return `detail` as comparisons see it, the same object each time: not to be changed."""
        if not self.is_decoded:
            self._detail = self.event.compared_detail()
        return self._detail


Condition: TypeAlias = Callable[[OpenedEvent], bool]


class DetailCondition:
    """Says whether the `Detail` of an event is as expected.

    Args:
        expected: The expected `Detail`, as `check_expected` returned it.
    """

    def __init__(self, expected: Any) -> None:
        self._expected = expected

    def __call__(self, opened: OpenedEvent) -> bool:
        if not opened.is_decoded and self.text_check.rules_out(opened.event.detail_json):
            return False
        if opened.is_shared or opened.is_decoded:
            return self._is_met_by(opened.detail())
        if self._sole_member is not None:
            key, is_met_by = self._sole_member
            return is_met_by(read_member(opened.event, key))
        return self._is_met_by_own(opened.detail())

    # All are made when first needed: in a test with a few events that takes longer than the comparison.
    @cached_property
    def text_check(self) -> TextCheck:
        """What the text must hold."""
        return TextCheck(self._expected)

    @cached_property
    def _is_met_by(self) -> ValueCondition:
        return value_condition(self._expected)

    @cached_property
    def _is_met_by_own(self) -> ValueCondition:
        return value_condition(self._expected, _as_it_is)

    @cached_property
    def _sole_member(self) -> tuple[str, ValueCondition] | None:
        """The key and the condition of its value, where no other key is demanded.

        None for a key that must not be there: in what is no object it is not there either, and yet nothing matches.
        """
        if not isinstance(self._expected, dict) or len(self._expected) != 1:
            return None
        ((key, member),) = self._expected.items()
        condition = value_condition(member, _as_it_is)
        return None if condition(ABSENT) else (key, condition)


def _as_it_is(actual: Any) -> Any:
    return actual


def condition_for(name: str, expected: Any, check: Check) -> Condition:
    """Return a function that says whether an event meets a criterion.

    Args:
        name: The criterion.
        expected: Its value.
        check: Yields its mismatches, which are its definition.
    """
    if name == "detail":
        return DetailCondition(expected)
    if name == "where":
        return lambda opened: bool(expected(opened.event))
    if name in KIND and is_plain_text(expected):
        return lambda opened: bool(getattr(opened.event, name) == expected)
    return lambda opened: next(check(name, expected, opened.event), None) is None


def select_text(events: Sequence[CapturedEvent], needle: str) -> list[CapturedEvent]:
    """Return the events with this text in their `Detail`, and those that may hold it with escapes."""
    return [event for event in events if needle in event.detail_json or "\\" in event.detail_json]
