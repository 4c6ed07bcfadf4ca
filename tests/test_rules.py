"""Rules: what they take, what their targets are given, and what becomes of what those raise and emit."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import botocore.session
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pytest_eventbridge import Delivery, ExpectedEvent, FakeEventBridge, Rule, VerificationError
from pytest_eventbridge.exceptions import DeliveryLoopError, InvalidEventPattern, TargetStoppedError

PLACED = {"detail-type": ["OrderPlaced"]}
ANY_EVENT = {"source": ["shop.orders"]}


@functools.cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def entry(detail_type: str = "OrderPlaced", number: int = 1, **members: Any) -> dict[str, Any]:
    """Make a request entry."""
    return {"Source": "shop.orders", "DetailType": detail_type, "Detail": json.dumps({"n": number})} | members


def emit(*entries: dict[str, Any]) -> dict[str, Any]:
    """Send entries, one where none is given, and return the response."""
    return events_client().put_events(Entries=list(entries) or [entry()])


def numbers(events: Any) -> list[int]:
    """Return the numbers of captured events, or of envelopes."""
    return [(event if isinstance(event, dict) else event.to_dict())["detail"]["n"] for event in events]


class Inbox(list[Any]):
    """A target that keeps what it is given."""

    def __call__(self, event: Any) -> int:
        self.append(event)
        return len(self)


# ---- which events a rule takes


def test_a_rule_takes_what_its_pattern_matches(eventbridge: FakeEventBridge) -> None:
    """A rule has the accepted events that match, and its target was given the envelope of each."""
    inbox = Inbox()
    rule = eventbridge.add_rule(PLACED, inbox)
    emit(entry(), entry("OrderPaid", 2), entry(number=3))

    assert rule.events == [eventbridge.events[0], eventbridge.events[2]]
    assert rule.events == [ExpectedEvent(detail={"n": 1}), ExpectedEvent(detail={"n": 3})]
    assert inbox == [event.to_dict() for event in rule.events]
    assert [(delivery.event, delivery.payload, delivery.result) for delivery in rule.deliveries] == [
        (rule.events[0], inbox[0], 1),
        (rule.events[1], inbox[1], 2),
    ]
    assert rule.failed_deliveries == ()


@pytest.mark.parametrize(("number", "is_taken"), [(1, True), (2, True), (3, False)])
def test_a_rule_sees_each_value_of_a_repeated_name(number: int, is_taken: bool, eventbridge: FakeEventBridge) -> None:
    """Where `Detail` gives a name twice, either value will do for a rule, as on AWS; the target is given the last."""
    inbox = Inbox()
    rule = eventbridge.add_rule({"detail": {"n": [number]}}, inbox)
    emit(entry(Detail='{"n": 1, "n": 2}'))
    assert numbers(inbox) == [2] * is_taken
    assert rule.takes(eventbridge.events[0]) == is_taken
    assert bool(eventbridge.find(pattern={"detail": {"n": [number]}})) == is_taken
    if not is_taken:
        assert "detail.n: expected 3, got 1 and 2" in rule.explain(eventbridge.events[0])


def test_a_rule_without_a_target_takes_note(eventbridge: FakeEventBridge) -> None:
    """A rule needs no target."""
    rule = eventbridge.add_rule(json.dumps(PLACED))
    emit()
    assert numbers(rule.events) == [1]
    assert rule.deliveries == ()


def test_attributes(eventbridge: FakeEventBridge) -> None:
    """A rule knows its name, its ARN, its event bus and its state."""
    rule = eventbridge.add_rule(PLACED)
    other = eventbridge.add_rule(PLACED, name="audit", event_bus="orders")
    assert (rule.name, rule.event_bus, rule.is_enabled) == ("rule-1", "default", True)
    assert rule.arn == "arn:aws:events:us-east-1:123456789012:rule/rule-1"
    assert other.arn == "arn:aws:events:us-east-1:123456789012:rule/orders/audit"
    assert repr(other) == "<Rule 'audit' on orders: 0 events taken>"
    assert rule.pattern is not None
    assert isinstance(rule, Rule)


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_arns_are_of_the_partition_of_the_region(region: str, partition: str) -> None:
    """The ARNs of a rule and of its target are those that the service has in the region of the fake."""
    with FakeEventBridge(region=region) as bridge:
        rule = bridge.add_rule(PLACED, Inbox())
    assert rule.arn == f"arn:{partition}:events:{region}:123456789012:rule/rule-1"
    assert rule.targets["1"].arn == f"arn:{partition}:lambda:{region}:123456789012:function:Inbox"


def test_default_names_are_free_ones(eventbridge: FakeEventBridge) -> None:
    """A rule without a name gets the first number that nothing has on its event bus."""
    names = [eventbridge.add_rule(PLACED, name=name).name for name in (None, "rule-2", None)]
    assert names == ["rule-1", "rule-2", "rule-3"]
    assert eventbridge.add_rule(PLACED, event_bus="orders").name == "rule-1"


@pytest.mark.parametrize("sent_to", ["orders", "arn:aws:events:eu-west-1:123456789012:event-bus/orders"])
@pytest.mark.parametrize("rule_on", ["orders", "arn:aws:events:us-east-1:123456789012:event-bus/orders"])
def test_rules_are_for_their_event_bus(sent_to: str, rule_on: str, eventbridge: FakeEventBridge) -> None:
    """A rule takes the events of its own event bus, by whatever name they were sent there."""
    rule = eventbridge.add_rule(ANY_EVENT, event_bus=rule_on)
    default = eventbridge.add_rule(ANY_EVENT)
    emit(entry(number=1, EventBusName=sent_to), entry(number=2), entry(number=3, EventBusName="billing"))
    assert numbers(rule.events) == [1]
    assert numbers(default.events) == [2]


@pytest.mark.eventbridge(event_buses=["orders"])
def test_what_failed_or_was_dropped_is_not_taken(eventbridge: FakeEventBridge) -> None:
    """No rule sees an entry that failed, nor one that went nowhere, nor one of a request that failed."""
    rule = eventbridge.add_rule(ANY_EVENT)
    eventbridge.fail_entries(detail={"n": 1})
    eventbridge.fail_requests("AccessDeniedException", skip=1)
    emit(entry(number=1), entry(number=2), entry(number=3, EventBusName="odrers"), entry(number=4, Source=""))
    with pytest.raises(ClientError):
        emit(entry(number=5))
    assert numbers(rule.events) == [2]


def test_what_was_delivered_without_an_answer_is_taken(eventbridge: FakeEventBridge) -> None:
    """An event whose answer got lost is taken, and its retry as well."""
    inbox = Inbox()
    eventbridge.add_rule(ANY_EVENT, inbox)
    eventbridge.fail_requests(ReadTimeoutError, delivered=True)
    emit()
    assert numbers(inbox) == [1, 1]
    assert inbox[0]["id"] != inbox[1]["id"]


def test_each_attempt_is_delivered_once(eventbridge: FakeEventBridge) -> None:
    """An attempt that fails delivers nothing, and the one that is answered does so once."""
    inbox = Inbox()
    eventbridge.add_rule(ANY_EVENT, inbox)
    eventbridge.fail_requests(times=2)
    emit()
    assert numbers(inbox) == [1]


def test_several_rules(eventbridge: FakeEventBridge) -> None:
    """Event by event the rules come in the order in which they were made."""
    seen: list[tuple[str, int]] = []
    for name in ("b", "a"):
        eventbridge.add_rule(ANY_EVENT, lambda event, name=name: seen.append((name, event["detail"]["n"])), name=name)
    emit(entry(number=1), entry(number=2))
    assert seen == [("b", 1), ("a", 1), ("b", 2), ("a", 2)]


def test_clear(eventbridge: FakeEventBridge) -> None:
    """`clear()` forgets what a rule took; the rule itself stays."""
    inbox = Inbox()
    rule = eventbridge.add_rule(ANY_EVENT, inbox)
    emit()
    eventbridge.clear()
    assert rule.events == []
    assert rule.deliveries == ()
    emit(entry(number=2))
    assert numbers(rule.events) == [2]
    assert numbers(inbox) == [1, 2]


def test_clear_keeps_what_nobody_has_noted(eventbridge: FakeEventBridge) -> None:
    """A failed delivery is a problem after `clear()` too, unless the test had read it before."""
    rule = eventbridge.add_rule(ANY_EVENT, fail)
    emit()
    eventbridge.clear()
    with pytest.raises(VerificationError, match="1 delivery failed"):
        eventbridge.verify()
    assert len(rule.failed_deliveries) == 1
    eventbridge.clear()
    assert rule.failed_deliveries == ()


def test_rules_after_the_block() -> None:
    """What rules took can be read when the fake has ended."""
    with FakeEventBridge() as bridge:
        rule = bridge.add_rule(ANY_EVENT)
        emit()
    assert rule.events == bridge.events


def test_explain(eventbridge: FakeEventBridge) -> None:
    """A rule says what keeps it from taking an event."""
    rule = eventbridge.add_rule(PLACED, event_bus="orders", name="audit")
    events_client().disable_rule(Name="audit", EventBusName="orders")
    emit(entry("OrderPaid"))
    assert rule.explain(eventbridge.events[0]).splitlines() == [
        "The rule does not take the event:",
        "  event_bus: sent to 'default', the rule is on 'orders'",
        "  the rule is disabled",
        "  detail-type: expected 'OrderPlaced', got 'OrderPaid'",
    ]
    assert repr(rule) == "<Rule 'audit' on orders disabled: 0 events taken>"


def test_explain_an_event_that_it_takes(eventbridge: FakeEventBridge) -> None:
    """There is nothing to say where the rule takes the event."""
    rule = eventbridge.add_rule(PLACED)
    emit()
    assert rule.explain(eventbridge.events[0]) == "The rule takes the event."


# ---- what a target is given


def test_a_lambda_handler_gets_a_context(eventbridge: FakeEventBridge) -> None:
    """A handler of two arguments gets the event and a context that knows its function."""
    contexts = []

    def handler(event: Any, context: Any) -> str:
        contexts.append(context)
        return event["detail-type"]

    rule = eventbridge.add_rule(ANY_EVENT, handler)
    emit(entry(), entry())
    assert [delivery.result for delivery in rule.deliveries] == ["OrderPlaced"] * 2
    assert {context.function_name for context in contexts} == {"handler"}
    assert {context.invoked_function_arn for context in contexts} == {
        "arn:aws:lambda:us-east-1:123456789012:function:handler"
    }
    assert len({context.aws_request_id for context in contexts}) == 2


class Consumer:
    """A class with a handler."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def handle(self, event: Any) -> None:
        self.seen.append(event)


