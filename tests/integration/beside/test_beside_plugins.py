"""Other plugins of pytest, each in a session with this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import RunBeside

# One test that passes, one whose assertion fails, and one that the check at its end fails.
THREE_OUTCOMES = """
    from publisher import emit

    def test_passes(eventbridge):
        emit()
        eventbridge.assert_emitted_once(detail={"order_id": "o-1"})

    def test_fails(eventbridge):
        emit("o-2")
        eventbridge.assert_emitted(detail={"order_id": "o-1"})

    def test_leaves_a_failure_unused(eventbridge):
        eventbridge.fail_entries(source="nobody")
        emit()
"""


@pytest.mark.parametrize(
    ("plugin", "arguments"),
    [
        ("xdist", ["-n", "2"]),
        ("pytest_forked", ["--forked", "-W", "default"]),  # it leaves files open itself
        ("randomly", ["--randomly-seed=1"]),
        ("pytest_socket", ["--disable-socket"]),
        ("timeout", ["--timeout=60"]),
        ("timeout", ["--timeout=60", "--timeout-method=thread"]),
        ("subtests", []),
        ("time_machine", []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_outcomes_and_texts_are_the_same(run_beside: RunBeside, plugin: str, arguments: list[str]) -> None:
    """Tests pass, fail and are failed at their end as they are without the plugin, with the same texts."""
    result = run_beside(THREE_OUTCOMES, *arguments, plugin=plugin)

    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["failed"], outcomes["errors"]) == (2, 1, 1)
    result.stdout.fnmatch_lines(["E * detail.order_id: expected 'o-1', got 'o-2'"])
    result.stdout.fnmatch_lines(["E * An injected failure never fired:"])
    assert str(result.stdout).count("- EventBridge -") == 2


def test_no_socket_is_opened(run_beside: RunBeside) -> None:
    """With sockets shut, calls are answered, refused and retried, and a client can be made without any credentials."""
    result = run_beside(
        """
        import boto3
        import pytest
        from publisher import emit

        def test_calls(eventbridge):
            client = boto3.client("events")
            eventbridge.fail_requests("InternalException", times=2)
            emit(client=client)
            eventbridge.fail_entries()
            emit(client=client)
            with pytest.raises(client.exceptions.ClientError, match="OperationNotPlayed"):
                client.list_archives()
            assert [call.attempts for call in eventbridge.calls] == [3, 1]

        def test_shut(eventbridge):
            import socket
            with pytest.raises((RuntimeError, UserWarning), match="socket"):  # it warns, and warnings are errors here
                socket.socket()
        """,
        "--disable-socket",
        plugin="pytest_socket",
    )

    # The operation that nobody plays fails its test at the end, as it does with sockets.
    result.assert_outcomes(passed=2, errors=1)


def test_a_rerun_begins_anew(run_beside: RunBeside) -> None:
    """What a first run captured, injected and failed is not there in the second."""
    result = run_beside(
        """
        from publisher import emit

        RUNS = []

        def test_passes_at_the_second_attempt(eventbridge):
            RUNS.append(1)
            if len(RUNS) == 1:
                eventbridge.fail_entries()
            emit()
            eventbridge.assert_emitted_once()

        def test_is_failed_at_its_end(eventbridge):
            RUNS.append(1)
            if len(RUNS) == 3:
                eventbridge.fail_entries(source="nobody")

        def test_is_failed_at_its_end_twice(eventbridge):
            eventbridge.fail_entries(source="nobody")
        """,
        "--reruns=1",
        plugin="rerunfailures",
    )

    # The check at the end is an outcome of its own, beside that of the test, which passed each time.
    outcomes = result.parseoutcomes()
    assert (outcomes["rerun"], outcomes["passed"], outcomes["errors"]) == (3, 5, 1)
    assert "failed" not in outcomes


def test_a_failed_subtest_does_not_hide_the_others(run_beside: RunBeside) -> None:
    """Each subtest sees the fake of its test, and one that failed is the failure that the end does not mask."""
    result = run_beside(
        """
        from publisher import emit

        def test_orders(eventbridge, subtests):
            eventbridge.fail_entries(source="nobody")
            for order_id in ("o-1", "o-2"):
                with subtests.test(order_id):
                    emit(order_id)
                    eventbridge.assert_emitted(detail={"order_id": "o-1"})
                    eventbridge.assert_emitted_once()
        """,
        plugin="subtests",
    )

    outcomes = result.parseoutcomes()
    assert outcomes["failed"] >= 1
    assert "errors" not in outcomes


@pytest.mark.parametrize(
    ("plugin", "marker", "arguments"),
    [
        ("asyncio", "@pytest.mark.asyncio", ["-o", "asyncio_default_fixture_loop_scope=function"]),
        ("asyncio", "", ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]),
        ("anyio", "@pytest.mark.anyio", []),
    ],
    ids=["pytest-asyncio", "pytest-asyncio, auto mode", "anyio"],
)
def test_coroutines(run_beside: RunBeside, plugin: str, marker: str, arguments: list[str]) -> None:
    """Tests and fixtures that are coroutines use the fake, and so do the threads that they hand a call to."""
    result = run_beside(
        f"""
        import asyncio
        import pytest
        from publisher import emit

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        {marker}
        async def test_passes(eventbridge):
            emit("o-1")
            await asyncio.gather(*(asyncio.to_thread(emit, f"o-{{n}}") for n in range(2, 6)))
            assert {{event.detail["order_id"] for event in eventbridge.events}} == {{f"o-{{n}}" for n in range(1, 6)}}

        {marker}
        async def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """,
        *arguments,
        plugin=plugin,
    )

    result.assert_outcomes(passed=2, errors=1)


@pytest.mark.parametrize("plugin", [None, "subtests", "randomly"])
def test_cases_of_unittest(run_beside: RunBeside, plugin: str | None) -> None:
    """A `TestCase` has the fixture by `usefixtures` or by a fixture of its own, or makes a fake in `setUp`."""
    result = run_beside(
        """
        import unittest
        import pytest
        from publisher import emit
        from pytest_eventbridge import FakeEventBridge

        @pytest.mark.usefixtures("eventbridge")
        class UsesIt(unittest.TestCase):
            def test_sends(self):
                assert emit()["FailedEntryCount"] == 0

        class HasIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _have(self, eventbridge):
                self.bridge = eventbridge

            def test_sends(self):
                emit()
                self.bridge.assert_emitted_once()

            def test_sub(self):
                for order_id in ("o-1", "o-2"):
                    with self.subTest(order_id):
                        emit(order_id)
                        self.bridge.assert_emitted_once(detail={"order_id": order_id})

            def test_leaves_a_failure_unused(self):
                self.bridge.fail_entries()

        class MakesIt(unittest.TestCase):
            def setUp(self):
                self.bridge = FakeEventBridge()
                self.bridge.__enter__()
                self.addCleanup(self.bridge.__exit__, None, None, None)

            def test_sends(self):
                emit()
                self.bridge.assert_emitted_once()

            def test_begins_anew(self):
                emit()
                self.bridge.assert_emitted_once()

        class ForTheClass(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.bridge = FakeEventBridge()
                cls.bridge.__enter__()
                cls.addClassCleanup(cls.bridge.__exit__, None, None, None)

            def test_sends(self):
                emit()
                self.bridge.assert_emitted()
        """,
        plugin=plugin,
    )

    outcomes = result.parseoutcomes()
    assert outcomes["errors"] == 1
    assert "failed" not in outcomes


def test_the_order_of_tests_does_not_matter(run_beside: RunBeside) -> None:
    """Shuffled with two seeds, no test sees what another one captured or injected."""
    source = """
        import pytest
        from publisher import emit

        @pytest.mark.parametrize("number", range(12))
        def test_order(eventbridge, number):
            if number % 3 == 0:
                eventbridge.fail_entries()
            failed = emit(str(number))["FailedEntryCount"]
            assert failed == (number % 3 == 0)
            assert len(eventbridge.events) + len(eventbridge.failed_entries) == 1
    """
    for seed in (1, 2):
        run_beside(source, f"--randomly-seed={seed}", plugin="randomly").assert_outcomes(passed=12)
