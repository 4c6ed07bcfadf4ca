"""What the text of a `Detail` gives away before it is decoded, which takes most of the time of a comparison.

Each answer errs on one side only: what the text rules out, the decoded value does not match; the reverse is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from pytest_eventbridge._matching import ABSENT, Exactly

# A scalar that tells numbers from booleans, as JSON does: `(is it a boolean, the value)`.
Scalar: TypeAlias = "tuple[bool, str | float | bool | None]"

# What an encoder leaves as it is, so that it stands in the text letter by letter.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.: -]*")
# Unless it is one that writes even such a letter as an escape, which JSON allows and hardly any encoder does.
_ESCAPED_PLAIN: Final = re.compile(r"\\u00[2-7]")

# What follows a key: a string without escapes, a number, or a constant.
_MEMBER_VALUE: Final = re.compile(
    r'[ \t\n\r]*:[ \t\n\r]*(?:"([^"\\]*)(["\\])|(-?[0-9]+)([.eE][0-9.eE+-]*)?|(true|false|null))'
)
_CONSTANTS: Final[dict[str, Scalar]] = {"true": (True, True), "false": (True, False), "null": (False, None)}

# Beyond so many, looking for them takes as long as decoding.
_CHECK_COUNT: Final = 8


def is_plain_text(value: Any) -> bool:
    """Say whether a value is a string with the equality of strings, not a matcher that is a string besides."""
    return isinstance(value, str) and type(value).__eq__ is str.__eq__


def plain_text(value: Any) -> str | None:
    """Return a plain text as a key to look up, whatever hash its class has; `None` for all else."""
    return str.__str__(value) if is_plain_text(value) else None


def scalar_of(value: Any) -> Scalar | None:
    """Return what stands for a plain JSON scalar; `None` for all else, an object with an equality of its own too."""
    if value is None or isinstance(value, bool) or type(value) in (int, float):
        return isinstance(value, bool), value
    text = plain_text(value)  # a member of a string enum goes as a string
    return None if text is None else (False, text)


def quoted(string: str) -> str | None:
    """Return a string as it stands in the text of each `Detail` that has it; `None` where encoders differ."""
    return f'"{str.__str__(string)}"' if _PLAIN.fullmatch(string) else None


def may_spell_otherwise(text: str) -> bool:
    """Say whether a string may stand in the text otherwise than `quoted` has it."""
    return "\\" in text and _ESCAPED_PLAIN.search(text) is not None


def iter_scalars_of(text: str, quoted_key: str) -> Iterator[Scalar | None]:
    """Yield each scalar that a key holds, at whatever depth; `None` for a string with escapes, which may be any."""
    at = text.find(quoted_key)
    while at >= 0:
        found = _MEMBER_VALUE.match(text, at + len(quoted_key))
        if found is not None:
            yield _scalar_in(found)
        at = text.find(quoted_key, at + 1)


def _scalar_in(found: re.Match[str]) -> Scalar | None:
    string, end_of_string, digits, rest, constant = found.groups()
    if constant is not None:
        return _CONSTANTS[constant]
    if string is not None:
        return (False, string) if end_of_string == '"' else None
    try:
        return False, int(digits) if rest is None else float(digits + rest)
    except ValueError:  # more digits than CPython converts, or no JSON
        return None


class TextCheck:
    """What the text of a `Detail` must hold in order to match: its keys, with their values where these are scalars.

    Args:
        expected: The expected `Detail`, as `check_expected` returned it.
    """

    def __init__(self, expected: Any) -> None:
        self._members = list(dict.fromkeys(_iter_members(expected)))[:_CHECK_COUNT]

    def rules_out(self, text: str) -> bool:
        """Say whether a `Detail` with this text cannot match."""
        for quoted_key, scalar in self._members:
            if not _holds(text, quoted_key, scalar):
                return not may_spell_otherwise(text)
        return False

    def needle(self) -> str | None:
        """Return the longest string that must stand in the text, in quotes; `None` when there is no plain one.

        It need not stand in a text that `may_spell_otherwise`.
        """
        strings = [scalar[1] for _, scalar in self._members if scalar is not None]
        return max((f'"{one}"' for one in strings if isinstance(one, str)), key=len, default=None)

    def distance(self, text: OpenedText) -> int:
        """Return how far the text seems from what is expected: 1 for each other value, 2 for each missing key."""
        distance = 0
        for quoted_key, scalar in self._members:
            found = () if scalar is None else text.scalars_of(quoted_key)
            if scalar in found or None in found:
                continue
            if not found and quoted_key not in text.text:
                distance += 2
            elif scalar is not None:
                distance += 1
        return distance


class OpenedText:
    """The text of a `Detail`, looked through once for each key, however many expectations ask for it."""

    __slots__ = ("_scalars", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._scalars: dict[str, set[Scalar | None]] = {}

    def scalars_of(self, quoted_key: str) -> set[Scalar | None]:
        """Return what `iter_scalars_of` yields."""
        if quoted_key not in self._scalars:
            self._scalars[quoted_key] = set(iter_scalars_of(self.text, quoted_key))
        return self._scalars[quoted_key]


def _holds(text: str, quoted_key: str, scalar: Scalar | None) -> bool:
    if scalar is None:
        return quoted_key in text
    return any(found is None or found == scalar for found in iter_scalars_of(text, quoted_key))


def _iter_members(expected: Any) -> Iterator[tuple[str, Scalar | None]]:
    """Yield what must be there, the outermost first: each key, with its value if that is a plain scalar.

    In a list a key comes once for each element, so that looking at its values takes long. There keys and strings stand
    alone.
    """
    level = [(expected, False)]
    while level:
        inner: list[tuple[Any, bool]] = []
        for value, is_in_list in level:
            if isinstance(value, Exactly):
                inner.append((value.value, is_in_list))
            elif isinstance(value, list):
                inner += [(member, True) for member in value]
            elif isinstance(value, dict):
                inner += [(member, is_in_list) for member in value.values()]
                for key, member in value.items():
                    if member is not ABSENT and (quoted_key := quoted(key)) is not None:
                        yield quoted_key, None if is_in_list else _plain_scalar_of(member)
            elif is_in_list and is_plain_text(value) and (quoted_text := quoted(value)) is not None:
                yield quoted_text, None
        level = inner


def _plain_scalar_of(value: Any) -> Scalar | None:
    return None if isinstance(value, str) and quoted(value) is None else scalar_of(value)
