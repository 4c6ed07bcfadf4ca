"""Numbers as the service compares them: as doubles, where a double holds what the text says.

A number counts by its value when it equals the shortest decimal of its nearest double. Another one is compared by its
digits, so that the integers beyond 2 ** 53 keep theirs.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

# What a number is compared as: a double, or the integer alone in a tuple where no double says what its digits do.
Comparable: TypeAlias = float | tuple[int]

# Up to here each integer is a double of its own.
MAX_EXACT_INTEGER: Final = 2**53

# Below, a double has two digits at most.
_MIN_OF_TWO_DIGITS: Final = 1e-322

_INTEGER: Final = re.compile(r"-?[0-9]+")

# Java writes a double outside this range with an exponent.
_MIN_PLAIN: Final = 1e-3
_MAX_PLAIN: Final = 1e7


def parse_number(text: str) -> Comparable | None:
    """Return what a number in a pattern is compared as.

    Args:
        text: The JSON number as it stands.

    Returns:
        `None` when no number of an event can be it: their decimals are doubles.
    """
    value = parse_double(text)
    if value is None and _INTEGER.fullmatch(text):
        return (int(text),)
    return value


def parse_double(text: str) -> float | None:
    """Return the double that a JSON number says, `None` when it says something that no double holds."""
    value = float(text)
    if not math.isfinite(value):
        return None
    # Java writes two digits where one would do, and only the smallest doubles are another number then.
    shortest = f"{value:.1e}" if abs(value) < _MIN_OF_TWO_DIGITS else repr(value)
    try:
        return value if Decimal(text) == Decimal(shortest) else None
    except InvalidOperation:  # an exponent of more digits than Decimal takes
        return None


def comparable(value: float | int) -> Comparable | None:
    """Return what a number in an event is compared as.

    Args:
        value: The number; no boolean.

    Returns:
        `None` when it is infinite or not a number.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if -MAX_EXACT_INTEGER <= value <= MAX_EXACT_INTEGER:
        return float(value)
    try:
        double = float(value)
    except OverflowError:
        return (value,)
    return double if Decimal(value) == Decimal(repr(double)) else (value,)


def leading_digits(value: float | int) -> str:
    """Return the digits with which the service writes a number, up to the first character that is none."""
    if isinstance(value, int):
        # No more than an address has; an integer of thousands of digits is not written out.
        text = str(value) if abs(value) < 10**40 else ""
    elif value == 0 or _MIN_PLAIN <= abs(value) < _MAX_PLAIN:
        text = repr(value)
    else:
        text = f"{value!r:.1}" if value >= _MAX_PLAIN else f"{value:e}"[:1]
    digits = _INTEGER.match(text)
    return digits.group() if digits and value >= 0 else ""
