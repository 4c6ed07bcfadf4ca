"""Failures of whole requests, and what botocore and the code under test make of them.

How often botocore tries, how long it would wait and what it raises in the end differ from version to version and from
mode to mode. So each of these tests asks the botocore it runs on: the same client meets the same answer once from a
plain `before-send` handler, and once from the fake.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
)
from botocore.retries.bucket import TokenBucket
from botocore.stub import Stubber
from clients import SESSION, entry, make_client

from pytest_eventbridge import EventBridgeAssertionError, FakeEventBridge
from pytest_eventbridge.exceptions import VerificationError

URL = "https://events.us-east-1.amazonaws.com/"
MODES = ("legacy", "standard", "adaptive")
NETWORK_ERRORS = (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
)
NOT_AUTHORIZED = (
    "User: arn:aws:sts::123456789012:assumed-role/some/role is not authorized to perform: events:PutEvents on "
    "resource: arn:aws:events:us-east-1:123456789012:event-bus/orders because no identity-based policy allows the "
    "events:PutEvents action"
)

# Each code with its HTTP status, its text, and whether botocore makes a class of it: None where that depends on the
# version of the service model.
SERVICE_ERRORS: dict[str, tuple[int, str, bool | None]] = {
    "AccessDeniedException": (400, NOT_AUTHORIZED, None),
    "ExpiredTokenException": (400, "The security token included in the request is expired", False),
    "InternalException": (500, "This exception occurs due to unexpected causes.", True),
    "InternalFailure": (
        500,
        "The request processing has failed because of an unknown error, exception or failure.",
        False,
    ),
    "InvalidSignatureException": (400, "InvalidSignatureException", False),
    "LimitExceededException": (400, "LimitExceededException", True),
    "OperationDisabledException": (400, "The operation you are attempting is not available in this region.", True),
    "RequestExpired": (400, "RequestExpired", False),
    "ResourceNotFoundException": (400, "The resource does not exist.", True),
    "SerializationException": (400, "SerializationException", False),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server.", False),
    "SomethingNew": (400, "SomethingNew", False),
    "Throttling": (400, "Rate exceeded", False),
    "ThrottlingException": (400, "Rate exceeded", None),
    "UnrecognizedClientException": (400, "The security token included in the request is invalid.", False),
    "ValidationException": (400, "The input fails to satisfy the constraints specified by an AWS service.", False),
}


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that makes one attempt only, older than any fake."""
    return make_client(retries={"mode": "standard", "total_max_attempts": 1})


class _Body:
    """The raw body of an HTTP response."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


@dataclass
class Outcome:
    """What a client made of one call."""

    attempts: int
    delays: tuple[float, ...]
    error_type: type[BaseException] | None = None
    text: str | None = None
    error: dict[str, Any] | None = None
    retry_attempts: int | None = None
    status: int | None = None

    @classmethod
    def of(cls, response: Any, raised: Exception | None, attempts: int, delays: tuple[float, ...]) -> Outcome:
        """Tell what the caller got: a response, or an exception that may carry one."""
        told = getattr(raised, "response", None) or response or {}
        metadata = told.get("ResponseMetadata", {})
        return cls(
            attempts=attempts,
            delays=delays,
            error_type=None if raised is None else type(raised),
            text=None if raised is None else str(raised),
            error=told.get("Error"),
            retry_attempts=metadata.get("RetryAttempts"),
            status=metadata.get("HTTPStatusCode"),
        )


def outcome_of(call: Callable[[], Any], counted: Callable[[], tuple[int, tuple[float, ...]]]) -> Outcome:
    """Make a call, and note what the caller gets."""
    try:
        response, raised = call(), None
    except Exception as error:  # whatever it is, it is compared
        response, raised = None, error
    return Outcome.of(response, raised, *counted())


def put(client: Any, **members: Any) -> Any:
    """Send one entry."""
    return client.put_events(Entries=[entry(**{"EventBusName": "orders"} | members)])


def without_fake(client: Any, *, body: object = None, status: int = 400, error: Exception | None = None) -> Outcome:
    """Tell what botocore does by itself when each attempt gets this answer, its waits counted and not waited for."""
    attempts: list[str] = []
    delays: list[float] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        attempts.append(request.url)
        if error is not None:
            raise error
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/x-amz-json-1.1"} if content else {}
        return AWSResponse(request.url, status, headers, _Body(content))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", delays.append)
        patch.setattr(TokenBucket, "acquire", lambda *_, **__: True)
        client.meta.events.register("before-send.eventbridge.PutEvents", answer)
        try:
            random.seed(7)  # the waits of all modes are drawn from here
            return outcome_of(lambda: put(client), lambda: (len(attempts), tuple(delays)))
        finally:
            client.meta.events.unregister("before-send.eventbridge.PutEvents", answer)


def with_fake(client: Any, inject: Callable[[FakeEventBridge], Any]) -> Outcome:
    """Tell what the client does when the fake lets requests fail, and refuse every wait."""
    with FakeEventBridge() as bridge, no_waits():
        inject(bridge)
        random.seed(7)
        return outcome_of(lambda: put(client), lambda: (bridge.calls[0].attempts, bridge.calls[0].retry_delays))


@contextmanager
def no_waits() -> Iterator[None]:
    """Fail whatever waits: `time.sleep` when asked for more than nothing, and botocore's rate limiter altogether."""

    def sleep(seconds: float) -> None:
        assert seconds == 0, f"asked to sleep for {seconds} s"

    def acquire(*_: Any, **__: Any) -> None:
        pytest.fail("the rate limiter was asked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", sleep)
        patch.setattr(TokenBucket, "acquire", acquire)
        yield


@contextmanager
def frequent_switches() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


