"""A server on loopback: the socket that listens, and a thread for each connection."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, final

HOST: Final = "127.0.0.1"

# Connections that wait to be accepted: more than a pool of clients opens at once.
_BACKLOG: Final = 512

# Seconds to wait for a connection to be closed when no more can be opened.
_EXHAUSTED_SECONDS: Final = 0.05

# Seconds that what a connection is busy with may take to end when the server does.
_STOPPING_SECONDS: Final = 10.0


@final
class LoopbackServer:
    """Accepts connections on a free port of 127.0.0.1 from the moment it is made until `stop`.

    A thread for each, because what answers a request may wait for another one: the target of a rule that runs a
    program, say.

    Args:
        converse: What to do with a connection; it is closed when this returns.
        name: Of its threads.

    Attributes:
        port: The port.
    """

    def __init__(self, converse: Callable[[socket.socket], None], name: str) -> None:
        self._converse = converse
        self._name = name
        self._listener = socket.create_server((HOST, 0), backlog=_BACKLOG)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._woken, self._waker = socket.socketpair()
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept_all, name=name, daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """Close the port and all connections, and wait until each thread has ended; again does nothing.

        Raises:
            RuntimeError: What a connection is busy with does not end.
        """
        if self._is_stopping.is_set():
            return
        self._is_stopping.set()
        # Closing alone would not do: a process that was forked meanwhile holds each of these sockets, too.
        with self._waker:
            _shut_down(self._waker)
        self._acceptor.join()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            _shut_down(connection)
        for thread in connections.values():
            thread.join(_STOPPING_SECONDS)
        busy = [thread for thread in connections.values() if thread.is_alive()]
        if busy:
            raise RuntimeError(
                f"The endpoint is closed, but {len(busy)} of its threads did not end within {_STOPPING_SECONDS:.0f} "
                "seconds: a target of a rule, or a predicate, is still running."
            )

    def _accept_all(self) -> None:
        with self._woken, self._listener, selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._is_stopping.is_set():
                selector.select()
                self._accept()
            _shut_down(self._listener)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:  # there is none, or no more
            return
        except OSError:  # as long as there are too many open files it stays in the queue
            self._is_stopping.wait(_EXHAUSTED_SECONDS)
            return
        thread = threading.Thread(target=self._run, args=(connection,), name=self._name, daemon=True)
        with self._lock:
            try:
                thread.start()
            except RuntimeError:  # no more threads: this client sees its connection closed
                connection.close()
            else:
                self._connections[connection] = thread

    def _run(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._converse(connection)
        finally:
            with self._lock:
                del self._connections[connection]


def _shut_down(connection: socket.socket) -> None:
    """End a connection, or the port, for all processes that hold the socket, and wake who waits for it."""
    with suppress(OSError):  # it has ended already
        connection.shutdown(socket.SHUT_RDWR)
