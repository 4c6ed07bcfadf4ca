"""The options of a fake: their names, defaults and types."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from pytest_eventbridge._limits import MAX_REQUEST_BYTES
from pytest_eventbridge._spelling import unknown_name

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a `FakeEventBridge`; `options_from` makes them, and checks them.

    Attributes:
        region: The default region that the environment gets when it has none.
        account_id: The 12-digit account in envelopes and ARNs.
        event_buses: `None` when every event bus exists; else the names and ARNs of those that do, besides `default`.
            A name stands for a classic event bus and for a Custom Event Bus; an ARN for the one that it names.
        max_request_bytes: UTF-8 bytes that the entries of one request may add up to.
        allow_unused_failures: Whether a test may end with an injected failure that never fired.
        fail_on_lost_events: Whether a test fails when an event was lost.
        ignore_detail_keys: Top-level keys of `Detail` that no comparison sees.
        fake_credentials: Whether the environment gets fake credentials. A session that finds them keeps them, as do
            its clients, but for boto3's default session.
    """

    region: str = "us-east-1"
    account_id: str = "123456789012"
    event_buses: Collection[str] | None = None
    max_request_bytes: int = MAX_REQUEST_BYTES
    allow_unused_failures: bool = False
    fail_on_lost_events: bool = False
    ignore_detail_keys: Collection[str] = ()
    fake_credentials: bool = True

    def __post_init__(self) -> None:
        """Copy the collections: later changes to the caller's own must not reach the fake."""
        object.__setattr__(self, "ignore_detail_keys", frozenset(self.ignore_detail_keys))
        if self.event_buses is not None:
            object.__setattr__(self, "event_buses", frozenset(self.event_buses))


def options_from(values: dict[str, Any]) -> Options:
    """Build options from keywords that nobody has checked.

    Raises:
        TypeError: An unknown name, or a value of the wrong type: names the option, what it takes, and what it got.
    """
    for name in values:
        if name not in OPTION_TYPES:
            raise TypeError(unknown_name("option", name, OPTION_TYPES))
    for name, value in values.items():
        is_valid, takes = OPTION_TYPES[name]
        if not is_valid(value):
            raise TypeError(f"The option {name!r} takes {takes}, not {value!r}.")
    return Options(**values)


def _is_names(value: object) -> bool:
    return (
        isinstance(value, Collection)
        and not isinstance(value, (str, bytes))
        and all(isinstance(name, str) and name for name in value)
    )


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


OPTION_TYPES: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "region": (lambda value: isinstance(value, str) and value != "", "the name of a region"),
    "account_id": (
        lambda value: isinstance(value, str) and re.fullmatch("[0-9]{12}", value) is not None,
        "a string of 12 digits",
    ),
    "event_buses": (lambda value: value is None or _is_names(value), "a collection of names or ARNs, or None"),
    "max_request_bytes": (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
        "a positive number of bytes",
    ),
    "allow_unused_failures": (_is_bool, "True or False"),
    "fail_on_lost_events": (_is_bool, "True or False"),
    "ignore_detail_keys": (_is_names, "a collection of keys"),
    "fake_credentials": (_is_bool, "True or False"),
}
