"""The fake itself: what a test holds in its hands."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pytest_eventbridge._assertions import CapturedEvents
from pytest_eventbridge._bookkeeping import find_lost_events
from pytest_eventbridge._environment import EnvironmentChanges, fake_environment
from pytest_eventbridge._failures import ONCE, InjectedFailure, InjectedFailures
from pytest_eventbridge._messages import lost_event_line, refused_operation_problem, unused_failures_problem
from pytest_eventbridge._model import Origin, PutEventsCall
from pytest_eventbridge._options import options_from
from pytest_eventbridge._recorder import Recorder
from pytest_eventbridge._service import Answer, ClassicService
from pytest_eventbridge.exceptions import VerificationError

if TYPE_CHECKING:
    from typing import TypedDict

    from typing_extensions import Unpack

    from pytest_eventbridge._expected import Criteria

    class OptionKeywords(TypedDict, total=False):
        """The options of a `FakeEventBridge`, as keywords."""

        region: str
        account_id: str
        event_buses: Collection[str] | None
        max_request_bytes: int
        allow_unused_failures: bool
        fail_on_lost_events: bool
        ignore_detail_keys: Collection[str]
        fake_credentials: bool


class FakeEventBridge(CapturedEvents):
    """A fake Amazon EventBridge, which answers every botocore client of this process while it is active.

    Active inside its `with` block; the `eventbridge` fixture yields one that is active for the test. Fakes nest: the
    innermost active one answers. What was captured can be read after the block too. Leaving the block checks nothing;
    `verify()` does, and the fixture calls it.

    Args:
        **options: See `Options`.

    Raises:
        TypeError: An unknown option (the message names the allowed ones), or a value of the wrong type.
    """

    def __init__(self, **options: Unpack[OptionKeywords]) -> None:
        super().__init__(Recorder())
        self._options = options_from(dict(options))
        self._failures = InjectedFailures()
        self._service = ClassicService(self._options, self._failures, self._recorder)
        self._environment_changes = EnvironmentChanges(
            region=self._options.region, fake_credentials=self._options.fake_credentials
        )
        self._refused_operations: list[Origin] = []
        self._is_active = False

    def __enter__(self) -> FakeEventBridge:
        """Begin to answer.

        Raises:
            RuntimeError: It is active already.
        """
        if self._is_active:
            raise RuntimeError("This FakeEventBridge is active already.")
        # Imported here, with botocore behind it, because importing this package must stay cheap.
        from pytest_eventbridge._interceptor import interception

        fake_environment.begin(self, self._environment_changes)
        interception.begin(self)
        self._is_active = True
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop answering, and put botocore and the environment back as they were."""
        from pytest_eventbridge._interceptor import interception

        self._is_active = False
        interception.end(self)
        fake_environment.end(self)

    def fail_entries(
        self,
        error_code: str = "InternalFailure",
        error_message: str | None = None,
        *,
        times: int | None = ONCE,
        skip: int = 0,
        position: int | None = None,
        rate: float | None = None,
        seed: int | None = None,
        **criteria: Unpack[Criteria],
    ) -> InjectedFailure:
        """Let entries that match come back with an `ErrorCode`; the others of their request are accepted.

        The call itself succeeds, as it does on AWS, so that botocore neither raises nor retries. Failures are
        consulted in the order in which they were injected, and the first that applies wins. An entry that the service
        would refuse anyway gets the service's own answer and uses up none.

        Args:
            error_code: `ErrorCode` of the result entry: one that the service documents, or any other.
            error_message: `ErrorMessage`; `None`: the service's own text for the code.
            times: How many entries; `None`: each one. With `rate` the default is each one.
            skip: How many matching entries to let pass first.
            position: Only the entry at this 0-based place in its request.
            rate: Each matching entry fails with this probability, from 0 to 1.
            seed: Makes the choices of `rate` come out the same again; drawn when `None`, and shown in the messages.
            **criteria: See `Criteria`; without any, every entry matches.

        Returns:
            The failure, which counts how often it has fired, can be cancelled, and as a context manager ends with
            its block. One that never fires fails the test at teardown, unless `allow_unused_failures` is set.

        Raises:
            TypeError: An unknown criterion, or an argument of the wrong type.
            ValueError: `times` below 1, `skip` or `position` below 0, a `rate` outside 0 to 1.
        """
        return self._failures.add(
            InjectedFailure(
                error_code,
                error_message,
                times=times,
                skip=skip,
                position=position,
                rate=rate,
                seed=seed,
                criteria=criteria,
            )
        )

    def verify(self) -> None:
        """Check now what is checked when the test ends.

        That is: each injected failure fired (unless `allow_unused_failures`), no operation was called that nobody
        plays, and no event was lost (only with `fail_on_lost_events`).

        Raises:
            VerificationError: All problems, together.
        """
        __tracebackhide__ = True
        problems = self.problems()
        if problems:
            raise VerificationError("\n\n".join(problems), problems=problems)

    def problems(self) -> list[str]:
        """Return what `verify` would complain of, one text for each problem."""
        problems = []
        unused = self._failures.unused()
        if unused and not self._options.allow_unused_failures:
            problems.append(unused_failures_problem(unused))
        problems += [refused_operation_problem(origin) for origin in self._refused_operations]
        if self._options.fail_on_lost_events:
            lost = find_lost_events(self._recorder.calls, self._recorder.events)
            problems += [f"An event was lost:\n  {lost_event_line(event)}" for event in lost]
        return problems

    def answer_put_events(self, params: Any, origin: Origin) -> Answer:
        """Answer a PutEvents request decoded from the wire; for the interceptor."""
        return self._service.put_events(params, origin)

    def refuse_operation(self, origin: Origin) -> None:
        """Take note that an operation was refused; for the interceptor."""
        self._refused_operations.append(origin)

    def complete_call(
        self, call: PutEventsCall, *, response: dict[str, Any] | None, error: BaseException | None
    ) -> None:
        """Take note of what the caller got; for the interceptor."""
        self._recorder.complete(call, response=response, error=error)

    def __repr__(self) -> str:
        state = "active" if self._is_active else "not active"
        counts = f"{len(self.events)} accepted, {len(self.failed_entries)} failed, {len(self.dropped_events)} dropped"
        return f"<FakeEventBridge {state}: {counts}>"
