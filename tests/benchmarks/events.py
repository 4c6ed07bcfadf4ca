"""The entries, events and clients that the pieces of work share."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import boto3

from pytest_eventbridge import FakeEventBridge

os.environ |= {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
SESSION = boto3.Session(region_name="us-east-1")
CLIENT = SESSION.client("events")

# What PutEvents takes at once.
REQUEST_SIZE = 10

# Of an order's line as JSON, about.
_LINE_BYTES = 100


def small_entries(count: int) -> list[dict[str, str]]:
    """Return so many entries of a request."""
    return [entry({"order_id": f"o-{number}"}) for number in range(count)]


def entry(detail: dict[str, Any], kind: str = "") -> dict[str, str]:
    """Return the entry of a request; a kind goes into its source and its detail type."""
    return {"Source": f"shop.orders{kind}", "DetailType": f"OrderPlaced{kind}", "Detail": json.dumps(detail)}


def order(number: int, size: int) -> dict[str, Any]:
    """Return the detail of an order, of about so many bytes of JSON."""
    lines = [
        {"sku": f"sku-{(number + 7919 * place) % 1000:06}", "count": place % 9, "price": 99.95, "note": "x" * 40}
        for place in range((size - 50) // _LINE_BYTES)
    ]
    return {"order_id": f"o-{number}", "total": number % 1000, "paid": number % 2 == 0, "lines": lines}


def requests_of(entries: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Yield the entries in requests that are as large as may be."""
    remaining = iter(entries)
    while request := list(islice(remaining, REQUEST_SIZE)):
        yield request


def bridge_with(details: Sequence[dict[str, Any]], *, kind_count: int = 1) -> FakeEventBridge:
    """Return a fake that captured an event for each detail, of so many sources and detail types in turn."""
    entries = (entry(detail, f".{number % kind_count}") for number, detail in enumerate(details))
    with FakeEventBridge() as bridge:
        for request in requests_of(entries):
            CLIENT.put_events(Entries=request)
    return bridge
