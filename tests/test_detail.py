"""Reading `Detail`: JSON as the service takes it, whatever the text and however deep the stack."""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._detail import MalformedDetailError, decode_detail, with_room
from pytest_eventbridge._limits import MAX_DETAIL_DEPTH

T = TypeVar("T")

# More digits than CPython converts by default (4,300).
LONG_INTEGER = "1" * 5000


@pytest.fixture(scope="module")
def client() -> Any:
    """A client that all tests here share."""
    return botocore.session.get_session().create_client(
        "events", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def nested(levels: int) -> str:
    """Make a JSON object of so many levels, objects and arrays by turns."""
    openings = ['{"a":' if level % 2 == 0 else "[" for level in range(levels)]
    closings = ["}" if level % 2 == 0 else "]" for level in reversed(range(levels))]
    return "".join([*openings, "1", *closings])


def depth_of(value: Any) -> int:
    """Count levels without recursing."""
    depth = 0
    while isinstance(value, (dict, list)):
        depth += 1
        value = value["a"] if isinstance(value, dict) else value[0]
    return depth


def with_frames_left(count: int, function: Callable[[], T]) -> T:
    """Call a function on a stack that has room for so many frames more."""
    frame, used = sys._getframe(), 0
    while frame is not None:
        frame, used = frame.f_back, used + 1  # type: ignore[assignment]  # None ends the loop

    def descend(levels: int) -> T:
        return function() if levels <= 0 else descend(levels - 1)

    return descend(sys.getrecursionlimit() - used - count)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("NotJSON", id="a bare word"),
        pytest.param(" ", id="whitespace only"),
        pytest.param("[]", id="an array"),
        pytest.param('"text"', id="a string"),
        pytest.param("1", id="a number"),
        pytest.param("null", id="null"),
        pytest.param("true", id="a boolean"),
        pytest.param("NaN", id="NaN alone"),
        pytest.param("{", id="not closed"),
        pytest.param("{}}", id="closed twice"),
        pytest.param("{} {}", id="two objects"),
        pytest.param("{'a': 1}", id="single quotes"),
        pytest.param("{a: 1}", id="a key without quotes"),
        pytest.param("{1: 1}", id="a number for a key"),
        pytest.param('{"a": 1,}', id="a comma too many"),
        pytest.param('{"a": 01}', id="a leading zero"),
        pytest.param('{"a": +1}', id="a plus sign"),
        pytest.param('{"a": .5}', id="no digit before the point"),
        pytest.param('{"a": 5.}', id="no digit after the point"),
        pytest.param('{"a": 0x10}', id="hexadecimal"),
        pytest.param('{"a": 1_000}', id="an underscore in a number"),
        pytest.param('{"a": True}', id="a Python constant"),
        pytest.param('{"a": "\n"}', id="a bare line break in a string"),
        pytest.param('{"a": "\x00"}', id="a bare control character in a string"),
        pytest.param(r'{"a": "\x41"}', id="an escape that JSON has not"),
        pytest.param(r'{"a": "\u12"}', id="a short escape"),
        pytest.param('{"a": 1} // comment', id="a comment"),
        pytest.param("\ufeff{}", id="a byte order mark"),
        pytest.param("\u00a0{}", id="a space that is none in JSON"),
        pytest.param('{"a": NaN}', id="NaN"),
        pytest.param('{"a": Infinity}', id="Infinity"),
        pytest.param('{"a": -Infinity}', id="minus Infinity"),
        pytest.param('{"a": [{"b": NaN}]}', id="NaN further down"),
        pytest.param('{"a', id="a string not closed"),
        pytest.param('{"a\\', id="a string that ends in a backslash"),
        pytest.param('{"a":"' + "[" * 2000, id="a string not closed, with brackets"),
        pytest.param('"' * 5001, id="thousands of quotes"),
        pytest.param('{"a":"' + '\\"' * 5000, id="thousands of escaped quotes"),
        pytest.param("]" * 2000 + "[" * 2500, id="more closed than opened"),
        pytest.param('{"a": ' + LONG_INTEGER, id="a long integer, not closed"),
        pytest.param('{"a": ' + LONG_INTEGER + ",}", id="a long integer, a comma too many"),
        pytest.param('{"a": ' + LONG_INTEGER + ', "b": NaN}', id="a long integer and NaN"),
        pytest.param("[" + LONG_INTEGER + "]", id="an array with a long integer"),
        pytest.param(LONG_INTEGER, id="a long integer alone"),
        pytest.param('{"a": 0' + LONG_INTEGER + "}", id="a long integer with a leading zero"),
        pytest.param(nested(MAX_DETAIL_DEPTH + 1), id="1,001 levels"),
        pytest.param(nested(5_000), id="5,000 levels"),
        pytest.param(nested(100_000), id="100,000 levels"),
        pytest.param("[" * 100_000, id="100,000 brackets never closed"),
        pytest.param('{"a":' * 100_000, id="100,000 braces never closed"),
    ],
)
def test_what_is_no_json_object_is_malformed(client: Any, eventbridge: FakeEventBridge, text: str) -> None:
    """The entry fails with `MalformedDetail`, the fake survives, and the captured entry has no decoded detail."""
    response = client.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": text}])

    assert response["Entries"] == [{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}]
    [failed] = eventbridge.failed_entries
    assert failed.detail_json == text
    assert failed.detail is None
    with pytest.raises(MalformedDetailError):
        decode_detail(text)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        pytest.param("{}", {}, id="empty"),
        pytest.param(' \t\r\n{ "a" : [ ] } ', {"a": []}, id="whitespace"),
        pytest.param('{"":{"":""}}', {"": {"": ""}}, id="empty keys"),
        pytest.param('{"a":1,"a":2}', {"a": 2}, id="a key twice"),
        pytest.param('{"a":-0.5e-3}', {"a": -0.0005}, id="a number with everything"),
        pytest.param('{"a":9223372036854775808}', {"a": 2**63}, id="an integer above 64 bits"),
        pytest.param('{"a":1e999}', {"a": math.inf}, id="a float above a double"),
        pytest.param('{"a":-1e999}', {"a": -math.inf}, id="a float below a double"),
        pytest.param(f'{{"a":{LONG_INTEGER}}}', {"a": math.inf}, id="an integer of 5,000 digits"),
        pytest.param(f'{{"a":-{LONG_INTEGER}}}', {"a": -math.inf}, id="a negative integer of 5,000 digits"),
        pytest.param(f'{{"a":{LONG_INTEGER},"b":7}}', {"a": math.inf, "b": 7}, id="a short integer beside a long one"),
        pytest.param(r'{"a":"\ud800"}', {"a": "\ud800"}, id="a lone surrogate, escaped"),
        pytest.param('{"a":"\ud800"}', {"a": "\ud800"}, id="a lone surrogate, bare"),
        pytest.param(r'{"a":"\ud83d\ude00"}', {"a": "😀"}, id="a pair of surrogates, escaped"),
        pytest.param('{"a":"\x7f\u2028"}', {"a": "\x7f\u2028"}, id="odd characters that JSON allows"),
        pytest.param('{"a":"NaN"}', {"a": "NaN"}, id="NaN as a string"),
        pytest.param(json.dumps({"a": "[{" * 5000}), {"a": "[{" * 5000}, id="thousands of brackets in a string"),
        pytest.param(json.dumps({"a": '\\"[' * 2000}), {"a": '\\"[' * 2000}, id="brackets behind escaped quotes"),
        pytest.param(json.dumps({"a": [{}] * 5000}), {"a": [{}] * 5000}, id="thousands of brackets side by side"),
        pytest.param(json.dumps({"a": "x" * 1_000_000}), {"a": "x" * 1_000_000}, id="a megabyte"),
    ],
)
def test_what_is_a_json_object_is_decoded(
    client: Any, eventbridge: FakeEventBridge, text: str, detail: dict[str, Any]
) -> None:
    """The entry is accepted, the decoded detail is what the text says, and the text stays as sent."""
    response = client.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": text}])

    assert response["FailedEntryCount"] == 0
    [event] = eventbridge.events
    assert event.detail_json == text
    assert event.detail == detail
    assert event.to_dict()["detail"] == detail


