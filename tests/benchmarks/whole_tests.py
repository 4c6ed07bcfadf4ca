"""One whole test: set-up, a client from a session, one `put_events`, one assertion, tear-down."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .measuring import Sample
from .rows import MICROSECONDS, OURS, Row, at_most_times, times_ahead

STUBBER: Final = "Stubber"
MOTO: Final = "moto, rule and queue"
BY_HAND: Final = "the least that captures"

_TEST_COUNT: Final = 40

# Prints what a test takes in pytest's own runner, as the median of the tests, over what an empty one takes.
_CONFTEST: Final = """
import statistics, time
import pytest

taken = {"empty": [], "whole": []}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    begin = time.perf_counter()
    result = yield
    taken[item.originalname.removeprefix("test_")].append(time.perf_counter() - begin)
    return result

def pytest_unconfigure():
    # The first ones fill the caches.
    empty, whole = (statistics.median(seconds[len(seconds) // 4 :]) for seconds in taken.values())
    print(f"\\nseconds: {whole - empty}")
"""

_BEGINNING: Final = """
import json
from functools import cache
import boto3
import pytest

session = boto3.Session("access-key", "secret-key", region_name="us-east-1")
ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": "o-1"})}

def place_order(events=None):
    (events or client_of("events")).put_events(Entries=[ENTRY])

@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_empty(number):
    pass

"""

_MADE: Final = """
def client_of(service):
    return session.client(service)
"""

_HELD: Final = """
@cache
def client_of(service):
    return session.client(service)
"""

_TESTS: Final = {
    OURS: """
@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_whole(eventbridge, number):
    place_order()
    eventbridge.assert_emitted(source="shop.orders", detail_type="OrderPlaced", detail={"order_id": "o-1"})
""",
    # The code under test has to be given the client.
    STUBBER: """
from botocore.stub import Stubber

@pytest.fixture
def stubber():
    with Stubber(client_of("events")) as stubber:
        yield stubber

@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_whole(stubber, number):
    response = {"FailedEntryCount": 0, "Entries": [{"EventId": "id"}]}
    stubber.add_response("put_events", response, {"Entries": [ENTRY]})
    place_order(stubber.client)
    stubber.assert_no_pending_responses()
""",
    MOTO: """
import moto

session = boto3.Session("access-key", "secret-key", region_name="us-east-1")  # one that moto reaches

@pytest.fixture
def received():
    with moto.mock_aws():
        sqs, events = client_of("sqs"), client_of("events")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop.orders"]}))
        events.put_targets(Rule="orders", Targets=[{"Id": "queue", "Arn": arn}])
        yield lambda: sqs.receive_message(QueueUrl=url)["Messages"]

@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_whole(received, number):
    place_order()
    (message,) = received()
    event = json.loads(message["Body"])
    assert event["source"] == "shop.orders" and event["detail-type"] == "OrderPlaced"
    assert event["detail"]["order_id"] == "o-1"
""",
    "mock.patch": """
from unittest import mock

@pytest.fixture
def put_events():
    with mock.patch(f"{__name__}.client_of") as client_of:
        yield client_of.return_value.put_events

@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_whole(put_events, number):
    place_order()
    put_events.assert_called_once_with(Entries=[ENTRY])
""",
    # It knows the client, and asks pytest for what a fixture with options needs: `request`.
    BY_HAND: """
from botocore.awsrequest import AWSResponse

@pytest.fixture
def captured(request):
    captured = []

    def answer(params, **_):
        captured.extend(json.loads(params["body"])["Entries"])
        parsed = {"FailedEntryCount": 0, "Entries": [{"EventId": "id"}], "ResponseMetadata": {}}
        return AWSResponse("", 200, {}, None), parsed

    events = client_of("events")
    events.meta.events.register_last("before-call", answer)
    yield events, captured
    events.meta.events.unregister("before-call", answer)

@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_whole(captured, number):
    events, entries = captured
    place_order(events)
    (event,) = entries
    assert event["Source"] == "shop.orders" and event["DetailType"] == "OrderPlaced"
    assert json.loads(event["Detail"])["order_id"] == "o-1"
""",
    "floor: the client alone": """
@pytest.mark.parametrize("number", range(TEST_COUNT))
def test_whole(number):
    client_of("events")
""",
}


@contextmanager
def whole_tests(client_of: str) -> Iterator[Mapping[str, Sample]]:
    """Run a file of tests in a process of its own.

    Args:
        client_of: The function with which they come by a client.
    """
    with TemporaryDirectory() as name:

        def sample(peer: str, place: int) -> Sample:
            folder = Path(name) / str(place)
            folder.mkdir()
            tests = (_BEGINNING + client_of + _TESTS[peer]).replace("TEST_COUNT", str(_TEST_COUNT))
            (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
            (folder / "test_whole.py").write_text(tests, encoding="utf-8")
            return lambda: _run(folder)

        yield {peer: sample(peer, place) for place, peer in enumerate(_TESTS)}


def _run(folder: Path) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
    run = subprocess.run(command, capture_output=True, check=True, cwd=folder, text=True)
    return float(run.stdout.rpartition("seconds: ")[2])


def _row(name: str, work: str, client_of: str, note: str) -> Row:
    return Row(
        name=name,
        work=f"one whole test, {work}",
        unit=MICROSECONDS,
        prepare=lambda: whole_tests(client_of),
        goals=(at_most_times(STUBBER, 1.2), times_ahead(MOTO, 40)),
        rounds=9,
        note=f"over what pytest takes for an empty test; {note}",
    )


ROWS: Final = (
    _row(
        "test-made",
        "making its client",
        _MADE,
        "more than half of it is making the client, with which everybody but mock.patch begins",
    ),
    _row(
        "test-held",
        "with a client that is there",
        _HELD,
        "a fortieth of moto would be about what the least takes that captures, which knows its client, has no rule of "
        "the service, and leaves the environment as it is",
    ),
)
