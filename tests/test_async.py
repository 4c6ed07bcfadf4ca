"""Clients of aiobotocore, which nobody has prepared: reached, answered and retried as botocore's own are.

What such a client makes of a failed request is not written down here. The same client meets the same answer once from
a plain `before-send` handler, and once from the fake.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import inspect
import json
import random
import warnings
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.session import Session as BotocoreSession
from clients import entry
from test_request_failures import MODES, NETWORK_ERRORS, SERVICE_ERRORS, URL, Outcome
from test_retry_state import remembered_by

from pytest_eventbridge import FakeEventBridge, VerificationError
from pytest_eventbridge.exceptions import EventBridgeAssertionError

aiobotocore_awsrequest = pytest.importorskip("aiobotocore.awsrequest")
aiobotocore_client = pytest.importorskip("aiobotocore.client")
aiobotocore_config = pytest.importorskip("aiobotocore.config")
aiobotocore_credentials = pytest.importorskip("aiobotocore.credentials")
aiobotocore_httpsession = pytest.importorskip("aiobotocore.httpsession")
aiobotocore_session = pytest.importorskip("aiobotocore.session")
AsyncTokenBucket = pytest.importorskip("aiobotocore.retries.bucket").AsyncTokenBucket

ORIGINAL_SLEEP = asyncio.sleep
KEYS = {"aws_access_key_id": "AKIAOLDER", "aws_secret_access_key": "older"}
SESSION = aiobotocore_session.get_session()
ORIGINAL_CALL = aiobotocore_client.AioBaseClient._make_api_call
CLIENT_CLASSES = (BaseClient, aiobotocore_client.AioBaseClient)
HANDLED_EVENTS = ("before-call", "choose-signer", "before-send", "before-send.eventbridge", "after-call", "needs-retry")


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def make_client(service: str = "events", *, session: Any = SESSION, keys: dict[str, str] = KEYS, **config: Any) -> Any:
    """Return a context manager that makes a real client, which needs nothing of its surroundings."""
    return session.create_client(service, region_name="us-east-1", config=Config(**config), **keys)


def session_without_credentials() -> Any:
    """Return a session that finds no credentials, and does not search for any."""
    session = aiobotocore_session.AioSession()
    session.register_component("credential_provider", aiobotocore_credentials.AioCredentialResolver([]))
    return session


async def put(client: Any, **members: Any) -> Any:
    """Send one entry; the code under test."""
    return await client.put_events(Entries=[entry(**{"EventBusName": "orders"} | members)])


LINE_OF_PUT = f"{__file__}:{inspect.getsourcelines(put)[1] + 2}"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The URLs of the requests that would have left the process; a test that means some to clears them."""
    urls: list[str] = []

    async def send(session: Any, request: Any) -> None:
        urls.append(request.url)
        raise EndpointConnectionError(endpoint_url=request.url)

    monkeypatch.setattr(aiobotocore_httpsession.AIOHTTPSession, "send", send)
    yield urls
    assert urls == []


def left_on(*clients: Any) -> Any:
    """Return all that a fake could have left on clients and on their classes."""
    emitters = [client.meta.events._emitter for client in clients]
    return (
        [dict(client_class.__dict__) for client_class in CLIENT_CLASSES],
        [[list(emitter._handlers.prefix_search(name)) for name in HANDLED_EVENTS] for emitter in emitters],
        [dict(emitter._unique_id_handlers) for emitter in emitters],
        [dict(client._endpoint.__dict__) for client in clients],
    )


class _RawBody:
    """The raw body of an HTTP response, as aiohttp gives it."""

    def __init__(self, content: bytes, headers: dict[str, str]) -> None:
        self._content = content
        self.raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def read(self) -> bytes:
        return self._content


async def outcome_of(call: Awaitable[Any], counted: Callable[[], tuple[int, tuple[float, ...]]]) -> Outcome:
    """Make a call, and note what the caller gets."""
    try:
        response, raised = await call, None
    except Exception as error:  # whatever it is, it is compared
        response, raised = None, error
    return Outcome.of(response, raised, *counted())


async def without_fake(
    client: Any, *, body: object = None, status: int = 400, error: Exception | None = None
) -> Outcome:
    """Tell what a client does by itself when each attempt gets this answer, its waits counted and not waited for."""
    attempts: list[str] = []
    delays: list[float] = []

    def answer(request: Any, **_: Any) -> Any:
        attempts.append(request.url)
        if error is not None:
            raise error
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/x-amz-json-1.1"} if content else {}
        return aiobotocore_awsrequest.AioAWSResponse(request.url, status, headers, _RawBody(content, headers))

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    async def acquire(*_: Any, **__: Any) -> bool:
        return True

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio, "sleep", sleep)
        patched.setattr(AsyncTokenBucket, "acquire", acquire)
        client.meta.events.register("before-send.eventbridge.PutEvents", answer)
        try:
            random.seed(7)  # the waits of all modes are drawn from here
            return await outcome_of(put(client), lambda: (len(attempts), tuple(delays)))
        finally:
            client.meta.events.unregister("before-send.eventbridge.PutEvents", answer)


