"""PutPartnerEvents, by which a SaaS partner writes to the event buses of its customers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, final

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import (
    EntryForm,
    RequestError,
    find_request_error,
    iter_count_violations,
    iter_text_violations,
)
from pytest_eventbridge._model import CapturedEvent, EventDraft, PutEventsCall
from pytest_eventbridge._publishing import PublishingOperation, PublishingRequest
from pytest_eventbridge._service import EntryError, find_entry_error

_SOURCE: Final = re.compile(_limits.PARTNER_SOURCE_PATTERN, re.ASCII)


class PartnerEvent(CapturedEvent):
    """One entry of a captured PutPartnerEvents call, with the answer it got.

    It has no event bus: `event_bus` and `event_bus_arn` are `""`. Which buses of which customers are behind its source
    is for each customer to decide, in an account of its own.
    """

    __slots__ = ()

    @property
    def event_bus_arn(self) -> str:
        """`""`: there is none."""
        return ""


class PartnerEventDraft(PartnerEvent, EventDraft):
    """A captured event of a partner while the service makes it.

    Args:
        entry: The entry as it went over the wire, which nobody else may hold.
        position: Its 0-based place in the request.
        call: The call that carries it.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    def __init__(self, entry: Mapping[str, Any], position: int, call: PutEventsCall) -> None:
        EventDraft.__init__(self, entry, position, call, None)
        self.event_bus = ""

    def freeze(self) -> PartnerEvent:
        """Return it as what it is from now on."""
        self.__class__ = PartnerEvent  # type: ignore[assignment]  # the same slots: nothing but the class changes
        return self


_FORM: Final = EntryForm(
    name="PutPartnerEventsRequestEntry",
    printed_members=("Time", "Source", "Resources", "DetailType", "Detail"),
    max_count=_limits.MAX_PARTNER_ENTRY_COUNT,
)


def _iter_violations(params: Mapping[str, Any]) -> Iterator[str]:
    entries: Sequence[Mapping[str, Any]] | None = params.get("Entries")
    yield from iter_count_violations(entries, _FORM)
    for number, entry in enumerate(entries or (), 1):
        if (source := entry.get("Source")) is not None:
            path = f"entries.{number}.member.source"
            yield from iter_text_violations(source, path, _limits.MAX_PARTNER_SOURCE_LENGTH, _SOURCE)


@final
class PutPartnerEvents(PublishingOperation[PartnerEventDraft]):
    """PutPartnerEvents of the classic service.

    An accepted event is captured and goes to no rule: its way leads into the accounts of customers.
    """

    def find_request_error(self, params: Any, body_bytes: int) -> RequestError | None:
        """Return why the service refuses a request as a whole; `None` when it does not.

        Source: the limits are in the service model; that the rules on size are those of PutEvents is documented.
        """
        return find_request_error(params, body_bytes, self._options.max_request_bytes, _iter_violations)

    def draft(self, request: PublishingRequest, entry: dict[str, Any], position: int) -> PartnerEventDraft:
        """Make the captured event of an entry that has not been decided on."""
        return PartnerEventDraft(entry, position, request.call)

    def find_entry_error(self, request: PublishingRequest, draft: PartnerEventDraft) -> EntryError | None:  # noqa: ARG002
        """Return why the service refuses an entry; `None` when it takes it.

        It is as on PutEvents, where only the prefix `aws.` of a source is refused, which each partner's has.
        """
        error = find_entry_error(draft)
        # The source is what PutEvents looks at last, so nothing else is overlooked.
        return None if error is not None and error.code == "NotAuthorizedForSourceException" else error

    def accept(self, request: PublishingRequest, draft: PartnerEventDraft, event_id: str) -> dict[str, str]:  # noqa: ARG002
        """Take an entry and return its result entry."""
        draft.event_id = event_id
        return {"EventId": event_id}
