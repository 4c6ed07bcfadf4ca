"""The endpoint beside other plugins: those that shut sockets off, and those that run tests in other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import RunBeside

# A test that a program of its own sends an event to.
SERVED = """
    import os
    import subprocess
    import sys

    import pytest

    PROGRAM = '''if True:
        import botocore.session
        entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
        botocore.session.Session().create_client("events").put_events(Entries=[entry])
    '''

    def run_program(endpoint):
        subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | endpoint.env, check=True)
"""


@pytest.mark.parametrize("arguments", [["-W", "error"], ["-W", "default"], ["--allow-unix-socket"]], ids=" ".join)
def test_without_sockets_it_says_what_it_needs(run_beside: RunBeside, arguments: list[str]) -> None:
    """With sockets shut off there is no endpoint; the error says who has done that, and how it gets its own."""
    result = run_beside(
        """
        def test_is_served(eventbridge_endpoint):
            pass

        def test_serves(eventbridge):
            with eventbridge.serve():
                pass
        """,
        "--disable-socket",
        *arguments,
        plugin="pytest_socket",
    )

    outcomes = result.parseoutcomes()
    assert (outcomes["errors"], outcomes["failed"]) == (1, 1)
    expected = (
        "E *RuntimeError: The endpoint cannot listen on 127.0.0.1: A test tried to use socket.socket. pytest-socket "
        "has shut off the sockets; pytest.mark.allow_hosts([[]'127.0.0.1'[]]) on the test, or "
        "--allow-hosts=127.0.0.1, lets the endpoint have them."
    )
    result.stdout.fnmatch_lines([expected, "*", expected])


@pytest.mark.parametrize(
    ("marker", "arguments"),
    [
        ("", ["--disable-socket", "--allow-hosts=127.0.0.1"]),
        ("", ["--allow-hosts=10.0.0.1"]),  # the endpoint connects to nobody
        ("@pytest.mark.allow_hosts(['127.0.0.1'])", ["--disable-socket"]),
        ("@pytest.mark.enable_socket", ["--disable-socket"]),
    ],
)
def test_where_sockets_are_allowed_it_serves(run_beside: RunBeside, marker: str, arguments: list[str]) -> None:
    """Any of the ways in which pytest-socket lets loopback through is enough."""
    source = f"""{SERVED}
    {marker}
    def test_is_served(eventbridge, eventbridge_endpoint):
        run_program(eventbridge_endpoint)
        eventbridge.assert_emitted_once(source="shop.orders")
"""
    run_beside(source, *arguments, plugin="pytest_socket").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("plugin", "arguments"),
    [
        ("xdist", ["-n", "2"]),
        ("pytest_forked", ["--forked", "-W", "default"]),  # it leaves files open itself
        ("randomly", ["--randomly-seed=1"]),
        ("timeout", ["--timeout=60", "--timeout-method=thread"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_each_test_has_an_endpoint_of_its_own(run_beside: RunBeside, plugin: str, arguments: list[str]) -> None:
    """Wherever the tests run, each captures what its own program sends, and no endpoint is left."""
    source = f"""{SERVED}
    import threading

    @pytest.mark.parametrize("number", range(3))
    def test_is_served(eventbridge, eventbridge_endpoint, number):
        assert [thread.name for thread in threading.enumerate()].count("eventbridge-endpoint") == 1
        run_program(eventbridge_endpoint)
        eventbridge.assert_emitted_once(source="shop.orders")
"""
    run_beside(source, *arguments, plugin=plugin).assert_outcomes(passed=3)
