"""The report: what it tells of a test, and where it is to be found."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from functools import cache
from threading import Thread
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._failures import InjectedFailure
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._report import report_lines

TEST_MODULE = """
import botocore.session
import pytest

client = botocore.session.Session().create_client(
    "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
)

def emit(detail_type):
    client.put_events(Entries=[{"Source": "shop", "DetailType": detail_type, "Detail": "{}"}])

@pytest.fixture
def broken_at_its_end(eventbridge):
    yield
    emit("AtTheEnd")
    raise LookupError("teardown")

@pytest.fixture
def broken_at_its_beginning(eventbridge):
    emit("AtTheBeginning")
    raise LookupError("setup")
"""

HEADER = re.compile("-+ EventBridge.* -+")
PLAIN = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]


@cache
def events_client(region: str = "us-east-1") -> Any:
    """Return a client older than every fake, made once."""
    return botocore.session.Session().create_client(
        "events", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def an_entry(number: int = 1, **members: Any) -> dict[str, Any]:
    """Return a request entry."""
    return {"Source": "shop", "DetailType": "Placed", "Detail": json.dumps({"n": number}), **members}


def report_of(
    bridge: FakeEventBridge, *failures: InjectedFailure, presentation: Presentation | None = None
) -> list[str]:
    """Return a report, with everything that varies from run to run made the same."""
    recorder: Recorder = bridge.events.recorder
    lines = report_lines(recorder, failures, (), presentation or Presentation())
    text = re.sub(r"sent from \S+:\d+", "sent from HERE", "\n".join(lines))
    return re.sub(r"\+\d+\.\d ms", "+0.0 ms", text).splitlines()


# --- what it says -----------------------------------------------------------------------------------------------------


def test_a_call_and_its_entries() -> None:
    """Each call has a line, and each entry of it one with its outcome, at its place in the request."""
    with FakeEventBridge(event_buses=["orders"]) as bridge:
        failure = bridge.fail_entries("ThrottlingException", position=1)
        events_client().put_events(
            Entries=[an_entry(1), an_entry(2), an_entry(3, EventBusName="orders"), an_entry(4, EventBusName="x")]
        )
    assert report_of(bridge, failure) == [
        "+0.0 ms  us-east-1  PutEvents  sent from HERE",
        '  [0] default  shop  Placed  {"n": 1}  accepted',
        '  [1] default  shop  Placed  {"n": 2}  failed: ThrottlingException',
        '  [2] orders  shop  Placed  {"n": 3}  accepted',
        '  [3] x  shop  Placed  {"n": 4}  dropped',
        "Injected failures:",
        "  fail_entries('ThrottlingException', position=1): fired 1 time",
    ]


def test_a_call_that_was_retried_and_one_that_failed() -> None:
    """Attempts are counted where there were several, and what the caller got is named."""
    with FakeEventBridge() as bridge:
        throttled = bridge.fail_requests(times=2)
        events_client("eu-west-1").put_events(Entries=[an_entry(1)])
        network = bridge.fail_requests(EndpointConnectionError, times=None)
        with suppress(EndpointConnectionError):
            events_client().put_events(Entries=[an_entry(2)])
    first, second = (line for line in report_of(bridge) if line.startswith("+"))
    assert first == "+0.0 ms  eu-west-1  PutEvents  3 attempts  sent from HERE"
    assert re.fullmatch(r"\S+ ms  us-east-1  PutEvents  \d attempts  raised EndpointConnectionError  .*HERE", second)
    assert report_of(bridge)[-1].endswith("  not answered")
    assert report_of(bridge, throttled, network)[-2:] == [
        "  fail_requests('ThrottlingException', times=2): fired 2 times",
        f"  fail_requests(EndpointConnectionError, times=None): fired {network.fired} times",
    ]


def test_another_thread_is_named() -> None:
    """A call says which thread made it, unless that is the main one."""
    with FakeEventBridge() as bridge:
        thread = Thread(target=events_client().put_events, kwargs={"Entries": [an_entry()]}, name="worker")
        thread.start()
        thread.join()
    assert report_of(bridge)[0].endswith("in worker")


def test_offsets_never_go_back() -> None:
    """Calls come in the order in which they reached the service."""
    with FakeEventBridge() as bridge:
        for number in range(5):
            events_client().put_events(Entries=[an_entry(number)])
    lines = report_lines(bridge.events.recorder, (), (), Presentation())
    offsets = [float(match[1]) for line in lines if (match := re.match(r"\+(\d+\.\d) ms", line))]
    assert len(offsets) == 5
    assert offsets == sorted(offsets)


def test_a_request_that_could_not_be_read_has_a_line() -> None:
    """A call whose entries the service refused as a whole is there as well."""
    with FakeEventBridge() as bridge, suppress(ClientError):
        events_client().put_events(Entries=[an_entry(number) for number in range(11)])
    assert len([line for line in report_of(bridge) if line.startswith("+")]) == 1


def test_no_call() -> None:
    """A test that sent nothing is told so, and what it injected all the same."""
    with FakeEventBridge() as bridge:
        assert report_of(bridge) == ["No call reached EventBridge."]
        failure = bridge.fail_entries()
        assert report_of(bridge, failure)[-1] == "  fail_entries('InternalFailure'): never fired"


def test_many_calls_have_a_limit() -> None:
    """A report has a budget too, says how many calls there were, and how to see all of them."""
    with FakeEventBridge() as bridge:
        for number in range(40):
            events_client().put_events(Entries=[an_entry(number)] * 3)
    lines = report_of(bridge, presentation=Presentation(listed_count=10))
    assert len(lines) < 60
    assert "40 calls in all" in lines[-1]
    assert len(report_of(bridge, presentation=Presentation(listed_count=1_000_000))) == 160


# --- where it is ------------------------------------------------------------------------------------------------------


def sections_of(result: pytest.RunResult) -> int:
    """Return how many reports pytest printed."""
    return sum(HEADER.fullmatch(line) is not None for line in result.outlines)


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run tests, in a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(tests: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(TEST_MODULE + tests)
        return pytester.runpytest(*PLAIN, *arguments)

    return run


PASSED_AND_FAILED = """
def test_passed(eventbridge):
    emit("FromPassed")