class TestServiceErrors:
    """Errors that the service answers with."""

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("code", SERVICE_ERRORS)
    def test_botocore_does_what_it_does_by_itself(self, code: str, mode: str) -> None:
        """Attempts, waits, exception class, text and metadata are those of the same answer without a fake."""
        status, message, is_modelled = SERVICE_ERRORS[code]
        client = make_client(retries={"mode": mode})

        alone = without_fake(client, body={"__type": code, "message": message}, status=status)
        faked = with_fake(client, lambda bridge: bridge.fail_requests(code, times=None))

        assert faked == alone
        assert faked.error is not None
        assert faked.error["Code"] == code
        assert faked.error["Message"] == message
        assert faked.status == status
        assert faked.error_type is getattr(client.exceptions, code, ClientError)
        if is_modelled is not None:
            assert (faked.error_type is not ClientError) is is_modelled

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("code", ["ThrottlingException", "Throttling", "InternalException", "ServiceUnavailable"])
    def test_what_passes_is_retried(self, code: str, mode: str) -> None:
        """Botocore retries a throttled call and a failing server in each mode, and says so in the end."""
        client = make_client(retries={"mode": mode})

        faked = with_fake(client, lambda bridge: bridge.fail_requests(code, times=None))

        assert faked.attempts > 1
        assert faked.retry_attempts == faked.attempts - 1 == len(faked.delays)
        assert f"(reached max retries: {faked.retry_attempts})" in str(faked.text)

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        "code",
        [
            "AccessDeniedException",
            "ExpiredTokenException",
            "InvalidSignatureException",
            "OperationDisabledException",
            "RequestExpired",
            "ResourceNotFoundException",
            "SerializationException",
            "UnrecognizedClientException",
            "ValidationException",
        ],
    )
    def test_what_does_not_pass_is_not_retried(self, code: str, mode: str) -> None:
        """Botocore does not retry what no retry helps against."""
        client = make_client(retries={"mode": mode})

        faked = with_fake(client, lambda bridge: bridge.fail_requests(code, times=None))

        assert (faked.attempts, faked.retry_attempts, faked.delays) == (1, 0, ())
        assert "max retries" not in str(faked.text)

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        "limit",
        [
            pytest.param({name: count}, id=f"{name}={count}")
            for name, counts in {"max_attempts": (0, 1, 3), "total_max_attempts": (1, 2, 6)}.items()
            for count in counts
        ],
    )
    def test_the_limit_of_attempts_is_the_clients(self, limit: dict[str, int], mode: str) -> None:
        """`max_attempts`, which counts retries, and `total_max_attempts`, which counts all, mean what they mean."""
        client = make_client(retries={"mode": mode, **limit})

        alone = without_fake(client, body={"__type": "ThrottlingException", "message": "Rate exceeded"})
        faked = with_fake(client, lambda bridge: bridge.fail_requests(times=None))

        assert faked == alone
        if "total_max_attempts" in limit:
            assert faked.attempts == limit["total_max_attempts"]

    def test_the_default_mode_is_botocores(self) -> None:
        """A client without a configuration of its own retries as its botocore does."""
        client = make_client()

        alone = without_fake(client, body={"__type": "ThrottlingException", "message": "Rate exceeded"})
        faked = with_fake(client, lambda bridge: bridge.fail_requests(times=None))

        assert faked == alone
        assert faked.attempts > 1

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("ThrottlingException", 429),
            ("SomethingNew", 429),
            ("SomethingNew", 502),
            ("ExpiredTokenException", 403),
            ("InternalException", 400),
            ("ServiceUnavailable", 504),
            ("SomethingNew", 301),
            ("SomethingNew", 599),
        ],
    )
    def test_an_http_status_of_ones_own(self, code: str, status: int, mode: str) -> None:
        """`http_status` overrides the status of the code, and botocore goes by it."""
        client = make_client(retries={"mode": mode})

        alone = without_fake(client, body={"__type": code, "message": "Not now"}, status=status)
        faked = with_fake(client, lambda bridge: bridge.fail_requests(code, "Not now", http_status=status, times=None))

        assert faked == alone
        assert faked.status == status
        assert faked.error is not None
        assert (faked.error["Code"], faked.error["Message"]) == (code, "Not now")

    @pytest.mark.parametrize("status", [413, 502, 504])
    @pytest.mark.parametrize("mode", MODES)
    def test_a_status_without_a_body(self, status: int, mode: str) -> None:
        """A code of digits is what stands in front of the service: a status with an empty body."""
        client = make_client(retries={"mode": mode})

        alone = without_fake(client, status=status)
        faked = with_fake(client, lambda bridge: bridge.fail_requests(str(status), times=None))

        assert faked == alone
        assert faked.error == {"Code": str(status), "Message": alone.error and alone.error["Message"]}
        assert (faked.attempts > 1) is (status >= 500)

    def test_the_code_can_be_any_text(self, client: Any) -> None:
        """A code with braces in it is a code as any other."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests("Odd{code}")

            with pytest.raises(ClientError, match=r"\(Odd\{code\}\)"):
                put(client)

    def test_an_instance_of_the_modelled_class_can_be_caught(self, client: Any) -> None:
        """`except client.exceptions.X` in the code under test works."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests("InternalException", "It is us")

            with pytest.raises(client.exceptions.InternalException, match="It is us") as caught:
                put(client)

        assert bridge.calls[0].error is caught.value
        assert bridge.calls[0].response is None
        assert caught.value.response["ResponseMetadata"]["RequestId"] == bridge.calls[0].request_id


