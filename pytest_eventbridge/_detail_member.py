"""Reading one member of a `Detail` without decoding the others, which takes most of the time."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pytest_eventbridge._matching import ABSENT
from pytest_eventbridge._model import CapturedEvent

_COLON: Final = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()

_UNREADABLE: Final = object()


def read_member(event: CapturedEvent, key: str) -> Any:
    """Return what the `Detail` of an event holds at a key of its top level, as comparisons see it.

    Returns:
        The decoded value, new at each call; `ABSENT` when nothing is there, nor a JSON object at all.
    """
    # Only of an accepted event is it known that its Detail is JSON; on a Custom Event Bus it may be no object.
    is_accepted = event.event_id is not None
    if is_accepted and event.detail_json.startswith("{") and key not in event.call.ignore_detail_keys:
        value = _read(event.detail_json, key)
        if value is not _UNREADABLE:
            return value
    detail = event.compared_detail()
    return detail.get(key, ABSENT) if isinstance(detail, dict) else ABSENT


def _read(text: str, key: str) -> Any:
    """Return what the text of a JSON object holds at a key; `_UNREADABLE` where only decoding it all can tell."""
    quoted = f'"{key}"'
    if "\\" in text or '"' in key:
        return _UNREADABLE
    at = text.find(quoted)
    if at < 0:
        return ABSENT
    # Without escapes, quotes begin and end strings in turn: what is in even places is outside of strings.
    parts = text[:at].split('"')
    if len(parts) % 2 == 0 or text.find(quoted, at + 1) >= 0:
        return _UNREADABLE
    colon = _COLON.match(text, at + len(quoted))
    if _depth_after("".join(parts[::2])) != 1 or colon is None:
        return ABSENT  # the text has it once, further down or as a value
    try:
        return _DECODER.raw_decode(text, colon.end())[0]
    except (ValueError, RecursionError):  # more digits than CPython converts, or no room on the stack
        return _UNREADABLE


def _depth_after(structure: str) -> int:
    return structure.count("{") + structure.count("[") - structure.count("}") - structure.count("]")
