"""The AWS CLI, its driver called in process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from awscli.clidriver import create_clidriver

from pytest_eventbridge import FakeEventBridge

ENTRIES = [
    {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": "o-1"})},
    {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": "o-2"})},
]


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the configuration of whoever runs the tests away from the CLI."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_DEFAULT_OUTPUT", raising=False)


def put_events(entries: object, *options: str) -> int:
    """Run `aws events put-events`, and return its exit code."""
    entries_json = entries if isinstance(entries, str) else json.dumps(entries)
    return create_clidriver().main([*options, "events", "put-events", "--entries", entries_json])


def test_its_events_are_captured(eventbridge: FakeEventBridge, capsys: pytest.CaptureFixture[str]) -> None:
    """The CLI prints the ids of the events that were captured, and exits with 0."""
    assert put_events(ENTRIES) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed == {"FailedEntryCount": 0, "Entries": [{"EventId": event.event_id} for event in eventbridge.events]}
    eventbridge.assert_emitted_once(source="shop.orders", detail={"order_id": "o-2"})


def test_a_failed_entry_is_no_failure_to_it(eventbridge: FakeEventBridge, capsys: pytest.CaptureFixture[str]) -> None:
    """When an entry fails the CLI exits with 0 all the same: only its output tells."""
    eventbridge.fail_entries("ThrottlingException", position=0)

    assert put_events(ENTRIES) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed["FailedEntryCount"] == 1
    assert printed["Entries"][0] == {
        "ErrorCode": "ThrottlingException",
        "ErrorMessage": "The request was denied due to request throttling.",
    }
    assert [event.detail for event in eventbridge.events] == [{"order_id": "o-2"}]
    with pytest.raises(AssertionError, match="1 event failed and was not accepted later"):
        eventbridge.assert_no_lost_events()


def test_a_refused_request_is_a_failure_to_it(eventbridge: FakeEventBridge, capsys: pytest.CaptureFixture[str]) -> None:
    """Eleven entries are refused as a whole: the CLI prints the service's text and exits with 255."""
    assert put_events(ENTRIES[:1] * 11) == 255

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "An error occurred (ValidationException) when calling the PutEvents operation: 1 validation" in printed.err
    assert eventbridge.events == []


def test_its_own_region_wins(eventbridge: FakeEventBridge, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The region option of the CLI is the region of the event."""
    file = tmp_path / "entries.json"
    file.write_text(json.dumps(ENTRIES[:1]))

    assert put_events(f"file://{file}", "--region", "eu-west-1") == 0

    assert eventbridge.assert_emitted_once().region == "eu-west-1"