@pytest.mark.parametrize("make", [Mock, AsyncMock])
def test_a_mock_is_a_target(make: Callable[[], Any], eventbridge: FakeEventBridge) -> None:
    """A mock is called with the envelope alone."""
    mock = make()
    eventbridge.add_rule(ANY_EVENT, mock)
    emit()
    mock.assert_called_once_with(eventbridge.events[0].to_dict())


def test_a_bound_method_and_a_partial_are_targets(eventbridge: FakeEventBridge) -> None:
    """What can be called can be a target."""
    consumer, inbox = Consumer(), Inbox()
    eventbridge.add_rule(ANY_EVENT, consumer.handle)
    eventbridge.add_rule(ANY_EVENT, functools.partial(lambda queue, event: queue(event), inbox))
    emit()
    assert numbers(consumer.seen) == numbers(inbox) == [1]


@pytest.mark.parametrize("is_running", [False, True], ids=["no loop", "a loop"])
def test_a_coroutine_function_is_a_target(is_running: bool, eventbridge: FakeEventBridge) -> None:
    """A coroutine function has ended when `put_events` returns, whether an event loop is running or not."""

    async def handler(event: Any, context: Any) -> Any:
        await asyncio.sleep(0)
        return event["detail"]["n"], context.function_name

    async def call() -> None:
        emit()

    rule = eventbridge.add_rule(ANY_EVENT, handler)
    asyncio.run(call()) if is_running else emit()
    assert [delivery.result for delivery in rule.deliveries] == [(1, "handler")]


