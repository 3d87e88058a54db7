"""`signette run --workers` warns of state that its processes do not share."""

from pathlib import Path
from typing import Any

import pytest

from signette.app import App
from signette.applications import Application
from signette.cli import serving
from signette.cli.command import main
from signette.cli.shared_state import warning_of
from signette.declarative.channels.channel import Channel
from signette.middleware import Middleware
from signette.middleware.sessions import SessionMiddleware
from signette.policies import Cached, Deadline, Policy, RateLimit
from signette.routing.mount import Mount
from signette.state import Backend, MemoryStore


async def listed() -> list[str]:
    return []


async def published(notices: Channel[str]) -> str:
    return await notices.publish("sold out")


async def job() -> None: ...


def shop(*policies: Policy, **options: Any) -> App:
    app = App(**options)
    app.get("/items", policies=policies)(listed)
    return app


def test_the_warning_names_all_that_keeps_state() -> None:
    app = shop(
        RateLimit("2/minute"), Cached(5), middleware=[Middleware(SessionMiddleware, "a key for tests", store="app")]
    )
    app.post("/notices")(published)
    app.job(job)
    assert warning_of(app, 3) == (
        "warning: sessions, RateLimit, Cached, channels, jobs: their state is in memory, and each of the 3 workers has"
        ' its own\n  hint: use `App(state="redis://...")`, which all workers share'
    )


@pytest.mark.parametrize(
    ("app", "workers"),
    [
        (shop(RateLimit("2/minute")), 1),
        (shop(Deadline(2)), 2),
        (shop(Cached(5), state=Backend(overrides={"cache": MemoryStore()})), 2),
        (shop(RateLimit("2/minute"), state="redis://localhost:1/0"), 2),
        (Application(), 2),
        (App(routes=[Mount("/shop", shop(RateLimit("2/minute"), state="redis://localhost:1/0"))]), 2),
    ],
    ids=["one worker", "no state", "an object", "redis", "no policies", "mounted"],
)
def test_there_is_no_warning_where_nothing_is_kept_apart(app: Any, workers: int) -> None:
    assert warning_of(app, workers) is None


def test_an_engine_for_one_purpose_leaves_the_others_in_memory() -> None:
    app = shop(RateLimit("2/minute"), Cached(5), state=Backend(overrides={"cache": "redis://localhost:1/0"}))
    warning = warning_of(app, 2)
    assert warning is not None
    assert warning.startswith("warning: RateLimit: their state")


def test_the_command_prints_the_warning_and_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[int] = []
    monkeypatch.setattr(serving, "SERVERS", {"uvicorn": lambda options: served.append(options.workers) or 0})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shared_shop.py").write_text(
        "from signette import App\nfrom signette.policies import RateLimit\n\n"
        "app = App(policies=[RateLimit('2/minute')])\n"
        "app.get('/')(lambda: None)\n"
    )
    assert [main(["run", "shared_shop:app", "--workers", workers]) for workers in ("1", "2")] == [0, 0]
    assert served == [1, 2]
    assert capsys.readouterr().err.count("warning: RateLimit: their state is in memory") == 1
