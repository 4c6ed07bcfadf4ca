"""Which event buses there are."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, final

DEFAULT_BUS: Final = "default"

# What is in the ARN of a Custom Event Bus, of the service `eventbridgev2`, and in no other.
_CUSTOM_BUS: Final = ":event-busv2/"


def bus_name_of(name_or_arn: str | None) -> str:
    """Return the name of an event bus that is given by name or ARN; the default one's when none is given."""
    name = name_or_arn or DEFAULT_BUS
    return name.partition(":event-bus/")[2] or name


def custom_bus_name_of(arn: str) -> str:
    """Return the name of a Custom Event Bus, which stands in its ARN before the id that the service gave it."""
    return arn.partition(_CUSTOM_BUS)[2].partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBus:
    """An event bus that is known by name.

    Attributes:
        name: Its name.
        description: What `CreateEventBus` was given; `None` when it was given none.
        created_at: Seconds since the epoch.
    """

    name: str
    description: str | None = None
    created_at: float


@final
class EventBuses:
    """The event buses of one fake, the same in every region.

    Args:
        declared: The option `event_buses`: names and ARNs; `None` when every event bus exists.
        account_id: The account that names stand for.

    Attributes:
        declared: What the option says, with what was created and without what was deleted; `None` as the option.
    """

    def __init__(self, declared: Collection[str] | None, account_id: str) -> None:
        self._account_id = account_id
        self._began_at = time.time()
        self.declared: Final = None if declared is None else {*declared, DEFAULT_BUS}
        self._custom_buses: Final = None if declared is None else frozenset(declared)
        self._created: dict[str, EventBus] = {}
        self._deleted: set[str] = set()

    @property
    def are_all_there(self) -> bool:
        """Whether every event bus exists, so that there is nothing to ask."""
        return self.declared is None and not self._deleted

    def has(self, name_or_arn: str | None) -> bool:
        """Say whether an event bus exists; one that was deleted does not, even where every other does."""
        name = bus_name_of(name_or_arn)
        given = name_or_arn or DEFAULT_BUS
        is_our_own = not given.startswith("arn:") or given.split(":")[4] == self._account_id
        if is_our_own and name in self._deleted:
            return False
        if self.declared is None or given in self.declared:
            return True
        return is_our_own and name in self.declared

    def has_custom_bus(self, arn: str) -> bool:
        """Say whether a Custom Event Bus exists, which is never a classic one that was made or deleted.

        Where any event bus was declared, it does when its ARN was; or when its name was and it is in the account of the
        fake, whatever the id at the end of its ARN.
        """
        if self._custom_buses is None or arn in self._custom_buses:
            return True
        return custom_bus_name_of(arn) in self._custom_buses and arn.split(":")[4] == self._account_id

    def find(self, name: str) -> EventBus:
        """Return what is known of an event bus that exists."""
        return self._created.get(name) or EventBus(name=name, created_at=self._began_at)

    def is_known(self, name: str) -> bool:
        """Say whether an event bus exists by name, and not only because every one does."""
        return name == DEFAULT_BUS or name in self._created or (self.declared is not None and self.has(name))

    def create(self, name: str, description: str | None) -> None:
        """Let an event bus exist from now on."""
        self._created[name] = EventBus(name=name, description=description, created_at=time.time())
        self._deleted.discard(name)
        if self.declared is not None:
            self.declared.add(name)

    def delete(self, name: str) -> None:
        """Let an event bus exist no more."""
        self._created.pop(name, None)
        self._deleted.add(name)
        if self.declared is not None:
            self.declared.discard(name)

    def names(self, others: Iterable[str] = ()) -> list[str]:
        """Return the names of the event buses that are known by name, in alphabetical order.

        Args:
            others: Names that are known besides: where every bus exists, those that something stands on.
        """
        declared = {bus_name_of(name) for name in self.declared or () if _CUSTOM_BUS not in name}
        return sorted(name for name in {DEFAULT_BUS, *declared, *self._created, *others} if self.has(name))
