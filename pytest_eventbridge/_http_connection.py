"""One HTTP/1.1 connection: requests as they come in, and answers as they go out; the only part that imports h11."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import h11

from pytest_eventbridge._wire import HttpAnswer

# Seconds that a client may leave a request that it has begun, or an answer, where it is.
STALLED_SECONDS: Final = 30.0

# Bytes of a request line with its headers: what a session token needs, several times over.
_MAX_HEAD_BYTES: Final = 65_536

_READ_BYTES: Final = 65_536

# What is read, and thrown away, of a request that was refused halfway, so that the client gets to read why: one that
# is still sending when the connection goes sees nothing but that.
_MAX_DISCARDED_BYTES: Final = 64 * 1_048_576
_DISCARDING_SECONDS: Final = 2.0

# SO_LINGER switched on, with no time at all: closing resets the connection. Of shorts on Windows.
_RESETTING: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

_NOT_MODIFIED: Final = 304
_REQUEST_TIMEOUT: Final = 408
_TOO_LARGE: Final = 413


class HttpRequest(NamedTuple):
    """An HTTP request that was read to its end.

    Attributes:
        method: `"POST"`, ...
        target: Path and query as they came.
        headers: By name in lower case; of several with one name the last.
        body: Without the framing of chunks.
        peer: `"address:port"` of the client.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    peer: str


class _RefusedError(Exception):
    """A request cannot be read, or should not be."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def converse(
    connection: socket.socket, answer: Callable[[HttpRequest], HttpAnswer | None], max_body_bytes: int
) -> None:
    """Answer the requests of one connection until it ends, whichever side ends it.

    Args:
        connection: The socket, which stays the caller's to close.
        answer: Answers a request, and raises nothing; for `None` the connection is reset.
        max_body_bytes: A longer body is refused with status 413, as soon as it is known to be longer.
    """
    http = _HttpConnection(connection, max_body_bytes)
    try:
        try:
            while (request := http.receive()) is not None:
                http_answer = answer(request)
                if http_answer is None:
                    http.reset()
                    return
                http.respond(http_answer)
        except _RefusedError as refused:
            http.refuse(refused.status)
    except OSError:  # the client is gone or has stopped reading, or the connection was ended from our side
        return


class _HttpConnection:
    """What h11 makes of the bytes of one socket."""

    def __init__(self, connection: socket.socket, max_body_bytes: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._max_body_bytes = max_body_bytes
        self._is_head = False
        host, port = connection.getpeername()
        self._peer = f"{host}:{port}"

    def receive(self) -> HttpRequest | None:
        """Return the next request; `None` when there is none to come.

        Raises:
            _RefusedError: It is not HTTP, too large, or was left unfinished.
            OSError: The connection is lost.
        """
        if self._http.our_state is h11.MUST_CLOSE:
            return None
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        begun = self._next_event(is_idle=not self._http.trailing_data[0])
        if not isinstance(begun, h11.Request):
            return None
        self._is_head = begun.method == b"HEAD"
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in begun.headers}
        if int(headers.get("content-length", "0")) > self._max_body_bytes:
            raise _RefusedError(_TOO_LARGE)
        return HttpRequest(
            begun.method.decode("ascii"), begun.target.decode("latin-1"), headers, self._read_body(), self._peer
        )

    def _read_body(self) -> bytes:
        parts = []
        left = self._max_body_bytes
        while isinstance(event := self._next_event(), h11.Data):
            left -= len(event.data)
            if left < 0:
                raise _RefusedError(_TOO_LARGE)
            parts.append(event.data)
        return b"".join(parts)

    def _next_event(self, *, is_idle: bool = False) -> Any:
        """Return h11's next event.

        Args:
            is_idle: Whether the client may take its time before it sends anything.
        """
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._send(h11.InformationalResponse(status_code=100, headers=[]))
                self._socket.settimeout(None if is_idle else STALLED_SECONDS)
                self._http.receive_data(self._socket.recv(_READ_BYTES))
                is_idle = False
        except h11.RemoteProtocolError as error:
            raise _RefusedError(error.error_status_hint) from error
        except TimeoutError:
            raise _RefusedError(_REQUEST_TIMEOUT) from None
        return event

    def respond(self, answer: HttpAnswer) -> None:
        """Send an answer; the connection is done for when one of both sides does not want it kept."""
        events: list[h11.Event] = [h11.Response(status_code=answer.status, headers=list(answer.headers.items()))]
        if not self._is_head and answer.status != _NOT_MODIFIED:  # neither has a body
            events.append(h11.Data(data=answer.body))
        self._send(*events, h11.EndOfMessage())

    def refuse(self, status: int) -> None:
        """Send an answer without a body, as what stands in front of the service does, and end the connection."""
        self._is_head = True
        self.respond(HttpAnswer(status, {"content-length": "0", "connection": "close"}, b""))
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(_DISCARDING_SECONDS)
        left = _MAX_DISCARDED_BYTES
        while left > 0 and (discarded := len(self._socket.recv(_READ_BYTES))):
            left -= discarded

    def reset(self) -> None:
        """Let the client see its connection reset, as by a network that fails."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETTING)

    def _send(self, *events: h11.Event) -> None:
        self._socket.settimeout(STALLED_SECONDS)
        self._socket.sendall(b"".join(self._http.send(event) or b"" for event in events))
