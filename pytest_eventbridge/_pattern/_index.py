"""Many patterns against one event: those that can match are found by `source` and `detail-type`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from pytest_eventbridge._pattern._event_pattern import EventPattern

Key = TypeVar("Key", bound=Hashable)

_FIELDS = ("source", "detail-type")


class PatternIndex(Generic[Key]):
    """Patterns by key, of which those that match an event are found without trying each.

    A pattern that names the sources or detail types it takes is tried only for events that have one of them.

    Args:
        patterns: Each with its key, in the order in which the matching ones are to be found.
    """

    def __init__(self, patterns: Iterable[tuple[Key, EventPattern]]) -> None:
        self._by_texts: dict[tuple[str | None, str | None], list[int]] = {}
        self._patterns = list(patterns)
        for number, (_, pattern) in enumerate(self._patterns):
            sources, detail_types = (pattern.texts_of(name) or (None,) for name in _FIELDS)
            for source in sources:
                for detail_type in detail_types:
                    self._by_texts.setdefault((source, detail_type), []).append(number)

    def matching(self, event: dict[str, Any]) -> list[Key]:
        """Return the keys of the patterns that match an event, in their order.

        Args:
            event: The envelope.
        """
        return [
            key for key, pattern in map(self._patterns.__getitem__, self._candidates(event)) if pattern.matches(event)
        ]

    def _candidates(self, event: dict[str, Any]) -> Iterable[int]:
        source, detail_type = (event.get(name) for name in _FIELDS)
        if type(source) is not str or type(detail_type) is not str:
            return range(len(self._patterns))
        found: Iterator[list[int]] = (
            self._by_texts.get(key, [])
            for key in ((source, detail_type), (source, None), (None, detail_type), (None, None))
        )
        return sorted(number for numbers in found for number in numbers)
