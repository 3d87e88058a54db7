"""GraphQL by strawberry-graphql: its ASGI application, and its router for FastAPI, both mounted."""

import fastapi
import pytest
import strawberry
from strawberry.asgi import GraphQL
from strawberry.fastapi import GraphQLRouter

from signette import App
from tests.interop.serving import served


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str, info: strawberry.Info) -> str:
        return f"{name} at {info.context['request'].url.path}"


schema = strawberry.Schema(Query)
ASK = {"query": 'query { hello(name: "ann") }'}


def test_its_application_is_mounted() -> None:
    app = App()
    app.mount("/graphql", GraphQL(schema))
    with served(app) as client:
        assert client.post("/graphql/", json=ASK).json() == {"data": {"hello": "ann at /graphql/"}}
        assert "GraphiQL" in client.get("/graphql/", headers={"accept": "text/html"}).text


def test_its_router_is_mounted_in_an_application_of_fastapi() -> None:
    inner, app = fastapi.FastAPI(), App()
    inner.include_router(GraphQLRouter(schema), prefix="/graphql")
    app.mount("/api", inner)
    with served(app) as client:
        assert client.post("/api/graphql", json=ASK).json() == {"data": {"hello": "ann at /api/graphql"}}


def test_its_router_cannot_be_included() -> None:
    with pytest.raises(TypeError, match="mount it"):
        App().include_router(GraphQLRouter(schema))  # type: ignore[arg-type]
