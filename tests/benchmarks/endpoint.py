"""Print how many requests a second the endpoint answers beside moto's server, with one client and with 16.

    python -m tests.benchmarks.endpoint

Needs moto[events,server] and h11. Each server is a process of its own, and so are the clients, which send the bytes of
an SDK's request over plain sockets: what an SDK itself takes would stand before all else. The servers take turns.
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

ROUNDS = 7
SECONDS_A_ROUND = 1.0
CLIENT_COUNTS = (1, 16)
STARTING_SECONDS = 30.0
ANSWERING_SECONDS = 10.0

BODY = json.dumps(
    {"Entries": [{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id": "o-1"}'}]}
).encode()
REQUEST = (
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSEvents.PutEvents\r\n"
    "Content-Type: application/x-amz-json-1.1\r\nUser-Agent: Boto3/1.43.0 md/Botocore#1.43.0 ua/2.1 os/linux\r\n"
    "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/events/"
    "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
    f"Signature={'0' * 64}\r\namz-sdk-request: attempt=1\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY

FAKE = """
import sys
from pytest_eventbridge import FakeEventBridge
with FakeEventBridge().serve() as endpoint:
    print(endpoint.url.rpartition(":")[2], flush=True)
    sys.stdin.read()
"""


class Client:
    """Sends the request again and again, on one connection for as long as the server keeps it.

    Args:
        port: Of the server.
        keeps_connection: Whether to make no connection of its own for each request.
    """

    def __init__(self, port: int, *, keeps_connection: bool) -> None:
        self._port = port
        self._keeps_connection = keeps_connection
        self._connection = self._connect()
        self.request_count = 0

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWERING_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def run(self, end: float) -> None:
        """Send requests until a moment on the clock of `time.perf_counter`."""
        while time.perf_counter() < end:
            self._connection.sendall(REQUEST)
            if not self._read_answer() or not self._keeps_connection:
                self._connection.close()
                self._connection = self._connect()
            self.request_count += 1
        self._connection.close()

    def _read_answer(self) -> bool:
        """Read an answer, and return whether the server keeps the connection."""
        head, separator, body = self._connection.recv(65_536).partition(b"\r\n\r\n")
        while not separator:
            head, separator, body = (head + self._connection.recv(65_536)).partition(b"\r\n\r\n")
        head = head.lower()
        status, length = head.split(b" ", 2)[1], int(head.partition(b"content-length:")[2].split()[0])
        if status != b"200":
            raise RuntimeError(f"The server answered {head!r}.")
        while len(body) < length:
            body += self._connection.recv(65_536)
        return b"connection: close" not in head


def print_rate(port: int, client_count: int, keeps_connection: bool) -> None:
    """Print how many requests a second a server answers so many clients; what the clients' process does."""
    clients = [Client(port, keeps_connection=keeps_connection) for _ in range(client_count)]
    begin = time.perf_counter()
    threads = [threading.Thread(target=client.run, args=(begin + SECONDS_A_ROUND,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(client.request_count for client in clients) / (time.perf_counter() - begin))


def measured_rate(port: int, client_count: int, keeps_connection: bool) -> float:
    """Return what `print_rate` prints in a process of its own."""
    arguments = [str(port), str(client_count), str(int(keeps_connection))]
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.endpoint", *arguments], capture_output=True, text=True, check=True
    )
    return float(run.stdout)


@contextmanager
def fake_endpoint() -> Iterator[int]:
    """Run the endpoint of a fake, and yield its port."""
    with subprocess.Popen([sys.executable, "-c", FAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@contextmanager
def moto_server() -> Iterator[int]:
    """Run moto's server, and yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield port
        finally:
            process.terminate()


def wait_for_port(port: int) -> None:
    """Return as soon as something listens on a port."""
    end = time.perf_counter() + STARTING_SECONDS
    while time.perf_counter() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start.")


# By name: the server, and whether its clients keep their connections where it lets them.
PEERS: dict[str, tuple[Callable[[], AbstractContextManager[int]], bool]] = {
    "moto's server": (moto_server, True),
    "pytest-eventbridge": (fake_endpoint, True),
    "pytest-eventbridge, a connection each": (fake_endpoint, False),
}


def compare(client_count: int, ports: dict[str, int]) -> None:
    """Print the median of each peer in requests a second, and its ratio to the first, with the ratio's quartiles.

    Args:
        client_count: How many clients send at the same time.
        ports: Where each peer's server listens.
    """
    rates: dict[str, list[float]] = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        for name, (_, keeps_connection) in PEERS.items():
            rates[name].append(measured_rate(ports[name], client_count, keeps_connection))
    first = next(iter(rates.values()))
    print(f"\nRequests to the endpoint, {client_count} client{'' if client_count == 1 else 's'}")
    for name, measured in rates.items():
        low, middle, high = statistics.quantiles([one / base for one, base in zip(measured, first, strict=True)])
        print(f"  {name:<40} {statistics.median(measured):>9.0f} /s   x {middle:.2f}  ({low:.2f} to {high:.2f})")


def main() -> None:
    """Run all comparisons."""
    with ExitStack() as stack:
        ports = {name: stack.enter_context(server()) for name, (server, _) in PEERS.items()}
        for name, (_, keeps_connection) in PEERS.items():
            measured_rate(ports[name], 1, keeps_connection)  # the first requests load modules
        for client_count in CLIENT_COUNTS:
            compare(client_count, ports)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print_rate(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
    else:
        main()
