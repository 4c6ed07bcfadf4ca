"""What answers a call, at once or by handlers on the events of botocore's transport, and the responses to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.parsers import create_parser

from pytest_eventbridge._cbor_wire import encode_cbor_answer, encode_cbor_error, read_request
from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._control_plane import ControlPlane
from pytest_eventbridge._interceptor._attempts import AttemptAnsweredError
from pytest_eventbridge._interceptor._call import CURRENT_CALL, CallInProgress
from pytest_eventbridge._interceptor._errors import raisable
from pytest_eventbridge._interceptor._forwarding import forward
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._service import Answer, ClassicService, NetworkError, ReceivedRequest, new_ids
from pytest_eventbridge._wire import HttpAnswer, encode_answer, encode_error, encode_result

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# What botocore serializes has no white space around it; json.loads, which looks for some, takes three times as long.
_decode_json: Final = json.JSONDecoder().raw_decode


def answer_call(call: CallInProgress, model: Any, serialized: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """Answer a request that publishes events, in the place of botocore's transport.

    Args:
        call: The call that it is the request of.
        model: The model of its operation.
        serialized: The request as botocore has serialized it, and all handlers of `before-call` have left it.

    Returns:
        The HTTP response and its parsed form; `None` to leave it to the transport, whose events are handled here too.
    """
    played = _PLAYED.get((call.service_name, call.operation))
    service = call.service
    if played is None or service is None or service.url_elsewhere() is not None:
        return None  # the control plane's, the guard's, or another process's
    request = _receive_from(call, service, played, serialized["body"], serialized["headers"])
    if service.may_fail_requests():
        return None  # its attempts are answered one by one
    return played.respond(service.answer(request), model, serialized["url"])


def _receive_from(
    call: CallInProgress, service: ClassicService, played: _Played, body: Any, headers: Mapping[str, Any]
) -> ReceivedRequest:
    """Let the service of a call receive its request."""
    if not isinstance(body, bytes):  # a handler's work
        body = str(body).encode("utf-8", "surrogatepass")
    # As botocore writes it, within a Lambda function. An SDK of X-Ray that adds it later has added it in vain.
    origin = call.origin.traced_by(headers.get("X-Amzn-Trace-Id"))
    call.request = played.receive(service, played.decode(body), len(body), origin)
    return call.request


def _receive(service: ClassicService, params: Any, body_bytes: int, origin: Origin) -> ReceivedRequest:
    return service.operations[origin.service, origin.operation].receive(params, body_bytes, origin)


def _decoded(body: bytes) -> Any:
    """Decode the body of a request; `None` for one that a handler has made unreadable."""
    try:
        text = body.decode()
        decoded, end = _decode_json(text)
        return decoded if end == len(text) else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _choose_signer(**_: Any) -> Any:
    """Spare the signing of a request that is answered here, and what a client without credentials needs for it."""
    current = CURRENT_CALL.get()
    if current is None or (current.request is None and _needs_no_credentials(current.client)):
        return None
    return UNSIGNED


def _answer_before_send(*, request: Any, **_: Any) -> _AnsweredResponse | None:
    """Answer one attempt of a PutEvents request; in a forked process ask the one that serves the fake.

    Raises:
        AttemptAnsweredError: The answer; whatever is registered behind this handler does not run.
        BotoCoreError: What the network raises.
    """
    current = CURRENT_CALL.get()
    if current is None or current.service is None:
        return None
    url = current.service.url_elsewhere()
    if url is not None:
        return _AnsweredResponse(url, forward(request, url))
    received = current.request
    if received is None:
        played = _PLAYED.get((current.service_name, current.operation))
        if played is None:
            return None
        # It has come past our wrapper of `_make_request`.
        received = _receive_from(current, current.service, played, request.body, request.headers)
    current.attempts += 1
    answer = current.service.answer_attempt(received)
    if isinstance(answer, NetworkError):
        raise raisable(answer.error, request.url)
    encode = _ENCODERS[answer.call.service]
    raise AttemptAnsweredError(_AnsweredResponse(request.url, encode(answer)))


def _play_or_refuse_before_send(*, request: Any, **_: Any) -> Any:
    """Answer what nobody else has: as one of the operations around PutEvents, or by refusing it."""
    current = CURRENT_CALL.get()
    if current is None:
        return None
    service = current.service
    if service is not None and service.url_elsewhere() is not None:
        return None  # the other process has answered, and what it plays is its own
    if service is not None and service.control_plane.plays(current.service_name, current.operation):
        return _LateResponse(request.url, lambda: _play(service.control_plane, current, request.body))
    return _AnsweredResponse(request.url, _refuse(current, request.body))


def _play(control_plane: ControlPlane, current: CallInProgress, body: Any) -> HttpAnswer:
    (request_id,) = new_ids(1)
    result = control_plane.answer(_decoded(body), current.origin)
    if isinstance(result, RequestError):
        return encode_error(result, request_id)
    return encode_result(result, request_id)


def _refuse(current: CallInProgress, body: Any) -> HttpAnswer:
    (current.refused_under,) = new_ids(1)
    error = current.refuse(body)
    encode = encode_error if current.service_name == "events" else encode_cbor_error
    return encode(error, current.refused_under)


HANDLERS: Final[dict[str, Callable[..., Any]]] = {
    "choose-signer": _choose_signer,
    "before-send.eventbridge": _answer_before_send,
    "before-send.eventbridgev2": _answer_before_send,
    "before-send": _play_or_refuse_before_send,
}


def _to_botocore(answer: Answer, model: Any, url: str) -> tuple[Any, dict[str, Any]]:
    """Return what botocore would have made of the HTTP response: the response, and its parsed form."""
    http_answer = encode_answer(answer)
    if answer.error is not None:
        return _parsed(http_answer, model, url)
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
    return _AnsweredResponse(url, http_answer), parsed


def _cbor_to_botocore(answer: Answer, model: Any, url: str) -> tuple[Any, dict[str, Any]]:
    return _parsed(encode_cbor_answer(answer), model, url)


def _parsed(http_answer: HttpAnswer, model: Any, url: str) -> tuple[Any, dict[str, Any]]:
    """Return an HTTP response and what botocore makes of it: with an error's own members, where its model has any."""
    response_dict = {"status_code": http_answer.status, "headers": http_answer.headers, "body": http_answer.body}
    # Not by the client's own parser, which is a coroutine on a client of aiobotocore.
    parser = create_parser(model.metadata["protocol"])
    parsed = parser.parse(response_dict, model.output_shape)
    error_shape = model.service_model.shape_for_error_code(parsed.get("Error", {}).get("Code"))
    if error_shape is not None:
        parsed.update(parser.parse(response_dict, error_shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return _AnsweredResponse(url, http_answer), parsed


class _Played(NamedTuple):
    """How an operation that publishes events comes in from botocore and goes back to it.

    Attributes:
        decode: Decodes the body of a request; `None` for one that cannot be.
        receive: Takes in the request: what was decoded, the length of the body, and where it comes from.
        respond: Makes of an answer what botocore would have made of the HTTP response.
    """

    decode: Callable[[Any], Any]
    receive: Callable[[ClassicService, Any, int, Origin], ReceivedRequest]
    respond: Callable[[Answer, Any, str], tuple[Any, dict[str, Any]]]


# By botocore's names of the service and the operation.
_PLAYED: Final = {
    ("events", "PutEvents"): _Played(_decoded, ClassicService.receive_put_events, _to_botocore),
    ("events", "PutPartnerEvents"): _Played(_decoded, _receive, _to_botocore),
    ("eventbridgev2", "PutEvents"): _Played(read_request, _receive, _cbor_to_botocore),
    ("eventbridgev2", "PutRawEvents"): _Played(read_request, _receive, _cbor_to_botocore),
}
_ENCODERS: Final = {"events": encode_answer, "eventbridgev2": encode_cbor_answer}


class _AnsweredResponse(AWSResponse):
    """An `AWSResponse` that makes its headers and its body when somebody asks for them: few do.

    It is a response of aiobotocore's as well, whose readers await what they read.
    """

    def __init__(self, url: str, answer: HttpAnswer) -> None:
        self.url = url
        self.status_code = answer.status
        self._answer = answer

    @property
    def headers(self) -> HeadersDict:  # type: ignore[override]  # an attribute there, never set by botocore
        return HeadersDict(self._answer.headers)

    @property
    def raw(self) -> _Body:
        return _Body(self._answer)

    @property
    def content(self) -> _Content:
        return _Content(self._answer.body)

    @property
    def text(self) -> _Text:
        return _Text(self._answer.body.decode())


class _LateResponse(_AnsweredResponse):
    """A response that is made when botocore reads it.

    botocore calls every handler of `before-send`, and reads the first response: only what nobody else has answered may
    have an effect.
    """

    def __init__(self, url: str, make_answer: Callable[[], HttpAnswer]) -> None:
        self.url = url
        self._make_answer = make_answer

    @cached_property
    def _answer(self) -> HttpAnswer:  # type: ignore[override]  # an attribute there
        return self._make_answer()

    @property
    def status_code(self) -> int:  # type: ignore[override]  # an attribute there
        return self._answer.status


class _Body:
    """The raw body of a response, as botocore, its users and aiobotocore read it.

    Attributes:
        raw_headers: Pairs of a header's name and value; aiobotocore took the headers from here (seen in 2.5.4 and
            2.6.0, no more in 3.10.0).
    """

    __slots__ = ("_content", "raw_headers")

    def __init__(self, answer: HttpAnswer) -> None:
        self._content = _Content(answer.body)
        self.raw_headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]

    def read(self, *_: Any) -> _Content:
        return self._content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


class _Content(bytes):
    """Bytes that can be awaited, and then are themselves."""

    def __await__(self) -> Generator[None, None, bytes]:
        yield from ()  # what is awaited is an iterator, and this one has nothing to wait for
        return bytes(self)


class _Text(str):
    """Text that can be awaited, and then is itself."""

    def __await__(self) -> Generator[None, None, str]:
        yield from ()
        return str(self)


def _needs_no_credentials(client: Any) -> bool:
    """Say whether a client signs without asking anybody for credentials."""
    credentials = client._request_signer._credentials
    if credentials is None:
        return False
    refresh_needed = getattr(credentials, "refresh_needed", None)
    return refresh_needed is None or not refresh_needed()
