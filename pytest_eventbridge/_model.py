"""What was captured: entries as the service saw them, and the calls that carried them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pytest_eventbridge._detail import MalformedDetailError, decode_detail

_HEAD_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CapturedEvent:
    """One entry of a captured PutEvents call, with the answer it got.

    A frozen value, independent of every dict that the test or the code under test holds. Two captured events are
    equal when entry, answer and place are.

    Attributes:
        source: `Source`; `""` when the entry had none, which the service answers with a failure.
        detail_type: `DetailType`; `""` when the entry had none.
        detail_json: `Detail`, the JSON text exactly as sent; `""` when the entry had none.
        event_bus: The event bus by name; `"default"` when the entry named none, the last part of an ARN.
        time: Aware, UTC. The entry's `Time` with the fraction of a second it was sent with, or the moment of the
            call. The delivered envelope (`to_dict()`) has whole seconds, as the service delivers it.
        event_id: `EventId` of the answer, also the `id` of the envelope; `None` when the entry failed.
        error_code: `ErrorCode` of the answer; `None` when the entry was accepted.
        error_message: `ErrorMessage` of the answer; `None` when the entry was accepted.
        position: The 0-based place of the entry in its request.
        call: The call that carried the entry.
        injected_by: The `fail_entries(...)` that made the entry fail, as text; `None` when the service's rules did, or
            when it was accepted.
    """

    source: str
    detail_type: str
    detail_json: str
    event_bus: str
    time: datetime
    event_id: str | None
    error_code: str | None
    error_message: str | None
    position: int
    call: PutEventsCall
    _entry: Mapping[str, Any]
    injected_by: str | None = None

    @property
    def detail(self) -> Any:
        """`Detail`, decoded: a dict, new at each access, so that changing it changes no captured event.

        `None` when `Detail` was missing or no JSON object, which the service answers with a failure.
        """
        try:
            return decode_detail(self.detail_json)
        except MalformedDetailError:
            return None

    @property
    def entry(self) -> Mapping[str, Any]:
        """The request entry as it went over the wire, read-only; `Time` is an aware UTC datetime."""
        entry = dict(self._entry)
        if "Time" in entry:
            entry["Time"] = self.time
        if entry.get("Resources") is not None:
            entry["Resources"] = list(entry["Resources"])
        return MappingProxyType(entry)

    @property
    def event_bus_arn(self) -> str:
        """The event bus as an ARN: the one sent, or the bus of that name in the client's region and our account."""
        sent = self._entry.get("EventBusName") or ""
        if sent.startswith("arn:"):
            return str(sent)
        call = self.call
        return f"arn:{call.partition}:events:{call.region}:{call.account_id}:event-bus/{self.event_bus}"

    @property
    def resources(self) -> tuple[str, ...]:
        """`Resources`, in the order sent; empty when the entry had none."""
        return tuple(resource for resource in self._entry.get("Resources") or () if resource is not None)

    @property
    def trace_header(self) -> str | None:
        """`TraceHeader`; `None` when the entry had none. It is no part of the envelope."""
        return self._entry.get("TraceHeader")

    @property
    def account_id(self) -> str:
        """The 12-digit account that sent the event: the `account_id` option."""
        return self.call.account_id

    @property
    def region(self) -> str:
        """The region of the client that sent the event."""
        return self.call.region

    @property
    def sent_from(self) -> str:
        """`"path:line"` of the code that called `put_events`: the first frame outside botocore and its wrappers."""
        return self.call.sent_from

    def to_dict(self) -> dict[str, Any]:
        """Return the envelope that a target receives, a new dict at each call.

        The keys are `version, id, detail-type, source, account, time, region, resources, detail`, in this order.
        `id` is `None` for a failed entry, which no target would receive.

        Source: the order and the time's format (`YYYY-MM-DDThh:mm:ssZ`, fractions cut off) were recorded from AWS.
        """
        return {
            "version": "0",
            "id": self.event_id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account_id,
            "time": self.time.replace(microsecond=0, tzinfo=None).isoformat() + "Z",
            "region": self.region,
            "resources": list(self.resources),
            "detail": self.detail,
        }

    def compared_detail(self) -> Any:
        """Return `detail` as comparisons see it: without the keys that `ignore_detail_keys` names."""
        detail = self.detail
        if detail is not None:
            for key in self.call.ignore_detail_keys:
                detail.pop(key, None)
        return detail

    def _identity(self) -> tuple[Any, ...]:
        return (
            self.event_id,
            self.error_code,
            self.error_message,
            self.position,
            self.time,
            self.call.request_id,
            json.dumps(self._entry, sort_keys=True),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CapturedEvent):
            return NotImplemented
        return self is other or self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.event_id, self.position, self.source, self.detail_type))

    def __repr__(self) -> str:
        bus = "" if self.event_bus == "default" else f" on {self.event_bus}"
        failed = f", failed: {self.error_code}" if self.error_code else ""
        return f"<CapturedEvent {self.source!r} {self.detail_type!r}{bus} {self.detail_head()}{failed}>"

    def detail_head(self, length: int = _HEAD_LENGTH) -> str:
        """Return the beginning of `detail_json` on one line.

        Args:
            length: In characters; a longer text is cut and ends in `...`.
        """
        head = " ".join(self.detail_json[: length + 1].split())
        return head if len(self.detail_json) <= length else head[: length - 3] + "..."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PutEventsCall:
    """One API call that reached the service, from the caller's `put_events(...)` to what it came back with.

    A frozen value, equal only to itself. `entries`, `response`, `error` and `attempts` are filled in as the call
    proceeds, then never again.

    Attributes:
        service: `"events"`, or `"eventbridgev2"` for the service of September 2026.
        operation: The name of the API operation, `"PutEvents"`.
        region: The client's region.
        partition: The client's AWS partition (`"aws"`, `"aws-cn"`, ...).
        account_id: The `account_id` option of the fake that answered.
        endpoint_id: `EndpointId` of the request; `None` when it had none.
        sent_from: `"path:line"` of the caller.
        request_id: `RequestId` of the answer.
        offset_seconds: When it reached the service, in seconds since the fake was made.
        thread: The name of the thread that made it.
        entries: The entries in the order sent; empty when the request as a whole could not be read.
        response: What the caller got, a copy; `None` when the call raised, and as long as it is under way.
        error: The exception the caller got; `None` when there was none, and as long as the call is under way.
        attempts: HTTP requests that botocore made for the call: 1 when it retried nothing.
        retry_delays: The waits between the attempts that botocore asked for, in seconds; the fake skips them.
        ignore_detail_keys: The `ignore_detail_keys` option of the fake that answered.
    """

    service: str
    operation: str
    region: str
    partition: str
    account_id: str
    endpoint_id: str | None
    sent_from: str
    request_id: str
    offset_seconds: float
    thread: str
    entries: tuple[CapturedEvent, ...] = ()
    response: dict[str, Any] | None = None
    error: BaseException | None = None
    attempts: int = 1
    retry_delays: tuple[float, ...] = ()
    ignore_detail_keys: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        if self.error is not None:
            outcome = f"raised {type(self.error).__name__}"
        else:
            failed = sum(entry.error_code is not None for entry in self.entries)
            outcome = f"{len(self.entries) - failed} accepted, {failed} failed"
        return f"<PutEventsCall {self.operation} from {self.sent_from}: {outcome}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request comes from.

    Attributes:
        service: `"events"`.
        operation: The name of the API operation.
        region: The client's region.
        partition: The client's AWS partition.
        sent_from: `"path:line"` of the caller.
    """

    service: str
    operation: str
    region: str
    partition: str
    sent_from: str


def _refuse_assignment(self: object, name: str, _: object) -> None:
    raise FrozenInstanceError(f"{name!r} of a {type(self).__name__} cannot be set")


# What frozen dataclasses with slots get from the decorator fails with a TypeError for a property (CPython 3.11).
for _frozen_class in (CapturedEvent, PutEventsCall):
    _frozen_class.__setattr__ = _refuse_assignment  # type: ignore[method-assign]  # which dataclass refuses


def fill_in(call: PutEventsCall, **attributes: Any) -> None:
    """Set attributes of a call that is under way; for the recorder, which owns it until it ends."""
    for name, value in attributes.items():
        object.__setattr__(call, name, value)
