"""What an HTTP request asks for: which operation of which service, and where it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple, NoReturn

from pytest_eventbridge._cbor_wire import encode_cbor_answer, encode_cbor_error, read_request
from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._http_connection import HttpRequest
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._regions import partition_of
from pytest_eventbridge._service import Answer
from pytest_eventbridge._wire import HttpAnswer, encode_answer, encode_error

# The scope of a signature, `Credential=<key>/<date>/<region>/<service>/aws4_request`, in the header or in the query of
# a signed URL. Source: "Elements of an AWS API request signature", IAM user guide. With a signature for several
# regions (SigV4A) it names none.
_CREDENTIAL_SCOPE: Final = re.compile(
    r"(?:Credential=|X-Amz-Credential=)[^/,&\s]+(?:/|%2F)[0-9]{8}(?:/|%2F)(?P<region>[a-z0-9-]+)(?:/|%2F)"
    r"[a-z0-9-]+(?:/|%2F)aws4_request"
)

# Source: Smithy RPC v2 CBOR, "Requests"; botocore's service model.
_CBOR_PATH: Final = re.compile(r"/service/AWSEventsV2/operation/(?P<operation>[A-Za-z0-9_]+)")

_LONGEST_AGENT: Final = 60


class Protocol(NamedTuple):
    """How the clients of a service put requests into HTTP, and expect the answers.

    Attributes:
        service: The service by botocore's name.
        find_operation: Returns the name of the operation that a request asks for; `None` in another protocol.
        decode: Returns what a body holds; `None` when it cannot be read.
        encode_answer: Returns the response to a request that publishes events.
        encode_error: Returns the response that refuses a request, given the error and a request id.
    """

    service: str
    find_operation: Callable[[HttpRequest], str | None]
    decode: Callable[[bytes], Any]
    encode_answer: Callable[[Answer], HttpAnswer]
    encode_error: Callable[[RequestError, str], HttpAnswer]


class AskedOperation(NamedTuple):
    """What a request asks for.

    Attributes:
        protocol: How it is put.
        name: The name of the operation, which nobody has looked up yet.
    """

    protocol: Protocol
    name: str


def _find_json_operation(request: HttpRequest) -> str | None:
    if request.method != "POST" or request.target.partition("?")[0] != "/":
        return None
    service, _, operation = request.headers.get("x-amz-target", "").partition(".")
    return operation if service == "AWSEvents" else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decode_text: Final = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _decode_json(body: bytes) -> Any:
    try:
        return _decode_text(body.decode())
    except (ValueError, RecursionError):
        return None


def _find_cbor_operation(request: HttpRequest) -> str | None:
    if request.method != "POST" or request.headers.get("smithy-protocol") != "rpc-v2-cbor":
        return None
    operation = _CBOR_PATH.fullmatch(request.target.partition("?")[0])
    return None if operation is None else operation["operation"]


JSON: Final = Protocol("events", _find_json_operation, _decode_json, encode_answer, encode_error)
CBOR: Final = Protocol("eventbridgev2", _find_cbor_operation, read_request, encode_cbor_answer, encode_cbor_error)
PROTOCOLS: Final = (JSON, CBOR)


def find_operation(request: HttpRequest) -> AskedOperation | None:
    """Return the operation that a request asks for; `None` when it is no request to a service of EventBridge."""
    for protocol in PROTOCOLS:
        operation = protocol.find_operation(request)
        if operation is not None:
            return AskedOperation(protocol, operation)
    return None


def origin_of(request: HttpRequest, operation: AskedOperation, default_region: str) -> Origin:
    """Return where a request comes from, as far as it says so.

    Args:
        request: The request.
        operation: What it asks for.
        default_region: The region of one whose signature names none.
    """
    region = _signed_region(request) or default_region
    origin = Origin(
        service=operation.protocol.service,
        operation=operation.name,
        region=region,
        partition=partition_of(region),
        sent_from=_sender_of(request),
    )
    return origin.traced_by(request.headers.get("x-amzn-trace-id"))


def _signed_region(request: HttpRequest) -> str | None:
    scope = _CREDENTIAL_SCOPE.search(request.headers.get("authorization") or request.target)
    return None if scope is None else scope["region"]


def _sender_of(request: HttpRequest) -> str:
    """Describe a client: by the first word of its user agent, which is name and version, and by its address."""
    words = request.headers.get("user-agent", "").split(maxsplit=1)
    agent = f"{words[0][:_LONGEST_AGENT]} at " if words else ""
    return f"{agent}{request.peer}, over the endpoint"