async def with_fake(client: Any, inject: Callable[[FakeEventBridge], Any]) -> Outcome:
    """Tell what the client does when the fake lets requests fail, and refuse every wait."""
    with FakeEventBridge() as bridge, no_waits():
        inject(bridge)
        random.seed(7)
        return await outcome_of(put(client), lambda: (bridge.calls[0].attempts, bridge.calls[0].retry_delays))


@contextmanager
def no_waits() -> Iterator[None]:
    """Fail whatever waits: `asyncio.sleep` when asked for more than nothing, and the rate limiter altogether."""

    async def sleep(seconds: float) -> None:
        assert seconds == 0, f"asked to sleep for {seconds} s"
        await ORIGINAL_SLEEP(0)

    async def acquire(*_: Any, **__: Any) -> None:
        pytest.fail("the rate limiter was asked")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio, "sleep", sleep)
        patched.setattr(AsyncTokenBucket, "acquire", acquire)
        yield


class TestReach:
    """Which clients are answered, and by which fake."""

    @on_a_loop
    async def test_a_client_older_than_the_fake(self) -> None:
        """A client that was made before any fake is answered, and afterwards is as it was."""
        async with make_client() as client:
            before = left_on(client)
            with FakeEventBridge() as bridge:
                response = await put(client)
            assert left_on(client) == before

        assert [event.event_id for event in bridge.events] == [response["Entries"][0]["EventId"]]
        assert bridge.calls[0].response == response
        assert bridge.calls[0].sent_from == LINE_OF_PUT

    @on_a_loop
    async def test_a_client_made_under_the_fake(self, sent: list[str]) -> None:
        """A client that was made under one fake is answered by the next, and by the network without one."""
        with FakeEventBridge() as first:
            async with make_client(retries={"total_max_attempts": 1}) as client:
                await put(client)
                second = FakeEventBridge()
                first.__exit__(None, None, None)
                with pytest.raises(EndpointConnectionError):
                    await put(client)
                with second:
                    await put(client)

        assert sent == [URL]
        sent.clear()
        assert len(first.events) == len(second.events) == 1

    @on_a_loop
    async def test_the_innermost_fake_answers(self) -> None:
        """One client is answered by the fake that is the innermost as its call begins."""
        async with make_client() as client:
            with FakeEventBridge() as outer:
                await put(client, Source="before")
                with FakeEventBridge() as inner:
                    await put(client, Source="within")
                await put(client, Source="after")

        assert [event.source for event in outer.events] == ["before", "after"]
        assert [event.source for event in inner.events] == ["within"]

    @on_a_loop
    async def test_another_service_is_untouched(self, eventbridge: FakeEventBridge) -> None:
        """A call of another service's client goes where it was going."""
        async with make_client("sqs") as client:
            answer = (aiobotocore_awsrequest.AioAWSResponse("", 200, {}, None), {"QueueUrls": []})
            client.meta.events.register("before-call", lambda **_: answer)
            assert await client.list_queues() == {"QueueUrls": []}

        assert list(eventbridge.calls) == []

    @on_a_loop
    async def test_the_service_refuses(self, eventbridge: FakeEventBridge) -> None:
        """A request that the service does not take raises as it does on a client of botocore."""
        async with make_client() as client:
            with pytest.raises(ClientError, match="ValidationException") as caught:
                await client.put_events(Entries=[entry()] * 11)

        assert eventbridge.calls[0].error is caught.value
        assert len(eventbridge.calls[0].entries) == 11

    @on_a_loop
    async def test_entries_fail(self, eventbridge: FakeEventBridge) -> None:
        """`fail_entries` refuses the entry that it means and no other."""
        eventbridge.fail_entries("ThrottlingException", position=1)
        async with make_client() as client:
            response = await client.put_events(Entries=[entry(Source=f"shop.{number}") for number in range(3)])

        assert response["FailedEntryCount"] == 1
        assert [result.get("ErrorCode") for result in response["Entries"]] == [None, "ThrottlingException", None]
        assert [failed.source for failed in eventbridge.failed_entries] == ["shop.1"]

    @on_a_loop
    async def test_handlers_can_read_the_response(self) -> None:
        """What is answered, above the transport or as an attempt, can be read by awaiting."""
        read: list[Any] = []

        async def read_response(http_response: Any, **_: Any) -> None:
            read.append(json.loads(await http_response.content))
            read.append(json.loads(await http_response.text))
            read.append(json.loads(await http_response.raw.read()))
            assert {type(await http_response.content), type(await http_response.text)} == {bytes, str}
            assert http_response.headers["Content-Length"] == str(len(await http_response.content))

        async with make_client() as client:
            client.meta.events.register("after-call", read_response)
            with FakeEventBridge() as bridge:
                answered = await put(client)
                bridge.fail_requests(skip=1)
                attempted = await put(client)

        assert read == [
            {name: response[name] for name in ("FailedEntryCount", "Entries")}
            for response in (answered, attempted)
            for _ in range(3)
        ]

    @pytest.mark.parametrize(("module", "name"), [("botocore.stub", "Stubber"), ("aiobotocore.stub", "AioStubber")])
    @on_a_loop
    async def test_a_stub_wins(self, module: str, name: str, eventbridge: FakeEventBridge) -> None:
        """A client that a stub answers is left to it, and to the fake again afterwards."""
        make_stub = getattr(pytest.importorskip(module), name)
        async with make_client() as client:
            with make_stub(client) as stub:
                stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": []})
                assert (await put(client))["Entries"] == []
            await put(client)

        assert len(eventbridge.calls) == 1


