"""The guard of a test session: when it begins and ends, and what it has to report at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from pytest_eventbridge._guard import Guard, RefusedCall
from pytest_eventbridge._import_watch import ImportWatch
from pytest_eventbridge._ownership import TestRun

# How long the end of a session waits, in seconds, for what tests have left behind. Python waits for the same threads
# and jobs before it ends, so that this costs nothing unless they wait for that end in turn.
_PATIENCE: Final = 2.0


class LateCalls(NamedTuple):
    """What was refused because its test had ended, in a form that xdist can send.

    Attributes:
        nodeid: The test that it belongs to.
        location: Where that is, as pytest reports it.
        text: What was refused.
    """

    nodeid: str
    location: tuple[str, int | None, str]
    text: str


class SessionGuard(Guard):
    """A guard that takes hold of botocore as soon as somebody imports it, and not before."""

    def __init__(self) -> None:
        super().__init__()
        self._watch = ImportWatch("botocore.client", self._begin_interception)
        self._is_intercepting = False
        self._last_test: TestRun | None = None

    def begin(self) -> None:
        """Begin to guard; a session that never loads botocore does not pay for it."""
        self.ownership.begin()
        self._watch.begin()

    def wait(self) -> None:
        """Wait for what tests have left behind, for as long as Python would, but not for ever."""
        self.ownership.wait(_PATIENCE)

    def end(self) -> None:
        """Put everything back."""
        self._watch.end()
        self.ownership.end()
        if self._is_intercepting:
            from pytest_eventbridge._interceptor._wrapping import interception

            self._is_intercepting = False
            interception.end_guard(self)

    def _begin_interception(self) -> None:
        # Not from the package, which may be what has just begun to import botocore.
        from pytest_eventbridge._interceptor._wrapping import interception

        interception.begin_guard(self)
        self._is_intercepting = True

    @contextmanager
    def test(self, nodeid: str, location: tuple[str, int | None, str]) -> Iterator[None]:
        """Know inside the block which test is running, and at its end which fakes are active around it."""
        self.running_test = test = TestRun(nodeid, location)
        try:
            yield
        finally:
            test.known_services = self._services()
            self.running_test, self._last_test = None, test

    def _services(self) -> list[object]:
        if not self._is_intercepting:
            return []
        from pytest_eventbridge._interceptor._wrapping import interception

        return [*interception.services()]

    def problems(self) -> list[str]:
        """Return what was refused since it was last taken, one text for each call that differs."""
        return _texts_of(list(self.refused))

    def take_problems(self, *, shown: str = "") -> list[str]:
        """Return them, and forget them.

        Args:
            shown: What is shown already; what stands in there is left out.
        """
        calls, self.refused = self.refused, []
        return _texts_of(call for call in calls if call.text not in shown)

    def take_late_calls(self) -> list[LateCalls]:
        """Return what no test has failed for, together for each test, and forget it.

        That is what was refused because its test had ended, and what came after the last test.
        """
        calls = self.outlived + self.refused
        self.outlived, self.refused = [], []
        of_tests: dict[TestRun, list[RefusedCall]] = {}
        for call in calls:
            if (test := call.situation.ended_test or self._last_test) is not None:
                of_tests.setdefault(test, []).append(call)
        return [LateCalls(test.nodeid, test.location, "\n".join(_texts_of(calls))) for test, calls in of_tests.items()]


def _texts_of(calls: Iterable[RefusedCall]) -> list[str]:
    """Return the text of each call that differs, and how often there was another like it."""
    counts: dict[str, int] = {}
    for call in calls:
        counts[call.text] = counts.get(call.text, 0) + 1
    return [text if count == 1 else f"{count} times: {text}" for text, count in counts.items()]
