"""The default session of boto3, which keeps what credentials it has once found.

The module's functions, such as `boto3.client`, go by it, so that the first test to use one under a fake would leave the
fake credentials to all others. The session itself stays: a new one would load the models of the services anew.
Other sessions that are used under a fake, and the clients of any, are their makers', and keep what they have found.
"""

from __future__ import annotations

import sys
from typing import Any, Final, NamedTuple

# What botocore calls the credentials that it has found in the environment; not those that a session was given.
_OF_ENVIRONMENT: Final = "env"


class FoundCredentials(NamedTuple):
    """What the default session has found.

    Attributes:
        credentials: `None` when it has not looked, or there were none.
        provider: What has looked for them, by an environment that it keeps in part; `None` when it has not looked.
    """

    credentials: Any
    provider: Any


_NOTHING: Final = FoundCredentials(None, None)


def found_credentials() -> FoundCredentials:
    """Return what the default session has found so far: nothing, where there is none."""
    return _found_by(_default_session())


def forget_credentials(before: FoundCredentials) -> None:
    """Let the default session look anew for what it has found in the environment since.

    Args:
        before: What it had found when the environment began to be a fake's.
    """
    session = _default_session()
    credentials, provider = _found_by(session)
    if credentials is before.credentials or getattr(credentials, "method", None) != _OF_ENVIRONMENT:
        return
    session._credentials = None
    if provider is not before.provider:
        session._register_credential_provider()


def _default_session() -> Any:
    """Return botocore's part of it; `None` where boto3 is not loaded, or nobody has used its functions."""
    return getattr(getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None), "_session", None)


def _found_by(session: Any) -> FoundCredentials:
    if session is None:
        return _NOTHING
    components = getattr(getattr(session, "_components", None), "_components", {})
    return FoundCredentials(getattr(session, "_credentials", None), components.get("credential_provider"))
