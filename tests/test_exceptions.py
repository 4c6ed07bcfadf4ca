"""The exceptions: what they carry, and that they survive pickling."""

from __future__ import annotations

import copy
import pickle
import threading
from functools import cache
from typing import Any

import botocore.session
import pytest

import pytest_eventbridge
from pytest_eventbridge import (
    CapturedEvent,
    EventBridgeAssertionError,
    ExpectedEvent,
    FakeEventBridge,
    VerificationError,
)


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def send() -> CapturedEvent:
    """Send an event, and return it as captured."""
    with FakeEventBridge() as bridge:
        events_client().put_events(Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": '{"a": 1}'}])
    return bridge.events[0]


def pickled(value: Any) -> Any:
    """Return what comes out when a value is pickled."""
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("cls", [EventBridgeAssertionError, VerificationError])
def test_an_exception_is_a_failed_assertion(cls: type[EventBridgeAssertionError]) -> None:
    """Each is an `AssertionError` that shows the public name of its class."""
    assert issubclass(cls, AssertionError)
    assert cls.__module__ == "pytest_eventbridge"
    assert getattr(pytest_eventbridge, cls.__name__) is cls


def test_an_exception_carries_its_data() -> None:
    """Message and data are readable, as tuples whatever they were given as."""
    event, expected = send(), ExpectedEvent(source="x")
    error = EventBridgeAssertionError("message", expected=[expected], captured=[event], near_misses=["near"])
    assert str(error) == "message"
    assert error.args == ("message",)
    assert error.expected == (expected,)
    assert error.captured == (event,)
    assert error.near_misses == ("near",)


@pytest.mark.parametrize("cls", [EventBridgeAssertionError, VerificationError])
def test_data_is_empty_where_there_is_none(cls: type[EventBridgeAssertionError]) -> None:
    """An exception without data has empty tuples."""
    error = cls("message")
    assert (error.expected, error.captured, error.near_misses) == ((), (), ())


def test_a_verification_error_carries_its_problems() -> None:
    """The problems are there one by one, beside the data of every failure."""
    event = send()
    error = VerificationError("a\n\nb", problems=["a", "b"], captured=[event])
    assert str(error) == "a\n\nb"
    assert error.problems == ("a", "b")
    assert error.captured == (event,)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_exception_can_be_pickled(eventbridge: FakeEventBridge, protocol: int) -> None:
    """A failure of a real assertion comes out of a pickle with all its data."""
    events_client().put_events(Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": '{"a": 1}'}])
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_emitted(source="shop", detail={"a": 2})
    same = pickle.loads(pickle.dumps(caught.value, protocol))
    assert type(same) is EventBridgeAssertionError
    assert str(same) == str(caught.value)
    assert same.expected == caught.value.expected == (ExpectedEvent(source="shop", detail={"a": 2}),)
    assert same.captured == caught.value.captured == tuple(eventbridge.events)
    assert same.near_misses == caught.value.near_misses
    assert [mismatch.path for mismatch in same.near_misses[0].mismatches] == ["detail.a"]


def test_a_verification_error_can_be_pickled() -> None:
    """What `verify` found comes out of a pickle problem by problem."""
    with FakeEventBridge() as bridge:
        bridge.fail_entries(source="x")
        bridge.fail_entries(source="y")
        with pytest.raises(VerificationError) as caught:
            bridge.verify()
    same = pickled(caught.value)
    assert type(same) is VerificationError
    assert str(same) == str(caught.value)
    assert same.problems == caught.value.problems
    assert len(same.problems) == 1


class Unpicklable:
    """Has its own reason not to be pickled."""

    def __reduce__(self) -> Any:
        raise LookupError("no pickle")

    def __repr__(self) -> str:
        return "<Unpicklable>"


class TwoArgumentError(Exception):
    """Can be pickled, and not read back: `args` has one member, and the class takes two."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")


UNPICKLABLE = {
    "lambda": lambda event: True,
    "own reason": Unpicklable(),
    "lock": threading.Lock(),
    "cannot be read back": TwoArgumentError("a", "b"),
}


@pytest.mark.parametrize("value", UNPICKLABLE.values(), ids=UNPICKLABLE)
def test_what_cannot_be_pickled_goes_as_its_repr(value: Any) -> None:
    """One value that does not survive a pickle costs no other."""
    expected = ExpectedEvent(source="shop")
    error = EventBridgeAssertionError("message", expected=[value, expected], captured=[value], near_misses=[value])
    same = pickled(error)
    assert str(same) == "message"
    assert same.expected == (repr(value), expected)
    assert same.captured == same.near_misses == (repr(value),)


def test_a_failure_with_a_lambda_can_be_pickled(eventbridge: FakeEventBridge) -> None:
    """An expectation with a lambda goes as text, with what was captured as it is."""
    events_client().put_events(Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": "{}"}])
    with pytest.raises(EventBridgeAssertionError) as caught:
        eventbridge.assert_emitted(where=lambda event: event.source == "shops")
    same = pickled(caught.value)
    assert str(same) == str(caught.value)
    assert same.expected == (repr(caught.value.expected[0]),)
    assert same.captured == tuple(eventbridge.events)
    assert same.near_misses == (repr(caught.value.near_misses[0]),)


def test_a_pickle_can_be_pickled_again() -> None:
    """What has become text stays the same text."""
    error = EventBridgeAssertionError("message", expected=[Unpicklable()])
    assert pickled(pickled(error)).expected == ("<Unpicklable>",)


def test_an_exception_can_be_copied() -> None:
    """A copy has the message and the data of the original."""
    error = VerificationError("message", problems=["a"], captured=[send()])
    for same in (copy.copy(error), copy.deepcopy(error)):
        assert (str(same), same.problems, same.captured) == ("message", ("a",), error.captured)
