"""The operation TestEventPattern: its response, and its errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._test_event_pattern import answer_test_event_pattern

EVENT = {
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "OrderPlaced",
    "source": "shop.orders",
    "account": "123456789012",
    "time": "2025-03-06T02:00:45Z",
    "region": "eu-west-1",
}


def answer(event: str | dict[str, Any], pattern: str) -> dict[str, bool] | RequestError:
    """Call the operation."""
    return answer_test_event_pattern(event if isinstance(event, str) else json.dumps(event), pattern)


@pytest.mark.parametrize(("pattern", "result"), [('{"source": ["shop.orders"]}', True), ('{"source": ["x"]}', False)])
def test_result(pattern: str, result: bool) -> None:
    """The event needs neither version nor resources nor detail."""
    assert answer(EVENT, pattern) == {"Result": result}


@pytest.mark.parametrize("value", [1, 2, 3])
def test_a_name_given_several_times_has_all_its_values(value: int) -> None:
    """At each depth, and for objects too."""
    text = (
        json.dumps(EVENT).removesuffix("}") + ', "detail": {"a": 1, "b": {"c": 1}}, "detail": {"a": 2, "a": 3, "d": 4}}'
    )
    assert answer(text, f'{{"detail": {{"a": [{value}], "b": {{"c": [1]}}, "d": [4]}}}}') == {"Result": True}
    assert answer(text, '{"detail": {"a": [4]}}') == {"Result": False}


def test_a_name_given_several_times_within_an_array() -> None:
    """The values of one element go together with its other fields only."""
    text = json.dumps(EVENT).removesuffix("}") + ', "detail": [{"a": 1, "a": 2, "b": 1}, {"a": 3, "b": 2}]}'
    assert answer(text, '{"detail": {"a": [2], "b": [1]}}') == {"Result": True}
    assert answer(text, '{"detail": {"a": [2], "b": [2]}}') == {"Result": False}


INVALID_EVENT = RequestError(code="ValidationException", message="Parameter Event is not valid.")
INVALID_TIME = RequestError(code="ValidationException", message="Parameter Event is not valid. Reason: Invalid time.")


@pytest.mark.parametrize(
    "event",
    [
        "",
        "this is no JSON",
        "[]",
        '"text"',
        json.dumps([EVENT]),
        json.dumps({**EVENT, "detail": float("nan")}),
        "[" * 100_000,
        *(json.dumps({other: value for other, value in EVENT.items() if other != name}) for name in EVENT),
    ],
    ids=["empty", "text", "array", "string", "list", "nan", "deep", *EVENT],
)
def test_an_event_that_is_none(event: str) -> None:
    """No JSON, no object, or not all that an event has to have."""
    assert answer(event, '{"source": ["x"]}') == INVALID_EVENT


@pytest.mark.parametrize(
    "time", ["yesterday", "2025-03-06", "2025-13-06T02:00:45Z", "2025-03-06T02:00:45", 5, None, {"a": 1}]
)
def test_a_time_that_is_none(time: Any) -> None:
    """The service reads the time, and says so when it cannot."""
    assert answer({**EVENT, "time": time}, '{"source": ["x"]}') == INVALID_TIME


@pytest.mark.parametrize("time", ["2025-03-06T02:00:45Z", "2025-03-06T02:00:45.123Z", "2025-03-06T02:00:45+01:00"])
def test_a_time(time: str) -> None:
    """A fraction and an offset are allowed."""
    assert answer({**EVENT, "time": time}, f'{{"time": ["{time}"]}}') == {"Result": True}


def test_a_time_given_twice() -> None:
    """The last one has to be a time."""
    text = json.dumps(EVENT).removesuffix("}")
    assert answer(text + ', "time": "2025-03-06T02:00:46Z"}', '{"source": ["x"]}') == {"Result": False}
    assert answer(text + ', "time": "x"}', '{"source": ["x"]}') == INVALID_TIME


def test_an_invalid_pattern() -> None:
    """The message is the one that `InvalidEventPattern` has."""
    message = (
        'Event pattern is not valid. Reason: "int" must be an object or an array\n'
        ' at [Source: (String)"{"int": 42}"; line: 1, column: 11]'
    )
    assert answer(EVENT, '{"int": 42}') == RequestError(code="InvalidEventPatternException", message=message)


def test_a_pattern_over_which_the_service_fails() -> None:
    """It passes the service's check, and then makes it fail (recorded)."""
    error = RequestError(code="InternalFailure", message="", status=500)
    assert answer(EVENT, '{"a": [{"anything-but": {"suffix": []}}]}') == error


def test_a_pattern_that_is_too_long() -> None:
    """This is found before anything is read."""
    error = answer("", " " * 4097)
    assert isinstance(error, RequestError)
    assert error.code == "ValidationException"
    assert error.message.startswith("1 validation error detected: Value '   ")
    assert error.message.endswith(
        "' at 'eventPattern' failed to satisfy constraint: Member must have length less than or equal to 4096"
    )
