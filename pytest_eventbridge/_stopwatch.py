"""How many seconds have passed, whatever the test does to the clock."""

from __future__ import annotations

import time
from importlib.util import module_from_spec
from typing import Any, Final

# Of a `time` module of our own. freezegun (1.5) puts functions that follow the frozen clock into the one that everybody
# shares, and into each module that has imported one of its functions by name.
_TIME: Final[Any] = module_from_spec(time.__spec__)


def seconds() -> float:
    """Return the seconds since some moment in the past; only the difference between two calls means anything."""
    passed: float = _TIME.perf_counter()
    return passed
