"""The shop's tests: what a team that publishes to EventBridge would write."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from shop import BILLED_ORDERS, Billing, LostEventsError, Order, Publisher, Shop

from pytest_eventbridge import ExpectedEvent, FakeEventBridge, Rule


@pytest.fixture
def shop(eventbridge: FakeEventBridge) -> Shop:
    """A shop whose events go to the fake."""
    return Shop(Publisher())


@pytest.fixture
def billing(eventbridge: FakeEventBridge) -> Rule:
    """The rule that feeds the billing."""
    return eventbridge.add_rule(BILLED_ORDERS, Billing(Publisher()).handle, name="billing")


def test_an_order_is_announced(shop: Shop, eventbridge: FakeEventBridge) -> None:
    """One event says what was ordered."""
    shop.place(Order("o-1", total=12.5))

    event = eventbridge.assert_emitted_once(
        source="shop.orders", detail_type="OrderPlaced", detail={"order_id": "o-1", "total": 12.5}
    )
    assert event.event_bus == "default"


def test_many_orders_go_out_ten_at_a_time(shop: Shop, eventbridge: FakeEventBridge) -> None:
    """EventBridge takes ten entries a request."""
    shop.place(*(Order(f"o-{number}", total=1) for number in range(25)))

    assert [len(call.entries) for call in eventbridge.calls] == [10, 10, 5]
    eventbridge.assert_emitted(source="shop.orders", times=25)
    eventbridge.assert_no_duplicates(key="detail.order_id")


def test_a_refused_event_is_sent_again(shop: Shop, eventbridge: FakeEventBridge) -> None:
    """Only the entry that failed is sent again, until EventBridge takes it."""
    eventbridge.fail_entries("ThrottlingException", detail={"order_id": "o-2"}, times=2)

    shop.place(Order("o-1", total=1), Order("o-2", total=2))

    assert eventbridge.events == [ExpectedEvent(detail={"order_id": "o-1"}), ExpectedEvent(detail={"order_id": "o-2"})]
    assert [len(call.entries) for call in eventbridge.calls] == [2, 1, 1]
    eventbridge.assert_no_lost_events()


def test_a_lost_event_is_an_error(shop: Shop, eventbridge: FakeEventBridge) -> None:
    """When EventBridge never takes an entry, the shop says so."""
    eventbridge.fail_entries("InternalFailure", times=None)

    with pytest.raises(LostEventsError, match="1 entries were refused 3 times"):
        shop.place(Order("o-1", total=1))

    eventbridge.assert_failed(error_code="InternalFailure", detail={"order_id": "o-1"}, times=3)
    eventbridge.assert_not_emitted(source="shop.orders")


@pytest.mark.eventbridge_faults("all")
def test_an_order_is_never_lost_in_silence(shop: Shop, eventbridge: FakeEventBridge) -> None:
    """Whatever goes wrong, the order is announced or whoever placed it is told."""
    try:
        shop.place(Order("o-1", total=1))
    except (LostEventsError, ClientError):
        return
    eventbridge.assert_no_lost_events()
    eventbridge.assert_emitted(detail={"order_id": "o-1"})


def test_an_order_is_billed(shop: Shop, billing: Rule, eventbridge: FakeEventBridge) -> None:
    """The event leads to the handler, and what that announces comes after it."""
    shop.place(Order("o-1", total=12.5))

    eventbridge.assert_emitted_in_order(
        ExpectedEvent(detail_type="OrderPlaced", detail={"order_id": "o-1"}),
        ExpectedEvent(detail_type="OrderBilled", detail={"order_id": "o-1"}),
    )
    assert [delivery.result["status"] for delivery in billing.deliveries] == ["billed"]


def test_a_gift_is_not_billed(shop: Shop, billing: Rule, eventbridge: FakeEventBridge) -> None:
    """What costs nothing does not get past the rule."""
    shop.place(Order("o-1", total=0), Order("o-2", total=1))

    eventbridge.assert_not_routed("billing", detail={"order_id": "o-1"})
    eventbridge.assert_routed("billing", detail={"order_id": "o-2"})
    assert billing.explain(eventbridge.events[0]).splitlines()[1:] == ["  detail.total: expected a number > 0, got 0"]


def test_an_order_that_cannot_be_billed_is_not_the_buyers_problem(
    shop: Shop, billing: Rule, eventbridge: FakeEventBridge
) -> None:
    """When EventBridge refuses what the handler announces, the handler fails and the order stands."""
    eventbridge.fail_entries("InternalFailure", detail_type="OrderBilled", times=None)

    shop.place(Order("o-1", total=1))

    (failed,) = billing.failed_deliveries
    assert isinstance(failed.error, LostEventsError)
    eventbridge.assert_emitted_once(detail_type="OrderPlaced")
