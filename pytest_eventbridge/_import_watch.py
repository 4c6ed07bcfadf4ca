"""Hearing of the import of a module that nobody has imported yet, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class ImportWatch(MetaPathFinder):
    """Calls a function once a module is loaded: at once if it is already, else right after its own code has run.

    Args:
        name: The module's full name.
        function: What to call, at most once.
    """

    def __init__(self, name: str, function: Callable[[], None]) -> None:
        self._name = name
        self._function = function

    def begin(self) -> None:
        """Call the function, or begin to watch."""
        if self._name in sys.modules:
            self._function()
        else:
            sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Watch no more; again changes nothing."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module as all others would, and see to it that its loader tells of it."""
        if fullname != self._name:
            return None
        for finder in sys.meta_path:
            find_spec = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find_spec(fullname, path, target) if finder is not self and find_spec else None
            if spec is not None:
                self._tell_of(spec.loader)
                return spec
        return None

    def _tell_of(self, loader: Any) -> None:
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module  # one loader may load several modules
            load(module)
            if self in sys.meta_path:
                self.end()
                self._function()

        loader.exec_module = exec_module
