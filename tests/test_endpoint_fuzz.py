"""Ten thousand requests that no SDK would send: the endpoint answers each, and lives on."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._cbor import encode
from pytest_eventbridge._control_plane_constraints import OPERATIONS

REQUEST_COUNT = 10_000
BATCH_COUNT = 10
MOST_SECONDS = 10

CUSTOM_BUS = f"arn:aws:events:us-east-1:123456789012:event-busv2/orders/{'a' * 25}"
ENTRY = {
    "Source": "shop.orders",
    "DetailType": "OrderPlaced",
    "Detail": '{"order_id":"o-1"}',
    "Time": 1767225600,
    "Resources": ["arn:aws:s3:::bucket"],
    "EventBusName": "orders",
    "TraceHeader": "Root=1-2-3",
}
MEMBERS = (
    *ENTRY,
    "SystemMetadata",
    "Data",
    "DeduplicationConfiguration",
    "Entries",
    "EndpointId",
    "Name",
    "Rule",
    "Targets",
    "Ids",
    "EventPattern",
    "Event",
    "State",
    "Limit",
)
TEXTS = ("", "a", "default", "ü\U0001f600\ud800\x00", "x" * 2000, "{", "{}", '{"source":["a"]}', "aws.s3", "a/b", "-1")
TOKENS = (
    b"\r\n", b"\r\n\r\n", b"\n", b"\0", b" ", b":", b"\xff", b"POST", b"GET / HTTP/1.1\r\n", b"HTTP/1.0", b"HTTP/9.9",
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99999999999\r\n", b"Host: a\r\n",
    b"Connection: close\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n", b"Expect: 100-continue\r\n", b"0\r\n\r\n",
    b"Authorization: AWS4-HMAC-SHA256 Credential=///\r\n", b"X-Amz-Target: AWSEvents.PutEvents\r\n", b"[" * 50, b'"',
)  # fmt: skip


def make_value(chance: random.Random, depth: int = 0) -> Any:
    """Make a JSON value of any kind, sometimes one that could be meant."""
    kind = chance.randrange(9 if depth < 4 else 6)
    if kind < 2:
        return chance.choice(TEXTS)
    if kind < 6:
        return chance.choice((None, True, 0, -1, 1.5, 1e308, 10**30, float("nan"), float("-inf"), ENTRY))
    if kind < 8:
        return {chance.choice(MEMBERS): make_value(chance, depth + 1) for _ in range(chance.randrange(4))}
    return [make_value(chance, depth + 1) for _ in range(chance.randrange(12))]


def make_params(chance: random.Random) -> Any:
    """Make the params of a request: right ones, ones with something wrong in them, or anything."""
    entries = [ENTRY] * chance.randrange(1, 5)
    params = {"Entries": entries, "Name": "rule", "Rule": "rule", "EventPattern": '{"source":["a"]}', "Event": "{}"}
    kind = chance.randrange(10)
    if kind < 4:
        return params
    if kind < 7:
        entries = [{**entry, chance.choice(MEMBERS): make_value(chance)} for entry in entries * chance.randrange(4)]
        return params | {"Entries": entries}
    if kind < 9:
        return params | {chance.choice(MEMBERS): make_value(chance) for _ in range(chance.randrange(1, 3))}
    return make_value(chance)


def make_request(chance: random.Random) -> bytes:
    """Make a request that is HTTP, for a service and an operation that there are or not."""
    return make_cbor_request(chance) if chance.random() < 0.25 else make_json_request(chance)


def make_cbor_request(chance: random.Random) -> bytes:
    """Make a request to the newer service."""
    operation = chance.choice(("PutEvents", "PutEvents", "PutRawEvents", "CreateBus"))
    raw = {"Data": chance.randbytes(9), "SystemMetadata": {"ContentType": "application/json", "EventGroupId": "g"}}
    params = make_params(chance)
    if isinstance(params, dict):
        params = {"EventBusArn": CUSTOM_BUS, **params}
        if operation == "PutRawEvents":
            params["Entries"] = [raw, {**raw, chance.choice(MEMBERS): make_value(chance)}]
    try:
        body = encode(params)
    except OverflowError:  # a number that CBOR has no room for
        body = encode(raw)
    head = f"POST /service/AWSEventsV2/operation/{operation} HTTP/1.1\r\nHost: localhost\r\n".encode()
    return head + b"Smithy-Protocol: rpc-v2-cbor\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def make_json_request(chance: random.Random) -> bytes:
    """Make a request to the classic service."""
    operation = chance.choice(("PutEvents", "PutEvents", "PutPartnerEvents", *OPERATIONS, "PutAnything", ""))
    body = json.dumps(make_params(chance), ensure_ascii=chance.random() < 0.9).encode("utf-8", "surrogatepass")
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSEvents.{operation}\r\n".encode()
    if chance.random() < 0.3:
        half = chance.randrange(len(body) + 1)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def cut_out(request: bytes, chance: random.Random) -> bytes:
    """Leave a part out."""
    start = chance.randrange(len(request))
    return request[:start] + request[start + chance.randrange(1, 30) :]


def cut_off(request: bytes, chance: random.Random) -> bytes:
    """Leave out all from somewhere on."""
    return request[: chance.randrange(len(request))]


def repeat(request: bytes, chance: random.Random) -> bytes:
    """Say a part twice."""
    start = chance.randrange(len(request))
    return request[:start] + request[start : start + chance.randrange(1, 200)] + request[start:]


def insert(request: bytes, chance: random.Random) -> bytes:
    """Put in what means something to a parser, mostly into the head."""
    start = chance.randrange(min(len(request), 150))
    return request[:start] + chance.choice(TOKENS) + request[start:]


def scatter(request: bytes, chance: random.Random) -> bytes:
    """Change some bytes."""
    changed = bytearray(request)
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def replace(request: bytes, chance: random.Random) -> bytes:
    """Send something else altogether."""
    return chance.randbytes(chance.randrange(1, 300)) + chance.choice((b"", b"\r\n\r\n"))


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut_out, cut_off, repeat, insert, scatter, replace)


def make_bytes(chance: random.Random) -> bytes:
    """Make what is sent over one connection: a request as it is, or after one to three mutations."""
    sent = make_request(chance)
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        sent = chance.choice(MUTATIONS)(sent or b"x", chance)
    return sent


def exchange(port: int, sent: bytes) -> bytes:
    """Send something over a connection of its own, and return all that comes back until it ends."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=MOST_SECONDS) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                received += part
        except TimeoutError:
            pytest.fail(f"no end of {sent!r}, after {received!r}")
        except ConnectionError:  # it was ended while we were still sending
            pass
    return received


def open_files() -> int | None:
    """Return how many files and sockets this process has open, where the system tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else None


@pytest.mark.parametrize("batch", range(BATCH_COUNT))
def test_it_answers_whatever_comes(batch: int) -> None:
    """No request hangs, none is answered with status 500, and nothing is left of any when the endpoint ends."""
    chance = random.Random(batch)
    before = (open_files(), threading.active_count())
    bridge = FakeEventBridge(event_buses=["orders"])
    answered = 0
    with bridge.serve() as endpoint:
        port = int(endpoint.url.rpartition(":")[2])
        for _ in range(REQUEST_COUNT // BATCH_COUNT):
            sent = make_bytes(chance)
            received = exchange(port, sent)
            statuses = re.findall(rb"^HTTP/1\.1 (\d{3}) ", received, re.MULTILINE)
            assert b"500" not in statuses, f"{sent!r} was answered with {received!r}"
            answered += b"200" in statuses
        assert endpoint._http_service.errors == []
    assert answered > REQUEST_COUNT // BATCH_COUNT // 50  # they are no mere noise
    # Fewer, where garbage of an earlier test has gone meanwhile.
    assert open_files() <= before[0]
    assert threading.active_count() <= before[1]
