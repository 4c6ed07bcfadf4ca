"""The operators of event patterns: what each refuses, in which words, and the limits of what is accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_eventbridge import EventPattern, InvalidEventPattern

TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard "
    "character"
)

# By the reason: conditions, or whole patterns, that are refused with it.
REFUSED: dict[str, list[Any]] = {
    "Match expression name not found": [{}],
    "Match value must be String, number, true, false, or null": [[]],
    "Unrecognized match type Prefix": [{"Prefix": "x"}],
    "Only one key allowed in match expression": [
        {"prefix": "x", "suffix": "y"},
        {"suffix": "x", "a": 1},
        {"exactly": "x", "a": 1},
        {"wildcard": "x", "a": 1},
        {"equals-ignore-case": "x", "a": 1},
        {"cidr": "10.0.0.0/8", "a": 1},
        {"exists": True, "a": 1},
        {"prefix": {"equals-ignore-case": "x", "a": 1}},
        {"prefix": {"equals-ignore-case": "x"}, "a": 1},
    ],
    "exact match pattern must be a string": [{"exactly": 5}],
    "prefix match pattern must be a string": [{"prefix": 5}, {"prefix": ["x"]}, {"cidr": 5}],
    "suffix match pattern must be a string": [{"suffix": None}],
    "wildcard match pattern must be a string": [{"wildcard": ["x"]}, {"anything-but": {"wildcard": 5}}],
    "equals-ignore-case match pattern must be a string": [
        {"equals-ignore-case": ["x"]},
        {"prefix": {"equals-ignore-case": 5}},
        {"suffix": {"equals-ignore-case": None}},
    ],
    "Prefix expression name not found": [{"prefix": {}}],
    "Suffix expression name not found": [{"suffix": {}}],
    "Unsupported prefix pattern: suffix": [{"prefix": {"suffix": "x"}}],
    "Unsupported suffix pattern: wildcard": [{"suffix": {"wildcard": "x"}}],
    "exists match pattern must be either true or false.": [{"exists": "true"}, {"exists": None}],
    "Value of numeric must be an array.": [{"numeric": 5}, {"numeric": {"=": 5}}],
    "Invalid member in numeric match: ]": [{"numeric": []}],
    "Invalid member in numeric match: 5": [{"numeric": [5, "="]}],
    "Invalid member in numeric match: {": [{"numeric": [{}]}],
    "Unrecognized numeric range operator: !": [{"numeric": ["!", 5]}],
    "Value of equals must be numeric": [{"numeric": ["=", "5"]}],
    "Value of >= must be numeric": [{"numeric": [">="]}],
    "Value of < must be numeric": [{"numeric": ["<", True]}, {"numeric": [">", 1, "<"]}],
    "Bad value in numeric range: 5": [{"numeric": [">", 1, 5]}],
    "Bad numeric range operator: =": [{"numeric": [">", 1, "=", 5]}],
    "Too many terms in numeric range expression": [{"numeric": [">", 1, "<", 5, 6]}],
    "Bottom must be less than top": [{"numeric": [">=", 5, "<=", 5]}, {"numeric": [">", 9, "<", 2]}],
    "Too many elements in numeric expression": [
        {"numeric": ["=", 5, 6]},
        {"numeric": ["<", 9, ">", 2]},
        {"numeric": ["=", 5], "a": 1},
        {"anything-but": "x", "a": 1},
        {"anything-but": {"prefix": "x", "suffix": "y"}},
        {"anything-but": {"prefix": "x"}, "a": 1},
    ],
    "Cannot compare number : 12345678901234567891": [
        {"numeric": ["=", 12345678901234567891]},
        {"numeric": [">", 12345678901234567891]},
        {"numeric": ["<=", 12345678901234567891]},
        {"numeric": [">", 1, "<", 12345678901234567891]},
        {"anything-but": 12345678901234567891},
        {"anything-but": [12345678901234567891]},
    ],
    "Value of anything-but must be an array or single string/number value.": [
        {"anything-but": None},
        {"anything-but": True},
        {"anything-but": {"prefix": None}},
        {"anything-but": {"prefix": {"equals-ignore-case": "x"}}},
    ],
    "Inside anything but list, start|null|boolean is not supported.": [
        {"anything-but": ["x", None]},
        {"anything-but": [[]]},
    ],
    "Inside anything but list, either all values are number or string, mixed type is not supported": [
        {"anything-but": []},
        {"anything-but": ["x", 5]},
    ],
    "Anything-But expression name not found": [{"anything-but": {}}],
    "Unsupported anything-but pattern: numeric": [{"anything-but": {"numeric": [">", 5]}}],
    "Null prefix/suffix not allowed": [{"anything-but": {"prefix": ""}}, {"anything-but": {"suffix": ["x", ""]}}],
    "prefix/suffix match pattern must be a string": [
        {"anything-but": {"prefix": 5}},
        {"anything-but": {"suffix": [5]}},
    ],
    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.": [
        {"anything-but": {"equals-ignore-case": [None]}}
    ],
    "Empty arrays are not allowed": [
        {"anything-but": {"prefix": []}},
        {"anything-but": {"wildcard": []}},
    ],
    "Consecutive wildcard characters at pos 1": [{"wildcard": "**"}, {"anything-but": {"wildcard": ["x", "**"]}}],
    "Consecutive wildcard characters at pos 3": [{"wildcard": "é**"}],
    "Invalid escape character at pos 2": [{"wildcard": "a\\b"}, {"wildcard": "a\\"}],
    "Malformed CIDR, one '/' required": [{"cidr": "10.0.0.0"}, {"cidr": "10.0.0.0/"}, {"cidr": "1/2/3"}, {"cidr": "/"}],
    "Malformed CIDR, mask bits must be an integer": [{"cidr": "10.0.0.0/x"}, {"cidr": "10.0.0.0/99999999999"}],
    "Malformed CIDR, mask bits must not be negative": [{"cidr": "10.0.0.0/-1"}],
    "IPv4 mask bits must be < 32": [{"cidr": "10.0.0.0/32"}, {"cidr": "::ffff:a00:1/64"}],
    "IPv6 mask bits must be < 128": [{"cidr": "::1/128"}],
    "Invalid IP address: 1.2.3.400": [{"cidr": "1.2.3.400/8"}],
    "Invalid IP address: 1:2": [{"cidr": "1:2/8"}],
    "Invalid IP address: 0000000001.2.3.4": [{"cidr": "0000000001.2.3.4/8"}],
    "Nonstandard IP address: [::1]": [{"cidr": "[::1]/8"}],
    TOO_COMPLEX: [{"wildcard": "*:*:*:*:*:event-bus/*"}, {"wildcard": "*a*a*a*a*a*"}],
}

# Whole patterns.
REFUSED_PATTERNS: dict[str, list[str]] = {
    "Empty objects are not allowed": ["{}", '{"a": {}}', '{"$or": [{}, {"a": [1]}]}'],
    "Empty arrays are not allowed": ['{"a": []}'],
    '"a" must be an object or an array': ['{"a": null}', '{"$or": [{"a": 1}, {"b": [1]}]}'],
    "It must be an Array followed with $or.": ['{"$or": {"a": [1]}}', '{"a": {"$or": 5}}'],
    "Only JSON object is allowed in array of $or relationship.": ['{"$or": [1, 2]}', '{"$or": [{"a": [1]}, [1]]}'],
    "There must have at least 2 Objects in $or relationship.": ['{"$or": []}', '{"$or": [{"a": [1]}]}'],
    "exists is Ruler reserved fieldName which cannot be used inside $or.": [
        '{"$or": [{"exists": [1]}, {"a": [1]}]}',
        '{"$or": [{"a": {"b": {"exists": [1]}}}, {"a": [1]}]}',
        '{"$or": [{"$or": [{"a": [1]}, {"exists": [1]}]}, {"a": [1]}]}',
    ],
    "Or operator is producing over 1000 rule combinations": [
        json.dumps({f"p{outer}": {"$or": [{f"a{inner}": [1]} for inner in range(2)]} for outer in range(10)}),
        json.dumps({f"p{outer}": {"$or": [{f"a{inner}": [1]} for inner in range(2)]} for outer in range(40)}),
    ],
    "Size of rule exceeds max value of 256": [json.dumps({f"k{number}": [1] for number in range(257)})],
    TOO_COMPLEX: [
        json.dumps({"a": [{"wildcard": f"*{end}"} for end in ("a", "b", "c", "d", "e", "f")]}),
        json.dumps({"$or": [{"a": [{"wildcard": f"*/x/*.{end}"}]} for end in ("bif", "tif", "tiff", "svs")]}),
        # Bytes count, not characters: these begin with the same one.
        json.dumps({"a": [{"wildcard": f"*{end}"} for end in "àáâãäå"]}, ensure_ascii=False),
        # Alternatives have the same field after a condition that they share, in whatever list it stands.
        json.dumps(
            {"$or": [{"a": ["x", end], "b": [{"wildcard": f"*/x/*.{end}"}]} for end in ("bif", "tif", "tiff", "svs")]}
        ),
        # A search that would go on for long is given up.
        json.dumps({"a": [{"wildcard": "*".join(f"{c}{d}" * 90 for c in "abc")} for d in "uvwx"]}),
    ],
    # A fault of the syntax is said before a limit.
    "Unexpected end-of-input within/between Object entries": [
        json.dumps({f"p{outer}": {"$or": [{"a": [1]}, {"b": [1]}]} for outer in range(10)}).removesuffix("}") + ","
    ],
}

ACCEPTED: list[dict[str, Any] | str] = [
    '{"a": [12345678901234567891, 1e400, 1e-400, 1e99999999999999999999, 0e99999999999999999999]}',
    {"a": [{"wildcard": "*:*:*:*:event-bus/*"}]},
    {"a": [{"wildcard": f"*.{end}"} for end in ("bif", "tif", "tiff", "svs")]},
    {"a": [{"wildcard": f"*{end}"} for end in "àáâãä"]},
    {"$or": [{"a": ["x", "y"], "b": [{"wildcard": f"*{end}/x/*"}]} for end in ("bif", "tif")]},
    {"a": [{"anything-but": {"wildcard": [f"*.{end}" for end in ("bif", "tif", "tiff", "svs", "png", "jpg", "gif")]}}]},
    # Alternatives are held against a value together only where all before it is the same.
    {"$or": [{"a": [end], "b": [{"wildcard": f"*/x/*.{end}"}]} for end in ("bif", "tif", "tiff", "svs")]},
    {f"p{outer}": {"$or": [{f"a{inner}": [1]} for inner in range(10)]} for outer in range(3)},
    {f"k{number}": [1] for number in range(256)},
    {"exists": [1], "prefix": {"regex": [1]}},
    {"a": [{"wildcard": "\\**"}, {"wildcard": ""}, {"prefix": ""}, {"anything-but": {"wildcard": ""}}]},
]


@pytest.mark.parametrize(
    ("reason", "condition"),
    [
        pytest.param(reason, condition, id=f"{reason}-{json.dumps(condition)}"[:80])
        for reason in REFUSED
        for condition in REFUSED[reason]
    ],
)
def test_a_condition_is_refused(reason: str, condition: Any) -> None:
    """Wherever it stands, with the service's reason, and with the field's path."""
    for conditions in ([condition], ["x", condition]):
        with pytest.raises(InvalidEventPattern) as caught:
            EventPattern({"detail": {"state": conditions}})
        assert caught.value.reason == reason
        assert ".".join(map(str, caught.value.path)) == "detail.state"


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        pytest.param(reason, text, id=f"{reason}-{text}"[:80])
        for reason in REFUSED_PATTERNS
        for text in REFUSED_PATTERNS[reason]
    ],
)
def test_a_pattern_is_refused(reason: str, text: str) -> None:
    """What is wrong with a pattern as a whole, or with `$or`, is refused with the service's reason."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize("pattern", ACCEPTED, ids=lambda pattern: json.dumps(pattern)[:60])
def test_a_pattern_is_accepted(pattern: dict[str, Any] | str) -> None:
    """What is just within the limits, or only looks wrong."""
    assert EventPattern(pattern).matches({}) is False


def test_an_exact_text_is_no_address() -> None:
    """`exactly` compares texts, where a bare string compares addresses."""
    assert EventPattern({"a": ["::1"]}).matches({"a": "0:0::1"})
    assert not EventPattern({"a": [{"exactly": "::1"}]}).matches({"a": "0:0::1"})
    assert EventPattern({"a": [{"exactly": "::1"}]}).matches({"a": "::1"})
