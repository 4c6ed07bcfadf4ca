"""What a target is given: row by row of what AWS documents, and of what was recorded from it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_eventbridge._inputs import InputNotJsonError, InvalidInputError, Occasion, payload_maker

RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/orders/audit"
DETAIL = {
    "order_id": "o-1",
    "total": 12.5,
    "is_paid": True,
    "coupon": None,
    "note": 'say "hi"',
    "customer": {"name": "Ada", "tags": ["a", "b"]},
    "lines": [{"sku": "tea", "count": 2}, {"sku": "mug"}, {"count": 7}],
    "key-with_both/and": 1,
    "empty": [],
}


def envelope(detail: Any = None) -> dict[str, Any]:
    """Return an event as a target receives it, new at each call."""
    return {
        "version": "0",
        "id": "e-1",
        "detail-type": "OrderPlaced",
        "source": "shop.orders",
        "account": "123456789012",
        "time": "2026-11-24T12:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::orders"],
        "detail": json.loads(json.dumps(DETAIL)) if detail is None else detail,
    }


def made(*, detail: Any = None, **inputs: Any) -> Any:
    """Return what a target with these inputs is given."""
    occasion = Occasion(
        envelope=envelope(detail), rule_name="audit", rule_arn=RULE_ARN, ingestion_time="2026-11-24T12:00:01Z"
    )
    return payload_maker({"Id": "t-1", "Arn": "arn:aws:sqs:us-east-1:123456789012:q", **inputs})(occasion)


def filled_in(template: str, detail: Any = None, **paths: str) -> Any:
    """Return what an input transformer makes."""
    transformer = {"InputTemplate": template, "InputPathsMap": paths}
    return made(detail=detail, InputTransformer=transformer)


def test_no_input_is_the_whole_envelope() -> None:
    """A target without any input gets the event as it is."""
    assert made() == envelope()
    assert list(made()) == list(envelope())


# ---- Input


@pytest.mark.parametrize("value", [{"a": 1}, [1, None], "text", 1.5, True, None], ids=repr)
def test_constant(value: Any) -> None:
    """`Input` is JSON text, and takes the place of the event."""
    assert made(Input=json.dumps(value)) == value


def test_constant_is_new_for_each() -> None:
    """What one target does to a constant does not reach the next."""
    make = payload_maker({"Id": "t-1", "Input": '{"a": []}'})
    occasion = Occasion(envelope={}, rule_name="", rule_arn="", ingestion_time="")
    make(occasion)["a"].append(1)
    assert make(occasion) == {"a": []}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{'a': 1}", "line: 1, column: 3"),
        ("", "line: 1, column: 2"),
        ("plain", "line: 1, column: 2"),
        ('{"a": 1,\n"b"}', "line: 2, column: 5"),
    ],
)
def test_constant_that_is_no_json(text: str, place: str) -> None:
    """A constant that is no JSON is refused in the service's words."""
    with pytest.raises(InvalidInputError) as caught:
        made(Input=text)
    assert str(caught.value) == f'JSON syntax error in input for target t-1: [Source: (String)"{text}"; {place}]'


# ---- InputPath

PATHS: list[tuple[str, Any]] = [
    ("$", envelope()),
    ("$.", envelope()),
    ("$.detail", DETAIL),
    ("$.detail-type", "OrderPlaced"),
    ("$.detail.customer.name", "Ada"),
    ("$.detail.key-with_both/and", 1),
    ("$.detail.coupon", None),
    ("$.resources[0]", "arn:aws:s3:::orders"),
    ("$.resources[1]", None),
    ("$.detail.lines[1].sku", "mug"),
    ("$.detail.lines[*].sku", ["tea", "mug"]),
    ("$.detail.lines[*].nothing", None),
    ("$.detail.customer.*", ["Ada", ["a", "b"]]),
    ("$.detail.*.name", ["Ada"]),
    ("$.detail.lines[*].*", ["tea", 2, "mug", 7]),
    ("$.detail.order_id.more", None),
    ("$.detail.order_id[0]", None),
    ("$.detail.order_id[*]", None),
    ("$.detail.lines.sku", None),
    ("$.detail.empty[*]", None),
    ("$.detail[0]", None),
    ("$.missing", None),
    # What the service does not take for a path leads nowhere.
    ("detail", None),
    ("$detail", None),
    ("$.detail..name", None),
    ("$.detail['order_id']", None),
    ("$.detail.lines[-1]", None),
    ("$.detail.lines[0", None),
]


