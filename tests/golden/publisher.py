"""The code under test of every golden text: a shop that announces what happens to its orders."""

from __future__ import annotations

import json
from typing import Any

import boto3

events = boto3.client("events", region_name="eu-west-1")

MEMBERS = ("Source", "EventBusName", "Resources", "Time")


def place_order(order_id: object, **values: Any) -> None:
    """Announce an order; what is a member of an entry goes there, anything else into the detail."""
    members = {name: values.pop(name) for name in MEMBERS if name in values}
    send("OrderPlaced", {"order_id": order_id, **values}, **members)


def send(detail_type: str = "OrderPlaced", detail: object = None, **members: Any) -> None:
    """Send one event."""
    entry = {"Source": "shop.orders", "DetailType": detail_type, "Detail": json.dumps(detail)}
    events.put_events(Entries=[entry | members])
