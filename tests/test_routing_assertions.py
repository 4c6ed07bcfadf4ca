"""Asserting on what rules took: what holds, what does not, and what each failure says."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from pytest_eventbridge import CapturedEvent, EventBridgeAssertionError, ExpectedEvent, FakeEventBridge, Rule

PLACED = {"detail-type": ["OrderPlaced"]}
ANY_EVENT = {"source": ["shop.orders"]}


@functools.cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def emit(number: int = 1, detail_type: str = "OrderPlaced", **members: Any) -> None:
    """Send one entry with a number in its detail."""
    entry = {"Source": "shop.orders", "DetailType": detail_type, "Detail": json.dumps({"n": number})}
    events_client().put_events(Entries=[entry | members])


def failure(assertion: Callable[..., Any], *args: Any, **criteria: Any) -> EventBridgeAssertionError:
    """Return what an assertion that does not hold raises."""
    with pytest.raises(EventBridgeAssertionError) as caught:
        assertion(*args, **criteria)
    return caught.value


@pytest.fixture
def rule(eventbridge: FakeEventBridge) -> Rule:
    """A rule that takes placed orders."""
    return eventbridge.add_rule(PLACED, name="audit")


@pytest.mark.parametrize("name", ["audit", "default/audit", "arn:aws:events:us-east-1:123456789012:rule/audit", None])
def test_how_a_rule_is_named(name: str | None, rule: Rule, eventbridge: FakeEventBridge) -> None:
    """A rule is meant by its name, its event bus and name, its ARN, or the object."""
    emit()
    assert eventbridge.assert_routed(name or rule) == [eventbridge.events[0]]


@pytest.mark.usefixtures("rule")
def test_same_name_on_two_event_buses(eventbridge: FakeEventBridge) -> None:
    """Where two rules have the name, the event bus has to be said."""
    eventbridge.add_rule(PLACED, name="audit", event_bus="orders")
    emit(EventBusName="orders")
    with pytest.raises(TypeError, match=r"^'audit' is the name of several rules. Give one of 'default/audit', "):
        eventbridge.assert_routed("audit")
    assert len(eventbridge.assert_routed("orders/audit")) == 1
    eventbridge.assert_not_routed("default/audit")


@pytest.mark.usefixtures("rule")
def test_rule_that_was_deleted(eventbridge: FakeEventBridge) -> None:
    """What a deleted rule took can be asserted on; a new one of its name takes its place."""
    emit(1)
    events_client().delete_rule(Name="audit")
    emit(2)
    assert eventbridge.assert_routed("audit") == [ExpectedEvent(detail={"n": 1})]
    eventbridge.add_rule(PLACED, name="audit")
    emit(3)
    assert eventbridge.assert_routed("audit") == [ExpectedEvent(detail={"n": 3})]


@pytest.mark.parametrize("method", ["assert_routed", "assert_not_routed"])
def test_no_such_rule(method: str, eventbridge: FakeEventBridge) -> None:
    """A rule that is not there is a failure: the code under test may have been meant to put it."""
    assertion = getattr(eventbridge, method)
    assert str(failure(assertion, "audit")) == "There is no rule 'audit'. There is none at all."
    eventbridge.add_rule(PLACED, name="audits")
    eventbridge.add_rule(PLACED, name="billing")
    assert str(failure(assertion, "audit")) == (
        "There is no rule 'audit'. Did you mean 'audits'? There are: audits, billing."
    )


@pytest.mark.parametrize("method", ["assert_routed", "assert_not_routed"])
@pytest.mark.parametrize("named", [None, 1, PLACED], ids=repr)
def test_what_names_no_rule(named: Any, method: str, eventbridge: FakeEventBridge) -> None:
    """A rule or the name of one is required."""
    with pytest.raises(TypeError, match=r"^rule: a Rule or the name of one is required"):
        getattr(eventbridge, method)(named)


@pytest.mark.parametrize("method", ["assert_routed", "assert_not_routed"])
def test_unknown_criterion(method: str, rule: Rule, eventbridge: FakeEventBridge) -> None:
    """A mistyped criterion is a usage error."""
    with pytest.raises(TypeError, match="Unknown criterion 'detial'"):
        getattr(eventbridge, method)(rule, detial={})


# ---- assert_routed


def test_routed(rule: Rule, eventbridge: FakeEventBridge) -> None:
    """The matching events that the rule took come back, in the order of capture."""
    for number in (1, 2, 1):
        emit(number)
    emit(1, "OrderPaid")
    first, second, third, _ = eventbridge.events
    assert eventbridge.assert_routed(rule) == [first, second, third]
    assert eventbridge.assert_routed("audit", detail={"n": 1}) == [first, third]
    assert eventbridge.assert_routed("audit", ExpectedEvent(detail={"n": 2})) == [second]


def lines_of(error: EventBridgeAssertionError) -> list[str]:
    """Return the lines of a failure, without the places in this file."""
    return [line.partition(", sent from")[0] for line in str(error).splitlines()]


def test_not_taken(rule: Rule, eventbridge: FakeEventBridge) -> None:
    """An event that matches and was not taken is explained, that with the fewest reasons first."""
    emit(1, "OrderPaid", EventBusName="orders")
    emit(1, "OrderPaid")
    emit(2)
    error = failure(eventbridge.assert_routed, rule, detail={"n": 1})
    lines = lines_of(error)
    assert lines[:4] == [
        "Expected the rule 'audit' to take an event that matches, but the one that it took does not.",
        "Expected:",
        "  detail: {'n': 1}",
        "events[1]",
    ]
    assert lines[4].startswith("  detail-type: ")
    assert lines[5:7] == ["events[0]", "  event_bus: sent to 'orders', the rule is on 'default'"]
    assert lines[-1] == '  events[2]  default  shop.orders  OrderPlaced  {"n": 2}'
    assert error.captured == tuple(eventbridge.events)
    assert error.expected == (ExpectedEvent(detail={"n": 1}),)


def test_many_taken_and_not_taken(rule: Rule, eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many events a rule took and did not take, none is compared with another."""
    for number in range(3):
        emit(number)
        emit(number, "OrderShipped")
    monkeypatch.setattr(CapturedEvent, "__eq__", lambda *_: pytest.fail("compared"))
    text = str(failure(eventbridge.assert_routed, rule, detail={"n": 7}))
    assert "none of the 3 that it took does" in text
    text = str(failure(eventbridge.assert_routed, rule, detail_type="OrderShipped"))
    assert "events[1], sent from " in text


