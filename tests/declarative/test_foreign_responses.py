"""Responses of other packages, as results, annotations and response classes of typed endpoints."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import fastapi.responses
import fastapi.sse
import pytest
import starlette.background
import starlette.responses
from pydantic import BaseModel, Field

from signette import Created
from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.depends import Depends
from signette.responses import JSONResponse, Response, StreamingResponse
from tests.asgi import call

done: list[str] = []


class Lenient(BaseModel):
    """Any object has its attributes."""

    status_code: int | None = None


class Bare:
    """The least that is a response: an ASGI application with a status and header fields."""

    status_code = 201
    headers = {"x-a": "b"}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-a", b"b")]})
        await send({"type": "http.response.body", "body": b"[1]"})
        done.append("background")


class Events(starlette.responses.Response):
    """As the `EventSourceResponse` of sse-starlette: it takes an iterator, whose items it renders."""

    media_type = "text/event-stream"

    def __init__(self, content: Any, status_code: int = 200, media_type: str | None = None) -> None:
        super().__init__(None, status_code, media_type=media_type)
        self.content = content

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b"".join([b"data: %s\n\n" % str(item["data"]).encode() async for item in self.content])
        await send({"type": "http.response.start", "status": self.status_code, "headers": []})
        await send({"type": "http.response.body", "body": body})


Events.__name__ = "EventSourceResponse"


def json_response() -> Any:
    task = starlette.background.BackgroundTask(done.append, "background")
    return starlette.responses.JSONResponse([1], 201, {"x-a": "b"}, background=task)


async def stream() -> AsyncIterator[bytes]:
    yield b"[1"
    yield b"]"


def streaming_response() -> Any:
    task = starlette.background.BackgroundTask(done.append, "background")
    return starlette.responses.StreamingResponse(stream(), 201, {"x-a": "b"}, background=task)


RESPONSES = {"JSON": json_response, "a stream": streaming_response, "bare": Bare}
ANNOTATIONS: dict[str, Any] = {
    "nothing": ...,
    "dict": dict,
    "dict of Any": dict[str, Any],
    "list of int": list[int],
    "int": int,
    "str": str,
    "constrained str": Annotated[str, Field(max_length=3)],
    "bytes": bytes,
    "None": None,
    "Any": Any,
    "a model": Lenient,
    "models": list[Lenient],
    "a path": Path,
    "an outcome": Created[Lenient],
    "a stream of models": AsyncIterator[Lenient],
    "a stream of text": Iterator[str],
    "a response of ours": Response,
    "a response of Starlette": starlette.responses.Response,
    "a class of Starlette": starlette.responses.JSONResponse,
    "a union of responses": starlette.responses.JSONResponse | starlette.responses.RedirectResponse | Response,
    "a bare class": Bare,
}


def endpoint_of(make: Any, annotation: Any, *, with_others: bool = False) -> Any:
    async def endpoint() -> Any:
        return make()

    async def with_injected(response: Response, tasks: BackgroundTasks) -> Any:
        response.headers["x-c"] = "d"
        return make()

    chosen = with_injected if with_others else endpoint
    if annotation is ...:
        del chosen.__annotations__["return"]
    else:
        chosen.__annotations__["return"] = annotation
    return chosen


@pytest.mark.parametrize("injected", [False, True])
@pytest.mark.parametrize("annotation", ANNOTATIONS)
@pytest.mark.parametrize("response", RESPONSES)
async def test_it_is_sent_unchanged_whatever_the_annotation(response: str, annotation: str, injected: bool) -> None:
    done.clear()
    app = App()
    app.get("/")(endpoint_of(RESPONSES[response], ANNOTATIONS[annotation], with_others=injected))
    sent = await call(app)
    assert (sent.or_raise().status, sent.text, sent.headers["x-a"]) == (201, "[1]", "b")
    assert done == ["background"]
    assert app.openapi()["paths"]["/"]["get"]["responses"]


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("validate", ["strict", "warn"])
async def test_it_is_not_validated(response: str, validate: Any) -> None:
    app = App(validate_responses=validate)
    app.get("/")(endpoint_of(RESPONSES[response], Lenient))
    assert (await call(app)).or_raise().text == "[1]"


async def test_a_model_is_no_response_though_it_has_such_fields() -> None:
    class Job(BaseModel):
        status_code: int
        headers: dict[str, str]

    app = App()
    app.get("/")(endpoint_of(lambda: Job(status_code=500, headers={}), ...))
    assert (await call(app)).json == {"status_code": 500, "headers": {}}


async def test_head_sends_no_body_and_runs_the_background_task() -> None:
    for make in (json_response, Bare):
        done.clear()
        app = App()
        app.get("/")(endpoint_of(make, ...))
        sent = await call(app, "/", "HEAD")
        assert (sent.status, sent.body) == (201, b"")
        assert done == ["background"]


@pytest.mark.parametrize("make", [json_response, streaming_response, Bare])
async def test_dependencies_and_handlers_give_them_too(make: Any) -> None:
    app = App()

    @app.exception_handler(LookupError)
    async def handle(request: Any, exc: Any) -> Any:
        return make()

    @app.get("/raised")
    async def raised() -> int:
        raise LookupError

    @app.get("/given")
    async def given(response: Annotated[Any, Depends(make)]) -> Any:
        return response

    for path in ("/raised", "/given"):
        assert (await call(app, path)).or_raise().status == 201


# -- response classes --------------------------------------------------------------------------------------------------


async def sent_by(cls: Any, result: Any, annotation: Any = ..., **options: Any) -> Any:
    app = App()
    app.get("/", response_class=cls, **options)(endpoint_of(lambda: result, annotation))
    response = await call(app)
    return response.or_raise(), app.openapi()["paths"]["/"]["get"]["responses"]


async def test_values_become_their_content() -> None:
    sent, documented = await sent_by(starlette.responses.JSONResponse, {"day": date(2026, 1, 2)}, dict[str, date])
    assert (sent.json, sent.headers["content-type"]) == ({"day": "2026-01-02"}, "application/json")
    assert documented["200"]["content"].keys() == {"application/json"}
    sent, documented = await sent_by(starlette.responses.HTMLResponse, "<p>", str, status_code=202)
    assert (sent.status, sent.text, sent.headers["content-type"]) == (202, "<p>", "text/html; charset=utf-8")
    assert documented["202"]["content"].keys() == {"text/html"}
    sent, documented = await sent_by(starlette.responses.RedirectResponse, "/x", str)
    assert (sent.status, sent.headers["location"]) == (307, "/x")
    assert documented.keys() == {"307"}
    sent, _ = await sent_by(starlette.responses.FileResponse, __file__, str)
    assert sent.text == Path(__file__).read_text()
    sent, _ = await sent_by(starlette.responses.PlainTextResponse, json_response(), str)
    assert (sent.status, sent.text) == (201, "[1]")


async def test_the_fields_are_those_that_the_annotation_declares() -> None:
    class Wide(Lenient):
        secret: str = "s"

    sent, _ = await sent_by(starlette.responses.JSONResponse, Wide(status_code=1), Lenient)
    assert sent.json == {"status_code": 1}


async def test_iterators_become_their_stream() -> None:
    app = App()

    @app.get("/chunks", response_class=starlette.responses.StreamingResponse)
    async def chunks() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    @app.get("/events", response_class=Events)
    async def events():  # type: ignore[no-untyped-def]
        yield {"data": 1}

    @app.get("/typed-events", response_class=Events)
    async def typed_events() -> AsyncIterator[object]:
        yield {"data": date(2026, 1, 2)}

    assert (await call(app, "/chunks")).or_raise().text == "ab"
    assert (await call(app, "/events")).or_raise().text == "data: 1\n\n"
    assert (await call(app, "/typed-events")).or_raise().text == "data: 2026-01-02\n\n"
    documented = app.openapi()["paths"]["/events"]["get"]["responses"]["200"]["content"]
    assert documented.keys() == {"text/event-stream"}


async def test_headers_of_the_injected_response_are_merged() -> None:
    app = App()

    @app.get("/", response_class=starlette.responses.HTMLResponse)
    async def endpoint(response: Response) -> str:
        response.headers["x-c"] = "d"
        response.set_cookie("k", "v")
        response.status_code = 202
        return "<p>"

    sent = await call(app)
    assert (sent.status, sent.headers["x-c"], sent.text) == (202, "d", "<p>")
    assert sent.headers["set-cookie"].startswith("k=v")


async def test_it_is_the_default_class_of_an_application_too() -> None:
    app = App(default_response_class=starlette.responses.JSONResponse)
    app.get("/")(endpoint_of(lambda: "slug", ...))
    assert (await call(app)).text == '"slug"'


@pytest.mark.parametrize("wrong", [dict, Lenient, int, starlette.background.BackgroundTask, App, object, [], "x"])
def test_a_class_that_is_no_response_is_rejected(wrong: Any) -> None:
    with pytest.raises(SignatureError, match=r"must be a (response )?class"):
        App().get("/", response_class=wrong)(endpoint_of(json_response, ...))


def test_a_single_value_class_is_rejected_for_a_stream_and_the_other_way_round() -> None:
    with pytest.raises(SignatureError, match="requires a single value"):
        App().get("/", response_class=starlette.responses.JSONResponse)(endpoint_of(stream, AsyncIterator[bytes]))
    with pytest.raises(SignatureError, match="requires content"):
        App().get("/", response_class=starlette.responses.FileResponse)(endpoint_of(stream, None))


def test_members_of_one_union_are_all_responses_or_none() -> None:
    with pytest.raises(SignatureError, match="mixes a `Response` with other types"):
        App().get("/")(endpoint_of(json_response, starlette.responses.JSONResponse | Lenient))


@pytest.mark.parametrize(
    "cls",
    [JSONResponse, StreamingResponse, starlette.responses.FileResponse, fastapi.sse.EventSourceResponse, Bare, Events],
)
def test_classes_of_responses_are_recognized(cls: Any) -> None:
    from signette._frameworks import is_response_class

    assert is_response_class(cls)
