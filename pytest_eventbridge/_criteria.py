"""What each criterion may be given: what could match nothing is refused, the rest is brought into one form."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from numbers import Number
from typing import Any, Final, TypeAlias
from uuid import UUID

from pytest_eventbridge._detail import MalformedDetailError, decode_json, with_room
from pytest_eventbridge._limits import NAME_PATTERN
from pytest_eventbridge._matching import ABSENT, Absent, Exactly, bare, has_own_equality, key_path
from pytest_eventbridge._pattern._event_pattern import EventPattern

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# Types with an equality of their own, which no decoded JSON value ever satisfies.
_NEVER_JSON: Final = (set, frozenset, bytes, bytearray, date, UUID)

# Types of values, not of matchers, which neither a text nor a list of texts ever equals.
_NO_TEXTS: Final = (type(None), Absent, Number, Mapping, list, tuple, *_NEVER_JSON)

# What most expected values are, and nothing has to be checked of.
_PLAIN_TYPES: Final = (str, int, float, bool)

_Check: TypeAlias = Callable[[str, Any], Any]


def checked_criterion(name: str, value: Any) -> Any:
    """Return the value of a criterion in the form in which it is compared.

    Args:
        name: The criterion.
        value: Its value, as the test gave it.

    Returns:
        An equal value; its dicts and lists are copies, which later changes to the caller's do not reach. A `time` is an
        aware `datetime`, a `pattern` an `EventPattern`.

    Raises:
        TypeError: It could match nothing.
        InvalidEventPattern: A pattern that the service would refuse.
    """
    return _CHECKS[name](name, value)


def check_expected(value: Any, path: str) -> Any:
    """Refuse what can only be a mistake in an expected JSON value, and copy its containers.

    Args:
        value: The expected value, with matchers as leaves.
        path: Where it stands, for the message.

    Returns:
        The same value; its dicts and lists are copies, which later changes to the caller's do not reach.

    Raises:
        TypeError: A dict key that is no string; a class where a value or a matcher is due; an object that can equal
            nothing but itself.
    """
    if value is None or type(value) in _PLAIN_TYPES:
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{path}: {key!r} is not a string; the keys of a JSON object are strings.")
        return {key: check_expected(member, key_path(path, key)) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [check_expected(member, f"{path}[{index}]") for index, member in enumerate(value)]
    if isinstance(value, Exactly):
        return Exactly(check_expected(value.value, path))
    _refuse_no_predicate(path, value)
    if isinstance(value, _NEVER_JSON) or (value is not ABSENT and _equals_only_itself(value)):
        raise TypeError(
            f"{path}: {value!r} can equal no JSON value{_sent_as(value)}. Allowed: JSON values, an object with its own "
            "__eq__, a compiled regular expression, a function of one argument, Exactly, ABSENT."
        )
    return value


def _sent_as(value: Any) -> str:
    """Say what becomes of a value that encoders are often told to write as a string."""
    if not isinstance(value, (date, UUID)):
        return ""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"; it arrives as a string, such as {text!r}"


def _checked_text(name: str, value: Any, required: str = "a string", hint: str = "") -> Any:
    value = bare(value)  # of one text `Exactly` says nothing
    if isinstance(value, str):
        return value
    return _checked_matcher(name, value, required, hint)


def _checked_optional_text(name: str, value: Any) -> Any:
    value = bare(value)
    return value if value is ABSENT else _checked_text(name, value, hint=" To demand that there is none, give ABSENT.")


def _checked_event_bus(name: str, value: Any) -> Any:
    value = _checked_text(name, value)
    # No name: what a partner's event has, and the name and the ARN that PutEvents itself would refuse.
    if isinstance(value, str) and value and not value.startswith("arn:") and not re.fullmatch(NAME_PATTERN, value):
        hint = " The events of a partner are found by source." if value.startswith("aws.partner/") else ""
        raise TypeError(f"{name}: the name of an event bus, its ARN or a matcher is required, not {value!r}.{hint}")
    return value


def _checked_time(name: str, value: Any) -> Any:
    value = bare(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise TypeError(f"{name}: {value!r} is no ISO 8601 date and time.") from None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return _checked_text(name, value, "a datetime, an ISO 8601 text")


def _checked_resources(name: str, value: Any) -> Any:
    if isinstance(value, Exactly):
        return Exactly(_checked_resources(name, value.value))
    if isinstance(value, (str, re.Pattern)):
        kind = "string" if isinstance(value, str) else "regular expression"
        raise TypeError(f"{name}: a list of ARNs is required, not the single {kind} {value!r}.")
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)  # in an order that is the same in each run
    if isinstance(value, (list, tuple)):
        return [_checked_text(f"{name}[{index}]", member) for index, member in enumerate(value)]
    return _checked_matcher(name, value, "a list of ARNs")


def _checked_detail(name: str, value: Any) -> Any:
    inner = bare(value)
    if inner is ABSENT:
        raise _refusal(name, inner, "a JSON value")
    # The Detail of an event on a Custom Event Bus may be a string, though hardly one that is an object's text.
    decoded = _decoded(inner) if isinstance(inner, str) and inner.lstrip()[:1] in ("{", "[") else None
    if decoded is not None:
        kind = "object" if isinstance(decoded, dict) else "list"
        raise TypeError(f"{name}: the decoded {kind} is required, not its JSON text {inner!r}.")
    return with_room(lambda value: check_expected(value, name), value)


def _checked_pattern(_name: str, value: Any) -> EventPattern:
    return value if isinstance(value, EventPattern) else EventPattern(value)


def _checked_where(name: str, value: Any) -> Any:
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name}: a function of one CapturedEvent is required, not {value!r}.")
    _refuse_no_predicate(name, value)
    return value


_CHECKS: Final[dict[str, _Check]] = {
    "source": _checked_text,
    "detail_type": _checked_text,
    "event_bus": _checked_event_bus,
    "time": _checked_time,
    "trace_header": _checked_optional_text,
    "event_group_id": _checked_optional_text,
    "resources": _checked_resources,
    "detail": _checked_detail,
    "pattern": _checked_pattern,
    "where": _checked_where,
}


def _checked_matcher(name: str, value: Any, required: str, hint: str = "") -> Any:
    _refuse_no_predicate(name, value)
    if isinstance(value, _NO_TEXTS) or _equals_only_itself(value):
        raise _refusal(name, value, required, hint)
    return value


def _refuse_no_predicate(name: str, value: Any) -> None:
    """Refuse what is callable and no predicate: a class, and what returns a coroutine, which is always true."""
    if isinstance(value, type) and type(value).__eq__ is type.__eq__:
        raise TypeError(
            f"{name}: the class {value.__qualname__} equals no JSON value. "
            f"To match by type, give a function: lambda value: isinstance(value, {value.__qualname__})."
        )
    call = type(value).__call__ if callable(value) else None
    if inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(call):
        raise TypeError(f"{name}: {value!r} is a coroutine function; a predicate answers at once.")


def _refusal(name: str, value: Any, required: str, hint: str = "") -> TypeError:
    return TypeError(f"{name}: {required} or a matcher is required, not {value!r}.{hint}")


def _equals_only_itself(value: Any) -> bool:
    if isinstance(value, (type, re.Pattern)):
        return False
    return not has_own_equality(value) and not callable(value)


def _decoded(text: str) -> Any:
    try:
        return decode_json(text)
    except MalformedDetailError:
        return None
