"""Airflow's EventBridgePutEventsOperator, run without a scheduler and without a database."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_eventbridge import FakeEventBridge

MakeOperator = Callable[[int], Any]


@pytest.fixture(scope="module")
def make_operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeOperator]:
    """Build operators with so many entries.

    Airflow writes to its home as soon as it is imported, and takes over the root logger: both are confined here.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        from airflow.providers.amazon.aws.operators.eventbridge import EventBridgePutEventsOperator

        def make(count: int) -> Any:
            return EventBridgePutEventsOperator(
                task_id="publish", aws_conn_id=None, entries=[entry(f"o-{number}") for number in range(count)]
            )

        yield make
    root.handlers[:] = handlers
    root.setLevel(level)


def entry(order_id: str) -> dict[str, str]:
    """Make a request entry."""
    return {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": order_id})}


def order_ids(eventbridge: FakeEventBridge) -> list[str]:
    """Return the orders whose events were accepted."""
    return [event.detail["order_id"] for event in eventbridge.events]


def test_its_events_are_captured(eventbridge: FakeEventBridge, make_operator: MakeOperator) -> None:
    """The operator returns the ids of the events that were captured."""
    assert make_operator(2).execute({}) == [event.event_id for event in eventbridge.events]

    assert order_ids(eventbridge) == ["o-0", "o-1"]


def test_it_raises_when_an_entry_fails(eventbridge: FakeEventBridge, make_operator: MakeOperator) -> None:
    """One failed entry fails the task, although the other one was accepted."""
    from airflow.providers.common.compat.sdk import AirflowException

    eventbridge.fail_entries("ThrottlingException", position=0)

    with pytest.raises(AirflowException, match=r"^1 entries in this request have failed to send"):
        make_operator(2).execute({})

    assert order_ids(eventbridge) == ["o-1"]


def test_its_retry_is_a_duplicate(eventbridge: FakeEventBridge, make_operator: MakeOperator) -> None:
    """A retry of the task loses nothing, but sends the accepted entry a second time."""
    from airflow.providers.common.compat.sdk import AirflowException

    eventbridge.fail_entries("ThrottlingException", position=0)
    task = make_operator(2)
    with pytest.raises(AirflowException):
        task.execute({})

    task.execute({})

    eventbridge.assert_no_lost_events()
    with pytest.raises(AssertionError, match="1 event was accepted more than once"):
        eventbridge.assert_no_duplicates()


def test_it_does_not_split_twelve_entries(eventbridge: FakeEventBridge, make_operator: MakeOperator) -> None:
    """Twelve entries go out in one request, which the service refuses as a whole."""
    with pytest.raises(ClientError, match="Member must have length less than or equal to 10"):
        make_operator(12).execute({})

    assert eventbridge.events == []
    assert [len(call.entries) for call in eventbridge.calls] == [12]
