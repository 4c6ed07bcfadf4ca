"""What botocore's retry modes remember of a client's calls, kept from what fakes answer.

`standard` and `adaptive` draw on a quota for each retry, and a call that fails for good never pays back. `adaptive`
measures how fast a client may send as well. (Seen in botocore 1.31.0 to 1.44.8, where legacy keeps nothing; the same in
aiobotocore 2.5.4 to 3.10.0.)
"""

from __future__ import annotations

from copy import copy
from typing import Any, Final
from weakref import WeakKeyDictionary

from pytest_eventbridge._interceptor._call import CURRENT_CALL
from pytest_eventbridge._service import ClassicService

# What the rate limiter of the adaptive mode hears of each attempt, besides whether it limits yet.
_RATE_ATTRIBUTES: Final = ("_rate_adjustor", "_rate_clocker", "_token_bucket")

# Objects of botocore's, with the attributes that they had.
RetryState = list[tuple[Any, dict[str, Any]]]


def set_apart(client: Any) -> RetryState:
    """Keep what fakes answer from changing what the retries of a client go by.

    Returns:
        What `put_back` takes; nothing where the retry mode remembers nothing.
    """
    state: RetryState = []
    for handler in _retry_handlers(client):
        owner: Any = getattr(handler, "__self__", None)
        checker: Any = getattr(owner, "_retry_quota", None)
        if hasattr(checker, "_quota"):
            state.append((checker, {"_quota": checker._quota}))
            checker._quota = _QuotaOfFakes(checker._quota)
        elif all(hasattr(owner, name) for name in _RATE_ATTRIBUTES):
            state.append((owner, dict(vars(owner))))
            for name in _RATE_ATTRIBUTES:
                setattr(owner, name, copy(getattr(owner, name)))
    return state


def put_back(state: RetryState) -> None:
    """Undo `set_apart`."""
    for owner, attributes in state:
        for name, value in attributes.items():
            setattr(owner, name, value)


def _retry_handlers(client: Any) -> list[Any]:
    event = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
    try:
        return list(client.meta.events._emitter._handlers.prefix_search(event))
    except AttributeError:  # an emitter of somebody else's
        return []


class _QuotaOfFakes:
    """The retry quota of a client, in whose place each fake has a copy that ends with it.

    A call that no fake answers draws on the quota itself.
    """

    def __init__(self, quota: Any) -> None:
        self._quota = quota
        self._copies: WeakKeyDictionary[ClassicService, Any] = WeakKeyDictionary()

    def _of_current_call(self) -> Any:
        current = CURRENT_CALL.get()
        if current is None or current.service is None:
            return self._quota
        if current.service not in self._copies:
            self._copies[current.service] = copy(self._quota)
        return self._copies[current.service]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of_current_call(), name)
