"""The plugin as pytest runs it: fixture, options, markers, the check at the end of a test, and its report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
import pytest

from pytest_eventbridge import FakeEventBridge

OPTION_NAMES = (
    "region",
    "account_id",
    "event_buses",
    "max_request_bytes",
    "allow_unused_failures",
    "fail_on_lost_events",
    "ignore_detail_keys",
    "fake_credentials",
)

# What other plugins do in a session inside this one only costs time: Hypothesis is imported anew in each.
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")

# For sessions in a process of their own, which the helpers of this module do not reach.
CONFTEST = """
import json
import botocore.session
import pytest

@pytest.fixture(scope="session")
def emit():
    client = botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )

    def emit(**detail):
        entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps(detail)}
        return client.put_events(Entries=[entry])

    return emit
"""

# A test that shows the options in force; see `Session.options`.
SHOW_OPTIONS = """
    def test_options(eventbridge, show_options):
        show_options(eventbridge)
"""


@cache
def events_client() -> Any:
    """Return a client older than every fake, made once for all sessions in this process."""
    return botocore.session.Session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


class Sharing:
    """A plugin for sessions in this process, which gives their tests something to call."""

    def __init__(self) -> None:
        self.options: list[object] = []

    @pytest.fixture
    def show_options(self) -> Callable[[FakeEventBridge], None]:
        """A function that takes note of the options of a fake."""
        return lambda bridge: self.options.append(bridge._options)

    @pytest.fixture
    def client(self) -> Any:
        """A real client."""
        return events_client()

    @pytest.fixture
    def emit(self) -> Callable[..., dict[str, Any]]:
        """A function that sends one entry whose detail has these keys."""

        def emit(source: str = "shop.orders", event_bus: str = "default", **detail: Any) -> dict[str, Any]:
            entry = {"Source": source, "DetailType": "OrderPlaced", "EventBusName": event_bus}
            return events_client().put_events(Entries=[entry | {"Detail": json.dumps(detail)}])

        return emit


class Session:
    """One pytest session inside this one."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.sharing = Sharing()

    def run(self, *arguments: str, **files: str) -> pytest.RunResult:
        """Run pytest in this process, after writing these test modules."""
        if files:
            self.pytester.makepyfile(**files)
        return self.pytester.runpytest_inprocess(*QUIET, *arguments, plugins=[self.sharing])

    def options(self, *arguments: str) -> object:
        """Run one test in this process, and return the options of its fake."""
        self.run("--strict-config", *arguments, test_it=SHOW_OPTIONS).assert_outcomes(passed=1)
        (options,) = self.sharing.options
        return options

    def run_apart(self, *arguments: str, **files: str) -> pytest.RunResult:
        """Run pytest in a process of its own, after writing these test modules."""
        self.pytester.makeconftest(CONFTEST)
        if files:
            self.pytester.makepyfile(**files)
        return self.pytester.runpytest_subprocess(*QUIET, *arguments)


@pytest.fixture
def session(pytester: pytest.Pytester) -> Session:
    """A directory of its own for a session inside this one."""
    return Session(pytester)


def section(result: pytest.RunResult, title: str) -> str:
    """Return what stands under a heading of the report, up to the next heading."""
    found = re.search(rf"^[-=_]+ {re.escape(title)} [-=_]+\n(.*?)(?=^[-=_]{{2,}} |\Z)", str(result.stdout), re.S | re.M)
    assert found is not None, f"there is no section {title!r}"
    return found[1].strip()


# --- the fixture ------------------------------------------------------------------------------------------------------


def test_fixture_is_an_active_fake(session: Session) -> None:
    """The fixture yields a fake that answers for the test, and is empty at its beginning."""
    result = session.run(
        test_it="""
        import pytest
        from pytest_eventbridge import FakeEventBridge

        @pytest.mark.parametrize("number", [1, 2])
        def test_captures(eventbridge, emit, number):
            assert isinstance(eventbridge, FakeEventBridge)
            eventbridge.assert_nothing_emitted()
            emit(number=number)
            assert eventbridge.assert_emitted_once().detail == {"number": number}
        """
    )
    result.assert_outcomes(passed=2)


def test_fixture_ends_with_its_test(session: Session) -> None:
    """After the test botocore is as it was, also when the test failed."""
    result = session.run(
        test_it="""
        from botocore.client import BaseClient

        ORIGINAL = BaseClient._make_api_call

        def test_passes(eventbridge):
            assert BaseClient._make_api_call is not ORIGINAL

        def test_is_clean_after_a_pass():
            assert BaseClient._make_api_call is ORIGINAL

        def test_fails(eventbridge):
            raise ZeroDivisionError

        def test_is_clean_after_a_failure():
            assert BaseClient._make_api_call is ORIGINAL

        def test_ends_with_a_problem(eventbridge):
            eventbridge.fail_entries()

        def test_is_clean_after_an_error():
            assert BaseClient._make_api_call is ORIGINAL
        """
    )
    result.assert_outcomes(passed=5, failed=1, errors=1)


def test_fixture_needs_no_credentials_and_no_region(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client made inside the test needs nothing of its surroundings, not even a profile that exists."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this")
    result = session.run(
        test_it="""
        import botocore.session

        def test_a_new_client(eventbridge):
            client = botocore.session.Session().create_client("events")
            client.put_events(Entries=[{"Source": "shop", "DetailType": "OrderPlaced", "Detail": "{}"}])
            assert eventbridge.events[0].region == "us-east-1"
        """
    )
    result.assert_outcomes(passed=1)


def test_module_scoped_fixture_of_the_user(session: Session) -> None:
    """A fixture around `FakeEventBridge` may have any scope; the function-scoped fixture nests inside it."""
    result = session.run(
        test_it="""
        import pytest
        from pytest_eventbridge import FakeEventBridge

        @pytest.fixture(scope="module")
        def whole_module():
            with FakeEventBridge() as bridge:
                yield bridge
            assert [event.detail["n"] for event in bridge.events] == [1, 3]

        def test_first(whole_module, emit):
            emit(n=1)

        def test_inner(whole_module, eventbridge, emit):
            emit(n=2)
            eventbridge.assert_emitted_once(detail={"n": 2})
            whole_module.assert_not_emitted(detail={"n": 2})

        def test_last(whole_module, emit):
            emit(n=3)
            whole_module.assert_emitted(times=2)
        """
    )
    result.assert_outcomes(passed=3)


