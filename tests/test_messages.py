"""The lines that failures are made of. Whole texts are in `golden/`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any
from unittest.mock import ANY

import botocore.session
import pytest
from botocore.exceptions import ClientError

from pytest_eventbridge import (
    ABSENT,
    CapturedEvent,
    EventBridgeAssertionError,
    Exactly,
    ExpectedEvent,
    FakeEventBridge,
    VerificationError,
)
from pytest_eventbridge._comparison import explain_comparison
from pytest_eventbridge._messages import captured_lines, event_line, expectation_lines, near_miss_lines
from pytest_eventbridge._nearmiss import find_near_misses
from pytest_eventbridge._presentation import Presentation, presentation_for

Situation = Callable[[FakeEventBridge], object]


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def emit(detail: Any = None, **members: Any) -> None:
    """Send one event; `detail` is encoded unless it is a text, other members go as they are."""
    text = detail if isinstance(detail, str) else json.dumps(detail or {})
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": text}
    events_client().put_events(Entries=[entry | members])


def captured(detail: Any = None, **members: Any) -> CapturedEvent:
    """Return the one entry of a request, whatever became of it."""
    with FakeEventBridge() as bridge:
        emit(detail, **members)
    (event,) = bridge.calls[0].entries
    return event


def difference_lines_of(expected: ExpectedEvent, event: CapturedEvent, width: int = 92) -> list[str]:
    """Return the lines that say what differs."""
    near_misses = find_near_misses(expected, [event], 1)
    return [line.strip() for line in near_miss_lines(near_misses, "events", Presentation(width=width))[1:]]


def message_of(situation: Situation) -> str:
    """Return what the check at the end of a situation says."""
    bridge = FakeEventBridge(event_buses=["orders"])
    with bridge, pytest.raises(EventBridgeAssertionError) as info:
        situation(bridge)
    return str(info.value)


# --- expectations and differences -------------------------------------------------------------------------------------


def test_an_expectation_has_its_own_criteria_only() -> None:
    """Each criterion that was given has a line, no other has one."""
    expected = ExpectedEvent(detail={"a": [1, None]}, source="x")
    assert expectation_lines(expected, Presentation()) == ["  source: 'x'", "  detail: {'a': [1, None]}"]


def test_an_expectation_without_criteria() -> None:
    """Where anything will do, that is what is said."""
    assert expectation_lines(ExpectedEvent(), Presentation()) == ["  any event"]


@pytest.mark.parametrize(
    ("expected", "sent", "line"),
    [
        pytest.param({"a": 1}, {"a": 2}, "detail.a: expected 1, got 2", id="value"),
        pytest.param({"a": 1}, {"a": "1"}, "detail.a: expected 1, got the string '1'", id="string for a number"),
        pytest.param({"a": 1}, {"a": True}, "detail.a: expected 1, got the boolean True", id="boolean for a number"),
        pytest.param({"a": [1]}, {"a": {"b": 1}}, "detail.a: expected [1], got the object {'b': 1}", id="object"),
        pytest.param({"a": {"b": 1}}, {"a": [1]}, "detail.a: expected {'b': 1}, got the list [1]", id="list"),
        pytest.param(
            {"a": Decimal("1.5")}, {"a": "1.5"}, "detail.a: expected Decimal('1.5'), got the string '1.5'", id="decimal"
        ),
        pytest.param({"a": "x"}, {"a": 1.5}, "detail.a: expected 'x', got the number 1.5", id="number"),
        pytest.param({"a": 1}, {"a": None}, "detail.a: expected 1, got None", id="null"),
        pytest.param({"a": None}, {"a": 0}, "detail.a: expected None, got the number 0", id="value for a null"),
        pytest.param({"a": 1.5}, {"a": 2}, "detail.a: expected 1.5, got 2", id="one type of number"),
        pytest.param({"a": 1}, {}, "detail.a: expected 1, but it is missing", id="missing"),
        pytest.param({"a": ABSENT}, {"a": None}, "detail.a: not expected, got None", id="not expected"),
        pytest.param(Exactly({}), {"a b": 1}, "detail['a b']: not expected, got 1", id="not expected by Exactly"),
        pytest.param({"a": re.compile("x")}, {"a": "y"}, "detail.a: expected re.compile('x'), got 'y'", id="matcher"),
        pytest.param(
            {"a": [1, 2]}, {"a": [2, 1]}, "detail.a: the same elements in another order, expected [1, 2]", id="order"
        ),
        pytest.param(
            {"a": ["tea", "cup", "pot"]},
            {"a": ["cup", "pot", "tea", "tea"]},
            "detail.a[3]: not expected, got 'tea'",
            id="moved, and one more",
        ),
        pytest.param(
            {"order": {"customer": 1}},
            {"order": {"custmer": 1}},
            "detail.order.customer: expected 1, but it is missing (there is 'custmer')",
            id="misspelled key",
        ),
        pytest.param(
            {"lines": [{"count": 1}]},
            {"lines": [{"cuont": 1}]},
            "detail.lines[0].count: expected 1, but it is missing (there is 'cuont')",
            id="misspelled key in a list",
        ),
        pytest.param({"skus": [1, 2]}, {"skus": [1]}, "detail.skus[1]: expected 2, but it is missing", id="element"),
        pytest.param({"a.b": 1}, {"a": {"c": 1}}, "detail['a.b']: expected 1, but it is missing", id="key with a dot"),
        pytest.param(
            {"order.id": 1},
            {"order": {"id": 1}},
            "detail['order.id']: expected 1, but it is missing (there is detail.order.id)",
            id="path for a key",
        ),
        pytest.param({"abc": 1}, {"abcd": 1, "abc": 2}, "detail.abc: expected 1, got 2", id="no misspelled key"),
    ],
)
def test_a_difference_has_one_line(expected: Any, sent: Any, line: str) -> None:
    """A difference says where, what was expected, and what is there."""
    lines = difference_lines_of(ExpectedEvent(detail=expected), captured(sent))
    assert line in lines
    if "moved" not in line and "tea" not in line:
        assert lines == [line]


def test_differences_outside_the_detail() -> None:
    """Source, event bus, resources, time, trace header and predicate have a line each."""
    expected = ExpectedEvent(
        source="x",
        event_bus=ANY,
        resources=["arn:b"],
        trace_header="Root=1",
        where=lambda event: False,
        time="2024-01-01T00:00:00Z",
    )
    lines = difference_lines_of(expected, captured(Resources=["arn:a"], Time=1_700_000_000), width=200)
    assert [line.partition(":")[0] for line in lines] == ["source", "time", "trace_header", "resources[0]", "where"]
    assert re.fullmatch(r"where: the lambda in (.*/)?test_messages\.py:\d+ says no", lines[-1])


def test_two_times_can_be_told_apart() -> None:
    """In a terminal of usual width two times are shown so that they differ."""
    (line,) = difference_lines_of(ExpectedEvent(time="2024-01-01T00:00:00Z"), captured(Time=1_700_000_000))
    expected, got = re.fullmatch("time: expected (.*), got (.*)", line).groups()  # type: ignore[union-attr]
    assert expected != got


def test_many_differences_have_a_limit() -> None:
    """Hundreds of differences in one event are counted, not all listed."""
    lines = difference_lines_of(ExpectedEvent(detail=Exactly({})), captured({f"key{n}": n for n in range(400)}))
    assert len(lines) < 50
    assert re.search(r"^and \d+ more differences; -v and -vv show more of them$", lines[-1])


def test_deep_path_is_cut() -> None:
    """A difference hundreds of levels down does not fill the screen with its path."""
    expected: Any = 2
    for _ in range(200):
        expected = {"level": expected}
    (line,) = difference_lines_of(ExpectedEvent(detail=expected), captured('{"level":' * 200 + "1" + "}" * 200))
    assert "expected 2, got 1" in line
    assert len(line) <= 100


@pytest.mark.parametrize(
    ("opening", "closing"), [('{"a":', "}"), ("[", "]")], ids=["objects in objects", "lists in lists"]
)
def test_deep_values_are_cut(opening: str, closing: str) -> None:
    """A detail nested as deeply as the service allows is shown like any long value."""
    deep = '{"x": ' + opening * 990 + "1" + closing * 990 + "}"
    (line,) = difference_lines_of(ExpectedEvent(detail={"x": "shallow"}), captured(deep))
    assert line.startswith("detail.x: expected 'shallow', got ")
    assert len(line) <= 100


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "line"),
    [
        pytest.param({}, "default  shop.orders  OrderPlaced  {}", id="accepted"),
        pytest.param({"EventBusName": "orders"}, "orders  shop.orders  OrderPlaced  {}", id="event bus"),
        pytest.param({"Detail": "{"}, "default  shop.orders  OrderPlaced  {  failed: MalformedDetail", id="failed"),
        pytest.param(
            {"Source": "", "DetailType": ""},
            "default  (no source)  (no detail type)  {}  failed: InvalidArgument",
            id="nothing given",
        ),
        pytest.param({"Detail": '{\n  "a": 1\n}'}, 'default  shop.orders  OrderPlaced  { "a": 1 }', id="several lines"),
    ],
)
def test_event_line(members: dict[str, Any], line: str) -> None:
    """An event's line has bus, source, detail type, the detail as sent, and what became of it."""
    assert event_line(captured(**members), 100) == line


