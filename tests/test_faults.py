"""The fault matrix: one test, run once under each named fault."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._faults import FAULTS, resolve_faults

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")

# What each known fault does to two calls of a client that retries nothing. A success is "-".
KNOWN = {
    "throttled": "ThrottlingException -",
    "throttled-for-good": "ThrottlingException ThrottlingException",
    "internal": "InternalException -",
    "unavailable": "ServiceUnavailable -",
    "denied": "AccessDeniedException AccessDeniedException",
    "expired": "ExpiredTokenException ExpiredTokenException",
    "timeout": "ReadTimeoutError -",
    "connect-timeout": "ConnectTimeoutError -",
    "unreachable": "EndpointConnectionError -",
    "connection-closed": "ConnectionClosedError -",
    "lost-answer": "ReadTimeoutError -",
    "entry:AccessDeniedException": "entry AccessDeniedException -",
    "entry:InternalFailure": "entry InternalFailure -",
    "entry:InvalidAccountIdException": "entry InvalidAccountIdException -",
    "entry:InvalidArgument": "entry InvalidArgument -",
    "entry:MalformedDetail": "entry MalformedDetail -",
    "entry:NotAuthorizedForDetailTypeException": "entry NotAuthorizedForDetailTypeException -",
    "entry:NotAuthorizedForSourceException": "entry NotAuthorizedForSourceException -",
    "entry:RedactionFailure": "entry RedactionFailure -",
    "entry:ThrottlingException": "entry ThrottlingException -",
}


@cache
def make_client(attempts: int = 1) -> Any:
    """Return a client that makes so many attempts, made once for all sessions in this process."""
    return botocore.session.Session().create_client(
        "events",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


def emit(attempts: int = 1) -> str:
    """Send one entry, and say what came of it."""
    try:
        response = make_client(attempts).put_events(
            Entries=[{"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": '{"order_id":"o-1"}'}]
        )
    except Exception as error:  # whatever it is, it is named
        response = getattr(error, "response", None) or {"Error": {"Code": type(error).__name__}}
        return str(response["Error"]["Code"])
    (result,) = response["Entries"]
    return f"entry {result['ErrorCode']}" if "ErrorCode" in result else "-"


class Sharing:
    """A plugin for the sessions in this process, which gives their tests something to call."""

    @pytest.fixture
    def emit(self) -> Any:
        """A function that sends one entry, and says what came of it."""
        return emit


class Session:
    """One pytest session inside this one."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def run(self, source: str, *arguments: str) -> pytest.RunResult:
        """Run the tests of one module in this process."""
        self.pytester.makepyfile(test_it=source)
        return self.pytester.runpytest_inprocess(*QUIET, *arguments, plugins=[Sharing()])

    def outcomes(self, source: str, *arguments: str) -> list[str]:
        """Run the tests of one module, and return the id and outcome of each, in order."""
        result = self.run(source, "-v", *arguments)
        found = re.findall(r"^test_it\.py::(.*?) (PASSED|FAILED|ERROR)", str(result.stdout), re.M)
        return [" ".join(words) for words in found]


@pytest.fixture
def session(pytester: pytest.Pytester) -> Session:
    """A directory of its own for a session inside this one."""
    return Session(pytester)


