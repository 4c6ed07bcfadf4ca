"""The guard: refuses the calls that no fake is there for, and remembers them for whoever has to fail for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from pytest_eventbridge._ownership import Ownership, TestRun

Service = TypeVar("Service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What was going on when a call was made.

    Attributes:
        ended_test: The test that the caller belongs to, when that has ended.
        during: What pytest was doing, such as "the set-up of the fixture 'shop'"; empty for the test itself, and
            when it did nothing that the guard knows of.
        running_test: The test that was running; `None` when none was.
        thread: The name of the thread.
    """

    ended_test: TestRun | None
    during: str
    running_test: TestRun | None
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCall:
    """A call that the guard has refused.

    Attributes:
        situation: What was going on.
        text: What was called, for which event bus, from where, and why it was refused: what the caller was told.
    """

    situation: Situation
    text: str


class Guard:
    """Decides who answers a call, and keeps what it has refused.

    Attributes:
        ownership: Which test the calling code belongs to.
        running_test: The test that is running; `None` when none is.
        refused: The calls that were refused because no fake was active.
        outlived: The calls that were refused because the caller's test had ended.
    """

    def __init__(self) -> None:
        self.ownership = Ownership()
        self.running_test: TestRun | None = None
        self._during = [""]
        self.refused: list[RefusedCall] = []
        self.outlived: list[RefusedCall] = []

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Say what pytest is doing inside the block."""
        self._during.append(what)
        try:
            yield
        finally:
            self._during.pop()

    def choose(self, services: Sequence[Service]) -> Service | None:
        """Return the service that answers the caller; `None` to refuse the call.

        Args:
            services: Those of the active fakes, the innermost last. A caller whose test has ended is answered by one
                that was active before that only.
        """
        test = self.ownership.owner()
        if test is None or test.known_services is None:
            return services[-1] if services else None
        return next((service for service in reversed(services) if service in test.known_services), None)

    def situation(self) -> Situation:
        """Return what is going on."""
        owner = self.ownership.owner()
        return Situation(
            ended_test=owner if owner is not None and owner.known_services is not None else None,
            during=self._during[-1],
            running_test=self.running_test,
            thread=threading.current_thread().name,
        )

    def add(self, call: RefusedCall) -> None:
        """Take note of a call that was refused."""
        (self.refused if call.situation.ended_test is None else self.outlived).append(call)
