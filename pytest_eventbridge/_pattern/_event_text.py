"""Reading an event's JSON text so that no value is lost where a name is given twice."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pytest_eventbridge._pattern._values import Repeated


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
