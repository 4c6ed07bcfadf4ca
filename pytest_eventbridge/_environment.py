"""What the environment has to hold for a client to be made with no configuration at all."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Final

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
        self._changes: dict[int, EnvironmentChanges] = {}
        self._originals: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def begin(self, owner: object, changes: EnvironmentChanges) -> None:
        """Make the changes that a fake wants."""
        with self._lock:
            if not self._changes:
                self._originals = {name: os.environ.get(name) for name in (*_FAKE_CREDENTIALS, *_REMOVED, _REGION)}
            self._changes[id(owner)] = changes
            _apply(changes.over(self._originals))

    def end(self, owner: object) -> None:
        """Take the changes of a fake back, and leave those of the others."""
        with self._lock:
            del self._changes[id(owner)]
            _apply(self._originals)
            for changes in self._changes.values():
                _apply(changes.over(self._originals))


def _apply(changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


fake_environment: Final = FakeEnvironment()
"""Beside the stack of active fakes, the one for what they share with everybody: the process's environment."""
