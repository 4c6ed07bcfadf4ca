"""CBOR: what AWS's services speak of it, against RFC 8949's examples and against botocore's own encoder and decoder."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_eventbridge._cbor import MAX_DEPTH, CborError, decode, encode

# botocore has spoken CBOR since 1.38.
parsers = pytest.importorskip("botocore.parsers")
needs_botocore_cbor = pytest.mark.skipif(
    not hasattr(parsers, "RpcV2CBORParser"), reason="this botocore does not speak CBOR"
)

# RFC 8949, appendix A, as far as the service reads it: the bytes in hexadecimal, and the value.
EXAMPLES = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("1864", 100),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1b000000e8d4a51000", 1_000_000_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("20", -1),
    ("3863", -100),
    ("3bffffffffffffffff", -(2**64)),
    ("f90000", 0.0),
    ("f93e00", 1.5),
    ("fa47c35000", 100_000.0),
    ("fb3ff199999999999a", 1.1),
    ("f97c00", math.inf),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("f7", None),
    ("c11a514b67b0", 1_363_896_240),
    ("c1fb41d452d9ec200000", 1_363_896_240.5),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("6449455446", "IETF"),
    ("62c3bc", "ü"),
    ("80", []),
    ("83010203", [1, 2, 3]),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("a0", {}),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
    ("7f657374726561646d696e67ff", "streaming"),
    ("9fff", []),
    ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
    ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
]

MALFORMED = {
    "nothing": "",
    "a number cut short": "18",
    "a text cut short": "6449",
    "a list cut short": "8301",
    "a length beyond all memory": "9bffffffffffffffff",
    "a text as long": "7bffffffffffffffff",
    "a map that lacks a value": "a16161",
    "a map of no end that lacks a value": "bf6161ff",
    "a list of no end": "9f01",
    "a text that is no UTF-8": "61ff",
    "a key that is no text": "a10102",
    "more than one value": "0000",
    "a break": "ff",
    "a length of no meaning": "1c",
    "a simple value of no meaning": "e0",
    "a number of no end": "1f",
    "a tag of no end": "df00",
    "a chunk of another type": "5f6161ff",
    "a chunk of no end": "5f5fffff",
}

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
# Without null, which botocore leaves out of maps.
SCALARS = (
    st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats(allow_nan=False)
    | st.binary()
    | TEXTS
)


def nested(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make values of scalars, lists and maps."""
    return st.recursive(scalars, lambda values: st.lists(values) | st.dictionaries(TEXTS, values), max_leaves=20)


@pytest.mark.parametrize(("encoded", "value"), EXAMPLES)
def test_examples_of_the_standard(encoded: str, value: Any) -> None:
    """What the standard gives as an example is read as it says."""
    decoded = decode(bytes.fromhex(encoded))
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize("encoded", MALFORMED.values(), ids=MALFORMED)
def test_malformed(encoded: str) -> None:
    """What is malformed is refused, and nothing large is made on the way."""
    with pytest.raises(CborError):
        decode(bytes.fromhex(encoded))


def test_depth() -> None:
    """A value may nest as deep as the limit, lists and tags alike, and no deeper."""
    assert decode(b"\x81" * (MAX_DEPTH - 1) + b"\x01") is not None
    for level in (b"\x81", b"\xc1", b"\x9f"):
        with pytest.raises(CborError, match=f"nested deeper than {MAX_DEPTH} levels"):
            decode(level * 100_000)


@given(value=nested(SCALARS | st.none()))
def test_what_is_encoded_decodes_to_itself(value: Any) -> None:
    """Encoding and decoding again changes nothing."""
    assert decode(encode(value)) == value


@given(data=st.binary())
def test_any_bytes(data: bytes) -> None:
    """Bytes are read or refused; nothing else happens."""
    try:
        decode(data)
    except CborError:
        return


@needs_botocore_cbor
@given(value=nested(SCALARS))
def test_botocore_reads_what_is_encoded(value: Any) -> None:
    """The parser of botocore makes of it what went in."""
    parser = parsers.RpcV2CBORParser()
    stream = parser.get_peekable_stream_from_bytes(encode(value))
    assert parser.parse_data_item(stream) == value


def test_lone_surrogates_and_tuples() -> None:
    """What UTF-8 has no place for becomes a question mark; any sequence is a list."""
    assert decode(encode("\ud800")) == "?"
    assert decode(encode((1, "a"))) == [1, "a"]


def test_numbers_beyond_64_bits() -> None:
    """CBOR has no form for them."""
    with pytest.raises(OverflowError, match="more than 64 bits"):
        encode(2**64)
