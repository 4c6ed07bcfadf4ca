"""The classic EventBridge service: what it answers to PutEvents, and what it would deliver."""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import RequestError, find_request_error
from pytest_eventbridge._control_plane import ControlPlane
from pytest_eventbridge._detail import MalformedDetailError, decode_detail
from pytest_eventbridge._event_buses import EventBuses
from pytest_eventbridge._failures import DEFAULT_ERROR_MESSAGES
from pytest_eventbridge._injected import InjectedFailures
from pytest_eventbridge._model import CallDraft, CapturedEvent, EventDraft, PutEventsCall
from pytest_eventbridge._options import Options
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._request_failures import RequestFailure
from pytest_eventbridge._routing import Route, Rules
from pytest_eventbridge._stopwatch import seconds

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


class Answer(NamedTuple):
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


class NetworkError(NamedTuple):
    """What takes the place of an answer when the network fails.

    Attributes:
        error: The exception that botocore's transport raises, or its class.
    """

    error: Exception | type[Exception]


class Operation(ABC):
    """An operation that publishes events, other than PutEvents of the classic service."""

    @abstractmethod
    def receive(self, params: Any, body_bytes: int, origin: Origin) -> ReceivedRequest:
        """Take in a request of it, as `ClassicService.receive_put_events` does."""

    @abstractmethod
    def draft(self, request: Any, entry: dict[str, Any], position: int) -> EventDraft:
        """Make the captured event of an entry that has not been decided on."""

    @abstractmethod
    def decide(self, request: Any) -> Answer:
        """Decide what becomes of each entry, and record it. Call it under the recorder's lock."""