@pytest.mark.parametrize(("path", "found"), PATHS)
def test_path(path: str, found: Any) -> None:
    """`InputPath` gives the part of the event that it leads to, and null where it leads nowhere."""
    assert made(InputPath=path) == found


# ---- InputTransformer: the examples of the user guide, and what was recorded

EXAMPLES: list[tuple[str, dict[str, str], Any]] = [
    ('"order <id> is <total>"', {"id": "$.detail.order_id", "total": "$.detail.total"}, "order o-1 is 12.5"),
    (r'"order \"<id>\" came"', {"id": "$.detail.order_id"}, 'order "o-1" came'),
    (
        '{"id": <id>, "total": <total>}',
        {"id": "$.detail.order_id", "total": "$.detail.total"},
        {"id": "o-1", "total": 12.5},
    ),
    (
        r'{"id": <id>, "again": "<id>", "text": "order \"<id>\" is <paid>"}',
        {"id": "$.detail.order_id", "paid": "$.detail.is_paid"},
        {"id": "o-1", "again": "o-1", "text": 'order "o-1" is true'},
    ),
    (
        '{"id": <id>, "all": [9, <id>, true], "Transformed": "Yes"}',
        {"id": "$.detail.order_id"},
        {"id": "o-1", "all": [9, "o-1", True], "Transformed": "Yes"},
    ),
    ("[<a>, <b>]", {"a": "$.detail.coupon", "b": "$.detail.lines[*].sku"}, [None, ["tea", "mug"]]),
    ('"<aws.events.rule-name> triggered"', {}, "audit triggered"),
    (
        '"<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>"',
        {},
        f"{RULE_ARN} audit 2026-11-24T12:00:01Z",
    ),
    ('{"name": <aws.events.rule-name>}', {}, {"name": "audit"}),
    ('{"event": <aws.events.event.json>}', {}, {"event": envelope()}),
    (
        '{"event": <aws.events.event>}',
        {},
        {
            "event": {
                "id": "e-1",
                "account": "123456789012",
                "detailType": "OrderPlaced",
                "time": "2026-11-24T12:00:00Z",
                "source": "shop.orders",
                "region": "us-east-1",
                "resources": ["arn:aws:s3:::orders"],
                "version": "0",
            }
        },
    ),
    # What a path does not find (recorded).
    ('"order <no>"', {"no": "$.detail.nothing"}, "order "),
    ('{"order": <no>}', {"no": "$.detail.nothing"}, {"order": ""}),
    # An object within quotes loses its own.
    ('"by <who>"', {"who": "$.detail.customer"}, "by {name:Ada,tags:[a,b]}"),
    # A value is not escaped within quotes, and is where it stands alone.
    ('{"note": <note>}', {"note": "$.detail.note"}, {"note": 'say "hi"'}),
    # What begins a text like JSON is text within quotes (recorded).
    ('"{[/order <id>"', {"id": "$.detail.order_id"}, "{[/order o-1"),
    # Lines of text are no JSON, and come as they are.
    ('"order <id>"\n"by <who>"', {"id": "$.detail.order_id", "who": "$.detail.customer.name"}, '"order o-1"\n"by Ada"'),
    # Text without quotes, as the API reference has it.
    ("<id> is <paid>", {"id": "$.detail.order_id", "paid": "$.detail.is_paid"}, "o-1 is true"),
    ("<who>", {"who": "$.detail.customer"}, {"name": "Ada", "tags": ["a", "b"]}),
    ("<id>", {"id": "$.detail.order_id"}, "o-1"),
    ("<no>", {"no": "$.nothing"}, ""),
    ("plain text", {}, "plain text"),
    # A bracket that is not closed is text.
    ('"1 < 2, \\n <>"', {}, "1 < 2, \n <>"),
    ('  {"a": 1}  ', {}, {"a": 1}),
]


