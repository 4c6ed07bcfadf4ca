"""A small shop that announces its orders on EventBridge, and bills them with a Lambda handler that hears of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import boto3

ENTRIES_A_REQUEST = 10
TRIES = 3


@dataclass(frozen=True)
class Order:
    """What was bought."""

    order_id: str
    total: float


class LostEventsError(Exception):
    """EventBridge refused entries again and again."""


class Publisher:
    """Sends entries ten at a time, and those that failed once more."""

    def __init__(self) -> None:
        self._client = boto3.client("events")

    def publish(self, entries: Sequence[dict[str, Any]]) -> None:
        """Send entries; raise when some of them cannot be delivered."""
        for batch in _batches(entries):
            self._publish_batch(batch)

    def _publish_batch(self, batch: list[dict[str, Any]]) -> None:
        for _ in range(TRIES):
            response = self._client.put_events(Entries=batch)
            # A partial failure is no exception: each result entry has to be looked at.
            batch = [entry for entry, result in zip(batch, response["Entries"], strict=True) if "ErrorCode" in result]
            if not batch:
                return
        raise LostEventsError(f"{len(batch)} entries were refused {TRIES} times")


class Shop:
    """Takes orders."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def place(self, *orders: Order) -> None:
        """Place orders and announce each."""
        self._publisher.publish([_entry("OrderPlaced", order) for order in orders])


# What the rule in front of `Billing.handle` lets through.
BILLED_ORDERS = {
    "source": ["shop.orders"],
    "detail-type": ["OrderPlaced"],
    "detail": {"total": [{"numeric": [">", 0]}]},
}


class Billing:
    """Bills orders: the target of a rule."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._billed: set[str] = set()

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, str]:
        """Bill an order once, however often it is told, and announce that."""
        order = Order(**event["detail"])
        if event["id"] in self._billed:
            return {"status": "known", "request_id": context.aws_request_id}
        self._publisher.publish([_entry("OrderBilled", order)])
        self._billed.add(event["id"])
        return {"status": "billed", "request_id": context.aws_request_id}


def _entry(detail_type: str, order: Order) -> dict[str, Any]:
    return {"Source": "shop.orders", "DetailType": detail_type, "Detail": json.dumps(asdict(order))}


def _batches(entries: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(entries), ENTRIES_A_REQUEST):
        yield list(entries[start : start + ENTRIES_A_REQUEST])
