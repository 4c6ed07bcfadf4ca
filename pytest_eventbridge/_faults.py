"""The named faults of the fault matrix: what can go wrong between a publisher and EventBridge, one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final

from pytest_eventbridge._failures import DEFAULT_ERROR_MESSAGES
from pytest_eventbridge._spelling import unknown_name

if TYPE_CHECKING:
    from pytest_eventbridge._fake import FakeEventBridge

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

Fault = Callable[["FakeEventBridge"], Any]

_ENTRY_PREFIX: Final = "entry:"


def faults_of_marker(
    faults: Sequence[object], keywords: Mapping[str, object], fixture_names: Collection[str]
) -> dict[str, Fault]:
    """Return the faults of a marker by their ids.

    Args:
        faults: Its positional arguments; see `resolve_faults`.
        keywords: Its keyword arguments, of which it takes none.
        fixture_names: The fixtures of the test that it is on.

    Raises:
        TypeError: The marker is wrong, or on a test that has no fake.
    """
    if keywords:
        raise TypeError(f"pytest.mark.eventbridge_faults takes no keywords: {', '.join(keywords)}.")
    if "eventbridge" not in fixture_names:
        raise TypeError("pytest.mark.eventbridge_faults needs a test that uses the eventbridge fixture.")
    try:
        return resolve_faults(faults)
    except TypeError as error:
        raise TypeError(f"{error} (in pytest.mark.eventbridge_faults)") from None


def resolve_faults(faults: Sequence[object]) -> dict[str, Fault]:
    """Return faults by their ids.

    Args:
        faults: Names of known faults, `"entry:<ErrorCode>"` for any code, `"all"` for each known one, or functions
            that take the fake and inject failures.

    Raises:
        TypeError: There are none, one is unknown (the message names the known ones), or it is no name and no function.
    """
    if not faults:
        raise TypeError(f"At least one fault is required. Known: {', '.join(FAULTS)}, or all.")
    resolved: dict[str, Fault] = {}
    for fault in faults:
        if fault == "all":
            for name, known in FAULTS.items():
                _add(resolved, name, known)
        elif isinstance(fault, str):
            _add(resolved, fault, _named(fault))
        elif callable(fault):
            # Without the brackets of "<lambda>", which `-k` cannot read.
            _add(resolved, getattr(fault, "__name__", type(fault).__name__).strip("<>"), fault)
        else:
            names = ", ".join(FAULTS)
            raise TypeError(f"A fault is a name or a function of the fake, not {fault!r}. Known: {names}, or all.")
    return resolved


def _add(resolved: dict[str, Fault], name: str, fault: Fault) -> None:
    """Add a fault under its name, or, where another has that, under the name with a number; once only."""
    if any(fault is other for other in resolved.values()):
        return
    ids = chain([name], (f"{name}-{number}" for number in count(2)))
    resolved[next(fault_id for fault_id in ids if fault_id not in resolved)] = fault


def _named(name: str) -> Fault:
    if name in FAULTS:
        return FAULTS[name]
    if name.startswith(_ENTRY_PREFIX) and len(name) > len(_ENTRY_PREFIX):
        return _entry_fault(name.removeprefix(_ENTRY_PREFIX))
    raise TypeError(unknown_name("fault", name, [*FAULTS, "all"]))


@cache
def _entry_fault(error_code: str) -> Fault:
    return lambda bridge: bridge.fail_entries(error_code)


def _service_fault(error_code: str, *, times: int | None) -> Fault:
    return lambda bridge: bridge.fail_requests(error_code, times=times)


def _network_fault(name: str, *, delivered: bool = False) -> Fault:
    def inject(bridge: FakeEventBridge) -> Any:
        # Imported here because it loads botocore, which collecting the tests does not need.
        from pytest_eventbridge._interceptor import network_error_class

        return bridge.fail_requests(network_error_class(name), delivered=delivered)

    return inject


# Once is one attempt: botocore's own retry gets through. What no retry helps against holds for the whole test.
FAULTS: Final[dict[str, Fault]] = {
    "throttled": _service_fault("ThrottlingException", times=1),
    "throttled-for-good": _service_fault("ThrottlingException", times=None),
    "internal": _service_fault("InternalException", times=1),
    "unavailable": _service_fault("ServiceUnavailable", times=1),
    "denied": _service_fault("AccessDeniedException", times=None),
    "expired": _service_fault("ExpiredTokenException", times=None),
    "timeout": _network_fault("ReadTimeoutError"),
    "connect-timeout": _network_fault("ConnectTimeoutError"),
    "unreachable": _network_fault("EndpointConnectionError"),
    "connection-closed": _network_fault("ConnectionClosedError"),
    "lost-answer": _network_fault("ReadTimeoutError", delivered=True),
    **{f"{_ENTRY_PREFIX}{error_code}": _entry_fault(error_code) for error_code in DEFAULT_ERROR_MESSAGES},
}
