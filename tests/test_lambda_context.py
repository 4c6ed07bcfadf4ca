"""The context that a Lambda handler is given."""

from __future__ import annotations

import re
import time

import pytest

from pytest_eventbridge._lambda_context import LambdaContext


@pytest.fixture
def context() -> LambdaContext:
    """A context."""
    return LambdaContext(
        function_name="audit",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:audit",
        request_id="8f5e0d4c-0000-1111-2222-333344445555",
    )


def test_attributes(context: LambdaContext) -> None:
    """It has the attributes that Lambda documents, with the types of Lambda's own runtime."""
    assert context.function_name == "audit"
    assert context.function_version == "$LATEST"
    assert context.invoked_function_arn == "arn:aws:lambda:us-east-1:123456789012:function:audit"
    assert context.memory_limit_in_mb == "128"
    assert context.aws_request_id == "8f5e0d4c-0000-1111-2222-333344445555"
    assert context.log_group_name == "/aws/lambda/audit"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context.log_stream_name)
    assert context.client_context is None
    assert (context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id) == (None, None)
    assert repr(context) == "<LambdaContext of 'audit'>"


def test_remaining_time(context: LambdaContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that is left runs from fifteen minutes to nothing, in whole milliseconds."""
    began = context._deadline - 900
    for passed, left in ((0, 900_000), (60, 840_000), (900, 0), (901, 0)):
        monkeypatch.setattr(time, "monotonic", lambda passed=passed: began + passed)
        assert context.get_remaining_time_in_millis() == pytest.approx(left, abs=1)
        assert isinstance(context.get_remaining_time_in_millis(), int)


def test_log(context: LambdaContext, capsys: pytest.CaptureFixture[str]) -> None:
    """What a handler logs through it is printed, without a line end of its own."""
    context.log("one")
    context.log(2)
    assert capsys.readouterr().out == "one2"