class TestAttempts:
    """What the client makes of requests that fail as a whole."""

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("code", SERVICE_ERRORS)
    @on_a_loop
    async def test_service_errors(self, code: str, mode: str) -> None:
        """Attempts, waits, exception class, text and metadata are those of the same answer without a fake."""
        status, message, _ = SERVICE_ERRORS[code]
        async with make_client(retries={"mode": mode}) as client:
            alone = await without_fake(client, body={"__type": code, "message": message}, status=status)
            faked = await with_fake(client, lambda bridge: bridge.fail_requests(code, times=None))

        assert faked == alone
        assert faked.error is not None
        assert (faked.error["Code"], faked.error["Message"]) == (code, message)
        if faked.attempts > 1:
            assert f"(reached max retries: {faked.attempts - 1})" in str(faked.text)
            assert faked.retry_attempts == faked.attempts - 1 == len(faked.delays)

    @pytest.mark.parametrize("mode", MODES)
    @on_a_loop
    async def test_what_passes_is_retried(self, mode: str) -> None:
        """A throttled call is retried in each mode."""
        async with make_client(retries={"mode": mode}) as client:
            faked = await with_fake(client, lambda bridge: bridge.fail_requests(times=None))

        assert faked.attempts > 1

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        "limit",
        [{"max_attempts": 0}, {"max_attempts": 3}, {"total_max_attempts": 1}, {"total_max_attempts": 6}],
        ids=str,
    )
    @on_a_loop
    async def test_the_limit_of_attempts_is_the_clients(self, limit: dict[str, int], mode: str) -> None:
        """`max_attempts`, which counts retries, and `total_max_attempts`, which counts all, mean what they mean."""
        async with make_client(retries={"mode": mode, **limit}) as client:
            alone = await without_fake(client, body={"__type": "ThrottlingException", "message": "Rate exceeded"})
            faked = await with_fake(client, lambda bridge: bridge.fail_requests(times=None))

        assert faked == alone
        assert faked.attempts == limit.get("total_max_attempts", faked.attempts)

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("error_class", NETWORK_ERRORS)
    @on_a_loop
    async def test_network_errors(self, error_class: type[Exception], mode: str) -> None:
        """An exception of the network is retried as the client would."""
        raised = error_class(endpoint_url=URL, proxy_url="http://proxy", error="refused")
        async with make_client(retries={"mode": mode}) as client:
            alone = await without_fake(client, error=raised)
            faked = await with_fake(client, lambda bridge: bridge.fail_requests(raised, times=None))

        assert faked == alone
        assert faked.error_type is error_class

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("status", [413, 503])
    @on_a_loop
    async def test_a_status_without_a_body(self, status: int, mode: str) -> None:
        """An empty body is read as one."""
        async with make_client(retries={"mode": mode}) as client:
            alone = await without_fake(client, status=status)
            faked = await with_fake(client, lambda bridge: bridge.fail_requests(str(status), times=None))

        assert faked == alone

    @pytest.mark.parametrize("mode", MODES)
    @on_a_loop
    async def test_each_attempt_uses_up_one(self, mode: str) -> None:
        """Two failures cost a call two retries, and the caller hears of neither."""
        async with make_client(retries={"mode": mode, "total_max_attempts": 5}) as client:
            with FakeEventBridge() as bridge, no_waits():
                failure = bridge.fail_requests(times=2)
                response = await put(client)

        assert (failure.fired, failure.remaining) == (2, 0)
        assert response["ResponseMetadata"]["RetryAttempts"] == 2
        assert response["Entries"] == [{"EventId": bridge.events[0].event_id}]
        assert bridge.calls[0].response == response
        assert bridge.calls[0].attempts == 3
        assert len(bridge.calls[0].retry_delays) == 2
        bridge.assert_no_lost_events()

    @on_a_loop
    async def test_the_retry_of_a_lost_answer_is_a_duplicate(self) -> None:
        """With `delivered=True` the first attempt is accepted too."""
        async with make_client(retries={"mode": "standard"}) as client:
            with FakeEventBridge() as bridge, no_waits():
                bridge.fail_requests(NETWORK_ERRORS[0], delivered=True)
                await put(client)

        assert len(bridge.events) == 2
        with pytest.raises(EventBridgeAssertionError):
            bridge.assert_no_duplicates()

    @on_a_loop
    async def test_a_request_that_fails_loses_its_entries(self) -> None:
        """A call that fails for good is one that lost its events, until they are sent again."""
        async with make_client(retries={"total_max_attempts": 1}) as client:
            with FakeEventBridge() as bridge:
                bridge.fail_requests("InternalException")
                with pytest.raises(client.exceptions.InternalException):
                    await put(client)
                with pytest.raises(EventBridgeAssertionError):
                    bridge.assert_no_lost_events()
                await put(client)
                bridge.assert_no_lost_events()

    @on_a_loop
    async def test_nobody_elses_sleep_is_touched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A client of another service still waits between its attempts."""
        asked: list[float] = []

        async def sleep(seconds: float) -> None:
            asked.append(seconds)

        monkeypatch.setattr(asyncio, "sleep", sleep)
        body = b'{"__type":"ThrottlingException"}'
        headers = {"content-type": "application/x-amz-json-1.0"}
        async with make_client("dynamodb", retries={"mode": "standard", "total_max_attempts": 2}) as client:
            answer = aiobotocore_awsrequest.AioAWSResponse("", 400, headers, _RawBody(body, headers))
            client.meta.events.register("before-send", lambda **_: answer)
            with FakeEventBridge() as bridge:
                bridge.fail_requests(times=None)
                with pytest.raises(ClientError, match="reached max retries: 1"):
                    await client.list_tables()

        assert len(asked) == 1

    @on_a_loop
    async def test_the_users_handlers_run(self) -> None:
        """Coroutine handlers on an attempt run, and one that answers it wins."""
        seen: list[str] = []

        async def watch(event_name: str, **_: Any) -> None:
            seen.append(event_name)

        async with make_client(retries={"mode": "standard"}) as client:
            for event in ("request-created", "before-send.eventbridge", "response-received", "needs-retry"):
                client.meta.events.register(f"{event}.PutEvents" if "." in event else event, watch)
            with FakeEventBridge() as bridge:
                bridge.fail_requests()
                await put(client)

        assert seen == [
            f"{event}.eventbridge.PutEvents"
            for event in ("request-created", "before-send", "response-received", "needs-retry") * 2
        ]

    @on_a_loop
    async def test_no_credentials_are_needed(self) -> None:
        """An attempt that is answered here is not signed."""
        async with make_client(session=session_without_credentials(), keys={}) as client:
            with FakeEventBridge(fake_credentials=False) as bridge:
                bridge.fail_requests()
                await put(client)

        assert len(bridge.events) == 1


class TestOtherOperations:
    """Operations that the fake does not play."""

    @pytest.mark.parametrize("mode", MODES)
    @on_a_loop
    async def test_they_are_refused(self, mode: str) -> None:
        """They raise an error that says so, after one attempt, and fail the verification."""
        async with make_client(retries={"mode": mode}) as client:
            before = left_on(client)
            with FakeEventBridge() as bridge, no_waits():
                with pytest.raises(ClientError, match="does not play ListArchives") as caught:
                    await client.list_archives()
                with pytest.raises(VerificationError, match="ListArchives"):
                    bridge.verify()
            assert left_on(client) == before

        assert caught.value.response["Error"]["Code"] == "OperationNotPlayed"
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0

    @on_a_loop
    async def test_credentials_are_not_fetched_for_them(self) -> None:
        """A client whose credentials have to be fetched is refused without that, and so is one without any."""

        async def fetch() -> None:
            pytest.fail("credentials were fetched")

        session = aiobotocore_session.AioSession()
        session._credentials = aiobotocore_credentials.AioDeferredRefreshableCredentials(fetch, "a provider")
        for one in (session, session_without_credentials()):
            async with make_client(session=one, keys={}) as client:
                with FakeEventBridge(fake_credentials=False), pytest.raises(ClientError, match="OperationNotPlayed"):
                    await client.list_archives()

    @on_a_loop
    async def test_credentials_are_looked_for_again_afterwards(self) -> None:
        """Without a fake, a client without credentials says that it has none."""
        async with make_client(session=session_without_credentials(), keys={}) as client:
            with FakeEventBridge(fake_credentials=False):
                await put(client)
            with pytest.raises(NoCredentialsError):
                await put(client)

    @on_a_loop
    async def test_a_handler_that_answers_wins(self, eventbridge: FakeEventBridge) -> None:
        """An operation that somebody else answers below the transport is not refused."""
        headers = {"content-type": "application/x-amz-json-1.1"}
        answer = aiobotocore_awsrequest.AioAWSResponse("", 200, headers, _RawBody(b'{"RuleNames":["r"]}', headers))
        async with make_client() as client:
            client.meta.events.register("before-send", lambda **_: answer)
            assert (await client.list_rule_names_by_target(TargetArn="arn"))["RuleNames"] == ["r"]


class TestConcurrency:
    """Calls side by side on one event loop."""

    @on_a_loop
    async def test_fifty_at_once(self, eventbridge: FakeEventBridge) -> None:
        """Each of the calls gets its own answer, and each event is captured once."""
        async with make_client() as client:
            responses = await asyncio.gather(*(put(client, Source=f"shop.{number}") for number in range(50)))

        captured = {event.source: event.event_id for event in eventbridge.events}
        assert captured == {
            f"shop.{number}": response["Entries"][0]["EventId"] for number, response in enumerate(responses)
        }
        assert [call.response for call in eventbridge.calls] == responses
        assert {call.sent_from for call in eventbridge.calls} == {LINE_OF_PUT}

    @on_a_loop
    async def test_attempts_that_take_turns(self) -> None:
        """Calls whose attempts are interleaved each keep their own story."""

        async def give_way(**_: Any) -> None:
            await ORIGINAL_SLEEP(0)

        async with make_client(retries={"mode": "standard", "total_max_attempts": 3}) as client:
            for event in ("before-parameter-build", "before-send.eventbridge", "needs-retry", "after-call"):
                client.meta.events.register_first(event, give_way)
            before = left_on(client)
            with FakeEventBridge() as bridge, no_waits():
                failure = bridge.fail_requests(times=50)
                responses = await asyncio.gather(*(put(client, Source=f"shop.{number}") for number in range(50)))
            assert left_on(client) == before

        assert failure.fired == sum(call.attempts - 1 for call in bridge.calls) == 50
        assert all(len(call.retry_delays) == call.attempts - 1 for call in bridge.calls)
        by_source = {call.entries[0].source: call for call in bridge.calls}
        assert [by_source[f"shop.{number}"].response for number in range(50)] == responses
        assert all(call.attempts == call.response["ResponseMetadata"]["RetryAttempts"] + 1 for call in bridge.calls)

    @on_a_loop
    async def test_tasks_of_several_clients_and_fakes(self) -> None:
        """A task's call belongs to the fake under which it was made, whatever the others do meanwhile."""
        async with make_client() as first, make_client() as second:
            with FakeEventBridge() as outer:
                outer.fail_requests()
                early = asyncio.create_task(put(first, Source="early"))
                await ORIGINAL_SLEEP(0)
                with FakeEventBridge() as inner:
                    await asyncio.gather(early, put(first, Source="late"), put(second, Source="late"))

        assert [event.source for event in outer.events] == ["early"]
        assert [event.source for event in inner.events] == ["late", "late"]

    @on_a_loop
    async def test_the_caller_of_a_task(self, eventbridge: FakeEventBridge) -> None:
        """A call that is made a task of at once was sent from where the method was called."""
        async with make_client() as client:
            task = asyncio.ensure_future(client.put_events(Entries=[entry()]))
            line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]  # CPython has frames
            await task

        assert eventbridge.calls[0].sent_from == f"{__file__}:{line}"


