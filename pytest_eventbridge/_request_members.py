"""The form of a request, as data: its members, what type each has, and the limits that the service puts on it.

Only what is named is looked at. The grammar of the texts was recorded from AWS.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_eventbridge._constraints import iter_text_violations, violation


class WrongTypeError(Exception):
    """A member has a type that the service cannot read.

    botocore keeps such a request from leaving, unless it is told not to validate.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(ABC):
    """A member of a request.

    Attributes:
        is_required: Whether it has to be there.
    """

    is_required: bool = False

    @abstractmethod
    def iter_violations(self, value: Any, path: str) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Member):
    """A text; the length is in characters."""

    max_length: int | None = None
    pattern: re.Pattern[str] | None = None
    may_be_empty: bool = False

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            raise WrongTypeError
        if value or not self.may_be_empty:
            yield from iter_text_violations(value, path, self.max_length, self.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Member):
    """One of some texts."""

    values: tuple[str, ...]

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if value not in self.values:
            yield violation(value, path, f"Member must satisfy enum value set: [{', '.join(self.values)}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Member):
    """A whole number."""

    least: int
    most: int

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, int):
            raise WrongTypeError
        if value < self.least:
            yield violation(str(value), path, f"Member must have value greater than or equal to {self.least}")
        if value > self.most:
            yield violation(str(value), path, f"Member must have value less than or equal to {self.most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Member):
    """A list; the lengths are in members."""

    member: Member
    max_length: int
    may_be_empty: bool = False

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            raise WrongTypeError
        if not value and not self.may_be_empty:
            yield violation("[]", path, "Member must have length greater than or equal to 1")
        if len(value) > self.max_length:
            yield violation("[...]", path, f"Member must have length less than or equal to {self.max_length}")
        for number, one in enumerate(value, 1):
            yield from self.member.iter_violations(one, f"{path}.{number}.member")


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure(Member):
    """A structure, of which the members named here are looked at."""

    members: Mapping[str, Member]

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            raise WrongTypeError
        for name, member in self.members.items():
            place = f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")
            if value.get(name) is not None:
                yield from member.iter_violations(value[name], place)
            elif member.is_required:
                yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMap(Member):
    """A map of texts to texts, whose own limits the service's text is not known for."""

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:  # noqa: ARG002  # it finds none to place
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise WrongTypeError
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Member):
    """A map of texts to texts; the length is in members."""

    key: Text
    value: Text
    max_length: int

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            raise WrongTypeError
        if len(value) > self.max_length:
            yield violation("{...}", path, f"Member must have length less than or equal to {self.max_length}")
        for key, text in value.items():
            yield from self.key.iter_violations(key, f"{path}.key")
            yield from self.value.iter_violations(text, f"{path}.{key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob(Member):
    """Bytes, any number of them."""

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:  # noqa: ARG002  # it finds none to place
        if not isinstance(value, bytes):
            raise WrongTypeError
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp(Member):
    """A number of seconds since the epoch; a boolean is none."""

    def iter_violations(self, value: Any, path: str) -> Iterator[str]:  # noqa: ARG002  # it finds none to place
        if type(value) not in (int, float):
            raise WrongTypeError
        yield from ()
