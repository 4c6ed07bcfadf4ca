"""Where a key may be that is missing from the place where it was expected."""

from __future__ import annotations

import difflib
import re
from typing import Any, Final

from pytest_eventbridge._matching import key_path
from pytest_eventbridge._model import CapturedEvent

# A step of a mismatch's path: a key after a dot or at the start, or what stands in brackets.
_STEP: Final = re.compile(r"""(?:^|\.)([^.\[]+)|\[['"]?(.*?)['"]?\]""")

# Characters of a key that is compared with others: that takes the product of their lengths.
_KEY_LENGTH: Final = 100

# How alike two keys are, from 0 to 1: with a typo, and at the least (difflib's own default).
_TYPO: Final = 0.8
_ALIKE: Final = 0.6


def find_nearby(path: str, event: CapturedEvent) -> str | None:
    """Return what is there instead of a missing key: a key as its `repr`, or the path of one elsewhere.

    Args:
        path: Of the mismatch.
        event: The event that it is of.
    """
    in_event = path.removeprefix("pattern.")
    *around, last = _STEP.finditer(in_event)
    value: Any = {"detail": event.compared_detail()} if in_event == path else event.to_dict()
    for step in map(_key_of, around):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        return None
    key, place = _key_of(last), in_event[: last.start()]
    return (
        _read_as_path(key, place, value)
        or _spelled_like(key, value, _TYPO)
        or _one_level_deeper(key, place, value)
        or _spelled_like(key, value, _ALIKE)
    )


def _key_of(step: re.Match[str]) -> str:
    return step[1] or step[2]


def _read_as_path(key: str, place: str, value: dict[str, Any]) -> str | None:
    """Return the path that a key with dots in it is where each dot leads one level deeper."""
    inner: Any = value
    for step in key.split("."):
        if not isinstance(inner, dict) or step not in inner:
            return None
        inner, place = inner[step], _path_within(place, step)
    return place


def _spelled_like(key: str, value: dict[str, Any], cutoff: float) -> str | None:
    if len(key) > _KEY_LENGTH:
        return None
    keys = [other for other in value if len(other) <= _KEY_LENGTH]
    return next((repr(other) for other in difflib.get_close_matches(key, keys, n=1, cutoff=cutoff)), None)


def _one_level_deeper(key: str, place: str, value: dict[str, Any]) -> str | None:
    deeper = (other for other, member in value.items() if isinstance(member, dict) and key in member)
    return next((_path_within(_path_within(place, other), key) for other in deeper), None)


def _path_within(place: str, key: str) -> str:
    return key_path(place, key).removeprefix(".")  # nothing is around the members of the envelope
