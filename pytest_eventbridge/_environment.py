"""What the environment has to hold for a client to be made with no configuration at all."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_FAKE_CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
# What would make botocore look past the fake credentials: their expiry, a token under its old name, and a profile,
# without which it refuses to make any client when the machine does not have it.
_REMOVED: Final = ("AWS_CREDENTIAL_EXPIRATION", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_REGION: Final = "AWS_DEFAULT_REGION"
_VARIABLES: Final = (*_FAKE_CREDENTIALS, *_REMOVED, _REGION)

# Named for the services' ids. Source: "Service-specific endpoints", AWS SDKs and Tools Reference Guide; botocore reads
# them since 1.31.0.
_ENDPOINT_URLS: Final = ("AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_EVENTBRIDGEV2")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentChanges:
    """What one fake wants of the environment.

    Attributes:
        region: The default region, put in where there is none.
        fake_credentials: Whether to put in fake credentials, and to take out what leads to real ones.
    """

    region: str
    fake_credentials: bool

    def over(self, originals: dict[str, str | None]) -> dict[str, str | None]:
        """Return the variables to set, and those to take out as `None`, given what they were before any fake."""
        changes: dict[str, str | None] = {}
        if self.fake_credentials:
            changes |= dict.fromkeys(_REMOVED) | _FAKE_CREDENTIALS
        if not originals[_REGION]:
            # Other SDKs read AWS_REGION; where only that is set, it is the region that is meant.
            changes[_REGION] = os.environ.get("AWS_REGION") or self.region
        return changes


class FakeEnvironment:
    """The changes of all active fakes to `os.environ`, in the order in which they became active.

    The variables are what they were before when the last fake ends, in whatever order the fakes do.
    """

    def __init__(self) -> None:
        # By the id of the fake: what it has set, and as `None` what it has taken out.
        self._changed: dict[int, dict[str, str | None]] = {}
        self._ended: dict[str, str | None] = {}
        self._originals: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def begin(self, owner: object, changes: EnvironmentChanges) -> None:
        """Make the changes that a fake wants."""
        with self._lock:
            is_first = not self._changed
            if is_first:
                self._originals = current_variables()
            self._changed[id(owner)] = wanted = changes.over(self._originals)
            if is_first:  # what is to be taken out is seldom there
                wanted = {name: value for name, value in wanted.items() if value != self._originals[name]}
            _apply(wanted)

    def end(self, owner: object) -> None:
        """Take the changes of a fake back, and leave those of the others."""
        with self._lock:
            self._ended = self._changed.pop(id(owner))
            _apply(self._originals)
            for changed in self._changed.values():
                _apply(changed)

    def take_back(self, before: dict[str, str | None]) -> None:
        """Take back what somebody has brought back of the fake that has ended last.

        Who changes a variable under a fake, and undoes that when the fake has ended, as pytest's `monkeypatch` does
        where it was set up first, puts the fake's value there.

        Args:
            before: `current_variables` before anybody could have changed any. What is there again since is no fake's.
        """
        with self._lock:
            left = dict(self._originals)
            for changed in self._changed.values():
                left |= changed
            _apply(
                {
                    name: left[name]
                    for name, value in self._ended.items()
                    if os.environ.get(name) == value != before[name]
                }
            )


def current_variables() -> dict[str, str | None]:
    """Return what the environment holds of the variables that a fake may change; `None` for one that is not there."""
    return {name: os.environ.get(name) for name in _VARIABLES}


def endpoint_environment(url: str, region: str, *, fake_credentials: bool) -> dict[str, str]:
    """Return the variables that lead a program's SDK to an endpoint of ours.

    Args:
        url: Of the endpoint.
        region: For where the environment has none.
        fake_credentials: Whether to put in fake credentials, and to keep away from what is configured for real ones.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get(_REGION) or region
    variables = {
        **dict.fromkeys(_ENDPOINT_URLS, url),
        # A machine may be told to ignore such URLs, and the other two to refuse any that is not AWS's own.
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_USE_FIPS_ENDPOINT": "false",
        "AWS_USE_DUALSTACK_ENDPOINT": "false",
        # botocore and the AWS CLI read the one, all other SDKs the other.
        _REGION: os.environ.get(_REGION) or region,
        "AWS_REGION": region,
        **_without_proxy(url),
    }
    if fake_credentials:
        # Profiles are in those files, and with them endpoints, credentials, and programs that make some.
        files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        variables |= _FAKE_CREDENTIALS | files
    return variables


def _without_proxy(url: str) -> dict[str, str]:
    """Return the variables that except a URL's host from the proxy, besides what they except already.

    Some programs read the name in upper case, some in lower case, and some both.
    """
    host = urlsplit(url).hostname
    return {name: ",".join(filter(None, (os.environ.get(name), host))) for name in ("NO_PROXY", "no_proxy")}


def _apply(changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


fake_environment: Final = FakeEnvironment()
"""Beside the stack of active fakes, the one for what they share with everybody: the process's environment."""
