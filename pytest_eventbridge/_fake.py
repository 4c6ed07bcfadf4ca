"""The fake itself: what a test holds in its hands."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from pytest_eventbridge._bookkeeping import find_lost_events
from pytest_eventbridge._custom_bus import CustomBuses
from pytest_eventbridge._environment import EnvironmentChanges, fake_environment
from pytest_eventbridge._failures import ONCE, EntryFailure, InjectedFailure
from pytest_eventbridge._injected import InjectedFailures
from pytest_eventbridge._messages import (
    failed_deliveries_problem,
    lost_events_problem,
    refused_operation_problem,
    unused_failures_problem,
)
from pytest_eventbridge._operations import other_operations
from pytest_eventbridge._options import options_from
from pytest_eventbridge._presentation import Presentation
from pytest_eventbridge._publishing import Surroundings
from pytest_eventbridge._report import report_lines
from pytest_eventbridge._request_failures import RequestFailure
from pytest_eventbridge._routed_events import RoutedEvents
from pytest_eventbridge._service import ClassicService
from pytest_eventbridge.exceptions import VerificationError

if TYPE_CHECKING:
    from typing import TypedDict

    from typing_extensions import Unpack

    from pytest_eventbridge._endpoint import EventBridgeEndpoint
    from pytest_eventbridge._expected import Criteria
    from pytest_eventbridge._interceptor import FoundCredentials

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


# pytest shows no frame of this module, only the line of the test that called it. Where that is within a function as
# well, pytest's debugger (--pdb) stops at that line too.
__tracebackhide__ = True


class FakeEventBridge(RoutedEvents):
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
        super().__init__(Presentation(), options_from(dict(options)))
        self._failures = InjectedFailures()
        self._service = ClassicService(self._options, self._failures, self._recorder, self._event_buses, self._rules)
        self._custom_buses = CustomBuses()
        surroundings = Surroundings(self._options, self._failures, self._recorder, self._event_buses)
        self._service.operations.update(other_operations(surroundings, self._custom_buses))
        self._environment_changes = EnvironmentChanges(
            region=self._options.region, fake_credentials=self._options.fake_credentials
        )
        self._found_before: FoundCredentials | None = None
        self._is_active = False
        self._endpoints = ExitStack()

    def __enter__(self) -> FakeEventBridge:
        """Begin to answer.

        Raises:
            RuntimeError: It is active already.
        """
        if self._is_active:
            raise RuntimeError("This FakeEventBridge is active already.")
        # Imported here, with botocore behind it, because importing this package must stay cheap.
        from pytest_eventbridge._interceptor import found_credentials, interception

        self._found_before = found_credentials() if self._options.fake_credentials else None
        fake_environment.begin(self, self._environment_changes)
        try:
            interception.begin(self._service)
        except BaseException:  # a signal handler's: nobody ends a fake that has not begun
            interception.end(self._service)
            fake_environment.end(self)
            raise
        self._is_active = True
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop answering, and put botocore and the environment back as they were; again changes nothing.

        Endpoints that were made meanwhile, and left open, are closed.
        """
        if not self._is_active:
            return
        from pytest_eventbridge._interceptor import forget_credentials, interception

        self._is_active = False
        try:
            self._endpoints.__exit__(exc_type, exc, traceback)
        finally:
            interception.end(self._service)
            fake_environment.end(self)
            if self._found_before is not None:
                forget_credentials(self._found_before)
                self._found_before = None

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
        return self._failures.add_of_entries(
            EntryFailure(
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

    def fail_requests(
        self,
        error: str | type[Exception] | Exception = "ThrottlingException",
        message: str | None = None,
        *,
        http_status: int | None = None,
        times: int | None = ONCE,
        skip: int = 0,
        delivered: bool = False,
        rate: float | None = None,
        seed: int | None = None,
    ) -> InjectedFailure:
        """Let whole requests fail, below botocore's retries.

        botocore sees an HTTP response, or a network error, and does what it does: it raises the modelled exception or
        a `ClientError`, and before that retries in the retry mode of the client, only without the waits. Each attempt
        uses up one of `times`.

        Args:
            error: An error code, such as `"ThrottlingException"`; a three-digit one (`"413"`) is a response without a
                body, as load balancers give it. Or an exception of `botocore.exceptions`, such as
                `EndpointConnectionError`, as a class or an instance: what the network raises.
            message: The text of the error; `None`: the service's own.
            http_status: The HTTP status; `None`: the service's own for the code.
            times: How many attempts; `None`: each one. With `rate` the default is each one.
            skip: How many attempts to let pass first.
            delivered: The events are accepted although the caller gets the error: the lost answer that makes a retry a
                duplicate.
            rate: Each attempt fails with this probability, from 0 to 1.
            seed: Makes the choices of `rate` come out the same again; drawn when `None`, and shown in the messages.

        Returns:
            The failure, as `fail_entries` returns it.

        Raises:
            TypeError: An argument of the wrong type, or an exception that is not botocore's.
            ValueError: `times` below 1, `skip` below 0, a `rate` outside 0 to 1, an `http_status` that is no failure.
        """
        return self._failures.add_of_requests(
            RequestFailure(
                error,
                message,
                http_status=http_status,
                times=times,
                skip=skip,
                delivered=delivered,
                rate=rate,
                seed=seed,
            )
        )

    def advance_clock(self, seconds: float) -> None:
        """Let the clock of deduplication run ahead, as if so many seconds had passed.

        On a Custom Event Bus, an entry that repeats one of the last 300 seconds is answered with `DEDUPLICATED` and is
        no event of its own. The clock follows `time.time` as well, frozen or moved. The times of captured events follow
        that alone.

        Args:
            seconds: 0 or more.

        Raises:
            TypeError: It is no number.
            ValueError: It is less than 0, or no finite number.
        """
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
            raise TypeError(f"seconds: a number is required, not {seconds!r}.")
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"seconds: a finite number, 0 or more, is required, not {seconds!r}.")
        self._custom_buses.window.advance(seconds)

    def serve(self) -> EventBridgeEndpoint:
        """Serve this fake on loopback, for other processes and other SDKs.

        The fake need not be active for that. One that is active ends its endpoints when it ends itself. As a context
        manager the endpoint ends with its block:

            with bridge.serve() as endpoint:
                subprocess.run(["node", "publish.mjs"], env=os.environ | endpoint.env, check=True)

        Returns:
            The endpoint, which is there already.

        Raises:
            ModuleNotFoundError: h11 is not installed, which comes with `pytest-eventbridge[endpoint]`.
            RuntimeError: There is no socket to be had, as where pytest-socket has shut them off.
        """
        from pytest_eventbridge._endpoint import EventBridgeEndpoint  # imported here because few tests need it

        endpoint = EventBridgeEndpoint(self._service, self._options)
        if self._is_active:
            self._endpoints.push(endpoint)
        return endpoint

    def verify(self) -> None:
        """Check now what is checked when the test ends.

        That is: each injected failure fired (unless `allow_unused_failures`), no delivery failed that the test has not
        taken note of, no operation was called that nobody plays, and no event was lost (only with
        `fail_on_lost_events`).

        Raises:
            VerificationError: All problems, together.
        """
        __tracebackhide__ = True
        problems = self._problems()
        if problems:
            raise VerificationError("\n\n".join(problems), problems=problems)

    def _problems(self) -> list[str]:
        """Return what `verify` would complain of, one text for each problem."""
        problems = []
        unused = self._failures.unused()
        if unused and not self._options.allow_unused_failures:
            problems.append(unused_failures_problem(unused, self._presentation))
        failed = self._rules.unnoted_failures()
        if failed:
            problems.append(failed_deliveries_problem(failed, self._presentation))
        # Once for each place in the code, which may call it in a loop.
        problems += map(refused_operation_problem, dict.fromkeys(self._service.refused_operations))
        if self._options.fail_on_lost_events:
            lost = find_lost_events(self._recorder.calls, self._recorder.all_accepted())
            if lost:
                problems.append(lost_events_problem(lost, self._presentation))
        return problems

    def _present(self, presentation: Presentation) -> None:
        """Set the budget of the texts; for the plugin, which knows the terminal."""
        self._presentation = presentation

    def _report(self) -> str:
        """Return what happened so far: all calls and entries in order, the injected failures, and the rules."""
        return "\n".join(report_lines(self._recorder, self._failures, self._rules, self._presentation))

    def __repr__(self) -> str:
        state = "active" if self._is_active else "not active"
        accepted = len(self._recorder.all_accepted())
        counts = f"{accepted} accepted, {len(self.failed_entries)} failed, {len(self.dropped_events)} dropped"
        return f"<FakeEventBridge {state}: {counts}>"