class ReceivedRequest:
    """A request that has reached the service, for as long as its call is under way.

    Args:
        params: The request, decoded from the wire; empty when it could not be.
        error: Why the whole request is refused; `None` when it is not.
        origin: Where it comes from.
        options: The fake's options.
        recorder: Where its call will be recorded.
        endpoint_id: `EndpointId` of the request; `None` when it had none.

    Attributes:
        operation: The operation it is a request of; `None` for PutEvents of the classic service.
        call: The call it is recorded under.
        entries: Its entries as they went over the wire, in the order of the request.
        error: Why the whole request is refused; `None` when it is not.
        is_recorded: Whether its call is in the record.
        routes: Which rules take which of its events, as long as nothing has been delivered.
    """

    __slots__ = ("_event_ids", "call", "entries", "error", "is_recorded", "routes")

    operation: Operation | None = None

    def __init__(
        self,
        params: dict[str, Any],
        error: RequestError | None,
        origin: Origin,
        options: Options,
        recorder: Recorder,
        endpoint_id: str | None = None,
    ) -> None:
        self.entries: Sequence[dict[str, Any]] = params.get("Entries") or ()
        event_ids = new_ids(len(self.entries) + 1)
        self.call = CallDraft(
            origin=origin,
            account_id=options.account_id,
            endpoint_id=endpoint_id,
            request_id=event_ids.pop(),
            received_seconds=time.time(),
            offset_seconds=seconds() - recorder.began,
            thread=threading.current_thread().name,
            ignore_detail_keys=frozenset(options.ignore_detail_keys),  # a frozenset already, so not copied
        )
        self.error = error
        self.is_recorded = False
        self.routes: list[Route] = []
        self._event_ids: list[str] | None = event_ids

    def take_event_ids(self) -> list[str]:
        """Return the event ids for one attempt: each attempt that is accepted has ids of its own."""
        event_ids, self._event_ids = self._event_ids, None
        return new_ids(len(self.entries)) if event_ids is None else event_ids


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
        operations: The other operations that publish events, by service and name.
        refused_operations: The calls of operations that nobody plays.
        endpoints: The process and the URL of each endpoint that serves it.
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
        self.operations: dict[tuple[str, str], Operation] = {}
        self.refused_operations: list[Origin] = []
        self.endpoints: list[tuple[int, str]] = []

    def url_elsewhere(self) -> str | None:
        """Return where the process that serves this fake can be asked; `None` in that process, and where none does.

        Whoever was forked from it has a copy of the fake, and nobody would ever see what that captured.
        """
        if not self.endpoints:
            return None
        process, url = self.endpoints[-1]
        return None if process == os.getpid() else url

    def receive_put_events(self, params: Any, body_bytes: int, origin: Origin) -> ReceivedRequest:
        """Take in a PutEvents request. Its call is recorded when its entries are decided on.

        Args:
            params: The request, decoded from the wire, with `Time` in seconds since the epoch; `None` when it could not
                be decoded.
            body_bytes: The length of the body it was decoded from.
            origin: Where it comes from.
        """
        error = find_request_error(params, body_bytes, self._options.max_request_bytes)
        if error is not None and error.code == "SerializationException":
            params = {}  # whatever it is, there is nothing in it to be captured
        return ReceivedRequest(params, error, origin, self._options, self._recorder, params.get("EndpointId"))

    def may_fail_requests(self) -> bool:
        """Say whether a request may fail as a whole, so that botocore has to see its attempts."""
        return self._failures.has_any_of_requests()

    def refuse_operation(self, origin: Origin) -> None:
        """Take note that an operation was refused because nobody plays it."""
        self.refused_operations.append(origin)

    def complete_call(
        self,
        request: ReceivedRequest,
        *,
        response: Any,
        error: BaseException | None,
        attempts: int,
        retry_delays: tuple[float, ...],
    ) -> None:
        """Take note of what the caller got from a call."""
        if error is not None:
            # A handler of the user's may have stopped it before any attempt.
            with self._recorder.lock:
                self._record_call(request)
                self.leave_unanswered(request)
        request.call.complete(response=response, error=error, attempts=attempts, retry_delays=retry_delays)

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
            return Answer(request.call, [], 0, outcome)
        return NetworkError(outcome)

    def leave_unanswered(self, request: ReceivedRequest) -> None:
        """Note the entries of a request that failed as a whole, unless an earlier attempt of it was answered."""
        if not request.call.entries:
            draft = _draft if request.operation is None else request.operation.draft
            request.call.entries = tuple(
                draft(request, entry, position).freeze() for position, entry in enumerate(request.entries)
            )

    def _answer(self, request: ReceivedRequest) -> Answer:
        self._record_call(request)
        if request.error is not None:
            self.leave_unanswered(request)
            return Answer(request.call, [], 0, request.error)
        if request.operation is not None:
            return request.operation.decide(request)
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
        call = request.call
        captured: list[CapturedEvent] = []
        accepted: list[CapturedEvent] = []
        failed: list[CapturedEvent] = []
        dropped: list[CapturedEvent] = []
        result_entries: list[dict[str, str]] = []
        injected = self._failures.has_any_of_entries()
        every_bus_exists = self._event_buses.are_all_there
        for position, (entry, event_id) in enumerate(zip(request.entries, request.take_event_ids(), strict=True)):
            draft = EventDraft(entry, position, call, event_id)
            refusal = find_entry_error(draft)
            if refusal is None and injected:
                refusal = find_injected_error(self._failures, draft)
            if refusal is None:
                result_entries.append({"EventId": event_id})
                is_dropped = not every_bus_exists and not self._event_buses.has(draft.event_bus_arn)
                (dropped if is_dropped else accepted).append(draft)
            else:
                result_entries.append({"ErrorCode": refusal.code, "ErrorMessage": refusal.message})
                draft.refuse(refusal.code, refusal.message, refusal.injected_by)
                failed.append(draft)
            captured.append(draft.freeze())
        call.entries = tuple(captured)
        self._recorder.record(accepted, failed, dropped)
        if self._rules:
            request.routes = self._rules.match(accepted)
        return Answer(call, result_entries, len(failed))


def _draft(request: ReceivedRequest, entry: dict[str, Any], position: int) -> EventDraft:
    return EventDraft(entry, position, request.call, None)


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


def find_injected_error(failures: InjectedFailures, event: CapturedEvent) -> EntryError | None:
    """Return the error of the injected failure that fires for an entry; `None` when none does."""
    failure = failures.first_for(event)
    if failure is None:
        return None
    return EntryError(failure.error_code, failure.error_message, injected_by=str(failure))


def _documented_error(code: str) -> EntryError:
    return EntryError(code, DEFAULT_ERROR_MESSAGES[code])


def new_ids(count: int) -> list[str]:
    """Return unique ids in the form of a UUID, lower case."""
    # Not uuid.uuid4(): it takes eight times as long, and the service's ids are not all of version 4 either.
    # Chance makes them unique among all that are made; those that are made together differ in their last group.
    chance = os.urandom(10 + 6 * count)
    groups = chance[:10].hex("-", 2)
    prefix = f"{groups[:4]}{groups[5:]}-"
    digits = chance[10:].hex()
    return [prefix + digits[at : at + 12] for at in range(0, 12 * count, 12)]
