"""The way into botocore, tried on real clients that nobody has prepared and that have nothing to reach."""

from __future__ import annotations

import _thread
import asyncio
import functools
import gc
import inspect
import json
import os
import socket
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timezone
from itertools import permutations
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.session
import pytest
import wrapt
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HAS_CRT
from botocore.config import Config
from botocore.credentials import CredentialResolver, DeferredRefreshableCredentials
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    MissingDependencyException,
    NoCredentialsError,
    ParamValidationError,
    WaiterError,
)
from botocore.stub import Stubber

from pytest_eventbridge import FakeEventBridge, VerificationError
from pytest_eventbridge._interceptor import interception

ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id": "o-1"}'}
CREDENTIALS = {"aws_access_key_id": "AKIAOLDER", "aws_secret_access_key": "older"}
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=1, read_timeout=1)
NOWHERE = str(Path(__file__).parent / "no" / "such" / "file")
REGIONS = {
    "us-east-1": "aws",
    "ap-southeast-2": "aws",
    "cn-north-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
    "mars-north-1": "aws",
}


def make_session() -> botocore.session.Session:
    """Make a session that reads nothing of this machine's configuration."""
    session = botocore.session.Session()
    session.set_config_variable("config_file", NOWHERE)
    session.set_config_variable("credentials_file", NOWHERE)
    return session


@contextmanager
def bare_environ() -> Iterator[None]:
    """Take credentials, region, configuration files and home out of the environment, for as long as the block lasts."""
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(AWS_CONFIG_FILE=NOWHERE, AWS_SHARED_CREDENTIALS_FILE=NOWHERE, HOME="")
        yield


SESSION = make_session()


def make_client(service: str = "events", region: str = "us-east-1", **arguments: Any) -> Any:
    """Make a client from the session that all tests here share."""
    return SESSION.create_client(service, region_name=region, **{**CREDENTIALS, **arguments})


@functools.cache
def session_without_credentials() -> botocore.session.Session:
    """Return a session that finds no credentials, and does not search for any."""
    session = make_session()
    session.register_component("credential_provider", CredentialResolver([]))
    return session


def put(client: Any, **entry: Any) -> Any:
    """Publish one event; the code under test."""
    return client.put_events(Entries=[{**ENTRY, **entry}])


with bare_environ():
    CLIENT = make_client()
    DEFAULT_CLIENT = make_client()


# botocore has known the second service since September 2026.
SERVICES = [name for name in ("events", "eventbridgev2") if name in SESSION.get_available_services()]
needs_v2 = pytest.mark.skipif("eventbridgev2" not in SERVICES, reason="this botocore does not know eventbridgev2")


def put_by_default(client: Any = DEFAULT_CLIENT) -> Any:
    """Publish with a client that was made when the module was loaded."""
    return put(client)


@functools.cache
def cached_client() -> Any:
    """Return the client that the code under test makes once and keeps."""
    return make_client()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No credentials, no region, no configuration file, no home."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with bare_environ():
        yield


ORIGINALS = {name: BaseClient.__dict__[name] for name in ("__init__", "_make_api_call", "_make_request")}


@pytest.fixture(autouse=True)
def untouched_botocore() -> Iterator[None]:
    """Whatever a test that failed has left on botocore's class, the next one finds it as it was."""
    yield
    for name, original in ORIGINALS.items():
        setattr(BaseClient, name, original)


@pytest.fixture(autouse=True)
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Refuse every connection and name look-up, and fail the test that tried one and did not say so."""
    tried: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> Any:
        tried.append([argument for argument in arguments if not isinstance(argument, socket.socket)])
        raise ConnectionRefusedError("No network in this test.")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    yield tried
    assert tried == [], "something tried to leave the process"


def line_of_caller() -> int:
    """Return the line in which this function is called."""
    return sys._getframe(1).f_lineno


# ---- which clients are reached


def put_from_default_argument() -> None:
    """Use a client that is a default argument."""
    put_by_default()


def put_from_module_level() -> None:
    """Use a client that the module made when it was loaded."""
    put(CLIENT)


def put_from_cached_function() -> None:
    """Use a client that a cached function returns."""
    put(cached_client())


def put_from_cached_session() -> None:
    """Make a client from a session that is older."""
    put(SESSION.create_client("events", region_name="us-east-1"))


def put_from_session_without_credentials() -> None:
    """Make a client from a session that has no credentials."""
    put(session_without_credentials().create_client("events", region_name="us-east-1"))


def put_from_boto3() -> None:
    """Make a client from boto3's default session."""
    put(boto3.client("events"))


def put_from_boto3_session() -> None:
    """Make a client from a session of boto3's."""
    put(boto3.Session(region_name="eu-west-1").client("events"))


def put_from_boto3_default_session() -> None:
    """Make a client from a default session that was set up."""
    boto3.setup_default_session(region_name="eu-west-1")
    put(boto3.client("events"))


def put_from_botocore() -> None:
    """Make a client from botocore alone."""
    put(botocore.session.get_session().create_client("events"))


