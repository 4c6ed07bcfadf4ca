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

# json.dumps with separators of its own makes a new encoder at each call, which takes longer than the encoding.
_encode_json: Final = json.JSONEncoder(separators=(",", ":")).encode


class HttpAnswer(NamedTuple):
    """An HTTP response.

    Attributes:
        status: The HTTP status.
        headers: With the names and in the order that were recorded from AWS, in lower case as botocore hands them on.
        body: In the protocol of the service: the JSON text, in UTF-8, or CBOR.
    """

    status: int
    headers: dict[str, str]
    body: bytes


def encode_answer(answer: Answer) -> HttpAnswer:
    """Return the HTTP response to a PutEvents request."""
    request_id = answer.call.request_id
    if answer.error is not None:
        return encode_error(answer.error, request_id)
    # In the order of the members that was recorded from AWS.
    if answer.failed_entry_count:
        results = ",".join(map(_encode_json, answer.result_entries))
    else:
        results = ",".join([f'{{"EventId":"{result["EventId"]}"}}' for result in answer.result_entries])
    return _respond(200, f'{{"Entries":[{results}],"FailedEntryCount":{answer.failed_entry_count}}}', request_id)


def encode_result(result: Mapping[str, Any], request_id: str) -> HttpAnswer:
    """Return the HTTP response with the members of a result; one without any has no body."""
    return _respond(200, _encode_json(result) if result else "", request_id)


def encode_error(error: RequestError, request_id: str) -> HttpAnswer:
    """Return the HTTP response that refuses a request."""
    if not error.code:
        return bare_answer(error.status)
    text = f'{{"__type":{_encode_json(error.code)},"message":{_encode_json(error.message)}}}'
    return _respond(error.status, text, request_id)


def bare_answer(status: int) -> HttpAnswer:
    """Return an HTTP response without any body, of which botocore takes the status for the code."""
    return HttpAnswer(status, {"content-length": "0"}, b"")


def _respond(status: int, text: str, request_id: str) -> HttpAnswer:
    body = text.encode()
    headers = {
        "x-amzn-requestid": request_id,
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(body)),
        "date": http_date(int(time.time())),
    }
    return HttpAnswer(status, headers, body)


@lru_cache(maxsize=1)  # many answers fall into the same second
def http_date(seconds: int) -> str:
    """Return a moment, in seconds since the epoch, as HTTP writes it."""
    return formatdate(seconds, usegmt=True)
