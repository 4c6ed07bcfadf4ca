"""What is demanded of a request as a whole: counts, lengths, patterns, the total size, and the types on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clients import make_client
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._constraints import entry_size_bytes

ENTRY = {"Source": "s", "DetailType": "d", "Detail": "{}"}

OVER_THE_LIMIT = "Total size of the entries in the request is over the limit."
BUS_PATTERN = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+"
ENDPOINT_PATTERN = r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$"


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share."""
    return make_client()


@pytest.fixture(scope="module")
def unchecked_client() -> Any:
    """A client that lets everything pass to the service."""
    return make_client(parameter_validation=False)


@contextmanager
def body_on_the_wire(client: Any, body: object) -> Iterator[None]:
    """Let the client send a JSON value of the test's own, by way of a handler such as any user may register."""

    def replace(params: dict[str, Any], **_: Any) -> None:
        params["body"] = body if isinstance(body, bytes) else json.dumps(body).encode()

    client.meta.events.register("before-call.eventbridge.PutEvents", replace)
    try:
        yield
    finally:
        client.meta.events.unregister("before-call.eventbridge.PutEvents", replace)


def refusal_of(client: Any, **arguments: Any) -> dict[str, Any]:
    """Return the error, code and text, with which a request is refused."""
    with pytest.raises(ClientError) as refused:
        client.put_events(**arguments)
    metadata = refused.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 400
    assert metadata["HTTPHeaders"]["x-amzn-requestid"] == metadata["RequestId"]
    return dict(refused.value.response["Error"])


def refusal_of_body(client: Any, body: object) -> dict[str, Any]:
    """Return the error, code and text, with which a JSON value in place of a request is refused."""
    with body_on_the_wire(client, body):
        return refusal_of(client, Entries=[ENTRY])


def violation(value: str, path: str, constraint: str) -> str:
    """Word one violation as the service does."""
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def validation_error(*violations: str) -> dict[str, str]:
    """Word a refusal as the service does."""
    errors = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
    return {"Code": "ValidationException", "Message": f"{errors} detected: {'; '.join(violations)}"}


def test_more_than_ten_entries_are_refused_in_the_recorded_words(client: Any, eventbridge: FakeEventBridge) -> None:
    """The text prints each entry with all of its members, two of which no client can set."""
    entries: list[dict[str, Any]] = [
        {
            "Time": datetime(2022, 1, 1, tzinfo=timezone.utc),
            "Source": "shop.orders",
            "Resources": ["r-1", "r-2"],
            "DetailType": "OrderPlaced",
            "Detail": '{"order_id": "o-1"}',
            "EventBusName": "orders",
            "TraceHeader": "Root=1",
        },
        *[{}] * 10,
    ]

    error = refusal_of(client, Entries=entries)

    nothing = (
        "PutEventsRequestEntry(time=null, source=null, resources=null, detailType=null, detail=null, "
        "eventBusName=null, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)"
    )
    assert error["Code"] == "ValidationException"
    assert error["Message"] == (
        "1 validation error detected: Value '["
        "PutEventsRequestEntry(time=Sat Jan 01 00:00:00 UTC 2022, source=shop.orders, resources=[r-1, r-2], "
        'detailType=OrderPlaced, detail={"order_id": "o-1"}, eventBusName=orders, traceHeader=Root=1, '
        "kmsKeyIdentifier=null, internalMetadata=null), "
        + ", ".join([nothing] * 10)
        + "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"
    )
    assert eventbridge.events == []
    assert eventbridge.failed_entries == []
    assert [len(call.entries) for call in eventbridge.calls] == [11]


