"""What each `assert_*` demands, what it returns, and what its failure carries."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import pickle
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import (
    CapturedEvent,
    CapturedEvents,
    EventBridgeAssertionError,
    ExpectedEvent,
    FakeEventBridge,
    Mismatch,
)

Entry = dict[str, Any]

# What the service refuses, so that an entry fails without an injected failure.
MALFORMED = "{"


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def an_entry(detail_type: str = "OrderPlaced", source: str = "shop.orders", **members: Any) -> Entry:
    """Return a request entry; `detail` as an object or as text, other members as they go over the wire."""
    detail = members.pop("detail", {})
    return {
        "Source": source,
        "DetailType": detail_type,
        "Detail": detail if isinstance(detail, str) else json.dumps(detail),
        **members,
    }


def emit(*entries: Entry) -> None:
    """Send entries in one request."""
    events_client().put_events(Entries=list(entries))


def numbered(*numbers: int) -> list[Entry]:
    """Return an entry for each number."""
    return [an_entry(detail={"n": number}) for number in numbers]


def numbers_of(events: list[CapturedEvent] | tuple[CapturedEvent, ...]) -> list[int]:
    """Return the numbers of `numbered` events."""
    return [event.detail["n"] for event in events]


def is_number(number: int) -> ExpectedEvent:
    """Expect the event of one number."""
    return ExpectedEvent(detail={"n": number})


def is_one_of(numbers: set[int]) -> ExpectedEvent:
    """Expect the event of any of these numbers."""
    return ExpectedEvent(detail={"n": lambda number: number in numbers})


@pytest.fixture
def bridge() -> Iterator[FakeEventBridge]:
    """A fake with one event bus besides `default`."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        yield bridge


@pytest.fixture(params=["fake", "capture() view", "view of a view"])
def captured(request: pytest.FixtureRequest, bridge: FakeEventBridge) -> Iterator[CapturedEvents]:
    """Everything that can be asked: the fake, and views that must not see what was captured before them."""
    if request.param == "fake":
        yield bridge
        return
    emit(an_entry("BeforeTheBlock", detail={"n": -1}), an_entry("BeforeTheBlock", detail=MALFORMED))
    with bridge.capture() as view:
        if request.param == "capture() view":
            yield view
        else:
            emit(an_entry("BeforeTheInnerBlock", detail={"n": -1}))
            with view.capture() as inner:
                yield inner


# --- assert_emitted ---------------------------------------------------------------------------------------------------


def test_assert_emitted_returns_the_matching_events_in_the_order_of_capture(captured: CapturedEvents) -> None:
    """What matched comes back, in the order of capture, and nothing else."""
    emit(*numbered(3, 1), an_entry("OrderPaid"), *numbered(2))
    assert numbers_of(captured.assert_emitted(detail_type="OrderPlaced")) == [3, 1, 2]


def test_assert_emitted_without_criteria_holds_for_any_event(captured: CapturedEvents) -> None:
    """No criteria means any event."""
    emit(an_entry())
    assert captured.assert_emitted() == captured.events


def test_assert_emitted_takes_an_expected_event(captured: CapturedEvents) -> None:
    """An `ExpectedEvent` says the same as criteria do."""
    emit(*numbered(1, 2))
    assert captured.assert_emitted(is_number(2)) == captured.assert_emitted(detail={"n": 2}) == [captured.events[1]]


def test_assert_emitted_sees_neither_failed_nor_dropped_entries(captured: CapturedEvents) -> None:
    """An entry that failed or was dropped was not emitted."""
    emit(an_entry(detail=MALFORMED), an_entry(EventBusName="nowhere"))
    with pytest.raises(EventBridgeAssertionError):
        captured.assert_emitted(source="shop.orders")


