"""The limits are those that botocore's service model knows."""

from __future__ import annotations

from typing import Any

import botocore
import botocore.session
import pytest

from pytest_eventbridge import FakeEventBridge, _limits

# The service model of an older botocore describes the service of its day.
BOTOCORE_VERSION = tuple(int(part) for part in botocore.__version__.split(".")[:2])
of_2026 = pytest.mark.skipif(BOTOCORE_VERSION < (1, 43), reason="the documentation of an older service model")


@pytest.fixture(scope="module")
def model() -> Any:
    """The service model of the classic service, read through botocore's own loader."""
    return botocore.session.get_session().get_service_model("events")


@pytest.mark.parametrize(
    ("shape", "key", "limit"),
    [
        pytest.param("PutEventsRequestEntryList", "max", _limits.MAX_ENTRY_COUNT, id="entries"),
        pytest.param("TraceHeader", "max", _limits.MAX_TRACE_HEADER_LENGTH, id="trace header"),
        pytest.param("NonPartnerEventBusNameOrArn", "max", _limits.MAX_EVENT_BUS_NAME_LENGTH, id="bus name"),
        pytest.param("EndpointId", "max", _limits.MAX_ENDPOINT_ID_LENGTH, id="endpoint id"),
        pytest.param("EventPattern", "max", _limits.MAX_PATTERN_LENGTH, id="event pattern"),
        pytest.param("EndpointId", "pattern", _limits.ENDPOINT_ID_PATTERN, id="pattern of an endpoint id"),
    ],
)
def test_a_limit_is_the_one_of_the_service_model(model: Any, shape: str, key: str, limit: int | str) -> None:
    """The shape that the member has in the model says the same."""
    assert model.shape_for(shape).metadata[key] == limit


def test_the_pattern_of_a_bus_name_is_the_one_of_the_service_model(model: Any) -> None:
    """It is the same, but that regions began with two letters in the models of older versions."""
    pattern = model.shape_for("NonPartnerEventBusNameOrArn").metadata["pattern"]

    assert pattern.replace("[a-z]{2}-[a-z]+-", "[a-z]+-[a-z]+-") == _limits.EVENT_BUS_NAME_PATTERN


@pytest.mark.parametrize(
    ("member", "shape"),
    [
        ("EventBusName", "NonPartnerEventBusNameOrArn"),
        ("TraceHeader", "TraceHeader"),
        ("Source", "String"),
        ("DetailType", "String"),
        ("Detail", "String"),
    ],
)
def test_a_member_has_the_shape_whose_limit_is_kept(model: Any, member: str, shape: str) -> None:
    """The member of an entry is of that shape; the plain strings have no limit in the model."""
    entry = model.operation_model("PutEvents").input_shape.members["Entries"].member
    assert entry.members[member].name == shape
    assert bool(entry.members[member].metadata) == (shape != "String")


def test_the_model_knows_no_member_that_the_limits_do_not(model: Any) -> None:
    """A member that a later service model adds to request or entry shows here first."""
    request = model.operation_model("PutEvents").input_shape

    assert set(request.members) == {"Entries", "EndpointId"}
    assert set(request.members["Entries"].member.members) == {
        "Time",
        "Source",
        "Resources",
        "DetailType",
        "Detail",
        "EventBusName",
        "TraceHeader",
    }
    assert set(model.operation_model("PutEvents").output_shape.members) == {"FailedEntryCount", "Entries"}


def test_the_length_of_a_detail_type_is_the_documented_one(model: Any) -> None:
    """The service model says it in words only."""
    entry = model.shape_for("PutEventsRequestEntry")

    assert f"maximum of {_limits.MAX_DETAIL_TYPE_LENGTH} characters" in entry.members["DetailType"].documentation


@of_2026
def test_the_depth_of_a_detail_is_the_documented_one(model: Any) -> None:
    """The service model says it in words only."""
    documentation = model.operation_model("PutEvents").documentation

    assert f"nested JSON up to {_limits.MAX_DETAIL_DEPTH} levels deep" in documentation


@of_2026
def test_the_size_of_a_request_is_the_documented_one(model: Any) -> None:
    """The service model says it in words only, and in a rounded number."""
    documentation = model.operation_model("PutEvents").documentation

    assert f"less than {_limits.MAX_REQUEST_BYTES // 1024 // 1024}MB" in documentation
    assert _limits.MAX_REQUEST_BYTES % (1024 * 1024) == 0


def test_event_ids_fit_the_service_model(model: Any, eventbridge: FakeEventBridge) -> None:
    """An id of the fake is no longer than the model lets one be."""
    client: Any = botocore.session.get_session().create_client("events")
    [result] = client.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])["Entries"]

    assert len(result["EventId"]) <= model.shape_for("EventId").metadata.get("max", 64)
