"""Captured events in the order of capture, with those of each kind at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import final

from pytest_eventbridge._model import CapturedEvent


@final
class EventLog(list[CapturedEvent]):
    """Captured events in the order of capture, which finds those of one kind without looking at the others.

    Only `extend` and `clear` change a log.
    """

    __slots__ = ("_by_kind",)

    def __init__(self) -> None:
        super().__init__()
        # By source, then by detail type; under `None` in place of either, those with any. Not by the two as a pair:
        # comparing pairs as keys takes half as long again.
        self._by_kind: defaultdict[str | None, defaultdict[str | None, list[CapturedEvent]]]
        self._by_kind = defaultdict(lambda: defaultdict(list))

    def extend(self, events: Iterable[CapturedEvent], /) -> None:
        """Add events."""
        of_any_source = self._by_kind[None]
        for event in events:
            super().append(event)  # first, because other threads read meanwhile: what they find has to be there
            of_source = self._by_kind[event.source]
            of_source[event.detail_type].append(event)
            of_source[None].append(event)
            of_any_source[event.detail_type].append(event)

    def clear(self) -> None:
        """Forget all events."""
        self._by_kind.clear()
        super().clear()

    def of_kind(self, source: str | None = None, detail_type: str | None = None) -> list[CapturedEvent]:
        """Return the events with this source and detail type, in their order; `None`: with any.

        A new list, which stays as it is when the log changes.
        """
        if source is None and detail_type is None:
            return list(self)
        of_source = self._by_kind.get(source)
        return [] if of_source is None else list(of_source.get(detail_type, ()))
