"""What stands in an event: objects, arrays, and leaves. Nothing here calls code of a value's own class."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import Any, Final, final

from pytest_eventbridge._pattern._conditions import UNKNOWN

# The types of a leaf that are just what JSON decodes to.
PLAIN: Final = frozenset((str, int, float, bool, NoneType))

MISSING: Final = object()
"""In place of a value, where there is none."""


@final
class Repeated:
    """The values of a name that an object has several times. The service sees them all (recorded)."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values


def is_object(value: Any) -> bool:
    """Say whether a value is an object: a `dict`, or of a class derived from it."""
    return issubclass(type(value), dict)


def is_array(value: Any) -> bool:
    """Say whether a value is an array: what Python's `json` would make one of."""
    return issubclass(type(value), (list, tuple))


def elements_of(array: Any) -> Iterator[Any]:
    """Return an iterator over an array."""
    return list.__iter__(array) if issubclass(type(array), list) else tuple.__iter__(array)


def leaf_of(value: Any) -> Any:
    """Return a leaf as JSON has it: a string, a number, `True`, `False` or `None`; `UNKNOWN` of anything else."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, int):
        return int.__int__(value)
    if issubclass(kind, float):
        return float.__float__(value)
    return UNKNOWN


def steps_into(value: dict[str, Any], path: str, start: int) -> list[tuple[str, int]]:
    """Return the names by which a path leads on from an object.

    Several may, for a name may have dots: `"a.b"` and then `"c"`, as well as `"a"`, lead on to `a.b.c`.

    Args:
        value: The object.
        path: The whole path.
        start: The place in the path where the steps begin that are still to go.

    Returns:
        Each name, with the place in the path where the steps after it begin: `end_of(path)` when there are none.
    """
    if len(value) <= path.count(".", start):
        names = [name for name in dict.keys(value) if type(name) is str and _leads_on(name, path, start)]
    else:
        names = [name for name in _beginnings(path, start) if dict.__contains__(value, name)]
    return [(name, start + len(name) + 1) for name in names]


def end_of(path: str) -> int:
    """Return the place in a path after its last step."""
    return len(path) + 1


def _leads_on(name: str, path: str, start: int) -> bool:
    end = start + len(name)
    return path.startswith(name, start) and (end == len(path) or path[end : end + 1] == ".")


def _beginnings(path: str, start: int) -> Iterator[str]:
    dot = path.find(".", start)
    while dot >= 0:
        yield path[start:dot]
        dot = path.find(".", dot + 1)
    yield path[start:]
