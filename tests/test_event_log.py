"""The events of each kind that a log has at hand, held against a look at each event."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import botocore.session
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import CapturedEvents, FakeEventBridge

SOURCES = ("shop", "billing")
DETAIL_TYPES = ("Placed", "Paid")

REQUESTS = st.lists(
    st.builds(
        lambda source, detail_type, detail, bus: {
            "Source": source,
            "DetailType": detail_type,
            "Detail": detail,
            "EventBusName": bus,
        },
        st.sampled_from(SOURCES),
        st.sampled_from(DETAIL_TYPES),
        st.sampled_from(["{}", "no JSON"]),
        st.sampled_from(["default", "unknown"]),
    ),
    min_size=1,
    max_size=4,
)
STEPS = st.lists(REQUESTS | st.sampled_from(["open", "close", "clear", "clear a capture"]), max_size=12)


@cache
def events_client() -> Any:
    """Return a client that all tests here share, because making one takes long."""
    session = botocore.session.Session()
    return session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def check_each_kind(captured: CapturedEvents) -> None:
    """Ask for the accepted events and for the failed entries of each kind, of those that there are and of others."""
    for source, detail_type in product((*SOURCES, "none", None), (*DETAIL_TYPES, "None", None)):
        criteria: Any = {"source": source, "detail_type": detail_type}
        criteria = {name: value for name, value in criteria.items() if value is not None}
        events, entries = (
            [one for one in view if all(getattr(one, name) == value for name, value in criteria.items())]
            for view in (captured.events, captured.failed_entries)
        )
        assert captured.find(**criteria) == events
        assert captured.assert_emitted(times=len(events), **criteria) == events
        assert captured.assert_failed(times=len(entries), **criteria) == entries


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_those_of_a_kind_are_those_that_a_look_at_each_finds(steps: list[Any]) -> None:
    """Whatever is captured and forgotten, in blocks as well, each kind has its events in the order of capture."""
    opened: list[tuple[Any, CapturedEvents]] = []
    closed: list[CapturedEvents] = []
    with FakeEventBridge(event_buses=[]) as bridge:
        for step in steps:
            if isinstance(step, list):
                events_client().put_events(Entries=step)
            elif step == "open":
                block = bridge.capture()
                opened.append((block, block.__enter__()))
            elif step == "clear":
                bridge.clear()
            elif opened and step == "clear a capture":
                opened[0][1].clear()
            elif opened:
                block, captured = opened.pop(0)
                block.__exit__(None, None, None)
                closed.append(captured)
            for captured in (bridge, *closed, *(captured for _, captured in opened)):
                check_each_kind(captured)