def test_what_a_target_changes_is_its_own(eventbridge: FakeEventBridge) -> None:
    """Each target gets an event of its own, and no change of it reaches what was captured or delivered."""

    def vandal(event: Any) -> None:
        event["detail"].clear()
        event.clear()

    inbox = Inbox()
    rule = eventbridge.add_rule(ANY_EVENT, vandal)
    eventbridge.add_rule(ANY_EVENT, inbox)
    emit()
    assert numbers(inbox) == numbers(rule.events) == [1]
    assert rule.deliveries[0].payload == inbox[0]


@pytest.mark.parametrize(
    ("inputs", "payload"),
    [
        ({"input": {"now": True}}, {"now": True}),
        ({"input": '{"now": true}'}, {"now": True}),
        ({"input": [1]}, [1]),
        ({"input_path": "$.detail"}, {"n": 1}),
        ({"input_path": "$.detail.nothing"}, None),
        (
            {"input_transformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"n": <n>}'}},
            {"n": 1},
        ),
        ({"input_transformer": {"InputTemplate": '"<aws.events.rule-name>"'}}, "audit"),
        (
            {"input_transformer": {"InputTemplate": '"<aws.events.rule-arn>"'}},
            "arn:aws:events:us-east-1:123456789012:rule/audit",
        ),
    ],
)
def test_inputs(inputs: dict[str, Any], payload: Any, eventbridge: FakeEventBridge) -> None:
    """A target is given what its input makes of the event."""
    inbox = Inbox()
    rule = eventbridge.add_rule(ANY_EVENT, inbox, name="audit", **inputs)
    emit()
    assert inbox == [payload]
    assert rule.deliveries[0].payload == payload


def test_ingestion_time(eventbridge: FakeEventBridge) -> None:
    """The ingestion time is that of the call, whatever `Time` the event has."""
    rule = eventbridge.add_rule(
        ANY_EVENT, Inbox(), input_transformer={"InputTemplate": '"<aws.events.event.ingestion-time>"'}
    )
    emit(entry(Time="2001-01-01T00:00:00Z"), entry())
    first, second = (delivery.payload for delivery in rule.deliveries)
    assert first == second or first < second
    assert first[:4] != "2001"
    assert eventbridge.events[0].to_dict()["time"] == "2001-01-01T00:00:00Z"


def test_an_input_that_cannot_be_made_is_a_failed_delivery(eventbridge: FakeEventBridge) -> None:
    """Where the template gives no JSON, the target is not called."""
    inbox = Inbox()
    rule = eventbridge.add_rule(
        ANY_EVENT,
        inbox,
        input_transformer={"InputPathsMap": {"a": "$.detail.n"}, "InputTemplate": '{"a": <a>, }'},
    )
    emit()
    assert inbox == []
    (delivery,) = rule.failed_deliveries
    assert "which is no JSON" in str(delivery.error)
    assert delivery.payload is None


# ---- what a target raises


def fail(_: Any) -> None:
    """Raise."""
    raise ValueError("no total")


async def fail_later(_: Any) -> None:
    """Raise in a coroutine."""
    await asyncio.sleep(0)
    raise ValueError("no total")


def leave(_: Any) -> None:
    """Exit."""
    raise SystemExit(1)


async def be_cancelled(_: Any) -> None:
    """Be cancelled."""
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("target", "error"),
    [
        (fail, ValueError),
        (fail_later, ValueError),
        (leave, TargetStoppedError),
        (be_cancelled, TargetStoppedError),
    ],
)
def test_the_caller_does_not_hear_of_it(
    target: Callable[..., Any], error: type[Exception], eventbridge: FakeEventBridge
) -> None:
    """What a target raises is kept, and neither the caller nor the next rule notices."""
    inbox = Inbox()
    rule = eventbridge.add_rule(ANY_EVENT, target)
    eventbridge.add_rule(ANY_EVENT, inbox)
    response = emit()

    assert response["FailedEntryCount"] == 0
    assert eventbridge.calls[0].error is None
    assert numbers(inbox) == [1]
    assert rule.deliveries == ()
    (delivery,) = rule.failed_deliveries
    assert isinstance(delivery, Delivery)
    assert type(delivery.error) is error
    assert (delivery.event, delivery.target, delivery.payload, delivery.result) == (
        eventbridge.events[0],
        target.__name__,
        inbox[0],
        None,
    )


