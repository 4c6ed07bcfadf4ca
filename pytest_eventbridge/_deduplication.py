"""Which entries repeat one that the service has accepted within the last five minutes."""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Final, NamedTuple, final

# Seconds from an accepted entry to the end of what counts as its repetition. Source: user guide, "Ordering and
# deduplicating events on a Custom Event Bus", read 2026-11. Whether a repetition after exactly so many seconds still
# counts is not known; here it does not.
DEDUPLICATION_SECONDS: Final = 300


class Acceptance(NamedTuple):
    """What the service answered to an entry that it accepted.

    Attributes:
        event_id: `EventId`.
        sequence_number: `SequenceNumber`.
    """

    event_id: str
    sequence_number: str


@final
class DeduplicationWindow:
    """The entries that were accepted within the last five minutes, on a clock that a test can move.

    The clock is that of `time.time`, so that it stands still where that does, and runs ahead of it as far as it has
    been advanced.
    """

    def __init__(self) -> None:
        self._ahead_seconds = 0.0
        # Each with the moment at which it was accepted.
        self._accepted: dict[Hashable, tuple[float, Acceptance]] = {}

    def advance(self, seconds: float) -> None:
        """Let the clock run ahead by so many seconds more."""
        self._ahead_seconds += seconds

    def find(self, key: Hashable) -> Acceptance | None:
        """Return what was answered to the entry of that key; `None` when there was none within the window."""
        if key not in self._accepted:
            return None
        moment, acceptance = self._accepted[key]
        # Either way round: a clock that a test has set back is in a window of its own.
        return acceptance if abs(self._now() - moment) < DEDUPLICATION_SECONDS else None

    def add(self, key: Hashable, acceptance: Acceptance) -> None:
        """Remember an entry that is accepted now."""
        self._accepted[key] = (self._now(), acceptance)

    def _now(self) -> float:
        return time.time() + self._ahead_seconds
