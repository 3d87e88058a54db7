"""`signette run --server`: the servers, the options that they have, and how they end."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from signette.cli.command import main
from signette.cli.server_options import VARIABLE
from tests.test_cli import started
from tests.test_draining_socket import SHOP
from tests.timeouts import SECONDS

ROOT = Path(__file__).parent.parent
APP = "signette_run_shop:app"
SERVERS = ("uvicorn", "granian", "hypercorn")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "signette_run_shop.py").write_text("from signette import App\napp = App()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv(VARIABLE, "")
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the servers are called with, in place of serving."""
    found: list[Any] = []

    class Granian:
        def __init__(self, *args: Any, **options: Any) -> None:
            found.append((args, options))

        def serve(self) -> None: ...

    class Config(SimpleNamespace): ...

    def run(config: Config) -> int:
        found.append(config)
        return 0

    async def serve(app: Any, config: Config, shutdown_trigger: Callable[[], Any]) -> None:
        found.append((app, config, shutdown_trigger))

    for name, module in {
        "uvicorn": SimpleNamespace(run=lambda *args, **options: found.append((args, options))),
        "granian": SimpleNamespace(Granian=Granian),
        "hypercorn": SimpleNamespace(),
        "hypercorn.asyncio": SimpleNamespace(serve=serve),
        "hypercorn.config": SimpleNamespace(Config=Config),
        "hypercorn.run": SimpleNamespace(run=run),
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    return found


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("server", "extra"), [("uvicorn", "server"), ("granian", "granian"), ("hypercorn", "hypercorn")]
)
def test_a_missing_server_is_reported_with_what_to_install(
    server: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == server]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, server, None)
    assert main(["run", APP, "--server", server]) == 2
    assert capsys.readouterr().err == f"signette: `run` needs {server}\n  hint: pip install 'signette[{extra}]'\n"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("--server granian --reload", "`--reload` does not work with granian"),
        ("--server granian --drain-delay 1", "`--drain-delay` does not work with granian"),
        ("--server granian --forwarded-allow-ips *", "`--forwarded-allow-ips` does not work with granian"),
        ("--server hypercorn --reload", "`--reload` does not work with hypercorn"),
        ("--server hypercorn --forwarded-allow-ips *", "`--forwarded-allow-ips` does not work with hypercorn"),
        (
            "--server hypercorn --workers 2 --drain-delay 1",
            "`--drain-delay` does not work with several processes of hypercorn",
        ),
        ("--reload --workers 2", "`--reload` works with one process only"),
    ],
)
def test_an_option_that_a_server_does_not_have_is_rejected(
    calls: list[Any], words: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", APP, *words.split()]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"signette: {problem}\n  hint: ")
    assert calls == []


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "words", ["--server apache", "--drain-delay -1", "--drain-delay 1.5", "--log-format xml", "--workers 0"]
)
def test_a_value_that_no_server_has_is_rejected(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", APP, *words.split()])
    assert words.split(maxsplit=1)[0] in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_uvicorn_gets_the_options(calls: list[Any]) -> None:
    words = "--port 1 --workers 3 --drain-delay 5 --forwarded-allow-ips 10.0.0.0/8 --log-format json --no-access-log"
    assert main(["run", APP, *words.split()]) == 0
    ((args, options),) = calls
    assert args == ("signette.cli.worker:application",)
    wanted = {"port": 1, "workers": 3, "forwarded_allow_ips": "10.0.0.0/8", "access_log": False, "factory": True}
    assert {name: options[name] for name in wanted} == wanted
    assert options["log_config"]["root"]["level"] == "INFO"
    known = json.loads(os.environ[VARIABLE])
    assert (known["app"], known["drain_delay"], known["exit_timeout"]) == (APP, 5, 25)


@pytest.mark.usefixtures("folder")
def test_granian_gets_the_options(calls: list[Any]) -> None:
    words = "--server granian --port 0 --workers 2 --root-path /shop --log-format json --log-level debug"
    assert main(["run", APP, *words.split()]) == 0
    ((args, options),) = calls
    assert args == ("signette.cli.worker:application",)
    wanted = {"interface": "asgi", "workers": 2, "url_path_prefix": "/shop", "log_access": True, "factory": True}
    assert {name: options[name] for name in wanted} == wanted
    assert options["port"] > 0
    assert options["workers_kill_timeout"] == 20
    assert options["log_dictconfig"]["root"]["level"] == "DEBUG"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("host", "bind"), [("127.0.0.1", "127.0.0.1:8000"), ("::1", "[::1]:8000")])
