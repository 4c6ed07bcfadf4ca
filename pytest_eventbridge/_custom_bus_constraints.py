"""What the service `eventbridgev2` demands of a request that publishes, as a whole, before it looks at any entry.

Source: botocore's service model of 2025-05-15. What is wrong with the form of a request, wherever in it, fails it as a
whole (AWS's agent toolkit, on errors; read 2026-11). The texts are in the grammar of the classic service: those of
this one are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_eventbridge import _limits
from pytest_eventbridge._constraints import OVER_THE_LIMIT, RequestError, entry_size_bytes, validation_error
from pytest_eventbridge._request_members import (
    Blob,
    Choice,
    List,
    Map,
    Member,
    Structure,
    Text,
    Timestamp,
    WrongTypeError,
)

PUT_EVENTS: Final = "PutEvents"
PUT_RAW_EVENTS: Final = "PutRawEvents"
CONTENT_BASED: Final = "CONTENT_BASED"

_EVENT_BUS_ARN: Final = Text(
    max_length=_limits.MAX_CUSTOM_BUS_ARN_LENGTH,
    pattern=re.compile(_limits.CUSTOM_BUS_ARN_PATTERN, re.ASCII),
    is_required=True,
)
_ORDERING: Final[dict[str, Member]] = {
    "EventGroupId": Text(max_length=_limits.MAX_EVENT_GROUP_ID_LENGTH),
    "DeduplicationId": Text(
        max_length=_limits.MAX_DEDUPLICATION_ID_LENGTH, pattern=re.compile(_limits.DEDUPLICATION_ID_PATTERN)
    ),
}
_ENTRY: Final = Structure(
    members={
        "Source": Text(max_length=_limits.MAX_CUSTOM_BUS_SOURCE_LENGTH, is_required=True),
        "DetailType": Text(max_length=_limits.MAX_CUSTOM_BUS_DETAIL_TYPE_LENGTH, is_required=True),
        "Detail": Text(may_be_empty=True),
        "Resources": List(
            member=Text(max_length=_limits.MAX_RESOURCE_LENGTH, may_be_empty=True),
            max_length=_limits.MAX_RESOURCE_COUNT,
            may_be_empty=True,
        ),
        "Time": Timestamp(),
        "SystemMetadata": Structure(members=_ORDERING),
    }
)
# The model also has a pattern for the content type. What does not match it is refused with its entry (documented), as
# any other that the service does not know.
_RAW_ENTRY: Final = Structure(
    members={
        "Data": Blob(is_required=True),
        "Metadata": Map(
            key=Text(
                max_length=_limits.MAX_METADATA_KEY_LENGTH, pattern=re.compile(_limits.METADATA_KEY_PATTERN, re.DOTALL)
            ),
            value=Text(),
            max_length=_limits.MAX_METADATA_COUNT,
        ),
        "SystemMetadata": Structure(
            members={
                **_ORDERING,
                "ContentType": Text(max_length=_limits.MAX_CONTENT_TYPE_LENGTH, is_required=True),
            },
            is_required=True,
        ),
    }
)
_SCHEMA_REGISTRY: Final = Structure(
    members={
        "RegistryUri": Text(max_length=_limits.MAX_REGISTRY_URI_LENGTH, is_required=True),
        "ConfluentPublicRegistryConfiguration": Structure(
            members={"ConnectionArn": Text(max_length=_limits.MAX_CONNECTION_ARN_LENGTH, is_required=True)}
        ),
    }
)
_DEDUPLICATION: Final = Structure(
    members={"DeduplicationType": Choice(values=(CONTENT_BASED,), is_required=True)},
)


def _request_of(entry: Structure, **members: Member) -> Structure:
    return Structure(
        members={
            "EventBusArn": _EVENT_BUS_ARN,
            "Entries": List(member=entry, max_length=_limits.MAX_CUSTOM_BUS_ENTRY_COUNT, is_required=True),
            "DeduplicationConfiguration": _DEDUPLICATION,
            **members,
        }
    )


_ENTRIES: Final = {PUT_EVENTS: _ENTRY, PUT_RAW_EVENTS: _RAW_ENTRY}
_MEMBERS_OF_ANY: Final = {"EventBusName", "TraceHeader", *_ENTRY.members, *_RAW_ENTRY.members}
_REQUESTS: Final = {
    PUT_EVENTS: _request_of(_ENTRY),
    PUT_RAW_EVENTS: _request_of(_RAW_ENTRY, SchemaRegistryConfiguration=_SCHEMA_REGISTRY),
}


def own_members(operation: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry without the members that only entries of other operations have.

    botocore sends none; another program may, of any type, and the service reads past them.
    """
    own = _ENTRIES[operation].members
    return {name: value for name, value in entry.items() if name in own or name not in _MEMBERS_OF_ANY}


def find_custom_bus_error(operation: str, params: Any, max_request_bytes: int) -> RequestError | None:
    """Return why the service refuses a request for its form or its size; `None` when it does not.

    What an entry of PutEvents counts for is not documented: it is taken to be the same as on the classic service.

    Args:
        operation: `PUT_EVENTS` or `PUT_RAW_EVENTS`.
        params: The request, decoded from the wire; `None` when it could not be.
        max_request_bytes: What the entries' sizes may add up to.
    """
    try:
        violations = list(_REQUESTS[operation].iter_violations(params, ""))
    except WrongTypeError:
        return RequestError(code="SerializationException", message="")
    if violations:
        return _invalid_input(validation_error(violations).message)
    if any(map(_has_keys_that_differ_by_case, params["Entries"])):
        return _invalid_input("The keys of Metadata may not differ by case only.")
    size_of = entry_size_bytes if operation == PUT_EVENTS else _raw_entry_size_bytes
    if sum(map(size_of, params["Entries"])) > max_request_bytes:
        return _invalid_input(OVER_THE_LIMIT)
    return None


def _invalid_input(message: str) -> RequestError:
    return RequestError(code="InvalidInputException", message=message)


def _raw_entry_size_bytes(entry: Mapping[str, Any]) -> int:
    """Return what a raw entry counts for against the request's limit, in bytes.

    Source: the service model: `Data`, and the keys and values of `Metadata`.
    """
    texts = "".join(_iter_texts(entry.get("Metadata") or {}))
    return len(entry["Data"]) + len(texts.encode())


def _iter_texts(metadata: Mapping[str, str]) -> Iterator[str]:
    for key, value in metadata.items():
        yield key
        yield value


def _has_keys_that_differ_by_case(entry: Mapping[str, Any]) -> bool:
    keys = entry.get("Metadata") or {}
    return len({key.lower() for key in keys}) < len(keys)