def test_a_failed_delivery_fails_the_test() -> None:
    """What a target raised is a problem at the end, until the test has read it."""
    with FakeEventBridge() as bridge:
        rule = bridge.add_rule(ANY_EVENT, fail)
        emit()
        with pytest.raises(VerificationError) as caught:
            bridge.verify()
        (problem,) = caught.value.problems
        assert problem.splitlines()[0] == "1 delivery failed, of which the caller of put_events does not hear:"
        assert "rule 'rule-1', target fail, raised at " in problem
        assert "    ValueError: no total" in problem

        assert len(rule.failed_deliveries) == 1
        bridge.verify()
        assert len(rule.failed_deliveries) == 1

        emit()
        with pytest.raises(VerificationError):
            bridge.verify()


def test_a_failed_delivery_of_a_rule_that_was_deleted() -> None:
    """Deleting the rule does not do away with what its target raised."""
    with FakeEventBridge() as bridge:
        bridge.add_rule(ANY_EVENT, fail, name="audit")
        emit()
        events_client().remove_targets(Rule="audit", Ids=["1"])
        events_client().delete_rule(Name="audit")
    with pytest.raises(VerificationError, match="1 delivery failed"):
        bridge.verify()


def test_many_failed_deliveries() -> None:
    """The text for failed deliveries has a budget, and no error in it can steer the terminal."""
    with FakeEventBridge() as bridge:
        bridge.add_rule(ANY_EVENT, Mock(side_effect=LookupError("a\x1b[31m")))
        for _ in range(12):
            emit()
    (problem,) = bridge._problems()
    lines = problem.splitlines()
    assert lines[0] == "12 deliveries failed, of which the caller of put_events does not hear:"
    assert lines[2] == "    LookupError: a\\x1b[31m"
    assert len(lines) == 1 + 10 * 4 + 2
    assert lines[-2:] == [
        "  and 2 more; -v and -vv show more of them",
        "Where that is expected, read rule.failed_deliveries in the test.",
    ]


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), pytest.fail.Exception("The handler must not run."), pytest.skip.Exception("Later.")]
)
@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "coroutine"])
def test_the_outcome_of_the_test_is_not_the_targets(
    error: BaseException, is_async: bool, eventbridge: FakeEventBridge
) -> None:
    """`pytest.fail` and the like in a target, and an interrupt, end the test at once."""

    def target(_: Any) -> None:
        raise error

    async def async_target(_: Any) -> None:
        raise error

    rule = eventbridge.add_rule(ANY_EVENT, async_target if is_async else target)
    with pytest.raises(type(error)):
        emit()
    assert rule.failed_deliveries == ()
    assert len(eventbridge.events) == 1
    assert eventbridge.calls[0].error is error


