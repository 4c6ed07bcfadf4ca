"""What the package promises by name: that it is there, how it is called, and that it says what it is."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from importlib import metadata, resources
from typing import Any

import pytest

import pytest_eventbridge
from pytest_eventbridge import (
    ABSENT,
    CapturedEvent,
    CapturedEvents,
    CapturedRawEvent,
    Delivery,
    DeliveryLoopError,
    EventBridgeAssertionError,
    EventBridgeEndpoint,
    EventPattern,
    Exactly,
    ExpectedEvent,
    FakeEventBridge,
    InjectedFailure,
    InvalidEventPattern,
    Mismatch,
    PutEventsCall,
    Rule,
    TargetStoppedError,
    VerificationError,
)

READING = {
    "capture": "(self)",
    "clear": "(self)",
    "find": "(self, expected=None, /, **criteria)",
    "wait_for": "(self, expected=None, /, *, timeout=5.0, times=1, **criteria)",
    "wait_for_async": "(self, expected=None, /, *, timeout=5.0, times=1, **criteria)",
    "assert_emitted": "(self, expected=None, /, *, times=None, at_least=None, at_most=None, **criteria)",
    "assert_emitted_once": "(self, expected=None, /, **criteria)",
    "assert_not_emitted": "(self, expected=None, /, *, within=None, **criteria)",
    "assert_nothing_emitted": "(self)",
    "assert_emitted_in_order": "(self, *expected)",
    "assert_emitted_exactly": "(self, *expected, in_order=False)",
    "assert_failed": (
        "(self, expected=None, /, *, error_code=None, times=None, at_least=None, at_most=None, **criteria)"
    ),
    "assert_no_lost_events": "(self)",
    "assert_no_duplicates": "(self, key=None)",
}

# The public methods of each class, and how they are called.
SIGNATURES: dict[type, dict[str, str]] = {
    CapturedEvents: READING,
    FakeEventBridge: {
        **READING,
        "fail_requests": (
            "(self, error='ThrottlingException', message=None, *, "
            "http_status=None, times=1, skip=0, delivered=False, rate=None, seed=None)"
        ),
        "fail_entries": (
            "(self, error_code='InternalFailure', error_message=None, *, "
            "times=1, skip=0, position=None, rate=None, seed=None, **criteria)"
        ),
        "add_rule": (
            "(self, pattern, target=None, *, "
            "name=None, event_bus='default', input=None, input_path=None, input_transformer=None)"
        ),
        "bind_target": "(self, arn, target)",
        "assert_routed": "(self, rule, expected=None, /, **criteria)",
        "assert_not_routed": "(self, rule, expected=None, /, **criteria)",
        "assert_all_routed": "(self)",
        "advance_clock": "(self, seconds)",
        "serve": "(self)",
        "verify": "(self)",
    },
    ExpectedEvent: {"matches": "(self, event)", "mismatches": "(self, event)"},
    CapturedEvent: {"to_dict": "(self)"},
    CapturedRawEvent: {"to_dict": "(self)"},
    InjectedFailure: {"cancel": "(self)"},
    Rule: {"explain": "(self, event)"},
    Delivery: {},
    EventBridgeAssertionError: {},
    EventBridgeEndpoint: {"close": "(self)"},
    VerificationError: {},
    EventPattern: {"matches": "(self, event)", "explain": "(self, event)"},
    InvalidEventPattern: {},
    DeliveryLoopError: {},
    TargetStoppedError: {},
    Exactly: {},
    Mismatch: {},
    PutEventsCall: {},
}

# Methods without an underscore that other modules of the package call, and that are no promise.
FOR_THE_PACKAGE: dict[type, set[str]] = {
    ExpectedEvent: {"iter_mismatches", "matches_opened", "select", "with_error_code"},
    CapturedEvent: {"compared_detail", "detail_head"},
    CapturedRawEvent: {"compared_detail", "detail_head"},
    EventPattern: {"find_reasons", "texts_of"},
    Rule: {"clear", "find_reasons", "record", "takes"},
}

ATTRIBUTES: dict[type, set[str]] = {
    FakeEventBridge: {"events", "raw_events", "failed_entries", "dropped_events", "calls"},
    CapturedEvent: {
        "source",
        "detail_type",
        "detail",
        "detail_json",
        "event_bus",
        "event_bus_arn",
        "resources",
        "time",
        "trace_header",
        "event_id",
        "error_code",
        "error_message",
        "account_id",
        "region",
        "position",
        "entry",
        "sent_from",
        "call",
        "event_group_id",
        "deduplication_id",
        "sequence_number",
        "success_code",
    },
    CapturedRawEvent: {
        "data",
        "content_type",
        "metadata",
        "event_group_id",
        "deduplication_id",
        "sequence_number",
        "success_code",
        "event_id",
        "error_code",
        "error_message",
        "event_bus",
        "event_bus_arn",
        "position",
        "sent_from",
        "call",
    },
    PutEventsCall: {
        "entries",
        "response",
        "error",
        "attempts",
        "service",
        "operation",
        "region",
        "endpoint_id",
    },
    InjectedFailure: {"fired", "remaining"},
    Rule: {
        "name",
        "arn",
        "pattern",
        "event_bus",
        "is_enabled",
        "events",
        "deliveries",
        "failed_deliveries",
    },
    Delivery: {"event", "target", "payload", "result", "error"},
    Mismatch: {"path", "expected", "actual"},
    EventBridgeAssertionError: {"expected", "captured", "near_misses"},
    VerificationError: {"expected", "captured", "near_misses", "problems"},
    EventPattern: {"text"},
    InvalidEventPattern: {"reason", "path", "is_internal"},
    DeliveryLoopError: set(),
    TargetStoppedError: set(),
}

OPTIONS: dict[str, Any] = {
    "region": "us-east-1",
    "account_id": "123456789012",
    "event_buses": None,
    "max_request_bytes": 1_048_576,
    "allow_unused_failures": False,
    "fail_on_lost_events": False,
    "ignore_detail_keys": (),
    "fake_credentials": True,
}


def public_members(owner: type) -> Iterator[tuple[str, Any]]:
    """Yield the members of a class that have a public name and are the package's own."""
    for base in reversed(owner.__mro__):
        if base.__module__.partition(".")[0] == "pytest_eventbridge":
            yield from ((name, member) for name, member in vars(base).items() if not name.startswith("_"))