def test_other_fixtures_and_their_teardown_reach_the_fake(session: Session) -> None:
    """Fixtures that depend on the fake can publish before and after the test."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.fixture
        def shop(eventbridge, emit):
            emit(state="open")
            yield
            emit(state="closed")
            eventbridge.assert_emitted(times=2)

        def test_shop(shop, eventbridge):
            eventbridge.assert_emitted_once(detail={"state": "open"})
        """
    )
    result.assert_outcomes(passed=1)


def test_overriding_the_fixture(session: Session) -> None:
    """A fixture of the same name can build on ours."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.fixture
        def eventbridge(eventbridge):
            eventbridge.fail_entries("ThrottlingException")
            return eventbridge

        def test_fails_once(eventbridge, emit):
            assert [emit()["FailedEntryCount"] for _ in range(2)] == [1, 0]

        def test_never_sends(eventbridge):
            pass
        """
    )
    result.assert_outcomes(passed=2, errors=1)


def test_unittest_class_uses_the_fixture(session: Session) -> None:
    """`usefixtures` serves a `TestCase`, with markers, failures and the check at the end as for any test."""
    result = session.run(
        test_it="""
        import unittest
        import pytest

        @pytest.mark.usefixtures("bridge")
        @pytest.mark.eventbridge(account_id="999999999999")
        class OrderTest(unittest.TestCase):
            @pytest.fixture
            def bridge(self, eventbridge, emit):
                self.bridge, self.emit = eventbridge, staticmethod(emit).__func__

            def test_captures(self):
                self.emit(n=1)
                assert self.bridge.assert_emitted_once().account_id == "999999999999"

            def test_leaves_a_failure_unused(self):
                self.bridge.fail_entries()

            def test_fails_and_leaves_a_failure_unused(self):
                self.bridge.fail_entries()
                self.fail("on its own")

            def test_skips_and_leaves_a_failure_unused(self):
                self.bridge.fail_entries()
                self.skipTest("not today")
        """
    )
    # The third is one failure, not a failure and an error.
    result.assert_outcomes(passed=2, failed=1, skipped=1, errors=1)
    result.stdout.fnmatch_lines(["ERROR *test_leaves_a_failure_unused*"])


def test_fake_in_a_unittest_set_up(session: Session) -> None:
    """`setUp` with `addCleanup` serves a `TestCase` without any fixture."""
    result = session.run(
        test_it="""
        import unittest
        from pytest_eventbridge import FakeEventBridge

        class OrderTest(unittest.TestCase):
            def setUp(self):
                self.bridge = FakeEventBridge()
                self.bridge.__enter__()
                self.addCleanup(self.bridge.__exit__, None, None, None)

            def test_nothing(self):
                self.bridge.assert_nothing_emitted()
        """
    )
    result.assert_outcomes(passed=1)


# --- options from ini files -------------------------------------------------------------------------------------------

# How an option is written in an ini file, and what it means.
INI_OPTIONS = {
    "region": ("eu-west-1", "eu-west-1"),
    "account_id": ("012345678901", "012345678901"),
    "event_buses": (
        "orders 'arn:aws:events:us-east-1:111111111111:event-bus/x'",
        ["orders", "arn:aws:events:us-east-1:111111111111:event-bus/x"],
    ),
    "max_request_bytes": ("2048", 2048),
    "allow_unused_failures": ("true", True),
    "fail_on_lost_events": ("yes", True),
    "ignore_detail_keys": ("_datadog 'a key' \"it's\"", ["_datadog", "a key", "it's"]),
    "fake_credentials": ("false", False),
}


def options_with(**options: Any) -> object:
    """Return the options of a fake that was given these."""
    return FakeEventBridge(**options)._options


@pytest.mark.parametrize("name", OPTION_NAMES)
@pytest.mark.parametrize("place", ["pytest.ini", "pyproject.toml", "-o"])
def test_option_from_ini(session: Session, place: str, name: str) -> None:
    """Each option can be set as `eventbridge_<name>` in every place where pytest reads ini options."""
    text, value = INI_OPTIONS[name]
    arguments = []
    if place == "pytest.ini":
        session.pytester.makefile(".ini", pytest=f"[pytest]\neventbridge_{name} = {text}\n")
    elif place == "pyproject.toml":
        session.pytester.makefile(
            ".toml", pyproject=f"[tool.pytest.ini_options]\neventbridge_{name} = {json.dumps(text)}\n"
        )
    else:
        arguments = ["-o", f"eventbridge_{name}={text}"]
    assert session.options(*arguments) == options_with(**{name: value})


def test_defaults_without_ini_options(session: Session) -> None:
    """Where nothing is set, the options are those of `FakeEventBridge()`."""
    assert session.options() == options_with()


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="[tool.pytest] came with pytest 9")
def test_options_with_types_of_their_own_in_pyproject(session: Session) -> None:
    """In `[tool.pytest]`, where values have TOML's types, they are taken as they are."""
    session.pytester.makefile(
        ".toml",
        pyproject="""
        [tool.pytest]
        eventbridge_region = "eu-west-1"
        eventbridge_event_buses = ["orders", "a bus"]
        eventbridge_max_request_bytes = 2048
        eventbridge_fail_on_lost_events = true
        """,
    )
    assert session.options() == options_with(
        region="eu-west-1", event_buses=["orders", "a bus"], max_request_bytes=2048, fail_on_lost_events=True
    )


def test_list_in_ini_may_go_over_several_lines(session: Session) -> None:
    """A list is split as a shell would: at spaces and line ends, with quotes kept together."""
    session.pytester.makefile(
        ".ini",
        pytest="[pytest]\neventbridge_event_buses =\n    orders payments\n    'two words'\n    a\\ b\n",
    )
    assert session.options() == options_with(event_buses=["orders", "payments", "two words", "a b"])


