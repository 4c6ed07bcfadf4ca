"""What the text of a Detail is said to rule out, held against the decoded value."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from json_texts import OBJECTS, parts_of, texts_of
from odd_strings import Caseless

from pytest_eventbridge import ABSENT, Exactly
from pytest_eventbridge._detail_text import OpenedText, TextCheck, iter_scalars_of, quoted, scalar_of
from pytest_eventbridge._matching import has_mismatch


class Status(str, enum.Enum):
    PAID = "paid"


@st.composite
def expected_and_texts(draw: st.DrawFn) -> tuple[Any, str]:
    """Draw an expected object, and the text of one that matches it, nearly does, or has nothing to do with it."""
    value = draw(OBJECTS)
    return draw(parts_of(value) | OBJECTS), draw(texts_of(value))


@settings(max_examples=400, deadline=None)
@given(expected_and_texts())
@example(({"a": 1}, '{"\\u0061": 1}'))
@example(({"a": "b"}, '{"a": "\\u0062"}'))
@example(({"a": 10}, '{"a": 1e1}'))
@example(({"a": 1}, '{"b": "\\"a\\"", "a": 1.0}'))
def test_what_is_ruled_out_does_not_match(case: tuple[Any, str]) -> None:
    """However a Detail is written, what its text rules out is a mismatch."""
    expected, text = case
    if TextCheck(expected).rules_out(text):
        assert has_mismatch(expected, json.loads(text))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"order_id": "o-1"}, '{"order_id": "o-2"}'),
        ({"order_id": "o-1"}, '{"id": "o-1"}'),
        ({"total": 10}, '{"total": 100, "sub": {"total": 1.5}}'),
        ({"total": 10}, '{"total": "10"}'),
        ({"total": "10"}, '{"total": 10}'),
        ({"paid": True}, '{"paid":1}'),
        ({"paid": None}, '{"paid" : false}'),
        ({"order": {"id": 1}}, '{"order": {"id": 2}}'),
        ({"lines": [{"sku": "tea"}]}, '{"lines": [{"sku": "cup"}]}'),
        ({"tags": ["red"]}, '{"tags": ["blue"]}'),
        ({"é": 1, "a": 1}, '{"\\u00e9": 1, "a": 2}'),
        (Exactly({"total": 10}), '{"total": 11}'),
        ({"status": Status.PAID}, '{"status": "open"}'),
        ({"size": 1}, '{"size": {"size": [1]}}'),
    ],
)
def test_what_the_text_rules_out(expected: Any, text: str) -> None:
    """Another value of a key, or no such key, is seen without decoding."""
    assert TextCheck(expected).rules_out(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"order_id": "o-1"}, '{"order": {"order_id": "o-1"}}'),
        ({"name": Caseless("ada")}, '{"name": "ADA"}'),
        ({"tags": [Caseless("red")]}, '{"tags": ["RED"]}'),
        ({"name": "é"}, '{"name": "e"}'),
        ({"gone": ABSENT}, "{}"),
        ({"total": 10}, '{"total": ' + "1" * 5000 + "}"),
        (["a"], '["a"]'),
        (lambda detail: True, "{}"),
        ({}, ""),
    ],
)
def test_what_the_text_leaves_open(expected: Any, text: str) -> None:
    """What only the decoded value tells is not ruled out."""
    assert not TextCheck(expected).rules_out(text)


def test_distance_counts_other_values_and_missing_keys() -> None:
    """A missing key is farther away than another value, and a value that may be any is not away at all."""
    check = TextCheck({"a": 1, "b": "x", "c": {"d": 2}})
    texts = ['{"a": 1, "b": "x", "c": {"d": 2}}', '{"a": 1, "b": "\\n", "c": {"d": [2]}}', '{"a": 2, "c": 2}', "{}"]
    assert [check.distance(OpenedText(text)) for text in texts] == [0, 1, 5, 8]


def test_scalars_of_a_key() -> None:
    """Each scalar that a key holds is found at whatever depth; one with escapes may be any; containers are none."""
    text = '{"a": 1, "b": {"a":"x", "c": "a"}, "d": [{"a" : true}, {"a": "\\n"}, {"a": [1]}, {"a": -1.5e1}]}'
    assert list(iter_scalars_of(text, '"a"')) == [(False, 1), (False, "x"), (True, True), None, (False, -15.0)]


def test_scalars_tell_types_apart_as_json_does() -> None:
    """One is one point nought and not true, and a member of a string enum is its text."""
    assert scalar_of(1) == scalar_of(1.0) != scalar_of(True)
    assert scalar_of(Status.PAID) == scalar_of("paid")
    assert [scalar_of(value) for value in (Caseless("a"), [1], {}, ABSENT)] == [None] * 4


def test_only_plain_strings_stand_in_each_text_alike() -> None:
    """What one encoder escapes and another does not cannot be looked for."""
    assert [quoted(string) for string in ("a b", Status.PAID, "é", 'a"', "a/b")] == [
        '"a b"',
        '"paid"',
        None,
        None,
        None,
    ]
