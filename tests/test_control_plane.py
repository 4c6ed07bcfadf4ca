"""The operations on event buses, rules and targets, asked of the fake by real clients, in the service's own words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from pytest_eventbridge import FakeEventBridge, VerificationError

PATTERN = json.dumps({"source": ["shop.orders"]})
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/"
RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/"


@pytest.fixture
def client(eventbridge: FakeEventBridge) -> Any:
    """A client that the fake answers."""
    return boto3.client("events", region_name="us-east-1")


def answered(response: dict[str, Any]) -> dict[str, Any]:
    """Return a response without its metadata."""
    metadata = response.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RetryAttempts"] == 0
    assert len(metadata["RequestId"]) == 36
    return response


def members_of(client: Any, operation: str) -> set[str]:
    """Return what botocore knows of the members of an operation's response."""
    return set(client.meta.service_model.operation_model(operation).output_shape.members)


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """Return code and text of the error that a call comes back with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def target(target_id: str = "q", **members: Any) -> dict[str, Any]:
    """Make a target."""
    return {"Id": target_id, "Arn": QUEUE} | members


# ---- event buses


@pytest.mark.parametrize("event_buses", [None, [], ["billing"]], ids=repr)
def test_life_of_an_event_bus(event_buses: list[str] | None) -> None:
    """An event bus is created, found, listed and deleted, and takes events as long as it is there."""
    entry = {"Source": "shop", "DetailType": "x", "Detail": "{}", "EventBusName": "orders"}
    with FakeEventBridge(event_buses=event_buses) as bridge:
        client = boto3.client("events")
        began = datetime.now(tz=timezone.utc).replace(microsecond=0)
        assert answered(client.create_event_bus(Name="orders")) == {"EventBusArn": f"{BUS_ARN}orders"}
        described = answered(client.describe_event_bus(Name="orders"))
        created_at = described.get("CreationTime")
        assert {**described, "CreationTime": created_at, "LastModifiedTime": created_at} == {
            "Name": "orders",
            "Arn": f"{BUS_ARN}orders",
            "CreationTime": created_at,
            "LastModifiedTime": created_at,
        }
        if "CreationTime" in members_of(client, "DescribeEventBus"):  # older versions of botocore do not hand it on
            assert created_at == described["LastModifiedTime"]
            assert began <= created_at <= began + timedelta(minutes=5)
        assert described in client.list_event_buses()["EventBuses"]
        client.put_events(Entries=[entry])
        assert len(bridge.events) == 1

        assert answered(client.delete_event_bus(Name="orders")) == {}
        assert "orders" not in [bus["Name"] for bus in client.list_event_buses()["EventBuses"]]
        assert refusal(client.describe_event_bus, Name="orders")[0] == "ResourceNotFoundException"
        assert client.put_events(Entries=[entry])["FailedEntryCount"] == 0
        assert (len(bridge.events), len(bridge.dropped_events)) == (1, 1)


def test_description_of_an_event_bus(client: Any) -> None:
    """A description is told back; older versions of botocore send none."""
    if "Description" not in members_of(client, "CreateEventBus"):
        pytest.skip("this botocore knows no description")
    created = answered(client.create_event_bus(Name="orders", Description="Of orders"))
    assert created == {"EventBusArn": f"{BUS_ARN}orders", "Description": "Of orders"}
    assert client.describe_event_bus(Name="orders")["Description"] == "Of orders"


@pytest.mark.parametrize("name", ["default", "orders", "new"])
@pytest.mark.eventbridge(event_buses=["orders"])
def test_event_bus_that_is_there_already(name: str, client: Any) -> None:
    """The default event bus, one that was declared, and one that was created are there already (recorded)."""
    if name == "new":
        client.create_event_bus(Name="new")
    assert refusal(client.create_event_bus, Name=name) == (
        "ResourceAlreadyExistsException",
        f"Event bus {name} already exists.",
    )
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException):
        client.create_event_bus(Name=name)


def test_default_event_bus(client: Any) -> None:
    """The default event bus is there without a name, and cannot be deleted (recorded)."""
    assert client.describe_event_bus()["Arn"] == f"{BUS_ARN}default"
    assert [bus["Name"] for bus in client.list_event_buses()["EventBuses"]] == ["default"]
    assert refusal(client.delete_event_bus, Name="default") == (
        "ValidationException",
        "Cannot delete event bus default.",
    )


@pytest.mark.eventbridge(event_buses=["orders"])
def test_event_bus_that_does_not_exist(client: Any) -> None:
    """Where event buses are declared, another one is not found, whatever is asked of it (recorded)."""
    missing = ("ResourceNotFoundException", "Event bus odrers does not exist.")
    assert refusal(client.describe_event_bus, Name="odrers") == missing
    assert refusal(client.describe_event_bus, Name=f"{BUS_ARN}odrers") == missing
    assert refusal(client.put_rule, Name="r", EventPattern=PATTERN, EventBusName="odrers") == missing
    assert refusal(client.list_rules, EventBusName="odrers") == missing
    assert refusal(client.describe_rule, Name="r", EventBusName="odrers") == missing
    assert refusal(client.delete_rule, Name="r", EventBusName="odrers") == missing
    assert refusal(client.put_targets, Rule="r", EventBusName="odrers", Targets=[target()]) == missing
    assert refusal(client.list_rule_names_by_target, TargetArn=QUEUE, EventBusName="odrers") == missing
    assert answered(client.delete_event_bus(Name="odrers")) == {}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_event_bus(Name="odrers")


def test_every_event_bus_exists_where_none_are_declared(client: Any) -> None:
    """An event bus that nobody has created is found, and listed once something stands on it."""
    assert client.describe_event_bus(Name="orders")["Arn"] == f"{BUS_ARN}orders"
    client.put_rule(Name="r", EventPattern=PATTERN, EventBusName="billing")
    assert [bus["Name"] for bus in client.list_event_buses()["EventBuses"]] == ["billing", "default"]
    client.create_event_bus(Name="orders")
    assert [bus["Name"] for bus in client.list_event_buses()["EventBuses"]] == ["billing", "default", "orders"]


def test_event_bus_with_rules_is_not_deleted(client: Any) -> None:
    """An event bus cannot be deleted as long as it has rules (reported by users)."""
    client.create_event_bus(Name="orders")
    client.put_rule(Name="r", EventPattern=PATTERN, EventBusName="orders")
    assert refusal(client.delete_event_bus, Name="orders") == (
        "ValidationException",
        "EventBus can't be deleted since it has rules.",
    )
    client.delete_rule(Name="r", EventBusName="orders")
    client.delete_event_bus(Name="orders")


def test_region_of_an_event_bus(eventbridge: FakeEventBridge) -> None:
    """The ARN of an event bus is one in the region and the partition of the client that asks."""
    assert boto3.client("events", "eu-west-1").describe_event_bus(Name="orders")["Arn"] == (
        "arn:aws:events:eu-west-1:123456789012:event-bus/orders"
    )
    assert boto3.client("events", "cn-north-1").create_event_bus(Name="orders")["EventBusArn"] == (
        "arn:aws-cn:events:cn-north-1:123456789012:event-bus/orders"
    )


@pytest.mark.eventbridge(event_buses=["a-1", "a-2", "b-1"])
def test_prefix_of_event_buses(client: Any) -> None:
    """Event buses are listed by the beginning of their names."""
    assert [bus["Name"] for bus in client.list_event_buses(NamePrefix="a-")["EventBuses"]] == ["a-1", "a-2"]
    assert client.list_event_buses(NamePrefix="c")["EventBuses"] == []


# ---- rules


@pytest.mark.parametrize("given", [None, "default", "orders", f"{BUS_ARN}orders"])
def test_life_of_a_rule(given: str | None, client: Any, eventbridge: FakeEventBridge) -> None:
    """A rule is put, found, listed, disabled, enabled and deleted (recorded)."""
    bus = {} if given is None else {"EventBusName": given}
    name = "default" if given is None else given.rpartition("/")[2]
    arn = f"{RULE_ARN}audit" if name == "default" else f"{RULE_ARN}{name}/audit"
    listed = {"Name": "audit", "Arn": arn, "EventPattern": PATTERN, "State": "ENABLED", "EventBusName": name}

    assert answered(client.put_rule(Name="audit", EventPattern=PATTERN, **bus)) == {"RuleArn": arn}
    assert answered(client.describe_rule(Name="audit", **bus)) == {**listed, "CreatedBy": "123456789012"}
    assert answered(client.list_rules(**bus)) == {"Rules": [listed]}

    (rule,) = eventbridge._rules
    assert answered(client.disable_rule(Name="audit", **bus)) == {}
    assert client.describe_rule(Name="audit", **bus)["State"] == "DISABLED"
    assert not rule.is_enabled
    assert answered(client.enable_rule(Name="audit", **bus)) == {}
    assert client.describe_rule(Name="audit", **bus)["State"] == "ENABLED"
    assert rule.is_enabled

    assert answered(client.delete_rule(Name="audit", **bus)) == {}
    assert answered(client.list_rules(**bus)) == {"Rules": []}
    eventbridge.verify()


def test_rule_that_does_not_exist(client: Any) -> None:
    """A rule that is not there is not found (recorded); deleting it is no error."""
    client.put_rule(Name="audit", EventPattern=PATTERN, EventBusName="orders")
    missing = ("ResourceNotFoundException", "Rule audit does not exist on EventBus default.")
    assert refusal(client.describe_rule, Name="audit") == missing
    assert refusal(client.enable_rule, Name="audit") == missing
    assert refusal(client.disable_rule, Name="audit") == missing
    assert refusal(client.put_targets, Rule="audit", Targets=[target()]) == missing
    assert refusal(client.list_targets_by_rule, Rule="audit") == missing
    assert refusal(client.remove_targets, Rule="audit", Ids=["q"]) == missing
    assert answered(client.delete_rule(Name="audit")) == {}


def test_rule_that_is_put_again(client: Any, eventbridge: FakeEventBridge) -> None:
    """PutRule overwrites a rule, but for its targets (recorded): the object stays the same."""
    client.put_rule(Name="audit", EventPattern=PATTERN, State="DISABLED", Description="Old", RoleArn="arn:old")
    client.put_targets(Rule="audit", Targets=[target()])
    (rule,) = eventbridge._rules
    pattern = json.dumps({"source": ["shop.stock"]})
    client.put_rule(Name="audit", EventPattern=pattern)
    assert list(eventbridge._rules) == [rule]
    assert rule.is_enabled
    described = answered(client.describe_rule(Name="audit"))
    assert described == {
        "Name": "audit",
        "Arn": f"{RULE_ARN}audit",
        "EventPattern": pattern,
        "State": "ENABLED",
        "EventBusName": "default",
        "CreatedBy": "123456789012",
    }
    assert client.list_targets_by_rule(Rule="audit")["Targets"] == [target()]
    client.put_events(Entries=[{"Source": "shop.stock", "DetailType": "x", "Detail": "{}"}])
    assert len(rule.events) == 1


@pytest.mark.parametrize("state", ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"])
def test_state(state: str, client: Any, eventbridge: FakeEventBridge) -> None:
    """A rule takes events in each of its states but one."""
    client.put_rule(Name="audit", EventPattern=PATTERN, State=state, Description="All", RoleArn="arn:aws:iam::1:role/r")
    client.put_events(Entries=[{"Source": "shop.orders", "DetailType": "x", "Detail": "{}"}])
    (rule,) = eventbridge._rules
    assert len(rule.events) == (0 if state == "DISABLED" else 1)
    described = client.describe_rule(Name="audit")
    assert (described["State"], described["Description"], described["RoleArn"]) == (
        state,
        "All",
        "arn:aws:iam::1:role/r",
    )


def test_each_change_counts_from_the_next_event_on(client: Any, eventbridge: FakeEventBridge) -> None:
    """A rule takes what it takes at the time, however often it is changed between two events."""

    def taken() -> int:
        client.put_events(Entries=[{"Source": "shop.orders", "DetailType": "x", "Detail": "{}"}])
        return sum(event == eventbridge.events[-1] for rule in eventbridge._rules for event in rule.events)

    assert taken() == 0
    client.put_rule(Name="a", EventPattern=PATTERN)
    assert taken() == 1
    eventbridge.add_rule({"source": ["shop.orders"]})
    assert taken() == 2
    client.disable_rule(Name="a")
    assert taken() == 1
    client.enable_rule(Name="a")
    assert taken() == 2
    client.put_rule(Name="a", EventPattern='{"source": ["nobody"]}')
    assert taken() == 1
    client.put_rule(Name="a", EventPattern=PATTERN, EventBusName="orders")
    assert taken() == 1
    client.delete_rule(Name="a")
    client.put_rule(Name="a", EventPattern=PATTERN)
    assert taken() == 2


def test_schedule(client: Any, eventbridge: FakeEventBridge) -> None:
    """A rule with a schedule is kept, and takes no event."""
    for name, schedule in (("a", "rate(5 minutes)"), ("b", "cron(0 12 * * ? *)")):
        client.put_rule(Name=name, ScheduleExpression=schedule)
        assert client.describe_rule(Name=name)["ScheduleExpression"] == schedule
    client.put_events(Entries=[{"Source": "shop.orders", "DetailType": "x", "Detail": "{}"}])
    assert [len(rule.events) for rule in eventbridge._rules] == [0, 0]
    (rule, _) = eventbridge._rules
    assert rule.explain(eventbridge.events[0]).splitlines()[1:] == ["  the rule has a schedule and no pattern"]


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        (
            {"EventPattern": ""},
            "ValidationException",
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            {"ScheduleExpression": "rate(1 minute)", "EventBusName": "orders"},
            "ValidationException",
            "ScheduleExpression is supported only on the default event bus.",
        ),
        (
            {"ScheduleExpression": "every day"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        ({"EventPattern": "[]"}, "InvalidEventPatternException", "Event pattern is not valid. Reason: "),
        ({"EventPattern": "no json"}, "InvalidEventPatternException", "Event pattern is not valid. Reason: "),
    ],
)
def test_what_is_no_rule(params: dict[str, str], code: str, text: str, client: Any) -> None:
    """A rule needs a pattern or a schedule that can be read."""
    actual_code, actual_text = refusal(client.put_rule, Name="audit", **params)
    assert actual_code == code
    assert actual_text.startswith(text)
    assert client.list_rules()["Rules"] == []


def test_rule_of_a_test(client: Any, eventbridge: FakeEventBridge) -> None:
    """A rule made by `add_rule` is there for the API, with its target, and can be changed by it."""
    seen: list[Any] = []
    rule = eventbridge.add_rule({"source": ["shop.orders"]}, seen.append, name="audit", input_path="$.detail")
    described = client.describe_rule(Name="audit")
    assert (described["Arn"], json.loads(described["EventPattern"])) == (rule.arn, {"source": ["shop.orders"]})
    assert client.list_targets_by_rule(Rule="audit")["Targets"] == [
        {
            "Id": "1",
            "Arn": "arn:aws:lambda:us-east-1:123456789012:function:append",
            "InputPath": "$.detail",
        }
    ]
    client.put_rule(Name="audit", EventPattern=json.dumps({"source": ["shop.stock"]}))
    client.put_events(Entries=[{"Source": "shop.stock", "DetailType": "x", "Detail": '{"n": 1}'}])
    assert seen == [{"n": 1}]
    with pytest.raises(ValueError, match="There is a rule 'audit'"):
        eventbridge.add_rule({"source": ["shop"]}, name="audit")


@pytest.mark.parametrize(
    ("function", "name"),
    [(lambda event: event, "lambda"), (print, "print"), (type("Über", (), {"__call__": print})(), "ber")],
    ids=["lambda", "print", "class"],
)
def test_arn_of_a_function(function: Any, name: str, client: Any, eventbridge: FakeEventBridge) -> None:
    """The function that a test gives has an ARN with a name that Lambda would allow."""
    eventbridge.add_rule({"source": ["shop.orders"]}, function, name="audit")
    (listed,) = client.list_targets_by_rule(Rule="audit")["Targets"]
    assert listed["Arn"] == f"arn:aws:lambda:us-east-1:123456789012:function:{name}"


# ---- targets


def test_life_of_targets(client: Any, eventbridge: FakeEventBridge) -> None:
    """Targets are put, replaced by id, listed in their order, found by ARN, and removed (recorded)."""
    none_failed = {"FailedEntries": [], "FailedEntryCount": 0}
    client.put_rule(Name="audit", EventPattern=PATTERN)
    assert answered(client.put_targets(Rule="audit", Targets=[target("b"), target("a", Input="{}")])) == none_failed
    transformer = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": "<n>"}
    client.put_targets(Rule="audit", Targets=[target("c", InputTransformer=transformer)])
    assert client.list_targets_by_rule(Rule="audit")["Targets"][-1]["InputTransformer"] == transformer
    client.remove_targets(Rule="audit", Ids=["c"])
    client.put_targets(Rule="audit", Targets=[target("b", RoleArn="arn:aws:iam::1:role/r")])
    assert answered(client.list_targets_by_rule(Rule="audit")) == {
        "Targets": [target("b", RoleArn="arn:aws:iam::1:role/r"), target("a", Input="{}")]
    }
    client.put_rule(Name="after", EventPattern=PATTERN)
    client.put_targets(Rule="after", Targets=[target("c")])
    client.put_rule(Name="elsewhere", EventPattern=PATTERN, EventBusName="orders")
    client.put_targets(Rule="elsewhere", EventBusName="orders", Targets=[target("c")])
    assert answered(client.list_rule_names_by_target(TargetArn=QUEUE)) == {"RuleNames": ["after", "audit"]}
    assert client.list_rule_names_by_target(TargetArn=f"{QUEUE}-2")["RuleNames"] == []

    assert refusal(client.delete_rule, Name="audit") == (
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    )
    assert answered(client.remove_targets(Rule="audit", Ids=["a", "unknown"])) == none_failed
    client.remove_targets(Rule="audit", Ids=["b"])
    assert answered(client.list_targets_by_rule(Rule="audit")) == {"Targets": []}
    client.delete_rule(Name="audit")


def test_more_targets_than_a_rule_has(client: Any) -> None:
    """A rule has five targets at the most (recorded); to replace one is no more."""
    client.put_rule(Name="audit", EventPattern=PATTERN)
    client.put_targets(Rule="audit", Targets=[target(str(number)) for number in range(5)])
    client.put_targets(Rule="audit", Targets=[target("4", Input="{}")])
    assert refusal(client.put_targets, Rule="audit", Targets=[target("5")]) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
    assert [one["Id"] for one in client.list_targets_by_rule(Rule="audit")["Targets"]] == list("01234")


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"Id": "!@#$@!#$"},
            r"1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        (
            {"Id": "a" * 65},
            f"1 validation error detected: Value '{'a' * 65}' at 'targets.1.member.id' failed to satisfy constraint: "
            "Member must have length less than or equal to 64",
        ),
        ({"Arn": "orders"}, "Parameter orders is not valid. Reason: Provided Arn is not in correct format."),
        (
            {"Input": "{}", "InputPath": "$"},
            "Only one of Input, InputPath, or InputTransformer must be provided for target q.",
        ),
        (
            {"InputTransformer": {"InputTemplate": '"<a>"'}},
            "InputTemplate for target q contains invalid placeholder a.",
        ),
        ({"Input": "plain"}, 'JSON syntax error in input for target q: [Source: (String)"plain"; line: 1, column: 2]'),
    ],
)
def test_what_is_no_target(members: dict[str, Any], text: str, client: Any) -> None:
    """A target that the service refuses is refused with all others of its request."""
    client.put_rule(Name="audit", EventPattern=PATTERN)
    targets = [target(**members), target("good")]
    assert refusal(client.put_targets, Rule="audit", Targets=targets) == ("ValidationException", text)
    assert client.list_targets_by_rule(Rule="audit")["Targets"] == []


# ---- pages


@pytest.mark.parametrize("size", [None, 1, 3, 100])
def test_pages_of_rules(size: int | None, client: Any) -> None:
    """The paginator of botocore gets each rule once, in the order of the names."""
    names = [f"r-{number:03}" for number in range(7)]
    for name in reversed(names):
        client.put_rule(Name=name, EventPattern=PATTERN)
    pages = list(client.get_paginator("list_rules").paginate(PaginationConfig={"PageSize": size}))
    assert [rule["Name"] for page in pages for rule in page["Rules"]] == names
    assert len(pages) == -(-7 // (size or 100))
    assert all("NextToken" in page for page in pages[:-1])
    assert "NextToken" not in pages[-1]
    assert [rule["Name"] for rule in client.list_rules(NamePrefix="r-00", Limit=2)["Rules"]] == names[:2]


def test_pages_of_targets_and_rule_names(client: Any) -> None:
    """The other paginators get everything once as well."""
    for name in "abc":
        client.put_rule(Name=name, EventPattern=PATTERN)
        client.put_targets(Rule=name, Targets=[target(str(number)) for number in range(5)])
    config = {"PageSize": 2}
    targets = client.get_paginator("list_targets_by_rule").paginate(Rule="a", PaginationConfig=config)
    assert [one["Id"] for page in targets for one in page["Targets"]] == list("01234")
    names = client.get_paginator("list_rule_names_by_target").paginate(TargetArn=QUEUE, PaginationConfig=config)
    assert [name for page in names for name in page["RuleNames"]] == list("abc")


@pytest.mark.eventbridge(event_buses=[f"b-{number}" for number in range(5)])
def test_pages_of_event_buses(client: Any) -> None:
    """Event buses, for which botocore has no paginator, come in pages too."""
    first = client.list_event_buses(Limit=4)
    second = client.list_event_buses(Limit=4, NextToken=first["NextToken"])
    assert [bus["Name"] for bus in first["EventBuses"]] == ["b-0", "b-1", "b-2", "b-3"]
    assert [bus["Name"] for bus in second["EventBuses"]] == ["b-4", "default"]
    assert "NextToken" not in second


def test_a_page_has_a_hundred_members_at_the_most(client: Any) -> None:
    """Without a limit a page ends after a hundred."""
    for number in range(101):
        client.put_rule(Name=f"r-{number:03}", EventPattern=PATTERN)
    first = client.list_rules()
    assert len(first["Rules"]) == 100
    assert len(client.list_rules(NextToken=first["NextToken"])["Rules"]) == 1


@pytest.mark.parametrize("token", ["x", "bm8gbnVtYmVy", "ü", "LTM=", "IDM=", "OTk5OTk5OTk5OTk="])
def test_page_that_nobody_promised(token: str, client: Any) -> None:
    """A token that is none of the fake's is refused."""
    assert refusal(client.list_rules, NextToken=token) == ("ValidationException", "Parameter NextToken is not valid.")