@pytest.mark.parametrize(
    ("on_the_wire", "printed"),
    [
        pytest.param(b"0", "Thu Jan 01 00:00:00 UTC 1970", id="the epoch"),
        pytest.param(b"1640995200", "Sat Jan 01 00:00:00 UTC 2022", id="whole seconds"),
        pytest.param(b"1640995199.999", "Fri Dec 31 23:59:59 UTC 2021", id="a fraction"),
        pytest.param(b"-0.5", "Wed Dec 31 23:59:59 UTC 1969", id="before the epoch"),
        pytest.param(b"253402300799", "Fri Dec 31 23:59:59 UTC 9999", id="the last second of a datetime"),
        pytest.param(b"253402300800", "253402300800", id="a second more"),
        pytest.param(b"-1e20", "-1e+20", id="far too early"),
        pytest.param(b"1e999", "inf", id="beyond a double"),
        pytest.param(b"NaN", "nan", id="no number"),
        pytest.param(b"null", "null", id="null"),
    ],
)
def test_a_time_is_printed_as_java_prints_it(
    client: Any, eventbridge: FakeEventBridge, on_the_wire: bytes, printed: str
) -> None:
    """In whole seconds, UTC, English; a time that no `datetime` can hold as the number that it is."""
    body = b'{"Entries":[' + b",".join([b'{"Time":' + on_the_wire + b"}"] * 11) + b"]}"

    error = refusal_of_body(client, body)

    assert error["Message"].count(f"PutEventsRequestEntry(time={printed}, source=null,") == 11


@pytest.mark.parametrize("on_the_wire", [b"253402300800", b"-62135596801", b"1e20", b"1e999", b"NaN"])
def test_a_time_that_no_datetime_can_hold_is_taken_for_now(
    client: Any, eventbridge: FakeEventBridge, on_the_wire: bytes
) -> None:
    """What the service does with it is unknown, so the event is accepted, and the fake survives."""
    before = datetime.now(timezone.utc)
    body = b'{"Entries":[{"Source":"s","DetailType":"d","Detail":"{}","Time":' + on_the_wire + b"}]}"
    with body_on_the_wire(client, body):
        response = client.put_events(Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    assert before <= eventbridge.events[0].time <= datetime.now(timezone.utc)


@pytest.mark.parametrize(
    "event_bus",
    [
        pytest.param("a/b", id="a slash"),
        pytest.param("orders bus", id="a blank"),
        pytest.param("orders\n", id="a line break at the end"),
        pytest.param("Bestellungen-für-alle", id="a letter that is not ASCII"),
        pytest.param("٣", id="a digit that is not ASCII"),
        pytest.param("orders:1", id="a colon"),
        pytest.param("aws.partner/shopify.com/1234/shop-events", id="a partner's bus"),
        pytest.param(
            "arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/shopify.com/1234/shop-events",
            id="the ARN of a partner's bus",
        ),
        pytest.param("arn:aws:events:us-east-1:123456789012:event-bus/", id="an ARN without a name"),
        pytest.param("arn:aws:events:us-east-1:12345:event-bus/orders", id="an ARN with a short account"),
        pytest.param("arn:aws:events:us-east-1::event-bus/orders", id="an ARN without an account"),
        pytest.param("arn:aws:events:us:123456789012:event-bus/orders", id="an ARN without a real region"),
        pytest.param("arn:aws:events:us-east-1:123456789012:rule/orders", id="the ARN of a rule"),
        pytest.param("arn:aws:sns:us-east-1:123456789012:orders", id="the ARN of a topic"),
        pytest.param("arn:awsé:events:us-east-1:123456789012:event-bus/orders", id="a partition that is not ASCII"),
        pytest.param("arn:gcp:events:us-east-1:123456789012:event-bus/orders", id="an ARN of nobody's"),
    ],
)
def test_a_bus_name_against_the_pattern_fails_the_request(
    client: Any, eventbridge: FakeEventBridge, event_bus: str
) -> None:
    """The text names the 1-based place of the entry and the pattern, as users of the real service saw it."""
    error = refusal_of(client, Entries=[ENTRY, {**ENTRY, "EventBusName": event_bus}])

    assert error == validation_error(
        violation(
            event_bus,
            "entries.2.member.eventBusName",
            f"Member must satisfy regular expression pattern: {BUS_PATTERN}",
        )
    )
    assert eventbridge.events == []


def test_a_bus_name_over_its_length_fails_the_request(client: Any, eventbridge: FakeEventBridge) -> None:
    """A name of 1,601 is one too long, and the text prints it in full."""
    error = refusal_of(client, Entries=[{**ENTRY, "EventBusName": "b" * 1601}])

    assert error == validation_error(
        violation("b" * 1601, "entries.1.member.eventBusName", "Member must have length less than or equal to 1600")
    )


def test_a_trace_header_over_its_length_fails_the_request(client: Any, eventbridge: FakeEventBridge) -> None:
    """A header of 501 is one too long."""
    error = refusal_of(client, Entries=[{**ENTRY, "TraceHeader": "t" * 501}])

    assert error == validation_error(
        violation("t" * 501, "entries.1.member.traceHeader", "Member must have length less than or equal to 500")
    )


def test_empty_texts_fail_the_request_when_the_client_lets_them_pass(
    unchecked_client: Any, eventbridge: FakeEventBridge
) -> None:
    """A client without parameter validation gets the service's answer: a bus name breaks length and pattern."""
    error = refusal_of(unchecked_client, Entries=[{**ENTRY, "EventBusName": "", "TraceHeader": ""}])

    assert error == validation_error(
        violation("", "entries.1.member.eventBusName", "Member must have length greater than or equal to 1"),
        violation(
            "", "entries.1.member.eventBusName", f"Member must satisfy regular expression pattern: {BUS_PATTERN}"
        ),
        violation("", "entries.1.member.traceHeader", "Member must have length greater than or equal to 1"),
    )


def test_several_violations_are_one_refusal(client: Any, eventbridge: FakeEventBridge) -> None:
    """They are counted and joined, the list's own first, then the entries' in their order."""
    entries = [{"EventBusName": "a/b"}, *[{}] * 9, {"EventBusName": "c d", "TraceHeader": "t" * 501}]

    error = refusal_of(client, Entries=entries)

    message = error["Message"]
    assert error["Code"] == "ValidationException"
    assert message.startswith("4 validation errors detected: Value '[PutEventsRequestEntry(time=null, ")
    assert message.endswith(
        "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10; "
        "Value 'a/b' at 'entries.1.member.eventBusName' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {BUS_PATTERN}; "
        "Value 'c d' at 'entries.11.member.eventBusName' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {BUS_PATTERN}; "
        f"Value '{'t' * 501}' at 'entries.11.member.traceHeader' failed to satisfy constraint: "
        "Member must have length less than or equal to 500"
    )


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        pytest.param([], "Value '[]' at 'entries' failed to satisfy constraint: "
                         "Member must have length greater than or equal to 1", id="empty"),
        pytest.param(None, "Value null at 'entries' failed to satisfy constraint: Member must not be null", id="null"),
    ],
)  # fmt: skip
def test_a_request_without_entries_is_refused(
    client: Any, eventbridge: FakeEventBridge, entries: object, text: str
) -> None:
    """The service refuses it too, where the client let it pass."""
    assert refusal_of_body(client, {"Entries": entries}) == validation_error(text)
    [call] = eventbridge.calls
    assert call.entries == ()


