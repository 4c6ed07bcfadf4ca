"""What only events on a Custom Event Bus have: an event group, and what keeps them in order and from coming twice."""

from __future__ import annotations

from pytest_eventbridge._frozen import Frozen


class Ordered(Frozen):
    """An event that may belong to an event group. On the classic service none does, and all of this is `None`."""

    __slots__ = ()

    @property
    def event_group_id(self) -> str | None:
        """`EventGroupId` as sent; `None` when the entry had none, where the service makes one up for what it delivers.

        Only the service `eventbridgev2` has it.
        """
        return None

    @property
    def deduplication_id(self) -> str | None:
        """`DeduplicationId` as sent; `None` when the entry had none. Only the service `eventbridgev2` has it."""
        return None

    @property
    def sequence_number(self) -> str | None:
        """`SequenceNumber` of the answer: digits, as text, higher for each later event.

        `None` when the entry failed, and on the classic service.
        """
        return None

    @property
    def success_code(self) -> str | None:
        """`SuccessCode` of the answer: `"PUBLISHED"` or `"DEDUPLICATED"`.

        `None` when the entry failed, and on the classic service.
        """
        return None
