"""Where a missing key may be instead: spelled otherwise, one level deeper, or behind a path with dots."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import botocore.session
import pytest

from pytest_eventbridge import CapturedEvent, FakeEventBridge
from pytest_eventbridge._nearby_keys import find_nearby


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def captured(detail: dict[str, Any]) -> CapturedEvent:
    """Send an event with this detail, and return it."""
    with FakeEventBridge(ignore_detail_keys=["_datadog"]) as bridge:
        entry = {"Source": "shop", "DetailType": "OrderPlaced", "Detail": json.dumps(detail)}
        events_client().put_events(Entries=[entry])
    return bridge.events[0]


@pytest.mark.parametrize(
    ("path", "detail", "nearby"),
    [
        pytest.param("detail.order_id", {"oder_id": 1}, "'oder_id'", id="a typo"),
        pytest.param("detail.order_id", {"order": 1}, "'order'", id="half of it"),
        pytest.param("detail.order_id", {"total": 1}, None, id="nothing like it"),
        pytest.param("detail.order_id", {"data": {"order_id": 1}}, "detail.data.order_id", id="one level deeper"),
        pytest.param("detail.lines[1].sku", {"lines": [1, {"a": {"sku": 1}}]}, "detail.lines[1].a.sku", id="in a list"),
        pytest.param("detail.a.sku", {"a": {"b c": {"sku": 1}}}, "detail.a['b c'].sku", id="in an odd key"),
        pytest.param("detail.sku", {"a": {"b": {"sku": 1}}}, None, id="two levels deeper"),
        pytest.param("detail.sku", {"a": [{"sku": 1}]}, None, id="one level deeper, in a list"),
        pytest.param("detail.sku", {"a": "sku"}, None, id="in a text"),
        pytest.param("detail.order_id", {"order": {"order_id": 1}}, "detail.order.order_id", id="before half of it"),
        pytest.param("detail.order_id", {"a": {"order_id": 1}, "orderid": 1}, "'orderid'", id="after a typo"),
        pytest.param("detail['order.id']", {"order": {"id": 1}}, "detail.order.id", id="a path for a key"),
        pytest.param("detail.a['b.c']", {"a": {"b": {"c": None}}}, "detail.a.b.c", id="a path further down"),
        pytest.param("detail['order.id']", {"order": {"no": 1}}, "'order'", id="a path that leads to nothing"),
        pytest.param("detail['order.id']", {"order": "id"}, "'order'", id="a path through a text"),
        pytest.param("detail.a.sku", {"a": ["sku"]}, None, id="a list around it"),
        pytest.param("detail.lines[2].sku", {"lines": [{"sk": 1}]}, None, id="a list that is too short"),
        pytest.param("detail._datadog_id", {"_datadog": 1}, None, id="what no comparison sees"),
        pytest.param("pattern.detail_type", {}, "'detail-type'", id="a member of the envelope"),
        pytest.param("pattern.order_id", {"order_id": 1}, "detail.order_id", id="in the detail of the envelope"),
        pytest.param("pattern.detail.oder_id", {"order_id": 1}, "'order_id'", id="a typo in a pattern"),
        pytest.param("trace_header", {"trace_heder": 1}, None, id="no key at all"),
    ],
)
def test_what_is_there_instead(path: str, detail: dict[str, Any], nearby: str | None) -> None:
    """The surest of what may have been meant, and nothing where all is far."""
    assert find_nearby(path, captured(detail)) == nearby
