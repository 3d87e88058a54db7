"""URLs of Redis: which are accepted, and that no message shows a password."""

import copy
import pickle
import subprocess
import sys
from typing import Any

import cloudpickle
import pytest

from signette.app import App
from signette.state import Backend
from signette.state.redis import RedisBus, RedisStore
from signette.state.redis_url import client_url, shown_url


def test_libraries_with_their_own_client_get_a_url_that_they_know() -> None:
    assert Backend("valkeys://:hush@host/1?db=2").url("jobs") == "rediss://:hush@host/1?db=2"
    assert Backend("redis://:hush@host").url("jobs") == "redis://:hush@host"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost", "redis://localhost"),
        ("redis://user:hush@localhost:6380/3", "redis://localhost:6380/3"),
        ("redis://:hush@[::1]:6380", "redis://[::1]:6380"),
        ("redis://localhost?password=hush&db=3", "redis://localhost"),
        ("rediss://:h%2Fush%40@host/0?ssl_ca_certs=/ca.pem", "rediss://host/0"),
        ("unix://:hush@/run/redis.sock?db=1", "unix:///run/redis.sock"),
        ("valkey://:hush@host", "redis://host"),
        ("valkeys://:hush@host", "rediss://host"),
    ],
)
def test_a_url_is_shown_without_user_password_and_options(url: str, shown: str) -> None:
    assert shown_url(client_url(url)) == shown
    for made in (Backend(url), RedisStore(url), RedisBus(url)):
        assert "hush" not in repr(made)
        assert "host" in repr(made) or "/run" in repr(made) or "::1" in repr(made)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis:localhost", "must begin with one of"),
        ("redis://:hu/sh@host/0", "host or port .* not valid.*escape special characters"),
        ("redis://:hush@host:port/0", "host or port"),
        ("redis://:hush@host:99999/0", "host or port"),
        ("redis://[::1/0", "host or port"),
        ("redis://:hush@\u2100host/0", "host or port"),  # urlsplit's message has it all
        ("redis://:hush@host/zero", "database number"),
        ("redis://:hush@host/0/1", "database number"),
        ("redis://:hu#sh@host/0", "host or port"),
        ("redis://:hush@host/0#hush", "`#`"),
        ("unix://", "has its path"),
        (
            "redis://:hush@host?decode_responses=true",
            "unexpected option `decode_responses`.*use one of `client_name`, `db`",
        ),
        ("redis://:hush@host?socket_timeout=3", r"unexpected option `socket_timeout`.*use `Backend\(timeout=\.\.\.\)`"),
        ("redis://:hush@host?ssl_ca_certs=/ca.pem", "invalid option in the URL.*ssl_ca_certs"),
        ("rediss://:hush@host?ssl_cert_reqs=perhaps", "invalid option in the URL"),
        ("redis://:hush@host?max_connections=many", "invalid URL of Redis.*max_connections"),
        ("redis://:hush@host?db=zero", "invalid URL of Redis.*'db'"),
    ],
)
def test_a_url_that_is_not_valid_is_a_value_error_without_the_password(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        Backend(url)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "hu" not in str(caught.value).replace("number", "")


def test_nothing_is_opened_and_the_library_is_not_imported_for_memory() -> None:
    code = (
        "import sys; from signette import App; App(); print('redis' in sys.modules);"
        "App(state='redis://nowhere.invalid'); print('redis' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_missing_library_is_an_import_error_that_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError, match=r"pip install 'signette\[redis\]'"):
        Backend("redis://localhost")


@pytest.mark.parametrize("again", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy])
def test_a_copy_has_the_settings(again: Any) -> None:
    store, bus = RedisStore("redis://host", prefix="a:"), RedisBus("redis://host", prefix="b/", max_messages=7)
    assert repr(again(store)) == repr(store) == "RedisStore('redis://host', prefix='a:')"
    assert repr(again(bus)) == "RedisBus('redis://host', prefix='b/')"
    assert again(bus).max_messages == 7


async def test_an_application_with_redis_can_be_pickled() -> None:
    app = App(state=Backend("redis://host", namespace="shop"))
    assert repr(cloudpickle.loads(cloudpickle.dumps(app)).backend) == "Backend('redis://host', namespace='shop')"


@pytest.mark.parametrize("setting", [{"max_messages": 0}, {"keep_seconds": 0}, {"keep_seconds": float("inf")}])
def test_a_bus_that_keeps_nothing_is_a_value_error(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        RedisBus("redis://host", **setting)
