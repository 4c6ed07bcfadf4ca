"""Capturing many events: the memory they hold, and whether the time grows with their number only."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from pytest_eventbridge import FakeEventBridge

from .events import CLIENT, entry, order, requests_of
from .measuring import Sample, seconds
from .rows import MICROSECONDS, OURS, Row, Unit, at_most, at_most_times

_COUNT: Final = 100_000
_FEW: Final = 10_000
_EVENT_BYTES: Final = 1_000

_FEWER: Final = f"for each of {_FEW:,}"

_TIMES_THE_TEXT: Final = Unit("times the JSON text", digits=2)
_MOST_MEMORY: Final = 2.5
# What a time that grows with the number of events only may differ by.
_MOST_GROWTH: Final = 1.25


def _iter_entries(count: int) -> Iterator[dict[str, str]]:
    """Yield entries, whose `Detail` is all the JSON text there is."""
    for number in range(count):
        yield entry(order(number, _EVENT_BYTES))


def _publish_all(entries: Iterator[dict[str, str]]) -> FakeEventBridge:
    with FakeEventBridge() as bridge:
        for request in requests_of(entries):
            CLIENT.put_events(Entries=request)
    return bridge


def _decoded(entries: Iterator[dict[str, str]]) -> list[dict[str, Any]]:
    return [{**one, "Detail": json.loads(one["Detail"])} for one in entries]


_KEEPERS: Final[dict[str, Callable[[Iterator[dict[str, str]]], object]]] = {
    OURS: _publish_all,
    "a list of dicts, the text in them": list,
    "a list of dicts, decoded": _decoded,
}


def _resident_bytes() -> int:
    gc.collect()
    run = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True)
    return 1024 * int(run.stdout)


def print_memory(peer: str) -> None:
    """Print what a peer holds of entries that nobody else holds, as a multiple of their text."""
    keep = _KEEPERS[peer]
    keep(_iter_entries(1))  # what is loaded for a first call is no event's
    text_bytes = sum(len(one["Detail"]) for one in _iter_entries(_COUNT))
    before = _resident_bytes()
    kept = keep(_iter_entries(_COUNT))
    print((_resident_bytes() - before) / text_bytes)
    del kept


@contextmanager
def held_memory() -> Iterator[Mapping[str, Sample]]:
    """Capture many events, or keep their entries, in a process of its own."""

    def sample(peer: str) -> float:
        command = [sys.executable, "-m", f"{__package__}.capturing", peer]
        return float(subprocess.run(command, capture_output=True, check=True).stdout)

    yield {peer: partial(sample, peer) for peer in _KEEPERS}


@contextmanager
def growing_time() -> Iterator[Mapping[str, Sample]]:
    """Capture few events, and ten times as many."""

    def seconds_an_event(count: int) -> float:
        entries = list(_iter_entries(count))
        return seconds(lambda: _publish_all(iter(entries))) / count

    yield {OURS: lambda: seconds_an_event(_COUNT), _FEWER: lambda: seconds_an_event(_FEW)}


ROWS: Final = (
    Row(
        name="capture-memory",
        work=f"capture {_COUNT:,} events of 1 KB, memory",
        unit=_TIMES_THE_TEXT,
        prepare=held_memory,
        goals=(at_most(_MOST_MEMORY, _TIMES_THE_TEXT),),
        rounds=3,
    ),
    Row(
        name="capture-time",
        work=f"capture {_COUNT:,} events of 1 KB, for each",
        unit=MICROSECONDS,
        prepare=growing_time,
        goals=(at_most_times(_FEWER, _MOST_GROWTH),),
        rounds=5,
    ),
)

if __name__ == "__main__":
    print_memory(sys.argv[1])
