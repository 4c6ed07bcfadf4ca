"""The fake behind HTTP: a request in, an answer out, and the record as it is for any other client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._http_connection import HttpRequest
from pytest_eventbridge._http_requests import JSON, AskedOperation, Protocol, find_operation, origin_of
from pytest_eventbridge._interceptor import NOT_PLAYED_CODE, client_error, operation_names, raisable
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._service import ClassicService, NetworkError, ReceivedRequest, new_ids
from pytest_eventbridge._wire import HttpAnswer, encode_result

# What services with this protocol answer to a request that names no operation of theirs, and to one that is not put to
# them in their protocol at all. Not recorded for EventBridge.
_UNKNOWN_OPERATION: Final = RequestError(code="UnknownOperationException", message="")
_NO_OPERATION: Final = RequestError(code="UnknownOperationException", message="", status=404)


@final
class HttpService:
    """Answers HTTP requests as one fake.

    Args:
        service: What the fake answers with.
        default_region: The region of requests whose signature names none.

    Attributes:
        errors: What the test's own code raised while it was asked about a request (predicates, and pytest's outcomes in
            the targets of rules): it has no caller that could see it.
    """

    def __init__(self, service: ClassicService, default_region: str) -> None:
        self._service = service
        self._default_region = default_region
        self.errors: list[BaseException] = []

    def answer(self, request: HttpRequest) -> HttpAnswer | None:
        """Answer a request; with `None` when the network fails on the way back. It raises nothing."""
        operation = find_operation(request)
        if operation is None:
            return _encode(_NO_OPERATION, JSON)
        try:
            return self._answer(request, operation)
        except BaseException as error:
            self.errors.append(error)
            message = f"The test's own code raised {type(error).__name__}."
            return _encode(RequestError(code="InternalFailure", message=message, status=500), operation.protocol)

    def _answer(self, request: HttpRequest, operation: AskedOperation) -> HttpAnswer | None:
        origin = origin_of(request, operation, self._default_region)
        receive = self._receiver_of(origin)
        if receive is not None:
            body = request.body
            received = receive(operation.protocol.decode(body), len(body), origin)
            return self._publish(received, request, operation)
        if self._service.control_plane.plays(origin.service, operation.name):
            return self._play(operation.protocol.decode(request.body), origin)
        if operation.name in operation_names(origin.service):
            return self._refuse(operation.protocol, origin)
        return _encode(_UNKNOWN_OPERATION, operation.protocol)

    def _receiver_of(self, origin: Origin) -> Callable[[Any, int, Origin], ReceivedRequest] | None:
        """Return what takes in the requests of an operation that publishes events; `None` of another one."""
        if (origin.service, origin.operation) == ("events", "PutEvents"):
            return self._service.receive_put_events
        operation = self._service.operations.get((origin.service, origin.operation))
        return None if operation is None else operation.receive

    def _publish(self, received: ReceivedRequest, request: HttpRequest, operation: AskedOperation) -> HttpAnswer | None:
        try:
            answer = self._service.answer_attempt(received)
        except BaseException as error:
            self._complete(received, error=error)
            raise
        if isinstance(answer, NetworkError):
            self._complete(received, error=raisable(answer.error, _url_of(request)))
            return None
        http_answer = operation.protocol.encode_answer(answer)
        if answer.error is None:
            self._complete(received, response=operation.protocol.decode(http_answer.body) | _metadata(http_answer))
        else:
            response = _parsed_error(answer.error) | _metadata(http_answer)
            self._complete(received, error=client_error(response, operation.name))
        return http_answer

    def _complete(
        self, request: ReceivedRequest, *, response: dict[str, Any] | None = None, error: BaseException | None = None
    ) -> None:
        # Each HTTP request is a call of its own: a client that will try again is not waited for.
        self._service.complete_call(request, response=response, error=error, attempts=1, retry_delays=())

    def _play(self, params: Any, origin: Origin) -> HttpAnswer:
        result = self._service.control_plane.answer(params, origin)
        if isinstance(result, RequestError):
            return _encode(result, JSON)
        (request_id,) = new_ids(1)
        return encode_result(result, request_id)

    def _refuse(self, protocol: Protocol, origin: Origin) -> HttpAnswer:
        self._service.refuse_operation(origin)
        message = f"The fake EventBridge does not play {origin.operation} of the service {origin.service!r}."
        return _encode(RequestError(code=NOT_PLAYED_CODE, message=message), protocol)


def _encode(error: RequestError, protocol: Protocol) -> HttpAnswer:
    (request_id,) = new_ids(1)
    return protocol.encode_error(error, request_id)


# What botocore makes of an answer, besides the members of a result. A test holds them equal to its own.


def _parsed_error(error: RequestError) -> dict[str, Any]:
    return {"Error": {"Code": error.code or str(error.status), "Message": error.message}}


def _metadata(answer: HttpAnswer) -> dict[str, Any]:
    metadata: dict[str, Any] = {"HTTPStatusCode": answer.status, "HTTPHeaders": dict(answer.headers)}
    if "x-amzn-requestid" in answer.headers:
        metadata["RequestId"] = answer.headers["x-amzn-requestid"]
    return {"ResponseMetadata": {**metadata, "RetryAttempts": 0}}


def _url_of(request: HttpRequest) -> str:
    return f"http://{request.headers.get('host', '')}{request.target}"
