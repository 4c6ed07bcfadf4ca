"""What the service demands of a PutEvents request as a whole, before it looks at any entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from types import NoneType
from typing import Any, Final, NamedTuple

from pytest_eventbridge import _limits

_EVENT_BUS_NAME: Final = re.compile(_limits.EVENT_BUS_NAME_PATTERN, re.ASCII)
_ENDPOINT_ID: Final = re.compile(_limits.ENDPOINT_ID_PATTERN, re.ASCII)

_TEXT_MEMBERS: Final = frozenset({"Source", "DetailType", "Detail", "EventBusName", "TraceHeader"})

# Recorded from AWS.
OVER_THE_LIMIT: Final = "Total size of the entries in the request is over the limit."

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestError:
    """Why a whole request is refused.

    Attributes:
        code: The error code.
        message: The service's text.
        status: The HTTP status.
    """

    code: str
    message: str
    status: int = 400


class EntryForm(NamedTuple):
    """What an operation calls its entries, and how many it takes.

    Attributes:
        name: The name of the structure.
        printed_members: Its members, in the order in which the service prints them.
        max_count: How many entries a request may have.
    """

    name: str
    printed_members: tuple[str, ...]
    max_count: int


# The members with the two that no client can set (recorded).
_FORM: Final = EntryForm(
    name="PutEventsRequestEntry",
    printed_members=(
        "Time",
        "Source",
        "Resources",
        "DetailType",
        "Detail",
        "EventBusName",
        "TraceHeader",
        "KmsKeyIdentifier",
        "InternalMetadata",
    ),
    max_count=_limits.MAX_ENTRY_COUNT,
)


def find_request_error(
    params: Any,
    body_bytes: int,
    max_request_bytes: int,
    iter_violations: Callable[[Mapping[str, Any]], Iterator[str]] | None = None,
) -> RequestError | None:
    """Return why the classic service refuses a request that publishes events as a whole; `None` when it does not.

    Args:
        params: The request, decoded from the wire; `None` when it could not be.
        body_bytes: The length of the body it was decoded from.
        max_request_bytes: What the entries' sizes may add up to.
        iter_violations: Yields what in the request breaks a constraint of its operation; `None`: of PutEvents.

    Source: the texts for too many entries, for a bus name and for the size were recorded from AWS or reported by
        users of it; the grammar of the others is the same, their limits are in the service model.
    """
    if not _has_the_right_types(params):
        # The service cannot even read it; botocore's parameter validation keeps such a request from leaving.
        return RequestError(code="SerializationException", message="")
    violations = list((iter_violations or _iter_violations)(params))
    if violations:
        return validation_error(violations)
    # Whatever counts takes as many bytes in the body, or more: most requests need no sum.
    if body_bytes > max_request_bytes and sum(map(entry_size_bytes, params["Entries"])) > max_request_bytes:
        return RequestError(code="ValidationException", message=OVER_THE_LIMIT)
    return None


def entry_size_bytes(entry: Mapping[str, Any]) -> int:
    """Return what an entry counts for against the request's limit, in bytes.

    `EventBusName` and `TraceHeader` count for nothing.

    Source: user guide, "Calculating PutEvents event entry size".
    """
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")]
    texts += (resource for resource in entry.get("Resources") or () if resource is not None)
    # A lone surrogate is valid in a Python string and in JSON escapes, though not in UTF-8.
    size = len("".join(texts).encode("utf-8", "surrogatepass"))
    return size if entry.get("Time") is None else size + _limits.TIME_BYTES


def moment_of(seconds: float | None) -> datetime | None:
    """Return the aware UTC moment of a timestamp on the wire; `None` when a `datetime` cannot hold it.

    Args:
        seconds: Since the epoch; `None` when the entry has no `Time`.
    """
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None


def _has_the_right_types(params: object) -> bool:
    if not isinstance(params, dict) or not isinstance(params.get("EndpointId"), (str, NoneType)):
        return False
    entries = params.get("Entries")
    if entries is None:
        return True
    return isinstance(entries, list) and all(map(_has_the_right_member_types, entries))


def _has_the_right_member_types(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    for name, value in entry.items():
        # What JSON decodes to, to the very type: a boolean is no number.
        if name in _TEXT_MEMBERS:
            if type(value) is str:
                continue
            is_right = False
        elif name == "Time":
            is_right = type(value) in (int, float)
        elif name == "Resources":
            is_right = type(value) is list and all(type(resource) in (str, NoneType) for resource in value)
        else:
            continue
        if not is_right and value is not None:
            return False
    return True


def _iter_violations(params: Mapping[str, Any]) -> Iterator[str]:
    entries: Sequence[Mapping[str, Any]] | None = params.get("Entries")
    if entries is None or not 1 <= len(entries) <= _limits.MAX_ENTRY_COUNT:
        yield from iter_count_violations(entries, _FORM)
    for number, entry in enumerate(entries or (), 1):
        if (name := entry.get("EventBusName")) is not None:
            path = f"entries.{number}.member.eventBusName"
            yield from iter_text_violations(name, path, _limits.MAX_EVENT_BUS_NAME_LENGTH, _EVENT_BUS_NAME)
        if (header := entry.get("TraceHeader")) is not None:
            path = f"entries.{number}.member.traceHeader"
            yield from iter_text_violations(header, path, _limits.MAX_TRACE_HEADER_LENGTH)
    if (endpoint_id := params.get("EndpointId")) is not None:
        yield from iter_text_violations(endpoint_id, "endpointId", _limits.MAX_ENDPOINT_ID_LENGTH, _ENDPOINT_ID)


def iter_count_violations(entries: Sequence[Mapping[str, Any]] | None, form: EntryForm) -> Iterator[str]:
    """Yield what is wrong with the number of entries."""
    if entries is None:
        yield "Value null at 'entries' failed to satisfy constraint: Member must not be null"
    elif not entries:
        yield violation("[]", "entries", "Member must have length greater than or equal to 1")
    elif len(entries) > form.max_count:
        printed = f"[{', '.join(_print_entry(entry, form) for entry in entries)}]"
        yield violation(printed, "entries", _at_most(form.max_count))


def validation_error(violations: Sequence[str]) -> RequestError:
    """Return the error that tells of violations."""
    errors = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
    return RequestError(code="ValidationException", message=f"{errors} detected: {'; '.join(violations)}")


def iter_text_violations(
    text: str, path: str, max_length: int | None, pattern: re.Pattern[str] | None = None
) -> Iterator[str]:
    """Yield what is wrong with a text that may not be empty.

    Args:
        text: The text.
        path: Where it stands in the request, as the service names it.
        max_length: In characters; `None` when it has no limit.
        pattern: What all of it has to match.
    """
    if not text:
        yield violation(text, path, "Member must have length greater than or equal to 1")
    if max_length is not None and len(text) > max_length:
        yield violation(text, path, _at_most(max_length))
    if pattern is not None and pattern.fullmatch(text) is None:
        yield violation(text, path, f"Member must satisfy regular expression pattern: {pattern.pattern}")


def violation(value: str, path: str, constraint: str) -> str:
    """Return the service's text for a value that breaks a constraint."""
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _at_most(length: int) -> str:
    return f"Member must have length less than or equal to {length}"


def _print_entry(entry: Mapping[str, Any], form: EntryForm) -> str:
    members = (f"{name[0].lower()}{name[1:]}={_print_member(entry.get(name))}" for name in form.printed_members)
    return f"{form.name}({', '.join(members)})"


def _print_member(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_print_member, value))}]"
    if isinstance(value, (int, float)):
        moment = moment_of(value)
        return str(value) if moment is None else _print_moment(moment)
    return str(value)


def _print_moment(moment: datetime) -> str:
    """Print a moment as Java's `Date.toString` does; not by `strftime`, which would follow the locale."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day:02} {moment.hour:02}:{moment.minute:02}:{moment.second:02} UTC {moment.year}"
