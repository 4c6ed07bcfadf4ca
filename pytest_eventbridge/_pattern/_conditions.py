"""What a field's value may be asked: one class for each operator of the pattern language, and the literals.

A condition looks at one leaf at a time: a string, a number, `True`, `False`, `None`, or `UNKNOWN` for what is no JSON
value. What it is called in an explanation stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pytest_eventbridge._pattern._addresses import Block, hex_digits, parse_address
from pytest_eventbridge._pattern._numbers import MAX_EXACT_INTEGER, Comparable, comparable, leading_digits
from pytest_eventbridge._pattern._wildcards import Wildcard

Test = Callable[[Any], bool]

# The largest double: a comparison without a bound still takes no infinite number.
MAX_DOUBLE: Final = float.fromhex("0x1.fffffffffffffp+1023")


class Unknown:
    """The type of `UNKNOWN`: a value in an event that JSON has no word for. It exists, and equals nothing."""

    __slots__ = ()


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Text:
    """Exactly this string. Who asks compares with all the texts of a list at once, as with its numbers."""

    value: str

    def describe(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Number:
    """This number, by value or by its digits; `None` when no number of an event can be it."""

    text: str
    value: Comparable | None

    def describe(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Literal:
    """`True`, `False` or `None`."""

    value: bool | None

    def accepts(self, value: Any) -> bool:
        return value is self.value

    def describe(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address in a block, or one written otherwise."""

    text: str
    block: Block
    is_block: bool

    def accepts(self, value: Any) -> bool:
        if isinstance(value, str):
            digits = parse_address(value)
            return digits is not None and self.block.holds(digits)
        return is_number(value) and self.block.holds(hex_digits(leading_digits(value)))

    def describe(self) -> str:
        return f"an IP address in {self.text}" if self.is_block else f"the IP address {self.text!r}"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A string that begins so."""

    text: str

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith(self.text)

    def describe(self) -> str:
        return f"text that begins with {self.text!r}"


@dataclass(frozen=True, slots=True)
class Suffix:
    """A string that ends so."""

    text: str

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and value.endswith(self.text)

    def describe(self) -> str:
        return f"text that ends with {self.text!r}"


@dataclass(frozen=True, slots=True)
class IgnoringCase:
    """A string that an expression matches which allows both cases of each letter."""

    words: str
    expression: re.Pattern[str]

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and self.expression.fullmatch(value) is not None

    def describe(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Like:
    """A string of the form of a pattern with wildcards."""

    text: str
    wildcard: Wildcard

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and self.wildcard.matches(value)

    def describe(self) -> str:
        return f"text like {self.text!r}"


@dataclass(frozen=True, slots=True)
class Between:
    """A number within bounds."""

    words: str
    lowest: float = -MAX_DOUBLE
    highest: float = MAX_DOUBLE
    excludes_lowest: bool = False
    excludes_highest: bool = False

    def accepts(self, value: Any) -> bool:
        number = comparable(value) if is_number(value) else None
        if not isinstance(number, float) or not self.lowest <= number <= self.highest:
            return False
        is_excluded = (self.excludes_lowest and number == self.lowest) or (
            self.excludes_highest and number == self.highest
        )
        return not is_excluded

    def describe(self) -> str:
        return f"a number {self.words}"


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Any leaf that meets none of these conditions."""

    refused: tuple[Condition, ...]
    _is_refused: Test = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_is_refused", any_of(self.refused))

    def accepts(self, value: Any) -> bool:
        return not self._is_refused(value)

    def describe(self) -> str:
        return f"anything but {either(self.refused)}"


@dataclass(frozen=True, slots=True)
class Exists:
    """Any leaf at all."""

    def accepts(self, _: Any) -> bool:
        return True

    def describe(self) -> str:
        return "any value"


@dataclass(frozen=True, slots=True)
class Absent:
    """No leaf, so that none meets it; who asks looks for this class."""

    def describe(self) -> str:
        return "no value"


Condition: TypeAlias = (
    Text | Number | Literal | Address | Prefix | Suffix | IgnoringCase | Like | Between | AnythingBut | Exists | Absent
)
"""One element of a field's list."""


def any_of(conditions: Iterable[Condition]) -> Test:
    """Return a function that says whether a leaf meets at least one of the conditions."""
    conditions = tuple(conditions)
    tests = [test for test in (_text_test(conditions), _number_test(conditions)) if test is not None]
    tests += [condition.accepts for condition in conditions if not isinstance(condition, (Text, Number, Absent))]
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def _text_test(conditions: tuple[Condition, ...]) -> Test | None:
    texts = frozenset(condition.value for condition in conditions if isinstance(condition, Text))
    if not texts:
        return None
    return lambda value: type(value) is str and value in texts


def _number_test(conditions: tuple[Condition, ...]) -> Test | None:
    numbers = [condition.value for condition in conditions if isinstance(condition, Number)]
    if not numbers:
        return None
    values = frozenset(number for number in numbers if number is not None)

    def test(value: Any) -> bool:
        if type(value) is int and -MAX_EXACT_INTEGER <= value <= MAX_EXACT_INTEGER:
            return value in values
        return is_number(value) and comparable(value) in values

    return test


def is_number(value: Any) -> bool:
    """Say whether a leaf is a number; booleans are none."""
    return type(value) is int or type(value) is float


def either(conditions: Iterable[Condition]) -> str:
    """Return what several conditions demand, one or the other."""
    words = list(dict.fromkeys(condition.describe() for condition in conditions))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