def test_a_thousand_levels_are_accepted(client: Any, eventbridge: FakeEventBridge) -> None:
    """The deepest nesting that the service documents is decoded in full, although it is CPython's own limit too."""
    text = nested(MAX_DETAIL_DEPTH)

    response = client.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": text}])

    assert response["FailedEntryCount"] == 0
    assert depth_of(eventbridge.events[0].detail) == 1000
    assert depth_of(eventbridge.events[0].to_dict()["detail"]) == 1000


@pytest.mark.parametrize("frames", [100, 50, 30])
def test_a_thousand_levels_are_decoded_on_a_deep_stack(frames: int) -> None:
    """Code that has used up nearly all of the recursion limit gets the same answers, and the limit is as before."""
    limit = sys.getrecursionlimit()

    detail = with_frames_left(frames, lambda: decode_detail(nested(MAX_DETAIL_DEPTH)))

    assert depth_of(detail) == 1000
    assert sys.getrecursionlimit() == limit
    with pytest.raises(MalformedDetailError, match="nested deeper than 1000 levels"):
        with_frames_left(frames, lambda: decode_detail(nested(MAX_DETAIL_DEPTH + 1)))
    with pytest.raises(MalformedDetailError):
        with_frames_left(frames, lambda: decode_detail('{"a":' * MAX_DETAIL_DEPTH))
    assert sys.getrecursionlimit() == limit


