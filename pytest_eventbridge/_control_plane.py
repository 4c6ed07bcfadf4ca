"""The operations on event buses, rules and targets, on the same objects that a test has in its hands.

Their texts were recorded from AWS in 2024 (LocalStack's snapshots), except where it says otherwise. What the service
says or does where nothing was recorded or documented is not invented: the fake accepts.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, NoReturn, final

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._control_plane_constraints import OPERATIONS, find_control_plane_error
from pytest_eventbridge._event_buses import DEFAULT_BUS, EventBuses, bus_name_of
from pytest_eventbridge._inputs import InvalidInputError
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._pattern._event_pattern import EventPattern
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._routing import Rules
from pytest_eventbridge._rules import DISABLED, ENABLED, Rule, rule_arn, rule_target
from pytest_eventbridge._test_event_pattern import answer_test_event_pattern
from pytest_eventbridge.exceptions import InvalidEventPattern

_ARN: Final = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+")
_SCHEDULE: Final = re.compile(r"(rate|cron)\(.+\)")

# Digits in the token of a page; no list of a test is longer.
_MAX_START_LENGTH: Final = 9

# What DescribeRule and ListRules tell of a rule as PutRule was given it.
_SETTINGS: Final = ("EventPattern", "Description", "RoleArn", "ScheduleExpression")

Params = dict[str, Any]
Result = dict[str, Any]


class _Request(NamedTuple):
    """A request whose form is in order.

    Attributes:
        params: Its members, decoded from the wire.
        origin: Where it comes from.
    """

    params: Params
    origin: Origin


class _RefusedError(Exception):
    def __init__(self, error: RequestError) -> None:
        super().__init__(error.message)
        self.error = error


@final
class ControlPlane:
    """Answers the operations on event buses, rules and targets.

    Event buses and rules are the same in every region: those of an ARN are the ones of the client that made the rule,
    or asks for the event bus.

    Args:
        account_id: The account in ARNs.
        event_buses: The event buses of the fake.
        rules: Its rules.
        recorder: Its record, whose lock keeps others out meanwhile.
    """

    def __init__(self, account_id: str, event_buses: EventBuses, rules: Rules, recorder: Recorder) -> None:
        self._account_id = account_id
        self._event_buses = event_buses
        self._rules = rules
        self._lock = recorder.lock

    def plays(self, service: str, operation: str) -> bool:
        """Say whether an operation of a service is one of those."""
        return service == "events" and operation in OPERATIONS

    def answer(self, params: Any, origin: Origin) -> Result | RequestError:
        """Answer a request.

        Args:
            params: The request, decoded from the wire; `None` when it could not be.
            origin: Where it comes from, and which operation it asks for.

        Returns:
            The members of the response, with times in seconds since the epoch; or why it is refused.
        """
        error = find_control_plane_error(origin.operation, params)
        if error is not None:
            return error
        play = _PLAYS[origin.operation]
        with self._lock:
            try:
                return play(self, _Request(params, origin)) or {}
            except _RefusedError as refused:
                return refused.error

    # --- event buses

    def _create_event_bus(self, request: _Request) -> Result:
        name = request.params["Name"]
        if self._event_buses.is_known(name):
            _refuse("ResourceAlreadyExistsException", f"Event bus {name} already exists.")
        description = request.params.get("Description")
        self._event_buses.create(name, description)
        described = {} if description is None else {"Description": description}
        return {"EventBusArn": self._bus_arn(name, request.origin), **described}

    def _describe_event_bus(self, request: _Request) -> Result:
        return self._described_bus(self._existing_bus(request, "Name"), request.origin)

    def _list_event_buses(self, request: _Request) -> Result:
        names = self._event_buses.names(rule.event_bus for rule in self._rules)
        prefix = request.params.get("NamePrefix") or ""
        page = _page([name for name in names if name.startswith(prefix)], request.params)
        return page.result("EventBuses", [self._described_bus(name, request.origin) for name in page.members])

    def _delete_event_bus(self, request: _Request) -> None:
        name = request.params["Name"]
        if name == DEFAULT_BUS:
            _refuse("ValidationException", "Cannot delete event bus default.")
        if any(rule.event_bus == name for rule in self._rules):
            # Reported by users of AWS, 2021 to 2024.
            _refuse("ValidationException", "EventBus can't be deleted since it has rules.")
        self._event_buses.delete(name)

    def _described_bus(self, name: str, origin: Origin) -> Result:
        event_bus = self._event_buses.find(name)
        result = {
            "Name": name,
            "Arn": self._bus_arn(name, origin),
            "CreationTime": event_bus.created_at,
            "LastModifiedTime": event_bus.created_at,
        }
        return result if event_bus.description is None else {**result, "Description": event_bus.description}

    def _existing_bus(self, request: _Request, member: str = "EventBusName") -> str:
        given = request.params.get(member)
        name = bus_name_of(given)
        if not self._event_buses.has(given):
            _refuse("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return name

    def _bus_arn(self, name: str, origin: Origin) -> str:
        return f"arn:{origin.partition}:events:{origin.region}:{self._account_id}:event-bus/{name}"

    # --- rules

    def _put_rule(self, request: _Request) -> Result:
        event_bus = self._existing_bus(request)
        pattern_json, schedule = request.params.get("EventPattern"), request.params.get("ScheduleExpression")
        self._check_trigger(event_bus, pattern_json, schedule)
        pattern = _pattern(pattern_json) if pattern_json else None
        name, origin = request.params["Name"], request.origin
        rule = self._rules.find(event_bus, name)
        if rule is None:
            arn = rule_arn(origin.partition, origin.region, self._account_id, event_bus, name)
            rule = Rule(name=name, arn=arn, event_bus=event_bus, pattern=pattern)
            self._rules.add(rule)
        # What is not given is reset: PutRule overwrites (API reference).
        self._rules.change(rule, state=request.params.get("State") or ENABLED, pattern=pattern)
        rule.settings = {member: request.params[member] for member in _SETTINGS if request.params.get(member)}
        return {"RuleArn": rule.arn}

    def _check_trigger(self, event_bus: str, pattern_json: str | None, schedule: str | None) -> None:
        if not pattern_json and not schedule:
            _refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if schedule and event_bus != DEFAULT_BUS:
            _refuse("ValidationException", "ScheduleExpression is supported only on the default event bus.")
        if schedule and not _SCHEDULE.fullmatch(schedule):
            _refuse("ValidationException", "Parameter ScheduleExpression is not valid.")

    def _describe_rule(self, request: _Request) -> Result:
        return {**_described_rule(self._existing_rule(request)), "CreatedBy": self._account_id}

    def _list_rules(self, request: _Request) -> Result:
        event_bus = self._existing_bus(request)
        prefix = request.params.get("NamePrefix") or ""
        rules = [rule for rule in self._rules if rule.event_bus == event_bus and rule.name.startswith(prefix)]
        page = _page(sorted(rules, key=lambda rule: rule.name), request.params)
        return page.result("Rules", [_described_rule(rule) for rule in page.members])

    def _enable_rule(self, request: _Request) -> None:
        self._set_state(request, ENABLED)

    def _disable_rule(self, request: _Request) -> None:
        self._set_state(request, DISABLED)

    def _set_state(self, request: _Request, state: str) -> None:
        rule = self._existing_rule(request)
        self._rules.change(rule, state=state, pattern=rule.pattern)

    def _delete_rule(self, request: _Request) -> None:
        rule = self._rules.find(self._existing_bus(request), request.params["Name"])
        if rule is None:
            return  # what the service says is unknown
        if rule.targets:
            _refuse("ValidationException", "Rule can't be deleted since it has targets.")
        self._rules.remove(rule)

    def _existing_rule(self, request: _Request, member: str = "Name") -> Rule:
        event_bus = self._existing_bus(request)
        rule = self._rules.find(event_bus, request.params[member])
        if rule is None:
            message = f"Rule {request.params[member]} does not exist on EventBus {event_bus}."
            _refuse("ResourceNotFoundException", message)
        return rule

    # --- targets

    def _put_targets(self, request: _Request) -> Result:
        rule = self._existing_rule(request, "Rule")
        targets = dict(rule.targets)
        for definition in request.params["Targets"]:
            if not _ARN.fullmatch(definition["Arn"]):
                # As emulators have it, whose text for the whole request is that of AWS (moto).
                reason = "Reason: Provided Arn is not in correct format."
                _refuse("ValidationException", f"Parameter {definition['Arn']} is not valid. {reason}")
            try:
                targets[definition["Id"]] = rule_target(definition)
            except InvalidInputError as error:
                _refuse("ValidationException", str(error))
        if len(targets) > max(_limits.MAX_TARGET_COUNT, len(rule.targets)):
            _refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
        rule.targets = targets
        return _NONE_FAILED

    def _list_targets_by_rule(self, request: _Request) -> Result:
        page = _page(list(self._existing_rule(request, "Rule").targets.values()), request.params)
        return page.result("Targets", [target.definition for target in page.members])

    def _list_rule_names_by_target(self, request: _Request) -> Result:
        event_bus = self._existing_bus(request)
        arn = request.params["TargetArn"]
        rules = [rule for rule in self._rules if rule.event_bus == event_bus]
        names = [rule.name for rule in rules if any(target.arn == arn for target in rule.targets.values())]
        page = _page(sorted(names), request.params)
        return page.result("RuleNames", page.members)

    def _remove_targets(self, request: _Request) -> Result:
        rule = self._existing_rule(request, "Rule")
        # What the service says of an id that is not there is unknown.
        rule.targets = {key: target for key, target in rule.targets.items() if key not in request.params["Ids"]}
        return _NONE_FAILED

    # --- patterns

    def _test_event_pattern(self, request: _Request) -> Result:
        answer = answer_test_event_pattern(request.params["Event"], request.params["EventPattern"])
        if isinstance(answer, RequestError):
            _refuse(answer.code, answer.message, answer.status)
        return {**answer}


_NONE_FAILED: Final[Result] = {"FailedEntries": [], "FailedEntryCount": 0}

# The method for each operation.
_PLAYS: Final[dict[str, Callable[[ControlPlane, _Request], Result | None]]] = {
    "CreateEventBus": ControlPlane._create_event_bus,
    "DescribeEventBus": ControlPlane._describe_event_bus,
    "ListEventBuses": ControlPlane._list_event_buses,
    "DeleteEventBus": ControlPlane._delete_event_bus,
    "PutRule": ControlPlane._put_rule,
    "DescribeRule": ControlPlane._describe_rule,
    "ListRules": ControlPlane._list_rules,
    "EnableRule": ControlPlane._enable_rule,
    "DisableRule": ControlPlane._disable_rule,
    "DeleteRule": ControlPlane._delete_rule,
    "PutTargets": ControlPlane._put_targets,
    "ListTargetsByRule": ControlPlane._list_targets_by_rule,
    "ListRuleNamesByTarget": ControlPlane._list_rule_names_by_target,
    "RemoveTargets": ControlPlane._remove_targets,
    "TestEventPattern": ControlPlane._test_event_pattern,
}


class _Page:
    """A part of a list, and where the next one begins."""

    def __init__(self, members: Sequence[Any], end: int | None) -> None:
        self.members = members
        self._end = end

    def result(self, name: str, members: Sequence[Any]) -> Result:
        result: Result = {name: list(members)}
        if self._end is not None:
            result["NextToken"] = base64.b64encode(str(self._end).encode()).decode()
        return result


def _page(members: Sequence[Any], params: Params) -> _Page:
    start = _start_of(params.get("NextToken"))
    end = start + (params.get("Limit") or _limits.MAX_PAGE_LENGTH)
    return _Page(members[start:end], end if end < len(members) else None)


def _start_of(token: str | None) -> int:
    if token is None:
        return 0
    try:
        start = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        start = b""
    if not start.isdigit() or len(start) > _MAX_START_LENGTH:
        # Which text the service has for it is unknown; that no page can follow is not.
        _refuse("ValidationException", "Parameter NextToken is not valid.")
    return int(start)


def _described_rule(rule: Rule) -> Result:
    return {
        "Name": rule.name,
        "Arn": rule.arn,
        "State": rule.state,
        "EventBusName": rule.event_bus,
        **rule.settings,
    }


def _pattern(pattern_json: str) -> EventPattern:
    try:
        return EventPattern(pattern_json)
    except InvalidEventPattern as error:
        _refuse("InvalidEventPatternException", str(error))


def _refuse(code: str, message: str, status: int = 400) -> NoReturn:
    raise _RefusedError(RequestError(code=code, message=message, status=status))
