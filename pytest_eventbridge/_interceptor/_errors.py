"""What botocore knows of errors and operations, for requests that other programs make."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import botocore.exceptions
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.parsers import create_parser

from pytest_eventbridge._model import Origin
from pytest_eventbridge._request_failures import network_error
from pytest_eventbridge._wire import HttpAnswer

_KNOWN_SERVICES: Final = 2


def network_error_class(name: str) -> type[Exception]:
    """Return one of the exceptions in `botocore.exceptions` by its name."""
    found: type[Exception] = getattr(botocore.exceptions, name)
    return found


def raisable(error: Exception | type[Exception], url: str) -> Exception:
    """Return an exception of botocore's; one given as a class gets what its message is made of."""
    if isinstance(error, Exception):
        return error
    return network_error(error, url)


def client_error(answer: HttpAnswer, origin: Origin, protocol: str = "json") -> ClientError:
    """Return what a client of botocore raises when it gets an answer that is an error.

    Args:
        answer: The answer.
        origin: Where the request came from.
        protocol: As in the service model.
    """
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    parser: Any = create_parser(protocol)
    parsed = parser.parse(response, None)  # no model is needed for what every error has
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return ClientError(parsed, origin.operation)


@lru_cache(maxsize=_KNOWN_SERVICES)
def operation_names(service: str) -> frozenset[str]:
    """Return the names of all operations of a service, as this botocore knows them."""
    return frozenset(Loader().load_service_model(service, "service-2")["operations"])
