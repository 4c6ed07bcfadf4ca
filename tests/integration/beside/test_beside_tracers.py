"""Tracers that patch botocore's clients, on in the moments at which a project turns them on.

Each in a process of its own, as what a tracer patches and starts is the process's.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from conftest import RunBeside


class Tracer(NamedTuple):
    """How a tracer is turned on and off, and how many calls it has seen."""

    setup: str
    on: str
    off: str
    spans: str


TRACERS = {
    "ddtrace": Tracer(
        setup="""
            from ddtrace import config, tracer
            from ddtrace.contrib.internal.botocore.patch import patch, unpatch
            from ddtrace.trace import TraceFilter

            SPANS = []

            class Collecting(TraceFilter):
                def process_trace(self, trace):
                    SPANS.extend(span for span in trace if span.get_tag("aws.operation") == "PutEvents")
                    return None

            tracer.configure(trace_processors=[Collecting()])
        """,
        on="patch()",
        off="unpatch()",
        spans="len(SPANS)",
    ),
    "OpenTelemetry": Tracer(
        setup="""
            from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import SimpleSpanProcessor
            from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

            EXPORTER = InMemorySpanExporter()
            PROVIDER = TracerProvider()
            PROVIDER.add_span_processor(SimpleSpanProcessor(EXPORTER))
        """,
        on="BotocoreInstrumentor().instrument(tracer_provider=PROVIDER)",
        off="BotocoreInstrumentor().uninstrument()",
        spans="sum(span.attributes['rpc.method'] == 'PutEvents' for span in EXPORTER.get_finished_spans())",
    ),
    "X-Ray": Tracer(
        setup="""
            import botocore.client
            from aws_xray_sdk.core import xray_recorder
            from aws_xray_sdk.ext.botocore import patch
            from botocore.endpoint import Endpoint

            class Nowhere:
                def send_entity(self, entity):
                    pass

            xray_recorder.configure(sampling=False, emitter=Nowhere())

            def unpatch():
                # What its own does; that (of 2.15) does not know the wrappers of wrapt 2 for what they are.
                for owner, name in ((BaseClient, "_make_api_call"), (Endpoint, "prepare_request")):
                    setattr(owner, name, owner.__dict__[name].__wrapped__)
                del botocore.client._xray_enabled

            @pytest.fixture(autouse=True)
            def segment():
                with xray_recorder.in_segment("the test"):
                    yield
        """,
        on="patch()",
        off="unpatch()",
        spans="len(xray_recorder.current_segment().subsegments)",
    ),
}

PROGRAM = """
import boto3
import pytest
import publisher
from botocore.client import BaseClient
from pytest_eventbridge import FakeEventBridge
{setup}
ORIGINAL = BaseClient.__dict__["_make_api_call"]

def on():
    {on}

def off():
    {off}

@pytest.fixture
def tracer():
    on()
    yield
    off()

def spans():
    return {spans}

def check(eventbridge):
    started = spans()
    publisher.emit()
    publisher.emit("o-2", client=boto3.client("events"))
    event = eventbridge.assert_emitted_once(detail={{"order_id": "o-1"}})
    assert event.sent_from.startswith(publisher.__file__), event.sent_from
    assert len(eventbridge.calls) == 2
    assert spans() == started + 2

def test_it_is_on_before_the_fake(tracer, eventbridge):
    check(eventbridge)

def test_it_is_turned_on_under_the_fake(eventbridge, tracer):
    check(eventbridge)

def test_it_is_on_for_a_block(eventbridge):
    publisher.emit("o-0")
    eventbridge.clear()
    on()
    check(eventbridge)
    off()
    started = spans()
    publisher.emit("o-3")
    assert len(eventbridge.calls) == 3
    assert spans() == started

def test_it_stays_on_from_one_fake_to_the_next_and_goes_under_the_third():
    with FakeEventBridge() as first:
        on()
        check(first)
    with FakeEventBridge() as second:
        check(second)
    with FakeEventBridge() as third:
        check(third)
        off()
        started = spans()
        publisher.emit("o-3")
        assert len(third.calls) == 3
    assert spans() == started
    assert BaseClient.__dict__["_make_api_call"] is ORIGINAL

@pytest.mark.eventbridge(ignore_detail_keys=["_datadog"])
def test_failures_come_through(tracer, eventbridge):
    eventbridge.fail_entries("ThrottlingException")
    assert publisher.emit()["FailedEntryCount"] == 1
    eventbridge.fail_requests("InternalException", times=2)
    assert publisher.emit()["FailedEntryCount"] == 0
    assert [call.attempts for call in eventbridge.calls] == [1, 3]
    eventbridge.assert_no_lost_events()
"""


@pytest.mark.parametrize("name", TRACERS)
def test_a_tracer(run_beside: RunBeside, name: str) -> None:
    """Its spans are made and its calls captured, whichever began first, and the caller is found behind it."""
    tracer = TRACERS[name]
    indented = {"on": tracer.on, "off": tracer.off, "spans": tracer.spans}

    result = run_beside(PROGRAM.format(setup=textwrap.dedent(tracer.setup), **indented), "-W", "default")

    result.assert_outcomes(passed=5)


def test_what_ddtrace_writes_into_a_detail(run_beside: RunBeside, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in each Detail, in the caller's list too, that `ignore_detail_keys` makes comparisons blind to."""
    monkeypatch.setenv("DD_BOTOCORE_DISTRIBUTED_TRACING", "true")
    result = run_beside(
        """
        import json

        import publisher
        import pytest
        from ddtrace.contrib.internal.botocore.patch import patch, unpatch
        from pytest_eventbridge import Exactly, ExpectedEvent

        @pytest.fixture(autouse=True)
        def tracer():
            patch()
            yield
            unpatch()

        def emit_twice():
            entries = [{"Source": "shop", "DetailType": "OrderPlaced", "Detail": '{"order_id": "o-1"}'}]
            publisher.CLIENT.put_events(Entries=entries)
            publisher.CLIENT.put_events(Entries=entries)
            return entries

        @pytest.mark.eventbridge(ignore_detail_keys=["_datadog"])
        def test_ignored(eventbridge):
            (entry,) = emit_twice()
            assert set(json.loads(entry["Detail"])) == {"order_id", "_datadog"}
            first, second = eventbridge.assert_emitted(detail=Exactly({"order_id": "o-1"}), times=2)
            assert set(first.detail) == {"order_id", "_datadog"}
            assert eventbridge.events == [ExpectedEvent(detail=Exactly({"order_id": "o-1"}))] * 2
            with pytest.raises(AssertionError, match="accepted more than once"):
                eventbridge.assert_no_duplicates()

        @pytest.mark.eventbridge(ignore_detail_keys=["_datadog"])
        def test_a_retry_is_no_loss(eventbridge):
            eventbridge.fail_entries()
            emit_twice()
            eventbridge.assert_no_lost_events()

        def test_not_ignored(eventbridge):
            emit_twice()
            eventbridge.assert_emitted(detail={"order_id": "o-1"}, times=2)
            with pytest.raises(AssertionError, match="_datadog"):
                eventbridge.assert_emitted(detail=Exactly({"order_id": "o-1"}))
        """,
        "-W",
        "default",
    )

    result.assert_outcomes(passed=3)
