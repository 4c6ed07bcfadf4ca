"""The endpoint as other programs see it, and what the fake has of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from pytest_eventbridge import EventBridgeEndpoint, ExpectedEvent, FakeEventBridge, VerificationError
from pytest_eventbridge._environment import _FAKE_CREDENTIALS

PLACED = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id":"o-1"}'}
PAID = {"Source": "shop.orders", "DetailType": "OrderPaid", "Detail": '{"order_id":"o-1"}'}

PUBLISHER = """
import botocore.session
client = botocore.session.Session().create_client("events")
entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
print(client.meta.region_name, client.put_events(Entries=[entry])["FailedEntryCount"])
"""


@pytest.fixture
def bridge() -> FakeEventBridge:
    """A fake that is not active: what is captured has come over the endpoint."""
    return FakeEventBridge()


@pytest.fixture
def endpoint(bridge: FakeEventBridge) -> Iterator[EventBridgeEndpoint]:
    """Its endpoint."""
    with bridge.serve() as endpoint:
        yield endpoint


@pytest.fixture
def client(endpoint: EventBridgeEndpoint) -> Iterator[Any]:
    """A client of it that retries nothing."""
    client = make_client(endpoint.url)
    yield client
    client.close()


def make_client(url: str, *, region: str = "us-east-1", attempts: int = 1) -> Any:
    """Make a client of an endpoint."""
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts}, user_agent="shop/1.0 more")
    return botocore.session.Session().create_client(
        "events",
        region_name=region,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        endpoint_url=url,
        config=config,
    )


def as_answered(response: Any) -> dict[str, Any]:
    """Return a response without what its client has noted in it of its own retries."""
    metadata = {name: value for name, value in response["ResponseMetadata"].items() if name != "MaxAttemptsReached"}
    return {**response, "ResponseMetadata": metadata}


def port_of(endpoint: EventBridgeEndpoint) -> int:
    """Return the port in an endpoint's URL."""
    return int(endpoint.url.rpartition(":")[2])


def threads() -> list[threading.Thread]:
    """Return the threads of endpoints."""
    return [thread for thread in threading.enumerate() if thread.name == "eventbridge-endpoint"]


# --- what is captured


def test_an_event_is_captured_as_from_any_client(bridge: FakeEventBridge, client: Any) -> None:
    """The event, its answer and its call are what they are when a client of this process sends it."""
    response = client.put_events(Entries=[PLACED])

    event = bridge.assert_emitted_once(source="shop.orders", detail={"order_id": "o-1"})
    (call,) = bridge.calls
    assert event.event_id == response["Entries"][0]["EventId"]
    assert (call.entries, call.error, call.attempts, call.service, call.operation) == (
        (event,),
        None,
        1,
        "events",
        "PutEvents",
    )
    assert call.response == as_answered(response)
    assert re.fullmatch(r"shop/1\.0 at 127\.0\.0\.1:[0-9]+, over the endpoint", event.sent_from)
    assert call.thread == "eventbridge-endpoint"


def test_the_region_is_that_of_the_signature_and_the_account_that_of_the_fake() -> None:
    """An event has the region that its client signed for, and the account of the fake."""
    bridge = FakeEventBridge(account_id="999999999999", region="eu-central-1")
    with bridge.serve() as endpoint:
        client = make_client(endpoint.url, region="cn-north-1")
        client.put_events(Entries=[PLACED])
        client.close()
    assert bridge.events[0].event_bus_arn == "arn:aws-cn:events:cn-north-1:999999999999:event-bus/default"


def test_what_the_service_refuses_is_refused(bridge: FakeEventBridge, client: Any) -> None:
    """A refused request is an error to its client, and the same one is kept with its call."""
    with pytest.raises(ClientError) as raised:
        client.put_events(Entries=[PLACED] * 11)
    (call,) = bridge.calls
    assert isinstance(call.error, ClientError)
    assert call.error.response == as_answered(raised.value.response)
    assert (call.response, len(call.entries)) == (None, 11)


def test_what_is_no_request_to_it_is_captured_as_unreadable(
    bridge: FakeEventBridge, endpoint: EventBridgeEndpoint
) -> None:
    """A body that is no JSON is refused as what the service cannot read."""
    status, body = post(endpoint, b"{", "AWSEvents.PutEvents")
    assert (status, body["__type"]) == (400, "SerializationException")
    assert [(call.entries, type(call.error)) for call in bridge.calls] == [((), ClientError)]