@pytest.mark.parametrize(
    ("bounds", "allowed"),
    [
        pytest.param({}, {1, 2, 3, 4}, id="none: one or more"),
        pytest.param({"times": 0}, {0}, id="times 0"),
        pytest.param({"times": 2}, {2}, id="times 2"),
        pytest.param({"at_least": 0}, {0, 1, 2, 3, 4}, id="at_least 0"),
        pytest.param({"at_least": 2}, {2, 3, 4}, id="at_least 2"),
        pytest.param({"at_most": 2}, {0, 1, 2}, id="at_most 2"),
        pytest.param({"at_most": 0}, {0}, id="at_most 0"),
        pytest.param({"at_least": 2, "at_most": 3}, {2, 3}, id="from 2 to 3"),
        pytest.param({"at_least": 2, "at_most": 2}, {2}, id="from 2 to 2"),
    ],
)
def test_bounds_say_how_many_have_to_match(captured: CapturedEvents, bounds: dict[str, int], allowed: set[int]) -> None:
    """`times`, `at_least` and `at_most` hold for exactly the counts they allow, for events and failed entries."""
    for count in range(5):
        captured.clear()
        emit(an_entry("Other"), an_entry("Other", detail=MALFORMED))
        if count:
            emit(*[an_entry()] * count)
            emit(*[an_entry(detail=MALFORMED)] * count)
        for method in (captured.assert_emitted, captured.assert_failed):
            if count in allowed:
                assert len(method(detail_type="OrderPlaced", **bounds)) == count
            else:
                with pytest.raises(EventBridgeAssertionError):
                    method(detail_type="OrderPlaced", **bounds)


@pytest.mark.parametrize(
    ("bounds", "wording"),
    [
        pytest.param({"times": 1, "at_least": 1}, "not both", id="times with at_least"),
        pytest.param({"times": 1, "at_most": 1}, "not both", id="times with at_most"),
        pytest.param({"at_least": 3, "at_most": 2}, "no number that would do", id="bounds crossed"),
        pytest.param({"times": -1}, "times: .* not -1", id="negative times"),
        pytest.param({"at_least": "1"}, "at_least: .* not '1'", id="text"),
        pytest.param({"at_most": True}, "at_most: .* not True", id="boolean"),
        pytest.param({"times": 1.0}, r"times: .* not 1\.0", id="float"),
    ],
)
@pytest.mark.parametrize("method", ["assert_emitted", "assert_failed"])
def test_senseless_bounds_are_usage_errors(
    captured: CapturedEvents, method: str, bounds: dict[str, Any], wording: str
) -> None:
    """Bounds that contradict each other or are no counts are refused, whatever was captured."""
    with pytest.raises(TypeError, match=wording):
        getattr(captured, method)(source="shop.orders", **bounds)


def test_failure_of_assert_emitted_carries_its_data(captured: CapturedEvents) -> None:
    """The failure has the expectation, all accepted events, and those closest with their differences."""
    emit(*numbered(1), an_entry("OrderPaid", detail={"n": 1}))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_emitted(detail_type="OrderPlaced", detail={"n": 2})
    error = caught.value
    assert error.expected == (ExpectedEvent(detail_type="OrderPlaced", detail={"n": 2}),)
    assert list(error.captured) == captured.events
    assert [near_miss.event for near_miss in error.near_misses] == captured.events
    assert error.near_misses[0].mismatches == (Mismatch(path="detail.n", expected=2, actual=1),)


def test_when_too_few_match_the_others_are_near_misses(captured: CapturedEvents) -> None:
    """With one event right and one almost right, the failure shows the one that is almost right."""
    emit(*numbered(1, 7))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_emitted(detail={"n": 1}, times=2)
    assert [near_miss.index for near_miss in caught.value.near_misses] == [1]


def test_when_too_many_match_there_is_no_near_miss(captured: CapturedEvents) -> None:
    """What is one event too many is no question of what came close."""
    emit(*numbered(1, 1, 7))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_emitted(detail={"n": 1}, times=1)
    assert caught.value.near_misses == ()


def test_failure_survives_pickling(captured: CapturedEvents) -> None:
    """A failure crosses a process boundary with its message and its data."""
    emit(*numbered(1))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_emitted(detail={"n": 2})
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is EventBridgeAssertionError
    assert str(copy) == str(caught.value)
    assert copy.expected == caught.value.expected
    assert copy.captured == caught.value.captured


@pytest.mark.parametrize(
    "method", ["find", "assert_emitted", "assert_emitted_once", "assert_not_emitted", "assert_failed"]
)
@pytest.mark.parametrize(
    ("arguments", "criteria", "wording"),
    [
        pytest.param((), {"sorce": "x"}, "'sorce'. Did you mean 'source'. Allowed: detail, ", id="unknown criterion"),
        pytest.param(("shop.orders",), {}, "An ExpectedEvent is required, not str", id="no ExpectedEvent"),
        pytest.param((ExpectedEvent(source="x"),), {"source": "x"}, "not both: source", id="both forms"),
        pytest.param((), {"source": int}, "source: the class int", id="class as a value"),
    ],
)
def test_wrong_criteria_are_usage_errors(
    captured: CapturedEvents, method: str, arguments: tuple[Any, ...], criteria: dict[str, Any], wording: str
) -> None:
    """Every method that takes criteria refuses those that can only be a mistake."""
    with pytest.raises(TypeError, match=wording):
        getattr(captured, method)(*arguments, **criteria)


