"""What a plain `assert` says when it compares captured events with expected ones."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import botocore.session
import pytest

from pytest_eventbridge import ExpectedEvent, FakeEventBridge
from pytest_eventbridge._comparison import explain_comparison
from pytest_eventbridge._presentation import Presentation

PLACED = ExpectedEvent(detail_type="Placed")
PAID = ExpectedEvent(detail_type="Paid", detail={"n": 2})


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def bridge_with(*detail_types: str, **members: Any) -> FakeEventBridge:
    """Return a fake that captured an event of each type, numbered from 1."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        for number, detail_type in enumerate(detail_types, 1):
            entry = {"Source": "shop", "DetailType": detail_type, "Detail": json.dumps({"n": number})} | members
            events_client().put_events(Entries=[entry])
    return bridge


def explained(op: str, left: Any, right: Any) -> str | None:
    """Return an explanation as one text."""
    lines = explain_comparison(op, left, right, Presentation())
    return None if lines is None else re.sub(r"sent from \S+:\d+", "sent from HERE", "\n".join(lines))


def test_an_event_against_an_expected_one() -> None:
    """The event is shown with where it was sent from and what differs, whichever side it stands on."""
    event = bridge_with("Placed").events[0]
    text = """\
the captured event == the expected event
  default  shop  Placed  {"n": 1}
  sent from HERE
  detail_type: expected 'Paid', got 'Placed'
  detail.n: expected 2, got 1"""
    assert explained("==", event, PAID) == text
    assert explained("==", PAID, event) == text


def test_events_against_expected_ones() -> None:
    """Only what differs is shown, by its place; an event too many and one too few are named."""
    events = bridge_with("Placed", "Paid", "Placed", "Refunded").events
    expected = [PLACED, ExpectedEvent(detail={"n": 7}), PLACED]
    text = """\
4 captured events == 3 expected events
[1] does not match:
  default  shop  Paid  {"n": 2}
  sent from HERE
  detail.n: expected 7, got 2
[3] is one too many: default  shop  Refunded  {"n": 4}"""
    assert explained("==", events, expected) == text
    assert explained("==", expected, events) == text
    assert explained("==", list(events), expected) == text


def test_fewer_events_than_expected() -> None:
    """An expectation without an event is shown with its criteria."""
    text = """\
1 captured event == 2 expected events
[1] is missing:
  detail_type: 'Paid'
  detail: {'n': 2}"""
    assert explained("==", bridge_with("Placed").events, [PLACED, PAID]) == text


def test_no_events_against_expected_ones() -> None:
    """A live sequence without events is one of captured events all the same."""
    assert explained("==", bridge_with().events, [PLACED]) == (
        "0 captured events == 1 expected event\n[0] is missing:\n  detail_type: 'Placed'"
    )


def test_something_else_among_the_expected() -> None:
    """What is no expected event is shown as it is."""
    events = bridge_with("Placed", "Paid").events
    text = explained("==", events, [PLACED, None])
    assert text is not None
    assert text.splitlines()[1:] == ["[1] differs: expected None, got <CapturedEvent 'shop' 'Paid' {\"n\": 2}>"]


def test_an_expected_event_that_is_not_in() -> None:
    """`in` is explained like a failed assertion: with what came closest."""
    text = explained("in", PAID, bridge_with("Placed").events)
    assert text is not None
    assert text.startswith("the expected event in 1 captured event\n")
    assert "Closest: events[0], sent from HERE\n" in text
    assert "detail_type: expected 'Paid', got 'Placed'" in text


def test_a_hint_is_given_here_too() -> None:
    """The cause is named as a failed assertion names it."""
    text = explained("in", PLACED, bridge_with("Placed", EventBusName="odrers").events)
    assert text is not None
    assert "Did you mean 'orders'?" in text


def test_failed_entries_are_compared_with_failed_entries() -> None:
    """What came closest in `failed_entries` is a failed entry, not an event, and that it was refused is no hint."""
    bridge = bridge_with("Refunded", Source="aws.shop")
    with bridge:
        events_client().put_events(Entries=[{"Source": "shop", "DetailType": "Paid", "Detail": '{"n": 1}'}])
    text = explained("in", PAID, bridge.failed_entries)
    assert text is not None
    assert "Closest: failed_entries[0]" in text
    assert "Closest: events[0]" not in text


def test_dropped_events_are_compared_with_dropped_events() -> None:
    """What came closest in `dropped_events` is a dropped event."""
    text = explained("in", PAID, bridge_with("Placed", EventBusName="nowhere").dropped_events)
    assert text is not None
    assert "Closest: dropped_events[0]" in text


