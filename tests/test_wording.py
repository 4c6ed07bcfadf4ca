"""How counts, places and values are put into words."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from dirty_equals import IsStr
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import ABSENT, Exactly
from pytest_eventbridge._wording import (
    counted,
    cut_middle,
    more_lines,
    shown_list,
    shown_path,
    shown_texts,
    shown_value,
)


def is_large(value: Any) -> bool:
    """Serve as a predicate."""
    return value > 100


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [
        (0, "event", "0 events"),
        (1, "event", "1 event"),
        (2, "event", "2 events"),
        (1, "failed entry", "1 failed entry"),
        (2, "failed entry", "2 failed entries"),
    ],
)
def test_counted(count: int, noun: str, text: str) -> None:
    """A noun is in the plural unless there is one of it."""
    assert counted(count, noun) == text


def test_a_lambda_is_shown_by_its_place() -> None:
    """What has no name is found by the line where it is defined."""
    shown = shown_value([lambda value: value > 100], 200)
    path, line = re.fullmatch(r"\[the lambda in (.*):(\d+)\]", shown).groups()  # type: ignore[union-attr]
    assert Path(path).resolve() == Path(__file__).resolve()
    assert "shown_value([lambda" in Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("a", "'a'", id="text"),
        pytest.param(None, "None", id="null"),
        pytest.param(True, "True", id="boolean"),
        pytest.param({"a": [1, 2.5]}, "{'a': [1, 2.5]}", id="object and list"),
        pytest.param(is_large, "the function is_large", id="function"),
        pytest.param(len, "the function len", id="builtin"),
        pytest.param("x".startswith, "the function startswith", id="method"),
        pytest.param(re.compile("a"), "re.compile('a')", id="regular expression"),
        pytest.param(ANY, "<ANY>", id="ANY"),
        pytest.param(IsStr(), "IsStr()", id="matcher"),
        pytest.param(Exactly({"a": 1}), "Exactly({'a': 1})", id="Exactly"),
    ],
)
def test_shown_value(value: Any, shown: str) -> None:
    """Values are shown as in Python, functions by name."""
    assert shown_value(value, 60) == shown


def test_absent_is_shown_as_it_is_written() -> None:
    """That nothing is expected somewhere is shown as the test says it."""
    assert shown_value(ABSENT, 60) == "ABSENT"


def test_a_class_that_matches_is_shown_by_name() -> None:
    """A matcher that is a class is called by its name, and no function."""
    assert shown_value(IsStr, 60) == "IsStr"


@pytest.mark.parametrize(
    "value",
    [{"a": is_large}, [is_large], Exactly({"a": [is_large]}), [lambda _: True], {"a": {"b": "x".startswith}}],
    ids=["dict", "list", "Exactly", "lambda", "method"],
)
def test_no_address_is_shown(value: Any) -> None:
    """A function inside a value is shown by name, so that two runs show the same."""
    assert " at 0x" not in shown_value(value, 1000)


def test_times_can_be_told_apart() -> None:
    """Two times an hour apart look different in the width that a difference has."""
    first, second = (datetime(2024, 1, 1, hour, tzinfo=timezone.utc) for hour in (8, 9))
    assert shown_value(first, 34) != shown_value(second, 34)


def test_a_deep_value_is_shown() -> None:
    """A value as deep as the service allows is cut like any long one."""
    deep: Any = 1
    for _ in range(990):
        deep = [deep]
    assert shown_value(deep, 40).startswith("[[[[")
    assert len(shown_value(deep, 40)) <= 40


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60), width=st.integers(8, 40))
def test_cut_middle_keeps_both_ends(text: str, width: int) -> None:
    """A text that fits is left alone; of a longer one beginning and end are kept, and it fits."""
    cut = cut_middle(text, width)
    if len(text) <= width:
        assert cut == text
    else:
        head, _, tail = cut.partition(" ... ")
        assert len(cut) <= width
        assert text.startswith(head)
        assert text.endswith(tail)


@settings(max_examples=200, deadline=None)
@given(
    before=st.text("ab", max_size=80),
    one=st.text("cd", max_size=80),
    other=st.text("ef", max_size=80),
    after=st.text("ab", max_size=80),
    width=st.integers(20, 60),
)
def test_two_texts_are_shown_where_they_differ(before: str, one: str, other: str, after: str, width: int) -> None:
    """However long two texts are, what is shown of them differs."""
    expected, actual = before + one + after, before + other + after
    if expected != actual:
        shown = shown_texts(expected, actual, width)
        assert shown[0] != shown[1]
        assert max(map(len, shown)) <= width + len("...''... (240 long)")


def test_short_texts_are_shown_whole() -> None:
    """Texts that fit are shown as in Python."""
    assert shown_texts("a'b", "c", 20) == ('"a\'b"', "'c'")


def test_a_text_that_begins_like_the_other_is_shown_to_its_end() -> None:
    """Where one text is the beginning of the other, the end that differs is shown."""
    shorter, longer = shown_texts("a" * 50, "a" * 50 + "b", 20)
    assert shorter == "...'aaaaaa' (50 long)"
    assert longer == "...'aaaaaab' (51 long)"


def test_a_path_under_the_current_directory_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is shortened where it lies under the current directory, and only there."""
    monkeypatch.chdir(tmp_path)
    assert shown_path(f"{tmp_path / 'tests' / 'a.py'}:7") == f"{Path('tests', 'a.py')}:7"
    assert shown_path(f"{tmp_path}-other:7") == f"{tmp_path}-other:7"
    assert shown_path("unknown") == "unknown"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no directory that is in use")
