"""Waiting for what other processes send over the endpoint, and what else they see of the fake.

The programs load nothing but Python's own library. They wait before they send, so that the test is there first; no
outcome depends on how long that takes.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ReadTimeoutError

from pytest_eventbridge import EventBridgeAssertionError, EventBridgeEndpoint, FakeEventBridge

# Far beyond what anything here takes; a wait that comes to it has been forgotten.
FOREVER = 60.0

# Sends a request for each argument: an event for each letter, from the source of that name. Prints what is answered.
PROGRAM = """
import json, os, sys, time, urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for sources in sys.argv[1:]:
    time.sleep(0.1)
    detail = json.dumps({"pid": os.getpid()})
    entries = [{"Source": source, "DetailType": "Sent", "Detail": detail} for source in sources]
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL_EVENTBRIDGE"],
        json.dumps({"Entries": entries}).encode(),
        {"X-Amz-Target": "AWSEvents.PutEvents"},
    )
    try:
        print([entry.get("ErrorCode", "accepted") for entry in json.load(opener.open(request))["Entries"]])
    except OSError as error:
        print(getattr(error, "code", "no answer"))
"""


@contextmanager
def program(endpoint: EventBridgeEndpoint, *requests: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program while the block runs, and after it until it has ended."""
    command = [sys.executable, "-S", "-c", PROGRAM, *requests]
    with subprocess.Popen(command, env=os.environ | endpoint.env, stdout=subprocess.PIPE, text=True) as process:
        yield process


def wait(bridge: FakeEventBridge, **criteria: Any) -> Any:
    """Wait as a plain test does."""
    return bridge.wait_for(timeout=FOREVER, **criteria)


def wait_on_a_loop(bridge: FakeEventBridge, **criteria: Any) -> Any:
    """Wait on an event loop of asyncio."""
    return asyncio.run(bridge.wait_for_async(timeout=FOREVER, **criteria))


each_way = pytest.mark.parametrize("wait", [wait, wait_on_a_loop])


@each_way
def test_an_event_of_another_process(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint, wait: Callable[..., Any]
) -> None:
    """A wait goes past what does not match, and ends with what does while the program is still to send more."""
    with program(eventbridge_endpoint, "b", "ab", "a") as process:
        (event,) = wait(eventbridge, source="a")
        assert event.detail == {"pid": process.pid}
        assert len(wait(eventbridge, source="a", times=2)) == 2
    assert "".join(event.source for event in eventbridge.events) == "baba"


def test_events_of_several_processes(eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint) -> None:
    """Each of them counts."""
    with program(eventbridge_endpoint, "a", "a") as first, program(eventbridge_endpoint, "a", "a") as second:
        events = eventbridge.wait_for(source="a", times=4, timeout=FOREVER)
    assert {event.detail["pid"] for event in events} == {first.pid, second.pid}


