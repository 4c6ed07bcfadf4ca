"""All failures of one fake: which is asked first, and which never fired."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._failures import InjectedFailure
from pytest_eventbridge._injected import InjectedFailures
from pytest_eventbridge._request_failures import RequestFailure


@cache
def one_attempt_client() -> Any:
    """Return a client that retries nothing, which all tests here share."""
    return botocore.session.Session().create_client(
        "events",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


def send(*sources: str) -> list[str | None]:
    """Send an entry from each source in one request, and return what came of it: the codes, or that of the request."""
    entries = [{"Source": source, "DetailType": "T", "Detail": "{}"} for source in sources or ("a",)]
    try:
        response = one_attempt_client().put_events(Entries=entries)
    except ClientError as error:
        return [f"request {error.response['Error']['Code']}"]
    except ReadTimeoutError:
        return ["request timed out"]
    return [result.get("ErrorCode") for result in response["Entries"]]


def request_failure(code: str, *, times: int | None = 1, skip: int = 0) -> RequestFailure:
    """Make a failure of requests that belongs to no fake."""
    return RequestFailure(code, None, http_status=None, times=times, skip=skip, delivered=False, rate=None, seed=None)


def test_none_are_injected_at_first() -> None:
    """Without a failure nothing fires, and nothing is unused."""
    injected = InjectedFailures()

    assert list(injected) == injected.unused() == []
    assert injected.first_for_attempt() is None
    assert not injected.has_any_of_requests()


def test_they_are_consulted_in_the_order_of_injection(eventbridge: FakeEventBridge) -> None:
    """The first that is not over wins; the ones behind it keep all of their times for later."""
    first = eventbridge.fail_requests("First", times=2)
    second = eventbridge.fail_requests(ReadTimeoutError)
    third = eventbridge.fail_requests("Third")

    assert send() == ["request First"]
    assert (second.fired, third.fired) == (0, 0)
    assert [send() for _ in range(4)] == [["request First"], ["request timed out"], ["request Third"], [None]]
    assert [failure.remaining for failure in (first, second, third)] == [0, 0, 0]


def test_one_that_lets_pass_leaves_the_attempt_to_the_next(eventbridge: FakeEventBridge) -> None:
    """A failure that skips counts the attempt, and the one behind it is asked; what fires is counted by none behind."""
    skipping = eventbridge.fail_requests("Skipping", skip=1)
    eventbridge.fail_requests("Behind", times=2)

    assert send() == ["request Behind"]
    assert skipping.fired == 0
    assert [send() for _ in range(3)] == [["request Skipping"], ["request Behind"], [None]]


def test_one_that_chance_spares_leaves_the_attempt_to_the_next(eventbridge: FakeEventBridge) -> None:
    """Where chance spares an attempt the failure behind is asked."""
    eventbridge.fail_requests("Never", rate=0)
    eventbridge.fail_requests("Behind")

    assert [send(), send()] == [["request Behind"], [None]]


def test_a_failed_request_asks_no_failure_of_entries(eventbridge: FakeEventBridge) -> None:
    """Entries of a request that fails as a whole use up none; those of a delivered one do."""
    entries = eventbridge.fail_entries("Entry", times=2)
    eventbridge.fail_requests("Request")

    assert send() == ["request Request"]
    assert entries.fired == 0
    assert send() == ["Entry"]
    eventbridge.fail_requests(ReadTimeoutError, delivered=True)
    assert send() == ["request timed out"]
    assert entries.fired == 2
    assert [entry.error_code for entry in eventbridge.failed_entries] == ["Entry", "Entry"]


def test_the_kinds_do_not_wait_for_each_other(eventbridge: FakeEventBridge) -> None:
    """A failure of entries and one of requests each come first in their own line, whichever was injected first."""
    eventbridge.fail_requests("Request", skip=1)
    eventbridge.fail_entries("Entry", source="b")

    assert [send("a", "b"), send("a", "b"), send("a", "b")] == [[None, "Entry"], ["request Request"], [None, None]]


def test_whether_requests_may_fail() -> None:
    """It is so as long as a failure of requests is left, be it one that only skips."""
    injected = InjectedFailures()
    failure = injected.add_of_requests(request_failure("First", times=1, skip=1))
    forever = injected.add_of_requests(request_failure("Second", times=None))

    assert injected.has_any_of_requests()
    assert injected.first_for_attempt() is forever
    forever.cancel()
    assert injected.has_any_of_requests()
    assert injected.first_for_attempt() is failure
    assert not injected.has_any_of_requests()
    assert injected.first_for_attempt() is None


def test_those_that_are_over_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that injects one failure after the other does not ask all earlier ones at each attempt."""
    asked = []
    remaining = InjectedFailure.remaining

    def count(failure: InjectedFailure) -> int | None:
        asked.append(failure)
        return remaining.fget(failure)  # type: ignore[attr-defined]  # of the property

    monkeypatch.setattr(InjectedFailure, "remaining", property(count))
    injected = InjectedFailures()
    for _ in range(100):
        failure = injected.add_of_requests(request_failure("Once"))
        assert injected.has_any_of_requests()
        assert injected.first_for_attempt() is failure
        assert not injected.has_any_of_requests()
    assert max(map(asked.count, set(asked))) < 10