def test_empty_list_in_ini_is_a_list(session: Session) -> None:
    """An empty list of event buses means that there is none but `default`, not that all exist."""
    assert session.options("-o", "eventbridge_event_buses=") == options_with(event_buses=[])


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        pytest.param("region", "", "the name of a region", id="no region"),
        pytest.param("account_id", "1234", "a string of 12 digits", id="short account"),
        pytest.param("account_id", "12345678901x", "a string of 12 digits", id="account with a letter"),
        pytest.param("max_request_bytes", "many", "a positive number of bytes", id="word for a number"),
        pytest.param("max_request_bytes", "0", "a positive number of bytes", id="no bytes"),
        pytest.param("max_request_bytes", "1.5", "a positive number of bytes", id="half a byte"),
        pytest.param("allow_unused_failures", "maybe", "True or False", id="no truth value"),
        pytest.param("fail_on_lost_events", "2", "True or False", id="number for a truth value"),
        pytest.param("fake_credentials", "", "True or False", id="empty truth value"),
        pytest.param("event_buses", "'orders", "a collection of names or ARNs", id="quote left open"),
        pytest.param("event_buses", "orders ''", "a collection of names or ARNs", id="empty name"),
        pytest.param("ignore_detail_keys", "'", "a collection of keys", id="only a quote"),
    ],
)
def test_wrong_ini_value_is_a_usage_error(session: Session, name: str, value: str, allowed: str) -> None:
    """No test runs; the message names the option, what it takes, and what it got."""
    result = session.run("-o", f"eventbridge_{name}={value}", test_it="def test_unrelated(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR == 4
    message = str(result.stderr)
    assert name in message
    assert allowed in message
    assert "in the ini file" in message
    assert "Traceback" not in message
    assert "INTERNALERROR" not in message + str(result.stdout)


def test_wrong_ini_value_does_not_hide_the_help(session: Session) -> None:
    """`--help` is where one looks after a wrong value; it must come."""
    result = session.run("--help", "-o", "eventbridge_max_request_bytes=many")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*eventbridge_max_request_bytes*"])


@pytest.mark.parametrize(
    ("name", "wordings"),
    [
        pytest.param("regoin", ["Unknown option 'regoin'. Did you mean 'region'?", *OPTION_NAMES], id="a typo"),
        pytest.param("gaurd", ["Unknown option 'gaurd'. Did you mean 'guard'?"], id="a typo of the guard"),
        pytest.param("nonsense", ["Unknown option 'nonsense'. Allowed: ", *OPTION_NAMES], id="an unknown name"),
    ],
)
def test_unknown_ini_option_is_a_usage_error(session: Session, name: str, wordings: list[str]) -> None:
    """No test runs; the message names the options that there are, where pytest alone would only warn."""
    session.pytester.makefile(".ini", pytest=f"[pytest]\neventbridge_{name} = x\n")
    result = session.run(test_it="def test_unrelated(): print('IT RAN')")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "IT RAN" not in str(result.stdout)
    for wording in [*wordings, "(in the ini file)"]:
        assert wording in str(result.stderr)


# Where pytest reads options from: the name of a file and its table, or an argument in place of these.
PLACES = {
    "pytest.ini": ("pytest.ini", "[pytest]\n"),
    "tox.ini": ("tox.ini", "[pytest]\n"),
    "setup.cfg": ("setup.cfg", "[tool:pytest]\n"),
    "pyproject.toml": ("pyproject.toml", "[tool.pytest.ini_options]\n"),
    "pyproject.toml with types": ("pyproject.toml", "[tool.pytest]\n"),
    "-o": ("pytest.ini", "[pytest]\naddopts = -o "),
}


@pytest.mark.parametrize("place", PLACES)
def test_unknown_ini_option_wherever_it_stands(session: Session, place: str) -> None:
    """Each file that pytest reads is looked at, and its command line."""
    if place.endswith("types") and pytest.version_tuple < (9,):
        pytest.skip("[tool.pytest] came with pytest 9")
    name, head = PLACES[place]
    value = "'x'" if name.endswith("toml") else "x"
    (session.pytester.path / name).write_text(f"{head}eventbridge_regoin={value}\n", encoding="utf-8")
    result = session.run(test_it="def test_unrelated(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: Unknown option 'regoin'. Did you mean 'region'? *"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["-W", "ignore"],
        ["-W", "error"],
        ["-p", "no:warnings"],
        ["-o", "filterwarnings=ignore"],
        ["-o", "filterwarnings=error"],
        ["--strict-config"],
    ],
    ids=" ".join,
)
def test_unknown_ini_option_whatever_happens_to_warnings(session: Session, arguments: list[str]) -> None:
    """The error is the same where warnings are off, or are errors."""
    result = session.run("-o", "eventbridge_gaurd=true", *arguments, test_it="def test_unrelated(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: Unknown option 'gaurd'. Did you mean 'guard'? *"])
    assert "INTERNALERROR" not in str(result.stderr) + str(result.stdout)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--markers"], ["--version"], ["--version", "--version"]], ids=" ".join
)
def test_unknown_ini_option_does_not_hide_what_one_looks_up(session: Session, arguments: list[str]) -> None:
    """Where one looks for the right name, the wrong one is no trouble, nor is a wrong value."""
    wrong = ["-o", "eventbridge_regoin=x", "-o", "eventbridge_max_request_bytes=many"]
    assert session.pytester.runpytest_subprocess(*QUIET, *wrong, *arguments).ret == 0


def test_unknown_ini_option_of_others_is_theirs(session: Session) -> None:
    """Of an option without our prefix pytest warns, as ever."""
    session.pytester.makefile(".ini", pytest="[pytest]\nregoin = x\n")
    result = session.run(test_it="def test_unrelated(): pass")
    result.assert_outcomes(passed=1, warnings=1)


@pytest.mark.parametrize("value", ["yes", "many"])
def test_ini_option_that_others_declare_is_theirs(session: Session, value: str) -> None:
    """An option with our prefix that another plugin or a `conftest.py` declares is known, whatever its value."""
    session.pytester.makeconftest(
        """
        def pytest_addoption(parser):
            parser.addini("eventbridge_local", "Whether the shop has a server of its own.", type="bool")
        """
    )
    result = session.run("-o", f"eventbridge_local={value}", test_it="def test_unrelated(): pass")
    result.assert_outcomes(passed=1)


