"""A pytest plugin with a fake Amazon EventBridge: capture PutEvents, assert on events, fail single entries.

The names below are loaded when first asked for: pytest imports this package at each start, with or without a test
that uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_eventbridge._assertions import CapturedEvents
    from pytest_eventbridge._custom_bus_events import CapturedRawEvent
    from pytest_eventbridge._endpoint import EventBridgeEndpoint
    from pytest_eventbridge._expected import ExpectedEvent
    from pytest_eventbridge._failures import InjectedFailure
    from pytest_eventbridge._fake import FakeEventBridge
    from pytest_eventbridge._matching import ABSENT, Exactly, Mismatch
    from pytest_eventbridge._model import CapturedEvent, PutEventsCall
    from pytest_eventbridge._pattern._event_pattern import EventPattern
    from pytest_eventbridge._rules import Delivery, Rule
    from pytest_eventbridge.exceptions import (
        DeliveryLoopError,
        EventBridgeAssertionError,
        InvalidEventPattern,
        TargetStoppedError,
        VerificationError,
    )

    __version__: str

__all__ = [
    "ABSENT",
    "CapturedEvent",
    "CapturedEvents",
    "CapturedRawEvent",
    "Delivery",
    "DeliveryLoopError",
    "EventBridgeAssertionError",
    "EventBridgeEndpoint",
    "EventPattern",
    "Exactly",
    "ExpectedEvent",
    "FakeEventBridge",
    "InjectedFailure",
    "InvalidEventPattern",
    "Mismatch",
    "PutEventsCall",
    "Rule",
    "TargetStoppedError",
    "VerificationError",
]

_HOME = {
    "ABSENT": "_matching",
    "CapturedEvent": "_model",
    "CapturedEvents": "_assertions",
    "CapturedRawEvent": "_custom_bus_events",
    "Delivery": "_rules",
    "DeliveryLoopError": "exceptions",
    "EventBridgeAssertionError": "exceptions",
    "EventBridgeEndpoint": "_endpoint",
    "EventPattern": "_pattern._event_pattern",
    "Exactly": "_matching",
    "ExpectedEvent": "_expected",
    "FakeEventBridge": "_fake",
    "InjectedFailure": "_failures",
    "InvalidEventPattern": "exceptions",
    "Mismatch": "_matching",
    "PutEventsCall": "_model",
    "Rule": "_rules",
    "TargetStoppedError": "exceptions",
    "VerificationError": "exceptions",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name == "__version__":
        from importlib.metadata import version

        return version("pytest-eventbridge")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Not kept here: pytester drops the modules that an inner session was the first to load, and the next load makes
    # other classes.
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
