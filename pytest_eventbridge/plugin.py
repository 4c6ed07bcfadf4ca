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

_INI_PREFIX: Final = "eventbridge_"

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

# Fixtures that undo at their own end what a test has changed by them: pytest's, and that of pytest-mock.
_PATCHING_FIXTURES: Final = frozenset({"monkeypatch", "mocker"})

_COLUMNS: Final = "eventbridge_columns"

_BRIDGE: Final = pytest.StashKey["FakeEventBridge"]()
_HAS_FAILED: Final = pytest.StashKey[bool]()
_HAS_RAISED: Final = pytest.StashKey[bool]()
_ENVIRONMENT: Final = pytest.StashKey[dict[str, str | None]]()
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
        parser.addini(_INI_PREFIX + name, help_text, type=ini_type, default=_UNSET)
    parser.addini(
        "eventbridge_guard",
        "Refuse calls to EventBridge that no fake is there for, and fail the test that makes one (false).",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse an ini option that is misspelt or has a wrong value before any test runs."""
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
    if config.getoption("help") or config.getoption("markers"):
        return  # where one looks after a mistake
    _check_ini_names(config)
    config.stash[_INI_OPTIONS_GIVEN] = ini_options = _ini_options(config)
    if ini_options:
        _check_options(ini_options, "in the ini file")
    if _ini_value(config, "guard"):
        from pytest_eventbridge._guard_hooks import GuardHooks  # imported here because most sessions have no guard

        config.pluginmanager.register(GuardHooks(config))


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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note the environment of a test that may change it both by a fake and by a fixture that is set up before."""
    fixture_names = getattr(item, "fixturenames", ())
    if "eventbridge" in fixture_names and not _PATCHING_FIXTURES.isdisjoint(fixture_names):
        from pytest_eventbridge._environment import current_variables

        item.stash[_ENVIRONMENT] = current_variables()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that the check at its end does not mask it, and show there what that found."""
    report = yield
    bridge = item.stash.get(_BRIDGE, None)
    if bridge is None:
        return report
    from pytest_eventbridge._report_sections import add_section, leave_out_extra_line

    has_failed = item.stash[_HAS_FAILED]
    if call.when == "teardown":
        del item.stash[_BRIDGE]  # an item lives as long as the session
        if _ENVIRONMENT in item.stash:
            from pytest_eventbridge._environment import fake_environment

            fake_environment.take_back(item.stash[_ENVIRONMENT])
            del item.stash[_ENVIRONMENT]
        leave_out_extra_line(report)
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
        add_section(report, "\n\n".join([bridge._report(), *problems]))
    elif wanted == "all" and call.when == "call":
        add_section(report, bridge._report())
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
    section_lists = [
        sections
        for report in reports
        for sections in (report.sections, getattr(report.longrepr, "sections", []))
        if sections
    ]
    if not (writer.hasmarkup and section_lists):
        return (yield)
    from pytest_eventbridge._report_sections import in_colour

    with in_colour(section_lists, writer.markup):
        return (yield)


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


def _check_ini_names(config: pytest.Config) -> None:
    """Refuse a name with our prefix that nobody has declared, of which pytest (to 9.2) warns at most."""
    declared = {_INI_PREFIX + name for name in (*_INI_OPTIONS, "guard")}
    for name in _ini_names(config):
        if name.startswith(_INI_PREFIX) and name not in declared and not _is_declared_by_others(config, name):
            from pytest_eventbridge._spelling import unknown_name

            message = unknown_name("option", name.removeprefix(_INI_PREFIX), [*_INI_OPTIONS, "guard"])
            raise pytest.UsageError(f"{message} (in the ini file)")


def _ini_names(config: pytest.Config) -> list[str]:
    """Return the names that are set, in the file or with `-o`, which pytest keeps apart before 9.0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated since 9.1, which has nothing else that tells the names
        names = [*config.inicfg]
    return names + [override.partition("=")[0] for override in config.getoption("override_ini") or ()]


def _is_declared_by_others(config: pytest.Config, name: str) -> bool:
    try:
        config.getini(name)
    except Exception as error:  # a wrong value too, of which those will tell who have declared it
        return not isinstance(error.__cause__, KeyError)
    return True


def _ini_options(config: pytest.Config) -> dict[str, Any]:
    values = {name: _ini_value(config, name) for name in _INI_OPTIONS}
    return {name: value for name, value in values.items() if value is not _UNSET}


def _ini_value(config: pytest.Config, name: str) -> Any:
    try:
        value = config.getini(_INI_PREFIX + name)
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