# --- options from markers ---------------------------------------------------------------------------------------------


def test_markers_are_merged_key_by_key(session: Session) -> None:
    """For each option the nearest place wins: function, class, module, ini file."""
    session.pytester.makefile(
        ".ini",
        pytest="""
        [pytest]
        eventbridge_account_id = 000000000000
        eventbridge_max_request_bytes = 1000
        eventbridge_region = ini-region-0
        eventbridge_ignore_detail_keys = from-ini
        """,
    )
    result = session.run(
        test_it="""
        import pytest

        pytestmark = pytest.mark.eventbridge(
            account_id="111111111111", max_request_bytes=1111, region="module-region-1"
        )

        def options_of(bridge):
            options = bridge._options
            return options.account_id, options.max_request_bytes, options.region, set(options.ignore_detail_keys)

        def test_module(eventbridge):
            assert options_of(eventbridge) == ("111111111111", 1111, "module-region-1", {"from-ini"})

        @pytest.mark.eventbridge(account_id="222222222222", max_request_bytes=2222)
        class TestClass:
            def test_class(self, eventbridge):
                assert options_of(eventbridge) == ("222222222222", 2222, "module-region-1", {"from-ini"})

            @pytest.mark.eventbridge(account_id="333333333333")
            def test_function(self, eventbridge):
                assert options_of(eventbridge) == ("333333333333", 2222, "module-region-1", {"from-ini"})

            @pytest.mark.eventbridge(account_id="444444444444")
            class TestInner:
                def test_inner_class(self, eventbridge):
                    assert options_of(eventbridge) == ("444444444444", 2222, "module-region-1", {"from-ini"})

        @pytest.mark.eventbridge(region="upper-region-1", ignore_detail_keys=[])
        @pytest.mark.eventbridge(region="lower-region-1", max_request_bytes=5555)
        def test_two_marks_on_one_function(eventbridge):
            assert options_of(eventbridge) == ("111111111111", 5555, "lower-region-1", set())

        @pytest.mark.parametrize(
            "number", [pytest.param(5, marks=pytest.mark.eventbridge(account_id="555555555555"))]
        )
        def test_parameter(eventbridge, number):
            assert options_of(eventbridge)[0] == "555555555555"
        """
    )
    result.assert_outcomes(passed=6)


def test_marker_can_turn_an_ini_option_off_again(session: Session) -> None:
    """A falsy value in a marker is a value, and wins over the ini file."""
    result = session.run(
        "-o",
        "eventbridge_event_buses=orders",
        "-o",
        "eventbridge_allow_unused_failures=true",
        test_it="""
        import pytest

        @pytest.mark.eventbridge(event_buses=None)
        def test_every_bus_exists(eventbridge, emit):
            emit(event_bus="nowhere")
            eventbridge.assert_emitted_once(event_bus="nowhere")

        @pytest.mark.eventbridge(allow_unused_failures=False)
        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """,
    )
    result.assert_outcomes(passed=2, errors=1)


def test_marker_without_the_fixture_does_nothing(session: Session) -> None:
    """A marker alone activates no fake."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.mark.eventbridge(region="eu-west-1")
        def test_nothing(request):
            assert "eventbridge" not in request.fixturenames
        """
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "wordings"),
    [
        pytest.param(
            "regoin='eu-west-1'",
            ["Unknown option 'regoin'.", "Did you mean 'region'?", *OPTION_NAMES],
            id="misspelt keyword",
        ),
        pytest.param("'eu-west-1'", ["takes keywords only, not ('eu-west-1',)", *OPTION_NAMES], id="positional"),
        pytest.param("region=1", ["'region' takes the name of a region, not 1"], id="wrong type"),
        pytest.param("event_buses='orders'", ["a collection of names or ARNs, or None, not 'orders'"], id="one text"),
        pytest.param("fail_on_lost_events='yes'", ["takes True or False, not 'yes'"], id="text for a truth value"),
    ],
)
def test_wrong_marker_is_an_error(session: Session, mark: str, wordings: list[str]) -> None:
    """The test errs before it runs; the message names what is allowed, without a traceback into the plugin."""
    result = session.run(
        test_it=f"""
        import pytest

        @pytest.mark.eventbridge({mark})
        def test_never_runs(eventbridge):
            print("IT RAN")
        """
    )
    result.assert_outcomes(errors=1)
    output = str(result.stdout)
    assert "IT RAN" not in output
    for wording in wordings:
        assert wording in output
    assert "in pytest.mark.eventbridge" in output or "pytest.mark.eventbridge takes" in output
    assert "pytest_eventbridge/plugin.py" not in output
    assert "_options.py" not in output


def test_wrong_marker_of_a_module_names_every_test(session: Session) -> None:
    """A nearer marker that is right does not cover up a farther one that is wrong."""
    result = session.run(
        test_it="""
        import pytest

        pytestmark = pytest.mark.eventbridge(regoin="eu-west-1")

        @pytest.mark.eventbridge(region="eu-west-1")
        def test_marked(eventbridge):
            pass

        def test_unmarked(eventbridge):
            pass
        """
    )
    result.assert_outcomes(errors=2)


# --- the check at the end of a test -----------------------------------------------------------------------------------


def test_unused_failures_fail_the_test_at_its_end(session: Session) -> None:
    """All of them are listed together, in one error with no line of ours in the traceback."""
    result = session.run(
        test_it="""
        def test_leaves_failures_unused(eventbridge, emit):
            eventbridge.fail_entries("ThrottlingException", detail={"n": 1})
            eventbridge.fail_entries("InternalFailure", times=None, source="shop.payments")
            eventbridge.fail_entries("MalformedDetail", detail={"n": 2})
            emit(n=2)
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "E * Injected failures never fired:",
            "*   fail_entries('ThrottlingException', detail={'n': 1})",
            "*   fail_entries('InternalFailure', times=None, source='shop.payments')",
        ],
        consecutive=True,
    )
    output = str(result.stdout)
    assert "fail_entries('MalformedDetail', detail={'n': 2}): fired 1 time" in output
    assert "pytest_eventbridge/plugin.py" not in output
    assert "_fake.py" not in output


def test_all_problems_are_in_one_error(session: Session) -> None:
    """Unused failures, operations nobody plays and lost events come together."""
    result = session.run(
        "-o",
        "eventbridge_fail_on_lost_events=true",
        test_it="""
        import contextlib
        from botocore.exceptions import ClientError

        def test_leaves_problems(eventbridge, emit, client):
            eventbridge.fail_entries("ThrottlingException", detail={"n": 1})
            emit(source="aws.shop")
            with contextlib.suppress(ClientError):
                client.list_archives()
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "E * An injected failure never fired:",
            "* ListArchives of the service 'events' was called from *test_it.py:*",
            "*1 event failed and was not accepted later:",
        ]
    )


