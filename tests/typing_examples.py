"""What a type checker says of a user's test: checked by mypy and pyright, never run.

Each line that is wrong on purpose carries the comment that allows it; an allowance that nothing needs is itself an
error, so every one of these mistakes is proved to be found.
"""

from __future__ import annotations

from unittest.mock import ANY

from typing_extensions import assert_type

from pytest_eventbridge import (
    ABSENT,
    CapturedEvent,
    CapturedRawEvent,
    Delivery,
    EventPattern,
    Exactly,
    ExpectedEvent,
    FakeEventBridge,
    InjectedFailure,
    Rule,
)


def right(eventbridge: FakeEventBridge) -> None:
    """What the contract allows is no type error, and results have their types."""
    assert_type(eventbridge.find(source="shop.orders"), list[CapturedEvent])
    assert_type(eventbridge.assert_emitted_once(detail={"order_id": ANY, "coupon": ABSENT}), CapturedEvent)
    assert_type(eventbridge.assert_emitted(detail=Exactly({"order_id": "o-1"}), times=2), list[CapturedEvent])
    assert_type(eventbridge.fail_entries("ThrottlingException", times=None, rate=0.5, seed=1), InjectedFailure)
    assert_type(eventbridge.events[0], CapturedEvent)
    assert_type(eventbridge.events[1:], list[CapturedEvent])
    assert_type(eventbridge.raw_events[0], CapturedRawEvent)
    assert_type(eventbridge.raw_events[0].data, bytes)
    eventbridge.assert_emitted(event_group_id="order-1")
    eventbridge.assert_emitted(ExpectedEvent(where=lambda event: event.region == "eu-west-1"))
    assert_type(eventbridge.add_rule({"source": ["shop.orders"]}, lambda event: event["detail"]), Rule)
    assert_type(
        eventbridge.add_rule('{"source": ["shop.orders"]}', print, input={"now": True}).events[0], CapturedEvent
    )
    assert_type(eventbridge.add_rule({"source": ["shop.orders"]}).failed_deliveries, tuple[Delivery, ...])
    assert_type(eventbridge.assert_routed("audit", detail={"order_id": "o-1"}), list[CapturedEvent])
    pattern = EventPattern({"source": ["shop.orders"]})
    assert_type(pattern.matches(eventbridge.events[0]), bool)
    assert_type(pattern.explain({"source": "shop.orders"}), str)
    eventbridge.assert_emitted(pattern=pattern)
    eventbridge.find(pattern='{"source": ["shop.orders"]}')
    with eventbridge.serve() as endpoint:
        assert_type((endpoint.url, endpoint.env), tuple[str, dict[str, str]])
    with FakeEventBridge(event_buses=["orders"], region="eu-west-1") as bridge, bridge.capture() as captured:
        captured.assert_nothing_emitted()


def mistyped(eventbridge: FakeEventBridge) -> None:
    """A mistyped criterion, option or method is a type error."""
    eventbridge.assert_emitted(detial={"order_id": "o-1"})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    eventbridge.find(sources="shop.orders")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    eventbridge.fail_entries(detail_typ="OrderPlaced")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ExpectedEvent(soruce="shop.orders")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FakeEventBridge(regin="eu-west-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FakeEventBridge(account_id=123456789012)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    EventPattern(["shop.orders"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    eventbridge.assert_emited(source="shop.orders")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    eventbridge.assert_routed("audit", detial={})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    eventbridge.add_rule(["shop.orders"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    eventbridge.events.append(None)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
