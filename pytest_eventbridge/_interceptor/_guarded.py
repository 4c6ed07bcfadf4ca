"""A call that the guard refuses."""

from __future__ import annotations

from typing import Any, Final

from botocore.parsers import create_parser

from pytest_eventbridge._constraints import RequestError
from pytest_eventbridge._guard import Guard, RefusedCall
from pytest_eventbridge._guard_messages import refusal_text
from pytest_eventbridge._interceptor._call import CallInProgress

# The code of the ClientError for a call that the guard refuses. Ours: no service answers with it.
GUARDED_CODE: Final = "RefusedByGuard"

# The members of requests that name an event bus, and the one that is meant where an entry has none.
_EVENT_BUS_MEMBERS: Final = ("EventBusName", "EventBusArn")
_DEFAULT_EVENT_BUS: Final = "default"


class GuardedCall(CallInProgress):
    """An API call that the guard refuses, unless another mock answers it.

    Attributes:
        refusal: What the guard will keep of it; `None` until it is refused.
    """

    __slots__ = ("_guard", "_situation", "refusal")

    def __init__(self, guard: Guard, client: Any, service_name: str, operation: str) -> None:
        super().__init__(None, client, service_name, operation)
        self._guard = guard
        self._situation = guard.situation()
        self.refusal: RefusedCall | None = None

    def refuse(self, body: Any) -> RequestError:
        """Refuse it, and return what the caller gets."""
        event_buses = _event_buses_in(body, self.client.meta.service_model, self.operation)
        text = refusal_text(self.operation, event_buses, self.sent_from, self._situation)
        self.refusal = RefusedCall(situation=self._situation, text=text)
        return RequestError(code=GUARDED_CODE, message=text)

    def ended(self, *, response: Any = None, error: BaseException | None = None) -> None:  # noqa: ARG002 - as its base
        """Tell the guard, if its refusal is what the caller got."""
        if self.refusal is not None and self.was_refused(error):
            self._guard.add(self.refusal)


def _event_buses_in(body: Any, model: Any, operation: str) -> list[str]:
    """Return the names or ARNs of event buses in a request, as sent; none of one that cannot be read."""
    shape = model.operation_model(operation).input_shape
    wire = {"status_code": 200, "headers": {}, "body": body}
    try:
        # A request is on the wire what a response is: members of a shape.
        params = create_parser(model.metadata["protocol"]).parse(wire, shape)
    except Exception:  # a handler of the user's may have made anything of it, which the parser does not expect
        return []
    named = [_event_bus_in(params, shape)]
    if "Entries" in shape.members:
        named += [_event_bus_in(entry, shape.members["Entries"].member) for entry in params.get("Entries", ())]
    return list(dict.fromkeys(name for name in named if name is not None))


def _event_bus_in(params: dict[str, Any], shape: Any) -> str | None:
    members = [name for name in _EVENT_BUS_MEMBERS if name in shape.members]
    if not members and shape.name.endswith("EventBusRequest"):
        members = ["Name"]
    return next((params.get(name, _DEFAULT_EVENT_BUS) for name in members), None)
