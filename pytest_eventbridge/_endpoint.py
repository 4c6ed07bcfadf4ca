"""The endpoint: one fake for other processes and other SDKs, over HTTP on loopback."""

from __future__ import annotations

import os
import socket
from functools import partial
from types import TracebackType
from typing import Final, final

from pytest_eventbridge._environment import endpoint_environment
from pytest_eventbridge._limits import MAX_REQUEST_BYTES
from pytest_eventbridge._loopback_server import HOST, LoopbackServer
from pytest_eventbridge._options import Options
from pytest_eventbridge._service import ClassicService

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# How many times longer than what counts against the limit a body may be: JSON may write a character of one byte with
# six (`\u0000`), and what does not count, such as the names of event buses, is in it as well. The service's own bound,
# beyond which it answers with status 413, is unknown.
_MAX_BODY_FACTOR: Final = 8

_THREAD_NAME: Final = "eventbridge-endpoint"


@final
class EventBridgeEndpoint:
    """Serves a fake at a URL on loopback, to programs that are no part of this process; what `serve` returns.

    It is there from the moment it is made until its block, or `close`, ends it. What comes in by it is captured, made
    to fail, and delivered by rules as what clients in this process send. Each HTTP request is a call of one attempt:
    when a client tries again, after a wait of its own, that is another call. Any credentials will do, or none. The
    region of an event is the one that its request was signed for, else the fake's.

    Clients in a process that was forked from this one are led here without `env`, those made before the fork too: the
    copy of the fake that they would find there is one that no test sees. A fork server keeps the environment that it
    was started with, so its workers have to be given `env`.

    A network error that `fail_requests` injects resets the connection, whichever it is, since the other side would see
    little else of it: a timeout too, so that nobody has to wait for it.

    Attributes:
        url: Such as `"http://127.0.0.1:40123"`.
    """

    def __init__(self, service: ClassicService, options: Options) -> None:
        try:
            # Imported here because it needs h11, which comes with an extra only.
            from pytest_eventbridge._http_connection import converse
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "The endpoint needs h11, which is not installed: pip install 'pytest-eventbridge[endpoint]'", name="h11"
            ) from error
        from pytest_eventbridge._http_service import HttpService  # imported here because it loads botocore

        self._options = options
        self._http_service = HttpService(service, options.region)
        max_body_bytes = _MAX_BODY_FACTOR * max(options.max_request_bytes, MAX_REQUEST_BYTES)
        converse = partial(converse, answer=self._http_service.answer, max_body_bytes=max_body_bytes)
        try:
            self._server = LoopbackServer(converse, _THREAD_NAME)
        except Exception as error:  # pytest-socket raises a warning, too, where warnings are errors
            raise RuntimeError(f"The endpoint cannot listen on {HOST}: {error}{_pytest_socket_hint()}") from error
        self.url: Final = f"http://{HOST}:{self._server.port}"
        self._service = service
        self._served = (os.getpid(), self.url)
        service.endpoints.append(self._served)

    @property
    def env(self) -> dict[str, str]:
        """What leads the AWS SDKs and the AWS CLI here, to be put over the environment of a program; a new dict.

        The endpoint's URL for both services of EventBridge, fake credentials, a region, and what keeps SDKs away from
        this machine's configuration and its proxy. Other services' URLs are what they were. A region that the
        environment has stays; with the option `fake_credentials=False` credentials and configuration do too.
        """
        return endpoint_environment(self.url, self._options.region, fake_credentials=self._options.fake_credentials)

    def close(self) -> None:
        """Close the port and all connections, and end all threads; again, or in a forked process, it does nothing.

        Raises:
            RuntimeError: What a connection is busy with, a target or a predicate, does not end.
            BaseException: The first that the test's own code raised while it was asked about a request: a predicate,
                or pytest's outcomes in a target.
        """
        process, _ = self._served
        if process != os.getpid():  # whose sockets these are, and whose threads
            return
        if self._served in self._service.endpoints:
            self._service.endpoints.remove(self._served)
        self._server.stop()
        errors, self._http_service.errors = self._http_service.errors, []
        if errors:
            raise errors[0]

    def __enter__(self) -> EventBridgeEndpoint:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it, as `close` does, without masking what has been raised in the block."""
        if exc is not None:
            self._http_service.errors.clear()
        self.close()

    def __repr__(self) -> str:
        return f"<EventBridgeEndpoint at {self.url}>"


def _pytest_socket_hint() -> str:
    if socket.socket.__module__ != "pytest_socket":
        return ""
    return (
        f" pytest-socket has shut off the sockets; pytest.mark.allow_hosts(['{HOST}']) on the test, or "
        f"--allow-hosts={HOST}, lets the endpoint have them."
    )