def put_from_explicit_credentials() -> None:
    """Make a client with credentials of its own."""
    put(boto3.client("events", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"))


WAYS = [
    put_from_module_level,
    put_from_default_argument,
    put_from_cached_function,
    put_from_cached_session,
    put_from_session_without_credentials,
    put_from_boto3,
    put_from_boto3_session,
    put_from_boto3_default_session,
    put_from_botocore,
    put_from_explicit_credentials,
]
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.removeprefix("put_from_"))


@every_way
def test_every_client_is_reached(way: Callable[[], None], eventbridge: FakeEventBridge) -> None:
    """A client is answered however it was made, before the fake or under it."""
    way()
    assert [event.detail for event in eventbridge.events] == [{"order_id": "o-1"}]


@every_way
def test_every_client_is_reached_from_a_thread(way: Callable[[], None], eventbridge: FakeEventBridge) -> None:
    """A thread of its own makes no difference."""
    thread = threading.Thread(target=way)
    thread.start()
    thread.join()
    assert len(eventbridge.events) == 1


@every_way
def test_every_client_is_reached_from_to_thread(way: Callable[[], None], eventbridge: FakeEventBridge) -> None:
    """`asyncio.to_thread`, with the context that it copies, makes no difference."""
    asyncio.run(asyncio.to_thread(way))
    assert len(eventbridge.events) == 1


def test_a_client_made_under_one_fake_is_answered_by_the_next() -> None:
    """A client outlives the fake that it was made under."""
    with FakeEventBridge():
        client = boto3.client("events")
    with FakeEventBridge() as bridge:
        put(client)
    assert len(bridge.events) == 1


@pytest.mark.parametrize(("region", "partition"), REGIONS.items())
def test_any_region_and_partition(region: str, partition: str, eventbridge: FakeEventBridge) -> None:
    """A client's own region and its partition show in its events."""
    put(make_client(region=region))
    (event,) = eventbridge.events
    assert event.region == region
    assert event.event_bus_arn == f"arn:{partition}:events:{region}:123456789012:event-bus/default"


@pytest.mark.parametrize(
    "endpoint_url",
    [
        "http://localhost:4566",
        "https://vpce-1.events.us-east-1.vpce.amazonaws.com",
        "http://[::1]:8080/path",
        "https://events.us-east-1.amazonaws.com",
    ],
)
def test_any_endpoint_url(endpoint_url: str, eventbridge: FakeEventBridge) -> None:
    """A client with an `endpoint_url` of its own is answered as well."""
    put(make_client(endpoint_url=endpoint_url))
    assert len(eventbridge.events) == 1


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EVENTBRIDGE"])
def test_endpoint_url_of_the_environment(
    variable: str, eventbridge: FakeEventBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that the environment names is not called."""
    monkeypatch.setenv(variable, "http://localhost:4566")
    client = boto3.client("events")
    assert client.meta.endpoint_url == "http://localhost:4566"
    put(client)
    assert len(eventbridge.events) == 1


def test_endpoint_id(eventbridge: FakeEventBridge) -> None:
    """A global endpoint is recorded with the call; without awscrt botocore itself says what is missing."""
    arguments = {"Entries": [ENTRY], "EndpointId": "abcde.veo"}
    if HAS_CRT:
        CLIENT.put_events(**arguments)
        assert [call.endpoint_id for call in eventbridge.calls] == ["abcde.veo"]
    else:
        with pytest.raises(MissingDependencyException, match=r"botocore\[crt\]"):
            CLIENT.put_events(**arguments)
        assert eventbridge.calls == []


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(Config(signature_version=UNSIGNED), id="unsigned"),
        pytest.param(Config(parameter_validation=False), id="no parameter validation"),
        pytest.param(Config(retries={"mode": "legacy"}), id="legacy retries"),
        pytest.param(Config(retries={"mode": "standard"}), id="standard retries"),
        pytest.param(Config(retries={"mode": "adaptive"}), id="adaptive retries"),
        pytest.param(Config(retries={"max_attempts": 0}), id="no retries"),
        pytest.param(Config(defaults_mode="auto"), id="smart defaults"),
        pytest.param(Config(use_fips_endpoint=True), id="FIPS"),
        pytest.param(Config(use_dualstack_endpoint=True), id="dual stack"),
        pytest.param(Config(proxies={"https": "http://localhost:1"}), id="proxy"),
        pytest.param(Config(user_agent_extra="shop/1", connect_timeout=1), id="user agent"),
    ],
)
@pytest.mark.parametrize("make", [make_client, boto3.client], ids=["botocore", "boto3"])
def test_any_configuration(config: Config, make: Callable[..., Any], eventbridge: FakeEventBridge) -> None:
    """Whatever a client is configured to do, its PutEvents is answered once and at the first attempt."""
    response = put(make("events", config=config))
    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    assert [call.attempts for call in eventbridge.calls] == [1]
    assert response["Entries"] == [{"EventId": eventbridge.events[0].event_id}]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "ValidationException"),
        ({"Entries": []}, "ValidationException"),
        ({"Entries": [{**ENTRY, "Detail": {"order_id": "o-1"}}]}, "SerializationException"),
    ],
    ids=["no entries", "empty entries", "detail that is no text"],
)
def test_without_parameter_validation_the_service_answers(
    parameters: dict[str, Any], code: str, eventbridge: FakeEventBridge
) -> None:
    """What botocore was told to let pass is refused as the service refuses it."""
    with pytest.raises(ClientError) as caught:
        make_client(config=Config(parameter_validation=False)).put_events(**parameters)
    assert caught.value.response["Error"]["Code"] == code
    assert eventbridge.events == []


# ---- nothing is needed, and nothing leaves the process


def test_without_a_fake_a_call_is_tried(connections: list[Any]) -> None:
    """The guard of this module sees what a client without a fake does."""
    with pytest.raises(EndpointConnectionError):
        put(make_client(config=ONE_ATTEMPT))
    assert connections
    connections.clear()


@pytest.mark.parametrize("profile_variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
@pytest.mark.parametrize(
    "make",
    [boto3.client, lambda name: botocore.session.get_session().create_client(name)],
    ids=["boto3", "botocore"],
)
def test_a_bare_machine_is_enough(
    profile_variable: str, make: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No credentials, region, configuration file, home or existing profile is needed, and none is looked for."""
    monkeypatch.setenv(profile_variable, "no-such-profile")
    before = dict(os.environ)
    with FakeEventBridge() as bridge:
        put(make("events"))
    assert [event.region for event in bridge.events] == ["us-east-1"]
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({}, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-2"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": ""}, "us-east-1"),
        ({"AWS_REGION": ""}, "us-east-1"),
    ],
    ids=["none", "AWS_DEFAULT_REGION", "AWS_REGION", "both", "empty AWS_DEFAULT_REGION", "empty AWS_REGION"],
)
def test_region_of_the_environment(variables: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that is set is kept; one that is missing or empty is filled in."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with FakeEventBridge() as bridge:
        put(boto3.client("events"))
    assert [event.region for event in bridge.events] == [region]


def test_real_credentials_of_the_environment_are_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of a developer's own credentials is what a client signs with, and all are back afterwards."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
    for name in names:
        monkeypatch.setenv(name, "real")
    with FakeEventBridge():
        credentials = make_session().get_credentials()
        assert (credentials.access_key, credentials.secret_key, credentials.token) == ("testing", "testing", "testing")
    assert [os.environ[name] for name in names] == ["real"] * 4


def test_credentials_that_have_run_out_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer's shell says about the end of its own credentials does not apply to the fake ones."""
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
    with FakeEventBridge(), pytest.raises(ClientError, match="OperationNotPlayed"):
        boto3.client("events").list_archives()


@pytest.mark.parametrize("method", ["put_events", "list_archives"])
def test_credentials_are_not_fetched_for_a_request_that_stays(method: str) -> None:
    """A client that assumes its role at the first signature is not made to."""
    fetched = []

    def fetch() -> dict[str, str]:
        fetched.append("credentials")
        return {"access_key": "a", "secret_key": "b", "token": "c", "expiry_time": "2100-01-01T00:00:00Z"}

    session = make_session()
    session._credentials = DeferredRefreshableCredentials(refresh_using=fetch, method="assume-role")
    client = session.create_client("events", region_name="us-east-1")
    with FakeEventBridge():
        if method == "put_events":
            put(client)
        else:
            with pytest.raises(ClientError, match="OperationNotPlayed"):
                client.list_archives()
    assert fetched == []


def test_environment_can_be_left_without_credentials() -> None:
    """With `fake_credentials=False` a client that has none is answered, and the environment gets none."""
    with FakeEventBridge(fake_credentials=False) as bridge:
        assert "AWS_ACCESS_KEY_ID" not in os.environ
        put(session_without_credentials().create_client("events"))
    assert len(bridge.events) == 1


# ---- the user's own handlers


def alter_parameters(params: dict[str, Any], **_: Any) -> None:
    """Change the entry in place."""
    params["Entries"] = [{**params["Entries"][0], "Source": "altered"}]


def replace_parameters(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return other parameters."""
    return {**params, "Entries": [{**params["Entries"][0], "Source": "altered"}]}


def alter_body(params: dict[str, Any], **_: Any) -> None:
    """Change the serialized request, in bytes."""
    params["body"] = params["body"].replace(b"shop.orders", b"altered")


def alter_body_to_text(params: dict[str, Any], **_: Any) -> None:
    """Change the serialized request, and leave text."""
    params["body"] = params["body"].decode().replace("shop.orders", "altered")


@pytest.mark.parametrize(
    ("event_name", "handler"),
    [
        ("provide-client-params.events.PutEvents", replace_parameters),
        ("provide-client-params.eventbridge.PutEvents", replace_parameters),
        ("before-parameter-build.events.PutEvents", alter_parameters),
        ("before-parameter-build", alter_parameters),
        ("before-call.events.PutEvents", alter_body),
        ("before-call.events", alter_body_to_text),
        ("before-call", alter_body),
    ],
)
@pytest.mark.parametrize("when", ["before the fake", "under the fake", "after the first call"])
def test_handler_that_alters_the_request(event_name: str, handler: Callable[..., Any], when: str) -> None:
    """A handler of the user's sees the request before the fake does, whenever it was registered."""
    client = make_client()
    with ExitStack() as stack:
        if when == "before the fake":
            client.meta.events.register(event_name, handler)
        bridge = stack.enter_context(FakeEventBridge())
        if when == "after the first call":
            put(client)
            bridge.clear()
        if when != "before the fake":
            client.meta.events.register(event_name, handler)
        put(client)
        put(CLIENT)
    assert [event.source for event in bridge.events] == ["altered", "shop.orders"]


def test_handler_that_alters_headers(eventbridge: FakeEventBridge) -> None:
    """Headers that a handler adds are there for the handlers behind it, and trouble nobody."""
    seen = []
    client = make_client()
    client.meta.events.register("before-call.events.PutEvents", lambda params, **_: params["headers"].update(X="1"))
    client.meta.events.register_last("before-call.events", lambda params, **_: seen.append(params["headers"]["X"]))
    put(client)
    assert seen == ["1"]
    assert len(eventbridge.events) == 1


@pytest.mark.parametrize("body", [b"no JSON", "no JSON", b"", b"[]", b"\xff", b'{"Entries": {}}'])
def test_handler_that_spoils_the_body(body: Any, eventbridge: FakeEventBridge) -> None:
    """A body that the service could not read is refused as the service refuses it."""
    client = make_client()
    client.meta.events.register("before-call", lambda params, **_: params.update(body=body))
    with pytest.raises(ClientError) as caught:
        put(client)
    assert caught.value.response["Error"]["Code"] == "SerializationException"
    assert eventbridge.events == []


def answer_myself(**_: Any) -> tuple[Any, dict[str, Any]]:
    """Answer in the place of the service."""
    return AWSResponse("", 200, {}, None), {"FailedEntryCount": 0, "Entries": [{"EventId": "mine"}]}


def refuse_myself(**_: Any) -> tuple[Any, dict[str, Any]]:
    """Refuse in the place of the service, with an exception that the service's model knows."""
    return AWSResponse("", 500, {}, None), {"Error": {"Code": "InternalException", "Message": "mine"}}


@pytest.mark.parametrize("event_name", ["before-call.events.PutEvents", "before-call.*.*", "before-call"])
def test_handler_that_answers_itself(event_name: str, eventbridge: FakeEventBridge) -> None:
    """A handler that answers wins over the fake, which then has captured nothing."""
    client = make_client()
    client.meta.events.register(event_name, answer_myself)
    assert put(client)["Entries"] == [{"EventId": "mine"}]
    assert eventbridge.calls == []


def test_modelled_exception_of_a_handler(eventbridge: FakeEventBridge) -> None:
    """An error code that the service's model knows is raised as the client's own exception class."""
    client = make_client()
    client.meta.events.register("before-call", refuse_myself)
    with pytest.raises(client.exceptions.InternalException, match="mine"):
        put(client)
    assert eventbridge.calls == []


def test_handler_that_changes_the_response(eventbridge: FakeEventBridge) -> None:
    """What an `after-call` handler makes of the response is what the caller gets and what the call records."""
    client = make_client()
    client.meta.events.register("after-call.events.PutEvents", lambda parsed, **_: parsed.update(Mine=True))
    assert put(client)["Mine"] is True
    assert eventbridge.calls[0].response["Mine"] is True  # type: ignore[index]


def test_after_call_sees_the_http_response(eventbridge: FakeEventBridge) -> None:
    """The parsed response is what botocore's own parser makes of the HTTP response that handlers see."""
    seen: dict[str, Any] = {}
    client = make_client()
    client.meta.events.register("after-call", lambda **arguments: seen.update(arguments))
    response = client.put_events(Entries=[ENTRY, {**ENTRY, "Detail": "no JSON"}])
    http_response = seen["http_response"]
    parsed = client._response_parser.parse(
        {
            "status_code": http_response.status_code,
            "headers": http_response.headers,
            "body": http_response.content,
        },
        seen["model"].output_shape,
    )
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    assert parsed == response
    assert json.loads(http_response.text)["FailedEntryCount"] == 1
    assert http_response.raw.read() == b"".join(http_response.raw.stream()) == http_response.content
    assert http_response.headers["X-Amzn-RequestId"] == response["ResponseMetadata"]["RequestId"]
    assert http_response.url == "https://events.us-east-1.amazonaws.com/"


@pytest.mark.parametrize("event_name", ["before-parameter-build", "before-call", "after-call"])
def test_handler_that_raises(event_name: str, eventbridge: FakeEventBridge) -> None:
    """What a handler raises reaches the caller unchanged, and the next call is as good as any."""
    problem = LookupError("mine")

    def fail(**_: Any) -> None:
        raise problem

    client = make_client()
    client.meta.events.register(event_name, fail)
    with pytest.raises(LookupError) as caught:
        put(client)
    assert caught.value is problem
    assert [call.error for call in eventbridge.calls] == ([problem] if event_name == "after-call" else [])
    client.meta.events.unregister(event_name, fail)
    put(client)
    assert eventbridge.calls[-1].error is None


def test_handler_that_calls_other_clients(eventbridge: FakeEventBridge) -> None:
    """A call that a handler makes in the middle of another is a call of its own."""
    outer, inner = make_client(region="eu-west-1"), make_client(region="eu-west-2")
    outer.meta.events.register("before-call", lambda **_: put(inner, Source="inner") and None)
    put(outer, Source="outer")
    assert [(event.source, event.region) for event in eventbridge.events] == [
        ("inner", "eu-west-2"),
        ("outer", "eu-west-1"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"Entries": []}, {"Entries": [{**ENTRY, "Detail": {}}]}, {"Entries": [{**ENTRY, "Unknown": "x"}]}],
    ids=["no entries", "empty entries", "detail that is no text", "unknown member"],
)
def test_parameter_validation(arguments: dict[str, Any], eventbridge: FakeEventBridge) -> None:
    """Whatever botocore refuses it refuses here too, before the service sees anything."""
    with pytest.raises(ParamValidationError):
        CLIENT.put_events(**arguments)
    assert eventbridge.calls == []


# ---- nesting, and the end


def test_the_innermost_fake_answers() -> None:
    """Each fake sees what was sent while it was the innermost, and nothing else."""
    with FakeEventBridge() as outer:
        put(CLIENT, Source="first")
        with FakeEventBridge() as inner:
            put(CLIENT, Source="second")
        put(CLIENT, Source="third")
    with FakeEventBridge() as next_one:
        put(CLIENT, Source="fourth")
    assert [[event.source for event in fake.events] for fake in (outer, inner, next_one)] == [
        ["first", "third"],
        ["second"],
        ["fourth"],
    ]


def test_the_fixture_nests(eventbridge: FakeEventBridge) -> None:
    """A fake of the test's own inside the fixture's hides its events from that."""
    with FakeEventBridge() as own:
        put(CLIENT)
    assert len(own.events) == 1
    eventbridge.assert_nothing_emitted()


EVENT_NAMES = [
    f"{name}.{service}.{operation}"
    for name in (
        "provide-client-params",
        "before-parameter-build",
        "before-endpoint-resolution",
        "before-call",
        "request-created",
        "choose-signer",
        "before-sign",
        "before-send",
        "response-received",
        "needs-retry",
        "after-call",
        "after-call-error",
    )
    for service in ("events", "eventbridge", "eventbridgev2", "sqs")
    for operation in ("PutEvents", "ListArchives")
]


def classes_below(base: type) -> Iterator[type]:
    """Yield a class and all that derive from it."""
    yield base
    for derived in base.__subclasses__():
        yield from classes_below(derived)


def state_of_botocore(clients: list[Any]) -> Any:
    """Return all that a fake could have left behind."""
    emitters = [client.meta.events._emitter for client in clients]
    return (
        {derived: dict(derived.__dict__) for derived in classes_below(BaseClient) if derived.__name__ == "BaseClient"},
        [derived for derived in classes_below(BaseClient) if "_pytest_eventbridge" in str(derived.__dict__)],
        [[list(emitter._handlers.prefix_search(name)) for name in EVENT_NAMES] for emitter in emitters],
        [dict(emitter._unique_id_handlers) for emitter in emitters],
        {type(client): dict(type(client).__dict__) for client in clients},
        [dict(client.__dict__) for client in clients],
        list(SESSION.get_component("event_emitter")._emitter._unique_id_handlers),
        dict(os.environ),
    )


@pytest.fixture
def clients() -> list[Any]:
    """Clients of several services, older than any fake of the test."""
    clients = [CLIENT, *map(make_client, [*SERVICES, "sqs"])]
    for client in clients:
        assert client.exceptions  # botocore makes them when first asked, and keeps them
    return clients


def use(*clients: Any) -> None:
    """Make each client do something."""
    for client in clients:
        name = client.meta.service_model.service_name
        if name == "events":
            put(client)
            with pytest.raises(ClientError, match="OperationNotPlayed"):
                client.list_archives()
    put(boto3.client("events"))


def test_afterwards_all_is_as_before(clients: list[Any]) -> None:
    """Classes, handlers and environment are the very same after the fake."""
    before = state_of_botocore(clients)
    with FakeEventBridge():
        assert state_of_botocore(clients) != before
        use(*clients)
    assert state_of_botocore(clients) == before


def test_afterwards_all_is_as_before_when_the_block_raised(clients: list[Any]) -> None:
    """An exception inside the block changes nothing about its end."""
    before = state_of_botocore(clients)

    def fail() -> None:
        use(*clients)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), FakeEventBridge():
        fail()
    assert state_of_botocore(clients) == before


