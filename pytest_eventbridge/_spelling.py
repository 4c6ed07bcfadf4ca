"""Messages about a name that is not one of those allowed."""

from __future__ import annotations

from collections.abc import Iterable


def unknown_name(kind: str, name: str, allowed: Iterable[str]) -> str:
    """Say that a name is unknown, which are allowed, and which of them was probably meant.

    Args:
        kind: What is named, as a singular noun ("criterion").
        name: The name that was given.
        allowed: The names that would have been right.
    """
    import difflib  # imported here because only a mistake needs it

    names = sorted(allowed)
    nearest = difflib.get_close_matches(name, names, n=1)
    question = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return f"Unknown {kind} {name!r}.{question} Allowed: {', '.join(names)}."
