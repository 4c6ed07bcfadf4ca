"""Print what an awaited `put_events` takes beside aiobotocore's own stub and the clients of botocore.

    python -m tests.benchmarks.asynchronous

Needs boto3, moto[events] and an aiobotocore that has a stub of its own. All peers take turns in one run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.session import get_session
from aiobotocore.stub import AioStubber

from pytest_eventbridge import FakeEventBridge
from tests.benchmarks.__main__ import CALLS_A_ROUND, ROUNDS, entries, print_times, putting, seconds_a_call

AsyncWork = Callable[[], Awaitable[object]]
AsyncPeer = Callable[[], AbstractAsyncContextManager[AsyncWork]]


async def seconds_an_await(work: AsyncWork, calls: int) -> float:
    """Return what one awaited call of a piece of work takes, as the mean of so many."""
    begin = time.perf_counter()
    for _ in range(calls):
        await work()
    return (time.perf_counter() - begin) / calls


async def compare_awaited(
    title: str, peers: dict[str, Callable[[], Any]], awaited_peers: dict[str, AsyncPeer], calls: int = CALLS_A_ROUND
) -> None:
    """Print the medians and ratios of peers that are called, and then of those that are awaited.

    Args:
        title: What the peers do.
        peers: As `tests.benchmarks.__main__.compare` takes them.
        awaited_peers: The same, of asynchronous context managers that yield what is awaited.
        calls: How often a round repeats the work.
    """
    times: dict[str, list[float]] = {name: [] for name in (*peers, *awaited_peers)}
    for _ in range(ROUNDS):
        for name, prepared in peers.items():
            with prepared() as work:
                times[name].append(seconds_a_call(work, calls))
        for name, prepared_to_await in awaited_peers.items():
            async with prepared_to_await() as work_to_await:
                times[name].append(await seconds_an_await(work_to_await, calls))
    print_times(title, times)


def awaiting(count: int, clients: dict[str, Any]) -> dict[str, AsyncPeer]:
    """Return the peers that put so many entries and are awaited.

    Args:
        count: How many entries.
        clients: One client of aiobotocore for each of "fake", "stubber" and "floor".
    """
    sent = entries(count)

    @asynccontextmanager
    async def stubber() -> AsyncIterator[AsyncWork]:
        response = {"FailedEntryCount": 0, "Entries": [{"EventId": "id"} for _ in sent]}
        with AioStubber(clients["stubber"]) as stub:

            def work() -> Any:
                stub.add_response("put_events", response, {"Entries": sent})
                return clients["stubber"].put_events(Entries=sent)

            yield work

    @asynccontextmanager
    async def fake() -> AsyncIterator[AsyncWork]:
        with FakeEventBridge():
            yield lambda: clients["fake"].put_events(Entries=sent)

    @asynccontextmanager
    async def floor() -> AsyncIterator[AsyncWork]:
        response = AioAWSResponse("", 200, {}, None)
        parsed = {"FailedEntryCount": 0, "Entries": [], "ResponseMetadata": {}}
        events = clients["floor"].meta.events
        events.register("before-call.eventbridge.PutEvents", lambda **_: (response, parsed), unique_id="floor")
        yield lambda: clients["floor"].put_events(Entries=sent)
        events.unregister("before-call.eventbridge.PutEvents", unique_id="floor")

    return {
        "aiobotocore's AioStubber": stubber,
        "pytest-eventbridge, awaited": fake,
        "floor: a handler with a constant, awaited": floor,
    }


def called(count: int) -> dict[str, Callable[[], Any]]:
    """Return the peers on clients of botocore that put so many entries: its `Stubber` and the fake."""
    return {name: peer for name, peer in putting(count).items() if name in ("botocore's Stubber", "pytest-eventbridge")}


async def main() -> None:
    """Run all comparisons."""
    async with AsyncExitStack() as stack:
        session = get_session()
        clients = {
            name: await stack.enter_async_context(session.create_client("events", region_name="us-east-1"))
            for name in ("fake", "stubber", "floor")
        }
        for count in (1, 10):
            title = f"await put_events, {count} entr{'y' if count == 1 else 'ies'}"
            await compare_awaited(title, called(count), awaiting(count, clients))


if __name__ == "__main__":
    asyncio.run(main())
