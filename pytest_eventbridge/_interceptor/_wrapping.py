"""The wrapping of botocore's client classes, which lasts as long as a fake is active."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable
from inspect import iscoroutinefunction, signature
from types import TracebackType
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from botocore.client import BaseClient

from pytest_eventbridge._guard import Guard
from pytest_eventbridge._interceptor._attempts import AttemptEmitter
from pytest_eventbridge._interceptor._call import CURRENT_CALL, CallInProgress
from pytest_eventbridge._interceptor._guarded import GuardedCall
from pytest_eventbridge._interceptor._handlers import HANDLERS, answer_call
from pytest_eventbridge._interceptor._retry_state import RetryState, put_back, set_apart
from pytest_eventbridge._service import ClassicService

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# By botocore's service name. What is not played of them is refused, and never leaves the process.
_INTERCEPTED_SERVICES: Final = frozenset({"events", "eventbridgev2"})

# An attribute of our wrappers of `_make_request`.
_ANSWERS: Final = "_pytest_eventbridge_answers"


class _Wrapping(NamedTuple):
    """One attribute of a client class that is wrapped."""

    owner: type
    name: str
    original: Any
    wrapper: Any


class Interception:
    """The stack of the active fakes' services, and what reaches into botocore for as long as there is one."""

    def __init__(self) -> None:
        # These two are never changed in place: a call that begins sees the one or the other, without a lock.
        self._active: tuple[ClassicService, ...] = ()
        self._guards: tuple[Guard, ...] = ()
        self._under_way: set[CallInProgress] = set()
        self._reaches_in = False
        self._wrappings: list[_Wrapping] = []
        # Those that somebody had wrapped in turn when they were to be undone.
        self._left_behind: list[_Wrapping] = []
        self._adopted: WeakKeyDictionary[Any, RetryState] = WeakKeyDictionary()
        self._lock = threading.RLock()
        self._handler_id = f"pytest-eventbridge-{id(self)}"
        _keep_signatures(HANDLERS.values())

    def begin(self, service: ClassicService) -> None:
        """Put a fake's service on top of the stack: the one on top answers."""
        with self._lock:
            self._reach_in()
            self._active = (*self._active, service)
            self._reach_in()  # again: a call that the garbage collector has ended in between has put botocore back

    def end(self, service: ClassicService) -> None:
        """Take a fake's service off the stack, wherever it stands."""
        with self._lock:
            self._active = tuple(active for active in self._active if active is not service)
            self._put_back()

    def begin_guard(self, guard: Guard) -> None:
        """Let a guard decide who answers, until it ends."""
        with self._lock:
            self._reach_in()
            self._guards = (*self._guards, guard)
            self._reach_in()  # again, as for a fake

    def end_guard(self, guard: Guard) -> None:
        """End what `begin_guard` began."""
        with self._lock:
            self._guards = tuple(active for active in self._guards if active is not guard)
            self._put_back()

    def services(self) -> list[ClassicService]:
        """Return the services of the active fakes, the innermost last."""
        return list(self._active)

    def begin_call(self, call: CallInProgress) -> None:
        """Reach into botocore until a call has ended, even when the last fake ends meanwhile."""
        self._under_way.add(call)
        if not self._reaches_in:
            with self._lock:
                self._reach_in()
        # Whoever has kept the original of this before the fake, and patches it in again, has the request pass us by.
        if not hasattr(call.client._make_request, _ANSWERS):
            self._adopt(call.client)

    def end_call(self, call: CallInProgress) -> None:
        """End what `begin_call` began."""
        self._under_way.discard(call)
        if not (self._active or self._guards):
            with self._lock:
                self._put_back()

    def _reach_in(self) -> None:
        """Reach into botocore, unless that is done for a fake or a guard that is active. Call it under the lock.

        What was done before, a signal handler may have interrupted, or somebody else undone.
        """
        if not (self._reaches_in and (self._active or self._guards)):
            self._reaches_in = True
            self._wrap(BaseClient, "__init__", self._wrapped_init)
            self._wrap_classes(_subclasses_of(BaseClient))

    def _put_back(self) -> None:
        """Put botocore back as it was, unless somebody needs what reaches into it. Call it under the lock."""
        # Said before it is known: a call that begins in this moment, unseen, then waits for the lock.
        self._reaches_in = False
        if self._active or self._guards or self._under_way:
            self._reaches_in = True
            return
        self._unwrap()
        while self._adopted:
            self._release(*self._adopted.popitem())

    def _wrap_classes(self, client_classes: list[type]) -> None:
        for client_class in client_classes:
            self._wrap(client_class, "_make_api_call", self._wrapped_call)
            self._wrap(client_class, "_make_request", self._wrapped_request)

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
            if wrapping.owner.__dict__.get(wrapping.name) is wrapping.wrapper:
                setattr(wrapping.owner, wrapping.name, wrapping.original)
            else:
                # Somebody has wrapped ours in turn, or taken it off with what was there before the fake. What is there
                # stays, and ours under it lets every call pass.
                self._left_behind.append(wrapping)

    def _wrapped_init(self, original: Any) -> Callable[..., None]:
        def init(client: Any, *args: Any, **kwargs: Any) -> None:
            original(client, *args, **kwargs)
            with self._lock:
                if self._reaches_in:
                    self._wrap_classes(list(type(client).__mro__))

        return init

    def _wrapped_call(self, original: Any) -> Callable[..., Any]:
        def make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            bound = original.__get__(client, type(client))
            call = self._new_call(client, operation_name)
            if call is None:
                return bound(operation_name, api_params)
            with _UnderWay(self, call):
                response = bound(operation_name, api_params)
            if hasattr(response, "__await__"):  # somebody has wrapped a coroutine function in a plain one
                return self._await_call(lambda: response, call)
            call.ended(response=response)
            return response

        # Not a coroutine function itself, so that the caller is found on the stack even when it wraps the coroutine
        # in a task.
        def make_async_api_call(client: Any, operation_name: str, api_params: Any) -> Awaitable[Any]:
            bound = original.__get__(client, type(client))
            call = self._new_call(client, operation_name)
            if call is None:
                coroutine: Awaitable[Any] = bound(operation_name, api_params)
                return coroutine
            awaited = self._await_call(lambda: bound(operation_name, api_params), call)
            # For Python's warning when nobody does.
            awaited.__qualname__ = original.__qualname__  # type: ignore[attr-defined]  # which CPython's coroutines have
            return awaited

        return make_async_api_call if iscoroutinefunction(original) else make_api_call

    async def _await_call(self, make_awaitable: Callable[[], Awaitable[Any]], call: CallInProgress) -> Any:
        """Make a call under way while it is awaited; an awaitable that nobody awaits is not even made."""
        with _UnderWay(self, call):
            response = await make_awaitable()
        call.ended(response=response)
        return response

    def _wrapped_request(self, original: Any) -> Callable[..., Any]:
        """Wrap the step of a call that hands its request to the transport, when all of `before-call` have seen it.

        It is passed as well by whoever has kept the original of `_make_api_call` before the fake began, and patches it
        in again under the fake, as a mock of single operations does.

        What it takes has botocore's names, for whoever hands it on by them.
        """

        def make_request(client: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
            request = (operation_model, request_dict, request_context)
            bound = original.__get__(client, type(client))
            call = self._call_of_request(client, *request)
            if call is None:
                return bound(*request)
            if not call.is_bypassing:
                return self._answer(call, *request) or bound(*request)
            with _UnderWay(self, call):
                answer = self._answer(call, *request) or bound(*request)
            call.ended_with(*answer)
            return answer

        async def make_async_request(client: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
            request = (operation_model, request_dict, request_context)
            bound = original.__get__(client, type(client))
            call = self._call_of_request(client, *request)
            if call is None:
                return await bound(*request)
            if not call.is_bypassing:
                return self._answer(call, *request) or await bound(*request)
            with _UnderWay(self, call):
                answer = self._answer(call, *request) or await bound(*request)
            call.ended_with(*answer)
            return answer

        wrapper: Callable[..., Any] = make_async_request if iscoroutinefunction(original) else make_request
        setattr(wrapper, _ANSWERS, True)
        return wrapper

    def _new_call(self, client: Any, operation: str) -> CallInProgress | None:
        """Return what stands for a call of an EventBridge client, if there is a fake or a guard."""
        active, guards = self._active, self._guards
        if not (active or guards):
            return None
        service_name = client.meta.service_model.service_name
        if service_name not in _INTERCEPTED_SERVICES:
            return None
        guard = guards[-1] if guards else None
        service = active[-1] if guard is None else guard.choose(active)
        if guard is not None and service is None:
            return GuardedCall(guard, client, service_name, operation)
        return CallInProgress(service, client, service_name, operation)

    def _call_of_request(self, client: Any, model: Any, serialized: Any, _: Any) -> CallInProgress | None:
        """Return the call that a request belongs to, which may be a new one; `None` when the request is not ours."""
        call = CURRENT_CALL.get()
        if call is not None and call.client is client:
            if call.serialized is None:
                return call
            if call.serialized is serialized:
                return None  # a class that derives from another has handed it on to that, whose method is wrapped too
        call = self._new_call(client, model.name)
        if call is not None:
            call.is_bypassing = True
        return call

    def _answer(self, call: CallInProgress, model: Any, serialized: Any, _: Any) -> tuple[Any, dict[str, Any]] | None:
        call.serialized = serialized
        answer = answer_call(call, model, serialized)
        if answer is None:
            self._adopt(call.client)
        return answer

    def _adopt(self, client: Any) -> None:
        """Put the handlers on a client whose requests go on to the transport."""
        with self._lock:
            if type(client._endpoint._event_emitter) is not AttemptEmitter:
                for event, handler in HANDLERS.items():
                    client.meta.events.register_last(event, handler, unique_id=f"{self._handler_id}-{event}")
                client._endpoint._event_emitter = AttemptEmitter(client._endpoint._event_emitter)
                self._adopted[client] = set_apart(client)

    def _release(self, client: Any, state: RetryState) -> None:
        put_back(state)
        for event, handler in HANDLERS.items():
            client.meta.events.unregister(event, handler, unique_id=f"{self._handler_id}-{event}")
        client._endpoint._event_emitter = client._endpoint._event_emitter.emitter


class _UnderWay:
    """The block in which a call is under way."""

    __slots__ = ("_around", "_call", "_interception")

    def __init__(self, interception: Interception, call: CallInProgress) -> None:
        self._interception = interception
        self._call = call
        self._around: CallInProgress | None = None

    def __enter__(self) -> None:
        self._interception.begin_call(self._call)
        self._around = CURRENT_CALL.get()
        CURRENT_CALL.set(self._call)

    def __exit__(
        self, exc_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # By a loop that is closed meanwhile it ends in another context, where there is nothing to put back.
        if CURRENT_CALL.get() is self._call:
            CURRENT_CALL.set(self._around)
        self._interception.end_call(self._call)
        if error is not None:  # a cancellation too
            self._call.ended(error=error)


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