def test_a_path_needs_no_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that removed the directory it stands in still gets its own failure."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert shown_path("/tests/a.py:7") == "/tests/a.py:7"


class Unshowable:
    """A matcher whose `repr` fails."""

    def __repr__(self) -> str:
        raise LookupError

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]  # how Python says unhashable


class Steering:
    """A matcher whose `repr` breaks the line and steers the terminal."""

    def __repr__(self) -> str:
        return "first\nsecond\x1b[31m"


class Nameless:
    """A matcher without a `repr` of its own."""


@pytest.mark.parametrize(
    ("matcher", "shown"),
    [
        (Unshowable(), "<Unshowable, whose repr raises LookupError>"),
        (Steering(), r"first\nsecond\x1b[31m"),
        (Nameless(), f"<{__name__}.Nameless object>"),
        (partial(is_large, 1), f"functools.partial({is_large}, 1)".replace(f" at {id(is_large):#x}", "")),
    ],
    ids=["raises", "breaks the line", "has an address", "holds an address"],
)
def test_a_matcher_is_shown_on_one_line_and_the_same_in_each_run(matcher: object, shown: str) -> None:
    """Whatever the `repr` of a matcher does, the failure that shows it is told."""
    assert shown_value({"a": matcher}, 200) == f"{{'a': {shown}}}"


def test_a_text_that_reads_like_an_address_is_left_alone() -> None:
    """Only what a `repr` says of memory goes, nothing of what was sent."""
    assert shown_value("<lock at 0x1f>", 60) == "'<lock at 0x1f>'"


@pytest.mark.parametrize(
    ("elements", "width", "shown"),
    [
        ([], 40, "[]"),
        ([1, 2, 3], 40, "[1, 2, 3]"),
        (list(range(100)), 40, "[0, 1, ... 96 more ..., 98, 99]"),
        (list(range(100)), 20, "[0, 1,  ... 98, 99]"),
        (["x" * 100, "y"], 40, "['xxxxxxxxxxxxxxx ... xxxxxxxxxx', 'y']"),
    ],
    ids=["none", "few", "many", "no room", "long ones"],
)
def test_a_long_list_is_shown_by_its_ends(elements: list[Any], width: int, shown: str) -> None:
    """Of many elements the first and the last are shown, and how many stand between; where these fit."""
    assert shown_list(elements, width) == shown
    assert len(shown) <= width


def test_two_elements_of_a_list_are_never_more_than_are_there() -> None:
    """Of a list of which nearly all fits, none is shown twice."""
    assert shown_list([100, 200, 300], 12) == "[10 ... 00]"


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ((3, 3), []),
        ((2, 3), []),
        ((5, 3), ["  and 2 more; -v and -vv show more of them"]),
        ((4, 3, "entry"), ["  and 1 more entry; -v and -vv show more of them"]),
    ],
    ids=["all told", "fewer", "some left out", "with what they are"],
)
def test_what_is_left_out_of_a_list_is_counted(arguments: tuple[Any, ...], lines: list[str]) -> None:
    """A list that does not tell all says how many there are besides."""
    assert more_lines(*arguments) == lines
