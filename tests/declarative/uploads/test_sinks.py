"""`Annotated[Upload, To(sink)]`: files go to a sink while they arrive, and are removed if the request fails."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest
from pydantic import BaseModel

from signette import (
    App,
    Depends,
    File,
    Form,
    Header,
    HTTPException,
    Problem,
    Request,
    Response,
    Router,
    Security,
    To,
    Upload,
    UploadFile,
)
from signette.forms.rules import FileRule
from signette.uploads import FilePart, Sink
from tests.asgi import DISCONNECT, Exchange, call, exchange, scope_of
from tests.declarative.uploads.parts import END, HEADERS, Shelf, field, part, shown

LARGE = bytes(range(256)) * 4096  # one mebibyte


class Taken(Problem, status=409):
    """The name is taken."""


async def post(app: App, *parts: bytes, path: str = "/", size: int = 65536) -> Exchange:
    """Send a form in messages of this size."""
    body = b"".join(parts) + END
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return await call(app, path, "POST", headers=HEADERS, body=pieces)


def app_with(annotation: Any, *default: Any) -> App:
    app = App()

    async def endpoint(file: Any, title: Annotated[str, Form()], note: Annotated[str, Form()] = "") -> list[Any]:
        files = file if isinstance(file, list) else [file]
        return [title, note, *(shown(each) if isinstance(each, Upload) else each for each in files)]

    endpoint.__annotations__["file"] = annotation
    endpoint.__defaults__ = (*default, "") if default else ("",)
    app.post("/")(endpoint) if not default else app.post("/")(_with_default(endpoint, annotation, *default))
    return app


def _with_default(function: Any, annotation: Any, default: Any) -> Any:
    async def endpoint(title: Annotated[str, Form()], file: Any = default) -> list[Any]:
        return await function(file, title, "")  # type: ignore[no-any-return]

    endpoint.__annotations__["file"] = annotation
    return endpoint


# -- what arrives ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["store", "store_in_thread", "object"])
@pytest.mark.parametrize("size", [1000, 65536])
async def test_a_sink_gets_the_whole_file_and_the_endpoint_what_became_of_it(kind: str, size: int) -> None:
    shelf = Shelf()
    app = app_with(Annotated[Upload, To(shelf if kind == "object" else getattr(shelf, kind))])
    file = part("file", LARGE, "image/png", "a.png")
    response = await post(app, field("title", "T"), file, field("note", "N"), size=size)
    assert response.json == ["T", "N", ["file", "a.png", "image/png", len(LARGE), "key 1"]]
    assert shelf.kept == [LARGE]
    assert shelf.log == (["open a.png", "close"] if kind == "object" else [])


async def test_a_directory_gets_files_under_generated_names(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "uploads"
    app, seen = App(), []

    @app.post("/")
    def store(files: Annotated[list[Upload], To(folder)], name: Annotated[Upload, To(str(folder))]) -> None:
        seen.extend([*files, name])
        assert {each.path for each in seen} == set(folder.iterdir())  # none of them is temporary

    evil = [
        part("files", LARGE, filename="../../a"),
        part("files", b"2", filename="a"),
        part("name", b"", filename="/"),
    ]
    assert (await post(app, *evil)).status == 204
    assert [each.path.read_bytes() for each in seen] == [LARGE, b"2", b""]
    assert all(each.result == each.path and each.path.parent == folder for each in seen)
    assert all(len(each.path.name) == 32 and each.path.name.isalnum() for each in seen)


@pytest.mark.parametrize("algorithm", ["sha256", "blake2b", "md5", None])
async def test_a_digest_is_made_while_the_file_arrives(algorithm: str | None, tmp_path: Path) -> None:
    app = App()

    @app.post("/")
    async def store(file: Annotated[Upload, To(tmp_path, hash=algorithm)]) -> str:
        return str(file.digest)

    expected = hashlib.new(algorithm, LARGE).hexdigest() if algorithm else "None"
    assert (await post(app, part("file", LARGE))).text == expected


async def test_the_next_message_is_received_when_the_sink_has_taken_the_last() -> None:
    app, log = App(), []

    async def slow(part: FilePart) -> None:
        async for chunk in part:
            log.append(f"sink {len(chunk)}")
            await anyio.lowlevel.checkpoint()
            log.append("done")

    @app.post("/")
    async def store(file: Annotated[Upload, To(slow)]) -> None: ...

    messages = [part("file", b"x" * 100)[:-2], b"y" * 200, b"z" * 300, b"\r\n" + END]

    async def receive() -> dict[str, Any]:
        log.append("receive")
        return {"type": "http.request", "body": messages.pop(0), "more_body": bool(messages)}

    async def send(message: Any) -> None: ...

    await app(scope_of("/", "POST", headers=HEADERS), receive, send)
    assert log == [
        "receive",
        "sink 100",
        "done",
        "receive",
        "sink 200",
        "done",
        "receive",
        "sink 300",
        "done",
        "receive",
    ]


async def test_a_sink_may_leave_a_part_of_the_file() -> None:
    async def first(part: FilePart) -> int:
        return len(await anext(part))

    response = await post(app_with(Annotated[Upload, To(first)]), part("file", LARGE), field("title", "T"), size=5000)
    _, _, [_, _, _, size, result] = response.json
    assert size == len(LARGE)
    assert result < 5000


VALUES = {
    "none was sent": ([], None),
    "an empty input": ([part("file", b"", "application/octet-stream", "")], None),
    "an unnamed file": ([part("file", b"1", filename="")], ["file", "", None, 1, "key 1"]),
    "an empty file": ([part("file", b"")], ["file", "f", None, 0, "key 1"]),
    "two": ([part("file", b"1"), part("file", b"22")], ["file", "f", None, 2, "key 2"]),
}


@pytest.mark.parametrize("name", VALUES)
async def test_an_optional_upload(name: str) -> None:
    parts, expected = VALUES[name]
    app = app_with(Annotated[Upload | None, To(Shelf().store)], None)
    assert (await post(app, *parts, field("title", "T"))).json == ["T", "", expected]


class Album(BaseModel):
    title: str
    cover: Annotated[Upload, File(max_bytes=10, media_types=["image/*"]), To(Shelf().store)]
    more: Annotated[list[Upload], To(Shelf().store_in_thread)] = []


def everywhere() -> App:
    """An upload in each place where a parameter may be."""
    app, router, inner = App(), Router(prefix="/in"), App()
    sink = Annotated[Upload, To(Shelf().store)]

    async def stored(file: sink) -> int:
        return file.size

    @app.post("/model")
    async def model(album: Annotated[Album, Form()]) -> str:
        return f"{album.title} {album.cover.size} {[each.size for each in album.more]}"

    @app.post("/alias")
    def alias(upload: Annotated[Upload, File(alias="file"), To(Shelf().store)]) -> int:
        return upload.size

    @app.post("/dependency")
    async def dependency(size: Annotated[int, Depends(stored)], file: sink) -> int:
        assert file.result == "key 1"
        return size

    @router.post("/router")
    @inner.post("/mounted")
    async def both(file: sink) -> int:
        return file.size

    app.include_router(router)
    app.mount("/at", inner)
    return app


@pytest.mark.parametrize("path", ["/alias", "/dependency", "/in/router", "/at/mounted"])
async def test_an_upload_is_read_everywhere(path: str) -> None:
    assert (await post(everywhere(), part("file", b"123"), path=path)).json == 3


async def test_a_form_model_has_uploads() -> None:
    cover = part("cover", b"1", "image/png")
    sent = [field("title", "T"), cover, part("more", b"22"), part("more", b"333")]
    assert (await post(everywhere(), *sent, path="/model")).text == "T 1 [2, 3]"
    for wrong, status in [(part("cover", b"1" * 11, "image/png"), 413), (part("cover", b"1", "text/a"), 415)]:
        assert (await post(everywhere(), wrong, path="/model")).status == status


async def test_files_without_a_sink_are_kept_as_usual(tmp_path: Path) -> None:
    app = App()

    @app.post("/")
    async def store(
        file: Annotated[Upload, To(tmp_path)], others: list[UploadFile], content: Annotated[bytes, File()]
    ) -> list[int]:
        read = [await each.read() for each in others]
        assert [len(each) for each in read] == [each.size for each in others]
        assert read[1] == LARGE
        return [file.size, *map(len, read), len(content)]

    parts = [part("others", b"1" * 600_000), part("others", LARGE), part("file", LARGE), part("content", b"4")]
    assert (await post(app, *parts, part("others", b""), part("unknown", LARGE))).json == [2**20, 600_000, 2**20, 0, 1]


def test_a_plan_with_a_sink_can_be_pickled() -> None:
    app = app_with(Annotated[Upload, To("uploads", hash="md5")])
    plan = app.routes[-1].plan
    copied = cloudpickle.loads(cloudpickle.dumps(plan))
    [rules] = [step.file_rules for step in copied.steps if getattr(step, "file_rules", ())]
    assert rules == (("file", FileRule(sink=To("uploads", hash="md5"))),)


def test_explain_and_the_document_show_an_upload() -> None:
    app = app_with(Annotated[Upload, File(media_types=["image/png"]), To("uploads/")])
    text = app.routes[-1].explain()
    assert 'form "file": Upload   image/png, to uploads/' in text
    content = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert content["schema"]["properties"]["file"] == {
        "type": "string", "format": "binary", "contentMediaType": "image/png",
    }  # fmt: skip
    assert isinstance(Shelf(), Sink)


def test_a_request_that_is_invalid_before_its_body_stores_nothing() -> None:
    app = App()

    @app.post("/")
    async def store(n: int, file: Annotated[Upload, To("uploads/")]) -> None: ...

    lines = [line.split()[0] for line in app.routes[-1].explain().splitlines()[1:]]
    assert lines == ["open", "read", "validate", "open", "open", "read", "validate", "call", "response"]


# -- failures ----------------------------------------------------------------------------------------------------------


def failing(tmp_path: Path, shelf: Shelf) -> App:
    """Endpoints that fail in each way after the files are stored."""
    app = App()
    Both = tuple[Upload, Upload, Upload]  # noqa: N806

    async def stored(
        a: Annotated[Upload, To(tmp_path)],
        b: Annotated[Upload, To(shelf)],
        c: Annotated[Upload, To(shelf.store, undo=shelf.remove)],
        title: Annotated[str, Form(max_length=3)],
    ) -> Both:
        return a, b, c

    Files = Annotated[Both, Depends(stored)]  # noqa: N806

    async def fails() -> None:
        raise HTTPException(403)

    @app.post("/fine")
    async def fine(files: Files) -> None: ...

    @app.post("/http")
    def http(files: Files) -> None:
        raise HTTPException(404)

    @app.post("/error")
    async def error(files: Files) -> None:
        raise RuntimeError

    @app.post("/problem")
    async def problem(files: Files) -> str | Taken:
        return Taken()

    @app.post("/dependency")
    async def dependency(files: Files, other: Annotated[None, Depends(fails)]) -> None: ...

    @app.post("/result")
    async def result(files: Files) -> int:
        return "no number"  # type: ignore[return-value]

    @app.post("/stream")
    async def stream(files: Files) -> AsyncIterator[str]:
        raise HTTPException(404)
        yield ""

    @app.post("/late")
    async def late(files: Files) -> AsyncIterator[str]:
        yield "a"
        raise RuntimeError

    @app.post("/response")
    async def response(files: Files) -> Response:
        return Response(status_code=400)

    return app


FILES = [part("a", LARGE), part("b", b"2"), part("c", b"3")]
TITLE = field("title", "T")
UNDONE = ["open f", "close", "removed key 2", "abort"]
REMOVED = {
    "a text is invalid": ("/fine", [*FILES, field("title", "long")], 422, UNDONE),
    "a text is missing": ("/fine", FILES, 422, UNDONE),
    "the form is cut off": ("/fine", [*FILES, b"--cu"], 400, [*UNDONE[:2], "abort"]),
    "a file is missing": ("/fine", [FILES[0], FILES[1], TITLE], 422, ["open f", "close", "abort"]),
    "a text in place of a file": ("/fine", [*FILES[:2], field("c", "x"), TITLE], 422, ["open f", "close", "abort"]),
    "an HTTP exception": ("/http", [*FILES, TITLE], 404, UNDONE),
    "another exception": ("/error", [*FILES, TITLE], 500, UNDONE),
    "a problem is returned": ("/problem", [TITLE, *FILES], 409, UNDONE),
    "another dependency fails": ("/dependency", [*FILES, TITLE], 403, UNDONE),
    "the result is invalid": ("/result", [*FILES, TITLE], 500, UNDONE),
    "a stream fails before its start": ("/stream", [*FILES, TITLE], 404, UNDONE),
}
KEPT = {
    "the endpoint succeeds": ("/fine", 204),
    "a stream fails after its start": ("/late", 200),
    "a response with an error status is returned": ("/response", 400),
}


@pytest.mark.parametrize("name", REMOVED)
async def test_files_are_removed_if(name: str, tmp_path: Path) -> None:
    path, parts, status, log = REMOVED[name]
    shelf = Shelf()
    response = await post(failing(tmp_path, shelf), *parts, path=path)
    assert (response.status, list(tmp_path.iterdir()), shelf.log) == (status, [], log)


@pytest.mark.parametrize("name", KEPT)
async def test_files_are_kept_if(name: str, tmp_path: Path) -> None:
    path, status = KEPT[name]
    shelf = Shelf()
    response = await post(failing(tmp_path, shelf), *FILES, TITLE, path=path)
    assert response.status == status
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [LARGE]
    assert shelf.log == ["open f", "close"]


@pytest.mark.parametrize("cut", [10, 70, 600_000, 1_048_700, 1_048_800, 1_048_900])
async def test_files_are_removed_if_the_client_leaves(cut: int, tmp_path: Path) -> None:
    shelf = Shelf()
    body = b"".join([*FILES, TITLE])[:cut]
    message = {"type": "http.request", "body": body, "more_body": True}
    await exchange(failing(tmp_path, shelf), scope_of("/fine", "POST", headers=HEADERS), message, DISCONNECT)
    assert list(tmp_path.iterdir()) == []
    assert ("close" in shelf.log, shelf.log.count("abort")) == (cut > 1_048_750, shelf.log.count("open f"))


async def test_files_are_kept_if_the_client_leaves_during_the_response(tmp_path: Path) -> None:
    shelf, body = Shelf(), b"".join([*FILES, TITLE, END])
    message = {"type": "http.request", "body": body, "more_body": False}
    scope = scope_of("/late", "POST", headers=HEADERS)
    await exchange(failing(tmp_path, shelf), scope, message, leave_at=1)
    assert len(list(tmp_path.iterdir())) == 1
    assert "abort" not in shelf.log


@pytest.mark.parametrize("kind", ["store", "store_in_thread", "object", "directory"])
async def test_files_are_removed_if_a_limit_is_exceeded(kind: str, tmp_path: Path) -> None:
    shelf = Shelf()
    sink = {"object": shelf, "directory": tmp_path}.get(kind) or getattr(shelf, kind)
    app = app_with(Annotated[Upload, File(max_bytes=700_000), To(sink)])
    response = await post(app, field("title", "T"), part("file", LARGE))
    assert (response.status, response.json["detail"]) == (413, "the file 'file' exceeds 700000 bytes")
    assert list(tmp_path.iterdir()) == []
    assert shelf.kept == []
    assert shelf.log == (["open f", "abort"] if kind == "object" else [])


async def test_a_sink_never_sees_a_file_of_another_type() -> None:
    shelf = Shelf()
    app = app_with(Annotated[Upload, File(media_types=["image/*"], sniff=True), To(shelf)])
    for wrong in (part("file", b"<html>", "image/png"), part("file", LARGE, "image/png"), part("file", b"", "text/a")):
        assert (await post(app, wrong, field("title", "T"))).status == 415
    assert shelf.log == []


@pytest.mark.parametrize("kind", ["store", "store_in_thread"])
async def test_a_sink_cannot_swallow_an_error_of_the_request(kind: str) -> None:
    async def swallows(part: FilePart) -> None:
        with suppress(HTTPException):
            async for _ in part:
                pass

    def swallows_in_thread(part: FilePart) -> None:
        with suppress(HTTPException):
            list(part)

    sink = swallows if kind == "store" else swallows_in_thread
    app = app_with(Annotated[Upload, File(max_bytes=1), To(sink)])
    assert (await post(app, part("file", b"22"), field("title", "T"))).status == 413


async def test_a_file_that_the_sink_leaves_before_a_limit_is_removed() -> None:
    shelf = Shelf()

    async def first(part: FilePart) -> str:
        await anext(part)
        return "key"

    app = app_with(Annotated[Upload, File(max_bytes=700_000), To(first, undo=shelf.remove_in_thread)])
    assert (await post(app, part("file", LARGE), field("title", "T"))).status == 413
    assert shelf.log == ["removed key"]


async def test_a_file_that_cannot_be_removed_does_not_keep_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(upload: Upload) -> None:
        raise OSError("no bucket")

    app = App()

    @app.post("/")
    async def store(a: Annotated[Upload, To(tmp_path)], b: Annotated[Upload, To(Shelf().store, undo=fails)]) -> None:
        raise HTTPException(404)

    with caplog.at_level(logging.ERROR, "signette.uploads"):
        assert (await post(app, part("a", b"1"), part("b", b"2"))).status == 404
    assert list(tmp_path.iterdir()) == []
    assert [each.getMessage() for each in caplog.records] == ["a stored upload could not be removed"]


async def test_a_sink_that_fails_is_a_server_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    app = app_with(Annotated[Upload, To(tmp_path / "file")])  # not a directory
    assert (await post(app, part("file", b"1"), field("title", "T"))).status == 500


async def test_a_writer_needs_all_methods() -> None:
    class Half:
        async def open(self, part: FilePart) -> Any:
            return object()

    app = app_with(Annotated[Upload, To(Half())])
    response = await post(app, part("file", b"1"), field("title", "T"))
    assert (response.status, str(response.error)) == (500, (
        "`Half.open()` returned a `object`, which has no async method `write`; see `signette.uploads.SinkWriter`"
    ))  # fmt: skip


@pytest.mark.parametrize("kind", ["store", "store_in_thread", "object", "directory"])
async def test_a_request_that_is_cancelled_leaves_nothing(kind: str, tmp_path: Path) -> None:
    shelf, app = Shelf(), App()
    sink = {"object": shelf, "directory": tmp_path}.get(kind) or getattr(shelf, kind)

    @app.post("/")
    async def store(file: Annotated[Upload, To(sink)]) -> None: ...

    messages = [{"type": "http.request", "body": part("file", LARGE)[:-2], "more_body": True}]

    async def receive() -> Any:
        if not messages:
            scope.cancel()
            await anyio.sleep_forever()
        return messages.pop()

    with anyio.CancelScope() as scope:
        await app(scope_of("/", "POST", headers=HEADERS), receive, None)
    assert (scope.cancelled_caught, shelf.kept, list(tmp_path.iterdir())) == (True, [], [])
    assert shelf.log == (["open f", "abort"] if kind == "object" else [])


def test_a_task_that_asyncio_cancels_leaves_nothing(tmp_path: Path) -> None:
    """A native cancellation, as by a server that stops: it does not wait for worker threads."""
    app = App()

    @app.post("/")
    async def store(file: Annotated[Upload, To(tmp_path)]) -> None: ...

    async def main() -> list[Path]:
        waits, messages = asyncio.Event(), [part("file", LARGE)[:-2]]

        async def receive() -> Any:
            if not messages:
                waits.set()
                await asyncio.Event().wait()
            return {"type": "http.request", "body": messages.pop(), "more_body": True}

        task = asyncio.create_task(app(scope_of("/", "POST", headers=HEADERS), receive, None))
        await waits.wait()
        stored = list(tmp_path.iterdir())
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return stored

    [stored] = asyncio.run(main())
    assert stored.name.startswith(".")
    assert list(tmp_path.iterdir()) == []


# -- with other features ---------------------------------------------------------------------------------------------


async def test_guards_run_before_the_body_is_received() -> None:
    shelf, app = Shelf(), App()

    async def user(x_key: Annotated[str, Header()] = "") -> None:
        raise HTTPException(401)

    @app.post("/", dependencies=[Security(user)])
    async def store(file: Annotated[Upload, To(shelf)]) -> None: ...

    response = await post(app, part("file", LARGE))
    assert (response.status, response.receives, shelf.log) == (401, 0, [])


def reading(shelf: Shelf) -> App:
    """A form that others read, too: before the sink, or after it."""
    app = App()
    sink = Annotated[Upload, File(max_bytes=len(LARGE)), To(shelf)]

    async def form(request: Request) -> None:
        assert isinstance((await request.form())["file"], UploadFile)

    async def body(request: Request) -> None:
        await request.body()

    @app.post("/form-before", dependencies=[Security(form)])
    @app.post("/body-before", dependencies=[Security(body)])
    async def before(file: sink, title: Annotated[str, Form()]) -> Any:
        return shown(file)

    @app.post("/form-after")
    async def after(file: sink, title: Annotated[str, Form()], request: Request) -> Any:
        form = await request.form()
        assert form["file"] is file
        assert (form["title"], form["other"]) == ("T", "O")
        return shown(file)

    return app


@pytest.mark.parametrize("path", ["/form-before", "/body-before", "/form-after"])
async def test_a_form_that_is_read_twice_is_sent_to_the_sink_once(path: str) -> None:
    shelf = Shelf()
    response = await post(reading(shelf), field("title", "T"), part("file", LARGE), field("other", "O"), path=path)
    assert response.json == ["file", "f", None, len(LARGE), "key 1"]
    assert (shelf.kept, shelf.log) == ([LARGE], ["open f", "close"])


@pytest.mark.parametrize("path", ["/form-before", "/body-before", "/form-after"])
async def test_a_form_that_is_read_twice_is_removed_if_it_is_invalid(path: str) -> None:
    shelf = Shelf()
    assert (await post(reading(shelf), part("file", LARGE), path=path)).status == 422
    assert shelf.log == ["open f", "close", "abort"]
    shelf = Shelf()
    assert (await post(reading(shelf), part("file", LARGE + b"1"), path=path)).status == 413
    assert "close" not in shelf.log
