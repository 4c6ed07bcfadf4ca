"""What outlives its test is refused, and reported with the test that it belongs to; what merely lives long is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest
from test_guard import LINE_OF_SEND, QUIET, SHOP, client

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._ownership import Ownership, TestRun
from pytest_eventbridge._session_guard import SessionGuard

PREFIX = """
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest
from pytest_eventbridge import FakeEventBridge
from late_shop import *

go, done = threading.Event(), threading.Event()

def send_when_told(bus="late"):
    go.wait(30)
    swallow(bus)
    done.set()

def tell():
    go.set()
    assert done.wait(30)
"""

# The second test of each module, in which the event of the first arrives.
NEXT = """
def test_b(eventbridge):
    tell()
    eventbridge.assert_nothing_emitted()
"""

# How a first test leaves behind something that sends.
OUTLIVING = {
    "a thread": """
def test_a(eventbridge):
    threading.Thread(target=send_when_told, name="sender").start()
""",
    "a thread of a test without a fake": """
def test_a():
    threading.Thread(target=send_when_told, name="sender").start()
""",
    "a daemon": """
def test_a(eventbridge):
    threading.Thread(target=send_when_told, name="sender", daemon=True).start()
""",
    "a timer": """
def test_a(eventbridge):
    timer = threading.Timer(0, send_when_told)
    timer.name = "sender"
    timer.start()
""",
    "a thread of a thread": """
def test_a(eventbridge):
    def start():
        threading.Thread(target=send_when_told, name="sender").start()
    first = threading.Thread(target=start)
    first.start()
    first.join()
""",
    "a thread of a fixture": """
@pytest.fixture
def sender():
    threading.Thread(target=send_when_told, name="sender").start()

def test_a(sender, eventbridge):
    pass
""",
    "a job": """
pool = ThreadPoolExecutor(1, thread_name_prefix="sender")

def test_a(eventbridge):
    pool.submit(send_when_told)
""",
    "a job of a pool of the session": """
@pytest.fixture(scope="session")
def pool():
    with ThreadPoolExecutor(1, thread_name_prefix="sender") as pool:
        pool.submit(int).result()
        yield pool

def test_a(pool, eventbridge):
    pool.submit(send_when_told)
""",
    "a task on a loop of the module": """
loop = asyncio.new_event_loop()

def test_a(eventbridge):
    async def begin():
        async def late():
            await asyncio.sleep(0)
            threading.current_thread().name = "sender"
            send_when_told()
            threading.current_thread().name = "MainThread"
        loop.kept = asyncio.ensure_future(late())
    loop.run_until_complete(begin())

def tell():
    go.set()
    loop.run_until_complete(loop.kept)
    loop.close()
    assert done.is_set()
""",
}

# What lives longer than a test and is not the test's; each has one event, which the second test gets.
LIVING_ON = {
    "a thread that was started when the module was imported": """
threading.Thread(target=send_when_told, daemon=True).start()

def test_a(eventbridge):
    pass
""",
    "a thread of a fixture of the module": """
@pytest.fixture(scope="module", autouse=True)
def sender():
    thread = threading.Thread(target=send_when_told)
    thread.start()
    yield
    thread.join()

def test_a(eventbridge):
    pass
""",
    "a pool that the first test has made": """
pool = ThreadPoolExecutor(1)

def test_a(eventbridge):
    pool.submit(int).result()

def tell():
    go.set()
    pool.submit(send_when_told).result()
""",
    "a pool of multiprocessing that the first test has made": """
pools = []

def test_a(eventbridge):
    pools.append(ThreadPool(1))
    pools[0].apply(int)

def tell():
    go.set()
    pools[0].apply(send_when_told)
    pools[0].terminate()
""",
    "a loop in a thread that the first test has started": """
loop = asyncio.new_event_loop()
threads = []

def test_a(eventbridge):
    threads.append(threading.Thread(target=loop.run_forever))
    threads[0].start()

async def job():
    swallow("late")

