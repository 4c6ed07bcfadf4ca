"""Clients over plain sockets, in a process of their own: `python http_clients.py <port> <clients> <keep or close>`.

They send the bytes of an SDK's request, because what an SDK itself takes would stand before all else. The process
prints how many requests a second they were answered.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from typing import Final

SECONDS: Final = 1.0
ANSWERING_SECONDS: Final = 10.0

BODY: Final = json.dumps(
    {"Entries": [{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id": "o-1"}'}]}
).encode()
REQUEST: Final = (
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSEvents.PutEvents\r\n"
    "Content-Type: application/x-amz-json-1.1\r\nUser-Agent: Boto3/1.43.0 md/Botocore#1.43.0 ua/2.1 os/linux\r\n"
    "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/events/"
    "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
    f"Signature={'0' * 64}\r\namz-sdk-request: attempt=1\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY


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


def requests_a_second(port: int, client_count: int, *, keeps_connection: bool) -> float:
    """Let so many clients send at the same time, and return how many requests a second were answered."""
    clients = [Client(port, keeps_connection=keeps_connection) for _ in range(client_count)]
    begin = time.perf_counter()
    threads = [threading.Thread(target=client.run, args=(begin + SECONDS,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(client.request_count for client in clients) / (time.perf_counter() - begin)


if __name__ == "__main__":
    port, client_count, connections = sys.argv[1:]
    print(requests_a_second(int(port), int(client_count), keeps_connection=connections == "keep"))