@pytest.mark.parametrize(("template", "paths", "payload"), EXAMPLES)
def test_transformer(template: str, paths: dict[str, str], payload: Any) -> None:
    """A template is filled in with what the paths lead to."""
    assert filled_in(template, **paths) == payload


def test_transformer_without_paths() -> None:
    """A template needs no variables of its own."""
    assert made(InputTransformer={"InputTemplate": '"now"'}) == "now"
    assert made(InputTransformer={"InputTemplate": '"now"', "InputPathsMap": None}) == "now"


@pytest.mark.parametrize("template", ['{"note": "<note>"}', '["<note>"]', '  {"note": <note>'])
def test_transformer_that_makes_no_json(template: str) -> None:
    """A template for JSON whose result is none cannot be delivered, because nothing is escaped within quotes."""
    with pytest.raises(InputNotJsonError, match=r"which is no JSON. EventBridge escapes nothing"):
        filled_in(template, note="$.detail.note")


def test_text_that_is_broken_by_a_value_comes_as_it_is() -> None:
    """A text template with a quote in a value is no JSON any more."""
    assert filled_in('"note: <note>"', note="$.detail.note") == '"note: say "hi""'


@pytest.mark.parametrize("name", ["id", "aws.events.rule", "aws.events.event.JSON"])
def test_transformer_with_an_unknown_placeholder(name: str) -> None:
    """A placeholder that nothing defines is refused (recorded)."""
    with pytest.raises(InvalidInputError) as caught:
        filled_in(f'"order <{name}>"')
    assert str(caught.value) == f"InputTemplate for target t-1 contains invalid placeholder {name}."


def test_deep_detail() -> None:
    """What nests as deep as the service allows comes through a template."""
    detail: dict[str, Any] = {}
    for _ in range(990):
        detail = {"a": detail}
    depth, payload = 0, filled_in('{"all": <all>}', detail, all="$.detail")["all"]
    while payload:
        depth, payload = depth + 1, payload["a"]
    assert depth == 990


@pytest.mark.parametrize(
    "inputs",
    [
        {"Input": "{}", "InputPath": "$"},
        {"InputPath": "$", "InputTransformer": {"InputTemplate": "{}"}},
        {"Input": "{}", "InputPath": "$", "InputTransformer": {"InputTemplate": "{}"}},
    ],
    ids=lambda inputs: "+".join(inputs),
)
def test_more_than_one_input(inputs: dict[str, Any]) -> None:
    """Only one of the three may be given (recorded)."""
    text = "Only one of Input, InputPath, or InputTransformer must be provided for target t-1."
    with pytest.raises(InvalidInputError, match=f"^{re.escape(text)}$"):
        made(**inputs)


# ---- properties

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=10,
)


@given(value=json_values)
def test_any_value_comes_through_a_template(value: Any) -> None:
    """A value that stands alone in a template arrives as it was."""
    assert filled_in('{"before": "<id>", "it": <it>}', {"it": value}, it="$.detail.it", id="$.id") == {
        "before": "e-1",
        "it": value,
    }


@given(text=st.text(alphabet=st.characters(exclude_characters='"\\', exclude_categories=["Cc", "Cs"])))
def test_any_harmless_text_comes_through_quotes(text: str) -> None:
    """A text without quotes, backslashes and control characters arrives within quotes as it was."""
    assert filled_in('{"it": "<it>"}', {"it": text}, it="$.detail.it") == {"it": text}


@given(path=st.text(alphabet="$.[]*0a-"), value=json_values)
def test_no_path_raises(path: str, value: Any) -> None:
    """Whatever is given for a path is a path, or leads nowhere."""
    made(detail=value, InputPath=path)
