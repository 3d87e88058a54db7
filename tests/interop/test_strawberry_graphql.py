"""GraphQL by strawberry-graphql: its ASGI application mounted, and its router for FastAPI included."""

import json
from collections.abc import AsyncGenerator

import fastapi
import strawberry
from strawberry.asgi import GraphQL
from strawberry.fastapi import GraphQLRouter
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from signette import App
from tests.interop.serving import served


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str, info: strawberry.Info) -> str:
        return f"{name} at {info.context['request'].url.path}"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def transports(self, info: strawberry.Info) -> AsyncGenerator[str, None]:
        yield info.context["by"]


schema = strawberry.Schema(Query, subscription=Subscription)
ASK = {"query": 'query { hello(name: "ann") }'}


def test_its_application_is_mounted() -> None:
    app = App()
    app.mount("/graphql", GraphQL(schema))
    with served(app) as client:
        assert client.post("/graphql/", json=ASK).json() == {"data": {"hello": "ann at /graphql/"}}
        assert "GraphiQL" in client.get("/graphql/", headers={"accept": "text/html"}).text


def context_of(request: fastapi.Request = None, ws: fastapi.WebSocket = None) -> dict[str, str]:  # type: ignore[assignment]
    return {"by": "http" if ws is None else "websocket"}


def test_its_router_is_included() -> None:
    app = App()
    app.include_router(GraphQLRouter(schema, context_getter=context_of), prefix="/graphql")  # type: ignore[arg-type]
    with served(app) as client:
        assert client.post("/graphql", json=ASK).json() == {"data": {"hello": "ann at /graphql"}}
        assert "GraphiQL" in client.get("/graphql", headers={"accept": "text/html"}).text
        url = f"ws://{client.base_url.netloc.decode()}/graphql"
        with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as websocket:
            websocket.send('{"type": "connection_init"}')
            assert json.loads(websocket.recv())["type"] == "connection_ack"
            query = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { transports }"}}
            websocket.send(json.dumps(query))
            received = [json.loads(websocket.recv()) for _ in range(2)]
    assert received[0]["payload"] == {"data": {"transports": "websocket"}}
    assert received[1]["type"] == "complete"
