"""Messages about a name that is not one of those allowed."""

from __future__ import annotations

from collections.abc import Iterable


def unknown_name(kind: str, name: str, allowed: Iterable[str], *, instead: str | None = None) -> str:
    """Say that a name is unknown, which are allowed, and which of them was probably meant.

    Args:
        kind: What is named, as a singular noun ("criterion").
        name: The name that was given.
        allowed: The names that would have been right.
        instead: What there is of that name elsewhere, so that no other one was meant.
    """
    import difflib  # imported here because only a mistake needs it

    names = sorted(allowed)
    nearest = difflib.get_close_matches(name, names, n=1)
    question = f" Did you mean {nearest[0]!r}?" if nearest else ""
    advice = question if instead is None else f" Use {instead}."
    return f"Unknown {kind} {name!r}.{advice} Allowed: {', '.join(names)}."
