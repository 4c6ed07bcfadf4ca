"""What pytest prints, to the letter: each file in `golden/` is a test, the command that runs it, and the text.

The text is that of the failure. The report, which follows each failure, is shown where the command asks for it, and
left out elsewhere. After a change on purpose, `EVENTBRIDGE_WRITE_GOLDEN=1` writes the texts anew; read the difference.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex
import textwrap
from pathlib import Path

# These stay loaded between the sessions that pytester runs, each of which would load them anew.
import boto3  # noqa: F401
import deepdiff  # noqa: F401
import pytest

GOLDEN = Path(__file__).parent / "golden"
SITUATIONS = sorted(path.stem for path in GOLDEN.glob("*.txt"))
COMMAND = re.compile(r"^\$ pytest(.*)\n", re.MULTILINE)

# The mistakes that everybody makes, and the words that name the cause.
MISTAKES = {
    "typo_in_a_key": "detail.oder_id: expected 'o-1', but it is missing (there is 'order_id')",
    "wrong_bus": "it was sent to 'billing', not to 'orders'",
    "list_order": "the same elements in another order",
    "number_sent_as_text": "detail.total was sent as a string, and is expected as a number",
    "missing_key": "detail.customer: expected {'name': 'Ada'}, but it is missing",
    "sent_twice": "Expected exactly 1 accepted event that matches, but 2 of the 2 accepted events do.",
    "not_sent": "Nothing was captured.",
    "sent_before_clear": "captured before clear() was called",
    "sent_after_the_assertion": "Nothing was captured.",
    "refused_by_the_service": "It was refused with NotAuthorizedForSourceException",
    "detail_encoded_twice": "its Detail was encoded twice",
    "value_encoded_twice": "detail.customer was encoded twice",
}

# Hypothesis' plugin loads all of Hypothesis after each failure, which takes seconds.
PLAIN = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]

VARYING = [
    (re.compile(r"\+\d+\.\d ms"), "+0.0 ms"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
]


def read(name: str) -> tuple[str, str, str]:
    """Return a situation's test, the arguments of its command, and its text."""
    content = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    test, arguments, text = COMMAND.split(content)
    return test, arguments, text.strip("\n")


def printed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str) -> str:
    """Return what pytest prints when it runs a situation's test."""
    test, arguments, _ = read(name)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(publisher=(GOLDEN / "publisher.py").read_text(encoding="utf-8"), test_it=test)
    has_report = "--eventbridge-report" in arguments
    report = [] if has_report else ["--eventbridge-report=none"]
    result = pytester.runpytest(*PLAIN, *report, *shlex.split(arguments))
    text = "\n".join(_shown_lines(result.outlines, has_report=has_report))
    for pattern, stand_in in VARYING:
        text = pattern.sub(stand_in, text)
    return text.replace(str(pytester.path) + os.sep, "")


def _shown_lines(lines: list[str], *, has_report: bool) -> list[str]:
    """Return the lines of the failure without pytest's margin, and the report's."""
    start = next(index for index, line in enumerate(lines) if line.startswith("E  "))
    # Where pytest shows no frame, only the first line has its margin.
    failure = [re.sub("^E", " ", line) for line in itertools.takewhile(re.compile("E|    |$").match, lines[start:])]
    shown = textwrap.dedent("\n".join(failure)).strip("\n").splitlines()
    shown = [line.rstrip() for line in shown]
    if has_report:
        start = next(index for index, line in enumerate(lines) if re.fullmatch("-+ EventBridge -+", line))
        end = next(index for index, line in enumerate(lines[start:], start) if line.startswith("====="))
        shown += ["", *lines[start:end]]
    return shown


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_pytest_prints(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The whole text is as the file has it."""
    text = printed(pytester, monkeypatch, name)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("EVENTBRIDGE_WRITE_GOLDEN"):
        content = path.read_text(encoding="utf-8")
        path.write_text(content[: COMMAND.search(content).end()] + "\n" + text + "\n", encoding="utf-8")
    assert text.splitlines() == read(name)[2].splitlines()


@pytest.mark.parametrize("name", MISTAKES)
def test_the_first_ten_lines_name_the_cause(name: str) -> None:
    """Who made one of the usual mistakes reads which one without scrolling."""
    assert MISTAKES[name] in "\n".join(read(name)[2].splitlines()[:10])


def test_no_text_is_long() -> None:
    """None of the texts fills more than a screen, and no line but a sentence is wider than the terminal."""
    for name in SITUATIONS:
        _, arguments, text = read(name)
        assert len(text.splitlines()) <= 30, name
        # What the service itself says of a failure is shown whole, and so is what a target raised.
        reason = re.compile(r"    (The whole request failed|\w+Exception|\w+Failure|\w+Error): |    Sent from ")
        indented = [line for line in text.splitlines() if line.startswith("  ") and not reason.match(line)]
        if "-v" not in arguments:
            assert all(len(line) <= 100 for line in indented), name


def test_every_situation_fails_with_one_text() -> None:
    """Each file has a heading that says what it is about, and a text."""
    assert len(SITUATIONS) >= 30
    for name in SITUATIONS:
        test, _, text = read(name)
        assert re.match(r"# [A-Z].*\.\n", test), name
        assert text, name
