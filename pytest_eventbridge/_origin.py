"""Where a request comes from."""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """Where a request comes from.

    Attributes:
        service: `"events"`, or `"eventbridgev2"` for the service of September 2026.
        operation: The name of the API operation.
        region: The client's region.
        partition: The client's AWS partition (`"aws"`, `"aws-cn"`, ...).
        sent_from: `"path:line"` of the caller; of one that came over an endpoint its program and address.
        trace_header: `X-Amzn-Trace-Id` of the HTTP request; `None` without one, or where the service ignores it.
    """

    service: str
    operation: str
    region: str
    partition: str
    sent_from: str
    trace_header: str | None = None

    def traced_by(self, header: str | None) -> Origin:
        """Return it with the trace header of its HTTP request.

        Args:
            header: `X-Amzn-Trace-Id`; `None` when the request had none.

        Source: EventBridge user guide, on X-Ray: only PutEvents takes a trace header.
        """
        if not header or (self.service, self.operation) != ("events", "PutEvents"):
            return self
        return self._replace(trace_header=header)
