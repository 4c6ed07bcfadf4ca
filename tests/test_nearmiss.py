"""Which captured events are taken for close to an expectation, and what is said to differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import ANY

import botocore.session
import pytest
from dirty_equals import IsInt
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import ABSENT, CapturedEvent, Exactly, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._differences import Difference
from pytest_eventbridge._nearmiss import NearMiss, NearMissSearch, find_near_misses

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b"]),
    lambda members: st.lists(members, max_size=4) | st.dictionaries(st.sampled_from("abc"), members, max_size=3),
    max_leaves=12,
)


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def captured(*entries: dict[str, Any]) -> list[CapturedEvent]:
    """Return the events that a fake captures for these members: `detail` as an object, the others as on the wire."""
    with FakeEventBridge() as bridge:
        for members in entries:
            entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"} | members
            if "detail" in entry:
                entry["Detail"] = json.dumps(entry.pop("detail"))
            events_client().put_events(Entries=[entry])
    return list(bridge.events)


def differences(expected: Any, actual: Any) -> list[tuple[str, Any, Any]]:
    """Return what the near miss says differs between two values at `detail.at`."""
    expectation = ExpectedEvent(detail={"at": expected})
    (near_miss,) = find_near_misses(expectation, captured({"detail": {"at": actual}}), 1)
    return [(difference.path, difference.expected, difference.actual) for difference in near_miss.differences]


def captured_at(value: Any) -> CapturedEvent:
    """Return an event that holds a value at `detail.at`, or nothing there."""
    return captured({"detail": {} if value is ABSENT else {"at": value}})[0]


def is_even(number: int) -> bool:
    """Serve as a predicate."""
    return number % 2 == 0


# --- ranking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criteria", "farther", "closer"),
    [
        pytest.param(
            {"source": "shop.orders", "detail": {"a": 1, "b": 2, "c": 3}},
            {"Source": "shop.other", "detail": {"a": 1, "b": 2, "c": 3}},
            {"detail": {}},
            id="another source is farther than any detail",
        ),
        pytest.param(
            {"detail_type": "OrderPlaced", "detail": {"a": 1, "b": 2}, "resources": ["arn:x"], "event_bus": "orders"},
            {"DetailType": "Other", "detail": {"a": 1, "b": 2}, "Resources": ["arn:x"], "EventBusName": "orders"},
            {},
            id="another detail type is farther than all other criteria together",
        ),
        pytest.param(
            {"source": "shop.orders", "detail_type": "OrderPlaced"},
            {"Source": "shop.other", "DetailType": "Other"},
            {"DetailType": "Other"},
            id="source and detail type are farther than one of them",
        ),
        pytest.param(
            {"event_bus": "orders", "detail": {"a": 1, "b": 2, "c": 3}},
            {"detail": {"a": 1, "b": 2}},
            {"EventBusName": "orders", "detail": {}},
            id="two criteria are farther than three differences within one",
        ),
        pytest.param(
            {"detail": {"a": 1, "b": 2, "c": 3}},
            {"detail": {"a": 1}},
            {"detail": {"a": 1, "b": 2}},
            id="two differences are farther than one",
        ),
        pytest.param(
            {"detail": {"lines": [{"sku": "a", "n": 1}]}},
            {"detail": {"lines": [{"sku": "b", "n": 2}]}},
            {"detail": {"lines": [{"sku": "b", "n": 1}]}},
            id="differences inside a list count one by one",
        ),
        pytest.param(
            {"resources": ["arn:a", "arn:b"]},
            {"Resources": ["arn:c"]},
            {"Resources": ["arn:a"]},
            id="two resources missing are farther than one",
        ),
        pytest.param(
            {"trace_header": ABSENT, "detail": {"a": 1}},
            {"TraceHeader": "Root=1"},
            {"TraceHeader": "Root=1", "detail": {"a": 1}},
            id="a trace header counts as one criterion",
        ),
    ],
)
def test_the_closer_event_comes_first(
    criteria: dict[str, Any], farther: dict[str, Any], closer: dict[str, Any]
) -> None:
    """The closest event is first wherever it stands among the captured ones."""
    expected = ExpectedEvent(**criteria)
    for entries, closest in (((farther, closer), 1), ((closer, farther), 0)):
        near_misses = find_near_misses(expected, captured(*entries), 2)
        assert [near_miss.index for near_miss in near_misses] == [closest, 1 - closest]


def test_equally_close_events_come_in_the_order_of_capture() -> None:
    """The order is stable: among equals the earlier event is first."""
    events = captured(*[{"detail": {"n": number}} for number in (1, 2, 3, 4)])
    near_misses = find_near_misses(ExpectedEvent(detail={"n": 9}), events, 3)
    assert [near_miss.index for near_miss in near_misses] == [0, 1, 2]


@pytest.mark.parametrize(
    ("expected", "sent", "closest"),
    [
        pytest.param("OrderPayed", ["OrderPlaced", "OrderPaid", "Orderpayed"], "Orderpayed", id="but for case"),
        pytest.param("OrderPayed", ["OrderPlaced", "OrderPaid"], "OrderPaid", id="the less of it differs"),
        pytest.param("OrderPayed", ["OrderPlaced", "OrdrePayed"], "OrdrePayed", id="a typo"),
        pytest.param("aaa", ["b", "aa"], "aa", id="a part of it"),
        pytest.param("a", ["b", "aab"], "aab", id="it is a part"),
        pytest.param("x" * 120, ["y" * 120, "x" * 119], "x" * 119, id="long"),
    ],
)
@pytest.mark.parametrize("count", [1, 100])
def test_of_equally_close_events_the_one_with_the_nearest_text_is_first(
    expected: str, sent: list[str], closest: str, count: int
) -> None:
    """Few or many, of events that miss as much the one comes first that looks most like what was meant."""
    *others, last = sent
    events = captured(*[{"DetailType": one} for one in others * count], {"DetailType": last})
    [near_miss] = find_near_misses(ExpectedEvent(detail_type=expected), events, 1)
    assert near_miss.event.detail_type == closest
    events = captured(*[{"detail": {"type": one}} for one in sent])
    [near_miss] = find_near_misses(ExpectedEvent(detail={"type": expected}), events, 1)
    assert near_miss.event.detail == {"type": closest}


def test_events_that_match_are_no_near_misses() -> None:
    """What matches is left out, and the index still counts it."""
    events = captured({"detail": {"n": 1}}, {"detail": {"n": 2}}, {"detail": {"n": 1}})
    (near_miss,) = find_near_misses(ExpectedEvent(detail={"n": 1}), events, 5)
    assert (near_miss.index, near_miss.event) == (1, events[1])


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_there_are_no_more_near_misses_than_asked_for(count: int) -> None:
    """`count` bounds them from above; fewer events give fewer."""
    events = captured({}, {}, {})
    assert len(find_near_misses(ExpectedEvent(source="x"), events, count)) == min(count, 3)


def test_no_events_have_no_near_miss() -> None:
    """Where nothing was captured nothing is close."""
    assert find_near_misses(ExpectedEvent(source="x"), [], 3) == []


def test_near_miss_is_a_value() -> None:
    """Two near misses of the same event with the same differences are equal."""
    events = captured({"detail": {"n": 1}})
    expected = ExpectedEvent(detail={"n": 2})
    (near_miss,) = find_near_misses(expected, events, 1)
    (mismatch,) = expected.mismatches(events[0])
    difference = Difference(path="detail.n", expected=2, actual=1)
    assert near_miss == NearMiss(event=events[0], index=0, mismatches=(mismatch,), differences=(difference,))


def test_mismatches_come_in_the_order_of_the_criteria() -> None:
    """Source and detail type are named first, the detail last, in the order of its keys."""
    expected = ExpectedEvent(detail={"b": 1, "a": 2}, resources=["arn:x"], event_bus="orders", source="x")
    (near_miss,) = find_near_misses(expected, captured({}), 1)
    paths = [mismatch.path for mismatch in near_miss.mismatches]
    assert paths == ["source", "event_bus", "resources[0]", "detail.b", "detail.a"]


# --- differences between lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual", "result"),
    [
        pytest.param([1, 2, 3], [1, 3], [("[1]", 2, ABSENT)], id="missing in the middle"),
        pytest.param([1, 3], [1, 2, 3], [("[1]", ABSENT, 2)], id="too many in the middle"),
        pytest.param(["a", "b"], ["b"], [("[0]", "a", ABSENT)], id="missing at the front"),
        pytest.param([], [1, 2], [("[0]", ABSENT, 1), ("[1]", ABSENT, 2)], id="none expected"),
        pytest.param([1, 2], [], [("[0]", 1, ABSENT), ("[1]", 2, ABSENT)], id="none there"),
        pytest.param([None], [None, None], [("[1]", ABSENT, None)], id="null is an element"),
        pytest.param([1], [1.0, 2], [("[1]", ABSENT, 2)], id="one is one point nought"),
        pytest.param(["1"], [1, 2], [("[0]", "1", 1), ("[1]", ABSENT, 2)], id="text is no number"),
        pytest.param([{"a": 1}], [{"a": 1}, {"a": 2}], [("[1]", ABSENT, {"a": 2})], id="objects"),
        pytest.param([{"a": 1}], [{"a": 2}, 3], [("[0].a", 1, 2), ("[1]", ABSENT, 3)], id="value inside an object"),
        pytest.param([{"a b": 1}], [{"a b": 2}, 3], [("[0]['a b']", 1, 2), ("[1]", ABSENT, 3)], id="key with a space"),
        pytest.param(
            [{"a": 1, "b": 2}], [{"a": 1}, 3], [("[0].b", 2, ABSENT), ("[1]", ABSENT, 3)], id="key missing in an object"
        ),
        pytest.param([{"a": 1}], [{"a": 1, "b": 2}, 3], [("[1]", ABSENT, 3)], id="key more in an object is ignored"),
        pytest.param(
            [{"a": 1}, {"a": 3}],
            [{"a": 1, "b": 1}, {"a": 3, "b": 2}, {"a": 2, "b": 3}],
            [("[2]", ABSENT, {"a": 2, "b": 3})],
            id="objects with more keys than expected",
        ),
    ],
)
def test_lists_of_different_length_are_taken_apart(
    expected: Any, actual: Any, result: list[tuple[str, Any, Any]]
) -> None:
    """Elements that are missing, too many or different are named one by one, in the order of the list."""
    assert differences(expected, actual) == [(f"detail.at{path}", *values) for path, *values in result]


@pytest.mark.parametrize(
    ("expected", "actual", "result"),
    [
        pytest.param([[1, 2], [3]], [[1], [3]], [("[0][1]", 2, ABSENT)], id="only the inner list differs"),
        pytest.param([[1]], [[1], [2]], [("[1]", ABSENT, [2])], id="only the outer list differs"),
        pytest.param([[1, 2]], [[1], []], [("[0][1]", 2, ABSENT), ("[1]", ABSENT, [])], id="both differ"),
        pytest.param([[[1]]], [[[1, 2]]], [("[0][0][1]", ABSENT, 2)], id="three deep"),
        pytest.param(
            [{"lines": [{"sku": "a"}]}],
            [{"lines": [{"sku": "a"}, {"sku": "b"}]}],
            [("[0].lines[1]", ABSENT, {"sku": "b"})],
            id="list in an object in a list",
        ),
        pytest.param(
            [{"lines": [{"sku": "a"}]}],
            [{"lines": [{"sku": "a"}, {"sku": "b"}]}, {}],
            [("[0].lines[1]", ABSENT, {"sku": "b"}), ("[1]", ABSENT, {})],
            id="list in an object in a list, and an object more",
        ),
    ],
)
def test_lists_in_lists_are_taken_apart(expected: Any, actual: Any, result: list[tuple[str, Any, Any]]) -> None:
    """Each level is compared on its own, so that the difference is named where it is."""
    assert differences(expected, actual) == [(f"detail.at{path}", *values) for path, *values in result]


def test_list_where_something_else_is_expected_stays_whole() -> None:
    """A list against an object, a text or nothing is one difference."""
    assert differences([1], {"a": 1}) == [("detail.at", [1], {"a": 1})]
    assert differences({"a": 1}, [1]) == [("detail.at", {"a": 1}, [1])]
    assert differences("a", ["a"]) == [("detail.at", "a", ["a"])]
    assert differences(ABSENT, [1]) == [("detail.at", ABSENT, [1])]


@pytest.mark.parametrize(
    ("matcher", "accepted"),
    [
        pytest.param(ANY, 1, id="ANY"),
        pytest.param(IsInt(), 1, id="dirty-equals"),
        pytest.param(re.compile("a+"), "aa", id="regular expression"),
        pytest.param(is_even, 2, id="predicate"),
        pytest.param({"n": IsInt()}, {"n": 1, "m": 2}, id="inside an object"),
        pytest.param(Exactly({"n": 1}), {"n": 1}, id="Exactly"),
    ],
)
def test_lists_with_a_matcher_are_taken_apart(matcher: Any, accepted: Any) -> None:
    """A matcher stands for the elements that it accepts, in a list of any length."""
    assert differences([matcher], [accepted, "more"]) == [("detail.at[1]", ABSENT, "more")]
    assert differences([matcher, "less"], [accepted]) == [("detail.at[1]", "less", ABSENT)]
    assert differences([matcher, "this"], [accepted, "that"]) == [("detail.at[1]", "this", "that")]


def test_a_matcher_that_fails_on_another_element_does_not_fail_the_search() -> None:
    """What was written for one element need not take the others."""
    expected = [{"n": lambda number: number > 5}, {"n": 2}]
    actual = [{"n": "text"}, {"n": 6}, {"n": 2}]
    assert differences(expected, actual) == [("detail.at[0]", ABSENT, {"n": "text"})]


def test_exactly_holds_in_a_list_that_is_taken_apart() -> None:
    """A key too many is a difference in the elements that are to be exact."""
    assert differences(Exactly([{"n": 1}]), [{"n": 1, "m": 2}, 3]) == [
        ("detail.at[0].m", ABSENT, 2),
        ("detail.at[1]", ABSENT, 3),
    ]
    assert differences([Exactly({"n": [1]})], [{"n": [1, 2]}, 3]) == [
        ("detail.at[0].n[1]", ABSENT, 2),
        ("detail.at[1]", ABSENT, 3),
    ]


@pytest.mark.parametrize(
    ("expected", "actual", "result"),
    [
        pytest.param("abc", "axbc", [("[1]", ABSENT, "x")], id="one inserted"),
        pytest.param("abc", "xab", [("[0]", ABSENT, "x"), ("[2]", "c", ABSENT)], id="shifted, of the same length"),
        pytest.param("abc", "axc", [("[1]", "b", "x")], id="one changed"),
        pytest.param("abcd", "xbyczd", [("[0]", "a", "x"), ("[2]", ABSENT, "y"), ("[4]", ABSENT, "z")], id="mixed"),
        pytest.param("aab", "ab", [("[1]", "a", ABSENT)], id="one of two equal ones"),
    ],
)
def test_elements_are_aligned(expected: str, actual: str, result: list[tuple[str, Any, Any]]) -> None:
    """An element that was inserted or removed is one difference, and does not make others of those behind it."""

    def values(letters: str) -> list[Any]:
        return [{"name": letter, "count": [1]} for letter in letters]

    found = [
        (path.removesuffix(".name"), *(value["name"] if isinstance(value, dict) else value for value in pair))
        for path, *pair in differences(values(expected), values(actual))
    ]
    assert found == [(f"detail.at{path}", *pair) for path, *pair in result]


def test_two_changed_elements_and_one_inserted_are_three_differences() -> None:
    """Each is named where it stands, however alike the elements are."""
    expected = [{"sku": "tea", "count": 1}, {"sku": "cup", "count": 2}, {"sku": "pot", "count": 1}]
    actual = [{"sku": "tea", "count": 9}, {"sku": "cup", "count": 2}, {"sku": "mug", "count": 3}]
    actual += [{"sku": "pot", "count": 8}]
    assert differences(expected, actual) == [
        ("detail.at[0].count", 1, 9),
        ("detail.at[2]", ABSENT, {"sku": "mug", "count": 3}),
        ("detail.at[3].count", 1, 8),
    ]


def test_difference_that_cannot_be_taken_apart_stays_whole() -> None:
    """Where the elements alone explain nothing, the two lists are shown as they are."""
    assert differences([ABSENT], []) == [("detail.at", [ABSENT], [])]


def test_long_lists_stay_whole() -> None:
    """Aligning two long lists takes longer than a reader waits."""
    expected, actual = list(range(300)), list(range(400, 699))
    assert differences(expected, actual) == [("detail.at", expected, actual)]


def test_long_lists_with_few_differences_are_taken_apart() -> None:
    """What two long lists begin and end with needs no search."""
    expected = list(range(300))
    assert differences(expected, [*expected[:200], "x", *expected[201:], "y"]) == [
        ("detail.at[200]", 200, "x"),
        ("detail.at[300]", ABSENT, "y"),
    ]


# --- elements that moved ----------------------------------------------------------------------------------------------


def differences_of(expected: Any, actual: Any) -> tuple[Difference, ...]:
    """Return the differences between two values at `detail.at`, as they are."""
    (near_miss,) = find_near_misses(ExpectedEvent(detail={"at": expected}), captured({"detail": {"at": actual}}), 1)
    return near_miss.differences


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        pytest.param([1, 2, 3], [3, 1, 2], id="numbers"),
        pytest.param(["a", None, True], [True, "a", None], id="scalars of each type"),
        pytest.param([{"a": 1, "b": 2}, {"a": 2}], [{"a": 2}, {"b": 2, "a": 1}], id="objects"),
        pytest.param([[1], [2, 3]], [[2, 3], [1]], id="lists"),
        pytest.param(Exactly([1, 2]), [2, 1], id="Exactly"),
        pytest.param([{"a": 1}, {"a": 2}], [{"a": 2, "b": 1}, {"a": 1, "b": 2}], id="objects with more keys"),
        pytest.param([ANY, 2], [2, 1], id="a matcher"),
    ],
)
def test_another_order_is_one_difference(expected: Any, actual: Any) -> None:
    """A list with the expected elements in another order says so, once, instead of naming each element."""
    (difference,) = differences_of(expected, actual)
    assert (difference.path, difference.is_reordered) == ("detail.at", True)


def test_another_order_deep_inside_is_one_difference() -> None:
    """A list is found in another order wherever it is."""
    (difference,) = differences_of([{"b": {"c": [1, 2]}}], [{"b": {"c": [2, 1]}}])
    assert (difference.path, difference.is_reordered) == ("detail.at[0].b.c", True)


def test_another_order_does_not_hide_what_else_differs() -> None:
    """Beside a list in another order other differences are named."""
    paths = [difference.path for difference in differences_of({"a": [1, 2], "b": 1}, {"a": [2, 1], "b": 2})]
    assert paths == ["detail.at.a", "detail.at.b"]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        pytest.param([1, 2], [2, 2], id="one twice"),
        pytest.param([1, True], [True, True], id="true for 1"),
        pytest.param([1, 2], [1, 2, 3], id="one more"),
        pytest.param([IsInt(), 2], [2, "1"], id="a matcher"),
    ],
)
def test_other_elements_are_not_another_order(expected: Any, actual: Any) -> None:
    """Only the very same elements are said to be in another order."""
    assert not any(difference.is_reordered for difference in differences_of(expected, actual))


def test_an_element_that_moved_is_one_difference() -> None:
    """What is missing at one place and too much at another has moved."""
    found = differences_of(["tea", "cup", "pot"], ["cup", "pot", "can", "tea"])
    moved, added = sorted(found, key=lambda one: one.moved_from is None)
    assert (moved.path, moved.moved_from, moved.actual) == ("detail.at[3]", "detail.at[0]", "tea")
    assert (added.path, added.expected, added.actual) == ("detail.at[2]", ABSENT, "can")


# --- many events ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criteria", "closest"),
    [
        pytest.param({"detail": {"n": 250, "text": "x"}}, {"n": 250}, id="text that is part of another"),
        pytest.param({"detail": Exactly({"n": 1, "name": "Ada"})}, {"name": "Ada"}, id="Exactly"),
        pytest.param({"detail": {"list": ["first", 2], "m": 1, "k": None}}, {"list": ["first", 2], "m": 1}, id="list"),
        pytest.param({"detail_type": "Other", "source": "shop.orders"}, None, id="detail type"),
    ],
)
def test_the_closest_of_many_is_found(criteria: dict[str, Any], closest: Any) -> None:
    """Of more events than are compared in full the closest is among those that are."""
    events = captured(*[{"detail": {"text": "y"}}] * 230)
    entry: dict[str, Any] = {"detail": closest} if closest is not None else {"DetailType": "Other", "Source": "x"}
    events += captured(entry)
    near_misses = find_near_misses(ExpectedEvent(**criteria), events, 1)
    assert near_misses[0].index == (230 if closest is not None else 0)


def test_several_expectations_search_the_same_events() -> None:
    """What is known of the events' texts from one search serves the next, whatever kind it looks for."""
    entries = [{"detail": {"n": number}, "DetailType": f"Kind{number % 2}"} for number in range(120)]
    search = NearMissSearch(captured(*entries))
    found = [
        search.find(ExpectedEvent(detail_type=f"Kind{kind}", detail={"n": number, "m": 1}), 1)[0].index
        for kind, number in ((0, 100), (1, 101), (0, 7), (2, 8))
    ]
    assert found == [100, 101, 0, 8]


