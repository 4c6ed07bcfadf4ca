"""Injected failures: which entries they fail, how often, and how they read."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import CapturedEvent, FakeEventBridge, InjectedFailure, VerificationError


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def send(*sources: str) -> list[str | None]:
    """Send an entry from each source in one request, and return the code of each answer; `"!"` is no valid entry."""
    entries = [
        {"Source": source, "DetailType": "T", "Detail": "no JSON" if source == "!" else "{}"} for source in sources
    ]
    response = events_client().put_events(Entries=entries)
    codes = [result.get("ErrorCode") for result in response["Entries"]]
    assert response["FailedEntryCount"] == len(codes) - codes.count(None)
    return codes


def send_each(sources: str) -> list[str | None]:
    """Send an entry from each source, each in a request of its own."""
    return [code for source in sources for code in send(source)]


DEFAULT_MESSAGES = {
    "AccessDeniedException": "You do not have sufficient access to perform this action.",
    "InternalFailure": "Internal Service Failure",
    "InvalidAccountIdException": "The account ID provided is not valid.",
    "InvalidArgument": "A specified parameter is not valid.",
    "MalformedDetail": "Detail is malformed.",
    "NotAuthorizedForDetailTypeException": (
        "You do not have permissions to publish events with this detail type onto this event bus."
    ),
    "NotAuthorizedForSourceException": "Not authorized for the source.",
    "RedactionFailure": "Redacting the CloudTrail event failed.",
    "ThrottlingException": "The request was denied due to request throttling.",
    "CodeOfTheFuture": "CodeOfTheFuture",
}


@pytest.mark.parametrize(("code", "message"), DEFAULT_MESSAGES.items(), ids=DEFAULT_MESSAGES)
def test_each_code_has_its_message(eventbridge: FakeEventBridge, code: str, message: str) -> None:
    """A documented code comes with the service's text, any other with itself."""
    failure = eventbridge.fail_entries(code)
    response = events_client().put_events(Entries=[{"Source": "a", "DetailType": "T", "Detail": "{}"}])
    assert response["Entries"] == [{"ErrorCode": code, "ErrorMessage": message}]
    assert (failure.error_code, failure.error_message) == (code, message)


def test_a_failure_of_ones_own(eventbridge: FakeEventBridge) -> None:
    """Code and message are what the test says, in the answer and in what was captured."""
    failure = eventbridge.fail_entries("Code", "Text with „quotes“.")
    response = events_client().put_events(Entries=[{"Source": "a", "DetailType": "T", "Detail": "{}"}])
    assert response["Entries"] == [{"ErrorCode": "Code", "ErrorMessage": "Text with „quotes“."}]
    (event,) = eventbridge.failed_entries
    assert (event.error_code, event.error_message, event.event_id) == ("Code", "Text with „quotes“.", None)
    assert isinstance(failure, InjectedFailure)


def test_the_default_is_one_internal_failure(eventbridge: FakeEventBridge) -> None:
    """Without any argument the next entry fails, and only that."""
    failure = eventbridge.fail_entries()
    assert (failure.fired, failure.remaining) == (0, 1)
    assert send("a", "b") == ["InternalFailure", None]
    assert (failure.fired, failure.remaining) == (1, 0)
    assert send("a") == [None]
    assert (failure.fired, failure.remaining) == (1, 0)


def test_the_others_of_the_request_are_accepted(eventbridge: FakeEventBridge) -> None:
    """The call itself succeeds, and only the entry that was meant has failed."""
    eventbridge.fail_entries("ThrottlingException", source="b")
    assert send("a", "b", "c") == [None, "ThrottlingException", None]
    assert [event.source for event in eventbridge.events] == ["a", "c"]
    assert [event.source for event in eventbridge.failed_entries] == ["b"]
    assert eventbridge.calls[0].error is None


