"""HTTP as it comes over a socket: what is read, what is refused, and how a connection ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPResponse

import pytest

from pytest_eventbridge import EventBridgeEndpoint, FakeEventBridge, _http_connection

BODY = json.dumps({"Entries": [{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}]}).encode()
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSEvents.PutEvents\r\n"
REQUEST = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:10], BODY[10:])) + b"0\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

# The longest body that is read: 8 times the limit of a request.
MAX_BODY_BYTES = 8 * 1_048_576

# More than the buffers of a connection hold.
LONG_BYTES = 20_000_000


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
def connection(endpoint: EventBridgeEndpoint) -> Iterator[socket.socket]:
    """A connection to it, on which nothing may take longer than ten seconds."""
    with socket.create_connection(("127.0.0.1", int(endpoint.url.rpartition(":")[2])), timeout=10) as connection:
        yield connection


def read_response(connection: socket.socket, method: str = "POST") -> HTTPResponse:
    """Read one response, with its body."""
    response = HTTPResponse(connection, method=method)
    response.begin()
    response.body = response.read()  # type: ignore[attr-defined]  # for the tests here
    return response


def is_ended(connection: socket.socket) -> bool:
    """Say whether the other side has closed the connection, which it has to do soon."""
    return connection.recv(1) == b""


@pytest.mark.parametrize(
    "request_bytes",
    [
        REQUEST,
        CHUNKED + CHUNKS,
        CHUNKED + CHUNKS.replace(b"\r\n", b";name=value\r\n", 1),
        REQUEST.replace(b"POST / ", b"POST /?a=b "),
        REQUEST.replace(b"Content-Length", b"content-LENGTH"),
    ],
    ids=["length", "chunks", "chunk extension", "query", "case"],
)
def test_it_reads_a_request(bridge: FakeEventBridge, connection: socket.socket, request_bytes: bytes) -> None:
    """A request is answered in whatever way HTTP lets a client frame it, and the connection is kept."""
    for count in (1, 2):
        connection.sendall(request_bytes)
        response = read_response(connection)
        assert (response.status, response.getheader("content-type")) == (200, "application/x-amz-json-1.1")
        bridge.assert_emitted(detail_type="OrderPlaced", times=count)


def test_it_reads_a_request_byte_by_byte(bridge: FakeEventBridge, connection: socket.socket) -> None:
    """How the network cuts a request up makes no difference."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in CHUNKED + CHUNKS:
        connection.sendall(bytes([byte]))
    assert read_response(connection).status == 200
    bridge.assert_emitted_once(detail_type="OrderPlaced")


def test_it_answers_pipelined_requests_in_their_order(bridge: FakeEventBridge, connection: socket.socket) -> None:
    """Requests that come without waiting for answers are answered one after the other."""
    connection.sendall(REQUEST + CHUNKED + CHUNKS + REQUEST.replace(b"PutEvents", b"Unknown"))
    file = connection.makefile("rb")
    statuses = []
    for _ in range(3):
        statuses.append(int(file.readline().split()[1]))
        headers = dict(line.strip().split(b": ", 1) for line in iter(file.readline, b"\r\n"))
        file.read(int(headers[b"content-length"]))
    file.close()
    assert statuses == [200, 200, 400]
    bridge.assert_emitted(detail_type="OrderPlaced", times=2)


def test_it_lets_a_client_that_asks_go_on(bridge: FakeEventBridge, connection: socket.socket) -> None:
    """A client that expects 100 (Continue) gets it, and then the answer."""
    connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
    assert connection.recv(100) == b"HTTP/1.1 100 \r\n\r\n"
    connection.sendall(BODY)
    assert read_response(connection).status == 200
    bridge.assert_emitted_once(detail_type="OrderPlaced")


