"""The fake as an object: its block, its options, and what it checks at the end."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from pytest_eventbridge import EventBridgeAssertionError, FakeEventBridge, VerificationError

# What a fake may put into the environment, or take out of it.
ENVIRONMENT_NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
)


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def emit(number: int = 0, **members: Any) -> dict[str, Any]:
    """Send one entry with a number in its detail, and return the response."""
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"n": number})}
    return events_client().put_events(Entries=[entry | members])


def numbers_of(bridge: FakeEventBridge) -> list[int]:
    """Return the numbers of the accepted events."""
    return [event.detail["n"] for event in bridge.events]


def call_something_not_played() -> None:
    """Call an operation that no fake plays, and swallow the error as careless code would."""
    with contextlib.suppress(ClientError):
        events_client().list_archives()


def reaches_a_fake() -> bool:
    """Say whether botocore's client is wrapped, without a request that could leave the process."""
    return "pytest_eventbridge" in botocore.client.BaseClient._make_api_call.__module__


@pytest.fixture(autouse=True)
def environment_put_back() -> Iterator[None]:
    """What a failed test leaves behind does not reach the next one."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT_NAMES}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


# --- the block --------------------------------------------------------------------------------------------------------


def test_block_yields_the_fake_itself() -> None:
    """What `with` binds is the object that it was given."""
    fake = FakeEventBridge()
    with fake as bridge:
        assert bridge is fake


def test_fake_answers_inside_its_block_only() -> None:
    """Clients are reached from entering to leaving, not before and not after."""
    bridge = FakeEventBridge()
    assert not reaches_a_fake()
    with bridge:
        assert reaches_a_fake()
    assert not reaches_a_fake()


def test_active_fake_cannot_be_entered_again() -> None:
    """Entering twice is refused, and the block that is open goes on as before."""
    bridge = FakeEventBridge()
    with bridge:
        with pytest.raises(RuntimeError, match="active already"):
            bridge.__enter__()
        emit(1)
    assert numbers_of(bridge) == [1]
    assert not reaches_a_fake()


def test_fake_can_be_used_again_after_its_block() -> None:
    """A second block adds to what the first has captured."""
    bridge = FakeEventBridge()
    for number in (1, 2):
        with bridge:
            emit(number)
    assert numbers_of(bridge) == [1, 2]


def test_everything_can_be_read_and_asserted_after_the_block() -> None:
    """Nothing that was captured goes away when the block ends."""
    with FakeEventBridge(event_buses=[]) as bridge:
        emit(1)
        emit(2, EventBusName="nowhere")
        emit(3, Source="aws.shop")
    assert bridge.assert_emitted_once(detail={"n": 1}) == bridge.events[0]
    assert [event.detail["n"] for event in bridge.dropped_events] == [2]
    assert bridge.assert_failed(source="aws.shop") == bridge.failed_entries
    assert len(bridge.calls) == 3
    with pytest.raises(EventBridgeAssertionError):
        bridge.assert_emitted(detail={"n": 2})
    bridge.clear()
    bridge.assert_nothing_emitted()


def test_exception_leaves_the_block_as_it_is() -> None:
    """An exception passes through the block, unchanged, and the fake stops answering."""
    error = ZeroDivisionError()
    bridge = FakeEventBridge()
    with pytest.raises(ZeroDivisionError) as caught, bridge:
        raise error
    assert caught.value is error
    assert not reaches_a_fake()
    assert "not active" in repr(bridge)


def test_leaving_the_block_checks_nothing() -> None:
    """Problems are `verify()`'s to report, so that a block does not hide what its body raised."""
    with FakeEventBridge(fail_on_lost_events=True) as bridge:
        bridge.fail_entries(detail={"n": 9})
        emit(Source="aws.shop")
    assert len(bridge._problems()) == 2


def test_leaving_a_fake_that_was_never_entered_changes_nothing() -> None:
    """An `__exit__` too many disturbs neither the environment nor a fake that is active."""
    before = dict(os.environ)
    with FakeEventBridge() as bridge:
        FakeEventBridge().__exit__(None, None, None)
        emit(1)
    assert numbers_of(bridge) == [1]
    assert dict(os.environ) == before


def test_leaving_a_fake_twice_does_not_bring_the_old_environment_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was changed after the block stays changed."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "before")
    bridge = FakeEventBridge()
    with bridge:
        pass
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "after")
    bridge.__exit__(None, None, None)
    assert os.environ["AWS_ACCESS_KEY_ID"] == "after"


# --- fakes inside fakes -----------------------------------------------------------------------------------------------


def test_innermost_fake_answers() -> None:
    """Each event is captured by the one fake that became active last."""
    with FakeEventBridge() as outer:
        emit(1)
        with FakeEventBridge() as inner:
            emit(2)
        emit(3)
    assert numbers_of(outer) == [1, 3]
    assert numbers_of(inner) == [2]


