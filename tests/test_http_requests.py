"""What an HTTP request asks for, and where it says it comes from."""

from __future__ import annotations

import pytest

from pytest_eventbridge._cbor import encode
from pytest_eventbridge._http_connection import HttpRequest
from pytest_eventbridge._http_requests import CBOR, JSON, find_operation, origin_of

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/{}/events/aws4_request, SignedHeaders=host, Signature=00"


def make_request(
    headers: dict[str, str] | None = None, *, method: str = "POST", target: str = "/", body: bytes = b"{}"
) -> HttpRequest:
    """Make a request for PutEvents, unless it is told otherwise."""
    headers = {"x-amz-target": "AWSEvents.PutEvents", **(headers or {})}
    return HttpRequest(method, target, headers, body, "127.0.0.1:1234")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (make_request(), "PutEvents"),
        (make_request(target="/?a=b"), "PutEvents"),
        (make_request({"x-amz-target": "AWSEvents.Anything.Else"}), "Anything.Else"),
        (make_request({"x-amz-target": "AWSEvents"}), ""),
        (make_request({"x-amz-target": "DynamoDB_20120810.PutItem"}), None),
        (make_request({"x-amz-target": ""}), None),
        (make_request(method="GET"), None),
        (make_request(target="/events"), None),
    ],
)
def test_of_the_classic_service_it_is_in_the_target_header(request_: HttpRequest, expected: str | None) -> None:
    """A POST to the root names the operation behind the service's prefix; anything else is none of the service's."""
    operation = find_operation(request_)
    assert (operation and operation.name) == expected
    assert operation is None or operation.protocol.service == "events"


CBOR_HEADERS = {"smithy-protocol": "rpc-v2-cbor"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (make_request(CBOR_HEADERS, target="/service/AWSEventsV2/operation/PutEvents"), "PutEvents"),
        (make_request(CBOR_HEADERS, target="/service/AWSEventsV2/operation/PutAnything?a=b"), "PutAnything"),
        (make_request(CBOR_HEADERS, target="/service/Other/operation/PutEvents"), None),
        (make_request(CBOR_HEADERS, target="/service/AWSEventsV2/operation/"), None),
        (make_request(CBOR_HEADERS, target="/service/AWSEventsV2/operation/a/b"), None),
        (make_request(CBOR_HEADERS, target="/service/AWSEventsV2/operation/PutEvents", method="GET"), None),
        (make_request(target="/service/AWSEventsV2/operation/PutEvents"), None),
    ],
)
def test_of_the_newer_service_it_is_in_the_path(request_: HttpRequest, expected: str | None) -> None:
    """A POST in the newer service's protocol names the operation at the end of its path."""
    operation = find_operation(request_)
    assert (operation and operation.name) == expected
    assert operation is None or operation.protocol.service == "eventbridgev2"


@pytest.mark.parametrize(
    ("headers", "target", "region"),
    [
        ({"authorization": SIGNED.format("eu-west-1")}, "/", "eu-west-1"),
        ({"authorization": SIGNED.format("us-gov-west-1")}, "/", "us-gov-west-1"),
        (
            {},
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Fus-west-2%2Fevents%2Faws4_request",
            "us-west-2",
        ),
        ({"authorization": "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20260101/events/aws4_request"}, "/", "xx-own-1"),
        ({"authorization": SIGNED.format("")}, "/", "xx-own-1"),
        ({"authorization": "Bearer token"}, "/", "xx-own-1"),
        ({}, "/", "xx-own-1"),
    ],
    ids=["header", "government", "query", "several regions", "empty", "no signature", "unsigned"],
)
def test_the_region_is_the_one_it_was_signed_for(headers: dict[str, str], target: str, region: str) -> None:
    """The scope of the signature names the region; where it names none the default holds."""
    request = make_request(headers, target=target)
    operation = find_operation(request)
    assert operation is not None
    assert origin_of(request, operation, "xx-own-1").region == region


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
        ("nowhere", "aws"),
    ],
)
def test_the_partition_follows_from_the_region(region: str, partition: str) -> None:
    """A region belongs to one partition, which its name tells."""
    request = make_request({"authorization": SIGNED.format(region)})
    operation = find_operation(request)
    assert operation is not None
    assert origin_of(request, operation, "us-east-1").partition == partition


