"""Many patterns against one event."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_eventbridge import EventPattern
from pytest_eventbridge._pattern._index import PatternIndex

PATTERNS: dict[str, dict[str, Any]] = {
    "everything from orders": {"source": ["orders"]},
    "placed": {"detail-type": ["placed"]},
    "orders placed": {"source": ["orders"], "detail-type": ["placed", "sent"]},
    "two sources": {"source": ["orders", "stock"], "detail": {"a": [1]}},
    "prefix": {"source": [{"prefix": "or"}]},
    "text or prefix": {"source": ["stock", {"prefix": "or"}]},
    "detail": {"detail": {"a": [1, 2]}},
    "no source": {"source": [{"exists": False}]},
    "alternatives": {"$or": [{"source": ["orders"]}, {"source": ["stock"], "detail-type": ["sent"]}]},
    "one alternative": {"$or": [{"source": ["orders"]}, {"detail-type": ["sent"]}]},
    "below the source": {"source": {"x": ["y"]}},
}

INDEX = PatternIndex((name, EventPattern(pattern)) for name, pattern in PATTERNS.items())


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (
            {"source": "orders", "detail-type": "placed", "detail": {"a": 1}},
            [
                "everything from orders",
                "placed",
                "orders placed",
                "two sources",
                "prefix",
                "text or prefix",
                "detail",
                "alternatives",
                "one alternative",
            ],
        ),
        ({"source": "stock", "detail-type": "sent"}, ["text or prefix", "alternatives", "one alternative"]),
        ({"source": "other", "detail-type": "other", "detail": {"a": 2}}, ["detail"]),
        (
            {"source": ["x", "orders"], "detail-type": "x"},
            ["everything from orders", "prefix", "text or prefix", "alternatives", "one alternative"],
        ),
        ({}, ["no source"]),
        ({"source": {"x": "y"}}, ["no source", "below the source"]),
    ],
)
def test_matching(event: dict[str, Any], names: list[str]) -> None:
    """The patterns that match are found in their order, whatever they say of source and detail type."""
    assert INDEX.matching(event) == names


VALUES = st.sampled_from(["orders", "stock", "placed", "sent", "x", 1, None, ["orders"], {"x": "y"}])


@given(st.fixed_dictionaries({}, optional={"source": VALUES, "detail-type": VALUES, "detail": st.just({"a": 1})}))
def test_the_index_misses_nothing(event: dict[str, Any]) -> None:
    """It finds what trying each pattern finds."""
    assert INDEX.matching(event) == [name for name in PATTERNS if EventPattern(PATTERNS[name]).matches(event)]


def test_only_patterns_that_can_match_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many patterns that name their source, one is tried."""
    tried = []
    matches = EventPattern.matches
    monkeypatch.setattr(EventPattern, "matches", lambda self, event: tried.append(self.text) or matches(self, event))
    index = PatternIndex((number, EventPattern({"source": [f"part{number}"]})) for number in range(1000))
    assert index.matching({"source": "part5", "detail-type": "x"}) == [5]
    assert tried == ['{"source": ["part5"]}']
