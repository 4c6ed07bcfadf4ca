"""The environment while a fake is active, and after it."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from pytest_eventbridge import FakeEventBridge

FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without anything of AWS in it, and a home without configuration."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def aws_environment() -> dict[str, str]:
    """Return what the environment holds for AWS, but for the files of the fixture above."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_") and not name.endswith("_FILE")}


def send_event(**arguments: Any) -> Any:
    """Make a client of a new session, send one event, and return the client."""
    client: Any = botocore.session.get_session().create_client("events", **arguments)
    response = client.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])
    assert response["FailedEntryCount"] == 0
    return client


def test_a_client_needs_no_configuration() -> None:
    """In an empty environment a client can be made and used, in the default region, and nothing stays behind."""
    before = dict(os.environ)

    with FakeEventBridge() as bridge:
        assert aws_environment() == {**FAKE_CREDENTIALS, "AWS_DEFAULT_REGION": "us-east-1"}
        send_event()

    assert [event.region for event in bridge.events] == ["us-east-1"]
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        pytest.param({}, "eu-north-1", id="none"),
        pytest.param({"AWS_DEFAULT_REGION": "ap-south-1"}, "ap-south-1", id="a default region"),
        pytest.param({"AWS_REGION": "ap-south-1"}, "ap-south-1", id="the region of other SDKs"),
        pytest.param(
            {"AWS_REGION": "sa-east-1", "AWS_DEFAULT_REGION": "ap-south-1"}, "ap-south-1", id="both, botocore's wins"
        ),
        pytest.param({"AWS_DEFAULT_REGION": ""}, "eu-north-1", id="an empty default region"),
        pytest.param({"AWS_REGION": ""}, "eu-north-1", id="an empty region of other SDKs"),
        pytest.param({"AWS_DEFAULT_REGION": "", "AWS_REGION": "ap-south-1"}, "ap-south-1", id="only one is empty"),
    ],
)
def test_the_option_is_the_default_region_where_the_environment_has_none(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], region: str
) -> None:
    """A region of the environment's wins over the option, and is there as before afterwards."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with FakeEventBridge(region="eu-north-1") as bridge:
        send_event()

    assert [event.region for event in bridge.events] == [region]
    assert aws_environment() == environment


def test_a_clients_own_region_wins() -> None:
    """The region that the code under test asks for is the one in its events."""
    with FakeEventBridge(region="eu-north-1") as bridge:
        send_event(region_name="sa-east-1")

    assert bridge.events[0].to_dict()["region"] == "sa-east-1"


def test_a_region_is_put_in_without_fake_credentials() -> None:
    """The two have nothing to do with each other."""
    with FakeEventBridge(region="eu-north-1", fake_credentials=False):
        assert aws_environment() == {"AWS_DEFAULT_REGION": "eu-north-1"}

    assert aws_environment() == {}


REAL = {
    "AWS_ACCESS_KEY_ID": "real",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "false",
}


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({}, id="keys and token"),
        pytest.param({"AWS_SECURITY_TOKEN": "real"}, id="a token under its old name"),
        pytest.param({"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}, id="they have expired"),
        pytest.param({"AWS_PROFILE": "production"}, id="a profile that is not there"),
        pytest.param({"AWS_DEFAULT_PROFILE": "production"}, id="a profile under its old name"),
        pytest.param({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/credentials"}, id="a container's"),
        pytest.param({"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, id="a role"),
    ],
)
def test_no_real_credentials_can_be_used(monkeypatch: pytest.MonkeyPatch, others: dict[str, str]) -> None:
    """Whatever the environment had, a session finds the fake ones; afterwards it is all there again."""
    for name, value in {**REAL, **others}.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)

    with FakeEventBridge():
        send_event()
        credentials: Any = botocore.session.get_session().get_credentials()
        keys = credentials.get_frozen_credentials()

    assert (keys.access_key, keys.secret_key, keys.token) == ("testing", "testing", "testing")
    assert dict(os.environ) == before


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_without_fake_credentials_the_environments_own_stay(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Keys and profile are left alone, and the fake answers all the same."""
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[profile production]\nregion = sa-east-1\n")
    for variable, value in {**REAL, name: "production"}.items():
        monkeypatch.setenv(variable, value)
    before = dict(os.environ)

    with FakeEventBridge(fake_credentials=False) as bridge:
        assert dict(os.environ) == before
        send_event()

    assert len(bridge.events) == 1
    assert dict(os.environ) == before