@pytest.mark.parametrize("is_one_request", [True, False], ids=["in one request", "in several requests"])
@pytest.mark.parametrize(
    ("arguments", "failed", "remaining"),
    [
        ({"times": 2}, "00.....", 0),
        ({"times": 2, "source": "b"}, ".1..4..", 0),
        ({"times": None}, "0123456", None),
        ({"times": None, "source": "b"}, ".1..4..", None),
        ({"skip": 2}, "..2....", 0),
        ({"skip": 1, "source": "b"}, "....4..", 0),
        ({"skip": 1, "times": 2, "source": "a"}, "...3..6", 0),
        ({"skip": 2, "times": None, "source": "a"}, "......6", None),
        ({"times": 9}, "0123456", 2),
    ],
    ids=str,
)
def test_which_of_seven_entries_fail(
    eventbridge: FakeEventBridge, arguments: dict[str, Any], failed: str, remaining: int | None, is_one_request: bool
) -> None:
    """So many of the matching entries fail, after those to skip, whatever the requests they come in."""
    failure = eventbridge.fail_entries("Code", **arguments)
    codes = send(*"abcabca") if is_one_request else send_each("abcabca")
    assert codes == [None if place == "." else "Code" for place in failed]
    assert failure.fired == 7 - failed.count(".")
    assert failure.remaining == remaining


def test_a_position(eventbridge: FakeEventBridge) -> None:
    """Only the entry at that place of its request fails, counted from 0, and others use up nothing."""
    failure = eventbridge.fail_entries("Code", position=1, times=2, skip=1)
    assert send("a") == [None]
    assert send("a", "b") == [None, None]
    assert send("a", "b", "c") == [None, "Code", None]
    assert send("a", "b") == [None, "Code"]
    assert failure.remaining == 0


def test_a_position_together_with_a_criterion(eventbridge: FakeEventBridge) -> None:
    """The entry at that place has to match as well."""
    eventbridge.fail_entries("Code", position=0, source="b")
    assert send("a", "b") == [None, None]
    assert send("b", "a") == ["Code", None]


def test_all_criteria_have_to_hold(eventbridge: FakeEventBridge) -> None:
    """The criteria are those of every other method."""
    eventbridge.fail_entries("Code", source=re.compile("[ab]"), detail={}, where=lambda event: event.position > 0)
    assert send("a", "c", "b", "a") == [None, None, "Code", None]


def test_the_first_injected_wins(eventbridge: FakeEventBridge) -> None:
    """Failures are consulted in the order in which they were injected; one that has had its turn lets the next."""
    first = eventbridge.fail_entries("First", source="a")
    second = eventbridge.fail_entries("Second", times=2)
    assert send("a", "a", "b", "b") == ["First", "Second", "Second", None]
    assert (first.fired, second.fired) == (1, 2)


def test_the_first_that_applies_uses_up_no_other(eventbridge: FakeEventBridge) -> None:
    """A failure that another one came before has neither fired nor skipped."""
    eventbridge.fail_entries("First")
    second = eventbridge.fail_entries("Second", skip=1)
    assert send("a", "b", "c") == ["First", None, "Second"]
    assert second.fired == 1


def test_an_entry_that_the_service_refuses_anyway_uses_up_none(eventbridge: FakeEventBridge) -> None:
    """The service's own answer stands, and the failure waits for the next entry."""
    failure = eventbridge.fail_entries("Code", skip=1)
    assert send("!", "a", "!", "b") == ["MalformedDetail", None, "MalformedDetail", "Code"]
    assert failure.fired == 1


def test_a_request_that_the_service_refuses_uses_up_none(eventbridge: FakeEventBridge) -> None:
    """Where no entry is looked at, none fails."""
    failure = eventbridge.fail_entries("Code")
    with pytest.raises(ClientError, match="ValidationException"):
        send(*"abcdefghijk")
    assert failure.fired == 0
    assert send("a") == ["Code"]


def test_an_event_to_an_unknown_bus_can_fail() -> None:
    """A failure comes before the event would be dropped."""
    with FakeEventBridge(event_buses=[]) as bridge:
        bridge.fail_entries("Code", event_bus="unknown")
        entry = {"Source": "a", "DetailType": "T", "Detail": "{}", "EventBusName": "unknown"}
        events_client().put_events(Entries=[entry, entry])
    assert [event.error_code for event in bridge.failed_entries] == ["Code"]
    assert len(bridge.dropped_events) == 1


