"""Copies of plain data that cost little to make and to keep, because most of them are never read."""

from __future__ import annotations

import copy
import marshal
from typing import Any, Final

# The format of marshal that does not look for objects that occur twice, which takes twice as long.
_WITHOUT_REFERENCES: Final = 2


def pack(value: Any) -> Any:
    """Return a copy of a value, for `unpack` only."""
    try:
        return marshal.dumps(value, _WITHOUT_REFERENCES)
    except ValueError:  # a handler of the user's has put something in that is no plain data
        return copy.deepcopy(value)


def unpack(packed: Any) -> Any:
    """Return the value that was packed, a new one at each call."""
    return marshal.loads(packed) if isinstance(packed, bytes) else copy.deepcopy(packed)