@pytest.mark.parametrize("width", [60, 100, 200])
def test_event_line_is_as_wide_as_it_may_be(width: int) -> None:
    """A long detail fills the line, and is cut at its end."""
    line = event_line(captured({"text": "x" * 500}), width)
    assert width - 5 <= len(line) <= width
    assert line.endswith("x...")


def test_a_long_source_does_not_fill_the_screen() -> None:
    """The line of an event has a limit, whatever its source is."""
    assert len(event_line(captured(Source="s" * 50_000), 100)) <= 120


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"Source": "shop\norders"}, id="line break in the source"),
        pytest.param({"DetailType": "Order\r\nPlaced"}, id="line break in the detail type"),
        pytest.param({"Detail": '{\n  "a":\n  1\n}'}, id="pretty-printed detail"),
        pytest.param({"Source": "\x1b[31mshop"}, id="terminal escape in the source"),
        pytest.param({"DetailType": "Order\u2028Placed"}, id="line separator in the detail type"),
        pytest.param({"Detail": '{"a": "\x9b31m"}'}, id="terminal escape in the detail"),
    ],
)
def test_event_takes_one_printable_line(members: dict[str, Any]) -> None:
    """Whatever an entry contains, its line is one line and sends the terminal no commands."""
    line = event_line(captured(**members), 100)
    assert len(line.splitlines()) == 1
    assert line.isprintable()


