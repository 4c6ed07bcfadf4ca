"""The README tells the truth: its examples run, its failure text is the real one, its commands are those of CI."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAX_LINES = 250


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


EXAMPLES = blocks("python")
OPENING = EXAMPLES[0]


def test_the_opening_example_runs(pytester: pytest.Pytester) -> None:
    """The example that the README opens with passes as it stands."""
    pytester.makepyfile(OPENING)

    pytester.runpytest("-W", "error").assert_outcomes(passed=1)


def test_all_examples_run(pytester: pytest.Pytester) -> None:
    """All examples pass, one after the other as they are read."""
    examples = "\n".join(EXAMPLES)
    pytester.makepyfile(examples)

    outcomes = pytester.runpytest("-W", "error").parseoutcomes()

    assert outcomes.keys() == {"passed"}
    assert outcomes["passed"] >= examples.count("def test_")  # the fault matrix makes several of one


FAILURES = {
    "test_readme_failure": OPENING.replace('place_order("o-1")', 'place_order("o-2")'),
    "test_lists": OPENING.replace('detail={"order_id": "o-1"}', 'detail={"lines": []}').replace(
        'source="shop.orders", detail_type="OrderPlaced", ', ""
    ),
    "test_lost": OPENING.replace(
        'place_order("o-1")\n', 'eventbridge.fail_entries("ThrottlingException"); place_order("o-1")\n'
    ).replace("assert_emitted(", "assert_no_lost_events() or dict("),
}


@pytest.mark.parametrize(("module", "shown"), list(zip(FAILURES, blocks("text"), strict=True)), ids=FAILURES)
def test_a_failure_text_is_the_real_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, module: str, shown: str
) -> None:
    """Each text shown is what pytest prints when the opening example goes wrong in that way."""
    monkeypatch.setenv("COLUMNS", "120")
    pytester.makepyfile(**{module: FAILURES[module]})

    result = pytester.runpytest()

    printed = [line[1:].strip() for line in result.outlines if line.startswith("E ")]
    printed[0] = printed[0].partition(": ")[2]
    assert printed == [line.strip() for line in shown.splitlines()]


def test_ci_runs_the_command_for_all_tests() -> None:
    """What CI runs is the README's own command."""
    _, all_tests = blocks("bash")[0].splitlines()

    assert all_tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_it_is_short() -> None:
    """The README can be read in a few minutes."""
    assert len(README.splitlines()) < MAX_LINES
