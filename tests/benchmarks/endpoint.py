"""Requests to the endpoint on loopback, from one client and from several."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .measuring import Sample
from .rows import MICROSECONDS, OURS, Row, times_ahead
from .servers import fake_endpoint, moto_server

MOTO: Final = "moto's server"

_CLIENTS: Final = Path(__file__).with_name("http_clients.py")


def _seconds_a_request(port: int, client_count: int, connections: str = "keep") -> float:
    command = [sys.executable, str(_CLIENTS), str(port), str(client_count), connections]
    return 1 / float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@contextmanager
def requesting(client_count: int) -> Iterator[Mapping[str, Sample]]:
    """Send requests from so many clients, which keep their connections where the server does."""
    with fake_endpoint() as port, moto_server() as moto_port:
        samples: dict[str, Sample] = {
            OURS: lambda: _seconds_a_request(port, client_count),
            MOTO: lambda: _seconds_a_request(moto_port, client_count),
            "ours, a connection for each": lambda: _seconds_a_request(port, client_count, "close"),
        }
        for sample in samples.values():
            sample()  # the first requests load modules
        yield samples


def _row(client_count: int) -> Row:
    return Row(
        name=f"endpoint-{client_count}",
        work=f"a request to the endpoint, {client_count} {'client' if client_count == 1 else 'clients'}",
        unit=MICROSECONDS,
        prepare=lambda: requesting(client_count),
        goals=(times_ahead(MOTO, 3),),
        rounds=7,
    )


ROWS: Final = (_row(1), _row(16))