@pytest.mark.parametrize("mode", MODES)
@on_a_loop
async def test_a_client_remembers_no_failure_of_a_fake(mode: str) -> None:
    """Neither its retry quota nor its rate is another after the fake, and the next fake finds them as they were."""
    async with make_client(retries={"mode": mode, "total_max_attempts": 3}) as client:
        before = remembered_by(client)
        for _ in range(60):
            with FakeEventBridge() as bridge:
                bridge.fail_requests(times=None)
                with pytest.raises(ClientError):
                    await put(client)
            assert [call.attempts for call in bridge.calls] == [3]
        assert remembered_by(client) == before


@pytest.mark.parametrize("mode", MODES)
def test_another_kind_of_loop(mode: str, eventbridge: FakeEventBridge) -> None:
    """A client whose transport is httpx, which runs on trio as well, is answered and retried there."""
    trio = pytest.importorskip("trio")
    transport = pytest.importorskip("aiobotocore.httpxsession").HttpxSession
    config = aiobotocore_config.AioConfig(http_session_cls=transport, retries={"mode": mode})
    failure = eventbridge.fail_requests(times=2)

    async def main() -> float:
        async with (
            SESSION.create_client("events", region_name="us-east-1", config=config, **KEYS) as client,
            trio.open_nursery() as nursery,
        ):
            for number in range(10):
                nursery.start_soon(functools.partial(put, client, Source=f"shop.{number}"))
        return float(trio.current_time())

    clock = pytest.importorskip("trio.testing").MockClock(autojump_threshold=0)  # only a wait moves it on
    began = clock.current_time()
    assert trio.run(main, clock=clock) == began
    assert failure.fired == 2
    assert sum(call.attempts for call in eventbridge.calls) == 12
    assert {event.source for event in eventbridge.events} == {f"shop.{number}" for number in range(10)}


