"""The emitter of an endpoint, which lets botocore make its attempts and leaves out the waits between them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

from pytest_eventbridge._interceptor._call import CURRENT_CALL, CallInProgress

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# In whose course it steps in.
_EVENTS: Final = ("before-send.", "needs-retry.")

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
        if current is None or current.request is None or not event_name.startswith(_EVENTS):
            return self.emitter.emit(event_name, **kwargs)
        try:
            responses = self.emitter.emit(event_name, **kwargs)
        except AttemptAnsweredError as answered:
            return answered.responses
        if hasattr(responses, "__await__"):
            return _await_responses(event_name, responses, current)
        return _without_wait(event_name, responses, current)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.emitter, name)


async def _await_responses(event_name: str, responses: Awaitable[_Responses], current: CallInProgress) -> _Responses:
    try:
        return _without_wait(event_name, await responses, current)
    except AttemptAnsweredError as answered:
        return answered.responses


def _without_wait(event_name: str, responses: _Responses, current: CallInProgress) -> _Responses:
    """Return the responses to an event; what `needs-retry` would have the endpoint wait for becomes no time at all."""
    if not event_name.startswith("needs-retry."):
        return responses
    delay = next((response for _, response in responses if response is not None), None)
    if delay is None or delay is False:
        return responses
    current.retry_delays.append(delay)
    return [(_without_wait, 0)]