class TestAttempts:
    """Each attempt of botocore's is one of `times`."""

    def test_each_attempt_uses_up_one(self) -> None:
        """Two failures cost a call two retries, and the caller hears of neither."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 5})
        with FakeEventBridge() as bridge, no_waits():
            failure = bridge.fail_requests(times=2)

            response = put(client)

        assert response["FailedEntryCount"] == 0
        assert response["ResponseMetadata"]["RetryAttempts"] == 2
        assert (failure.fired, failure.remaining) == (2, 0)
        assert len(bridge.calls) == len(bridge.events) == 1
        assert bridge.calls[0].attempts == 3
        assert bridge.calls[0].error is None
        assert response["Entries"] == [{"EventId": bridge.events[0].event_id}]
        bridge.assert_no_lost_events()
        bridge.assert_no_duplicates()

    def test_what_is_left_is_for_the_next_call(self) -> None:
        """What a call with its attempts did not use up fails the next one."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
        with FakeEventBridge() as bridge, no_waits():
            failure = bridge.fail_requests(times=3)

            with pytest.raises(ClientError, match=r"reached max retries: 1"):
                put(client)
            assert failure.remaining == 1
            put(client)

        assert [call.attempts for call in bridge.calls] == [2, 2]
        assert [call.error is None for call in bridge.calls] == [False, True]

    def test_times_is_once_by_default(self, client: Any) -> None:
        """One failure fails one call of a client that makes one attempt."""
        with FakeEventBridge() as bridge:
            failure = bridge.fail_requests()

            with pytest.raises(ClientError):
                put(client)
            put(client)

        assert failure.fired == 1
        assert [call.attempts for call in bridge.calls] == [1, 1]
        assert "RetryAttempts" in (bridge.calls[1].response or {})["ResponseMetadata"]

    def test_skip_counts_attempts(self) -> None:
        """`skip` lets attempts pass, be they of one call or of several."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 4})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests("ServiceUnavailable", times=1)
            skipping = bridge.fail_requests("InternalException", skip=1, times=1)

            put(client)  # ServiceUnavailable, then let pass
            assert skipping.fired == 0
            put(client)  # InternalException, then nothing

        assert [call.attempts for call in bridge.calls] == [2, 2]
        assert skipping.fired == 1

    def test_a_cancelled_failure_fires_no_more(self, client: Any) -> None:
        """What is cancelled, or ends with its block, lets the next attempt through."""
        with FakeEventBridge() as bridge:
            cancelled = bridge.fail_requests(times=None)
            with pytest.raises(ClientError):
                put(client)
            cancelled.cancel()
            put(client)
            with bridge.fail_requests("InternalException", times=None) as scoped, pytest.raises(ClientError):
                put(client)
            put(client)

        assert (cancelled.fired, scoped.fired) == (1, 1)
        assert (cancelled.remaining, scoped.remaining) == (0, 0)
        assert len(bridge.events) == 2
        bridge.verify()

    def test_an_answered_attempt_is_like_an_answered_call(self) -> None:
        """A response by way of the attempts has the same keys as one without."""
        client = make_client()
        with FakeEventBridge() as bridge:
            directly = put(client)
            bridge.fail_requests(skip=1)
            by_attempts = put(client)

        assert by_attempts.keys() == directly.keys()
        assert by_attempts["ResponseMetadata"].keys() == directly["ResponseMetadata"].keys()
        assert (
            by_attempts["ResponseMetadata"]["HTTPHeaders"].keys() == directly["ResponseMetadata"]["HTTPHeaders"].keys()
        )
        assert by_attempts["FailedEntryCount"] == directly["FailedEntryCount"] == 0
        assert bridge.calls[1].response == by_attempts

    def test_failed_entries_are_not_retried_by_botocore(self) -> None:
        """A partial failure that comes by way of the attempts is a success to botocore."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 5})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests()
            bridge.fail_entries("ThrottlingException")

            response = put(client)

        assert response["FailedEntryCount"] == 1
        assert bridge.calls[0].attempts == 2
        assert bridge.failed_entries[0].injected_by == "fail_entries('ThrottlingException')"

    def test_a_request_that_the_service_refuses_is_refused_by_way_of_the_attempts(self, client: Any) -> None:
        """Eleven entries are refused whether a failure is pending or not."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(skip=1)

            with pytest.raises(ClientError, match="less than or equal to 10"):
                client.put_events(Entries=[entry() for _ in range(11)])

        assert len(bridge.calls[0].entries) == 11
        assert bridge.events == []


class TestNetworkErrors:
    """What the network raises on the way."""

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("error_class", NETWORK_ERRORS, ids=lambda error_class: error_class.__name__)
    @pytest.mark.parametrize("form", ["class", "instance"])
    def test_it_is_retried_as_botocore_would(self, form: str, error_class: type[Exception], mode: str) -> None:
        """Attempts, waits, class and text are those of the same exception without a fake."""
        make: Any = error_class
        raised = make(endpoint_url=URL, proxy_url="http://proxy.invalid", error="injected failure")
        client = make_client(retries={"mode": mode})

        alone = without_fake(client, error=raised)
        faked = with_fake(
            client, lambda bridge: bridge.fail_requests(error_class if form == "class" else raised, times=None)
        )

        assert faked == alone
        assert faked.error_type is error_class
        assert faked.error is None

    def test_one_of_several_attempts(self) -> None:
        """A call that reaches the service at the second attempt succeeds."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 3})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(EndpointConnectionError)

            response = put(client)

        assert response["ResponseMetadata"]["RetryAttempts"] == 1
        assert bridge.calls[0].attempts == 2
        bridge.assert_emitted_once(event_bus="orders")

    def test_the_class_gets_the_clients_url(self, client: Any) -> None:
        """An exception given as a class names the endpoint of the client."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(EndpointConnectionError)

            with pytest.raises(EndpointConnectionError, match=f'"{URL}"'):
                put(client)

    def test_the_instance_is_raised_itself(self, client: Any) -> None:
        """An instance is what the caller catches, and what the call keeps."""
        error = ReadTimeoutError(endpoint_url="https://somewhere.invalid/")
        with FakeEventBridge() as bridge:
            bridge.fail_requests(error)

            with pytest.raises(ReadTimeoutError) as caught:
                put(client)

        assert caught.value is error
        assert bridge.calls[0].error is error

    def test_any_exception_of_botocore_with_a_plain_message(self, client: Any) -> None:
        """A botocore exception that is made of nothing can be given as a class too."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(botocore.exceptions.NoCredentialsError)

            with pytest.raises(botocore.exceptions.NoCredentialsError, match="Unable to locate credentials"):
                put(client)


