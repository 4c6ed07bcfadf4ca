"""Reading a pattern's JSON text token by token, as the service's parser does: same order, same faults, same positions.

The service reads with Jackson, which says where it stood when something was wrong. Its positions depend on how far it
reads ahead: the value after a field's name is begun together with the name, and a string is read to its end only when
its text is asked for. Compared with Jackson 2.17 and 2.18 token by token.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from pytest_eventbridge._pattern._scanner import (
    ARRAY_END,
    ARRAY_START,
    NUMBER,
    OBJECT_END,
    OBJECT_START,
    STRING,
    Scanner,
    described,
    from_utf16,
)

NAME: Final = "name"

_KINDS: Final = {OBJECT_START: ("Object", OBJECT_END), ARRAY_START: ("Array", ARRAY_END)}
_PLAIN_TEXT: Final = re.compile(r'[^"\\\x00-\x1f]*')
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"
}  # fmt: skip


class Reader(Scanner):
    """The tokens of a JSON text, one at a time.

    Args:
        text: The text.

    Attributes:
        kind: The current token: one of the constants of this module, a literal, or `None` at the end.
    """

    def __init__(self, text: str) -> None:
        self.kind: str | None = None
        super().__init__(text)
        self._pending: str | None = None
        # The string that was begun and not yet read to its end.
        self._is_open = False
        self._name = ""
        # The brackets that are open: which, at which place, and whether something stands in them.
        self._open: list[tuple[str, int]] = []
        self._is_first = True

    def next(self) -> str | None:
        """Go on to the next token and return its kind.

        Raises:
            SyntaxFault: The text is no JSON here.
        """
        if self._pending is not None:
            self.kind, self._pending = self._pending, None
            self._enter()
            return self.kind
        if self._is_open:
            self._finish_string()
        self._skip_space()
        if self._place >= len(self._text):
            return self._end()
        character = self._text[self._place]
        if character in "]}":
            return self._close(character)
        if self._open and not self._is_first:
            character = self._after_comma()
        self._is_first = False
        if self._open and self._open[-1][0] == OBJECT_START:
            return self._read_name(character)
        self.kind = self._begin(character)
        self._enter()
        return self.kind

    def text(self) -> str:
        """Return the text of the current token; a string's decoded, a number's as it stands.

        Raises:
            SyntaxFault: The string is not well-formed.
        """
        if self.kind == NAME:
            return from_utf16(self._name)
        if self._is_open:
            self._finish_string()
        if self.kind in (STRING, NUMBER):
            return from_utf16(self._value)
        return self.kind or ""

    def _end(self) -> str | None:
        if self._open:
            bracket, start = self._open[-1]
            self.fail(
                f"Unexpected end-of-input: expected close marker for {_KINDS[bracket][0]} "
                f"(start marker at {self.location(start)})"
            )
        self.kind = None
        return None

    def _close(self, character: str) -> str:
        bracket, start = self._open[-1] if self._open else ("", 0)
        if not bracket or _KINDS[bracket][1] != character:
            self._fail_to_close(character, bracket, start)
        self._open.pop()
        self._is_first = False
        self._place += 1
        self.kind = character
        return character

    def _fail_to_close(self, character: str, bracket: str, start: int) -> NoReturn:
        kind, expected = _KINDS.get(bracket, ("root", ARRAY_END if character == OBJECT_END else OBJECT_END))
        started = self.location(start if bracket else -1)
        self.fail(f"Unexpected close marker '{character}': expected '{expected}' (for {kind} starting at {started})")

    def _after_comma(self) -> str:
        character = self._text[self._place]
        if character != ",":
            kind = _KINDS[self._open[-1][0]][0]
            raise self._unexpected(character, f": was expecting comma to separate {kind} entries")
        self._place += 1
        self._skip_space()
        if self._place >= len(self._text):
            kind = _KINDS[self._open[-1][0]][0]
            self.fail(f"Unexpected end-of-input within/between {kind} entries")
        return self._text[self._place]

    def _read_name(self, character: str) -> str:
        if character != '"':
            raise self._unexpected(character, ": was expecting double-quote to start field name")
        self._place += 1
        self._name = self._read_quoted("name", " in field name")
        self._skip_space_within_object()
        character = self._text[self._place]
        if character != ":":
            raise self._unexpected(character, ": was expecting a colon to separate field name and value")
        self._place += 1
        self._skip_space_within_object()
        self.kind = NAME
        self._pending = self._begin(self._text[self._place])
        return NAME

    def _skip_space_within_object(self) -> None:
        self._skip_space()
        if self._place >= len(self._text):
            self.fail("Unexpected end-of-input within/between Object entries")

    def _begin(self, character: str) -> str:
        kind = self._begin_value(character)
        self._is_open = kind == STRING
        if kind == NUMBER and not self._open:
            self._require_space_after_root()
        return kind

    def _enter(self) -> None:
        if self.kind in (OBJECT_START, ARRAY_START):
            self._open.append((self.kind, self._place - 1))
            self._is_first = True

    def _finish_string(self) -> None:
        self._is_open = False
        self._value = self._read_quoted("string value", ": was expecting closing quote for a string value")

    def _read_quoted(self, what: str, at_end: str) -> str:
        parts: list[str] = []
        while True:
            plain = _PLAIN_TEXT.match(self._text, self._place)
            end = plain.end() if plain else self._place
            parts.append(self._text[self._place : end])
            self._place = end
            if self._place >= len(self._text):
                self.fail(f"Unexpected end-of-input{at_end}")
            character = self._text[self._place]
            if character == "\\":
                parts.append(self._read_escape())
                continue
            if character < " ":
                reason = f"Illegal unquoted character ((CTRL-CHAR, code {ord(character)}))"
                self.fail(f"{reason}: has to be escaped using backslash to be included in {what}")
            self._place += 1
            return "".join(parts)

    def _read_escape(self) -> str:
        self._place += 1
        character = self._character("in character escape sequence")
        if character == "u":
            self._place += 1
            return self._read_code_unit()
        if character not in _ESCAPES:
            raise self._fault(f"Unrecognized character escape {described(character)}")
        self._place += 1
        return _ESCAPES[character]

    def _read_code_unit(self) -> str:
        code = 0
        for _ in range(4):
            character = self._character("in character escape sequence")
            if character not in "0123456789abcdefABCDEF":
                raise self._unexpected(character, ": expected a hex-digit for character escape sequence")
            code = code * 16 + int(character, 16)
            self._place += 1
        return chr(code)

    def _character(self, where: str) -> str:
        if self._place >= len(self._text):
            self.fail(f"Unexpected end-of-input {where}")
        return self._text[self._place]
