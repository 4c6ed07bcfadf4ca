"""Why an expectation is not met: which parts a failure's text has, and its data."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
import textwrap
import unittest
from functools import cache
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import EventBridgeAssertionError, ExpectedEvent, FakeEventBridge
from pytest_eventbridge._explanation import explain_unmet
from pytest_eventbridge._presentation import Presentation, presentation_for


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def emit(*numbers: int, **members: Any) -> None:
    """Send an event for each number, each in a request of its own."""
    for number in numbers:
        entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"n": number})}
        events_client().put_events(Entries=[entry | members])


def error_of(*numbers: int, **criteria: Any) -> EventBridgeAssertionError:
    """Return the failure of an assertion on the events of these numbers."""
    with FakeEventBridge() as bridge:
        emit(*numbers)
    with pytest.raises(EventBridgeAssertionError) as info:
        bridge.assert_emitted(**criteria)
    return info.value


def test_lines_and_near_misses_belong_together() -> None:
    """The near misses that come back are those that the lines describe."""
    with FakeEventBridge() as bridge:
        emit(1, 2, 3)
    lines, near_misses = explain_unmet(
        ExpectedEvent(detail={"n": 3}, source="x"), bridge.events.recorder, Presentation(near_miss_count=2)
    )
    places = [match[1] for line in lines if (match := re.match(r"(?:Closest|Next): (events\[\d\])", line))]
    assert places == [f"events[{near_miss.index}]" for near_miss in near_misses] == ["events[2]", "events[0]"]


def test_every_captured_entry_is_mentioned_once() -> None:
    """What is shown as a near miss is not listed again, and what is not is."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        emit(1, 2, 3, 4)
        emit(5, Source="aws.shop")
        emit(6, EventBusName="nowhere")
    lines, _ = explain_unmet(ExpectedEvent(source="x"), bridge.events.recorder, Presentation())
    places = re.findall(r"(?:events|failed_entries|dropped_events)\[\d\]", "\n".join(lines))
    assert sorted(places) == [
        "dropped_events[0]",
        "events[0]",
        "events[1]",
        "events[2]",
        "events[3]",
        "failed_entries[0]",
    ]


def test_the_failure_carries_its_data() -> None:
    """Expectation, captured events and near misses can be read by tools."""
    error = error_of(1, 2, detail={"n": 3})
    assert error.expected == (ExpectedEvent(detail={"n": 3}),)
    assert [event.detail["n"] for event in error.captured] == [1, 2]
    assert [near_miss.event for near_miss in error.near_misses] == list(error.captured)
    assert [mismatch.path for mismatch in error.near_misses[0].mismatches] == ["detail.n"]


def test_the_failure_survives_pickling() -> None:
    """Text and data come through as they were, as they must from another process."""
    error = error_of(1, 2, detail={"n": 3})
    same = pickle.loads(pickle.dumps(error))
    assert (str(same), same.expected, same.captured) == (str(error), error.expected, error.captured)
    assert same.near_misses == error.near_misses


def test_a_failure_with_a_lambda_survives_pickling() -> None:
    """What cannot be pickled goes as text, and the message as it is."""
    error = error_of(1, where=lambda event: False)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


# --- the same text everywhere -----------------------------------------------------------------------------------------


def test_unittest_shows_the_same_text() -> None:
    """A failure inside a `unittest.TestCase` has the text that it has elsewhere."""

    class Case(unittest.TestCase):
        def test_it(self) -> None:
            with FakeEventBridge() as bridge:
                emit(1)
                bridge.assert_emitted(detail={"n": 2})

    result = unittest.TestResult()
    Case("test_it").run(result)
    ((_, text),) = result.failures
    assert result.errors == []
    assert str(error_of(1, detail={"n": 2})) in text


