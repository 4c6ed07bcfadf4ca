"""`assert_emitted` among many events, when it holds and when it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from deepdiff import DeepDiff

from pytest_eventbridge import ExpectedEvent, FakeEventBridge
from pytest_eventbridge.exceptions import EventBridgeAssertionError

from .events import bridge_with, order
from .measuring import Sample, timed
from .rows import MILLISECONDS, OURS, Row, at_most, at_most_times

COMPREHENSION: Final = "comprehension over entries"
DECODED: Final = "comprehension over decoded ones"
DEEP_DIFF: Final = "DeepDiff of each near one"
DECODING: Final = "floor: json.loads of each"

_KIND_COUNT: Final = 10
_MOST_TIMES: Final = 1.5
_MOST_SECONDS_BY_KIND: Final = 5e-3

_FAILING_COUNT: Final = 10_000
_NEAR_COUNT: Final = 500
_FAILING_BYTES: Final = 5_000
_MOST_SECONDS_TO_FAIL: Final = 0.5
# Of the report of a failure, which has to stay readable.
_MOST_LINES: Final = 200


@contextmanager
def matching_by_detail(count: int) -> Iterator[Mapping[str, Sample]]:
    """Assert on source, detail type and three keys of the detail, among so many events of 1 KB; one matches.

    A user who holds the entries, as `mock.patch` does, has to decode; one who has decoded them all before need not.
    """
    details = [order(number, 1000) for number in range(count)]
    bridge = bridge_with(details, kind_count=_KIND_COUNT)
    entries = [dict(event.entry) for event in bridge.events]
    decoded = [{**one, "Detail": detail} for one, detail in zip(entries, details, strict=True)]
    number = count - _KIND_COUNT

    def over_entries() -> list[Any]:
        return [
            one
            for one in entries
            if one["Source"] == "shop.orders.0"
            and one["DetailType"] == "OrderPlaced.0"
            and (detail := json.loads(one["Detail"]))["order_id"] == f"o-{number}"
            and detail["total"] == number % 1000
            and detail["paid"] is True
        ]

    def over_decoded() -> list[Any]:
        return [
            one
            for one in decoded
            if one["Source"] == "shop.orders.0"
            and one["DetailType"] == "OrderPlaced.0"
            and one["Detail"]["order_id"] == f"o-{number}"
            and one["Detail"]["total"] == number % 1000
            and one["Detail"]["paid"] is True
        ]

    def ours() -> list[Any]:
        detail = {"order_id": f"o-{number}", "total": number % 1000, "paid": True}
        return bridge.assert_emitted(source="shop.orders.0", detail_type="OrderPlaced.0", detail=detail)

    assert len(ours()) == len(over_entries()) == len(over_decoded()) == 1
    yield {OURS: timed(ours), COMPREHENSION: timed(over_entries), DECODED: timed(over_decoded)}


@contextmanager
def matching_by_kind(count: int) -> Iterator[Mapping[str, Sample]]:
    """Assert on source and detail type alone, among so many events."""
    bridge = bridge_with([{}] * count, kind_count=_KIND_COUNT)
    entries = [dict(event.entry) for event in bridge.events]

    def over_entries() -> list[Any]:
        return [one for one in entries if one["Source"] == "shop.orders.1" and one["DetailType"] == "OrderPlaced.1"]

    def ours() -> list[Any]:
        return bridge.assert_emitted(source="shop.orders.1", detail_type="OrderPlaced.1")

    assert len(ours()) == len(over_entries()) == count // _KIND_COUNT
    yield {OURS: timed(ours), COMPREHENSION: timed(over_entries)}


@contextmanager
def failing(assertion: Callable[[FakeEventBridge], object]) -> Iterator[Mapping[str, Sample]]:
    """Let an assertion fail over many events, of which some are of the expected kind.

    DeepDiff is given those alone: for all of them it would take twenty times as long.
    """
    details = [order(number, _FAILING_BYTES) for number in range(_FAILING_COUNT)]
    kind_count = _FAILING_COUNT // _NEAR_COUNT
    bridge = bridge_with(details, kind_count=kind_count)
    near = details[::kind_count]

    def ours() -> str:
        try:
            assertion(bridge)
        except EventBridgeAssertionError as error:
            return str(error)
        raise RuntimeError("The assertion holds.")

    assert len(ours().splitlines()) < _MOST_LINES
    yield {
        OURS: timed(ours),
        DEEP_DIFF: timed(lambda: [DeepDiff(_EXPECTED_DETAIL, detail) for detail in near]),
        DECODING: timed(lambda: [json.loads(event.detail_json) for event in bridge.events]),
    }


_EXPECTED_DETAIL: Final = {"order_id": "none", "paid": True, "lines": [{"sku": "sku-000000"}]}


def by_kind_and_detail(bridge: FakeEventBridge) -> object:
    """Expect one that is not there."""
    return bridge.assert_emitted(source="shop.orders.0", detail_type="OrderPlaced.0", detail=_EXPECTED_DETAIL)


def by_predicate(bridge: FakeEventBridge) -> object:
    """Expect what no text gives away, so that each event is decoded."""
    return bridge.assert_emitted(detail={"total": lambda total: total < 0})


def fifty_exactly(bridge: FakeEventBridge) -> object:
    """Expect fifty that are not there, and no others."""
    expected = [ExpectedEvent(detail={"order_id": f"none-{number}"}) for number in range(50)]
    return bridge.assert_emitted_exactly(*expected)


def _matching_row(count: int) -> Row:
    return Row(
        name=f"match-{count}",
        work=f"assert_emitted, 3 keys of the detail, {count:,} events",
        unit=MILLISECONDS,
        prepare=lambda: matching_by_detail(count),
        goals=(at_most_times(COMPREHENSION, _MOST_TIMES), at_most_times(DECODED, _MOST_TIMES)),
        note="the second comprehension is given the details decoded, which `event.detail` does at each access",
    )


def _failing_row(name: str, work: str, assertion: Callable[[FakeEventBridge], object]) -> Row:
    return Row(
        name=name,
        work=f"a failing {work}, 10,000 events of 5 KB",
        unit=MILLISECONDS,
        prepare=lambda: failing(assertion),
        goals=(at_most(_MOST_SECONDS_TO_FAIL, MILLISECONDS),),
        rounds=5,
    )


ROWS: Final = (
    _matching_row(1_000),
    _matching_row(100_000),
    Row(
        name="match-kind",
        work="assert_emitted, source and detail type, 100,000 events",
        unit=MILLISECONDS,
        prepare=lambda: matching_by_kind(100_000),
        goals=(at_most(_MOST_SECONDS_BY_KIND, MILLISECONDS),),
    ),
    _failing_row("fail", "assert_emitted", by_kind_and_detail),
    _failing_row("fail-predicate", "assert_emitted by a predicate", by_predicate),
    _failing_row("fail-exactly", "assert_emitted_exactly of 50", fifty_exactly),
)
