"""The service's operation TestEventPattern: does a pattern match an event, both given as JSON text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from pytest_eventbridge._constraints import RequestError, iter_text_violations, validation_error
from pytest_eventbridge._limits import MAX_PATTERN_LENGTH
from pytest_eventbridge._pattern._event_pattern import EventPattern
from pytest_eventbridge._pattern._event_text import parse_event
from pytest_eventbridge._pattern._values import Repeated
from pytest_eventbridge.exceptions import InvalidEventPattern

# What an event must have. `version`, `resources` and `detail` may be missing, which is recorded.
_REQUIRED: Final = ("id", "detail-type", "source", "account", "time", "region")

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)


def answer_test_event_pattern(event: str, pattern: str) -> dict[str, bool] | RequestError:
    """Answer a call of TestEventPattern.

    Args:
        event: The parameter `Event`: the envelope, as JSON text.
        pattern: The parameter `EventPattern`: JSON text.

    Returns:
        The response, or the error in its place.

    Source: responses recorded from AWS between 2024 and October 2025; the text for a pattern that is too long has the
    form of the service's other violations.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        return validation_error(list(iter_text_violations(pattern, "eventPattern", MAX_PATTERN_LENGTH)))
    envelope = parse_event(event)
    if envelope is None or any(name not in envelope for name in _REQUIRED):
        return RequestError(code="ValidationException", message="Parameter Event is not valid.")
    if not _is_time(envelope["time"]):
        message = "Parameter Event is not valid. Reason: Invalid time."
        return RequestError(code="ValidationException", message=message)
    try:
        return {"Result": EventPattern(pattern).matches(envelope)}
    except InvalidEventPattern as error:
        if error.is_internal:
            return RequestError(code="InternalFailure", message="", status=500)
        return RequestError(code="InvalidEventPatternException", message=str(error))


def _is_time(value: Any) -> bool:
    if isinstance(value, Repeated):
        value = value.values[-1]
    written = _TIME.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        return False
    try:
        datetime.fromisoformat(written[1])
    except ValueError:
        return False
    return True
