"""The classic EventBridge service: what it answers to PutEvents, and what it would deliver."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, NamedTuple

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import RequestError, find_request_error, moment_of
from pytest_eventbridge._control_plane import ControlPlane
from pytest_eventbridge._detail import MalformedDetailError, decode_detail
from pytest_eventbridge._event_buses import EventBuses
from pytest_eventbridge._failures import DEFAULT_ERROR_MESSAGES
from pytest_eventbridge._injected import InjectedFailures
from pytest_eventbridge._model import CapturedEvent, Origin, PutEventsCall, fill_in
from pytest_eventbridge._options import Options
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._request_failures import RequestFailure
from pytest_eventbridge._routing import Route, Rules


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkError:
    """What takes the place of an answer when the network fails.

    Attributes:
        error: The exception that botocore's transport raises, or its class.
    """

    error: Exception | type[Exception]


class ReceivedRequest:
    """A request that has reached the service, for as long as its call is under way.

    Attributes:
        call: The call it is recorded under.
        candidates: Its entries as events that could be accepted, in the order of the request.
        error: Why the whole request is refused; `None` when it is not.
        is_recorded: Whether its call is in the record.
        routes: Which rules take which of its events, as long as nothing has been delivered.
    """

    __slots__ = ("_has_been_taken", "call", "candidates", "error", "is_recorded", "routes")

    def __init__(self, call: PutEventsCall, candidates: list[CapturedEvent], error: RequestError | None) -> None:
        self.call = call
        self.candidates = candidates
        self.error = error
        self.is_recorded = False
        self.routes: list[Route] = []
        self._has_been_taken = False

    def take_candidates(self) -> list[CapturedEvent]:
        """Return the candidates for one attempt; each attempt that is accepted has event ids of its own."""
        if not self._has_been_taken:
            self._has_been_taken = True
            return list(self.candidates)
        event_ids = new_ids(len(self.candidates))
        return [replace(event, event_id=event_id) for event, event_id in zip(self.candidates, event_ids, strict=True)]


class ClassicService:
    """Decides what becomes of each entry, records it, and answers.

    Args:
        options: The fake's options.
        failures: The failures injected into the fake.
        recorder: Where to record.
        event_buses: Which event buses there are.
        rules: Where accepted events go.

    Attributes:
        control_plane: What answers the operations on event buses, rules and targets.
        refused_operations: The calls of operations that nobody plays.
    """

    def __init__(
        self,
        options: Options,
        failures: InjectedFailures,
        recorder: Recorder,
        event_buses: EventBuses,
        rules: Rules,
    ) -> None:
        self._options = options
        self._failures = failures
        self._recorder = recorder
        self._event_buses = event_buses
        self._rules = rules
        self.control_plane = ControlPlane(options.account_id, event_buses, rules, recorder)
        self.refused_operations: list[Origin] = []
        self._ignore_detail_keys = frozenset(options.ignore_detail_keys)

    def receive_put_events(self, params: Any, origin: Origin) -> ReceivedRequest:
        """Take in a PutEvents request. Its call is recorded when its entries are decided on.

        Args:
            params: The request, decoded from the wire, with `Time` in seconds since the epoch; `None` when it could not
                be decoded.
            origin: Where it comes from.
        """
        error = find_request_error(params, self._options.max_request_bytes)
        if error is not None and error.code == "SerializationException":
            params = {}  # whatever it is, there is nothing in it to be captured
        entries: Sequence[dict[str, Any]] = params.get("Entries") or ()
        request_id, *event_ids = new_ids(1 + len(entries))
        call = PutEventsCall(
            service=origin.service,
            operation=origin.operation,
            region=origin.region,
            partition=origin.partition,
            account_id=self._options.account_id,
            endpoint_id=params.get("EndpointId"),
            sent_from=origin.sent_from,
            request_id=request_id,
            offset_seconds=time.perf_counter() - self._recorder.began,
            thread=threading.current_thread().name,
            ignore_detail_keys=self._ignore_detail_keys,
        )
        now = datetime.fromtimestamp(time.time(), tz=timezone.utc)
        candidates = [
            _capture(entry, position, call, event_id, now)
            for position, (entry, event_id) in enumerate(zip(entries, event_ids, strict=True))
        ]
        return ReceivedRequest(call, candidates, error)

    def may_fail_requests(self) -> bool:
        """Say whether a request may fail as a whole, so that botocore has to see its attempts."""
        return self._failures.has_any_of_requests()

    def refuse_operation(self, origin: Origin) -> None:
        """Take note that an operation was refused because nobody plays it."""
        self.refused_operations.append(origin)

    def complete_call(self, request: ReceivedRequest, **outcome: Any) -> None:
        """Take note of what the caller got from a call: its `response`, `error`, `attempts` and `retry_delays`."""
        if outcome.get("error") is not None:
            # A handler of the user's may have stopped it before any attempt.
            with self._recorder.lock:
                self._record_call(request)
                self.leave_unanswered(request)
        fill_in(request.call, **outcome)

    def answer(self, request: ReceivedRequest) -> Answer:
        """Answer a request, record what becomes of its entries, and deliver; again for each attempt that arrives."""
        with self._recorder.lock:
            answer = self._answer(request)
        self._deliver(request)
        return answer

    def answer_attempt(self, request: ReceivedRequest) -> Answer | NetworkError:
        """Answer one attempt of a request, unless an injected failure of requests fires for it."""
        with self._recorder.lock:
            self._record_call(request)
            failure = self._failures.first_for_attempt()
            answer = self._answer(request) if failure is None else self._fail(request, failure)
        self._deliver(request)
        return answer

    def _fail(self, request: ReceivedRequest, failure: RequestFailure) -> Answer | NetworkError:
        self.leave_unanswered(request)
        outcome = failure.outcome(request.call)
        if failure.delivered:
            self._answer(request)
        if isinstance(outcome, RequestError):
            return Answer(call=request.call, result_entries=[], failed_entry_count=0, error=outcome)
        return NetworkError(error=outcome)

    def leave_unanswered(self, request: ReceivedRequest) -> None:
        """Note the entries of a request that failed as a whole, unless an earlier attempt of it was answered."""
        if not request.call.entries:
            unanswered = tuple(replace(event, event_id=None) for event in request.candidates)
            fill_in(request.call, entries=unanswered)

    def _answer(self, request: ReceivedRequest) -> Answer:
        self._record_call(request)
        if request.error is not None:
            self.leave_unanswered(request)
            return Answer(call=request.call, result_entries=[], failed_entry_count=0, error=request.error)
        return self._decide_and_record(request)

    def _deliver(self, request: ReceivedRequest) -> None:
        if request.routes:
            routes, request.routes = request.routes, []
            self._rules.deliver(routes)

    def _record_call(self, request: ReceivedRequest) -> None:
        # In the order in which the calls' entries are decided on, not in that in which they came in.
        if not request.is_recorded:
            request.is_recorded = True
            self._recorder.record_call(request.call)

    def _decide_and_record(self, request: ReceivedRequest) -> Answer:
        call, captured = request.call, request.take_candidates()
        accepted: list[CapturedEvent] = []
        failed: list[CapturedEvent] = []
        dropped: list[CapturedEvent] = []
        result_entries: list[dict[str, str]] = []
        for position, event in enumerate(captured):
            refusal = self._refusal_of(event)
            if refusal is None:
                result_entries.append({"EventId": event.event_id or ""})
                (accepted if self._bus_exists(event) else dropped).append(event)
            else:
                result_entries.append({"ErrorCode": refusal.code, "ErrorMessage": refusal.message})
                captured[position] = replace(
                    event,
                    event_id=None,
                    error_code=refusal.code,
                    error_message=refusal.message,
                    injected_by=refusal.injected_by,
                )
                failed.append(captured[position])
        fill_in(call, entries=tuple(captured))
        self._recorder.record(accepted=accepted, failed=failed, dropped=dropped)
        if self._rules:
            request.routes = self._rules.match(accepted)
        return Answer(call=call, result_entries=result_entries, failed_entry_count=len(failed))

    def _refusal_of(self, event: CapturedEvent) -> EntryError | None:
        refusal = find_entry_error(event)
        if refusal is None and (failure := self._failures.first_for(event)) is not None:
            return EntryError(failure.error_code, failure.error_message, injected_by=str(failure))
        return refusal

    def _bus_exists(self, event: CapturedEvent) -> bool:
        return self._event_buses.are_all_there or self._event_buses.has(event.event_bus_arn)


class EntryError(NamedTuple):
    """Why an entry is refused.

    Attributes:
        code: `ErrorCode`.
        message: `ErrorMessage`.
        injected_by: The `fail_entries(...)` that refuses it; `None` when the service's own rules do.
    """

    code: str
    message: str
    injected_by: str | None = None


def find_entry_error(event: CapturedEvent) -> EntryError | None:
    """Return why the service refuses an entry; `None` when it takes it.

    An entry gets one error however much is wrong with it.

    Source: the texts were recorded from AWS, the one for the source measured there; which error comes first is what
        emulators believe. That a detail type is too long is documented, what the service says of it is not.
    """
    if not (event.source and event.detail_type and event.detail_json):
        name = "Source" if not event.source else "DetailType" if not event.detail_type else "Detail"
        return EntryError("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    try:
        decode_detail(event.detail_json)
    except MalformedDetailError:
        return _documented_error("MalformedDetail")
    if len(event.detail_type) > _limits.MAX_DETAIL_TYPE_LENGTH:
        return _documented_error("InvalidArgument")
    if event.source.startswith("aws."):
        return _documented_error("NotAuthorizedForSourceException")
    return None


def _documented_error(code: str) -> EntryError:
    return EntryError(code, DEFAULT_ERROR_MESSAGES[code])


def new_ids(count: int) -> list[str]:
    """Return unique ids in the form of a UUID, lower case."""
    # Not uuid.uuid4(): it takes three times as long, and the service's ids are not all of version 4 either.
    digits = os.urandom(16 * count).hex()
    starts = range(0, 32 * count, 32)
    return [
        f"{digits[at : at + 8]}-{digits[at + 8 : at + 12]}-{digits[at + 12 : at + 16]}"
        f"-{digits[at + 16 : at + 20]}-{digits[at + 20 : at + 32]}"
        for at in starts
    ]


def _capture(entry: dict[str, Any], position: int, call: PutEventsCall, event_id: str, now: datetime) -> CapturedEvent:
    # What the service does with a time that no datetime can hold is unknown.
    moment = now if "Time" not in entry else moment_of(entry["Time"]) or now
    return CapturedEvent(
        source=entry.get("Source") or "",
        detail_type=entry.get("DetailType") or "",
        detail_json=entry.get("Detail") or "",
        event_bus=(entry.get("EventBusName") or "default").rpartition("/")[2],
        time=moment,
        event_id=event_id,
        error_code=None,
        error_message=None,
        position=position,
        call=call,
        _entry=entry,
    )
