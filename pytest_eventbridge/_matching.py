"""Comparing an expected value with a captured one: what differs, and where.

The difference is the primitive: two values match when there is no `Mismatch` between them.
"""

from __future__ import annotations

import inspect
import marshal
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from numbers import Number
from types import MethodWrapperType
from typing import Any, Final, TypeAlias, final

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# The key or index of a value, within the place of what holds it; the outermost is a path.
_Place: TypeAlias = "tuple[_Place | None, str | int]"

_IDENTIFIER: Final = re.compile(r"[^\W\d][\w-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One difference between an expectation and a captured event.

    Attributes:
        path: Where, as the criterion and the way into it: `source`, `detail.order.lines[2].sku`.
        expected: The expected value or matcher at this place; `ABSENT` when nothing was to be there.
        actual: The captured value; `ABSENT` when nothing is there.
    """

    path: str
    expected: Any
    actual: Any


@final
class Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""As an expected value: the key must not be there. In a `Mismatch`: nothing is there."""


@final
class Exactly:
    """An expected value beneath which nothing more may be there than what is given.

    Turns off the subset rule for dicts, at every depth beneath it, and for `resources`. Leaves may still be matchers.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Exactly):
            return NotImplemented
        return bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(Exactly)

    def __repr__(self) -> str:
        return f"Exactly({self.value!r})"


def bare(expected: Any) -> Any:
    """Return an expected value without the `Exactly` around it, or several."""
    while isinstance(expected, Exactly):
        expected = expected.value
    return expected


def iter_mismatches(expected: Any, actual: Any, path: str, *, exact: bool = False) -> Iterator[Mismatch]:
    """Yield each difference between an expected and an actual JSON value, in the order of the expected one.

    Args:
        expected: The expected value, as `check_expected` returned it.
        actual: The decoded JSON value, or `ABSENT`.
        path: Where both stand.
        exact: Whether a dict may have no other keys than those expected.
    """
    # A stack of its own: a detail may nest as deep as Python's recursion limit. Paths are put together at the end:
    # most values match, and need none.
    pending: list[tuple[Any, Any, _Place, bool]] = [(expected, actual, (None, path), exact)]
    while pending:
        expected, actual, place, exact = pending.pop()
        if isinstance(expected, Exactly):
            pending.append((expected.value, actual, place, True))
        elif isinstance(expected, dict) and isinstance(actual, dict):
            members = [(value, actual.get(key, ABSENT), (place, key), exact) for key, value in expected.items()]
            if exact:
                members += [(ABSENT, value, (place, key), True) for key, value in actual.items() if key not in expected]
            pending += reversed(members)
        elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
            pairs = enumerate(zip(expected, actual, strict=True))
            pending += reversed([(one, other, (place, index), exact) for index, (one, other) in pairs])
        elif (isinstance(expected, list) and isinstance(actual, list)) or not leaf_matches(expected, actual):
            yield Mismatch(path=_path_to(place), expected=expected, actual=actual)


def has_mismatch(expected: Any, actual: Any) -> bool:
    """Say whether `iter_mismatches` yields any."""
    return next(iter_mismatches(expected, actual, ""), None) is not None


def leaf_matches(expected: Any, actual: Any) -> bool:
    """Say whether a value that is no container on both sides is as expected.

    An exception that a matcher raises is the test's, and passes through.
    """
    if expected is ABSENT or actual is ABSENT:
        return expected is actual
    if isinstance(expected, (bool, int, float, str, dict, list)) or expected is None:
        return _same_json_type(expected, actual) and bool(expected == actual)
    if isinstance(expected, re.Pattern):
        return isinstance(actual, str) and expected.fullmatch(actual) is not None
    if is_predicate(expected):
        return bool(expected(own_copy(actual)))
    if isinstance(expected, Number) and isinstance(actual, bool):
        return False  # Decimal(1) is no more true than 1 is
    if isinstance(expected, Decimal) and isinstance(actual, float) and expected == Decimal(repr(actual)):
        return True  # as the JSON text has it; the float itself is a little more or less than 10.1
    return bool(expected == own_copy(actual))


def own_copy(actual: Any) -> Any:
    """Return a JSON value for a matcher to have: what it does to it must not reach the next expectation."""
    # marshal, because no other copy of decoded JSON takes so little time, and it needs no recursion in Python.
    return marshal.loads(marshal.dumps(actual)) if isinstance(actual, (dict, list)) else actual


def key_path(path: str, key: str) -> str:
    """Return the path of a key: dotted where the key reads well so, in brackets where it does not."""
    return f"{path}.{key}" if _IDENTIFIER.fullmatch(key) else f"{path}[{key!r}]"


def _path_to(place: _Place) -> str:
    steps = []
    around: _Place | None = place
    while around is not None:
        around, step = around
        steps.append(step)
    path = str(steps.pop())
    for step in reversed(steps):
        path = f"{path}[{step}]" if isinstance(step, int) else key_path(path, step)
    return path


def _same_json_type(expected: Any, actual: Any) -> bool:
    # JSON has one type of number, and booleans are none; Python's True is the integer 1.
    return isinstance(expected, bool) == isinstance(actual, bool)


def is_predicate(value: Any) -> bool:
    """Say whether an expected value is called in order to decide, rather than compared."""
    if inspect.isroutine(value) or isinstance(value, MethodWrapperType):  # no routine before CPython 3.11
        return True
    return callable(value) and not isinstance(value, type) and not has_own_equality(value)


def has_own_equality(value: Any) -> bool:
    """Say whether an object may equal another one, as a matcher does."""
    # Compared as plain objects: mypy holds that the two can never be the same.
    own: object = type(value).__eq__
    inherited: object = object.__eq__
    return own is not inherited