def test_rule_that_came_too_late(eventbridge: FakeEventBridge) -> None:
    """A rule that would take the event now had not been there, or had been another one, when it was sent."""
    emit()
    rule = eventbridge.add_rule(PLACED)
    assert lines_of(failure(eventbridge.assert_routed, rule))[-1] == (
        "  The rule takes it as it is now: it was put, enabled or changed after the event was sent."
    )


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ([], "there is no accepted event"),
        ([2], "the one that it took does not"),
        ([2, 3], "none of the 2 that it took does"),
    ],
)
def test_not_emitted(numbers: list[int], found: str, rule: Rule, eventbridge: FakeEventBridge) -> None:
    """Where no event matches at all, the failure says what came closest."""
    for number in numbers:
        emit(number)
    error = failure(eventbridge.assert_routed, rule, detail={"n": 1})
    assert lines_of(error)[0] == f"Expected the rule 'audit' to take an event that matches, but {found}."
    assert [near_miss.event for near_miss in error.near_misses] == list(eventbridge.events)


@pytest.mark.parametrize(
    ("numbers", "found"),
    [([1], "it did not take the one accepted event"), ([1, 2], "it took none of the 2 accepted events")],
)
def test_none_taken(numbers: list[int], found: str, rule: Rule, eventbridge: FakeEventBridge) -> None:
    """Where the rule took nothing, the failure says so."""
    for number in numbers:
        emit(number, "OrderPaid")
    error = failure(eventbridge.assert_routed, rule)
    assert lines_of(error)[0] == f"Expected the rule 'audit' to take an event that matches, but {found}."


