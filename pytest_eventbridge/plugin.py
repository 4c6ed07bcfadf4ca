"""The pytest plugin: the `eventbridge` fixture, its marker and its ini options."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from pytest_eventbridge import FakeEventBridge

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

_BRIDGE: Final = pytest.StashKey["FakeEventBridge"]()
_HAS_RAISED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini options."""
    for name, (ini_type, help_text) in _INI_OPTIONS.items():
        parser.addini(f"eventbridge_{name}", help_text, type=ini_type, default=_UNSET)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse an ini option with a wrong value before any test runs."""
    config.addinivalue_line(
        "markers",
        f"eventbridge(*, {', '.join(_INI_OPTIONS)}): options of the eventbridge fixture; "
        "a nearer marker wins over a farther one and over the ini file.",
    )
    if ini_options := _ini_options(config):
        _check_options(ini_options, "in the ini file")


@pytest.fixture
def eventbridge(request: pytest.FixtureRequest) -> Iterator[FakeEventBridge]:
    """A fake Amazon EventBridge that answers every botocore client, captures what is published, and fails on demand."""
    __tracebackhide__ = True
    from pytest_eventbridge import FakeEventBridge  # imported here because most test sessions' start needs none of it

    node = request.node
    options = _ini_options(request.config) | _marker_options(node)
    with FakeEventBridge(**options) as bridge:
        node.stash[_BRIDGE] = bridge
        yield bridge
        if not node.stash.get(_HAS_RAISED, False):
            bridge.verify()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that the check at its end does not mask it, and show there what that found."""
    report = yield
    bridge = item.stash.get(_BRIDGE, None)
    if bridge is not None and call.when == "call" and call.excinfo is not None:
        item.stash[_HAS_RAISED] = True
        if report.failed and (problems := bridge.problems()):
            report.sections.append(("EventBridge", "\n\n".join(problems)))
    return report


def _ini_options(config: pytest.Config) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in _INI_OPTIONS:
        try:
            value = config.getini(f"eventbridge_{name}")
            if value is not _UNSET:
                options[name] = int(value) if name == "max_request_bytes" else value
        except (TypeError, ValueError) as error:
            raise pytest.UsageError(f"eventbridge_{name} in the ini file: {error}") from None
    return options


def _marker_options(node: Any) -> dict[str, Any]:
    __tracebackhide__ = True
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
    __tracebackhide__ = True
    from pytest_eventbridge._options import options_from  # imported here because most sessions have no option to check

    try:
        options_from(options)
    except TypeError as error:
        raise pytest.UsageError(f"{error} ({where})") from None