def test_each_fake_has_its_own_options_and_failures() -> None:
    """An inner fake shares neither options nor injected failures with the one around it."""
    with FakeEventBridge(account_id="111111111111", event_buses=["orders"], max_request_bytes=10_000) as outer:
        outer.fail_entries(times=None)
        with FakeEventBridge(account_id="222222222222", ignore_detail_keys=["n"]) as inner:
            assert emit(1, EventBusName="nowhere")["FailedEntryCount"] == 0
            inner.assert_emitted_once(event_bus="arn:aws:events:us-east-1:222222222222:event-bus/nowhere")
            inner.assert_not_emitted(detail={"n": 1})
        assert emit(2, EventBusName="orders")["FailedEntryCount"] == 1
        outer.assert_failed(detail={"n": 2}, event_bus="arn:aws:events:us-east-1:111111111111:event-bus/orders")
        with pytest.raises(ClientError):
            emit(3, Detail=json.dumps({"n": "x" * 10_000}))
    outer.verify()
    inner.verify()


def test_fakes_may_end_in_any_order() -> None:
    """A fake that ends before one inside it leaves that one answering."""
    outer, inner = FakeEventBridge(), FakeEventBridge()
    outer.__enter__()
    with inner:
        outer.__exit__(None, None, None)
        emit(1)
    assert numbers_of(outer) == []
    assert numbers_of(inner) == [1]
    assert not reaches_a_fake()


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_environment_is_as_before_in_whatever_order_fakes_end(
    order: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last fake no fake credential is left behind, and nothing is missing."""
    for name in ENVIRONMENT_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    fakes = [FakeEventBridge(region="eu-west-1"), FakeEventBridge(region="eu-west-2"), FakeEventBridge()]
    for fake in fakes:
        fake.__enter__()
    credentials = []
    for place in order:
        credentials.append(os.environ.get("AWS_ACCESS_KEY_ID"))
        fakes[place].__exit__(None, None, None)
    assert dict(os.environ) == before
    assert credentials == ["testing"] * 3, "while one is active"


def test_fake_of_one_thread_answers_another() -> None:
    """A fake is active for the process: code that publishes from a thread of its own is captured."""
    with FakeEventBridge() as bridge:
        threads = [threading.Thread(target=emit, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(numbers_of(bridge)) == list(range(8))


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "wording"),
    [
        pytest.param(
            {"regoin": "x"}, "Unknown option 'regoin'. Did you mean 'region'. Allowed: account_id, ", id="name"
        ),
        pytest.param({"region": ""}, "'region' takes the name of a region, not ''", id="region"),
        pytest.param({"account_id": 123456789012}, "'account_id' takes a string of 12 digits, not 1", id="account"),
        pytest.param({"event_buses": "orders"}, "'event_buses' takes a collection .*, not 'orders'", id="one text"),
        pytest.param({"max_request_bytes": 0}, "'max_request_bytes' takes a positive number", id="no bytes"),
        pytest.param({"fake_credentials": 1}, "'fake_credentials' takes True or False, not 1", id="one for true"),
        pytest.param({"ignore_detail_keys": [""]}, "'ignore_detail_keys' takes a collection of keys", id="empty key"),
    ],
)
def test_wrong_option_is_a_usage_error(options: dict[str, Any], wording: str) -> None:
    """An option that is unknown or ill-typed is refused when the fake is made."""
    with pytest.raises(TypeError, match=wording):
        FakeEventBridge(**options)


def test_options_are_keywords_only() -> None:
    """A positional argument is refused: no option is more important than the others."""
    with pytest.raises(TypeError):
        FakeEventBridge("eu-west-1")  # type: ignore[call-arg]


def test_changing_a_collection_later_changes_no_option() -> None:
    """The fake keeps its own copy of what it was given."""
    event_buses = ["orders"]
    with FakeEventBridge(event_buses=event_buses) as bridge:
        event_buses.append("nowhere")
        emit(EventBusName="nowhere")
    assert len(bridge.dropped_events) == 1


# --- repr -------------------------------------------------------------------------------------------------------------


def test_repr_says_whether_it_is_active_and_what_it_captured() -> None:
    """The `repr` is one line with state and counts, which an assertion that pytest rewrites shows."""
    bridge = FakeEventBridge(event_buses=[])
    assert repr(bridge) == "<FakeEventBridge not active: 0 accepted, 0 failed, 0 dropped>"
    with bridge:
        emit(1)
        emit(2)
        emit(3, EventBusName="nowhere")
        emit(4, Source="aws.shop")
        assert repr(bridge) == "<FakeEventBridge active: 2 accepted, 1 failed, 1 dropped>"
    assert repr(bridge) == "<FakeEventBridge not active: 2 accepted, 1 failed, 1 dropped>"


# --- verify -----------------------------------------------------------------------------------------------------------


def leave_a_failure_unused(bridge: FakeEventBridge) -> None:
    """Inject a failure for an entry that never comes."""
    bridge.fail_entries("ThrottlingException", detail={"n": 9})


def lose_an_event(bridge: FakeEventBridge) -> None:
    """Send an entry that fails, and never again."""
    emit(1, Source="aws.shop")


def call_what_nobody_plays(bridge: FakeEventBridge) -> None:
    """Swallow the error of an operation that nobody plays."""
    call_something_not_played()


PROBLEMS = {
    leave_a_failure_unused: "never fired",
    call_what_nobody_plays: "ListArchives",
    lose_an_event: "1 event failed and was not accepted later:",
}


@pytest.mark.parametrize("cause", PROBLEMS, ids=lambda cause: cause.__name__)
def test_verify_reports_each_problem(cause: Callable[[FakeEventBridge], None]) -> None:
    """Each problem alone is reported alone, as data and in the message."""
    with FakeEventBridge(fail_on_lost_events=True) as bridge:
        cause(bridge)
        with pytest.raises(VerificationError, match=PROBLEMS[cause]) as caught:
            bridge.verify()
    (problem,) = caught.value.problems
    assert str(caught.value) == problem
    assert bridge._problems() == [problem]


def test_verify_reports_all_problems_together() -> None:
    """However much is wrong, one failure tells it all."""
    with FakeEventBridge(fail_on_lost_events=True) as bridge:
        for cause in PROBLEMS:
            cause(bridge)
            cause(bridge)
        with pytest.raises(VerificationError) as caught:
            bridge.verify()
    assert str(caught.value) == "\n\n".join(caught.value.problems)
    for wording in PROBLEMS.values():
        assert wording in str(caught.value)
    assert str(caught.value).count("fail_entries('ThrottlingException', detail={'n': 9})") == 2
    assert str(caught.value).count("ListArchives") == 1  # both calls come from one line


def test_verify_holds_when_there_is_no_problem() -> None:
    """Used, cancelled and finished failures, and events that were accepted, are no problem."""
    with FakeEventBridge(fail_on_lost_events=True) as bridge:
        bridge.fail_entries(detail={"n": 1})
        emit(1)
        emit(1)
        bridge.fail_entries(detail={"n": 2}).cancel()
        assert bridge.verify() is None
    assert bridge._problems() == []


def test_failure_of_verify_is_an_assertion_error_that_survives_pickling() -> None:
    """It can be caught like every other failed assertion, and crosses a process boundary."""
    with FakeEventBridge() as bridge:
        leave_a_failure_unused(bridge)
        with pytest.raises(EventBridgeAssertionError) as caught:
            bridge.verify()
    assert isinstance(caught.value, AssertionError)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is VerificationError
    assert str(copy) == str(caught.value)
    assert copy.problems == caught.value.problems == tuple(bridge._problems())


def test_verify_can_be_asked_again_and_outside_the_block() -> None:
    """It says what is so now: a failure that fires later is no problem any more."""
    with FakeEventBridge() as bridge:
        leave_a_failure_unused(bridge)
        with pytest.raises(VerificationError):
            bridge.verify()
        emit(9)
        assert bridge.verify() is None
    assert bridge.verify() is None


@pytest.mark.parametrize(
    ("options", "count"),
    [
        pytest.param({}, 2, id="defaults"),
        pytest.param({"allow_unused_failures": True}, 1, id="unused failures allowed"),
        pytest.param({"fail_on_lost_events": True}, 3, id="lost events fail"),
        pytest.param({"allow_unused_failures": True, "fail_on_lost_events": True}, 2, id="both"),
    ],
)
def test_options_choose_what_is_verified(options: dict[str, Any], count: int) -> None:
    """By default unused failures are a problem and lost events are none; an operation nobody plays always is."""
    with FakeEventBridge(**options) as bridge:
        for cause in PROBLEMS:
            cause(bridge)
    assert len(bridge._problems()) == count


def test_operation_that_nobody_plays_is_noted_with_its_caller() -> None:
    """The problem names the operation and the line that called it."""
    with FakeEventBridge() as bridge:
        call_something_not_played()
    (problem,) = bridge._problems()
    assert problem.startswith("ListArchives of the service 'events' was called from ")
    assert "test_fake.py:" in problem


def test_clear_keeps_injected_failures() -> None:
    """Forgetting what was captured leaves the failures that wait for their entry."""
    with FakeEventBridge() as bridge:
        failure = bridge.fail_entries(detail={"n": 1})
        bridge.clear()
        assert emit(1)["FailedEntryCount"] == 1
        assert failure.fired == 1


def test_fail_entries_returns_the_failure_it_injected() -> None:
    """Every argument of `fail_entries` reaches the failure and the answer."""
    with FakeEventBridge() as bridge:
        failure = bridge.fail_entries("MyCode", "My message.", times=2, skip=1, position=0, source="shop.orders")
        answers = [emit(number)["Entries"][0] for number in range(4)]
    assert [answer.get("ErrorCode") for answer in answers] == [None, "MyCode", "MyCode", None]
    assert answers[1]["ErrorMessage"] == "My message."
    assert (failure.fired, failure.remaining) == (2, 0)


def test_rate_is_reproducible_by_its_seed() -> None:
    """Two fakes with the same seed fail the same entries."""
    outcomes = []
    for _ in range(2):
        with FakeEventBridge() as bridge:
            bridge.fail_entries(rate=0.5, seed=7)
            outcomes.append([emit(number)["FailedEntryCount"] for number in range(20)])
    assert outcomes[0] == outcomes[1]
    assert set(outcomes[0]) == {0, 1}
