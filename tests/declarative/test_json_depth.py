"""How deep JSON may be: what was read of a request can be sent back, regardless of how it was read and is written."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, Body, Request
from signette._http.json import MAX_LEVELS
from signette.responses.plain import JSONResponse
from signette.websockets import WebSocket
from tests.asgi import JSON, call, connect, fetch

AnyBody = Annotated[Any, Body()]


class Envelope(BaseModel):
    data: Any


def an_app() -> App:
    app = App()

    @app.post("/returned")
    async def returned(request: Request):  # type: ignore[no-untyped-def]  # its result is looked at when it is there
        return await request.json()

    @app.post("/any")
    async def any_result(request: Request) -> Any:
        return await request.json()

    @app.post("/in-a-dictionary")
    async def in_a_dictionary(request: Request) -> dict[str, Any]:
        return {"data": [await request.json()]}

    @app.post("/in-a-model")
    async def in_a_model(request: Request) -> Envelope:
        return Envelope(data=await request.json())

    @app.post("/response")
    async def response(request: Request) -> JSONResponse:
        return JSONResponse({"data": await request.json()})

    @app.post("/typed")
    async def typed(body: AnyBody) -> Any:
        return {"data": body}

    @app.post("/typed-model")
    async def typed_model(body: Annotated[Any, Body()]) -> Envelope:
        return Envelope(data=body)

    return app


APP = an_app()
WAYS = ["returned", "any", "in-a-dictionary", "in-a-model", "response", "typed", "typed-model"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
async def test_what_was_read_can_be_sent_back(way: str, opening: str, closing: str) -> None:
    for levels, status in ((100, 200), (MAX_LEVELS, 200), (MAX_LEVELS + 2, 400), (254, 400), (255, 400), (1025, 400)):
        body = f"{opening * levels}{1 if opening != '[' else ''}{closing * levels}".encode()
        assert (levels, (await fetch(APP, f"POST /{way}", body, JSON)).status) == (levels, status)


async def test_a_message_of_a_socket_can_be_sent_back_too() -> None:
    app = App()

    @app.websocket("/")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json({"data": await websocket.receive_json()})

    text = "[" * MAX_LEVELS + "]" * MAX_LEVELS
    response = await connect(app, "/", {"type": "websocket.receive", "text": text})
    assert response.messages[1]["text"] == f'{{"data":{text}}}'


async def test_the_detail_says_how_deep_it_may_be() -> None:
    response = await call(APP, "/returned", "POST", body=b"[" * 300 + b"]" * 300)
    assert response.text.count("Invalid JSON: more than 200 levels of nesting") == 1
