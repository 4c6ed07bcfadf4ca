"""What the service demands of a request about event buses, rules and targets, before it looks at what there is.

Source: botocore's service model of 2015-10-07; the grammar of the texts was recorded from AWS.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import RequestError, validation_error
from pytest_eventbridge._request_members import (
    Choice,
    List,
    Member,
    Number,
    Structure,
    Text,
    TextMap,
    WrongTypeError,
)

_NAME: Final = re.compile(_limits.NAME_PATTERN, re.ASCII)

_RULE_NAME: Final = Text(max_length=64, pattern=_NAME, is_required=True)
_RULE_PREFIX: Final = replace(_RULE_NAME, is_required=False)
_BUS_NAME: Final = Text(max_length=256, pattern=re.compile(r"[/\.\-_A-Za-z0-9]+", re.ASCII), is_required=True)
_BUS_PREFIX: Final = replace(_BUS_NAME, is_required=False)
_BUS: Final = Text(max_length=1600, pattern=re.compile(_limits.EVENT_BUS_NAME_OR_ARN_PATTERN, re.ASCII))
_ARN: Final = Text(max_length=1600, is_required=True)
_PAGE: Final[dict[str, Member]] = {
    "NextToken": Text(max_length=2048),
    "Limit": Number(least=1, most=_limits.MAX_PAGE_LENGTH),
}
_RULE: Final[dict[str, Member]] = {"Name": _RULE_NAME, "EventBusName": _BUS}
_TARGETS_OF: Final[dict[str, Member]] = {"Rule": _RULE_NAME, "EventBusName": _BUS}
_TRANSFORMER: Final = Structure(
    members={"InputPathsMap": TextMap(), "InputTemplate": Text(max_length=8192, is_required=True)}
)
_TARGET: Final = Structure(
    members={
        "Id": _RULE_NAME,
        "Arn": _ARN,
        "Input": Text(max_length=8192, may_be_empty=True),
        "InputPath": Text(max_length=256, may_be_empty=True),
        "InputTransformer": _TRANSFORMER,
    }
)
_STATES: Final = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
_DESCRIPTION: Final = Text(max_length=512, may_be_empty=True)

# Each operation that is played, and the members of its request that are looked at.
_REQUESTS: Final[dict[str, dict[str, Member]]] = {
    "CreateEventBus": {"Name": _BUS_NAME, "Description": _DESCRIPTION},
    "DescribeEventBus": {"Name": _BUS},
    "ListEventBuses": {"NamePrefix": _BUS_PREFIX, **_PAGE},
    "DeleteEventBus": {"Name": _BUS_NAME},
    "PutRule": {
        **_RULE,
        "ScheduleExpression": Text(max_length=256, may_be_empty=True),
        "EventPattern": Text(max_length=4096, may_be_empty=True),
        "State": Choice(values=_STATES),
        "Description": _DESCRIPTION,
        "RoleArn": Text(max_length=1600),
    },
    "DescribeRule": _RULE,
    "ListRules": {"NamePrefix": _RULE_PREFIX, "EventBusName": _BUS, **_PAGE},
    "EnableRule": _RULE,
    "DisableRule": _RULE,
    "DeleteRule": _RULE,
    "PutTargets": {**_TARGETS_OF, "Targets": List(member=_TARGET, max_length=100, is_required=True)},
    "ListTargetsByRule": {**_TARGETS_OF, **_PAGE},
    "ListRuleNamesByTarget": {"TargetArn": _ARN, "EventBusName": _BUS, **_PAGE},
    "RemoveTargets": {**_TARGETS_OF, "Ids": List(member=_RULE_NAME, max_length=100, is_required=True)},
    "TestEventPattern": {
        "EventPattern": Text(max_length=4096, may_be_empty=True, is_required=True),
        "Event": Text(may_be_empty=True, is_required=True),
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
        violations = list(Structure(members=_REQUESTS[operation]).iter_violations(params, ""))
    except WrongTypeError:
        return RequestError(code="SerializationException", message="")
    return validation_error(violations) if violations else None