# ---- patterns

EVENT = {
    "id": "e-1",
    "account": "123456789012",
    "source": "shop.orders",
    "time": "2026-11-24T12:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "OrderPlaced",
    "detail": {},
}


@pytest.mark.parametrize(("source", "result"), [("shop.orders", True), ("shop.stock", False)])
def test_pattern(source: str, result: bool, client: Any) -> None:
    """A pattern can be tried on an event."""
    pattern = json.dumps({"source": [source]})
    assert answered(client.test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENT))) == {"Result": result}


def test_pattern_that_is_not_valid(client: Any) -> None:
    """A pattern that cannot be read is refused in the service's words."""
    code, text = refusal(client.test_event_pattern, EventPattern="[]", Event=json.dumps(EVENT))
    assert code == "InvalidEventPatternException"
    assert text.startswith("Event pattern is not valid. Reason: ")
    with pytest.raises(client.exceptions.InvalidEventPatternException):
        client.test_event_pattern(EventPattern="[]", Event=json.dumps(EVENT))


@pytest.mark.parametrize("event", ["no json", "[]", "{}"])
def test_event_that_is_not_valid(event: str, client: Any) -> None:
    """An event that cannot be one is refused (recorded)."""
    assert refusal(client.test_event_pattern, EventPattern=PATTERN, Event=event) == (
        "ValidationException",
        "Parameter Event is not valid.",
    )