def test_exception_inside_a_matcher_passes_through(captured: CapturedEvents) -> None:
    """A matcher that raises is an error of the test, never an event that does not match."""
    emit(an_entry())
    with pytest.raises(ZeroDivisionError):
        captured.assert_not_emitted(where=lambda _: 1 // 0)


# --- assert_emitted_once, assert_not_emitted, assert_nothing_emitted --------------------------------------------------


def test_assert_emitted_once_returns_the_event(captured: CapturedEvents) -> None:
    """The one event that matches comes back itself, not in a list."""
    emit(*numbered(1, 2))
    assert captured.assert_emitted_once(detail={"n": 2}) == captured.events[1]
    assert captured.assert_emitted_once(is_number(1)) == captured.events[0]


@pytest.mark.parametrize("count", [0, 2, 3])
def test_assert_emitted_once_fails_for_any_other_count(captured: CapturedEvents, count: int) -> None:
    """None, or more than one, is a failure."""
    emit(an_entry("Other"), *[an_entry()] * count)
    with pytest.raises(EventBridgeAssertionError, match="exactly 1"):
        captured.assert_emitted_once(detail_type="OrderPlaced")


def test_assert_not_emitted_holds_when_nothing_matches(captured: CapturedEvents) -> None:
    """Events of another kind, and entries that were never accepted, do not disturb it."""
    emit(an_entry(), an_entry("OrderPaid", detail=MALFORMED), an_entry("OrderPaid", EventBusName="nowhere"))
    assert captured.assert_not_emitted(detail_type="OrderPaid") is None
    assert captured.assert_not_emitted(ExpectedEvent(detail_type="OrderPaid")) is None


def test_assert_not_emitted_fails_when_one_matches(captured: CapturedEvents) -> None:
    """One match is a failure that carries the expectation and what was captured."""
    emit(an_entry(), an_entry("OrderPaid"))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_not_emitted(detail_type="OrderPaid")
    assert caught.value.expected == (ExpectedEvent(detail_type="OrderPaid"),)
    assert list(caught.value.captured) == captured.events


@pytest.mark.parametrize("arguments", [(), (ExpectedEvent(),)], ids=["nothing", "an empty ExpectedEvent"])
def test_assert_not_emitted_needs_criteria(captured: CapturedEvents, arguments: tuple[Any, ...]) -> None:
    """Without criteria it is a usage error that names the assertion that was meant."""
    with pytest.raises(TypeError, match="assert_nothing_emitted"):
        captured.assert_not_emitted(*arguments)


def test_assert_nothing_emitted_holds_when_nothing_was_captured(captured: CapturedEvents) -> None:
    """It holds before anything was sent."""
    assert captured.assert_nothing_emitted() is None


@pytest.mark.parametrize(
    ("entry", "collection"),
    [
        pytest.param(an_entry(), "events", id="accepted"),
        pytest.param(an_entry(detail=MALFORMED), "failed_entries", id="failed"),
        pytest.param(an_entry(EventBusName="nowhere"), "dropped_events", id="dropped"),
    ],
)
def test_assert_nothing_emitted_fails_for_any_outcome(captured: CapturedEvents, entry: Entry, collection: str) -> None:
    """An entry that reached the service is enough, whatever became of it."""
    emit(entry)
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_nothing_emitted()
    assert list(caught.value.captured) == getattr(captured, collection)
    assert len(caught.value.captured) == 1
    assert caught.value.expected == ()


# --- assert_emitted_in_order ------------------------------------------------------------------------------------------


def test_assert_emitted_in_order_lets_others_stand_between(captured: CapturedEvents) -> None:
    """The first event for each expectation comes back; what stands between is passed over."""
    emit(*numbered(9, 1, 9, 1, 2, 9, 3, 2))
    matching = captured.assert_emitted_in_order(is_number(1), is_number(2), is_number(3))
    assert [captured.events.index(event) for event in matching] == [1, 4, 6]


def test_assert_emitted_in_order_uses_each_event_once(captured: CapturedEvents) -> None:
    """Two equal expectations need two events."""
    emit(*numbered(1))
    with pytest.raises(EventBridgeAssertionError, match="number 2"):
        captured.assert_emitted_in_order(is_number(1), is_number(1))
    emit(*numbered(1))
    assert captured.assert_emitted_in_order(is_number(1), is_number(1)) == captured.events


def test_assert_emitted_in_order_fails_for_another_order(captured: CapturedEvents) -> None:
    """All expectations met, but the other way round, is a failure that carries all of them."""
    emit(*numbered(2, 1))
    expected = (is_number(1), is_number(2))
    with pytest.raises(EventBridgeAssertionError, match="number 2") as caught:
        captured.assert_emitted_in_order(*expected)
    assert caught.value.expected == expected
    assert list(caught.value.captured) == captured.events


def test_assert_emitted_in_order_fails_when_the_first_is_not_there(captured: CapturedEvents) -> None:
    """The first expectation may be the one without an event."""
    emit(*numbered(2))
    with pytest.raises(EventBridgeAssertionError, match="number 1") as caught:
        captured.assert_emitted_in_order(is_number(1), is_number(2))
    assert caught.value.near_misses[0].mismatches == (Mismatch(path="detail.n", expected=1, actual=2),)


def test_near_miss_of_a_wrong_order_stands_behind_what_was_found(captured: CapturedEvents) -> None:
    """Only an event behind those that matched could have been the next, so only such a one can be close."""
    emit(*numbered(5, 1, 6))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_emitted_in_order(is_number(1), is_number(2))
    assert [near_miss.index for near_miss in caught.value.near_misses] == [2]


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 3), max_size=8),
    wanted=st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=4),
)
def test_assert_emitted_in_order_agrees_with_brute_force(numbers: list[int], wanted: list[set[int]]) -> None:
    """It holds exactly when some subsequence of the events matches the expectations one by one."""
    exists = any(
        all(number in one for number, one in zip(chosen, wanted, strict=True))
        for chosen in itertools.combinations(numbers, len(wanted))
    )
    with FakeEventBridge() as bridge:
        if numbers:
            emit(*numbered(*numbers))
        if exists:
            matching = bridge.assert_emitted_in_order(*map(is_one_of, wanted))
            places = [bridge.events.index(event) for event in matching]
            assert places == sorted(set(places))
            assert all(number in one for number, one in zip(numbers_of(matching), wanted, strict=True))
        else:
            with pytest.raises(EventBridgeAssertionError):
                bridge.assert_emitted_in_order(*map(is_one_of, wanted))