def test_a_request_that_is_an_empty_object_lacks_its_entries(client: Any, eventbridge: FakeEventBridge) -> None:
    """A missing list reads as null."""
    error = refusal_of_body(client, {})

    assert error == validation_error("Value null at 'entries' failed to satisfy constraint: Member must not be null")


@pytest.mark.parametrize(
    ("endpoint_id", "violations"),
    [
        pytest.param(
            "abcde",
            [violation("abcde", "endpointId", f"Member must satisfy regular expression pattern: {ENDPOINT_PATTERN}")],
            id="no dot",
        ),
        pytest.param(
            "abcde.veo\n",
            [
                violation(
                    "abcde.veo\n", "endpointId", f"Member must satisfy regular expression pattern: {ENDPOINT_PATTERN}"
                )
            ],
            id="a line break at the end",
        ),
        pytest.param(
            "a." + "b" * 49,
            [violation("a." + "b" * 49, "endpointId", "Member must have length less than or equal to 50")],
            id="too long",
        ),
        pytest.param(
            "",
            [
                violation("", "endpointId", "Member must have length greater than or equal to 1"),
                violation("", "endpointId", f"Member must satisfy regular expression pattern: {ENDPOINT_PATTERN}"),
            ],
            id="empty",
        ),
    ],
)
def test_an_endpoint_id_keeps_to_the_model(
    client: Any, eventbridge: FakeEventBridge, endpoint_id: str, violations: list[str]
) -> None:
    """Length and pattern are the service's to check where the client's endpoint rules let it pass."""
    assert refusal_of_body(client, {"Entries": [ENTRY], "EndpointId": endpoint_id}) == validation_error(*violations)


