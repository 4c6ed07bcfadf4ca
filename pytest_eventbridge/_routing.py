"""All rules of one fake, and the way of an event to their targets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, final
from uuid import uuid4

from pytest_eventbridge._inputs import Occasion
from pytest_eventbridge._invocation import Target, invoke, name_of, takes_context
from pytest_eventbridge._lambda_context import LambdaContext
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._pattern._event_pattern import EventPattern, envelope_of
from pytest_eventbridge._pattern._index import PatternIndex
from pytest_eventbridge._rules import Delivery, Rule, RuleTarget
from pytest_eventbridge._wording import counted
from pytest_eventbridge.exceptions import DeliveryLoopError

# Deliveries that may lead to one another, each by what the target of the one before emits. Ours: EventBridge stops no
# loop, it bills for it; Lambda stops one after about as many rounds where it recognizes it.
MAX_DELIVERY_DEPTH: Final = 16

Route = tuple[Rule, CapturedEvent]


class _Chain(NamedTuple):
    """The deliveries that are under way around the code that runs.

    Attributes:
        rules: The rule of each, the outermost first.
        loops: The loops found within the outermost one. What comes after one is not delivered: where each round emits
            more than one event, their number would double with each.
    """

    rules: tuple[Rule, ...]
    loops: list[DeliveryLoopError]


_UNDER_WAY: Final[ContextVar[_Chain | None]] = ContextVar("pytest_eventbridge_deliveries", default=None)


@final
class Rules:
    """The rules of one fake, in the order in which they were made, and the functions bound to ARNs."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], Rule] = {}
        self._removed: list[Rule] = []
        self._bound: dict[str, Target] = {}
        # By event bus, made when first asked for; `None` where no rule takes anything.
        self._indexes: dict[str, PatternIndex[Rule] | None] = {}

    def __iter__(self) -> Iterator[Rule]:
        return iter(list(self._rules.values()))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def with_removed(self) -> list[Rule]:
        """Return all rules that there have been."""
        return [*self._removed, *self]

    def find(self, event_bus: str, name: str) -> Rule | None:
        """Return the rule of that name on an event bus."""
        return self._rules.get((event_bus, name))

    def named(self, name: str) -> list[Rule]:
        """Return the rules that are called so: by name, by event bus and name (`bus/name`), or by ARN.

        Those that have been removed are meant only where no other is.
        """
        for rules in (self, self._removed):
            named = [rule for rule in rules if name in (rule.name, f"{rule.event_bus}/{rule.name}", rule.arn)]
            if named:
                return named
        return []

    def unnoted_failures(self) -> list[tuple[Rule, Delivery]]:
        """Return the failed deliveries of which nobody has taken note, those of removed rules too."""
        return [(rule, delivery) for rule in self.with_removed() for delivery in rule.unnoted_failures]

    def add(self, rule: Rule) -> None:
        """Put a rule behind those made before."""
        self._rules[rule.event_bus, rule.name] = rule
        self._indexes.pop(rule.event_bus, None)

    def change(self, rule: Rule, *, state: str, pattern: EventPattern | None) -> None:
        """Let a rule have another state or pattern from now on."""
        rule.state, rule.pattern = state, pattern
        self._indexes.pop(rule.event_bus, None)

    def remove(self, rule: Rule) -> None:
        """Take a rule away. What it took can be asserted on, and its failed deliveries are a problem all the same."""
        self._removed.append(self._rules.pop((rule.event_bus, rule.name)))
        self._indexes.pop(rule.event_bus, None)

    def bind(self, arn: str, function: Target) -> None:
        """Let a function stand for what is behind an ARN."""
        self._bound[arn] = function

    def match(self, events: Iterable[CapturedEvent]) -> list[Route]:
        """Return which rules take which events, and note that they do. Call it under the recorder's lock."""
        routes = [(rule, event) for event in events for rule in self._takers_of(event)]
        for rule, event in routes:
            rule.recorder.record(accepted=[event])
        return routes

    def _takers_of(self, event: CapturedEvent) -> list[Rule]:
        event_bus = event.event_bus
        if event_bus not in self._indexes:
            patterns = [
                (rule, rule.pattern)
                for rule in self
                if rule.event_bus == event_bus and rule.is_enabled and rule.pattern is not None
            ]
            self._indexes[event_bus] = PatternIndex(patterns) if patterns else None
        index = self._indexes[event_bus]
        return [] if index is None else index.matching(envelope_of(event))

    def deliver(self, routes: Sequence[Route]) -> None:
        """Call the targets of the rules that take events, one after the other. Call it without the recorder's lock.

        What a target raises is kept with its rule. pytest's own outcomes (`pytest.fail`, `pytest.skip`) and
        `KeyboardInterrupt` are none of the target's: they go to the caller.
        """
        for rule, event in routes:
            for target in list(rule.targets.values()):
                chain = _UNDER_WAY.get()
                if chain is not None and chain.loops:
                    return
                # Not by its truth: a target may be a container too, and empty.
                function = self._bound.get(target.arn) if target.function is None else target.function
                if function is not None:
                    rule.record(_deliver(rule, target, function, event))

    def clear(self) -> None:
        """Forget what the rules took; the rules stay."""
        for rule in self:
            rule.clear()


def _deliver(rule: Rule, target: RuleTarget, function: Target, event: CapturedEvent) -> Delivery:
    name = name_of(function)
    payload: Any = None
    around = _UNDER_WAY.get() or _Chain((), [])
    token = _UNDER_WAY.set(_Chain((*around.rules, rule), around.loops))
    try:
        if len(around.rules) >= MAX_DELIVERY_DEPTH:
            around.loops.append(DeliveryLoopError(_loop_text(around.rules, rule)))
            raise around.loops[0]
        ingestion_time = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time()))
        # Made twice, so that what is kept is none of what the target may change.
        payload, given = (target.make_payload(_occasion(rule, event, ingestion_time)) for _ in range(2))
        context = [_lambda_context(target)] if takes_context(function) else []
        result = invoke(function, given, *context)
    except Exception as error:  # on AWS, too, nobody but the target's own log hears of it
        return Delivery(event=event, target=name, payload=payload, error=error)
    finally:
        _UNDER_WAY.reset(token)
    return Delivery(event=event, target=name, payload=payload, result=result)


def _occasion(rule: Rule, event: CapturedEvent, ingestion_time: str) -> Occasion:
    return Occasion(envelope=event.to_dict(), rule_name=rule.name, rule_arn=rule.arn, ingestion_time=ingestion_time)


def _lambda_context(target: RuleTarget) -> LambdaContext:
    function_name = target.arn.rpartition(":")[2]
    return LambdaContext(function_name=function_name, function_arn=target.arn, request_id=str(uuid4()))


def _loop_text(around: Sequence[Rule], rule: Rule) -> str:
    passed = [*around, rule]
    # What goes round is what lies between the last two times that the rule was reached.
    earlier = [index for index, one in enumerate(around) if one is rule]
    way = " -> ".join(repr(one.name) for one in passed[earlier[-1] if earlier else 0 :])
    return (
        f"Not delivered, because {counted(len(around), 'delivery')} led to it, each by an event that the target of the "
        f"one before emitted. The rules go round: {way}."
        if earlier
        else f"Not delivered, because it is the last of more than {len(around)} deliveries, each by an event that the "
        f"target of the one before emitted: {way}."
    )
