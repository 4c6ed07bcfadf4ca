"""Strings of classes of their own, which are no plain keys."""

from __future__ import annotations


class Caseless(str):
    """A string that is a matcher besides."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    __hash__ = str.__hash__


class Unhashable(str):
    """A string by its equality, which no dict finds."""

    __slots__ = ()

    __hash__ = None  # type: ignore[assignment]  # how Python says unhashable
