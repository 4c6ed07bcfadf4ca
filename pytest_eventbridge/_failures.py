"""Failures that a test injects, and the order in which they are consulted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, final

from pytest_eventbridge._expected import Criteria, as_expected
from pytest_eventbridge._model import CapturedEvent

# Texts of the per-entry codes that the service documents. Recorded from AWS or measured there: MalformedDetail,
# NotAuthorizedForSourceException; the user guide's example: InternalFailure. Of the others only the code and its
# description in the API reference (PutEventsResultEntry, read 2026-11) are known, so the description stands in.
DEFAULT_ERROR_MESSAGES: Final = {
    "AccessDeniedException": "You do not have sufficient access to perform this action.",
    "InternalFailure": "Internal Service Failure",
    "InvalidAccountIdException": "The account ID provided is not valid.",
    "InvalidArgument": "A specified parameter is not valid.",
    "MalformedDetail": "Detail is malformed.",
    "NotAuthorizedForDetailTypeException": (
        "You do not have permissions to publish events with this detail type onto this event bus."
    ),
    "NotAuthorizedForSourceException": "Not authorized for the source.",
    "RedactionFailure": "Redacting the CloudTrail event failed.",
    "ThrottlingException": "The request was denied due to request throttling.",
}


class Once(int):
    """The default of `times`: 1, told apart from a 1 that somebody gave, so that `rate` alone means every entry."""


ONCE: Final = Once(1)


@final
class InjectedFailure:
    """A failure that a test injected; what `fail_entries` returns.

    As a context manager it ends with its block.

    Attributes:
        error_code: What the caller gets as `ErrorCode`.
        error_message: What the caller gets as `ErrorMessage`.
        fired: How many entries it has failed.
        seed: What makes the choices of `rate` come out the same again; `None` without `rate`.
    """

    def __init__(
        self,
        error_code: str,
        error_message: str | None,
        *,
        times: int | None,
        skip: int,
        position: int | None,
        rate: float | None,
        seed: int | None,
        criteria: Criteria,
    ) -> None:
        self.error_code = _checked_text("error_code", error_code)
        if error_message is None:
            error_message = DEFAULT_ERROR_MESSAGES.get(error_code, error_code)
        self.error_message = _checked_text("error_message", error_message)
        self.fired = 0
        self.seed = _checked_seed(rate, seed)
        self._random = random.Random(self.seed)
        self._rate = _checked_rate(rate)
        self._times = None if rate is not None and times is ONCE else _checked_count("times", times, 1)
        self._to_skip = _checked_count("skip", skip, 0) or 0
        self._position = _checked_count("position", position, 0)
        self._expected = as_expected(None, criteria)
        self._was_consulted = False
        self._was_cancelled = False
        self._is_over = False
        self._description = self._describe(skip)

    @property
    def remaining(self) -> int | None:
        """How many more entries it will fail: 0 once it is over, `None` when there is no end to it."""
        if self._is_over:
            return 0
        return None if self._times is None else self._times - self.fired

    @property
    def is_unused(self) -> bool:
        """Whether it has never fired although nobody cancelled it; a `rate` that chance spared was used."""
        spared_by_chance = self._rate is not None and self._was_consulted
        return self.fired == 0 and not self._was_cancelled and not spared_by_chance

    def cancel(self) -> None:
        """Withdraw the failure: it fires no more, and that it never fired is no problem either."""
        self._was_cancelled = True
        self._is_over = True

    def applies_to(self, event: CapturedEvent) -> bool:
        """Say whether the failure fires for an entry, and count it. Call it once for an entry, under a lock."""
        if self.remaining == 0 or self._position not in (None, event.position):
            return False
        if not self._expected.matches(event):
            return False
        if self._to_skip:
            self._to_skip -= 1
            return False
        self._was_consulted = True
        if self._rate is not None and self._random.random() >= self._rate:
            return False
        self.fired += 1
        return True

    def __enter__(self) -> InjectedFailure:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_over = True

    def __repr__(self) -> str:
        fired = "never fired" if not self.fired else f"fired {self.fired} time{'s' if self.fired > 1 else ''}"
        return f"<InjectedFailure {self._description}: {fired}>"

    def __str__(self) -> str:
        return self._description

    def _describe(self, skip: int) -> str:
        arguments: dict[str, Any] = {}
        if self._times != 1:
            arguments["times"] = self._times
        if skip:
            arguments["skip"] = skip
        if self._position is not None:
            arguments["position"] = self._position
        if self._rate is not None:
            arguments |= {"rate": self._rate, "seed": self.seed}
        arguments |= self._expected.criteria
        described = [repr(self.error_code), *(f"{name}={value!r}" for name, value in arguments.items())]
        return f"fail_entries({', '.join(described)})"


@final
class InjectedFailures:
    """The failures injected into one fake, in the order in which they were injected."""

    def __init__(self) -> None:
        self._failures: list[InjectedFailure] = []

    def add(self, failure: InjectedFailure) -> InjectedFailure:
        """Put a failure behind those injected before."""
        self._failures.append(failure)
        return failure

    def first_for(self, event: CapturedEvent) -> InjectedFailure | None:
        """Return the first failure that fires for an entry, counted as fired; `None` when none does."""
        return next((failure for failure in self._failures if failure.applies_to(event)), None)

    def unused(self) -> list[InjectedFailure]:
        """Return the failures that never fired."""
        return [failure for failure in self._failures if failure.is_unused]

    def __iter__(self) -> Iterator[InjectedFailure]:
        return iter(self._failures)


def _checked_text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name}: a string that is not empty is required, not {value!r}.")
    return value


def _checked_count(name: str, value: object, least: int) -> int | None:
    if value is None and name != "skip":
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: a whole number is required, not {value!r}.")
    if value < least:
        raise ValueError(f"{name}: {value} is less than {least}.")
    return int(value)


def _checked_rate(rate: object) -> float | None:
    if rate is None:
        return None
    if not isinstance(rate, (int, float)) or isinstance(rate, bool):
        raise TypeError(f"rate: a number from 0 to 1 is required, not {rate!r}.")
    if not 0 <= rate <= 1:
        raise ValueError(f"rate: {rate} is not between 0 and 1.")
    return float(rate)


def _checked_seed(rate: object, seed: object) -> int | None:
    if rate is None:
        if seed is not None:
            raise TypeError("seed: it has no effect without rate.")
        return None
    if seed is None:
        return random.SystemRandom().randrange(2**32)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TypeError(f"seed: a whole number is required, not {seed!r}.")
    return seed
