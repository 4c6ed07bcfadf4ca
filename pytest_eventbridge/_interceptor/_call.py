"""One API call, from the moment the caller made it to what it came back with."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import FrameType
from typing import Any, Final

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._service import ClassicService, ReceivedRequest

# What stands between the caller and botocore's method for an operation, `client.put_events`.
_WRAPPING_PACKAGES: Final = frozenset(
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
_OPERATION_METHOD: Final = "_api_call"

# Frames from `_find_caller` to what has called one of our wrappers, or to one of ours: no caller is passed over.
_WRAPPER_DEPTH: Final = 3

# The code of the ClientError for an operation that the fake does not play. Ours: no service answers with it.
NOT_PLAYED_CODE: Final = "OperationNotPlayed"


class CallInProgress:
    """An API call of an EventBridge client.

    Attributes:
        service: The service of the fake that was the innermost when the call began; `None` when the guard refuses it.
        client: The client.
        service_name: botocore's name of the client's service.
        operation: The name of the API operation.
        sent_from: `"path:line"` of the caller.
        is_bypassing: Whether it came past our wrapper of `_make_api_call`, by way of an original somebody has kept.
        serialized: Its request as botocore has serialized it, once that has come by.
        request: The PutEvents request of the call, once it has reached the service.
        attempts: How often botocore has sent it; 0 when it was answered above the transport.
        retry_delays: The waits that were left out, in seconds.
        refused_under: The request id of our refusal of the operation; `None` when it was not refused.
    """

    __slots__ = (
        "attempts",
        "client",
        "is_bypassing",
        "operation",
        "refused_under",
        "request",
        "retry_delays",
        "sent_from",
        "serialized",
        "service",
        "service_name",
    )

    def __init__(self, service: ClassicService | None, client: Any, service_name: str, operation: str) -> None:
        self.service = service
        self.client = client
        self.service_name = service_name
        self.operation = operation
        self.is_bypassing = False
        self.sent_from = _find_caller()
        self.serialized: dict[str, Any] | None = None
        self.request: ReceivedRequest | None = None
        self.attempts = 0
        self.retry_delays: list[float] = []
        self.refused_under: str | None = None

    @property
    def origin(self) -> Origin:
        """Where the request comes from."""
        meta = self.client.meta
        return Origin(self.service_name, self.operation, meta.region_name, meta.partition, self.sent_from)

    def ended(self, *, response: Any = None, error: BaseException | None = None) -> None:
        """Tell the fake what the caller got."""
        service = self.service
        if self.request is not None and service is not None:
            service.complete_call(
                self.request,
                response=response,
                error=error,
                attempts=max(self.attempts, 1),
                retry_delays=tuple(self.retry_delays),
            )
        elif service is not None and self.was_refused(error):
            service.refuse_operation(self.origin)

    def ended_with(self, http_response: Any, parsed: dict[str, Any]) -> None:
        """Tell the fake what the caller will get, where nobody of ours is by when the call ends."""
        if http_response.status_code < 300:
            self.ended(response=parsed)
        else:
            error_class = self.client.exceptions.from_code(parsed.get("Error", {}).get("Code"))
            self.ended(error=error_class(parsed, self.operation))

    def refuse(self, body: Any) -> RequestError:  # noqa: ARG002 - for a call of the guard's
        """Return the error that the caller gets when nobody else answers.

        Args:
            body: The body of the request.
        """
        message = (
            f"The fake EventBridge does not play {self.operation} of the service "
            f"{self.service_name!r}, no other mock answered it, "
            "and no request leaves the process."
        )
        return RequestError(code=NOT_PLAYED_CODE, message=message)

    def was_refused(self, error: BaseException | None) -> bool:
        """Say whether our refusal is what the caller got."""
        return self.refused_under is not None and _request_id(error) == self.refused_under


CURRENT_CALL: Final[ContextVar[CallInProgress | None]] = ContextVar("pytest_eventbridge_call", default=None)


def _find_caller() -> str:
    """Return where the client's method was called: the first frame around it that is no wrapper of botocore.

    What stands within that method (an instrumentation around `_make_api_call`, say) is passed over, whoever wrote it.
    """
    method: FrameType | None = sys._getframe(_WRAPPER_DEPTH)
    while method is not None and method.f_code.co_name != _OPERATION_METHOD:
        method = method.f_back
    frame = sys._getframe(_WRAPPER_DEPTH) if method is None else method.f_back
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _WRAPPING_PACKAGES:
        frame = frame.f_back
    return "unknown" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _request_id(error: BaseException | None) -> str | None:
    response = getattr(error, "response", None) or {}
    request_id = response.get("ResponseMetadata", {}).get("RequestId")
    return request_id if isinstance(request_id, str) else None
