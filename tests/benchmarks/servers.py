"""Servers, each in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_STARTING_SECONDS: Final = 30.0

_FAKE: Final = """
import sys
from pytest_eventbridge import FakeEventBridge
with FakeEventBridge().serve() as endpoint:
    print(endpoint.url.rpartition(":")[2], flush=True)
    sys.stdin.read()
"""


@contextmanager
def fake_endpoint() -> Iterator[int]:
    """Run the endpoint of a fake, and yield its port."""
    with subprocess.Popen([sys.executable, "-c", _FAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
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
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.perf_counter() + _STARTING_SECONDS
    while time.perf_counter() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start.")
