"""`parts: Parts`: the parts of a form as the endpoint asks for them, in the order of their arrival."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest

from signette import App, Depends, File, HTTPException, Parts, Request, Response, Router, Security, WebSocket
from signette.declarative.errors.base import SignatureError
from signette.policies import Idempotent
from signette.routing import APIRoute
from signette.state import MemoryStore
from tests.asgi import DISCONNECT, Exchange, call, exchange, scope_of
from tests.declarative.policies.stores import app_with
from tests.declarative.uploads.parts import END, HEADERS, field, part

FORM = field("title", "Tëa") + part("file", b"1" * 300, "image/png", "a.png") + field("note", "") + part("file", b"")


async def shown(parts: Parts) -> list[Any]:
    return [[each.name, each.filename, each.content_type, await each.text()] async for each in parts]


SHOWN = [
    ["title", None, None, "Tëa"],
    ["file", "a.png", "image/png", "1" * 300],
    ["note", None, None, ""],
    ["file", "f", None, ""],
]


def an_app(app: App | None = None, **options: Any) -> App:
    app = app or App()

    @app.post("/all", **options)
    async def every(parts: Parts) -> list[Any]:
        return await shown(parts)

    @app.post("/names")
    async def names(parts: Parts) -> list[str]:
        return [each.name async for each in parts]

    @app.post("/first")
    async def first(parts: Parts) -> str:
        return (await anext(parts)).name

    @app.post("/none")
    async def none(parts: Parts) -> str:
        return "none"

    @app.post("/dependency")
    async def dependency(found: Annotated[list[Any], Depends(shown)]) -> list[Any]:
        return found

    @app.post("/stream")
    async def stream(parts: Parts) -> AsyncIterator[str]:
        async for each in parts:
            yield each.name

    @app.post("/rules")
    async def rules(parts: Annotated[Parts, File(max_bytes=9, media_types=["image/*"], sniff=True)]) -> int:
        return sum([len(await each.read()) async for each in parts])

    @app.post("/limits", max_body_size=900, form_limits={"max_fields": 1, "max_files": 1})
    async def limits(parts: Parts) -> list[str]:
        return [each.name async for each in parts]

    return app


APP = an_app()


async def post(path: str, body: bytes = FORM + END, app: App = APP, **more: str) -> Exchange:
    headers = [*HEADERS, *((name.encode(), value.encode()) for name, value in more.items())]
    pieces = [body[start : start + 50] for start in range(0, len(body), 50)]
    return await call(app, path, "POST", headers=headers, body=pieces)


@pytest.mark.parametrize("path", ["/all", "/dependency"])
async def test_parts_come_in_their_order(path: str) -> None:
    assert (await post(path)).json == SHOWN


async def test_parts_that_are_not_read_are_skipped() -> None:
    assert (await post("/names")).json == ["title", "file", "note", "file"]
    assert (await post("/stream")).text == "titlefilenotefile"


@pytest.mark.parametrize(("path", "text", "receives"), [("/first", "title", 2), ("/none", "none", 0)])
async def test_a_response_does_not_wait_for_the_rest(path: str, text: str, receives: int) -> None:
    response = await post(path)
    assert (response.text, response.receives) == (text, receives)


async def test_a_part_is_there_when_it_begins() -> None:
    app, began = App(), anyio.Event()

    @app.post("/")
    async def upload(parts: Parts) -> str:
        async for each in parts:
            began.set()
            await each.read()
        return each.name

    messages = [part("file", b"1")[:-2], b"2\r\n" + END]

    async def receive() -> Any:
        if len(messages) == 1:
            await began.wait()
        return {"type": "http.request", "body": messages.pop(0), "more_body": bool(messages)}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope_of("/", "POST", headers=HEADERS), receive, send)
    assert sent[1]["body"] == b"file"


GIF = part("g", b"GIF89a", "image/gif")
BAD = {
    "cut off": ("/all", FORM, 400, "The form was cut off"),
    "no form": ("/all", b"{}", 400, "Invalid multipart data."),
    "a large file": ("/rules", part("g", b"GIF89a1234", "image/gif") + END, 413, "a file of the form exceeds 9 bytes"),
    "a file of another type": ("/rules", part("g", b"1", "text/a") + END, 415, "a file of the form has an unsupported"),
    "other content": ("/rules", part("g", b"1", "image/gif") + END, 415, "the content of a file of the form is not"),
    "many fields": ("/limits", field("a", "1") + field("b", "2") + END, 400, "form has more than 1 fields"),
    "many files": ("/limits", part("a", b"1") + part("b", b"2") + END, 400, "form has more than 1 files"),
    "a large body": ("/limits", part("a", b"1" * 900) + END, 413, "body exceeds 900 bytes"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_form_is_rejected_while_it_is_read(name: str) -> None:
    path, body, status, detail = BAD[name]
    response = await post(path, body)
    assert (response.status, response.json["detail"][: len(detail)]) == (status, detail)


async def test_texts_have_no_rules_of_files() -> None:
    response = await post("/rules", field("title", "T" * 100) + GIF + part("g", b"", filename="") + END)
    assert (response.status, response.json) == (200, 106)


@pytest.mark.parametrize("content_type", [None, b"application/json", b"multipart/form-data", b"multipart/mixed"])
async def test_another_body_is_rejected_before_the_endpoint(content_type: bytes | None) -> None:
    headers = [] if content_type is None else [(b"content-type", content_type)]
    response = await call(APP, "/none", "POST", headers=headers, body=FORM + END)
    assert response.status == (400 if content_type == b"multipart/form-data" else 415)
    assert response.receives == 0


async def test_a_client_that_leaves_ends_the_iteration() -> None:
    message = {"type": "http.request", "body": FORM[:200], "more_body": True}
    response = await exchange(APP, scope_of("/all", "POST", headers=HEADERS), message, DISCONNECT)
    assert response.messages == []


async def test_guards_run_first_and_may_read_the_body() -> None:
    app, seen = App(), []

    async def user() -> None:
        raise HTTPException(401)

    async def body(request: Request) -> None:
        seen.append(len(await request.body()))

    @app.post("/denied", dependencies=[Security(user)])
    @app.post("/read", dependencies=[Security(body)])
    async def read(parts: Parts) -> list[Any]:
        return await shown(parts)

    denied = await post("/denied", app=app)
    assert (denied.status, denied.receives) == (401, 0)
    assert (await post("/read", app=app)).json == SHOWN
    assert seen == [len(FORM + END)]


async def test_a_form_that_was_read_before_is_no_stream_any_more() -> None:
    app = App()

    async def form(request: Request) -> None:
        await request.form()

    @app.post("/", dependencies=[Security(form)])
    async def read(parts: Parts) -> list[Any]:
        return await shown(parts)

    response = await post("/", app=app)
    assert (response.status, str(response.error)) == (500, (
        "Stream consumed: the body was read as a form; use `await request.form()`"
    ))  # fmt: skip


async def test_an_idempotent_upload_runs_once() -> None:
    app, runs = app_with("idempotency", MemoryStore()), []

    @app.post("/", policies=[Idempotent()])
    async def read(parts: Parts) -> list[Any]:
        runs.append(1)
        return await shown(parts)

    key = {"idempotency-key": "k"}
    first, again = await post("/", app=app, **key), await post("/", app=app, **key)
    assert (first.json, again.json, len(runs)) == (SHOWN, SHOWN, 1)
    assert (await post("/", field("a", "b") + END, app, **key)).status == 422


async def test_a_handler_of_the_route_sees_the_response() -> None:
    class Own(APIRoute):
        def get_route_handler(self) -> Any:
            original = super().get_route_handler()

            async def handler(request: Request) -> Response:
                response: Response = await original(request)
                response.headers["x-own"] = "1"
                return response

            return handler

    app, router = App(), Router(route_class=Own)

    @router.post("/")
    async def read(parts: Parts) -> list[Any]:
        return await shown(parts)

    app.include_router(router)
    response = await post("/", app=app)
    assert (response["x-own"], response.json) == ("1", SHOWN)


def test_a_plan_with_parts_can_be_pickled_and_is_described() -> None:
    route = next(each for each in APP.routes if each.path == "/rules")
    copied = cloudpickle.loads(cloudpickle.dumps(route.plan))
    assert [step.file_rule for step in copied.reads] == [step.file_rule for step in route.plan.reads] != [None]
    assert "form: Parts   at most 9 bytes, image/*, by content too" in route.explain()
    body = APP.openapi()["paths"]["/rules"]["post"]["requestBody"]
    assert body == {"content": {"multipart/form-data": {"schema": {"type": "object"}}}, "required": True}
    hidden = App()

    @hidden.post("/")
    async def read(parts: Annotated[Parts, File(include_in_schema=False)]) -> None: ...

    assert "requestBody" not in hidden.openapi()["paths"]["/"]["post"]


@pytest.mark.parametrize("options", [{"alias": "a"}, {"min_length": 1}, {"description": "a"}, {"allow_empty": True}])
def test_an_option_without_effect_is_rejected(options: dict[str, Any]) -> None:
    app = App()

    async def read(parts: Annotated[Parts, File(**options)]) -> None: ...

    with pytest.raises(SignatureError, match="`parts`"):
        app.post("/")(read)


def test_parts_are_rejected_where_there_is_no_form() -> None:
    app = App()

    async def read(parts: Parts) -> None: ...

    async def watch(socket: WebSocket, parts: Parts) -> None: ...

    async def both(parts: Parts, file: Annotated[bytes, File()]) -> None: ...

    for add, endpoint in ((app.get, read), (app.websocket, watch), (app.post, both)):
        with pytest.raises(SignatureError):
            add("/")(endpoint)
