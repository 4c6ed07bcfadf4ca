"""What an event is expected to be: criteria, given as keywords or held as an `ExpectedEvent`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypedDict, final

from pytest_eventbridge._conditions import (
    KIND,
    Check,
    Condition,
    DetailCondition,
    OpenedEvent,
    condition_for,
    select_text,
)
from pytest_eventbridge._criteria import checked_criterion
from pytest_eventbridge._detail_text import plain_text
from pytest_eventbridge._event_log import EventLog
from pytest_eventbridge._matching import (
    ABSENT,
    Exactly,
    Mismatch,
    iter_mismatches,
    leaf_matches,
)
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._pairing import pair
from pytest_eventbridge._pattern._event_pattern import EventPattern
from pytest_eventbridge._pattern._wording import demand_of, values_of
from pytest_eventbridge._spelling import unknown_name

if TYPE_CHECKING:
    from typing_extensions import Unpack

# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True


class Criteria(TypedDict, total=False):
    """The criteria that every finding, asserting and failing method takes. All that are given must hold.

    Attributes:
        source: `Source`: a string or a matcher.
        detail_type: `DetailType`: a string or a matcher.
        detail: A subset of the decoded `Detail`: each key given must be there and match, at every depth.
        event_bus: The name of the event bus, its ARN, or a matcher of the name.
        resources: ARNs that must be among the event's, in any order.
        time: An aware `datetime` (a naive one is taken as UTC, as botocore does), an ISO 8601 text, or a matcher.
        trace_header: `TraceHeader`: a string, a matcher, or `ABSENT`.
        event_group_id: `EventGroupId` of an event on a Custom Event Bus: a string, a matcher, or `ABSENT`.
        pattern: An EventBridge event pattern, as a dict, JSON text or `EventPattern`, matched against the envelope as
            a rule would.
        where: A predicate of the whole `CapturedEvent`.
    """

    source: Any
    detail_type: Any
    event_bus: Any
    time: Any
    trace_header: Any
    event_group_id: Any
    resources: Any
    detail: Any
    pattern: dict[str, Any] | str | EventPattern
    where: Callable[[CapturedEvent], object]


CRITERIA: Final = tuple(Criteria.__annotations__)

# So few events are held against the criteria themselves: to make conditions takes longer than these spare.
_FEW: Final = 5

# Arguments of some methods that others are given as criteria, and where each belongs.
_ARGUMENTS: Final = {
    "times": "assert_emitted(times=...)",
    "at_least": "assert_emitted(at_least=...)",
    "at_most": "assert_emitted(at_most=...)",
    "error_code": "assert_failed(error_code=...)",
    "timeout": "wait_for(timeout=...)",
    "within": "wait_for(timeout=...)",
}


@final
class ExpectedEvent:
    """Criteria as a value, which equals each captured event that matches them.

    So plain asserts work: `assert ExpectedEvent(source="shop.orders") in eventbridge.events`.

    Args:
        **criteria: See `Criteria`.

    Raises:
        TypeError: An unknown criterion (the message names the allowed ones and the nearest spelling), or a value
            that could match nothing.
        InvalidEventPattern: A pattern that the service would refuse.
    """

    __slots__ = ("_made_conditions", "criteria")

    criteria: dict[str, Any]
    _made_conditions: dict[str, Condition] | None

    def __init__(self, **criteria: Unpack[Criteria]) -> None:
        __tracebackhide__ = True
        for name in criteria:
            if name not in CRITERIA:
                raise TypeError(unknown_name("criterion", name, CRITERIA, instead=_ARGUMENTS.get(name)))
        # In the order of CRITERIA, the cheap ones first, whatever the order of the keywords.
        self._take(
            {
                name: checked_criterion(name, criteria[name])  # type: ignore[literal-required]  # Criteria's names
                for name in CRITERIA
                if name in criteria
            }
        )

    def with_error_code(self, error_code: str) -> ExpectedEvent:
        """Return the same expectation of an entry that was answered with this `ErrorCode`; for `assert_failed`."""
        expected = ExpectedEvent()
        expected._take({"error_code": checked_text("error_code", error_code), **self.criteria})
        return expected

    def _take(self, criteria: dict[str, Any]) -> None:
        self.criteria = criteria
        self._made_conditions = None

    @property
    def _conditions(self) -> dict[str, Condition]:
        """By criterion, made when first needed."""
        if self._made_conditions is None:
            self._made_conditions = {
                name: condition_for(name, value, _CHECKS[name]) for name, value in self.criteria.items()
            }
        return self._made_conditions

    def matches(self, event: CapturedEvent) -> bool:
        """Say whether the event has no mismatch."""
        return self.matches_opened(OpenedEvent(event))

    def matches_opened(self, opened: OpenedEvent) -> bool:
        """Say whether the event has no mismatch, where other expectations look at it as well."""
        return _meets(opened, self._conditions.values())

    def select(self, events: EventLog) -> list[CapturedEvent]:
        """Return the events that match, in their order."""
        kind = {name: text for name in KIND if (text := plain_text(self.criteria.get(name))) is not None}
        selected = events.of_kind(**kind)  # a copy, because a predicate of the test's may itself publish
        if len(selected) <= _FEW:
            return [event for event in selected if next(self.iter_mismatches(event), None) is None]
        others = [condition for name, condition in self._conditions.items() if name not in kind]
        detail = self._conditions.get("detail")
        if isinstance(detail, DetailCondition) and (needle := detail.text_check.needle()) is not None:
            selected = select_text(selected, needle)
        return [event for event in selected if _meets(OpenedEvent(event), others)] if others else selected

    def mismatches(self, event: CapturedEvent) -> list[Mismatch]:
        """Return each difference between the criteria and the event; none means that they match."""
        return list(self.iter_mismatches(event))

    def iter_mismatches(self, event: CapturedEvent) -> Iterator[Mismatch]:
        """Yield what `mismatches` returns, so that the first can be had without the rest."""
        for name, expected in self.criteria.items():
            yield from _CHECKS[name](name, expected, event)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CapturedEvent):
            return self.matches(other)
        if isinstance(other, ExpectedEvent):
            return self.criteria == other.criteria
        return NotImplemented

    # Equality with captured events is no equivalence, so no hash can be true to it.
    __hash__ = None  # type: ignore[assignment]  # how Python says unhashable

    def __repr__(self) -> str:
        return f"ExpectedEvent({', '.join(f'{name}={value!r}' for name, value in self.criteria.items())})"

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], ExpectedEvent], tuple[dict[str, Any]]]:
        return _from_criteria, (dict(self.criteria),)


def as_expected(expected: ExpectedEvent | None, criteria: Criteria) -> ExpectedEvent:
    """Return the one expectation that a method was given, in either of its two forms.

    Raises:
        TypeError: Both forms at once, or something else than an `ExpectedEvent` in its place.
    """
    __tracebackhide__ = True
    if expected is None:
        return ExpectedEvent(**criteria)
    if not isinstance(expected, ExpectedEvent):
        raise TypeError(
            f"An ExpectedEvent is required, not {type(expected).__name__}: {expected!r}. "
            "Criteria are given by keyword, such as source='shop.orders'."
        )
    if criteria:
        raise TypeError(f"Give an ExpectedEvent or criteria, not both: {', '.join(criteria)}.")
    return expected


def checked_text(name: str, value: object) -> str:
    """Return a text that is not empty.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name}: a string that is not empty is required, not {value!r}.")
    return value