# --- assert_emitted_exactly -------------------------------------------------------------------------------------------


def test_assert_emitted_exactly_returns_the_events_in_the_order_of_the_expectations(captured: CapturedEvents) -> None:
    """Each event comes back at the place of the expectation it was paired with."""
    emit(*numbered(1, 2, 3))
    assert numbers_of(captured.assert_emitted_exactly(is_number(3), is_number(1), is_number(2))) == [3, 1, 2]


def test_assert_emitted_exactly_finds_what_a_greedy_pass_would_not(captured: CapturedEvents) -> None:
    """The expectation that takes anything must leave the one event that the other can take."""
    emit(*numbered(1, 2))
    assert numbers_of(captured.assert_emitted_exactly(ExpectedEvent(source="shop.orders"), is_number(1))) == [2, 1]


def test_assert_emitted_exactly_finds_a_pairing_that_moves_every_event(captured: CapturedEvents) -> None:
    """A chain in which the last expectation displaces all the others is still paired."""
    count = 40
    for start in range(0, count, 10):
        emit(*numbered(*range(start, start + 10)))
    expected = [is_one_of({number, number + 1}) for number in range(count - 1)]
    paired = captured.assert_emitted_exactly(*expected, is_number(0))
    assert numbers_of(paired) == [*range(1, count), 0]


@pytest.mark.parametrize("in_order", [False, True])
def test_assert_emitted_exactly_nothing_means_no_event(captured: CapturedEvents, in_order: bool) -> None:
    """Without expectations it holds while there is no accepted event."""
    emit(an_entry(detail=MALFORMED))
    assert captured.assert_emitted_exactly(in_order=in_order) == []
    emit(an_entry())
    with pytest.raises(EventBridgeAssertionError):
        captured.assert_emitted_exactly(in_order=in_order)


