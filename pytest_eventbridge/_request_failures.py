"""Failures of whole requests: errors of the service, and of the network on the way to it."""

from __future__ import annotations

from typing import Any, Final, final

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._expected import checked_text
from pytest_eventbridge._failures import InjectedFailure
from pytest_eventbridge._model import PutEventsCall

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# HTTP statuses of the codes that do not come with 400, on the classic service. Source: the service model of
# 2015-10-07 (InternalException is a fault) and the API reference's "Common Errors".
_HTTP_STATUSES: Final = {"InternalException": 500, "InternalFailure": 500, "ServiceUnavailable": 503}
_DEFAULT_HTTP_STATUS: Final = 400

# The same on the service `eventbridgev2`. Source: the service model of 2025-05-15.
_HTTP_STATUSES_V2: Final = {
    **_HTTP_STATUSES,
    "AccessDeniedException": 403,
    "InvalidStateException": 409,
    "ResourceNotFoundException": 404,
    "ThrottlingException": 429,
}

# botocore's parser looks for an error from 301 on (its client from 300 on: such an error would have no code).
_LEAST_FAILED_STATUS: Final = 301

# Recorded or reported from AWS: the texts of AccessDeniedException and of the credentials' errors. "Rate exceeded" is
# the usual text of a throttled call, not recorded for PutEvents. The others are the API references' descriptions.
_MESSAGES: Final = {
    "AccessDeniedException": (
        "User: arn:{partition}:sts::{account_id}:assumed-role/some/role is not authorized to perform: "
        "events:{operation} on resource: {event_bus_arn} because no identity-based policy allows the "
        "events:{operation} action"
    ),
    "ExpiredTokenException": "The security token included in the request is expired",
    "InternalException": "This exception occurs due to unexpected causes.",
    "InternalFailure": "The request processing has failed because of an unknown error, exception or failure.",
    "InvalidInputException": "A request parameter is missing or not valid.",
    "InvalidStateException": "The resource is not in a state that allows the operation.",
    "OperationDisabledException": "The operation you are attempting is not available in this region.",
    "ResourceNotFoundException": "The resource does not exist.",
    "SchemaRegistryUnavailableException": "The configured schema registry could not be reached.",
    "ServiceUnavailable": "The request has failed due to a temporary failure of the server.",
    "Throttling": "Rate exceeded",
    "ThrottlingException": "Rate exceeded",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
    "ValidationException": "The input fails to satisfy the constraints specified by an AWS service.",
}


@final
class RequestFailure(InjectedFailure):
    """A failure of whole requests; each attempt that botocore makes of one uses up one of `times`.

    Attributes:
        delivered: Whether the events are accepted although the caller never hears of it.
    """

    def __init__(
        self,
        error: str | type[Exception] | Exception,
        message: str | None,
        *,
        http_status: int | None,
        times: int | None,
        skip: int,
        delivered: bool,
        rate: float | None,
        seed: int | None,
    ) -> None:
        super().__init__(times=times, skip=skip, rate=rate, seed=seed)
        if not isinstance(delivered, bool):
            raise TypeError(f"delivered: True or False is required, not {delivered!r}.")
        self.delivered = delivered
        self._error = _checked_error(error)
        self._message = None if message is None else checked_text("message", message)
        self._http_status = None if http_status is None else _checked_http_status("http_status", http_status)
        if not isinstance(error, str) and (message is not None or http_status is not None):
            raise TypeError("message and http_status belong to an error code; no response comes with an exception.")
        if self._is_bare_status:
            _checked_http_status("error", int(str(error)))
            if message is not None or http_status is not None:
                raise TypeError(f"message and http_status: the response {error!r} has no body, and is its own status.")

    def outcome(self, call: PutEventsCall) -> RequestError | Exception | type[Exception]:
        """Return what the caller gets: an error of the service, or the exception that the network raises."""
        if not isinstance(self._error, str):
            return self._error
        if self._is_bare_status:
            # What stands in front of the service answers with a status and nothing else, such as 413 for a large body.
            return RequestError(code="", message="", status=int(self._error))
        message = self._message
        if message is None:
            event_bus_arn = call.entries[0].event_bus_arn if call.entries else "*"
            message = self._error
            if message in _MESSAGES:
                message = _MESSAGES[message].format(
                    partition=call.partition,
                    account_id=call.account_id,
                    operation=call.operation,
                    event_bus_arn=event_bus_arn,
                )
        statuses = _HTTP_STATUSES if call.service == "events" else _HTTP_STATUSES_V2
        status = self._http_status or statuses.get(self._error, _DEFAULT_HTTP_STATUS)
        return RequestError(code=self._error, message=message, status=status)

    @property
    def _is_bare_status(self) -> bool:
        """Whether the error is an HTTP status and nothing else."""
        return isinstance(self._error, str) and self._error.isdecimal()

    def __str__(self) -> str:
        error = self._error.__name__ if isinstance(self._error, type) else repr(self._error)
        arguments = {} if self._http_status is None else {"http_status": self._http_status}
        return self._described("fail_requests", error, arguments | ({"delivered": True} if self.delivered else {}))


def network_error(error_class: type[Exception], url: str) -> Exception:
    """Make an exception of botocore's from what the messages of those that the network raises are made of."""
    make: Any = error_class
    return make(endpoint_url=url, proxy_url="http://proxy.invalid", error="injected failure")  # type: ignore[no-any-return]  # its own


def _checked_error(error: object) -> str | type[Exception] | Exception:
    if isinstance(error, str):
        return checked_text("error", error)
    exception_type = error if isinstance(error, type) else type(error)
    # By name, because only the interceptor imports botocore.
    if any(base.__name__ == "BotoCoreError" for base in exception_type.__mro__):
        if isinstance(error, type):
            try:
                network_error(error, "https://events.invalid/")
            except Exception as cause:  # a class of botocore's may demand anything
                raise TypeError(f"error: of {error.__name__} an instance is required, not the class.") from cause
        return error  # type: ignore[return-value]  # BotoCoreError is an Exception
    is_client_error = any(base.__name__ == "ClientError" for base in exception_type.__mro__)
    hint = " Of a ClientError give the code, as a string." if is_client_error else ""
    raise TypeError(
        "error: an error code such as 'ThrottlingException' or an exception of botocore.exceptions such as "
        f"EndpointConnectionError is required, not {error!r}.{hint}"
    )


def _checked_http_status(name: str, http_status: object) -> int:
    if not isinstance(http_status, int) or isinstance(http_status, bool):
        raise TypeError(f"{name}: a whole number is required, not {http_status!r}.")
    if not _LEAST_FAILED_STATUS <= http_status <= 599:
        raise ValueError(
            f"{name}: {http_status} is no status of a failed request; those are {_LEAST_FAILED_STATUS} to 599."
        )
    return http_status