def test_error_code_of_an_injected_failure_stays_on_its_line() -> None:
    """A code that a test made up cannot break the line either."""

    def situation(bridge: FakeEventBridge) -> None:
        bridge.fail_entries("Odd\nCode", "odd\nmessage")
        emit()
        bridge.assert_emitted(source="x")

    assert "\nCode" not in message_of(situation)


@pytest.mark.parametrize(("count", "listed", "more"), [(10, 10, None), (11, 10, 1), (30, 10, 20)])
def test_some_events_are_listed_and_the_others_counted(count: int, listed: int, more: int | None) -> None:
    """So many events are listed; how many more there are is said, and how to see them."""
    with FakeEventBridge() as bridge:
        for number in range(count):
            emit({"n": number})
    lines = captured_lines(bridge.events.recorder, Presentation(listed_count=10))
    assert sum(line.startswith("  events[") for line in lines) == listed
    assert ([line for line in lines if "more" in line] != []) is (more is not None)
    if more is not None:
        assert lines[-1] == f"  and {more} more; -v and -vv show more of them"


def test_event_that_should_not_be_there_is_shown_however_many_others_are() -> None:
    """The one event that an assertion fails for is shown, even when it comes after ten others."""

    def situation(bridge: FakeEventBridge) -> None:
        for _ in range(12):
            emit()
        emit({"order_id": "o-1"}, DetailType="OrderCancelled")
        bridge.assert_not_emitted(detail_type="OrderCancelled")

    assert 'default  shop.orders  OrderCancelled  {"order_id": "o-1"}' in message_of(situation)


# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        pytest.param({}, "Expected an accepted event that matches", id="none"),
        pytest.param({"times": 0}, "Expected no accepted event that matches", id="times=0"),
        pytest.param({"times": 1}, "Expected exactly 1 accepted event that matches", id="times=1"),
        pytest.param({"times": 3}, "Expected exactly 3 accepted events that match", id="times=3"),
        pytest.param({"at_least": 3}, "Expected at least 3 accepted events that match", id="at_least"),
        pytest.param({"at_most": 1}, "Expected at most 1 accepted event that matches", id="at_most"),
        pytest.param(
            {"at_least": 3, "at_most": 4}, "Expected at least 3 and at most 4 accepted events that match", id="both"
        ),
    ],
)
def test_headline_says_how_many_were_expected(bounds: dict[str, int], wanted: str) -> None:
    """The bounds are in the headline, in grammar."""

    def situation(bridge: FakeEventBridge) -> None:
        emit()
        emit()
        is_too_many = bounds.get("times") == 0 or bounds == {"at_most": 1}
        bridge.assert_emitted(source="shop.orders" if is_too_many else "x", **bounds)

    assert message_of(situation).startswith(f"{wanted}, but ")


def test_headline_of_failed_entries_names_the_code() -> None:
    """How many failed entries were expected is in the headline, and the code among the criteria."""
    message = message_of(lambda bridge: bridge.assert_failed(error_code="InternalFailure", times=2))
    assert message.startswith("Expected exactly 2 failed entries that match, but there is no failed entry.")
    assert "\n  error_code: 'InternalFailure'" in message


def test_a_failed_entry_with_another_code_is_a_near_miss() -> None:
    """An entry that matches in all but its code says so."""

    def situation(bridge: FakeEventBridge) -> None:
        bridge.fail_entries("InternalFailure")
        emit()
        bridge.assert_failed(source="shop.orders", error_code="ThrottlingException")

    message = message_of(situation)
    assert "Closest: failed_entries[0]" in message
    assert "error_code: expected 'ThrottlingException', got 'InternalFailure'" in message


def test_in_order_says_that_the_event_came_earlier() -> None:
    """An event that came before its turn is named, and none that an expectation took already is called close."""

    def situation(bridge: FakeEventBridge) -> None:
        for detail_type in ("Placed", "Shipped", "Paid"):
            emit(DetailType=detail_type)
        bridge.assert_emitted_in_order(*[ExpectedEvent(detail_type=one) for one in ("Placed", "Paid", "Shipped")])

    message = message_of(situation)
    assert re.search(r"events\[1\].*(earlier|before)", message)
    assert "Closest: events[0]" not in message


def test_exactly_says_that_an_event_was_refused() -> None:
    """Of an expected event that was refused the reason is given."""

    def situation(bridge: FakeEventBridge) -> None:
        emit({"n": 1}, Source="aws.shop")
        bridge.assert_emitted_exactly(ExpectedEvent(detail={"n": 1}))

    assert "NotAuthorizedForSourceException" in message_of(situation)


def test_exactly_gives_places_that_can_be_looked_up() -> None:
    """What came closest has its place among all events."""

    def situation(bridge: FakeEventBridge) -> None:
        emit({"n": 1})
        emit({"n": 7})
        bridge.assert_emitted_exactly(ExpectedEvent(detail={"n": 1}), ExpectedEvent(detail={"n": 2}))

    assert "Closest: events[1]" in message_of(situation)


