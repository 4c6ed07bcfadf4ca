"""The way into botocore: the only module that knows its internals, and the only one that imports it.

While at least one fake is active, `BaseClient.__init__` and the `_make_api_call` of each loaded client class are
wrapped, so that every client is reached: one older than the fake at its next call, one made later at once, one of a
class that is loaded later (aiobotocore) when it is made. A wrapper puts handlers on the emitter of the EventBridge
client it sees, once; from there on botocore's own event system does the work:

    before-call      answers PutEvents, after botocore's parameter validation and serialization and all other handlers
    choose-signer    spares a client that has no credentials the need for them
    before-send      answers what nobody else did: an operation that the fake does not play

Handlers are registered last and at the root of their event, so that a `Stubber`, another mock and the user's own
handlers come first. Everything is undone when the last fake ends.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any, Final, Protocol
from weakref import WeakSet

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.client import BaseClient

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._model import Origin, PutEventsCall
from pytest_eventbridge._service import Answer, new_ids
from pytest_eventbridge._wire import HttpAnswer, encode_answer, encode_error

# By botocore's service name. What is not played of them is refused, and never leaves the process.
_INTERCEPTED_SERVICES: Final = frozenset({"events", "eventbridgev2"})
_PLAYED: Final = ("events", "PutEvents")

# The code of the ClientError for an operation that the fake does not play. Ours: no service answers with it.
NOT_PLAYED_CODE: Final = "OperationNotPlayed"

# Frames of these packages stand between `put_events` and our wrapper, never where an event was sent from.
_NOT_THE_CALLER: Final = frozenset(
    {
        "aioboto3",
        "aiobotocore",
        "aws_xray_sdk",
        "boto3",
        "botocore",
        "ddtrace",
        "opentelemetry",
        "pytest_eventbridge",
        "wrapt",
    }
)

# What most of a response is made of, and needs no copying.
_IMMUTABLE: Final = frozenset({str, int, bool, type(None)})


class Answerer(Protocol):
    """An active fake, as the interceptor sees it."""

    def answer_put_events(self, params: Any, origin: Origin) -> Answer:
        """Answer a PutEvents request decoded from the wire."""
        ...

    def refuse_operation(self, origin: Origin) -> None:
        """Take note that an operation was refused because nobody plays it."""

    def complete_call(
        self, call: PutEventsCall, *, response: dict[str, Any] | None, error: BaseException | None
    ) -> None:
        """Take note of what the caller got from a call."""


class _CallInProgress:
    """One `_make_api_call`, from the moment the caller made it to what it came back with."""

    __slots__ = ("answerer", "call", "client", "operation", "refused_under", "sent_from")

    def __init__(self, answerer: Answerer, client: BaseClient, operation: str) -> None:
        self.answerer = answerer
        self.client = client
        self.operation = operation
        self.sent_from = _find_caller()
        self.call: PutEventsCall | None = None
        self.refused_under: str | None = None

    @property
    def origin(self) -> Origin:
        meta = self.client.meta
        return Origin(
            service=meta.service_model.service_name,
            operation=self.operation,
            region=meta.region_name,
            partition=meta.partition,
            sent_from=self.sent_from,
        )

    def ended(self, *, response: Any = None, error: BaseException | None = None) -> None:
        """Tell the fake what the caller got."""
        if self.call is not None:
            self.answerer.complete_call(self.call, response=_copied(response), error=error)
        elif self.refused_under is not None and _request_id(error) == self.refused_under:
            self.answerer.refuse_operation(self.origin)


_CURRENT_CALL: Final[ContextVar[_CallInProgress | None]] = ContextVar("pytest_eventbridge_call", default=None)


class Interception:
    """The stack of active fakes, and the wrapping of botocore that lasts as long as there is one."""

    def __init__(self) -> None:
        self._active: list[Answerer] = []
        self._wrapped: list[tuple[type, str, Any, Any]] = []
        self._adopted: WeakSet[Any] = WeakSet()
        self._lock = threading.RLock()
        self._handler_id = f"pytest-eventbridge-{id(self)}"

    @property
    def innermost(self) -> Answerer | None:
        """The fake that answers: the one that became active last."""
        return self._active[-1] if self._active else None

    def begin(self, answerer: Answerer) -> None:
        """Put a fake on top of the stack."""
        with self._lock:
            self._active.append(answerer)
            if len(self._active) == 1:
                self._install()

    def end(self, answerer: Answerer) -> None:
        """Take a fake off the stack, wherever it stands."""
        with self._lock:
            self._active = [active for active in self._active if active is not answerer]
            if not self._active:
                self._undo()

    def _install(self) -> None:
        self._wrap(BaseClient, "__init__", self._wrapped_init)
        for client_class in _classes_with_own_call(BaseClient):
            self._wrap_call(client_class)

    def _wrap_call(self, client_class: type) -> None:
        self._wrap(client_class, "_make_api_call", self._wrapped_call)

    def _wrap(self, owner: type, name: str, make_wrapper: Callable[[Any], Callable[..., Any]]) -> None:
        original = owner.__dict__[name]
        if getattr(original, "_pytest_eventbridge", None) is self:
            return
        wrapper = make_wrapper(original)
        wrapper._pytest_eventbridge = self  # type: ignore[attr-defined]  # the mark that the line above looks for
        setattr(owner, name, wrapper)
        self._wrapped.append((owner, name, original, wrapper))

    def _undo(self) -> None:
        while self._wrapped:
            owner, name, original, wrapper = self._wrapped.pop()
            # Somebody may have wrapped ours in turn. Theirs stays, and ours under it lets every call pass.
            if owner.__dict__[name] is wrapper:
                setattr(owner, name, original)
        for client in list(self._adopted):
            for event, handler in self._handlers():
                client.meta.events.unregister(event, handler, unique_id=f"{self._handler_id}-{event}")
        self._adopted.clear()

    def _wrapped_init(self, original: Any) -> Callable[..., None]:
        def init(client: Any, *args: Any, **kwargs: Any) -> None:
            original(client, *args, **kwargs)
            with self._lock:
                if self._active:
                    for client_class in type(client).__mro__:
                        if "_make_api_call" in client_class.__dict__:
                            self._wrap_call(client_class)

        return init

    def _wrapped_call(self, original: Any) -> Callable[..., Any]:
        def begin(client: Any, operation: str) -> _CallInProgress | None:
            answerer = self.innermost
            if answerer is None or client.meta.service_model.service_name not in _INTERCEPTED_SERVICES:
                return None
            self._adopt(client)
            return _CallInProgress(answerer, client, operation)

        def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            call = begin(client, operation_name)
            bound = original.__get__(client, type(client))
            if call is None:
                return bound(operation_name, api_params)
            token = _CURRENT_CALL.set(call)
            try:
                response = bound(operation_name, api_params)
            except BaseException as error:
                call.ended(error=error)
                raise
            finally:
                _CURRENT_CALL.reset(token)
            call.ended(response=response)
            return response

        # Not a coroutine function itself, so that the caller is found on the stack even when it wraps the coroutine
        # in a task.
        def _make_async_api_call(client: Any, operation_name: str, api_params: Any) -> Awaitable[Any]:
            call = begin(client, operation_name)
            coroutine = original.__get__(client, type(client))(operation_name, api_params)
            return coroutine if call is None else _await_call(coroutine, call)

        return _make_async_api_call if iscoroutinefunction(original) else _make_api_call

    def _adopt(self, client: Any) -> None:
        if client in self._adopted:
            return
        with self._lock:
            for event, handler in self._handlers():
                client.meta.events.register_last(event, handler, unique_id=f"{self._handler_id}-{event}")
            self._adopted.add(client)

    def _handlers(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        yield "before-call", _answer_before_call
        yield "choose-signer", _choose_signer
        yield "before-send", _refuse_before_send


async def _await_call(coroutine: Awaitable[Any], call: _CallInProgress) -> Any:
    token = _CURRENT_CALL.set(call)
    try:
        response = await coroutine
    except BaseException as error:
        call.ended(error=error)
        raise
    finally:
        _CURRENT_CALL.reset(token)
    call.ended(response=response)
    return response


def _answer_before_call(*, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
    current = _CURRENT_CALL.get()
    if current is None or (model.service_model.service_name, model.name) != _PLAYED:
        return None
    answer = current.answerer.answer_put_events(_decoded(params["body"]), current.origin)
    current.call = answer.call
    return _to_botocore(answer, model, params["url"], current.client)


def _decoded(body: Any) -> Any:
    """Decode the body of a request; `None` for one that a handler has made unreadable."""
    try:
        return json.loads(body)
    except (TypeError, ValueError, RecursionError):
        return None


def _choose_signer(**_: Any) -> Any:
    """Spare a client without credentials the signing of a request that stays in the process."""
    current = _CURRENT_CALL.get()
    if current is None or _has_credentials(current.client):
        return None
    return UNSIGNED


def _refuse_before_send(*, request: Any, **_: Any) -> Any:
    current = _CURRENT_CALL.get()
    if current is None:
        return None
    message = (
        f"The fake EventBridge does not play {current.operation} of the service "
        f"{current.client.meta.service_model.service_name!r}, no other mock answered it, "
        "and no request leaves the process."
    )
    (current.refused_under,) = new_ids(1)
    http_answer = encode_error(RequestError(code=NOT_PLAYED_CODE, message=message), current.refused_under)
    return _AnsweredResponse(request.url, http_answer)


def _to_botocore(answer: Answer, model: Any, url: str, client: Any) -> tuple[Any, dict[str, Any]]:
    """Return what botocore would have made of the HTTP response: the response, and its parsed form."""
    http_answer = encode_answer(answer)
    if answer.error is None:
        # Not by way of botocore's parser: it takes longer than all else here together. A test holds the two equal.
        parsed = {
            "FailedEntryCount": answer.failed_entry_count,
            "Entries": answer.result_entries,
            "ResponseMetadata": {
                "RequestId": answer.call.request_id,
                "HTTPStatusCode": http_answer.status,
                "HTTPHeaders": dict(http_answer.headers),
                "RetryAttempts": 0,
            },
        }
    else:
        response_dict = {"status_code": http_answer.status, "headers": http_answer.headers, "body": http_answer.body}
        parsed = client._response_parser.parse(response_dict, model.output_shape)
        parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return _AnsweredResponse(url, http_answer), parsed


class _AnsweredResponse(AWSResponse):
    """An `AWSResponse` that makes its headers and its raw body when somebody asks for them: few do."""

    def __init__(self, url: str, answer: HttpAnswer) -> None:
        self.url = url
        self.status_code = answer.status
        self._answer = answer
        self._content = None

    @property
    def headers(self) -> HeadersDict:  # type: ignore[override]  # an attribute there, never set by botocore
        return HeadersDict(self._answer.headers)

    @property
    def raw(self) -> _Body:
        return _Body(self._answer.body)


class _Body:
    """The raw body of a response, as `AWSResponse` reads it."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def _has_credentials(client: Any) -> bool:
    return client._request_signer._credentials is not None


def _request_id(error: BaseException | None) -> str | None:
    response = getattr(error, "response", None) or {}
    request_id = response.get("ResponseMetadata", {}).get("RequestId")
    return request_id if isinstance(request_id, str) else None


def _classes_with_own_call(base: type) -> list[type]:
    """Return the loaded client classes that define `_make_api_call`; those botocore generates for services do not."""
    found: list[type] = []
    pending: list[type] = [base]
    seen: set[type] = {base}
    while pending:
        client_class = pending.pop()
        if "_make_api_call" in client_class.__dict__:
            found.append(client_class)
        subclass: type
        for subclass in client_class.__subclasses__():
            if subclass not in seen:
                seen.add(subclass)
                pending.append(subclass)
    return found


def _find_caller() -> str:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _NOT_THE_CALLER:
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    return "unknown"


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: member if type(member) in _IMMUTABLE else _copied(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_copied(member) for member in value]
    return value


interception: Final = Interception()
"""The one piece of state at module level: sessions inside sessions (pytester) share it."""
