"""Code that publishes through aioboto3, at the lowest and the newest version whose botocore is supported."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import AsyncExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_eventbridge import ExpectedEvent, FakeEventBridge

aioboto3 = pytest.importorskip("aioboto3")
aiobotocore_awsrequest = pytest.importorskip("aiobotocore.awsrequest")


class Publisher:
    """The code under test: opens one client, and publishes through it until it is closed."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Publisher:
        self._client = await self._stack.enter_async_context(self._session.client("events", region_name="eu-west-1"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def publish(self, *order_ids: str) -> list[str]:
        """Publish an event for each order, and return the ids of those that EventBridge refused."""
        entries = [
            {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": f'{{"order_id": "{order_id}"}}'}
            for order_id in order_ids
        ]
        response = await self._client.put_events(Entries=entries)
        results = zip(order_ids, response["Entries"], strict=True)
        return [order_id for order_id, result in results if "ErrorCode" in result]


def test_a_client_made_under_the_fake(eventbridge: FakeEventBridge) -> None:
    """Events of concurrent tasks over one client are captured, with the line that sent them."""

    async def main() -> None:
        async with Publisher(aioboto3.Session()) as publisher:
            await asyncio.gather(*(publisher.publish(f"o-{number}") for number in range(20)))

    asyncio.run(main())

    eventbridge.assert_emitted_exactly(*(ExpectedEvent(detail={"order_id": f"o-{number}"}) for number in range(20)))
    lines, first = inspect.getsourcelines(Publisher.publish)
    line = first + next(number for number, text in enumerate(lines) if ".put_events(" in text)
    assert {event.sent_from for event in eventbridge.events} == {f"{__file__}:{line}"}
    assert {event.region for event in eventbridge.events} == {"eu-west-1"}


def test_a_client_older_than_the_fake() -> None:
    """A session and a client that were opened before the fake are answered while it is active."""

    async def main() -> tuple[FakeEventBridge, FakeEventBridge]:
        session = aioboto3.Session(aws_access_key_id="AKIAOLDER", aws_secret_access_key="older")
        async with Publisher(session) as publisher:
            with FakeEventBridge() as first:
                await publisher.publish("o-1")
            with FakeEventBridge() as second:
                await publisher.publish("o-2")
        return first, second

    first, second = asyncio.run(main())

    first.assert_emitted_once(detail={"order_id": "o-1"})
    second.assert_emitted_once(detail={"order_id": "o-2"})


def test_entries_that_fail(eventbridge: FakeEventBridge) -> None:
    """The publisher learns which of its events were refused."""
    eventbridge.fail_entries("ThrottlingException", detail={"order_id": "o-2"})

    async def main() -> list[str]:
        async with Publisher(aioboto3.Session()) as publisher:
            return await publisher.publish("o-1", "o-2", "o-3")

    assert asyncio.run(main()) == ["o-2"]
    eventbridge.assert_failed(detail={"order_id": "o-2"})


def test_requests_that_fail(eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client retries below the publisher, without waiting, and gives up as it would."""
    yield_to_others = asyncio.sleep

    async def sleep(seconds: float) -> None:
        assert seconds == 0
        await yield_to_others(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def main() -> None:
        async with Publisher(aioboto3.Session()) as publisher:
            eventbridge.fail_requests(times=2)
            await publisher.publish("o-1")
            with eventbridge.fail_requests(times=None), pytest.raises(ClientError, match="reached max retries"):
                await publisher.publish("o-2")

    asyncio.run(main())

    first, second = eventbridge.calls
    assert (first.attempts, first.error, len(first.retry_delays)) == (3, None, 2)
    assert second.attempts == len(second.retry_delays) + 1 > 1
    eventbridge.assert_emitted_once(detail={"order_id": "o-1"})


def test_a_resource_of_another_service(eventbridge: FakeEventBridge) -> None:
    """A resource, whose clients are aiobotocore's as well, works beside the fake; EventBridge itself has none."""

    async def main() -> str:
        session = aioboto3.Session()
        async with session.resource("sqs", region_name="eu-west-1") as sqs, Publisher(session) as publisher:
            answer = (aiobotocore_awsrequest.AioAWSResponse("", 200, {}, None), {"QueueUrl": "https://queue"})
            sqs.meta.client.meta.events.register("before-call.sqs.CreateQueue", lambda **_: answer)
            queue = await sqs.create_queue(QueueName="orders")
            await publisher.publish("o-1")
            return str(queue.url)

    assert asyncio.run(main()) == "https://queue"
    eventbridge.assert_emitted_once(detail={"order_id": "o-1"})
    assert len(eventbridge.calls) == 1