class Gate:
    """A handler on an event that waits to be let through."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, **_: Any) -> None:
        self.reached.set()
        await self.opened.wait()


@asynccontextmanager
async def call_held_at(event: str, client: Any) -> Any:
    """Make a call that waits in the middle, and yield its task and the gate."""
    gate = Gate()
    client.meta.events.register_first(event, gate)
    task = asyncio.create_task(put(client))
    task.add_done_callback(lambda _: gate.reached.set())  # a call that gets there without the gate is not waited for
    try:
        await gate.reached.wait()
        yield task, gate
    finally:
        client.meta.events.unregister(event, gate)


class TestInterruption:
    """Calls that are given up in the middle, or go on when nobody is there."""

    @pytest.mark.parametrize(
        "event", ["before-parameter-build", "before-call", "before-send.eventbridge", "needs-retry", "after-call"]
    )
    @pytest.mark.parametrize("has_ended", [False, True], ids=["under the fake", "after the fake"])
    @on_a_loop
    async def test_cancellation(self, event: str, has_ended: bool) -> None:
        """A call that is cancelled has the cancellation for its error, and leaves nothing behind."""
        async with make_client(retries={"mode": "standard"}) as client:
            before = left_on(client)
            with FakeEventBridge() as bridge:
                bridge.fail_requests()
                async with call_held_at(event, client) as (task, _):
                    if has_ended:
                        bridge.__exit__(None, None, None)
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError) as caught:
                        await task
            assert left_on(client) == before

        if event in ("before-parameter-build", "before-call"):
            assert list(bridge.calls) == []
        else:
            (call,) = bridge.calls
            assert call.error is not None
            assert type(call.error) is asyncio.CancelledError
            assert call.response is None
            assert [sent.source for sent in call.entries] == ["shop.orders"]
            assert (len(bridge.events) == 1) is (event == "after-call")
        assert caught.type is asyncio.CancelledError

    @on_a_loop
    async def test_a_cancelled_call_does_not_spoil_the_next(self, eventbridge: FakeEventBridge) -> None:
        """The same client is answered after a cancellation, in the same task as in another."""
        eventbridge.fail_requests(skip=1)
        async with make_client(retries={"mode": "standard"}) as client:
            async with call_held_at("after-call", client) as (task, _):
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.gather(put(client), put(client))

        assert [call.error is None for call in eventbridge.calls] == [False, True, True]

    @pytest.mark.parametrize("event", ["before-parameter-build", "needs-retry"])
    @on_a_loop
    async def test_a_call_that_outlives_the_fake(self, event: str) -> None:
        """A call that is under way when its fake ends stays in the process, and then its client is as it was."""
        async with make_client(retries={"mode": "standard"}) as client:
            before = left_on(client)
            with FakeEventBridge() as bridge:
                bridge.fail_requests()
                async with call_held_at(event, client) as (task, gate):
                    bridge.__exit__(None, None, None)
                    gate.opened.set()
                    response = await task
            assert left_on(client) == before

        assert bridge.calls[0].response == response
        assert len(bridge.events) == 1

    @on_a_loop
    async def test_an_awaitable_that_outlives_the_fake(self) -> None:
        """A call that was made under a fake and is awaited after it is still that fake's."""
        async with make_client() as client:
            before = left_on(client)
            with FakeEventBridge() as bridge:
                awaitable = client.put_events(Entries=[entry()])
            assert left_on(client) == before
            await awaitable
            assert left_on(client) == before

        assert len(bridge.events) == 1

    @on_a_loop
    async def test_a_call_that_nobody_awaits(self) -> None:
        """A coroutine that is dropped leaves nothing behind, besides Python's one warning, which names botocore's."""
        async with make_client() as client:
            before = left_on(client)
            with FakeEventBridge() as bridge:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    client.put_events(Entries=[entry()])
                    gc.collect()
                assert [str(warning.message) for warning in caught] == [
                    f"coroutine '{ORIGINAL_CALL.__qualname__}' was never awaited"
                ]
            assert left_on(client) == before

        assert list(bridge.calls) == []

    @on_a_loop
    async def test_a_task_that_is_cancelled_before_it_runs(self, eventbridge: FakeEventBridge) -> None:
        """What never began is no call."""
        async with make_client() as client:
            task = asyncio.create_task(client.put_events(Entries=[entry()]))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        assert list(eventbridge.calls) == []

    @on_a_loop
    async def test_a_coroutine_that_is_closed_elsewhere(self) -> None:
        """A call that ends in another context than it began in, as by a loop that is closed, ends all the same."""
        async with make_client() as client:
            gate = Gate()
            client.meta.events.register_first("after-call", gate)
            before = left_on(client)
            with FakeEventBridge() as bridge:
                coroutine = client.put_events(Entries=[entry()])
                contextvars.copy_context().run(coroutine.send, None)
                assert gate.reached.is_set()
                with suppress(ValueError):  # newer versions of aiobotocore trip over the context themselves
                    coroutine.close()
            assert left_on(client) == before

        assert isinstance(bridge.calls[0].error, (GeneratorExit, ValueError))