def test_failures_of_entries_are_none_of_requests(eventbridge: FakeEventBridge) -> None:
    """With failures of entries only, botocore makes no attempt: the call is answered above its transport."""
    attempts: list[str] = []
    client = one_attempt_client()

    def count(event_name: str, **_: Any) -> None:
        attempts.append(event_name)

    client.meta.events.register("before-send.eventbridge", count)
    try:
        with eventbridge.fail_entries("Entry"):
            assert send() == ["Entry"]
        with eventbridge.fail_requests("Request") as failure:
            failure.cancel()
            assert send() == [None]
        assert attempts == []
        eventbridge.fail_requests("Request")
        assert send() == ["request Request"]
        assert len(attempts) == 1
    finally:
        client.meta.events.unregister("before-send.eventbridge", count)


def test_the_unused_are_listed_together() -> None:
    """What never fired is listed in the order of injection, both kinds together, and nothing that was cancelled is."""
    bridge = FakeEventBridge()
    with bridge:
        bridge.fail_requests("Used")
        send()
        bridge.fail_entries("Unused")
        bridge.fail_requests("Unused", skip=3)
        bridge.fail_requests("Cancelled").cancel()
        bridge.fail_entries("Unused", source="b")
        send()

    with pytest.raises(AssertionError) as failed:
        bridge.verify()

    # The first failure of entries has fired: it has no criteria.
    assert str(failed.value).splitlines()[:-1] == [
        "Injected failures never fired:",
        "  fail_requests('Unused', skip=3)",
        "  fail_entries('Unused', source='b')",
    ]


@settings(max_examples=60, deadline=None)
@given(
    plan=st.lists(
        st.tuples(st.integers(min_value=0, max_value=3), st.none() | st.integers(min_value=1, max_value=3)), max_size=4
    ),
    attempts=st.integers(min_value=0, max_value=12),
)
def test_each_attempt_goes_to_the_first_that_has_any_left(plan: list[tuple[int, int | None]], attempts: int) -> None:
    """Skips and times of any number of failures are used up as a list of counters would be."""
    injected = InjectedFailures()
    failures = [
        injected.add_of_requests(request_failure(f"Failure{number}", times=times, skip=skip))
        for number, (skip, times) in enumerate(plan)
    ]
    left = [[skip, float("inf") if times is None else times] for skip, times in plan]

    for _ in range(attempts):
        expected = None
        for number, counters in enumerate(left):
            if counters[1] == 0:
                continue
            if counters[0]:
                counters[0] -= 1
                continue
            counters[1] -= 1
            expected = failures[number]
            break
        assert injected.first_for_attempt() is expected

    assert list(injected) == failures
    assert injected.unused() == [failure for failure in failures if failure.fired == 0]
    assert injected.has_any_of_requests() is any(times for _, times in left)
