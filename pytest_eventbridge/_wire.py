"""Answers in the form in which they go over the wire: awsJson 1.1, the protocol of the classic service."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Final

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._service import Answer

# json.dumps with separators of its own makes a new encoder at each call, which takes longer than the encoding.
_encode_json: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
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
    # In the order of the members that was recorded from AWS.
    result = {"Entries": answer.result_entries, "FailedEntryCount": answer.failed_entry_count}
    return _encode(200, result, request_id)


def encode_error(error: RequestError, request_id: str) -> HttpAnswer:
    """Return the HTTP response that refuses a request."""
    return _encode(error.status, {"__type": error.code, "message": error.message}, request_id)


def _encode(status: int, value: object, request_id: str) -> HttpAnswer:
    body = _encode_json(value).encode()
    headers = {
        "x-amzn-requestid": request_id,
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(body)),
        "date": _http_date(int(time.time())),
    }
    return HttpAnswer(status=status, headers=headers, body=body)


@lru_cache(maxsize=1)  # many answers fall into the same second
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