def test_lost_events_fail_only_where_that_is_switched_on(session: Session) -> None:
    """`fail_on_lost_events` is off by default."""
    result = session.run(
        test_it="""
        import pytest

        def test_off(eventbridge, emit):
            emit(source="aws.shop")

        @pytest.mark.eventbridge(fail_on_lost_events=True)
        def test_on(eventbridge, emit):
            emit(source="aws.shop")
        """
    )
    result.assert_outcomes(passed=2, errors=1)


@pytest.mark.parametrize("place", ["ini", "marker"])
def test_unused_failures_can_be_allowed(session: Session, place: str) -> None:
    """With `allow_unused_failures` the test ends well."""
    arguments = ["-o", "eventbridge_allow_unused_failures=true"] if place == "ini" else []
    mark = "@pytest.mark.eventbridge(allow_unused_failures=True)" if place == "marker" else ""
    result = session.run(
        *arguments,
        test_it=f"""
        import pytest

        {mark}
        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """,
    )
    result.assert_outcomes(passed=1)


def test_test_that_failed_is_not_failed_again(session: Session) -> None:
    """Its own failure is the one reported; the problems stand beneath it in a section of the report."""
    result = session.run(
        test_it="""
        def test_fails(eventbridge, emit):
            eventbridge.fail_entries("ThrottlingException", detail={"n": 1})
            eventbridge.fail_entries("InternalFailure", detail={"n": 2})
            emit(n=3)
            assert eventbridge.events == []
        """
    )
    result.assert_outcomes(failed=1)
    assert section(result, "EventBridge").endswith(
        "Injected failures never fired:\n"
        "  fail_entries('ThrottlingException', detail={'n': 1})\n"
        "  fail_entries('InternalFailure', detail={'n': 2})\n"
        "What they apply to did not come, or too little of it. Cancel them, or set the option allow_unused_failures."
    )


def test_failed_test_without_calls_says_so(session: Session) -> None:
    """The section of a failed test says that nothing was sent, too."""
    result = session.run(
        test_it="""
        def test_fails(eventbridge):
            raise ZeroDivisionError
        """
    )
    result.assert_outcomes(failed=1)
    assert section(result, "EventBridge") == "No call reached EventBridge."


@pytest.mark.parametrize(
    ("body", "outcomes"),
    [
        pytest.param("pytest.skip('not today')", {"skipped": 1}, id="skip"),
        pytest.param("pytest.xfail('known')", {"xfailed": 1}, id="xfail"),
        pytest.param("pytest.fail('by itself')", {"failed": 1}, id="fail"),
        pytest.param("raise ZeroDivisionError", {"failed": 1}, id="error"),
        pytest.param("eventbridge.assert_emitted()", {"failed": 1}, id="assertion of ours"),
        pytest.param("eventbridge.verify()", {"failed": 1}, id="verify"),
        pytest.param("raise BaseException", {"failed": 1}, id="BaseException"),
    ],
)
def test_check_masks_no_other_outcome(session: Session, body: str, outcomes: dict[str, int]) -> None:
    """However a test ended, that is its outcome, unused failures or not."""
    result = session.run(
        test_it=f"""
        import pytest

        def test_ends_otherwise(eventbridge):
            eventbridge.fail_entries()
            {body}
        """
    )
    result.assert_outcomes(**outcomes)


def test_check_does_not_mask_expected_failures(session: Session) -> None:
    """A test marked as xfail that fails as it should is one xfail, one that passes strictly is one failure."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.mark.xfail
        def test_fails_as_expected(eventbridge):
            eventbridge.fail_entries()
            assert False

        @pytest.mark.xfail(strict=True)
        def test_passes_unexpectedly(eventbridge):
            eventbridge.fail_entries()
        """
    )
    result.assert_outcomes(xfailed=1, failed=1)


@pytest.mark.parametrize(
    ("body", "outcomes"),
    [
        pytest.param("raise ZeroDivisionError", {"errors": 1}, id="error"),
        pytest.param("pytest.skip('not today')", {"skipped": 1}, id="skip"),
    ],
)
def test_check_masks_no_outcome_of_the_set_up(session: Session, body: str, outcomes: dict[str, int]) -> None:
    """A test that never came to run cannot have used its failures: nothing more is said of it."""
    result = session.run(
        test_it=f"""
        import pytest

        @pytest.fixture
        def shop(eventbridge):
            eventbridge.fail_entries()
            {body}

        def test_never_runs(shop):
            pass
        """
    )
    result.assert_outcomes(**outcomes)


def test_error_in_the_set_up_has_the_section(session: Session) -> None:
    """What the fake has to say stands beneath the error of a fixture as well."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.fixture
        def shop(eventbridge):
            eventbridge.fail_entries("ThrottlingException")
            raise ZeroDivisionError

        def test_never_runs(shop):
            pass
        """
    )
    assert "fail_entries('ThrottlingException')" in section(result, "EventBridge")