def test_afterwards_all_is_as_before_when_a_call_was_interrupted(
    clients: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal handler that raises while the caller is looked for, as a time limit does, leaves no handler behind."""
    before = state_of_botocore(clients)

    def interrupt() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("pytest_eventbridge._interceptor._call._find_caller", interrupt)
    with FakeEventBridge(), pytest.raises(KeyboardInterrupt):
        put(CLIENT)
    assert state_of_botocore(clients) == before


def test_a_fake_that_was_interrupted_as_it_began_spares_the_next_one(clients: list[Any]) -> None:
    """A signal handler that raises while botocore's classes are wrapped leaves nothing behind, and lets no call out."""
    before = state_of_botocore(clients)

    def interrupt(_: type) -> list[type]:
        raise KeyboardInterrupt

    with (
        patch("pytest_eventbridge._interceptor._wrapping._subclasses_of", interrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        FakeEventBridge().__enter__()
    assert state_of_botocore(clients) == before
    with FakeEventBridge() as bridge:
        put(CLIENT)
    assert len(bridge.events) == 1
    assert state_of_botocore(clients) == before


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_fakes_can_end_in_any_order(order: tuple[int, ...], clients: list[Any]) -> None:
    """The innermost of those that are left answers, with credentials in the environment; then all is as before."""
    before = state_of_botocore(clients)
    fakes = [FakeEventBridge(region=region) for region in ("eu-west-1", "eu-west-2", "eu-west-3")]
    for fake in fakes:
        fake.__enter__()
    left = list(fakes)
    counts = []
    try:
        for number in order:
            assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
            innermost, count = left[-1], len(left[-1].calls)
            use(clients[0])
            counts.append(len(innermost.calls) - count)
            left.remove(fakes[number])
            fakes[number].__exit__(None, None, None)
    finally:
        for fake in left:
            fake.__exit__(None, None, None)
    assert counts == [2, 2, 2]
    assert sum(len(fake.calls) for fake in fakes) == 6
    assert state_of_botocore(clients) == before


def test_a_second_exit_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake that has ended leaves alone what was put into the environment since."""
    fake = FakeEventBridge()
    fake.__enter__()
    fake.__exit__(None, None, None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "later")
    fake.__exit__(None, None, None)
    assert os.environ["AWS_ACCESS_KEY_ID"] == "later"


def test_a_fake_can_be_used_again() -> None:
    """A fake that has ended can begin again, and keeps what it has captured."""
    fake = FakeEventBridge()
    for _ in range(2):
        with fake:
            put(CLIENT)
    assert len(fake.events) == 2


def test_afterwards_a_client_calls_the_network_again(connections: list[Any]) -> None:
    """When the last fake has ended, a client that it answered is an ordinary one."""
    client = make_client(config=ONE_ATTEMPT)
    with FakeEventBridge() as bridge:
        put(client)
    with pytest.raises(EndpointConnectionError):
        put(client)
    assert len(bridge.calls) == 1
    assert connections
    connections.clear()


def test_a_call_that_began_before_the_fake_is_answered_by_it() -> None:
    """A call that is under way when a fake begins does not leave the process either."""
    bridge = FakeEventBridge()
    client = make_client(config=ONE_ATTEMPT)

    def begin(**_: Any) -> None:
        client.meta.events.unregister("before-parameter-build", begin)
        bridge.__enter__()
        put(client, Source="inner")

    client.meta.events.register("before-parameter-build", begin)
    try:
        put(client, Source="outer")
    finally:
        bridge.__exit__(None, None, None)
    assert [event.source for event in bridge.events] == ["inner", "outer"]
    assert {call.sent_from for call in bridge.calls} == {f"{__file__}:{inspect.getsourcelines(put)[1] + 2}"}


def test_a_call_that_is_under_way_when_the_fake_ends_stays_in_the_process(clients: list[Any]) -> None:
    """A thread that outlives its test does not get out by the call that it is in."""
    before = state_of_botocore(clients)
    client = make_client(config=ONE_ATTEMPT)
    bridge = FakeEventBridge()
    client.meta.events.register("before-parameter-build", lambda **_: bridge.__exit__(None, None, None))
    bridge.__enter__()
    put(client)
    assert len(bridge.events) == 1
    assert state_of_botocore(clients) == before


class EndingMeta:
    """A client's `meta` that ends a fake when it is first asked for the service, as another thread would then."""

    def __init__(self, client: Any, fake: FakeEventBridge) -> None:
        self._meta = client.meta
        self._fake: FakeEventBridge | None = fake

    @property
    def service_model(self) -> Any:
        fake, self._fake = self._fake, None
        if fake is not None:
            fake.__exit__(None, None, None)
        return self._meta.service_model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._meta, name)


def test_a_fake_that_ends_as_a_call_begins_leaves_nothing_behind(connections: list[Any]) -> None:
    """A call that finds an active fake, and then finds it ended, puts no handlers on its client."""
    client = make_client(config=ONE_ATTEMPT)
    before = state_of_botocore([client])[2:4]
    meta = client.meta
    client.meta = EndingMeta(client, FakeEventBridge().__enter__())
    with suppress(EndpointConnectionError):  # whether the call still is the fake's is a matter of a moment
        put(client)
    connections.clear()
    client.meta = meta
    assert state_of_botocore([client])[2:4] == before


def test_a_client_of_another_service_is_left_alone(connections: list[Any], eventbridge: FakeEventBridge) -> None:
    """A request of another service goes to the network, and there is nothing of ours on its client."""
    client = make_client("sqs", config=ONE_ATTEMPT)
    before = state_of_botocore([client])[2:4]
    with pytest.raises(EndpointConnectionError):
        client.list_queues()
    assert state_of_botocore([client])[2:4] == before
    assert connections
    connections.clear()
    assert eventbridge.calls == []


@pytest.mark.parametrize("operation", ["put_events", "list_archives"])
def test_a_thread_whose_call_begins_after_the_fake(operation: str, connections: list[Any]) -> None:
    """While a call is under way its client keeps the handlers; to a call that no fake is there for they say nothing."""
    client = make_client(config=ONE_ATTEMPT)
    bridge = FakeEventBridge()
    arguments = {"Entries": [ENTRY]} if operation == "put_events" else {}
    failed = []

    def call_later() -> None:
        try:
            getattr(client, operation)(**arguments)
        except EndpointConnectionError as error:
            failed.append(error)

    def end_and_call(**_: Any) -> None:
        client.meta.events.unregister("before-send", end_and_call)
        bridge.__exit__(None, None, None)
        thread = threading.Thread(target=call_later)
        thread.start()
        thread.join()

    client.meta.events.register("before-send", end_and_call)
    bridge.__enter__()
    with pytest.raises(ClientError, match="OperationNotPlayed"):
        client.list_archives()
    assert len(failed) == 1
    assert connections
    connections.clear()


def test_a_call_past_our_wrapper_within_another(eventbridge: FakeEventBridge) -> None:
    """A handler that publishes with the same client, by way of a kept original, has a call of its own."""
    client = make_client()

    def publish(**_: Any) -> None:
        client.meta.events.unregister("after-call", publish)
        ORIGINALS["_make_api_call"](client, "PutEvents", {"Entries": [ENTRY | {"Source": "inner"}]})

    client.meta.events.register("after-call", publish)
    put(client, Source="outer")
    assert [[event.source for event in call.entries] for call in eventbridge.calls] == [["outer"], ["inner"]]


def test_the_emitter_of_an_endpoint_is_botocores_in_all_else(eventbridge: FakeEventBridge) -> None:
    """Handlers that are registered where the endpoint has its emitter are called."""
    client, seen = make_client(), []
    eventbridge.fail_requests()
    put(client)
    client._endpoint._event_emitter.register("before-send", lambda **_: seen.append("before-send"))
    assert client.list_rules()["Rules"] == []
    assert seen == ["before-send"]


# ---- others who wrap the same method


def wrap_plainly(called: list[str]) -> Callable[[], None]:
    """Wrap `_make_api_call` with a function, as many a test does; return what takes it away."""
    inner = BaseClient._make_api_call

    def theirs(self: Any, operation_name: str, api_params: Any) -> Any:
        called.append(operation_name)
        return inner(self, operation_name, api_params)

    BaseClient._make_api_call = theirs
    return lambda: setattr(BaseClient, "_make_api_call", inner)


def wrap_with_wraps(called: list[str]) -> Callable[[], None]:
    """Wrap with `functools.wraps`, which copies the attributes of what it wraps."""
    inner = BaseClient._make_api_call

    @functools.wraps(inner)
    def theirs(self: Any, *arguments: Any) -> Any:
        called.append(arguments[0])
        return inner(self, *arguments)

    BaseClient._make_api_call = theirs
    return lambda: setattr(BaseClient, "_make_api_call", inner)


def wrap_with_wrapt(called: list[str]) -> Callable[[], None]:
    """Wrap as tracers do, with an object that passes for what it wraps."""
    inner = BaseClient.__dict__["_make_api_call"]

    def theirs(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        called.append(args[0])
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper("botocore.client", "BaseClient._make_api_call", theirs)
    return lambda: setattr(BaseClient, "_make_api_call", inner)


every_wrapper = pytest.mark.parametrize("wrap", [wrap_plainly, wrap_with_wraps, wrap_with_wrapt])


@every_wrapper
def test_wrapper_older_than_the_fake(wrap: Callable[[list[str]], Callable[[], None]], clients: list[Any]) -> None:
    """A wrapper that was there before sees each call once, and is there afterwards."""
    called: list[str] = []
    before = state_of_botocore(clients)
    unwrap = wrap(called)
    try:
        wrapped = state_of_botocore(clients)
        with FakeEventBridge() as bridge:
            put(CLIENT)
            put(make_client())
        assert state_of_botocore(clients) == wrapped
    finally:
        unwrap()
    assert called == ["PutEvents", "PutEvents"]
    assert len(bridge.calls) == 2
    assert state_of_botocore(clients) == before


@every_wrapper
def test_wrapper_that_comes_and_goes_under_the_fake(
    wrap: Callable[[list[str]], Callable[[], None]], clients: list[Any]
) -> None:
    """A wrapper put on under the fake and taken off again disturbs neither the fake nor its end."""
    called: list[str] = []
    before = state_of_botocore(clients)
    with FakeEventBridge() as bridge:
        put(CLIENT)
        unwrap = wrap(called)
        put(CLIENT)
        put(make_client())
        put(CLIENT)
        unwrap()
        put(CLIENT)
        put(make_client())
    assert called == ["PutEvents"] * 3
    assert len(bridge.events) == len(bridge.calls) == 6
    assert state_of_botocore(clients) == before


@every_wrapper
def test_wrapper_that_outlives_the_fake(wrap: Callable[[list[str]], Callable[[], None]], clients: list[Any]) -> None:
    """A wrapper put on under the fake still works after it, and when it goes at last, so has the fake."""
    called: list[str] = []
    before = state_of_botocore(clients)
    with FakeEventBridge() as first:
        unwrap = wrap(called)
        put(CLIENT)
    with Stubber(CLIENT) as stubber:
        stubber.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "stubbed"}]})
        assert put(CLIENT)["Entries"] == [{"EventId": "stubbed"}]
    with FakeEventBridge() as second:
        put(CLIENT)
        put(make_client())
    unwrap()
    with FakeEventBridge() as third:
        put(CLIENT)
        put(make_client())
    assert called == ["PutEvents"] * 4
    assert [len(fake.calls) for fake in (first, second, third)] == [1, 2, 2]
    assert state_of_botocore(clients) == before


