"""What the environment has to hold for a client to be made with no configuration at all."""

from __future__ import annotations

import os
from typing import Final

_FAKE_CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
# botocore refuses to make any client when one of these names a profile that the machine does not have.
_PROFILE_NAMES: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class FakeEnvironment:
    """Changes of `os.environ` that can be taken back.

    Args:
        region: The default region, put in where there is none.
        fake_credentials: Whether to put in fake credentials and to take out the name of a profile.
    """

    def __init__(self, *, region: str, fake_credentials: bool) -> None:
        self._changes: dict[str, str | None] = {}
        if fake_credentials:
            self._changes |= dict.fromkeys(_PROFILE_NAMES) | _FAKE_CREDENTIALS
        self._region = region
        self._previous: dict[str, str | None] = {}

    def install(self) -> None:
        """Make the changes."""
        changes = dict(self._changes)
        if "AWS_DEFAULT_REGION" not in os.environ:
            # Other SDKs read AWS_REGION; where only that is set, it is the region that is meant.
            changes["AWS_DEFAULT_REGION"] = os.environ.get("AWS_REGION", self._region)
        self._previous = {name: os.environ.get(name) for name in changes}
        _apply(changes)

    def undo(self) -> None:
        """Put back what was there before."""
        _apply(self._previous)


def _apply(changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
