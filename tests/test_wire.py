"""What goes over the wire: the bytes of an answer, its headers, and what botocore makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.endpoint import convert_to_response_dict
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from pytest_eventbridge import FakeEventBridge

GOOD = {"Source": "s", "DetailType": "d", "Detail": "{}"}
MALFORMED = {**GOOD, "Detail": "[]"}
WITHOUT_SOURCE = {"DetailType": "d", "Detail": "{}"}
ON_A_BAD_BUS = {**GOOD, "EventBusName": 'a/b "ü" 😀'}


class Answered(NamedTuple):
    """What botocore hands to handlers after a call."""

    http_response: Any
    parsed: dict[str, Any]
    model: Any


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share."""
    return botocore.session.get_session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


@pytest.fixture
def answers(client: Any, eventbridge: FakeEventBridge) -> Iterator[list[Answered]]:
    """The answers that the client got, as a handler of the user's own sees them."""
    answered: list[Answered] = []

    def keep(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        answered.append(Answered(http_response, parsed, model))

    client.meta.events.register("after-call.eventbridge.PutEvents", keep)
    yield answered
    client.meta.events.unregister("after-call.eventbridge.PutEvents", keep)


ANSWERED = [
    pytest.param([GOOD], 200, id="accepted"),
    pytest.param([GOOD] * 10, 200, id="ten accepted"),
    pytest.param([MALFORMED], 200, id="failed"),
    pytest.param([GOOD, MALFORMED, GOOD, WITHOUT_SOURCE], 200, id="mixed"),
]
REFUSED = [
    pytest.param([ON_A_BAD_BUS], 400, id="refused"),
    pytest.param([GOOD] * 11, 400, id="refused for too many"),
]


@pytest.mark.parametrize(("entries", "status"), ANSWERED)
def test_a_parsed_response_is_what_botocore_makes_of_the_same_bytes(
    client: Any, answers: list[Answered], entries: list[dict[str, Any]], status: int
) -> None:
    """Content, types and order of keys equal those of botocore's own way from an HTTP response to a dict."""
    response = client.put_events(Entries=entries)

    [answer] = answers
    parser = create_parser(answer.model.service_model.metadata["protocol"])
    expected = parser.parse(convert_to_response_dict(answer.http_response, answer.model), answer.model.output_shape)
    expected["ResponseMetadata"]["RetryAttempts"] = 0  # which botocore's endpoint adds
    assert response == answer.parsed == expected
    assert json.dumps(answer.parsed) == json.dumps(expected)
    assert type(response["ResponseMetadata"]["HTTPHeaders"]) is dict
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(("entries", "status"), REFUSED)
def test_a_parsed_refusal_is_what_botocore_makes_of_the_same_bytes(
    client: Any, answers: list[Answered], entries: list[dict[str, Any]], status: int
) -> None:
    """The exception carries what botocore's own way from an HTTP response to a dict yields."""
    with pytest.raises(ClientError) as refused:
        client.put_events(Entries=entries)

    [answer] = answers
    parser = create_parser(answer.model.service_model.metadata["protocol"])
    expected = parser.parse(convert_to_response_dict(answer.http_response, answer.model), answer.model.output_shape)
    expected["ResponseMetadata"]["RetryAttempts"] = 0
    assert refused.value.response == answer.parsed == expected
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(("entries", "status"), [*ANSWERED, *REFUSED])
def test_the_headers_of_an_answer(
    client: Any,
    eventbridge: FakeEventBridge,
    answers: list[Answered],
    entries: list[dict[str, Any]],
    status: int,
) -> None:
    """Names and order were recorded; length, id and date are those of this very answer."""
    before = datetime.now(timezone.utc).replace(microsecond=0)
    with suppress(ClientError):
        client.put_events(Entries=entries)
    after = datetime.now(timezone.utc)

    [answer] = answers
    headers = answer.http_response.headers
    metadata = answer.parsed["ResponseMetadata"]
    assert answer.http_response.status_code == status
    assert [name.lower() for name in headers] == ["x-amzn-requestid", "content-type", "content-length", "date"]
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    assert int(headers["Content-Length"]) == len(answer.http_response.content)
    assert before <= parsedate_to_datetime(headers["Date"]) <= after
    assert headers["Date"].endswith(" GMT")
    assert metadata["HTTPHeaders"] == dict(headers)
    assert metadata["RequestId"] == headers["x-amzn-RequestId"] == eventbridge.calls[0].request_id


def test_the_body_of_an_answer(client: Any, answers: list[Answered], eventbridge: FakeEventBridge) -> None:
    """It is compact JSON with the results first, as recorded, each result with its own members only."""
    client.put_events(Entries=[GOOD, MALFORMED])

    [answer] = answers
    event_id = eventbridge.events[0].event_id
    assert answer.http_response.text == (
        f'{{"Entries":[{{"EventId":"{event_id}"}},'
        '{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}'
    )


def test_the_body_of_a_refusal(client: Any, answers: list[Answered]) -> None:
    """It names the type of the error and its text, and a text that is not ASCII comes through."""
    with pytest.raises(ClientError) as refused:
        client.put_events(Entries=[ON_A_BAD_BUS])

    [answer] = answers
    body = json.loads(answer.http_response.content)
    assert list(body) == ["__type", "message"]
    assert body["__type"] == "ValidationException"
    assert "Value 'a/b \"ü\" 😀' at 'entries.1.member.eventBusName'" in body["message"]
    assert refused.value.response["Error"] == {"Code": body["__type"], "Message": body["message"]}


def test_each_answer_has_a_request_id_of_its_own(client: Any, answers: list[Answered]) -> None:
    """No two calls share a request id, and none is an event id."""
    for _ in range(5):
        client.put_events(Entries=[GOOD])

    request_ids = {answer.parsed["ResponseMetadata"]["RequestId"] for answer in answers}
    event_ids = {answer.parsed["Entries"][0]["EventId"] for answer in answers}
    assert len(request_ids) == len(event_ids) == 5
    assert not request_ids & event_ids


def test_what_a_caller_does_to_its_response_reaches_nothing_else(
    client: Any, answers: list[Answered], eventbridge: FakeEventBridge
) -> None:
    """The body on the wire, the captured response and the captured events stay as they were."""
    response = client.put_events(Entries=[GOOD])
    event_id = response["Entries"][0]["EventId"]
    body = answers[0].http_response.content

    response["Entries"][0]["EventId"] = "changed"
    response["ResponseMetadata"]["HTTPHeaders"].clear()
    response["Entries"].append({})

    [call] = eventbridge.calls
    assert call.response is not None
    assert call.response["Entries"] == [{"EventId": event_id}]
    assert call.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] == call.request_id
    assert eventbridge.events[0].event_id == event_id
    assert answers[0].http_response.content == body
    assert json.loads(body)["Entries"] == [{"EventId": event_id}]


def test_a_failure_text_that_is_not_ascii_is_counted_in_bytes(
    client: Any, answers: list[Answered], eventbridge: FakeEventBridge
) -> None:
    """The caller gets it as given, and the length is that of the bytes sent."""
    eventbridge.fail_entries("InternalFailure", "Störung 😀")

    response = client.put_events(Entries=[GOOD])

    [answer] = answers
    assert response["Entries"][0]["ErrorMessage"] == "Störung 😀"
    assert int(answer.http_response.headers["content-length"]) == len(answer.http_response.content)
