"""The sockets and threads of a server: where it listens, what it holds, and that nothing of it is left."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pytest_eventbridge import _loopback_server
from pytest_eventbridge._loopback_server import LoopbackServer

NAME = "server-under-test"


def echo(connection: socket.socket) -> None:
    """Send back what comes, until the client is done."""
    while received := connection.recv(100):
        connection.sendall(received)


def threads() -> list[threading.Thread]:
    """Return the threads of the servers made here."""
    return [thread for thread in threading.enumerate() if thread.name == NAME]


@contextmanager
def serving(converse: object = echo) -> Iterator[LoopbackServer]:
    """Run a server for a block."""
    server = LoopbackServer(converse, NAME)  # type: ignore[arg-type]  # whatever a test gives
    try:
        yield server
    finally:
        server.stop()


def connect(server: LoopbackServer) -> socket.socket:
    """Connect to a server."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def test_it_listens_on_loopback_alone() -> None:
    """The socket is bound to 127.0.0.1 and to no other address of this machine."""
    with serving() as server:
        assert server._listener.getsockname() == ("127.0.0.1", server.port)
        assert server._listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


def test_each_connection_has_its_turn() -> None:
    """Connections are served at the same time: one that waits keeps none waiting."""
    with serving() as server:
        connections = [connect(server) for _ in range(50)]
        for number, connection in reversed(list(enumerate(connections))):
            connection.sendall(f"hello {number}".encode())
            assert connection.recv(100).decode() == f"hello {number}"
        for connection in connections:
            connection.close()


def test_nothing_is_left_of_it() -> None:
    """When it has stopped there is no thread, the port is closed, and so is each connection that a client holds."""
    with serving() as server:
        kept = [connect(server) for _ in range(5)]
        for connection in kept:
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
        assert len(threads()) == 6
        held = [server._listener, server._woken, server._waker, *server._connections]
    assert threads() == []
    assert [one.fileno() for one in held] == [-1] * len(held)
    assert server._connections == {}
    for connection in kept:
        assert connection.recv(1) == b""
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_a_connection_that_has_ended_is_let_go() -> None:
    """A server that runs for long holds nothing of the connections that it has had."""
    with serving() as server:
        for _ in range(20):
            with connect(server) as connection:
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(1) == b""
        with server._lock:
            on_their_way_out = list(server._connections.values())
        for thread in on_their_way_out:
            thread.join(10)
        assert server._connections == {}


def test_stopping_again_does_nothing() -> None:
    """A server that has stopped has nothing to stop."""
    with serving() as server:
        server.stop()


def test_it_says_when_a_connection_is_busy_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a connection is busy with cannot be ended from outside: that is said, and the port is closed."""
    monkeypatch.setattr(_loopback_server, "_STOPPING_SECONDS", 0.05)
    is_busy, may_end = threading.Event(), threading.Event()

    def work(_: socket.socket) -> None:
        is_busy.set()
        may_end.wait(10)

    server = LoopbackServer(work, NAME)
    with connect(server):
        assert is_busy.wait(10)
        with pytest.raises(RuntimeError, match="1 of its threads did not end within 0 seconds: a target of a rule, or"):
            server.stop()
        with pytest.raises(ConnectionRefusedError):
            connect(server)
        busy = list(server._connections.values())
        may_end.set()
        for thread in busy:
            thread.join(10)
    assert threads() == []


def test_it_lives_on_when_there_are_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection for which no thread can be started is closed, and the next one is served."""
    with serving() as server:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", start_no_thread)
            with connect(server) as refused:
                assert refused.recv(1) == b""
        with connect(server) as served:
            served.sendall(b"x")
            assert served.recv(1) == b"x"


def start_no_thread(thread: threading.Thread) -> None:
    """Do as Python does when the system has no more threads to give."""
    raise RuntimeError("can't start new thread")


def test_it_lives_on_when_there_are_no_more_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that cannot be accepted waits until it can."""
    accept = socket.socket.accept
    errors = [OSError(errno.EMFILE, "Too many open files") for _ in range(2)]

    def accept_at_last(listener: socket.socket) -> tuple[socket.socket, object]:
        if errors:
            raise errors.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", accept_at_last)
    with serving() as server, connect(server) as connection:
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
    assert errors == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_does_not_keep_the_port_open() -> None:
    """A process that was forked meanwhile holds the socket, and yet nobody can connect once the server has stopped."""
    until_end, end = os.pipe()
    with serving() as server:
        child = os.fork()
        if child == 0:
            os.close(end)
            os.read(until_end, 1)
            os._exit(0)
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    os.close(end)
    os.close(until_end)
    os.waitpid(child, 0)
