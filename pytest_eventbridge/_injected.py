"""All failures injected into one fake, and which of them comes first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, final

from pytest_eventbridge._failures import EntryFailure, InjectedFailure, SomeFailure
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._request_failures import RequestFailure

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


class _Queue(Generic[SomeFailure]):
    """Failures in the order of injection, any number: those at its front that are over are passed over for good.

    What is injected while it is iterated over, as by a predicate, comes last.
    """

    def __init__(self) -> None:
        self._failures: list[SomeFailure] = []
        self._front = 0

    def add(self, failure: SomeFailure) -> None:
        """Put a failure behind those injected before."""
        self._failures.append(failure)

    def __bool__(self) -> bool:
        return self._front < len(self._failures)

    def __iter__(self) -> Iterator[SomeFailure]:
        index = self._front
        while index < len(self._failures) and self._failures[index].remaining == 0:
            index += 1
        self._front = index  # two threads may come to different places: whichever stays, only what is over is before it
        while index < len(self._failures):
            yield self._failures[index]
            index += 1


@final
class InjectedFailures:
    """The failures injected into one fake, in the order in which they were injected."""

    def __init__(self) -> None:
        self._of_entries: _Queue[EntryFailure] = _Queue()
        self._of_requests: _Queue[RequestFailure] = _Queue()
        self._all: list[InjectedFailure] = []

    def add_of_entries(self, failure: EntryFailure) -> EntryFailure:
        """Put a failure of entries behind those injected before."""
        self._of_entries.add(failure)
        self._all.append(failure)
        return failure

    def add_of_requests(self, failure: RequestFailure) -> RequestFailure:
        """Put a failure of requests behind those injected before."""
        self._of_requests.add(failure)
        self._all.append(failure)
        return failure

    def first_for(self, event: CapturedEvent) -> EntryFailure | None:
        """Return the first failure that fires for an entry, counted as fired; `None` when none does."""
        return next((failure for failure in self._of_entries if failure.applies_to(event) and failure._fires()), None)

    def has_any_of_entries(self) -> bool:
        """Say whether there is a failure of entries to consult."""
        return bool(self._of_entries)

    def first_for_attempt(self) -> RequestFailure | None:
        """Return the first failure that fires for an attempt of a request, counted; `None` when none does."""
        return next((failure for failure in self._of_requests if failure.remaining != 0 and failure._fires()), None)

    def has_any_of_requests(self) -> bool:
        """Say whether a failure of requests is not over yet."""
        return bool(self._of_requests) and any(failure.remaining != 0 for failure in self._of_requests)

    def unused(self) -> list[InjectedFailure]:
        """Return the failures that never fired."""
        return [failure for failure in self._all if failure._is_unused]

    def __iter__(self) -> Iterator[InjectedFailure]:
        return iter(self._all)
