"""Finding the values in a JSON text, and saying what is wrong where, in the words of the service's parser.

The service reads patterns with Jackson. The texts and positions are those of its versions 2.17 and 2.18, with which
this was compared.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NoReturn

OBJECT_START: Final = "{"
OBJECT_END: Final = "}"
ARRAY_START: Final = "["
ARRAY_END: Final = "]"
STRING: Final = "string"
NUMBER: Final = "number"
LITERALS: Final = ("true", "false", "null")

_VALUES: Final = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_NO_COMMENT: Final = (
    ": maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
)
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DIGITS: Final = re.compile(r"[0-9]*")
_LINE_END: Final = re.compile(r"\r\n?|\n")

# Characters of the text that a position shows. Source: Jackson's ErrorReportConfiguration.
_MAX_SHOWN_TEXT: Final = 500
# Digits. Source: Jackson's StreamReadConstraints.
_MAX_NUMBER_LENGTH: Final = 1000
# Characters of an unknown token that a message shows. Source: Jackson's ErrorReportConfiguration.
_MAX_SHOWN_TOKEN: Final = 256


class SyntaxFault(Exception):  # noqa: N818 - a fault of the pattern, which becomes the public error further up
    r"""Something in the pattern's text is wrong.

    Attributes:
        reason: What, in the service's words.
        locations: Where, as many times as the service says it: `"\n at [Source: ...]"`, or empty.
        is_internal: Whether the service itself fails over it (`InternalFailure`) instead of refusing it.
    """

    def __init__(self, reason: str, locations: str = "", *, is_internal: bool = False) -> None:
        super().__init__(reason + locations)
        self.reason = reason
        self.locations = locations
        self.is_internal = is_internal


def utf16(text: str) -> str:
    """Return the text with each character above U+FFFF as its two surrogates: what Java counts."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(units[place] | units[place + 1] << 8) for place in range(0, len(units), 2))