def test_error_in_the_teardown_of_another_fixture(session: Session) -> None:
    """Both errors are shown: that of the other fixture and what the fake complains of."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.fixture
        def shop(eventbridge):
            yield
            raise ZeroDivisionError("of the shop")

        def test_leaves_a_failure_unused(shop, eventbridge):
            eventbridge.fail_entries("ThrottlingException")

        def test_is_clean_afterwards(eventbridge):
            eventbridge.assert_nothing_emitted()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    assert "ZeroDivisionError: of the shop" in str(result.stdout)
    assert "fail_entries('ThrottlingException')" in str(result.stdout)


def test_failure_fired_in_a_teardown_is_used(session: Session) -> None:
    """The check comes after the teardown of every fixture that depends on the fake."""
    result = session.run(
        test_it="""
        import pytest

        @pytest.fixture
        def shop(eventbridge, emit):
            yield
            assert emit(n=1)["FailedEntryCount"] == 1

        def test_ends_well(shop, eventbridge):
            eventbridge.fail_entries(detail={"n": 1})
        """
    )
    result.assert_outcomes(passed=1)


def test_each_run_of_a_test_is_checked(session: Session) -> None:
    """A test that is run again after a failure is checked like any other when it passes."""
    session.pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            runner = item.config.pluginmanager.get_plugin("runner")
            for _ in range(2):
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                runner.runtestprotocol(item, nextitem=nextitem)
                item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
            return True
        """
    )
    result = session.run(
        test_it="""
        RUNS = []

        def test_fails_first(eventbridge):
            RUNS.append(1)
            eventbridge.fail_entries()
            assert len(RUNS) > 1
        """
    )
    result.assert_outcomes(failed=1, passed=1, errors=1)


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="subtests came with pytest 9")
def test_failed_subtest_is_a_failure(session: Session) -> None:
    """A test whose subtest failed has failed: it is not failed again at its end."""
    result = session.run(
        test_it="""
        def test_with_subtests(eventbridge, subtests):
            eventbridge.fail_entries()
            with subtests.test("the first"):
                assert False
        """
    )
    result.assert_outcomes(failed=2)


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="subtests came with pytest 9")
def test_skipped_subtest_is_no_failure(session: Session) -> None:
    """A subtest that skipped does not spare its test the check."""
    result = session.run(
        test_it="""
        import pytest

        def test_with_subtests(eventbridge, subtests):
            eventbridge.fail_entries()
            with subtests.test("the first"):
                pytest.skip("not today")
        """
    )
    result.assert_outcomes(passed=1, errors=1)


def test_fake_is_let_go_after_its_test(session: Session) -> None:
    """A session of ten thousand tests does not keep ten thousand fakes and all they captured."""
    result = session.run(
        test_it="""
        import gc
        import weakref

        FAKES = []

        def test_first(eventbridge, emit):
            emit(n=1)
            FAKES.append(weakref.ref(eventbridge))

        def test_second():
            gc.collect()
            assert FAKES[0]() is None
        """
    )
    result.assert_outcomes(passed=2)


# --- tracebacks -------------------------------------------------------------------------------------------------------

FAILING = {
    "assert_emitted": "eventbridge.assert_emitted(source='x')",
    "assert_emitted_once": "eventbridge.assert_emitted_once(source='x')",
    "assert_not_emitted": "eventbridge.assert_not_emitted(source='shop.orders')",
    "assert_nothing_emitted": "eventbridge.assert_nothing_emitted()",
    "assert_emitted_in_order": "eventbridge.assert_emitted_in_order(ExpectedEvent(source='x'))",
    "assert_emitted_exactly": "eventbridge.assert_emitted_exactly(ExpectedEvent(source='x'))",
    "assert_failed": "eventbridge.assert_failed(source='x')",
    "assert_no_lost_events": "eventbridge.assert_no_lost_events()",
    "assert_no_duplicates": "eventbridge.assert_no_duplicates()",
    "verify": "eventbridge.verify()",
}
WRONG = {
    "unknown criterion": "eventbridge.assert_emitted(sorce='x')",
    "criterion that matches nothing": "eventbridge.find(source=int)",
    "senseless bounds": "eventbridge.assert_emitted(times=1, at_least=1)",
    "no ExpectedEvent": "eventbridge.assert_emitted_exactly('x')",
    "no criteria": "eventbridge.assert_not_emitted()",
    "unknown start of a path": "eventbridge.assert_no_duplicates('details.id')",
    "failure with an unknown criterion": "eventbridge.fail_entries(sorce='x')",
    "failure with times below 1": "eventbridge.fail_entries(times=0)",
    "unknown option": "FakeEventBridge(regoin='x')",
}


@pytest.mark.parametrize("style", ["long", "short"])
@pytest.mark.parametrize("statement", (FAILING | WRONG).values(), ids=FAILING | WRONG)
def test_traceback_shows_only_the_line_of_the_test(session: Session, statement: str, style: str) -> None:
    """No frame of ours stands between the test's line and the message, for a failed check and a usage error alike."""
    result = session.run(
        f"--tb={style}",
        test_it=f"""
        from pytest_eventbridge import ExpectedEvent, FakeEventBridge

        def test_fails(eventbridge, emit):
            emit(n=1)
            emit(n=1)
            emit(n=2, source="aws.shop")
            failure = eventbridge.fail_entries(detail={{"n": 9}})
            {statement}
        """,
    )
    result.assert_outcomes(failed=1)
    output = str(result.stdout)
    assert f"    {statement}" in output
    assert re.findall(r"\b(?:pytest_eventbridge[/\\]\w+|_\w+|exceptions|plugin)\.py:\d+", output) == []
    assert "During handling" not in output


RAISING = {
    "refused by the service": "client.put_events(Entries=[entry] * 11)",
    "refused by botocore": "client.put_events(Entries=[])",
    "not played": "client.list_archives()",
    "failed request": "eventbridge.fail_requests(times=None); client.put_events(Entries=[entry])",
    "network error": "eventbridge.fail_requests(ReadTimeoutError, times=None); client.put_events(Entries=[entry])",
    "predicate that raises": "eventbridge.fail_entries(where=broken); client.put_events(Entries=[entry])",
    "event that is set": "eventbridge.events[0].source = 'x'",
}


@pytest.mark.parametrize("statement", RAISING.values(), ids=RAISING)
def test_traceback_shows_no_wrapper_of_ours(session: Session, statement: str) -> None:
    """Between the test's line and botocore's, or the test's own again, no frame of ours is shown."""
    result = session.run(
        test_it=f"""
        from botocore.exceptions import ReadTimeoutError

        def broken(event):
            raise ZeroDivisionError

        def test_fails(eventbridge, client):
            entry = {{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{{}}"}}
            client.put_events(Entries=[entry])
            {statement}
        """,
    )
    output = str(result.stdout)
    assert result.parseoutcomes()["failed"] == 1
    assert f">       {statement}" in output
    assert re.findall(r"\bpytest_eventbridge[/\\][\w/\\]+\.py:\d+", output) == []


