"""Values that cannot be changed once they are made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True


class Frozen:
    """A value with slots that cannot be set; a draft of it, a subclass without slots of its own, makes it."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any, /) -> None:
        raise FrozenInstanceError(f"{name!r} of a {type(self).__name__} cannot be set")

    def __delattr__(self, name: str, /) -> None:
        raise FrozenInstanceError(f"{name!r} of a {type(self).__name__} cannot be deleted")

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        return None, {name: getattr(self, name) for name in self._slots()}

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        for name, value in state[1].items():
            object.__setattr__(self, name, value)

    @classmethod
    def _slots(cls) -> list[str]:
        return [name for base in cls.__mro__ for name in base.__dict__.get("__slots__", ())]
