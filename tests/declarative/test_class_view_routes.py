"""The options of routes whose endpoints are methods in the body of a class."""

from typing import Any

from signette import App, Router, WebSocket
from signette.cbv import cbv
from signette.routing import APIRoute
from signette.testclient import TestClient


class OwnRoute(APIRoute):
    pass


def test_the_arguments_of_a_route_in_a_class_are_those_of_other_routes() -> None:
    app, router = App(), Router()

    class Prefixed(Router):
        def add_api_route(self, path: str, *args: Any, **options: Any) -> None:
            super().add_api_route(f"/own{path}", *args, **options)

        def add_api_websocket_route(self, path: str, *args: Any, **options: Any) -> None:
            super().add_api_websocket_route(f"/own{path}", *args, **options)

    prefixed = Prefixed()

    @cbv(app)
    @cbv(router)
    @cbv(prefixed)
    class Views:
        async def read(self) -> int:
            return 1

        app.add_api_route("/a", read, ["PUT"], route_class_override=OwnRoute, status_code=201)
        router.add_api_route("/b", read, methods=["POST"], route_class_override=OwnRoute, tags=["t"])

        @prefixed.get("/c")
        async def other(self) -> int:
            return 2

        @prefixed.websocket("/d")
        async def talk(self, socket: WebSocket) -> None: ...

    of_app = next(route for route in app.routes if getattr(route, "path", "") == "/a")
    (of_router,) = router.routes
    assert [type(of_app), type(of_router)] == [OwnRoute, OwnRoute]
    assert [of_app.methods, of_router.methods, of_router.tags] == [{"PUT"}, {"POST"}, ["t"]]
    assert TestClient(app).put("/a").status_code == 201
    assert [route.path for route in prefixed.routes] == ["/own/c", "/own/d"]
    assert Views
