"""How much room the text of a failure has."""

from __future__ import annotations

from dataclasses import dataclass

_DEFAULT_WIDTH = 110
# What pytest leaves of a terminal of 40 columns.
_LEAST_WIDTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """The budget of a text.

    Attributes:
        width: Characters in a line; longer values are cut in the middle.
        near_miss_count: How many near misses are shown.
        listed_count: How many of the other captured events are listed.
        difference_count: How many differences of one event are shown.
    """

    width: int = _DEFAULT_WIDTH
    near_miss_count: int = 2
    listed_count: int = 10
    difference_count: int = 12


def presentation_for(verbosity: int, width: int) -> Presentation:
    """Return the budget for a verbosity: each `-v` lifts it, and `-vv` shows everything.

    Args:
        verbosity: pytest's: 0, 1 for `-v`, 2 and more for `-vv`.
        width: Of the terminal, in characters.
    """
    width = max(width, _LEAST_WIDTH)
    if verbosity <= 0:
        return Presentation(width=width)
    if verbosity == 1:
        return Presentation(width=2 * width, near_miss_count=5, listed_count=50, difference_count=50)
    return Presentation(width=1_000_000, near_miss_count=20, listed_count=1_000_000, difference_count=1_000_000)