@pytest.mark.parametrize(
    ("numbers", "wanted", "holds", "holds_in_order"),
    [
        pytest.param([1, 2], [1, 2], True, True, id="same order"),
        pytest.param([2, 1], [1, 2], True, False, id="another order"),
        pytest.param([1, 2, 3], [1, 2], False, False, id="an event too many"),
        pytest.param([1], [1, 2], False, False, id="an event too few"),
        pytest.param([1, 1], [1, 2], False, False, id="one twice"),
        pytest.param([], [1], False, False, id="no event"),
    ],
)
def test_assert_emitted_exactly_pairs_one_to_one(
    captured: CapturedEvents, numbers: list[int], wanted: list[int], holds: bool, holds_in_order: bool
) -> None:
    """Every expectation has its event and every event its expectation, in their order only where that is asked."""
    for number in numbers:
        emit(*numbered(number))
    for in_order, is_expected_to_hold in ((False, holds), (True, holds_in_order)):
        if is_expected_to_hold:
            paired = captured.assert_emitted_exactly(*map(is_number, wanted), in_order=in_order)
            assert numbers_of(paired) == wanted
        else:
            with pytest.raises(EventBridgeAssertionError) as caught:
                captured.assert_emitted_exactly(*map(is_number, wanted), in_order=in_order)
            assert caught.value.expected == tuple(map(is_number, wanted))
            assert list(caught.value.captured) == captured.events


def test_near_misses_of_assert_emitted_exactly_are_events_that_nothing_took(captured: CapturedEvents) -> None:
    """An event that another expectation took is not offered as the one that was nearly right."""
    emit(*numbered(1, 7))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_emitted_exactly(is_number(1), is_number(2))
    (near_miss,) = caught.value.near_misses
    assert near_miss.event == captured.events[1]
    assert near_miss.mismatches == (Mismatch(path="detail.n", expected=2, actual=7),)


def test_near_misses_have_their_place_among_what_was_captured(captured: CapturedEvents) -> None:
    """The index of a near miss leads to its event in `captured`, for every assertion."""
    emit(*numbered(1, 7))
    for fails in (
        lambda: captured.assert_emitted(detail={"n": 8}),
        lambda: captured.assert_emitted_in_order(is_number(1), is_number(8)),
        lambda: captured.assert_emitted_exactly(is_number(1), is_number(8)),
    ):
        with pytest.raises(EventBridgeAssertionError) as caught:
            fails()
        assert caught.value.near_misses
        for near_miss in caught.value.near_misses:
            assert caught.value.captured[near_miss.index] == near_miss.event


@pytest.mark.parametrize("method", ["assert_emitted_in_order", "assert_emitted_exactly"])
@pytest.mark.parametrize("wrong", ["OrderPlaced", None, {"source": "x"}], ids=["text", "None", "dict"])
def test_what_is_no_expected_event_is_a_usage_error(captured: CapturedEvents, method: str, wrong: Any) -> None:
    """The methods that take several expectations take nothing else, and say so."""
    emit(an_entry())
    with pytest.raises(TypeError, match=r"ExpectedEvents? (is|are) required"):
        getattr(captured, method)(wrong)


@settings(max_examples=100, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 4), max_size=5),
    wanted=st.lists(st.sets(st.integers(0, 4)), max_size=5),
    in_order=st.booleans(),
)
def test_assert_emitted_exactly_finds_a_pairing_whenever_one_exists(
    numbers: list[int], wanted: list[set[int]], in_order: bool
) -> None:
    """It holds exactly when trying out every order of the events finds a pairing, and what it returns is one."""
    orders: Iterator[tuple[int, ...]] = iter([tuple(numbers)]) if in_order else itertools.permutations(numbers)
    exists = len(numbers) == len(wanted) and any(
        all(number in one for number, one in zip(order, wanted, strict=True)) for order in orders
    )
    with FakeEventBridge() as bridge:
        if numbers:
            emit(*numbered(*numbers))
        expected = [is_one_of(one) for one in wanted]
        if exists:
            paired = bridge.assert_emitted_exactly(*expected, in_order=in_order)
            assert sorted(map(id, paired)) == sorted(map(id, bridge.events))
            assert all(one.matches(event) for one, event in zip(expected, paired, strict=True))
        else:
            with pytest.raises(EventBridgeAssertionError):
                bridge.assert_emitted_exactly(*expected, in_order=in_order)


# --- assert_failed ----------------------------------------------------------------------------------------------------


