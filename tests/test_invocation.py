"""How a target is called: with which arguments, on which thread, and what comes of it."""

from __future__ import annotations

import asyncio
import functools
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from typing import Any
from unittest.mock import AsyncMock, Mock, create_autospec

import pytest

from pytest_eventbridge._invocation import checked_target, invoke, name_of, takes_context
from pytest_eventbridge.exceptions import TargetStoppedError


def of_event(event: Any) -> Any:
    """Take the event alone."""
    return event


def of_event_and_option(event: Any, is_urgent: bool = False) -> Any:
    """Take the event, and something else that has a default."""
    return event, is_urgent


def of_both(event: Any, context: Any) -> Any:
    """Take both, as a Lambda handler does."""
    return event, context


def of_optional_context(event: Any, lambda_context: Any = None) -> Any:
    """Take a context where there is one."""
    return event, lambda_context


def of_anything(*args: Any, **kwargs: Any) -> Any:
    """Take what comes, as the function that a careless decorator returns."""
    return args, kwargs


async def coroutine_of_event(event: Any) -> Any:
    """Take the event in a coroutine."""
    await asyncio.sleep(0)
    return event


async def coroutine_of_both(event: Any, ctx: Any = None) -> Any:
    """Take both in a coroutine."""
    return event, ctx


class Consumer:
    """A consumer with handlers of all kinds."""

    def __call__(self, event: Any) -> Any:
        return event

    def handle(self, event: Any, context: Any) -> Any:
        return event, context

    @staticmethod
    def handle_static(event: Any) -> Any:
        return event

    @classmethod
    def handle_class(cls, event: Any, context: Any) -> Any:
        return event, context

    async def handle_async(self, event: Any) -> Any:
        return event


@functools.wraps(of_event)
def wrapped(*args: Any, **kwargs: Any) -> Any:
    """Take what comes, and say so with the signature of another."""
    return of_event(*args, **kwargs)


def readable(value: Any) -> str:
    """Return the id of a case, without the addresses in memory by which two processes would disagree."""
    return re.sub(r" (at 0x|id=).*", "", str(value))[:40]


TAKES_CONTEXT: list[tuple[Callable[..., Any], bool]] = [
    (of_event, False),
    (of_event_and_option, False),
    (of_both, True),
    (of_optional_context, True),
    (of_anything, True),
    (coroutine_of_event, False),
    (coroutine_of_both, True),
    (lambda event: event, False),
    (lambda event, _: event, True),
    (lambda event, *rest: event, False),
    (lambda *, event: event, False),
    (Consumer(), False),
    (Consumer().handle, True),
    (Consumer.handle_static, False),
    (Consumer.handle_class, True),
    (Consumer().handle_async, False),
    (Consumer, False),
    (wrapped, False),
    (functools.partial(of_both, context=None), False),
    (functools.partial(of_both), True),
    (functools.partial(of_event_and_option, is_urgent=True), False),
    ([].append, False),
    (dict, False),
    (Mock(), False),
    (AsyncMock(), False),
    (create_autospec(of_both), True),
    (create_autospec(of_event), False),
]


@pytest.mark.parametrize(("target", "takes"), TAKES_CONTEXT, ids=readable)
def test_takes_context(target: Callable[..., Any], takes: bool) -> None:
    """A Lambda handler is told from a function of the event by what it takes."""
    assert takes_context(target) is takes


NAMES: list[tuple[Callable[..., Any], str]] = [
    (of_event, "of_event"),
    (functools.partial(functools.partial(of_both), context=None), "of_both"),
    (Consumer().handle, "handle"),
    (Consumer(), "Consumer"),
    (Consumer, "Consumer"),
    (Mock(), "Mock"),
    (Mock(__name__=1), "Mock"),
    (lambda event: event, "<lambda>"),
]


@pytest.mark.parametrize(("target", "name"), NAMES, ids=readable)
def test_name(target: Callable[..., Any], name: str) -> None:
    """A target goes by its own name, and where it has none by that of its class."""
    assert name_of(target) == name


def generator(event: Any) -> Iterator[Any]:
    """Yield."""
    yield event


async def async_generator(event: Any) -> AsyncIterator[Any]:
    """Yield in a coroutine."""
    yield event


@pytest.mark.parametrize("target", [None, "handler", 1, {}, generator, async_generator], ids=readable)
def test_no_target(target: Any) -> None:
    """What cannot be called, or would run nothing when it is, is refused at once."""
    with pytest.raises(TypeError, match=r"^target: "):
        checked_target("target", target)


def test_target() -> None:
    """What can be called is a target."""
    assert checked_target("target", of_event) is of_event


RETURNING: list[Callable[..., Any]] = [
    of_event,
    Consumer(),
    functools.partial(of_event),
    coroutine_of_event,
    functools.partial(coroutine_of_event),
    Consumer().handle_async,
    Mock(side_effect=of_event),
    AsyncMock(side_effect=of_event),
    lambda event: coroutine_of_event(event),
]


