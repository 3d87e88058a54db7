"""The applications of `benchmarks.rsgi`: what is compared must give the same responses."""

from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import rsgi_apps
from benchmarks.contenders.signette_app import app
from benchmarks.driver import ask
from benchmarks.workloads import BY_NAME, Workload


class Protocol:
    """What granian passes next to the scope."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.response: tuple[int, dict[str, str], bytes] | None = None

    async def __call__(self) -> bytes:
        return self._body

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.response = status, dict(headers), body


def scope_of(workload: Workload) -> Any:
    return SimpleNamespace(
        http_version="1.1",
        server="127.0.0.1:8000",
        client="127.0.0.1:50312",
        scheme="http",
        method=workload.method,
        path=workload.path,
        query_string=workload.query.decode(),
        headers={name.decode(): value.decode() for name, value in workload.all_headers()},
    )


@pytest.mark.parametrize("name", ["hello", "item", "create", "422"])
@pytest.mark.parametrize("served", [rsgi_apps.typed, rsgi_apps.adapted], ids=["typed", "adapter"])
async def test_a_response_over_rsgi_is_that_over_asgi(name: str, served: Any) -> None:
    workload = BY_NAME[name]
    protocol = Protocol(workload.body)
    await served(scope_of(workload), protocol)
    assert protocol.response is not None
    status, headers, body = await ask(app, workload.scope(), workload.body)
    assert (protocol.response[0], protocol.response[2]) == (status, body)
    assert protocol.response[1]["content-type"] == headers["content-type"]
