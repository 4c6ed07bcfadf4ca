"""The guard: what it refuses and to whom, what it lets pass, which test fails for it, and that it leaves no trace."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.httpsession
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, UnknownServiceError

from pytest_eventbridge._guard import Situation
from pytest_eventbridge._guard_messages import refusal_text
from pytest_eventbridge._import_watch import ImportWatch
from pytest_eventbridge._ownership import TestRun
from pytest_eventbridge._session_guard import SessionGuard

ENTRY = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/orders"
NEW_BUS_ARN = f"arn:aws:events:us-east-1:123456789012:event-busv2/orders/{'a' * 25}"
ADVICE = "Use the eventbridge fixture, or answer it with another mock, such as moto's mock_aws."

# What other plugins do in a session inside this one only costs time: Hypothesis is imported anew in each.
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-o", "eventbridge_guard=true")

# What the tests of sessions inside this one send with, each call from a line of its own.
SHOP = """
import threading
from contextlib import suppress
from functools import cache

import botocore.session

@cache
def client(service="events"):
    return botocore.session.Session().create_client(
        service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )

def send(bus="orders"):
    return client().put_events(
        Entries=[{"Source": "shop", "DetailType": "OrderPlaced", "Detail": "{}", "EventBusName": bus}]
    )

def swallow(bus="orders"):
    with suppress(Exception):
        send(bus)
"""
LINE_OF_SEND = next(number for number, line in enumerate(SHOP.strip().splitlines(), 1) if "put_events" in line)


@cache
def client(service: str = "events") -> Any:
    """Return a client, made once because that takes long."""
    return botocore.session.Session().create_client(
        service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The URLs of the requests that would have left the process; a test that means some to clears them."""
    urls: list[str] = []

    def send(session: Any, request: Any) -> None:
        urls.append(request.url)
        raise botocore.httpsession.EndpointConnectionError(endpoint_url=request.url)

    monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", send)
    yield urls
    assert urls == []


@pytest.fixture
def guard() -> Iterator[SessionGuard]:
    """A guard that is on."""
    guard = SessionGuard()
    guard.begin()
    yield guard
    guard.end()


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """A function that runs a session with the guard on in this process, of one test module unless there are more."""

    def run(test: str, *arguments: str, **files: str) -> pytest.RunResult:
        pytester.makepyfile(late_shop=SHOP, test_it=test, **files)
        return pytester.runpytest_inprocess(*QUIET, *arguments)

    return run


def refusal(bus: str = "orders", during: str = "") -> str:
    """Return what is said of the call in `SHOP`."""
    return (
        f"PutEvents to the event bus '{bus}' was called from late_shop.py:{LINE_OF_SEND}{during}, "
        f"where no fake is active, and refused by eventbridge_guard. {ADVICE}"
    )


@pytest.mark.parametrize(
    ("operation", "params", "named"),
    [
        ("put_events", {"Entries": [ENTRY]}, " to the event bus 'default'"),
        ("put_events", {"Entries": [ENTRY | {"EventBusName": "orders"}] * 2}, " to the event bus 'orders'"),
        ("put_events", {"Entries": [ENTRY | {"EventBusName": BUS_ARN}]}, f" to the event bus '{BUS_ARN}'"),
        (
            "put_events",
            {"Entries": [ENTRY, *(ENTRY | {"EventBusName": name} for name in "abcd")]},
            " to the event buses 'default', 'a', 'b' and 2 others",
        ),
        ("put_rule", {"Name": "r", "EventPattern": "{}", "EventBusName": "b"}, " for the event bus 'b'"),
        ("list_rules", {}, " for the event bus 'default'"),
        ("create_event_bus", {"Name": "b"}, " for the event bus 'b'"),
        ("describe_event_bus", {}, " for the event bus 'default'"),
        ("list_event_buses", {}, ""),
        ("put_partner_events", {"Entries": [ENTRY]}, ""),
    ],
    ids=str,
)
def test_what_the_caller_is_told(guard: SessionGuard, operation: str, params: dict[str, Any], named: str) -> None:
    """The error names the operation, the event buses as they were sent, and the line, whatever the operation is."""
    with pytest.raises(ClientError) as caught:
        getattr(client(), operation)(**params)
    line = caught.tb.tb_lineno
    name = client().meta.method_to_api_mapping[operation]
    error = caught.value.response["Error"]
    assert error["Code"] == "RefusedByGuard"
    assert error["Message"].replace(__file__, "FILE").split(", where")[0].endswith(f":{line}")
    assert error["Message"].startswith(f"{name}{named} was called from ")
    assert error["Message"].endswith(f", where no fake is active, and refused by eventbridge_guard. {ADVICE}")
    assert guard.problems() == [error["Message"]]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("put_events", {"Entries": [{"Source": "s", "DetailType": "T"}]}),
        ("put_raw_events", {"Entries": [{"Data": b"{}", "SystemMetadata": {"ContentType": "application/json"}}]}),
    ],
)
def test_the_new_service(guard: SessionGuard, operation: str, params: dict[str, Any]) -> None:
    """Its requests, which are no JSON, are refused and read as those of the classic service."""
    try:
        events = client("eventbridgev2")
    except UnknownServiceError:
        pytest.skip("this botocore is too old for the service")
    with pytest.raises(ClientError, match="RefusedByGuard") as caught:
        getattr(events, operation)(EventBusArn=NEW_BUS_ARN, **params)
    assert f" to the event bus '{NEW_BUS_ARN}' was called from " in str(caught.value)