def test_hypercorn_gets_the_options(calls: list[Any], host: str, bind: str) -> None:
    words = f"--server hypercorn --host {host} --workers 2 --root-path /shop --graceful-timeout 3 --log-format json"
    assert main(["run", APP, *words.split()]) == 0
    (config,) = calls
    assert (config.bind, config.workers, config.root_path, config.graceful_timeout) == ([bind], 2, "/shop", 3)
    assert config.application_path == "signette.cli.worker:application()"
    assert (config.accesslog, config.logconfig_dict["root"]["level"]) == ("-", "INFO")
    assert json.loads(os.environ[VARIABLE])["without_handler"] is True


# -- over real sockets -------------------------------------------------------------------------------------------------


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def get(port: int, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


@contextmanager
def running(*words: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A server that responds, and its port."""
    port = free_port()
    with started("run", *words, "--port", str(port)) as process:
        end = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < end:
            try:
                get(port, "/livez")
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # it starts
        yield process, port


def read_until(printed: IO[str] | None, words: str, times: int = 1) -> None:
    """Read what a process prints, up to a line with these words that it prints so many times."""
    assert printed is not None
    for _ in range(times):
        assert any(words in line for line in iter(printed.readline, "")), f"{words!r} was not printed"


def read_each(printed: IO[str] | None, words: list[str], times: int) -> None:
    """Read what a process prints, until each of these words was in so many lines, in any order."""
    assert printed is not None
    missing = words * times
    while missing:
        line = printed.readline()
        assert line, f"{missing} were not printed"
        for each in set(missing):
            if each in line:
                missing.remove(each)


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_a_server_serves_the_airports(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = ("--server", server, "--workers", "2", "--root-path", "/shop", "--log-format", "json")
    with running("examples.airports:app", *words) as (process, port):
        status, body = get(port, "/airports?country=NO")
        assert status == 200, body
        assert json.loads(body)
        assert get(port, "/airports?nothing=1")[0] == 422
        assert json.loads(get(port, "/openapi.json")[1])["servers"] == [{"url": "/shop"}]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=SECONDS)
    lines = [json.loads(line) for line in (out + err).splitlines()]
    assert lines
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert not [line for line in lines if "exception" in line]


@pytest.mark.slow  # one process of uvicorn: tests/test_draining_socket.py
@pytest.mark.parametrize(("server", "workers"), [("uvicorn", 2), ("granian", 2), ("hypercorn", 1), ("hypercorn", 2)])
def test_a_request_and_a_stream_end_on_sigterm(
    server: str, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = '    print("lifespan begun", flush=True)\n    yield\n    print("lifespan'
    (tmp_path / "draining_shop.py").write_text(SHOP.replace('    yield\n    print("lifespan', begun))
    monkeypatch.chdir(tmp_path)
    words = ("--server", server, "--workers", str(workers), "--graceful-timeout", "3")
    with running("draining_shop:app", *words) as (process, port):
        # A worker that is still starting when the signal comes does not drain.
        read_each(process.stdout, ["lifespan begun", *(["Started worker"] if server == "granian" else [])], workers)
        if server == "hypercorn":
            read_until(process.stderr, "Running on", times=workers)
        assert get(port, "/readyz")[0] == 200
        with ExitStack() as stack:
            slow, *streams = (
                stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)))
                for _ in range(6)  # of all workers
            )
            slow.request("GET", "/slow")
            read_until(process.stdout, "request begun")
            responses = []
            for each in streams:
                each.request("GET", "/events")
                responses.append(each.getresponse())
                assert responses[-1].readline() == b"id: 7\n"
            process.send_signal(signal.SIGTERM)
            for response in responses:
                assert b"event: draining\n" in response.read()
            assert slow.getresponse().read() == b"done"
        out, err = process.communicate(timeout=SECONDS)
    assert "Traceback" not in err
    assert out.count("lifespan closed") == workers
    assert "dependency closed" in out
