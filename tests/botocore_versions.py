"""What the installed botocore does and older ones do otherwise, found by asking it."""

from __future__ import annotations

from datetime import datetime, timezone

from botocore.serialize import JSONSerializer

_HALF_A_SECOND = datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=timezone.utc)

# Whether a `Time` goes over the wire with its fraction of a second; older versions cut it off (seen in 1.40.0).
KEEPS_FRACTIONS = JSONSerializer()._timestamp_unixtimestamp(_HALF_A_SECOND) % 1 != 0
