"""What the guard says of a call that it refuses: to the caller, and where the test fails for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_eventbridge._guard import Situation
from pytest_eventbridge._wording import counted, printable, shown_path

# Event buses that are named where a request has entries for several.
_NAMED_COUNT: Final = 3

# Operations that send something to an event bus; the others are about one.
_SENDING: Final = ("PutEvents", "PutRawEvents")


def refusal_text(operation: str, event_buses: Sequence[str], sent_from: str, situation: Situation) -> str:
    """Say of a refused call what was called, for which event bus, from where, why it was refused, and what to do.

    Args:
        operation: The name of the API operation.
        event_buses: Names or ARNs, as sent; empty when the operation is about none.
        sent_from: `"path:line"` of the caller.
        situation: What was going on.
    """
    call = f"{operation}{_to(event_buses, operation)} was called from {shown_path(sent_from)}"
    if situation.ended_test is None:
        during = f" in {situation.during}" if situation.during else ""
        return (
            f"{call}{during}, where no fake is active, and refused by eventbridge_guard. "
            "Use the eventbridge fixture, or answer it with another mock, such as moto's mock_aws."
        )
    now = "no test" if situation.running_test is None else situation.running_test.nodeid
    return (
        f"{call} by what {situation.ended_test.nodeid} had started (thread {situation.thread!r}), but after that test "
        f"had ended, and refused by eventbridge_guard; {now} was running. "
        "Let the test wait for it or stop it, or start it in a fixture of a wider scope."
    )


def _to(event_buses: Sequence[str], operation: str) -> str:
    if not event_buses:
        return ""
    named = ", ".join(repr(printable(name)) for name in event_buses[:_NAMED_COUNT])
    more = len(event_buses) - _NAMED_COUNT
    others = f" and {counted(more, 'other')}" if more > 0 else ""
    to = "to" if operation in _SENDING else "for"
    return f" {to} the event bus{'es' if len(event_buses) > 1 else ''} {named}{others}"
