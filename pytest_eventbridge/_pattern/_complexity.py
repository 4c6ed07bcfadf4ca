"""How much work the wildcards of a field may be, and where the service draws the line.

The service counts the beginnings of patterns that one value can be in at once: each wildcard that it has reached, and
each byte of literal text that it has just passed. It refuses more than `MAX_WILDCARD_COMPLEXITY` of them.

Source: the evaluator of AWS's open-source rule engine; the limit from what AWS was seen to accept (7, recorded; 8 and
9, reported) and to refuse (11, recorded).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from pytest_eventbridge._limits import MAX_WILDCARD_COMPLEXITY
from pytest_eventbridge._pattern._wildcards import Wildcard

# Sets of beginnings that are looked at before a field's wildcards count as too complex: this ends a search that the
# patterns could draw out, and is far from what those need that the service accepts.
_MAX_SETS: Final = 20_000

# A place within a pattern: the number of its literal part and of the bytes passed there, or none of them where it
# stands at the wildcard before the part.
_Place = tuple[int, int, int]

_ANYTHING: Final = ""


def is_too_complex(groups: Iterable[Iterable[Wildcard]]) -> bool:
    """Say whether the service would refuse the wildcards of one field.

    Args:
        groups: The patterns, those together that stand in one condition, which count once where they agree.
    """
    distinct = dict.fromkeys(map(tuple, groups))
    texts = [(number, _parts_of(wildcard)) for number, group in enumerate(distinct) for wildcard in group]
    return bool(texts) and _Search(texts).exceeds(MAX_WILDCARD_COMPLEXITY)


def _parts_of(wildcard: Wildcard) -> tuple[str, ...]:
    # The service matches the bytes of a value, together with its quotes; each byte is a character here.
    parts = [part.encode("utf-8", "replace").decode("latin-1") for part in wildcard.parts]
    parts[0] = '"' + parts[0]
    parts[-1] += '"'
    return tuple(parts)


class _Search:
    """All sets of beginnings that a value can be in.

    Args:
        texts: The literal parts of each pattern, and the number of its group.
    """

    def __init__(self, texts: list[tuple[int, tuple[str, ...]]]) -> None:
        self._groups = [group for group, _ in texts]
        self._texts = [parts for _, parts in texts]

    def exceeds(self, limit: int) -> bool:
        start = frozenset((text, 0, 0) for text in range(len(self._texts)))
        seen, pending = {start}, [start]
        while pending:
            places = pending.pop()
            for following in self._next_sets(places):
                if self._count(following) > limit or len(seen) > _MAX_SETS:
                    return True
                if following not in seen:
                    seen.add(following)
                    pending.append(following)
        return False

    def _count(self, places: frozenset[_Place]) -> int:
        # The patterns of one group have the beginnings in common that read the same.
        return len(
            {
                (self._groups[text], self._texts[text][:part], self._texts[text][part][:passed])
                for text, part, passed in places
            }
        )

    def _next_sets(self, places: frozenset[_Place]) -> Iterator[frozenset[_Place]]:
        characters = {
            self._texts[text][part][passed] for text, part, passed in places if self._has_more(text, part, passed)
        }
        for character in chain(sorted(characters), (_ANYTHING,)):
            yield frozenset(chain.from_iterable(self._step(place, character) for place in places))

    def _step(self, place: _Place, character: str) -> Iterator[_Place]:
        text, part, passed = place
        if part and not passed:  # at a wildcard, which takes any character
            yield place
        if self._has_more(text, part, passed) and self._texts[text][part][passed] == character:
            yield text, part, passed + 1
            if passed + 1 == len(self._texts[text][part]) and part + 1 < len(self._texts[text]):
                yield text, part + 1, 0

    def _has_more(self, text: int, part: int, passed: int) -> bool:
        return passed < len(self._texts[text][part])
