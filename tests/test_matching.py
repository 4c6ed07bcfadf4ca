"""Comparing an expected value with a decoded JSON value: the subset rule, and matchers."""

from __future__ import annotations

import copy
import functools
import operator
import pickle
import re
from collections import OrderedDict, UserDict
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from unittest.mock import ANY

import pytest
from dirty_equals import Contains, IsInt, IsList, IsPartialDict, IsPositiveInt, IsStr
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import ABSENT, Exactly, Mismatch
from pytest_eventbridge._criteria import check_expected
from pytest_eventbridge._matching import iter_mismatches, leaf_matches


def differences(expected: Any, actual: Any) -> list[tuple[str, Any, Any]]:
    """Return path, expected and actual value of each mismatch."""
    checked = check_expected(expected, "detail")
    return [(found.path, found.expected, found.actual) for found in iter_mismatches(checked, actual, "detail")]


class Colour(str, Enum):
    RED = "red"


class Level(IntEnum):
    ONE = 1


class Plain(Enum):
    RED = "red"


class Even:
    """A callable object."""

    def __call__(self, value: Any) -> bool:
        return value % 2 == 0


class Between:
    """An object whose `==` decides, and one whose method is a predicate."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and self.low <= other <= self.high

    __hash__ = None  # type: ignore[assignment]

    def holds(self, value: Any) -> bool:
        return self == value

    @classmethod
    def is_small(cls, value: Any) -> bool:
        return cls(0, 9) == value

    @staticmethod
    def is_one(value: Any) -> bool:
        return value == 1


MATCHING = {
    "nothing expected of an object": ({}, {"a": 1}),
    "nothing expected of an empty object": ({}, {}),
    "one key of two": ({"a": 1}, {"a": 1, "b": 2}),
    "one key of two, three levels down": ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 1, "x": 0}, "y": 0}, "z": 0}),
    "an object without its keys": ({"a": {}}, {"a": {"b": 1}}),
    "an object inside a list": ([{"a": 1}], [{"a": 1, "b": 2}]),
    "an object inside a list inside a list": ({"a": [[{"b": 1}]]}, {"a": [[{"b": 1, "c": 2}]]}),
    "an empty list": ({"a": []}, {"a": []}),
    "a tuple for a list": ({"a": (1, {"b": 2})}, {"a": [1, {"b": 2, "c": 3}]}),
    "another kind of mapping": (OrderedDict(a=UserDict(b=1)), {"a": {"b": 1, "c": 2}}),
    "a read-only mapping": (MappingProxyType({"a": 1}), {"a": 1, "b": 2}),
    "null": ({"a": None}, {"a": None}),
    "an integer for a float": ({"a": 1}, {"a": 1.0}),
    "a float for an integer": ({"a": 1.0}, {"a": 1}),
    "zero of either sign": ({"a": 0}, {"a": -0.0}),
    "an integer beyond 64 bits": ({"a": 10**30}, {"a": 10**30}),
    "true": ({"a": True}, {"a": True}),
    "a member of a string enum": ({"a": Colour.RED}, {"a": "red"}),
    "a member of an integer enum": ({"a": Level.ONE}, {"a": 1}),
    "a decimal": ({"a": Decimal("1.5")}, {"a": 1.5}),
    "a decimal, as the text has it": ({"a": [Decimal("10.10")]}, {"a": [10.1]}),
    "a decimal, as the float has it": ({"a": Decimal.from_float(10.1)}, {"a": 10.1}),
    "a decimal for an integer": ({"a": Decimal("1e3")}, {"a": 1000}),
    "a key that is not there": ({"a": ABSENT}, {"b": 1}),
    "a key that is not there, in an exact object": (Exactly({"a": ABSENT, "b": 1}), {"b": 1}),
    "an exact object": (Exactly({"a": {"b": 1}}), {"a": {"b": 1}}),
    "an exact object inside a loose one": ({"a": Exactly({"b": 1})}, {"a": {"b": 1}, "x": 0}),
    "an exact list": ({"a": Exactly([1, 2])}, {"a": [1, 2]}),
    "an exact scalar": ({"a": Exactly(1)}, {"a": 1.0}),
    "exactly exactly": (Exactly(Exactly({"a": 1})), {"a": 1}),
}


@pytest.mark.parametrize(("expected", "actual"), MATCHING.values(), ids=MATCHING)
def test_a_subset_matches(expected: Any, actual: Any) -> None:
    """What is given has to be there, and other keys are ignored at every depth."""
    assert differences(expected, actual) == []


DIFFERING: dict[str, tuple[Any, Any, list[tuple[str, Any, Any]]]] = {
    "a key that is missing": ({"a": 1}, {"b": 1}, [("detail.a", 1, ABSENT)]),
    "null where the key is missing": ({"a": None}, {}, [("detail.a", None, ABSENT)]),
    "any value where the key is missing": ({"a": ANY}, {}, [("detail.a", ANY, ABSENT)]),
    "an object where the key is missing": ({"a": {"b": ABSENT}}, {}, [("detail.a", {"b": ABSENT}, ABSENT)]),
    "a key that should not be there": ({"a": ABSENT}, {"a": None}, [("detail.a", ABSENT, None)]),
    "two differences in the order expected": (
        {"b": 1, "a": 2},
        {"a": 0, "b": 0},
        [("detail.b", 1, 0), ("detail.a", 2, 0)],
    ),
    "three levels down": ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [("detail.a.b.c", 1, 2)]),
    "the second of a list": ({"a": [1, 2]}, {"a": [1, 3]}, [("detail.a[1]", 2, 3)]),
    "inside an object of a list": ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("detail.a[0].b", 1, 2)]),
    "a list in another order": ([1, 2], [2, 1], [("detail[0]", 1, 2), ("detail[1]", 2, 1)]),
    "a list that is shorter": ({"a": [1]}, {"a": [1, 2]}, [("detail.a", [1], [1, 2])]),
    "a list that is longer": ({"a": [1, 2]}, {"a": [1]}, [("detail.a", [1, 2], [1])]),
    "an empty list for an empty object": ({"a": []}, {"a": {}}, [("detail.a", [], {})]),
    "an empty object for an empty list": ({"a": {}}, {"a": []}, [("detail.a", {}, [])]),
    "an object for null": ({"a": {}}, {"a": None}, [("detail.a", {}, None)]),
    "a list for its only member": ({"a": [1]}, {"a": 1}, [("detail.a", [1], 1)]),
    "true for one": ({"a": True}, {"a": 1}, [("detail.a", True, 1)]),
    "one for true": ({"a": 1}, {"a": True}, [("detail.a", 1, True)]),
    "zero for false": ({"a": 0.0}, {"a": False}, [("detail.a", 0.0, False)]),
    "false for null": ({"a": False}, {"a": None}, [("detail.a", False, None)]),
    "a number for its text": ({"a": 1}, {"a": "1"}, [("detail.a", 1, "1")]),
    "an upper case letter": ({"a": "A"}, {"a": "a"}, [("detail.a", "A", "a")]),
    "an integer that a float cannot tell": ({"a": 2**53 + 1}, {"a": 2.0**53}, [("detail.a", 2**53 + 1, 2.0**53)]),
    "an exact object with a key more": (Exactly({"a": 1}), {"a": 1, "b": 2}, [("detail.b", ABSENT, 2)]),
    "an exact object with a key more further down": (
        Exactly({"a": [{"b": {}}]}),
        {"a": [{"b": {"c": 1}}]},
        [("detail.a[0].b.c", ABSENT, 1)],
    ),
    "an exact object with another key": (
        Exactly({"a": 1}),
        {"b": 1},
        [("detail.a", 1, ABSENT), ("detail.b", ABSENT, 1)],
    ),
    "an exact object with a key that should not be there": (
        Exactly({"a": ABSENT}),
        {"a": 1},
        [("detail.a", ABSENT, 1)],
    ),
    "a key with a hyphen": ({"order-id": 1}, {}, [("detail.order-id", 1, ABSENT)]),
    "a key in another script": ({"größe": 1}, {}, [("detail.größe", 1, ABSENT)]),
    "a key with a dot": ({"a.b": 1}, {"a": {"b": 1}}, [("detail['a.b']", 1, ABSENT)]),
    "a key with a blank": ({"a b": {"c": 1}}, {"a b": {}}, [("detail['a b'].c", 1, ABSENT)]),
    "a key that is a number": ({"1": 1}, {}, [("detail['1']", 1, ABSENT)]),
    "an empty key": ({"": 1}, {}, [("detail['']", 1, ABSENT)]),
    "an object of no object": ({"a": 1}, None, [("detail", {"a": 1}, None)]),
}


@pytest.mark.parametrize(("expected", "actual", "found"), DIFFERING.values(), ids=DIFFERING)
def test_a_difference_says_where_and_what(expected: Any, actual: Any, found: list[tuple[str, Any, Any]]) -> None:
    """Each difference is a mismatch with its path, what was expected, and what was there."""
    mismatches = differences(expected, actual)
    assert mismatches == found
    # `==` alone would take True for 1.
    assert repr(mismatches) == repr(found)


JSON_KEYS = st.sampled_from(["a", "b", "c"])
JSON_SCALARS = st.sampled_from([None, True, False, 0, 1, 0.0, 1.0, 1.5, "", "a", "1"])
JSON_VALUES = st.recursive(
    JSON_SCALARS,
    lambda members: st.lists(members, max_size=3) | st.dictionaries(JSON_KEYS, members, max_size=3),
    max_leaves=12,
)


@st.composite
def values_and_parts(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a value and a part of it, in which now and then something is replaced."""

    def part_of(value: Any) -> Any:
        if draw(st.integers(0, 15)) == 0:
            return draw(JSON_VALUES)
        if isinstance(value, dict):
            return {key: part_of(member) for key, member in value.items() if draw(st.booleans())}
        if isinstance(value, list):
            return [part_of(member) for member in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return draw(st.sampled_from([int(value), float(value)]))
        return value

    value = draw(JSON_VALUES)
    return part_of(value), value


def facts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Write a JSON value down as a heap of single facts, each with its path."""
    if isinstance(value, dict):
        yield path, "object"
        for key, member in value.items():
            yield from facts(member, (*path, "key", key))
    elif isinstance(value, list):
        yield path, "array of", len(value)
        for index, member in enumerate(value):
            yield from facts(member, (*path, "index", index))
    elif isinstance(value, bool):
        yield path, "boolean", str(value)
    elif isinstance(value, (int, float)):
        yield path, "number", float(value)
    elif value is None:
        yield path, "null"
    else:
        yield path, "string", value


@settings(max_examples=150, deadline=None)
@given(st.one_of(values_and_parts(), st.tuples(JSON_VALUES, JSON_VALUES)))
def test_matching_agrees_with_a_comparison_of_single_facts(pair: tuple[Any, Any]) -> None:
    """A value matches when each single fact about the expected one is a fact about the actual one."""
    expected, actual = pair
    assert (differences(expected, actual) == []) == (set(facts(expected)) <= set(facts(actual)))
    assert (differences(Exactly(expected), actual) == []) == (set(facts(expected)) == set(facts(actual)))


@settings(max_examples=50, deadline=None)
@given(values_and_parts())
def test_each_mismatch_has_a_place_of_its_own(pair: tuple[Any, Any]) -> None:
    """No place is reported twice, not even by an exact comparison."""
    for expected in (pair[0], Exactly(pair[0])):
        paths = [path for path, _, _ in differences(expected, pair[1])]
        assert len(paths) == len(set(paths))


MATCHERS = {
    "unittest.mock.ANY": (ANY, None),
    "dirty-equals instance": (IsInt(gt=3), 4),
    "dirty-equals class": (IsStr, "x"),
    "dirty-equals combination": (IsStr | IsPositiveInt, 1),
    "dirty-equals negation": (~IsStr(), 1),
    "dirty-equals over an object": (IsPartialDict(a=1), {"a": 1, "b": 2}),
    "dirty-equals over a list": (IsList(1, 2, check_order=False), [2, 1]),
    "dirty-equals over members": (Contains("x"), ["w", "x"]),
    "pytest.approx": (pytest.approx(0.3), 0.1 + 0.2),
    "pytest.approx over a list": (pytest.approx([0.3]), [0.1 + 0.2]),
    "own equality": (Between(1, 3), 2),
    "regular expression": (re.compile(r"o-\d+"), "o-17"),
    "lambda": (lambda value: value > 1, 2),
    "bound method": (Between(1, 3).holds, 2),
    "class method": (Between.is_small, 2),
    "static method": (Between.is_one, 1),
    "builtin": (callable, print),
    "method of a builtin type": (str.isdigit, "17"),
    "bound method of a builtin type": ("o-17".startswith, "o-"),
    "bound special method": (("red", "green").__contains__, "red"),
    "partial": (functools.partial(operator.gt, 5), 4),
    "method caller": (operator.methodcaller("startswith", "o"), "o-17"),
    "callable object": (Even(), 2),
}
UNMATCHED = {
    "dirty-equals instance": (IsInt(gt=3), 3),
    "dirty-equals class": (IsStr, 1),
    "dirty-equals negation": (~IsStr(), "x"),
    "dirty-equals over an object": (IsPartialDict(a=1), {"a": 2}),
    "pytest.approx": (pytest.approx(0.3), 0.4),
    "own equality": (Between(1, 3), 4),
    "regular expression that matches only the beginning": (re.compile("o-"), "o-17"),
    "regular expression that matches only the end": (re.compile(r"\d+"), "o-17"),
    "regular expression and a number": (re.compile(r"\d+"), 17),
    "regular expression and null": (re.compile(".*"), None),
    "lambda": (lambda value: value > 1, 1),
    "predicate that returns nothing": (lambda value: None, 1),
    "bound method": (Between(1, 3).holds, 4),
    "class method": (Between.is_small, 10),
    "static method": (Between.is_one, 2),
    "builtin": (callable, 1),
    "method of a builtin type": (str.isdigit, "x"),
    "bound special method": (("red", "green").__contains__, "blue"),
    "partial": (functools.partial(operator.gt, 5), 6),
    "callable object": (Even(), 1),
}


@pytest.mark.parametrize(("matcher", "actual"), MATCHERS.values(), ids=MATCHERS)
@pytest.mark.parametrize("wrap", [lambda value: value, Exactly], ids=["loosely", "exactly"])
def test_a_matcher_accepts(matcher: Any, actual: Any, wrap: Any) -> None:
    """A matcher decides at a leaf, at any depth, and beneath `Exactly` as well."""
    assert differences(wrap({"a": [{"b": matcher}]}), {"a": [{"b": actual}]}) == []


@pytest.mark.parametrize(("matcher", "actual"), UNMATCHED.values(), ids=UNMATCHED)
def test_a_matcher_rejects(matcher: Any, actual: Any) -> None:
    """What a matcher does not take is a mismatch that names the matcher itself."""
    ((path, expected, found),) = differences({"a": [{"b": matcher}]}, {"a": [{"b": actual}]})
    assert (path, found) == ("detail.a[0].b", actual)
    assert expected is matcher


def test_a_matcher_can_stand_for_the_whole() -> None:
    """A matcher in the place of the whole value sees all of it."""
    seen: list[Any] = []
    assert differences(lambda value: not seen.append(value), {"a": 1}) == []
    assert seen == [{"a": 1}]


def test_a_matcher_is_not_asked_about_what_is_missing() -> None:
    """A predicate sees values only, never the sign for a key that is not there."""
    seen: list[Any] = []
    assert [path for path, _, _ in differences({"a": seen.append}, {})] == ["detail.a"]
    assert seen == []


class Broken:
    def __eq__(self, other: object) -> bool:
        raise LookupError("broken matcher")

    __hash__ = None  # type: ignore[assignment]


class WithoutTruth:
    def __bool__(self) -> bool:
        raise LookupError("broken matcher")


def raise_lookup_error(value: Any) -> bool:
    """Fail as a mistaken predicate does."""
    raise LookupError("broken matcher")


@pytest.mark.parametrize(
    "matcher",
    [Broken(), raise_lookup_error, lambda value: WithoutTruth()],
    ids=["its equality", "its call", "the truth of its result"],
)
def test_an_exception_in_a_matcher_passes_through(matcher: Any) -> None:
    """An exception raised by a matcher is the test's error, and no mismatch."""
    with pytest.raises(LookupError, match="broken matcher"):
        differences({"a": [matcher]}, {"a": [1]})


def test_an_exception_in_a_builtin_matcher_passes_through() -> None:
    """A builtin that cannot take the value says so, as it would anywhere else."""
    with pytest.raises(TypeError, match="descriptor 'isdigit'"):
        differences({"a": str.isdigit}, {"a": 17})


def test_absent_is_one_object() -> None:
    """`ABSENT` stays itself when it is copied or pickled, and shows its name."""
    assert repr(ABSENT) == "ABSENT"
    assert copy.copy(ABSENT) is ABSENT
    assert copy.deepcopy({"a": ABSENT})["a"] is ABSENT
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT


def test_exactly_is_a_value() -> None:
    """Two `Exactly` are equal when what they hold is, also after pickling, and show what they hold."""
    exact = Exactly({"a": [1]})
    assert exact == Exactly({"a": [1]})
    assert exact != Exactly({"a": [2]})
    assert exact != {"a": [1]}
    assert hash(exact) == hash(Exactly({"a": [1]}))
    assert pickle.loads(pickle.dumps(exact)) == exact
    assert repr(exact) == "Exactly({'a': [1]})"


def test_a_mismatch_is_a_frozen_value() -> None:
    """A mismatch compares by its parts and cannot be changed."""
    mismatch = Mismatch(path="detail.a", expected=1, actual=ABSENT)
    assert mismatch == Mismatch(path="detail.a", expected=1, actual=ABSENT)
    assert repr(mismatch) == "Mismatch(path='detail.a', expected=1, actual=ABSENT)"
    with pytest.raises(FrozenInstanceError):
        mismatch.path = "detail.b"  # type: ignore[misc]


@pytest.mark.parametrize("number", [Decimal(1), Fraction(1)], ids=repr)
def test_a_number_of_another_type_is_not_true(number: Any) -> None:
    """A number equals the JSON number of its value, and no boolean."""
    assert leaf_matches(number, 1)
    assert not leaf_matches(number, True)


def test_a_decimal_that_differs_in_the_last_digit() -> None:
    """A decimal is compared digit by digit, however little a float tells apart."""
    assert leaf_matches(Decimal("0.1"), 0.1)
    assert not leaf_matches(Decimal("0.10000000000000001"), 0.1)
    assert not leaf_matches(Decimal("10.1"), "10.1")