@pytest.mark.parametrize("wrap", [wrap_with_wraps, wrap_with_wrapt])
def test_wrapper_that_takes_off_what_lies_on_top(
    wrap: Callable[[list[str]], Callable[[], None]], clients: list[Any]
) -> None:
    """A tracer that is turned off finds its own wrapper on top, however many clients and fakes there were since."""
    called: list[str] = []
    before = state_of_botocore(clients)
    with FakeEventBridge() as first:
        wrap(called)
        theirs = BaseClient.__dict__["_make_api_call"]
        put(make_client())
        assert BaseClient.__dict__["_make_api_call"] is theirs
    with FakeEventBridge() as second:
        put(make_client())
        assert BaseClient.__dict__["_make_api_call"] is theirs
        BaseClient._make_api_call = theirs.__wrapped__
        put(make_client())
    assert called == ["PutEvents", "PutEvents"]
    assert [len(fake.calls) for fake in (first, second)] == [1, 2]
    assert state_of_botocore(clients) == before


@every_wrapper
def test_wrapper_that_is_older_and_goes_under_the_fake(
    wrap: Callable[[list[str]], Callable[[], None]], clients: list[Any]
) -> None:
    """A wrapper that takes ours away with itself leaves botocore as it was before both."""
    before = state_of_botocore(clients)
    unwrap = wrap([])
    with FakeEventBridge():
        put(CLIENT)
        unwrap()
    assert state_of_botocore(clients) == before