@pytest.mark.parametrize(
    ("body", "endpoint_id"),
    [
        pytest.param({"Entries": [ENTRY]}, None, id="absent"),
        pytest.param({"Entries": [ENTRY], "EndpointId": None}, None, id="null"),
        pytest.param({"Entries": [ENTRY], "EndpointId": "abcde.veo"}, "abcde.veo", id="given"),
        pytest.param({"Entries": [ENTRY], "EndpointId": "a." + "b" * 48}, "a." + "b" * 48, id="of 50"),
    ],
)
def test_an_endpoint_id_is_kept_in_the_call(
    client: Any, eventbridge: FakeEventBridge, body: object, endpoint_id: str | None
) -> None:
    """The request is accepted, and `endpoint_id` tells what it had; null is the same as none."""
    with body_on_the_wire(client, body):
        response = client.put_events(Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    assert [call.endpoint_id for call in eventbridge.calls] == [endpoint_id]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"Detail": {"order_id": "o-1"}}, id="Detail is a dict"),
        pytest.param({"Detail": ["o-1"]}, id="Detail is a list"),
        pytest.param({"Detail": 1}, id="Detail is a number"),
        pytest.param({"Source": 5}, id="Source is a number"),
        pytest.param({"Source": True}, id="Source is a boolean"),
        pytest.param({"DetailType": ["d"]}, id="DetailType is a list"),
        pytest.param({"EventBusName": 5}, id="EventBusName is a number"),
        pytest.param({"TraceHeader": {}}, id="TraceHeader is a dict"),
        pytest.param({"Resources": [1]}, id="a resource is a number"),
        pytest.param({"Resources": ["r", ["r"]]}, id="a resource is a list"),
    ],
)
def test_a_member_of_the_wrong_type_fails_the_request(
    unchecked_client: Any, eventbridge: FakeEventBridge, members: dict[str, Any]
) -> None:
    """A client without parameter validation sends it, and the service cannot read the request at all."""
    error = refusal_of(unchecked_client, Entries=[ENTRY, {**ENTRY, **members}])

    assert error["Code"] == "SerializationException"
    assert eventbridge.events == []
    [call] = eventbridge.calls
    assert call.entries == ()
    assert isinstance(call.error, ClientError)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"Entries": {}}, id="Entries is an object"),
        pytest.param({"Entries": "abc"}, id="Entries is a string"),
        pytest.param({"Entries": 5}, id="Entries is a number"),
        pytest.param({"Entries": False}, id="Entries is a boolean"),
        pytest.param({"Entries": [5]}, id="an entry is a number"),
        pytest.param({"Entries": [None]}, id="an entry is null"),
        pytest.param({"Entries": [[]]}, id="an entry is a list"),
        pytest.param({"Entries": [ENTRY, "s"]}, id="the second entry is a string"),
        pytest.param({"Entries": [{**ENTRY, "Time": "2022-01-01"}]}, id="Time is a string"),
        pytest.param({"Entries": [{**ENTRY, "Time": True}]}, id="Time is a boolean"),
        pytest.param({"Entries": [{**ENTRY, "Resources": "r"}]}, id="Resources is a string"),
        pytest.param({"Entries": [{**ENTRY, "Resources": {"r": 1}}]}, id="Resources is an object"),
        pytest.param({"Entries": [ENTRY], "EndpointId": 5}, id="EndpointId is a number"),
        pytest.param({"EndpointId": 5}, id="EndpointId is a number and there are no entries"),
        pytest.param([], id="a list"),
        pytest.param("Entries", id="a string"),
        pytest.param(5, id="a number"),
        pytest.param(None, id="null"),
        pytest.param(b"Entries=1", id="no JSON"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\xfd", id="no UTF-8"),
        pytest.param(b'{"Entries":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="100,000 levels"),
    ],
)
def test_a_body_of_the_wrong_shape_fails_the_request(client: Any, eventbridge: FakeEventBridge, body: object) -> None:
    """Whatever a handler made of the body, the caller gets the service's error and the fake survives."""
    assert refusal_of_body(client, body)["Code"] == "SerializationException"

    [call] = eventbridge.calls
    assert call.entries == ()
    assert eventbridge.events == []