def post(endpoint: EventBridgeEndpoint, body: bytes, target: str) -> tuple[int, Any]:
    """Send a request, unsigned, and return the status and the decoded body of the answer."""
    with socket.create_connection(("127.0.0.1", port_of(endpoint)), timeout=10) as connection:
        head = f"POST / HTTP/1.0\r\nX-Amz-Target: {target}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        with connection.makefile("rb") as file:
            head_bytes, _, answered = file.read().partition(b"\r\n\r\n")
    return int(head_bytes.split()[1]), json.loads(answered or "null")


# --- failures


def test_an_entry_fails_and_the_others_are_accepted(bridge: FakeEventBridge, client: Any) -> None:
    """A failure of entries is in the response, as for any client."""
    failure = bridge.fail_entries("ThrottlingException", detail_type="OrderPaid")
    response = client.put_events(Entries=[PLACED, PAID])
    assert response["FailedEntryCount"] == 1
    assert response["Entries"][1]["ErrorCode"] == "ThrottlingException"
    assert bridge.events == [ExpectedEvent(detail_type="OrderPlaced")]
    assert failure.fired == 1
    with pytest.raises(AssertionError, match="1 event failed and was not accepted later"):
        bridge.assert_no_lost_events()


@pytest.mark.parametrize(
    ("error", "http_status", "code"),
    [
        ("ThrottlingException", None, (400, "ThrottlingException")),
        ("InternalException", None, (500, "InternalException")),
        ("ThrottlingException", 429, (429, "ThrottlingException")),
        ("413", None, (413, "413")),
    ],
)
def test_a_request_fails_with_status_and_code(
    bridge: FakeEventBridge, client: Any, error: str, http_status: int | None, code: tuple[int, str]
) -> None:
    """A failure of requests is an HTTP response with its status, code and text."""
    bridge.fail_requests(error, http_status=http_status)
    with pytest.raises(ClientError) as raised:
        client.put_events(Entries=[PLACED])
    response = raised.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == code
    assert isinstance(bridge.calls[0].error, ClientError)
    assert bridge.calls[0].error.response == as_answered(response)
    assert bridge.events == []


@pytest.mark.parametrize("delivered", [False, True])
@pytest.mark.parametrize(
    "error", [EndpointConnectionError, ReadTimeoutError, ConnectionClosedError(endpoint_url="http://mine")]
)
def test_a_network_error_resets_the_connection(
    bridge: FakeEventBridge, client: Any, error: Any, delivered: bool
) -> None:
    """The client sees its connection end without an answer; the call has the error that was injected."""
    bridge.fail_requests(error, delivered=delivered)
    with pytest.raises(ConnectionClosedError):
        client.put_events(Entries=[PLACED])
    (call,) = bridge.calls
    assert type(call.error) is (error if isinstance(error, type) else type(error))
    assert ("http://127.0.0.1:" in str(call.error)) is isinstance(error, type)
    bridge.assert_emitted(times=int(delivered))
    client.put_events(Entries=[PLACED])
    bridge.assert_emitted(times=1 + int(delivered))


