"""The guard and waiting with clients of aiobotocore, under pytest-asyncio and anyio, on loops that outlive a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_eventbridge import FakeEventBridge

aiobotocore_httpsession = pytest.importorskip("aiobotocore.httpsession")
aiobotocore_session = pytest.importorskip("aiobotocore.session")

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-o", "eventbridge_guard=true")
FOREVER = 60.0

SHOP = """
import asyncio
from contextlib import suppress
from aiobotocore.session import get_session

session = get_session()

async def send(bus="orders"):
    async with session.create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    ) as client:
        entry = {"Source": "shop", "DetailType": "OrderPlaced", "Detail": "{}", "EventBusName": bus}
        return await client.put_events(Entries=[entry])

async def swallow(bus="orders"):
    with suppress(Exception):
        await send(bus)
"""
LINE_OF_SEND = next(number for number, line in enumerate(SHOP.strip().splitlines(), 1) if "put_events" in line)

PYTEST_ASYNCIO = """
import asyncio
import pytest
import pytest_asyncio
from late_shop import *

pytestmark = pytest.mark.asyncio(loop_scope="session")
"""

ANYIO = """
import asyncio
import pytest
from late_shop import *

pytestmark = pytest.mark.anyio

@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="session", autouse=True)
async def loop_for_all():
    yield
"""

each_plugin = pytest.mark.parametrize(
    ("plugin", "head", "arguments"),
    [
        ("pytest_asyncio", PYTEST_ASYNCIO, ("-o", "asyncio_default_fixture_loop_scope=session")),
        ("anyio", ANYIO, ("-p", "no:asyncio")),
    ],
    ids=["pytest-asyncio", "anyio"],
)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The URLs of the requests that would have left the process: none does."""
    urls: list[str] = []

    async def send(session: Any, request: Any) -> None:
        urls.append(request.url)
        raise aiobotocore_httpsession.EndpointConnectionError(endpoint_url=request.url)

    monkeypatch.setattr(aiobotocore_httpsession.AIOHTTPSession, "send", send)
    yield urls
    assert urls == []


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """A function that runs a session of one test module with the guard on."""

    def run(plugin: str, test: str, *arguments: str) -> pytest.RunResult:
        pytest.importorskip(plugin)
        pytester.makepyfile(late_shop=SHOP, test_it=test)
        return pytester.runpytest_inprocess(*QUIET, *arguments)

    return run


@each_plugin
def test_a_test_that_sends(
    run: Callable[..., pytest.RunResult], plugin: str, head: str, arguments: tuple[str, ...]
) -> None:
    """It fails, whether its code lets the error pass or not, and other tests of the same loop do not."""
    result = run(
        plugin,
        head
        + """
async def test_sends():
    await send("a")

async def test_swallows():
    await swallow("b")

async def test_uses_the_fixture(eventbridge):
    await send()
    eventbridge.assert_emitted_once(event_bus="orders")
""",
        *arguments,
    )
    result.assert_outcomes(passed=1, failed=2)
    for bus in "ab":
        result.stdout.fnmatch_lines(
            [f"E *PutEvents to the event bus '{bus}' was called from late_shop.py:{LINE_OF_SEND},*"]
        )


@each_plugin
def test_a_fixture_that_sends(
    run: Callable[..., pytest.RunResult], plugin: str, head: str, arguments: tuple[str, ...]
) -> None:
    """It is named."""
    fixture = "@pytest_asyncio.fixture(loop_scope='session')" if plugin == "pytest_asyncio" else "@pytest.fixture"
    test = f"{head}\n{fixture}\nasync def cart():\n    await swallow()\n\nasync def test_it(cart): pass"
    result = run(plugin, test, *arguments)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E *PutEvents * was called from * in the set-up of the fixture 'cart', where no *"])


@each_plugin
def test_tests_that_share_a_loop(
    run: Callable[..., pytest.RunResult], plugin: str, head: str, arguments: tuple[str, ...]
) -> None:
    """Each test's own tasks, and what they start, are answered by its own fake, whoever's context the loop has."""
    result = run(
        plugin,
        head
        + """
@pytest.mark.parametrize("number", range(3))
async def test_it(eventbridge, number):
    await asyncio.gather(send("a"), asyncio.ensure_future(send("b")))
    await asyncio.to_thread(asyncio.run, send("c"))
    assert [event.event_bus for event in eventbridge.events[2:]] == ["c"]
    assert len(eventbridge.events) == 3
""",
        *arguments,
    )
    result.assert_outcomes(passed=3)


def test_a_task_that_outlives_its_test(run: Callable[..., pytest.RunResult]) -> None:
    """On the loop of the session it sends while the next test runs: refused, and an error of its own test."""
    result = run(
        "pytest_asyncio",
        PYTEST_ASYNCIO
        + """
tasks = []

async def late(go):
    await go.wait()
    await swallow("late")

async def test_a(eventbridge):
    go = asyncio.Event()
    tasks.append((asyncio.ensure_future(late(go)), go))

async def test_b(eventbridge):
    ((task, go),) = tasks
    go.set()
    await task
    eventbridge.assert_nothing_emitted()
""",
        "-o",
        "asyncio_default_fixture_loop_scope=session",
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at teardown of test_a _*",
            f"PutEvents to the event bus 'late' was called from late_shop.py:{LINE_OF_SEND} by what test_it.py::*",
        ]
    )


def test_waiting_for_a_task(eventbridge: FakeEventBridge) -> None:
    """What a task sends with a client of aiobotocore, on the loop that waits or on another, ends the wait."""

    async def send(client: Any, source: str) -> None:
        await client.put_events(Entries=[{"Source": source, "DetailType": "T", "Detail": "{}"}])

    async def send_apart(source: str) -> None:
        async with aiobotocore_session.get_session().create_client("events") as client:
            await send(client, source)

    async def test() -> None:
        async with aiobotocore_session.get_session().create_client("events") as client:
            task = asyncio.ensure_future(send(client, "a"))
            (event,) = await eventbridge.wait_for_async(source="a", timeout=FOREVER)
            await task
            other = asyncio.ensure_future(asyncio.to_thread(asyncio.run, send_apart("b")))
            assert await eventbridge.wait_for_async(times=2, timeout=FOREVER) == list(eventbridge.events)
            await other
        assert event.call.response is not None

    asyncio.run(test())
