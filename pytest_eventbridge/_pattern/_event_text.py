"""Reading an event's JSON text so that no value is lost where a name is given twice."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from pytest_eventbridge._pattern._values import Repeated

# A string of a JSON text, and the colon after it when it is a name.
_STRING: Final = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(?:[ \t\n\r]*(:))?', re.DOTALL)


def parse_event(text: str) -> dict[str, Any] | None:
    """Return the event of a JSON text; `None` when it is no JSON object.

    Where an object has a name several times, all its values stand there as one `Repeated`. The numbers that JSON does
    not have, `NaN` and the infinite ones, are no JSON. Neither is what nests deeper than Python's parser goes, which is
    about where the service's stops: at 1,000 levels.
    """
    try:
        event = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def restore_repeated(envelope: dict[str, Any], detail_json: str) -> None:
    """Let an envelope have all the values of the names that stand several times in an object of its `Detail`.

    Args:
        envelope: With `detail` decoded the usual way, of which the last value of each name is left; where that is no
            object, because the service would not have it, it stays so.
        detail_json: The text.
    """
    if isinstance(envelope.get("detail"), dict) and may_repeat_names(detail_json):
        detail = parse_event(detail_json)
        if detail is not None:
            envelope["detail"] = detail


def may_repeat_names(text: str) -> bool:
    """Say whether an object may have a name twice, which costs far less than parsing.

    It errs on one side: another object may have the name, too, and an escape may stand for any letter.
    """
    names = [name for name, colon in _STRING.findall(text) if colon]
    return len(set(names)) < len(names) or any("\\" in name for name in names)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        for name in members:
            values = tuple(value for other, value in pairs if other == name)
            if len(values) > 1:
                members[name] = Repeated(values)
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON.")
