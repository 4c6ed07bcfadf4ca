"""What the package raises of its own accord."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

__all__ = [
    "DeliveryLoopError",
    "EventBridgeAssertionError",
    "InvalidEventPattern",
    "TargetStoppedError",
    "VerificationError",
]


class EventBridgeAssertionError(AssertionError):
    """An expectation about emitted events did not hold.

    Attributes:
        expected: The expectations, each an `ExpectedEvent`; empty when the assertion takes none.
        captured: The captured events the assertion looked at, in the order of capture.
        near_misses: The captured events that came closest to an expectation, each with its
            mismatches, closest first; empty when nothing was captured or nothing is comparable.
    """

    __module__ = "pytest_eventbridge"  # where it is imported from, and a shorter name in pytest's output

    def __init__(
        self,
        message: str,
        *,
        expected: Sequence[Any] = (),
        captured: Sequence[Any] = (),
        near_misses: Sequence[Any] = (),
    ) -> None:
        super().__init__(message)
        self.expected = tuple(expected)
        self.captured = tuple(captured)
        self.near_misses = tuple(near_misses)

    def __reduce__(self) -> tuple[Callable[..., EventBridgeAssertionError], tuple[Any, ...]]:
        """Pickle message and data; what cannot be pickled (a lambda in an expectation) goes as its `repr`."""
        data = {name: _picklable(getattr(self, name)) for name in ("expected", "captured", "near_misses")}
        return _rebuild, (type(self), str(self), data)


class VerificationError(EventBridgeAssertionError):
    """What `FakeEventBridge.verify()` found at the end of a test, all problems together.

    Attributes:
        problems: One text for each problem, in the order in which the message lists them.
    """

    __module__ = "pytest_eventbridge"

    def __init__(self, message: str, *, problems: Sequence[str] = (), **data: Sequence[Any]) -> None:
        super().__init__(message, **data)
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[Callable[..., EventBridgeAssertionError], tuple[Any, ...]]:
        """Pickle the problems as well."""
        rebuild, (cls, message, data) = super().__reduce__()
        return rebuild, (cls, message, {**data, "problems": self.problems})


class InvalidEventPattern(ValueError):  # noqa: N818 - the name that it has had in public
    """An event pattern is one that the service refuses. The message is the service's.

    Attributes:
        reason: What is wrong: what the service writes after "Reason:", without the place in the text.
        path: Where, from the outside in: the names of fields, `"$or"`, and indexes of the objects under it. Empty when
            the fault is not in one field.
        is_internal: Whether the service, instead of saying so, fails over the pattern (`InternalFailure`).
    """

    __module__ = "pytest_eventbridge"

    def __init__(
        self, reason: str, location: str = "", *, path: Sequence[str | int] = (), is_internal: bool = False
    ) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}{location}")
        self.reason = reason
        self.path = tuple(path)
        self.is_internal = is_internal
        self._location = location

    def __reduce__(self) -> tuple[Callable[..., InvalidEventPattern], tuple[Any, ...]]:
        """Pickle what the message is made of."""
        return _rebuild_invalid_pattern, (self.reason, self._location, self.path, self.is_internal)


def _rebuild_invalid_pattern(
    reason: str, location: str, path: tuple[str | int, ...], is_internal: bool
) -> InvalidEventPattern:
    return InvalidEventPattern(reason, location, path=path, is_internal=is_internal)


class DeliveryLoopError(RuntimeError):
    """An event was not delivered, because each delivery so far had led to the next one: a loop."""

    __module__ = "pytest_eventbridge"


class TargetStoppedError(RuntimeError):
    """What a target of a rule is said to have raised when it exited, or was cancelled."""

    __module__ = "pytest_eventbridge"


def _rebuild(cls: type[EventBridgeAssertionError], message: str, data: dict[str, Any]) -> EventBridgeAssertionError:
    return cls(message, **data)


def _picklable(values: Sequence[Any]) -> list[Any]:
    return [value if _can_pickle(value) else repr(value) for value in values]


def _can_pickle(value: object) -> bool:
    try:
        pickle.loads(pickle.dumps(value))
    except Exception:  # what an arbitrary object raises from its own __reduce__ is not ours to list
        return False
    return True