def test_only_the_innermost_fake_fails() -> None:
    """A failure injected into another fake does not fire."""
    with FakeEventBridge() as outer:
        failure = outer.fail_entries("Outer")
        with FakeEventBridge():
            assert send("a") == [None]
        assert failure.fired == 0
        assert send("a") == ["Outer"]


def test_cancel(eventbridge: FakeEventBridge) -> None:
    """A cancelled failure fires no more, and that it never fired is no problem."""
    fired = eventbridge.fail_entries("Fired", times=None)
    unused = eventbridge.fail_entries("Unused", source="x")
    assert send("a") == ["Fired"]
    fired.cancel()
    unused.cancel()
    assert send("a", "x") == [None, None]
    assert (fired.fired, fired.remaining) == (1, 0)
    assert (unused.fired, unused.remaining) == (0, 0)
    eventbridge.verify()
    fired.cancel()
    assert fired.remaining == 0


def test_a_failure_ends_with_its_block(eventbridge: FakeEventBridge) -> None:
    """As a context manager a failure fires inside its block only, and is what the block yields."""
    injected = eventbridge.fail_entries("Code", times=None)
    with injected as failure:
        assert failure is injected
        assert send("a") == ["Code"]
        assert failure.remaining is None
    assert send("a") == [None]
    assert (failure.fired, failure.remaining) == (1, 0)


def test_a_failure_ends_with_an_exception(eventbridge: FakeEventBridge) -> None:
    """An exception passes through the block and ends the failure."""

    def fail_and_raise() -> None:
        with eventbridge.fail_entries("Code", times=2):
            assert send("a") == ["Code"]
            raise LookupError

    with pytest.raises(LookupError):
        fail_and_raise()
    assert send("a") == [None]


def test_a_block_in_which_nothing_failed_is_a_problem() -> None:
    """A failure that ended unused has not done what it was injected for."""
    with FakeEventBridge() as bridge:
        with bridge.fail_entries("Code", source="x"):
            send("a")
        with pytest.raises(VerificationError) as caught:
            bridge.verify()
    assert str(caught.value) == (
        "An injected failure never fired:\n"
        "  fail_entries('Code', source='x')\n"
        "What it applies to did not come, or too little of it. Cancel it, or set the option allow_unused_failures."
    )


def test_unused_failures_are_listed_together() -> None:
    """All that never fired are in one problem, in the order in which they were injected."""
    with FakeEventBridge() as bridge:
        bridge.fail_entries("A", source="x")
        bridge.fail_entries("B", source="a")
        bridge.fail_entries("C", detail_type="y", skip=3)
        bridge.fail_entries("D").cancel()
        send("a")
        with pytest.raises(VerificationError) as caught:
            bridge.verify()
    assert caught.value.problems == (
        "Injected failures never fired:\n"
        "  fail_entries('A', source='x')\n"
        "  fail_entries('C', skip=3, detail_type='y')\n"
        "What they apply to did not come, or too little of it. Cancel them, or set the option allow_unused_failures.",
    )


def test_unused_failures_can_be_allowed() -> None:
    """The option makes nothing of a failure that never fired."""
    with FakeEventBridge(allow_unused_failures=True) as bridge:
        bridge.fail_entries()
    bridge.verify()


def verdicts(bridge: FakeEventBridge) -> list[bool]:
    """Return for each entry, in the order of capture, whether it failed."""
    return [entry.error_code is not None for call in bridge.calls for entry in call.entries]


@pytest.mark.parametrize(("rate", "count"), [(1, 20), (1.0, 20), (0, 0), (0.0, 0)])
def test_a_rate_without_chance(eventbridge: FakeEventBridge, rate: float, count: int) -> None:
    """A rate of 1 fails every entry, one of 0 none, and neither is unused."""
    failure = eventbridge.fail_entries("Code", rate=rate)
    send_each("a" * 20)
    assert failure.fired == count
    assert failure.remaining is None
    eventbridge.verify()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(), rate=st.floats(0, 1))
