"""Set-up and tear-down: a fake that begins and ends, with nothing between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import moto

from pytest_eventbridge import FakeEventBridge

from .measuring import Sample, Work, timed_within
from .rows import MICROSECONDS, OURS, Row, at_most, times_ahead

MOCK_AWS: Final = "moto's mock_aws"

_MOST_SECONDS: Final = 150e-6
_CALLS: Final = 200
_CALLS_TO_MOTO: Final = 10


@contextmanager
def ours() -> Iterator[Work]:
    """Enter and leave the fake."""

    def work() -> None:
        with FakeEventBridge():
            pass

    yield work


@contextmanager
def by_moto() -> Iterator[Work]:
    """Enter and leave moto."""

    def work() -> None:
        with moto.mock_aws():
            pass

    yield work


@contextmanager
def entering() -> Iterator[Mapping[str, Sample]]:
    """Begin and end each of them."""
    yield {OURS: timed_within(ours, _CALLS), MOCK_AWS: timed_within(by_moto, _CALLS_TO_MOTO)}


ROWS: Final = (
    Row(
        name="enter",
        work="set-up and tear-down",
        unit=MICROSECONDS,
        prepare=entering,
        goals=(at_most(_MOST_SECONDS, MICROSECONDS), times_ahead(MOCK_AWS, 30)),
    ),
)
