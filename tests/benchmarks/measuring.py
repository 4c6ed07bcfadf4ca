"""Measuring in turns, so that what else the machine does meets all peers of a piece of work alike."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import NamedTuple, TypeAlias

Work: TypeAlias = Callable[[], object]
# Measures once, and returns a cost: seconds, or bytes. Less is better.
Sample: TypeAlias = Callable[[], float]
# By peer, the costs in the order of the rounds.
Costs: TypeAlias = "dict[str, list[float]]"


class Spread(NamedTuple):
    """The median of some figures and the quartiles around it."""

    low: float
    median: float
    high: float


def spread(figures: Sequence[float]) -> Spread:
    """Return the median and the quartiles; of a single figure, that figure."""
    low, median, high = statistics.quantiles(figures) if len(figures) > 1 else [figures[0]] * 3
    return Spread(low, median, high)


def measure_in_turns(samples: Mapping[str, Sample], rounds: int) -> Costs:
    """Take so many samples of each peer, all peers once in each round, in a new order.

    Garbage is collected before each sample, and what lives then is left out of later collections: a sample pays for
    the collection of what it makes, as a test does, and not for what its peers hold.
    """
    costs: Costs = {name: [] for name in samples}
    order = list(samples)
    for number in range(rounds):
        random.Random(number).shuffle(order)
        for name in order:
            gc.collect()
            gc.freeze()
            try:
                costs[name].append(samples[name]())
            finally:
                gc.unfreeze()
    return costs


def seconds(work: Work) -> float:
    """Return what one call of a piece of work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def seconds_a_call(work: Work, calls: int) -> float:
    """Return what one call of a piece of work takes, as the mean of so many."""

    def calling() -> None:
        for _ in range(calls):
            work()

    return seconds(calling) / calls


def timed(work: Work) -> Sample:
    """Return a sample of one call of a piece of work."""
    return lambda: seconds(work)


def timed_within(prepared: Callable[[], AbstractContextManager[Work]], calls: int) -> Sample:
    """Return a sample of so many calls of what a context manager yields, which is entered anew for each sample.

    The first call is not measured: it fills the caches of the peer.
    """

    def sample() -> float:
        with ExitStack() as stack:
            work = stack.enter_context(prepared())
            work()
            return seconds_a_call(work, calls)

    return sample
