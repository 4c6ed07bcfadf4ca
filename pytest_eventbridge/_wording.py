"""How single things are put into words: counts, places in the code, values."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Sequence
from datetime import datetime
from types import FunctionType
from typing import Any, Final

from pytest_eventbridge._matching import Exactly
from pytest_eventbridge._pattern._event_pattern import EventPattern

# Levels of a value that are shown; what nests deeper is cut away by any width.
_DEEPEST: Final = 20

# Where an object is in memory, which is another place in each run.
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


def counted(count: int, noun: str) -> str:
    """Return "1 event", "2 events", "2 entries"."""
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {plural}"


def shown_path(sent_from: str) -> str:
    """Return a `"path:line"` relative to the current directory when the path lies under it."""
    try:
        return sent_from.removeprefix(os.getcwd() + os.sep)
    except OSError:  # the directory has been removed
        return sent_from


def raised_at(error: BaseException | None) -> str | None:
    """Return the `"path:line"` where an exception was raised; `None` when that was in this package."""
    traceback = None if error is None else error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None or traceback.tb_frame.f_globals.get("__package__") == __package__:
        return None
    return f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"


def shown_value(value: Any, width: int) -> str:
    """Return the `repr` of a value, with functions by name, cut in the middle when it is longer than the width."""
    return cut_middle(_text_of(value), width)


def shown_list(elements: Sequence[Any], width: int) -> str:
    """Return the elements of a list; of one that is longer than the width its ends, and how many stand between."""
    texts = [_text_of(element, 1) for element in elements]
    if sum(map(len, texts)) + 2 * len(texts) <= width:
        return f"[{', '.join(texts)}]"
    room = width - len("[... 1000 more ..., ]")
    count = 0
    while count < len(texts) // 2 and (room := room - len(texts[count]) - len(texts[-1 - count]) - 4) >= 0:
        count += 1
    if count == 0:
        return cut_middle(f"[{', '.join(texts)}]", width)
    left_out = f"... {len(texts) - 2 * count} more ..."
    return f"[{', '.join([*texts[:count], left_out, *texts[-count:]])}]"


def printable(text: str) -> str:
    """Return a text with what would break the line, or steer the terminal, as escapes."""
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _text_of(value: Any, depth: int = 0) -> str:
    if isinstance(value, (dict, list)) and depth == _DEEPEST:
        return "..."
    if isinstance(value, dict):
        return "{" + ", ".join([f"{key!r}: {_text_of(member, depth + 1)}" for key, member in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join([_text_of(member, depth + 1) for member in value]) + "]"
    if isinstance(value, Exactly):
        return f"Exactly({_text_of(value.value, depth)})"
    if isinstance(value, EventPattern):
        return value.text
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, FunctionType) and value.__name__ == "<lambda>":
        code = value.__code__
        return f"the lambda in {shown_path(f'{code.co_filename}:{code.co_firstlineno}')}"
    if inspect.isroutine(value):
        return f"the function {value.__name__}"
    return value.__qualname__ if isinstance(value, type) else _repr_of(value)


def _repr_of(value: Any) -> str:
    if value is None or type(value) in (str, int, float, bool):
        return repr(value)
    try:
        text = repr(value)
    except Exception as error:  # a matcher's; the failure has more to say than that
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return printable(_ADDRESS.sub("", text))


def more_lines(count: int, told_count: int, noun: str | None = None, *, indent: str = "  ") -> list[str]:
    """Return the line that says how many were left out of a list, and what shows them; none when all are told.

    Args:
        count: How many there are.
        told_count: How many the list tells at the most.
        noun: What they are, where the line has to say so.
        indent: What the line begins with.
    """
    left_out = count - told_count
    if left_out <= 0:
        return []
    more = f"{left_out} more" if noun is None else counted(left_out, f"more {noun}")
    return [f"{indent}and {more}; -v and -vv show more of them"]


def cut_middle(text: str, width: int) -> str:
    """Return a text, without its middle when it is longer than so many characters."""
    if len(text) <= width:
        return text
    half = max((width - 5) // 2, 1)
    return f"{text[:half]} ... {text[-half:]}"


def shown_texts(expected: str, actual: str, width: int) -> tuple[str, str]:
    """Return two different texts so that the first difference can be seen, however long they are."""
    if max(len(expected), len(actual)) <= width:
        return repr(expected), repr(actual)
    first = equal_length(expected, actual)
    length = max(width - len("......'' (1000 long)"), 12)
    start = max(first - length // 2, 0)
    return _excerpt(expected, start, length), _excerpt(actual, start, length)


def equal_length(one: str, other: str) -> int:
    """Return how many characters of two texts are the same before the first that is not."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (left, right) in pairs if left != right), min(len(one), len(other)))


def _excerpt(text: str, start: int, length: int) -> str:
    before = "..." if start else ""
    after = "..." if start + length < len(text) else ""
    return f"{before}{text[start : start + length]!r}{after} ({len(text)} long)"