# ---- assert_not_routed


def test_not_routed(rule: Rule, eventbridge: FakeEventBridge) -> None:
    """It holds when the rule took no event that matches, whatever else was emitted."""
    eventbridge.assert_not_routed(rule)
    emit(1)
    emit(2, "OrderPaid")
    eventbridge.assert_not_routed("audit", detail={"n": 2})
    eventbridge.assert_not_routed("audit", ExpectedEvent(detail_type="OrderPaid"))


@pytest.mark.parametrize(
    ("numbers", "count"),
    [([1], "1 event that does"), ([2, 1], "1 event that does"), ([1, 1], "2 events that do")],
)
def test_routed_after_all(numbers: list[int], count: str, rule: Rule, eventbridge: FakeEventBridge) -> None:
    """The failure lists what the rule took and should not have."""
    for number in numbers:
        emit(number)
    error = failure(eventbridge.assert_not_routed, rule, detail={"n": 1})
    assert lines_of(error)[:4] == [
        f"Expected the rule 'audit' to take no event that matches, but it took {count}.",
        "Not expected:",
        "  detail: {'n': 1}",
        "Taken:",
    ]
    places = [f"rule.events[{index}]" for index, number in enumerate(numbers) if number == 1]
    assert lines_of(error)[4::2] == [f'  {place}  default  shop.orders  OrderPlaced  {{"n": 1}}' for place in places]
    assert error.captured == tuple(rule.events)


# ---- assert_all_routed


@pytest.mark.usefixtures("rule")
def test_all_routed(eventbridge: FakeEventBridge) -> None:
    """It holds when each accepted event was taken, or would be now; failed entries do not count."""
    eventbridge.assert_all_routed()
    emit()
    events_client().delete_rule(Name="audit")
    emit(2, "OrderPaid", Source="")
    emit(3, "OrderPaid")
    assert failure(eventbridge.assert_all_routed).captured == (eventbridge.events[1],)
    eventbridge.add_rule(ANY_EVENT)
    eventbridge.assert_all_routed()


def test_an_event_that_was_taken_by_a_rule_that_has_changed(rule: Rule, eventbridge: FakeEventBridge) -> None:
    """An event was routed when a rule took it at the time."""
    emit()
    events_client().put_rule(Name="audit", EventPattern='{"source": ["nobody"]}')
    assert rule.explain(eventbridge.events[0]).startswith("The rule does not take the event:")
    eventbridge.assert_all_routed()


def test_some_not_routed(rule: Rule, eventbridge: FakeEventBridge) -> None:
    """The failure has each event that no rule takes, and why the rules that came closest do not."""
    for number in range(4):
        eventbridge.add_rule({"detail-type": ["x"], "source": ["y"]}, name=f"r{number}", event_bus="orders")
    emit(1)
    emit(2, "OrderPaid")
    error = failure(eventbridge.assert_all_routed)
    lines = str(error).splitlines()
    assert lines[:2] == [
        "1 accepted event is taken by no rule:",
        '  default  shop.orders  OrderPaid  {"n": 2}',
    ]
    assert lines[2].startswith("    sent from ")
    assert lines[3].startswith("    rule 'audit': detail-type: ")
    assert lines[4].startswith("    rule 'r0': event_bus: sent ")  # the middle is cut where the terminal is narrow
    assert lines[4].endswith(" is on 'orders', and 2 more reasons")
    assert len(lines) == 6
    assert error.captured == (eventbridge.events[1],)


def test_many_not_routed(eventbridge: FakeEventBridge) -> None:
    """The failure has a budget."""
    for number in range(12):
        emit(number)
    lines = str(failure(eventbridge.assert_all_routed)).splitlines()
    assert lines[0] == "12 accepted events are taken by no rule:"
    assert lines[-2:] == ["  and 2 more; -v and -vv show more of them", "There is no rule."]
