"""Event patterns against verdicts that come from AWS, or from its open-source rule engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_eventbridge import EventPattern, InvalidEventPattern
from pytest_eventbridge._pattern._event_text import parse_event

DATA = Path(__file__).parent / "data"
EXAMPLES = [json.loads(line) for line in (DATA / "patterns_examples.jsonl").read_text("utf-8").splitlines()]
QUIRKS = [json.loads(line) for line in (DATA / "patterns_quirks.jsonl").read_text("utf-8").splitlines()]

# What the engine does and was not recorded from AWS, and that contradicts what its documentation leads one to expect:
# here the plain reading is followed. Where the same kind was recorded, AWS is.
KNOWN_DIFFERENCES = {
    "Q009": "a quote at the end of a prefix is a quote",
    "Q010": "a quote at the start of a suffix is a quote",
    "Q011": "the same, negated",
    "Q016": "a letter in title case is itself, whatever the case",
    "Q021": "a list that the service cannot work with is refused wherever it stands",
    "Q022": "a number greater than the greatest does not come",
    "Q023": "nor one less than the least",
    "Q024": "a number is no IP address for another condition's sake",
    "Q025": "a name may be empty, at the end of a path too",
}


def verdict(pattern: dict[str, Any] | str, event: dict[str, Any] | None) -> str:
    """Return what the package makes of a pattern and an event."""
    try:
        compiled = EventPattern(pattern)
    except InvalidEventPattern:
        return "invalid"
    if event is None:
        return "invalid"
    return "match" if compiled.matches(event) else "nomatch"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['id']}-{example['operator']}")
def test_verdict(example: dict[str, Any]) -> None:
    """Each operator, and what they make together, has the engine's verdict, as a dict and as text."""
    text = json.dumps(example["pattern"])
    assert verdict(example["pattern"], example["event"]) == example["expect"]
    assert verdict(text, parse_event(json.dumps(example["event"]))) == example["expect"]


@pytest.mark.parametrize(
    "example", [example for example in EXAMPLES if example["expect"] == "invalid"], ids=lambda example: example["id"]
)
def test_reason(example: dict[str, Any]) -> None:
    """A pattern is refused with the service's reason."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(example["pattern"])
    assert caught.value.reason == example["note"].rpartition("reason: ")[2]
    assert str(caught.value).startswith(f"Event pattern is not valid. Reason: {caught.value.reason}")


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: f"{quirk['id']}-{quirk['kind']}")
def test_quirk(quirk: dict[str, Any]) -> None:
    """The odd verdicts are AWS's, but for those that were never seen there."""
    expected = quirk["plain_reading" if quirk["id"] in KNOWN_DIFFERENCES else "aws_model"]
    assert verdict(quirk["pattern_text"], parse_event(quirk["event_text"])) == expected.partition(":")[0]


@pytest.mark.parametrize("name", KNOWN_DIFFERENCES)
def test_known_difference(name: str) -> None:
    """Each known difference is one, and no recording speaks against it."""
    (quirk,) = (quirk for quirk in QUIRKS if quirk["id"] == name)
    assert quirk["evidence"] == "inferred"
    assert quirk["plain_reading"] != quirk["aws_model"].partition(":")[0]


# Patterns that AWS refused, and the columns that its message named, once or twice.
RECORDED: list[tuple[str, str, list[int]]] = [
    ('{"int": 42}', '"int" must be an object or an array', [11]),
    ('{"string": "my-value"}', '"string" must be an object or an array', [13]),
    ('{"resources": []}', "Empty arrays are not allowed", [17]),
    ('{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", [28]),
    ('{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', "Unrecognized match type NUMERIC", [36]),
    ('{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', "Bad numeric range operator: >", [49]),
    ('{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", [50]),
    ('{"time": [{"prefix": ["2022-07-13"]}]}', "prefix match pattern must be a string", [23]),
    ('{"time": [{"prefix": 123}]}', "prefix match pattern must be a string", [25]),
    ('{"FileName": [{"suffix": [".png"]}]}', "suffix match pattern must be a string", [27]),
    ('{"EventBusArn": [{"wildcard": 123}]}', "wildcard match pattern must be a string", [34]),
    (
        '{"detail-type": [{"equals-ignore-case": {"prefix": "ec2"}}]}',
        "equals-ignore-case match pattern must be a string",
        [42],
    ),
    (
        '{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}',
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        [66],
    ),
    (
        '{"detail": {"state": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}}',
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        [67, 67],
    ),
    (
        '{"detail": {"state": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}}',
        "wildcard match pattern must be a string",
        [57, 57],
    ),
    (
        '{"detail": {"FileName": [{"anything-but": {"suffix": [123, ".txt"]}}]}}',
        "prefix/suffix match pattern must be a string",
        [58, 58],
    ),
    (
        '{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}',
        "Value of anything-but must be an array or single string/number value.",
        [55],
    ),
    ('{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}', "prefix match pattern must be a string", [43]),
    ('{"detail": {"sourceIPAddress": [{"cidr": "bad-filter"}]}}', "Malformed CIDR, one '/' required", []),
    ('{"detail": {"sourceIPAddress": [{"cidr": "xx.11.xx/8"}]}}', "Nonstandard IP address: xx.11.xx", []),
    ('{"detail": {"sourceIPAddress": [{"cidr": "10.0.0.0/x"}]}}', "Malformed CIDR, mask bits must be an integer", []),
    (
        "{'bad': 'quotation'}",
        "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
        [2],
    ),
    ('["not", "a", "dict", "but valid json"]', "Filter is not an object", [2]),
]


@pytest.mark.parametrize(("text", "reason", "columns"), RECORDED)
def test_message(text: str, reason: str, columns: list[int]) -> None:
    """The whole message is the one recorded from AWS, with the place as often as AWS says it."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(text)
    places = [f'\n at [Source: (String)"{text}"; line: 1, column: {column}]' for column in columns]
    assert str(caught.value) == f"Event pattern is not valid. Reason: {reason}{''.join(places)}"
