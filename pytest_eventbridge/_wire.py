"""Answers in the form in which they go over the wire: awsJson 1.1, the protocol of the classic service."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._service import Answer

# The first byte of a CBOR map, to which its size is added, and of a text whose length follows (RFC 8949, section 3).
_CBOR_MAP: Final = 0xA0
_CBOR_TEXT_OF_32_BIT_LENGTH: Final = 0x7A

# json.dumps with separators of its own makes a new encoder at each call, which takes longer than the encoding.
_encode_json: Final = json.JSONEncoder(separators=(",", ":")).encode


class HttpAnswer(NamedTuple):
    """An HTTP response.

    Attributes:
        status: The HTTP status.
        headers: With the names and in the order that were recorded from AWS, in lower case as botocore hands them on.
        body: The JSON text, in UTF-8.
    """

    status: int
    headers: dict[str, str]
    body: bytes


def encode_answer(answer: Answer) -> HttpAnswer:
    """Return the HTTP response to a PutEvents request."""
    request_id = answer.call.request_id
    if answer.error is not None:
        return encode_error(answer.error, request_id)
    # In the order of the members that was recorded from AWS. An id needs no escapes.
    results = ",".join(
        [
            f'{{"EventId":"{result["EventId"]}"}}' if "EventId" in result else _encode_json(result)
            for result in answer.result_entries
        ]
    )
    text = f'{{"Entries":[{results}],"FailedEntryCount":{answer.failed_entry_count}}}'
    return _respond(200, text, request_id)


def parsed_answer(answer: Answer, http_answer: HttpAnswer) -> dict[str, Any]:
    """Return what botocore makes of the HTTP response to a PutEvents request that was not refused.

    Args:
        answer: The answer.
        http_answer: The HTTP response with it.
    """
    return {
        "FailedEntryCount": answer.failed_entry_count,
        "Entries": answer.result_entries,
        "ResponseMetadata": {
            "RequestId": answer.call.request_id,
            "HTTPStatusCode": http_answer.status,
            "HTTPHeaders": dict(http_answer.headers),
            "RetryAttempts": 0,
        },
    }


def encode_result(result: Mapping[str, Any], request_id: str) -> HttpAnswer:
    """Return the HTTP response with the members of a result; one without any has no body."""
    return _respond(200, _encode_json(result) if result else "", request_id)


def encode_error(error: RequestError, request_id: str, protocol: str = "json") -> HttpAnswer:
    """Return the HTTP response that refuses a request.

    Args:
        error: Why.
        request_id: The id of the response.
        protocol: As in the service model: `"json"`, or `"smithy-rpc-v2-cbor"`.
    """
    if not error.code:
        # No body at all: botocore takes the status for the code.
        return HttpAnswer(error.status, {"content-length": "0"}, b"")
    body = {"__type": error.code, "message": error.message}
    if protocol == "smithy-rpc-v2-cbor":
        return _encode_cbor(error.status, body, request_id)
    return _respond(error.status, _encode_json(body), request_id)


def _respond(status: int, text: str, request_id: str) -> HttpAnswer:
    body = text.encode()
    headers = {
        "x-amzn-requestid": request_id,
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(body)),
        "date": _http_date(int(time.time())),
    }
    return HttpAnswer(status, headers, body)


def _encode_cbor(status: int, texts: dict[str, str], request_id: str) -> HttpAnswer:
    body = bytes([_CBOR_MAP | len(texts)]) + b"".join(
        _cbor_text(name) + _cbor_text(value) for name, value in texts.items()
    )
    headers = {
        "x-amzn-requestid": request_id,
        "content-type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "content-length": str(len(body)),
        "date": _http_date(int(time.time())),
    }
    return HttpAnswer(status, headers, body)


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return bytes([_CBOR_TEXT_OF_32_BIT_LENGTH]) + len(encoded).to_bytes(4, "big") + encoded


@lru_cache(maxsize=1)  # many answers fall into the same second
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
