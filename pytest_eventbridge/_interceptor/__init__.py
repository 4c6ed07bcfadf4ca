"""The way into botocore: the only part that knows its internals, and the only one that imports it.

While at least one fake is active, three methods are wrapped, the latter two in each loaded client class:

    BaseClient.__init__  reaches the class of a client that is made later (aiobotocore's may be loaded later)
    _make_api_call       sees who calls, and what comes of it
    _make_request        answers what publishes events, after botocore's parameter validation and serialization, and
                         when no handler of `before-call` has answered: no `Stubber`, no other mock

So every client is reached, however old, and an ordinary call leaves no trace on it. When requests may fail, for other
operations, and where somebody's patch has put an older `_make_request` in the place of ours, the request goes on to
botocore's transport. Then there are handlers on the emitter of that client:

    before-send    answers each attempt of what publishes events, so that botocore's own retries run;
                   and answers what nobody else did: the operations on event buses, rules and targets;
                   another one is refused
    choose-signer  spares a request that is answered here the credentials

They are registered last, so that another mock and the user's own handlers come first. The endpoint's emitter is wrapped
as well: it is where the waits between attempts can be left out. What the client's retry mode remembers of its calls is
set apart. Everything is undone when the last fake ends, or with the last call that is then under way.

The default session of boto3 forgets the fake credentials that it has found.

A guard is intercepted for as a fake is. A call that it refuses passes the handlers as one of an operation that nobody
plays does, PutEvents too, so that every other mock comes first.
"""

# First of all, because the guard hears of this import, and then already needs `_wrapping`.
import botocore.client  # noqa: F401

from pytest_eventbridge._interceptor._call import NOT_PLAYED_CODE
from pytest_eventbridge._interceptor._default_session import FoundCredentials, forget_credentials, found_credentials
from pytest_eventbridge._interceptor._errors import client_error, network_error_class, operation_names, raisable
from pytest_eventbridge._interceptor._wrapping import interception

__all__ = [
    "NOT_PLAYED_CODE",
    "FoundCredentials",
    "client_error",
    "forget_credentials",
    "found_credentials",
    "interception",
    "network_error_class",
    "operation_names",
    "raisable",
]