def test_each_request_is_an_attempt(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """A client's own retry gets through, and is another call."""
    bridge.fail_requests("InternalException", times=1)
    client = make_client(endpoint.url, attempts=2)
    assert client.put_events(Entries=[PLACED])["ResponseMetadata"]["RetryAttempts"] == 1
    client.close()
    assert [(call.attempts, type(call.error)) for call in bridge.calls] == [(1, ClientError), (1, type(None))]
    bridge.assert_no_lost_events()


# --- rules, and the operations around them


def test_a_rule_delivers(bridge: FakeEventBridge, client: Any) -> None:
    """The targets of rules are called, and what they raise is kept with the rule."""
    delivered: list[dict[str, Any]] = []
    bridge.add_rule({"detail-type": ["OrderPlaced"]}, delivered.append)
    failing = bridge.add_rule({"detail-type": ["OrderPaid"]}, lambda event: 1 / 0)
    client.put_events(Entries=[PLACED, PAID])
    assert delivered == [bridge.events[0].to_dict()]
    assert len(failing.failed_deliveries) == 1


def test_a_target_may_run_a_program_that_publishes(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """A request is answered while another one waits for it."""

    def publish(event: dict[str, Any]) -> None:
        assert post(endpoint, json.dumps({"Entries": [PAID]}).encode(), "AWSEvents.PutEvents")[0] == 200

    bridge.add_rule({"detail-type": ["OrderPlaced"]}, publish)
    assert post(endpoint, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] == 200
    bridge.assert_emitted_exactly(ExpectedEvent(detail_type="OrderPlaced"), ExpectedEvent(detail_type="OrderPaid"))


def test_it_plays_the_operations_around_putting(bridge: FakeEventBridge, client: Any) -> None:
    """Rules and event buses that a client makes are those of the fake."""
    client.create_event_bus(Name="orders")
    arn = client.put_rule(Name="all", EventBusName="orders", EventPattern='{"source":["shop.orders"]}')["RuleArn"]
    client.put_events(Entries=[{**PLACED, "EventBusName": "orders"}])
    bridge.assert_routed("all")
    assert client.list_rules(EventBusName="orders")["Rules"][0]["Arn"] == arn
    client.delete_rule(Name="all", EventBusName="orders")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Rule all does not exist on EventBus orders"):
        client.describe_rule(Name="all", EventBusName="orders")


def test_what_nobody_plays_is_refused_and_fails_the_test(bridge: FakeEventBridge, client: Any) -> None:
    """An operation of the service that the fake does not play is refused by name, at the end of the test too."""
    with pytest.raises(ClientError, match="does not play CreateArchive of the service 'events'") as raised:
        client.create_archive(ArchiveName="a", EventSourceArn="arn:aws:events:us-east-1:123456789012:event-bus/default")
    assert raised.value.response["Error"]["Code"] == "OperationNotPlayed"
    with pytest.raises(VerificationError, match=r"CreateArchive of the service 'events' was called from shop/1\.0 at "):
        bridge.verify()


@pytest.mark.parametrize(
    ("target", "status"), [("AWSEvents.PutAnything", 400), ("AWSEvents.", 400), ("Other.PutEvents", 404), ("", 404)]
)
def test_what_nobody_knows_is_an_unknown_operation(
    bridge: FakeEventBridge, endpoint: EventBridgeEndpoint, target: str, status: int
) -> None:
    """A request for what the service does not have is answered so, and is no problem of the test."""
    answered_status, body = post(endpoint, b"{}", target)
    assert (answered_status, body["__type"]) == (status, "UnknownOperationException")
    bridge.verify()


# --- what the test's own code raises


def fail_in_predicate(bridge: FakeEventBridge) -> None:
    """Inject a failure whose predicate raises."""
    bridge.fail_entries(where=lambda event: event.no_such_attribute == 1)  # type: ignore[attr-defined]  # the mistake


def fail_in_target(bridge: FakeEventBridge) -> None:
    """Make a rule whose target ends the test."""
    bridge.add_rule({"source": ["shop.orders"]}, lambda event: pytest.fail("not this one"))


@pytest.mark.parametrize(
    ("prepare", "error", "message"),
    [
        (fail_in_predicate, AttributeError, "no_such_attribute"),
        (fail_in_target, pytest.fail.Exception, "not this one"),
    ],
)
def test_what_the_tests_own_code_raises_is_raised_at_the_end(
    bridge: FakeEventBridge, prepare: Callable[[FakeEventBridge], None], error: type[BaseException], message: str
) -> None:
    """An error of the test is none of the service: the client gets an internal failure, and the test the error."""
    prepare(bridge)
    endpoint = bridge.serve()
    status, body = post(endpoint, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")
    assert (status, body["__type"]) == (500, "InternalFailure")
    assert body["message"] == f"The test's own code raised {error.__name__}."
    with pytest.raises(error, match=message) as raised:
        endpoint.close()
    assert bridge.calls[0].error is raised.value
    endpoint.close()  # which has said it


def test_what_the_block_raises_is_not_masked(bridge: FakeEventBridge) -> None:
    """An error of the test's own code does not take the place of the failure that the test has already."""
    fail_in_predicate(bridge)
    with pytest.raises(ZeroDivisionError), bridge.serve() as endpoint:
        post(endpoint, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] / 0


# --- other processes


HOSTILE = {
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "NO_PROXY": "internal",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
}


@pytest.mark.parametrize("configured", [{}, HOSTILE], ids=["plain", "configured otherwise"])
def test_a_program_gets_there_by_its_environment(
    bridge: FakeEventBridge,
    endpoint: EventBridgeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
    configured: dict[str, str],
) -> None:
    """A program finds the endpoint, credentials and a region in `env`, whatever the machine is configured for."""
    for name, value in configured.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    run = subprocess.run(
        [sys.executable, "-c", PUBLISHER], env=os.environ | endpoint.env, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("us-east-1 0\n", "")
    assert re.match("B?oto", bridge.assert_emitted_once(detail_type="OrderPlaced").sent_from)


def test_the_environment_says_what_it_has_to(
    bridge: FakeEventBridge, endpoint: EventBridgeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leads to the endpoint, and away from all that is configured otherwise; a region that is there stays."""
    monkeypatch.setenv("NO_PROXY", "internal")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert endpoint.env == {
        "AWS_ENDPOINT_URL_EVENTBRIDGE": endpoint.url,
        "AWS_ENDPOINT_URL_EVENTBRIDGEV2": endpoint.url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_USE_FIPS_ENDPOINT": "false",
        "AWS_USE_DUALSTACK_ENDPOINT": "false",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_REGION": "eu-north-1",
        "NO_PROXY": "internal,127.0.0.1",
        "no_proxy": "127.0.0.1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **_FAKE_CREDENTIALS,
    }
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert (endpoint.env["AWS_DEFAULT_REGION"], endpoint.env["AWS_REGION"]) == ("eu-north-1", "ap-south-1")


def test_without_fake_credentials_the_environment_has_none() -> None:
    """Where the fake leaves credentials alone, so does the environment of other programs."""
    with FakeEventBridge(fake_credentials=False).serve() as endpoint:
        env = endpoint.env
    assert env["AWS_ENDPOINT_URL_EVENTBRIDGE"] == endpoint.url
    assert not {*_FAKE_CREDENTIALS, "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} & set(env)


def publish(order_id: str) -> int:
    """Put an event; what a worker process does."""
    client = botocore.session.Session().create_client("events")
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": order_id})}
    failed: int = client.put_events(Entries=[entry, {**entry, "DetailType": "OrderPaid"}])["FailedEntryCount"]
    return failed


def test_a_worker_process_is_captured(
    bridge: FakeEventBridge, endpoint: EventBridgeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is spawned publishes to the fake by the environment that it inherits."""
    for name, value in endpoint.env.items():
        monkeypatch.setenv(name, value)
    bridge.fail_entries("InternalFailure", detail_type="OrderPaid", times=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(publish, ["o-1", "o-2"]) == [1, 0]
        pool.close()
        pool.join()
    bridge.assert_emitted(detail_type="OrderPlaced", detail={"order_id": "o-2"})
    bridge.assert_failed(detail={"order_id": "o-1"}, error_code="InternalFailure")


def test_clients_of_this_process_are_answered_once(endpoint: EventBridgeEndpoint) -> None:
    """A client of this process that is led to the endpoint is captured by the fake that is active, not twice."""
    with FakeEventBridge() as active, active.serve() as its_endpoint:
        client = make_client(its_endpoint.url)
        client.put_events(Entries=[PLACED])
        client.close()
        assert active.assert_emitted_once().sent_from.startswith(__file__)


# --- its end


def test_it_is_gone_with_its_block(bridge: FakeEventBridge) -> None:
    """After the block there is no port and no thread, although clients hold connections, and the fake can be read."""
    with bridge.serve() as endpoint:
        clients = [make_client(endpoint.url) for _ in range(3)]
        for client in clients:
            client.put_events(Entries=[PLACED])
        assert repr(endpoint) == f"<EventBridgeEndpoint at {endpoint.url}>"
        assert len(threads()) == 4
    assert threads() == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(endpoint)), timeout=10)
    with pytest.raises(EndpointConnectionError):
        clients[0].put_events(Entries=[PLACED])
    for client in clients:
        client.close()
    bridge.assert_emitted(times=3)


def test_a_fake_may_have_several(bridge: FakeEventBridge) -> None:
    """Each endpoint has a port of its own, and ends on its own."""
    with bridge.serve() as first:
        with bridge.serve() as second:
            assert first.url != second.url
            for endpoint in (first, second):
                assert post(endpoint, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] == 200
        assert post(first, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] == 200
    bridge.assert_emitted(times=3)


def test_one_that_is_left_open_ends_with_the_fake() -> None:
    """An endpoint of an active fake is gone with it, whether anybody has closed it before or not."""
    with FakeEventBridge() as bridge:
        left_open, closed = bridge.serve(), bridge.serve()
        closed.close()
    assert threads() == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(left_open)), timeout=10)


def test_one_of_a_fake_that_is_not_active_goes_on(bridge: FakeEventBridge, endpoint: EventBridgeEndpoint) -> None:
    """What was served before the fake began to answer in this process is served when it has ended."""
    with bridge:
        pass
    assert post(endpoint, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] == 200


@pytest.mark.parametrize("masked", [False, True])
def test_one_that_is_left_open_raises_what_the_test_raised(masked: bool) -> None:
    """An error of the test's own code is raised at the end of the fake, unless the test has failed already."""

    def leave_open() -> None:
        with FakeEventBridge() as bridge:
            fail_in_predicate(bridge)
            post(bridge.serve(), json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] / (not masked)

    with pytest.raises(ZeroDivisionError if masked else AttributeError):
        leave_open()
    assert threads() == []
    with FakeEventBridge():  # as ever: nothing of the other is left in the way
        pass


def test_another_process_does_not_end_it(
    endpoint: EventBridgeEndpoint, client: Any, bridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the process that serves can close the port: seen from within one process, by another number."""
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: -1)
        endpoint.close()

    client.put_events(Entries=[PLACED])
    bridge.assert_emitted_once()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # multi-threaded: from Python 3.12 on
def test_a_forked_process_does_not_end_it(endpoint: EventBridgeEndpoint) -> None:
    """A process that leaves the block because it was forked within it leaves the endpoint to the one that serves."""
    child = os.fork()
    if child == 0:
        endpoint.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert post(endpoint, json.dumps({"Entries": [PLACED]}).encode(), "AWSEvents.PutEvents")[0] == 200


# --- the fixture, and the extra


def test_the_fixture_serves_the_fake_of_the_test(pytester: pytest.Pytester) -> None:
    """The fixture is an endpoint of the `eventbridge` fixture's fake, with its options, and is gone after the test."""
    pytester.makepyfile(
        f"""
        import os, socket, subprocess, sys
        import pytest

        PUBLISHER = {PUBLISHER!r}
        served = []

        @pytest.mark.eventbridge(region="eu-west-3")
        def test_captured(eventbridge_endpoint, eventbridge, monkeypatch):
            served.append(eventbridge_endpoint.url)
            monkeypatch.delenv("AWS_REGION", raising=False)
            subprocess.run([sys.executable, "-c", PUBLISHER], env=os.environ | eventbridge_endpoint.env, check=True)
            assert eventbridge.assert_emitted_once(detail_type="OrderPlaced").region == "eu-west-3"

        def test_gone(eventbridge):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", int(served[0].rpartition(":")[2])))

        def test_unused(eventbridge, eventbridge_endpoint):
            eventbridge.fail_entries()
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*VerificationError: An injected failure never fired:"])


def test_without_h11_it_says_what_to_install(bridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what is missing and how it is installed."""
    monkeypatch.setitem(sys.modules, "h11", None)
    monkeypatch.delitem(sys.modules, "pytest_eventbridge._http_connection", raising=False)
    with pytest.raises(ModuleNotFoundError) as raised:
        bridge.serve()
    assert str(raised.value) == (
        "The endpoint needs h11, which is not installed: pip install 'pytest-eventbridge[endpoint]'"
    )
    assert threads() == []


class ShutOff:
    """What pytest-socket puts in the place of a socket, when a test is to have none."""

    __module__ = "pytest_socket"

    def __init__(self, *arguments: object) -> None:
        raise RuntimeError("No sockets.")


class OutOfFiles:
    """A socket that the machine has no more of."""

    def __init__(self, *arguments: object) -> None:
        raise OSError(24, "Too many open files")


@pytest.mark.parametrize(
    ("sockets", "message"),
    [
        (OutOfFiles, "The endpoint cannot listen on 127.0.0.1: [Errno 24] Too many open files"),
        (
            ShutOff,
            "The endpoint cannot listen on 127.0.0.1: No sockets. pytest-socket has shut off the sockets; "
            "pytest.mark.allow_hosts(['127.0.0.1']) on the test, or --allow-hosts=127.0.0.1, lets the endpoint have "
            "them.",
        ),
    ],
)
def test_without_a_socket_it_says_why(
    bridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch, sockets: type, message: str
) -> None:
    """The error says what the machine says, or who has shut the sockets off and how the endpoint gets its own."""
    with monkeypatch.context() as patched:
        patched.setattr(socket, "socket", sockets)
        with pytest.raises(RuntimeError) as raised:
            bridge.serve()
    assert str(raised.value) == message
    assert threads() == []


def test_the_extra_brings_h11() -> None:
    """What the error says to install is what the package declares."""
    requirements = metadata.requires("pytest-eventbridge") or []
    assert [line.split(">")[0] for line in requirements if re.search(r"extra == .endpoint.", line)] == ["h11"]


def test_the_plugin_and_the_fake_load_none_of_it() -> None:
    """Only who serves a fake pays for it."""
    program = "import sys; from pytest_eventbridge import FakeEventBridge\nwith FakeEventBridge(): print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not {name for name in loaded if Path(name).suffix in ("._endpoint", "._http_connection") or name == "h11"}
