"""The plugin's section in the report of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

_SECTION: Final = "EventBridge"


def add_section(report: Any, text: str) -> None:
    """Add a text to pytest's report of a test.

    In the traceback where there is one: that is what JUnit XML and a report sent by xdist carry along.
    """
    add = getattr(report.longrepr, "addsection", None)
    if add is not None:
        add(_SECTION, text)
    else:
        report.sections.append((_SECTION, text))


def leave_out_extra_line(report: Any) -> None:
    """Leave out pytest's remark that it hides all frames: at the end of a test there are none but ours."""
    traceback = getattr(report.longrepr, "reprtraceback", None)
    if traceback is not None:
        traceback.extraline = None


@contextmanager
def in_colour(section_lists: Sequence[list[Any]], markup: Callable[..., str]) -> Iterator[None]:
    """Have our sections coloured inside the block.

    Args:
        section_lists: Lists of sections, as reports and tracebacks have them: tuples of a name, a text, and maybe more.
        markup: What pytest's terminal writer colours a text with.
    """
    from pytest_eventbridge._colours import coloured  # imported here because only a terminal in colour needs it

    plain = [list(sections) for sections in section_lists]
    for sections in section_lists:
        sections[:] = [(one[0], coloured(one[1], markup), *one[2:]) if one[0] == _SECTION else one for one in sections]
    try:
        yield
    finally:
        for sections, before in zip(section_lists, plain, strict=True):
            sections[:] = before
