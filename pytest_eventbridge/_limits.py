"""The limits of the service: each with its unit, where it is written down, and when it was read."""

from __future__ import annotations

# UTF-8 bytes, summed over the entries of one PutEvents request. A total of exactly this size is accepted, one
# byte more is not (observed in us-east-1 on 2026-03-28; the limit was 262,144 until 29 January 2026).
MAX_REQUEST_BYTES = 1_048_576

# Entries in one PutEvents request. Source: PutEvents API reference, `Entries`.
MAX_ENTRY_COUNT = 10

# Bytes an entry's Time counts for, when given. Source: user guide, "Calculating PutEvents event entry size".
TIME_BYTES = 14

# Characters. Source: PutEventsRequestEntry API reference. A longer one fails its entry, not the request.
MAX_DETAIL_TYPE_LENGTH = 128

# Characters. Source: botocore's service model of 2015-10-07, shape TraceHeader.
MAX_TRACE_HEADER_LENGTH = 500

# Characters, and the regular expression. Source: the same model, shape NonPartnerEventBusNameOrArn.
MAX_EVENT_BUS_NAME_LENGTH = 1600
EVENT_BUS_NAME_PATTERN = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+"

# Regular expressions. Source: the same model, shapes EventBusNameOrArn, and RuleName, which TargetId equals.
EVENT_BUS_NAME_OR_ARN_PATTERN = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+"
NAME_PATTERN = r"[\.\-_A-Za-z0-9]+"

# Characters. Source: the same model, shape RuleName.
MAX_RULE_NAME_LENGTH = 64

# Members of one page of a list. Source: the same model, shape LimitMax100.
MAX_PAGE_LENGTH = 100

# Targets of one rule. Source: recorded from AWS in 2024; user guide, "EventBridge quotas".
MAX_TARGET_COUNT = 5

# Characters, and the regular expression. Source: the same model, shape EndpointId.
MAX_ENDPOINT_ID_LENGTH = 50
ENDPOINT_ID_PATTERN = r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$"

# Levels of nesting in Detail. Source: PutEvents API reference.
MAX_DETAIL_DEPTH = 1000

# Characters of an event pattern. Source: botocore's service model, shape EventPattern.
MAX_PATTERN_LENGTH = 4096

# Combinations into which the `$or`s of a pattern may multiply. Source: user guide, "Using $or in event patterns".
MAX_OR_COMBINATIONS = 1000

# Fields of one combination. Source: AWS's open-source rule engine, version 2.0.1.
MAX_PATTERN_FIELDS = 256

# Beginnings of wildcard patterns that one value can be in at once. Source: of 7 to 11, what AWS was seen to accept
# and to refuse, until May 2026; 10 itself was not seen.
MAX_WILDCARD_COMPLEXITY = 10

# Entries in one PutPartnerEvents request, characters of a partner's Source, and its regular expression. Source:
# botocore's service model of 2015-10-07, shapes PutPartnerEventsRequestEntryList and EventSourceName.
MAX_PARTNER_ENTRY_COUNT = 20
MAX_PARTNER_SOURCE_LENGTH = 256
PARTNER_SOURCE_PATTERN = r"aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"

# The limits of the service `eventbridgev2`: entries of one request, and otherwise characters. That on the bytes of a
# request is the one above. Source: botocore's service model of 2025-05-15, in the version of 1.44.8.
MAX_CUSTOM_BUS_ENTRY_COUNT = 100
MAX_CUSTOM_BUS_ARN_LENGTH = 1011
CUSTOM_BUS_ARN_PATTERN = (
    r"arn:aws(-[a-z0-9]+)*:events:[a-z][a-z0-9]*(-[a-z0-9]+)*:([0-9]{12}):event-busv2\/"
    r"[A-Za-z0-9][\.\-_A-Za-z0-9]{0,255}\/[a-z0-9]{25}"
)
MAX_CUSTOM_BUS_SOURCE_LENGTH = 256
MAX_CUSTOM_BUS_DETAIL_TYPE_LENGTH = 128
MAX_RESOURCE_COUNT = 100
MAX_RESOURCE_LENGTH = 2048
MAX_EVENT_GROUP_ID_LENGTH = 128
MAX_DEDUPLICATION_ID_LENGTH = 128
DEDUPLICATION_ID_PATTERN = (
    r"[\s\S]*[^\u0009-\u000D\u001C-\u0020\u1680\u2000-\u2006\u2008-\u200A\u2028\u2029\u205F\u3000][\s\S]*"
)
MAX_CONTENT_TYPE_LENGTH = 256
MAX_METADATA_COUNT = 100
MAX_METADATA_KEY_LENGTH = 128
METADATA_KEY_PATTERN = r"[^/]+"
MAX_REGISTRY_URI_LENGTH = 2048
MAX_CONNECTION_ARN_LENGTH = 1600
