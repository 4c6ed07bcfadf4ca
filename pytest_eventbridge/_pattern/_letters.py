"""Comparing without regard to case, character by character, as the service does.

Each character of a pattern may appear as its lower or its upper case, whatever that is in length: `straße` matches
`STRASSE`, but `STRASSE` does not match `straße`. Nothing is folded further: `K` does not match the Kelvin sign.
"""

from __future__ import annotations

import re


def ignoring_case(text: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    """Return an expression whose `fullmatch` is such a comparison.

    Args:
        text: The pattern's text.
        before: An expression for what may come before it.
        after: An expression for what may come after it.
    """
    return re.compile(before + "".join(map(_either_case, text)) + after, re.DOTALL)


def _either_case(character: str) -> str:
    if character > "\uffff":
        # The service takes such a character for two, and can write neither (recorded).
        return r"\?\?"
    if "\ud800" <= character <= "\udfff":
        return r"\?"
    # The character itself is neither of the two only when it is in title case.
    forms = dict.fromkeys((character, character.lower(), character.upper()))
    if all(len(form) == 1 for form in forms):
        return re.escape(character) if len(forms) == 1 else f"[{''.join(map(re.escape, forms))}]"
    return f"(?:{'|'.join(map(re.escape, forms))})"