def test_failed(eventbridge):
    emit("FromFailed")
    assert False

def test_without_the_fixture():
    assert False
"""


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        pytest.param([], ["FromFailed"], id="default"),
        pytest.param(["--eventbridge-report=failed"], ["FromFailed"], id="failed"),
        pytest.param(["--eventbridge-report=all", "-rP"], ["FromFailed", "FromPassed"], id="all"),
        pytest.param(["--eventbridge-report=none"], [], id="none"),
    ],
)
def test_which_tests_get_one(run: Any, arguments: list[str], shown: list[str]) -> None:
    """A failed test that used the fixture gets one report; `all` and `none` change that."""
    result = run(PASSED_AND_FAILED, *arguments)

    result.assert_outcomes(passed=1, failed=2)
    assert sections_of(result) == len(shown)
    reported = [match[1] for line in result.outlines if (match := re.match(r"  \[0\] .*  (From\w+)  ", line))]
    assert sorted(reported) == shown


def test_an_unknown_value_is_a_usage_error(run: Any) -> None:
    """The option takes three values, and names them."""
    result = run(PASSED_AND_FAILED, "--eventbridge-report=some")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--eventbridge-report*failed*all*none*"])


@pytest.mark.parametrize(
    ("tests", "shown"),
    [
        pytest.param("def test_it(broken_at_its_end): emit('Once')", "AtTheEnd", id="teardown"),
        pytest.param("def test_it(broken_at_its_beginning): pass", "AtTheBeginning", id="setup"),
        pytest.param("def test_it(eventbridge): emit('Once'); eventbridge.fail_entries()", "Once", id="verification"),
    ],
)
def test_a_test_that_errors_around_its_call_has_one(run: Any, tests: str, shown: str) -> None:
    """What goes wrong in setup or teardown is reported like a failure, once."""
    result = run(tests)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sections_of(result) == 1
    result.stdout.fnmatch_lines([f"  [[]0[]] default  shop  {shown}  {{}}  accepted"])


def test_a_failed_test_that_errors_at_its_end_has_one(run: Any) -> None:
    """A test that fails twice shows its report with the first failure only, and both failures."""
    result = run("def test_it(broken_at_its_end): emit('Once'); assert False")

    result.assert_outcomes(failed=1, errors=1)
    assert sections_of(result) == 1


def test_a_failed_test_shows_what_its_end_would_have_found(run: Any) -> None:
    """The check at the end masks no failure, so its problems are in the report, and nowhere else."""
    result = run("def test_it(eventbridge): eventbridge.fail_entries('ThrottlingException'); assert False")

    result.assert_outcomes(failed=1)
    assert result.stdout.str().count("never fired:") == 1


def test_a_skipped_test_and_one_expected_to_fail_have_none(run: Any) -> None:
    """What is no failure gets no report."""
    result = run(
        """