def _meets(opened: OpenedEvent, conditions: Iterable[Condition]) -> bool:
    for condition in conditions:  # noqa: SIM110  # all() would need a generator for each event
        if not condition(opened):
            return False
    return True


def _from_criteria(criteria: dict[str, Any]) -> ExpectedEvent:
    error_code = criteria.pop("error_code", None)
    expected = ExpectedEvent(**criteria)
    return expected if error_code is None else expected.with_error_code(error_code)


def _iter_scalar_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    actual = getattr(event, name)
    if not leaf_matches(expected, actual):
        yield Mismatch(path=name, expected=expected, actual=actual)


def _iter_time_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    # A regular expression is for the text that a target would receive.
    actual = event.to_dict().get("time") if isinstance(expected, re.Pattern) else event.time
    if not leaf_matches(expected, actual):
        yield Mismatch(path=name, expected=expected, actual=actual)


def _iter_event_bus_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    is_arn = isinstance(expected, str) and expected.startswith("arn:")
    actual = event.event_bus_arn if is_arn else event.event_bus
    if not leaf_matches(expected, actual):
        yield Mismatch(path=name, expected=expected, actual=actual)


def _iter_optional_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    value = getattr(event, name)
    actual = ABSENT if value is None else value
    if not leaf_matches(expected, actual):
        yield Mismatch(path=name, expected=expected, actual=actual)


def _iter_resources_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    actual = event.resources
    members = expected.value if isinstance(expected, Exactly) else expected
    if not isinstance(members, list):  # a matcher of them all
        if not leaf_matches(members, list(actual)):
            yield Mismatch(path=name, expected=expected, actual=actual)
        return
    if isinstance(expected, Exactly):
        adjacency = [
            [place for place, resource in enumerate(actual) if leaf_matches(member, resource)] for member in members
        ]
        if len(members) != len(actual) or None in pair(adjacency, len(actual)):
            yield Mismatch(path=name, expected=expected, actual=actual)
        return
    for index, member in enumerate(members):
        if not any(leaf_matches(member, resource) for resource in actual):
            yield Mismatch(path=f"{name}[{index}]", expected=member, actual=actual)


def _iter_detail_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    yield from iter_mismatches(expected, event.compared_detail(), name)


def _iter_pattern_mismatches(name: str, expected: EventPattern, event: CapturedEvent) -> Iterator[Mismatch]:
    for reason in expected.find_reasons(event):
        path = f"{name}.{reason.path}" if reason.path else name
        values = values_of(reason)
        actual = ABSENT if not values else values[0] if len(values) == 1 else list(values)
        yield Mismatch(path=path, expected=demand_of(reason), actual=actual)


def _iter_where_mismatches(name: str, expected: Any, event: CapturedEvent) -> Iterator[Mismatch]:
    if not expected(event):
        yield Mismatch(path=name, expected=expected, actual=event)


_CHECKS: Final[dict[str, Check]] = {
    "error_code": _iter_scalar_mismatches,
    "source": _iter_scalar_mismatches,
    "detail_type": _iter_scalar_mismatches,
    "event_bus": _iter_event_bus_mismatches,
    "time": _iter_time_mismatches,
    "trace_header": _iter_optional_mismatches,
    "event_group_id": _iter_optional_mismatches,
    "resources": _iter_resources_mismatches,
    "detail": _iter_detail_mismatches,
    "pattern": _iter_pattern_mismatches,
    "where": _iter_where_mismatches,
}
