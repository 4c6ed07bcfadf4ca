"""Where a captured event differs from an expectation, as a reader wants it explained.

The only module that imports deepdiff, and only once an assertion has failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from pytest_eventbridge._alignment import Slot, align, has_no_distance, is_reordered
from pytest_eventbridge._expected import ExpectedEvent
from pytest_eventbridge._matching import ABSENT, Exactly, Mismatch, bare, key_path
from pytest_eventbridge._model import CapturedEvent
from pytest_eventbridge._values import depth_of

# What nests deeper is shown as a whole: deepdiff recurses.
_MAX_DEPTH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A mismatch, as a reader wants it explained.

    Attributes:
        path: Where.
        expected: The expected value or matcher; `ABSENT` when nothing was to be there.
        actual: The captured value; `ABSENT` when nothing is there.
        moved_from: Where the value was expected when it is elsewhere in the same list; else `None`.
        is_reordered: Whether a list has the expected elements, in another order.
    """

    path: str
    expected: Any
    actual: Any
    moved_from: str | None = None
    is_reordered: bool = False


def explain(expected: ExpectedEvent, event: CapturedEvent, mismatches: Iterable[Mismatch]) -> Iterator[Difference]:
    """Yield the differences behind an event's mismatches, with lists taken apart."""
    lists = dict(_iter_lists(expected.criteria.get("detail"), event.compared_detail()))
    told: set[str] = set()
    for mismatch in mismatches:
        path = next((path for path in lists if f"{mismatch.path}[".startswith(f"{path}[")), None)
        if path is None:
            yield Difference(path=mismatch.path, expected=mismatch.expected, actual=mismatch.actual)
        elif path not in told:
            told.add(path)
            yield from lists[path]


def _iter_lists(expected: Any, actual: Any) -> Iterator[tuple[str, list[Difference]]]:
    """Yield the path and the differences of each list whose elements do not stand where they are expected."""
    pending = [("detail", expected, actual)]
    while pending:
        path, expected, actual = pending.pop()
        expected = _opened(expected)
        if isinstance(expected, dict) and isinstance(actual, dict):
            pending += [(key_path(path, key), member, actual.get(key)) for key, member in expected.items()]
        elif isinstance(expected, list) and isinstance(actual, list):
            differences = _list_differences(path, expected, actual)
            if differences:
                yield path, differences
            else:
                pairs = enumerate(zip(expected, actual, strict=False))
                pending += [(f"{path}[{index}]", one, other) for index, (one, other) in pairs]


def _list_differences(path: str, expected: list[Any], actual: list[Any]) -> list[Difference]:
    """Take two lists apart; none where it is enough to compare element by element, or where that would take long."""
    if max(depth_of(expected), depth_of(actual)) > _MAX_DEPTH or has_no_distance(expected, actual):
        return []
    slots = align(expected, actual)
    if slots is None or (all(None not in slot for slot in slots) and not is_reordered(expected, actual)):
        return []
    return _Comparison(path).differences(expected, actual)


# The keys and slots that lead to a value.
_Steps: TypeAlias = "tuple[str | Slot, ...]"


class _Comparison:
    """Compares two lists: elements are aligned here, and deepdiff finds what differs in those that belong together.

    Args:
        path: Where the lists are.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        # In the order in which a reader goes through the expectation.
        self._found: dict[_Steps, Difference | None] = {}

    def differences(self, expected: list[Any], actual: list[Any]) -> list[Difference]:
        """Return what differs: which elements are missing, too many, moved or changed."""
        from deepdiff import DeepDiff  # imported here because only a failed assertion needs it

        levels = DeepDiff(*self._aligned(expected, actual, ()), view="tree")
        for level in (*levels.get("values_changed", ()), *levels.get("type_changes", ())):
            steps = tuple(level.path(output_format="list"))
            self._found[steps] = Difference(path=self._path_of(steps), expected=bare(level.t1), actual=level.t2)
        return _with_moves([difference for difference in self._found.values() if difference is not None])

    def _aligned(self, expected: Any, actual: Any, steps: _Steps) -> tuple[Any, Any]:
        """Return two values with dicts by slot for lists, and the same for what is no difference or is told."""
        self._found[steps] = None
        if has_no_distance(expected, actual):
            return None, None
        is_exact = isinstance(expected, Exactly)
        expected = _opened(expected)
        if isinstance(expected, list) and isinstance(actual, list):
            return self._aligned_lists(expected, actual, steps)
        if isinstance(expected, dict) and isinstance(actual, dict):
            members = {key: (one, actual.get(key, ABSENT)) for key, one in expected.items()}
            if is_exact:
                members |= {key: (ABSENT, other) for key, other in actual.items() if key not in expected}
            return self._joined(members, steps)
        return expected, actual

    def _aligned_lists(self, expected: list[Any], actual: list[Any], steps: _Steps) -> tuple[Any, Any]:
        is_another_order = is_reordered(expected, actual)
        slots = None if is_another_order else align(expected, actual)
        if slots is None:
            self._found[steps] = Difference(
                path=self._path_of(steps),
                expected=list(map(bare, expected)),
                actual=actual,
                is_reordered=is_another_order,
            )
            return None, None
        members = {
            slot: (ABSENT if slot[0] is None else expected[slot[0]], ABSENT if slot[1] is None else actual[slot[1]])
            for slot in slots
        }
        return self._joined(members, steps)

    def _joined(self, members: Mapping[Any, tuple[Any, Any]], steps: _Steps) -> tuple[dict[Any, Any], dict[Any, Any]]:
        # With ABSENT on one side rather than the key on the other alone: deepdiff takes two dicts with few keys in
        # common for wholly different (8.0 and later).
        pairs = {step: self._aligned(one, other, (*steps, step)) for step, (one, other) in members.items()}
        return {step: one for step, (one, _) in pairs.items()}, {step: other for step, (_, other) in pairs.items()}

    def _path_of(self, steps: _Steps) -> str:
        path = self._path
        for step in steps:
            if isinstance(step, str):
                path = key_path(path, step)
            else:
                path = f"{path}[{step[0] if step[1] is None else step[1]}]"
        return path


def _opened(expected: Any) -> Any:
    """Return a value without the `Exactly` around it, which then is around each of its members."""
    value = bare(expected)
    if value is expected or not isinstance(value, (dict, list)):
        return value
    return {key: Exactly(one) for key, one in value.items()} if isinstance(value, dict) else list(map(Exactly, value))


def _with_moves(differences: list[Difference]) -> list[Difference]:
    """Return differences with one in the place of two where what is missing is elsewhere."""
    added = {difference.path: difference for difference in differences if difference.expected is ABSENT}
    moved_from: dict[str, str] = {}
    for missing in differences:
        if missing.actual is ABSENT:
            fitting = (path for path, one in added.items() if has_no_distance(missing.expected, one.actual))
            if (path := next(fitting, None)) is not None:
                moved_from[path] = missing.path
                del added[path]
    return [
        replace(one, expected=one.actual, moved_from=moved_from[one.path]) if _is_at(one, moved_from) else one
        for one in differences
        if one.actual is not ABSENT or one.path not in moved_from.values()
    ]


def _is_at(difference: Difference, moved_from: dict[str, str]) -> bool:
    return difference.expected is ABSENT and difference.path in moved_from
