"""The wrapping of botocore's client classes, which lasts as long as a fake is active."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable
from inspect import iscoroutinefunction, signature
from typing import Any, Final, NamedTuple
from weakref import WeakSet

from botocore.client import BaseClient

from pytest_eventbridge._guard import Guard
from pytest_eventbridge._interceptor._attempts import AttemptEmitter
from pytest_eventbridge._interceptor._call import CURRENT_CALL, CallInProgress
from pytest_eventbridge._interceptor._guarded import GuardedCall
from pytest_eventbridge._interceptor._handlers import BYPASSING_HANDLERS, HANDLERS
from pytest_eventbridge._service import ClassicService

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# By botocore's service name. What is not played of them is refused, and never leaves the process.
_INTERCEPTED_SERVICES: Final = frozenset({"events", "eventbridgev2"})

# What `_emit_api_params` takes, in its order; botocore itself gives keywords.
_PARAMS_ARGUMENTS: Final = ("api_params", "operation_model", "context")


class _Wrapping(NamedTuple):
    """One attribute of a client class that is wrapped."""

    owner: type
    name: str
    original: Any
    wrapper: Any


class Interception:
    """The stack of the active fakes' services, and what reaches into botocore for as long as there is one."""

    def __init__(self) -> None:
        self._active: list[ClassicService] = []
        self._guards: list[Guard] = []
        self._wrappings: list[_Wrapping] = []
        # Those that somebody had wrapped in turn when they were to be undone.
        self._left_behind: list[_Wrapping] = []
        self._adopted: WeakSet[Any] = WeakSet()
        self._under_way: dict[Any, int] = {}
        self._lock = threading.RLock()
        self._handler_id = f"pytest-eventbridge-{id(self)}"
        _keep_signatures([*HANDLERS.values(), *BYPASSING_HANDLERS.values()])

    def begin(self, service: ClassicService) -> None:
        """Put a fake's service on top of the stack: the one on top answers."""
        with self._lock:
            self._begin()
            self._active.append(service)

    def end(self, service: ClassicService) -> None:
        """Take a fake's service off the stack, wherever it stands."""
        with self._lock:
            self._active = [active for active in self._active if active is not service]
            self._end()

    def begin_guard(self, guard: Guard) -> None:
        """Let a guard decide who answers, until it ends."""
        with self._lock:
            self._begin()
            self._guards.append(guard)

    def end_guard(self, guard: Guard) -> None:
        """End what `begin_guard` began."""
        with self._lock:
            self._guards.remove(guard)
            self._end()

    def services(self) -> list[ClassicService]:
        """Return the services of the active fakes, the innermost last."""
        return list(self._active)

    @property
    def _is_idle(self) -> bool:
        return not (self._active or self._guards)

    def _begin(self) -> None:
        if self._is_idle:
            self._wrap(BaseClient, "__init__", self._wrapped_init)
            self._wrap_classes(_subclasses_of(BaseClient))

    def _end(self) -> None:
        if self._is_idle:
            self._unwrap()
            for client in list(self._adopted):
                if client not in self._under_way:
                    self._release(client)

    def _wrap_classes(self, client_classes: list[type]) -> None:
        for client_class in client_classes:
            self._wrap(client_class, "_make_api_call", self._wrapped_call)
            self._wrap(client_class, "_emit_api_params", self._wrapped_params)

    def _wrap(self, owner: type, name: str, make_wrapper: Callable[[Any], Callable[..., Any]]) -> None:
        original = owner.__dict__.get(name)
        if not hasattr(original, "__get__"):
            return  # it has none, or somebody has put in its place what is no method: a mock
        # Ours may lie under somebody else's: who takes theirs off, as tracers do, has to find it on top.
        if any(_is_within(wrapping.wrapper, original) for wrapping in self._wrappings):
            return
        for wrapping in self._left_behind:
            if _is_within(wrapping.wrapper, original):
                self._left_behind.remove(wrapping)
                self._wrappings.append(wrapping)
                return
        wrapping = _Wrapping(owner, name, original, make_wrapper(original))
        setattr(owner, name, wrapping.wrapper)
        self._wrappings.append(wrapping)

    def _unwrap(self) -> None:
        while self._wrappings:
            wrapping = self._wrappings.pop()
            if wrapping.owner.__dict__[wrapping.name] is wrapping.wrapper:
                setattr(wrapping.owner, wrapping.name, wrapping.original)
            else:
                # Somebody has wrapped ours in turn. Theirs stays, and ours under it lets every call pass.
                self._left_behind.append(wrapping)

    def _wrapped_init(self, original: Any) -> Callable[..., None]:
        def init(client: Any, *args: Any, **kwargs: Any) -> None:
            original(client, *args, **kwargs)
            with self._lock:
                if not self._is_idle:
                    self._wrap_classes(list(type(client).__mro__))

        return init

    def _wrapped_call(self, original: Any) -> Callable[..., Any]:
        def make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            bound = original.__get__(client, type(client))
            call = self._begin_call(client, operation_name)
            if call is None:
                return bound(operation_name, api_params)
            token = CURRENT_CALL.set(call)
            try:
                response = bound(operation_name, api_params)
            except BaseException as error:
                call.ended(error=error)
                raise
            finally:
                CURRENT_CALL.reset(token)
                self._let_go(client)
            if hasattr(response, "__await__"):  # somebody has wrapped a coroutine function in a plain one
                return self._await_call(lambda: response, call)
            call.ended(response=response)
            return response

        # Not a coroutine function itself, so that the caller is found on the stack even when it wraps the coroutine
        # in a task.
        def make_async_api_call(client: Any, operation_name: str, api_params: Any) -> Awaitable[Any]:
            bound = original.__get__(client, type(client))
            call = self._begin_call(client, operation_name)
            if call is None:
                coroutine: Awaitable[Any] = bound(operation_name, api_params)
                return coroutine
            self._let_go(client)  # until somebody awaits it, which may never be
            awaited = self._await_call(lambda: bound(operation_name, api_params), call)
            # For Python's warning when nobody does.
            awaited.__qualname__ = original.__qualname__  # type: ignore[attr-defined]  # which CPython's coroutines have
            return awaited

        return make_async_api_call if iscoroutinefunction(original) else make_api_call

    async def _await_call(self, make_awaitable: Callable[[], Awaitable[Any]], call: CallInProgress) -> Any:
        """Make a call under way while it is awaited; an awaitable that nobody awaits is not even made."""
        with self._lock:
            self._hold(call.client)
        around = CURRENT_CALL.get()
        CURRENT_CALL.set(call)
        try:
            response = await make_awaitable()
        except BaseException as error:  # a cancellation too
            call.ended(error=error)
            raise
        finally:
            # By a loop that is closed meanwhile it ends in another context, where there is nothing to put back.
            if CURRENT_CALL.get() is call:
                CURRENT_CALL.set(around)
            self._let_go(call.client)
        call.ended(response=response)
        return response

    def _wrapped_params(self, original: Any) -> Callable[..., Any]:
        """Wrap the first step of every call, for those that come past our wrapper of `_make_api_call`.

        Whoever has kept the original of that method before the fake began, and patches it in again under the fake, as
        a mock of single operations does, calls it without us.
        """

        def emit_api_params(client: Any, *args: Any, **kwargs: Any) -> Any:
            current = CURRENT_CALL.get()
            if current is None or current.client is not client or current.is_bypassing:
                given = dict(zip(_PARAMS_ARGUMENTS, args, strict=False)) | kwargs
                self._begin_bypassing(client, given["operation_model"].name, given["context"])
            return original.__get__(client, type(client))(*args, **kwargs)

        return emit_api_params

    def _begin_bypassing(self, client: Any, operation: str, context: dict[str, Any]) -> None:
        if context.get("is_presign_request"):
            return  # a step towards a URL, not towards a call
        call = self._begin_call(client, operation)
        if call is not None:
            call.is_bypassing = True
            self._register(client, BYPASSING_HANDLERS)
            self._let_go(client)
        CURRENT_CALL.set(call)

    def _begin_call(self, client: Any, operation: str) -> CallInProgress | None:
        """Begin a call, if there is a fake or a guard, and keep the handlers on its client until it is let go."""
        if not (self._active or self._guards) or client.meta.service_model.service_name not in _INTERCEPTED_SERVICES:
            return None
        with self._lock:
            if not (self._active or self._guards):
                return None
            guard = self._guards[-1] if self._guards else None
            service = self._active[-1] if guard is None else guard.choose(self._active)
            if guard is not None and service is None:
                call: CallInProgress = GuardedCall(guard, client, operation)
            else:
                call = CallInProgress(service, client, operation)
            self._hold(client)  # last, for a signal handler that raises before: nobody would let the client go
        return call

    def _hold(self, client: Any) -> None:
        """Keep the handlers on a client while a call is under way, even when the last fake ends meanwhile."""
        self._under_way[client] = self._under_way.get(client, 0) + 1
        if type(client._endpoint._event_emitter) is not AttemptEmitter:
            self._register(client, HANDLERS)
            client._endpoint._event_emitter = AttemptEmitter(client._endpoint._event_emitter)
            self._adopted.add(client)

    def _let_go(self, client: Any) -> None:
        with self._lock:
            left = self._under_way.pop(client) - 1
            if left:
                self._under_way[client] = left
            elif self._is_idle:
                self._release(client)

    def _register(self, client: Any, handlers: dict[str, Callable[..., Any]]) -> None:
        for event, handler in handlers.items():
            client.meta.events.register_last(event, handler, unique_id=f"{self._handler_id}-{event}")

    def _release(self, client: Any) -> None:
        for event, handler in (HANDLERS | BYPASSING_HANDLERS).items():
            client.meta.events.unregister(event, handler, unique_id=f"{self._handler_id}-{event}")
        client._endpoint._event_emitter = client._endpoint._event_emitter.emitter
        self._adopted.discard(client)


def _is_within(wrapper: Any, function: Any) -> bool:
    """Say whether a function is this wrapper, or wraps it and says so."""
    while function is not None and function is not wrapper:
        function = getattr(function, "__wrapped__", None)
    return function is wrapper


def _keep_signatures(handlers: Iterable[Callable[..., Any]]) -> None:
    """Keep the signatures of handlers, which botocore looks at whenever it registers one: in every test anew.

    Making one takes as long as all the rest of that.
    """
    for handler in handlers:
        handler.__signature__ = signature(handler)  # type: ignore[attr-defined]  # where inspect looks first (PEP 362)


def _subclasses_of(base: type) -> list[type]:
    """Return a class and all classes that are loaded below it."""
    found: dict[type, None] = {base: None}  # in the order in which they are found
    pending = [base]
    while pending:
        subclasses: list[type] = pending.pop().__subclasses__()
        pending += [subclass for subclass in subclasses if subclass not in found]
        found.update(dict.fromkeys(subclasses))
    return list(found)


interception: Final = Interception()
"""The one piece of state at module level: sessions inside sessions (pytester) share it."""
