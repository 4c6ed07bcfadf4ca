"""The one hint of a failed assertion: each appears where it is true, and stays away where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pytest_eventbridge import EventBridgeAssertionError, FakeEventBridge

Situation = Callable[[FakeEventBridge], object]


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def emit(detail: Any = None, **members: Any) -> None:
    """Send one event; `detail` is encoded, other members go as they are."""
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps(detail or {"n": 1})}
    events_client().put_events(Entries=[entry | members])


def hint_of(situation: Situation) -> str:
    """Return what a failed assertion says between its headline and the expectation."""
    with FakeEventBridge(event_buses=["orders", "billing"]) as bridge, pytest.raises(EventBridgeAssertionError) as info:
        situation(bridge)
    _, *lines = str(info.value).partition("\nExpected:\n")[0].splitlines()
    return re.sub(r"sent from \S+:\d+", "sent from HERE", "\n".join(lines).strip())


def refused_by_injection(bridge: FakeEventBridge, **criteria: Any) -> None:
    """Let an entry fail, and expect one."""
    bridge.fail_entries("ThrottlingException", detail={"n": 1})
    emit()
    bridge.assert_emitted(**criteria or {"detail": {"n": 1}})


def refused_by_the_service(bridge: FakeEventBridge, **criteria: Any) -> None:
    """Send what the service refuses, and expect it."""
    emit(Source="aws.shop")
    bridge.assert_emitted(**criteria or {"detail": {"n": 1}})


def dropped(bridge: FakeEventBridge, event_bus: str = "odrers", **criteria: Any) -> None:
    """Send to an event bus that does not exist, and expect it."""
    emit(EventBusName=event_bus)
    bridge.assert_emitted(**criteria or {"detail": {"n": 1}})


def dropped_from_another_bus(bridge: FakeEventBridge, event_bus: str = "odrers", **criteria: Any) -> None:
    """Send to an event bus that does not exist, and expect it on one that does."""
    emit(EventBusName=event_bus)
    bridge.assert_emitted(event_bus="orders", **criteria or {"detail": {"n": 1}})


def failed_request(bridge: FakeEventBridge, number: int = 1) -> None:
    """Swallow the error of a request, and expect its event."""
    bridge.fail_requests("AccessDeniedException")
    with suppress(ClientError):
        emit()
    bridge.assert_emitted(detail={"n": number})


def delivered_although_failed(bridge: FakeEventBridge) -> None:
    """Lose the answer of a request whose event was accepted, and expect two."""
    bridge.fail_requests(ReadTimeoutError(endpoint_url="x"), delivered=True, times=None)
    with suppress(ReadTimeoutError):
        emit()
    bridge.assert_emitted(detail={"n": 2})


def on_another_bus(bridge: FakeEventBridge, event_bus: Any = "orders", number: int = 1) -> None:
    """Send to one event bus, and expect it on another."""
    emit(EventBusName="billing")
    bridge.assert_emitted(event_bus=event_bus, detail={"n": number})


def before_clear(bridge: FakeEventBridge, number: int = 1) -> None:
    """Send, forget, and expect."""
    emit()
    bridge.clear()
    bridge.assert_emitted(detail={"n": number})


def before_the_block(bridge: FakeEventBridge, number: int = 1) -> None:
    """Send before a block, and expect inside it."""
    emit()
    with bridge.capture() as view:
        emit({"n": 7})
        view.assert_emitted(detail={"n": number})


def after_the_block(bridge: FakeEventBridge) -> None:
    """Send after a block, and expect inside it."""
    with bridge.capture() as view:
        pass
    emit()
    view.assert_emitted(detail={"n": 1})


def cleared_inside_the_block(bridge: FakeEventBridge) -> None:
    """Send inside a block, forget it there, and expect it: it was not outside."""
    with bridge.capture() as view:
        emit()
        view.clear()
        view.assert_emitted(detail={"n": 1})


def encoded_twice(bridge: FakeEventBridge, sent: Any = None, **criteria: Any) -> None:
    """Send a detail as a string that holds JSON, and expect what it holds."""
    emit(json.dumps({"n": 1}) if sent is None else sent)
    bridge.assert_emitted(**{"source": "shop.orders", "detail": {"n": 1}} | criteria)


def sent_and_expected(sent: Any, expected: Any, **criteria: Any) -> Situation:
    """Send one value, and expect another."""

    def situation(bridge: FakeEventBridge) -> None:
        emit({"a": sent})
        bridge.assert_emitted(**criteria, detail={"a": expected})

    return situation


@pytest.mark.parametrize(
    ("situation", "hint"),
    [
        pytest.param(refused_by_injection, r"refused.*fail_entries\('ThrottlingException'", id="refused, injected"),
        pytest.param(
            refused_by_the_service,
            r"(?s)refused.*NotAuthorizedForSourceException.*failed_entries\[0\]",
            id="refused by the service",
        ),
        pytest.param(
            dropped_from_another_bus,
            r"^dropped_events\[0\] matches in all but the event bus: it was sent to 'odrers', which does not exist\. "
            r"Did you mean 'orders'\?$",
            id="dropped, and expected on a bus",
        ),
        pytest.param(
            lambda bridge: dropped_from_another_bus(bridge, "elsewhere"),
            r"it was sent to 'elsewhere', which does not exist\. Declared: billing, default, orders\.$",
            id="dropped from a bus like none, and expected on one",
        ),
        pytest.param(dropped, r"'odrers', which does not exist.*dropped.*Did you mean 'orders'\?", id="dropped"),
        pytest.param(
            lambda bridge: dropped(bridge, "elsewhere"),
            r"'elsewhere', which does not exist.*Declared: billing, default, orders\.",
            id="dropped, no name is near",
        ),
        pytest.param(failed_request, r"calls\[0\].*raised (AccessDeniedException|ClientError)", id="request failed"),
        pytest.param(on_another_bus, "sent to 'billing', not to 'orders'", id="another bus"),
        pytest.param(before_clear, r"before clear\(\) was called, sent from HERE", id="before clear"),
        pytest.param(cleared_inside_the_block, r"before clear\(\)", id="cleared inside the block"),
        pytest.param(before_the_block, r"outside this capture\(\), sent from HERE", id="before the block"),
        pytest.param(after_the_block, r"outside this capture\(\), sent from HERE", id="after the block"),
        pytest.param(encoded_twice, r"encoded twice.*failed_entries\[0\]", id="detail encoded twice"),
        pytest.param(
            sent_and_expected('{"b": [1]}', {"b": [1]}), r"detail\.a was encoded twice", id="object encoded twice"
        ),
        pytest.param(sent_and_expected("[1, 2]", [1, 2]), r"detail\.a was encoded twice", id="list encoded twice"),
        pytest.param(sent_and_expected("Tea", "tea"), "differs only by case", id="case"),
        pytest.param(sent_and_expected("tea ", "tea"), "differs only by white space", id="white space"),
        pytest.param(sent_and_expected("Green Tea", "greentea"), "by case and white space", id="case and white space"),
        pytest.param(
            sent_and_expected("Tea", "tea", source="shop .orders"), "by case and white space", id="one by each"
        ),
        pytest.param(sent_and_expected("12", 12), r"detail\.a was sent as a string", id="number sent as a string"),
        pytest.param(sent_and_expected("1.50", 1.5), r"detail\.a was sent as a string", id="price sent as a string"),
        pytest.param(sent_and_expected("10.50", Decimal("10.50")), r"detail\.a was sent as a string", id="default=str"),
        pytest.param(sent_and_expected(12, "12"), r"detail\.a was sent as a number", id="string sent as a number"),
    ],
)
def test_a_hint_appears_where_it_is_true(situation: Situation, hint: str) -> None:
    """Each cause is named right behind the headline."""
    assert re.search(hint, hint_of(situation))


@pytest.mark.parametrize(
    "situation",
    [
        pytest.param(lambda bridge: refused_by_injection(bridge, detail={"n": 2}), id="another entry was refused"),
        pytest.param(lambda bridge: refused_by_the_service(bridge, detail_type="x"), id="one of another type refused"),
        pytest.param(lambda bridge: dropped(bridge, detail={"n": 2}), id="another event was dropped"),
        pytest.param(
            lambda bridge: dropped(bridge, event_bus="odrers", source="x"), id="one of another source dropped"
        ),
        pytest.param(
            lambda bridge: dropped_from_another_bus(bridge, source="x"), id="one of another source and bus dropped"
        ),
        pytest.param(lambda bridge: failed_request(bridge, 2), id="a request with another event failed"),
        pytest.param(delivered_although_failed, id="the answer of another was lost"),
        pytest.param(lambda bridge: on_another_bus(bridge, number=2), id="another bus, and another detail"),
        pytest.param(lambda bridge: before_clear(bridge, 2), id="another event before clear"),
        pytest.param(lambda bridge: before_the_block(bridge, 2), id="another event before the block"),
        pytest.param(lambda bridge: encoded_twice(bridge, detail={"n": 2}), id="another detail encoded twice"),
        pytest.param(lambda bridge: encoded_twice(bridge, source="x"), id="encoded twice, and another source"),
        pytest.param(lambda bridge: encoded_twice(bridge, "[1]"), id="a list encoded twice"),
        pytest.param(lambda bridge: encoded_twice(bridge, "text"), id="the detail is a text"),
        pytest.param(sent_and_expected('{"b": 1}', {"b": 2}), id="other JSON encoded twice"),
        pytest.param(sent_and_expected("{", {"b": 2}), id="no JSON in the string"),
        pytest.param(sent_and_expected("Teas", "tea"), id="more than case differs"),
        pytest.param(sent_and_expected("Tea", "tea", source="x"), id="case, and another source"),
        pytest.param(sent_and_expected("twelve", 12), id="no number in the string"),
        pytest.param(sent_and_expected("13", 12), id="another number in the string"),
        pytest.param(sent_and_expected("1", True), id="no number is expected"),
        pytest.param(sent_and_expected(13, "12"), id="another string is expected"),
        pytest.param(sent_and_expected(12, "12", source="x"), id="a number, and another source"),
        pytest.param(lambda bridge: bridge.assert_emitted(source="x"), id="nothing was captured"),
    ],
)
def test_a_hint_stays_away_where_it_is_not_true(situation: Situation) -> None:
    """Almost the same cause is none: nothing is said rather than something wrong."""
    assert hint_of(situation) == ""


def test_there_is_one_hint_at_most() -> None:
    """Of several causes the surest is named."""

    def situation(bridge: FakeEventBridge) -> None:
        emit()
        bridge.clear()
        emit(EventBusName="nowhere")
        emit(Source="aws.shop")
        bridge.assert_emitted(detail={"n": 1})

    hint = hint_of(situation)
    assert "refused" in hint
    assert "dropped" not in hint
    assert "clear()" not in hint


def test_one_event_too_few_has_a_hint() -> None:
    """That one of two events was refused is named although the other one matches."""

    def situation(bridge: FakeEventBridge) -> None:
        bridge.fail_entries("ThrottlingException")
        emit()
        emit()
        bridge.assert_emitted(detail={"n": 1}, times=2)

    assert "ThrottlingException" in hint_of(situation)


def test_one_event_too_many_has_no_hint() -> None:
    """Where too many match, one that was refused explains nothing."""

    def situation(bridge: FakeEventBridge) -> None:
        emit()
        emit()
        emit(Source="aws.shop")
        bridge.assert_emitted_once(detail={"n": 1})

    assert hint_of(situation) == ""


@pytest.mark.parametrize(
    "criteria",
    [
        pytest.param({"where": lambda event: event.detail["n"] == 1}, id="where"),
        pytest.param({"detail": lambda detail: detail["n"] == 1}, id="detail"),
    ],
)
def test_a_predicate_that_cannot_read_a_refused_entry_masks_no_failure(criteria: dict[str, Any]) -> None:
    """A hint asks the test's predicate about entries it was not made for; what that raises is no error of the test."""

    def situation(bridge: FakeEventBridge) -> None:
        emit(Detail="{")
        bridge.assert_emitted(**criteria)

    assert hint_of(situation) == ""


