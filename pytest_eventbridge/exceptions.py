"""What the package raises of its own accord."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["EventBridgeAssertionError", "VerificationError"]


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