def test_patch_of_a_clients_own_class_that_goes_under_the_fake(clients: list[Any]) -> None:
    """A patch that is older than the fake, and goes before it, takes ours off where the class had no method before."""
    before = state_of_botocore(clients)
    older = patch.object(type(CLIENT), "_make_api_call", lambda *_: {"by": "the patch"})
    older.start()
    with FakeEventBridge() as bridge:
        assert put(CLIENT) == {"by": "the patch"}
        older.stop()
        put(CLIENT)
    assert len(bridge.events) == 1
    assert state_of_botocore(clients) == before


def test_wrapper_of_the_constructor_that_outlives_the_fake(clients: list[Any], connections: list[Any]) -> None:
    """Whoever wraps the constructor under the fake keeps it working after the fake, and gets no fake with it."""
    made = []
    before = state_of_botocore(clients)
    with FakeEventBridge() as first:
        inner = BaseClient.__init__

        def theirs(self: Any, *args: Any, **kwargs: Any) -> None:
            inner(self, *args, **kwargs)
            made.append(self)

        BaseClient.__init__ = theirs
        put(make_client())
    with pytest.raises(EndpointConnectionError):
        put(make_client(config=ONE_ATTEMPT))
    assert connections
    connections.clear()
    BaseClient.__init__ = inner
    with FakeEventBridge() as second:
        put(make_client())
    assert len(made) == 2
    assert [len(fake.calls) for fake in (first, second)] == [1, 1]
    assert state_of_botocore(clients) == before


@pytest.mark.parametrize("age", ["older", "younger"])
def test_patch_around_the_original(age: str, eventbridge: FakeEventBridge) -> None:
    """A test that patches `_make_api_call` for one operation, and calls the original for others, still gets ours."""

    def patched(self: Any, operation_name: str, api_params: Any) -> Any:
        if operation_name == "ListArchives":
            return {"Archives": []}
        return ORIGINALS["_make_api_call"](self, operation_name, api_params)

    client = make_client(config=ONE_ATTEMPT)
    with patch("botocore.client.BaseClient._make_api_call", new=patched):
        if age == "younger":
            client = make_client()
        assert client.list_archives() == {"Archives": []}
        put(client)
    put(client)
    assert len(eventbridge.events) == 2


def test_an_error_past_our_wrapper_is_the_calls(eventbridge: FakeEventBridge) -> None:
    """A call that comes by way of a kept original, and is refused, has the caller's error in the record."""

    def patched(self: Any, operation_name: str, api_params: Any) -> Any:
        return ORIGINALS["_make_api_call"](self, operation_name, api_params)

    client = make_client(config=ONE_ATTEMPT)
    with (
        patch("botocore.client.BaseClient._make_api_call", new=patched),
        pytest.raises(ClientError, match="ValidationException"),
    ):
        client.put_events(Entries=[ENTRY] * 11)
    (call,) = eventbridge.calls
    assert call.response is None
    assert isinstance(call.error, ClientError)
    assert call.error.response["Error"]["Code"] == "ValidationException"


def test_a_response_with_more_than_plain_data_is_copied_too(eventbridge: FakeEventBridge) -> None:
    """What a handler puts into the response is in the record, independent of the caller's."""
    client = make_client()

    def add(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Moment"] = {"at": datetime(2026, 1, 1, tzinfo=timezone.utc)}

    client.meta.events.register("after-call.eventbridge.PutEvents", add)
    response = client.put_events(Entries=[ENTRY])
    (call,) = eventbridge.calls
    assert call.response == response
    assert call.response is not None
    assert call.response["Moment"] is not response["Moment"]


def test_client_class_with_a_call_of_its_own(clients: list[Any]) -> None:
    """A class that derives from botocore's and overrides the method is reached as well, and restored."""
    called = []

    class Logging:
        def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
            called.append(operation_name)
            return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]

    session = make_session()
    session.register("creating-client-class", lambda base_classes, **_: base_classes.insert(0, Logging))
    older = session.create_client("events", region_name="us-east-1", **CREDENTIALS)
    assert older.exceptions
    before = (state_of_botocore([*clients, older]), dict(Logging.__dict__))
    with FakeEventBridge() as bridge:
        put(older)
        put(session.create_client("events", region_name="us-east-1"))
    assert called == ["PutEvents", "PutEvents"]
    assert len(bridge.events) == len(bridge.calls) == 2
    assert (state_of_botocore([*clients, older]), dict(Logging.__dict__)) == before


@pytest.mark.parametrize("error", [None, "ThrottlingException"])
def test_client_class_with_a_request_of_its_own(error: str | None, eventbridge: FakeEventBridge) -> None:
    """A class that overrides what leads to the transport has one call for each, retried or not."""
    requested = []

    class Logging:
        def _make_request(self, *request: Any) -> Any:
            requested.append(request[0].name)
            return super()._make_request(*request)  # type: ignore[misc]

    session = make_session()
    session.register("creating-client-class", lambda base_classes, **_: base_classes.insert(0, Logging))
    client = session.create_client("events", region_name="us-east-1", **CREDENTIALS)
    if error is not None:
        eventbridge.fail_requests(error)
    put(client)
    (call,) = eventbridge.calls
    assert call.attempts == (1 if error is None else 2)
    assert len(eventbridge.events) == 1
    assert requested == ([] if error is None else ["PutEvents"])


