"""The service `eventbridgev2`: what it answers to PutEvents and PutRawEvents on a Custom Event Bus.

Where nothing is documented or was observed, the fake accepts. What is decided here because an answer needs it: the
texts of which AWS's own are not known, the form of sequence numbers, and what belongs to an entry's content.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Hashable, Sequence
from typing import Any, Final, TypeVar, final

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._custom_bus_constraints import (
    CONTENT_BASED,
    PUT_EVENTS,
    PUT_RAW_EVENTS,
    find_custom_bus_error,
    own_members,
)
from pytest_eventbridge._custom_bus_events import DEDUPLICATED, PUBLISHED, CustomBusDraft, RawEventDraft
from pytest_eventbridge._deduplication import Acceptance, DeduplicationWindow
from pytest_eventbridge._detail import MalformedDetailError, decode_json
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._publishing import PublishingOperation, PublishingRequest, Surroundings
from pytest_eventbridge._service import EntryError

# The code of every entry that the service refuses by its own rules, and the content types that it takes. Source:
# user guide, "Supported content types", and AWS's agent toolkit, on schema registries; read 2026-11.
ENTRY_ERROR_CODE: Final = "VALIDATION_ERROR"
CONTENT_TYPES: Final = ("application/json", "application/avro", "application/protobuf", "application/octet-stream")
OPEN_FORMATS: Final = ("application/avro", "application/protobuf")

# Sequence numbers have the length, and are as far apart, as those in the user guide's examples.
_FIRST_SEQUENCE_NUMBER: Final = 10**19
_SEQUENCE_STEP: Final = 1000

D = TypeVar("D", bound=CustomBusDraft)


@final
class CustomBuses:
    """All Custom Event Buses of one fake: what they have accepted, and in which order.

    Attributes:
        window: The clock and the memory of deduplication.
    """

    def __init__(self) -> None:
        self.window = DeduplicationWindow()
        self._accepted_count = 0

    def next_sequence_number(self) -> str:
        """Return a sequence number that is higher than all before, on whichever bus and in whichever event group."""
        self._accepted_count += 1
        return str(_FIRST_SEQUENCE_NUMBER + _SEQUENCE_STEP * self._accepted_count)


class _CustomBusOperation(PublishingOperation[D]):
    """One of the two operations that publish to a Custom Event Bus.

    Attributes:
        name: Its name.
    """

    name: str

    def __init__(self, surroundings: Surroundings, buses: CustomBuses) -> None:
        super().__init__(surroundings)
        self._buses = buses

    def find_request_error(self, params: Any, body_bytes: int) -> RequestError | None:  # noqa: ARG002  # not the form's
        """Return why the service refuses a request as a whole; `None` when it does not.

        Unlike the classic service, this one refuses what is sent to an event bus that does not exist (documented). The
        text is that of the classic service for one.
        """
        error = find_custom_bus_error(self.name, params, self._options.max_request_bytes)
        if error is None and not self._event_buses.has_custom_bus(params["EventBusArn"]):
            message = f"Event bus {params['EventBusArn']} does not exist."
            return RequestError(code="ResourceNotFoundException", message=message, status=404)
        return error

    def accept(self, request: PublishingRequest, draft: D, event_id: str) -> dict[str, str]:
        """Take an entry, or recognize it as one that was taken before.

        The answer to a repetition has the id and the sequence number of the event that it repeats; whether the
        service's has is not known.
        """
        key = self._deduplication_key(request, draft)
        repeated = None if key is None else self._buses.window.find(key)
        acceptance = repeated or Acceptance(event_id, self._buses.next_sequence_number())
        if key is not None and repeated is None:
            self._buses.window.add(key, acceptance)
        success_code = PUBLISHED if repeated is None else DEDUPLICATED
        draft.accept(*acceptance, success_code)
        return {
            "EventId": acceptance.event_id,
            "SequenceNumber": acceptance.sequence_number,
            "SuccessCode": success_code,
        }

    def is_new(self, draft: D) -> bool:
        """Say whether the service keeps an accepted entry: it stores no second copy of one that it repeats."""
        return draft.success_code == PUBLISHED

    def _deduplication_key(self, request: PublishingRequest, draft: D) -> Hashable | None:
        """Return what a repetition of an entry has in common with it; `None` when nothing is to be recognized.

        With `CONTENT_BASED` the content counts even where an entry has a `DeduplicationId`, which the service's model
        says to give without it.
        """
        configuration = request.params.get("DeduplicationConfiguration") or {}
        if configuration.get("DeduplicationType") == CONTENT_BASED:
            kind, value = CONTENT_BASED, hashlib.sha256(self.content_of(request.entries[draft.position])).hexdigest()
        elif draft.deduplication_id is not None:
            kind, value = "DeduplicationId", draft.deduplication_id
        else:
            return None
        return (self._options.account_id, draft.event_bus_arn, draft.event_group_id, kind, value)

    @abstractmethod
    def content_of(self, entry: dict[str, Any]) -> bytes:
        """Return what content-based deduplication goes by.

        Which parts of an entry the service hashes is not documented: here it is all that the publisher put in but the
        ids of event group and deduplication.
        """


@final
class CustomBusPutEvents(_CustomBusOperation[CustomBusDraft]):
    """PutEvents on a Custom Event Bus."""

    name = PUT_EVENTS

    def draft(self, request: PublishingRequest, entry: dict[str, Any], position: int) -> CustomBusDraft:
        """Make the captured event of an entry that has not been decided on."""
        return CustomBusDraft(
            own_members(self.name, entry), position, request.call, request.params.get("EventBusArn") or ""
        )

    def find_entry_error(self, request: PublishingRequest, draft: CustomBusDraft) -> EntryError | None:
        """Return why the service refuses an entry; `None` when it takes it.

        Both rules are documented, their texts are not: these are ours.
        """
        if draft.source.startswith("aws."):
            return EntryError(ENTRY_ERROR_CODE, "Source must not begin with the reserved prefix aws.")
        if request.entries[draft.position].get("Detail") is None:
            return None
        try:
            decode_json(draft.detail_json)
        except MalformedDetailError:
            return EntryError(ENTRY_ERROR_CODE, "Detail is not valid JSON.")
        return None

    def content_of(self, entry: dict[str, Any]) -> bytes:
        """Return what content-based deduplication goes by: every member of the entry but `SystemMetadata`."""
        content = {name: value for name, value in entry.items() if name != "SystemMetadata"}
        # Bytes may stand in a member that the service does not know.
        return json.dumps(content, sort_keys=True, default=bytes.hex).encode()


@final
class CustomBusPutRawEvents(_CustomBusOperation[RawEventDraft]):
    """PutRawEvents on a Custom Event Bus."""

    name = PUT_RAW_EVENTS

    def draft(self, request: PublishingRequest, entry: dict[str, Any], position: int) -> RawEventDraft:
        """Make the captured event of an entry that has not been decided on."""
        return RawEventDraft(
            own_members(self.name, entry), position, request.call, request.params.get("EventBusArn") or ""
        )

    def find_entry_error(self, request: PublishingRequest, draft: RawEventDraft) -> EntryError | None:
        """Return why the service refuses an entry; `None` when it takes it.

        The registry itself is not asked, and whether the bytes are what the content type says is not looked at: bytes
        that the service cannot read fail their entry there, with a text that is not known.
        """
        if draft.content_type not in CONTENT_TYPES:
            message = f"Unsupported contentType: {draft.content_type}. Supported types: {', '.join(CONTENT_TYPES)}."
            return EntryError(ENTRY_ERROR_CODE, message)
        if draft.content_type in OPEN_FORMATS and request.params.get("SchemaRegistryConfiguration") is None:
            return EntryError(ENTRY_ERROR_CODE, "SchemaRegistryConfiguration is required for open-format events")
        return None

    def content_of(self, entry: dict[str, Any]) -> bytes:
        """Return what content-based deduplication goes by: the bytes, their content type and `Metadata`."""
        description = json.dumps([entry["SystemMetadata"]["ContentType"], entry.get("Metadata")], sort_keys=True)
        data: bytes = entry["Data"]
        return description.encode() + b"\0" + data

    def record(self, new: Sequence[RawEventDraft], failed: Sequence[CapturedEvent]) -> None:
        """Record the events that were accepted and are new, and the entries that failed."""
        self._recorder.record(raw=new, failed=failed)