class TestWaits:
    """The waits between attempts are skipped, for requests that the fake answers."""

    @pytest.mark.parametrize("mode", MODES)
    def test_they_can_be_read(self, mode: str) -> None:
        """`retry_delays` has what botocore asked for, a number for each retry, and nobody slept."""
        client = make_client(retries={"mode": mode, "total_max_attempts": 4})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(times=3)

            put(client)

        delays = bridge.calls[0].retry_delays
        assert len(delays) == 3
        assert all(isinstance(delay, (int, float)) and delay >= 0 for delay in delays)
        assert sum(delays) > 0

    def test_a_call_without_a_retry_has_none(self, client: Any) -> None:
        """A call that was answered at once has no waits, with and without a pending failure."""
        with FakeEventBridge() as bridge:
            put(client)
            bridge.fail_requests(skip=1)
            put(client)

        assert [call.retry_delays for call in bridge.calls] == [(), ()]

    def test_nobody_elses_sleep_is_touched(self) -> None:
        """`time.sleep` is the same function inside a fake, and in the midst of a call."""
        sleep = time.sleep
        seen = []
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
        client.meta.events.register("needs-retry.eventbridge.PutEvents", lambda **_: seen.append(time.sleep))
        with FakeEventBridge() as bridge:
            bridge.fail_requests()
            put(client)

        assert seen == [sleep, sleep]

    def test_another_service_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A client of another service waits between its attempts as ever, with a failure of ours pending."""
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        others = SESSION.create_client(
            "sqs",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
        )
        others.meta.events.register(
            "before-send.sqs", lambda request, **_: AWSResponse(request.url, 500, {}, _Body(b""))
        )
        with FakeEventBridge() as bridge:
            bridge.fail_requests(times=None)

            with pytest.raises(ClientError, match="500"):
                others.list_queues()

        assert len(slept) == 1
        assert bridge.calls == []

    def test_another_operation_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What another mock answers of the same client is retried with its waits."""
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
        client.meta.events.register(
            "before-send.eventbridge.ListRules", lambda request, **_: AWSResponse(request.url, 500, {}, _Body(b""))
        )
        with FakeEventBridge() as bridge:
            bridge.fail_requests()
            put(client)
            assert slept == [0]

            with pytest.raises(ClientError, match="500"):
                client.list_rules()

        assert len(slept) == 2

    def test_the_rate_limiter_of_the_adaptive_mode_does_not_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Botocore asks its rate limiter for each attempt of its own, and for none that the fake answers."""
        asked: list[str] = []
        monkeypatch.setattr(TokenBucket, "acquire", lambda *_, **__: asked.append("acquire"))
        monkeypatch.setattr(time, "sleep", lambda _: None)
        client = make_client(retries={"mode": "adaptive", "total_max_attempts": 3})
        with FakeEventBridge() as bridge:
            bridge.fail_requests(times=2)
            put(client)
        assert asked == []

        throttled = b'{"__type": "ThrottlingException"}'
        answer = AWSResponse("", 400, {}, _Body(throttled))
        client.meta.events.register("before-send.eventbridge.PutEvents", lambda **_: answer)
        with pytest.raises(ClientError):
            put(client)
        assert len(asked) == 2, "each attempt after the first that was throttled"


class TestLostAnswers:
    """The events are accepted, and the caller does not hear of it."""

    def test_the_retry_of_botocore_is_a_duplicate(self) -> None:
        """Botocore sends again what had arrived: two events with ids of their own, and the caller sees the last."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(ReadTimeoutError, delivered=True)

            response = put(client)

        first, second = bridge.events
        assert first.event_id != second.event_id
        assert response["Entries"] == [{"EventId": second.event_id}]
        assert bridge.calls[0].entries == (second,)
        assert first.call is second.call is bridge.calls[0]
        bridge.assert_no_lost_events()
        with pytest.raises(EventBridgeAssertionError) as failed:
            bridge.assert_no_duplicates()
        assert "\n\n2 times: " in str(failed.value)
        assert failed.value.captured == (first, second)
        with pytest.raises(
            EventBridgeAssertionError, match=r"1 event with the same detail\.order_id was accepted more than once"
        ):
            bridge.assert_no_duplicates(key="detail.order_id")

    def test_the_retry_of_the_code_under_test_is_a_duplicate(self, client: Any) -> None:
        """Code that sends again after an error that hid a success is found out, changed `Time` or not."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(ConnectionClosedError, delivered=True)

            with pytest.raises(ConnectionClosedError):
                put(client, Time=1)
            put(client, Time=2, TraceHeader="Root=1-5759e988-bd862e3fe1be46a994272793")

        assert [call.error is None for call in bridge.calls] == [False, True]
        bridge.assert_no_lost_events()
        with pytest.raises(EventBridgeAssertionError, match="1 event was accepted more than once"):
            bridge.assert_no_duplicates()

    def test_a_delivered_event_is_not_lost(self, client: Any) -> None:
        """What was accepted is not lost, though the caller got an error and did nothing."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests("InternalException", delivered=True)

            with pytest.raises(ClientError):
                put(client)

        bridge.assert_emitted_once(event_bus="orders")
        bridge.assert_no_lost_events()
        bridge.assert_no_duplicates()

    def test_a_delivered_attempt_before_failed_ones(self) -> None:
        """The attempt that arrived decides, whichever of them it was."""
        for skip in (0, 1, 2):
            client = make_client(retries={"mode": "standard", "total_max_attempts": 3})
            with FakeEventBridge() as bridge, no_waits():
                lost_answer = bridge.fail_requests(ReadTimeoutError, delivered=True, skip=skip)
                bridge.fail_requests("InternalException", times=None)

                with pytest.raises((ClientError, ReadTimeoutError)):
                    put(client)

            assert lost_answer.fired == 1
            assert len(bridge.events) == 1
            assert bridge.calls[0].entries == tuple(bridge.events)
            bridge.assert_no_lost_events()

    def test_entries_fail_in_a_delivered_request_too(self, client: Any) -> None:
        """An entry that failed in a request whose answer was lost is lost; the others are not."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(ReadTimeoutError, delivered=True)
            bridge.fail_entries("ThrottlingException", position=1)

            with pytest.raises(ReadTimeoutError):
                client.put_events(Entries=[entry(Detail=f'{{"n":{n}}}') for n in range(3)])

        with pytest.raises(EventBridgeAssertionError) as failed:
            bridge.assert_no_lost_events()
        assert [event.detail for event in failed.value.captured] == [{"n": 1}]
        assert "ThrottlingException: The request was denied due to request throttling." in str(failed.value)
        assert "the caller got the exception ReadTimeoutError." in str(failed.value)
        assert [event.detail for event in bridge.events] == [{"n": 0}, {"n": 2}]

    @pytest.mark.parametrize("failed_before", [False, True])
    def test_an_entry_of_a_delivered_attempt_that_fails_in_the_next_is_not_lost(self, failed_before: bool) -> None:
        """What arrived unheard is not lost, and answers earlier failures; what failed in both attempts is lost."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
        entries = [entry(Detail=f'{{"n":{n}}}') for n in range(3)]
        with FakeEventBridge() as bridge, no_waits():
            if failed_before:
                bridge.fail_entries(times=3)
                client.put_events(Entries=entries)
            bridge.fail_requests(ReadTimeoutError, delivered=True)
            bridge.fail_entries(detail={"n": 1}, times=2)
            bridge.fail_entries(detail={"n": 0}, skip=1)

            codes = [result.get("ErrorCode") for result in client.put_events(Entries=entries)["Entries"]]

        assert codes == ["InternalFailure", "InternalFailure", None]
        assert [event.detail["n"] for event in bridge.events] == [0, 2, 2]
        with pytest.raises(EventBridgeAssertionError) as failed:
            bridge.assert_no_lost_events()
        assert [event.detail for event in failed.value.captured] == [{"n": 1}]

    def test_a_request_that_the_service_refuses_is_not_delivered(self, client: Any) -> None:
        """What the service would have refused is not accepted because the answer is lost."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(ReadTimeoutError, delivered=True)

            with pytest.raises(ReadTimeoutError):
                client.put_events(Entries=[entry() for _ in range(11)])

        assert bridge.events == []
        assert len(bridge.calls[0].entries) == 11


class TestLostEvents:
    """Which entries never arrived, and what is said of them."""

    def test_a_failed_request_loses_each_of_its_entries(self, client: Any) -> None:
        """Of each entry the message says what it was, why it failed, where it came from, and what the caller got."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests("AccessDeniedException", "No")
            with pytest.raises(ClientError):
                client.put_events(Entries=[entry(), entry(DetailType="OrderPaid", EventBusName="paid")])
            bridge.fail_entries("ThrottlingException")
            client.put_events(Entries=[entry(DetailType="OrderSent")])

        with pytest.raises(EventBridgeAssertionError) as failed:
            bridge.assert_no_lost_events()

        lines = str(failed.value).splitlines()
        here = __file__.rpartition("/")[2]
        assert lines[0] == "3 events failed and were not accepted later:"
        error = str(bridge.calls[0].error)
        assert error.startswith("An error occurred (AccessDeniedException) when calling the PutEvents operation")
        got = f"the caller got the exception {type(bridge.calls[0].error).__name__}."
        assert lines[1::3] == [
            '  default  shop.orders  OrderPlaced  {"order_id":"o-1"}',
            '  paid  shop.orders  OrderPaid  {"order_id":"o-1"}',
            '  default  shop.orders  OrderSent  {"order_id":"o-1"}  failed: ThrottlingException',
        ]
        assert lines[2::3] == [
            f"    The whole request failed: {error}",
            f"    The whole request failed: {error}",
            "    ThrottlingException: The request was denied due to request throttling.",
        ]
        assert [line.rpartition("; ")[2] for line in lines[3::3]] == [
            got,
            got,
            "the caller got a response without an exception, which hides it.",
        ]
        for line, event in zip(lines[3::3], failed.value.captured, strict=True):
            path, _, number = event.sent_from.rpartition(":")
            assert path == __file__
            assert f"{here}:{number}; " in line
        assert [event.detail_type for event in failed.value.captured] == ["OrderPlaced", "OrderPaid", "OrderSent"]

    def test_the_retries_of_botocore_count_once(self) -> None:
        """A call that failed after retries loses its entry once, and says how often botocore tried."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 3})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(times=None)
            with pytest.raises(ClientError):
                put(client)

        with pytest.raises(EventBridgeAssertionError, match=r"1 event failed and was not accepted later:") as failed:
            bridge.assert_no_lost_events()
        assert "(reached max retries: 2): Rate exceeded" in str(failed.value)

    def test_a_network_error_loses_events(self, client: Any) -> None:
        """What did not get through is lost, and the message has the text of the exception."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(ConnectTimeoutError)
            with pytest.raises(ConnectTimeoutError):
                put(client)

        with pytest.raises(EventBridgeAssertionError) as failed:
            bridge.assert_no_lost_events()
        assert f'The whole request failed: Connect timeout on endpoint URL: "{URL}"' in str(failed.value)
        assert "the caller got the exception ConnectTimeoutError." in str(failed.value)

    @pytest.mark.parametrize(
        "changed",
        [
            {"Time": 2},
            {"TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"},
            {"Detail": '{ "order_id": "o-1" }'},
        ],
        ids=["Time", "TraceHeader", "white space in Detail"],
    )
    @pytest.mark.parametrize("kind", ["entry", "request"])
    def test_the_code_under_test_sends_again(self, client: Any, kind: str, changed: dict[str, Any]) -> None:
        """What is sent again with another `Time` or `TraceHeader` is the same event; a second time is a duplicate."""
        with FakeEventBridge() as bridge:
            bridge.fail_entries(times=2) if kind == "entry" else bridge.fail_requests(times=2)
            for attempt in range(3):
                try:
                    put(client, **({} if attempt == 0 else changed))
                except ClientError:
                    assert kind == "request"
                if attempt < 2:
                    with pytest.raises(EventBridgeAssertionError, match="1 event failed and was not accepted later"):
                        bridge.assert_no_lost_events()

            bridge.assert_no_lost_events()
            bridge.assert_no_duplicates()
            put(client, **changed)
            with pytest.raises(EventBridgeAssertionError, match="1 event was accepted more than once"):
                bridge.assert_no_duplicates()

    @pytest.mark.parametrize(
        "changed",
        [
            {"Detail": '{"order_id":"o-2"}'},
            {"DetailType": "OrderPaid"},
            {"Source": "shop.payments"},
            {"Resources": ["arn:aws:sqs:us-east-1:123456789012:q"]},
        ],
        ids=["Detail", "DetailType", "Source", "Resources"],
    )
    def test_another_event_does_not_make_up_for_it(self, client: Any, changed: dict[str, Any]) -> None:
        """An event with anything else in it is another event."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests()
            with pytest.raises(ClientError):
                put(client)
            put(client, **changed)

        with pytest.raises(EventBridgeAssertionError, match="1 event failed and was not accepted later"):
            bridge.assert_no_lost_events()

    def test_an_earlier_acceptance_does_not_make_up_for_it(self, client: Any) -> None:
        """Only a later acceptance answers a failure."""
        with FakeEventBridge() as bridge:
            put(client)
            bridge.fail_requests()
            with pytest.raises(ClientError):
                put(client)

        with pytest.raises(EventBridgeAssertionError, match="1 event failed and was not accepted later"):
            bridge.assert_no_lost_events()

    @pytest.mark.parametrize("event_name", ["request-created", "before-send"])
    def test_a_handler_that_raises_loses_events(self, event_name: str) -> None:
        """A request that a handler of the user's stops below the fake counts for each of its entries as well."""

        def stop(**_: Any) -> None:
            raise RuntimeError("stopped")

        client = make_client()
        client.meta.events.register(f"{event_name}.eventbridge.PutEvents", stop)
        with FakeEventBridge() as bridge:
            bridge.fail_requests(times=None)
            with pytest.raises(RuntimeError, match="stopped"):
                put(client)

        assert len(bridge.calls[0].entries) == 1
        with pytest.raises(EventBridgeAssertionError, match="the caller got the exception RuntimeError"):
            bridge.assert_no_lost_events()

    def test_verify_looks_for_lost_events_where_asked(self, client: Any) -> None:
        """With `fail_on_lost_events` a lost event is one of the problems of `verify`."""
        with FakeEventBridge(fail_on_lost_events=True) as bridge:
            bridge.fail_requests()
            with pytest.raises(ClientError):
                put(client)

            with pytest.raises(VerificationError) as failed:
                bridge.verify()
            put(client)
            bridge.verify()

        (problem,) = failed.value.problems
        assert problem.startswith("1 event failed and was not accepted later:")

    def test_the_hint_names_the_failed_request(self, client: Any) -> None:
        """A failed assertion says that the event was in a request that failed."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests("InternalException")
            with pytest.raises(ClientError):
                put(client)

        with pytest.raises(EventBridgeAssertionError) as failed:
            bridge.assert_emitted(detail_type="OrderPlaced")
        assert "It was in a request that failed as a whole: calls[0]" in str(failed.value)
        assert "raised InternalException" in str(failed.value)


class TestNeighbours:
    """What else answers, listens or stands around while requests fail."""

    def test_moto_sees_no_attempt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With `mock_aws` active no attempt of a failing request reaches moto, and all else of the client does."""
        moto = pytest.importorskip("moto")
        from moto.events.responses import EventsHandler

        seen: list[str] = []
        put_events = EventsHandler.put_events

        def watched(handler: Any) -> Any:
            seen.append("PutEvents")
            return put_events(handler)

        monkeypatch.setattr(EventsHandler, "put_events", watched)
        with moto.mock_aws():
            # moto reaches the sessions made after its import.
            client = botocore.session.Session().create_client(
                "events",
                region_name="us-east-1",
                config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
            )
            put(client, EventBusName="default")
            assert seen == ["PutEvents"]
            with FakeEventBridge() as bridge, no_waits():
                bridge.fail_requests()
                bridge.fail_requests(EndpointConnectionError)
                put(client)
                bridge.fail_requests(times=None)
                with pytest.raises(ClientError, match="max retries: 2"):
                    put(client)
                assert client.list_event_buses()["EventBuses"][0]["Name"] == "default"

        assert seen == ["PutEvents"]
        assert [call.attempts for call in bridge.calls] == [3, 3]

    def test_the_users_handlers_run(self) -> None:
        """Handlers that the user registered run for each attempt, and see what they would see of a real one."""
        seen: list[str] = []
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})

        def see(event_name: str, **given: Any) -> None:
            parsed = given.get("parsed_response") or given.get("parsed") or {}
            code = parsed.get("Error", {}).get("Code", "")
            seen.append(f"{event_name.partition('.')[0]} {code or type(given.get('exception')).__name__}")

        for name in ("before-send", "request-created", "needs-retry", "response-received", "after-call"):
            client.meta.events.register(f"{name}.eventbridge.PutEvents", see)
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(ReadTimeoutError)
            bridge.fail_requests("InternalException")
            with pytest.raises(client.exceptions.InternalException):
                put(client)

        assert [line for line in seen if not line.startswith("needs-retry")] == [
            "request-created NoneType",
            "before-send NoneType",
            "response-received ReadTimeoutError",
            "request-created NoneType",
            "before-send NoneType",
            "response-received InternalException",
            "after-call InternalException",
        ]
        assert sum(line.startswith("needs-retry") for line in seen) == 2

    def test_the_users_handler_of_errors_runs(self) -> None:
        """`after-call-error` is emitted for what the network raises."""
        seen: list[BaseException] = []
        client = make_client(retries={"mode": "standard", "total_max_attempts": 1})
        client.meta.events.register(
            "after-call-error.eventbridge.PutEvents", lambda exception, **_: seen.append(exception)
        )
        error = ReadTimeoutError(endpoint_url=URL)
        with FakeEventBridge() as bridge:
            bridge.fail_requests(error)
            with pytest.raises(ReadTimeoutError):
                put(client)

        assert seen == [error]

    def test_the_user_decides_on_the_retry(self) -> None:
        """A `needs-retry` handler of the user's makes botocore try again, and its wait is skipped as well."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 1})

        def retry_once(attempts: int, **_: Any) -> float | None:
            return 30.5 if attempts == 1 else None

        client.meta.events.register("needs-retry.eventbridge.PutEvents", retry_once)
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests("AccessDeniedException")
            put(client)

        assert bridge.calls[0].attempts == 2
        assert bridge.calls[0].retry_delays == (30.5,)

    def test_no_credentials_are_needed(self) -> None:
        """A client that has none gets its answer, and one that has some sends nothing signed."""
        headers: list[set[str]] = []
        with FakeEventBridge(fake_credentials=False) as bridge, no_waits():
            for credentials in (False, True):
                client = make_client(credentials=credentials, retries={"mode": "standard", "total_max_attempts": 2})
                if not credentials:
                    client._request_signer._credentials = None
                client.meta.events.register(
                    "before-send.eventbridge.PutEvents",
                    lambda request, **_: headers.append({name.lower() for name in request.headers}),
                )
                bridge.fail_requests()
                put(client)

        assert [call.attempts for call in bridge.calls] == [2, 2]
        assert len(headers) == 4
        assert all("authorization" not in names for names in headers)

    def test_a_stubber_wins(self) -> None:
        """A call that a `Stubber` answers is no attempt: it uses up no failure and is not captured."""
        client = make_client()
        with FakeEventBridge() as bridge, Stubber(client) as stubber:
            failure = bridge.fail_requests()
            stubber.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "stubbed"}]})

            assert put(client)["Entries"] == [{"EventId": "stubbed"}]

        assert failure.fired == 0
        assert bridge.calls == []

    def test_only_the_innermost_fake_fails(self, client: Any) -> None:
        """A failure of an outer fake waits until the inner one is gone, and the other way round none leaks out."""
        with FakeEventBridge() as outer:
            failure = outer.fail_requests("InternalException")
            with FakeEventBridge() as inner:
                put(client)
                inner.fail_requests("AccessDeniedException", times=None)
                with pytest.raises(ClientError, match="AccessDenied"):
                    put(client)
            assert failure.fired == 0
            with pytest.raises(client.exceptions.InternalException):
                put(client)
            put(client)

        assert (len(outer.calls), len(inner.calls)) == (2, 2)
        assert failure.fired == 1

    def test_a_handler_may_publish_too(self) -> None:
        """A call made by a handler in the midst of an attempt is a call of its own."""
        client, other = (make_client(retries={"mode": "standard", "total_max_attempts": 2}) for _ in range(2))
        client.meta.events.register(
            "before-send.eventbridge.PutEvents", lambda **_: put(other, DetailType="Nested") and None
        )
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests()
            put(client)

        assert [(call.entries[0].detail_type, call.attempts) for call in bridge.calls] == [
            ("Nested", 2),
            ("OrderPlaced", 1),
        ]


class TestUndoing:
    """After the fake a client is what it was."""

    EVENTS = ("before-call", "before-send", "choose-signer", "needs-retry", "request-created")

    def handlers(self, client: Any) -> list[list[Any]]:
        """Return what the client would run for each event of a PutEvents call."""
        trie = client.meta.events._emitter._handlers
        return [list(trie.prefix_search(f"{name}.eventbridge.PutEvents")) for name in self.EVENTS]

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("raised", [False, True], ids=["leaving", "an exception"])
    def test_handlers_and_emitter_are_as_before(self, mode: str, raised: bool) -> None:
        """Handlers, their order and the emitter of the endpoint are those from before, after errors as well."""
        client = make_client(retries={"mode": mode})
        before = self.handlers(client)
        emitter = client._endpoint._event_emitter

        for _ in range(2):
            try:
                with FakeEventBridge() as bridge, no_waits():
                    bridge.fail_requests("AccessDeniedException")
                    with pytest.raises(ClientError):
                        put(client)
                    assert self.handlers(client) != before
                    assert client._endpoint._event_emitter is not emitter
                    if raised:
                        raise LookupError
            except LookupError:
                pass

            assert self.handlers(client) == before
            assert client._endpoint._event_emitter is emitter

    def test_botocore_waits_again(self) -> None:
        """After the fake the client's waits are waited for."""
        client = make_client(retries={"mode": "standard"})
        body = {"__type": "ThrottlingException", "message": "Rate exceeded"}
        before = without_fake(client, body=body)
        with_fake(client, lambda bridge: bridge.fail_requests(times=None))
        after = without_fake(client, body=body)

        assert after == before
        assert len(after.delays) == after.attempts - 1 > 0

    def test_the_emitter_is_one_to_everybody_else(self) -> None:
        """Who registers a handler with the emitter of the endpoint meanwhile finds it there afterwards."""
        client = make_client()
        seen: list[str] = []
        with FakeEventBridge() as bridge:
            put(client)
            client._endpoint._event_emitter.register(
                "request-created.eventbridge.PutEvents", lambda **_: seen.append("request-created")
            )
            bridge.fail_requests("AccessDeniedException")
            with pytest.raises(ClientError):
                put(client)

        without_fake(client, status=403)
        assert seen == ["request-created"] * 2

    def test_threads_that_share_a_new_client(self) -> None:
        """A client that many threads bring along at the same moment is prepared once, and put back as it was."""
        for _ in range(4):
            client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
            before = self.handlers(client)
            emitter = client._endpoint._event_emitter
            barrier = threading.Barrier(16)

            def publish(_: int, client: Any = client, barrier: threading.Barrier = barrier) -> None:
                barrier.wait()
                put(client)

            with FakeEventBridge() as bridge, frequent_switches():
                bridge.fail_requests(times=8)
                with ThreadPoolExecutor(16) as pool:
                    failed = [future.exception() for future in [pool.submit(publish, number) for number in range(16)]]
                assert client._endpoint._event_emitter.emitter is emitter

            assert sum(len(call.retry_delays) for call in bridge.calls) == 8 - sum(map(bool, failed))
            assert self.handlers(client) == before
            assert client._endpoint._event_emitter is emitter


