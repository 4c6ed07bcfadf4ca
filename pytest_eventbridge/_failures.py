"""Failures that a test injects, and the order in which they are consulted."""

from __future__ import annotations

import random
from types import TracebackType
from typing import Any, Final, TypeVar, final

from pytest_eventbridge._expected import Criteria, as_expected, checked_text
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._wording import shown_value

# pytest shows no frame of this module, only the line of the test that called it.
__tracebackhide__ = True

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
    """The default of `times`: 1, told apart from a 1 that somebody gave, so that `rate` alone means each time."""


ONCE: Final = Once(1)

SomeFailure = TypeVar("SomeFailure", bound="InjectedFailure")


class InjectedFailure:
    """A failure that a test injected; what `fail_entries` and `fail_requests` return.

    As a context manager it ends with its block.

    Attributes:
        fired: How often it has fired: entries that it has failed, or attempts of requests.
        seed: What makes the choices of `rate` come out the same again; `None` without `rate`.
    """

    def __init__(self, *, times: int | None, skip: int, rate: float | None, seed: int | None) -> None:
        self.fired = 0
        self.seed = _checked_seed(rate, seed)
        self._random = random.Random(self.seed)
        self._rate = _checked_rate(rate)
        self._times = None if rate is not None and times is ONCE else checked_count("times", times, 1)
        self._skip = self._to_skip = checked_count("skip", skip, 0) or 0
        self._was_consulted = False
        self._was_cancelled = False
        self._is_over = False

    @property
    def remaining(self) -> int | None:
        """How often it will still fire: 0 once it is over, `None` when there is no end to it."""
        if self._is_over:
            return 0
        return None if self._times is None else self._times - self.fired

    @property
    def _is_unused(self) -> bool:
        """Whether it has never fired although nobody cancelled it; a `rate` that chance spared was used."""
        spared_by_chance = self._rate is not None and self._was_consulted
        return self.fired == 0 and not self._was_cancelled and not spared_by_chance

    def cancel(self) -> None:
        """Withdraw the failure: it fires no more, and that it never fired is no problem either."""
        self._was_cancelled = True
        self._is_over = True

    def _fires(self) -> bool:
        """Say whether it fires for what it applies to, and count it. Call it once for each, under a lock."""
        if self.remaining == 0:  # a predicate of the test's may have published, or cancelled, in between
            return False
        if self._to_skip:
            self._to_skip -= 1
            return False
        self._was_consulted = True
        if self._rate is not None and self._random.random() >= self._rate:
            return False
        self.fired += 1
        return True

    def __enter__(self: SomeFailure) -> SomeFailure:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_over = True

    @property
    def _fired_text(self) -> str:
        """How often it has fired, in words."""
        return "never fired" if not self.fired else f"fired {self.fired} time{'s' if self.fired > 1 else ''}"

    def __repr__(self) -> str:
        return f"<InjectedFailure {self}: {self._fired_text}>"

    def _described(self, method: str, error: object, arguments: dict[str, Any]) -> str:
        scheduled: dict[str, Any] = {}
        if self._times != 1:
            scheduled["times"] = self._times
        if self._skip:
            scheduled["skip"] = self._skip
        if self._rate is not None:
            scheduled |= {"rate": self._rate, "seed": self.seed}
        arguments = scheduled | arguments
        described = [str(error), *(f"{name}={shown_value(value, 60)}" for name, value in arguments.items())]
        return f"{method}({', '.join(described)})"


@final
class EntryFailure(InjectedFailure):
    """A failure of single entries.

    Attributes:
        error_code: What the caller gets as `ErrorCode`.
        error_message: What the caller gets as `ErrorMessage`.
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
        super().__init__(times=times, skip=skip, rate=rate, seed=seed)
        self.error_code = checked_text("error_code", error_code)
        if error_message is None:
            error_message = DEFAULT_ERROR_MESSAGES.get(error_code, error_code)
        self.error_message = checked_text("error_message", error_message)
        self._position = checked_count("position", position, 0)
        self._expected = as_expected(None, criteria)

    def applies_to(self, event: CapturedEvent) -> bool:
        """Say whether the failure is not over and the entry is one of those it is for."""
        return self.remaining != 0 and self._position in (None, event.position) and self._expected.matches(event)

    def __str__(self) -> str:
        position = {} if self._position is None else {"position": self._position}
        return self._described("fail_entries", repr(self.error_code), position | self._expected.criteria)


def checked_count(name: str, value: object, least: int) -> int | None:
    """Return a whole number, or `None`, which only `skip` may not be.

    Raises:
        TypeError: It is something else.
        ValueError: It is less than `least`.
    """
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
