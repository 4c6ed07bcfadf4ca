"""Print how long things take beside what a user would take instead, as ratios within one run.

    python -m tests.benchmarks

Needs boto3 and moto[events]. All peers of a piece of work take turns, round by round, so that what else the machine
does meets all of them alike.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import moto
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber

from pytest_eventbridge import FakeEventBridge

ROUNDS = 15
CALLS_A_ROUND = 100

os.environ |= {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
SESSION = boto3.Session(region_name="us-east-1")

Work = Callable[[], object]


def seconds_a_call(work: Work, calls: int) -> float:
    """Return what one call of a piece of work takes, as the mean of so many."""
    begin = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - begin) / calls


def compare(title: str, peers: dict[str, Callable[[], Any]], calls: int = CALLS_A_ROUND) -> None:
    """Print the median of each peer in microseconds, and its ratio to the first, with the quartiles of the ratio.

    Args:
        title: What the peers do.
        peers: By name, what returns a context manager that yields the work; it is entered for each round anew.
        calls: How often a round repeats the work.
    """
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, prepared in peers.items():
            with prepared() as work:
                times[name].append(seconds_a_call(work, calls))
    print_times(title, times)


def print_times(title: str, times: dict[str, list[float]]) -> None:
    """Print what `compare` prints, of seconds by peer and round."""
    first = next(iter(times.values()))
    print(f"\n{title}")
    for name, seconds in times.items():
        low, middle, high = statistics.quantiles([one / base for one, base in zip(seconds, first, strict=True)])
        print(f"  {name:<40} {statistics.median(seconds) * 1e6:>9.1f} us   x {middle:.2f}  ({low:.2f} to {high:.2f})")


def entries(count: int) -> list[dict[str, str]]:
    """Make request entries."""
    return [
        {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": f"o-{number}"})}
        for number in range(count)
    ]


@contextmanager
def fixture_alone() -> Iterator[Work]:
    """Enter and leave the fake."""

    def work() -> None:
        with FakeEventBridge():
            pass

    yield work


@contextmanager
def mock_aws_alone() -> Iterator[Work]:
    """Enter and leave moto."""

    def work() -> None:
        with moto.mock_aws():
            pass

    yield work


def putting(count: int) -> dict[str, Callable[[], Any]]:
    """Return the peers that put so many entries."""
    sent = entries(count)
    clients = {name: SESSION.client("events") for name in ("fake", "stubber", "floor")}

    @contextmanager
    def stubber() -> Iterator[Work]:
        response = {"FailedEntryCount": 0, "Entries": [{"EventId": "id"} for _ in sent]}
        with Stubber(clients["stubber"]) as stub:

            def work() -> None:
                stub.add_response("put_events", response, {"Entries": sent})
                clients["stubber"].put_events(Entries=sent)

            yield work

    @contextmanager
    def fake() -> Iterator[Work]:
        with FakeEventBridge():
            yield lambda: clients["fake"].put_events(Entries=sent)

    @contextmanager
    def moto_alone() -> Iterator[Work]:
        with moto.mock_aws():
            client = SESSION.client("events")
            client.put_events(Entries=sent)
            yield lambda: client.put_events(Entries=sent)

    @contextmanager
    def floor() -> Iterator[Work]:
        response = AWSResponse("", 200, {}, None)  # type: ignore[arg-type]  # nobody reads it
        parsed = {"FailedEntryCount": 0, "Entries": [], "ResponseMetadata": {}}
        events = clients["floor"].meta.events
        events.register("before-call.eventbridge.PutEvents", lambda **_: (response, parsed), unique_id="floor")
        yield lambda: clients["floor"].put_events(Entries=sent)
        events.unregister("before-call.eventbridge.PutEvents", unique_id="floor")

    return {
        "botocore's Stubber": stubber,
        "pytest-eventbridge": fake,
        "moto": moto_alone,
        "floor: a handler with a constant": floor,
    }


def print_start_up() -> None:
    """Print what loading the plugin adds to a process that has loaded pytest, in milliseconds."""
    program = (
        "import time, pytest; begin = time.perf_counter(); import pytest_eventbridge.plugin; "
        "print((time.perf_counter() - begin) * 1e3)"
    )
    milliseconds = [
        float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)
        for _ in range(ROUNDS)
    ]
    low, middle, high = statistics.quantiles(milliseconds)
    print(f"Loading the plugin: {middle:.2f} ms  ({low:.2f} to {high:.2f})")


def main() -> None:
    """Run all comparisons."""
    print_start_up()
    compare("Set-up and teardown", {"moto's mock_aws": mock_aws_alone, "pytest-eventbridge": fixture_alone}, calls=20)
    for count in (1, 10):
        compare(f"put_events, {count} entr{'y' if count == 1 else 'ies'}", putting(count))


if __name__ == "__main__":
    main()