def test_assert_failed_returns_the_matching_entries(captured: CapturedEvents) -> None:
    """Entries that failed come back in the order of capture; those that were accepted do not."""
    emit(an_entry(), an_entry(source="aws.shop"), an_entry(detail=MALFORMED), an_entry(EventBusName="nowhere"))
    failed = captured.assert_failed(detail_type="OrderPlaced")
    assert failed == captured.failed_entries
    assert [event.error_code for event in failed] == ["NotAuthorizedForSourceException", "MalformedDetail"]
    assert captured.assert_failed(ExpectedEvent(source="aws.shop")) == failed[:1]
    assert captured.assert_failed(error_code="MalformedDetail", times=1) == failed[1:]


def test_assert_failed_fails_when_none_failed(captured: CapturedEvents) -> None:
    """An accepted event is no failed entry."""
    emit(an_entry())
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_failed(source="shop.orders")
    assert caught.value.captured == ()


def test_error_code_is_a_criterion_like_the_others(captured: CapturedEvents) -> None:
    """An entry that failed with another code is a near miss by its code."""
    emit(an_entry(detail=MALFORMED))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_failed(detail_type="OrderPlaced", error_code="InternalFailure")
    (near_miss,) = caught.value.near_misses
    assert near_miss.mismatches == (Mismatch(path="error_code", expected="InternalFailure", actual="MalformedDetail"),)


# --- assert_no_lost_events --------------------------------------------------------------------------------------------


def test_no_event_is_lost_when_nothing_failed(captured: CapturedEvents) -> None:
    """Accepted and dropped events are not lost."""
    emit(an_entry(), an_entry(EventBusName="nowhere"))
    assert captured.assert_no_lost_events() is None


def test_failed_entry_that_nobody_sent_again_is_lost(captured: CapturedEvents) -> None:
    """Each entry that failed and never came through is in `captured` of the failure."""
    emit(*numbered(1), an_entry("OrderPaid", detail=MALFORMED), an_entry("OrderShipped", source="aws.shop"))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_no_lost_events()
    assert list(caught.value.captured) == captured.failed_entries


def test_one_acceptance_answers_all_earlier_failures(bridge: FakeEventBridge, captured: CapturedEvents) -> None:
    """A retry may fail twice before it comes through."""
    bridge.fail_entries(times=2, detail={"n": 1})
    for _ in range(2):
        emit(*numbered(1))
        with pytest.raises(EventBridgeAssertionError, match="1 event failed"):
            captured.assert_no_lost_events()
    emit(*numbered(1))
    assert captured.assert_no_lost_events() is None


def test_acceptance_before_the_failure_answers_nothing(bridge: FakeEventBridge, captured: CapturedEvents) -> None:
    """The same event accepted earlier was another one."""
    emit(*numbered(1))
    bridge.fail_entries(detail={"n": 1})
    emit(*numbered(1))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_no_lost_events()
    assert list(caught.value.captured) == captured.failed_entries


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        pytest.param({"Detail": '{ "b": [1], "a": 1.0 }'}, True, id="the same JSON, written otherwise"),
        pytest.param({"Time": 1_700_000_000, "TraceHeader": "Root=1-1-1"}, True, id="another time and trace header"),
        pytest.param({"Detail": '{"a": true, "b": [1]}'}, False, id="true for 1"),
        pytest.param({"Detail": '{"a": 1, "b": [1], "c": null}'}, False, id="a key more"),
        pytest.param({"Source": "shop.other"}, False, id="another source"),
        pytest.param({"DetailType": "OrderPaid"}, False, id="another detail type"),
        pytest.param({"EventBusName": "orders"}, False, id="another event bus"),
        pytest.param({"Resources": ["arn:aws:s3:::bucket"]}, False, id="another resource"),
        pytest.param({"EventBusName": "nowhere"}, False, id="dropped"),
    ],
)
def test_what_counts_as_the_same_event(
    bridge: FakeEventBridge, captured: CapturedEvents, change: Entry, is_same: bool
) -> None:
    """A retry is the same event by bus, source, detail type, detail and resources: for lost and for duplicates."""
    original = an_entry(detail={"a": 1, "b": [1]})
    bridge.fail_entries()
    emit(original)
    emit({**original, **change})
    if is_same:
        assert captured.assert_no_lost_events() is None
    else:
        with pytest.raises(EventBridgeAssertionError):
            captured.assert_no_lost_events()
    captured.clear()
    emit(original, {**original, **change})
    if is_same:
        with pytest.raises(EventBridgeAssertionError):
            captured.assert_no_duplicates()
    else:
        assert captured.assert_no_duplicates() is None


