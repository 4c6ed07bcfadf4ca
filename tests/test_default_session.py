"""The default session of boto3, by which its module's functions go, and the credentials that it keeps."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from pytest_eventbridge import FakeEventBridge
from pytest_eventbridge._interceptor import found_credentials

REAL = {"AWS_ACCESS_KEY_ID": "REAL", "AWS_SECRET_ACCESS_KEY": "real", "AWS_DEFAULT_REGION": "eu-west-1"}
FAKE_KEY = "testing"


@pytest.fixture(autouse=True)
def real_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials that are in the environment alone, and boto3 as it is when it has just been imported."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def key_of_client(service: str = "s3") -> str:
    """Return the access key by which a client of the default session signs."""
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    return str(client._request_signer._credentials.access_key)


def default_session() -> Any:
    """Return botocore's part of the default session."""
    session: Any = boto3.DEFAULT_SESSION
    return session._session


def test_a_session_made_under_a_fake_finds_its_credentials_anew() -> None:
    """After the fake it is the same session, with all that it has loaded, and signs as if there had been none."""
    with FakeEventBridge():
        assert key_of_client() == FAKE_KEY
        session = boto3.DEFAULT_SESSION

    assert key_of_client() == "REAL"
    assert boto3.DEFAULT_SESSION is session


def test_a_session_made_before_that_has_not_looked_yet() -> None:
    """An older session that is first used under the fake is no other case."""
    boto3.setup_default_session()
    with FakeEventBridge():
        assert key_of_client() == FAKE_KEY

    assert key_of_client() == "REAL"


def test_what_a_session_has_found_before_stays_the_same() -> None:
    """A session that was used before the fake keeps the very credentials that it has, under the fake and after it."""
    assert key_of_client() == "REAL"
    before = found_credentials()
    with FakeEventBridge():
        assert key_of_client() == "REAL"

    assert found_credentials() == before


def test_what_looks_for_credentials_is_made_anew_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps from the environment of the fake which profile to read, and not to ask the metadata service."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_PROFILE", "production")
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[profile production]\n")
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        "[production]\naws_access_key_id = PROFILE\naws_secret_access_key = real\n"
    )
    with FakeEventBridge():
        assert key_of_client() == FAKE_KEY

    assert key_of_client() == "PROFILE"


def test_what_looked_for_credentials_before_stays() -> None:
    """A resolver that somebody has prepared before the fake is not made anew: it knew the true environment."""
    boto3.setup_default_session()
    resolver = default_session().get_component("credential_provider")
    with FakeEventBridge():
        assert key_of_client() == FAKE_KEY

    assert default_session().get_component("credential_provider") is resolver
    assert key_of_client() == "REAL"


def test_credentials_that_the_test_gives_a_session_stay() -> None:
    """A default session that is set up with keys, under the fake, has them afterwards."""
    with FakeEventBridge():
        boto3.setup_default_session(aws_access_key_id="GIVEN", aws_secret_access_key="given")
        assert key_of_client() == "GIVEN"

    assert key_of_client() == "GIVEN"


def test_a_session_that_the_test_sets_up_without_credentials() -> None:
    """It replaces one that was there before, and finds what the environment has after the fake."""
    assert key_of_client() == "REAL"
    with FakeEventBridge():
        boto3.setup_default_session(region_name="sa-east-1")
        assert key_of_client() == FAKE_KEY

    assert key_of_client() == "REAL"
    assert default_session().get_config_variable("region") == "sa-east-1"


def test_without_fake_credentials_the_session_is_left_alone() -> None:
    """What it has found under the fake is what it would have found without."""
    with FakeEventBridge(fake_credentials=False):
        assert key_of_client() == "REAL"
        found = found_credentials()

    assert found_credentials() == found


@pytest.mark.parametrize("ends_first", ["inner", "outer"])
@pytest.mark.parametrize("used_first_under", ["outer", "inner"])
@pytest.mark.parametrize("fakes_credentials", [(True, True), (True, False), (False, True)], ids=str)
def test_nested_fakes(fakes_credentials: tuple[bool, bool], used_first_under: str, ends_first: str) -> None:
    """The session keeps fake credentials as long as a fake with such ones is active, and goes by real ones at last."""
    outer, inner = (FakeEventBridge(fake_credentials=fakes) for fakes in fakes_credentials)
    first, last = (inner, outer) if ends_first == "inner" else (outer, inner)
    with outer:
        if used_first_under == "outer":
            key_of_client()
        with inner:
            key = key_of_client()
            first.__exit__(None, None, None)
            if last._options.fake_credentials:
                assert key_of_client() == key
            last.__exit__(None, None, None)

    assert key_of_client() == "REAL"


def test_a_session_that_went_under_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that puts a session of its own in the place of the default one, and takes it away again, may do so."""
    with FakeEventBridge(), monkeypatch.context() as patched:
        patched.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
        assert key_of_client() == FAKE_KEY

    assert key_of_client() == "REAL"


def test_other_sessions_keep_what_they_have_found() -> None:
    """Only the default session is put right: the test makes no other one for somebody else."""
    with FakeEventBridge():
        sessions: list[Any] = [botocore.session.get_session(), boto3.Session()]
        for session in sessions:
            session.get_credentials()

    assert [session.get_credentials().access_key for session in sessions] == [FAKE_KEY, FAKE_KEY]


def test_where_boto3_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to look at, and nothing is imported for it."""
    monkeypatch.delitem(sys.modules, "boto3")
    with FakeEventBridge():
        assert found_credentials() == (None, None)
    assert "boto3" not in sys.modules


@pytest.mark.parametrize("found", [object(), None], ids=["of another make", "none"])
def test_a_session_of_another_make(monkeypatch: pytest.MonkeyPatch, found: object) -> None:
    """Whatever a test has put in the place of the default session is left alone."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", found)
    with FakeEventBridge():
        pass
    assert boto3.DEFAULT_SESSION is found
