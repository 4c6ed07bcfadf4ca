"""IP addresses and blocks of them, compared as the service does: by their leading hexadecimal digits.

An address is 8 hexadecimal digits (IPv4) or 32 (IPv6). The service walks along a value's digits until they are within
a block's, whatever the family of either: `10.0.0.0/8` holds `a00::1` (recorded), and a JSON number counts as digits
(`10.0.0.1/0` holds 1, recorded).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_IPV4: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_IPV6: Final = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_HEX_DIGITS: Final = re.compile(r"[0-9A-F]*")
_MASK: Final = re.compile(r"[+-]?[0-9]+")

# What Java's int holds, as which the mask is read.
_MASKS: Final = range(-(2**31), 2**31)
# Characters of an IPv4 address. Source: Java's IPAddressUtil.
_MAX_IPV4_LENGTH: Final = 15
# The hexadecimal digits of each part of an IPv4 address that is written the usual way.
_OCTETS: Final = {str(octet): f"{octet:02X}" for octet in range(256)}
_MAPPED: Final = "0" * 20 + "FFFF"


class AddressFault(Exception):  # noqa: N818 - a fault of the pattern, which becomes the public error further up
    """A text is no block of addresses; the message is the service's."""


@dataclass(frozen=True, slots=True)
class Block:
    """The addresses between two, of as many digits.

    Attributes:
        lowest: The hexadecimal digits of the first.
        highest: Those of the last.
    """

    lowest: str
    highest: str

    def holds(self, digits: str) -> bool:
        """Say whether a value's digits are within the block's, as far as is needed to tell."""
        length = len(self.lowest)
        if len(digits) >= length:
            return self.lowest <= digits[:length] <= self.highest
        return self.lowest[: len(digits)] < digits < self.highest[: len(digits)]


def parse_address(text: str) -> str | None:
    """Return the hexadecimal digits of an IP address, `None` of any other text.

    An IPv6 address that maps an IPv4 one is that IPv4 address.
    """
    octets = text.split(".")
    if len(octets) == 4:
        try:
            return _OCTETS[octets[0]] + _OCTETS[octets[1]] + _OCTETS[octets[2]] + _OCTETS[octets[3]]
        except KeyError:  # one with leading zeros, or none at all
            pass
    if _IPV4.fullmatch(text):
        return _parse_ipv4(text)
    return _parse_ipv6(text) if _IPV6.fullmatch(text) else None


def parse_block(text: str) -> Block:
    """Return the block of a CIDR notation.

    Raises:
        AddressFault: It is none that the service takes.
    """
    parts = text.rstrip("/").split("/") if "/" in text else [text]
    if len(parts) != 2:
        raise AddressFault("Malformed CIDR, one '/' required")
    address, mask_text = parts
    mask = int(mask_text) if _MASK.fullmatch(mask_text) else None
    if mask is None or mask not in _MASKS:
        raise AddressFault("Malformed CIDR, mask bits must be an integer")
    if mask < 0:
        raise AddressFault("Malformed CIDR, mask bits must not be negative")
    digits = _require_address(address)
    bits = 4 * len(digits)
    if mask >= bits:
        raise AddressFault(f"IPv{4 if bits == 32 else 6} mask bits must be < {bits}")
    # Whatever the address has in the bits that may vary: `10.0.0.77/24` begins at `10.0.0.0`.
    host_bits = (1 << bits - mask) - 1
    highest = int(digits, 16) | host_bits
    return Block(*(f"{end:0{len(digits)}X}" for end in (highest - host_bits, highest)))


def hex_digits(text: str) -> str:
    """Return the leading hexadecimal digits of a text, which in the service are capitals."""
    digits = _HEX_DIGITS.match(text)
    return digits.group() if digits else ""


def _require_address(text: str) -> str:
    digits = parse_address(text)
    if digits is not None:
        return digits
    looks_like_one = _IPV4.fullmatch(text) or _IPV6.fullmatch(text)
    raise AddressFault(f"{'Invalid' if looks_like_one else 'Nonstandard'} IP address: {text}")


def _parse_ipv4(text: str) -> str | None:
    if len(text) > _MAX_IPV4_LENGTH:
        return None
    octets = tuple(map(int, text.split(".")))
    return bytes(octets).hex().upper() if max(octets) <= 255 else None


def _parse_ipv6(text: str) -> str | None:
    head, gap, tail = text.partition("::")
    groups = [_parse_groups(part) for part in (head, tail)]
    if groups[0] is None or groups[1] is None:
        return None
    missing = 32 - len(groups[0]) - len(groups[1])
    if missing < 4 if gap else missing != 0:
        return None
    digits = groups[0] + "0" * missing + groups[1]
    return digits[24:] if digits.startswith(_MAPPED) else digits


def _parse_groups(text: str) -> str | None:
    if not text:
        return ""
    groups = text.split(":")
    # Zeros may lead a group, as many as one likes.
    if any(not group or len(group.lstrip("0")) > 4 for group in groups):
        return None
    return "".join(group[-4:].rjust(4, "0").upper() for group in groups)