# --- deep values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nest", [lambda inner: [inner], lambda inner: {"a": inner}], ids=["lists in lists", "objects in objects"]
)
def test_deep_nesting_has_a_near_miss(nest: Callable[[Any], Any]) -> None:
    """A list that nests hundreds of levels deep differs like any other; the search for the difference does not fail."""
    deep: Any = 1
    for _ in range(450):
        deep = nest(deep)
    paths = [path for path, _, _ in differences([deep], [deep, 2])]
    assert paths in (["detail.at[1]"], ["detail.at"])


@settings(max_examples=150, deadline=None)
@given(expected=JSON_VALUES, actual=JSON_VALUES)
def test_near_miss_always_says_what_differs(expected: Any, actual: Any) -> None:
    """An event is a near miss exactly when it does not match, and says at least one difference, none twice."""
    expectation = ExpectedEvent(detail={"at": expected})
    (event,) = captured({"detail": {"at": actual}})
    near_misses = find_near_misses(expectation, [event], 1)
    assert bool(near_misses) is not expectation.matches(event)
    for near_miss in near_misses:
        assert near_miss.differences
        assert len(near_miss.differences) == len(set(map(repr, near_miss.differences)))


@settings(max_examples=100, deadline=None)
@given(members=st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True), data=st.data())
def test_one_element_less_is_one_difference(members: list[str], data: st.DataObject) -> None:
    """Take one of several different elements out of a list, and exactly that one is named, from either side."""
    place = data.draw(st.integers(0, len(members) - 1))
    shorter = members[:place] + members[place + 1 :]
    assert differences(members, shorter) == [(f"detail.at[{place}]", members[place], ABSENT)]
    assert differences(shorter, members) == [(f"detail.at[{place}]", ABSENT, members[place])]
