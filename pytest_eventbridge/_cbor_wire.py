"""Requests and answers in the form in which they go over the wire to the newer service: smithy-rpc-v2-cbor.

A request of it is a POST to `/service/AWSEventsV2/operation/<operation>`.
"""

from __future__ import annotations

import time
from typing import Any, Final

from pytest_eventbridge._cbor import CborError, decode, encode
from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._service import Answer
from pytest_eventbridge._wire import HttpAnswer, bare_answer, http_date

# Source: the namespace of the service's Smithy model, by which the SDKs that AWS makes from it call its shapes.
_NAMESPACE: Final = "com.amazonaws.eventbridgev2"


def decode_request(body: bytes) -> dict[str, Any]:
    """Decode the body of a request: its members by name, with times in seconds since the epoch and blobs as bytes.

    Raises:
        CborError: It is malformed, or no map. The service refuses such a request as a whole.
    """
    params = decode(body)
    if not isinstance(params, dict):
        raise CborError("a request is a map")
    return params


def read_request(body: bytes) -> dict[str, Any] | None:
    """Decode the body of a request as `decode_request` does; `None` for one that cannot be."""
    try:
        return decode_request(body)
    except CborError:
        return None


def encode_cbor_answer(answer: Answer) -> HttpAnswer:
    """Return the HTTP response to a request that publishes events.

    `FailedEntryCount` is left out when no entry failed: the service is free to do so, and code must not rely on it.

    Source: AWS's agent toolkit, on publishing to a custom event bus; read 2026-11.
    """
    request_id = answer.call.request_id
    if answer.error is not None:
        return encode_cbor_error(answer.error, request_id)
    body: dict[str, Any] = {"Entries": answer.result_entries}
    if answer.failed_entry_count:
        body["FailedEntryCount"] = answer.failed_entry_count
    return _respond(200, body, request_id)


def encode_cbor_error(error: RequestError, request_id: str) -> HttpAnswer:
    """Return the HTTP response that refuses a request; its text is the member `Message`."""
    if not error.code and error.status >= 500:
        return bare_answer(error.status)
    if not error.code:
        # Not without any body, on which botocore's own parser fails with an AttributeError (seen in 1.44.8).
        return _respond(error.status, {}, request_id)
    body = {"__type": f"{_NAMESPACE}#{error.code}", "Message": error.message}
    return _respond(error.status, body, request_id)


def _respond(status: int, members: dict[str, Any], request_id: str) -> HttpAnswer:
    body = encode(members)
    headers = {
        "x-amzn-requestid": request_id,
        "content-type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "content-length": str(len(body)),
        "date": http_date(int(time.time())),
    }
    return HttpAnswer(status, headers, body)