# ---- what a target emits


def test_what_a_target_emits_is_captured_and_routed(eventbridge: FakeEventBridge) -> None:
    """An event leads to the next by way of a target, and calls stay in the order in which they came."""
    inbox = Inbox()

    def pay(event: Any) -> None:
        emit(entry("OrderPaid", event["detail"]["n"] * 10))

    placed = eventbridge.add_rule(PLACED, pay)
    paid = eventbridge.add_rule({"detail-type": ["OrderPaid"]}, inbox)
    response = emit(entry(number=1), entry(number=2))

    assert numbers(eventbridge.events) == [1, 2, 10, 20]
    assert numbers(placed.events) == [1, 2]
    assert numbers(paid.events) == numbers(inbox) == [10, 20]
    assert [len(call.entries) for call in eventbridge.calls] == [2, 1, 1]
    first = eventbridge.calls[0]
    assert first.response is not None
    assert first.response["Entries"] == response["Entries"]
    assert [result["EventId"] for result in response["Entries"]] == [event.event_id for event in eventbridge.events[:2]]
    assert "test_rules.py" in eventbridge.events[2].sent_from


def test_the_answer_is_recorded_before_a_target_runs(eventbridge: FakeEventBridge) -> None:
    """A target can see the event that it is given in the record, and what it emits comes behind it."""
    seen: list[int] = []
    eventbridge.add_rule(ANY_EVENT, lambda event: seen.append(len(eventbridge.events)))
    emit(entry(), entry())
    assert seen == [2, 2]


def test_targets_run_without_the_lock(eventbridge: FakeEventBridge) -> None:
    """A target may wait for a thread that publishes."""
    emitted = []

    def target(_: Any) -> None:
        thread = threading.Thread(target=lambda: emitted.append(emit(entry("OrderPaid"))))
        thread.start()
        thread.join(timeout=60)
        assert not thread.is_alive()

    rule = eventbridge.add_rule(PLACED, target)
    eventbridge.fail_requests(ReadTimeoutError, delivered=True)
    emit()
    assert rule.failed_deliveries == ()
    assert len(emitted) == 2


