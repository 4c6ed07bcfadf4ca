"""The budget of a text: how `-v` and `-vv` lift it, and what the terminal's width does."""

from __future__ import annotations

import pytest

from pytest_eventbridge._presentation import Presentation, presentation_for


@pytest.mark.parametrize(("columns", "width"), [(200, 200), (80, 80), (32, 32), (31, 32), (0, 32), (-8, 32)])
def test_width_follows_the_terminal(columns: int, width: int) -> None:
    """A line is as wide as the terminal, but never so narrow that nothing can be read."""
    assert presentation_for(0, columns).width == width


@pytest.mark.parametrize("attribute", ["width", "near_miss_count", "listed_count"])
def test_verbosity_lifts_the_budget_in_steps(attribute: str) -> None:
    """`-v` shows more than the default, and `-vv` more than `-v`."""
    budgets = [getattr(presentation_for(verbosity, 100), attribute) for verbosity in (0, 1, 2)]
    assert budgets == sorted(set(budgets))


def test_quiet_is_as_good_as_normal_and_vvv_as_vv() -> None:
    """Less than nothing changes nothing, nor does more than `-vv`."""
    assert presentation_for(-2, 100) == presentation_for(0, 100)
    assert presentation_for(3, 100) == presentation_for(2, 100)


def test_without_a_terminal_there_is_a_default() -> None:
    """Outside pytest the budget is that of a terminal of usual width."""
    assert Presentation() == presentation_for(0, Presentation().width)
