"""What botocore's retry modes remember of a client's calls: the quota, and the rate of the adaptive mode."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from itertools import permutations
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from clients import entry, make_client

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._session_guard import SessionGuard

ATTEMPTS = 3
QUOTA_MODES = ("standard", "adaptive")
# They cost differently much of it, and differently in each version.
ERRORS = [pytest.param(ReadTimeoutError, id="network"), pytest.param("ThrottlingException", id="throttling")]


def put(client: Any) -> None:
    """Publish one event, whatever comes of it; the code under test."""
    with suppress(BotoCoreError, ClientError):
        client.put_events(Entries=[entry()])


def make_retrying_client(mode: str) -> Any:
    """Make a client of a retry mode."""
    return make_client(retries={"mode": mode, "total_max_attempts": ATTEMPTS})


def attempts_of(bridge: FakeEventBridge) -> list[int]:
    """Return how many attempts botocore has made for each call."""
    return [call.attempts for call in bridge.calls]


def use_up(client: Any, bridge: FakeEventBridge) -> None:
    """Fail for good until botocore retries no more, which the quota of 500 allows it to do for 36 to 100 attempts."""
    with bridge.fail_requests(ReadTimeoutError, times=None):
        while not bridge.calls or bridge.calls[-1].attempts > 1:
            put(client)
            assert len(bridge.calls) < 100


def retry_objects(client: Any) -> list[Any]:
    """Return what handles the retries of a client."""
    handlers = client.meta.events._emitter._handlers.prefix_search("needs-retry.eventbridge.PutEvents")
    return [owner for handler in handlers if (owner := getattr(handler, "__self__", None)) is not None]


def remembered_by(client: Any) -> list[Any]:
    """Return what handles the retries of a client, and all that it is made of, each with what is in it."""
    remembered: dict[int, Any] = {}
    pending = retry_objects(client)
    while pending:
        thing = pending.pop()
        if id(thing) not in remembered and ".retries." in type(thing).__module__:
            remembered[id(thing)] = (thing, dict(vars(thing)))
            pending += vars(thing).values()
    return list(remembered.values())


@pytest.mark.parametrize("mode", QUOTA_MODES)
@pytest.mark.parametrize("error", ERRORS)
def test_each_fake_finds_the_quota_as_it_was(mode: str, error: Any) -> None:
    """However many calls have failed for good under the fakes before, botocore makes as many attempts as ever."""
    client = make_retrying_client(mode)
    for _ in range(60):
        with FakeEventBridge() as bridge:
            bridge.fail_requests(error, times=None)
            put(client)
        assert attempts_of(bridge) == [ATTEMPTS]


@pytest.mark.parametrize("mode", ["legacy", *QUOTA_MODES])
@pytest.mark.parametrize("error", ERRORS)
def test_afterwards_a_client_remembers_nothing_of_the_fake(mode: str, error: Any) -> None:
    """Its quota, its rate and all that they are made of are the very same, with the same in them."""
    client = make_retrying_client(mode)
    before = remembered_by(client)
    with FakeEventBridge() as bridge:
        bridge.fail_requests(error, times=4)
        put(client)
        put(client)
    assert attempts_of(bridge) == [ATTEMPTS, 2]
    assert remembered_by(client) == before


def test_within_a_fake_the_quota_is_used_up() -> None:
    """The rule of botocore holds: after many calls that fail for good it retries no more, until some succeed."""
    client = make_retrying_client("standard")
    with FakeEventBridge() as bridge:
        use_up(client, bridge)
        bridge.fail_requests(ReadTimeoutError)
        put(client)
        assert attempts_of(bridge)[-1] == 1
        bridge.fail_requests(ReadTimeoutError, skip=20)
        for _ in range(21):
            put(client)
        assert attempts_of(bridge)[-1] == 2


def test_what_has_been_used_up_before_the_fake_stays_so() -> None:
    """A quota is not filled either: a fake begins with what the client has left."""
    client = make_retrying_client("standard")
    (handler,) = [owner for owner in retry_objects(client) if hasattr(owner, "_retry_quota")]
    quota = handler._retry_quota._quota
    assert quota.acquire(quota.available_capacity)
    for _ in range(2):
        with FakeEventBridge() as bridge:
            bridge.fail_requests()
            put(client)
        assert attempts_of(bridge) == [1]
    assert quota.available_capacity == 0


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
def test_fakes_that_are_active_at_once_have_quotas_of_their_own(order: tuple[int, ...]) -> None:
    """What one has used up the other still has, and the next one too, whichever ends first."""
    client = make_retrying_client("standard")
    fakes = [FakeEventBridge() for _ in order]
    with ExitStack() as stack:
        for fake in fakes:
            stack.enter_context(fake)
            use_up(client, fake)
            assert attempts_of(fake)[0] == ATTEMPTS
        for number in order:
            fakes[number].__exit__(None, None, None)
    with FakeEventBridge() as bridge:
        use_up(client, bridge)
    assert attempts_of(bridge) == attempts_of(fakes[0])


def test_the_guard_keeps_no_quota_used_up(pytester: pytest.Pytester) -> None:
    """Where the guard is on, which reaches into botocore from the first test to the last, it is the same."""
    pytester.makeini("[pytest]\neventbridge_guard = true")
    pytester.makepyfile(
        """
        import boto3
        import pytest
        from botocore.config import Config
        from botocore.exceptions import ReadTimeoutError

        CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3})
        CLIENT = boto3.client("events", region_name="eu-west-1", config=CONFIG)

        @pytest.mark.parametrize("number", range(30))
        def test_gives_up(eventbridge, number):
            eventbridge.fail_requests(ReadTimeoutError, times=None)
            with pytest.raises(ReadTimeoutError):
                CLIENT.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}])
            assert eventbridge.calls[0].attempts == 3
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=30)


def test_a_call_that_no_fake_answers_draws_on_the_quota_itself() -> None:
    """Under the guard, what another mock answers has the effect that it has without the guard."""
    client = make_retrying_client("standard")
    ((checker, attributes),) = [(thing, state) for thing, state in remembered_by(client) if "_quota" in state]
    full = checker._quota.available_capacity

    def fail(request: Any, **_: Any) -> None:
        raise ReadTimeoutError(endpoint_url=request.url)

    guard = SessionGuard()
    guard.begin()
    try:
        put(client)
        assert checker._quota is not attributes["_quota"]
        client.meta.events.register("before-send", fail)
        put(client)
        assert guard.take_problems() != []
    finally:
        guard.end()
    assert checker._quota is attributes["_quota"]
    assert checker._quota.available_capacity < full


def test_a_call_past_our_wrapper() -> None:
    """By way of a kept original of `_make_api_call`, the end of the call is seen by no fake, and nothing is lost."""
    original = BaseClient._make_api_call
    client = make_retrying_client("standard")
    before = remembered_by(client)
    with FakeEventBridge() as bridge, pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", original)
        bridge.fail_requests(times=2)
        put(client)
    assert attempts_of(bridge) == [ATTEMPTS]
    assert remembered_by(client) == before


def test_a_client_with_an_emitter_of_somebody_elses_is_left_alone() -> None:
    """Where the handlers of a client cannot be seen, its requests fail and are retried all the same."""
    client = make_retrying_client("standard")
    client.meta.events = client.meta.events._emitter
    with FakeEventBridge() as bridge:
        bridge.fail_requests(times=2)
        put(client)
    assert attempts_of(bridge) == [ATTEMPTS]
