"""CPU per request over a server: what is sent, what is counted, and what is made of it."""

import json
import os
import socket
import threading
from importlib import util
from pathlib import Path

import pytest

from benchmarks import cpu
from benchmarks.cpu_apps import BODY, echo, empty
from benchmarks.served import Client, cpu_seconds, pinned, request_of
from benchmarks.workloads import BY_NAME
from tests.asgi import fetch

ROUNDS = {"hello": {"empty": [10.0, 20.0, 10.0], "echo": [11.0, 20.0, 10.4], "signette": [12.0, 22.0, 13.0]}}


def answer(server: socket.socket, response: bytes, received: list[bytes], requests: int) -> None:
    connection, _ = server.accept()
    with connection:
        for _ in range(requests):
            received.append(connection.recv(65536))
            for start in range(0, len(response), 30):
                connection.sendall(response[start : start + 30])


def send(response: bytes, requests: int) -> list[bytes]:
    """What a server that sends this response receives from the client."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server, response, received, requests))
        thread.start()
        try:
            with Client(server.getsockname()[1], BY_NAME["hello"]) as client:
                assert client.send(requests) == requests
        finally:
            thread.join()
    return received


def test_the_client_sends_the_next_request_when_it_has_read_the_response() -> None:
    response = b"HTTP/1.1 200 OK\r\nserver: none\r\nContent-Length: 45\r\n\r\n" + b"x" * 45
    assert send(response, 3) == [request_of(BY_NAME["hello"])] * 3


def test_the_client_rejects_a_response_with_another_status() -> None:
    with pytest.raises(RuntimeError, match="404"):
        send(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 1)


def test_a_request_has_its_query_its_headers_and_its_body() -> None:
    assert request_of(BY_NAME["item"]).startswith(b"GET /items/42?q=foo&limit=20 HTTP/1.1\r\nhost: localhost:8000\r\n")
    create = request_of(BY_NAME["create"])
    body = BY_NAME["create"].body
    assert b"content-length: %d\r\n\r\n%s" % (len(body), body) in create


def test_the_cpu_time_of_a_process_grows_with_its_work() -> None:
    before = cpu_seconds(os.getpid())
    assert sum(range(100_000))
    assert cpu_seconds(os.getpid()) > before


def test_pinning_ends_with_its_block() -> None:
    before = os.sched_getaffinity(0)
    with pinned(min(before)):
        assert os.sched_getaffinity(0) == {min(before)}
    assert os.sched_getaffinity(0) == before


def test_a_ratio_is_that_of_two_figures_of_one_round() -> None:
    assert cpu.ratios(ROUNDS) == {"hello": {"empty": 1.0, "echo": 1.04, "signette": 1.2}}
    assert cpu.ratios(ROUNDS, "echo")["hello"]["signette"] == 1.1
    assert cpu.ratios(ROUNDS, "raw") == {}


@pytest.mark.parametrize("name", ["hello", "create"])
async def test_the_applications_that_do_nothing_send_whole_responses(name: str) -> None:
    workload = BY_NAME[name]
    arguments = (f"{workload.method} {workload.path}", workload.body, dict(workload.headers))
    echoed, same = await fetch(echo, *arguments), await fetch(empty, *arguments)
    assert (echoed.body, echoed["content-length"]) == (workload.body or BODY, str(len(workload.body or BODY)))
    assert (same.body, same["content-length"]) == (BODY, str(len(BODY)))


def test_counts_of_two_processes_are_compared() -> None:
    assert cpu.differences({"hello": {"raw": [100.0, 102.0]}, "create": {"raw": [100.0, 101.0]}}) == {
        "raw": pytest.approx(0.02)
    }


def test_the_total_is_read_from_the_file_of_callgrind(tmp_path: Path) -> None:
    file = tmp_path / "callgrind.1"
    file.write_text("events: Ir\nfn=(1) main\n1 5\n\ntotals: 1234\n")
    assert cpu.total_of(file) == 1234
    file.write_text("events: Ir\n")
    with pytest.raises(RuntimeError, match=r"callgrind\.1 has no total"):
        cpu.total_of(file)


def test_nothing_is_measured_without_uvicorn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    assert cpu.main([]) == 0
    assert capsys.readouterr().out == "CPU per request: not measured, it needs uvicorn and Linux\n"


def test_a_server_whose_package_is_missing_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "fastapi" else object())
    found, skipped = cpu.available({"empty", "fastapi"})
    assert found == ["empty"]
    assert skipped == ["fastapi is skipped, not installed: fastapi"]


def test_the_figures_are_written_with_ratios_and_instructions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = {"hello": {"empty": [100.0, 100.0], "signette": [110.0, 130.0]}}
    monkeypatch.setattr(cpu, "time_cpu", lambda *_: ROUNDS)
    monkeypatch.setattr(cpu, "count_instructions", lambda *_: counted)
    monkeypatch.setattr(cpu.shutil, "which", lambda _: "/usr/bin/valgrind")
    file = tmp_path / "cpu.json"
    assert cpu.main(["--only", "signette", "--json", str(file)]) == 1
    assert "! instructions of signette differ by 18.2% between two processes" in capsys.readouterr().out
    figures = json.loads(file.read_text())
    assert figures["rows"]["hello"]["signette"] == {"best": 12.0, "median": 13.0}
    assert figures["ratio"]["cpu"]["hello"]["signette"] == 1.2
    assert figures["ratio to echo"]["cpu"]["hello"]["signette"] == 1.1
    assert figures["instructions"] == counted