def tell():
    asyncio.run_coroutine_threadsafe(job(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    threads[0].join()
    loop.close()
""",
    "a thread of the first test, for a fake of the module": """
@pytest.fixture(scope="module")
def eventbridge():
    with FakeEventBridge() as bridge:
        yield bridge

def test_a(eventbridge):
    threading.Thread(target=send_when_told).start()
""",
}


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """A function that runs a session with the guard on, of one test module."""

    def run(test: str, *arguments: str, apart: bool = False) -> pytest.RunResult:
        pytester.makepyfile(late_shop=SHOP, test_it=PREFIX + test)
        return (pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess)(*QUIET, *arguments)

    return run


def said(thread: str = "sender*") -> str:
    """Return what is said of the late event, as a pattern."""
    return (
        f"PutEvents to the event bus 'late' was called from late_shop.py:{LINE_OF_SEND} by what test_it.py::test_a had "
        f"started (thread '{thread}'), but after that test had ended, and refused by eventbridge_guard; "
        "test_it.py::test_b was running. "
        "Let the test wait for it or stop it, or start it in a fixture of a wider scope."
    )


@pytest.mark.parametrize("what", OUTLIVING)
def test_what_outlives_its_test(run: Callable[..., pytest.RunResult], what: str) -> None:
    """The next test's fake does not get it, and that test passes; the first has an error, and so has the session."""
    result = run(OUTLIVING[what] + NEXT, "-rE")
    result.assert_outcomes(passed=2, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_a _*", said(), "*short test summary*"], consecutive=True)
    result.stdout.fnmatch_lines(["ERROR test_it.py::test_a*"])  # pytest 8.0 stops there


@pytest.mark.parametrize("what", LIVING_ON)
def test_what_lives_on(run: Callable[..., pytest.RunResult], what: str) -> None:
    """What is not the first test's own sends for the test that is running."""
    test = 'def test_b(eventbridge):\n    tell()\n    eventbridge.assert_emitted_once(event_bus="late")\n'
    run(LIVING_ON[what] + test).assert_outcomes(passed=2)


def test_under_xdist(run: Callable[..., pytest.RunResult]) -> None:
    """A worker leaves the report to the process that has started it, where it looks the same."""
    result = run(OUTLIVING["a thread"] + NEXT, "--numprocesses=1", "--junitxml=report.xml", apart=True)
    result.assert_outcomes(passed=2, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_a _*", said()], consecutive=True)


def test_many_events_of_one_test(run: Callable[..., pytest.RunResult]) -> None:
    """They are one error, in which those alike stand once."""
    late = """
def test_a(eventbridge):
    def late():
        go.wait(30)
        for _ in range(20):
            swallow("late")
        done.set()
    threading.Thread(target=late, name="sender").start()
"""
    result = run(late + NEXT)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([f"20 times: {said()}"])


def test_a_crashed_worker(run: Callable[..., pytest.RunResult]) -> None:
    """A worker that dies says nothing, which is no failure of its own."""
    result = run("import os\ndef test_a():\n    os._exit(1)", "--numprocesses=1", "--max-worker-restart=0", apart=True)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.fixture
def ownership() -> Iterator[Ownership]:
    """Ownership that takes note of what is started."""
    ownership = Ownership()
    ownership.begin()
    yield ownership
    ownership.end()


@pytest.fixture
def owner() -> TestRun:
    """A test that owns something."""
    return TestRun("test_it.py::test_a", ("test_it.py", 0, "test_a"))


def test_everything_is_put_back() -> None:
    """What starts threads and submits jobs is afterwards what it was before."""
    before = threading.Thread.start, ThreadPoolExecutor.submit
    ownership = Ownership()
    ownership.begin()
    assert threading.Thread.start is not before[0]
    assert ThreadPoolExecutor.submit is not before[1]
    assert threading.Thread.start.__name__ == "start"
    ownership.end()
    assert (threading.Thread.start, ThreadPoolExecutor.submit) == before


def test_what_others_have_wrapped_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper that somebody has put around ours stays, and goes on working."""
    ownership = Ownership()
    original = threading.Thread.start
    ownership.begin()
    ours = threading.Thread.start
    started: list[str] = []

    def theirs(thread: threading.Thread) -> None:
        started.append(thread.name)
        ours(thread)

    threading.Thread.start = theirs  # type: ignore[method-assign]  # as tracers do
    try:
        ownership.end()
        assert threading.Thread.start is theirs
        thread = threading.Thread(target=int, name="one")
        thread.start()
        thread.join()
        assert started == ["one"]
    finally:
        threading.Thread.start = original  # type: ignore[method-assign]


def test_owners(ownership: Ownership, owner: TestRun) -> None:
    """The context says more than the thread: a thread of one test that works for another belongs to the other."""
    other = TestRun("test_it.py::test_b", ("test_it.py", 1, "test_b"))
    found: list[TestRun | None] = []

    def find() -> None:
        found.append(ownership.owner())
        with ownership.owned_by(other):
            found.append(ownership.owner())
        with ownership.owned_by(None):
            found.append(ownership.owner())

    with ownership.owned_by(owner):
        thread = threading.Thread(target=find)
        thread.start()
    thread.join()
    assert found == [owner, other, None]
    assert ownership.owner() is None


def test_jobs(ownership: Ownership, owner: TestRun) -> None:
    """A job belongs to who has submitted it, takes its arguments and raises as ever, and leaves the thread unowned."""
    with ThreadPoolExecutor(1) as pool:
        with ownership.owned_by(owner):
            assert pool.submit(lambda *args, **kwargs: (args, kwargs), 1, fn=2).result() == ((1,), {"fn": 2})
            assert pool.submit(ownership.owner).result() is owner
            with pytest.raises(ValueError, match="invalid literal"):
                pool.submit(int, "x").result()
        assert pool.submit(ownership.owner).result() is None


@pytest.mark.parametrize("make_pool", [ThreadPoolExecutor, ThreadPool])
def test_threads_of_pools(ownership: Ownership, owner: TestRun, make_pool: Callable[[int], Any]) -> None:
    """Who happens to have made the threads of a pool does not own what they do later."""
    with make_pool(1) as pool:
        submit = getattr(pool, "submit", None) or pool.apply_async
        with ownership.owned_by(owner):
            submit(int)
        job = submit(ownership.owner)
        assert (job.result if hasattr(job, "result") else job.get)() is None


def test_threads_go(ownership: Ownership, owner: TestRun) -> None:
    """Nothing is kept of a thread that is gone."""
    with ownership.owned_by(owner):
        thread = threading.Thread(target=int)
        thread.start()
    thread.join()
    assert len(ownership._works) == 1
    del thread
    assert len(ownership._works) == 0


def test_waiting(ownership: Ownership, owner: TestRun) -> None:
    """What a test has started is waited for, but for daemons, and for no longer than is allowed."""
    go = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with ownership.owned_by(owner):
            threading.Thread(target=go.wait, daemon=True).start()
            job = pool.submit(time.sleep, 0.1)
            thread = threading.Thread(target=time.sleep, args=(0.1,))
            thread.start()
        ownership.wait(60)
        assert job.done()
        assert not thread.is_alive()
        with ownership.owned_by(owner):
            job = pool.submit(go.wait)
        ownership.wait(0.01)
        assert not job.done()
        go.set()


def test_the_innermost_fake_that_its_test_has_known(owner: TestRun) -> None:
    """What outlives its test is answered by a fake that was there before, though another is active."""
    guard = SessionGuard()
    guard.begin()
    try:
        with FakeEventBridge() as wide:
            with guard.test("test_it.py::test_a", ("test_it.py", 0, "test_a")):
                test = guard.running_test
            with FakeEventBridge() as narrow, guard.ownership.owned_by(test):
                client().put_events(Entries=[{"Source": "s", "DetailType": "T", "Detail": "{}"}])
        assert (len(wide.events), len(narrow.events)) == (1, 0)
        assert guard.take_late_calls() == []
    finally:
        guard.end()
