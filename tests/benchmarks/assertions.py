"""Print what assertions over many events take, beside what a user would write, or take, instead.

    python -m tests.benchmarks.assertions

Needs boto3 and networkx. Each function returns the peers of one piece of work, the one to compare with first.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import boto3
import networkx
from deepdiff import DeepDiff

from pytest_eventbridge import ExpectedEvent, FakeEventBridge

os.environ |= {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
CLIENT = boto3.Session(region_name="us-east-1").client("events")

KIND_COUNT = 10
ROUNDS = 5

Work = Callable[[], object]
Peers = dict[str, Work]


def bridge_with(details: Sequence[dict[str, Any]], *, kind_count: int = 1) -> FakeEventBridge:
    """Return a fake that captured an event for each detail, of so many sources and detail types in turn."""
    entries = [
        {
            "Source": f"shop.orders.{number % kind_count}",
            "DetailType": f"OrderPlaced{number % kind_count}",
            "Detail": json.dumps(detail),
        }
        for number, detail in enumerate(details)
    ]
    with FakeEventBridge() as bridge:
        for start in range(0, len(entries), 10):
            CLIENT.put_events(Entries=entries[start : start + 10])
    return bridge


def order(number: int, size: int) -> dict[str, Any]:
    """Return the detail of an order, of about so many bytes of JSON."""
    draw = random.Random(number)
    line = {"sku": "sku-000000", "count": 1, "price": 99.95, "tags": ["a", "b"], "note": "x" * 40}
    count = max((size - 100) // len(json.dumps(line)), 0)
    lines = [line | {"sku": f"sku-{draw.randrange(10**6):06}", "count": draw.randrange(9)} for _ in range(count)]
    return {"order_id": f"o-{number}", "total": number % 1000, "paid": number % 2 == 0, "lines": lines}


def matching_by_detail(count: int, *, kind_count: int = KIND_COUNT) -> Peers:
    """Assert on source, detail type and three keys of the detail, among so many events of 1 KB; one matches.

    The first peer has the decoded details in dicts of its own, kept from before; the second decodes them.

    Args:
        count: How many events.
        kind_count: How many sources and detail types; with 1 each event's detail is looked at.
    """
    bridge = bridge_with([order(number, 1000) for number in range(count)], kind_count=kind_count)
    events, dicts = bridge.events, [event.to_dict() for event in bridge.events]
    number = count - kind_count
    source, detail_type = "shop.orders.0", "OrderPlaced0"
    detail = {"order_id": f"o-{number}", "total": number % 1000, "paid": number % 2 == 0}

    def in_decoded_dicts() -> list[Any]:
        return [
            one
            for one in dicts
            if one["source"] == source
            and one["detail-type"] == detail_type
            and one["detail"]["order_id"] == detail["order_id"]
            and one["detail"]["total"] == detail["total"]
            and one["detail"]["paid"] == detail["paid"]
        ]

    def decoding() -> list[Any]:
        return [
            event
            for event in events
            if event.source == source
            and event.detail_type == detail_type
            and (decoded := json.loads(event.detail_json))["order_id"] == detail["order_id"]
            and decoded["total"] == detail["total"]
            and decoded["paid"] == detail["paid"]
        ]

    assert len(in_decoded_dicts()) == len(decoding()) == 1
    return {
        "comprehension, decoded before": in_decoded_dicts,
        "comprehension that decodes": decoding,
        "assert_emitted": lambda: bridge.assert_emitted(source=source, detail_type=detail_type, detail=detail),
    }


def matching_by_kind(count: int) -> Peers:
    """Assert on source and detail type alone, among so many events."""
    bridge = bridge_with([{} for _ in range(count)], kind_count=KIND_COUNT)
    source, detail_type = "shop.orders.1", "OrderPlaced1"
    return {
        "comprehension": lambda: [
            event for event in bridge.events if event.source == source and event.detail_type == detail_type
        ],
        "assert_emitted": lambda: bridge.assert_emitted(source=source, detail_type=detail_type),
    }


def failure_text(assertion: Work) -> str:
    """Return the text of an assertion that fails."""
    try:
        assertion()
    except AssertionError as error:
        return str(error)
    raise RuntimeError("The assertion holds.")


def failing(count: int = 10_000, size: int = 5000, kind_count: int = 20) -> Peers:
    """Let assertions fail over so many events of so many bytes, of which one in `kind_count` is near."""
    bridge = bridge_with([order(number, size) for number in range(count)], kind_count=kind_count)
    near = [event.detail for event in bridge.events[::kind_count]]
    kind = {"source": "shop.orders.0", "detail_type": "OrderPlaced0"}
    detail = {"order_id": "none", "paid": True, "lines": [{"sku": "sku-000000"}]}
    assertions: Peers = {
        "assert_emitted": lambda: bridge.assert_emitted(**kind, detail=detail),  # type: ignore[arg-type]  # keywords
        "assert_emitted, by detail": lambda: bridge.assert_emitted(detail={"order_id": "none"}),
        "assert_emitted, by a number": lambda: bridge.assert_emitted(detail={"total": -1}),
        "assert_emitted, by a predicate": lambda: bridge.assert_emitted(detail={"total": lambda total: total < 0}),
        "assert_emitted_once, too many": lambda: bridge.assert_emitted_once(source="shop.orders.0"),
        "assert_not_emitted": lambda: bridge.assert_not_emitted(source="shop.orders.0"),
        "assert_emitted_in_order": lambda: bridge.assert_emitted_in_order(
            *(ExpectedEvent(detail={"order_id": f"o-{number}"}) for number in (5, 50, 500, 49))
        ),
        "assert_emitted_exactly, 50": lambda: bridge.assert_emitted_exactly(
            *(ExpectedEvent(detail={"order_id": f"none-{number}"}) for number in range(50))
        ),
        "assert_nothing_emitted": bridge.assert_nothing_emitted,
    }
    for name, assertion in assertions.items():
        assert len(failure_text(assertion).splitlines()) < 200, name
    # Of the near ones alone, because each of its rounds over all of them would take half a minute.
    deep_diffs = {"DeepDiff of each near one": lambda: [DeepDiff(detail, one) for one in near]}
    return deep_diffs | {name: lambda one=one: failure_text(one) for name, one in assertions.items()}


def pairing(expected: Sequence[ExpectedEvent], details: Sequence[dict[str, Any]]) -> Peers:
    """Pair expectations with events, all of them; networkx is given the graph, and only pairs."""
    bridge = bridge_with(details)
    paired = bridge.assert_emitted_exactly(*expected)
    assert sorted(event.event_id or "" for event in paired) == sorted(event.event_id or "" for event in bridge.events)
    graph = networkx.Graph()
    graph.add_nodes_from(("expected", number) for number in range(len(expected)))
    for number, one in enumerate(expected):
        graph.add_edges_from(
            (("expected", number), ("event", place)) for place, event in enumerate(bridge.events) if one.matches(event)
        )
    top = [node for node in graph if node[0] == "expected"]

    def by_networkx() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10 * len(graph) + limit)  # it recurses along the path, and fails on a long one otherwise
        networkx.bipartite.hopcroft_karp_matching(graph, top)
        sys.setrecursionlimit(limit)

    return {
        "networkx, pairing alone": by_networkx,
        "assert_emitted_exactly": lambda: bridge.assert_emitted_exactly(*expected),
    }


def pairing_distinct(count: int = 2000) -> Peers:
    """Pair as many events of 1 KB, each expected by its order id, in another order."""
    expected = [ExpectedEvent(source="shop.orders.0", detail={"order_id": f"o-{number}"}) for number in range(count)]
    random.Random(1).shuffle(expected)
    return pairing(expected, [order(number, 1000) for number in range(count)])


def pairing_chain(count: int = 2000) -> Peers:
    """Pair where each expectation fits two events, so that a greedy choice goes wrong and a path is long."""
    details = [{"left": number // 2, "right": (number + 1) // 2} for number in range(count)]
    expected = [
        ExpectedEvent(detail={"left" if number % 2 else "right": number // 2 if number % 2 else (number + 1) // 2})
        for number in range(count)
    ]
    random.Random(1).shuffle(expected)
    return pairing(expected, details)


def pairing_greedy_fails(count: int = 2000) -> Peers:
    """Pair where half of the expectations fit every event, and come before those that fit only one."""
    wide = [ExpectedEvent(source="shop.orders.0")] * (count // 2)
    narrow = [ExpectedEvent(detail={"order_id": f"o-{number}"}) for number in range(count - len(wide))]
    return pairing([*wide, *narrow], [order(number, 1000) for number in range(count)])


def milliseconds(work: Work) -> float:
    """Return what a piece of work takes."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1e3


