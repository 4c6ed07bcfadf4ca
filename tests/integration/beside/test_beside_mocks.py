"""Other mocks of AWS, as the tests of a project use them: in decorators, fixtures and blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import RunBeside


def test_moto(run_beside: RunBeside) -> None:
    """All other operations and services are for moto, whether it begins before, after or inside the fixture."""
    result = run_beside(
        """
        import boto3
        import pytest
        from moto import mock_aws
        from publisher import emit

        def use_both(eventbridge):
            client = boto3.client("events", region_name="eu-west-1")
            emit(client=client)
            emit("o-2")
            assert client.describe_event_bus()["Name"] == "default"
            boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="orders")
            assert [event.detail["order_id"] for event in eventbridge.events] == ["o-1", "o-2"]

        @pytest.fixture
        def aws():
            with mock_aws():
                yield

        def test_before(aws, eventbridge):
            use_both(eventbridge)

        def test_after(eventbridge, aws):
            use_both(eventbridge)

        def test_inside(eventbridge):
            with mock_aws():
                use_both(eventbridge)

        @mock_aws
        def test_decorator(eventbridge):
            use_both(eventbridge)

        @mock_aws
        class TestClass:
            def test_method(self, eventbridge):
                use_both(eventbridge)
        """,
        "-W",
        "ignore::DeprecationWarning:moto",
    )

    result.assert_outcomes(passed=5)


def test_stubber(run_beside: RunBeside) -> None:
    """A Stubber answers for the client that it holds, whichever began first, and all other clients are the fake's."""
    result = run_beside(
        """
        import boto3
        import pytest
        from botocore.stub import ANY, Stubber
        from publisher import emit

        ANSWER = {"FailedEntryCount": 0, "Entries": [{"EventId": "stubbed"}]}

        @pytest.fixture
        def stubbed():
            client = boto3.client(
                "events", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
            )
            with Stubber(client) as stubber:
                stubber.add_response("put_events", ANSWER, {"Entries": ANY})
                yield client
                stubber.assert_no_pending_responses()

        def test_before(stubbed, eventbridge):
            assert emit(client=stubbed)["Entries"] == [{"EventId": "stubbed"}]
            emit("o-2")
            eventbridge.assert_emitted_once(detail={"order_id": "o-2"})

        def test_after(eventbridge, stubbed):
            emit("o-2")
            assert emit(client=stubbed)["Entries"] == [{"EventId": "stubbed"}]
            eventbridge.assert_emitted_once(detail={"order_id": "o-2"})
        """
    )

    result.assert_outcomes(passed=2)