# ---- around the operations


def test_requests_that_fail_are_those_of_put_events(client: Any, eventbridge: FakeEventBridge) -> None:
    """An injected failure of requests is none of the control plane's, which is no call of PutEvents either."""
    failure = eventbridge.fail_requests("AccessDeniedException")
    client.put_rule(Name="audit", EventPattern=PATTERN)
    assert client.describe_rule(Name="audit")["Name"] == "audit"
    assert failure.remaining == 1
    assert eventbridge.calls == []
    failure.cancel()


def test_other_operations_are_refused() -> None:
    """What is not played is refused as before."""
    with FakeEventBridge() as bridge:
        assert refusal(boto3.client("events").list_archives)[0] == "OperationNotPlayed"
    with pytest.raises(VerificationError, match="ListArchives"):
        bridge.verify()


def test_moto_keeps_the_control_plane(eventbridge: FakeEventBridge) -> None:
    """With moto active these operations are moto's, and PutEvents is ours all the same."""
    mock_aws = pytest.importorskip("moto").mock_aws
    with mock_aws():
        client = boto3.client("events", region_name="us-east-1")
        client.put_rule(Name="audit", EventPattern=PATTERN)
        assert client.describe_rule(Name="audit")["Name"] == "audit"
        client.put_events(Entries=[{"Source": "shop.orders", "DetailType": "x", "Detail": "{}"}])
    assert list(eventbridge._rules) == []
    assert len(eventbridge.events) == 1
    assert client.list_rules()["Rules"] == []
    eventbridge.verify()