@pytest.mark.parametrize("kind", [list, tuple])
def test_an_expected_event_that_is_not_in_a_plain_list(kind: type[list[Any]] | type[tuple[Any, ...]]) -> None:
    """A slice, what `find` returned, or the entries of a call: places are told by their index alone."""
    events = bridge_with("Refunded", "Placed", "Paid").events
    text = """\
the expected event in 2 captured events
Expected:
  detail_type: 'Paid'
  detail: {'n': 2}
Closest: [1], sent from HERE
  detail.n: expected 2, got 3
Next: [0], sent from HERE
  detail_type: expected 'Paid', got 'Placed'"""
    assert explained("in", PAID, kind(events[1:])) == text
    assert explained("in", PAID, []) == (
        "the expected event in 0 captured events\nExpected:\n  detail_type: 'Paid'\n  detail: {'n': 2}"
    )


def test_the_others_in_a_plain_list() -> None:
    """Those that are not among the closest follow, a line for each."""
    text = explained("in", PAID, list(bridge_with("Placed", "Placed", "Paid").events))
    assert text is not None
    assert text.endswith('\nThe others:\n  [0]  default  shop  Placed  {"n": 1}')


def test_an_expected_event_that_should_not_be_in() -> None:
    """Those that match are shown, with their places."""
    events = bridge_with("Placed", "Paid", "Placed").events
    text = """\
the expected event not in 3 captured events
Not expected:
  detail_type: 'Placed'
Matching:
  {0}[0]  default  shop  Placed  {{"n": 1}}
  {0}[2]  default  shop  Placed  {{"n": 3}}"""
    assert explained("not in", PLACED, events) == text.format("events")
    assert explained("not in", PLACED, list(events)) == text.format("")


def test_plain_lists_against_expected_ones() -> None:
    """A tuple is compared like a list, and an empty list is one of captured events where events are expected."""
    events = bridge_with("Placed", "Paid").events
    text = '2 captured events == 1 expected event\n[1] is one too many: default  shop  Paid  {"n": 2}'
    assert explained("==", tuple(events), (PLACED,)) == text
    assert explained("==", [], [PLACED]) == (
        "0 captured events == 1 expected event\n[0] is missing:\n  detail_type: 'Placed'"
    )
    assert explained("==", [PLACED, 5], []) == (
        "0 captured events == 2 expected events\n[0] is missing:\n  detail_type: 'Placed'\n"
        "[1] differs: expected 5, got nothing"
    )


def test_a_tuple_for_a_list() -> None:
    """That one side is a tuple is the cause where all events match, and a cause besides where not all do."""
    events = bridge_with("Placed").events
    note = "A tuple equals no list, whatever is in them. Compare with a list."
    assert explained("==", events, (PLACED,)) == f"1 captured event == 1 expected event\n{note}"
    assert explained("==", (PLACED,), list(events)) == f"1 captured event == 1 expected event\n{note}"
    assert explained("==", tuple(events), [PLACED]) == f"1 captured event == 1 expected event\n{note}"
    text = explained("==", events, (PAID,))
    assert text is not None
    assert text.splitlines()[1:3] == [note, "[0] does not match:"]


def test_many_differences_are_counted() -> None:
    """Ten places are told, and how many more there are."""
    text = explained("==", bridge_with(*["Paid"] * 30).events, [PLACED])
    assert text is not None
    lines = text.splitlines()
    assert len(lines) < 20
    assert lines[-1] == "and 20 more; -v and -vv show more of them"


@pytest.mark.parametrize(
    ("op", "left", "right"),
    [
        pytest.param("!=", PLACED, PAID, id="another operator"),
        pytest.param("==", [1], [2], id="other lists"),
        pytest.param("==", PLACED, PAID, id="two expected events"),
        pytest.param("==", [PLACED], [PAID], id="two lists of expected events"),
        pytest.param("==", [PLACED], 5, id="expected events and something else"),
        pytest.param("in", PLACED, [1, 2], id="in another list"),
        pytest.param("in", 1, [PLACED], id="something else in"),
    ],
)
def test_other_comparisons_are_left_to_pytest(op: str, left: Any, right: Any) -> None:
    """What compares no captured event with an expected one is not ours to explain."""
    assert explained(op, left, right) is None


def test_captured_events_alone_are_left_to_pytest() -> None:
    """Two captured events, and an empty list, are compared as pytest does it."""
    events = bridge_with("Placed", "Paid").events
    assert explained("==", events[0], events[1]) is None
    assert explained("==", events, []) is None
    assert explained("in", events[0], events) is None


def test_calls_are_left_to_pytest() -> None:
    """A call is no event, and an expected event describes none."""
    assert explained("in", PLACED, bridge_with("Placed").calls) is None
    assert explained("==", bridge_with().calls, [PLACED]) is None


def test_other_sessions_are_left_alone(pytester: pytest.Pytester) -> None:
    """In a session that has loaded nothing of the package, a plain assert is pytest's alone, and stays so."""
    pytester.makepyfile(
        """
        import sys

        def test_other():
            assert "pytest_eventbridge._expected" not in sys.modules
            assert [1] == [2]
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E * assert [[]1] == [[]2]"])