# --- assert_no_duplicates ---------------------------------------------------------------------------------------------


def test_events_that_differ_are_no_duplicates(captured: CapturedEvents) -> None:
    """Neither are a failed entry and its accepted retry."""
    emit(*numbered(1, 2), an_entry(detail=MALFORMED), an_entry(detail=MALFORMED))
    assert captured.assert_no_duplicates() is None


def test_duplicates_of_all_groups_are_in_the_failure(captured: CapturedEvents) -> None:
    """`captured` of the failure has every event that shares its key, group by group."""
    emit(*numbered(1, 2, 3, 2, 1, 1))
    with pytest.raises(EventBridgeAssertionError) as caught:
        captured.assert_no_duplicates()
    assert numbers_of(caught.value.captured) == [1, 1, 1, 2, 2]
    assert caught.value.expected == caught.value.near_misses == ()


@pytest.mark.parametrize(
    ("key", "count"),
    [
        pytest.param("detail.order.id", 2, id="path into the detail"),
        pytest.param("detail.lines.0.sku", 3, id="path through a list"),
        pytest.param("detail_type", 2, id="attribute"),
        pytest.param("detail.unique", 0, id="path whose values all differ"),
        pytest.param("detail.coupon", 0, id="null is nothing"),
        pytest.param(lambda event: event.detail["lines"], 2, id="function with a list as its result"),
        pytest.param(lambda event: event.source, 3, id="function"),
    ],
)
def test_key_says_what_makes_two_events_the_same(
    captured: CapturedEvents, key: str | Callable[[CapturedEvent], Any], count: int
) -> None:
    """A dotted path or a function chooses what is compared; events without anything there are left out."""
    emit(
        an_entry("A", detail={"order": {"id": 1}, "lines": [{"sku": "x"}], "unique": 1, "coupon": None}),
        an_entry("A", detail={"order": {"id": 1.0}, "lines": [{"sku": "x"}], "unique": True, "coupon": None}),
        an_entry("B", detail={"order": [], "lines": [{"sku": "x"}, 2], "unique": 2, "coupon": "c"}),
    )
    if count:
        with pytest.raises(EventBridgeAssertionError) as caught:
            captured.assert_no_duplicates(key)
        assert len(caught.value.captured) == count
    else:
        assert captured.assert_no_duplicates(key) is None


@pytest.mark.parametrize(
    ("key", "error", "wording"),
    [
        pytest.param("details.id", TypeError, "'details'. Did you mean 'detail'", id="unknown start"),
        pytest.param("detail.order_id", ValueError, "None of the 1 accepted events", id="nothing there"),
        pytest.param("", TypeError, "Allowed: deduplication_id, detail, ", id="empty path"),
        pytest.param(5, TypeError, "key: .* not 5", id="neither path nor function"),
    ],
)
def test_wrong_key_is_a_usage_error(captured: CapturedEvents, key: Any, error: type[Exception], wording: str) -> None:
    """A key that compares nothing is refused instead of holding for ever."""
    emit(an_entry())
    with pytest.raises(error, match=wording):
        captured.assert_no_duplicates(key)


def test_path_into_no_events_at_all_holds(captured: CapturedEvents) -> None:
    """Without events there is nothing to compare, and nothing to complain of."""
    assert captured.assert_no_duplicates("detail.order_id") is None


# --- what all of them share -------------------------------------------------------------------------------------------


def test_view_keeps_what_it_captured_after_its_block(bridge: FakeEventBridge) -> None:
    """A view can be asked after its block, and no longer sees what comes."""
    with bridge.capture() as view:
        emit(*numbered(1))
    emit(*numbered(2))
    assert numbers_of(view.assert_emitted(times=1)) == [1]
    assert numbers_of(bridge.assert_emitted(times=2)) == [1, 2]


def test_view_ends_when_its_block_raises(bridge: FakeEventBridge) -> None:
    """An exception inside the block closes the view like any other way out."""
    with contextlib.suppress(ZeroDivisionError), bridge.capture() as view:
        emit(*numbered(1))
        raise ZeroDivisionError
    emit(*numbered(2))
    assert numbers_of(view.assert_emitted(times=1)) == [1]


