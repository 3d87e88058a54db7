"""The AsyncAPI document: valid by the official schema, with the messages of typed WebSockets."""

import gzip
import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, Field

from signette import App, Header, Query, Router, WebSocket
from signette.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer
from signette.sockets import Socket, SocketOptions
from tests.asgi import call

# From https://github.com/asyncapi/spec-json-schemas, under the license in asyncapi-3.0.0.LICENSE.
SCHEMA = json.loads(gzip.decompress((Path(__file__).parent / "asyncapi-3.0.0.json.gz").read_bytes()))
VALIDATOR = Draft7Validator(SCHEMA)


class Say(BaseModel):
    kind: Literal["say"]
    text: str


class Leave(BaseModel):
    kind: Literal["leave"]


class Line(BaseModel):
    who: str
    say: Say | None = None


class Room(Enum):
    TEA = "tea"
    COFFEE = "coffee"


Command = Annotated[Say | Leave, Field(discriminator="kind")]


def documented(*apps: App) -> dict[str, Any]:
    (app,) = apps
    document = app.asyncapi()
    errors = sorted(VALIDATOR.iter_errors(document), key=str)
    assert not errors, errors[0]
    for reference in _references(document):
        assert _found(document, reference) is not None, reference
    return document


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for inner in value.values() for each in _references(inner)]
    return [each for inner in value for each in _references(inner)] if isinstance(value, list) else []


def _found(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def chat_app(**options: Any) -> App:
    app = App(title="Chat", version="2", **options)

    @app.websocket("/rooms/{room}", tags=["talk"])
    async def talk(
        socket: Annotated[Socket[Command, Line | Say], SocketOptions(on_invalid="problem")],
        room: Room,
        who: Annotated[str, Query(min_length=2)],
        x_token: Annotated[str | None, Header()] = None,
    ) -> None:
        """Talk to others."""

    return app


def test_a_socket_is_a_channel_with_two_operations() -> None:
    document = documented(chat_app())
    assert document["asyncapi"] == "3.0.0"
    assert document["info"] == {"title": "Chat", "version": "2"}
    (channel,) = document["channels"].values()
    assert channel["address"] == "/rooms/{room}"
    assert channel["description"] == "Talk to others."
    assert channel["tags"] == [{"name": "talk"}]
    assert channel["messages"] == {
        "Say": {"payload": {"$ref": "#/components/schemas/Say"}},
        "Leave": {"payload": {"$ref": "#/components/schemas/Leave"}},
        "Line": {"payload": {"$ref": "#/components/schemas/Line"}},
        "Say-sent": {"payload": {"$ref": "#/components/schemas/Say"}},
        "Problem": {
            "contentType": "application/problem+json",
            "payload": {"$ref": "#/components/schemas/MessageProblem"},
        },
    }
    messages = "#/channels/talk/messages/"
    assert document["operations"] == {
        "talk_receive": {
            "action": "receive",
            "channel": {"$ref": "#/channels/talk"},
            "messages": [{"$ref": f"{messages}Say"}, {"$ref": f"{messages}Leave"}],
        },
        "talk_send": {
            "action": "send",
            "channel": {"$ref": "#/channels/talk"},
            "messages": [{"$ref": f"{messages}{each}"} for each in ("Line", "Say-sent", "Problem")],
        },
    }


def test_the_values_of_the_handshake_are_in_the_binding() -> None:
    (channel,) = documented(chat_app())["channels"].values()
    assert channel["parameters"] == {"room": {"enum": ["tea", "coffee"]}}
    assert channel["bindings"]["ws"] == {
        "method": "GET",
        "query": {
            "type": "object",
            "properties": {"who": {"type": "string", "minLength": 2}},
            "required": ["who"],
        },
        "headers": {"type": "object", "properties": {"x-token": {"type": "string"}}},
        "bindingVersion": "0.1.0",
    }


def test_texts_and_bytes_have_their_media_types_and_heartbeats_a_description() -> None:
    app = App()

    @app.websocket("/texts")
    async def texts(
        socket: Annotated[Socket[bytes, str], SocketOptions(heartbeat=2.5, heartbeat_message="beat")],
    ) -> None: ...

    @app.websocket("/ticks")
    async def ticks(socket: Socket[None, int]) -> None: ...

    document = documented(app)
    assert document["channels"]["texts"]["messages"] == {
        "bytes": {"contentType": "application/octet-stream", "payload": {"type": "string"}},
        "str": {"contentType": "text/plain", "payload": {"type": "string"}},
    }
    assert document["operations"]["texts_send"]["description"].startswith("After 2.5 seconds")
    assert [each for each in document["operations"] if each.startswith("ticks")] == ["ticks_send"]


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        (HTTPBearer(), {"type": "http", "scheme": "bearer"}),
        (APIKeyHeader(name="x-key"), {"type": "httpApiKey", "in": "header", "name": "x-key"}),
        (
            OAuth2PasswordBearer(tokenUrl="token", scopes={"talk": "Talk."}),
            {"type": "oauth2", "flows": {"password": {"tokenUrl": "token", "availableScopes": {"talk": "Talk."}}}},
        ),
    ],
)
def test_security_schemes_are_those_of_asyncapi(scheme: Any, expected: dict[str, Any]) -> None:
    from signette import Security

    app = App()

    @app.websocket("/")
    async def talk(socket: Socket[str, str], key: Annotated[Any, Security(scheme)]) -> None: ...

    document = app.asyncapi()
    ((name, described),) = document["components"]["securitySchemes"].items()
    assert described == expected
    assert document["operations"]["talk_send"]["security"] == [{"$ref": f"#/components/securitySchemes/{name}"}]


