"""What a test does with rules: make them, bind targets, and assert on what they took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_eventbridge._assertions import CapturedEvents
from pytest_eventbridge._event_buses import EventBuses
from pytest_eventbridge._expected import ExpectedEvent, as_expected
from pytest_eventbridge._invocation import Target, checked_target
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._options import Options
from pytest_eventbridge._pattern._event_pattern import EventPattern
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._routing import Rules
from pytest_eventbridge._routing_assertions import assert_all_routed, assert_not_routed, assert_routed, find_rule
from pytest_eventbridge._rule_making import make_rule
from pytest_eventbridge._rules import Rule

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from pytest_eventbridge._expected import Criteria

# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True


class RoutedEvents(CapturedEvents):
    """What was captured, and the rules that take it on to targets; for `FakeEventBridge`.

    Args:
        presentation: The budget of texts.
        options: The options of the fake.
    """

    def __init__(self, presentation: Presentation, options: Options) -> None:
        self._options = options
        self._event_buses = EventBuses(options.event_buses, options.account_id)
        self._rules = Rules()
        super().__init__(Recorder(event_buses=self._event_buses.declared), presentation)

    def add_rule(
        self,
        pattern: dict[str, Any] | str | EventPattern,
        target: Target | None = None,
        *,
        name: str | None = None,
        event_bus: str = "default",
        input: object = None,
        input_path: str | None = None,
        input_transformer: Mapping[str, Any] | None = None,
    ) -> Rule:
        """Let a rule take events, and call a target with each, as EventBridge would invoke it.

        Delivery happens on the caller's thread when the answer to `put_events` is decided, in the order of the events
        and then of the rules. Events that a target emits are captured and routed too. What a target raises never
        reaches the caller of `put_events`: it is in `rule.failed_deliveries`, and fails the test at its end unless the
        test has read that. A coroutine function is awaited; while an event loop is running on the caller's thread, on
        a loop and a thread of its own.

        Args:
            pattern: An event pattern, as a dict, JSON text or an `EventPattern`.
            target: `f(event)` or a Lambda handler `f(event, context)`, told apart by what it takes; any callable, a
                coroutine function too. `None`: the rule only takes note of what it matches.
            name: The name of the rule; `None`: `"rule-1"` and so on.
            event_bus: The name or the ARN of the event bus.
            input: What the target is given in place of the envelope: JSON text, or any other value, of which that is
                made.
            input_path: A JSON path; the target is given the part of the envelope that it leads to.
            input_transformer: `InputTemplate` and, where it has variables of its own, `InputPathsMap`, as `PutTargets`
                takes them.

        Returns:
            The rule, which has what it took and what became of each delivery. It is there for the API operations, too.

        Raises:
            InvalidEventPattern: The service would refuse the pattern.
            TypeError: An argument of the wrong type; more than one input; an input without a target.
            ValueError: A name that is taken or that no rule can have, an event bus that does not exist, or an input
                that the service would refuse.
        """
        inputs = {"Input": input, "InputPath": input_path, "InputTransformer": input_transformer}
        with self._recorder.lock:
            return make_rule(
                self._rules,
                self._event_buses,
                self._options,
                pattern=pattern,
                target=target,
                name=name,
                event_bus=event_bus,
                inputs={member: value for member, value in inputs.items() if value is not None},
            )

    def bind_target(self, arn: str, target: Target) -> None:
        """Let a function stand for what is behind an ARN, so that targets put by that ARN are delivered to it.

        Args:
            arn: As `PutTargets` is given it, now or later.
            target: As `add_rule` takes it.

        Raises:
            TypeError: It is no ARN, or nothing that can be called.
        """
        if not isinstance(arn, str) or not arn.startswith("arn:"):
            raise TypeError(f"arn: an ARN is required, not {arn!r}.")
        self._rules.bind(arn, checked_target("target", target))

    def assert_routed(
        self, rule: Rule | str, expected: ExpectedEvent | None = None, /, **criteria: Unpack[Criteria]
    ) -> list[CapturedEvent]:
        """Assert that a rule took an event that matches.

        Args:
            rule: The rule, its name, `"bus/name"`, or its ARN.
            expected: The expectation, where it is not given as criteria; without either, any event.
            **criteria: See `Criteria`.

        Returns:
            The matching events that it took, in the order of capture.

        Raises:
            EventBridgeAssertionError: It took none, or there is no such rule.
            TypeError: An unknown criterion, or several rules of that name.
        """
        __tracebackhide__ = True
        found = find_rule(self._rules, rule)
        return assert_routed(found, as_expected(expected, criteria), self._recorder, self._presentation)

    def assert_not_routed(
        self, rule: Rule | str, expected: ExpectedEvent | None = None, /, **criteria: Unpack[Criteria]
    ) -> None:
        """Assert that a rule took no event that matches; without criteria, none at all.

        Raises:
            EventBridgeAssertionError: It took one, or there is no such rule.
            TypeError: An unknown criterion, or several rules of that name.
        """
        __tracebackhide__ = True
        assert_not_routed(find_rule(self._rules, rule), as_expected(expected, criteria), self._presentation)

    def assert_all_routed(self) -> None:
        """Assert that each accepted event was taken by a rule, or would be by one that is there now.

        Partners' events and those on Custom Event Buses are left out: no rule can take them.

        Raises:
            EventBridgeAssertionError: No rule takes one; `captured` holds those.
        """
        __tracebackhide__ = True
        assert_all_routed(self._rules, self._recorder, self._presentation)

    def clear(self) -> None:
        """Forget what was captured, and what the rules took. Injected failures and rules stay.

        Failed deliveries that nobody has taken note of stay as well, and a Custom Event Bus remembers what it has
        accepted.
        """
        with self._recorder.lock:
            super().clear()
            self._rules.clear()
