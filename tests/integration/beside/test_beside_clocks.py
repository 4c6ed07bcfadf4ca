"""Libraries that set the clock: captured times follow it, durations do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import freezegun
import pytest
import time_machine

from pytest_eventbridge import FakeEventBridge

MOMENT = datetime(2031, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
Freeze = Callable[..., AbstractContextManager[Any]]

CLIENT = boto3.client("events", region_name="eu-west-1", aws_access_key_id="AKIAOLDER", aws_secret_access_key="older")


def frozen_by_freezegun(moment: datetime) -> AbstractContextManager[Any]:
    """Stop the clock."""
    return freezegun.freeze_time(moment)


def ticking_by_freezegun(moment: datetime) -> AbstractContextManager[Any]:
    """Put the clock elsewhere, and let it run."""
    return freezegun.freeze_time(moment, tick=True)


def frozen_by_time_machine(moment: datetime) -> AbstractContextManager[Any]:
    """Stop the clock."""
    return time_machine.travel(moment, tick=False)


def ticking_by_time_machine(moment: datetime) -> AbstractContextManager[Any]:
    """Put the clock elsewhere, and let it run."""
    return time_machine.travel(moment, tick=True)


every_clock = pytest.mark.parametrize(
    "clock", [frozen_by_freezegun, ticking_by_freezegun, frozen_by_time_machine, ticking_by_time_machine]
)


def put(**members: Any) -> None:
    """Send one entry; the code under test."""
    CLIENT.put_events(
        Entries=[{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({})} | members]
    )


@every_clock
def test_captured_times_follow_the_clock(eventbridge: FakeEventBridge, clock: Freeze) -> None:
    """An event without a time of its own has that of the clock, in the envelope too; one that has one keeps it."""
    own = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    with clock(MOMENT):
        put()
        put(Time=own)
    first, second = eventbridge.events

    assert timedelta(0) <= first.time - MOMENT < timedelta(minutes=1)
    assert first.to_dict()["time"].startswith("2031-05-06T07:0")
    assert first.time == first.call.received
    assert second.time == own


@every_clock
def test_times_can_be_asserted_under_the_clock(eventbridge: FakeEventBridge, clock: Freeze) -> None:
    """Criteria, failure texts and the report work while the clock is set."""
    with clock(MOMENT):
        put(Time=MOMENT)
        eventbridge.assert_emitted_once(time=MOMENT)
        with pytest.raises(AssertionError, match="time: expected"):
            eventbridge.assert_emitted(time=MOMENT + timedelta(days=1))
        assert "2031" in eventbridge.events[0].to_dict()["time"]
        assert eventbridge._report()


@every_clock
@pytest.mark.parametrize("begins", ["before", "inside"])
def test_offsets_are_real_durations(clock: Freeze, begins: str) -> None:
    """The offset of a call from the fake's beginning is never negative, never years, and never goes back."""
    bridge = FakeEventBridge() if begins == "before" else None
    with clock(MOMENT):
        bridge = bridge or FakeEventBridge()
        with bridge:
            put()
            with clock(MOMENT + timedelta(days=400)):
                put()
            put()
    with bridge:
        put()
    offsets = [call.offset_seconds for call in bridge.calls]

    assert offsets == sorted(offsets)
    assert offsets[0] >= 0
    assert offsets[-1] < 3600


@every_clock
def test_retries_wait_for_no_clock(eventbridge: FakeEventBridge, clock: Freeze) -> None:
    """A clock that stands still does not keep a retry from coming."""
    with clock(MOMENT):
        eventbridge.fail_requests("InternalException", times=2)
        put()

    assert eventbridge.calls[0].attempts == 3
    assert len(eventbridge.calls[0].retry_delays) == 2
