"""The package sub-divisions, which lists rules, and puts a rule and a target, before it publishes.

Its topics of SNS and its key of KMS are moto's, which lets EventBridge pass.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pytest_eventbridge import FakeEventBridge

RULE = "PubsubOrderPlaced"
TOPIC_ARN = f"arn:aws:sns:us-east-1:123456789012:{RULE}"


# Of stringcase, which it imports.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")


@pytest.fixture
def client(eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of the package for a topic, in an account that has the package's key."""
    monkeypatch.setenv("SUBDIVISIONS_SOURCE_NAME", "shop")  # read when the package is first imported
    with mock_aws(config={"core": {"passthrough": {"services": ["events"], "urls": []}}}):
        kms = boto3.client("kms", region_name="us-east-1")
        kms.create_alias(AliasName="alias/PubSubKey", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        client = importlib.import_module("subdivisions.client").SubClient()
        client.topic = "order_placed"
        yield client


def test_first_message_of_a_topic(client: Any, eventbridge: FakeEventBridge) -> None:
    """It finds no rule, puts one with a target, and publishes what the rule takes."""
    inbox: list[Any] = []
    eventbridge.bind_target(TOPIC_ARN, inbox.append)

    client.send({"order_id": "o-1"})

    (event,) = eventbridge.assert_routed(RULE, source="shop", detail={"event": "order_placed"})
    assert inbox == [event.detail]
    assert inbox[0]["payload"] == {"order_id": "o-1"}
    events = boto3.client("events", region_name="us-east-1")
    assert events.describe_rule(Name=RULE)["Description"] == "Created in shop for Pubsub Order Placed events"
    assert events.list_targets_by_rule(Rule=RULE)["Targets"] == [
        {"Id": RULE, "Arn": TOPIC_ARN, "InputPath": "$.detail"}
    ]


def test_later_messages_of_a_topic(client: Any, eventbridge: FakeEventBridge) -> None:
    """It finds the rule the second time, and leaves it alone."""
    client.send({"order_id": "o-1"})
    client.send({"order_id": "o-2"})

    assert [event.detail["payload"] for event in eventbridge.assert_routed(RULE)] == [
        {"order_id": "o-1"},
        {"order_id": "o-2"},
    ]
    eventbridge.assert_all_routed()


def test_topic_whose_rule_a_test_has_made(client: Any, eventbridge: FakeEventBridge) -> None:
    """A rule of the test's is as good to it as one of its own."""
    inbox: list[Any] = []
    eventbridge.add_rule({"detail-type": ["order_placed"]}, inbox.append, name=RULE, input_path="$.detail.payload")

    client.send({"order_id": "o-1"})

    assert inbox == [{"order_id": "o-1"}]
    assert boto3.client("sns", region_name="us-east-1").list_topics()["Topics"] == []


def test_mistyped_topic(client: Any, eventbridge: FakeEventBridge) -> None:
    """It refuses a topic that resembles one that has a rule, and publishes nothing."""
    eventbridge.add_rule({"detail-type": ["order_placed"]}, name=RULE)
    client.topic = "order_plased"

    with pytest.raises(Exception, match=r"^$") as caught:
        client.send({"order_id": "o-1"})

    assert str(caught.value.__cause__) == f"Topic 'PubsubOrderPlased' not found. Did you mean '{RULE}'?"
    eventbridge.assert_nothing_emitted()


def test_disabled_rule(client: Any, eventbridge: FakeEventBridge) -> None:
    """It takes a disabled rule for none, and enables it by putting it again."""
    rule = eventbridge.add_rule({"detail-type": ["order_placed"]}, name=RULE)
    boto3.client("events", region_name="us-east-1").disable_rule(Name=RULE)

    client.send({"order_id": "o-1"})

    assert rule.is_enabled
    assert len(rule.events) == 1


def test_message_that_is_refused(client: Any, eventbridge: FakeEventBridge) -> None:
    """A failed entry is an error to it, and no rule takes it."""
    eventbridge.fail_entries("ThrottlingException")

    with pytest.raises(Exception, match=r"^$") as caught:
        client.send({"order_id": "o-1"})

    assert str(caught.value.__cause__) == "Cannot send message."
    eventbridge.assert_not_routed(RULE)
