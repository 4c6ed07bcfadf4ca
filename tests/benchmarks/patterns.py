"""Print how long matching event patterns takes beside other matchers, as ratios within one run.

    python -m tests.benchmarks.patterns

Needs moto[events] and ministack. Each matcher has its pattern compiled and its event decoded ahead, where it has a way
to; all take turns, round by round, so that what else the machine does meets all of them alike.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import eventbridge as ministack
from moto.events.models import EventPattern as MotoEventPattern

from pytest_eventbridge import EventPattern
from pytest_eventbridge._pattern._index import PatternIndex

ROUNDS = 11
SECONDS_A_ROUND = 0.004

Work = Callable[[], object]


def envelope(source: str, detail_type: str, detail: dict[str, Any], *resources: str) -> dict[str, Any]:
    """Make an event as a target receives it."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": detail_type,
        "source": source,
        "account": "123456789012",
        "time": "2025-03-06T02:00:45Z",
        "region": "eu-west-1",
        "resources": list(resources),
        "detail": detail,
    }


PATTERNS: dict[str, dict[str, Any]] = {
    "source": {"source": ["shop.orders"]},
    "source and type": {"source": ["shop.orders"], "detail-type": ["OrderPlaced", "OrderPaid"]},
    "one detail field": {"source": ["shop.orders"], "detail": {"state": ["open"]}},
    "four fields": {
        "source": ["shop.orders"],
        "detail-type": ["OrderPlaced"],
        "detail": {"state": ["open", "held"], "customer": {"tier": ["gold"]}},
    },
    "prefix": {"source": [{"prefix": "shop."}], "detail": {"order_id": [{"prefix": "o-"}]}},
    "suffix and case": {"detail": {"file": [{"suffix": ".pdf"}], "currency": [{"equals-ignore-case": "eur"}]}},
    "anything but": {"source": ["shop.orders"], "detail": {"state": [{"anything-but": ["closed", "lost"]}]}},
    "numeric": {"source": ["shop.orders"], "detail": {"total": [{"numeric": [">", 10, "<=", 100]}]}},
    "exists": {"detail": {"coupon": [{"exists": False}], "order_id": [{"exists": True}]}},
    "wildcard and address": {"detail": {"file": [{"wildcard": "in/*/2025/*.pdf"}], "ip": [{"cidr": "10.0.0.0/8"}]}},
    "or": {"source": ["shop.orders"], "detail": {"$or": [{"state": ["held"]}, {"total": [{"numeric": [">", 50]}]}]}},
    "array of objects": {"source": ["shop.orders"], "detail": {"lines": {"sku": ["b-2"], "count": [3]}}},
}

_ORDER = {
    "order_id": "o-1",
    "state": "open",
    "total": 42.5,
    "currency": "EUR",
    "customer": {"id": "c-7", "tier": "gold", "address": {"city": "Bern", "zip": "3000"}},
    "lines": [{"sku": "a-1", "count": 1}, {"sku": "b-2", "count": 3}, {"sku": "c-3", "count": 3}],
    "file": "in/shop/2025/o-1.pdf",
    "ip": "10.4.5.6",
    "tags": ["new", "web"],
}

EVENTS: dict[str, dict[str, Any]] = {
    "order": envelope("shop.orders", "OrderPlaced", _ORDER, "arn:aws:s3:::orders/o-1"),
    "held order": envelope("shop.orders", "OrderPlaced", {**_ORDER, "state": "held"}),
    "closed order": envelope("shop.orders", "OrderPlaced", {**_ORDER, "state": "closed", "coupon": "x"}),
    "large order": envelope("shop.orders", "OrderPlaced", {**_ORDER, "total": 980, "ip": "192.168.0.1"}),
    "paid order": envelope("shop.orders", "OrderPaid", {**_ORDER, "currency": "usd"}),
    "order without lines": envelope("shop.orders", "OrderPlaced", {**_ORDER, "lines": []}),
    "small event": envelope("shop.orders", "Ping", {}),
    "other source": envelope("shop.billing", "InvoiceSent", {"invoice": 1, "state": "open"}),
    "other product": envelope("library.loans", "Loan Opened", {"member": "m1", "copies": [1, 2, 3]}),
    "aws": envelope("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-1", "state": "running"}),
    "many fields": envelope("shop.orders", "OrderPlaced", {**{f"field{n}": n for n in range(200)}, **_ORDER}),
    "deep": envelope("shop.orders", "OrderPlaced", {**_ORDER, "more": {"a": {"b": {"c": {"d": [{"e": [1, 2]}]}}}}}),
}