def test_a_matcher_of_the_bus_is_named_without_its_address() -> None:
    """The hint about another event bus is the same in each run, whatever was to match it."""
    hint = hint_of(lambda bridge: on_another_bus(bridge, event_bus=lambda name: name.startswith("o")))
    assert "'billing'" in hint
    assert " at 0x" not in hint


def test_a_deep_string_of_json_is_no_crash() -> None:
    """A string that no parser can read for its depth is no JSON that was encoded twice."""
    assert hint_of(sent_and_expected("[" * 100_000, {"b": 1})) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [("1_2", 12), (" 12 ", 12), ("nan", 12), ("infinity", float("inf")), ("9007199254740993", 9007199254740992)],
)
def test_what_only_python_takes_for_the_number_is_not(text: str, number: float) -> None:
    """A text that is another number than the expected one, or none, was not meant to be that."""
    assert hint_of(sent_and_expected(text, number)) == ""


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("-1.50", -1.5), ("1e3", 1000), ("9007199254740993", 2**53 + 1)]
)
def test_the_number_as_a_text_is(text: str, number: float) -> None:
    """However JSON spells the number, it was sent as a string."""
    assert "was sent as a string" in hint_of(sent_and_expected(text, number))


def test_a_ligature_is_no_other_case() -> None:
    """Two texts that Unicode folds together need not differ by case."""
    assert hint_of(sent_and_expected("\ufb01x", "fix")) == ""


