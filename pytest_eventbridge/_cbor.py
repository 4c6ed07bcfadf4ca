"""CBOR, as much of it as AWS's services speak (RFC 8949; Smithy RPC v2 CBOR, "Shape serialization")."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

# The major types, RFC 8949, section 3.1.
_UNSIGNED: Final = 0
_NEGATIVE: Final = 1
_BYTES: Final = 2
_TEXT: Final = 3
_ARRAY: Final = 4
_MAP: Final = 5
_TAG: Final = 6
_SIMPLE: Final = 7

# What follows the major type in the first byte: a length in so many further bytes, or none, and where it ends.
_LENGTH_BYTES: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_INDEFINITE: Final = 31
_BREAK: Final = 0xFF

_SIMPLE_VALUES: Final[dict[int, Any]] = {20: False, 21: True, 22: None, 23: None}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}

# Levels that a value may nest. Ours: no request or answer of the services has more than seven.
MAX_DEPTH: Final = 64


class CborError(ValueError):
    """The bytes are no CBOR that the service reads."""


def encode(value: Any) -> bytes:
    """Encode a value: `None`, a bool, a number of up to 64 bits, a str, bytes, and lists and dicts of such.

    Each has the definite length, and integers the shortest form.
    """
    parts: list[bytes] = []
    _write(value, parts.append)
    return b"".join(parts)


def _write(value: Any, write: Callable[[bytes], object]) -> None:
    if value is None:
        write(b"\xf6")
    elif isinstance(value, bool):
        write(b"\xf5" if value else b"\xf4")
    elif isinstance(value, int):
        write(_head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value))
    elif isinstance(value, float):
        write(b"\xfb" + struct.pack(">d", value))
    elif isinstance(value, bytes):
        write(_head(_BYTES, len(value)) + value)
    elif isinstance(value, str):
        # A lone surrogate, which Python's strings can hold, has no place in UTF-8.
        encoded = value.encode("utf-8", "replace")
        write(_head(_TEXT, len(encoded)) + encoded)
    elif isinstance(value, dict):
        write(_head(_MAP, len(value)))
        for name, member in value.items():
            _write(name, write)
            _write(member, write)
    else:
        write(_head(_ARRAY, len(value)))
        for member in value:
            _write(member, write)


def _head(major_type: int, argument: int) -> bytes:
    first = major_type << 5
    if argument < 24:
        return bytes([first | argument])
    for information, count in _LENGTH_BYTES.items():
        if argument < 1 << 8 * count:
            return bytes([first | information]) + argument.to_bytes(count, "big")
    raise OverflowError(f"{argument} has more than 64 bits.")


def decode(data: bytes) -> Any:
    """Decode one value.

    A timestamp (tag 1) comes as its number of seconds since the epoch; what any other tag says is passed over.

    Raises:
        CborError: It is malformed, is cut short, goes on behind the value, has a key that is no text, or nests deeper
            than `MAX_DEPTH`.
    """
    reader = _Reader(data)
    value = reader.read(MAX_DEPTH)
    if reader.position != len(data):
        raise CborError(f"{len(data) - reader.position} bytes follow the value")
    return value


class _Reader:
    """Reads values from bytes, one after the other.

    Attributes:
        position: Where the next one begins.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read(self, depth: int) -> Any:
        """Read a value that may nest so many levels."""
        if depth == 0:
            raise CborError(f"nested deeper than {MAX_DEPTH} levels")
        first = self._take(1)[0]
        major_type, information = first >> 5, first & 0x1F
        if major_type == _SIMPLE:
            return self._read_simple(information)
        if information == _INDEFINITE:
            return self._read_indefinite(major_type, depth)
        argument = self._read_argument(information)
        if major_type == _UNSIGNED:
            return argument
        if major_type == _NEGATIVE:
            return -1 - argument
        if major_type == _TAG:
            return self.read(depth - 1)
        if major_type in (_BYTES, _TEXT):
            return self._read_string(major_type, argument)
        # Each member takes a byte at least, so a length beyond the end is found before anything is made of it.
        members = (self.read(depth - 1) for _ in range(argument * 2 if major_type == _MAP else argument))
        return self._collect(major_type, members)

    def _read_indefinite(self, major_type: int, depth: int) -> Any:
        if major_type in (_BYTES, _TEXT):
            return self._read_chunks(major_type)
        if major_type not in (_ARRAY, _MAP):
            raise CborError(f"major type {major_type} has no indefinite length")
        return self._collect(major_type, self._iter_until_break(depth))

    def _iter_until_break(self, depth: int) -> Iterator[Any]:
        while not self._at_break():
            yield self.read(depth - 1)

    def _read_chunks(self, major_type: int) -> bytes | str:
        chunks: list[Any] = []
        while not self._at_break():
            first = self._take(1)[0]
            if first >> 5 != major_type or first & 0x1F == _INDEFINITE:
                raise CborError("a chunk of another type than its string")
            chunks.append(self._read_string(major_type, self._read_argument(first & 0x1F)))
        return "".join(chunks) if major_type == _TEXT else b"".join(chunks)

    def _collect(self, major_type: int, members: Iterator[Any]) -> list[Any] | dict[str, Any]:
        if major_type == _ARRAY:
            return list(members)
        collected: dict[str, Any] = {}
        for name in members:
            if not isinstance(name, str):
                raise CborError("a key that is no text")
            try:
                collected[name] = next(members)
            except StopIteration:
                raise CborError("a key without a value") from None
        return collected

    def _read_string(self, major_type: int, length: int) -> bytes | str:
        taken = self._take(length)
        if major_type == _BYTES:
            return taken
        try:
            return taken.decode()
        except UnicodeDecodeError:
            raise CborError("a text that is no UTF-8") from None

    def _read_argument(self, information: int) -> int:
        if information < 24:
            return information
        if information not in _LENGTH_BYTES:
            raise CborError(f"additional information {information} has no meaning here")
        return int.from_bytes(self._take(_LENGTH_BYTES[information]), "big")

    def _read_simple(self, information: int) -> Any:
        if information in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[information]
        if information not in _FLOATS:
            raise CborError(f"simple value {information} has no meaning here")
        number: float = struct.unpack(_FLOATS[information], self._take(_LENGTH_BYTES[information]))[0]
        return number

    def _at_break(self) -> bool:
        """Say whether an indefinite length ends here, and pass its end over."""
        is_end = self._data[self.position : self.position + 1] == bytes([_BREAK])
        self.position += is_end
        return is_end

    def _take(self, count: int) -> bytes:
        taken = self._data[self.position : self.position + count]
        if len(taken) < count:
            raise CborError("cut short")
        self.position += count
        return taken
