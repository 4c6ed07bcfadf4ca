"""What was captured: entries as the service saw them, and the calls that carried them.

Events and calls are frozen values of many attributes, made for each entry and each call. A frozen dataclass takes six
times as long to make as a plain class, so the service makes a draft, which is plain, and freezes it by changing its
class.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from pytest_eventbridge._constraints import moment_of
from pytest_eventbridge._detail import MalformedDetailError, decode_detail
from pytest_eventbridge._event_groups import Ordered
from pytest_eventbridge._frozen import Frozen
from pytest_eventbridge._origin import Origin
from pytest_eventbridge._packing import pack, unpack


class CapturedEvent(Ordered):
    """One entry of a captured PutEvents call, with the answer it got.

    A frozen value, independent of every dict that the test or the code under test holds. Two captured events are
    equal when entry, answer and place are.

    Attributes:
        source: `Source`; `""` when the entry had none, which the service answers with a failure.
        detail_type: `DetailType`; `""` when the entry had none.
        detail_json: `Detail`, the JSON text exactly as sent; `""` when the entry had none.
        event_bus: The event bus by name; `"default"` when the entry named none, the last part of an ARN.
        event_id: `EventId` of the answer, also the `id` of the envelope; `None` when the entry failed.
        error_code: `ErrorCode` of the answer; `None` when the entry was accepted.
        error_message: `ErrorMessage` of the answer; `None` when the entry was accepted.
        position: The 0-based place of the entry in its request.
        call: The call that carried the entry.
        injected_by: The `fail_entries(...)` that made the entry fail, as text; `None` when the service's rules did, or
            when it was accepted.
    """

    __slots__ = (
        "_entry",
        "call",
        "detail_json",
        "detail_type",
        "error_code",
        "error_message",
        "event_bus",
        "event_id",
        "injected_by",
        "position",
        "source",
    )

    source: str
    detail_type: str
    detail_json: str
    event_bus: str
    event_id: str | None
    error_code: str | None
    error_message: str | None
    position: int
    call: PutEventsCall
    injected_by: str | None
    _entry: Mapping[str, Any]

    @property
    def time(self) -> datetime:
        """Aware, UTC: the entry's `Time` with the fraction of a second it was sent with, or the moment of the call.

        The delivered envelope (`to_dict()`) has whole seconds, as the service delivers it.
        """
        # What the service does with a time that no datetime can hold is unknown.
        return moment_of(self._entry.get("Time")) or self.call.received

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
        """`TraceHeader`, else `X-Amzn-Trace-Id` of the HTTP request; `None` without both; no part of the envelope.

        The latter is what botocore sends within a Lambda function; over an endpoint, any that comes.

        Source: EventBridge user guide, on X-Ray: there are these two, and that of the entry wins.
        """
        return self._entry.get("TraceHeader") or self.call._origin.trace_header

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
        """`"path:line"` of what called `put_events`, outside botocore; over an endpoint, a program and its address."""
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

    def detail_head(self, length: int = 60) -> str:
        """Return the beginning of `detail_json` on one line.

        Args:
            length: In characters; a longer text is cut and ends in `...`.
        """
        head = " ".join(self.detail_json[: length + 1].split())
        return head if len(self.detail_json) <= length else head[: length - 3] + "..."


class EventDraft(CapturedEvent):
    """A captured event while the service makes it.

    Args:
        entry: The entry as it went over the wire, which nobody else may hold.
        position: Its 0-based place in the request.
        call: The call that carries it.
        event_id: `EventId` of the answer; `None` when there is none.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__  # one without the other is slow: both are one slot of the type

    def __init__(self, entry: Mapping[str, Any], position: int, call: PutEventsCall, event_id: str | None) -> None:
        self.source = entry.get("Source") or ""
        self.detail_type = entry.get("DetailType") or ""
        self.detail_json = entry.get("Detail") or ""
        bus = entry.get("EventBusName")
        self.event_bus = bus.rpartition("/")[2] if bus else "default"
        self.event_id = event_id
        self.error_code = None
        self.error_message = None
        self.injected_by = None
        self.position = position
        self.call = call
        self._entry = entry

    def refuse(self, error_code: str, error_message: str, injected_by: str | None) -> None:
        """Make it one that failed."""
        self.event_id = None
        self.error_code = error_code
        self.error_message = error_message
        self.injected_by = injected_by

    def freeze(self) -> CapturedEvent:
        """Return it as what it is from now on."""
        self.__class__ = CapturedEvent  # type: ignore[assignment]  # the same slots: nothing but the class changes
        return self


