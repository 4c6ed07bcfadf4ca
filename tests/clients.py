"""What tests send with: real clients that need nothing of their surroundings, and entries that the service accepts."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.config import Config

SESSION = botocore.session.get_session()
LEFT_OUT = object()


def make_client(service: str = "events", region: str = "us-east-1", *, credentials: bool = True, **config: Any) -> Any:
    """Make a real client."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"} if credentials else {}
    return SESSION.create_client(service, region_name=region, config=Config(**config), **keys)


def entry(**members: Any) -> dict[str, Any]:
    """Make an entry that PutEvents accepts, but for the members given."""
    complete = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id":"o-1"}'} | members
    return {name: value for name, value in complete.items() if value is not LEFT_OUT}