@pytest.mark.parametrize(
    ("request_bytes", "method"),
    [
        (REQUEST.replace(b"HTTP/1.1", b"HTTP/1.0"), "POST"),
        (REQUEST.replace(b"Host: localhost", b"Connection: close\r\nHost: localhost"), "POST"),
        (b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HEAD"),
    ],
    ids=["HTTP/1.0", "close", "HEAD"],
)
def test_it_closes_what_is_not_to_be_kept(connection: socket.socket, request_bytes: bytes, method: str) -> None:
    """A connection that the client does not want kept ends with the answer."""
    connection.sendall(request_bytes)
    response = read_response(connection, method)
    assert (response.status, response.body == b"") == ((404, True) if method == "HEAD" else (200, False))  # type: ignore[attr-defined]  # see `read_response`
    assert is_ended(connection)


def test_a_status_without_a_body_has_none(bridge: FakeEventBridge, connection: socket.socket) -> None:
    """A response with status 304 never has a body, and the connection goes on behind it."""
    bridge.fail_requests("NotModified", http_status=304)
    connection.sendall(REQUEST)
    response = read_response(connection)
    assert (response.status, response.body) == (304, b"")  # type: ignore[attr-defined]  # see `read_response`
    connection.sendall(REQUEST)
    assert read_response(connection).status == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (HEAD + b"No colon\r\n\r\n", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (CHUNKED + b"five\r\n", 400),
        (CHUNKED + b"5\r\nabcdeXX", 400),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (HEAD + b"Filler: " + b"x" * 70_000, 431),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), 413),
        (CHUNKED + b"%x\r\n" % MAX_BODY_BYTES + bytes(MAX_BODY_BYTES) + b"\r\n1\r\n1\r\n", 413),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), 413),
    ],
    ids=[
        "TLS",
        "no target",
        "no host",
        "two hosts",
        "no colon",
        "negative length",
        "two lengths",
        "length of many digits",
        "chunk size",
        "chunk end",
        "coding",
        "head too long",
        "body too long",
        "chunks too long",
        "body too long to go on",
    ],
)
def test_it_refuses_what_it_cannot_read(
    bridge: FakeEventBridge, connection: socket.socket, request_bytes: bytes, status: int
) -> None:
    """What is no HTTP, or more than is read, is answered with a status and nothing else, and ends its connection."""
    connection.sendall(request_bytes)
    response = read_response(connection)
    assert (response.status, response.body, response.getheader("connection")) == (status, b"", "close")  # type: ignore[attr-defined]  # see `read_response`
    connection.shutdown(socket.SHUT_WR)
    assert is_ended(connection)
    assert bridge.calls == []


def test_the_longest_body_is_read(connection: socket.socket) -> None:
    """A body as long as may be is read, and refused as the service does it."""
    body = BODY.ljust(MAX_BODY_BYTES)
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert read_response(connection).status == 200


def test_a_client_that_goes_on_sending_reads_why_it_is_refused(connection: socket.socket) -> None:
    """A client that sends all of its body before it reads gets the refusal all the same."""
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (4 * MAX_BODY_BYTES))
    for _ in range(32):
        connection.sendall(bytes(1_048_576))
    assert read_response(connection).status == 413


def test_it_does_not_take_in_all_that_is_sent_to_no_end(
    connection: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that never stops sending is cut off."""
    monkeypatch.setattr(_http_connection, "_MAX_DISCARDED_BYTES", 100_000)
    with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as it comes
        send_to_no_end(connection)


def send_to_no_end(connection: socket.socket) -> None:
    """Send 100 MB that are no HTTP."""
    for _ in range(1_000):
        connection.sendall(b"x" * 100_000)


def test_a_request_that_ends_halfway_is_refused(bridge: FakeEventBridge, connection: socket.socket) -> None:
    """A client that closes its side within a request is told that this was none."""
    connection.sendall(REQUEST[:-1])
    connection.shutdown(socket.SHUT_WR)
    assert read_response(connection).status == 400
    assert is_ended(connection)
    assert bridge.calls == []


@pytest.mark.parametrize("sent", [REQUEST[:20], REQUEST[:-1], CHUNKED], ids=["head", "body", "chunks"])
def test_a_client_that_stalls_is_refused(
    connection: socket.socket, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """A request that is begun and goes nowhere is answered with status 408."""
    monkeypatch.setattr(_http_connection, "STALLED_SECONDS", 0.05)
    monkeypatch.setattr(_http_connection, "_DISCARDING_SECONDS", 0.05)
    connection.sendall(sent)
    assert read_response(connection).status == 408
    assert is_ended(connection)


def test_a_client_may_take_its_time_between_requests(
    connection: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is kept is not ended because nothing comes."""
    monkeypatch.setattr(_http_connection, "STALLED_SECONDS", 0.05)
    connection.sendall(REQUEST)
    assert read_response(connection).status == 200
    connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.sendall(REQUEST)
    connection.settimeout(10)
    assert read_response(connection).status == 200


def test_a_client_that_does_not_read_is_given_up(
    bridge: FakeEventBridge,
    endpoint: EventBridgeEndpoint,
    connection: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Answers that nobody takes in end the connection, not the endpoint."""
    monkeypatch.setattr(_http_connection, "STALLED_SECONDS", 0.05)
    bridge.fail_requests("Long", "x" * LONG_BYTES)
    connection.sendall(REQUEST)
    received = len(connection.recv(100))
    for thread in list(endpoint._server._connections.values()):
        thread.join(10)
    connection.shutdown(socket.SHUT_WR)
    with suppress(ConnectionResetError):
        while part := connection.recv(1_000_000):
            received += len(part)
    assert received < LONG_BYTES