@pytest.mark.parametrize("event_buses", [None, ()], ids=["every bus exists", "only the default bus exists"])
@pytest.mark.parametrize("member", ["Time", "Resources", "EventBusName", "TraceHeader"])
def test_a_null_member_is_the_same_as_none(client: Any, member: str, event_buses: Any) -> None:
    """The event is accepted, and all that can be read of it reads as if the member were not there."""
    with (
        FakeEventBridge(event_buses=event_buses) as bridge,
        body_on_the_wire(client, {"Entries": [{**ENTRY, member: None}]}),
    ):
        response = client.put_events(Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    [event] = bridge.events
    assert event.event_bus == "default"
    assert event.event_bus_arn == "arn:aws:events:us-east-1:123456789012:event-bus/default"
    assert event.resources == ()
    assert event.trace_header is None
    assert event.entry["Source"] == "s"
    assert event.to_dict()["resources"] == []
    assert event == bridge.calls[0].entries[0]


@pytest.mark.parametrize("member", ["Source", "DetailType", "Detail"])
def test_a_null_required_member_is_missing(unchecked_client: Any, eventbridge: FakeEventBridge, member: str) -> None:
    """The entry fails with the text for a missing one, and not the request."""
    response = unchecked_client.put_events(Entries=[{**ENTRY, member: None}])

    [result] = response["Entries"]
    assert result["ErrorMessage"] == f"Parameter {member} is not valid. Reason: {member} is a required argument."


def test_a_null_resource_counts_for_nothing(unchecked_client: Any) -> None:
    """The documented formula sums the non-null resources, so a null one is taken and weighs nothing."""
    entry = {**ENTRY, "Resources": [None, "rr"]}

    assert entry_size_bytes(entry) == 6
    with FakeEventBridge(max_request_bytes=6) as bridge:
        response = unchecked_client.put_events(Entries=[entry])
        assert refusal_of(unchecked_client, Entries=[entry] * 11)["Code"] == "ValidationException"
    assert response["FailedEntryCount"] == 0
    assert len(bridge.events) == 1


def test_an_unknown_member_on_the_wire_is_ignored(client: Any, eventbridge: FakeEventBridge) -> None:
    """A member of a later day passes, on the request and on an entry."""
    with body_on_the_wire(client, {"Entries": [{**ENTRY, "KmsKeyIdentifier": {"a": [1]}}], "Later": 5}):
        response = client.put_events(Entries=[ENTRY])

    assert response["FailedEntryCount"] == 0
    assert len(eventbridge.events) == 1


def sized_entry(size: int) -> dict[str, str]:
    """Make an entry of so many bytes."""
    return {**ENTRY, "Detail": json.dumps({"a": "x" * (size - len('sd{"a": ""}'))})}


@pytest.mark.parametrize(
    ("sizes", "is_accepted"),
    [
        pytest.param([1_048_576], True, id="one of the limit"),
        pytest.param([1_048_577], False, id="one of a byte more"),
        pytest.param([524_288, 524_288], True, id="two of the limit together"),
        pytest.param([524_288, 524_289], False, id="two of a byte more together"),
        pytest.param([262_198], True, id="one over the limit of before 2026"),
    ],
)
def test_the_sizes_of_all_entries_together_keep_to_the_limit(
    client: Any, eventbridge: FakeEventBridge, sizes: list[int], is_accepted: bool
) -> None:
    """1,048,576 bytes pass, one more fails the request; there is no limit of one entry's own."""
    entries = [sized_entry(size) for size in sizes]

    if is_accepted:
        assert client.put_events(Entries=entries)["FailedEntryCount"] == 0
        assert len(eventbridge.events) == len(sizes)
    else:
        assert refusal_of(client, Entries=entries) == {"Code": "ValidationException", "Message": OVER_THE_LIMIT}
        assert eventbridge.events == []


@pytest.mark.parametrize(
    ("entry", "size"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"Source": "ab"}, 2, id="Source"),
        pytest.param({"DetailType": "abc"}, 3, id="DetailType"),
        pytest.param({"Detail": '{"a":1}'}, 7, id="Detail"),
        pytest.param({"Time": 0}, 14, id="Time, the epoch"),
        pytest.param({"Time": 1640995200.999}, 14, id="Time"),
        pytest.param({"Time": None}, 0, id="Time is null"),
        pytest.param({"Resources": ["a", "bc", ""]}, 3, id="Resources"),
        pytest.param({"Resources": None, "Source": None, "Detail": None}, 0, id="null"),
        pytest.param({"EventBusName": "orders", "TraceHeader": "Root=1"}, 0, id="bus and trace count for nothing"),
        pytest.param({"Source": "é", "DetailType": "€", "Detail": "😀", "Resources": ["ü"]}, 11, id="UTF-8"),
        pytest.param({"Detail": "\ud800"}, 3, id="a lone surrogate"),
        pytest.param({"Source": "\ud83d", "DetailType": "\ude00"}, 6, id="surrogates of two members make no pair"),
    ],
)
def test_the_size_of_an_entry(entry: dict[str, Any], size: int) -> None:
    """Each member counts as the user guide says."""
    assert entry_size_bytes(entry) == size


