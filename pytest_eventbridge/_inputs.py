"""What a target is given: the event, or what `Input`, `InputPath` or `InputTransformer` make of it.

Source: user guide, "Input transformation"; API reference, `Target` and `InputTransformer`; both read 2026-11. What was
recorded from AWS is said where it is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_eventbridge._detail import with_room
from pytest_eventbridge._matching import ABSENT

# The members of a target of which one may be given.
INPUT_MEMBERS: Final = ("Input", "InputPath", "InputTransformer")

# `$`, then keys after dots and indices or wildcards in brackets: as much of JSONPath as EventBridge takes.
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]")

# The step for a wildcard, which no key can be: brackets are no part of keys.
_ANY_MEMBER: Final = "[*]"

_PLACEHOLDER: Final = re.compile(r"<([^<>]+)>")

# A template in pieces: a placeholder, an escape, a quote, or what stands between.
_PIECE: Final = re.compile(r'<[^<>]+>|\\.|"|[^<\\"]+|.', re.DOTALL)

RESERVED_VARIABLES: Final = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event",
    "aws.events.event.ingestion-time",
    "aws.events.event.json",
)

_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class InvalidInputError(ValueError):
    """What a target shall be given makes no sense; the text is the service's."""


class InputNotJsonError(ValueError):
    """An input template has made something that is no JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One event on its way to one target.

    Attributes:
        envelope: The event as a target receives it, not shared with anybody.
        rule_name: The name of the rule.
        rule_arn: The ARN of the rule.
        ingestion_time: When the service took the event, as in the envelope: UTC, `YYYY-MM-DDThh:mm:ssZ`.
    """

    envelope: dict[str, Any]
    rule_name: str
    rule_arn: str
    ingestion_time: str


PayloadMaker = Callable[[Occasion], Any]


def payload_maker(target: Mapping[str, Any]) -> PayloadMaker:
    """Return the function that makes what a target is given.

    The payload is decoded JSON. A text template whose result is no JSON comes as that text.

    Args:
        target: The target as `PutTargets` takes it.

    Raises:
        InvalidInputError: The service would refuse it.

    Source: the texts for more than one input and for an unknown placeholder were recorded from AWS, the one for an
        input that is no JSON was reported by users of it.
    """
    target_id = target["Id"]
    given = [name for name in INPUT_MEMBERS if target.get(name) is not None]
    if len(given) > 1:
        raise InvalidInputError(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target_id}."
        )
    if "Input" in given:
        return _constant(target["Input"], target_id)
    if "InputPath" in given:
        return _at_path(target["InputPath"])
    if "InputTransformer" in given:
        return _transformed(target["InputTransformer"], target_id)
    return lambda occasion: occasion.envelope


def _constant(text: str, target_id: str) -> PayloadMaker:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        # The service names the column behind the character that it cannot read.
        place = f'[Source: (String)"{text}"; line: {error.lineno}, column: {error.colno + 1}]'
        raise InvalidInputError(f"JSON syntax error in input for target {target_id}: {place}") from None
    return lambda _: json.loads(text)


def _at_path(path: str) -> PayloadMaker:
    steps = _steps_of(path)

    def make(occasion: Occasion) -> Any:
        found = _find(occasion.envelope, steps)
        return None if found is ABSENT else found

    return make


def _transformed(transformer: Mapping[str, Any], target_id: str) -> PayloadMaker:
    template: str = transformer["InputTemplate"]
    paths: Mapping[str, str] = transformer.get("InputPathsMap") or {}
    for name in _PLACEHOLDER.findall(template):
        if name not in paths and name not in RESERVED_VARIABLES:
            raise InvalidInputError(f"InputTemplate for target {target_id} contains invalid placeholder {name}.")
    steps = {name: _steps_of(path) for name, path in paths.items()}

    def make(occasion: Occasion) -> Any:
        variables = {name: _find(occasion.envelope, path) for name, path in steps.items()}
        return _filled_in(template, variables | _reserved(occasion))

    return make


def _reserved(occasion: Occasion) -> dict[str, Any]:
    envelope = occasion.envelope
    # Without the detail, with one key in another spelling, in this order: recorded from AWS.
    event = {
        "id": envelope["id"],
        "account": envelope["account"],
        "detailType": envelope["detail-type"],
        "time": envelope["time"],
        "source": envelope["source"],
        "region": envelope["region"],
        "resources": envelope["resources"],
        "version": envelope["version"],
    }
    values = (occasion.rule_arn, occasion.rule_name, event, occasion.ingestion_time, envelope)
    return dict(zip(RESERVED_VARIABLES, values, strict=True))


def _filled_in(template: str, variables: Mapping[str, Any]) -> Any:
    text = "".join(_render(template, variables))
    try:
        return with_room(json.loads, text)
    except ValueError:
        if template.lstrip().startswith(("{", "[")):
            raise InputNotJsonError(
                f"The input template gives {text!r}, which is no JSON. "
                "EventBridge escapes nothing that it puts between quotes."
            ) from None
    if template.lstrip().startswith('"'):
        return text  # lines of texts, which a queue takes as they are
    return _PLACEHOLDER.sub(lambda placeholder: _within_quotes(variables[placeholder[1]]), template)


def _render(template: str, variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pieces of a template with the placeholders filled in, each as the quotes around it, or none, demand."""
    is_quoted = False
    for piece in _PIECE.findall(template):
        if piece == '"':
            is_quoted = not is_quoted
        if piece[0] != "<" or len(piece) == 1:
            yield piece
        elif is_quoted:
            yield _within_quotes(variables[piece[1:-1]])
        else:
            yield _as_json(variables[piece[1:-1]])


def _as_json(value: Any) -> str:
    return '""' if value is ABSENT else with_room(_encode, value)  # recorded


def _within_quotes(value: Any) -> str:
    """Return a value as it stands within quotes: not escaped, and without quotes of its own (documented)."""
    if value is ABSENT:
        return ""  # recorded
    return value if isinstance(value, str) else _as_json(value).replace('"', "")


def _steps_of(path: str) -> list[str | int] | None:
    """Return the keys and indices of a path, `_ANY_MEMBER` for each wildcard; `None` for one that leads nowhere.

    The service does not look at a path before it follows it (documented), so a malformed one is no error.
    """
    if not path.startswith("$"):
        return None
    steps: list[str | int] = []
    end = 1
    for step in _STEP.finditer(path, 1):
        if step.start() != end:
            return None
        end = step.end()
        key, index = step.groups()
        steps.append(_ANY_MEMBER if "*" in (key, index) else key if index is None else int(index))
    return steps if end == len(path) or path[end:] == "." else None


def _find(value: Any, steps: list[str | int] | None) -> Any:
    """Return what a path leads to; `ABSENT` when there is nothing.

    With a wildcard in it that is a list of all that it finds.
    """
    if steps is None:
        return ABSENT
    nodes = [value]
    for step in steps:
        nodes = [member for node in nodes for member in _members(node, step)]
    if not nodes:
        return ABSENT
    return nodes if _ANY_MEMBER in steps else nodes[0]


def _members(node: Any, step: str | int) -> Iterable[Any]:
    if step == _ANY_MEMBER:
        return node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(step, int):
        return node[step : step + 1] if isinstance(node, list) else ()
    return (node[step],) if isinstance(node, dict) and step in node else ()
