"""The semantics of event patterns a second time: obvious, slow, and without anything of the package's.

An event becomes a list of (path, leaf, position) triples; of each path of the pattern, in order, every leaf is tried.
It takes valid patterns only.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Position = dict[int, int]
Triple = tuple[str, Any, Position]

MAX_INTEGER = 2**53


def slow_matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Say whether a valid pattern matches an event."""
    triples = list(flatten(event))
    return any(
        holds(sorted(fields.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass")), triples, {})
        for fields in expand(pattern, "", [{}])
    )


def expand(node: dict[str, Any], prefix: str, alternatives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the flat patterns that a nested one with `$or` stands for, on top of those that stand before it."""
    for name, value in node.items():
        if name == "$or":
            alternatives = [
                fields for arm in value for fields in expand(arm, prefix, [dict(fields) for fields in alternatives])
            ]
        elif isinstance(value, dict):
            alternatives = expand(value, f"{prefix}{name}.", alternatives)
        else:
            for fields in alternatives:
                fields[prefix + name] = value
    return alternatives


def flatten(event: dict[str, Any]) -> Iterator[Triple]:
    """Yield each leaf with its path and, for each array around it, the index of the element that is around it."""
    arrays = iter(range(10**9))

    def walk(value: Any, path: str, position: Position) -> Iterator[Triple]:
        if isinstance(value, dict):
            for name, member in value.items():
                yield from walk(member, f"{path}.{name}" if path is not None else name, position)
        elif isinstance(value, list):
            array = next(arrays)
            for index, element in enumerate(value):
                is_inner = isinstance(element, (dict, list))
                yield from walk(element, path, {**position, array: index} if is_inner else position)
        else:
            yield path, value, position

    yield from walk(event, None, {})  # type: ignore[arg-type]  # no path yet


def holds(fields: list[tuple[str, list[Any]]], triples: list[Triple], chosen: Position) -> bool:
    """Say whether all fields find a leaf, or none where that is allowed, consistent with what is chosen already."""
    if not fields:
        return True
    (path, conditions), *rest = fields
    fitting = [
        (leaf, position)
        for other, leaf, position in triples
        if other == path and all(chosen.get(array, index) == index for array, index in position.items())
    ]
    if not fitting and {"exists": False} in conditions:
        return holds(rest, triples, chosen)
    return any(
        holds(rest, triples, {**chosen, **position})
        for leaf, position in fitting
        if any(accepts(condition, leaf) for condition in conditions)
    )


def accepts(condition: Any, leaf: Any) -> bool:
    """Say whether a leaf meets one element of a field's list."""
    if not isinstance(condition, dict):
        if isinstance(condition, str) and hex_of(condition) is not None:
            return isinstance(leaf, str) and in_block(hex_of(condition), hex_of(condition), hex_of(leaf))
        return same(condition, leaf)
    [(operator, operand)] = condition.items()
    if operator == "exists":
        return bool(operand)
    if operator == "numeric":
        return (
            is_number(leaf)
            and is_double(leaf)
            and all(
                compare(sign, as_decimal(leaf), as_decimal(bound))
                for sign, bound in zip(operand[::2], operand[1::2], strict=True)
            )
        )
    if operator == "anything-but":
        if isinstance(operand, dict):
            [(inner, texts)] = operand.items()
            return not any(accepts({inner: text}, leaf) for text in (texts if isinstance(texts, list) else [texts]))
        return not any(same(value, leaf) for value in (operand if isinstance(operand, list) else [operand]))
    return accepts_text(operator, operand, leaf)


def accepts_text(operator: str, operand: Any, leaf: Any) -> bool:
    """Say whether a leaf meets an operator that is for strings."""
    if operator == "cidr":
        address, mask = operand.split("/")
        written = hex_of(address)
        assert written is not None
        size = 1 << 4 * len(written) - int(mask)
        first = int(written, 16) // size * size
        low, high = (f"{end:0{len(written)}X}" for end in (first, first + size - 1))
        digits = hex_of(leaf) if isinstance(leaf, str) else str(leaf) if is_number(leaf) and leaf >= 0 else None
        return in_block(low, high, digits)
    if not isinstance(leaf, str):
        return False
    if operator == "wildcard":
        parts = re.split(r"(\\.|\*)", operand)
        return (
            re.fullmatch(
                "".join(".*" if part == "*" else re.escape(re.sub(r"^\\", "", part)) for part in parts), leaf, re.DOTALL
            )
            is not None
        )
    if operator in ("prefix", "suffix"):
        pieces = (
            [leaf[:end] for end in range(len(leaf) + 1)]
            if operator == "prefix"
            else [leaf[start:] for start in range(len(leaf) + 1)]
        )
        if isinstance(operand, dict):
            return any(same_but_case(operand["equals-ignore-case"], piece) for piece in pieces)
        return operand in pieces
    return same_but_case(operand, leaf)


def same(value: Any, leaf: Any) -> bool:
    """Compare JSON values: booleans are no numbers, numbers are what they say in decimal."""
    if is_number(value) and is_number(leaf):
        return as_decimal(value) == as_decimal(leaf)
    return type(value) is type(leaf) and value == leaf


def same_but_case(pattern: str, text: str) -> bool:
    """Compare texts, each character of the pattern in its lower or upper case."""
    rests = {text}
    for character in pattern:
        forms = {"??"} if character > "\uffff" else {character, character.lower(), character.upper()}
        rests = {rest[len(form) :] for rest in rests for form in forms if rest.startswith(form)}
    return "" in rests


def is_number(value: Any) -> bool:
    """Say whether a value is a JSON number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_decimal(value: float) -> Decimal:
    """Return what a number says."""
    return Decimal(repr(value))


def is_double(value: float) -> bool:
    """Say whether a double says the same."""
    return abs(value) < 10**309 and as_decimal(float(value)) == as_decimal(value)


def compare(sign: str, left: Decimal, right: Decimal) -> bool:
    """Compare two numbers."""
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right, "=": left == right}[sign]


def hex_of(text: str) -> str | None:
    """Return the hexadecimal digits of an IP address."""
    try:
        address = ipaddress.ip_address(re.sub(r"\b0+(?=\d+(\.|$))", "", text) if ":" not in text else text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).packed.hex().upper()


def in_block(low: str | None, high: str | None, digits: str | None) -> bool:
    """Walk along the digits until they are within the block's, or are so at the block's end."""
    assert low is not None
    assert high is not None
    on_low = on_high = True
    for place, digit in enumerate((digits or "")[: len(low)]):
        if (on_low and digit < low[place]) or (on_high and digit > high[place]):
            return False
        on_low, on_high = on_low and digit == low[place], on_high and digit == high[place]
        if not on_low and not on_high:
            return True
    return digits is not None and len(digits) >= len(low)
