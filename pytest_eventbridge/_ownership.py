"""Which test the code that is running belongs to, in threads, tasks and pools that may outlive it.

A test owns what is started by its own code or by the set-up of a fixture of its own: a task by way of the context that
it copies, a thread because its start is taken note of, a job of a pool because its submission is. What fixtures of a
wider scope start, and what modules start when they are imported, is owned by no test.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from pytest_eventbridge._stopwatch import seconds

if TYPE_CHECKING:
    from concurrent.futures import Future

Work: TypeAlias = "threading.Thread | Future[Any]"

# Whose threads run jobs that others submit, so that who started the thread says nothing.
_POOLS: Final = frozenset(
    {
        "anyio._backends._asyncio",
        "concurrent.futures.thread",
        "multiprocessing.dummy",
        "trio._core._thread_cache",
    }
)


class TestRun:
    """One run of a test, from its set-up to the end of its teardown.

    Attributes:
        nodeid: The test, as pytest names it.
        location: The test's file, its 0-based line there, and its name, as pytest reports them.
        known_services: Once it has ended, the services of the fakes that were active then; `None` while it runs.
    """

    __test__ = False  # no test class, whoever imports it

    def __init__(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self.nodeid = nodeid
        self.location = location
        self.known_services: Sequence[object] | None = None


# Unset where nobody has said to whom the code belongs; `None` where it is known to belong to no test.
_OWNER: Final[ContextVar[TestRun | None]] = ContextVar("pytest_eventbridge_test")


class _Wrapping(NamedTuple):
    owner: type
    name: str
    original: Any
    wrapper: Any


class Ownership:
    """Takes note of what tests start, between `begin` and `end`."""

    def __init__(self) -> None:
        self._works: WeakKeyDictionary[Work, TestRun] = WeakKeyDictionary()
        self._wrappings: list[_Wrapping] = []

    def begin(self) -> None:
        """Wrap what starts threads, and what submits jobs to a pool."""
        from concurrent.futures import ThreadPoolExecutor  # imported here because few sessions need it

        self._wrap(threading.Thread, "start", self._wrapped_start)
        self._wrap(ThreadPoolExecutor, "submit", self._wrapped_submit)

    def end(self) -> None:
        """Put everything back, but for what somebody has wrapped in turn: there ours stays, and lets all pass."""
        while self._wrappings:
            wrapping = self._wrappings.pop()
            if wrapping.owner.__dict__[wrapping.name] is wrapping.wrapper:
                setattr(wrapping.owner, wrapping.name, wrapping.original)

    @contextmanager
    def owned_by(self, test: TestRun | None) -> Iterator[None]:
        """Let what is started inside the block belong to a test, or to none."""
        token = _OWNER.set(test)
        try:
            yield
        finally:
            _OWNER.reset(token)

    def owner(self) -> TestRun | None:
        """Return the test that the caller belongs to; `None` when it belongs to none."""
        try:
            return _OWNER.get()
        except LookupError:
            return self._works.get(threading.current_thread())

    def wait(self, limit: float) -> None:
        """Wait for the threads and jobs of tests, but for the daemons, for which Python does not wait when it ends.

        Args:
            limit: How long at most, in seconds.
        """
        end = seconds() + limit
        while (work := self._next_work()) is not None and (left := end - seconds()) > 0:
            if isinstance(work, threading.Thread):
                work.join(left)
            else:
                from concurrent.futures import wait  # loaded already, by whoever has submitted the job

                wait([work], left)

    def _next_work(self) -> Work | None:
        """Return something that a test has started and that is not done."""
        # Not by iterating over the dictionary, to which other threads add meanwhile.
        works = (reference() for reference in self._works.keyrefs())
        return next((work for work in works if work is not None and _is_waited_for(work)), None)

    def _wrap(self, owner: type, name: str, make_wrapper: Callable[[Any], Callable[..., Any]]) -> None:
        original = owner.__dict__[name]
        wrapping = _Wrapping(owner, name, original, make_wrapper(original))
        setattr(owner, name, wrapping.wrapper)
        self._wrappings.append(wrapping)

    def _wrapped_start(self, original: Any) -> Callable[..., None]:
        @functools.wraps(original)
        def start(thread: threading.Thread) -> None:
            test = self.owner()
            if test is not None and not _is_of_a_pool(thread):
                self._works[thread] = test
            original(thread)

        return start

    def _wrapped_submit(self, original: Any) -> Callable[..., Any]:
        @functools.wraps(original)
        def submit(pool: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
            test = self.owner()
            if test is None:
                return original(pool, function, *args, **kwargs)
            future = original(pool, self._run_for, test, function, args, kwargs)
            self._works[future] = test
            return future

        return submit

    def _run_for(self, test: TestRun, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self.owned_by(test):
            return function(*args, **kwargs)


def _is_waited_for(work: Work) -> bool:
    if isinstance(work, threading.Thread):
        return work.is_alive() and not work.daemon
    return not work.done()


def _is_of_a_pool(thread: threading.Thread) -> bool:
    target = getattr(thread, "_target", None)  # not public, but there in every CPython from 3.10 to 3.14
    return not _POOLS.isdisjoint({type(thread).__module__, getattr(target, "__module__", None)})