@pytest.mark.parametrize(
    ("agent", "sent_from"),
    [
        ("aws-sdk-js/3.1 ua/2.1 os/linux", "aws-sdk-js/3.1 at 127.0.0.1:1234, over the endpoint"),
        ("x" * 100, "x" * 60 + " at 127.0.0.1:1234, over the endpoint"),
        (" ", "127.0.0.1:1234, over the endpoint"),
        (None, "127.0.0.1:1234, over the endpoint"),
    ],
)
def test_it_is_sent_from_a_program_and_an_address(agent: str | None, sent_from: str) -> None:
    """There is no line of code to tell, but the name and version of the SDK and the address of the client."""
    request = make_request({} if agent is None else {"user-agent": agent})
    operation = find_operation(request)
    assert operation is not None
    assert origin_of(request, operation, "us-east-1").sent_from == sent_from


@pytest.mark.parametrize(
    ("headers", "target", "trace_header"),
    [
        ({"x-amz-target": "AWSEvents.PutEvents", "x-amzn-trace-id": "Root=1"}, "/", "Root=1"),
        ({"x-amz-target": "AWSEvents.PutEvents", "x-amzn-trace-id": ""}, "/", None),
        ({"x-amz-target": "AWSEvents.PutEvents"}, "/", None),
        ({"x-amz-target": "AWSEvents.PutPartnerEvents", "x-amzn-trace-id": "Root=1"}, "/", None),
        (
            {"x-amz-target": "", "smithy-protocol": "rpc-v2-cbor", "x-amzn-trace-id": "Root=1"},
            "/service/AWSEventsV2/operation/PutEvents",
            None,
        ),
    ],
    ids=["PutEvents", "empty", "none", "PutPartnerEvents", "the newer service"],
)
def test_put_events_takes_a_trace_header(headers: dict[str, str], target: str, trace_header: str | None) -> None:
    """The header of X-Ray is taken note of for PutEvents of the classic service, and for no other operation."""
    request = make_request(headers, target=target)
    operation = find_operation(request)
    assert operation is not None
    assert origin_of(request, operation, "us-east-1").trace_header == trace_header


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b'{"Entries": []}', {"Entries": []}),
        (b"[]", []),
        ('{"a": "ü"}'.encode(), {"a": "ü"}),
        (b"", None),
        (b"{", None),
        (b"\xff\xfe{\x00}\x00", None),
        ("\ufeff{}".encode(), None),
        (b'{"a": NaN}', None),
        (b'{"a": -Infinity}', None),
        (b"[" * 100_000 + b"]" * 100_000, None),
        (b"1" * 10_000, None),
    ],
    ids=["object", "array", "UTF-8", "empty", "cut off", "UTF-16", "BOM", "NaN", "Infinity", "deep", "long number"],
)
def test_a_body_is_json_or_nothing(body: bytes, decoded: object) -> None:
    """What is no JSON in UTF-8 is `None`, which the service refuses as what it cannot read."""
    assert JSON.decode(body) == decoded


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (encode({"Entries": [{"Data": b"\0"}]}), {"Entries": [{"Data": b"\0"}]}),
        (encode([]), None),
        (b"", None),
        (b"\xff", None),
        (b"\x81" * 100_000, None),
        (b"\xbb" + b"\xff" * 8, None),
    ],
    ids=["map", "array", "empty", "break", "deep", "longer than there is"],
)
def test_a_body_is_a_map_in_cbor_or_nothing(body: bytes, decoded: object) -> None:
    """What is no CBOR, or no map, is `None`, which the newer service refuses as what it cannot read."""
    assert CBOR.decode(body) == decoded