def ours(pattern: dict[str, Any], event: dict[str, Any]) -> Work:
    """Return a match by this package."""
    compiled = EventPattern(pattern)
    return lambda: compiled.matches(event)


def by_ministack(pattern: dict[str, Any], event: dict[str, Any]) -> Work:
    """Return a match by ministack's private functions, on a view of the event that is made ahead."""
    text = json.dumps(pattern)
    fields = {name: value for name, value in event.items() if name != "detail"}
    view = ministack._EventView(fields, event["detail"])
    return lambda: ministack._matches_pattern_view(text, view)


def by_moto(pattern: dict[str, Any], event: dict[str, Any]) -> Work:
    """Return a match by moto."""
    compiled = MotoEventPattern.load(json.dumps(pattern))
    return lambda: compiled.matches_event(event)


MATCHERS = {"ours": ours, "ministack": by_ministack, "moto": by_moto}


def seconds_a_call(work: Work) -> float:
    """Return what one call takes, as the mean over a round."""
    calls, taken = 1, 0.0
    while taken < SECONDS_A_ROUND:
        begin = time.perf_counter()
        for _ in range(calls):
            work()
        taken = time.perf_counter() - begin
        calls *= 2
    return taken / (calls / 2)


def rounds(works: dict[str, Work]) -> dict[str, list[float]]:
    """Return the seconds of each work, round by round, the works taking turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(seconds_a_call(work))
    return times


def ratios(times: dict[str, list[float]], name: str) -> tuple[float, float, float]:
    """Return how many times as long as ours another matcher takes: the lower quartile, the median and the upper one."""
    low, middle, high = statistics.quantiles([one / own for one, own in zip(times[name], times["ours"], strict=True)])
    return low, middle, high


def all_pairs() -> Iterator[tuple[str, str, dict[str, list[float]]]]:
    """Measure each pattern against each event."""
    for pattern_name, pattern in PATTERNS.items():
        for event_name, event in EVENTS.items():
            yield pattern_name, event_name, rounds({name: make(pattern, event) for name, make in MATCHERS.items()})


def print_pairs() -> None:
    """Print for each pattern the median over the events, and the pair in which each peer comes closest to us."""
    peers = [name for name in MATCHERS if name != "ours"]
    by_pattern: dict[str, list[tuple[str, dict[str, list[float]]]]] = {}
    for pattern_name, event_name, times in all_pairs():
        by_pattern.setdefault(pattern_name, []).append((event_name, times))
    print(f"{'pattern':<22}{'ours':>10}" + "".join(f"{name + ', least (quartiles)':>34}" for name in peers))
    for pattern_name, measured in by_pattern.items():
        own = statistics.median(statistics.median(times["ours"]) for _, times in measured)
        line = f"{pattern_name:<22}{own * 1e6:>7.2f} us"
        for peer in peers:
            middles = [ratios(times, peer)[1] for _, times in measured]
            low, least, high = min((ratios(times, peer) for _, times in measured), key=lambda found: found[1])
            line += f"{f'x {statistics.median(middles):.1f}, {least:.1f} ({low:.1f} to {high:.1f})':>34}"
        print(line)
    every = [ratios(times, peer)[1] for measured in by_pattern.values() for _, times in measured for peer in peers[:1]]
    every_moto = [ratios(times, "moto")[1] for measured in by_pattern.values() for _, times in measured]
    print(f"all pairs: ministack x {statistics.median(every):.1f}, moto x {statistics.median(every_moto):.1f}")


def print_many_rules(count: int = 1000) -> None:
    """Print what an event costs against many rules of which one matches, beside one rule."""
    event = EVENTS["order"]
    matching = EventPattern(PATTERNS["four fields"])
    others = [
        EventPattern({"source": [f"shop.part{number}"], "detail-type": ["OrderPlaced"], "detail": {"state": ["open"]}})
        for number in range(count - 1)
    ]
    index = PatternIndex(enumerate([*others[: count // 2], matching, *others[count // 2 :]]))
    everyone = [*others, matching]
    times = rounds(
        {
            "ours": lambda: matching.matches(event),
            "index": lambda: index.matching(event),
            "one after the other": lambda: [pattern.matches(event) for pattern in everyone],
        }
    )
    own = statistics.median(times["ours"])
    print(f"\n{count} rules of which one matches, beside that rule alone ({own * 1e6:.2f} us)")
    for name in ("index", "one after the other"):
        low, middle, high = ratios(times, name)
        print(f"  {name:<22} x {middle:.1f}  ({low:.1f} to {high:.1f})")


if __name__ == "__main__":
    print_pairs()
    print_many_rules()
