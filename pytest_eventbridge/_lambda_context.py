"""The second argument of a Lambda handler."""

from __future__ import annotations

import time
from typing import Any, Final, final

# What Lambda gives a function that asks for nothing else, in MB. A text, as the runtime for Python has it.
_MEMORY_LIMIT_MB: Final = "128"

# Milliseconds: the longest that Lambda lets a function run. Source: Lambda quotas, read 2026-11.
_TIMEOUT_MS: Final = 900_000


@final
class CognitoIdentity:
    """Who called, which nobody did: EventBridge invokes without an identity.

    Attributes:
        cognito_identity_id: `None`.
        cognito_identity_pool_id: `None`.
    """

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


@final
class LambdaContext:
    """What a Lambda handler is given besides the event, with the attributes that Lambda documents.

    Attributes:
        function_name: The name of the target.
        function_version: `"$LATEST"`.
        invoked_function_arn: The ARN of the target.
        memory_limit_in_mb: `"128"`, a string as in Lambda's own runtime.
        aws_request_id: An id in the form of a UUID, another one for each delivery.
        log_group_name: `"/aws/lambda/<function_name>"`.
        log_stream_name: The date, the version and an id.
        identity: A `CognitoIdentity` that is empty.
        client_context: `None`.

    Source: Lambda developer guide, "Using the Lambda context object in Python"; the types are those of
        awslambdaric 3.
    """

    def __init__(self, *, function_name: str, function_arn: str, request_id: str) -> None:
        self.function_name = function_name
        self.function_version = "$LATEST"
        self.invoked_function_arn = function_arn
        self.memory_limit_in_mb = _MEMORY_LIMIT_MB
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{function_name}"
        date = time.strftime("%Y/%m/%d", time.gmtime())
        self.log_stream_name = f"{date}/[$LATEST]{request_id.replace('-', '')}"
        self.identity = CognitoIdentity()
        self.client_context: Any = None
        self._deadline = time.monotonic() + _TIMEOUT_MS / 1000

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds are left of the fifteen minutes that Lambda allows at the most."""
        return max(int((self._deadline - time.monotonic()) * 1000), 0)

    def log(self, message: object) -> None:
        """Write to standard output, as Lambda's own method does."""
        print(message, end="")  # noqa: T201  # where Lambda's log comes from

    def __repr__(self) -> str:
        return f"<LambdaContext of {self.function_name!r}>"
