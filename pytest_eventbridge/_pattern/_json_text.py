"""The JSON text of a pattern that is given as a dict."""

from __future__ import annotations

import json
from typing import Any

from pytest_eventbridge._limits import MAX_PATTERN_LENGTH

_ALLOWED = "a dict with string keys, a list, a string, a number, True, False, None"


def pattern_text(pattern: dict[str, Any]) -> str | None:
    """Return the JSON text of a pattern.

    Args:
        pattern: The pattern. Tuples count as lists.

    Returns:
        `None` when the text would be longer than the service takes, for then it may not even have an end.

    Raises:
        TypeError: Something in it is no JSON; the message says what and where.
    """
    pending: list[tuple[Any, str]] = [(pattern, "pattern")]
    count = 0
    while pending:
        value, path = pending.pop()
        count += 1
        if count > MAX_PATTERN_LENGTH:
            return None
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise TypeError(f"{path}: the key {key!r} is not a string; the keys of a JSON object are strings.")
            pending += [(member, f"{path}[{key!r}]") for key, member in value.items()]
        elif isinstance(value, (list, tuple)):
            pending += [(element, f"{path}[{index}]") for index, element in enumerate(value)]
        elif not isinstance(value, (str, int, float, type(None))):
            raise TypeError(f"{path}: {value!r} is no JSON. Allowed: {_ALLOWED}.")
    try:
        return json.dumps(pattern, ensure_ascii=False)
    except (RecursionError, ValueError):  # too deep, or an integer of more digits than Python writes
        return None
