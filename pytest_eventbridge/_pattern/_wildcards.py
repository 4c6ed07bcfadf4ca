"""Patterns with wildcards: reading them, and matching in time that grows with the text, not with the stars."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_ESCAPED: Final = ("*", "\\")


class WildcardFault(Exception):  # noqa: N818 - a fault of the pattern, which becomes the public error further up
    """A text is no pattern with wildcards; the message is the service's."""


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Literal texts with anything, or nothing, between them.

    Attributes:
        parts: The texts, one more than there are wildcards.
    """

    parts: tuple[str, ...]
    _first: str = field(init=False, repr=False, compare=False)
    _middle: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _last: str = field(init=False, repr=False, compare=False)
    _last_length: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", self.parts[0])
        object.__setattr__(self, "_middle", self.parts[1:-1])
        object.__setattr__(self, "_last", self.parts[-1])
        object.__setattr__(self, "_last_length", len(self.parts[-1]))

    def matches(self, text: str) -> bool:
        """Say whether the whole text is of this form."""
        if not text.startswith(self._first):
            return False
        if len(self.parts) == 1:
            return text == self._first
        start, end = len(self._first), len(text) - self._last_length
        if start > end or not text.endswith(self._last):
            return False
        for part in self._middle:
            # The leftmost place leaves the most room to the parts that follow.
            place = text.find(part, start, end)
            if place < 0:
                return False
            start = place + len(part)
        return True


def parse_wildcard(text: str) -> Wildcard:
    r"""Return the pattern that a text is: `*` stands for anything, `\*` and `\\` for themselves.

    Raises:
        WildcardFault: Two wildcards in a row, or another character after a backslash.
    """
    parts: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        character = text[place]
        following = text[place + 1 : place + 2]
        if character == "*":
            if following == "*":
                raise WildcardFault(f"Consecutive wildcard characters at pos {_position(text, place)}")
            parts.append([])
        elif character == "\\":
            if following not in _ESCAPED:
                raise WildcardFault(f"Invalid escape character at pos {_position(text, place)}")
            parts[-1].append(following)
            place += 1
        else:
            parts[-1].append(character)
        place += 1
    return Wildcard(tuple("".join(part) for part in parts))


def _position(text: str, place: int) -> int:
    # The service counts UTF-8 bytes, in the text with its opening quote.
    return 1 + len(text[:place].encode("utf-8", "replace"))