class TestWrappers:
    """Others who wrap or patch the method of all calls."""

    @pytest.mark.parametrize("is_coroutine_function", [True, False], ids=["coroutine function", "plain function"])
    @on_a_loop
    async def test_a_patch_that_is_older_than_the_fake(self, is_coroutine_function: bool) -> None:
        """Under a patch that hands on what the original gives, a call is what it is without."""
        seen: list[str] = []

        def plain(client: Any, operation_name: str, api_params: Any) -> Any:
            seen.append(operation_name)
            return ORIGINAL_CALL(client, operation_name, api_params)

        async def awaiting(client: Any, operation_name: str, api_params: Any) -> Any:
            return await plain(client, operation_name, api_params)

        patched = patch.object(
            aiobotocore_client.AioBaseClient, "_make_api_call", awaiting if is_coroutine_function else plain
        )
        async with make_client(retries={"mode": "standard"}) as client:
            before = left_on(client)
            with patched, FakeEventBridge() as bridge:
                bridge.fail_requests(skip=1)
                response = await asyncio.ensure_future(put(client))
                async with call_held_at("needs-retry", client) as (task, _):
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
            assert left_on(client) == before

        assert seen == ["PutEvents", "PutEvents"]
        assert bridge.calls[0].response == response
        assert [type(call.error) for call in bridge.calls] == [type(None), asyncio.CancelledError]
        assert {call.sent_from for call in bridge.calls} == {LINE_OF_PUT}

    @on_a_loop
    async def test_a_patch_around_a_kept_original(self, eventbridge: FakeEventBridge) -> None:
        """A patch that comes under the fake, and calls the original that it has kept, is answered and recorded."""

        async def patched(client: Any, operation_name: str, api_params: Any) -> Any:
            if operation_name == "ListArchives":
                return {"Rules": []}
            return await ORIGINAL_CALL(client, operation_name, api_params)

        eventbridge.fail_requests("InternalException")
        async with make_client(retries={"total_max_attempts": 1}) as client:
            with patch.object(aiobotocore_client.AioBaseClient, "_make_api_call", patched):
                assert await client.list_archives() == {"Rules": []}
                with pytest.raises(client.exceptions.InternalException) as caught:
                    await put(client)
                response, *_ = await asyncio.gather(put(client), put(client))
            await put(client)

        assert [type(call.error) for call in eventbridge.calls] == [caught.type, *[type(None)] * 3]
        assert eventbridge.calls[1].response == response

    @on_a_loop
    async def test_presigned_urls_are_unaffected(self, eventbridge: FakeEventBridge) -> None:
        """A URL is signed as ever, and is no call, before a call of the same task as after it."""
        async with make_client() as client:
            urls = [await client.generate_presigned_url("list_archives")]
            await put(client)
            urls.append(await client.generate_presigned_url("list_archives"))

        assert ["Signature=" in url for url in urls] == [True, True]
        assert len(eventbridge.calls) == 1


