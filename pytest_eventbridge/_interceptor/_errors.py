"""What botocore has for errors and operations, by name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import botocore.exceptions
from botocore.exceptions import ClientError, UnknownServiceError
from botocore.loaders import Loader

from pytest_eventbridge._request_failures import network_error

_SERVICE_COUNT: Final = 2


def network_error_class(name: str) -> type[Exception]:
    """Return one of the exceptions in `botocore.exceptions` by its name."""
    found: type[Exception] = getattr(botocore.exceptions, name)
    return found


def raisable(error: Exception | type[Exception], url: str) -> Exception:
    """Return an exception of botocore's; one given as a class gets what its message is made of."""
    if isinstance(error, Exception):
        return error
    return network_error(error, url)


def client_error(response: dict[str, Any], operation: str) -> Exception:
    """Return the exception for an error that a service has answered with.

    Args:
        response: What botocore makes of the answer, with `Error` and `ResponseMetadata`.
        operation: The name of the operation.
    """
    return ClientError(response, operation)  # type: ignore[arg-type]  # a TypedDict there


@lru_cache(maxsize=_SERVICE_COUNT)
def operation_names(service: str) -> frozenset[str]:
    """Return the names of all operations of a service; none of one that this botocore is too old for."""
    try:
        return frozenset(Loader().load_service_model(service, "service-2")["operations"])
    except UnknownServiceError:
        return frozenset()