def test_plain_python_shows_the_same_text() -> None:
    """A program that lets the failure through prints the whole text as its last lines."""
    program = """
        import botocore.session
        from pytest_eventbridge import FakeEventBridge
        client = botocore.session.Session().create_client(
            "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        with FakeEventBridge() as bridge:
            client.put_events(Entries=[{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"n": 1}'}])
            bridge.assert_emitted(detail={"n": 2})
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    _, _, printed = run.stderr.partition("EventBridgeAssertionError: ")
    expected = str(error_of(1, detail={"n": 2}))
    sent_from = re.compile(r"sent from \S+:\d+")
    assert sent_from.sub("", printed).strip() == sent_from.sub("", expected)


@settings(max_examples=25, deadline=None)
@given(numbers=st.lists(st.integers(0, 5), max_size=8))
def test_the_text_is_the_same_in_each_run(numbers: list[int]) -> None:
    """The same events and the same expectation give the same text, so that Hypothesis can shrink to it."""
    criteria: dict[str, Any] = {
        "source": "x",
        "detail": {"n": lambda number: number > 9, "m": [lambda number: False]},
        "where": lambda event: False,
    }
    assert str(error_of(*numbers, **criteria)) == str(error_of(*numbers, **criteria))


def test_hypothesis_shows_the_text_of_its_smallest_example() -> None:
    """Hypothesis finds one failure, not several that differ by their text."""

    @settings(max_examples=50, deadline=None, database=None)
    @given(number=st.integers(0, 1000))
    def check(number: int) -> None:
        with FakeEventBridge() as bridge:
            emit(number)
            bridge.assert_emitted(detail={"n": lambda value: value < 10})

    with pytest.raises(EventBridgeAssertionError, match="got 10"):
        check()


# --- the budget -------------------------------------------------------------------------------------------------------


LETTERS = [f"{one}{other}" for one in "abcdef" for other in "abcdef"]


def bridge_with_ten_thousand() -> FakeEventBridge:
    """Return a fake that captured ten thousand events of five kilobytes."""
    with FakeEventBridge() as bridge:
        for start in range(0, 10_000, 10):
            events_client().put_events(
                Entries=[
                    {
                        "Source": "shop.orders",
                        "DetailType": f"Order{number % 7}",
                        "Detail": json.dumps({"n": number, "lines": list(range(50)), "text": "x" * 4800}),
                    }
                    for number in range(start, start + 10)
                ]
            )
    return bridge


def test_ten_thousand_large_events_give_a_short_text() -> None:
    """However much was captured, each failure's text can be read."""
    bridge = bridge_with_ten_thousand()
    for fails in (
        lambda: bridge.assert_emitted(source="shop.orders", detail_type="Order3", detail={"n": -1, "lines": [1, 2]}),
        lambda: bridge.assert_emitted(source="shop.orders", times=1),
        lambda: bridge.assert_emitted_exactly(*[ExpectedEvent(detail_type="x")] * 2),
        lambda: bridge.assert_emitted_in_order(*[ExpectedEvent(detail_type="Order1")] * 2000),
        bridge.assert_nothing_emitted,
        lambda: bridge.assert_no_duplicates("detail_type"),
        lambda: bridge.assert_no_duplicates(lambda event: event.detail["n"] // 2),
        lambda: bridge.assert_no_duplicates(lambda event: event.detail["n"] % 20),
    ):
        with pytest.raises(EventBridgeAssertionError) as info:
            fails()
        lines = str(info.value).splitlines()
        assert len(lines) < 200
        assert max(map(len, lines)) < 300


def test_many_expectations_give_a_short_text() -> None:
    """A dozen expectations, each with dozens of differences, are no wall of text either."""
    with FakeEventBridge() as bridge:
        emit(*range(30))
    with pytest.raises(EventBridgeAssertionError) as info:
        bridge.assert_emitted_exactly(*[ExpectedEvent(detail_type="x", detail=dict.fromkeys(LETTERS))] * 12)
    assert len(str(info.value).splitlines()) < 200


def test_expectations_that_are_not_shown_are_counted() -> None:
    """Of many expectations without an event some are shown, and the others counted."""
    with FakeEventBridge() as bridge, pytest.raises(EventBridgeAssertionError) as info:
        bridge.assert_emitted_exactly(*[ExpectedEvent(detail={"n": number}) for number in range(14)])
    assert str(info.value).count("Expected:") <= 10
    assert re.search(r"and \d+ more", str(info.value))


@pytest.mark.parametrize("verbosity", [0, 1, 2])
def test_verbosity_lifts_the_number_of_events(verbosity: int) -> None:
    """`-v` lists more of the events, and `-vv` all of them."""
    with FakeEventBridge() as bridge:
        emit(*range(120))
    presentation = presentation_for(verbosity, 100)
    lines, near_misses = explain_unmet(ExpectedEvent(source="x"), bridge.events.recorder, presentation)
    listed = [line for line in lines if line.startswith("  events[")]
    assert len(near_misses) == (2, 5, 20)[verbosity]
    assert len(listed) == (10, 50, 100)[verbosity]
    assert any("more" in line for line in lines) is (verbosity < 2)


def test_verbosity_lifts_the_length_of_a_value() -> None:
    """`-v` shows more of a long value, and `-vv` all of it."""
    with FakeEventBridge() as bridge:
        emit(1)
    expected = ExpectedEvent(detail={"n": "a" * 400})
    texts = [
        "\n".join(explain_unmet(expected, bridge.events.recorder, presentation_for(verbosity, 100))[0])
        for verbosity in (0, 1, 2)
    ]
    assert len(texts[0]) < len(texts[1]) < len(texts[2])
    assert "a" * 400 in texts[2]
    assert "a" * 400 not in texts[1]