def test_other_services_pass(guard: SessionGuard, sent: list[str]) -> None:
    """What is no business of the guard goes its way."""
    with pytest.raises(botocore.httpsession.EndpointConnectionError):
        client("sts").get_caller_identity()
    assert guard.problems() == []
    sent.clear()


@pytest.mark.parametrize("body", [b"no JSON", b"[1]", b"\xff", b'{"Entries": [1]}', b'{"Entries": null}', b""])
def test_a_body_that_cannot_be_read(guard: SessionGuard, body: bytes) -> None:
    """A request that a handler of the user's has spoilt is refused without the name of an event bus."""
    events = botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    events.meta.events.register("before-call", lambda params, **_: params.update(body=body))
    with pytest.raises(ClientError, match="PutEvents was called from "):
        events.put_events(Entries=[ENTRY])


def test_without_credentials(guard: SessionGuard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for credentials for a request that is refused."""
    session = botocore.session.Session()
    session.register_component("credential_provider", type("None", (), {"load_credentials": lambda self: None})())
    with pytest.raises(ClientError, match="RefusedByGuard"):
        session.create_client("events", region_name="us-east-1").put_events(Entries=[ENTRY])


def test_many_calls_alike(guard: SessionGuard) -> None:
    """Calls from one line are told of once, with their number."""
    for _ in range(3):
        with pytest.raises(ClientError):
            client().put_events(Entries=[ENTRY])
    with pytest.raises(ClientError):
        client().list_rules()
    first, second = guard.take_problems()
    assert first.startswith("3 times: PutEvents to the event bus 'default' was called from ")
    assert second.startswith("ListRules ")
    assert guard.problems() == []


WINNERS = {
    "the fixture": """
        def test_it(eventbridge):
            send()
            eventbridge.assert_emitted_once(event_bus="orders")
        """,
    "a fake": """
        from pytest_eventbridge import FakeEventBridge

        def test_it():
            with FakeEventBridge() as bridge:
                send()
            bridge.assert_emitted_once(event_bus="orders")
        """,
    "a fake of the module": """
        import pytest
        from pytest_eventbridge import FakeEventBridge

        @pytest.fixture(scope="module", autouse=True)
        def bridge():
            with FakeEventBridge() as bridge:
                send("first")
                yield bridge

        def test_it(bridge):
            send()
            assert len(bridge.events) == 2
        """,
    "Stubber": """
        from botocore.stub import Stubber

        def test_it():
            with Stubber(client()) as stubber:
                stubber.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "stub"}]})
                assert send()["Entries"] == [{"EventId": "stub"}]
        """,
    "moto": """
        from moto import mock_aws

        @mock_aws
        def test_it():
            client.cache_clear()
            client().create_event_bus(Name="orders")
            assert send()["FailedEntryCount"] == 0
        """,
    "a patched method": """
        from unittest.mock import patch

        def test_it():
            with patch("botocore.client.BaseClient._make_api_call", return_value="patched"):
                assert send() == "patched"
        """,
    "a handler": """
        def test_it():
            client.cache_clear()
            parsed = {"FailedEntryCount": 0}
            response = type("Response", (), {"status_code": 200})
            client().meta.events.register("before-call.eventbridge.PutEvents", lambda **_: (response, parsed))
            assert send() is parsed
        """,
}


@pytest.mark.parametrize("winner", WINNERS)
def test_whatever_answers_wins(run: Callable[..., pytest.RunResult], winner: str) -> None:
    """The guard refuses what nobody else answers, and nothing else."""
    if winner == "moto":
        pytest.importorskip("moto")
    run("from late_shop import *\n" + textwrap.dedent(WINNERS[winner])).assert_outcomes(passed=1)


def test_a_test_that_sends(run: Callable[..., pytest.RunResult]) -> None:
    """The test fails with the error that the code got, and says no more than that."""
    result = run("from late_shop import *\ndef test_it():\n    send()")
    result.assert_outcomes(failed=1)
    assert result.stdout.str().count("where no fake is active") == 1
    result.stdout.fnmatch_lines([f"E *ClientError: An error occurred (RefusedByGuard) * operation: {refusal()}"])


def test_a_test_whose_code_swallows_the_error(run: Callable[..., pytest.RunResult]) -> None:
    """The test fails all the same, and the whole text is what was refused."""
    result = run("from late_shop import *\ndef test_it():\n    swallow()\n    swallow('b')\n    swallow()")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ test_it _*",
            "",
            f"E   pytest_eventbridge.VerificationError: 2 times: {refusal()}",
            "    ",
            f"    {refusal('b')}",
            "=*",
        ],
        consecutive=True,
    )


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("def test_it():\n    swallow()\n    assert 1 == 2, 'of its own'", "failed"),
        ("def test_it():\n    swallow()\n    pytest.skip('of its own')", "skipped"),
        ("@pytest.mark.xfail(reason='of its own')\ndef test_it():\n    swallow()\n    assert 1 == 2", "xfailed"),
    ],
)
def test_an_outcome_of_its_own(run: Callable[..., pytest.RunResult], test: str, outcome: str) -> None:
    """A failure of the test's own is not masked, and stands beside what was refused; a skip stays a skip."""
    result = run(f"import pytest\nfrom late_shop import *\n{test}", "-rA")
    result.assert_outcomes(**{outcome: 1})
    assert "of its own" in result.stdout.str()
    if outcome == "failed":
        result.stdout.fnmatch_lines(["E       AssertionError: of its own", "-* EventBridge -*", refusal()])


