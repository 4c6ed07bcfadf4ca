"""The colours of the report, for a terminal that shows any.

The report itself stays plain text, which is what JUnit XML, a log of reports and a worker of pytest-xdist carry along.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# What of a line is coloured, and how pytest's terminal writer calls the colour.
_COLOURS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(?<=  )accepted$"), "green"),
    (re.compile(r"(?<=  )(?:dropped|not answered)$"), "yellow"),
    (re.compile(r"(?<=  )failed: .*$"), "red"),
    (re.compile(r"(?<=: )never fired$"), "yellow"),
    (re.compile(r"(?<=  )\d+ attempts(?=  )"), "yellow"),
    (re.compile(r"(?<=  )raised \w+(?=  )"), "red"),
)

# The lines that say how something went: of an entry, of an injected failure, of a call.
_OUTCOME_LINE: Final = re.compile(r"  \[\d+\] |  fail_\w+\(|\+\d+\.\d ms  ")


def coloured(report: str, markup: Callable[..., str]) -> str:
    """Return a report with the outcomes in colour.

    Args:
        report: As `report_lines` makes it, with more text after it.
        markup: Colours a text, as `TerminalWriter.markup` of pytest does, with the colour as a keyword.
    """
    return "\n".join(_coloured_line(line, markup) for line in report.split("\n"))


def _coloured_line(line: str, markup: Callable[..., str]) -> str:
    if not _OUTCOME_LINE.match(line):
        return line
    for part, colour in _COLOURS:
        if (found := part.search(line)) is not None:
            line = line[: found.start()] + markup(found[0], **{colour: True}) + line[found.end() :]
    return line