def test_without_any_credentials_the_fake_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is signed, so that nothing is missed."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with FakeEventBridge(fake_credentials=False) as bridge:
        assert botocore.session.get_session().get_credentials() is None
        send_event()

    assert len(bridge.events) == 1


def test_an_exception_in_the_block_leaves_nothing_behind() -> None:
    """The environment is put back whatever ended the block."""
    before = dict(os.environ)

    with pytest.raises(KeyError), FakeEventBridge():
        raise KeyError("of the code under test")

    assert dict(os.environ) == before


def test_what_the_code_under_test_did_to_the_environment_is_put_back() -> None:
    """A variable that the fake set is as it was before, although it was changed or deleted in the block."""
    before = dict(os.environ)

    with FakeEventBridge():
        os.environ["AWS_ACCESS_KEY_ID"] = "other"
        del os.environ["AWS_SECRET_ACCESS_KEY"]
        os.environ["AWS_PROFILE"] = "other"
        del os.environ["AWS_DEFAULT_REGION"]

    assert dict(os.environ) == before


def test_a_fake_can_be_entered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time it takes back what it found that time."""
    bridge = FakeEventBridge(region="eu-north-1")
    with bridge:
        send_event()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    with bridge:
        send_event()

    assert [event.region for event in bridge.events] == ["eu-north-1", "ap-south-1"]
    assert aws_environment() == {"AWS_DEFAULT_REGION": "ap-south-1"}


def test_a_fake_that_is_active_cannot_be_entered_again() -> None:
    """The second time is refused, and what the first one changed is still put back."""
    before = dict(os.environ)

    with FakeEventBridge() as bridge:
        with pytest.raises(RuntimeError, match=r"^This FakeEventBridge is active already\.$"):
            bridge.__enter__()
        assert aws_environment() == {**FAKE_CREDENTIALS, "AWS_DEFAULT_REGION": "us-east-1"}

    assert dict(os.environ) == before


def test_nested_fakes_put_back_what_each_found() -> None:
    """After the inner one the environment is the outer one's, after that as at first."""
    before = dict(os.environ)

    with FakeEventBridge(fake_credentials=False, region="eu-north-1"):
        outer = aws_environment()
        with FakeEventBridge(region="sa-east-1"):
            # What the outer fake has put in is no region of the environment's own.
            assert aws_environment() == {**FAKE_CREDENTIALS, "AWS_DEFAULT_REGION": "sa-east-1"}
        assert aws_environment() == outer

    assert dict(os.environ) == before