def test_threads_lose_nothing(eventbridge: FakeEventBridge) -> None:
    """Many threads at once: each event reaches the target once, and the rule has them in the order of capture."""
    inbox = Inbox()
    rule = eventbridge.add_rule(ANY_EVENT, inbox)
    threads = [threading.Thread(target=lambda: [emit(entry(), entry()) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inbox) == len(rule.deliveries) == 320
    assert rule.events == list(eventbridge.events)
    assert {event["id"] for event in inbox} == {event.event_id for event in eventbridge.events}


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "coroutine"])
def test_a_loop(is_async: bool) -> None:
    """A rule whose target emits what the rule takes is stopped, and the text says how it goes round."""

    def echo(event: Any) -> None:
        emit()

    async def async_echo(event: Any) -> None:
        emit()

    with FakeEventBridge() as bridge:
        rule = bridge.add_rule(ANY_EVENT, async_echo if is_async else echo, name="echo")
        emit()
        assert len(rule.deliveries) == 16
        (delivery,) = rule.failed_deliveries
    assert isinstance(delivery.error, DeliveryLoopError)
    assert str(delivery.error) == (
        "Not delivered, because 16 deliveries led to it, each by an event that the target of the one before emitted. "
        "The rules go round: 'echo' -> 'echo'."
    )
    assert len(rule.events) == len(bridge.events) == 17


def test_a_loop_of_two_rules_that_doubles() -> None:
    """A loop is stopped before it takes exponential time, and those outside of it go on."""

    def answer(detail_type: str) -> Callable[[Any], None]:
        return lambda event: emit(entry(detail_type), entry(detail_type)) and None

    inbox = Inbox()
    with FakeEventBridge() as bridge:
        rules = [
            bridge.add_rule({"detail-type": ["Ping"]}, answer("Pong"), name="ping"),
            bridge.add_rule({"detail-type": ["Pong"]}, answer("Ping"), name="pong"),
        ]
        bridge.add_rule({"detail-type": ["Ping"]}, inbox, name="after")
        emit(entry("Ping"))
        failed = [delivery for rule in rules for delivery in rule.failed_deliveries]
    assert len(failed) == 1
    assert "The rules go round: 'ping' -> 'pong' -> 'ping'." in str(failed[0].error)
    assert len(bridge.events) < 50
    assert numbers(inbox)[-1:] == [1]


def test_a_long_way_that_is_no_loop() -> None:
    """A way of too many rules is cut off as well, and the text shows the whole of it."""
    with FakeEventBridge() as bridge:
        rules = [
            bridge.add_rule(
                {"detail-type": [f"Step{number}"]},
                lambda event, number=number: emit(entry(f"Step{number + 1}")) and None,
                name=f"r{number}",
            )
            for number in range(20)
        ]
        emit(entry("Step0"))
        failed = [delivery for rule in rules for delivery in rule.failed_deliveries]
    assert len(failed) == 1
    assert str(failed[0].error).endswith(
        f"the last of more than 16 deliveries, each by an event that the target of the one before emitted: "
        f"{' -> '.join(repr(f'r{number}') for number in range(17))}."
    )


