"""Reading a pattern's JSON text: the tokens, and what is said of a text that is no JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_eventbridge import EventPattern, InvalidEventPattern
from pytest_eventbridge._pattern._reader import Reader

# What Jackson 2.18.2 says of each text; 2.17.2 says the same.
FAULTS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "json_faults.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: ascii(fault["text"])[:40])
def test_a_text_that_is_no_json_is_refused_in_the_words_of_the_parser(fault: dict[str, str]) -> None:
    """The reason and the place are those of the parser that the service reads with."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(fault["text"])
    assert str(caught.value) == f"Event pattern is not valid. Reason: {fault['message']}"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("  ", 1, 3),
        ("5", 1, 2),
        ("5 ", 1, 3),
        ("-1.5e3\n", 2, 1),
        ('"x', 1, 2),
        ("null", 1, 5),
        ("[", 1, 2),
    ],
)
def test_a_text_that_is_no_object(text: str, line: int, column: int) -> None:
    """It is refused at its first token, which is read no further than it has to be."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(text)
    place = f'[Source: (String)"{text}"; line: {line}, column: {column}]'
    assert str(caught.value) == f"Event pattern is not valid. Reason: Filter is not an object\n at {place}"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a":\r\n[1],\r "b":\n5}', 4, 2),
        ('{"😀":5}', 1, 8),
        ('{"a":[1], "b": "x"}', 1, 17),
        ('{"b": true}', 1, 11),
    ],
)
def test_the_place_counts_lines_and_utf16_units(text: str, line: int, column: int) -> None:
    """Each way to end a line counts once, and a character beyond U+FFFF for two."""
    with pytest.raises(InvalidEventPattern, match=f"line: {line}, column: {column}]$"):
        EventPattern(text)


def test_a_long_text_is_shown_in_part() -> None:
    """The place shows its first 500 characters."""
    text = f'{{"{"a" * 600}":5}}'
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(text)
    assert f'(String)"{text[:500]}"[truncated {len(text) - 500} chars]; line' in str(caught.value)


def test_what_follows_the_pattern_is_not_read() -> None:
    """Neither a second object nor anything else."""
    assert EventPattern('{"a":[1]} {').matches({"a": 1})


def test_tokens() -> None:
    """Each token has its kind, and its text: decoded for names and strings, as it stands for numbers."""
    reader = Reader('{"n\\u00e9" : ["\\ud83d\\ude00\\n\\/", -1.50E+3, true, false, null, {}], "o": {"a": []}}')
    tokens = []
    while reader.next() is not None:
        tokens.append((reader.kind, reader.text()))
    assert tokens == [
        ("{", "{"),
        ("name", "né"),
        ("[", "["),
        ("string", "😀\n/"),
        ("number", "-1.50E+3"),
        ("true", "true"),
        ("false", "false"),
        ("null", "null"),
        ("{", "{"),
        ("}", "}"),
        ("]", "]"),
        ("name", "o"),
        ("{", "{"),
        ("name", "a"),
        ("[", "["),
        ("]", "]"),
        ("}", "}"),
        ("}", "}"),
    ]
    assert reader.text() == ""


def test_a_string_may_be_passed_over() -> None:
    """It is read to its end all the same, and has to be well-formed."""
    reader = Reader('["x", "y\\n", 1]')
    assert [reader.next() for _ in range(5)] == ["[", "string", "string", "number", "]"]
