"""Rules: what they match, what they are put to, and what became of each delivery."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from pytest_eventbridge._event_buses import DEFAULT_BUS
from pytest_eventbridge._inputs import PayloadMaker, payload_maker
from pytest_eventbridge._invocation import Target
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._pattern._event_pattern import EventPattern
from pytest_eventbridge._pattern._wording import reason_line
from pytest_eventbridge._recorder import CapturedSequence, Recorder

ENABLED: Final = "ENABLED"
DISABLED: Final = "DISABLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event given to one target of a rule, and what became of it.

    Attributes:
        event: The captured event.
        target: The name of the target: that of the function, or its ARN.
        payload: What the target was given, as decoded JSON: the envelope, or what the rule makes of it. A copy, which
            the target could not change. `None` too when it could not be made.
        result: What the target returned; `None` when it failed.
        error: What the target raised; `None` when it returned.
    """

    event: CapturedEvent
    target: str
    payload: Any
    result: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTarget:
    """A target of a rule.

    Attributes:
        definition: The target as `PutTargets` takes it, with `Id` and `Arn`.
        function: What is called; `None` when it is whatever is bound to the ARN.
        make_payload: Makes what it is given.
    """

    definition: Mapping[str, Any]
    function: Target | None
    make_payload: PayloadMaker

    @property
    def arn(self) -> str:
        """The ARN of the target."""
        return str(self.definition["Arn"])


def rule_target(definition: Mapping[str, Any], function: Target | None = None) -> RuleTarget:
    """Build a target, independent of the caller's own dict.

    Raises:
        InvalidInputError: What it shall be given makes no sense.
    """
    definition = copy.deepcopy(dict(definition))
    return RuleTarget(definition=definition, function=function, make_payload=payload_maker(definition))


def rule_arn(partition: str, region: str, account_id: str, event_bus: str, name: str) -> str:
    """Return the ARN of a rule, which names the event bus unless it is the default one (recorded)."""
    on_bus = "" if event_bus == DEFAULT_BUS else f"{event_bus}/"
    return f"arn:{partition}:events:{region}:{account_id}:rule/{on_bus}{name}"


@final
class Rule:
    """A rule on an event bus; what `add_rule` returns. The same object whether a test or `PutRule` has made it.

    Attributes:
        name: Its name, unique on its event bus.
        arn: Its ARN, `arn:aws:events:<region>:<account>:rule/[<event bus>/]<name>`.
        event_bus: The name of its event bus.
        pattern: Its `EventPattern`; `None` for a rule that only has a schedule, which the fake never fires.
        state: `"ENABLED"`, `"DISABLED"`, or what else `PutRule` takes.
        targets: Its targets by id, in the order in which they were put.
        settings: What `PutRule` was given, by the names there: `EventPattern`, `Description`, and so on.
    """

    def __init__(self, *, name: str, arn: str, event_bus: str, pattern: EventPattern | None) -> None:
        self.name = name
        self.arn = arn
        self.event_bus = event_bus
        self.pattern = pattern
        self.state = ENABLED
        self.targets: dict[str, RuleTarget] = {}
        self.settings: dict[str, str] = {}
        self.recorder = Recorder()
        self.unnoted_failures: list[Delivery] = []
        self._deliveries: list[Delivery] = []
        self._failed_deliveries: list[Delivery] = []

    @property
    def is_enabled(self) -> bool:
        """Whether it takes events: not after `DisableRule`."""
        return self.state != DISABLED

    @property
    def events(self) -> CapturedSequence[CapturedEvent]:
        """The events that it took, in the order of capture: a live, read-only view."""
        return CapturedSequence(self.recorder.events, self.recorder, "events")

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Those that reached a target, which returned, in the order in which they ended."""
        return tuple(self._deliveries)

    @property
    def failed_deliveries(self) -> tuple[Delivery, ...]:
        """Those whose target raised, in the order in which they ended.

        Whoever reads them has taken note of them: those that nobody reads fail the test when it ends.
        """
        self.unnoted_failures.clear()
        return tuple(self._failed_deliveries)

    @property
    def failure_count(self) -> int:
        """How many deliveries failed; asking takes note of none."""
        return len(self._failed_deliveries)

    def explain(self, event: CapturedEvent) -> str:
        """Say in words why the rule does not take an event as things stand now.

        Args:
            event: A captured event.

        Returns:
            One line when it does take it; else a line that says that it does not, and an indented one for each reason:
            another event bus, a disabled rule, each condition of the pattern that fails.
        """
        reasons = self.find_reasons(event)
        if not reasons:
            return "The rule takes the event."
        return "\n".join(["The rule does not take the event:", *(f"  {reason}" for reason in reasons)])

    def find_reasons(self, event: CapturedEvent) -> list[str]:
        """Return the reasons that `explain` gives, a line each; none when the rule takes the event."""
        reasons = []
        if event.call.service != "events":
            reasons.append(f"event_bus: {event.event_bus_arn} is a Custom Event Bus, on which there are no rules")
        elif event.event_bus != self.event_bus:
            reasons.append(f"event_bus: sent to {event.event_bus!r}, the rule is on {self.event_bus!r}")
        if not self.is_enabled:
            reasons.append("the rule is disabled")
        if self.pattern is None:
            reasons.append("the rule has a schedule and no pattern")
        else:
            reasons += [reason_line(reason) for reason in self.pattern.find_reasons(event)]
        return reasons

    def takes(self, event: CapturedEvent) -> bool:
        """Say whether the rule takes an event as things stand now."""
        return not self.find_reasons(event)

    def record(self, delivery: Delivery) -> None:
        """Keep a delivery that has ended."""
        if delivery.error is None:
            self._deliveries.append(delivery)
        else:
            self._failed_deliveries.append(delivery)
            self.unnoted_failures.append(delivery)

    def clear(self) -> None:
        """Forget the events and the deliveries; failed ones that nobody has taken note of stay."""
        self.recorder.clear()
        self._deliveries.clear()
        self._failed_deliveries[:] = self.unnoted_failures

    def __repr__(self) -> str:
        state = "" if self.is_enabled else " disabled"
        return f"<Rule {self.name!r} on {self.event_bus}{state}: {len(self.events)} events taken>"
