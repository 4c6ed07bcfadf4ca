"""The guard when its session ends: what the tests have left behind is waited for, so that it can be reported."""

from __future__ import annotations

import pytest
from test_guard import LINE_OF_SEND, QUIET, SHOP

# What each session inside this one has: an event that is set when a test has been reported.
CONFTEST = """
from late_go import go

def pytest_runtest_logfinish():
    go.set()
"""
GO = "import threading\ngo = threading.Event()\n"
PREFIX = """
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from late_go import go
from late_shop import swallow

pool = ThreadPoolExecutor(1, thread_name_prefix="sender")

def late():
    go.wait(30)
    time.sleep(0.2)
    swallow("late")

def start(target):
    threading.Thread(target=target, name="sender").start()
"""
LEFT_BEHIND = {
    "a thread": "start(late)",
    "a thread of a thread": "start(lambda: (go.wait(30), time.sleep(0.1), start(late)))",
    "a timer": "timer = threading.Timer(0.01, late)\n    timer.name = 'sender'\n    timer.start()",
    "a job": "pool.submit(late)",
    "a job that waits for another": "pool.submit(go.wait, 30)\n    pool.submit(late)",
}
SAID = (
    f"PutEvents to the event bus 'late' was called from late_shop.py:{LINE_OF_SEND} by what test_it.py::test_a had "
    "started (thread 'sender*'), but after that test had ended, and refused by eventbridge_guard; "
    "no test was running. Let the test wait for it or stop it, or start it in a fixture of a wider scope."
)


def run(pytester: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    """Run a session with the guard on in a process of its own, of one test module, which waits for long."""
    pytester.makepyfile(late_shop=SHOP, late_go=GO, test_it=PREFIX + test)
    patience = "from pytest_eventbridge import _session_guard\n_session_guard._PATIENCE = 60.0\n"
    pytester.makeconftest(CONFTEST + patience)
    return pytester.runpytest_subprocess(*QUIET, *arguments)


@pytest.mark.parametrize("what", LEFT_BEHIND)
def test_what_the_last_test_leaves_behind(pytester: pytest.Pytester, what: str) -> None:
    """The session waits for it, so that it is refused, and that test's error."""
    result = run(pytester, f"def test_a(eventbridge):\n    {LEFT_BEHIND[what]}")
    result.assert_outcomes(passed=1, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_a _*", SAID], consecutive=True)


def test_what_the_last_test_of_a_worker_leaves_behind(pytester: pytest.Pytester) -> None:
    """Each worker of xdist waits for what its own tests have left behind."""
    result = run(pytester, "def test_a(eventbridge):\n    pool.submit(late)", "--numprocesses=1")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_a _*", SAID], consecutive=True)
