"""The way into botocore: the only part that knows its internals, and the only one that imports it.

While at least one fake is active, `BaseClient.__init__` and the `_make_api_call` of each loaded client class are
wrapped, so that every client is reached: one older than the fake at its next call, one made later at once, one of a
class that is loaded later (aiobotocore) when it is made. A wrapper puts handlers on the emitter of the EventBridge
client it sees, once; from there on botocore's own event system does the work:

    before-call    answers what publishes events, after botocore's parameter validation and serialization and all
                   other handlers
    before-send    answers each attempt instead, when requests may fail, so that botocore's own retries run;
                   and answers what nobody else did: the operations on event buses, rules and targets;
                   another one is refused
    choose-signer  spares a request that is answered here the credentials

Handlers are registered last, so that a `Stubber`, another mock and the user's own handlers come first. The endpoint's
emitter is wrapped as well: it is where the waits between attempts can be left out. Everything is undone when the last
fake ends, or with the last call that is then under way.

A guard is intercepted for as a fake is. A call that it refuses passes the handlers as one of an operation that nobody
plays does, PutEvents too, so that every other mock comes first.
"""

# First of all, because the guard hears of this import, and then already needs `_wrapping`.
import botocore.client  # noqa: F401

from pytest_eventbridge._interceptor._call import NOT_PLAYED_CODE
from pytest_eventbridge._interceptor._errors import client_error, network_error_class, operation_names, raisable
from pytest_eventbridge._interceptor._wrapping import interception

__all__ = ["NOT_PLAYED_CODE", "client_error", "interception", "network_error_class", "operation_names", "raisable"]
