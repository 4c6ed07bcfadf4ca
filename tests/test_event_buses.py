"""Which event buses there are, whatever the option says and whoever creates and deletes them."""

from __future__ import annotations

import pytest

from pytest_eventbridge._event_buses import EventBuses, bus_name_of

ACCOUNT = "123456789012"
OURS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/"
THEIRS = "arn:aws:events:us-east-1:999999999999:event-bus/"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (None, "default"),
        ("orders", "orders"),
        (f"{OURS}orders", "orders"),
        (f"{OURS}aws.partner/shop.example/1", "aws.partner/shop.example/1"),
        ("aws.partner/shop.example/1", "aws.partner/shop.example/1"),
        ("arn:aws:events", "arn:aws:events"),
    ],
)
def test_name(given: str | None, name: str) -> None:
    """An event bus goes by its name, however it is given."""
    assert bus_name_of(given) == name


@pytest.mark.parametrize(
    ("given", "exists"),
    [
        (None, True),
        ("default", True),
        ("orders", True),
        (f"{OURS}orders", True),
        ("billing", False),
        (f"{OURS}billing", False),
        (f"{THEIRS}orders", False),
        (f"{THEIRS}shared", True),
        (f"{OURS}shared", False),
    ],
)
def test_declared(given: str | None, exists: bool) -> None:
    """Where some are declared, only those exist: a name is one of the own account."""
    event_buses = EventBuses(["orders", f"{THEIRS}shared"], ACCOUNT)
    assert event_buses.has(given) is exists
    assert not event_buses.are_all_there


@pytest.mark.parametrize("given", [None, "orders", f"{THEIRS}orders"])
def test_undeclared(given: str | None) -> None:
    """Where none are declared, each exists."""
    event_buses = EventBuses(None, ACCOUNT)
    assert event_buses.has(given)
    assert event_buses.are_all_there


@pytest.mark.parametrize("declared", [None, [], ["orders"]], ids=repr)
def test_created_and_deleted(declared: list[str] | None) -> None:
    """One that is created exists until it is deleted, and may be created again."""
    event_buses = EventBuses(declared, ACCOUNT)
    for description in ("first", "second"):
        event_buses.create("orders", description)
        assert event_buses.has("orders")
        assert event_buses.is_known("orders")
        assert event_buses.find("orders").description == description
        event_buses.delete("orders")
        assert not event_buses.has("orders")
        assert not event_buses.has(f"{OURS}orders")
        assert not event_buses.is_known("orders")
        assert not event_buses.are_all_there
    assert event_buses.has("billing") is (declared is None)


def test_one_of_another_account_is_not_deleted_with_ours() -> None:
    """Deleting one says nothing of one of the same name in another account."""
    event_buses = EventBuses(None, ACCOUNT)
    event_buses.delete("orders")
    assert event_buses.has(f"{THEIRS}orders")


@pytest.mark.parametrize(
    ("declared", "others", "names"),
    [
        (None, [], ["default", "new"]),
        (None, ["of-a-rule", "gone"], ["default", "new", "of-a-rule"]),
        (["orders"], [], ["default", "new", "orders"]),
        ([f"{THEIRS}shared"], ["gone"], ["default", "new"]),
    ],
)
def test_names(declared: list[str] | None, others: list[str], names: list[str]) -> None:
    """They are listed by name, as far as anybody has named them."""
    event_buses = EventBuses(declared, ACCOUNT)
    event_buses.create("new", None)
    event_buses.delete("gone")
    assert event_buses.names(others) == names


def test_find_one_that_nobody_created() -> None:
    """One that simply exists has no description, and is as old as the fake."""
    event_buses = EventBuses(None, ACCOUNT)
    found = event_buses.find("orders")
    assert (found.name, found.description) == ("orders", None)
    assert found.created_at == event_buses.find("default").created_at