def test_a_seed_makes_the_same_choices_again(seed: int, rate: float) -> None:
    """The same seed and rate give the same verdicts, however the entries are spread over requests."""
    outcomes = []
    for sizes in ([5, 5, 5, 5], [10, 10]):
        with FakeEventBridge() as bridge:
            failure = bridge.fail_entries("Code", rate=rate, seed=seed)
            for size in sizes:
                send(*"a" * size)
        assert failure.seed == seed
        assert failure.fired == sum(verdicts(bridge))
        outcomes.append(verdicts(bridge))
    assert outcomes[0] == outcomes[1]


def test_a_rate_is_about_kept(eventbridge: FakeEventBridge) -> None:
    """Of many entries about so many fail as the rate says."""
    failure = eventbridge.fail_entries("Code", rate=0.25, seed=1)
    for _ in range(100):
        send(*"aaaaaaaaaa")
    assert 200 < failure.fired < 300


def test_a_rate_asks_only_about_entries_that_match(eventbridge: FakeEventBridge) -> None:
    """Other entries in between change no choice."""
    failure = eventbridge.fail_entries("Code", rate=0.5, seed=7, source="a")
    send_each("a" * 20)
    alone = verdicts(eventbridge)
    failure.cancel()
    eventbridge.clear()
    eventbridge.fail_entries("Code", rate=0.5, seed=7, source="a")
    send_each("ab!" * 20)
    assert [event.source for event in eventbridge.failed_entries if event.error_code == "Code"] == ["a"] * sum(alone)
    assert verdicts(eventbridge)[::3] == alone


def test_a_rate_with_times_and_skip(eventbridge: FakeEventBridge) -> None:
    """A rate ends after so many failures, even after one, and begins after so many entries."""
    once = eventbridge.fail_entries("Once", rate=1, times=1)
    assert send("a", "b") == ["Once", None]
    assert once.remaining == 0
    later = eventbridge.fail_entries("Later", rate=1, times=2, skip=1)
    assert send("a", "b", "c", "d") == [None, "Later", "Later", None]
    assert later.remaining == 0


def test_a_rate_under_threads_makes_the_same_choices() -> None:
    """In the order of capture the verdicts are those of one thread."""
    with FakeEventBridge() as alone:
        alone.fail_entries("Code", rate=0.5, seed=3)
        send_each("a" * 160)
    client = events_client()
    start = threading.Barrier(8)

    def publish(_: int) -> None:
        start.wait()
        for _ in range(20):
            client.put_events(Entries=[{"Source": "a", "DetailType": "T", "Detail": "{}"}])

    with FakeEventBridge() as bridge, ThreadPoolExecutor(8) as pool:
        bridge.fail_entries("Code", rate=0.5, seed=3)
        list(pool.map(publish, range(8)))
    assert verdicts(bridge) == verdicts(alone)


def test_times_are_kept_under_threads(eventbridge: FakeEventBridge) -> None:
    """However many threads send, exactly so many entries fail."""
    failure = eventbridge.fail_entries("Code", times=50, skip=10)
    start = threading.Barrier(8)

    def publish(_: int) -> None:
        start.wait()
        for _ in range(10):
            send("a", "b")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, range(8)))
    assert (failure.fired, len(eventbridge.failed_entries), len(eventbridge.events)) == (50, 50, 110)
    assert verdicts(eventbridge) == [False] * 10 + [True] * 50 + [False] * 100


def test_a_drawn_seed_is_shown(eventbridge: FakeEventBridge) -> None:
    """A rate without a seed draws one, and shows it, so that the choices can be had again."""
    first = eventbridge.fail_entries("Code", rate=0.5)
    second = eventbridge.fail_entries("Code", rate=0.5)
    assert isinstance(first.seed, int)
    assert str(first) == f"fail_entries('Code', times=None, rate=0.5, seed={first.seed})"
    assert first.seed != second.seed
    first.cancel()
    second.cancel()


