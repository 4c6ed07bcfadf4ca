"""The way from a forked process to the one that serves the fake."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore.httpsession import URLLib3Session

from pytest_eventbridge._wire import HttpAnswer


def forward(request: Any, url: str) -> HttpAnswer:
    """Send one attempt of a request to an endpoint, and return what that answers.

    Not by the client's own session, which may go by a proxy. The request is addressed to the endpoint from then on, so
    that no other mock takes it for its own.

    Args:
        request: The request as botocore has prepared it for the service.
        url: The endpoint.

    Raises:
        HTTPClientError: As botocore's transport raises it.
    """
    request.url = urlunsplit(urlsplit(url)[:2] + urlsplit(request.url)[2:])
    session = URLLib3Session()
    try:
        response = session.send(request)
        return HttpAnswer(response.status_code, dict(response.headers), response.content)
    finally:
        session.close()
