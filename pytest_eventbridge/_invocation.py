"""Calling a target: with or without a Lambda context, a coroutine function too."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from typing import Any, Final

from pytest_eventbridge.exceptions import TargetStoppedError

Target = Callable[..., Any]

_POSITIONAL: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def checked_target(name: str, target: object) -> Target:
    """Return a target that can be called with an event.

    Raises:
        TypeError: It cannot be called, or calling it would run none of its code.
    """
    if not callable(target):
        raise TypeError(f"{name}: a function of the event is required, or a Lambda handler, not {target!r}.")
    if inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target):
        raise TypeError(f"{name}: {name_of(target)!r} is a generator function: calling it would run nothing of it.")
    return target


def name_of(target: Target) -> str:
    """Return how a target is called in texts: its own name, else that of its class."""
    while isinstance(target, functools.partial):
        target = target.func
    name = getattr(target, "__name__", None)
    return name if isinstance(name, str) else type(target).__name__


def takes_context(target: Target) -> bool:
    """Say whether a target is a Lambda handler, `f(event, context)`, and no `f(event)`.

    It is one when it cannot do with one argument; when its second one may be left out and is called `context`, or
    almost; and when it is a function of any number of arguments, as a decorator leaves one behind. A `Mock` takes any
    number of arguments too, and is called with the event alone.
    """
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):  # some that are written in C do not tell
        return False
    positional = [parameter for parameter in parameters if parameter.kind in _POSITIONAL]
    if len(positional) >= 2:
        second = positional[1]
        return second.default is second.empty or "context" in second.name or "ctx" in second.name
    takes_any = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
    return takes_any and not positional and inspect.isroutine(target)


def invoke(target: Target, *arguments: Any) -> Any:
    """Call a target and return its result; one that is awaitable is awaited.

    A coroutine runs on an event loop of its own: on this thread, or, while an event loop is running here, on a thread
    made for it, which this one waits for. Either way it has ended when this returns, and it sees the caller's context
    variables.

    Raises:
        Exception: What the target raises. `SystemExit`, which would end no caller on AWS, and a coroutine's
            cancellation come as a `TargetStoppedError`.
    """
    try:
        result = target(*arguments)
        return _run_to_completion(result) if inspect.isawaitable(result) else result
    except SystemExit as error:
        raise TargetStoppedError(f"The target exited with {error.code!r}.") from error


def _run_to_completion(awaitable: Awaitable[Any]) -> Any:
    # Whoever has made an awaitable has most likely loaded asyncio; it is imported here because it is slow to load.
    import asyncio

    async def wait() -> Any:
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            raise TargetStoppedError("The target was cancelled.") from error

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_on_a_loop(wait())
    return _run_on_a_thread(wait())


def _run_on_a_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    # Not asyncio.run, which would leave this thread without its current event loop.
    import asyncio

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _run_on_a_thread(coroutine: Coroutine[Any, Any, Any]) -> Any:
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(_run_on_a_loop(coroutine))
        except BaseException as error:  # raised again on the thread that waits
            errors.append(error)

    thread = threading.Thread(target=copy_context().run, args=(run,), name="eventbridge-target", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