def test_an_unused_rate_shows_its_seed() -> None:
    """A rate that no entry was held against is unused, and its seed is in the message."""
    with FakeEventBridge() as bridge:
        bridge.fail_entries("Code", rate=0.5, seed=42, source="x")
        send("a")
        with pytest.raises(VerificationError, match=re.escape("rate=0.5, seed=42, source='x'")):
            bridge.verify()


SHOWN: dict[str, tuple[dict[str, Any], str]] = {
    "default": ({}, "fail_entries('Code')"),
    "one time": ({"times": 1}, "fail_entries('Code')"),
    "two times": ({"times": 2}, "fail_entries('Code', times=2)"),
    "always": ({"times": None}, "fail_entries('Code', times=None)"),
    "skip": ({"skip": 3}, "fail_entries('Code', skip=3)"),
    "position": ({"position": 0}, "fail_entries('Code', position=0)"),
    "rate": ({"rate": 1, "seed": -1}, "fail_entries('Code', times=None, rate=1.0, seed=-1)"),
    "rate once": ({"rate": 0.5, "seed": 0, "times": 1}, "fail_entries('Code', rate=0.5, seed=0)"),
    "criteria": (
        {"detail": {"a": [1]}, "source": "shop"},
        "fail_entries('Code', source='shop', detail={'a': [1]})",
    ),
}


@pytest.mark.parametrize(("arguments", "text"), SHOWN.values(), ids=SHOWN)
def test_a_failure_reads_like_its_call(eventbridge: FakeEventBridge, arguments: dict[str, Any], text: str) -> None:
    """As text a failure is the call that injected it, without what is the default."""
    failure = eventbridge.fail_entries("Code", **arguments)
    failure.cancel()
    assert str(failure) == text
    assert repr(failure) == f"<InjectedFailure {text}: never fired>"