def public_methods(owner: type) -> dict[str, Callable[..., Any]]:
    """Return the public methods of a class."""
    return {name: member for name, member in public_members(owner) if inspect.isroutine(member)}


each_name = pytest.mark.parametrize("name", pytest_eventbridge.__all__)
each_class = pytest.mark.parametrize("owner", SIGNATURES, ids=lambda owner: owner.__name__)
each_method = pytest.mark.parametrize(
    ("owner", "method"),
    [
        pytest.param(owner, method, id=f"{owner.__name__}.{method}")
        for owner, methods in SIGNATURES.items()
        for method in methods
    ],
)


def test_names_are_sorted() -> None:
    """`__all__` is in order, and says no name twice."""
    assert list(pytest_eventbridge.__all__) == sorted(set(pytest_eventbridge.__all__))


def test_each_name_has_a_home() -> None:
    """The names that can be imported are those for which a module is known."""
    assert list(pytest_eventbridge._HOME) == list(pytest_eventbridge.__all__)


def test_a_type_checker_sees_each_name() -> None:
    """What a type checker is told to import is what is imported when it is asked for."""
    (branch,) = (
        node
        for node in ast.parse(inspect.getsource(pytest_eventbridge)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imports = [node for node in branch.body if isinstance(node, ast.ImportFrom)]
    homes = {alias.name: str(node.module).partition(".")[2] for node in imports for alias in node.names}
    assert homes == pytest_eventbridge._HOME


@each_name
def test_name_can_be_imported(name: str) -> None:
    """Each public name is the object that its home module has under the same name."""
    home = importlib.import_module(f"pytest_eventbridge.{pytest_eventbridge._HOME[name]}")
    assert pytest_eventbridge.__getattr__(name) is getattr(home, name)
    assert getattr(pytest_eventbridge, name) is getattr(home, name)


def test_names_can_be_imported_with_a_star() -> None:
    """`from pytest_eventbridge import *` gives the public names and no others."""
    namespace: dict[str, Any] = {}
    exec("from pytest_eventbridge import *", namespace)
    assert sorted(namespace.keys() - {"__builtins__"}) == list(pytest_eventbridge.__all__)


def test_every_class_is_in_the_tables_here() -> None:
    """No public class escapes these tests."""
    public = {getattr(pytest_eventbridge, name) for name in pytest_eventbridge.__all__} - {ABSENT}
    assert public == set(SIGNATURES)


def test_version() -> None:
    """`__version__` is that of the installed distribution."""
    assert pytest_eventbridge.__version__ == metadata.version("pytest-eventbridge")


@pytest.mark.parametrize("name", ["FakeEventbridge", "assert_emitted", "_fakes", "__path__s", "eventbridge"])
def test_unknown_name(name: str) -> None:
    """A name that the package does not have is an AttributeError in Python's own words."""
    with pytest.raises(AttributeError, match=f"^module 'pytest_eventbridge' has no attribute '{name}'$"):
        getattr(pytest_eventbridge, name)


def test_unknown_name_in_an_import() -> None:
    """Importing a name that the package does not have is an ImportError."""
    with pytest.raises(ImportError, match="cannot import name 'FakeEventbridge' from 'pytest_eventbridge'"):
        exec("from pytest_eventbridge import FakeEventbridge")


def test_dir_lists_each_name_once() -> None:
    """`dir()` lists every public name, loaded or not, and none twice."""
    listed = dir(pytest_eventbridge)
    assert set(pytest_eventbridge.__all__) <= set(listed)
    assert listed == sorted(set(listed))


@each_name
def test_name_has_a_docstring(name: str) -> None:
    """Each public name says in a sentence what it is."""
    documented = ABSENT.__class__ if name == "ABSENT" else getattr(pytest_eventbridge, name)
    assert documented.__dict__["__doc__"].partition("\n")[0].endswith((".", ":"))


@each_class
def test_members_have_docstrings(owner: type) -> None:
    """Each public method and property says in a sentence what it does or is."""
    documented = {name: member for name, member in public_members(owner) if inspect.isroutine(member)} | {
        name: member for name, member in public_members(owner) if isinstance(member, property)
    }
    silent = {name for name, member in documented.items() if not (member.__doc__ or "").partition("\n")[0].strip()}
    assert silent == set()


@each_class
def test_attributes_are_told(owner: type) -> None:
    """Each attribute that is promised stands in the docstring of its class, or has one of its own."""
    documentation = inspect.getdoc(owner) or ""
    inherited = "".join(inspect.getdoc(base) or "" for base in owner.__mro__[1:])
    told = {
        name
        for name in ATTRIBUTES.get(owner, ())
        if isinstance(inspect.getattr_static(owner, name, None), property)
        or f"    {name}: " in documentation
        or f"    {name}: " in inherited
    }
    assert told == ATTRIBUTES.get(owner, set())


@each_class
def test_public_methods_are_those_promised(owner: type) -> None:
    """A class has the public methods that are promised, and those that only the package uses."""
    assert set(public_methods(owner)) == set(SIGNATURES[owner]) | FOR_THE_PACKAGE.get(owner, set())


@each_method
def test_signature(owner: type, method: str) -> None:
    """A method takes what is promised: the same names, kinds and defaults."""
    signature = inspect.signature(getattr(owner, method))
    parameters = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    assert str(inspect.Signature(parameters)) == SIGNATURES[owner][method]


@each_method
def test_method_is_annotated(owner: type, method: str) -> None:
    """A type checker knows what each parameter takes and what comes back."""
    signature = inspect.signature(getattr(owner, method))
    _, *parameters = signature.parameters.values()
    assert signature.return_annotation is not inspect.Signature.empty
    assert [parameter.name for parameter in parameters if parameter.annotation is inspect.Parameter.empty] == []


@pytest.mark.parametrize(("option", "default"), OPTIONS.items())
def test_option(option: str, default: Any) -> None:
    """A fake takes each option by keyword, with the default that is promised."""
    made, bare = FakeEventBridge(**{option: default}), FakeEventBridge()
    assert getattr(made._options, option) == getattr(bare._options, option)
    with pytest.raises(TypeError, match=option):
        FakeEventBridge(**{option: object()})


def test_options_go_by_keyword_only() -> None:
    """A fake takes no positional arguments, and names the options when it is given an unknown one."""
    with pytest.raises(TypeError):
        FakeEventBridge("eu-west-1")  # type: ignore[misc]
    with pytest.raises(TypeError) as caught:
        FakeEventBridge(regio="eu-west-1")  # type: ignore[call-arg]
    assert [option for option in OPTIONS if option not in str(caught.value)] == []


def test_attributes_of_what_was_captured(eventbridge: FakeEventBridge) -> None:
    """A captured event, its call, a failure and a mismatch have the attributes that are promised."""
    botocore_session = pytest.importorskip("botocore.session")
    failure = eventbridge.fail_entries(position=1)
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
    botocore_session.get_session().create_client("events").put_events(Entries=[entry, entry])
    (event,) = eventbridge.events
    (mismatch,) = ExpectedEvent(source="shop.stock").mismatches(event)
    for value in (eventbridge, event, event.call, failure, mismatch):
        assert {
            name
            for name in ATTRIBUTES[InjectedFailure if isinstance(value, InjectedFailure) else type(value)]
            if not hasattr(value, name)
        } == set()


@pytest.mark.parametrize("error", [EventBridgeAssertionError, VerificationError])
def test_errors_are_assertion_errors(error: type[EventBridgeAssertionError]) -> None:
    """What the package raises of its own accord fails a test as an assert does, and carries its data."""
    raised = error("It did not hold.", expected=[1], captured=[2], near_misses=[3])
    assert isinstance(raised, AssertionError)
    assert (str(raised), raised.expected, raised.captured, raised.near_misses) == ("It did not hold.", (1,), (2,), (3,))
    assert f"{error.__module__}.{error.__qualname__}" == f"pytest_eventbridge.{error.__name__}"


def test_type_information_is_shipped() -> None:
    """The package has the marker by which type checkers know that it is annotated."""
    assert resources.files("pytest_eventbridge").joinpath("py.typed").is_file()


def test_mistyped_assertion(eventbridge: FakeEventBridge) -> None:
    """A mistyped method is an error, never something that passes."""
    with pytest.raises(AttributeError, match="assert_emited"):
        eventbridge.assert_emited()  # type: ignore[attr-defined]