class PutEventsCall(Frozen):
    """One API call that reached the service, from the caller's `put_events(...)` to what it came back with.

    A frozen value, equal only to itself. `entries`, `response`, `error` and `attempts` are filled in as the call
    proceeds, then never again.

    Attributes:
        account_id: The `account_id` option of the fake that answered.
        endpoint_id: `EndpointId` of the request; `None` when it had none.
        request_id: `RequestId` of the answer.
        offset_seconds: When it reached the service, in seconds since the fake was made.
        thread: The name of the thread that made it.
        entries: The entries in the order sent; empty when the request as a whole could not be read.
        error: The exception the caller got; `None` when there was none, and as long as the call is under way.
        attempts: HTTP requests that botocore made for the call: 1 when it retried nothing.
        retry_delays: The waits between the attempts that botocore asked for, in seconds; the fake skips them.
        ignore_detail_keys: The `ignore_detail_keys` option of the fake that answered.
    """

    __slots__ = (
        "_origin",
        "_packed_response",
        "_received_seconds",
        "account_id",
        "attempts",
        "endpoint_id",
        "entries",
        "error",
        "ignore_detail_keys",
        "offset_seconds",
        "request_id",
        "retry_delays",
        "thread",
    )

    account_id: str
    endpoint_id: str | None
    request_id: str
    offset_seconds: float
    thread: str
    entries: tuple[CapturedEvent, ...]
    error: BaseException | None
    attempts: int
    retry_delays: tuple[float, ...]
    ignore_detail_keys: frozenset[str]
    _origin: Origin
    _packed_response: Any
    _received_seconds: float

    @property
    def service(self) -> str:
        """`"events"`, or `"eventbridgev2"` for the service of September 2026."""
        return self._origin.service

    @property
    def operation(self) -> str:
        """The name of the API operation, such as `"PutEvents"`."""
        return self._origin.operation

    @property
    def region(self) -> str:
        """The client's region."""
        return self._origin.region

    @property
    def partition(self) -> str:
        """The client's AWS partition (`"aws"`, `"aws-cn"`, ...)."""
        return self._origin.partition

    @property
    def sent_from(self) -> str:
        """`"path:line"` of the caller; of one that came over an endpoint its program and address."""
        return self._origin.sent_from

    @property
    def received(self) -> datetime:
        """When it reached the service: aware, UTC, on the clock of `time.time`."""
        return datetime.fromtimestamp(self._received_seconds, tz=timezone.utc)

    @property
    def response(self) -> dict[str, Any] | None:
        """What the caller got, a new dict at each access; `None` when the call raised, and while it is under way."""
        return unpack(self._packed_response)  # type: ignore[no-any-return]  # what was packed

    def __repr__(self) -> str:
        if self.error is not None:
            outcome = f"raised {type(self.error).__name__}"
        else:
            failed = sum(entry.error_code is not None for entry in self.entries)
            outcome = f"{len(self.entries) - failed} accepted, {failed} failed"
        return f"<PutEventsCall {self.operation} from {self.sent_from}: {outcome}>"


class CallDraft(PutEventsCall):
    """A call that is under way.

    Args:
        origin: Where it comes from.
        account_id: The `account_id` option.
        endpoint_id: `EndpointId` of the request; `None` when it had none.
        request_id: `RequestId` of the answer.
        received_seconds: When it reached the service, in seconds since the epoch.
        offset_seconds: The same, in seconds since the fake was made.
        thread: The name of the thread that made it.
        ignore_detail_keys: The option.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__  # one without the other is slow: both are one slot of the type

    def __init__(
        self,
        *,
        origin: Origin,
        account_id: str,
        endpoint_id: str | None,
        request_id: str,
        received_seconds: float,
        offset_seconds: float,
        thread: str,
        ignore_detail_keys: frozenset[str],
    ) -> None:
        self._origin = origin
        self.account_id = account_id
        self.endpoint_id = endpoint_id
        self.request_id = request_id
        self._received_seconds = received_seconds
        self.offset_seconds = offset_seconds
        self.thread = thread
        self.ignore_detail_keys = ignore_detail_keys
        self.entries = ()
        self._packed_response = None
        self.error = None
        self.attempts = 1
        self.retry_delays = ()

    def complete(
        self, *, response: Any, error: BaseException | None, attempts: int, retry_delays: tuple[float, ...]
    ) -> None:
        """Take note of what the caller got, and freeze."""
        self._packed_response = pack(response)
        self.error = error
        self.attempts = attempts
        self.retry_delays = retry_delays
        self.__class__ = PutEventsCall  # type: ignore[assignment]  # the same slots: nothing but the class changes