@pytest.mark.parametrize("target", RETURNING, ids=readable)
def test_result(target: Callable[..., Any]) -> None:
    """A target's result comes back, that of a coroutine too."""
    assert invoke(target, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("target", RETURNING, ids=readable)
def test_result_while_a_loop_is_running(target: Callable[..., Any]) -> None:
    """A target's result comes back to the thread of a running event loop, which is waiting meanwhile."""

    async def call() -> Any:
        return invoke(target, {"a": 1})

    assert asyncio.run(call()) == {"a": 1}


def test_coroutine_runs_on_this_thread() -> None:
    """Where no event loop is running a coroutine runs on the caller's thread, and its event loop stays as it was."""

    async def target(_: Any) -> Any:
        return threading.current_thread()

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert invoke(target, {}) is threading.current_thread()
        assert asyncio.get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_coroutine_runs_beside_a_running_loop() -> None:
    """Where one is running a coroutine runs on a thread of its own, which has ended afterwards."""

    async def target(_: Any) -> Any:
        return threading.current_thread()

    async def call() -> Any:
        return invoke(target, {})

    thread = asyncio.run(call())
    assert thread is not threading.current_thread()
    assert thread.name == "eventbridge-target"
    assert not thread.is_alive()


REQUEST: ContextVar[str] = ContextVar("request")


@pytest.mark.parametrize("is_running", [False, True], ids=["no loop", "a loop"])
def test_coroutine_sees_context_variables(is_running: bool) -> None:
    """A coroutine sees the context variables of the caller."""

    async def target(_: Any) -> str:
        return REQUEST.get()

    async def call() -> Any:
        return invoke(target, {})

    token = REQUEST.set("r-1")
    try:
        assert (asyncio.run(call()) if is_running else invoke(target, {})) == "r-1"
    finally:
        REQUEST.reset(token)


@pytest.mark.parametrize("is_running", [False, True], ids=["no loop", "a loop"])
def test_coroutine_is_cleaned_up_after(is_running: bool) -> None:
    """Tasks that a coroutine leaves behind are cancelled, and its asynchronous generators closed."""
    seen: list[str] = []

    async def wait_forever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def count() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            seen.append("closed")

    async def target(_: Any) -> str:
        counting = count()
        task = asyncio.ensure_future(wait_forever())
        await asyncio.sleep(0)
        await asyncio.to_thread(seen.append, "threaded")
        await counting.__anext__()
        kept.extend([task, counting])
        return "done"

    async def call() -> Any:
        return invoke(target, {})

    kept: list[Any] = []
    assert (asyncio.run(call()) if is_running else invoke(target, {})) == "done"
    assert sorted(seen) == ["cancelled", "closed", "threaded"]


def raiser(error: BaseException) -> Callable[..., Any]:
    """Return a function that raises."""

    def raise_it(_: Any) -> None:
        raise error

    return raise_it


def async_raiser(error: BaseException) -> Callable[..., Any]:
    """Return a coroutine function that raises."""

    async def raise_it(_: Any) -> None:
        raise error

    return raise_it


@pytest.mark.parametrize("make", [raiser, async_raiser], ids=["plain", "coroutine"])
@pytest.mark.parametrize("is_running", [False, True], ids=["no loop", "a loop"])
def test_error(make: Callable[[BaseException], Callable[..., Any]], is_running: bool) -> None:
    """What a target raises comes back as it is."""

    async def call() -> Any:
        return invoke(target, {})

    error = ValueError("no total")
    target = make(error)
    with pytest.raises(ValueError, match="no total") as caught:
        asyncio.run(call()) if is_running else invoke(target, {})
    assert caught.value is error


@pytest.mark.parametrize("is_running", [False, True], ids=["no loop", "a loop"])
@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (raiser, SystemExit(3), "The target exited with 3."),
        (async_raiser, SystemExit(3), "The target exited with 3."),
        (async_raiser, asyncio.CancelledError(), "The target was cancelled."),
    ],
    ids=["exit", "exit of a coroutine", "cancellation"],
)
def test_target_that_stops(make: Any, error: BaseException, text: str, is_running: bool) -> None:
    """A target that exits, or is cancelled, ends neither the test nor the caller's task."""

    async def call() -> Any:
        return invoke(target, {})

    target = make(error)
    with pytest.raises(TargetStoppedError) as caught:
        asyncio.run(call()) if is_running else invoke(target, {})
    assert str(caught.value) == text


def test_asyncio_is_loaded_by_coroutines_only() -> None:
    """Calling a plain target needs no asyncio."""
    assert "asyncio" not in sys.modules["pytest_eventbridge._invocation"].__dict__
