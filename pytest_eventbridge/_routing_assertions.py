"""Asserting on what rules took, and saying why one did not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Final

from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._explanation import explain_unmet
from pytest_eventbridge._messages import captured_lines, event_line, event_lines, expectation_lines
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._nearmiss import NearMiss
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._routing import Rules
from pytest_eventbridge._rules import Rule
from pytest_eventbridge._wording import counted, cut_middle, more_lines, shown_path
from pytest_eventbridge.exceptions import EventBridgeAssertionError

# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True

# Rules that the text for an event that none takes explains itself with.
_EXPLAINED_COUNT: Final = 3


def find_rule(rules: Rules, rule: Rule | str) -> Rule:
    """Return the rule that is meant.

    Args:
        rules: All of them.
        rule: The rule itself, its name, `bus/name`, or its ARN.

    Raises:
        EventBridgeAssertionError: There is none: the code under test may have been expected to put it.
        TypeError: Several are called so, or it is nothing that names a rule.
    """
    __tracebackhide__ = True
    if isinstance(rule, Rule):
        return rule
    if not isinstance(rule, str):
        raise TypeError(f"rule: a Rule or the name of one is required, not {rule!r}.")
    named = rules.named(rule)
    if len(named) > 1:
        names = ", ".join(repr(f"{one.event_bus}/{one.name}") for one in named)
        raise TypeError(f"{rule!r} is the name of several rules. Give one of {names}.")
    if not named:
        names_there = [one.name for one in rules]
        nearest = difflib.get_close_matches(rule, names_there, n=1)
        question = f" Did you mean {nearest[0]!r}?" if nearest else ""
        there = f"There are: {', '.join(names_there)}." if names_there else "There is none at all."
        raise EventBridgeAssertionError(f"There is no rule {rule!r}.{question} {there}")
    return named[0]


def assert_routed(
    rule: Rule, expected: ExpectedEvent, recorder: Recorder, presentation: Presentation
) -> list[CapturedEvent]:
    """Assert that the rule took an event that matches, and return those."""
    __tracebackhide__ = True
    taken = list(rule.events)
    matching = [event for event in taken if expected.matches(event)]
    if matching:
        return matching
    captured = list(recorder.events)
    taken_ids = {id(event) for event in taken}
    passed_by = [
        index for index, event in enumerate(captured) if id(event) not in taken_ids and expected.matches(event)
    ]
    headline = f"Expected the rule {rule.name!r} to take an event that matches, but {_took(taken, captured)}."
    near_misses: list[NearMiss] = []
    if passed_by:
        lines = ["Expected:", *expectation_lines(expected, presentation)]
        lines += _passed_by_lines(rule, passed_by, captured, presentation)
        lines += captured_lines(recorder, presentation, [captured[index] for index in passed_by])
    else:
        lines, near_misses = explain_unmet(expected, recorder, presentation)
    raise EventBridgeAssertionError(
        "\n".join([headline, *lines]), expected=[expected], captured=captured, near_misses=near_misses
    )


def assert_not_routed(rule: Rule, expected: ExpectedEvent, presentation: Presentation) -> None:
    """Assert that the rule took no event that matches."""
    __tracebackhide__ = True
    taken = list(rule.events)
    matching = [(f"rule.events[{index}]", event) for index, event in enumerate(taken) if expected.matches(event)]
    if matching:
        lines = [
            f"Expected the rule {rule.name!r} to take no event that matches, "
            f"but it took {counted(len(matching), 'event')} that {'does' if len(matching) == 1 else 'do'}.",
            "Not expected:",
            *expectation_lines(expected, presentation),
            *event_lines("Taken:", matching, presentation),
        ]
        raise EventBridgeAssertionError("\n".join(lines), expected=[expected], captured=taken)


def assert_all_routed(rules: Rules, recorder: Recorder, presentation: Presentation) -> None:
    """Assert that there is no event that no rule took or would take."""
    __tracebackhide__ = True
    taken = {id(event) for rule in rules.with_removed() for event in rule.events}
    unrouted = [
        event
        for event in list(recorder.events)
        if _is_on_a_bus_with_rules(event) and id(event) not in taken and not any(rule.takes(event) for rule in rules)
    ]
    if not unrouted:
        return
    lines = [f"{counted(len(unrouted), 'accepted event')} {'is' if len(unrouted) == 1 else 'are'} taken by no rule:"]
    for event in unrouted[: presentation.listed_count]:
        lines += [f"  {event_line(event, presentation.width - 2)}", f"    sent from {shown_path(event.sent_from)}"]
        lines += [f"    {_reason_line(rule, event, presentation)}" for rule in _closest(rules, event)]
    lines += more_lines(len(unrouted), presentation.listed_count)
    if not list(rules):
        lines.append("There is no rule.")
    raise EventBridgeAssertionError("\n".join(lines), captured=unrouted)


def _is_on_a_bus_with_rules(event: CapturedEvent) -> bool:
    # A partner's event has no event bus, and a Custom Event Bus has subscribers.
    return event.event_bus != "" and event.call.service == "events"


def _took(taken: Sequence[CapturedEvent], captured: Sequence[CapturedEvent]) -> str:
    if taken:
        return "the one that it took does not" if len(taken) == 1 else f"none of the {len(taken)} that it took does"
    if not captured:
        return "there is no accepted event"
    if len(captured) == 1:
        return "it did not take the one accepted event"
    return f"it took none of the {len(captured)} accepted events"


def _passed_by_lines(
    rule: Rule, passed_by: Sequence[int], captured: Sequence[CapturedEvent], presentation: Presentation
) -> list[str]:
    """Say why the rule did not take events that match the expectation; those with the fewest reasons first."""
    reasons = {index: rule.find_reasons(captured[index]) for index in passed_by}
    lines = []
    for index in sorted(passed_by, key=lambda index: len(reasons[index]))[: presentation.near_miss_count]:
        place = shown_path(captured[index].sent_from)
        lines.append(f"events[{index}], sent from {place}, is as expected, but the rule did not take it:")
        shown = reasons[index][: presentation.difference_count]
        lines += [f"  {cut_middle(reason, presentation.width - 2)}" for reason in shown]
        if not shown:
            lines.append("  The rule takes it as it is now: it was put, enabled or changed after the event was sent.")
    return lines


def _closest(rules: Rules, event: CapturedEvent) -> list[Rule]:
    return sorted(rules, key=lambda rule: len(rule.find_reasons(event)))[:_EXPLAINED_COUNT]


def _reason_line(rule: Rule, event: CapturedEvent, presentation: Presentation) -> str:
    reasons = rule.find_reasons(event)
    more = f", and {counted(len(reasons) - 1, 'more reason')}" if len(reasons) > 1 else ""
    name = f"rule {rule.name!r}: "
    return f"{name}{cut_middle(reasons[0], presentation.width - len(name) - len(more) - 4)}{more}"