def test_client_class_that_names_the_arguments_of_its_request(eventbridge: FakeEventBridge) -> None:
    """A class that hands botocore's arguments on by their names does so under the fake as well."""

    class Naming:
        def _make_request(self, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
            arguments = {"operation_model": operation_model, "request_dict": request_dict}
            return super()._make_request(**arguments, request_context=request_context)  # type: ignore[misc]

    session = make_session()
    session.register("creating-client-class", lambda base_classes, **_: base_classes.insert(0, Naming))
    eventbridge.fail_requests("ThrottlingException")
    put(session.create_client("events", region_name="us-east-1", **CREDENTIALS))
    assert len(eventbridge.events) == 1


@pytest.mark.parametrize("error", [None, "ThrottlingException"])
def test_patch_with_a_kept_original_of_the_request(error: str | None, connections: list[Any]) -> None:
    """A patch that hands a request on to the original, kept from before the fake, does not let it out."""
    before = state_of_botocore([CLIENT])
    original = ORIGINALS["_make_request"]
    with FakeEventBridge() as bridge, patch.object(BaseClient, "_make_request", lambda *args: original(*args)):
        if error is not None:
            bridge.fail_requests(error)
        response = put(CLIENT)
        with pytest.raises(ClientError, match="OperationNotPlayed"):
            CLIENT.list_archives()
    (call,) = bridge.calls
    assert (call.response, call.attempts) == (response, 1 if error is None else 2)
    assert len(bridge.events) == 1
    assert state_of_botocore([CLIENT]) == before
    assert connections == []


def test_a_call_that_is_answered_at_once_leaves_its_client_alone(eventbridge: FakeEventBridge) -> None:
    """An ordinary call puts nothing of ours on its client."""
    client = make_client()
    before = state_of_botocore([client])[2:4]
    put(client)
    assert len(eventbridge.events) == 1
    assert state_of_botocore([client])[2:4] == before


def test_client_class_that_derives_twice() -> None:
    """A class that derives from botocore's by two ways is wrapped once."""

    class Left(BaseClient):
        pass

    class Right(BaseClient):
        pass

    class Both(Left, Right):
        def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
            return super()._make_api_call(operation_name, api_params)

    before = Both.__dict__["_make_api_call"]
    with FakeEventBridge():
        during = Both.__dict__["_make_api_call"]
    assert during is not before
    assert Both.__dict__["_make_api_call"] is before


class Asynchronous:
    """A client whose calls are coroutines, in the manner of aiobotocore."""

    async def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
        await asyncio.sleep(0)
        return ORIGINALS["_make_api_call"](self, operation_name, api_params)


@functools.cache
def asynchronous_session() -> botocore.session.Session:
    """Return a session whose clients are asynchronous."""
    session = make_session()
    session.register("creating-client-class", lambda base_classes, **_: base_classes.insert(0, Asynchronous))
    return session


def make_asynchronous_client(service: str = "events") -> Any:
    """Make a client whose calls are coroutines."""
    return asynchronous_session().create_client(service, region_name="us-east-1", **CREDENTIALS)


def test_calls_that_are_coroutines(eventbridge: FakeEventBridge) -> None:
    """Calls that are awaited, alone or as tasks side by side, are answered, and know who made them."""

    async def publish() -> list[Any]:
        client = make_asynchronous_client()
        alone = await put(client)
        return [alone, *await asyncio.gather(*(asyncio.ensure_future(put(client)) for _ in range(3)))]

    responses = asyncio.run(publish())
    assert [call.response for call in eventbridge.calls] == responses
    assert {call.sent_from for call in eventbridge.calls} == {f"{__file__}:{inspect.getsourcelines(put)[1] + 2}"}


def test_botocore_put_back_by_somebody_else_while_a_call_is_left_over(clients: list[Any]) -> None:
    """A patch that ends between two fakes, and takes ours off, does not let the second fake's calls out."""
    before = state_of_botocore(clients)
    patches = [patch.object(BaseClient, name, ORIGINALS[name]) for name in ("_make_api_call", "_make_request")]
    for older in patches:
        older.start()
    with FakeEventBridge():
        left_over = put(make_asynchronous_client())
        left_over.send(None)
    for older in patches:
        older.stop()
    with FakeEventBridge() as bridge:
        put(CLIENT)
    left_over.close()
    assert len(bridge.events) == 1
    assert state_of_botocore(clients) == before


@pytest.mark.parametrize("begin", ["begin", "begin_guard"])
def test_a_call_that_is_collected_as_a_fake_begins(begin: str, clients: list[Any]) -> None:
    """A coroutine that is left over from an ended fake, and goes as the next one begins, does not put botocore back."""
    before = state_of_botocore(clients)
    with FakeEventBridge():
        left_over = put(make_asynchronous_client())
        left_over.send(None)
    original = interception._reach_in

    def reach_in_and_collect() -> None:
        original()
        left_over.close()

    beginning: Any = object()
    with patch.object(interception, "_reach_in", reach_in_and_collect):
        getattr(interception, begin)(beginning)
    try:
        assert BaseClient._make_request is not ORIGINALS["_make_request"]
    finally:
        getattr(interception, begin.replace("begin", "end"))(beginning)
    assert state_of_botocore(clients) == before


def test_coroutines_that_fail(eventbridge: FakeEventBridge) -> None:
    """A coroutine that fails leaves its error with its call."""

    async def publish(awaitable: Awaitable[Any]) -> None:
        with pytest.raises(ClientError) as caught:
            await awaitable
        assert eventbridge.calls[0].error is caught.value

    asyncio.run(publish(make_asynchronous_client().put_events(Entries=[ENTRY] * 11)))


def test_coroutines_of_another_service(connections: list[Any], eventbridge: FakeEventBridge) -> None:
    """A coroutine of another service's client is handed on as it is."""
    client = make_asynchronous_client("sqs")
    client.meta.events.register("before-call", lambda **_: (AWSResponse("", 200, {}, None), {"QueueUrls": []}))

    async def list_queues() -> Any:
        return await client.list_queues()

    assert asyncio.run(list_queues()) == {"QueueUrls": []}
    assert eventbridge.calls == []


# ---- Stubber


def test_stubber_wins_for_its_client() -> None:
    """A Stubber answers for the client that it holds, before, under and after the fake; other clients are ours."""
    client = make_client()
    stubber = Stubber(client)
    for name in ("before", "under", "after"):
        stubber.add_response(
            "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": name}]}, {"Entries": [ENTRY]}
        )
    with stubber:
        assert put(client)["Entries"] == [{"EventId": "before"}]
        with FakeEventBridge() as bridge:
            assert put(client)["Entries"] == [{"EventId": "under"}]
            put(CLIENT)
        assert put(client)["Entries"] == [{"EventId": "after"}]
    stubber.assert_no_pending_responses()
    assert [call.response["Entries"] for call in bridge.calls] == [[{"EventId": bridge.events[0].event_id}]]


def test_stubber_put_on_under_the_fake(eventbridge: FakeEventBridge) -> None:
    """A Stubber that comes after the client's first call wins too, and when it goes the client is ours again."""
    client = make_client()
    put(client)
    with Stubber(client) as stubber:
        stubber.add_client_error("put_events", "InternalException", "stubbed")
        with pytest.raises(client.exceptions.InternalException, match="stubbed"):
            put(client)
    put(client)
    assert len(eventbridge.calls) == 2


def test_stubber_answers_operations_that_the_fake_does_not_play(eventbridge: FakeEventBridge) -> None:
    """An operation that a Stubber answered is nobody's problem."""
    client = make_client()
    with Stubber(client) as stubber:
        stubber.add_response("list_archives", {"Archives": []})
        assert client.list_archives() == {"Archives": []}
    eventbridge.verify()


# ---- moto


@pytest.fixture
def mock_aws() -> Any:
    """The mock of all the other services."""
    return pytest.importorskip("moto").mock_aws


def use_moto(client: Any) -> None:
    """Let moto play, with the client, what the fake does not."""
    client.put_rule(Name="of-orders", EventPattern='{"source": ["shop.orders"]}')
    region = client.meta.region_name
    assert [rule["Arn"].split(":")[3] for rule in client.list_rules()["Rules"]] == [region]
    assert client.describe_event_bus()["Arn"] == f"arn:aws:events:{region}:123456789012:event-bus/default"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_event_bus(Name="no-such-bus")


