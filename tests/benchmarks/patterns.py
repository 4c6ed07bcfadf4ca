"""Matching event patterns."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import product
from typing import Any, Final

from ministack.services import eventbridge as ministack
from moto.events.models import EventPattern as MotoEventPattern

from pytest_eventbridge import EventPattern
from pytest_eventbridge._pattern._index import PatternIndex

from .measuring import Sample, Work, seconds_a_call
from .rows import MICROSECONDS, OURS, Row, at_most_times, times_ahead

MINISTACK: Final = "ministack"
ONE_RULE: Final = "that one rule alone"

_MOST_TIMES_ONE_RULE: Final = 100
_RULE_COUNT: Final = 1000

# Calls of each pair in a sample, of a pair alone, and rounds in which the closest pair is looked for.
_CALLS: Final = 50
_CALLS_OF_ONE_PAIR: Final = 2000
_SEARCH_ROUNDS: Final = 5


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


PATTERNS: Final[dict[str, dict[str, Any]]] = {
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

_ORDER: Final[dict[str, Any]] = {
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

EVENTS: Final[dict[str, dict[str, Any]]] = {
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
    """Return a match by this package. Here and with the others, what can be made ahead is."""
    return partial(EventPattern(pattern).matches, event)


def by_ministack(pattern: dict[str, Any], event: dict[str, Any]) -> Work:
    """Return a match by ministack's private functions, on a view of the event."""
    fields = {name: value for name, value in event.items() if name != "detail"}
    return partial(ministack._matches_pattern_view, json.dumps(pattern), ministack._EventView(fields, event["detail"]))


def by_moto(pattern: dict[str, Any], event: dict[str, Any]) -> Work:
    """Return a match by moto."""
    compiled: Any = MotoEventPattern.load(json.dumps(pattern))
    return partial(compiled.matches_event, event)


MATCHERS: Final = {OURS: ours, MINISTACK: by_ministack, "moto": by_moto}


def _sample(work: Work, calls: int) -> Sample:
    return lambda: seconds_a_call(work, calls)


def _samples(pattern: str, event: str, calls: int = _CALLS) -> dict[str, Sample]:
    return {name: _sample(make(PATTERNS[pattern], EVENTS[event]), calls) for name, make in MATCHERS.items()}


@contextmanager
def all_pairs() -> Iterator[Mapping[str, Sample]]:
    """Match each pattern against each event."""
    samples = [_samples(*pair) for pair in product(PATTERNS, EVENTS)]

    def mean(name: str) -> float:
        return statistics.fmean(of_pair[name]() for of_pair in samples)

    yield {name: partial(mean, name) for name in MATCHERS}


@contextmanager
def closest_pair() -> Iterator[Mapping[str, Sample]]:
    """Match the pattern and the event with which ministack comes closest to us, as found by measuring all."""

    def lead(pair: tuple[str, str]) -> float:
        samples = _samples(*pair)
        return statistics.median(samples[MINISTACK]() / samples[OURS]() for _ in range(_SEARCH_ROUNDS))

    yield _samples(*min(product(PATTERNS, EVENTS), key=lead), calls=_CALLS_OF_ONE_PAIR)


@contextmanager
def many_rules() -> Iterator[Mapping[str, Sample]]:
    """Find the one of many rules that an event matches."""
    event, the_one = EVENTS["order"], PATTERNS["four fields"]
    patterns = [
        {"source": [f"shop.part{number}"], "detail-type": ["OrderPlaced"], "detail": {"state": ["open"]}}
        for number in range(_RULE_COUNT - 1)
    ]
    patterns.insert(_RULE_COUNT // 2, the_one)
    index = PatternIndex(enumerate(map(EventPattern, patterns)))
    assert list(index.matching(event)) == [_RULE_COUNT // 2]

    def one_by_one(make: Callable[[dict[str, Any], dict[str, Any]], Work]) -> Work:
        works = [make(pattern, event) for pattern in patterns]
        return lambda: [work() for work in works]

    yield {
        OURS: _sample(lambda: index.matching(event), _CALLS_OF_ONE_PAIR),
        ONE_RULE: _sample(ours(the_one, event), _CALLS_OF_ONE_PAIR),
        **{name: _sample(one_by_one(make), calls=2) for name, make in MATCHERS.items() if name != OURS},
    }


ROWS: Final = (
    Row(
        name="patterns",
        work="match a pattern, 12 typical ones with 12 events each",
        unit=MICROSECONDS,
        prepare=all_pairs,
        goals=(times_ahead(MINISTACK, 3),),
    ),
    Row(
        name="pattern-closest",
        work="that of those with which ministack comes closest",
        unit=MICROSECONDS,
        prepare=closest_pair,
        goals=(times_ahead(MINISTACK, 1),),
    ),
    Row(
        name="rules",
        work="match an event with 1,000 rules, one of which matches",
        unit=MICROSECONDS,
        prepare=many_rules,
        goals=(at_most_times(ONE_RULE, _MOST_TIMES_ONE_RULE),),
    ),
)