class TestKnownFaults:
    """The faults that have a name."""

    def test_the_table_is_complete(self) -> None:
        """This module knows each known fault."""
        assert list(FAULTS) == list(KNOWN)
        assert list(resolve_faults(["all"])) == list(KNOWN)

    @pytest.mark.parametrize("name", KNOWN)
    def test_what_it_does(self, name: str) -> None:
        """Each fault does what its name says, once, or for as long as the fake is there."""
        with FakeEventBridge() as bridge:
            resolve_faults([name])[name](bridge)

            assert " ".join([emit(), emit()]) == KNOWN[name]
            bridge.verify()

        assert len(bridge.events) == {"lost-answer": 2}.get(name, KNOWN[name].split().count("-"))

    @pytest.mark.parametrize(
        "name", [name for name, effect in KNOWN.items() if effect.endswith("-") and "entry" not in name]
    )
    def test_one_retry_gets_through(self, name: str) -> None:
        """A fault that passes is over with the first retry of botocore."""
        with FakeEventBridge() as bridge:
            resolve_faults([name])[name](bridge)

            assert emit(attempts=2) == "-"

        assert bridge.calls[0].attempts == 2
        bridge.assert_no_lost_events()

    def test_the_lost_answer_makes_a_duplicate(self) -> None:
        """Under the lost answer the retry of botocore is a second event."""
        with FakeEventBridge() as bridge:
            resolve_faults(["lost-answer"])["lost-answer"](bridge)
            emit(attempts=2)

        with pytest.raises(AssertionError, match="1 event was accepted"):
            bridge.assert_no_duplicates()

    def test_any_code_of_an_entry(self) -> None:
        """`entry:` takes codes that nobody has heard of."""
        (fault,) = resolve_faults(["entry:CodeOfTheFuture"]).values()
        with FakeEventBridge() as bridge:
            fault(bridge)

            assert emit() == "entry CodeOfTheFuture"

    def test_a_fault_is_new_in_each_fake(self) -> None:
        """The same fault can be used for one fake after the other."""
        faults = resolve_faults(["throttled"])
        for _ in range(2):
            with FakeEventBridge() as bridge:
                faults["throttled"](bridge)
                assert [emit(), emit()] == ["ThrottlingException", "-"]


class TestIds:
    """How the runs of a test are told apart."""

    def test_they_are_the_names(self, session: Session) -> None:
        """Each run has the name of its fault in brackets, in the order of the marker."""
        assert session.outcomes(
            """
            import pytest

            @pytest.mark.eventbridge_faults("throttled", "entry:InternalFailure", "timeout", "denied")
            def test_order(eventbridge, emit):
                emit()
            """
        ) == [
            "test_order[throttled] PASSED",
            "test_order[entry:InternalFailure] PASSED",
            "test_order[timeout] PASSED",
            "test_order[denied] PASSED",
        ]

    @pytest.mark.parametrize(
        ("expression", "ids"),
        [
            ("throttled", ["throttled-for-good", "throttled"]),
            ("throttled and not good", ["throttled"]),
            ("entry:InternalFailure", ["entry:InternalFailure"]),
            ("denied or timeout", ["timeout", "denied"]),
        ],
    )
    def test_k_selects_them(self, session: Session, expression: str, ids: list[str]) -> None:
        """`-k` takes the ids."""
        source = """
            from pytest import mark

            @mark.eventbridge_faults("throttled-for-good", "throttled", "entry:InternalFailure", "timeout", "denied")
            def test_order(eventbridge, emit):
                emit()
            """

        assert session.outcomes(source, "-k", expression) == [f"test_order[{name}] PASSED" for name in ids]

    def test_one_of_them_by_its_node_id(self, session: Session) -> None:
        """A run can be selected by its node id."""
        session.pytester.makepyfile(
            test_it="""
            import pytest

            @pytest.mark.eventbridge_faults("all")
            def test_order(eventbridge, emit):
                assert emit() == "entry ThrottlingException"
            """
        )

        result = session.pytester.runpytest_inprocess(
            *QUIET, "test_it.py::test_order[entry:ThrottlingException]", plugins=[Sharing()]
        )

        result.assert_outcomes(passed=1)

    def test_all(self, session: Session) -> None:
        """`all` is each known fault; what is named besides comes once, and no run leaves its fault unused."""
        assert session.outcomes(
            """
            import pytest

            @pytest.mark.eventbridge_faults("denied", "all", "entry:CodeOfTheFuture", "timeout")
            def test_order(eventbridge, emit):
                emit()
            """
        ) == [
            f"test_order[{name}] PASSED"
            for name in ["denied", *(name for name in KNOWN if name != "denied"), "entry:CodeOfTheFuture"]
        ]

    def test_a_function_has_its_name(self, session: Session) -> None:
        """A function of the fake is called with it, before the test, and its name is the id."""
        assert session.outcomes(
            """
            import pytest

            def two_in_a_row(bridge):
                bridge.fail_requests("InternalException", times=2)

            @pytest.mark.eventbridge_faults(two_in_a_row, "throttled")
            def test_order(request, eventbridge, emit):
                wanted = 2 if "two_in_a_row" in request.node.name else 1
                assert [emit() != "-" for _ in range(3)].count(True) == wanted
            """
        ) == ["test_order[two_in_a_row] PASSED", "test_order[throttled] PASSED"]

    @pytest.mark.parametrize(
        "faults",
        [
            "make('First'), make('Second')",
            "lambda bridge: bridge.fail_requests('First'), lambda bridge: bridge.fail_requests('Second')",
            "partial(fail, code='First'), partial(fail, code='Second')",
            "Fault('First'), Fault('Second')",
            "make('First', 'throttled'), 'throttled'",
            "'throttled', make('First', 'throttled')",
            "make('First', 'denied'), 'all'",
        ],
        ids=["functions", "lambdas", "partials", "objects", "known name", "known name first", "all"],
    )
    def test_no_fault_takes_the_place_of_another(self, session: Session, faults: str) -> None:
        """Faults that would have the same id are all run, each under an id of its own."""
        outcomes = session.outcomes(
            f"""
            import pytest
            from functools import partial

            SEEN = []

            def make(code, name="failing"):
                def failing(bridge):
                    fail(bridge, code)
                failing.__name__ = name
                return failing

            def fail(bridge, code):
                bridge.fail_requests(code)

            class Fault:
                def __init__(self, code):
                    self.code = code

                def __call__(self, bridge):
                    fail(bridge, self.code)

            @pytest.mark.eventbridge_faults({faults})
            def test_order(eventbridge, emit):
                SEEN.append(emit())

            def test_all_were_run():
                assert "First" in SEEN
                assert "Second" in SEEN or "ThrottlingException" in SEEN
            """
        )

        assert len(outcomes) == len(set(outcomes)) == (len(KNOWN) + 2 if "'all'" in faults else 3)
        assert all(outcome.endswith("PASSED") for outcome in outcomes)

    def test_the_same_function_twice_is_one_fault(self) -> None:
        """A function or name given twice is run once."""

        def failing(bridge: FakeEventBridge) -> None:
            bridge.fail_requests()

        assert list(resolve_faults([failing, "throttled", failing, "throttled"])) == ["failing", "throttled"]


