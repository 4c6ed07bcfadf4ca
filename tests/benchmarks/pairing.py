"""`assert_emitted_exactly`: pairing events and expectations one to one."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import networkx

from pytest_eventbridge import ExpectedEvent

from .events import bridge_with, order
from .measuring import Sample, timed
from .rows import MILLISECONDS, OURS, Row, at_most

_COUNT: Final = 2000
_MOST_SECONDS: Final = 1.0

Case = tuple[Sequence[ExpectedEvent], Sequence[dict[str, Any]]]


def each_its_own() -> Case:
    """Return events of 1 KB, each expected by its order id, in another order."""
    expected = [ExpectedEvent(source="shop.orders.0", detail={"order_id": f"o-{number}"}) for number in range(_COUNT)]
    random.Random(1).shuffle(expected)
    return expected, [order(number, 1000) for number in range(_COUNT)]


def greedy_goes_wrong() -> Case:
    """Return expectations of which half fit every event, and come before those that fit only one."""
    wide = [ExpectedEvent(source="shop.orders.0")] * (_COUNT // 2)
    narrow = [ExpectedEvent(detail={"order_id": f"o-{number}"}) for number in range(_COUNT - len(wide))]
    return [*wide, *narrow], [order(number, 1000) for number in range(_COUNT)]


def long_paths() -> Case:
    """Return expectations that fit two events each, so that a path from a wrong choice to a right one is long."""
    details = [{"left": number // 2, "right": (number + 1) // 2} for number in range(_COUNT)]
    expected = [
        ExpectedEvent(detail={"left": number // 2} if number % 2 else {"right": (number + 1) // 2})
        for number in range(_COUNT)
    ]
    random.Random(1).shuffle(expected)
    return expected, details


@contextmanager
def pairing(make_case: Callable[[], Case]) -> Iterator[Mapping[str, Sample]]:
    """Find out what matches what, and pair; networkx is given the graph, and only pairs."""
    expected, details = make_case()
    bridge = bridge_with(details)
    assert {event.event_id for event in bridge.assert_emitted_exactly(*expected)} == {
        event.event_id for event in bridge.events
    }
    graph = networkx.Graph(
        (("expected", number), ("event", place))
        for number, one in enumerate(expected)
        for place, event in enumerate(bridge.events)
        if one.matches(event)
    )
    top = [node for node in graph if node[0] == "expected"]

    def by_networkx() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10 * len(graph) + limit)  # it recurses along the path
        networkx.bipartite.hopcroft_karp_matching(graph, top)
        sys.setrecursionlimit(limit)

    yield {
        OURS: timed(lambda: bridge.assert_emitted_exactly(*expected)),
        "networkx's Hopcroft-Karp, pairing alone": timed(by_networkx),
    }


def _row(name: str, work: str, make_case: Callable[[], Case]) -> Row:
    return Row(
        name=name,
        work=f"assert_emitted_exactly, {_COUNT:,} with {_COUNT:,}{work}",
        unit=MILLISECONDS,
        prepare=lambda: pairing(make_case),
        goals=(at_most(_MOST_SECONDS, MILLISECONDS),),
        rounds=7,
    )


ROWS: Final = (
    _row("exactly", "", each_its_own),
    _row("exactly-greedy", ", where greedy goes wrong", greedy_goes_wrong),
    _row("exactly-paths", ", on long paths", long_paths),
)
