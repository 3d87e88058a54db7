import os
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signette.background import BackgroundTask
from signette.datastructures.headers import Headers
from signette.exceptions import ClientDisconnect
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.responses import FileResponse, file
from tests.asgi import VERSIONS, Exchange, exchange, scope_of
from tests.volume import examples

DATA = bytes(range(256)) * 4
LARGE = os.urandom(1_000_003)  # more than one visit to a thread, and no whole number of chunks

every_version = pytest.mark.parametrize("version", VERSIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    (path / "data.txt").write_bytes(DATA)
    (path / "large.bin").write_bytes(LARGE)
    (path / "empty").write_bytes(b"")
    return path


@pytest.fixture
def data(folder: Path) -> Path:
    return folder / "data.txt"


@pytest.fixture
def large(folder: Path) -> Path:
    return folder / "large.bin"


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The visits to worker threads."""
    visits: list[Any] = []
    run = file.run_in_threadpool

    async def counting(*args: Any) -> Any:
        visits.append(args)
        return await run(*args)

    monkeypatch.setattr(file, "run_in_threadpool", counting)
    return visits


async def get(path: Path, method: str = "GET", **headers: str) -> Exchange:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return await exchange(FileResponse(path), scope_of(method=method, headers=fields))


async def test_a_small_file_takes_two_messages_and_one_thread_call(
    data: Path, opened: list[Any], hops: list[Any]
) -> None:
    response = await get(data)
    assert response.body == DATA
    assert [message["type"] for message in response.messages] == ["http.response.start", "http.response.body"]
    assert response.messages[1]["more_body"] is False
    assert (len(opened), len(hops)) == (1, 1)
    assert response.headers.keys() == {"content-type", "accept-ranges", "content-length", "last-modified", "etag"}
    assert response.headers["content-length"] == "1024"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["accept-ranges"] == "bytes"


@every_version
@pytest.mark.parametrize("chunk_size", [1000, 64 * 1024, 500_000, 1_000_003, 2_000_000])
async def test_a_large_file_is_sent_in_chunks(large: Path, opened: list[Any], version: str, chunk_size: int) -> None:
    response = FileResponse(large)
    response.chunk_size = chunk_size
    result = await exchange(response, scope_of(version=version))
    assert result.body == LARGE
    assert result.headers["content-length"] == str(len(LARGE))
    sizes = [len(message["body"]) for message in result.messages[1:]]
    assert all(size == chunk_size for size in sizes[:-1])
    assert 0 < sizes[-1] <= chunk_size
    assert [message["more_body"] for message in result.messages[1:]] == [True] * (len(sizes) - 1) + [False]


@pytest.mark.parametrize(("size", "visits"), [(0, 1), (1, 1), (65_536, 1), (262_144, 1), (262_145, 2), (524_288, 2)])
async def test_several_chunks_take_one_thread_call(tmp_path: Path, hops: list[Any], size: int, visits: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    assert len((await get(path)).body) == size
    assert len(hops) == visits


async def test_a_head_request_gets_the_headers_alone(data: Path, opened: list[Any]) -> None:
    whole, head = await get(data), await get(data, "HEAD")
    assert head.messages == [whole.messages[0], {"type": "http.response.body", "body": b"", "more_body": False}]
    assert len(opened) == 1
    ranged = await get(data, "HEAD", range="bytes=0-4")
    assert (ranged.status, ranged.headers["content-length"], ranged.body) == (206, "5", b"")
    assert (await get(data, "head")).body == b""


async def test_an_explicit_method_overrides_that_of_the_request(data: Path) -> None:
    assert (await exchange(FileResponse(data, method="HEAD"))).body == b""


async def test_with_a_stat_result_the_metadata_is_not_read(data: Path, hops: list[Any]) -> None:
    response = FileResponse(data, stat_result=data.stat())
    assert response.headers["content-length"] == "1024"
    assert (await exchange(response, scope_of(method="HEAD"))).headers["content-length"] == "1024"
    assert hops == []


# --- ranges


RANGES = st.lists(
    st.tuples(st.integers(0, 1100), st.integers(0, 60)).map(lambda pair: f"{pair[0]}-{pair[0] + pair[1]}")
    | st.integers(0, 1100).map(lambda start: f"{start}-")
    | st.integers(0, 1100).map(lambda last: f"-{last}"),
    min_size=1,
    max_size=6,
)


def positions(asked: list[str]) -> set[int]:
    """The plain meaning of the ranges, byte by byte."""
    wanted: set[int] = set()
    for each in asked:
        first, _, last = each.partition("-")
        if not first:
            wanted.update(range(max(len(DATA) - int(last), 0), len(DATA)))
        else:
            wanted.update(range(int(first), min(int(last) + 1 if last else len(DATA), len(DATA))))
    return wanted


def parts_of(response: Exchange) -> list[tuple[int, bytes]]:
    """Where each part lies, and its bytes, as a reader of e-mail understands the body."""
    if "content-range" in response.headers:
        return [(_start(response.headers["content-range"], response.body), response.body)]
    head = f"MIME-Version: 1.0\r\nContent-Type: {response.headers['content-type']}\r\n\r\n".encode()
    boundary = response.headers["content-type"].partition("boundary=")[2].encode()
    assert response.body.endswith(b"--" + boundary + b"--")
    count = len(message_from_bytes(head + response.body).get_payload())
    pieces = (b"\r\n" + response.body).split(b"\r\n--" + boundary)[1:-1]
    assert len(pieces) == count
    parts = []
    for piece in pieces:
        fields, _, body = piece.partition(b"\r\n\r\n")
        lines = fields.decode().split("\r\n")[1:]
        assert lines[0] == "Content-Type: text/plain; charset=utf-8"
        assert lines[1].startswith("Content-Range: ")
        parts.append((_start(lines[1].removeprefix("Content-Range: "), body), body))
    return parts


def _start(content_range: str, body: bytes) -> int:
    place, _, size = content_range.removeprefix("bytes ").partition("/")
    first, _, last = place.partition("-")
    assert (int(size), len(body)) == (len(DATA), int(last) - int(first) + 1)
    return int(first)


@given(st.lists(st.integers(1024, 2000).map("{}-".format), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(20))
async def test_ranges_behind_the_end_bring_none_and_say_where_it_is(data: Path, asked: list[str]) -> None:
    response = await get(data, range="bytes=" + ",".join(asked))
    assert (response.status, response.headers["content-range"], response.body) == (416, "bytes */1024", b"")


@given(RANGES.filter(positions), st.sampled_from([10, 64, 65_536]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
async def test_ranges_have_exactly_the_requested_bytes(data: Path, asked: list[str], chunk_size: int) -> None:
    response = FileResponse(data)
    response.chunk_size = chunk_size
    result = await exchange(response, scope_of(headers={"range": "bytes=" + ",".join(asked)}))
    assert result.status == 206
    assert int(result.headers["content-length"]) == len(result.body)
    got: list[int] = []
    for start, body in parts_of(result):
        assert body == DATA[start : start + len(body)]
        got.extend(range(start, start + len(body)))
    assert got == sorted(positions(asked))  # each byte once, in the order of the file


@given(
    st.text(alphabet="bytes=0123456789-, x", max_size=20).map(lambda text: f"bytes={text}")
    | st.text("=a-1,", max_size=9)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
async def test_content_length_is_always_the_length_of_the_body(data: Path, header: str) -> None:
    response = await get(data, range=header)
    assert response.error is None
    assert response.status in {200, 206, 400, 416}
    assert int(response.headers["content-length"]) == len(response.body)


@pytest.mark.parametrize(
    ("header", "status", "text"),
    [
        ("0-4", 400, b"Malformed range header."),
        ("items=0-4", 200, DATA),
        ("bytes=", 400, b"Range header: range must be requested"),
        ("bytes=a-b", 400, b"Range header: range must be requested"),
        ("bytes=5-2", 400, b"Range header: start must be less than end"),
        ("bytes=5000-", 416, b""),
        ("bytes=" + ",".join(f"{at}-{at}" for at in range(0, 202, 2)), 200, DATA),
    ],
)
async def test_an_unsatisfiable_or_malformed_range_is_an_error_response(
    data: Path, header: str, status: int, text: bytes
) -> None:
    response = await get(data, range=header)
    assert (response.status, response.body) == (status, text)
    head = await get(data, "HEAD", range=header)
    assert (head.status, head.body) == (status, b"")


async def test_a_satisfiable_range_among_others_is_served(data: Path) -> None:
    response = await get(data, range="bytes=5000-6000,0-4")
    assert (response.status, response.body) == (206, DATA[:5])


async def test_with_too_many_ranges_the_whole_file_is_sent(data: Path) -> None:
    response = FileResponse(data)
    response.max_ranges = 2
    assert (await exchange(response, scope_of(headers={"range": "bytes=0-0,2-2"}))).status == 206
    assert (await exchange(response, scope_of(headers={"range": "bytes=0-0,2-2,4-4"}))).body == DATA


async def test_only_a_get_with_status_200_supports_ranges(data: Path) -> None:
    for response, method in [(FileResponse(data), "POST"), (FileResponse(data, 201), "GET")]:
        result = await exchange(response, scope_of(method=method, headers={"range": "bytes=0-4", "if-none-match": "*"}))
        assert (result.status, result.body) == (response.status_code, DATA)


async def test_if_range_asks_for_exactly_this_content(data: Path) -> None:
    headers = (await get(data)).headers
    etag, modified = headers["etag"], headers["last-modified"]
    for if_range in (etag, modified):
        assert (await get(data, range="bytes=0-4", if_range=if_range)).status == 206
    for if_range in (f"W/{etag}", '"other"', etag.strip('"'), "Sat, 21 Nov 2099 03:18:16 GMT", "", "x"):
        response = await get(data, range="bytes=0-4", if_range=if_range)
        assert (response.status, response.body) == (200, DATA)


# --- conditional responses


async def test_a_client_that_has_the_file_gets_a_304(data: Path, opened: list[Any]) -> None:
    headers = (await get(data)).headers
    opened.clear()
    for asked in (
        {"if_none_match": headers["etag"]},
        {"if_none_match": f'"a,b", W/{headers["etag"]}'},
        {"if_none_match": "*", "range": "bytes=0-4"},
        {"if_modified_since": headers["last-modified"]},
        {"if_modified_since": "Sat, 21 Nov 2099 03:18:16 GMT"},
    ):
        for method in ("GET", "HEAD"):
            response = await get(data, method, **asked)
            assert (response.status, response.body) == (304, b"")
            assert response.headers == {"last-modified": headers["last-modified"], "etag": headers["etag"]}
    assert opened == []


async def test_a_client_with_other_content_gets_the_file(data: Path) -> None:
    modified = (await get(data)).headers["last-modified"]
    for asked in (
        {"if_none_match": '"other"'},
        {"if_none_match": '"other"', "if_modified_since": modified},
        {"if_modified_since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        {"if_modified_since": "yesterday"},
    ):
        assert (await get(data, **asked)).body == DATA


async def test_conditional_responses_can_be_disabled(data: Path) -> None:
    class Plain(FileResponse):
        conditional = False

    assert (await exchange(Plain(data), scope_of(headers={"if-none-match": "*"}))).body == DATA


async def test_a_304_keeps_the_headers_for_caches(data: Path) -> None:
    response = FileResponse(
        data, headers={"cache-control": "no-cache", "etag": '"mine"', "vary": "accept"}, filename="a"
    )
    result = await exchange(response, scope_of(headers={"if-none-match": '"mine"'}))
    assert result.headers.keys() == {"cache-control", "etag", "vary", "last-modified"}


def test_is_not_modified_can_be_called_directly() -> None:
    response = Headers({"etag": '"a"'})
    assert FileResponse.is_not_modified(response, Headers(raw=[(b"if-none-match", b'"b"'), (b"if-none-match", b'"a"')]))
    assert not FileResponse.is_not_modified(response, Headers({}))


# --- headers


async def test_explicit_headers_are_kept_except_the_length(data: Path) -> None:
    given_headers = {"content-length": "3", "etag": '"mine"', "last-modified": "then", "accept-ranges": "none"}
    response = await exchange(FileResponse(data, headers=given_headers))
    assert response.headers == given_headers | {"content-length": "1024", "content-type": "text/plain; charset=utf-8"}


@pytest.mark.parametrize(
    ("filename", "kind", "disposition"),
    [
        ("a.txt", "attachment", 'attachment; filename="a.txt"'),
        ("a.txt", "inline", 'inline; filename="a.txt"'),
        ("你好.txt", "attachment", "attachment; filename*=utf-8''%E4%BD%A0%E5%A5%BD.txt"),
        ('a"; x="y', "attachment", "attachment; filename*=utf-8''a%22%3B%20x%3D%22y"),
        ("a\r\nset-cookie: b", "attachment", "attachment; filename*=utf-8''a%0D%0Aset-cookie%3A%20b"),
    ],
)
def test_file_names_cannot_add_headers_or_parameters(data: Path, filename: str, kind: str, disposition: str) -> None:
    response = FileResponse(data, filename=filename, content_disposition_type=kind)
    assert response.headers["content-disposition"] == disposition


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.png", "image/png"),
        ("a.html", "text/html"),
        ("a.unheardof", "application/octet-stream"),
        ("data:text/html,x", "application/octet-stream"),
        ("data:text/x\r\na: b,", "application/octet-stream"),
    ],
)
def test_the_media_type_is_that_of_the_name(name: str, media_type: str) -> None:
    assert FileResponse("missing", filename=name).media_type == media_type
    assert FileResponse(f"somewhere/{name}").media_type == media_type
    assert FileResponse(name, media_type="x/y").headers["content-type"] == "x/y"


def test_importing_the_responses_keeps_the_media_types_that_were_added_before() -> None:
    program = (
        "import mimetypes; mimetypes.add_type('application/x-mine', '.mine'); import signette.responses; "
        "assert mimetypes.guess_type('a.mine')[0] == 'application/x-mine'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


async def test_an_instance_that_is_sent_again_sees_that_the_file_changed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"first")
    response = FileResponse(path)
    before = list(response.raw_headers)
    first = await exchange(response)
    path.write_bytes(b"the second")
    second = await exchange(response)
    assert (first.body, second.body) == (b"first", b"the second")
    assert (first.headers["content-length"], second.headers["content-length"]) == ("5", "10")
    assert first.headers["etag"] != second.headers["etag"]
    assert response.raw_headers == before


async def test_messages_may_be_changed_without_changing_the_response(data: Path) -> None:
    response = FileResponse(data, stat_result=data.stat())
    before = list(response.raw_headers)
    (await exchange(response)).messages[0]["headers"].clear()
    assert response.raw_headers == before


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, "1024")])
async def test_a_status_without_content_sends_none(
    data: Path, status: int, length: str | None, opened: list[Any]
) -> None:
    response = await exchange(FileResponse(data, status))
    assert (response.status, response.body, opened) == (status, b"", [])
    assert response.headers.get("content-length") == length


# --- the server reads the file


async def test_a_server_that_offers_it_gets_the_path(data: Path, opened: list[Any]) -> None:
    offers = {"extensions": {"http.response.pathsend": {}}}
    response = await exchange(FileResponse(data), scope_of() | offers)
    assert response.messages[1:] == [{"type": "http.response.pathsend", "path": str(data)}]
    assert response.headers["content-length"] == "1024"
    relative = os.path.relpath(data)
    response = await exchange(FileResponse(relative), scope_of() | offers)
    assert Path(response.messages[1]["path"]).is_absolute()
    assert Path(response.messages[1]["path"]).samefile(data)
    assert opened == []


async def test_parts_and_heads_are_not_sent_by_path(data: Path) -> None:
    offers = {"extensions": {"http.response.pathsend": {}}}
    assert (await exchange(FileResponse(data), scope_of(headers={"range": "bytes=0-4"}) | offers)).body == DATA[:5]
    assert (await exchange(FileResponse(data), scope_of(method="HEAD") | offers)).messages[1]["body"] == b""


async def test_a_websocket_is_denied_with_a_file(data: Path) -> None:
    scope = {"type": "websocket", "headers": [(b"range", b"bytes=0-4")], "extensions": {"http.response.pathsend": {}}}
    response = await exchange(FileResponse(data, 403), scope)
    assert [message["type"] for message in response.messages] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert response.body == DATA


# --- files that are not what they should be


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_path_that_is_not_a_file_raises_before_the_start(folder: Path, tmp_path: Path, method: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, text in [
        (folder / "missing", "does not exist"),
        (folder / "data.txt" / "below", "does not exist"),
        (folder, "is not a file"),
        (tmp_path / "pipe", "is not a file"),
    ]:
        response = await get(path, method)
        assert isinstance(response.error, RuntimeError)
        assert str(response.error) == f"File at path {path} {text}."
        assert response.messages == []


async def test_a_deleted_file_raises_before_the_start(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    facts = path.stat()
    path.unlink()
    response = await exchange(FileResponse(path, stat_result=facts))
    assert str(response.error) == f"File at path {path} does not exist."
    path.mkdir()
    response = await exchange(FileResponse(path, stat_result=facts))
    assert str(response.error) == f"File at path {path} is not a file."
    assert response.messages == []


@every_version
async def test_a_file_that_shrank_is_broken_off(tmp_path: Path, version: str, opened: list[Any]) -> None:
    path = tmp_path / "file"
    path.write_bytes(LARGE)

    async def shrinking(scope: Any, receive: Any, send: Any) -> None:
        async def send_and_cut(message: Any) -> None:
            await send(message)
            os.truncate(path, 300_000)

        await FileResponse(path)(scope, receive, send_and_cut)

    response = await exchange(shrinking, scope_of(version=version))
    assert str(response.error) == f"File at path {path} is shorter than expected."
    assert not response.is_complete
    assert len(response.body) <= 300_000


@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=0-1,1000-1023"])
async def test_a_file_that_is_too_short_leaves_the_response_incomplete(data: Path, tmp_path: Path, asked: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(DATA[:500])
    response = await exchange(FileResponse(path, stat_result=data.stat()), scope_of(headers={"range": asked}))
    assert str(response.error) == f"File at path {path} is shorter than expected."
    assert response.messages == []


async def test_a_file_that_grew_is_cut_at_the_length_announced(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(DATA + b"more")
    response = await exchange(FileResponse(path, stat_result=data.stat()))
    assert response.body == DATA
    assert response.headers["content-length"] == "1024"


# --- clients that leave, servers that cancel


@every_version
@pytest.mark.parametrize("at", [0, 1, 4, 5, 9])
async def test_a_disconnect_stops_sending_the_file(large: Path, opened: list[Any], version: str, at: int) -> None:
    ran: list[int] = []
    response = FileResponse(large, background=BackgroundTask(ran.append, 1))
    result = await exchange(response, scope_of(version=version), leave_at=at)
    assert len(opened) == 1
    if version == "2.4":
        assert isinstance(result.error, ClientDisconnect)
        assert len(result.messages) == at + 1
        assert ran == []
    else:
        assert result.error is None
        assert not result.is_complete
        assert ran == [1]


@every_version
@pytest.mark.parametrize("when", ["cancel_at", "cancel_after"])
@pytest.mark.parametrize("at", [0, 1, 4, 5, 9])
async def test_a_cancellation_closes_the_file(large: Path, opened: list[Any], version: str, when: str, at: int) -> None:
    response = await exchange(FileResponse(large), scope_of(version=version), **{when: at})  # type: ignore[arg-type]
    assert len(opened) == 1
    assert response.was_cancelled
    assert not response.is_complete


@every_version
async def test_a_cancellation_before_the_first_thread_call_leaves_no_file_open(
    large: Path, opened: list[Any], version: str
) -> None:
    async def never(message: Any = None) -> Any:
        await anyio.sleep_forever()

    with anyio.CancelScope() as scope:
        scope.cancel()
        await FileResponse(large)(scope_of(version=version), never, never)
    assert scope.cancelled_caught


async def test_background_work_runs_after_the_last_byte(data: Path) -> None:
    order: list[str] = []
    response = FileResponse(data, background=BackgroundTask(order.append, "work"))
    await exchange(response, on_send=lambda message: order.append(message["type"]))
    assert order == ["http.response.start", "http.response.body", "work"]


async def test_a_huge_file_needs_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "sparse"
    with path.open("wb") as sparse:
        sparse.truncate(64 * 1024 * 1024)
    total = 0

    async def send(message: Any) -> None:
        nonlocal total
        total += len(message.get("body", b""))

    response = FileResponse(path)
    tracemalloc.start()
    try:
        await response(scope_of(), None, send)  # type: ignore[arg-type]  # not read
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 64 * 1024 * 1024
    assert peak < 2 * 1024 * 1024


async def test_an_unread_body_over_its_limit_does_not_interrupt_the_response(large: Path) -> None:
    too_much = {"type": "http.request", "body": b"too much", "more_body": False}
    app = RequestBodyLimitMiddleware(FileResponse(large), 1)
    response = await exchange(app, scope_of(method="POST", version="2.3"), *[too_much])
    assert (response.error, response.body) == (None, LARGE)