# What a project has to say before its first test runs, so that a warning of the plugins is not taken for one of ours.
STRICT = """
    [pytest]
    asyncio_default_fixture_loop_scope = function
    filterwarnings = error
"""
AUTO = STRICT + "    asyncio_mode = auto\n"
ANYIO = """
    [pytest]
    filterwarnings = error
"""
PLUGINS = {
    "pytest-asyncio": ("pytest_asyncio", STRICT, "pytest_asyncio.fixture", "pytest.mark.asyncio", ("-p", "no:anyio")),
    "pytest-asyncio, auto": ("pytest_asyncio", AUTO, "pytest.fixture", "[]", ("-p", "no:anyio")),
    "anyio": ("anyio", ANYIO, "pytest.fixture", "pytest.mark.anyio", ("-p", "no:asyncio")),
}
MODULE = """
    import asyncio

    import pytest
    import {module}
    from aiobotocore.session import get_session

    from pytest_eventbridge import ExpectedEvent

    pytestmark = {mark}

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @{fixture}
    async def client():
        async with get_session().create_client("events", region_name="us-east-1") as client:
            yield client

    async def place(client, order_id):
        entry = {{"Source": "shop", "DetailType": "OrderPlaced", "Detail": '{{"order_id": "' + order_id + '"}}'}}
        await client.put_events(Entries=[entry])

    async def test_client_made_under_the_fake(eventbridge, client):
        await asyncio.gather(place(client, "o-1"), place(client, "o-2"))
        eventbridge.assert_emitted_exactly(*(ExpectedEvent(detail={{"order_id": number}}) for number in ("o-1", "o-2")))

    async def test_client_older_than_the_fake(client, eventbridge):
        eventbridge.fail_requests(times=2)
        await place(client, "o-1")
        assert eventbridge.calls[0].attempts == 3
        eventbridge.assert_emitted_once(detail={{"order_id": "o-1"}})

    async def test_an_event_that_is_missing(eventbridge, client):
        await place(client, "o-1")
        eventbridge.assert_emitted(detail={{"order_id": "o-2"}})
"""


