"""Strategies for JSON values, and for the many texts that one value can be written as."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

STRINGS = st.sampled_from(["", "a", "b", "A", "a b", "é", 'say "a"', "a\\", "a/b", '"a": 1', "\ud800", "1"])
NUMBERS = st.integers(-2, 2) | st.sampled_from([1.0, -0.0, 0.5, 1e300, 2**53 + 1, 10**400])
SCALARS = st.none() | st.booleans() | NUMBERS | STRINGS
VALUES = st.recursive(
    SCALARS,
    lambda members: st.lists(members, max_size=3) | st.dictionaries(STRINGS, members, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(STRINGS, VALUES, max_size=4)


def _escaped(string: str) -> str:
    return '"' + "".join(f"\\u{ord(char):04x}" for char in string) + '"'


def _with_solidus_escaped(string: str) -> str:
    return json.dumps(string).replace("/", "\\/")


def _raw(string: str) -> str:
    # A lone surrogate has no UTF-8, so every encoder escapes it.
    return json.dumps(string, ensure_ascii=not string.isprintable())


@st.composite
def texts_of(draw: st.DrawFn, value: Any) -> str:
    """Draw a text that decodes to a value, as one encoder or another would write it."""
    write_string = draw(st.sampled_from([json.dumps, json.dumps, _raw, _with_solidus_escaped, _escaped]))
    space = draw(st.sampled_from(["", " ", "\n\t "]))

    def write(value: Any) -> str:
        if isinstance(value, str):
            return write_string(value)
        if isinstance(value, list):
            return f"[{space}{f'{space},{space}'.join(map(write, value))}{space}]"
        if isinstance(value, dict):
            members = [f"{write_string(key)}{space}:{space}{write(member)}" for key, member in value.items()]
            return f"{{{space}{f'{space},'.join(members)}{space}}}"
        if type(value) is int and abs(value) < 3 and draw(st.booleans()):
            return draw(st.sampled_from([f"{value}.0", f"{value}e0", f"{10 * value}E-1"]))
        return json.dumps(value)

    return write(value)


@st.composite
def parts_of(draw: st.DrawFn, value: Any) -> Any:
    """Draw an expected value that a value matches, or nearly does."""
    if draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    if isinstance(value, dict):
        keys = [key for key in value if draw(st.booleans())]
        return {key: draw(parts_of(value[key])) for key in keys}
    return [draw(parts_of(member)) for member in value] if isinstance(value, list) else value