class TestMarkers:
    """Where the marker can stand."""

    def test_on_a_class_and_a_module(self, session: Session) -> None:
        """The nearest marker counts: that of the test, of its class, of the module."""
        assert session.outcomes(
            """
            import pytest

            pytestmark = pytest.mark.eventbridge_faults("timeout")

            def test_module(eventbridge, emit):
                emit()

            @pytest.mark.eventbridge_faults("throttled", "denied")
            class TestClass:
                def test_class(self, eventbridge, emit):
                    emit()

                @pytest.mark.eventbridge_faults("internal")
                def test_function(self, eventbridge, emit):
                    emit()
            """
        ) == [
            "test_module[timeout] PASSED",
            "TestClass::test_class[throttled] PASSED",
            "TestClass::test_class[denied] PASSED",
            "TestClass::test_function[internal] PASSED",
        ]

    def test_with_parameters_of_the_tests_own(self, session: Session) -> None:
        """Each fault meets each parameter."""
        outcomes = session.outcomes(
            """
            import pytest

            @pytest.mark.parametrize("number", [1, 2])
            @pytest.mark.eventbridge_faults("throttled", "denied")
            def test_order(eventbridge, emit, number):
                assert emit() != "-"
            """
        )

        assert len(outcomes) == 4
        assert {frozenset(re.split(r"[\[\]-]", outcome.split()[0])) for outcome in outcomes} == {
            frozenset({"test_order", fault, number, ""}) for fault in ("throttled", "denied") for number in ("1", "2")
        }

    def test_by_way_of_another_fixture(self, session: Session) -> None:
        """A test that gets the fake through another fixture, or overrides the fixture, is run under each fault too."""
        assert session.outcomes(
            """
            import pytest

            @pytest.fixture
            def shop(eventbridge, emit):
                return emit

            @pytest.mark.eventbridge_faults("throttled", "denied")
            def test_order(shop, request):
                assert shop().startswith("Throttling" if "throttled" in request.node.name else "AccessDenied")

            @pytest.mark.usefixtures("eventbridge")
            @pytest.mark.eventbridge_faults("denied")
            def test_used(emit):
                assert emit() == "AccessDeniedException"

            class TestOverridden:
                @pytest.fixture
                def eventbridge(self, eventbridge):
                    return eventbridge

                @pytest.mark.eventbridge_faults("denied")
                def test_order(self, eventbridge, emit):
                    assert emit() == "AccessDeniedException"
                    eventbridge.fail_requests().cancel()
                    assert str(list(eventbridge._failures)[0]).startswith("fail_requests('AccessDeniedException'")
                    assert len(list(eventbridge._failures)) == 2
            """
        ) == [
            "test_order[throttled] PASSED",
            "test_order[denied] PASSED",
            "test_used[denied] PASSED",
            "TestOverridden::test_order[denied] PASSED",
        ]

    def test_one_function_alone(self, session: Session) -> None:
        """A mark called with one function and nothing else decorates it, in any plugin; `with_args` is the way out."""
        assert session.outcomes(
            """
            import pytest

            def refused(bridge):
                bridge.fail_requests("AccessDeniedException")

            @pytest.mark.eventbridge_faults.with_args(refused)
            def test_order(eventbridge, emit):
                assert emit() == "AccessDeniedException"
            """
        ) == ["test_order[refused] PASSED"]

    def test_without_the_marker(self, session: Session) -> None:
        """A test without the marker is run once, without a fault."""
        assert session.outcomes(
            """
            def test_order(eventbridge, emit):
                assert emit() == "-"
            """
        ) == ["test_order PASSED"]

    @pytest.mark.parametrize(
        ("mark", "wordings"),
        [
            pytest.param('("throtled")', ["Unknown fault 'throtled'", "Did you mean 'throttled'?"], id="a typo"),
            pytest.param('("nonsense")', ["Unknown fault 'nonsense'", "entry:MalformedDetail"], id="an unknown name"),
            pytest.param('("entry:")', ["Unknown fault 'entry:'"], id="no code"),
            pytest.param('("")', ["Unknown fault ''"], id="no name"),
            pytest.param("()", ["At least one fault is required"], id="no arguments"),
            pytest.param("", ["At least one fault is required"], id="no call"),
            pytest.param("(5)", ["A fault is a name or a function of the fake, not 5"], id="a number"),
            pytest.param('(["denied"])', ["A fault is a name or a function of the fake, not ['denied']"], id="a list"),
            pytest.param('("denied", times=2)', ["takes no keywords: times"], id="a keyword"),
        ],
    )
    def test_a_wrong_marker_is_an_error(self, session: Session, mark: str, wordings: list[str]) -> None:
        """What the marker cannot take is an error of the collection that names the marker and the known faults."""
        result = session.run(
            f"""
            import pytest

            @pytest.mark.eventbridge_faults{mark}
            def test_never_runs(eventbridge):
                pass
            """
        )

        output = str(result.stdout)
        result.assert_outcomes(errors=1)
        for wording in [*wordings, "pytest.mark.eventbridge_faults"]:
            assert wording in output
        if "keyword" not in output:
            assert all(name in output for name in [*KNOWN, "all"])
        assert "test_never_runs: " in output
        assert "_hookexec" not in output
        assert "During handling" not in output
        assert "INTERNALERROR" not in output

    def test_a_test_without_the_fixture_is_an_error(self, session: Session) -> None:
        """A fault that reaches no fake is an error."""
        result = session.run(
            """
            import pytest

            @pytest.mark.eventbridge_faults("denied")
            def test_never_runs():
                pass
            """
        )

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*pytest.mark.eventbridge_faults needs a test that uses the eventbridge fixture*"])

    def test_a_unittest_class_is_an_error(self, session: Session) -> None:
        """A test of unittest's, which pytest cannot run several times, does not pass as if it had met the faults."""
        result = session.run(
            """
            import unittest
            import pytest

            @pytest.mark.eventbridge_faults("denied")
            @pytest.mark.usefixtures("eventbridge")
            class TestShop(unittest.TestCase):
                def test_never_runs(self):
                    pass
            """
        )

        assert result.parseoutcomes().get("passed", 0) == 0
        assert "eventbridge_faults" in str(result.stdout)

    def test_a_fault_that_raises_is_an_error_of_its_run(self, session: Session) -> None:
        """A function that fails to inject is an error of the set-up, and the next run begins anew."""
        result = session.run(
            """
            import pytest

            def broken(bridge):
                bridge.fail_requests(times=0)

            @pytest.mark.eventbridge_faults(broken, "denied")
            def test_order(eventbridge, emit):
                assert emit() == "AccessDeniedException"
            """
        )

        result.assert_outcomes(errors=1, passed=1)
        result.stdout.fnmatch_lines(["*ValueError: times: 0 is less than 1."])


