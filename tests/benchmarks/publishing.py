"""Publishing: `put_events`, and a call that is retried."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from itertools import cycle
from typing import Any, Final
from unittest import mock

import boto3
import moto
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber

from pytest_eventbridge import FakeEventBridge

from .events import SESSION, small_entries
from .measuring import Sample, Work, timed_within
from .rows import MICROSECONDS, OURS, Row, at_most_above, at_most_times, times_ahead

FLOOR: Final = "floor: a before-call handler"
BY_HAND: Final = "the least that captures"
RETRY_FLOOR: Final = "floor: a before-send handler"
STUBBER: Final = "Stubber"
MOTO: Final = "moto"

# What the goal allows above the floor, in seconds.
_FOR_A_CALL: Final = 12e-6
_FOR_AN_ENTRY: Final = 6e-6

_CALLS: Final = 200
_CALLS_TO_MOTO: Final = 20


@contextmanager
def stubber(count: int) -> Iterator[Work]:
    """Put so many entries to a `Stubber`, which has to be told each answer beforehand."""
    sent, client = small_entries(count), SESSION.client("events")
    response = {"FailedEntryCount": 0, "Entries": [{"EventId": "id"} for _ in sent]}
    with Stubber(client) as stub:

        def work() -> None:
            stub.add_response("put_events", response, {"Entries": sent})
            client.put_events(Entries=sent)

        yield work


@contextmanager
def ours(count: int) -> Iterator[Work]:
    """Put so many entries to the fake."""
    sent, client = small_entries(count), SESSION.client("events")
    with FakeEventBridge():
        yield lambda: client.put_events(Entries=sent)


@contextmanager
def by_moto(count: int) -> Iterator[Work]:
    """Put so many entries to moto."""
    sent = small_entries(count)
    with moto.mock_aws():
        client = boto3.Session(region_name="us-east-1").client("events")
        yield lambda: client.put_events(Entries=sent)


@contextmanager
def floor(count: int) -> Iterator[Work]:
    """Put so many entries to nobody: what botocore itself takes."""
    sent, client = small_entries(count), SESSION.client("events")
    response = AWSResponse("", 200, {}, None)  # type: ignore[arg-type]  # nobody reads it
    parsed = {"FailedEntryCount": 0, "Entries": [], "ResponseMetadata": {}}
    client.meta.events.register("before-call.eventbridge.PutEvents", lambda **_: (response, parsed))
    yield lambda: client.put_events(Entries=sent)


@contextmanager
def by_hand(count: int) -> Iterator[Work]:
    """Put so many entries to the least that captures: one function, which no rule of the service and no failure slows.

    It comes behind all other handlers, decodes each entry and its detail, keeps them with the caller's line and an id
    of each, and answers with the ids.
    """
    sent, client = small_entries(count), SESSION.client("events")
    response = AWSResponse("", 200, {}, None)  # type: ignore[arg-type]  # nobody reads it
    captured: list[Any] = []

    def answer(*, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        frame: Any = sys._getframe()
        while frame.f_code.co_name != "_api_call":
            frame = frame.f_back
        caller = f"{frame.f_back.f_code.co_filename}:{frame.f_back.f_lineno}"
        results = []
        for entry in json.loads(params["body"])["Entries"]:
            event_id = str(uuid.UUID(bytes=os.urandom(16)))
            captured.append((entry, json.loads(entry["Detail"]), caller, event_id, time.time()))
            results.append({"EventId": event_id})
        metadata = {"RequestId": str(uuid.UUID(bytes=os.urandom(16))), "HTTPStatusCode": 200, "RetryAttempts": 0}
        return response, {"FailedEntryCount": 0, "Entries": results, "ResponseMetadata": metadata}

    client.meta.events.register_last("before-call", answer)
    yield lambda: client.put_events(Entries=sent)


@contextmanager
def putting(count: int) -> Iterator[Mapping[str, Sample]]:
    """Put so many entries."""
    yield {
        OURS: timed_within(lambda: ours(count), _CALLS),
        STUBBER: timed_within(lambda: stubber(count), _CALLS),
        MOTO: timed_within(lambda: by_moto(count), _CALLS_TO_MOTO),
        BY_HAND: timed_within(lambda: by_hand(count), _CALLS),
        FLOOR: timed_within(lambda: floor(count), _CALLS),
    }


@contextmanager
def without_sleep(prepared: Callable[[], Any]) -> Iterator[Work]:
    """Take the sleep out of botocore's endpoint."""
    with mock.patch("botocore.endpoint.time.sleep", _no_sleep), prepared() as work:
        yield work


def _no_sleep(_: float) -> None:
    """Wait for nothing."""


@contextmanager
def ours_retried() -> Iterator[Work]:
    """Let two attempts of a call fail, and the third succeed."""
    sent, client = small_entries(1), SESSION.client("events")
    with FakeEventBridge() as bridge:

        def work() -> None:
            bridge.fail_requests("InternalException", times=2)
            client.put_events(Entries=sent)

        yield work
        assert all(call.attempts == 3 for call in bridge.calls)


@contextmanager
def floor_retried() -> Iterator[Work]:
    """Answer two attempts of a call with an error, and the third with a success; nothing is signed."""
    sent, client = small_entries(1), SESSION.client("events")
    failure = (500, b'{"__type": "InternalException", "message": "It failed."}')
    success = (200, b'{"FailedEntryCount": 0, "Entries": [{"EventId": "id"}]}')
    answers = cycle((failure, failure, success))
    # As in every answer of the service: before a retry botocore reckons with the date.
    headers = {"x-amzn-RequestId": "id", "Date": formatdate(usegmt=True)}

    def answer(**_: Any) -> AWSResponse:
        status, body = next(answers)
        return AWSResponse("", status, headers, _Body(body))  # type: ignore[arg-type]  # of urllib3

    client.meta.events.register("choose-signer.eventbridge.PutEvents", lambda **_: UNSIGNED)
    client.meta.events.register("before-send.eventbridge.PutEvents", answer)

    def work() -> None:
        metadata = client.put_events(Entries=sent)["ResponseMetadata"]
        assert metadata["RetryAttempts"] == 2

    yield work


class _Body(io.BytesIO):
    """A body of a response as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@contextmanager
def retrying() -> Iterator[Mapping[str, Sample]]:
    """Make a call that is retried twice."""
    yield {
        OURS: timed_within(lambda: without_sleep(ours_retried), _CALLS),
        RETRY_FLOOR: timed_within(lambda: without_sleep(floor_retried), _CALLS),
    }


def _row(count: int) -> Row:
    return Row(
        name=f"put-{count}",
        work=f"put_events, {count} {'entry' if count == 1 else 'entries'}",
        unit=MICROSECONDS,
        prepare=lambda: putting(count),
        goals=(
            at_most_times(STUBBER, 1),
            times_ahead(MOTO, 4),
            at_most_above(FLOOR, _FOR_A_CALL + count * _FOR_AN_ENTRY, MICROSECONDS),
        ),
        note=(
            "the floor is botocore's own; the least that captures, one function without any rule of the service, takes "
            "longer than Stubber as well, which is told its answer and keeps nothing"
        ),
    )


ROWS: Final = (
    _row(1),
    _row(10),
    Row(
        name="retried",
        work="one call retried twice, by fail_requests(times=2)",
        unit=MICROSECONDS,
        prepare=retrying,
        goals=(at_most_times(RETRY_FLOOR, 1.3),),
    ),
)
