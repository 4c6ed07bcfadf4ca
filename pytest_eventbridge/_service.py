"""The classic EventBridge service: what it answers to PutEvents, and what it would deliver."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Final

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import RequestError, find_request_error, moment_of
from pytest_eventbridge._detail import MalformedDetailError, decode_detail
from pytest_eventbridge._failures import DEFAULT_ERROR_MESSAGES, InjectedFailures
from pytest_eventbridge._model import CapturedEvent, Origin, PutEventsCall, fill_in
from pytest_eventbridge._options import Options
from pytest_eventbridge._recorder import Recorder

_REQUIRED_MEMBERS: Final = ("Source", "DetailType", "Detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service answers to one request.

    Attributes:
        call: The call it was recorded under.
        result_entries: One for each entry, in the order of the request; empty when the request was refused.
        failed_entry_count: How many of them carry an `ErrorCode`.
        error: Why the whole request was refused; `None` when it was not.
    """

    call: PutEventsCall
    result_entries: list[dict[str, str]]
    failed_entry_count: int
    error: RequestError | None = None


class ClassicService:
    """Decides what becomes of each entry, records it, and answers.

    Args:
        options: The fake's options.
        failures: The failures injected into the fake.
        recorder: Where to record.
    """

    def __init__(self, options: Options, failures: InjectedFailures, recorder: Recorder) -> None:
        self._options = options
        self._failures = failures
        self._recorder = recorder
        self._event_buses = None if options.event_buses is None else {*options.event_buses, "default"}

    def put_events(self, params: Mapping[str, Any], origin: Origin) -> Answer:
        """Answer a PutEvents request.

        Args:
            params: The request, decoded from the wire; `Time` in seconds since the epoch.
            origin: Where it comes from.
        """
        error = find_request_error(params, self._options.max_request_bytes)
        call = PutEventsCall(
            service=origin.service,
            operation=origin.operation,
            region=origin.region,
            partition=origin.partition,
            account_id=self._options.account_id,
            endpoint_id=params.get("EndpointId"),
            sent_from=origin.sent_from,
            request_id=new_id(),
            ignore_detail_keys=frozenset(self._options.ignore_detail_keys),
        )
        if error is not None and error.code == "SerializationException":
            with self._recorder.lock:
                self._recorder.record(call)
            return Answer(call=call, result_entries=[], failed_entry_count=0, error=error)
        now = datetime.fromtimestamp(time.time(), tz=timezone.utc)
        entries = [
            self._capture(entry, position, call, now) for position, entry in enumerate(params.get("Entries") or ())
        ]
        with self._recorder.lock:
            entries = [self._decide(event) if error is None else replace(event, event_id=None) for event in entries]
            fill_in(call, entries=tuple(entries))
            self._record(call, entries, error)
        failed_count = sum(event.error_code is not None for event in entries)
        results = [] if error else [_result_entry(event) for event in entries]
        return Answer(call=call, result_entries=results, failed_entry_count=failed_count, error=error)

    def _capture(self, entry: dict[str, Any], position: int, call: PutEventsCall, now: datetime) -> CapturedEvent:
        return CapturedEvent(
            source=entry.get("Source") or "",
            detail_type=entry.get("DetailType") or "",
            detail_json=entry.get("Detail") or "",
            event_bus=(entry.get("EventBusName") or "default").rpartition("/")[2],
            # What the service does with a time that no datetime can hold is unknown.
            time=moment_of(entry.get("Time")) or now,
            event_id=new_id(),
            error_code=None,
            error_message=None,
            position=position,
            call=call,
            _entry=entry,
        )

    def _decide(self, event: CapturedEvent) -> CapturedEvent:
        refusal = find_entry_error(event)
        if refusal is None and (failure := self._failures.first_for(event)) is not None:
            refusal = (failure.error_code, failure.error_message)
        if refusal is None:
            return event
        return replace(event, event_id=None, error_code=refusal[0], error_message=refusal[1])

    def _record(self, call: PutEventsCall, entries: Sequence[CapturedEvent], error: RequestError | None) -> None:
        if error is not None:
            self._recorder.record(call)
            return
        succeeded = [event for event in entries if event.error_code is None]
        self._recorder.record(
            call,
            accepted=[event for event in succeeded if self._bus_exists(event)],
            failed=[event for event in entries if event.error_code is not None],
            dropped=[event for event in succeeded if not self._bus_exists(event)],
        )

    def _bus_exists(self, event: CapturedEvent) -> bool:
        if self._event_buses is None or event.event_bus_arn in self._event_buses:
            return True
        is_our_own = event.event_bus_arn.split(":")[4] == self._options.account_id
        return is_our_own and event.event_bus in self._event_buses


def find_entry_error(event: CapturedEvent) -> tuple[str, str] | None:
    """Return `ErrorCode` and `ErrorMessage` of an entry that the service refuses; `None` when it takes it.

    An entry gets one error however much is wrong with it.

    Source: the texts were recorded from AWS, the one for the source measured there; which error comes first is what
        emulators believe. That a detail type is too long is documented, what the service says of it is not.
    """
    for name, value in zip(_REQUIRED_MEMBERS, (event.source, event.detail_type, event.detail_json), strict=True):
        if not value:
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    try:
        decode_detail(event.detail_json)
    except MalformedDetailError:
        return "MalformedDetail", DEFAULT_ERROR_MESSAGES["MalformedDetail"]
    if len(event.detail_type) > _limits.MAX_DETAIL_TYPE_LENGTH:
        return "InvalidArgument", DEFAULT_ERROR_MESSAGES["InvalidArgument"]
    if event.source.startswith("aws."):
        return "NotAuthorizedForSourceException", DEFAULT_ERROR_MESSAGES["NotAuthorizedForSourceException"]
    return None


def new_id() -> str:
    """Return a unique id in the form of a UUID, lower case."""
    # Not uuid.uuid4(): it costs three times as much, and the service's ids are not all of version 4 either.
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _result_entry(event: CapturedEvent) -> dict[str, str]:
    if event.event_id is not None:
        return {"EventId": event.event_id}
    return {"ErrorCode": event.error_code or "", "ErrorMessage": event.error_message or ""}