def test_a_plain_websocket_is_a_channel_without_messages() -> None:
    app = App()

    @app.websocket("/plain")
    async def plain(websocket: WebSocket) -> None: ...

    @app.websocket("/hidden", include_in_schema=False)
    async def hidden(websocket: WebSocket) -> None: ...

    document = documented(app)
    assert [*document["channels"]] == ["plain"]
    assert document["operations"] == {}
    assert "messages" not in document["channels"]["plain"]


def test_servers_and_info_are_those_of_the_application() -> None:
    app = chat_app(
        description="Rooms.",
        contact={"name": "Ann"},
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": "https://chat.example.com/v1", "description": "The public one."}, {"url": "/relative"}],
    )
    document = documented(app)
    assert document["servers"] == {
        "server1": {
            "host": "chat.example.com",
            "protocol": "wss",
            "pathname": "/v1",
            "description": "The public one.",
        }
    }
    assert document["info"]["license"] == {"name": "MIT"}


async def test_the_document_is_served_if_there_is_a_websocket() -> None:
    app = App()
    assert (await call(app, "/asyncapi.json")).status == 404
    router = Router(prefix="/v1")
    router.websocket("/talk")(chat_app().routes[-1].endpoint)
    app.include_router(router)
    found = await call(app, "/asyncapi.json", headers={"host": "example.com:8000"}, root_path="")
    assert found.json["servers"] == {"this": {"host": "example.com:8000", "protocol": "ws"}}
    assert [*found.json["channels"]] == ["talk"]
    errors = list(VALIDATOR.iter_errors(found.json))
    assert not errors


@pytest.mark.parametrize("options", [{"openapi_url": None}, {"asyncapi_url": None}])
async def test_the_document_can_be_left_out(options: Any) -> None:
    assert (await call(chat_app(**options), "/asyncapi.json")).status == 404


async def test_the_document_can_have_another_url_and_changes_with_the_routes() -> None:
    app = chat_app(openapi_url=None, asyncapi_url="/sockets.json")
    assert len((await call(app, "/sockets.json")).json["channels"]) == 1

    @app.websocket("/more")
    async def more(socket: Socket[str, str]) -> None: ...

    app.title = "Other"
    found = (await call(app, "/sockets.json")).json
    assert (found["info"]["title"], [*found["channels"]]) == ("Other", ["more", "talk"])