@pytest.mark.parametrize("order", ["moto outside", "moto inside", "moto as a decorator"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_moto_plays_all_but_put_events(order: str, region: str, mock_aws: Any) -> None:
    """PutEvents is ours and all else moto's, whichever began first, and nobody complains."""
    bridge = FakeEventBridge()

    def play() -> None:
        client = boto3.client("events", region_name=region)
        use_moto(client)
        put(client, EventBusName="no-such-bus")
        put(client)

    before = dict(os.environ)
    if order == "moto outside":
        with mock_aws(), bridge:
            play()
            bridge.verify()
    elif order == "moto inside":
        with bridge, mock_aws():
            play()
            bridge.verify()
    else:
        with bridge:
            mock_aws(play)()
            bridge.verify()
    assert [event.event_bus for event in bridge.events] == ["no-such-bus", "default"]
    assert {event.region for event in bridge.events} == {region}
    assert dict(os.environ) == before


def test_moto_within_the_block_only(mock_aws: Any) -> None:
    """Before and after moto's block an unplayed operation is refused, inside it is moto's."""
    with FakeEventBridge() as bridge:
        client = boto3.client("events")
        with pytest.raises(ClientError, match="OperationNotPlayed"):
            client.list_archives()
        with mock_aws():
            assert client.list_archives()["Archives"] == []
        with pytest.raises(ClientError, match="OperationNotPlayed"):
            client.list_archives()
    assert len(bridge._problems()) == 2


def test_moto_and_a_client_without_credentials(mock_aws: Any) -> None:
    """A client that has no credentials can use both."""
    with mock_aws(), FakeEventBridge(fake_credentials=False) as bridge:
        client = session_without_credentials().create_client("events", region_name="eu-west-1")
        client.meta.events.register("before-send", sys.modules["moto.core.models"].botocore_stubber)
        use_moto(client)
        put(client)
    assert len(bridge.events) == 1
    assert bridge._problems() == []


@pytest.mark.parametrize("is_patched", [True, False], ids=["patched", "not patched"])
def test_moto_and_an_older_client(is_patched: bool, mock_aws: Any) -> None:
    """A client older than moto is moto's once it is patched; before that nothing it sends leaves the process."""
    models = sys.modules["moto.core.models"]
    client = make_client(region="eu-west-1")
    client.meta.events.unregister("before-send", models.botocore_stubber)
    with FakeEventBridge() as bridge, mock_aws():
        put(client)
        if is_patched:
            models.patch_client(client)
            use_moto(client)
        else:
            with pytest.raises(ClientError, match="OperationNotPlayed"):
                client.list_archives()
        put(client)
    assert len(bridge.events) == 2
    assert len(bridge._problems()) == (0 if is_patched else 1)


# ---- operations that nobody plays

UNPLAYED = [
    ("events", "list_archives", {}),
    ("events", "describe_archive", {"ArchiveName": "orders"}),
    ("events", "put_permission", {"EventBusName": "orders"}),
    ("eventbridgev2", "list_event_buses", {}),
    ("eventbridgev2", "list_event_sources", {}),
    ("eventbridgev2", "list_subscribers", {}),
]
every_unplayed = pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [
        pytest.param(*case, id=f"{case[0]}.{case[1]}", marks=[needs_v2] if case[0] == "eventbridgev2" else [])
        for case in UNPLAYED
    ],
)


@every_unplayed
@pytest.mark.parametrize("has_credentials", [True, False], ids=["credentials", "no credentials"])
def test_unplayed_operation(service: str, method: str, arguments: dict[str, Any], has_credentials: bool) -> None:
    """An operation that nobody plays gets a ClientError that names it."""
    session = SESSION if has_credentials else session_without_credentials()
    client = session.create_client(service, region_name="eu-west-1", **(CREDENTIALS if has_credentials else {}))
    with FakeEventBridge() as bridge, pytest.raises(ClientError) as caught:
        getattr(client, method)(**arguments)
    operation = client.meta.method_to_api_mapping[method]
    assert type(caught.value) is ClientError
    assert caught.value.operation_name == operation
    assert caught.value.response["Error"] == {
        "Code": "OperationNotPlayed",
        "Message": f"The fake EventBridge does not play {operation} of the service {service!r}, no other mock "
        "answered it, and no request leaves the process.",
    }
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert bridge.calls == []


@every_unplayed
def test_unplayed_operation_fails_verification(service: str, method: str, arguments: dict[str, Any]) -> None:
    """`verify()` names operation, service and line even though the code swallowed the error."""
    client = make_client(service)
    with FakeEventBridge() as bridge, suppress(Exception):
        line = line_of_caller() + 1
        getattr(client, method)(**arguments)
    with pytest.raises(VerificationError) as caught:
        bridge.verify()
    operation = client.meta.method_to_api_mapping[method]
    shown_file = __file__.removeprefix(f"{Path.cwd()}{os.sep}")
    assert caught.value.problems == (
        f"{operation} of the service {service!r} was called from {shown_file}:{line}. "
        "The fake does not play it; answer it with another mock, such as moto's mock_aws.",
    )


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_unplayed_operation_is_not_retried(service: str, mode: str) -> None:
    """The refusal of an unplayed operation is no error that botocore tries again."""
    client = make_client(service, config=Config(retries={"mode": mode, "total_max_attempts": 5}))
    attempts: list[str] = []
    client.meta.events.register("before-send", lambda event_name, **_: attempts.append(event_name))
    with FakeEventBridge() as bridge, pytest.raises(ClientError, match="OperationNotPlayed"):
        (client.list_archives if service == "events" else client.list_event_buses)()
    assert len(attempts) == 1
    assert len(bridge._problems()) == 1


def test_unplayed_operation_that_a_handler_answers(eventbridge: FakeEventBridge) -> None:
    """A `before-send` handler of the user's own is asked before the fake refuses, and then there is no problem."""
    client = make_client()
    client.meta.events.register(
        "before-send.events.ListArchives",
        lambda request, **_: AWSResponse(request.url, 200, {}, RawBody(b'{"Archives": []}')),
    )
    assert client.list_archives()["Archives"] == []
    eventbridge.verify()


class RawBody:
    """The body of an HTTP response."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self) -> Iterator[bytes]:
        yield self.content


def test_unplayed_operation_with_wrong_parameters(eventbridge: FakeEventBridge) -> None:
    """A call that botocore itself refuses has reached nobody, so there is nothing to complain of."""
    with pytest.raises(ParamValidationError):
        CLIENT.describe_archive()
    eventbridge.verify()


@needs_v2
def test_paginator_of_an_unplayed_operation() -> None:
    """A paginator passes the refusal on, and the problem names the line that asked for the pages."""
    pages = make_client("eventbridgev2").get_paginator("list_event_buses").paginate()
    line = line_of_caller() + 2
    with FakeEventBridge() as bridge, pytest.raises(ClientError, match="OperationNotPlayed"):
        list(pages)
    (problem,) = bridge._problems()
    assert f"{Path(__file__).name}:{line}." in problem


@needs_v2
def test_waiter_of_an_unplayed_operation() -> None:
    """A waiter gives up at the refusal instead of waiting."""
    client = make_client("eventbridgev2")
    (name,) = client.meta.service_model.operation_model("DescribeEventBus").input_shape.required_members
    waiter = client.get_waiter("event_bus_active")
    with FakeEventBridge() as bridge, pytest.raises(WaiterError, match="OperationNotPlayed"):
        waiter.wait(**{name: "orders"})
    assert len(bridge._problems()) == 1


def test_other_services_are_untouched(connections: list[Any], eventbridge: FakeEventBridge) -> None:
    """A client of another service goes its own way, with no handler of ours on it."""
    client = make_client("sqs", config=ONE_ATTEMPT)
    before = state_of_botocore([client])[2:]
    with pytest.raises(EndpointConnectionError):
        client.list_queues()
    assert connections
    connections.clear()
    with Stubber(client) as stubber:
        stubber.add_response("list_queues", {"QueueUrls": []})
        client.list_queues()
    assert state_of_botocore([client])[2:] == before
    assert eventbridge.calls == []
    eventbridge.verify()


def presigned(client: Any) -> tuple[str, dict[str, list[str]]]:
    """Return the host and the parameters of a presigned URL, without what depends on the moment."""
    url = urlsplit(client.generate_presigned_url("put_events", Params={"Entries": [ENTRY]}))
    parameters = parse_qs(url.query)
    assert len(parameters.pop("X-Amz-Signature")[0]) == 64
    del parameters["X-Amz-Date"], parameters["X-Amz-Credential"]
    return url.netloc, parameters


def test_presigned_urls_are_unaffected() -> None:
    """A presigned URL is signed under the fake as it is without one, and nothing is captured."""
    client = make_client()
    before = presigned(client)
    with FakeEventBridge() as bridge:
        put(client)
        assert presigned(client) == before
        bridge.clear()
        presigned(make_client())
        assert bridge.calls == []


def test_presigned_url_without_credentials(eventbridge: FakeEventBridge) -> None:
    """Where there are no credentials, a URL cannot be presigned, fake or no fake."""
    client = session_without_credentials().create_client("events", region_name="us-east-1")
    put(client)
    with pytest.raises(NoCredentialsError):
        presigned(client)


# ---- where an event was sent from


def send_directly() -> int:
    """Call in the plainest way; return the line."""
    line = line_of_caller() + 1
    CLIENT.put_events(Entries=[ENTRY])
    return line


def send_over_several_lines() -> int:
    """Spread the call over lines; it is named by its first."""
    line = line_of_caller() + 1
    CLIENT.put_events(
        Entries=[
            ENTRY,
        ],
    )
    return line


def send_by_helper() -> int:
    """Call a helper that calls; the helper is the caller."""
    put(CLIENT)
    return inspect.getsourcelines(put)[1] + 2


def send_in_thread() -> int:
    """Let a thread run a function that calls."""
    lines: list[int] = []
    thread = threading.Thread(target=lambda: lines.append(send_directly()))
    thread.start()
    thread.join()
    return lines[0]


def send_in_pool() -> int:
    """Let a pool run a function that calls."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(send_directly).result()


def send_by_to_thread() -> int:
    """Let the event loop's pool run a function that calls."""
    return asyncio.run(asyncio.to_thread(send_directly))


def send_by_partial() -> int:
    """Call a partial object, which has no frame of its own."""
    send = functools.partial(CLIENT.put_events, Entries=[ENTRY])
    line = line_of_caller() + 1
    send()
    return line


def send_in_comprehension() -> int:
    """Call inside a list comprehension."""
    line = line_of_caller() + 1
    [put_one(Entries=[ENTRY]) for put_one in [CLIENT.put_events]]
    return line


def send_in_lambda() -> int:
    """Call inside a lambda."""
    line = line_of_caller() + 1
    send = lambda: CLIENT.put_events(Entries=[ENTRY])  # noqa: E731
    send()
    return line


def send_in_generator() -> int:
    """Call inside a generator that somebody else drives."""
    line = line_of_caller() + 1
    responses = (client.put_events(Entries=[ENTRY]) for client in [CLIENT])
    list(responses)
    return line


def send_by_boto3_session() -> int:
    """Call a client that boto3 made."""
    client = boto3.Session(region_name="us-east-1").client("events")
    line = line_of_caller() + 1
    client.put_events(Entries=[ENTRY])
    return line


@pytest.mark.parametrize(
    "send",
    [
        send_directly,
        send_over_several_lines,
        send_by_helper,
        send_in_thread,
        send_in_pool,
        send_by_to_thread,
        send_by_partial,
        send_in_comprehension,
        send_in_lambda,
        send_in_generator,
        send_by_boto3_session,
    ],
)
def test_sent_from(send: Callable[[], int], eventbridge: FakeEventBridge) -> None:
    """An event knows the file and the line of the code that called `put_events`."""
    line = send()
    assert [event.sent_from for event in eventbridge.events] == [f"{__file__}:{line}"]
    assert eventbridge.calls[0].sent_from == f"{__file__}:{line}"


def test_sent_from_when_nobody_of_the_user_stands_on_the_stack(eventbridge: FakeEventBridge) -> None:
    """A thread that runs the method itself has only the standard library for a caller."""
    thread = threading.Thread(target=CLIENT.put_events, kwargs={"Entries": [ENTRY]})
    thread.start()
    thread.join()
    assert eventbridge.events[0].sent_from.startswith(f"{threading.__file__}:")


@pytest.mark.parametrize("name", ["botocore.shop", "boto3", "wrapt.wrappers", "ddtrace.contrib"])
def test_sent_from_passes_over_wrappers(name: str, eventbridge: FakeEventBridge) -> None:
    """Frames of botocore, and of those who wrap it, are not where an event was sent from."""
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile("def call(send): return send()", "wrapper.py", "exec"), namespace)
    line = line_of_caller() + 1
    namespace["call"](functools.partial(CLIENT.put_events, Entries=[ENTRY]))
    assert eventbridge.events[0].sent_from == f"{__file__}:{line}"


