"""What each criterion may be given: what is refused, in which words, and the form in which the rest is compared."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest
from dirty_equals import IsStr

from pytest_eventbridge import ABSENT, CapturedEvent, Exactly, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._criteria import check_expected

AN_ORDER = '{"order_id": "o-1"}'
BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/orders"


class Plain(Enum):
    RED = "red"


class Between:
    """An object whose `==` decides."""

    def __eq__(self, other: object) -> bool:
        return other in range(10)


def a_text(name: str, value: Any) -> str:
    """Return what a text criterion answers to a value that is none."""
    return f"{name}: a string or a matcher is required, not {value!r}."


def a_bus(value: str) -> str:
    """Return what `event_bus` answers to a text that names none."""
    return f"event_bus: the name of an event bus, its ARN or a matcher is required, not {value!r}."


def a_time(value: Any) -> str:
    """Return what `time` answers to a value that is none."""
    return f"time: a datetime, an ISO 8601 text or a matcher is required, not {value!r}."


def arns(value: Any) -> str:
    """Return what `resources` answers to a value that is no list."""
    return f"resources: a list of ARNs or a matcher is required, not {value!r}."


# As what no text can equal.
NO_TEXTS = (None, ABSENT, 5, 1.5, True, Decimal(1), b"x", {"x"}, ["x"], (), {"a": 1}, UUID(int=1), Plain.RED)

REFUSED: list[tuple[str, Any, str]] = [
    *((name, value, a_text(name, value)) for name in ("source", "detail_type", "event_bus") for value in NO_TEXTS),
    ("source", Exactly(5), a_text("source", 5)),
    ("event_bus", "event-bus/orders", a_bus("event-bus/orders")),
    ("event_bus", "orders bus", a_bus("orders bus")),
    ("event_bus", "orders\n", a_bus("orders\n")),
    (
        "event_bus",
        "aws.partner/shop.example/1",
        a_bus("aws.partner/shop.example/1") + " The events of a partner are found by source.",
    ),
    *(
        (name, value, a_text(name, value) + " To demand that there is none, give ABSENT.")
        for name in ("trace_header", "event_group_id")
        for value in (None, True)
    ),
    ("time", "yesterday", "time: 'yesterday' is no ISO 8601 date and time."),
    *(("time", value, a_time(value)) for value in (None, 1_700_000_000, date(2026, 11, 1), ABSENT)),
    *(("resources", value, arns(value)) for value in (5, None, {"a": 1}, ABSENT, object(), iter([]))),
    ("resources", Exactly(None), arns(None)),
    ("resources", [ANY, 1], a_text("resources[1]", 1)),
    ("resources", [["arn:aws:s3:::in"]], a_text("resources[0]", ["arn:aws:s3:::in"])),
    (
        "resources",
        "arn:aws:s3:::in",
        "resources: a list of ARNs is required, not the single string 'arn:aws:s3:::in'.",
    ),
    (
        "resources",
        re.compile("arn:.*"),
        "resources: a list of ARNs is required, not the single regular expression re.compile('arn:.*').",
    ),
    ("detail", AN_ORDER, f"detail: the decoded object is required, not its JSON text {AN_ORDER!r}."),
    ("detail", " [1] ", "detail: the decoded list is required, not its JSON text ' [1] '."),
    ("detail", Exactly("{}"), "detail: the decoded object is required, not its JSON text '{}'."),
    ("detail", ABSENT, "detail: a JSON value or a matcher is required, not ABSENT."),
    ("detail", {"a": {1: 2}}, "detail.a: 1 is not a string; the keys of a JSON object are strings."),
    *(
        ("where", value, f"where: a function of one CapturedEvent is required, not {value!r}.")
        for value in ({"source": "x"}, CapturedEvent, None)
    ),
]


@pytest.mark.parametrize(
    # Without the addresses of objects, which differ from one worker of pytest-xdist to the other.
    ("name", "value", "message"),
    REFUSED,
    ids=[re.sub(" at 0x[0-9a-f]+", "", f"{name}={value!r}") for name, value, _ in REFUSED],
)
def test_a_value_that_can_match_nothing_is_refused(name: str, value: Any, message: str) -> None:
    """It can only be a mistake, and the text names the criterion and what it takes."""
    with pytest.raises(TypeError) as caught:
        ExpectedEvent(**{name: value})
    assert str(caught.value) == message


@pytest.mark.parametrize("method", ["find", "assert_emitted", "assert_not_emitted", "assert_failed"])
def test_it_is_refused_wherever_criteria_are_taken(eventbridge: FakeEventBridge, method: str) -> None:
    """What expects no event must not hold because of a value that none could have."""
    with pytest.raises(TypeError, match=r"^detail: the decoded object is required, not its JSON text"):
        getattr(eventbridge, method)(detail=AN_ORDER)


@pytest.mark.parametrize(
    ("name", "value", "compared"),
    [
        ("source", Exactly(Exactly("shop")), "shop"),
        ("event_bus", "orders_1.of-2026", "orders_1.of-2026"),
        ("event_bus", "", ""),  # of a partner's event
        ("event_bus", Exactly(BUS_ARN), BUS_ARN),
        ("trace_header", ABSENT, ABSENT),
        ("time", Exactly("2026-11-01T12:00:00Z"), datetime(2026, 11, 1, 12, tzinfo=timezone.utc)),
        ("resources", {"b", "a"}, ["a", "b"]),
        ("resources", ("a", ANY), ["a", ANY]),
        ("resources", Exactly(("a",)), Exactly(["a"])),
        ("resources", IsStr, IsStr),
        ("detail", None, None),
        ("detail", "{", "{"),
        ("detail", "[draft]", "[draft]"),
        ("detail", "17", "17"),
        ("detail", {"inner": "{}"}, {"inner": "{}"}),
        ("detail", (1, 2), [1, 2]),
    ],
)
def test_the_form_in_which_a_value_is_compared(name: str, value: Any, compared: Any) -> None:
    """A value that some event can have is taken, without an `Exactly` that has nothing to say."""
    assert ExpectedEvent(**{name: value}).criteria == {name: compared}


async def asynchronous(value: Any) -> bool:
    """Answer too late."""
    return False


@pytest.mark.parametrize("name", ["source", "detail", "resources", "time", "where"])
def test_a_coroutine_function_is_refused_by_each_criterion(name: str) -> None:
    """A coroutine function would match every event, because a coroutine is true."""
    with pytest.raises(TypeError, match=f"^{name}: .* is a coroutine function"):
        ExpectedEvent(**{name: asynchronous})


@pytest.mark.parametrize("name", ["source", "detail", "resources", "time", "event_bus"])
def test_a_plain_class_is_refused_by_each_criterion(name: str) -> None:
    """A class equals no value, whatever the criterion."""
    with pytest.raises(TypeError, match=f"^{name}: the class str equals no JSON value"):
        ExpectedEvent(**{name: str})


@pytest.mark.parametrize("key", [1, 1.5, None, True, ("a", "b"), b"a"], ids=repr)
def test_a_key_that_is_no_string_is_refused(key: Any) -> None:
    """The keys of a JSON object are strings, so that another key can only be a mistake."""
    with pytest.raises(TypeError) as caught:
        check_expected({"a": [{key: 1}]}, "detail")
    assert str(caught.value) == f"detail.a[0]: {key!r} is not a string; the keys of a JSON object are strings."


@pytest.mark.parametrize("cls", [int, str, dict, bool, datetime, Plain, Between, type], ids=lambda cls: cls.__name__)
def test_a_plain_class_is_refused(cls: type) -> None:
    """A class matches no value, which is hardly what was meant, and the message says how to match by type."""
    with pytest.raises(TypeError) as caught:
        check_expected({"a": {"b": cls}}, "detail")
    assert str(caught.value) == (
        f"detail.a.b: the class {cls.__qualname__} equals no JSON value. "
        f"To match by type, give a function: lambda value: isinstance(value, {cls.__qualname__})."
    )


UNEQUAL_TO_JSON = {
    "set": {1},
    "empty set": set(),
    "frozenset": frozenset({1}),
    "bytes": b"o-1",
    "bytearray": bytearray(b"o-1"),
    "plain enum": Plain.RED,
    "object without equality": object(),
    "generator": (number for number in (1, 2)),
    "iterator": iter([1, 2]),
}


@pytest.mark.parametrize("value", UNEQUAL_TO_JSON.values(), ids=UNEQUAL_TO_JSON)
@pytest.mark.parametrize("wrap", [lambda value: value, Exactly], ids=["loosely", "exactly"])
def test_what_equals_no_json_value_is_refused(value: Any, wrap: Any) -> None:
    """A value that nothing in a JSON document can equal is a usage error that says what is allowed."""
    with pytest.raises(TypeError) as caught:
        check_expected(wrap({"a": [value]}), "detail")
    assert str(caught.value) == (
        f"detail.a[0]: {value!r} can equal no JSON value. Allowed: JSON values, an object with its own __eq__, "
        "a compiled regular expression, a function of one argument, Exactly, ABSENT."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 12, 30), "2026-11-01T12:30:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
    ids=["date", "datetime", "UUID"],
)
def test_what_arrives_as_a_string_is_refused(value: Any, text: str) -> None:
    """An encoder that takes such a value writes a string, and the message shows a likely one."""
    with pytest.raises(TypeError) as caught:
        check_expected({"at": value}, "detail")
    assert str(caught.value) == (
        f"detail.at: {value!r} can equal no JSON value; it arrives as a string, such as {text!r}. Allowed: JSON "
        "values, an object with its own __eq__, a compiled regular expression, a function of one argument, Exactly, "
        "ABSENT."
    )


class Service:
    async def is_known(self, value: Any) -> bool:
        return True


class AsynchronousMatcher:
    async def __call__(self, value: Any) -> bool:
        return False


COROUTINE_FUNCTIONS = {
    "bound": Service().is_known,
    "unbound": Service.is_known,
    "partial": functools.partial(Service.is_known, Service()),
    "callable object": AsynchronousMatcher(),
}


@pytest.mark.parametrize("value", COROUTINE_FUNCTIONS.values(), ids=COROUTINE_FUNCTIONS)
def test_a_coroutine_function_is_refused(value: Any) -> None:
    """What returns a coroutine would match everything, because a coroutine is true."""
    with pytest.raises(TypeError) as caught:
        check_expected({"a": value}, "detail")
    assert str(caught.value) == f"detail.a: {value!r} is a coroutine function; a predicate answers at once."


def test_containers_are_copied() -> None:
    """What a test does to its own dicts and lists afterwards changes no expectation."""
    mine: dict[str, Any] = {"a": {"b": [1]}, "c": Exactly({"d": 1})}
    checked = check_expected(mine, "detail")
    mine["a"]["b"].append(2)
    mine["c"].value["d"] = 2
    mine["e"] = 1
    assert checked == {"a": {"b": [1]}, "c": Exactly({"d": 1})}
