"""What stands in the table: pieces of work, who does them, what was measured and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from .measuring import Costs, Sample, Spread, measure_in_turns, spread

# How this package is called among the peers.
OURS: Final = "ours"

# Makes ready what a row needs, and yields the samples by peer, `OURS` among them.
Prepare: TypeAlias = Callable[[], AbstractContextManager[Mapping[str, Sample]]]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Something to be reached: a figure of ours, taken in each round, whose median is at most a limit.

    Attributes:
        text: What is to be reached, in words.
        figure: Takes our cost, and the peer's.
        limit: What the median may be.
        peer: Beside whom; `None`: for itself.
        shown: Makes a text of the figure.
    """

    text: str
    figure: Callable[[float, float], float]
    limit: float
    peer: str | None = None
    shown: Callable[[float], str]

    def reached(self, costs: Costs) -> float:
        """Return what was reached."""
        ours = costs[OURS]
        return spread(list(map(self.figure, ours, costs[self.peer or OURS]))).median


def at_most(limit: float, unit: Unit) -> Goal:
    """Ask for a cost of ours of at most so much."""
    return Goal(text=f"at most {unit.shown(limit)}", figure=lambda ours, _: ours, limit=limit, shown=unit.shown)


def at_most_above(peer: str, limit: float, unit: Unit) -> Goal:
    """Ask for a cost of ours of at most so much more than a peer's."""
    return Goal(
        text=f"at most {unit.shown(limit)} above",
        figure=lambda ours, other: ours - other,
        limit=limit,
        peer=peer,
        shown=lambda more: f"{'+' if more >= 0 else ''}{unit.shown(more)}",
    )


def at_most_times(peer: str, limit: float) -> Goal:
    """Ask for a cost of ours of at most so many times a peer's."""
    return Goal(
        text="no more than it" if limit == 1 else f"at most {limit:g} times it",
        figure=lambda ours, other: ours / other,
        limit=limit,
        peer=peer,
        shown=lambda times: f"{times:.2f} times",
    )


def times_ahead(peer: str, limit: float) -> Goal:
    """Ask for a peer's cost that is at least so many times ours."""
    return Goal(
        text="ahead of it" if limit == 1 else f"at least {limit:g} times ahead",
        figure=lambda ours, other: ours / other,
        limit=1 / limit,
        peer=peer,
        shown=lambda times: f"{1 / times:.1f} times",
    )


@dataclass(frozen=True)
class Unit:
    """How costs of one kind are shown.

    Attributes:
        name: The unit's.
        factor: From seconds, or from what else was measured.
        digits: Behind the point.
    """

    name: str
    factor: float = 1.0
    digits: int = 1

    def shown(self, cost: float) -> str:
        """Return a cost as a text."""
        return f"{cost * self.factor:,.{self.digits}f} {self.name}"


MICROSECONDS: Final = Unit("µs", 1e6)
MILLISECONDS: Final = Unit("ms", 1e3)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One piece of work.

    Attributes:
        name: By which it is chosen.
        work: What is done.
        unit: Of our cost.
        prepare: See `Prepare`.
        goals: What is to be reached.
        rounds: How often everybody is measured: fewer where a round takes long.
        note: What a reader of the figures has to know.
    """

    name: str
    work: str
    unit: Unit
    prepare: Prepare
    goals: tuple[Goal, ...] = ()
    rounds: int = 15
    note: str = ""

    def measured(self, most_rounds: int) -> MeasuredRow:
        """Do the work, in no more rounds than this."""
        with self.prepare() as samples:
            return MeasuredRow(self, measure_in_turns(samples, min(self.rounds, most_rounds)))


@dataclass(frozen=True)
class MeasuredRow:
    """A row with what was measured.

    Attributes:
        row: The row.
        costs: By peer.
    """

    row: Row
    costs: Costs = field(repr=False)

    @property
    def ours(self) -> Spread:
        """Our cost."""
        return spread(self.costs[OURS])

    def ratios(self) -> dict[str, Spread]:
        """Return by peer how many times our cost its own is, round by round."""
        ours = self.costs[OURS]
        return {
            peer: spread([other / own for other, own in zip(costs, ours, strict=True)])
            for peer, costs in self.costs.items()
            if peer != OURS
        }

    def goals_beside(self, peer: str | None) -> list[tuple[Goal, float, bool]]:
        """Return each goal beside a peer, what was reached, and whether that is enough."""
        goals = [(goal, goal.reached(self.costs)) for goal in self.row.goals if goal.peer == peer]
        return [(goal, reached, reached <= goal.limit) for goal, reached in goals]

    def as_data(self) -> dict[str, Any]:
        """Return it for JSON: costs in seconds, or in what else was measured."""
        return {
            "name": self.row.name,
            "work": self.row.work,
            "note": self.row.note,
            "ours": self.ours._asdict(),
            "peer_cost_over_ours": {peer: ratio._asdict() for peer, ratio in self.ratios().items()},
            "goals": [
                {"text": goal.text, "beside": peer, "reached": goal.shown(reached), "is_reached": is_reached}
                for peer in (None, *self.ratios())
                for goal, reached, is_reached in self.goals_beside(peer)
            ],
            "costs_by_round": self.costs,
        }
