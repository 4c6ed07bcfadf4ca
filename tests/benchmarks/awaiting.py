"""Publishing with a client of aiobotocore."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeAlias

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.session import get_session
from aiobotocore.stub import AioStubber

from pytest_eventbridge import FakeEventBridge

from .events import small_entries
from .measuring import Sample, timed_within
from .publishing import stubber
from .rows import MICROSECONDS, OURS, Row, at_most_times
from .servers import moto_server

SYNC_STUBBER: Final = "Stubber, not awaited"

_CALLS: Final = 200
_CALLS_TO_MOTO: Final = 20

AsyncWork: TypeAlias = Callable[[], Awaitable[object]]
# Takes a client, and yields what is to be awaited.
AsyncPeer: TypeAlias = Callable[[Any], AbstractContextManager[AsyncWork]]


def _ours(count: int) -> AsyncPeer:
    @contextmanager
    def peer(client: Any) -> Iterator[AsyncWork]:
        sent = small_entries(count)
        with FakeEventBridge():
            yield lambda: client.put_events(Entries=sent)

    return peer


def _aio_stubber(count: int) -> AsyncPeer:
    @contextmanager
    def peer(client: Any) -> Iterator[AsyncWork]:
        sent = small_entries(count)
        response = {"FailedEntryCount": 0, "Entries": [{"EventId": "id"} for _ in sent]}
        with AioStubber(client) as stub:

            def work() -> Any:
                stub.add_response("put_events", response, {"Entries": sent})
                return client.put_events(Entries=sent)

            yield work

    return peer


def _floor(count: int) -> AsyncPeer:
    @contextmanager
    def peer(client: Any) -> Iterator[AsyncWork]:
        sent = small_entries(count)
        response = AioAWSResponse("", 200, {}, None)
        parsed = {"FailedEntryCount": 0, "Entries": [], "ResponseMetadata": {}}
        client.meta.events.register("before-call.eventbridge.PutEvents", lambda **_: (response, parsed))
        yield lambda: client.put_events(Entries=sent)

    return peer


def _unaided(count: int) -> AsyncPeer:
    """Make calls that go to the client's endpoint."""

    def peer(client: Any) -> AbstractContextManager[AsyncWork]:
        sent = small_entries(count)
        return nullcontext(lambda: client.put_events(Entries=sent))

    return peer


def _awaited(peer: AsyncPeer, calls: int, **client_options: str) -> Sample:
    """Return a sample of so many awaited calls, on a client and an event loop of their own."""

    async def seconds_an_await() -> float:
        async with get_session().create_client("events", region_name="us-east-1", **client_options) as client:
            with peer(client) as work:
                await work()
                loop = asyncio.get_running_loop()
                begin = loop.time()
                for _ in range(calls):
                    await work()
                return (loop.time() - begin) / calls

    return lambda: asyncio.run(seconds_an_await())


@contextmanager
def putting(count: int) -> Iterator[Mapping[str, Sample]]:
    """Put so many entries, and await it."""
    with moto_server() as port:
        yield {
            OURS: _awaited(_ours(count), _CALLS),
            SYNC_STUBBER: timed_within(lambda: stubber(count), _CALLS),
            "AioStubber": _awaited(_aio_stubber(count), _CALLS),
            "moto's server": _awaited(_unaided(count), _CALLS_TO_MOTO, endpoint_url=f"http://127.0.0.1:{port}"),
            "floor: a before-call handler, awaited": _awaited(_floor(count), _CALLS),
        }


def _row(count: int) -> Row:
    return Row(
        name=f"await-{count}",
        work=f"await put_events, {count} {'entry' if count == 1 else 'entries'}",
        unit=MICROSECONDS,
        prepare=lambda: putting(count),
        goals=(at_most_times(SYNC_STUBBER, 1.3),),
        note="the floor is aiobotocore's own: nearly as much as a whole call takes on a Stubber that is not awaited",
    )


ROWS: Final = (_row(1), _row(10))