PHASES = {
    "the set-up of the fixture 'shop'": "@pytest.fixture\ndef shop():\n    swallow()\ndef test_it(shop): pass",
    "the set-up of the module fixture 'shop'": (
        "@pytest.fixture(scope='module')\ndef shop():\n    swallow()\ndef test_it(shop): pass"
    ),
    "the set-up of the session fixture 'shop'": (
        "@pytest.fixture(scope='session')\ndef shop():\n    swallow()\n"
        "@pytest.fixture\ndef cart(shop): pass\n"
        "def test_it(cart): pass"
    ),
    "the teardown of the test": "@pytest.fixture\ndef shop():\n    yield\n    swallow()\ndef test_it(shop): pass",
}


@pytest.mark.parametrize("during", PHASES)
def test_a_fixture_that_sends(run: Callable[..., pytest.RunResult], during: str) -> None:
    """The first test that uses the fixture has an error, which names the fixture where that is known."""
    result = run(f"import pytest\nfrom late_shop import *\n{PHASES[during]}")
    outcomes = result.parseoutcomes()
    assert outcomes.pop("passed", 0) == (1 if "teardown" in during else 0)
    assert outcomes == {"errors": 1}
    result.stdout.fnmatch_lines([f"E   pytest_eventbridge.VerificationError: {refusal(during=f' in {during}')}"])


