"""Event patterns as values: what they take, what they say of an event, and that no event troubles them."""

from __future__ import annotations

import copy
import itertools
import json
import pickle
from enum import Enum
from typing import Any

import pytest

from pytest_eventbridge import EventPattern, InvalidEventPattern
from pytest_eventbridge._pattern._explanation import Apart, Failed

PATTERN = {"source": ["shop.orders"], "detail": {"total": [{"numeric": [">", 10]}]}}


class Envelope:
    """Something that becomes an envelope, as a captured event does."""

    def __init__(self, envelope: Any) -> None:
        self.envelope = envelope

    def to_dict(self) -> Any:
        """Return the envelope."""
        return self.envelope


class Hostile:
    """A value of which everything that can raise does."""

    def __getattribute__(self, name: str) -> Any:
        raise ZeroDivisionError(name)

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __hash__(self) -> int:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        raise ZeroDivisionError


def test_a_pattern_is_a_value() -> None:
    """It is equal to another of the same text, and of the same hash, however it was given."""
    pattern, other = EventPattern(PATTERN), EventPattern(json.dumps(PATTERN))
    assert pattern == other
    assert hash(pattern) == hash(other)
    assert pattern != EventPattern(json.dumps(PATTERN, indent=1))
    assert pattern != PATTERN
    assert pattern.text == json.dumps(PATTERN)
    assert repr(pattern) == f"EventPattern({json.dumps(PATTERN)!r})"


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_of_a_pattern_matches_the_same(clone: Any) -> None:
    """A copy, and one that has been pickled, is equal and works."""
    pattern = clone(EventPattern(PATTERN))
    assert pattern == EventPattern(PATTERN)
    assert pattern.matches({"source": "shop.orders", "detail": {"total": 11}})


def test_a_pattern_cannot_be_changed() -> None:
    """Neither by its attributes nor through the dict that it was made of."""
    given = {"source": ["shop.orders"]}
    pattern = EventPattern(given)
    given["source"].append("shop.stock")
    assert not pattern.matches({"source": "shop.stock"})
    with pytest.raises(AttributeError, match=r"EventPattern is immutable\."):
        pattern.text = "{}"
    with pytest.raises(AttributeError, match=r"EventPattern is immutable\."):
        del pattern.text


def test_a_text_of_another_alphabet_stays_readable() -> None:
    """A dict becomes JSON without escapes, which would count against the length."""
    assert EventPattern({"name": ["Überfällig 😀"]}).text == '{"name": ["Überfällig 😀"]}'


CIRCULAR: dict[str, Any] = {}
CIRCULAR["a"] = CIRCULAR


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (None, "An event pattern is a dict or JSON text, not NoneType: None."),
        ([PATTERN], "An event pattern is a dict or JSON text, not list:"),
        (b"{}", "An event pattern is a dict or JSON text, not bytes:"),
        ({1: ["x"]}, "pattern: the key 1 is not a string; the keys of a JSON object are strings."),
        ({"a": {"b": [{"prefix": {1, 2}}]}}, "pattern['a']['b'][0]['prefix']: {1, 2} is no JSON. Allowed: a dict with"),
    ],
    ids=["none", "list", "bytes", "key", "set"],
)
def test_what_is_no_json_is_a_type_error(pattern: Any, message: str) -> None:
    """The message says what is wrong, where, and what is allowed."""
    with pytest.raises(TypeError) as caught:
        EventPattern(pattern)
    assert str(caught.value).startswith(message)


def test_a_number_that_json_does_not_have_is_refused_as_by_the_service() -> None:
    """Python writes it, and the service's parser does not read it."""
    with pytest.raises(InvalidEventPattern, match="Non-standard token 'NaN'"):
        EventPattern({"a": [float("nan")]})


def test_a_tuple_is_a_list() -> None:
    """As in Python's own JSON."""
    assert EventPattern({"a": ("x", "y")}).matches({"a": "y"})