def test_handler_of_the_user_keeps_an_operation(client: Any) -> None:
    """What a `before-send` handler of the user's own answers has no effect on the fake."""
    body = b'{"RuleArn": "arn:theirs"}'

    class Raw:
        def stream(self) -> Iterator[bytes]:
            yield body

    client.meta.events.register(
        "before-send.events.PutRule", lambda request, **_: AWSResponse(request.url, 200, {}, Raw())
    )
    assert client.put_rule(Name="audit", EventPattern=PATTERN)["RuleArn"] == "arn:theirs"
    assert client.list_rules()["Rules"] == []


def test_client_without_credentials() -> None:
    """No credentials are asked for."""
    with FakeEventBridge(fake_credentials=False):
        session = boto3.Session(region_name="us-east-1")
        session._session._credentials = None
        assert session.client("events").list_rules()["Rules"] == []


# ---- the form of requests

MALFORMED: list[tuple[str, dict[str, Any], str]] = [
    (
        "describe_rule",
        {},
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must",
    ),
    (
        "put_rule",
        {"Name": "a b", "State": "ON", "EventPattern": "x" * 4097},
        "3 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular "
        r"expression pattern: [\.\-_A-Za-z0-9]+; Value '" + "x" * 4097 + "' at 'eventPattern' failed to satisfy "
        "constraint: Member must have length less than or equal to 4096; Value 'ON' at 'state' failed to satisfy "
        "constraint: Member must satisfy enum value set: [ENABLED, DISABLED, "
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]",
    ),
    (
        "list_rules",
        {"Limit": 0},
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ),
    (
        "list_rules",
        {"Limit": 101},
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
    ),
    (
        "put_targets",
        {"Rule": "r", "Targets": []},
        "1 validation error detected: Value '[]' at 'targets' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    ),
    (
        "remove_targets",
        {"Rule": "r", "Ids": ["a"] * 101},
        "1 validation error detected: Value '[...]' at 'ids' failed to satisfy constraint: "
        "Member must have length less than or equal to 100",
    ),
    (
        "put_targets",
        {"Rule": "r", "Targets": [{"Id": "a", "Arn": QUEUE, "InputTransformer": {}}]},
        "1 validation error detected: Value null at 'targets.1.member.inputTransformer.inputTemplate' failed to "
        "satisfy constraint: Member must not be null",
    ),
    (
        "describe_event_bus",
        {"Name": ""},
        "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; ",
    ),
]