def from_utf16(text: str) -> str:
    """Return the text with each pair of surrogates as the one character that it stands for."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


class Scanner:
    """A place in a JSON text, and the values that begin there.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = utf16(text)
        self._place = 0
        # The value of the number or string that was read last.
        self._value = ""

    def location(self, place: int | None = None) -> str:
        """Return where the scanner stands, or a place of the text, in Jackson's words."""
        place = self._place if place is None else place
        line_ends = [end.end() for end in _LINE_END.finditer(self._text, 0, place)]
        column = place - (line_ends[-1] if line_ends else 0) + 1
        shown = self._text[:_MAX_SHOWN_TEXT]
        source = "".join(_printed(character) for character in shown)
        rest = len(self._text) - len(shown)
        truncated = f"[truncated {rest} chars]" if rest else ""
        return f'[Source: (String)"{from_utf16(source)}"{truncated}; line: {len(line_ends) + 1}, column: {column}]'

    def fail(self, reason: str) -> NoReturn:
        """Refuse the pattern at the place where the scanner stands."""
        raise self._fault(reason)

    def _fault(self, reason: str, place: int | None = None) -> SyntaxFault:
        return SyntaxFault(from_utf16(reason), f"\n at {self.location(place)}")

    def _unexpected(self, character: str, expected: str) -> SyntaxFault:
        return self._fault(f"Unexpected character ({described(character)}){expected}")

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._place)
        self._place = space.end() if space else self._place
        character = self._peek()
        if character == "/":
            raise self._unexpected(character, _NO_COMMENT)
        if character and character < " ":
            reason = "only regular white space (\\r, \\n, \\t) is allowed between tokens"
            raise self._fault(f"Illegal character ({described(character)}): {reason}", self._place + 1)

    def _begin_value(self, character: str) -> str:
        if character == '"':
            self._place += 1
            return STRING
        if character in "{[":
            self._place += 1
            return character
        if character == "-" or "0" <= character <= "9":
            return self._read_number()
        for literal in LITERALS:
            if character == literal[0]:
                return self._read_literal(literal)
        return self._refuse_value(character)

    def _read_number(self) -> str:
        start = self._place
        if self._text[start] == "-":
            self._place += 1
            self._require_digit(start)
        self._refuse_leading_zero()
        # A number is read ahead, and a fault in it reported from where its integer part ends; one that begins with
        # zero is read character by character.
        begins_with_zero = self._peek() == "0"
        self._skip_digits()
        blamed = None if begins_with_zero else self._place
        if self._peek() == ".":
            self._place += 1
            self._require_fraction(blamed)
        if self._peek() in ("e", "E"):
            self._place += 1
            if self._peek() in ("+", "-"):
                self._place += 1
            self._require_exponent(blamed)
        self._value = self._text[start : self._place]
        length = sum(character.isdigit() for character in self._value)
        if length > _MAX_NUMBER_LENGTH:
            raise SyntaxFault(
                f"Number value length ({length}) exceeds the maximum allowed "
                f"({_MAX_NUMBER_LENGTH}, from `StreamReadConstraints.getMaxNumberLength()`)"
            )
        return NUMBER

    def _skip_digits(self) -> int:
        digits = _DIGITS.match(self._text, self._place)
        start, self._place = self._place, digits.end() if digits else self._place
        return self._place - start

    def _require_digit(self, start: int) -> None:
        character = self._peek()
        if not character:
            self.fail("Unexpected end-of-inputNo digit following sign")
        if character == ".":
            raise self._unexpected(character, f": expected a valid value {_VALUES}")
        if not "0" <= character <= "9":
            self._refuse_signed(start)

    def _refuse_signed(self, start: int) -> NoReturn:
        if self._peek() == "I":
            self._refuse_infinity(start)
        if not self._peek():
            self.fail("Unexpected end-of-input in a Number value")
        if self._text[start] == "+":
            reason = "JSON spec does not allow numbers to have plus signs"
            feature = "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS`"
            self._refuse_in_number("+", f"{reason}: enable {feature} to allow")
        self._refuse_in_number(self._peek(), "expected digit (0-9) to follow minus sign, for valid numeric value")

    def _refuse_infinity(self, start: int) -> None:
        """Refuse what is an infinite number by name; of anything else, pass over the first letter."""
        for name in ("INF", "Infinity"):
            if self._text.startswith(name[:2], self._place):
                self._refuse_name_of_number(name, start)
        self._place += 1

    def _refuse_leading_zero(self) -> None:
        following = self._text[self._place + 1 : self._place + 2]
        if self._peek() == "0" and "0" <= following <= "9":
            self._place += 1
            self.fail("Invalid numeric value: Leading zeroes not allowed")

    def _require_fraction(self, blamed: int | None) -> None:
        if self._skip_digits():
            return
        reason = "Decimal point not followed by a digit"
        if not self._peek():
            self._refuse_in_number(".", reason, self._place - 1)
        self._refuse_in_number(self._peek(), reason, blamed)

    def _require_exponent(self, blamed: int | None) -> None:
        if self._skip_digits():
            return
        if not self._peek():
            self.fail("Unexpected end-of-inputexpected a digit for number exponent")
        self._refuse_in_number(self._peek(), "Exponent indicator not followed by a digit", blamed)

    def _refuse_in_number(self, character: str, reason: str, place: int | None = None) -> NoReturn:
        raise self._fault(f"Unexpected character ({described(character)}) in numeric value: {reason}", place)

    def _require_space_after_root(self) -> None:
        character = self._peek()
        if character and character not in " \t\r\n":
            raise self._unexpected(character, ": Expected space separating root-level values")
        self._place += character in (" ", "\t", "\n")

    def _refuse_name_of_number(self, name: str, start: int) -> NoReturn:
        self._match_token(name, start)
        token = self._text[start : self._place]
        self.fail(f"Non-standard token '{token}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow")

    def _read_literal(self, literal: str) -> str:
        self._match_token(literal, self._place)
        return literal

    def _match_token(self, token: str, start: int) -> None:
        for character in token:
            if self._peek() != character:
                self._refuse_token(start)
            self._place += 1
        following = self._peek()
        if following and following >= "0" and following not in "]}" and _is_identifier_part(following):
            self._refuse_token(start)

    def _refuse_token(self, start: int) -> NoReturn:
        self._place = max(self._place, start)
        while self._place < len(self._text) and _is_identifier_part(self._text[self._place]):
            self._place += 1
            if self._place - start >= _MAX_SHOWN_TOKEN:
                self.fail(f"Unrecognized token '{self._text[start : self._place]}...': was expecting {_VALUES}")
        self.fail(f"Unrecognized token '{self._text[start : self._place]}': was expecting {_VALUES}")

    def _refuse_value(self, character: str) -> NoReturn:
        for token in ("NaN", "Infinity"):
            if character == token[0]:
                self._refuse_name_of_number(token, self._place)
        if character == "+":
            self._place += 1
            self._refuse_signed(self._place - 1)
        if _is_identifier_start(character):
            self._refuse_token(self._place)
        if character == OBJECT_END:
            raise self._unexpected(character, ": expected a value")
        raise self._unexpected(character, f": expected a valid value {_VALUES}")


def described(character: str) -> str:
    code = ord(character)
    if _is_control(character):
        return f"(CTRL-CHAR, code {code})"
    if code > 0xFF:
        return f"'{character}' (code {code} / 0x{code:x})"
    return f"'{character}' (code {code})"


def _printed(character: str) -> str:
    return f"\\u{ord(character):04X}" if _is_control(character) and character not in "\r\n" else character


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"


def _is_identifier_start(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "L" or category in ("Nl", "Sc", "Pc")


def _is_identifier_part(character: str) -> bool:
    if _is_identifier_start(character) or unicodedata.category(character) in ("Nd", "Mn", "Mc", "Cf"):
        return True
    return character <= "\x08" or "\x0e" <= character <= "\x1b" or "\x7f" <= character <= "\x9f"