def test_fakes_that_overlap_keep_real_credentials_out_as_long_as_one_is_active(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first to begin may be the first to end: the other's environment stays, and goes when that one ends."""
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    first, second = FakeEventBridge(), FakeEventBridge()
    try:
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert {name: os.environ.get(name) for name in FAKE_CREDENTIALS} == FAKE_CREDENTIALS
    finally:
        second.__exit__(None, None, None)

    assert aws_environment() == REAL


CHANGES_BY_MONKEYPATCH = """
def test_changes(monkeypatch, eventbridge):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "changed")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    monkeypatch.setenv("AWS_PROFILE", "changed")
    monkeypatch.delenv("AWS_SESSION_TOKEN")
"""

# What the environment holds before, and a module whose first test changes it, by a fixture that outlives the fake.
CHANGES_THAT_OUTLIVE_THE_FAKE = {
    "nothing before": (
        {},
        CHANGES_BY_MONKEYPATCH,
    ),
    "real ones before": (
        {"AWS_ACCESS_KEY_ID": "real", "AWS_PROFILE": "production", "AWS_DEFAULT_REGION": "eu-west-1"},
        CHANGES_BY_MONKEYPATCH,
    ),
    "the region of other SDKs": (
        {},
        """
        @pytest.fixture
        def elsewhere(monkeypatch):
            monkeypatch.setenv("AWS_REGION", "eu-west-1")

        def test_changes(elsewhere, eventbridge, monkeypatch):
            monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
        """,
    ),
    "the fake's was there, and a fixture has changed it before": (
        {"AWS_ACCESS_KEY_ID": "testing"},
        """
        @pytest.fixture
        def configured(monkeypatch):
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "configured")
            monkeypatch.setenv("AWS_PROFILE", "configured")

        def test_changes(configured, eventbridge, monkeypatch):
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "changed")
            monkeypatch.setenv("AWS_PROFILE", "changed")
        """,
    ),
    "a patch of the whole environment": (
        {"AWS_ACCESS_KEY_ID": "real"},
        """
        from unittest.mock import patch

        @pytest.fixture
        def mocker():
            patches = []
            yield patches
            for one in patches:
                one.stop()

        def test_changes(mocker, eventbridge):
            mocker.append(patch.dict(os.environ, {"AWS_ACCESS_KEY_ID": "changed"}))
            mocker[0].start()
        """,
    ),
}


# What other plugins do in a session inside this one only costs time: Hypothesis is imported anew in each.
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


@pytest.mark.parametrize("name", CHANGES_THAT_OUTLIVE_THE_FAKE)
def test_no_value_of_the_fake_comes_back(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A fixture that was set up before, and undoes at its end what was changed under the fake, brings back nothing."""
    variables, module = CHANGES_THAT_OUTLIVE_THE_FAKE[name]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    pytester.makepyfile("import os\nimport pytest\n" + textwrap.dedent(module))

    result = pytester.runpytest_inprocess(*QUIET)

    result.assert_outcomes(passed=1)
    assert aws_environment() == variables


def test_what_a_fixture_puts_there_at_its_end_stays(pytester: pytest.Pytester) -> None:
    """What comes after the fake and is not the fake's is somebody's own."""
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.fixture
        def configures(monkeypatch):
            yield
            os.environ["AWS_ACCESS_KEY_ID"] = "configured"

        def test_changes(configures, eventbridge):
            pass

        def test_after():
            assert os.environ.pop("AWS_ACCESS_KEY_ID") == "configured"
        """
    )
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)


def test_what_a_wider_fixture_has_put_there_stays(pytester: pytest.Pytester) -> None:
    """A fixture of the session's that is set up with the test has changed the environment for all tests to come."""
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.fixture(scope="session")
        def configured():
            os.environ["AWS_ACCESS_KEY_ID"] = "configured"
            yield
            del os.environ["AWS_ACCESS_KEY_ID"]

        def test_changes(configured, monkeypatch, eventbridge):
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "changed")

        def test_after(configured):
            assert os.environ["AWS_ACCESS_KEY_ID"] == "configured"
        """
    )
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)


def test_what_a_wider_fake_has_put_there_stays(pytester: pytest.Pytester) -> None:
    """Where the values of the fixture's fake come back, those of a fake around it are what is left."""
    pytester.makepyfile(
        """
        import os
        import pytest
        from pytest_eventbridge import FakeEventBridge

        @pytest.fixture(scope="session")
        def around():
            with FakeEventBridge(region="eu-west-1"):
                yield

        @pytest.mark.eventbridge(region="eu-west-2")
        def test_changes(around, monkeypatch, eventbridge):
            assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-2"
            monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "changed")

        def test_after(around):
            assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"
            assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
        """
    )
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)
    assert "AWS_DEFAULT_REGION" not in os.environ
