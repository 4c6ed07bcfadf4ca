"""What all tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _terminal_of_120_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts follow the width of the terminal; the tests expect the same ones in every terminal."""
    monkeypatch.setenv("COLUMNS", "120")