def test_a_failed_request_is_not_nothing() -> None:
    """Where a whole request failed, it is not said that nothing was captured."""

    def situation(bridge: FakeEventBridge) -> None:
        bridge.fail_requests("AccessDeniedException")
        with pytest.raises(ClientError, match="AccessDenied"):
            emit()
        bridge.assert_emitted(source="shop.orders")

    assert "Nothing was captured" not in message_of(situation)


@pytest.mark.parametrize("failure_count", [1, 2])
def test_unused_failures_are_listed_with_a_remedy(failure_count: int) -> None:
    """Each failure that never fired is named as it was written, and what would allow it."""

    def situation(bridge: FakeEventBridge) -> None:
        for number in range(failure_count):
            bridge.fail_entries("InternalFailure", detail={"n": number})
        bridge.verify()

    message = message_of(situation)
    assert message.count("fail_entries('InternalFailure', detail=") == failure_count
    assert "allow_unused_failures" in message


def test_unused_failure_that_skipped_entries_is_not_said_to_match_none() -> None:
    """A failure that let entries pass did apply to them; the message must not deny it."""

    def situation(bridge: FakeEventBridge) -> None:
        bridge.fail_entries(skip=3)
        emit()
        bridge.verify()

    message = message_of(situation)
    assert "skip=3" in message
    assert "Nothing came that they apply to" not in message


def test_unused_failure_shows_no_address() -> None:
    """A failure with a predicate is described the same in each run."""

    def situation(bridge: FakeEventBridge) -> None:
        bridge.fail_entries(where=lambda event: False)
        bridge.verify()

    assert " at 0x" not in message_of(situation)


def test_all_problems_are_in_one_failure() -> None:
    """Each problem is a paragraph, and one of the exception's `problems`."""
    bridge = FakeEventBridge(fail_on_lost_events=True)
    with bridge:
        bridge.fail_entries(source="x")
        emit("{")
        with pytest.raises(ClientError, match="does not play"):
            events_client().list_archives()
    with pytest.raises(VerificationError) as info:
        bridge.verify()
    assert "\n\n".join(info.value.problems) == str(info.value)
    assert len(info.value.problems) == 3


def test_many_lost_events_are_counted() -> None:
    """Of many lost events some are listed, and the others counted."""

    def situation(bridge: FakeEventBridge) -> None:
        for number in range(15):
            emit({"n": number}, Source="aws.shop")
        bridge.assert_no_lost_events()

    message = message_of(situation)
    assert message.startswith("15 events failed and were not accepted later:")
    assert "and 5 more" in message


def test_messages_end_without_white_space() -> None:
    """No line of a message ends in a space, and no message in an empty line."""

    def situation(bridge: FakeEventBridge) -> None:
        emit(Source="aws.shop")
        emit(EventBusName="nowhere")
        emit("{}")
        bridge.assert_emitted(source="x", detail={"a": 1})

    message = message_of(situation)
    assert message == message.rstrip()
    assert [line for line in message.splitlines() if line != line.rstrip()] == []


# --- narrow terminals and large values --------------------------------------------------------------------------------


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    """In a terminal of 40 columns each line that shows values fits, or takes no more than a second one."""
    narrow = presentation_for(0, 32)
    event = captured({"customer": {"address": {"street": "Long street 42"}}, "total": "x" * 100, "lines": [1] * 50})
    detail = {"customer": {"address": {"street": "Long street 43"}}, "total": 12, "lines": [2] * 50}
    expected = ExpectedEvent(source="shop.orders.of.the.whole.world", detail=detail)
    assert max(map(len, expectation_lines(expected, narrow))) <= 32
    assert len(event_line(event, narrow.width)) <= 32
    _, *lines = near_miss_lines(find_near_misses(expected, [event], 1), "events", narrow)
    assert max(map(len, lines)) <= 2 * 40