def test_skipped(eventbridge):
    emit("Once")
    pytest.skip("no reason")

@pytest.mark.xfail
def test_expected_to_fail(eventbridge):
    emit("Once")
    assert False
"""
    )

    result.assert_outcomes(skipped=1, xfailed=1)
    assert sections_of(result) == 0


def test_it_comes_through_xdist(run: Any) -> None:
    """A test that another process ran shows the same report."""
    result = run(PASSED_AND_FAILED, "-n", "1")

    result.assert_outcomes(passed=1, failed=2)
    assert sections_of(result) == 1
    result.stdout.fnmatch_lines(["  [[]0[]] default  shop  FromFailed  {}  accepted"])


def test_it_needs_no_terminal(run: Any) -> None:
    """Without pytest's terminal reporter tests fail and pass as usual."""
    assert run(PASSED_AND_FAILED, "-p", "no:terminal").ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("arguments", [[], ["-n", "1"], ["-p", "no:terminal"]], ids=["plain", "xdist", "no terminal"])
def test_it_is_in_the_junit_file(run: Any, pytester: pytest.Pytester, arguments: list[str]) -> None:
    """The failure in the JUnit XML file carries the report, and only a failed test has one."""
    run(PASSED_AND_FAILED, "--junit-xml=results.xml", *arguments)

    cases = {case.get("name"): case for case in ET.parse(pytester.path / "results.xml").iter("testcase")}
    failure = cases["test_failed"].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "  [0] default  shop  FromFailed  {}  accepted" in failure.text
    assert "EventBridge" not in ET.tostring(cases["test_passed"], encoding="unicode")


@pytest.mark.parametrize("tb", ["short", "line", "native", "no", "long"])
def test_every_style_of_traceback_will_do(run: Any, tb: str) -> None:
    """No style of traceback makes the report fail."""
    run(PASSED_AND_FAILED, f"--tb={tb}").assert_outcomes(passed=1, failed=2)


def test_rules_are_listed_with_what_they_took() -> None:
    """Each rule has a line, and one for each event that it took, within the budget."""
    with FakeEventBridge() as bridge:
        rule = bridge.add_rule({"source": ["shop"]}, lambda event: None, name="audit")
        bridge.add_rule({"source": ["nobody"]}, name="idle", event_bus="orders")
        for number in range(12):
            events_client().put_events(Entries=[an_entry(number)])
    lines = bridge._report().splitlines()
    assert lines[lines.index("Rules:") :] == [
        "Rules:",
        "  'audit' on default, took 12 events, delivered 12",
        *(f'    default  shop  Placed  {{"n": {number}}}' for number in range(10)),
        "    and 2 more; -v and -vv show more of them",
        "  'idle' on orders, took 0 events",
    ]
    assert len(rule.events) == 12


def test_the_report_takes_note_of_no_failed_delivery() -> None:
    """Making the report is no reading of `failed_deliveries`."""
    with FakeEventBridge() as bridge:
        bridge.add_rule({"source": ["shop"]}, lambda event: event["no"], name="audit")
        events_client().put_events(Entries=[an_entry()])
    assert "  'audit' on default, took 1 event, failed to deliver 1" in bridge._report().splitlines()
    assert len(bridge._problems()) == 1


def test_a_thousand_rules_and_failures_are_within_the_budget() -> None:
    """The report of what was set up is cut like that of what happened, and says how much is left out."""
    with FakeEventBridge() as bridge:
        for number in range(1000):
            bridge.add_rule({"source": [f"shop.{number}"]})
            bridge.fail_entries(source=f"shop.{number}")
        lines = bridge._report().splitlines()
    assert lines.count("  and 950 more lines; -v and -vv show more of them") == 2
    assert len(lines) < 110
