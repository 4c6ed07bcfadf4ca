"""The hooks of pytest that are needed only where the guard is on."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_eventbridge._report_sections import add_section, leave_out_extra_line
from pytest_eventbridge._session_guard import LateCalls, SessionGuard

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


class GuardHooks:
    """The guard of one session, which is on from here until pytest ends."""

    def __init__(self, config: pytest.Config) -> None:
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
            leave_out_extra_line(report)
        if problems := self._guard.take_problems(shown=str(report.longrepr)):
            add_section(report, "\n\n".join(problems))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Report what threads and tasks sent when their test had ended: as an error of that test.

        A worker of xdist may report only on the test that it runs, and leaves it to the process that has started it.
        """
        try:
            return (yield)
        finally:
            self._guard.wait()
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
        output = getattr(node, "workeroutput", {})  # which one that has crashed does not have
        self._late += [LateCalls(*calls) for calls in output.get("eventbridge_guard", ())]
