"""Whether a JSON value is as expected: the answer of `iter_mismatches`, without the places where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pytest_eventbridge._matching import ABSENT, Exactly, bare, has_mismatch, is_predicate, leaf_matches, own_copy

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

ValueCondition: TypeAlias = Callable[[Any], bool]
# What a predicate is given of a value.
Lend: TypeAlias = Callable[[Any], Any]

# A level of an expected value is a frame of Python's; what nests deeper goes the way that needs none.
_MAX_DEPTH: Final = 50


def value_condition(expected: Any, lend: Lend = own_copy) -> ValueCondition:
    """Return a function that says whether an actual JSON value, or `ABSENT`, has no mismatch.

    Args:
        expected: The expected value, as `check_expected` returned it.
        lend: Makes what a predicate is given. A copy, unless nobody looks at the value afterwards: copying a large one
            takes as long as decoding it.
    """
    if depth_of(expected) > _MAX_DEPTH:
        return lambda actual: not has_mismatch(expected, actual)
    return _condition(expected, lend, exact=False)


def depth_of(value: Any) -> int:
    """Return how deep lists and objects nest, 0 for a scalar."""
    depth, level = 0, [value]
    while level := [one for one in map(bare, level) if isinstance(one, (dict, list))]:
        depth += 1
        level = [member for one in level for member in (one.values() if isinstance(one, dict) else one)]
    return depth


def _condition(expected: Any, lend: Lend, *, exact: bool) -> ValueCondition:
    if isinstance(expected, Exactly):
        return _condition(bare(expected), lend, exact=True)
    if isinstance(expected, dict):
        return _object_condition(expected, lend, exact=exact)
    if isinstance(expected, list):
        return _list_condition(expected, lend, exact=exact)
    return _leaf_condition(expected, lend)


def _object_condition(expected: dict[str, Any], lend: Lend, *, exact: bool) -> ValueCondition:
    members = [(key, _condition(member, lend, exact=exact)) for key, member in expected.items()]

    def is_met(actual: Any) -> bool:
        if not isinstance(actual, dict):
            return False
        for key, condition in members:
            if not condition(actual.get(key, ABSENT)):
                return False
        return not exact or actual.keys() <= expected.keys()

    return is_met


def _list_condition(expected: list[Any], lend: Lend, *, exact: bool) -> ValueCondition:
    conditions = [_condition(element, lend, exact=exact) for element in expected]

    def is_met(actual: Any) -> bool:
        if not isinstance(actual, list) or len(actual) != len(conditions):
            return False
        return all(condition(element) for condition, element in zip(conditions, actual, strict=True))

    return is_met


def _leaf_condition(expected: Any, lend: Lend) -> ValueCondition:
    if isinstance(expected, re.Pattern):
        return lambda actual: isinstance(actual, str) and expected.fullmatch(actual) is not None
    if type(expected) is str:
        return lambda actual: bool(actual == expected)
    if expected is not None and type(expected) not in (int, float, bool) and is_predicate(expected):
        return lambda actual: actual is not ABSENT and bool(expected(lend(actual)))
    return lambda actual: leaf_matches(expected, actual)
