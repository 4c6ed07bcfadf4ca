"""All operations that publish events, besides PutEvents of the classic service."""

from __future__ import annotations

from pytest_eventbridge._custom_bus import CustomBuses, CustomBusPutEvents, CustomBusPutRawEvents
from pytest_eventbridge._partner import PutPartnerEvents
from pytest_eventbridge._publishing import Surroundings
from pytest_eventbridge._service import Operation


def other_operations(surroundings: Surroundings, buses: CustomBuses) -> dict[tuple[str, str], Operation]:
    """Return the operations by the names that botocore has for their service and for them.

    Args:
        surroundings: What they work on.
        buses: The Custom Event Buses of the same fake.
    """
    return {
        ("events", "PutPartnerEvents"): PutPartnerEvents(surroundings),
        ("eventbridgev2", "PutEvents"): CustomBusPutEvents(surroundings, buses),
        ("eventbridgev2", "PutRawEvents"): CustomBusPutRawEvents(surroundings, buses),
    }
