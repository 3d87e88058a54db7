"""The application as people run it: `signette run examples.airports:app`, asked over a socket."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import IO, cast

import pytest
from jsonschema import Draft202012Validator

from tests.examples.airports.corpus import ODD, WRONG, Case
from tests.examples.airports.sample import NEW
from tests.examples.airports.test_malformed import SCHEMA

ROOT = Path(__file__).parents[3]
RUN = "import sys; from signette.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def address(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Where the command serves; it takes a free port and says which."""
    database = shutil.copy(filled, tmp_path_factory.mktemp("served"))
    environment = {**os.environ, "AIRPORTS_DB": str(database), "AIRPORTS_KEY": "demo", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", RUN, "run", "examples.airports:app", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as server:
        try:
            log = cast("IO[bytes]", server.stderr)
            declared = next(found for line in log if (found := re.search(rb"running on http://([\d.]+):(\d+)", line)))
            yield declared[1].decode(), int(declared[2])
        finally:
            server.terminate()
            assert server.stderr is not None
            rest = server.stderr.read()
    assert b"Traceback" not in rest, rest.decode()


def ask(address: tuple[str, int], case: Case) -> tuple[int, str, bytes]:
    """Send a case as bytes; status, content type and body of the response."""
    length = (b"content-length", b"%d" % len(case.body))
    fields = [(b"host", b"localhost"), (b"connection", b"close"), *case.headers, *([length] if case.body else [])]
    head = b"".join(b"%s: %s\r\n" % field for field in fields)
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"%s %s HTTP/1.1\r\n%s\r\n" % (case.method.encode(), case.target.encode(), head))
        try:
            connection.sendall(case.body)
        except OSError:  # it was rejected before all of it was read
            assert case.status == 413
        response = HTTPResponse(connection, method=case.method)
        response.begin()
        return response.status, response.headers.get("content-type", ""), response.read()


@pytest.mark.parametrize("case", [case for case in (*WRONG, *ODD) if case.over_socket], ids=lambda case: case.name)
def test_over_a_socket_each_case_gets_the_same_response_as_in_process(address: tuple[str, int], case: Case) -> None:
    status, content_type, body = ask(address, case)
    assert status == case.status, body
    if status >= 400:
        assert content_type == "application/problem+json"
        Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(json.loads(body))


def test_a_day_in_the_life_of_an_airport(address: tuple[str, int]) -> None:
    connection = HTTPConnection(*address, timeout=10)
    key = {"X-API-Key": "demo", "Content-Type": "application/json"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def send(method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes]:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()

    assert send("POST", "/airports", json.dumps(NEW), **key) == (201, json.dumps(NEW, separators=(",", ":")).encode())
    assert send("POST", "/airports/ZZ01/reviews", "author=Me&rating=5", **form)[0] == 201
    assert json.loads(send("GET", "/airports/ZZ01", Cookie="units=imperial")[1])["elevation"]["unit"] == "ft"
    assert len(send("GET", "/export/airports.jsonl")[1].splitlines()) == 11
    assert send("DELETE", "/airports/ZZ01", **key) == (204, b"")
    assert send("GET", "/airports/ZZ01")[0] == 404
    connection.close()


def test_the_documentation_page_and_the_document_are_served(address: tuple[str, int]) -> None:
    status, content_type, page = ask(address, Case(200, "GET", "/docs"))
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert b"Airports" in page
    status, _, document = ask(address, Case(200, "GET", "/openapi.json"))
    assert json.loads(document)["info"]["title"] == "Airports"


def test_many_requests_at_once(address: tuple[str, int]) -> None:
    cases = [Case(200, "GET", "/airports/FRA"), Case(200, "GET", "/airports?sort=name")] * 50
    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(lambda case: ask(address, case), cases))
    assert {status for status, *_ in responses} == {200}
    assert len({body for *_, body in responses}) == 2


def test_corrections_are_previewed_while_they_arrive(address: tuple[str, int]) -> None:
    """A stream in and a stream out, and the connection afterwards: the server has dropped nothing of what follows."""
    fields = b"host: localhost\r\ncontent-type: application/jsonl\r\ntransfer-encoding: chunked\r\n\r\n"
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as response:

        def send(line: bytes) -> None:
            connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))

        def receive() -> bytes:
            line = response.read(int(response.readline(), 16))
            assert response.readline() == b"\r\n"
            return line

        connection.sendall(b"POST /corrections/preview HTTP/1.1\r\n" + fields)
        send(b'{"icao":"EDDF","name":"Frankfurt"}\n')
        assert response.readline() == b"HTTP/1.1 200 OK\r\n"
        while response.readline() != b"\r\n":
            pass
        assert json.loads(receive())["airport"]["name"] == "Frankfurt"
        send(b'{"icao":"XXXX","name":"Nowhere"}\n')
        assert json.loads(receive())["faults"][0]["code"] == "airport_not_found"
        send(b"")
        assert receive() == b""
        # Without a key it is rejected before the body has arrived, which is sent in any case.
        connection.sendall(b"POST /corrections/stream HTTP/1.1\r\n" + fields)
        rejected = HTTPResponse(connection)
        rejected.begin()
        assert (rejected.status, json.loads(rejected.read())["status"]) == (401, 401)
        send(b'{"icao":"EDDF"}\n' * 1000)
        send(b"")
        connection.sendall(b"GET /airports/FRA HTTP/1.1\r\nhost: localhost\r\n\r\n")
        found = HTTPResponse(connection)
        found.begin()
        assert (found.status, json.loads(found.read())["icao"]) == (200, "EDDF")