class TestThreads:
    """Chance and order, with many threads at once."""

    COUNT = 16

    def verdicts(self, threads: int, *, seed: int, calls: int = 64) -> list[int]:
        """Let so many threads publish, and say for each request that got through how many had failed before it."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 1})
        failed_before: list[int] = []
        with FakeEventBridge() as bridge:
            failure = bridge.fail_requests("InternalException", rate=0.4, seed=seed)
            # Asked in the order of consultation, and never answered with yes.
            bridge.fail_entries(where=lambda _: bool(failed_before.append(failure.fired)), times=None)

            def publish(number: int) -> None:
                with suppress(client.exceptions.InternalException):
                    put(client, Detail=f'{{"number":{number}}}')

            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(publish, range(calls)))

        assert len(bridge.calls) == calls
        assert failure.fired + len(bridge.events) == calls
        assert failure.fired == sum(call.error is not None for call in bridge.calls)
        return [*failed_before, failure.fired]

    def test_the_same_seed_gives_the_same_failures(self) -> None:
        """Whatever the threads do, the attempts in the order of their arrival fail as with one thread."""
        with frequent_switches():
            for seed in (1, 2):
                assert self.verdicts(self.COUNT, seed=seed) == self.verdicts(1, seed=seed)
        assert self.verdicts(1, seed=1) != self.verdicts(1, seed=2)

    def test_of_many_threads_so_many_fail(self) -> None:
        """`times` and `skip` are exact under threads, retries included."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 50})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(times=20, skip=10)
            with ThreadPoolExecutor(self.COUNT) as pool:
                list(pool.map(lambda number: put(client, Detail=f'{{"number":{number}}}'), range(64)))

        assert sum(call.attempts for call in bridge.calls) == 64 + 20
        assert sum(len(call.retry_delays) for call in bridge.calls) == 20
        assert len(bridge.events) == 64
        bridge.assert_no_lost_events()
        bridge.assert_no_duplicates(key="detail.number")

    def test_each_call_keeps_its_own_story(self) -> None:
        """A call knows its own error and entries, whatever other threads get."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 1})
        with FakeEventBridge() as bridge:
            bridge.fail_requests("InternalException", rate=0.5, seed=3)
            caught: dict[int, BaseException] = {}

            def publish(number: int) -> None:
                try:
                    put(client, Detail=f'{{"number":{number}}}')
                except ClientError as error:
                    caught[number] = error

            with ThreadPoolExecutor(self.COUNT) as pool:
                list(pool.map(publish, range(48)))

        errors = {call.entries[0].detail["number"]: call.error for call in bridge.calls}
        assert {number: error for number, error in errors.items() if error is not None} == caught
        assert 0 < len(caught) < 48


class TestChance:
    """`rate` with and without `seed`."""

    def pattern(self, client: Any, **arguments: Any) -> tuple[str, int | None]:
        """Return which of 40 calls fail, and the seed."""
        with FakeEventBridge() as bridge:
            failure = bridge.fail_requests("InternalException", **arguments)
            outcome = ""
            for _ in range(40):
                try:
                    put(client)
                    outcome += "."
                except client.exceptions.InternalException:
                    outcome += "F"
            return outcome, failure.seed

    def test_a_drawn_seed_can_be_given_again(self, client: Any) -> None:
        """The seed that was drawn gives the same failures again when it is given."""
        drawn, seed = self.pattern(client, rate=0.5)

        assert seed is not None
        assert self.pattern(client, rate=0.5, seed=seed) == (drawn, seed)
        assert self.pattern(client, rate=0.5, seed=seed + 1)[0] != drawn

    def test_seeds_differ(self, client: Any) -> None:
        """Two failures draw different seeds."""
        with FakeEventBridge() as bridge:
            assert bridge.fail_requests(rate=0.5).seed != bridge.fail_requests(rate=0.5).seed

    @pytest.mark.parametrize(("rate", "expected"), [(0, "." * 40), (0.0, "." * 40), (1, "F" * 40), (1.0, "F" * 40)])
    def test_the_ends_of_the_range(self, client: Any, rate: float, expected: str) -> None:
        """0 is never, 1 is always."""
        assert self.pattern(client, rate=rate, seed=1)[0] == expected

    def test_times_bounds_chance(self, client: Any) -> None:
        """With `times` chance fails no more than so many."""
        outcome, _ = self.pattern(client, rate=0.5, seed=1, times=3)

        assert outcome.count("F") == 3
        assert (
            outcome[: outcome.rindex("F") + 1] == self.pattern(client, rate=0.5, seed=1)[0][: outcome.rindex("F") + 1]
        )

    def test_what_chance_spared_is_not_unused(self, client: Any) -> None:
        """A failure that was asked and spared every attempt is used; one that nothing came for is not."""
        with FakeEventBridge() as bridge:
            bridge.fail_requests(rate=0, seed=5)
            with pytest.raises(VerificationError) as failed:
                bridge.verify()
            put(client)
            bridge.verify()

        assert failed.value.problems == (
            "An injected failure never fired:\n"
            "  fail_requests('ThrottlingException', times=None, rate=0.0, seed=5)\n"
            "What it applies to did not come, or too little of it. "
            "Cancel it, or set the option allow_unused_failures.",
        )


class TestArguments:
    """What makes no sense is refused where it is written."""

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            pytest.param({"times": 0}, ValueError, "times: 0 is less than 1.", id="times=0"),
            pytest.param({"times": -1}, ValueError, "times: -1 is less than 1.", id="times=-1"),
            pytest.param({"times": True}, TypeError, "times: a whole number is required, not True.", id="times=True"),
            pytest.param({"times": 1.0}, TypeError, "times: a whole number is required, not 1.0.", id="times=1.0"),
            pytest.param({"skip": -1}, ValueError, "skip: -1 is less than 0.", id="skip=-1"),
            pytest.param({"skip": None}, TypeError, "skip: a whole number is required, not None.", id="skip=None"),
            pytest.param({"rate": -0.1}, ValueError, "rate: -0.1 is not between 0 and 1.", id="rate=-0.1"),
            pytest.param({"rate": 1.1}, ValueError, "rate: 1.1 is not between 0 and 1.", id="rate=1.1"),
            pytest.param({"rate": float("nan")}, ValueError, "rate: nan is not between 0 and 1.", id="rate=nan"),
            pytest.param({"rate": "1"}, TypeError, "rate: a number from 0 to 1 is required, not '1'.", id="rate='1'"),
            pytest.param(
                {"rate": True}, TypeError, "rate: a number from 0 to 1 is required, not True.", id="rate=True"
            ),
            pytest.param({"seed": 1}, TypeError, "seed: it has no effect without rate.", id="seed alone"),
            pytest.param(
                {"rate": 0.5, "seed": "1"}, TypeError, "seed: a whole number is required, not '1'.", id="seed='1'"
            ),
            pytest.param(
                {"http_status": 299},
                ValueError,
                "http_status: 299 is no status of a failed request; those are 3",
                id="http_status=299",
            ),
            pytest.param(
                {"http_status": 600},
                ValueError,
                "http_status: 600 is no status of a failed request",
                id="http_status=600",
            ),
            pytest.param(
                {"http_status": "500"}, TypeError, "http_status: a whole number is required, not '500'.", id="'500'"
            ),
            pytest.param(
                {"http_status": True}, TypeError, "http_status: a whole number is required, not True.", id="status=True"
            ),
            pytest.param(
                {"error": ReadTimeoutError, "http_status": 500},
                TypeError,
                "message and http_status belong to an error code",
                id="http_status with an exception",
            ),
            pytest.param(
                {"error": ReadTimeoutError, "message": "Slow"},
                TypeError,
                "message and http_status belong to an error code",
                id="message with an exception",
            ),
            pytest.param({"delivered": 1}, TypeError, "delivered: True or False is required, not 1.", id="delivered=1"),
            pytest.param(
                {"message": ""}, TypeError, "message: a string that is not empty is required, not ''.", id="''"
            ),
            pytest.param({"message": 5}, TypeError, "message: a string that is not empty is required, not 5.", id="5"),
            pytest.param(
                {"error": ""}, TypeError, "error: a string that is not empty is required, not ''.", id="no code"
            ),
            pytest.param(
                {"error": 500},
                TypeError,
                "error: an error code such as 'ThrottlingException' or an exception of botocore.exceptions such as "
                "EndpointConnectionError is required, not 500.",
                id="error=500",
            ),
            pytest.param(
                {"error": TimeoutError},
                TypeError,
                "EndpointConnectionError is required, not <class 'TimeoutError'>.",
                id="TimeoutError",
            ),
            pytest.param(
                {"error": TimeoutError("slow")},
                TypeError,
                "EndpointConnectionError is required, not TimeoutError('slow').",
                id="TimeoutError('slow')",
            ),
            pytest.param({"error": None}, TypeError, "EndpointConnectionError is required, not None.", id="error=None"),
            pytest.param(
                {"error": ClientError},
                TypeError,
                "Of a ClientError give the code, as a string.",
                id="ClientError",
            ),
            pytest.param(
                {"error": ClientError({"Error": {"Code": "Throttling"}}, "PutEvents")},
                TypeError,
                "Of a ClientError give the code, as a string.",
                id="a ClientError",
            ),
        ],
    )
    def test_it_is_refused_at_the_call(self, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
        """The exception names the argument, what it takes, and what it got; nothing is injected."""
        bridge = FakeEventBridge()

        with pytest.raises(error) as refused:
            bridge.fail_requests(**arguments)

        assert message in str(refused.value)
        bridge.verify()

    def test_a_modelled_exception_is_refused_with_the_hint(self, client: Any) -> None:
        """The class of a modelled error is a ClientError as well, and the hint says what to give."""
        with pytest.raises(TypeError, match="Of a ClientError give the code, as a string"):
            FakeEventBridge().fail_requests(client.exceptions.InternalException)

    def test_a_class_that_cannot_be_made_is_refused(self) -> None:
        """A class of botocore's whose message is made of other things has to come as an instance."""
        bridge = FakeEventBridge()

        with pytest.raises(TypeError, match="ParamValidationError"):
            bridge.fail_requests(botocore.exceptions.ParamValidationError)
        bridge.fail_requests(botocore.exceptions.ParamValidationError(report="bad")).cancel()

        bridge.verify()

    @pytest.mark.parametrize("code", ["0", "99", "200", "299", "600", "1000"])
    def test_digits_that_are_no_status_of_a_failure_are_refused(self, code: str) -> None:
        """A code of digits is an HTTP status, so it has to be one of a failed request."""
        with pytest.raises((TypeError, ValueError), match="status"):
            FakeEventBridge().fail_requests(code)

    @pytest.mark.parametrize(
        "arguments", [{"message": "Too large"}, {"http_status": 400}], ids=["message", "http_status"]
    )
    def test_a_status_without_a_body_takes_neither_text_nor_status(self, arguments: dict[str, Any]) -> None:
        """What an empty body cannot hold is refused, not ignored."""
        with pytest.raises(TypeError, match=next(iter(arguments))):
            FakeEventBridge().fail_requests("413", **arguments)

    def test_there_is_no_position_of_a_request(self) -> None:
        """`position` and criteria belong to entries."""
        bridge: Any = FakeEventBridge()

        with pytest.raises(TypeError, match="position"):
            bridge.fail_requests("ThrottlingException", position=0)
        with pytest.raises(TypeError, match="detail_type"):
            bridge.fail_requests("ThrottlingException", detail_type="OrderPlaced")

    def test_http_statuses_of_the_range_raise_what_was_asked_for(self) -> None:
        """The least and the greatest status that are taken reach the caller with the code."""
        bridge = FakeEventBridge()
        taken = []
        for status in (300, 301, 599):
            try:
                bridge.fail_requests("SomethingNew", http_status=status)
                taken.append(status)
            except ValueError:
                pass
        client = make_client(retries={"mode": "standard", "total_max_attempts": 1})
        with bridge:
            for _ in taken:
                with pytest.raises(ClientError) as caught:
                    put(client)
                assert caught.value.response["Error"]["Code"] == "SomethingNew"

        assert taken[-2:] == [301, 599]


