"""Reading one element of a field's list: a literal, or an object with an operator.

Each function finds the reader at the token that it is about and leaves it at the last one of its own, and refuses with
the service's text what the service refuses, in its order: operator, operand, then what follows.

Source: the rule compiler of AWS's open-source rule engine, and the texts recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from pytest_eventbridge._pattern._addresses import AddressFault, Block, parse_address, parse_block
from pytest_eventbridge._pattern._conditions import (
    Absent,
    Address,
    AnythingBut,
    Between,
    Condition,
    Exists,
    IgnoringCase,
    Like,
    Literal,
    Number,
    Prefix,
    Suffix,
    Text,
)
from pytest_eventbridge._pattern._letters import ignoring_case
from pytest_eventbridge._pattern._numbers import parse_double, parse_number
from pytest_eventbridge._pattern._reader import NAME, Reader
from pytest_eventbridge._pattern._scanner import (
    ARRAY_END,
    ARRAY_START,
    NUMBER,
    OBJECT_END,
    OBJECT_START,
    STRING,
    SyntaxFault,
)
from pytest_eventbridge._pattern._wildcards import WildcardFault, parse_wildcard

T = TypeVar("T")

_LITERALS: Final = {"true": True, "false": False, "null": None}
_ONE_KEY: Final = "Only one key allowed in match expression"
_TOO_MANY_ELEMENTS: Final = "Too many elements in numeric expression"
_NO_ARRAY_NOR_VALUE: Final = "Value of anything-but must be an array or single string/number value."


def read_condition(reader: Reader) -> Condition:
    """Read an element of a field's list, where the reader stands at its first token.

    Raises:
        SyntaxFault: The service refuses it.
    """
    if reader.kind == OBJECT_START:
        return _read_expression(reader)
    if reader.kind == STRING:
        return _text_or_address(reader.text())
    if reader.kind == NUMBER:
        return Number(reader.text(), parse_number(reader.text()))
    if reader.kind in _LITERALS:
        return Literal(_LITERALS[reader.kind])
    return reader.fail("Match value must be String, number, true, false, or null")


def _text_or_address(text: str) -> Condition:
    digits = parse_address(text)
    return Text(text) if digits is None else Address(text, Block(digits, digits), is_block=False)


def _read_expression(reader: Reader) -> Condition:
    if reader.next() != NAME:
        reader.fail("Match expression name not found")
    operator = reader.text()
    read = _OPERATORS.get(operator)
    if read is None:
        reader.fail(f"Unrecognized match type {operator}")
    reader.next()
    return read(reader)


def _require_end(reader: Reader, reason: str = _ONE_KEY) -> None:
    if reader.next() != OBJECT_END:
        reader.fail(reason)


def _read_string(reader: Reader, operator: str) -> str:
    if reader.kind != STRING:
        reader.fail(f"{operator} match pattern must be a string")
    return reader.text()


def _read_exactly(reader: Reader) -> Condition:
    text = _read_string(reader, "exact")
    _require_end(reader)
    return Text(text)


def _read_prefix(reader: Reader) -> Condition:
    if reader.kind == OBJECT_START:
        text = _read_ignoring_case_within(reader, "prefix")
        return IgnoringCase(f"text that begins with {text!r} in any case", ignoring_case(text, after=".*"))
    text = _read_string(reader, "prefix")
    _require_end(reader)
    return Prefix(text)


def _read_suffix(reader: Reader) -> Condition:
    if reader.kind == OBJECT_START:
        text = _read_ignoring_case_within(reader, "suffix")
        return IgnoringCase(f"text that ends with {text!r} in any case", ignoring_case(text, before=".*"))
    text = _read_string(reader, "suffix")
    _require_end(reader)
    return Suffix(text)


def _read_ignoring_case_within(reader: Reader, operator: str) -> str:
    if reader.next() != NAME:
        reader.fail(f"{operator.capitalize()} expression name not found")
    if reader.text() != "equals-ignore-case":
        reader.fail(f"Unsupported {operator} pattern: {reader.text()}")
    reader.next()
    text = _read_string(reader, "equals-ignore-case")
    _require_end(reader)
    _require_end(reader)
    return text


def _read_equals_ignore_case(reader: Reader) -> Condition:
    text = _read_string(reader, "equals-ignore-case")
    _require_end(reader)
    return _in_any_case(text)


def _in_any_case(text: str) -> Condition:
    return IgnoringCase(f"{text!r} in any case", ignoring_case(text))


def _read_wildcard(reader: Reader) -> Condition:
    condition = _like(reader, _read_string(reader, "wildcard"))
    _require_end(reader)
    return condition


def _like(reader: Reader, text: str) -> Condition:
    try:
        return Like(text, parse_wildcard(text))
    except WildcardFault as fault:
        return reader.fail(str(fault))


def _read_exists(reader: Reader) -> Condition:
    if reader.kind not in ("true", "false"):
        reader.fail("exists match pattern must be either true or false.")
    condition = Exists() if reader.kind == "true" else Absent()
    _require_end(reader)
    return condition


def _read_cidr(reader: Reader) -> Condition:
    text = _read_string(reader, "prefix")  # the service names the wrong operator
    try:
        condition = Address(text, parse_block(text), is_block=True)
    except AddressFault as fault:
        raise SyntaxFault(str(fault)) from None
    _require_end(reader)
    return condition


def _read_numeric(reader: Reader) -> Condition:
    if reader.kind != ARRAY_START:
        reader.fail("Value of numeric must be an array.")
    if reader.next() != STRING:
        reader.fail(f"Invalid member in numeric match: {reader.text()}")
    operator = reader.text()
    reader.next()
    condition = _read_range(reader, operator)
    _require_end(reader, _TOO_MANY_ELEMENTS)
    return condition


def _read_range(reader: Reader, operator: str) -> Condition:
    if operator not in ("=", "<", "<=", ">", ">="):
        reader.fail(f"Unrecognized numeric range operator: {operator}")
    text = _read_operand(reader, "equals" if operator == "=" else operator)
    reader.next()
    is_lower_bound = operator in (">", ">=")
    if reader.kind != ARRAY_END:
        if not is_lower_bound:
            reader.fail(_TOO_MANY_ELEMENTS)
        return _read_upper_bound(reader, operator, text)
    number = _require_double(reader, text)
    words = f"{operator} {text}"
    if is_lower_bound:
        return Between(words, lowest=number, excludes_lowest=operator == ">")
    if operator == "=":
        return Between(words, lowest=number, highest=number)
    return Between(words, highest=number, excludes_highest=operator == "<")


def _read_upper_bound(reader: Reader, lower_operator: str, lower_text: str) -> Condition:
    if reader.kind != STRING:
        reader.fail(f"Bad value in numeric range: {reader.text()}")
    operator = reader.text()
    if operator not in ("<", "<="):
        reader.fail(f"Bad numeric range operator: {operator}")
    reader.next()
    text = _read_operand(reader, operator)
    if reader.next() != ARRAY_END:
        reader.fail("Too many terms in numeric range expression")
    lowest, highest = _require_double(reader, lower_text), _require_double(reader, text)
    if lowest >= highest:
        reader.fail("Bottom must be less than top")
    return Between(
        f"{lower_operator} {lower_text} and {operator} {text}",
        lowest=lowest,
        highest=highest,
        excludes_lowest=lower_operator == ">",
        excludes_highest=operator == "<",
    )


def _read_operand(reader: Reader, operator: str) -> str:
    if reader.kind != NUMBER:
        reader.fail(f"Value of {operator} must be numeric")
    return reader.text()


def _require_double(reader: Reader, text: str) -> float:
    number = parse_double(text)
    if number is None:
        reader.fail(f"Cannot compare number : {text}")
    return number


def _read_anything_but(reader: Reader) -> Condition:
    if reader.kind == OBJECT_START:
        return _read_anything_but_expression(reader)
    if reader.kind == ARRAY_START:
        refused = _read_refused_values(reader)
    elif reader.kind == STRING:
        refused = (Text(reader.text()),)
    elif reader.kind == NUMBER:
        refused = (_refused_number(reader.text()),)
    else:
        reader.fail(_NO_ARRAY_NOR_VALUE)
    _require_end(reader, _TOO_MANY_ELEMENTS)
    return AnythingBut(refused)


def _refused_number(text: str) -> Condition:
    number = parse_double(text)
    if number is None:
        raise SyntaxFault(f"Cannot compare number : {text}")
    return Number(text, number)


def _read_refused_values(reader: Reader) -> tuple[Condition, ...]:
    def read() -> Condition:
        if reader.kind == STRING:
            return Text(reader.text())
        if reader.kind == NUMBER:
            return _refused_number(reader.text())
        return reader.fail("Inside anything but list, start|null|boolean is not supported.")

    refused = _read_list(reader, read)
    if len({type(condition) for condition in refused}) != 1:
        reader.fail("Inside anything but list, either all values are number or string, mixed type is not supported")
    return refused


def _read_anything_but_expression(reader: Reader) -> Condition:
    if reader.next() != NAME:
        reader.fail("Anything-But expression name not found")
    operator = reader.text()
    if operator not in _REFUSED:
        reader.fail(f"Unsupported anything-but pattern: {operator}")
    reader.next()
    if reader.kind not in (ARRAY_START, STRING, NUMBER):
        reader.fail(_NO_ARRAY_NOR_VALUE)
    texts = _read_refused_texts(reader, operator)
    refused = tuple(_REFUSED[operator](reader, text) for text in texts)
    _require_end(reader, _TOO_MANY_ELEMENTS)
    _require_end(reader, _TOO_MANY_ELEMENTS)
    if not refused:
        # The service takes it for valid and then fails over it (recorded).
        raise SyntaxFault("Empty arrays are not allowed", is_internal=True)
    return AnythingBut(refused)


def _read_refused_texts(reader: Reader, operator: str) -> tuple[str, ...]:
    def read() -> str:
        if reader.kind != STRING:
            reader.fail(_NO_REFUSED_TEXT[operator])
        text = reader.text()
        if not text and operator in ("prefix", "suffix"):
            reader.fail("Null prefix/suffix not allowed")
        return text

    return _read_list(reader, read) if reader.kind == ARRAY_START else (read(),)


def _read_list(reader: Reader, read: Callable[[], T]) -> tuple[T, ...]:
    refused: list[T] = []
    try:
        while reader.next() != ARRAY_END:
            refused.append(read())
    except SyntaxFault as fault:
        # The service reports such a fault anew, with the old text and place within the new one (recorded).
        raise SyntaxFault(fault.reason, f"{fault.locations}\n at {reader.location()}") from None
    return tuple(refused)


_NO_AFFIX: Final = "prefix/suffix match pattern must be a string"
_NO_REFUSED_TEXT: Final = {
    "prefix": _NO_AFFIX,
    "suffix": _NO_AFFIX,
    "equals-ignore-case": ("Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."),
    "wildcard": "wildcard match pattern must be a string",
}

_REFUSED: Final[dict[str, Callable[[Reader, str], Condition]]] = {
    "prefix": lambda _, text: Prefix(text),
    "suffix": lambda _, text: Suffix(text),
    "equals-ignore-case": lambda _, text: _in_any_case(text),
    "wildcard": _like,
}

_OPERATORS: Final[dict[str, Callable[[Reader], Condition]]] = {
    "exactly": _read_exactly,
    "prefix": _read_prefix,
    "suffix": _read_suffix,
    "numeric": _read_numeric,
    "anything-but": _read_anything_but,
    "exists": _read_exists,
    "cidr": _read_cidr,
    "equals-ignore-case": _read_equals_ignore_case,
    "wildcard": _read_wildcard,
}