# ---- what cannot be a rule


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"pattern": "no json"}, InvalidEventPattern, r"^Event pattern is not valid\. Reason: "),
        ({"pattern": None}, TypeError, r"^An event pattern is a dict or JSON text, not NoneType: None\.$"),
        ({"target": "handler"}, TypeError, r"^target: a function of the event is required"),
        ({"name": 1}, TypeError, r"^name: a string is required, not 1\.$"),
        ({"name": "a b"}, ValueError, r"^name: up to 64 letters, digits, .* are required, not 'a b'\.$"),
        ({"name": "a" * 65}, ValueError, r"^name: up to 64 letters"),
        ({"name": "taken"}, ValueError, r"^There is a rule 'taken' on the event bus 'default' already\.$"),
        ({"event_bus": None}, TypeError, r"^event_bus: the name of an event bus or its ARN is required, not None\.$"),
        ({"event_bus": ""}, TypeError, r"^event_bus: "),
        (
            {"event_bus": "odrers"},
            ValueError,
            r"^Unknown event bus 'odrers'\. Did you mean 'orders'\? Allowed: default, orders\.$",
        ),
        ({"input": "{}"}, TypeError, r"^input: it has no effect without a target\.$"),
        ({"input_path": "$"}, TypeError, r"^input_path: it has no effect without a target\.$"),
        ({"target": print, "input": 1, "input_path": "$"}, TypeError, r"^Give one of input, input_path\.$"),
        ({"target": print, "input": "plain"}, ValueError, r"^JSON syntax error in input for target 1: "),
        ({"target": print, "input": object()}, TypeError, "not JSON serializable"),
        ({"target": print, "input_path": 1}, TypeError, r"^input_path: a JSON path is required, not 1\.$"),
        ({"target": print, "input_path": "detail"}, ValueError, r"^input_path: 'detail' leads nowhere, because"),
        ({"target": print, "input_transformer": "<a>"}, TypeError, r"^input_transformer: a dict with an InputTemplate"),
        ({"target": print, "input_transformer": {}}, TypeError, r"^input_transformer: a dict with an InputTemplate"),
        (
            {"target": print, "input_transformer": {"InputTemplate": "<a>", "InputPathMap": {}}},
            TypeError,
            r"^Unknown member of input_transformer 'InputPathMap'\. Did you mean 'InputPathsMap'\?",
        ),
        (
            {"target": print, "input_transformer": {"InputTemplate": "<a>", "InputPathsMap": {"a": 1}}},
            TypeError,
            r"^input_transformer: InputPathsMap takes a dict of JSON paths, not \{'a': 1\}\.$",
        ),
        (
            {"target": print, "input_transformer": {"InputTemplate": "<a>", "InputPathsMap": ["a"]}},
            TypeError,
            r"^input_transformer: InputPathsMap takes a dict of JSON paths",
        ),
        (
            {"target": print, "input_transformer": {"InputTemplate": "<a>"}},
            ValueError,
            r"^InputTemplate for target 1 contains invalid placeholder a\.$",
        ),
    ],
)
@pytest.mark.eventbridge(event_buses=["orders"])
def test_what_is_no_rule(
    arguments: dict[str, Any], error: type[Exception], text: str, eventbridge: FakeEventBridge
) -> None:
    """A mistake is said at once, and leaves no rule behind."""
    eventbridge.add_rule(PLACED, name="taken")
    with pytest.raises(error, match=text):
        eventbridge.add_rule(**{"pattern": PLACED, **arguments})
    assert [rule.name for rule in eventbridge._rules] == ["taken"]


# ---- targets behind ARNs

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"


@pytest.mark.parametrize("order", ["bound first", "bound later"])
def test_bound_target(order: str, eventbridge: FakeEventBridge) -> None:
    """A target that was put by its ARN is delivered to the function bound to it."""
    inbox = Inbox()
    client = events_client()
    if order == "bound first":
        eventbridge.bind_target(QUEUE, inbox)
    client.put_rule(Name="audit", EventPattern=json.dumps(PLACED))
    client.put_targets(Rule="audit", Targets=[{"Id": "q", "Arn": QUEUE, "InputPath": "$.detail"}])
    if order == "bound later":
        eventbridge.bind_target(QUEUE, inbox)
    emit()
    assert inbox == [{"n": 1}]
    eventbridge.assert_routed("audit", detail={"n": 1})


def test_unbound_target(eventbridge: FakeEventBridge) -> None:
    """A target that nothing is bound to gets nothing, and that is no failure."""
    client = events_client()
    client.put_rule(Name="audit", EventPattern=json.dumps(PLACED))
    client.put_targets(Rule="audit", Targets=[{"Id": "q", "Arn": QUEUE}])
    emit()
    assert len(eventbridge.assert_routed("audit")) == 1
    eventbridge.verify()


def test_bound_lambda(eventbridge: FakeEventBridge) -> None:
    """A Lambda handler bound to the ARN of its function finds itself in the context."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:audit"
    seen: list[Any] = []
    eventbridge.bind_target(arn, lambda event, context: seen.append(context))
    client = events_client()
    client.put_rule(Name="audit", EventPattern=json.dumps(PLACED))
    client.put_targets(Rule="audit", Targets=[{"Id": "f", "Arn": arn}])
    emit()
    assert [(context.function_name, context.invoked_function_arn) for context in seen] == [("audit", arn)]


@pytest.mark.parametrize(("arn", "target"), [("orders", print), (None, print), (QUEUE, None), (QUEUE, "f")])
def test_what_cannot_be_bound(arn: Any, target: Any, eventbridge: FakeEventBridge) -> None:
    """An ARN and something that can be called are required."""
    with pytest.raises(TypeError, match=r"is required"):
        eventbridge.bind_target(arn, target)
