"""What is coloured in the report, and what is left as it is."""

from __future__ import annotations

import pytest

from pytest_eventbridge._colours import coloured


def tagged(text: str, **markup: bool) -> str:
    """Serve as a terminal writer's `markup` that can be read."""
    (colour,) = markup
    return f"<{colour}>{text}</{colour}>"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            '  [0] default  shop  Placed  {"n": 1}  accepted',
            '  [0] default  shop  Placed  {"n": 1}  <green>accepted</green>',
        ),
        ("  [10] odrers  shop  Placed  {}  dropped", "  [10] odrers  shop  Placed  {}  <yellow>dropped</yellow>"),
        ("  [0] default  shop  Placed  not answered", "  [0] default  shop  Placed  <yellow>not answered</yellow>"),
        (
            "  [1] default  shop  Placed  {}  failed: ThrottlingException",
            "  [1] default  shop  Placed  {}  <red>failed: ThrottlingException</red>",
        ),
        (
            "+1.6 ms  eu-west-1  PutEvents  3 attempts  raised Timeout  sent from a.py:7",
            "+1.6 ms  eu-west-1  PutEvents  <yellow>3 attempts</yellow>  <red>raised Timeout</red>  sent from a.py:7",
        ),
        (
            "  fail_entries('InternalFailure'): never fired",
            "  fail_entries('InternalFailure'): <yellow>never fired</yellow>",
        ),
        ("  fail_requests('ClientError', times=2): fired 2 times", None),
        ("Injected failures:", None),
        ("A sentence that ends in the word  accepted", None),
        ("", None),
    ],
)
def test_outcomes_are_coloured(line: str, shown: str | None) -> None:
    """How something went is coloured, and nothing else."""
    assert coloured(f"{line}\n{line}", tagged) == "\n".join([shown or line] * 2)