def measure(peers: Peers, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Return the milliseconds of each peer, one for each round; the peers take turns."""
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, work in peers.items():
            times[name].append(milliseconds(work))
    return times


ROWS: dict[str, Callable[[], Peers]] = {
    "By source, detail type and 3 keys of detail, 1,000 events": lambda: matching_by_detail(1000),
    "By source, detail type and 3 keys of detail, 100,000 events": lambda: matching_by_detail(100_000),
    "The same, all 100,000 of that source and detail type": lambda: matching_by_detail(100_000, kind_count=1),
    "By source and detail type alone, 100,000 events": lambda: matching_by_kind(100_000),
    "Failing over 10,000 events of 5 KB, 500 of them near": failing,
    "2,000 expected by order id, 2,000 events": pairing_distinct,
    "2,000 that fit two events each, 2,000 events": pairing_chain,
    "1,000 that fit all events before 1,000 that fit one": pairing_greedy_fails,
}


def main() -> None:
    """Print each row whose title holds the arguments: medians, and the ratio to the first peer with its quartiles."""
    for title in [title for title in ROWS if all(word in title for word in sys.argv[1:])]:
        times = measure(ROWS[title]())
        first = next(iter(times.values()))
        print(f"\n{title}")
        for name, own in times.items():
            ratios = [one / base for one, base in zip(own, first, strict=True)]
            low, middle, high = statistics.quantiles(ratios)
            print(
                f"  {name:<34} {statistics.median(own):>9.2f} ms   x {middle:.2f}  ({low:.2f} to {high:.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