def test_after_the_fixture(run: Callable[..., pytest.RunResult]) -> None:
    """What is sent when the fixture has ended already is an error of the test's end."""
    result = run(
        """
        import pytest
        from late_shop import *

        @pytest.fixture
        def late():
            yield
            swallow("late")

        def test_it(late, eventbridge):
            send()
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*{refusal('late', during=' in the teardown of the test')}"])


@pytest.mark.parametrize("call", ["send", "swallow"])
def test_a_module_that_sends_when_it_is_imported(run: Callable[..., pytest.RunResult], call: str) -> None:
    """It cannot be collected."""
    result = run(f"from late_shop import *\n{call}()\ndef test_it(): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{refusal(during=' in the collection of test_it.py')}"])


def test_test_cases(run: Callable[..., pytest.RunResult]) -> None:
    """Tests of `unittest` are guarded in all their parts, and their own failures are not masked."""
    result = run(
        """
        import unittest
        from late_shop import *

        class TestOwn(unittest.TestCase):
            def test_sends(self):
                swallow("a")

            def test_fails(self):
                swallow("b")
                self.assertEqual(1, 2)

        class TestSetUp(unittest.TestCase):
            def setUp(self):
                swallow("c")

            def test_it(self):
                pass

        class TestSetUpClass(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                swallow("d")

            def test_it(self):
                pass
        """
    )
    result.assert_outcomes(failed=3, errors=1)
    for bus in "abcd":
        result.stdout.fnmatch_lines(
            [f"*PutEvents to the event bus '{bus}' was called from late_shop.py:{LINE_OF_SEND}*"]
        )
    result.stdout.fnmatch_lines(["E*AssertionError: 1 != 2"])


def test_sends_between_tests(run: Callable[..., pytest.RunResult]) -> None:
    """What comes when no test runs is an error of the one that comes next, or was last."""
    result = run(
        "def test_a(): pass\ndef test_b(): pass",
        conftest="""
        from late_shop import swallow

        def pytest_runtest_logfinish(nodeid):
            swallow(nodeid[-1])
        """,
    )
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*_ ERROR at setup of test_b _*", f"E *{refusal('a')}"])
    result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_b _*", refusal("b")])


def run_apart(pytester: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    """Run a session in a process of its own, which has loaded nothing yet."""
    pytester.makepyfile(late_shop=SHOP, test_it=test)
    return pytester.runpytest_subprocess(*QUIET, *arguments)


def test_a_session_that_needs_no_botocore(pytester: pytest.Pytester) -> None:
    """Where nobody loads botocore, the guard does not either, nor anything of the fake."""
    run_apart(
        pytester,
        """
        import sys

        def test_modules():
            assert "botocore" not in sys.modules
            assert {name for name in sys.modules if name.startswith("pytest_eventbridge.")} == {
                "pytest_eventbridge._guard",
                "pytest_eventbridge._guard_hooks",
                "pytest_eventbridge._import_watch",
                "pytest_eventbridge._ownership",
                "pytest_eventbridge._report_sections",
                "pytest_eventbridge._session_guard",
                "pytest_eventbridge._stopwatch",
                "pytest_eventbridge.plugin",
            }
        """,
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "load",
    [
        "import botocore.client",
        "import botocore.session",
        "import boto3",
        "import pytest_eventbridge._interceptor",
        "from pytest_eventbridge import FakeEventBridge\n    with FakeEventBridge():\n        pass",
    ],
)
def test_botocore_is_first_loaded_in_a_test(pytester: pytest.Pytester, load: str) -> None:
    """Whoever loads botocore, by whatever way round, the first call is refused."""
    result = run_apart(pytester, f"def test_it():\n    {load}\n    from late_shop import send\n    send()")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *{refusal()}"])


def test_under_xdist(pytester: pytest.Pytester) -> None:
    """Workers guard their tests, and what fails for it looks the same."""
    test = "from late_shop import *\ndef test_a():\n    swallow()\ndef test_b(): pass"
    result = run_apart(pytester, test, "--numprocesses=2")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"E   pytest_eventbridge.VerificationError: {refusal()}"])


def left() -> list[object]:
    """Return what a guard could leave behind."""
    names = ("__init__", "_make_api_call", "_make_request")
    return [*(BaseClient.__dict__[name] for name in names), threading.Thread.start, *sys.meta_path]


def test_nothing_is_left(run: Callable[..., pytest.RunResult]) -> None:
    """After the session everything is as it was before."""
    before = left()
    run("from late_shop import *\ndef test_it():\n    swallow()").assert_outcomes(failed=1)
    assert left() == before


def test_off(pytester: pytest.Pytester, sent: list[str]) -> None:
    """Without the option nothing is guarded, and nothing wrapped."""
    pytester.makepyfile(
        late_shop=SHOP,
        test_it="""
        import threading
        from late_shop import *

        def test_it():
            assert threading.Thread.start.__module__ == "threading"
            swallow()
        """,
    )
    pytester.runpytest_inprocess(*QUIET[:4]).assert_outcomes(passed=1)
    assert len(sent) >= 1
    sent.clear()


def test_the_option_is_told(pytester: pytest.Pytester) -> None:
    """`--help` lists it, and a value that is none is a usage error."""
    pytester.runpytest_inprocess(*QUIET[:4], "--help").stdout.fnmatch_lines(["*eventbridge_guard (bool):*"])
    result = pytester.runpytest_inprocess(*QUIET[:4], "-o", "eventbridge_guard=perhaps")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: eventbridge_guard in the ini file takes True or False: *'perhaps'*"])


def test_a_call_of_a_test_that_has_ended() -> None:
    """It is told whose call it was, and that no test was running where none was."""
    ended = TestRun("test_it.py::test_a", ("test_it.py", 0, "test_a"))
    situation = Situation(ended_test=ended, during="the set-up of x", running_test=None, thread="sender")
    assert refusal_text("ListRules", ["b"], "late_shop.py:1", situation) == (
        "ListRules for the event bus 'b' was called from late_shop.py:1 by what test_it.py::test_a had started "
        "(thread 'sender'), but after that test had ended, and refused by eventbridge_guard; no test was running. "
        "Let the test wait for it or stop it, or start it in a fixture of a wider scope."
    )


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that nobody has imported."""
    (tmp_path / "unheard_of.py").write_text("loaded_by = __loader__\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "unheard_of", raising=False)
    yield "unheard_of"
    sys.modules.pop("unheard_of", None)


def test_an_import_is_heard_of(module: str) -> None:
    """The function is called once, when the module's own code has run, and its loader is as ever."""
    heard: list[Any] = []
    watch = ImportWatch(module, lambda: heard.append(sys.modules[module].loaded_by))
    watch.begin()
    assert (heard, importlib.util.find_spec("unheard")) == ([], None)
    loader = importlib.import_module(module).__loader__
    assert heard == [loader]
    assert "exec_module" not in vars(loader)
    importlib.reload(sys.modules[module])
    assert heard == [loader]
    assert watch not in sys.meta_path
    watch.end()


def test_an_import_that_was_before(module: str) -> None:
    """The function is called at once."""
    importlib.import_module(module)
    heard: list[bool] = []
    ImportWatch(module, lambda: heard.append(True)).begin()
    assert heard == [True]


def test_an_import_that_fails(module: str, tmp_path: Path) -> None:
    """The watch goes on until the module can be loaded."""
    heard: list[bool] = []
    watch = ImportWatch(module, lambda: heard.append(True))
    watch.begin()
    source = tmp_path / "unheard_of.py"
    source.write_text("raise ValueError('not yet')  # a text of another length", encoding="utf-8")
    with pytest.raises(ValueError, match="not yet"):
        importlib.import_module(module)
    assert heard == []
    source.unlink()
    importlib.invalidate_caches()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(module)
    source.write_text("", encoding="utf-8")
    importlib.invalidate_caches()
    importlib.import_module(module)
    assert heard == [True]


def test_a_watch_that_has_ended(module: str) -> None:
    """It hears of nothing, even of an import that was under way when it ended."""
    heard: list[bool] = []
    watch = ImportWatch(module, lambda: heard.append(True))
    watch.begin()
    spec = importlib.util.find_spec(module)
    watch.end()
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    importlib.import_module(module)
    assert heard == []


def test_a_call_before_any_test(guard: SessionGuard) -> None:
    """What comes before the first test, and is followed by none, has no test to be reported with."""
    with pytest.raises(ClientError):
        client().list_rules()
    assert guard.take_late_calls() == []
    assert guard.problems() == []
