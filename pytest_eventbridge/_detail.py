"""Reading the `Detail` of an entry: JSON as the service takes it, not as Python does."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

from pytest_eventbridge._limits import MAX_DETAIL_DEPTH

# pytest shows no frame of this module: with_room stands between a test and what it calls.
__tracebackhide__ = True

T = TypeVar("T")

# A whole JSON string, so that brackets inside it are passed over, or one bracket.
# The closing quote is optional so that an unterminated string is passed over once, not once for each quote in it.
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]+|\\.)*"?|[\[{]|[\]}]', re.DOTALL)

# The recursion limit belongs to the whole interpreter: two threads must not restore each other's.
_RECURSION_LIMIT_LOCK: Final = threading.Lock()


class MalformedDetailError(ValueError):
    """The text is not a JSON object as the service demands."""


def decode_detail(detail_json: str) -> dict[str, Any]:
    """Decode a `Detail` string.

    Two things that Python's `json` would take are refused, because they are no JSON: `NaN` and `Infinity`.
    A number that no double can hold decodes as an infinite one, as in Python's `json`.

    Args:
        detail_json: The text as sent.

    Returns:
        A new dict at each call.

    Raises:
        MalformedDetailError: It is no JSON, is JSON of another type than an object, or nests deeper than
            `MAX_DETAIL_DEPTH` levels.
    """
    if detail_json.count("{") + detail_json.count("[") > MAX_DETAIL_DEPTH and _depth(detail_json) > MAX_DETAIL_DEPTH:
        raise MalformedDetailError(f"nested deeper than {MAX_DETAIL_DEPTH} levels")
    detail = _decode_plain(detail_json)
    if detail is None:
        detail = with_room(_decode, detail_json)
    if not isinstance(detail, dict):
        raise MalformedDetailError(f"a JSON object is required, not {type(detail).__name__}")
    return detail


def _decode_plain(text: str) -> Any:
    """Decode a text without white space around it, which most are; `None` for one that takes a closer look."""
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def decode_json(text: str) -> Any:
    """Decode a text that may be any JSON value, under the rules of `decode_detail`.

    Raises:
        MalformedDetailError: It is no JSON, or nests deeper than `MAX_DETAIL_DEPTH` levels.
    """
    if _depth(text) > MAX_DETAIL_DEPTH:
        raise MalformedDetailError(f"nested deeper than {MAX_DETAIL_DEPTH} levels")
    return with_room(_decode, text)


def with_room(function: Callable[[Any], T], value: Any) -> T:
    """Call a function that recurses into a decoded `Detail`, with a higher recursion limit when it needs one.

    Before CPython 3.12 even the C decoder spends a frame of the limit on each level, so a text well within the
    service's own limit can fail on a stack that is already deep.
    """
    try:
        return function(value)
    except RecursionError:
        with _RECURSION_LIMIT_LOCK:
            limit = sys.getrecursionlimit()
            sys.setrecursionlimit(limit + 2 * MAX_DETAIL_DEPTH)
            try:
                return function(value)
            finally:
                sys.setrecursionlimit(limit)


def _decode(text: str) -> Any:
    try:
        return _decode_json(text)
    except json.JSONDecodeError as error:
        raise MalformedDetailError(str(error)) from None


def _decode_json(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (json.JSONDecodeError, MalformedDetailError):
        raise
    except ValueError:  # CPython converts no more than 4,300 digits by default; the service has no such rule
        return _LONG_INTEGER_DECODER.decode(text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "}]":
            depth -= 1
    return deepest


def _refuse_constant(constant: str) -> NoReturn:
    raise MalformedDetailError(f"{constant} is not JSON")


def _integer(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
_LONG_INTEGER_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)
