"""What a test made goes when the test has gone: no cache keeps a client, a test's object or an event alive."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pytest_eventbridge import (
    CapturedEvent,
    EventBridgeAssertionError,
    EventPattern,
    ExpectedEvent,
    FakeEventBridge,
    InjectedFailure,
    Mismatch,
    PutEventsCall,
    Rule,
)

# Values of these have no weak references: they are counted instead.
SLOTTED = (CapturedEvent, PutEventsCall, ExpectedEvent, Mismatch, Rule, InjectedFailure, EventPattern)

SESSION = botocore.session.Session()


@pytest.fixture(scope="module", autouse=True)
def without_what_is_older() -> Iterator[None]:
    """Look at nothing that earlier tests have made: they have made much, and each look takes its time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Own:
    """Something of a test's, which is a predicate, a target, a matcher and a function of an event."""

    def __call__(self, *_: Any) -> bool:
        return True


class Unequal:
    """A matcher of a test's that nothing equals, not even when a cache asks for it by its hash."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]  # how Python says unhashable


def make_client(service: str = "events") -> Any:
    """Return a client of its own session's making."""
    return SESSION.create_client(
        service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def put(client: Any, order_id: str = "o-1") -> None:
    """Send an event."""
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": order_id})}
    client.put_events(Entries=[entry])


def publish(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Publish, and read everything of what was captured."""
    put(client)
    event = bridge.events[0]
    for read in (event.to_dict(), event.entry, repr(event), bridge.calls[0].response):
        assert read
    return [client]


def match(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Match with predicates, matchers, patterns and expectations."""
    put(client)
    predicate, where, key = Own(), Own(), Own()
    bridge.assert_emitted(source="shop.orders", detail={"order_id": predicate}, where=where)
    bridge.assert_emitted(detail={"order_id": "o-1"}, pattern={"detail": {"order_id": [{"prefix": "o-"}]}})
    bridge.assert_emitted_exactly(ExpectedEvent(detail={"order_id": predicate}))
    bridge.assert_no_duplicates(key=key)
    return [client, predicate, where, key]


def fail_an_assertion(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Let assertions fail, whose errors carry near misses with all that they are about."""
    put(client)
    unequal = Unequal()
    kept: list[Any] = [unequal]
    for assertion in (bridge.assert_emitted, bridge.assert_emitted_once):
        with pytest.raises(EventBridgeAssertionError) as caught:
            assertion(source="shop.orders", detail={"order_id": unequal})
        assert caught.value.near_misses
        kept.append(caught.value)
    with pytest.raises(EventBridgeAssertionError) as caught:
        bridge.assert_emitted_exactly(ExpectedEvent(detail={"order_id": "o-2"}), ExpectedEvent(source=unequal))
    return [*kept, caught.value]


def compare(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Let a plain comparison with an expectation fail."""
    put(client)
    unequal = Unequal()
    assert bridge.events != [ExpectedEvent(source=unequal)]
    return [unequal]


def fail_entries(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Let an entry fail that a predicate chooses, and lose it."""
    where = Own()
    bridge.fail_entries("ThrottlingException", where=where)
    put(client)
    with pytest.raises(EventBridgeAssertionError) as caught:
        bridge.assert_no_lost_events()
    return [where, caught.value]


def fail_requests(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Let requests fail, with retries, by a code and by an exception."""
    error = ReadTimeoutError(endpoint_url="https://example.com")
    bridge.fail_requests("ThrottlingException", times=2)
    put(client)
    bridge.fail_requests("AccessDeniedException")
    with pytest.raises(ClientError) as caught:
        put(client)
    bridge.fail_requests(error, times=1, delivered=True)
    put(client)
    return [client, error, caught.value]


def route(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Route to targets of a rule of the test's, and of one that the code under test puts."""
    target, behind_arn = Own(), Own()
    bridge.add_rule({"source": ["shop.orders"]}, target, name="orders")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:bill"
    bridge.bind_target(arn, behind_arn)
    client.put_rule(Name="put", EventPattern=json.dumps({"source": [{"prefix": "shop."}]}))
    client.put_targets(Rule="put", Targets=[{"Id": "bill", "Arn": arn}])
    put(client)
    bridge.assert_routed("orders")
    bridge.assert_routed("put")
    return [client, target, behind_arn]


def wait(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Wait for an event, and in vain."""
    put(client)
    unequal, where = Unequal(), Own()
    bridge.wait_for(where=where)
    with pytest.raises(EventBridgeAssertionError) as caught:
        bridge.wait_for(source=unequal, timeout=0.01)
    return [unequal, where, caught.value]


def capture_and_clear(bridge: FakeEventBridge, client: Any) -> list[Any]:
    """Capture in a block, and forget."""
    with bridge.capture() as block:
        put(client)
    bridge.clear()
    return [block]


SCENARIOS: list[Callable[[FakeEventBridge, Any], list[Any]]] = [
    publish,
    match,
    fail_an_assertion,
    compare,
    fail_entries,
    fail_requests,
    route,
    wait,
    capture_and_clear,
]


def slotted_alive() -> list[object]:
    """Return each slotted value that is alive."""
    return [one for one in gc.get_objects() if type(one) in SLOTTED]


def identities_of_slotted() -> set[int]:
    """Return the identity of each slotted value that is alive."""
    return {id(one) for one in slotted_alive()}


def played(scenario: Callable[[FakeEventBridge, Any], list[Any]]) -> dict[str, weakref.ref[Any]]:
    """Play a scenario, and return weak references to all that took part in it."""
    client = make_client()
    with FakeEventBridge() as bridge:
        watched = [bridge, client, make_client(), *scenario(bridge, client)]
        assert identities_of_slotted()
    return {f"{number}: {type(one).__name__}": weakref.ref(one) for number, one in enumerate(watched)}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_nothing_of_a_test_is_kept(scenario: Callable[[FakeEventBridge, Any], list[Any]]) -> None:
    """The fake, clients, events, calls, rules, targets, predicates and raised errors go when nobody holds them."""
    gc.collect()
    before = identities_of_slotted()
    references = played(scenario)
    gc.collect()
    assert [name for name, reference in references.items() if reference() is not None] == []
    assert [one for one in slotted_alive() if id(one) not in before] == []


def test_a_watched_object_shows_when_it_is_held() -> None:
    """The check finds what is kept: with the events in a list, it would not be empty."""
    gc.collect()
    before = identities_of_slotted()
    with FakeEventBridge() as bridge:
        put(make_client())
        held = list(bridge.events)
    del bridge
    gc.collect()
    assert [one for one in slotted_alive() if type(one) is CapturedEvent and id(one) not in before] == held


def test_each_test_lets_go_of_what_its_fixture_gave(pytester: pytest.Pytester) -> None:
    """With the fixture, under a fault and after failures as well, nothing of a test is there when the next begins."""
    pytester.makepyfile(
        """
        import gc
        import json
        import weakref

        import botocore.session
        import pytest
        from pytest_eventbridge import CapturedEvent, PutEventsCall

        SESSION = botocore.session.Session()
        REFERENCES = []

        def client_for(bridge):
            client = SESSION.create_client(
                "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
            )
            entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
            client.put_events(Entries=[entry])
            REFERENCES.extend(map(weakref.ref, [bridge, client]))
            return client

        def test_that_passes(eventbridge):
            client_for(eventbridge)

        @pytest.mark.eventbridge_faults("throttled", "entry:InternalFailure")
        def test_under_faults(eventbridge):
            client_for(eventbridge)

        def test_with_an_endpoint(eventbridge, eventbridge_endpoint):
            client_for(eventbridge)

        def test_nothing_is_left():
            gc.collect()
            assert len(REFERENCES) == 8
            assert [reference() for reference in REFERENCES] == [None] * 8
            assert [one for one in gc.get_objects() if type(one) in (CapturedEvent, PutEventsCall)] == []
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=5)
