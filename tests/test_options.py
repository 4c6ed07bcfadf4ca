"""The options: their defaults and types, names that are none, and copies of what was given."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import FrozenInstanceError, fields
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._options import OPTION_TYPES, Options, options_from
from pytest_eventbridge._spelling import unknown_name

ALLOWED = (
    "account_id, allow_unused_failures, event_buses, fail_on_lost_events, fake_credentials, "
    "ignore_detail_keys, max_request_bytes, region"
)


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share."""
    return botocore.session.get_session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def send(client: Any, **members: Any) -> None:
    """Send one event."""
    client.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}", **members}])


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("region", "us-east-1"),
        ("account_id", "123456789012"),
        ("event_buses", None),
        ("max_request_bytes", 1_048_576),
        ("allow_unused_failures", False),
        ("fail_on_lost_events", False),
        ("ignore_detail_keys", frozenset()),
        ("fake_credentials", True),
    ],
)
def test_an_option_that_is_not_given_has_its_default(name: str, default: object) -> None:
    """The defaults are those of the documentation, to the type."""
    value = getattr(options_from({}), name)

    assert value == default
    assert type(value) is type(default)


def test_every_option_has_a_type() -> None:
    """The table of types and the options name the same."""
    assert sorted(OPTION_TYPES) == sorted(field.name for field in fields(Options))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("region", "eu-central-1"),
        ("account_id", "000000000000"),
        ("event_buses", None),
        ("event_buses", []),
        ("event_buses", ["orders"]),
        ("event_buses", {"orders": "why"}),
        ("event_buses", {"arn:aws:events:us-east-1:123456789012:event-bus/audit"}),
        ("max_request_bytes", 1),
        ("max_request_bytes", 10**12),
        ("allow_unused_failures", True),
        ("fail_on_lost_events", True),
        ("ignore_detail_keys", ("_datadog",)),
        ("ignore_detail_keys", deque(["_datadog"])),
        ("fake_credentials", False),
    ],
    ids=repr,
)
def test_an_option_takes_what_it_is_for(name: str, value: object) -> None:
    """A value of the right type is taken, a collection of any kind as the names in it."""
    taken = getattr(options_from({name: value}), name)

    assert taken == (frozenset(value) if isinstance(value, Iterable) and not isinstance(value, str) else value)


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        *[("region", value, "the name of a region") for value in (None, "", 5, b"us-east-1")],
        *[
            ("account_id", value, "a string of 12 digits")
            for value in (
                None,
                123456789012,
                "",
                "12345678901",
                "1234567890123",
                "12345678901x",
                "123456789012\n",
                "١٢٣٤٥٦٧٨٩٠١٢",
                " 123456789012",
            )
        ],
        *[
            ("event_buses", value, "a collection of names or ARNs, or None")
            for value in ("orders", b"orders", 5, True, ["orders", 5], ["orders", None], [""], [b"orders"], object)
        ],
        *[
            ("max_request_bytes", value, "a positive number of bytes")
            for value in (None, 0, -1, True, 1.5, 1024.0, "1024")
        ],
        *[
            (name, value, "True or False")
            for name in ("allow_unused_failures", "fail_on_lost_events", "fake_credentials")
            for value in (None, 0, 1, "true", "")
        ],
        *[
            ("ignore_detail_keys", value, "a collection of keys")
            for value in (None, "_datadog", b"_datadog", 5, [5], [""], [("a", "b")])
        ],
    ],
    ids=repr,
)
def test_an_option_of_the_wrong_type_is_refused(name: str, value: object, takes: str) -> None:
    """The error names the option, what it takes and what it got."""
    with pytest.raises(TypeError) as refused:
        FakeEventBridge(**{name: value})  # type: ignore[arg-type]  # on purpose

    assert str(refused.value) == f"The option {name!r} takes {takes}, not {value!r}."