def test_a_predicate_that_cannot_read_the_inner_json_masks_no_failure() -> None:
    """A predicate is asked about what a string holds, which it was not made for."""
    assert hint_of(sent_and_expected(json.dumps({"b": 1}), lambda value: len(value) < 3 and value[0] == 1)) == ""


def test_a_predicate_that_cannot_read_what_was_encoded_twice_masks_no_failure() -> None:
    """A predicate of the event is asked about an entry without a detail."""

    def situation(bridge: FakeEventBridge) -> None:
        emit(Detail=json.dumps(json.dumps({"n": 1})))
        bridge.assert_emitted(detail={"n": 1}, where=lambda event: event.detail["n"] == 1)

    assert hint_of(situation) == ""


@pytest.mark.parametrize(
    ("times", "subject"), [(1, "It was refused"), (2, "Another one that matches was refused")], ids=["only", "another"]
)
def test_a_hint_tells_another_event_from_the_one_that_matches(times: int, subject: str) -> None:
    """Where one came, "it" would be that one."""

    def situation(bridge: FakeEventBridge) -> None:
        for _ in range(times - 1):
            emit()
        bridge.fail_entries("ThrottlingException")
        emit()
        bridge.assert_emitted(detail={"n": 1}, times=times)

    assert hint_of(situation).startswith(subject)
