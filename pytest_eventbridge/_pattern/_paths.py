"""The paths of fields: their steps joined by dots, in the order in which the service goes through them."""

from __future__ import annotations

from collections.abc import Iterable


def in_order(paths: Iterable[str]) -> list[str]:
    """Return the paths in the order of their UTF-16 units, which is Java's for strings."""
    return sorted(paths, key=lambda path: path.encode("utf-16-be", "surrogatepass"))