def test_a_long_error_code_leaves_room_for_what_the_event_is() -> None:
    """What failed is said in full where 40 characters are enough for it."""
    with FakeEventBridge() as bridge:
        emit(Source="aws.shop")
    line = event_line(bridge.failed_entries[0], 50)
    assert line == "default  aws.shop  OrderPlaced  failed: NotAuthorizedForSourceException"


def test_lists_too_long_to_take_apart_are_told_from_where_they_differ() -> None:
    """A list of thousands is one line: how many elements, from which on, and the ends of both."""
    expected = ExpectedEvent(detail={"l": [*range(17), *range(9000, 12000)]})
    assert difference_lines_of(expected, captured({"l": list(range(3000))}), width=130) == [
        "detail.l: from [17] on, expected 3000 elements [9000, 9001, ... 2996 more ..., 11998, 11999], "
        "got 2983 [17, 18, ... 2979 more ..., 2998, 2999]"
    ]


def test_lists_that_differ_from_their_first_element_on() -> None:
    """Nothing is left out at the beginning where nothing is the same."""
    expected = ExpectedEvent(detail={"l": list(range(9000, 12000))})
    (line,) = difference_lines_of(expected, captured({"l": list(range(2000))}))
    assert line.startswith("detail.l: expected 3000 elements [9000, ")


def test_the_failure_of_thousands_of_differences_is_short() -> None:
    """Neither long lists, nor many keys, nor many events make a text of 200 lines."""

    def situation(bridge: FakeEventBridge) -> None:
        for number in range(100):
            emit({"l": list(range(number, number + 2000)), **{f"k{key}": key for key in range(500)}})
        bridge.assert_emitted(detail={"l": list(range(9000, 12000)), **{f"{key}k": key for key in range(500)}})

    assert len(message_of(situation).splitlines()) < 60


def test_a_typo_far_down_is_named() -> None:
    """The key that is there is named although the path to it is too long for the line."""
    outer = {"customer_information_of_the_order": {"shipping_address_details": {"street_name": 1}}}
    wanted = {"customer_information_of_the_order": {"shipping_address_details": {"street_nam": 1}}}
    (line,) = difference_lines_of(ExpectedEvent(detail=wanted), captured(outer))
    assert line.endswith("street_nam: expected 1, but it is missing (there is 'street_name')")


@pytest.mark.parametrize("length", [49_999, 50])
def test_a_huge_key_makes_no_huge_text(length: int) -> None:
    """A key is cut wherever it is shown, and compared with others only where that is quick."""
    lines = difference_lines_of(ExpectedEvent(detail={"k" * length: 1}), captured({"k" * 50_000: 1}))
    assert [len(line) < 120 for line in lines] == [True]


def test_a_plain_list_with_what_is_no_expectation_is_cut() -> None:
    """A value that no event can equal is shown like any other: on one line, within the width."""
    event = captured({"a": "x" * 500})
    lines = explain_comparison("==", [event], ["y" * 5000, ExpectedEvent()], Presentation(width=92))
    assert lines is not None
    assert max(map(len, lines)) < 160


def test_a_thousand_unused_failures_are_within_the_budget() -> None:
    """The first are named, and how many more there are."""

    def situation(bridge: FakeEventBridge) -> None:
        for number in range(1000):
            bridge.fail_entries(source=f"shop.{number}")
        bridge.verify()

    with pytest.raises(VerificationError) as info, FakeEventBridge() as bridge:
        situation(bridge)
    _, *lines = str(info.value).splitlines()
    assert lines[9:11] == [
        "  fail_entries('InternalFailure', source='shop.9')",
        "  and 990 more; -v and -vv show more of them",
    ]
    assert len(lines) < 20


def test_an_operation_that_a_loop_calls_is_one_problem() -> None:
    """What nobody plays is told once for each line that calls it, not for each call."""

    def situation(bridge: FakeEventBridge) -> None:
        for _ in range(1000):
            with suppress(ClientError):
                events_client().list_archives()
        bridge.verify()

    with pytest.raises(VerificationError) as info, FakeEventBridge() as bridge:
        situation(bridge)
    assert str(info.value).count("ListArchives") == 1