def test_failure_at_the_end_is_short(session: Session) -> None:
    """The error of the check shows the message, and the summary its first line with the class by its public name."""
    result = session.run(
        "-rE",
        test_it="""
        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """,
    )
    result.stdout.fnmatch_lines(
        ["E   pytest_eventbridge.VerificationError: An injected failure never fired:"], consecutive=True
    )
    result.stdout.fnmatch_lines(["ERROR test_it.py::test_leaves_a_failure_unused - pytest_eventbridge.Verif*"])


# --- what pytest says of the plugin -----------------------------------------------------------------------------------


def test_markers_are_described(session: Session) -> None:
    """`--markers` names the marker with every option."""
    result = session.run("--markers")
    result.stdout.fnmatch_lines([f"@pytest.mark.eventbridge([*], {', '.join(OPTION_NAMES)}): options of *"])


def test_fixtures_are_described(session: Session) -> None:
    """`--fixtures` describes the fixture in a sentence."""
    result = session.run("--fixtures")
    result.stdout.fnmatch_lines(["eventbridge -- *", "    A fake Amazon EventBridge *"])


def test_ini_options_are_described(session: Session) -> None:
    """`--help` describes each ini option."""
    result = session.run("--help")
    for name in OPTION_NAMES:
        result.stdout.fnmatch_lines([f"  eventbridge_{name} (*):*"])
    assert "<object object" not in str(result.stdout)


def test_marker_passes_strict_markers(session: Session) -> None:
    """The marker is declared, with nothing to do for the user."""
    result = session.run(
        "--strict-markers",
        test_it="""
        import pytest

        @pytest.mark.eventbridge(region="eu-west-1")
        def test_marked(eventbridge):
            pass
        """,
    )
    result.assert_outcomes(passed=1)


# --- in all kinds of sessions -----------------------------------------------------------------------------------------


def test_plain_asserts_work(session: Session) -> None:
    """`assert` with an `ExpectedEvent` works with and without pytest's rewriting."""
    module = """
        from pytest_eventbridge import ExpectedEvent

        def test_plain(eventbridge, emit):
            emit(n=1)
            assert eventbridge.events == [ExpectedEvent(detail={"n": 1})]
            assert ExpectedEvent(source="shop.orders") in eventbridge.events
            eventbridge.fail_entries(detail={"n": 2})
            assert emit(n=2)["FailedEntryCount"] == 1
    """
    for mode in ("plain", "rewrite"):
        session.run(f"--assert={mode}", test_it=module).assert_outcomes(passed=1)


def test_checks_do_not_depend_on_rewriting_or_on_assert_statements(session: Session) -> None:
    """With `--assert=plain` failures have the same message; they are raised, never asserted."""
    result = session.run(
        "--assert=plain",
        test_it="""
        def test_fails(eventbridge):
            eventbridge.assert_emitted(source="x")

        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """,
    )
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["E * Expected an accepted event that matches, but *"])


