"""Captured events of the service `eventbridgev2`: those of PutEvents, and the raw ones of PutRawEvents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pytest_eventbridge._detail import MalformedDetailError, decode_json
from pytest_eventbridge._event_buses import custom_bus_name_of
from pytest_eventbridge._model import CapturedEvent, EventDraft, PutEventsCall

PUBLISHED: Final = "PUBLISHED"
DEDUPLICATED: Final = "DEDUPLICATED"


class CustomBusEvent(CapturedEvent):
    """One entry sent to a Custom Event Bus, with the answer it got.

    Where it has no `Detail`, the envelope (`to_dict()`) has `None` there: what the service delivers is not known.
    """

    __slots__ = ("_event_bus_arn", "_sequence_number", "_success_code")

    _event_bus_arn: str
    _sequence_number: str | None
    _success_code: str | None

    @property
    def event_bus_arn(self) -> str:
        """`EventBusArn` of the request; `""` when it had none, for which it fails."""
        return self._event_bus_arn

    @property
    def sequence_number(self) -> str | None:
        """`SequenceNumber` of the answer, digits as text; `None` when the entry failed."""
        return self._sequence_number

    @property
    def success_code(self) -> str | None:
        """`SuccessCode` of the answer, `"PUBLISHED"` or `"DEDUPLICATED"`; `None` when the entry failed."""
        return self._success_code

    @property
    def event_group_id(self) -> str | None:
        """`EventGroupId` as sent; `None` when the entry had none."""
        return self._system_metadata.get("EventGroupId")

    @property
    def deduplication_id(self) -> str | None:
        """`DeduplicationId` as sent; `None` when the entry had none."""
        return self._system_metadata.get("DeduplicationId")

    @property
    def detail(self) -> Any:
        """`Detail`, decoded: any JSON value, new at each access; `None` too when there was none, or it was no JSON."""
        try:
            return decode_json(self.detail_json)
        except MalformedDetailError:
            return None

    @property
    def entry(self) -> Mapping[str, Any]:
        """The request entry as it went over the wire, read-only; `Time` is an aware UTC datetime."""
        members = super().entry
        copies = {name: dict(value) for name, value in members.items() if isinstance(value, dict)}
        return MappingProxyType({**members, **copies})

    def compared_detail(self) -> Any:
        """Return `detail` as comparisons see it: without the keys that `ignore_detail_keys` names."""
        detail = self.detail
        if isinstance(detail, dict):
            for key in self.call.ignore_detail_keys:
                detail.pop(key, None)
        return detail

    @property
    def _system_metadata(self) -> Mapping[str, Any]:
        return self._entry.get("SystemMetadata") or {}

    def _identity(self) -> tuple[Any, ...]:
        entry = json.dumps(self._entry, sort_keys=True, default=bytes.hex)
        answer = (self.event_id, self.error_code, self.error_message, self.sequence_number, self.success_code)
        return (*answer, self.position, self.time, self.call.request_id, self.event_bus_arn, entry)


class CapturedRawEvent(CustomBusEvent):
    """One entry of a captured PutRawEvents call, with the answer it got: bytes, which the service takes as they are.

    It has what a `CapturedEvent` has. Of that, `source`, `detail_type` and `detail_json` are `""`, `detail` is `None`
    and `resources` empty: what a raw event means is in its `data`. So criteria on these match none, while `event_bus`,
    `event_group_id` and `where` do.
    """

    __slots__ = ()

    @property
    def data(self) -> bytes:
        """`Data`, the bytes as sent, not decoded; empty when the entry had none, for which the request fails."""
        return self._entry.get("Data") or b""

    @property
    def content_type(self) -> str:
        """`ContentType`, which says what the bytes are, such as `"application/json"`.

        `""` when the entry had none, for which the request fails.
        """
        return self._system_metadata.get("ContentType") or ""

    @property
    def metadata(self) -> Mapping[str, str]:
        """`Metadata`, the publisher's own keys, read-only; empty when the entry had none."""
        return MappingProxyType(dict(self._entry.get("Metadata") or {}))

    def to_dict(self) -> dict[str, Any]:
        """Return the event as a subscriber gets it that asks for metadata, a new dict at each call.

        Its keys are `Data, Metadata, SystemMetadata`. `Data` is decoded JSON where `content_type` says so, else bytes.
        Of what the service adds to `SystemMetadata`, the event's id and its sequence number are there.

        Source: user guide, "Event structure: data, metadata, and system metadata"; read 2026-11.
        """
        metadata = {
            **self._system_metadata,
            "aws:EventId": self.event_id,
            "aws:SequenceNumber": self.sequence_number,
        }
        return {"Data": self._decoded_data(), "Metadata": dict(self.metadata), "SystemMetadata": metadata}

    def detail_head(self, length: int = 60) -> str:
        """Return the beginning of `data` on one line; bytes that are no text are shown escaped.

        Args:
            length: In characters; a longer text is cut and ends in `...`.
        """
        text = self.data[: 4 * (length + 1)].decode("utf-8", "backslashreplace")
        head = " ".join(text[: length + 1].split())
        return head if len(text) <= length else head[: length - 3] + "..."

    def _decoded_data(self) -> Any:
        if self.content_type == "application/json":
            try:
                return decode_json(self.data.decode())
            except (UnicodeDecodeError, MalformedDetailError):
                return self.data
        return self.data

    def __repr__(self) -> str:
        failed = f", failed: {self.error_code}" if self.error_code else ""
        return f"<CapturedRawEvent {self.content_type} on {self.event_bus} {self.detail_head()}{failed}>"


class CustomBusDraft(CustomBusEvent, EventDraft):
    """A captured event while the service makes it.

    Args:
        entry: The entry as it went over the wire, which nobody else may hold.
        position: Its 0-based place in the request.
        call: The call that carries it.
        event_bus_arn: `EventBusArn` of the request.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    def __init__(self, entry: Mapping[str, Any], position: int, call: PutEventsCall, event_bus_arn: str) -> None:
        EventDraft.__init__(self, entry, position, call, None)
        self.event_bus = custom_bus_name_of(event_bus_arn)
        self._event_bus_arn = event_bus_arn
        self._sequence_number = None
        self._success_code = None

    def accept(self, event_id: str, sequence_number: str, success_code: str) -> None:
        """Make it one that was accepted."""
        self.event_id = event_id
        self._sequence_number = sequence_number
        self._success_code = success_code

    def freeze(self) -> CustomBusEvent:
        """Return it as what it is from now on."""
        self.__class__ = CustomBusEvent  # type: ignore[assignment]  # the same slots: nothing but the class changes
        return self


class RawEventDraft(CapturedRawEvent, CustomBusDraft):
    """A captured raw event while the service makes it."""

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    def freeze(self) -> CapturedRawEvent:
        """Return it as what it is from now on."""
        self.__class__ = CapturedRawEvent  # type: ignore[assignment]  # the same slots: nothing but the class changes
        return self
