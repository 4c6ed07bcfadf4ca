"""What the service demands of a request about event buses, rules and targets, before it looks at what there is.

Source: botocore's service model of 2015-10-07; the grammar of the texts was recorded from AWS.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import RequestError, iter_text_violations, validation_error, violation


class _WrongTypeError(Exception):
    """A member has a type that the service cannot read.

    botocore keeps such a request from leaving, unless it is told not to validate.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member(ABC):
    """A member of a request.

    Attributes:
        is_required: Whether it has to be there.
    """

    is_required: bool = False

    @abstractmethod
    def iter_violations(self, value: Any, path: str) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text(_Member):
    """A text; the length is in characters."""

    max_length: int | None = None
    pattern: re.Pattern[str] | None = None
    may_be_empty: bool = False

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            raise _WrongTypeError
        if value or not self.may_be_empty:
            yield from iter_text_violations(value, path, self.max_length, self.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice(_Member):
    """One of some texts."""

    values: tuple[str, ...]

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if value not in self.values:
            yield violation(value, path, f"Member must satisfy enum value set: [{', '.join(self.values)}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number(_Member):
    """A whole number."""

    least: int
    most: int

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, int):
            raise _WrongTypeError
        if value < self.least:
            yield violation(str(value), path, f"Member must have value greater than or equal to {self.least}")
        if value > self.most:
            yield violation(str(value), path, f"Member must have value less than or equal to {self.most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _List(_Member):
    """A list; the lengths are in members."""

    member: _Member
    max_length: int

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            raise _WrongTypeError
        if not value:
            yield violation("[]", path, "Member must have length greater than or equal to 1")
        if len(value) > self.max_length:
            yield violation("[...]", path, f"Member must have length less than or equal to {self.max_length}")
        for number, one in enumerate(value, 1):
            yield from self.member.iter_violations(one, f"{path}.{number}.member")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Structure(_Member):
    """A structure, of which the members named here are looked at."""

    members: Mapping[str, _Member]

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            raise _WrongTypeError
        for name, member in self.members.items():
            place = f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")
            if value.get(name) is not None:
                yield from member.iter_violations(value[name], place)
            elif member.is_required:
                yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"


@dataclass(frozen=True, slots=True, kw_only=True)
class _TextMap(_Member):
    """A map of texts to texts, whose own limits the service's text is not known for."""

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:  # noqa: ARG002  # it finds none to place
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise _WrongTypeError
        yield from ()


_NAME: Final = re.compile(_limits.NAME_PATTERN, re.ASCII)

_RULE_NAME: Final = _Text(max_length=64, pattern=_NAME, is_required=True)
_RULE_PREFIX: Final = replace(_RULE_NAME, is_required=False)
_BUS_NAME: Final = _Text(max_length=256, pattern=re.compile(r"[/\.\-_A-Za-z0-9]+", re.ASCII), is_required=True)
_BUS_PREFIX: Final = replace(_BUS_NAME, is_required=False)
_BUS: Final = _Text(max_length=1600, pattern=re.compile(_limits.EVENT_BUS_NAME_OR_ARN_PATTERN, re.ASCII))
_ARN: Final = _Text(max_length=1600, is_required=True)
_PAGE: Final[dict[str, _Member]] = {
    "NextToken": _Text(max_length=2048),
    "Limit": _Number(least=1, most=_limits.MAX_PAGE_LENGTH),
}
_RULE: Final[dict[str, _Member]] = {"Name": _RULE_NAME, "EventBusName": _BUS}
_TARGETS_OF: Final[dict[str, _Member]] = {"Rule": _RULE_NAME, "EventBusName": _BUS}
_TRANSFORMER: Final = _Structure(
    members={"InputPathsMap": _TextMap(), "InputTemplate": _Text(max_length=8192, is_required=True)}
)
_TARGET: Final = _Structure(
    members={
        "Id": _RULE_NAME,
        "Arn": _ARN,
        "Input": _Text(max_length=8192, may_be_empty=True),
        "InputPath": _Text(max_length=256, may_be_empty=True),
        "InputTransformer": _TRANSFORMER,
    }
)
_STATES: Final = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
_DESCRIPTION: Final = _Text(max_length=512, may_be_empty=True)

# Each operation that is played, and the members of its request that are looked at.
_REQUESTS: Final[dict[str, dict[str, _Member]]] = {
    "CreateEventBus": {"Name": _BUS_NAME, "Description": _DESCRIPTION},
    "DescribeEventBus": {"Name": _BUS},
    "ListEventBuses": {"NamePrefix": _BUS_PREFIX, **_PAGE},
    "DeleteEventBus": {"Name": _BUS_NAME},
    "PutRule": {
        **_RULE,
        "ScheduleExpression": _Text(max_length=256, may_be_empty=True),
        "EventPattern": _Text(max_length=4096, may_be_empty=True),
        "State": _Choice(values=_STATES),
        "Description": _DESCRIPTION,
        "RoleArn": _Text(max_length=1600),
    },
    "DescribeRule": _RULE,
    "ListRules": {"NamePrefix": _RULE_PREFIX, "EventBusName": _BUS, **_PAGE},
    "EnableRule": _RULE,
    "DisableRule": _RULE,
    "DeleteRule": _RULE,
    "PutTargets": {**_TARGETS_OF, "Targets": _List(member=_TARGET, max_length=100, is_required=True)},
    "ListTargetsByRule": {**_TARGETS_OF, **_PAGE},
    "ListRuleNamesByTarget": {"TargetArn": _ARN, "EventBusName": _BUS, **_PAGE},
    "RemoveTargets": {**_TARGETS_OF, "Ids": _List(member=_RULE_NAME, max_length=100, is_required=True)},
    "TestEventPattern": {
        "EventPattern": _Text(max_length=4096, may_be_empty=True, is_required=True),
        "Event": _Text(may_be_empty=True, is_required=True),
    },
}

OPERATIONS: Final = frozenset(_REQUESTS)


def find_control_plane_error(operation: str, params: Any) -> RequestError | None:
    """Return why the service refuses a request for its form; `None` when it does not.

    Args:
        operation: One of `OPERATIONS`.
        params: The request, decoded from the wire; `None` when it could not be.
    """
    try:
        violations = list(_Structure(members=_REQUESTS[operation]).iter_violations(params, ""))
    except _WrongTypeError:
        return RequestError(code="SerializationException", message="")
    return validation_error(violations) if violations else None