def test_plugin_can_be_switched_off(session: Session) -> None:
    """With `-p no:eventbridge` there is neither fixture nor marker nor ini option, and nothing breaks."""
    result = session.run(
        "-p",
        "no:eventbridge",
        test_it="""
        from pytest_eventbridge import FakeEventBridge

        def test_without_the_fixture(emit):
            with FakeEventBridge() as bridge:
                emit(n=1)
            bridge.assert_emitted_once()

        def test_with_the_fixture(eventbridge):
            pass
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E * fixture 'eventbridge' not found"])


def test_no_warning_is_given(session: Session) -> None:
    """With warnings as errors, passing and failing tests end as they would without."""
    result = session.run(
        "-W",
        "error",
        test_it="""
        import botocore.session

        def test_passes(eventbridge):
            client = botocore.session.Session().create_client("events")
            client.put_events(Entries=[{"Source": "shop", "DetailType": "OrderPlaced", "Detail": '{"l": [1]}'}])
            eventbridge.assert_emitted_once()

        def test_fails(eventbridge, emit):
            emit(l=[1])
            eventbridge.assert_emitted(detail={"l": [1, 2]})
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E * detail.l[[]1]: expected 2, but it is missing"])


def test_doctests_without_the_fixture(session: Session) -> None:
    """Items that are no functions, such as doctests, pass by untouched."""
    result = session.run(
        "--doctest-modules",
        test_it='''
        def double(number):
            """
            >>> double(2)
            4
            >>> double(3)
            7
            """
            return number * 2
        ''',
    )
    result.assert_outcomes(failed=1)


def test_fixture_in_a_doctest(session: Session) -> None:
    """A doctest can ask for the fixture, and is checked at its end."""
    result = session.run(
        "--doctest-modules",
        test_it='''
        def send():
            """
            >>> bridge = getfixture("eventbridge")
            >>> bridge.events
            []
            >>> _ = bridge.fail_entries()
            """
        ''',
    )
    result.assert_outcomes(passed=1, errors=1)


def test_workers_of_xdist(session: Session) -> None:
    """Each worker has fakes of its own; failures and errors come back with their whole message."""
    pytest.importorskip("xdist")
    session.pytester.makefile(".ini", pytest="[pytest]\neventbridge_account_id = 999999999999\n")
    result = session.run_apart(
        "-n",
        "2",
        test_it="""
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_captures(eventbridge, emit, number):
            emit(n=number)
            assert eventbridge.assert_emitted_once(detail={"n": number}).account_id == "999999999999"

        def test_fails(eventbridge, emit):
            eventbridge.fail_entries(detail={"n": lambda n: False})
            emit(n=1)
            eventbridge.assert_emitted(detail={"n": lambda n: n > 1})

        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries(detail={"n": lambda n: False})
        """,
    )
    result.assert_outcomes(passed=9, failed=1, errors=1)
    result.stdout.fnmatch_lines(["E * Expected an accepted event that matches, but *"])
    result.stdout.fnmatch_lines(["E * An injected failure never fired:"])
    assert "fail_entries('InternalFailure', detail=" in section(result, "EventBridge")


def test_wrong_ini_value_with_xdist(session: Session) -> None:
    """The usage error comes before any worker does."""
    pytest.importorskip("xdist")
    result = session.run_apart("-n", "2", "-o", "eventbridge_account_id=1", test_it="def test_nothing(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "a string of 12 digits" in str(result.stderr)


def test_optimized_python(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `python -O`, where `assert` statements are gone, the checks still fail."""
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    result = session.run_apart(
        test_it="""
        def test_fails(eventbridge):
            eventbridge.assert_emitted(source="x")

        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """
    )
    result.assert_outcomes(passed=1, failed=1, errors=1)


# --- a session inside a session ---------------------------------------------------------------------------------------


def test_session_inside_a_session_keeps_events_apart(eventbridge: FakeEventBridge, session: Session) -> None:
    """While the fixture of this very test is active, a session inside it captures its own events only."""
    events_client().put_events(Entries=[{"Source": "outer", "DetailType": "Before", "Detail": "{}"}])
    result = session.run(
        test_it="""
        def test_inner(eventbridge, emit):
            eventbridge.assert_nothing_emitted()
            emit(n=1, source="inner")
            eventbridge.assert_emitted_once(source="inner")

        def test_without_the_fixture(emit):
            emit(n=2, source="inner, for whoever listens")

        def test_leaves_a_failure_unused(eventbridge):
            eventbridge.fail_entries()
        """
    )
    result.assert_outcomes(passed=3, errors=1)
    events_client().put_events(Entries=[{"Source": "outer", "DetailType": "After", "Detail": "{}"}])
    assert [event.source for event in eventbridge.events] == ["outer", "inner, for whoever listens", "outer"]
    eventbridge.verify()


def test_sessions_one_after_the_other_in_one_process(session: Session) -> None:
    """A session that takes its modules with it when it ends does not leave the next one without a fake.

    pytester forgets what a session inside it has imported, so botocore and the package come twice.
    """
    session.pytester.makefile(".ini", pytest="[pytest]\naddopts = -p pytester\n")
    session.pytester.makepyfile(
        test_it='''
        import pytest

        INNER = """
            import botocore.session
            from pytest_eventbridge import FakeEventBridge

            def put(client):
                client.put_events(Entries=[{"Source": "inner", "DetailType": "Test", "Detail": "{}"}])

            def test_fixture(eventbridge):
                client = botocore.session.Session().create_client("events", endpoint_url="http://127.0.0.1:9")
                assert isinstance(eventbridge, FakeEventBridge)
                put(client)
                eventbridge.assert_emitted_once(source="inner")

            def test_block():
                with FakeEventBridge() as bridge:
                    put(botocore.session.Session().create_client("events", endpoint_url="http://127.0.0.1:9"))
                bridge.assert_emitted_once(source="inner")
        """

        @pytest.mark.parametrize("number", [1, 2])
        def test_session(pytester, number):
            pytester.makepyfile(INNER)
            pytester.runpytest_inprocess("-p", "no:hypothesispytest").assert_outcomes(passed=2)
        '''
    )
    session.pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=2)


# --- colours ----------------------------------------------------------------------------------------------------------

FAILING = """
import boto3

def test_it(eventbridge):
    client = boto3.client("events", region_name="us-east-1")
    client.put_events(Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": "{}"}])
    assert PASSES
"""
ACCEPTED = "  [0] default  shop  Placed  {}  accepted"
COLOURED = "  [0] default  shop  Placed  {}  \x1b[32maccepted\x1b[0m"


@pytest.mark.parametrize(
    ("arguments", "passes", "line"),
    [
        pytest.param(["--color=yes"], False, COLOURED, id="yes"),
        pytest.param(["--color=no"], False, ACCEPTED, id="no"),
        pytest.param(["--color=auto"], False, ACCEPTED, id="no terminal"),
        pytest.param(["--color=yes", "-rP", "--eventbridge-report=all"], True, COLOURED, id="of a test that passed"),
        pytest.param(["--color=yes", "--tb=native"], False, COLOURED, id="native traceback"),
        pytest.param(["--color=yes", "-n1"], False, COLOURED, id="from a worker"),
    ],
)
def test_the_report_has_colours_where_pytest_uses_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: list[str], passes: bool, line: str
) -> None:
    """The terminal shows outcomes in colour when it shows colours at all; JUnit XML never has them."""
    for name in ("FORCE_COLOR", "PY_COLORS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(FAILING.replace("PASSES", str(passes)))

    result = pytester.runpytest("-p", "no:cacheprovider", "--junitxml=junit.xml", *arguments)

    assert line in result.outlines
    assert "accepted#x1B" not in (pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert "#x1B[32maccepted" not in (pytester.path / "junit.xml").read_text(encoding="utf-8")


def test_reports_are_plain_again_after_the_terminal_has_shown_them(pytester: pytest.Pytester) -> None:
    """Who reads the reports when the session ends finds the text without colours."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(trylast=True)
        def pytest_unconfigure(config):
            reporter = config.pluginmanager.get_plugin("terminalreporter")
            (report,) = reporter.stats["failed"]
            text = str(report.longrepr)
            print("\\nIS PLAIN:", "accepted" in text and "\\x1b[32maccepted" not in text)
        """
    )
    pytester.makepyfile(FAILING.replace("PASSES", "False"))

    result = pytester.runpytest("-p", "no:cacheprovider", "--color=yes")

    assert COLOURED in result.outlines
    result.stdout.fnmatch_lines(["IS PLAIN: True"])


def test_a_worker_writes_for_the_terminal_of_its_controller(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest-xdist shows the texts of its workers on a terminal that only its controller has."""
    monkeypatch.setenv("COLUMNS", "70")
    pytester.makeconftest(
        """
        import os

        def pytest_configure(config):
            if hasattr(config, "workerinput"):
                os.environ["COLUMNS"] = "200"
        """
    )
    pytester.makepyfile('def test_it(eventbridge):\n    eventbridge.assert_emitted(detail={"text": "x" * 500})')

    result = pytester.runpytest("-p", "no:cacheprovider", "-n1")

    (line,) = [line for line in result.outlines if line.startswith("E         detail: ")]
    assert 60 < len(line) <= 70