def slow_size(entry: Mapping[str, Any]) -> int:
    """Count the bytes of an entry character by character."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    size = 0 if entry.get("Time") is None else 14
    for text in texts:
        for character in text or "":
            size += 1 + sum(ord(character) >= least for least in (0x80, 0x800, 0x10000))
    return size


TEXTS = st.text(max_size=20)
ODD_TEXTS = st.none() | st.text(st.characters(), max_size=20)  # surrogates among them


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "Time": st.none() | st.integers(0, 2**40) | st.floats(0, 2**40),
            "Source": ODD_TEXTS,
            "DetailType": ODD_TEXTS,
            "Detail": ODD_TEXTS,
            "Resources": st.none() | st.lists(st.text(st.characters(), max_size=20), max_size=5),
            "EventBusName": ODD_TEXTS,
            "TraceHeader": ODD_TEXTS,
        },
    )
)
@settings(max_examples=200, deadline=None)
def test_the_size_of_any_entry_is_what_a_slow_count_says(entry: dict[str, Any]) -> None:
    """Every combination of members, present, absent or null, counts as a count by characters does."""
    assert entry_size_bytes(entry) == slow_size(entry)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"Source": TEXTS.filter(bool)},
            optional={
                "Time": st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
                "DetailType": TEXTS,
                "Detail": TEXTS,
                "Resources": st.lists(TEXTS, max_size=3),
                "EventBusName": st.sampled_from(["default", "orders"]),
                "TraceHeader": TEXTS.filter(bool),
            },
        ),
        max_size=9,
    )
)
@settings(max_examples=60, deadline=None)
def test_a_request_is_refused_from_the_first_byte_over_the_limit(client: Any, entries: list[dict[str, Any]]) -> None:
    """A limit of just the entries' size lets any request pass; one byte less, or half of it, refuses the whole."""
    entries = [*entries, {"Time": datetime(2022, 1, 1)}]  # so that no request is of size 0
    size = sum(slow_size(entry) for entry in entries)

    with FakeEventBridge(max_request_bytes=size) as bridge:
        assert len(client.put_events(Entries=entries)["Entries"]) == len(entries)
    assert len(bridge.calls[0].entries) == len(entries)

    for limit in (size - 1, size // 2):
        with FakeEventBridge(max_request_bytes=limit) as bridge:
            assert refusal_of(client, Entries=entries) == {"Code": "ValidationException", "Message": OVER_THE_LIMIT}
        assert bridge.events == []
        assert bridge.failed_entries == []


def test_a_violation_is_told_before_the_size(client: Any) -> None:
    """A request that breaks a constraint and is too large gets the constraint's text only."""
    with FakeEventBridge(max_request_bytes=1):
        error = refusal_of(client, Entries=[{**ENTRY, "EventBusName": "a/b"}])

    assert error["Message"].startswith("1 validation error detected: Value 'a/b' at ")


def test_surrogates_that_make_a_pair_on_the_wire_count_as_one_character(client: Any) -> None:
    """Two halves in a Python string are one character once JSON has carried them."""
    entry = {**ENTRY, "Detail": '{"a":"\ud83d\ude00"}'}
    with FakeEventBridge(max_request_bytes=2 + len('{"a":""}') + 4) as bridge:
        client.put_events(Entries=[entry])

    assert bridge.events[0].detail == {"a": "😀"}