class TestWording:
    """A failure as text, which stands in reports."""

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({}, "fail_requests('ThrottlingException')"),
            ({"error": "413"}, "fail_requests('413')"),
            ({"error": ReadTimeoutError}, "fail_requests(ReadTimeoutError)"),
            (
                {"error": ReadTimeoutError(endpoint_url="https://x/")},
                """fail_requests(ReadTimeoutError('Read timeout on endpoint URL: "https://x/"'))""",
            ),
            (
                {"error": "InternalException", "http_status": 503, "times": None, "skip": 2, "delivered": True},
                "fail_requests('InternalException', times=None, skip=2, http_status=503, delivered=True)",
            ),
            (
                {"rate": 0.25, "seed": 7, "times": 3},
                "fail_requests('ThrottlingException', times=3, rate=0.25, seed=7)",
            ),
        ],
        ids=["default", "status", "class", "instance", "all", "chance"],
    )
    def test_it_reads_as_it_was_written(self, arguments: dict[str, Any], text: str) -> None:
        """The text is the call that made it, and the repr adds how often it fired."""
        failure = FakeEventBridge().fail_requests(**arguments)

        assert str(failure) == text
        assert repr(failure) == f"<InjectedFailure {text}: never fired>"

    def test_the_repr_counts(self, client: Any) -> None:
        """The repr says how often it fired."""
        with FakeEventBridge() as bridge:
            failure = bridge.fail_requests(times=2)
            for fired in ("fired 1 time", "fired 2 times"):
                with pytest.raises(ClientError):
                    put(client)
                assert repr(failure) == f"<InjectedFailure fail_requests('ThrottlingException', times=2): {fired}>"

    def test_the_report_tells_of_attempts(self) -> None:
        """The report has the attempts of a call, what it raised, and what became of its entry."""
        client = make_client(retries={"mode": "standard", "total_max_attempts": 2})
        with FakeEventBridge() as bridge, no_waits():
            bridge.fail_requests(times=3)
            with pytest.raises(ClientError):
                put(client)
            put(client)

        call, unanswered, succeeded, accepted, title, failure = bridge._report().splitlines()
        error = type(bridge.calls[0].error).__name__
        assert f"us-east-1  PutEvents  2 attempts  raised {error}  sent from " in call
        assert unanswered == '  [0] orders  shop.orders  OrderPlaced  {"order_id":"o-1"}  not answered'
        assert "us-east-1  PutEvents  2 attempts  sent from " in succeeded
        assert accepted == '  [0] orders  shop.orders  OrderPlaced  {"order_id":"o-1"}  accepted'
        assert (title, failure) == (
            "Injected failures:",
            "  fail_requests('ThrottlingException', times=3): fired 3 times",
        )

    def test_the_partition_is_the_clients(self) -> None:
        """The text of AccessDeniedException names the bus as the client's partition has it."""
        client = SESSION.create_client(
            "events", region_name="cn-north-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        with FakeEventBridge(account_id="999999999999") as bridge:
            bridge.fail_requests("AccessDeniedException")
            with pytest.raises(ClientError, match="arn:aws-cn:events:cn-north-1:999999999999:event-bus/orders because"):
                put(client)
