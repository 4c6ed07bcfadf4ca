"""From a pattern's text to what it demands: one list of fields for each way in which an event can match.

The fields of an object must all hold; the objects under `$or` are alternatives, multiplied out with what stands beside
them. A field that is given again replaces what was demanded of it before, in each alternative that has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pytest_eventbridge._limits import MAX_OR_COMBINATIONS, MAX_PATTERN_FIELDS
from pytest_eventbridge._pattern._complexity import is_too_complex
from pytest_eventbridge._pattern._conditions import AnythingBut, Condition, Like
from pytest_eventbridge._pattern._operators import read_condition
from pytest_eventbridge._pattern._paths import in_order
from pytest_eventbridge._pattern._reader import Reader
from pytest_eventbridge._pattern._scanner import ARRAY_END, ARRAY_START, OBJECT_END, OBJECT_START, SyntaxFault
from pytest_eventbridge._pattern._wildcards import Wildcard

_OR: Final = "$or"

# Names that no field may have anywhere inside `$or`. Source: AWS's open-source rule engine.
_RESERVED: Final = frozenset(
    (
        *("exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr"),
        *("=", "<", "<=", ">", ">="),
        *("regex", "not-wildcard", "not-equals-ignore-case"),
        *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
        *("ip-address-in-range", "ip-address-not-in-range"),
    )
)

# By the field's path, its steps joined by dots.
Alternative: TypeAlias = "dict[str, tuple[Condition, ...]]"


@dataclass(slots=True)
class _Object:
    """An object that is being read.

    Attributes:
        steps: The names that lead to it.
        alternatives: What is demanded so far; shared with the objects around it, but for `$or`.
        is_inside_or: Whether it is under `$or`, at any depth.
        has_fields: Whether anything stands in it.
    """

    steps: tuple[str, ...]
    alternatives: list[Alternative]
    is_inside_or: bool
    has_fields: bool = False


@dataclass(slots=True)
class _Or:
    """A list of alternatives that is being read.

    Attributes:
        parent: The object in which it stands.
        before: What was demanded before it.
        arms: The alternatives of each object of the list.
    """

    parent: _Object
    before: list[Alternative]
    arms: list[list[Alternative]] = field(default_factory=list)


class Compiler:
    """Reads one pattern.

    Args:
        text: The JSON text.

    Attributes:
        path: Where it stands in the pattern: names, and the indexes of the objects under `$or`.
    """

    def __init__(self, text: str) -> None:
        self.path: list[str | int] = []
        self._reader = Reader(text)
        self._has_too_many = False
        # Objects and lists that are begun and not yet ended, the outermost first: not recursion, for a pattern may
        # nest deeper than Python's stack.
        self._begun: list[_Object | _Or] = []

    def compile(self) -> list[Alternative]:
        """Return the alternatives, at least one.

        Raises:
            SyntaxFault: The service refuses the pattern.
        """
        if self._reader.next() != OBJECT_START:
            self._reader.fail("Filter is not an object")
        outermost = _Object((), [{}], is_inside_or=False)
        self._begun.append(outermost)
        while self._begun:
            innermost = self._begun[-1]
            if isinstance(innermost, _Or):
                self._read_arm(innermost)
            else:
                self._read_field(innermost)
        self._check_limits(outermost.alternatives)
        return outermost.alternatives

    def _read_field(self, around: _Object) -> None:
        if self._reader.next() == OBJECT_END:
            self._end_object(around)
            return
        around.has_fields = True
        name = self._reader.text()
        self.path.append(name)
        if name == _OR:
            self._begin_or(around)
            return
        if around.is_inside_or and name in _RESERVED:
            self._reader.fail(f"{name} is Ruler reserved fieldName which cannot be used inside {_OR}.")
        steps = (*around.steps, name)
        if self._reader.next() == OBJECT_START:
            self._begun.append(_Object(steps, around.alternatives, around.is_inside_or))
        elif self._reader.kind == ARRAY_START:
            conditions = self._read_conditions()
            for alternative in around.alternatives:
                alternative[".".join(steps)] = conditions
            self.path.pop()
        else:
            self._reader.fail(f'"{name}" must be an object or an array')

    def _end_object(self, ended: _Object) -> None:
        if not ended.has_fields:
            self._reader.fail("Empty objects are not allowed")
        self._begun.pop()
        if self.path:
            self.path.pop()

    def _read_conditions(self) -> tuple[Condition, ...]:
        conditions = []
        while self._reader.next() != ARRAY_END:
            conditions.append(read_condition(self._reader))
        if not conditions:
            self._reader.fail("Empty arrays are not allowed")
        return tuple(conditions)

    def _begin_or(self, around: _Object) -> None:
        if self._reader.next() != ARRAY_START:
            self._reader.fail(f"It must be an Array followed with {_OR}.")
        self._begun.append(_Or(around, list(around.alternatives)))

    def _read_arm(self, around: _Or) -> None:
        token = self._reader.next()
        if token == ARRAY_END:
            self._end_or(around)
            return
        self.path.append(len(around.arms))
        if token != OBJECT_START:
            self._reader.fail(f"Only JSON object is allowed in array of {_OR} relationship.")
        arm = [dict(alternative) for alternative in around.before]
        around.arms.append(arm)
        self._begun.append(_Object(around.parent.steps, arm, is_inside_or=True))

    def _end_or(self, ended: _Or) -> None:
        if len(ended.arms) < 2:
            self._reader.fail(f"There must have at least 2 Objects in {_OR} relationship.")
        alternatives = [alternative for arm in ended.arms for alternative in arm]
        if len(alternatives) > MAX_OR_COMBINATIONS:
            # Said at the end, for a fault of the syntax comes first; until then one stands for all.
            self._has_too_many = True
            del alternatives[1:]
        ended.parent.alternatives[:] = alternatives
        self._begun.pop()
        self.path.pop()

    def _check_limits(self, alternatives: list[Alternative]) -> None:
        self.path.clear()
        if self._has_too_many:
            raise SyntaxFault(f"Or operator is producing over {MAX_OR_COMBINATIONS} rule combinations")
        if max(map(len, alternatives)) > MAX_PATTERN_FIELDS:
            raise SyntaxFault(f"Size of rule exceeds max value of {MAX_PATTERN_FIELDS}")
        for path, groups in _wildcards_by_field(alternatives):
            if is_too_complex(groups):
                self.path.append(path)
                raise SyntaxFault(
                    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
                    "after a wildcard character"
                )


def _wildcards_by_field(alternatives: list[Alternative]) -> set[tuple[str, frozenset[tuple[Wildcard, ...]]]]:
    """Return the wildcards that the service holds against one value: those of one field, each condition's by itself.

    The service's machine goes through the fields in their order, from state to state. A condition leads from one state
    to the same other one in whichever alternative it stands; a new one leads to where the one before it in its list
    does. So alternatives go together from where they have a condition in common.
    """
    lists = {id(conditions): conditions for alternative in alternatives for conditions in alternative.values()}
    wildcards = {key: set(_wildcards_of(conditions)) for key, conditions in lists.items()}
    if not any(wildcards.values()):
        return set()
    joined: dict[tuple[int, str], set[tuple[Wildcard, ...]]] = {}
    following: dict[tuple[int, str, int], int] = {}
    numbers: dict[Condition, int] = {}
    for alternative in alternatives:
        states = {0}
        for path in in_order(alternative):
            conditions = [numbers.setdefault(condition, len(numbers)) for condition in alternative[path]]
            after: set[int] = set()
            for state in states:
                joined.setdefault((state, path), set()).update(wildcards[id(alternative[path])])
                last = len(following) + 1
                for condition in conditions:
                    last = following.setdefault((state, path, condition), last)
                    after.add(last)
            states = after
    return {(path, frozenset(groups)) for (_, path), groups in joined.items() if groups}


def _wildcards_of(conditions: tuple[Condition, ...]) -> Iterator[tuple[Wildcard, ...]]:
    for condition in conditions:
        likes = condition.refused if isinstance(condition, AnythingBut) else (condition,)
        wildcards = tuple(like.wildcard for like in likes if isinstance(like, Like))
        if wildcards:
            yield wildcards
