"""The pytest plugin: the `eventbridge` fixture, its marker and its ini options."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from pytest_eventbridge import EventBridgeEndpoint, FakeEventBridge
    from pytest_eventbridge._presentation import Presentation

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

# pytest reads whole numbers from an ini file since 8.4; before, they come as text.
_INTEGER: Final = "int" if pytest.version_tuple >= (8, 4) else "string"

# Each option of the fake by its name: the type that pytest reads `eventbridge_<name>` as, and its help.
_INI_OPTIONS: Final[dict[str, tuple[Any, str]]] = {
    "region": ("string", "Default region, put into the environment when it has none (us-east-1)."),
    "account_id": ("string", "12-digit account in envelopes and ARNs (123456789012)."),
    "event_buses": ("args", "Names or ARNs of the event buses that exist besides 'default' (every one)."),
    "max_request_bytes": (_INTEGER, "UTF-8 bytes that the entries of a request may add up to (1048576)."),
    "allow_unused_failures": ("bool", "A test may end with an injected failure that never fired (false)."),
    "fail_on_lost_events": ("bool", "A test fails when an event was lost (false)."),
    "ignore_detail_keys": ("args", "Top-level keys of Detail that no comparison sees (none)."),
    "fake_credentials": ("bool", "Put fake AWS credentials into the environment (true)."),
}
_UNSET: Final = object()

# What pytest puts before each line of an exception's text.
_INDENT: Final = 8

_SECTION: Final = "EventBridge"
_COLUMNS: Final = "eventbridge_columns"

_BRIDGE: Final = pytest.StashKey["FakeEventBridge"]()
_HAS_FAILED: Final = pytest.StashKey[bool]()
_HAS_RAISED: Final = pytest.StashKey[bool]()
# Of the configuration: what every test of the session shares.
_INI_OPTIONS_GIVEN: Final = pytest.StashKey[dict[str, Any]]()
_PRESENTATION: Final = pytest.StashKey["Presentation"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini options, and the option of the report."""
    parser.getgroup("eventbridge").addoption(
        "--eventbridge-report",
        choices=["failed", "all", "none"],
        default="failed",
        help="Which tests that use the eventbridge fixture get a report of what was sent (failed).",
    )
    for name, (ini_type, help_text) in _INI_OPTIONS.items():
        parser.addini(f"eventbridge_{name}", help_text, type=ini_type, default=_UNSET)
    parser.addini(
        "eventbridge_guard",
        "Refuse calls to EventBridge that no fake is there for, and fail the test that makes one (false).",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse an ini option with a wrong value before any test runs."""
    config.addinivalue_line(
        "markers",
        f"eventbridge(*, {', '.join(_INI_OPTIONS)}): options of the eventbridge fixture; "
        "a nearer marker wins over a farther one and over the ini file.",
    )
    config.addinivalue_line(
        "markers",
        "eventbridge_faults(*faults): run the test once under each fault: the name of a known one, "
        "'entry:<ErrorCode>', 'all' for each known one, or a function that takes the fake.",
    )
    if config.getoption("help"):
        return  # where one looks after a wrong value
    config.stash[_INI_OPTIONS_GIVEN] = ini_options = _ini_options(config)
    if ini_options:
        _check_options(ini_options, "in the ini file")
    if _ini_value(config, "guard"):
        config.pluginmanager.register(GuardHooks(config))


def pytest_warning_recorded(warning_message: warnings.WarningMessage, when: str) -> None:
    """Refuse an ini option that there is not, of which pytest itself only warns (8.0.0 to 9.2.0)."""
    _, is_unknown, name = str(warning_message.message).partition("Unknown config option: eventbridge_")
    if is_unknown and when == "config":
        from pytest_eventbridge._spelling import unknown_name

        raise pytest.UsageError(f"{unknown_name('option', name.strip(), [*_INI_OPTIONS, 'guard'])} (in the ini file)")


@pytest.fixture
def eventbridge(request: pytest.FixtureRequest) -> Iterator[FakeEventBridge]:
    """A fake Amazon EventBridge that answers every botocore client, captures what is published, and fails on demand."""
    from pytest_eventbridge import FakeEventBridge  # imported here because most test sessions' start needs none of it

    node = request.node
    if node.get_closest_marker("eventbridge_faults") is not None and not hasattr(request, "param"):
        raise pytest.UsageError(
            "pytest.mark.eventbridge_faults has no effect here: pytest cannot run the test of a unittest.TestCase "
            "several times. Write a function, or a class without that base."
        )
    options = request.config.stash[_INI_OPTIONS_GIVEN] | _marker_options(node)
    with FakeEventBridge(**options) as bridge:
        bridge._present(_presentation(request.config))
        if (fault := getattr(request, "param", None)) is not None:
            fault(bridge)
        node.stash[_BRIDGE] = bridge
        node.stash[_HAS_FAILED] = node.stash[_HAS_RAISED] = False  # a rerun of the same test begins anew
        yield bridge
        if not (node.stash[_HAS_FAILED] or node.stash[_HAS_RAISED]):
            bridge.verify()


@pytest.fixture
def eventbridge_endpoint(eventbridge: FakeEventBridge) -> Iterator[EventBridgeEndpoint]:
    """The `eventbridge` fixture's fake at a URL on loopback, for other processes and other SDKs."""
    with eventbridge.serve() as endpoint:
        yield endpoint


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once under each fault that `eventbridge_faults` names."""
    marker = metafunc.definition.get_closest_marker("eventbridge_faults")
    if marker is None:
        return
    from pytest_eventbridge._faults import faults_of_marker  # imported here because few sessions need it

    try:
        faults = faults_of_marker(marker.args, marker.kwargs, metafunc.fixturenames)
    except TypeError as error:
        # As pytest itself refuses a parametrization: the test is named, and no frame of pluggy's is shown.
        raise pytest.fail.Exception(f"{metafunc.definition.nodeid}: {error}", pytrace=False) from None
    metafunc.parametrize("eventbridge", list(faults.values()), ids=list(faults), indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that the check at its end does not mask it, and show there what that found."""
    report = yield
    bridge = item.stash.get(_BRIDGE, None)
    if bridge is None:
        return report
    has_failed = item.stash[_HAS_FAILED]
    if call.when == "teardown":
        del item.stash[_BRIDGE]  # an item lives as long as the session
        _leave_out_extra_line(report)
        is_failure_of_its_own = report.failed and not has_failed
    else:
        # A test that was skipped or is expected to fail has an outcome that the check at its end must not change.
        # Each subtest has a report before that of the test: one that failed counts, one that skipped does not.
        item.stash[_HAS_FAILED] = has_failed or report.failed
        item.stash[_HAS_RAISED] = call.excinfo is not None
        is_failure_of_its_own = report.failed
    wanted = item.config.getoption("eventbridge_report")
    if wanted != "none" and is_failure_of_its_own:
        problems = bridge._problems() if call.when != "teardown" else []
        _add_section(report, "\n\n".join([bridge._report(), *problems]))
    elif wanted == "all" and call.when == "call":
        _add_section(report, bridge._report())
    return report


def pytest_assertrepr_compare(config: pytest.Config, op: str, left: object, right: object) -> list[str] | None:
    """Explain a plain assert that compares captured events with expected ones."""
    if "pytest_eventbridge._expected" not in sys.modules:  # then neither operand can be one of them
        return None
    from pytest_eventbridge._comparison import explain_comparison

    return explain_comparison(op, left, right, _presentation(config))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist how wide the terminal is that shows its texts."""
    node.workerinput[_COLUMNS] = _columns(node.config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Generator[None, Any, Any]:
    """Show the reports in colour, for as long as pytest's terminal writes the failures, and where it writes in colour.

    Whatever else reads the reports, before and after, finds plain text.
    """
    writer = config.get_terminal_writer()
    reports = [report for key in ("failed", "error", "passed") for report in terminalreporter.getreports(key)]
    sections = [section for report in reports for section in _section_lists(report) if any(map(_is_ours, section))]
    if not (writer.hasmarkup and sections):
        return (yield)
    from pytest_eventbridge._colours import coloured

    plain = [list(section) for section in sections]
    for section in sections:
        section[:] = [(one[0], coloured(one[1], writer.markup), *one[2:]) if _is_ours(one) else one for one in section]
    try:
        return (yield)
    finally:
        for section, before in zip(sections, plain, strict=True):
            section[:] = before


def _section_lists(report: pytest.TestReport) -> list[list[Any]]:
    return [report.sections, getattr(report.longrepr, "sections", [])]


def _is_ours(section: tuple[str, ...]) -> bool:
    return section[0] == _SECTION


def _leave_out_extra_line(report: pytest.TestReport) -> None:
    # pytest's remark that it hides all frames: at the end of a test there are none but ours.
    traceback = getattr(report.longrepr, "reprtraceback", None)
    if traceback is not None:
        traceback.extraline = None


def _add_section(report: pytest.TestReport, text: str) -> None:
    # In the traceback where there is one: that is what JUnit XML and a report sent by xdist carry along.
    add_section = getattr(report.longrepr, "addsection", None)
    if add_section is not None:
        add_section(_SECTION, text)
    else:
        report.sections.append((_SECTION, text))


def _presentation(config: pytest.Config) -> Presentation:
    presentation = config.stash.get(_PRESENTATION, None)
    if presentation is None:
        from pytest_eventbridge._presentation import presentation_for

        presentation = presentation_for(config.getoption("verbose", 0) or 0, _columns(config) - _INDENT)
        config.stash[_PRESENTATION] = presentation
    return presentation


def _columns(config: pytest.Config) -> int:
    """Return the width of the terminal: in a worker of pytest-xdist, which has none, that of its controller."""
    told: dict[str, int] = getattr(config, "workerinput", {})
    return told.get(_COLUMNS) or shutil.get_terminal_size(fallback=(120, 24)).columns


def _ini_options(config: pytest.Config) -> dict[str, Any]:
    values = {name: _ini_value(config, name) for name in _INI_OPTIONS}
    return {name: value for name, value in values.items() if value is not _UNSET}


def _ini_value(config: pytest.Config, name: str) -> Any:
    try:
        value = config.getini(f"eventbridge_{name}")
        return int(value) if name == "max_request_bytes" and value is not _UNSET else value
    except (pytest.UsageError, TypeError, ValueError) as error:
        from pytest_eventbridge._options import OPTION_TYPES

        takes = OPTION_TYPES[name][1] if name in OPTION_TYPES else "True or False"
        raise pytest.UsageError(f"eventbridge_{name} in the ini file takes {takes}: {error}") from None


def _marker_options(node: Any) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for marker in node.iter_markers("eventbridge"):  # the nearest first
        if marker.args:
            raise pytest.UsageError(
                f"pytest.mark.eventbridge takes keywords only, not {marker.args!r}. Allowed: {', '.join(_INI_OPTIONS)}."
            )
        _check_options(marker.kwargs, "in pytest.mark.eventbridge")
        options = {**marker.kwargs, **options}
    return options


def _check_options(options: dict[str, Any], where: str) -> None:
    from pytest_eventbridge._options import options_from  # imported here because most sessions have no option to check

    try:
        options_from(options)
    except TypeError as error:
        raise pytest.UsageError(f"{error} ({where})") from None


class GuardHooks:
    """The hooks that are needed only where the guard is on, which is from here until pytest ends."""

    def __init__(self, config: pytest.Config) -> None:
        from pytest_eventbridge._session_guard import LateCalls, SessionGuard

        self._config = config
        self._raised: BaseException | None = None
        self._late: list[LateCalls] = []
        self._guard = SessionGuard()
        self._guard.begin()

    def pytest_unconfigure(self) -> None:
        """Put everything back."""
        self._guard.end()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Fail the collection of what sends when it is imported, even when it swallows the error."""
        with self._guard.during(f"the collection of {collector.nodeid}"):
            report = yield
        if (problems := self._guard.take_problems()) and not report.failed:
            report.outcome = "failed"
            report.longrepr = "\n".join(problems)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know which test is running."""
        with self._guard.test(item.nodeid, item.location):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Know which fixture sends, and whether what it starts belongs to the test."""
        is_of_test = fixturedef.scope == "function"
        scope = "" if is_of_test else f"{fixturedef.scope} "
        owner = self._guard.running_test if is_of_test else None
        with (
            self._guard.during(f"the set-up of the {scope}fixture {fixturedef.argname!r}"),
            self._guard.ownership.owned_by(owner),
        ):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Fail a test whose fixtures send."""
        with self._guard.during("the set-up of the test"), self._guard.ownership.owned_by(None):
            result = yield
        self._fail_for_refused_calls()
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Fail a test that sends."""
        with self._guard.ownership.owned_by(self._guard.running_test):
            result = yield
        self._fail_for_refused_calls()
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Fail a test at the end of which something sends."""
        with self._guard.during("the teardown of the test"), self._guard.ownership.owned_by(None):
            result = yield
        self._fail_for_refused_calls()
        return result

    def _fail_for_refused_calls(self) -> None:
        # The report forgets them: it shows them too where it turns out to be about another failure.
        if problems := self._guard.problems():
            from pytest_eventbridge.exceptions import VerificationError

            self._raised = VerificationError("\n\n".join(problems), problems=problems)
            raise self._raised

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Show what was refused where something else has failed, or where the outcome is not to change."""
        report = yield
        if call.excinfo is not None and call.excinfo.value is self._raised:
            _leave_out_extra_line(report)
        if problems := self._guard.take_problems(shown=str(report.longrepr)):
            _add_section(report, "\n\n".join(problems))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Report what threads and tasks sent when their test had ended: as an error of that test.

        A worker of xdist may report only on the test that it runs, and leaves it to the process that has started it.
        """
        try:
            return (yield)
        finally:
            self._late += self._guard.take_late_calls()
            output = getattr(self._config, "workeroutput", None)
            if output is not None:
                output["eventbridge_guard"] = [tuple(calls) for calls in self._late]
            else:
                self._report_late_calls()

    def _report_late_calls(self) -> None:
        for nodeid, location, text in self._late:
            report = pytest.TestReport(nodeid, location, {}, "failed", text, "teardown")
            self._config.hook.pytest_runtest_logreport(report=report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of xdist leaves to be reported."""
        from pytest_eventbridge._session_guard import LateCalls

        output = getattr(node, "workeroutput", {})  # which one that has crashed does not have
        self._late += [LateCalls(*calls) for calls in output.get("eventbridge_guard", ())]