@every_wrapper
def test_sent_from_passes_over_a_wrapper_that_nobody_knows(
    wrap: Callable[[list[str]], Callable[[], None]], eventbridge: FakeEventBridge
) -> None:
    """Whoever wraps the client's inner method is not the caller of `put_events`."""
    unwrap = wrap([])
    try:
        line = line_of_caller() + 1
        CLIENT.put_events(Entries=[ENTRY])
    finally:
        unwrap()
    assert eventbridge.events[0].sent_from == f"{__file__}:{line}"


@pytest.mark.parametrize("namespace", [{"__name__": "botocores"}, {}, {"__name__": None}], ids=repr)
def test_sent_from_code_of_any_name(namespace: dict[str, Any], eventbridge: FakeEventBridge) -> None:
    """Code that was made at run time is a caller too, also when it has no module or only looks like botocore."""
    variables = dict(namespace)
    exec(compile("\n\ndef call(send): return send()", "made.py", "exec"), variables)
    variables["call"](functools.partial(CLIENT.put_events, Entries=[ENTRY]))
    assert eventbridge.events[0].sent_from == "made.py:3"


def test_sent_from_is_unknown_below_botocore_alone(eventbridge: FakeEventBridge) -> None:
    """Where all the frames are botocore's own, the place is unknown."""
    namespace: dict[str, Any] = {"__name__": "botocore.loop"}
    source = """
def run(start, send, follow, done):
    def target():
        try:
            follow()
            send()
        finally:
            done.release()
    start(target, ())
    done.acquire()
"""
    exec(compile(source, "loop.py", "exec"), namespace)
    done = threading.Lock()
    done.acquire()
    send = functools.partial(CLIENT.put_events, Entries=[ENTRY])
    # A thread that `threading` has not started is followed by no debugger and by no measuring of coverage.
    follow = functools.partial(sys.settrace, threading.gettrace())
    namespace["run"](_thread.start_new_thread, send, follow, done)
    assert eventbridge.events[0].sent_from == "unknown"


# ---- what the caller got


def test_response_is_a_copy(eventbridge: FakeEventBridge) -> None:
    """The recorded response equals what the caller got, and what the caller does to it later changes nothing."""
    response = CLIENT.put_events(Entries=[ENTRY, {**ENTRY, "Detail": "no JSON"}])
    (call,) = eventbridge.calls
    assert call.response == response
    as_received = json.dumps(call.response)
    response["Entries"][0]["EventId"] = "changed"
    response["Entries"].append({})
    response["ResponseMetadata"]["HTTPHeaders"].clear()
    response["FailedEntryCount"] = 9
    assert json.dumps(call.response) == as_received
    assert call.error is None
    assert call.entries[0].event_id == call.response["Entries"][0]["EventId"]  # type: ignore[index]


def test_request_is_a_copy(eventbridge: FakeEventBridge) -> None:
    """What the caller does to its own entries later does not change a captured event."""
    entries: list[dict[str, Any]] = [{**ENTRY, "Resources": ["arn:1"]}]
    CLIENT.put_events(Entries=entries)
    entries[0]["Source"] = "changed"
    entries[0]["Resources"].append("arn:2")
    entries.clear()
    assert (eventbridge.events[0].source, eventbridge.events[0].resources) == ("shop.orders", ("arn:1",))


def test_error_is_what_the_caller_got(eventbridge: FakeEventBridge) -> None:
    """The recorded error is the very exception that the caller got, and then there is no response."""
    with pytest.raises(ClientError) as caught:
        CLIENT.put_events(Entries=[ENTRY] * 11)
    (call,) = eventbridge.calls
    assert call.error is caught.value
    assert call.response is None
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["ResponseMetadata"]["RequestId"] == call.request_id
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


# ---- many at once

THREADS = 64
BATCH = 10


@pytest.mark.parametrize(
    ("client_count", "entries_per_thread"), [(1, 500), (8, 200)], ids=["one client", "eight clients"]
)
def test_threads_lose_nothing(client_count: int, entries_per_thread: int) -> None:
    """Many threads at once: nothing lost, nothing twice, each id once, the entries of each call in order."""
    clients = [make_client() for _ in range(client_count)]
    responses: list[list[Any]] = [[] for _ in range(THREADS)]
    start = threading.Barrier(THREADS)

    def publish(thread: int) -> None:
        client = clients[thread % client_count]
        start.wait()
        for first in range(0, entries_per_thread, BATCH):
            entries = [
                {"Source": f"thread-{thread}", "DetailType": "Counted", "Detail": f'{{"number": {first + place}}}'}
                for place in range(BATCH)
            ]
            responses[thread].append(client.put_events(Entries=entries))

    with FakeEventBridge() as bridge:
        threads = [threading.Thread(target=publish, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    events = list(bridge.events)
    assert len(events) == THREADS * entries_per_thread
    assert len({event.event_id for event in events}) == len(events)
    numbers: dict[str, list[int]] = {f"thread-{number}": [] for number in range(THREADS)}
    for event in events:
        numbers[event.source].append(event.detail["number"])
    assert all(captured == list(range(entries_per_thread)) for captured in numbers.values())
    assert len(bridge.calls) == THREADS * entries_per_thread // BATCH
    by_request = {call.request_id: call for call in bridge.calls}
    for thread_number, thread_responses in enumerate(responses):
        for response in thread_responses:
            call = by_request.pop(response["ResponseMetadata"]["RequestId"])
            assert call.response == response
            assert [entry.position for entry in call.entries] == list(range(BATCH))
            assert [entry.event_id for entry in call.entries] == [entry["EventId"] for entry in response["Entries"]]
            assert {entry.source for entry in call.entries} == {f"thread-{thread_number}"}
    assert by_request == {}


# ---- garbage


def test_no_client_and_no_fake_is_kept_alive() -> None:
    """After its block neither the fake nor a client that it answered is held by anybody."""

    def play() -> list[weakref.ref[Any]]:
        client = make_client()
        with FakeEventBridge() as bridge:
            put(client)
            younger = make_client()
            put(younger)
            with pytest.raises(ClientError):
                client.list_archives()
            with pytest.raises(ClientError):
                client.put_events(Entries=[ENTRY] * 11)
        return [weakref.ref(client), weakref.ref(younger), weakref.ref(bridge), weakref.ref(bridge.calls[-1].error)]

    references = play()
    gc.collect()
    assert [reference() for reference in references] == [None] * 4


def test_a_client_can_go_under_the_fake(eventbridge: FakeEventBridge) -> None:
    """A fake keeps no client alive that it has answered."""
    client = make_client()
    put(client)
    reference = weakref.ref(client)
    del client
    gc.collect()
    assert reference() is None
    assert len(eventbridge.events) == 1


def test_the_fixture_keeps_no_fake_alive(pytester: pytest.Pytester) -> None:
    """A fixture's fake, with all that it has captured, goes when its test has gone."""
    pytester.makepyfile(
        """
        import gc, weakref

        references = []

        def test_first(eventbridge):
            references.append(weakref.ref(eventbridge))

        def test_second():
            gc.collect()
            assert [reference() for reference in references] == [None]
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
