"""The fake behind HTTP: a request in, an answer out, and the record as it is for any other client."""

from __future__ import annotations

from typing import Any, Final, final

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._http_connection import HttpRequest
from pytest_eventbridge._http_requests import AskedOperation, find_operation, origin_of
from pytest_eventbridge._interceptor import NOT_PLAYED_CODE, client_error, operation_names, raisable
from pytest_eventbridge._model import Origin
from pytest_eventbridge._service import ClassicService, NetworkError, ReceivedRequest, new_ids
from pytest_eventbridge._wire import HttpAnswer, encode_answer, encode_error, encode_result, parsed_answer

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
        try:
            return self._answer(request)
        except BaseException as error:
            self.errors.append(error)
            message = f"The test's own code raised {type(error).__name__}."
            return _encode(RequestError(code="InternalFailure", message=message, status=500))

    def _answer(self, request: HttpRequest) -> HttpAnswer | None:
        operation = find_operation(request)
        if operation is None:
            return _encode(_NO_OPERATION)
        origin = origin_of(request, operation, self._default_region)
        if operation.name == "PutEvents":
            return self._put_events(request, operation, origin)
        if self._service.control_plane.plays(origin.service, operation.name):
            return self._play(operation.protocol.decode(request.body), origin)
        if operation.name in operation_names(origin.service):
            return self._refuse(operation, origin)
        return _encode(_UNKNOWN_OPERATION, operation.protocol.name)

    def _put_events(self, request: HttpRequest, operation: AskedOperation, origin: Origin) -> HttpAnswer | None:
        params = operation.protocol.decode(request.body)
        received = self._service.receive_put_events(params, len(request.body), origin)
        try:
            answer = self._service.answer_attempt(received)
        except BaseException as error:
            self._complete(received, error=error)
            raise
        if isinstance(answer, NetworkError):
            self._complete(received, error=raisable(answer.error, _url_of(request)))
            return None
        http_answer = encode_answer(answer)
        if answer.error is None:
            self._complete(received, response=parsed_answer(answer, http_answer))
        else:
            self._complete(received, error=client_error(http_answer, origin))
        return http_answer

    def _complete(
        self, request: ReceivedRequest, *, response: dict[str, Any] | None = None, error: BaseException | None = None
    ) -> None:
        # Each HTTP request is a call of its own: a client that will try again is not waited for.
        self._service.complete_call(request, response=response, error=error, attempts=1, retry_delays=())

    def _play(self, params: Any, origin: Origin) -> HttpAnswer:
        result = self._service.control_plane.answer(params, origin)
        if isinstance(result, RequestError):
            return _encode(result)
        (request_id,) = new_ids(1)
        return encode_result(result, request_id)

    def _refuse(self, operation: AskedOperation, origin: Origin) -> HttpAnswer:
        self._service.refuse_operation(origin)
        message = f"The fake EventBridge does not play {origin.operation} of the service {origin.service!r}."
        return _encode(RequestError(code=NOT_PLAYED_CODE, message=message), operation.protocol.name)


def _encode(error: RequestError, protocol: str = "json") -> HttpAnswer:
    (request_id,) = new_ids(1)
    return encode_error(error, request_id, protocol)


def _url_of(request: HttpRequest) -> str:
    return f"http://{request.headers.get('host', '')}{request.target}"
