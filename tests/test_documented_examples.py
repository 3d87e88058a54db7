"""The examples of Starlette's documentation, unchanged except for the imports."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from signette.applications import Application
from signette.background import BackgroundTask, BackgroundTasks
from signette.datastructures import FormData, State, UploadFile
from signette.exceptions import HTTPException
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.requests import Request
from signette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from signette.routing import Route
from signette.testclient import TestClient


def client_of(handler: Any, path: str = "/", **options: Any) -> TestClient:
    """A client of an application with this one handler."""
    app = Application(routes=[Route(path, handler, methods=["GET", "POST"])], **options)
    return TestClient(app, follow_redirects=False)


# -- a page on requests ------------------------------------------------------------------------------------------------


def test_a_request_in_a_bare_application() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        content = "%s %s" % (request.method, request.url.path)  # noqa: UP031 - as written
        response = Response(content, media_type="text/plain")
        await response(scope, receive, send)

    assert TestClient(app).put("/a/b").text == "PUT /a/b"


def test_the_body_as_a_stream() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        body = b""
        async for chunk in request.stream():
            body += chunk
        response = Response(body, media_type="text/plain")
        await response(scope, receive, send)

    assert TestClient(app).post("/", content=iter([b"a", b"b", b"c"])).text == "abc"


def test_attributes_of_a_request() -> None:
    async def handler(request: Request) -> Response:
        assert request["path"] == "/users/ada"
        assert dict(request) == request.scope
        assert request.url.path == "/users/ada"
        assert request.url.port == 8000
        assert request.url.scheme == "http"
        assert request.headers["content-type"] == request.headers["Content-Type"] == "a/b"
        assert request.query_params["search"] == "x"
        assert request.path_params["username"] == "ada"
        assert request.client is not None
        assert (request.client.host, request.client.port) == tuple(request.client)
        assert request.cookies.get("mycookie") == "1"
        assert not await request.is_disconnected()
        request.state.time_started = time.time()
        assert request.state.time_started <= time.time()
        assert request.app.state.dbconn == "a connection"
        return Response()

    client = client_of(handler, "/users/{username}")
    client.app.state.dbconn = "a connection"  # type: ignore[attr-defined]  # it is an `Application`
    headers = {"content-type": "a/b", "cookie": "mycookie=1"}
    assert client.get("http://testserver:8000/users/ada?search=x", headers=headers).status_code == 200


def test_the_file_of_a_form() -> None:
    async def handler(request: Request) -> Response:
        async with request.form(max_files=1000, max_fields=1000) as form:
            assert isinstance(form, FormData)
            upload = form["upload_file"]
            assert isinstance(upload, UploadFile)
            filename = upload.filename
            contents = await upload.read()
            assert upload.size == len(contents)
            assert upload.headers["content-type"] == upload.content_type == "image/png"
            await upload.seek(0)
            assert await upload.read(2) == contents[:2]
            await upload.write(b"more")
        assert upload.file.closed
        return JSONResponse({"filename": filename, "size": len(contents)})

    response = client_of(handler).post("/", files={"upload_file": ("abc.png", b"12345", "image/png")})
    assert response.json() == {"filename": "abc.png", "size": 5}


def test_a_part_with_a_filename_is_a_file() -> None:
    async def handler(request: Request) -> Response:
        form = await request.form()
        return JSONResponse({name: type(value).__name__ for name, value in form.items()})

    files = {"a": (None, b"text"), "b": ("name", b"file")}
    assert client_of(handler).post("/", files=files).json() == {"a": "str", "b": "UploadFile"}


@pytest.mark.parametrize("limit", ["max_files", "max_fields"])
def test_the_number_of_files_and_fields_is_limited(limit: str) -> None:
    async def handler(request: Request) -> Response:
        async with request.form(**{limit: 2}):
            return Response()

    part = '--x\r\nContent-Disposition: form-data; name="a"%s\r\n\r\n\r\n' % (
        '; filename="f"' if limit == "max_files" else ""
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    statuses = [
        client_of(handler).post("/", content=part * n + "--x--\r\n", headers=headers).status_code for n in (2, 3)
    ]
    assert statuses == [200, 400]


def test_after_the_stream_the_body_cannot_be_had() -> None:
    async def handler(request: Request) -> Response:
        assert [piece async for piece in request.stream()] == [b"abc", b""]
        for read in (request.body, request.json):
            with pytest.raises(RuntimeError, match="Stream consumed"):
                await read()
        return Response()

    assert client_of(handler).post("/", content=b"abc").status_code == 200


# -- a page of recipes -------------------------------------------------------------------------------------------------


def test_values_from_query_path_and_form() -> None:
    async def handler(request: Request) -> Response:
        name = request.query_params.get("name")
        postid = request.path_params.get("postid")
        inp = await request.form()
        return JSONResponse([name, postid, inp.get("name")])

    client = client_of(handler, "/post/{postid}")
    assert client.post("/post/3?name=a", data={"name": "b"}).json() == ["a", "3", "b"]


def test_customized_responses() -> None:
    headers = {"x-extra-key": "value"}
    response = Response(json.dumps({"name": "Bo"}), status_code=404, headers=headers, media_type="application/json")
    assert (response.status_code, response.headers["x-extra-key"]) == (404, "value")
    assert response.headers["content-type"] == "application/json"
    assert JSONResponse({"name": "Bo"}, status_code=200, headers=headers).headers["x-extra-key"] == "value"


@pytest.mark.parametrize("status", [301, 302, 303, 307])
def test_redirects(status: int) -> None:
    async def handler(request: Request) -> Response:
        return RedirectResponse(url="/there", status_code=status)

    response = client_of(handler).get("/")
    assert (response.status_code, response.headers["location"]) == (status, "/there")


def test_cookies_are_set_and_deleted() -> None:
    async def handler(request: Request) -> Response:
        resp = Response("content")
        if "mycookie" in request.cookies:
            resp.delete_cookie("mycookie", path="/", domain=None)
        else:
            resp.set_cookie(
                "mycookie", "value", max_age=None, expires=None, path="/", domain=None, secure=False, httponly=False
            )
        return resp

    client = client_of(handler)
    client.get("/")
    assert client.cookies["mycookie"] == "value"
    client.get("/")
    assert "mycookie" not in client.cookies


def test_the_scope_of_a_request() -> None:
    async def handler(request: Request) -> Response:
        assert request.scope["type"] == "http"
        assert request.scope["app"] is client.app
        assert request.scope["path_params"] == {}
        assert request.scope["query_string"] == b"kw=hello"
        assert request.scope["endpoint"] is handler
        assert request.scope["router"] is client.app.router  # type: ignore[attr-defined]  # it is an `Application`
        url = request.url
        assert (url.query, url.hostname, url.netloc, url.is_secure) == ("kw=hello", "testserver", "testserver", True)
        return Response()

    client = client_of(handler)
    assert client.get("https://testserver/?kw=hello").status_code == 200


def test_a_state_around_a_dictionary() -> None:
    data = {"name": "Bo"}
    wrapped = State(data)
    assert wrapped.name == "Bo"


def test_exception_handlers_for_statuses() -> None:
    async def exc_handle_403(request: Request, exc: Any) -> Response:
        return HTMLResponse("My 403 page", status_code=exc.status_code)

    async def exc_handle_404(request: Request, exc: Any) -> Response:
        return HTMLResponse("My 404 page", status_code=exc.status_code)

    async def err_handle_500(request: Request, exc: Any) -> Response:
        return HTMLResponse("My 500 page", status_code=500)

    async def handler(request: Request) -> Response:
        if "forbidden" in request.query_params:
            raise HTTPException(403)
        raise ZeroDivisionError

    handlers = {403: exc_handle_403, 404: exc_handle_404, 500: err_handle_500}
    client = TestClient(
        Application(routes=[Route("/", handler)], exception_handlers=handlers), raise_server_exceptions=False
    )
    results = [client.get(path) for path in ("/?forbidden", "/nothing", "/")]
    assert [(response.status_code, response.text) for response in results] == [
        (403, "My 403 page"),
        (404, "My 404 page"),
        (500, "My 500 page"),
    ]


def test_background_tasks_run_after_the_response(tmp_path: Path) -> None:
    fpath = tmp_path / "tmpfile.txt"
    fpath.write_text("content")

    def del_file(fpath: Path) -> None:
        fpath.unlink()

    def handler(request: Request) -> Response:
        task = BackgroundTask(del_file, fpath=fpath)
        return Response(str(fpath.exists()), background=task)

    assert client_of(handler).get("/").text == "True"
    assert not fpath.exists()


def test_several_background_tasks_run_in_order() -> None:
    done = []

    async def task1(name: str) -> None:
        done.append(name)

    async def task2(email: str) -> None:
        done.append(email)

    async def handler(request: Request) -> Response:
        tasks = BackgroundTasks()
        tasks.add_task(task1, name="John")
        tasks.add_task(task2, email="john@example.org")
        return Response("", background=tasks)

    client_of(handler).get("/")
    assert done == ["John", "john@example.org"]


def test_middleware_of_both_kinds() -> None:
    class MyMiddleware:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
            if scope["type"] == "http":
                headers = dict(scope["headers"])
                scope["agent"] = headers[b"user-agent"].decode()
            return await self.app(scope, receive, send)

    class CustomHeaderMiddleware(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: Any) -> Any:
            response = await call_next(request)
            response.headers["X-Author"] = "John"
            return response

    async def handler(request: Request) -> Response:
        return Response(request["agent"])

    result = client_of(handler, middleware=[Middleware(MyMiddleware), Middleware(CustomHeaderMiddleware)]).get("/")
    assert (result.text, result.headers["x-author"]) == ("testclient", "John")