def test_a_thousand_levels_are_accepted_from_a_deep_stack(client: Any, eventbridge: FakeEventBridge) -> None:
    """A client called by code that is deep down already gets them accepted, and one level more refused."""
    entries = [
        {"Source": "s", "DetailType": "d", "Detail": nested(levels)}
        for levels in (MAX_DETAIL_DEPTH, MAX_DETAIL_DEPTH + 1)
    ]

    response = with_frames_left(150, lambda: client.put_events(Entries=entries))

    assert [result.get("ErrorCode") for result in response["Entries"]] == [None, "MalformedDetail"]
    assert depth_of(with_frames_left(50, lambda: eventbridge.events[0].detail)) == 1000


def test_threads_that_decode_deep_details_leave_the_recursion_limit_as_it_was() -> None:
    """The limit belongs to the whole interpreter, and no thread restores what another one raised."""
    limit = sys.getrecursionlimit()
    depths: list[int] = []
    start = threading.Barrier(8)

    def decode() -> None:
        start.wait()
        depths.extend(depth_of(decode_detail(nested(MAX_DETAIL_DEPTH))) for _ in range(20))

    threads = [threading.Thread(target=decode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert depths == [1000] * 160
    assert sys.getrecursionlimit() == limit


def test_a_recursion_that_never_ends_is_still_an_error() -> None:
    """The room given is limited, and the recursion limit is restored although the function raised."""
    limit = sys.getrecursionlimit()

    def endless(value: Any) -> Any:
        return endless(value)

    with pytest.raises(RecursionError):
        with_room(endless, None)
    assert sys.getrecursionlimit() == limit


def test_decoding_returns_a_new_dict_each_time() -> None:
    """Who changes what he got changes nothing for others."""
    first = decode_detail('{"a":{"b":1}}')
    first["a"]["b"] = 2

    assert decode_detail('{"a":{"b":1}}') == {"a": {"b": 1}}


TEXTS = st.text(st.characters(), max_size=8)  # surrogates among them, which plain st.text() leaves out
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(TEXTS, values, max_size=4),
    max_leaves=10,
)


@given(
    detail=st.dictionaries(TEXTS, JSON_VALUES, max_size=4),
    ensure_ascii=st.booleans(),
    indent=st.none() | st.integers(0, 2),
)
@settings(max_examples=100, deadline=None)
def test_any_json_object_decodes_as_the_json_module_does_it(
    detail: dict[str, Any], ensure_ascii: bool, indent: int | None
) -> None:
    """Whatever was dumped is decoded, values and types alike."""
    text = json.dumps(detail, ensure_ascii=ensure_ascii, indent=indent)

    assert repr(decode_detail(text)) == repr(json.loads(text))


def refuse(constant: str) -> NoReturn:
    """Refuse a constant that is no JSON."""
    raise ValueError(constant)


def is_json_object(text: str) -> bool:
    """Say what Python's `json` thinks of a text, constants that are no JSON apart."""
    try:
        return isinstance(json.loads(text, parse_constant=refuse), dict)
    except ValueError:
        return False


@given(
    st.lists(st.sampled_from([*'{}[]":,-+.\\/ \n019eEau', "true", "null", "NaN", '{"a":', '"b"', "1}"])).map("".join)
)
@settings(max_examples=300, deadline=None)
def test_any_other_text_is_malformed(text: str) -> None:
    """A text is decoded when it is a JSON object and refused with `MalformedDetailError` when it is not."""
    if is_json_object(text):
        assert decode_detail(text) == json.loads(text)
    else:
        with pytest.raises(MalformedDetailError):
            decode_detail(text)


@given(st.integers(0, 12), st.text('{}[]"\\', max_size=12))
@settings(max_examples=100, deadline=None)
def test_only_brackets_outside_strings_count_as_levels(missing: int, inside: str) -> None:
    """The limit is met exactly, whatever brackets, quotes and backslashes the strings beside it hold."""
    levels = MAX_DETAIL_DEPTH + 6 - missing
    text = f'{{{json.dumps(inside)}:{json.dumps(inside * 3)},"b":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

    if levels > MAX_DETAIL_DEPTH:
        with pytest.raises(MalformedDetailError, match="nested deeper"):
            decode_detail(text)
    else:
        assert decode_detail(text)[inside] == inside * 3
