"""What the operations that publish events have in common, besides PutEvents of the classic service."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._event_buses import EventBuses
from pytest_eventbridge._injected import InjectedFailures
from pytest_eventbridge._model import CapturedEvent, EventDraft
from pytest_eventbridge._options import Options
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._service import Answer, EntryError, Operation, ReceivedRequest, find_injected_error

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

D = TypeVar("D", bound=EventDraft)


class Surroundings(NamedTuple):
    """What an operation works on: it belongs to one fake.

    Attributes:
        options: The fake's options.
        failures: The failures injected into the fake.
        recorder: Where to record.
        event_buses: Which event buses there are.
    """

    options: Options
    failures: InjectedFailures
    recorder: Recorder
    event_buses: EventBuses


class PublishingRequest(ReceivedRequest):
    """A request of such an operation.

    Attributes:
        operation: The operation.
        params: The request, decoded from the wire; empty when it could not be.
    """

    __slots__ = ("operation", "params")

    params: dict[str, Any]


class PublishingOperation(Operation, Generic[D]):
    """An operation that publishes events: decides what becomes of each entry, records it, and answers."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._options, self._failures, self._recorder, self._event_buses = surroundings

    def receive(self, params: Any, body_bytes: int, origin: Origin) -> PublishingRequest:
        """Take in a request. Its call is recorded when its entries are decided on.

        Args:
            params: The request, decoded from the wire, with times in seconds since the epoch; `None` when it could not
                be decoded.
            body_bytes: The length of the body it was decoded from.
            origin: Where it comes from.
        """
        error = self.find_request_error(params, body_bytes)
        if error is not None and error.code == "SerializationException":
            params = {}  # whatever it is, there is nothing in it to be captured
        request = PublishingRequest(params, error, origin, self._options, self._recorder)
        request.operation = self
        request.params = params
        return request

    def decide(self, request: PublishingRequest) -> Answer:
        """Decide what becomes of each entry, and record it. Call it under the recorder's lock."""
        captured: list[CapturedEvent] = []
        new: list[D] = []
        failed: list[CapturedEvent] = []
        result_entries: list[dict[str, str]] = []
        for position, (entry, event_id) in enumerate(zip(request.entries, request.take_event_ids(), strict=True)):
            draft = self.draft(request, entry, position)
            refusal = self._refusal_of(request, draft)
            if refusal is None:
                result_entries.append(self.accept(request, draft, event_id))
                if self.is_new(draft):
                    new.append(draft)
            else:
                result_entries.append({"ErrorCode": refusal.code, "ErrorMessage": refusal.message})
                draft.refuse(refusal.code, refusal.message, refusal.injected_by)
                failed.append(draft)
            captured.append(draft.freeze())
        request.call.entries = tuple(captured)
        self.record(new, failed)
        return Answer(request.call, result_entries, len(failed))

    def _refusal_of(self, request: PublishingRequest, draft: D) -> EntryError | None:
        refusal = self.find_entry_error(request, draft)
        return find_injected_error(self._failures, draft) if refusal is None else refusal

    def record(self, new: Sequence[D], failed: Sequence[CapturedEvent]) -> None:
        """Record the events that were accepted and are new, and the entries that failed."""
        self._recorder.record(accepted=new, failed=failed)

    def is_new(self, draft: D) -> bool:  # noqa: ARG002  # for operations that know repetitions
        """Say whether an accepted entry is an event of its own, and repeats none."""
        return True

    @abstractmethod
    def find_request_error(self, params: Any, body_bytes: int) -> RequestError | None:
        """Return why the service refuses a request as a whole; `None` when it does not."""

    @abstractmethod
    def draft(self, request: PublishingRequest, entry: dict[str, Any], position: int) -> D:
        """Make the captured event of an entry that has not been decided on."""

    @abstractmethod
    def find_entry_error(self, request: PublishingRequest, draft: D) -> EntryError | None:
        """Return why the service refuses an entry; `None` when it takes it."""

    @abstractmethod
    def accept(self, request: PublishingRequest, draft: D, event_id: str) -> dict[str, str]:
        """Take an entry, under an id that no other event has, and return its result entry."""