class TestFixture:
    """The fixture as it is, in the tests of others."""

    @pytest.mark.parametrize("plugin", PLUGINS)
    def test_under_a_plugin(self, plugin: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        """The `eventbridge` fixture serves a test that is a coroutine, whoever runs it."""
        module, ini, fixture, mark, arguments = PLUGINS[plugin]
        pytest.importorskip(module)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # where the older client would look for credentials
        pytester.makeini(ini)
        pytester.makepyfile(MODULE.format(module=module, fixture=fixture, mark=mark))

        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*order_id*o-2*"])

    def test_a_first_import_within_the_test(self, pytester: pytest.Pytester) -> None:
        """Classes that are loaded under the fake are reached, and left as they were."""
        pytester.makepyfile(
            """
            import asyncio
            import sys

            async def publish():
                from aiobotocore.session import get_session

                async with get_session().create_client("events") as client:
                    await client.put_events(Entries=[{"Source": "shop", "DetailType": "OrderPlaced", "Detail": "{}"}])

            def test_publish(eventbridge):
                assert "aiobotocore" not in sys.modules
                asyncio.run(publish())
                eventbridge.assert_emitted_once(source="shop")

            def test_afterwards():
                from aiobotocore.client import AioBaseClient

                assert "pytest_eventbridge" not in str(AioBaseClient.__dict__)
                assert AioBaseClient._make_api_call.__module__.partition(".")[0] == "aiobotocore"
            """
        )
        result = pytester.runpytest_subprocess(
            "-p", "no:cacheprovider", "-p", "no:anyio", "-p", "no:asyncio", "-W", "error"
        )
        result.assert_outcomes(passed=2)


# ---- the service `eventbridgev2`

CUSTOM_BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-busv2/orders/abcdefghij0123456789abcde"
needs_v2 = pytest.mark.skipif(
    "eventbridgev2" not in BotocoreSession().get_available_services(),
    reason="this botocore does not know eventbridgev2",
)


@needs_v2
@on_a_loop
async def test_a_custom_event_bus() -> None:
    """Both operations are answered on the loop as off it: entries, failures of entries, and unknown event buses."""
    keyed = {"Source": "shop.orders", "DetailType": "OrderPlaced", "SystemMetadata": {"DeduplicationId": "key"}}
    raw = {"Data": b"\xff", "SystemMetadata": {"ContentType": "application/octet-stream"}}
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        async with make_client("eventbridgev2") as client:
            response = await client.put_events(EventBusArn=CUSTOM_BUS_ARN, Entries=[keyed, keyed])
            await client.put_raw_events(EventBusArn=CUSTOM_BUS_ARN, Entries=[raw])
            bridge.fail_entries("InternalFailure")
            failed = await client.put_raw_events(EventBusArn=CUSTOM_BUS_ARN, Entries=[raw])
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                await client.put_events(EventBusArn=CUSTOM_BUS_ARN.replace("orders", "billing"), Entries=[keyed])
    assert [result["SuccessCode"] for result in response["Entries"]] == ["PUBLISHED", "DEDUPLICATED"]
    assert failed["FailedEntryCount"] == 1
    assert [event.event_id for event in bridge.events] == [response["Entries"][0]["EventId"]]
    assert [event.data for event in bridge.raw_events] == [b"\xff"]
    assert bridge.events[0].sent_from.startswith(__file__)


@needs_v2
@pytest.mark.parametrize("mode", MODES)
@on_a_loop
async def test_requests_to_a_custom_event_bus_are_retried(mode: str, eventbridge: FakeEventBridge) -> None:
    """A throttled request is sent again at once, and what was accepted without an answer is recognized."""
    entries = [{"Source": "shop.orders", "DetailType": "OrderPlaced", "SystemMetadata": {"DeduplicationId": "key"}}]
    eventbridge.fail_requests("ThrottlingException", delivered=True)
    async with make_client("eventbridgev2", retries={"mode": mode}) as client:
        response = await client.put_events(EventBusArn=CUSTOM_BUS_ARN, Entries=entries)
    assert response["Entries"][0]["SuccessCode"] == "DEDUPLICATED"
    assert [call.attempts for call in eventbridge.calls] == [2]
    assert len(eventbridge.events) == 1


def test_no_client_is_kept_alive() -> None:
    """A client of aiobotocore that the fake has answered and retried goes with its block, and so does the fake."""

    async def played() -> list[weakref.ref[Any]]:
        with FakeEventBridge() as bridge:
            async with make_client() as client:
                bridge.fail_requests("ThrottlingException")
                await put(client)
                assert bridge.calls[0].attempts == 2
                return [weakref.ref(client), weakref.ref(bridge)]

    references = asyncio.run(played())
    gc.collect()
    assert [reference() for reference in references] == [None, None]
