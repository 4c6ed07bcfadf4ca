"""The emitter of an endpoint, which lets botocore make its attempts and leaves out the waits between them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from pytest_eventbridge._interceptor._call import CURRENT_CALL, CallInProgress

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# What an emitter returns: each handler with its response.
_Responses = list[tuple[Any, Any]]


class AttemptAnsweredError(Exception):
    """Carries the answer to an attempt past the handlers that would have come next.

    Those at the root of `before-send` are another mock's, which would take the request for its own, and the rate
    limiter of botocore's adaptive retry mode, which would wait.
    """

    def __init__(self, http_response: Any) -> None:
        super().__init__(http_response)
        self.http_response = http_response

    @property
    def responses(self) -> _Responses:
        """The answer as an emitter returns it."""
        return [(type(self), self.http_response)]


class AttemptEmitter:
    """The emitter of an endpoint, which for calls answered here ends `before-send` early and skips the waits.

    botocore's endpoint sleeps for what `needs-retry` answers. What it would have been is kept for the call. The
    endpoint of aiobotocore awaits what its emitter returns.
    """

    def __init__(self, emitter: Any) -> None:
        self.emitter = emitter

    def emit(self, event_name: str, **kwargs: Any) -> Any:
        current = CURRENT_CALL.get()
        if current is None:
            return self.emitter.emit(event_name, **kwargs)
        if current.request is not None and event_name.startswith("needs-retry."):
            responses = self.emitter.emit(event_name, **kwargs)
            is_awaited = hasattr(responses, "__await__")
            return _await_without_wait(responses, current) if is_awaited else _without_wait(responses, current)
        try:
            responses = self.emitter.emit(event_name, **kwargs)
        except AttemptAnsweredError as answered:
            return answered.responses
        return _await_answer(responses) if hasattr(responses, "__await__") else responses

    def __getattr__(self, name: str) -> Any:
        return getattr(self.emitter, name)


async def _await_answer(responses: Awaitable[_Responses]) -> _Responses:
    try:
        return await responses
    except AttemptAnsweredError as answered:
        return answered.responses


async def _await_without_wait(responses: Awaitable[_Responses], current: CallInProgress) -> _Responses:
    return _without_wait(await responses, current)


def _without_wait(responses: _Responses, current: CallInProgress) -> _Responses:
    """Return the responses to `needs-retry`; what they would have the endpoint wait for becomes no time at all."""
    delay = next((response for _, response in responses if response is not None), None)
    if delay is None or delay is False:
        return responses
    current.retry_delays.append(delay)
    return [(_without_wait, 0)]