def test_views_side_by_side_see_their_own_blocks(bridge: FakeEventBridge) -> None:
    """Two open views both get what is captured while both are open, whichever ends first."""
    with bridge.capture() as first:
        emit(*numbered(1))
        with bridge.capture() as second:
            emit(*numbered(2))
        emit(*numbered(3))
    assert [numbers_of(view.find()) for view in (first, second, bridge)] == [[1, 2, 3], [2], [1, 2, 3]]


def test_clearing_one_view_leaves_the_others(bridge: FakeEventBridge) -> None:
    """A view and the fake forget independently of each other."""
    with bridge.capture() as view:
        emit(*numbered(1))
        bridge.clear()
        bridge.assert_nothing_emitted()
        assert numbers_of(view.find()) == [1]
        emit(*numbered(2))
        view.clear()
    view.assert_nothing_emitted()
    assert numbers_of(bridge.find()) == [2]


def test_clear_forgets_all_outcomes(captured: CapturedEvents) -> None:
    """After `clear()` there is no event, failed entry, dropped event or call."""
    emit(an_entry(), an_entry(detail=MALFORMED), an_entry(EventBusName="nowhere"))
    captured.clear()
    assert [len(part) for part in (captured.events, captured.failed_entries, captured.dropped_events)] == [0, 0, 0]
    assert captured.calls == []
    captured.assert_nothing_emitted()


def test_calls_are_those_of_the_block(captured: CapturedEvents) -> None:
    """Each API call is there once, with its entries."""
    emit(*numbered(1, 2))
    emit(*numbered(3))
    assert [numbers_of(call.entries) for call in captured.calls] == [[1, 2], [3]]


def test_find_returns_a_list_of_its_own(captured: CapturedEvents) -> None:
    """What `find` returns can be changed without changing what was captured."""
    emit(*numbered(1, 2))
    found = captured.find()
    found.clear()
    assert numbers_of(captured.find()) == [1, 2]
    assert captured.find(detail_type="OrderPaid") == []


def test_mistyped_assertion_does_not_exist(captured: CapturedEvents) -> None:
    """A misspelt method is an `AttributeError`, never a check that silently holds."""
    with pytest.raises(AttributeError):
        captured.assert_emited(source="shop.orders")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "fail",
    [
        lambda bridge: bridge.assert_emitted(source="x"),
        lambda bridge: bridge.assert_emitted(sorce="x"),
        lambda bridge: bridge.assert_emitted_once(source="x"),
        lambda bridge: bridge.assert_not_emitted(source="shop.orders"),
        lambda bridge: bridge.assert_not_emitted(source="shop.orders", within=0),
        lambda bridge: bridge.assert_not_emitted(),
        lambda bridge: bridge.assert_nothing_emitted(),
        lambda bridge: bridge.assert_emitted_in_order(ExpectedEvent(source="x")),
        lambda bridge: bridge.assert_emitted_exactly(ExpectedEvent(source="x")),
        lambda bridge: bridge.assert_emitted_exactly({"source": "x"}),
        lambda bridge: bridge.assert_failed(source="x"),
        lambda bridge: bridge.assert_no_lost_events(),
        lambda bridge: bridge.assert_no_duplicates(),
        lambda bridge: bridge.assert_routed("x"),
        lambda bridge: bridge.assert_routed("rule-1", source="x"),
        lambda bridge: bridge.assert_not_routed("rule-1"),
        lambda bridge: bridge.assert_all_routed(),
        lambda bridge: bridge.find({"source": "x"}),
        lambda bridge: bridge.wait_for(source="x", timeout=0),
        lambda bridge: asyncio.run(bridge.wait_for_async(source="x", timeout=0)),
        lambda bridge: bridge.events[9],
        lambda bridge: bridge.verify(),
    ],
)
def test_a_debugger_stops_at_the_line_of_the_test(fail: Callable[[Any], Any], eventbridge: FakeEventBridge) -> None:
    """`--pdb` goes by what stands in a frame: each of ours says that it is to be passed over."""
    eventbridge.add_rule({"source": ["shop.orders"]})
    emit(an_entry(), an_entry(), an_entry(detail=MALFORMED), an_entry(source="shop.billing"))
    unused = eventbridge.fail_entries()
    with pytest.raises((AssertionError, TypeError, IndexError)) as caught:
        fail(eventbridge)
    unused.cancel()
    ours = [entry.frame for entry in caught.traceback if "pytest_eventbridge" in str(entry.path.parent)]
    assert ours
    assert [frame.code.name for frame in ours if "__tracebackhide__" not in frame.f_locals] == []
