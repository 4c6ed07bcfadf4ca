"""What these tests share: a session in a process of its own, with the plugins that a test asks for and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

# What the tests inside those sessions call. The client is older than every fake.
PUBLISHER = """
import json

import boto3

CLIENT = boto3.client(
    "events", region_name="eu-west-1", aws_access_key_id="AKIAOLDER", aws_secret_access_key="older"
)

def emit(order_id="o-1", client=CLIENT):
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"order_id": order_id})}
    return client.put_events(Entries=[entry])
"""

RunBeside = Callable[..., pytest.RunResult]


@pytest.fixture
def run_beside(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> RunBeside:
    """A function that runs a test module beside a plugin, given by the name of its entry point."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(publisher=PUBLISHER)

    def run(source: str, *arguments: str, plugin: str | None = None) -> pytest.RunResult:
        pytester.makepyfile(test_it=source)
        plugins = ["eventbridge"] if plugin is None else ["eventbridge", plugin]
        options = [option for name in plugins for option in ("-p", name)]
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", *options, *arguments)

    return run