def nested(depth: int) -> dict[str, Any]:
    """Return a pattern of so many levels."""
    pattern: Any = [1]
    for _ in range(depth):
        pattern = {"a": pattern}
    return pattern


@pytest.mark.parametrize(
    "pattern",
    [{"a": ["x" * 4096]}, " " * 4097, CIRCULAR, nested(5000), {"a": ["x"] * 5000}, nested(1500), {"a": [10**5000]}],
    ids=["text", "space", "circular", "deep", "many values", "too deep for Python", "many digits"],
)
def test_a_pattern_is_not_longer_than_the_service_takes(pattern: Any) -> None:
    """What is longer, or has no end, is refused without being written out."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(pattern)
    assert caught.value.reason == "Member must have length less than or equal to 4096"


def test_a_pattern_may_nest_as_deep_as_its_length_lets_it() -> None:
    """Reading and matching do not depend on Python's stack."""
    text, event = '{"a":' * 680 + "[1]" + "}" * 680, nested(680)
    assert EventPattern(text).matches(event)
    assert not EventPattern(text).matches(nested(679))
    alternatives = '{"a":[1]}'
    for _ in range(150):
        alternatives = f'{{"$or":[{alternatives},{{"b":[1]}}]}}'
    assert EventPattern(alternatives).matches({"b": 1})


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"detail": {"state": []}}', ("detail", "state")),
        ('{"a.b": {"c": 1}}', ("a.b", "c")),
        ('{"a": [1], "b": {"$or": [{"c": [1]}, {"d": [{"prefx": "x"}]}]}}', ("b", "$or", 1, "d")),
        ('{"a": {"$or": [{"c": [1]}, 5]}}', ("a", "$or", 1)),
        ('{"a": {"b": {"c": [1]}, "d": {}}}', ("a", "d")),
        ('{"$or": [{"a": [1]}]}', ("$or",)),
        ('{"a": {"b": [1]}, "c": [x]}', ("c",)),
        ("5", ()),
    ],
)
def test_an_invalid_pattern_says_where(text: str, path: tuple[str | int, ...]) -> None:
    """The path leads to the field, or to the object under `$or`."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern(text)
    assert caught.value.path == path


def test_an_invalid_pattern_survives_pickling() -> None:
    """With all that it says."""
    with pytest.raises(InvalidEventPattern) as caught:
        EventPattern('{"a": [{"anything-but": {"prefix": []}}]}')
    error = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(error, ValueError)
    assert str(error) == str(caught.value)
    assert (error.reason, error.path, error.is_internal) == ("Empty arrays are not allowed", ("a",), True)


@pytest.mark.parametrize("event", [{"source": "shop.orders", "detail": {"total": 11}}], ids=["dict"])
@pytest.mark.parametrize("form", [dict, Envelope, type("Derived", (dict,), {})])
def test_an_event_is_an_envelope_or_becomes_one(event: dict[str, Any], form: Any) -> None:
    """A dict, one of a derived class, or what has `to_dict()`."""
    assert EventPattern(PATTERN).matches(form(event))
    assert EventPattern(PATTERN).explain(form(event)) == "The event matches."


@pytest.mark.parametrize("event", [None, '{"source": "shop.orders"}', [PATTERN], Envelope([])])
@pytest.mark.parametrize("method", [EventPattern.matches, EventPattern.explain, EventPattern.find_reasons])
def test_anything_else_is_no_event(event: Any, method: Any) -> None:
    """This is a mistake of the test, not something that does not match."""
    with pytest.raises(TypeError, match="An event is a CapturedEvent or an envelope dict, not"):
        method(EventPattern(PATTERN), event)


class Colour(str, Enum):
    """A string of a class of its own."""

    RED = "red"


class Level(int, Enum):
    """A number of a class of its own."""

    HIGH = 3


class Ratio(float):
    """Another one."""


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("red", Colour.RED, True),
        (3, Level.HIGH, True),
        ({"numeric": [">", 2]}, Level.HIGH, True),
        (0.5, Ratio(0.5), True),
        ("x", ("x", "y"), True),
        (1, True, False),
        ({"exists": True}, {1, 2}, True),
        ({"anything-but": "x"}, b"x", True),
        ({"exists": False}, {1: 2}, True),
        ({"exists": False}, Hostile, False),
        ({"anything-but": 5}, Hostile, True),
        ({"numeric": [">", 0]}, float("inf"), False),
        ({"numeric": ["<=", 0]}, float("nan"), False),
        ({"anything-but": 0}, float("nan"), True),
        (10**30 + 1, 10**30 + 1, True),
        ({"numeric": [">", 0]}, 10**30 + 1, False),
        ({"numeric": [">", 0]}, 10**30, True),
        (10**400, 10**400, True),
        ({"anything-but": 1}, 10**6000, True),
        ({"cidr": "0.0.0.0/0"}, 10**6000, False),
        ({"cidr": "0.0.0.0/0"}, 1.5, True),
        ({"cidr": "0.0.0.0/0"}, 2.5e10, True),
        ({"cidr": "0.0.0.0/0"}, 2.5e-10, True),
        ({"cidr": "0.0.0.0/0"}, -1, False),
        ({"prefix": "\ud800"}, "\ud800x", True),
        ({"equals-ignore-case": "\ud800"}, "?", True),
        ({"equals-ignore-case": "straße"}, "STRASSE", True),
        ({"equals-ignore-case": "STRASSE"}, "straße", False),
        ({"equals-ignore-case": "K"}, "\u212a", False),
        ({"equals-ignore-case": "\u212a"}, "k", True),
        ({"equals-ignore-case": "Σ"}, "ς", False),
    ],
    ids=map(str, itertools.count()),
)
def test_a_value_of_any_type(condition: Any, value: Any, expected: bool) -> None:
    """What is derived from a JSON type counts as that, and what is none exists and equals nothing."""
    value = Hostile() if value is Hostile else value
    pattern = EventPattern({"a": [condition]})
    assert pattern.matches({"a": value}) == expected
    assert pattern.matches({"a": [value]}) == expected
    assert EventPattern({"a": {"b": {"c": [condition]}}}).matches({"a": {"b": {"c": value}}}) == expected
    assert (pattern.explain({"a": value}) == "The event matches.") == expected


def deep(value: Any, depth: int) -> Any:
    """Return a value within so many lists."""
    for _ in range(depth):
        value = [value]
    return value


def test_no_depth_of_an_event_is_too_much() -> None:
    """Neither for one field nor for several that lead into the same arrays."""
    one = EventPattern({"a": ["x"]})
    two = EventPattern({"a": {"x": [1], "y": [1, {"exists": False}]}})
    assert one.matches({"a": deep("x", 5000)})
    assert two.matches({"a": deep({"x": 1, "y": 1}, 5000)})
    assert not two.matches({"a": deep({"x": 1, "y": 2}, 5000)})
    assert not one.matches(nested(5000))
    assert one.explain(nested(5000)) == "The event does not match:\n  a: expected 'x', but it is missing"


def test_an_event_that_contains_itself_has_a_verdict() -> None:
    """A list in itself is looked through once."""
    around: list[Any] = [{"x": 1}]
    around.append(around)
    assert not EventPattern({"a": {"x": [1], "y": [1]}}).matches({"a": around})
    assert EventPattern({"a": {"x": [1], "y": [{"exists": False}]}}).matches({"a": around})
    assert not EventPattern({"a": ["x"]}).matches({"a": around})


def test_shared_parts_are_looked_at_once() -> None:
    """Lists that hold the same list twice, over and over, cost what they take in memory."""
    part: Any = [{"x": 1, "y": 2}, {"x": 2, "y": 1}]
    for _ in range(60):
        part = [part, part]
    pattern = EventPattern({"a": {"x": [1], "y": [1]}})
    assert not pattern.matches({"a": part})
    assert "got them in different ones" in pattern.explain({"a": part})


def test_shared_objects_are_looked_at_once() -> None:
    """Objects whose names with dots lead on in two ways to the same one, over and over, are gone through once."""
    part: dict[str, Any] = {"x": 1}
    for _ in range(60):
        part = {"a": part, "a.a": part}
    steps = ".".join("a" * 60)
    assert not EventPattern({f"{steps}.y": [1]}).matches(part)
    assert EventPattern({f"{steps}.x": [1]}).matches(part)
    assert not EventPattern({f"{steps}.x": [2], f"{steps}.y": [1]}).matches(part)


def test_wildcards_take_no_exponential_time() -> None:
    """Each part of a pattern is sought once."""
    pattern = EventPattern({"a": [{"wildcard": "*a*a*a*b"}]})
    assert not pattern.matches({"a": "a" * 100_000})
    assert pattern.matches({"a": "a" * 100_000 + "b"})


def test_arrays_take_no_exponential_time() -> None:
    """That no element has all of many fields, each of which most have, is found without trying all combinations."""
    names = [f"k{number}" for number in range(60)]
    elements = [{name: 1 for name in names if name != missing} for missing in names]
    assert not EventPattern({"a": {name: [1] for name in names}}).matches({"a": elements})
    absent = EventPattern({"a": {name: [1, {"exists": False}] for name in names}})
    assert absent.matches({"a": elements})
    assert not absent.matches({"a": [dict.fromkeys(names, 2)]})


def test_names_with_dots_take_no_exponential_time() -> None:
    """Where the elements of several arrays would have to be tried together, the search ends."""
    steps = list("abcdefgh")
    names = [f"k{number}" for number in range(48)]
    event: dict[str, Any] = {}
    for count in range(1, len(steps) + 1):
        value: Any = [{name: 1 for place, name in enumerate(names) if (place + e) % 12 == 0} for e in range(12)]
        for step in reversed(steps[count:]):
            value = {step: value}
        event[".".join(steps[:count])] = value
    pattern = EventPattern({".".join(steps): {name: [1] for name in names}})
    assert not pattern.matches(event)


EXPLANATIONS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "one text": ({"source": ["shop"]}, {"source": "shops"}, ["source: expected 'shop', got 'shops'"]),
    "several": ({"a": ["x", 5, True, None]}, {"a": "y"}, ["a: expected 'x', 5, True or None, got 'y'"]),
    "missing": ({"a": {"b": ["x"]}}, {"a": {"c": "x"}}, ["a.b: expected 'x', but it is missing"]),
    "an object": ({"a": ["x"]}, {"a": {"x": 1}}, ["a: expected 'x', but it is missing"]),
    "there": ({"a": [{"exists": False}]}, {"a": None}, ["a: expected no value, got None"]),
    "not there": ({"a": [{"exists": True}]}, {}, ["a: expected any value, but it is missing"]),
    "values": ({"a": ["x"]}, {"a": [1, [2], 3, 4, 5]}, ["a: expected 'x', got 1, 2, 3 and 2 more"]),
    "two values": ({"a": ["x"]}, {"a": [1, 2]}, ["a: expected 'x', got 1 and 2"]),
    "long": ({"a": ["x"]}, {"a": "y" * 100}, [f"a: expected 'x', got '{'y' * 75}...'"]),
    "huge": ({"a": ["x"]}, {"a": 10**5000}, ["a: expected 'x', got an integer of many digits"]),
    "no JSON": ({"a": ["x"]}, {"a": b"x"}, ["a: expected 'x', got a value that is no JSON"]),
    "texts": (
        {"a": [{"prefix": "p"}, {"suffix": "s"}, {"wildcard": "a*b"}, {"equals-ignore-case": "Q"}]},
        {"a": ""},
        ["a: expected text that begins with 'p', text that ends with 's', text like 'a*b' or 'Q' in any case, got ''"],
    ),
    "ends in any case": (
        {"a": [{"prefix": {"equals-ignore-case": "p"}}, {"suffix": {"equals-ignore-case": "s"}}]},
        {"a": ""},
        ["a: expected text that begins with 'p' in any case or text that ends with 's' in any case, got ''"],
    ),
    "refused": (
        {"a": [{"anything-but": ["x", "y"]}], "b": [{"anything-but": {"prefix": "p"}}]},
        {"a": "x", "b": "pq"},
        [
            "a: expected anything but 'x' or 'y', got 'x'",
            "b: expected anything but text that begins with 'p', got 'pq'",
        ],
    ),
    "numbers": (
        {"a": [{"numeric": [">", 0, "<=", 5]}], "b": [{"numeric": ["=", 3.0e2]}], "c": [{"numeric": ["<", 1]}]},
        {"a": 0, "b": 1, "c": 1},
        [
            "a: expected a number > 0 and <= 5, got 0",
            "b: expected a number = 300.0, got 1",
            "c: expected a number < 1, got 1",
        ],
    ),
    "addresses": (
        {"a": ["10.0.0.1", {"cidr": "11.0.0.0/8"}]},
        {"a": "12.0.0.1"},
        ["a: expected the IP address '10.0.0.1' or an IP address in 11.0.0.0/8, got '12.0.0.1'"],
    ),
    "apart": (
        {"a": {"b": [1], "c": [2]}},
        {"a": [{"b": 1, "c": 1}, {"b": 2, "c": 2}]},
        ["a: expected one element with b: 1 and c: 2, got them in different ones"],
    ),
    "apart within": (
        {"a": {"b": {"c": [1], "d": [2]}, "e": [3]}, "x": [1]},
        {"x": 1, "a": [{"e": 3, "b": [{"c": 1}, {"d": 2}]}]},
        ["a.b: expected one element with c: 1 and d: 2, got them in different ones"],
    ),
    "a leaf and below it": (
        {"a": [1], "a.b": [2]},
        {"a": [[1], {"b": 2}]},
        ["a: expected one element with 1 and b: 2, got them in different ones"],
    ),
    "alternatives": (
        {"$or": [{"a": [1], "b": [1]}, {"c": [1]}, {"d": [1]}]},
        {"a": 2, "b": 2, "c": 2},
        ["c: expected 1, got 2"],
    ),
    "the envelope first": (
        {"detail": {"a": [1]}, "source": ["x"]},
        {"source": "y", "detail": {}},
        ["source: expected 'x', got 'y'", "detail.a: expected 1, but it is missing"],
    ),
}


@pytest.mark.parametrize(("pattern", "event", "lines"), EXPLANATIONS.values(), ids=list(EXPLANATIONS))
def test_explanation(pattern: dict[str, Any], event: dict[str, Any], lines: list[str]) -> None:
    """A line for each condition that failed, with what was demanded and what is there."""
    text = "\n  ".join(["The event does not match:", *lines])
    assert EventPattern(pattern).explain(event) == text
    assert not EventPattern(pattern).matches(event)


def test_reasons_are_data() -> None:
    """What an explanation says can be had without its words."""
    pattern = EventPattern({"a": {"b": [1], "c": [2]}, "d": ["x"]})
    (failed,) = pattern.find_reasons({"a": {"b": 1, "c": 2}, "d": ["y", "z"]})
    assert isinstance(failed, Failed)
    assert (failed.path, failed.values) == ("d", ("y", "z"))
    (apart,) = pattern.find_reasons({"a": [{"b": 1}, {"c": 2}], "d": "x"})
    assert isinstance(apart, Apart)
    assert (apart.path, [rest for rest, _ in apart.fields]) == ("a", ["b", "c"])
    assert pattern.find_reasons({"a": {"b": 1, "c": 2}, "d": "x"}) == []
