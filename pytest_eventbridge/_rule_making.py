"""Making a rule of what a test gives `add_rule`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pytest_eventbridge import _limits
from pytest_eventbridge._event_buses import EventBuses, bus_name_of
from pytest_eventbridge._inputs import InvalidInputError
from pytest_eventbridge._invocation import Target, checked_target, name_of
from pytest_eventbridge._options import Options
from pytest_eventbridge._pattern._event_pattern import EventPattern
from pytest_eventbridge._regions import partition_of
from pytest_eventbridge._routing import Rules
from pytest_eventbridge._rules import Rule, RuleTarget, rule_arn, rule_target
from pytest_eventbridge._spelling import unknown_name

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

_NAME: Final = re.compile(_limits.NAME_PATTERN, re.ASCII)
_NOT_IN_A_FUNCTION_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
_TARGET_ID: Final = "1"
_ARGUMENTS: Final = {"Input": "input", "InputPath": "input_path", "InputTransformer": "input_transformer"}
_TRANSFORMER_MEMBERS: Final = ("InputPathsMap", "InputTemplate")


def make_rule(
    rules: Rules,
    event_buses: EventBuses,
    options: Options,
    *,
    pattern: dict[str, Any] | str | EventPattern,
    target: object,
    name: object,
    event_bus: object,
    inputs: Mapping[str, Any],
) -> Rule:
    """Make a rule and put it behind those made before; see `add_rule`."""
    bus_name = _checked_event_bus(event_buses, event_bus)
    rule_name = _free_name(rules, bus_name) if name is None else _checked_name(rules, bus_name, name)
    compiled = pattern if isinstance(pattern, EventPattern) else EventPattern(pattern)
    rule = Rule(
        name=rule_name,
        arn=rule_arn(partition_of(options.region), options.region, options.account_id, bus_name, rule_name),
        event_bus=bus_name,
        pattern=compiled,
    )
    rule.settings["EventPattern"] = compiled.text
    if target is not None:
        rule.targets[_TARGET_ID] = _make_target(options, checked_target("target", target), inputs)
    elif inputs:
        raise TypeError(f"{_ARGUMENTS[next(iter(inputs))]}: it has no effect without a target.")
    rules.add(rule)
    return rule


def _checked_event_bus(event_buses: EventBuses, event_bus: object) -> str:
    if not isinstance(event_bus, str) or not event_bus:
        raise TypeError(f"event_bus: the name of an event bus or its ARN is required, not {event_bus!r}.")
    if not event_buses.has(event_bus):
        raise ValueError(unknown_name("event bus", event_bus, event_buses.names()))
    return bus_name_of(event_bus)


def _free_name(rules: Rules, event_bus: str) -> str:
    number = 1
    while rules.find(event_bus, f"rule-{number}") is not None:
        number += 1
    return f"rule-{number}"


def _checked_name(rules: Rules, event_bus: str, name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"name: a string is required, not {name!r}.")
    if not _NAME.fullmatch(name) or len(name) > _limits.MAX_RULE_NAME_LENGTH:
        raise ValueError(
            f"name: up to {_limits.MAX_RULE_NAME_LENGTH} letters, digits, dots, hyphens and underscores are required, "
            f"not {name!r}."
        )
    if rules.find(event_bus, name) is not None:
        raise ValueError(f"There is a rule {name!r} on the event bus {event_bus!r} already.")
    return name


def _make_target(options: Options, target: Target, inputs: Mapping[str, Any]) -> RuleTarget:
    if len(inputs) > 1:
        raise TypeError(f"Give one of {', '.join(_ARGUMENTS[member] for member in inputs)}.")
    function_name = _NOT_IN_A_FUNCTION_NAME.sub("", name_of(target)) or "function"
    region = options.region
    definition = {
        "Id": _TARGET_ID,
        "Arn": f"arn:{partition_of(region)}:lambda:{region}:{options.account_id}:function:{function_name}",
        **{member: _CHECKS[member](value) for member, value in inputs.items()},
    }
    try:
        return rule_target(definition, target)
    except InvalidInputError as error:
        raise ValueError(str(error)) from None


def _checked_input(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _checked_path(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"input_path: a JSON path is required, not {value!r}.")
    if not value.startswith("$"):
        raise ValueError(f"input_path: {value!r} leads nowhere, because a JSON path begins with '$'.")
    return value


def _checked_transformer(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not isinstance(value.get("InputTemplate"), str):
        raise TypeError(f"input_transformer: a dict with an InputTemplate is required, not {value!r}.")
    for member in value:
        if member not in _TRANSFORMER_MEMBERS:
            raise TypeError(unknown_name("member of input_transformer", str(member), _TRANSFORMER_MEMBERS))
    paths = value.get("InputPathsMap", {})
    if not isinstance(paths, Mapping) or not all(isinstance(path, str) for path in paths.values()):
        raise TypeError(f"input_transformer: InputPathsMap takes a dict of JSON paths, not {paths!r}.")
    return value


_CHECKS: Final = {"Input": _checked_input, "InputPath": _checked_path, "InputTransformer": _checked_transformer}