def test_what_should_not_come_from_another_process(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """It fails as soon as it comes, however long it would have waited."""
    with (
        program(eventbridge_endpoint, "b", "a") as process,
        pytest.raises(EventBridgeAssertionError, match="Expected no accepted event that matches") as raised,
    ):
        eventbridge.assert_not_emitted(source="a", within=FOREVER)
    assert raised.value.captured[-1].detail == {"pid": process.pid}
    eventbridge.assert_not_emitted(source="c", within=0)


def test_a_wait_in_vain_tells_what_came(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """The text of a wait that has come to its end names the nearest event, and the program that sent it."""
    with program(eventbridge_endpoint, "b"):
        eventbridge.wait_for(source="b", timeout=FOREVER)
    with pytest.raises(EventBridgeAssertionError) as raised:
        eventbridge.wait_for(source="a", timeout=0)
    text = str(raised.value)
    assert "Waited 0 seconds." in text
    assert "Closest: events[0], sent from Python-urllib/" in text
    assert ", over the endpoint\n  source: expected 'a', got 'b'" in text


def test_failures_reach_another_process(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """An entry, a request and the network fail for it as they are told to, each in its turn."""
    eventbridge.fail_entries("ThrottlingException", source="b")
    eventbridge.fail_requests("InternalException", skip=1)
    eventbridge.fail_requests(ReadTimeoutError, skip=1)
    with program(eventbridge_endpoint, "ab", "c", "d", "b") as process:
        printed, _ = process.communicate()
    assert printed.splitlines() == ["['accepted', 'ThrottlingException']", "500", "no answer", "['accepted']"]
    assert [event.source for event in eventbridge.events] == ["a", "b"]
    with pytest.raises(EventBridgeAssertionError, match="2 events failed and were not accepted later"):
        eventbridge.assert_no_lost_events()  # c and d; b was sent again


def test_a_target_is_given_what_another_process_sends(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """A rule delivers in the process of the test, and what its target sends can be waited for."""
    pids: list[int] = []

    def target(event: dict[str, Any]) -> None:
        pids.append(event["detail"]["pid"])
        send("billed")

    eventbridge.add_rule({"source": ["a"]}, target, name="billing")
    with program(eventbridge_endpoint, "ba") as process:
        eventbridge.wait_for(source="billed", timeout=FOREVER)
    assert pids == [process.pid]
    eventbridge.assert_routed("billing", source="a")


# --- workers


def make_client() -> Any:
    """Make a client that finds nothing but what its environment says."""
    return botocore.session.Session().create_client("events", region_name="eu-west-1")


def send(source: str, client: Any = None) -> int:
    """Send an event; what a worker does."""
    detail = json.dumps({"pid": os.getpid()})
    (client or make_client()).put_events(Entries=[{"Source": source, "DetailType": "Sent", "Detail": detail}])
    return os.getpid()


def use(environment: dict[str, str]) -> None:
    """Take over an environment."""
    os.environ.update(environment)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("method", sorted({*multiprocessing.get_all_start_methods()} - {"fork"}))
def test_a_worker_that_is_given_the_environment(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint, method: str, number: int
) -> None:
    """A worker is captured with each endpoint, though a fork server still has the environment of the first."""
    context = multiprocessing.get_context(method)
    with context.Pool(1, use, (eventbridge_endpoint.env,)) as pool:
        sent = pool.apply_async(send, ["a"])
        (event,) = eventbridge.wait_for(source="a", timeout=FOREVER)
        assert event.detail == {"pid": sent.get()}
        pool.close()
        pool.join()


def send_by_all(client: Any) -> None:
    """Send by a client that is older than the process, and by one made in it; and ask for what rules there are."""
    send("older", client)
    send("newer")
    client.put_rule(Name=f"of-{os.getpid()}", EventPattern='{"source":["a"]}')


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # multi-threaded: from Python 3.12 on
def test_a_forked_worker(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent in a copy of this process arrives here, by clients of any age, and by no proxy of the machine's."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    client = make_client()
    send("parent", client)
    eventbridge.fail_entries(source="older")
    worker = multiprocessing.get_context("fork").Process(target=send_by_all, args=(client,))
    worker.start()
    events = eventbridge.wait_for(source="newer", timeout=FOREVER)
    worker.join()
    assert worker.exitcode == 0
    assert [event.detail for event in events] == [{"pid": worker.pid}]
    eventbridge.assert_failed(source="older", detail={"pid": worker.pid})
    assert {call.region for call in eventbridge.calls} == {"eu-west-1"}
    assert [rule["Name"] for rule in client.list_rules()["Rules"]] == [f"of-{worker.pid}"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_worker_with_another_mock(
    eventbridge: FakeEventBridge, eventbridge_endpoint: EventBridgeEndpoint
) -> None:
    """Where moto is active, in the copy too, it does not take for its own what is sent."""
    with pytest.importorskip("moto").mock_aws():
        worker = multiprocessing.get_context("fork").Process(target=send, args=("a", make_client()))
        worker.start()
        worker.join()
    assert worker.exitcode == 0
    assert eventbridge.assert_emitted_once(source="a").detail == {"pid": worker.pid}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_worker_without_an_endpoint(eventbridge: FakeEventBridge) -> None:
    """It is answered by a copy of the fake that nobody sees, and reaches nothing else; so it is after an endpoint."""
    with eventbridge.serve():
        pass
    worker = multiprocessing.get_context("fork").Process(target=send, args=("a", make_client()))
    worker.start()
    worker.join()
    assert worker.exitcode == 0
    assert eventbridge.events == []