@pytest.fixture
def careless_client(eventbridge: FakeEventBridge) -> Any:
    """A client that sends whatever it is given."""
    return boto3.client("events", region_name="us-east-1", config=Config(parameter_validation=False))


@pytest.mark.parametrize(("method", "params", "text"), MALFORMED)
def test_malformed_request(method: str, params: dict[str, Any], text: str, careless_client: Any) -> None:
    """A request that breaks the model is refused in the grammar of the service (recorded)."""
    code, actual = refusal(getattr(careless_client, method), **params)
    assert code == "ValidationException"
    assert actual.startswith(text)


UNREADABLE: list[tuple[str, dict[str, Any]]] = [
    ("describe_rule", {"Name": 1}),
    ("list_rules", {"Limit": "many"}),
    ("put_targets", {"Rule": "r", "Targets": "all"}),
    ("put_targets", {"Rule": "r", "Targets": ["all"]}),
    (
        "put_targets",
        {"Rule": "r", "Targets": [target(InputTransformer={"InputTemplate": "a", "InputPathsMap": {"a": 1}})]},
    ),
]


@pytest.mark.parametrize(("method", "params"), UNREADABLE)
def test_unreadable_request(
    method: str, params: dict[str, Any], eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request with wrong types in it is refused, and no more comes of it."""
    client = boto3.client("events", region_name="us-east-1", config=Config(parameter_validation=False))
    body = json.dumps(params).encode()
    client.meta.events.register("before-call", lambda params, **_: params.update(body=body))
    with pytest.raises(ClientError, match="SerializationException"):
        getattr(client, method)()


def test_request_that_is_no_json(client: Any) -> None:
    """A body that somebody has made unreadable is refused as well."""
    client.meta.events.register("before-call", lambda params, **_: params.update(body=b"{"))
    with pytest.raises(ClientError, match="SerializationException"):
        client.list_rules()