class TestOutcomes:
    """What becomes of a test under a fault."""

    LOSES = """
        import pytest

        @pytest.mark.eventbridge_faults("throttled", "entry:InternalFailure", "lost-answer", "denied")
        {mark}
        def test_order(eventbridge, emit):
            emit()
        """

    @pytest.mark.parametrize("place", ["marker", "ini option"])
    def test_fail_on_lost_events(self, session: Session, place: str) -> None:
        """With `fail_on_lost_events` each run that lost an event ends in an error, and says which and under what."""
        mark = "@pytest.mark.eventbridge(fail_on_lost_events=True)" if place == "marker" else ""
        arguments = () if place == "marker" else ("-o", "eventbridge_fail_on_lost_events=true")

        result = session.run(self.LOSES.format(mark=mark), "-rE", *arguments)

        result.assert_outcomes(passed=4, errors=3)
        result.stdout.fnmatch_lines(
            [
                "*ERROR at teardown of test_order?throttled?*",
                "*1 event failed and was not accepted later:",
                "*shop.orders  OrderPlaced*",
                "*The whole request failed: An error occurred (ThrottlingException)*",
                "*Sent from *; the caller got the exception *.",
                "*ERROR at teardown of test_order?entry:InternalFailure?*",
                "*InternalFailure: Internal Service Failure",
                "*Sent from *; the caller got a response without an exception, which hides it.",
                "*ERROR at teardown of test_order?denied?*",
            ]
        )

    def test_lost_events_are_no_error_by_default(self, session: Session) -> None:
        """Without the option the test itself has to ask."""
        session.run(self.LOSES.format(mark="")).assert_outcomes(passed=4)

    def test_a_marker_turns_the_ini_option_off(self, session: Session) -> None:
        """The marker is nearer than the ini file."""
        mark = "@pytest.mark.eventbridge(fail_on_lost_events=False)"

        result = session.run(self.LOSES.format(mark=mark), "-o", "eventbridge_fail_on_lost_events=true")

        result.assert_outcomes(passed=4)

    def test_a_failed_test_is_not_masked(self, session: Session) -> None:
        """A test that failed has its own failure and no error besides; what was lost stands in its report."""
        result = session.run(
            """
            import pytest

            @pytest.mark.eventbridge_faults("denied")
            @pytest.mark.eventbridge(fail_on_lost_events=True)
            def test_order(eventbridge, emit):
                emit()
                assert "this" == "is the failure"
            """
        )

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "*is the failure*",
                "*EventBridge*",
                "*1 event failed and was not accepted later:",
                "*AccessDeniedException*",
            ]
        )

    @pytest.mark.parametrize("outcome", ["skip", "xfail"])
    @pytest.mark.parametrize("where", ["test", "fixture"])
    def test_a_test_that_is_skipped_is_skipped(self, session: Session, outcome: str, where: str) -> None:
        """A run that is skipped or fails as expected leaves its fault unused, and that is no error."""
        result = session.run(
            f"""
            import pytest

            @pytest.fixture
            def shop(eventbridge):
                if {where == "fixture"}:
                    pytest.{outcome}("not here")

            @pytest.mark.eventbridge_faults("denied", "entry:InternalFailure")
            @pytest.mark.eventbridge(fail_on_lost_events=True)
            def test_order(eventbridge, shop):
                pytest.{outcome}("not here")
            """
        )

        result.assert_outcomes(**{"skipped" if outcome == "skip" else "xfailed": 2})

    def test_a_fault_that_the_test_never_met_is_an_error(self, session: Session) -> None:
        """A test that publishes nothing cannot pass under a fault."""
        result = session.run(
            """
            import pytest

            @pytest.mark.eventbridge_faults("denied", "entry:InternalFailure")
            def test_order(eventbridge):
                pass
            """
        )

        result.assert_outcomes(passed=2, errors=2)
        result.stdout.fnmatch_lines(
            ["*An injected failure never fired:", "*fail_requests('AccessDeniedException', times=None)"]
        )

    def test_the_report_names_the_fault(self, session: Session) -> None:
        """The report of a failed run has what was injected, and how often it fired."""
        result = session.run(
            """
            import pytest

            @pytest.mark.eventbridge_faults("lost-answer")
            def test_order(eventbridge, emit):
                emit()
                assert False
            """
        )

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "*test_order?lost-answer?*",
                "*raised ReadTimeoutError*",
                "*accepted*",
                "Injected failures:",
                "*fail_requests(ReadTimeoutError, delivered=True): fired 1 time",
            ]
        )

    @pytest.mark.parametrize("given", ["", ", seed=77"], ids=["drawn", "given"])
    @pytest.mark.parametrize("method", ["fail_requests", "fail_entries"])
    def test_the_seed_is_in_the_report(self, session: Session, method: str, given: str) -> None:
        """A run that failed under chance says with which seed, so that it can be had again."""
        source = """
            import pytest

            def by_chance(bridge):
                bridge.{method}("InternalFailure", rate=0.5{given})

            @pytest.mark.eventbridge_faults.with_args(by_chance)
            def test_order(eventbridge, emit):
                print("outcomes", *[emit() == "-" for _ in range(40)])
                assert False
            """

        first = str(session.run(source.format(method=method, given=given)).stdout)

        (described,) = re.findall(rf"{method}\('InternalFailure', times=None, rate=0\.5, seed=(\d+)\): fired", first)
        (outcomes,) = re.findall(r"^outcomes .*", first, re.M)
        assert not given or described == "77"
        again = str(session.run(source.format(method=method, given=f", seed={described}")).stdout)
        assert outcomes in again.splitlines()
        assert "True" in outcomes
        assert "False" in outcomes

    def test_workers_of_xdist_agree_on_the_ids(self, session: Session) -> None:
        """The ids are the same in each process, so that xdist can share out the runs."""
        session.pytester.makepyfile(
            test_it="""
            import pytest

            def failing(bridge):
                bridge.fail_requests().cancel()

            @pytest.mark.eventbridge_faults(failing, lambda bridge: None, lambda bridge: failing(bridge))
            def test_order(eventbridge):
                pass
            """
        )

        result = session.pytester.runpytest_subprocess(*QUIET, "-n", "2")

        result.assert_outcomes(passed=3)


class TestResolving:
    """From what the marker takes to functions of the fake."""

    def test_an_empty_list_is_refused(self) -> None:
        """There has to be a fault."""
        with pytest.raises(TypeError, match="At least one fault is required"):
            resolve_faults([])

    def test_a_function_is_handed_on(self) -> None:
        """A function is the fault itself."""

        def failing(bridge: FakeEventBridge) -> None:
            """Do nothing."""

        assert resolve_faults([failing]) == {"failing": failing}

    def test_an_object_without_a_name_has_that_of_its_class(self) -> None:
        """Something that can be called and has no name is named for its class."""

        class SlowNetwork:
            def __call__(self, bridge: FakeEventBridge) -> None:
                """Do nothing."""

        assert list(resolve_faults([SlowNetwork()])) == ["SlowNetwork"]
