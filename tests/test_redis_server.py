"""The redis-server of the tests: what happens where it is not installed."""

import pytest

from tests import redis_server


def test_without_a_server_tests_are_skipped_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "FOUND", None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install redis-server"):
        redis_server.require()


def test_without_a_server_tests_fail_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "FOUND", None)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="CI needs redis-server"):
        redis_server.require()