def test_a_generator_is_no_collection_of_names() -> None:
    """What can be read only once is refused, rather than found empty later."""
    with pytest.raises(TypeError, match="The option 'event_buses' takes a collection of names or ARNs, or None, not"):
        FakeEventBridge(event_buses=(name for name in ["orders"]))  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("regoin", " Did you mean 'region'?"),
        ("account", " Did you mean 'account_id'?"),
        ("accountId", " Did you mean 'account_id'?"),
        ("event_bus", " Did you mean 'event_buses'?"),
        ("max_bytes", " Did you mean 'max_request_bytes'?"),
        ("fail_on_lost_event", " Did you mean 'fail_on_lost_events'?"),
        ("Region", " Did you mean 'region'?"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_an_unknown_option_is_refused(name: str, question: str) -> None:
    """The error names the nearest spelling, where there is one, and all that are allowed."""
    with pytest.raises(TypeError) as refused:
        FakeEventBridge(**{name: 1})  # type: ignore[arg-type]  # on purpose

    assert str(refused.value) == f"Unknown option {name!r}.{question} Allowed: {ALLOWED}."


def test_an_unknown_option_comes_before_one_of_the_wrong_type() -> None:
    """Of two mistakes the misspelt name is told, whatever the order."""
    with pytest.raises(TypeError, match="Unknown option 'regoin'"):
        FakeEventBridge(account_id=5, regoin="eu-west-1")  # type: ignore[call-arg, arg-type]  # on purpose


def test_a_refused_option_leaves_nothing_behind(client: Any) -> None:
    """After the error the next fake works as ever."""
    with pytest.raises(TypeError):
        FakeEventBridge(region=5)  # type: ignore[arg-type]  # on purpose

    with FakeEventBridge() as bridge:
        send(client)
    assert len(bridge.events) == 1


def test_options_are_frozen() -> None:
    """Nobody changes an option while the fake is active."""
    with pytest.raises(FrozenInstanceError):
        Options().region = "eu-west-1"  # type: ignore[misc]  # on purpose


def test_the_callers_own_dict_of_options_stays_as_it_was() -> None:
    """Options that many fakes share are not used up by one."""
    values = {"event_buses": ["orders"], "ignore_detail_keys": ["_datadog"]}

    options_from(values)

    assert values == {"event_buses": ["orders"], "ignore_detail_keys": ["_datadog"]}


def test_event_buses_are_copied(client: Any) -> None:
    """A list that the test changes afterwards makes no event bus."""
    event_buses = ["orders"]
    with FakeEventBridge(event_buses=event_buses) as bridge:
        event_buses.append("audit")
        event_buses.remove("orders")
        send(client, EventBusName="orders")
        send(client, EventBusName="audit")

    assert [event.event_bus for event in bridge.events] == ["orders"]
    assert [event.event_bus for event in bridge.dropped_events] == ["audit"]


def test_ignore_detail_keys_are_copied(client: Any) -> None:
    """A list that the test changes afterwards hides no key."""
    keys = ["_datadog"]
    with FakeEventBridge(ignore_detail_keys=keys) as bridge:
        keys[:] = ["order_id"]
        send(client, Detail='{"order_id": "o-1", "_datadog": {}}')

    assert bridge.find(detail={"order_id": "o-1"}) == bridge.events[:]
    assert bridge.find(detail={"_datadog": {}}) == []
    assert bridge.events[0].detail == {"order_id": "o-1", "_datadog": {}}


def test_the_account_id_is_in_envelopes_and_arns(client: Any) -> None:
    """The account given is the one that sends, and the one whose event buses exist."""
    with FakeEventBridge(account_id="000000000042", event_buses=["orders"]) as bridge:
        send(client, EventBusName="orders")
        send(client, EventBusName="arn:aws:events:us-east-1:000000000042:event-bus/orders")
        send(client, EventBusName="arn:aws:events:us-east-1:123456789012:event-bus/orders")

    assert [event.to_dict()["account"] for event in bridge.events] == ["000000000042"] * 2
    assert {event.event_bus_arn for event in bridge.events} == {
        "arn:aws:events:us-east-1:000000000042:event-bus/orders"
    }
    assert len(bridge.dropped_events) == 1


@pytest.mark.parametrize(
    ("name", "allowed", "message"),
    [
        ("colour", ["color", "size"], "Unknown field 'colour'. Did you mean 'color'? Allowed: color, size."),
        ("weight", ["size", "color"], "Unknown field 'weight'. Allowed: color, size."),
        ("size", {"sizes": 1, "sized": 2}, "Unknown field 'size'. Did you mean 'sizes'? Allowed: sized, sizes."),
        ("it's", ["its"], "Unknown field \"it's\". Did you mean 'its'? Allowed: its."),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_and_all_allowed(
    name: str, allowed: Iterable[str], message: str
) -> None:
    """Allowed names stand in alphabetical order, and a question only where a spelling is near."""
    assert unknown_name("field", name, allowed) == message


NAMES = st.text(max_size=20)


@given(NAMES, st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_a_message_about_any_name_names_all_that_are_allowed(name: str, allowed: list[str]) -> None:
    """However odd the names, each allowed one is in the message, and so is the one that was given."""
    message = unknown_name("field", name, iter(allowed))

    assert message.startswith(f"Unknown field {name!r}.")
    assert message.endswith(f"Allowed: {', '.join(sorted(allowed))}.")