def test_a_failure_shows_how_often_it_fired(eventbridge: FakeEventBridge) -> None:
    """The `repr` counts, and the call in it stays as it was made."""
    failure = eventbridge.fail_entries("Code", times=2, skip=1)
    send("a", "b")
    assert repr(failure) == "<InjectedFailure fail_entries('Code', times=2, skip=1): fired 1 time>"
    send("c")
    assert repr(failure) == "<InjectedFailure fail_entries('Code', times=2, skip=1): fired 2 times>"


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "code, empty": ({"error_code": ""}, TypeError, "error_code: a string that is not empty is required, not ''."),
    "code, a number": ({"error_code": 500}, TypeError, "error_code: a string that is not empty is required, not 500."),
    "code, a list": (
        {"error_code": ["A"]},
        TypeError,
        "error_code: a string that is not empty is required, not ['A'].",
    ),
    "code, none": ({"error_code": None}, TypeError, "error_code: a string that is not empty is required, not None."),
    "message, empty": (
        {"error_message": ""},
        TypeError,
        "error_message: a string that is not empty is required, not ''.",
    ),
    "message, bytes": (
        {"error_message": b"x"},
        TypeError,
        "error_message: a string that is not empty is required, not b'x'.",
    ),
    "times, zero": ({"times": 0}, ValueError, "times: 0 is less than 1."),
    "times, negative": ({"times": -1}, ValueError, "times: -1 is less than 1."),
    "times, a float": ({"times": 1.0}, TypeError, "times: a whole number is required, not 1.0."),
    "times, true": ({"times": True}, TypeError, "times: a whole number is required, not True."),
    "times, a text": ({"times": "1"}, TypeError, "times: a whole number is required, not '1'."),
    "times, zero with a rate": ({"times": 0, "rate": 0.5}, ValueError, "times: 0 is less than 1."),
    "skip, negative": ({"skip": -1}, ValueError, "skip: -1 is less than 0."),
    "skip, none": ({"skip": None}, TypeError, "skip: a whole number is required, not None."),
    "position, negative": ({"position": -1}, ValueError, "position: -1 is less than 0."),
    "position, a text": ({"position": "0"}, TypeError, "position: a whole number is required, not '0'."),
    "position, false": ({"position": False}, TypeError, "position: a whole number is required, not False."),
    "rate, above 1": ({"rate": 1.5}, ValueError, "rate: 1.5 is not between 0 and 1."),
    "rate, negative": ({"rate": -0.1}, ValueError, "rate: -0.1 is not between 0 and 1."),
    "rate, not a number": ({"rate": float("nan")}, ValueError, "rate: nan is not between 0 and 1."),
    "rate, true": ({"rate": True}, TypeError, "rate: a number from 0 to 1 is required, not True."),
    "rate, a text": ({"rate": "0.5"}, TypeError, "rate: a number from 0 to 1 is required, not '0.5'."),
    "seed without a rate": ({"seed": 1}, TypeError, "seed: it has no effect without rate."),
    "seed, a float": ({"rate": 0.5, "seed": 1.5}, TypeError, "seed: a whole number is required, not 1.5."),
    "seed, true": ({"rate": 0.5, "seed": True}, TypeError, "seed: a whole number is required, not True."),
    "an unknown criterion": (
        {"detailtype": "x"},
        TypeError,
        "Unknown criterion 'detailtype'. Did you mean 'detail_type'? Allowed: "
        "detail, detail_type, event_bus, event_group_id, pattern, resources, source, time, trace_header, where.",
    ),
    "a criterion that matches nothing": (
        {"source": str},
        TypeError,
        "source: the class str equals no JSON value. "
        "To match by type, give a function: lambda value: isinstance(value, str).",
    ),
}


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_argument_is_refused_at_the_call(
    eventbridge: FakeEventBridge, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    """The call that injects raises, with a sentence that says what is wrong, and injects nothing."""
    with pytest.raises(error) as caught:
        eventbridge.fail_entries(**arguments)
    assert str(caught.value) == message
    assert send("a") == [None]


def test_a_predicate_that_publishes(eventbridge: FakeEventBridge) -> None:
    """A predicate may itself send events: they are captured before the entry it was asked about, in a later call."""

    def publish_and_refuse(event: CapturedEvent) -> bool:
        if event.source == "inner":
            return False
        assert send("inner") == [None]
        return True

    eventbridge.fail_entries("Code", where=publish_and_refuse)
    assert send("outer") == ["Code"]
    assert [event.source for event in eventbridge.events] == ["inner"]
    assert [call.entries[0].source for call in eventbridge.calls] == ["outer", "inner"]


def test_a_predicate_that_publishes_what_matches_too(eventbridge: FakeEventBridge) -> None:
    """No more entries fail than `times` says, even when the predicate brought another match about."""
    answers: list[list[str | None]] = []

    def publish_once(event: CapturedEvent) -> bool:
        if event.source == "outer":
            answers.append(send("inner"))
        return True

    failure = eventbridge.fail_entries("Code", where=publish_once)
    answers.append(send("outer"))
    assert sorted(answers, key=str) == [["Code"], [None]]
    assert (failure.fired, failure.remaining) == (1, 0)


def test_a_predicate_that_cancels_its_failure(eventbridge: FakeEventBridge) -> None:
    """A failure that is cancelled while it is asked fires no more."""

    def withdraw(event: CapturedEvent) -> bool:
        failure.cancel()
        return True

    failure = eventbridge.fail_entries("Code", times=None, where=withdraw)
    assert send("a", "b") == [None, None]
    assert failure.fired == 0


def test_a_predicate_that_injects(eventbridge: FakeEventBridge) -> None:
    """A failure injected by a predicate comes behind those that were there."""

    def inject(event: CapturedEvent) -> bool:
        eventbridge.fail_entries("Second")
        return False

    first = eventbridge.fail_entries("First", where=inject)
    assert send("a") == ["Second"]
    first.cancel()


def test_an_exception_in_a_predicate_reaches_the_caller(eventbridge: FakeEventBridge) -> None:
    """It is an error of the test, never "no match", and the fake goes on answering."""

    def broken(event: CapturedEvent) -> bool:
        raise LookupError("broken matcher")

    failure = eventbridge.fail_entries("Code", where=broken)
    with pytest.raises(LookupError, match="broken matcher"):
        send("a")
    assert eventbridge.events == []
    failure.cancel()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(send, "b").result() == [None]
