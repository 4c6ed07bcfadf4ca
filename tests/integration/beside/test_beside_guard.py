"""The guard beside plugins that run tests in other processes, in another order, or more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import RunBeside

GUARDED = ["-o", "eventbridge_guard=true"]

# Two tests that the guard fails, and two that it lets alone.
FOUR_OUTCOMES = """
    from contextlib import suppress
    from publisher import emit

    def test_uses_the_fixture(eventbridge):
        emit()
        eventbridge.assert_emitted_once()

    def test_sends():
        emit()

    def test_swallows_the_error():
        with suppress(Exception):
            emit()

    def test_sends_nothing():
        pass
"""

# A test whose thread sends when the next one has begun.
OUTLIVES = """
    import threading
    from contextlib import suppress
    from publisher import emit

    MAY_SEND, HAS_SENT = threading.Event(), threading.Event()

    def send_late():
        MAY_SEND.wait(30)
        with suppress(Exception):
            emit()
        HAS_SENT.set()

    def test_starts_a_thread(eventbridge):
        threading.Thread(target=send_late, daemon=True).start()

    def test_runs_meanwhile(eventbridge):
        MAY_SEND.set()
        assert HAS_SENT.wait(30)
        eventbridge.assert_nothing_emitted()
"""


@pytest.mark.parametrize(
    ("plugin", "arguments"),
    [
        ("xdist", ["-n", "2"]),
        ("pytest_forked", ["--forked", "-W", "default"]),  # it leaves files open itself
        ("randomly", ["--randomly-seed=1"]),
        ("randomly", ["--randomly-seed=2"]),
        ("pytest_socket", ["--disable-socket"]),
        ("timeout", ["--timeout=60", "--timeout-method=thread"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_it_fails_who_sends(run_beside: RunBeside, plugin: str, arguments: list[str]) -> None:
    """What sends without the fixture fails, even when it swallows the error, and says from where; nothing else does."""
    result = run_beside(FOUR_OUTCOMES, "-v", *GUARDED, *arguments, plugin=plugin)

    outcomes = result.parseoutcomes()
    # The error of a test that swallows it comes when the test has ended, which is at its end for pytest, too.
    assert (outcomes["passed"], outcomes["failed"], outcomes.get("errors", 0)) == (2, 2, 0)
    assert str(result.stdout).count("PutEvents") >= 2
    result.stdout.fnmatch_lines_random(
        ["*FAILED*test_it.py::test_sends*", "*FAILED*test_it.py::test_swallows_the_error*", "*publisher.py:*"]
    )


def test_a_rerun_is_guarded_again(run_beside: RunBeside) -> None:
    """A test that sends fails each time it is run, and one that does so only at first passes in the end."""
    result = run_beside(
        """
        from contextlib import suppress
        from publisher import emit

        RUNS = []

        def test_sends_at_first():
            RUNS.append(1)
            if len(RUNS) == 1:
                with suppress(Exception):
                    emit()

        def test_sends():
            emit()
        """,
        *GUARDED,
        "--reruns=1",
        plugin="rerunfailures",
    )

    result.assert_outcomes(passed=1, failed=1)
    assert result.parseoutcomes()["rerun"] == 2


@pytest.mark.parametrize(
    ("plugin", "arguments"),
    [("xdist", ["-n", "1"]), ("randomly", ["-p", "no:randomly"]), ("timeout", ["--timeout=60"]), ("asyncio", [])],
)
def test_what_outlives_a_test_is_its_error(run_beside: RunBeside, plugin: str, arguments: list[str]) -> None:
    """An event that is sent when its test has ended is told of that test, and the next one has none of it."""
    result = run_beside(OUTLIVES, "-v", *GUARDED, *arguments, plugin=plugin)

    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["errors"]) == (2, 1)
    assert "failed" not in outcomes
    result.stdout.fnmatch_lines(["*ERROR*test_it.py::test_starts_a_thread*"])


def test_what_outlives_a_forked_test_ends_with_its_process(run_beside: RunBeside) -> None:
    """A thread of a test that was forked is gone with it: there is nothing to be told, and nobody waits for it."""
    result = run_beside(
        """
        import threading
        from publisher import emit

        def send_late(is_over):
            is_over.wait()
            emit()

        def test_starts_a_thread(eventbridge):
            threading.Thread(target=send_late, args=(threading.Event(),), daemon=True).start()

        def test_runs_afterwards(eventbridge):
            assert threading.active_count() == 1
            eventbridge.assert_nothing_emitted()
        """,
        *GUARDED,
        "--forked",
        "-W",
        "default",
        plugin="pytest_forked",
    )

    result.assert_outcomes(passed=2, warnings=result.parseoutcomes().get("warnings", 0))
