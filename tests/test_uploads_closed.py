"""The files of a form are always closed at the end of the request."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import anyio
import pytest

from signette import App, Request, Response, UploadFile
from signette.applications import Application
from signette.routing import Route
from tests.asgi import call

HEADERS = [(b"content-type", b"multipart/form-data; boundary=x")]
# The second and third are too big for memory: they are closed in a worker thread.
SIZES = (10, 1_100_000, 1_100_000)
BODY = b"".join(
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d"\r\n\r\n%b\r\n' % (number, b"a" * size)
    for number, size in enumerate(SIZES)
)
BODY += b"--x--\r\n"

Files = list[UploadFile]


def is_closed(files: Files) -> list[bool]:
    return [file.file.closed for file in files]


def plain_app(seen: Files, then: Callable[[], Any]) -> Application:
    async def endpoint(request: Request) -> Response:
        form = await request.form()
        seen.extend(form.getlist("file"))
        await then()
        return Response("done")

    return Application(routes=[Route("/", endpoint, methods=["POST"])])


def typed_app(seen: Files, then: Callable[[], Any]) -> App:
    app = App()

    @app.post("/")
    async def endpoint(file: list[UploadFile]) -> str:
        seen.extend(file)
        await then()
        return "done"

    return app


def request_app(seen: Files, then: Callable[[], Any]) -> App:
    app = App()

    @app.post("/")
    async def endpoint(request: Request) -> str:
        seen.extend((await request.form()).getlist("file"))
        await then()
        return "done"

    return app


def shared_app(seen: Files, then: Callable[[], Any]) -> App:
    app = App()

    @app.post("/")
    async def endpoint(file: list[UploadFile], request: Request) -> str:
        seen.extend(file)
        assert (await request.form()).getlist("file") == file
        await then()
        return "done"

    return app


every_app = pytest.mark.parametrize("make", [plain_app, typed_app, request_app, shared_app])


@every_app
async def test_after_a_response(make: Callable[..., Any]) -> None:
    seen: Files = []

    async def then() -> None:
        assert is_closed(seen) == [False, False, False]

    response = await call(make(seen, then), method="POST", headers=HEADERS, body=BODY)
    assert (response.status, response.error, is_closed(seen)) == (200, None, [True, True, True])


@every_app
async def test_after_an_exception(make: Callable[..., Any]) -> None:
    seen: Files = []

    async def then() -> None:
        raise ZeroDivisionError

    response = await call(make(seen, then), method="POST", headers=HEADERS, body=BODY)
    assert (response.status, type(response.error), is_closed(seen)) == (500, ZeroDivisionError, [True, True, True])


@every_app
async def test_where_the_server_cancels(make: Callable[..., Any]) -> None:
    seen: Files = []
    with anyio.CancelScope() as server:

        async def then() -> None:
            server.cancel()
            await anyio.sleep_forever()

        await call(make(seen, then), method="POST", headers=HEADERS, body=BODY)
    assert server.cancelled_caught
    assert is_closed(seen) == [True, True, True]


async def test_files_of_a_sync_endpoint_are_closed_after_it() -> None:
    seen: Files = []

    async def read_first(scope: Any, receive: Any, send: Any) -> None:
        def endpoint(request: Request) -> Response:
            form = anyio.from_thread.run(request.form().__aenter__)
            seen.extend(form.getlist("file"))
            return Response("done")

        await Application(routes=[Route("/", endpoint, methods=["POST"])])(scope, receive, send)

    response = await call(read_first, method="POST", headers=HEADERS, body=BODY)
    assert (response.status, is_closed(seen)) == (200, [True, True, True])


class Stubborn(BytesIO):
    """A file that fails when it is closed."""

    def close(self) -> None:
        super().close()
        raise OSError("the disk is full")


async def test_an_error_in_closing_a_file_does_not_keep_others_open(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = UploadFile(Stubborn()), UploadFile(BytesIO())

    async def parsed(*_: Any) -> list[tuple[str, UploadFile]]:
        return [("a", first), ("b", second)]

    monkeypatch.setattr("signette.declarative.sources.form._read_multipart", parsed)
    app = App()

    @app.post("/")
    async def endpoint(a: UploadFile, b: UploadFile) -> str:
        return "done"

    response = await call(app, method="POST", headers=HEADERS)
    assert isinstance(response.error, OSError)
    assert is_closed([first, second]) == [True, True]
