"""`version=` of routers: the paths, the OpenAPI document, and the successors of deprecated operations."""

from datetime import date
from typing import Annotated, Any

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.policies.base import Off
from signette.declarative.policies.deprecated import Deprecated
from signette.declarative.policies.successor import _order
from signette.declarative.routing.resource_methods import get
from signette.declarative.routing.resources import Resource
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.markers import Path
from signette.responses.plain import PlainTextResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.websockets import WebSocket
from tests.asgi import connect, fetch

pytestmark = pytest.mark.either_loop

OLD = date(2026, 1, 1)


def orders() -> Router:
    router = Router(prefix="/orders")

    @router.get("/{order_id}")
    async def read(order_id: str) -> str:
        return order_id

    return router


def deprecated_first(*versions: str) -> App:
    """An application with these versions, of which the first one is deprecated."""
    app = App()
    for version in versions:
        app.include_router(
            orders(), version=version, policies=[Deprecated(OLD) if version == versions[0] else Off(Deprecated)]
        )
    return app


async def link_of(app: Any, request: str) -> str | None:
    found: str | None = (await fetch(app, request)).headers.get("link")
    return found


# -- paths -------------------------------------------------------------------------------------------------------------


async def test_the_version_is_before_the_prefix() -> None:
    router = Router(prefix="/orders", version="v1")
    router.get("/count")(lambda: 3)
    app, outer = App(), Router(prefix="/api")
    outer.include_router(router)
    app.include_router(router)
    app.include_router(outer)
    for path in ("/v1/orders/count", "/api/v1/orders/count"):
        assert (await fetch(app, f"GET {path}")).text == "3"
    assert (await fetch(app, "GET /orders/count")).status == 404
    assert router.prefix == "/v1/orders"


async def test_a_route_that_is_added_later_has_the_version() -> None:
    app, router = App(), Router()
    app.include_router(router, version="2026-01-01")
    router.get("/late")(lambda: 1)
    assert (await fetch(app, "GET /2026-01-01/late")).text == "1"


async def test_plain_routes_mounts_and_sockets_have_the_version() -> None:
    async def accepted(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    async def plain(request: Any) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    router = Router([Route("/plain", plain), Mount("/sub", routes=[Route("/in", plain)])])
    router.websocket("/socket")(accepted)
    app = App()
    app.include_router(router, version="v3")
    for path in ("/v3/plain", "/v3/sub/in"):
        assert (await fetch(app, f"GET {path}")).text == path
    assert (await connect(app, "/v3/socket")).types[0] == "websocket.accept"


async def test_a_resource_has_a_version() -> None:
    class Orders(Resource, prefix="/orders", version="v1"):
        @get("/")
        async def count(self) -> int:
            return 1

    app = App()
    app.include(Orders)
    assert (await fetch(app, "GET /v1/orders/")).text == "1"


def test_the_document_and_explain_name_the_version() -> None:
    app = deprecated_first("v1", "v2")
    paths = app.openapi()["paths"]
    found = {path: (item["get"]["x-api-version"], item["get"].get("deprecated")) for path, item in paths.items()}
    assert found == {"/v1/orders/{order_id}": ("v1", True), "/v2/orders/{order_id}": ("v2", None)}
    assert "Link" in paths["/v1/orders/{order_id}"]["get"]["responses"]["200"]["headers"]
    plain = App()
    plain.include_router(orders(), prefix="/v1")
    assert "x-api-version" not in plain.openapi()["paths"]["/v1/orders/{order_id}"]["get"]
    assert "version='v1'" in "".join(app.explain("GET /v1/orders/{order_id}").split(" "))


# -- successors --------------------------------------------------------------------------------------------------------


async def test_a_deprecated_operation_links_to_the_next_version() -> None:
    app = deprecated_first("v2", "v1", "v10", "v3")
    assert await link_of(app, "GET /v2/orders/7") == '</v3/orders/7>; rel="successor-version"'
    assert await link_of(app, "GET /v3/orders/7") is None
    assert await link_of(app, "GET /v1/orders/7") is None


async def test_a_deprecated_version_is_no_successor() -> None:
    app = App()
    app.include_router(orders(), version="v1", deprecated=OLD)
    app.include_router(orders(), version="v2", deprecated=True)
    app.include_router(orders(), version="v3")
    assert await link_of(app, "GET /v1/orders/7") == '</v3/orders/7>; rel="successor-version"'


async def test_errors_have_the_link_and_an_own_successor_is_kept() -> None:
    app, router = App(), Router(prefix="/orders")
    router.get("/{number}")(lambda number: number)
    count = Annotated[int, Path()]

    async def read(n: count) -> int:
        return n

    router.get("/n/{n}")(read)
    app.include_router(router, version="v1", policies=[Deprecated(OLD)])
    app.include_router(router, version="v2", policies=[Deprecated(OLD, successor="/elsewhere")])
    app.include_router(router, version="v3")
    found = await fetch(app, "GET /v1/orders/n/x")
    assert (found.status, found.headers["link"]) == (422, '</v3/orders/n/x>; rel="successor-version"')
    assert await link_of(app, "GET /v2/orders/7") == '</elsewhere>; rel="successor-version"'


@pytest.mark.parametrize(
    ("sent", "linked"),
    [
        ("a%2Fb", "a%2Fb"),
        ("%C3%A9", "%C3%A9"),
        ("a%20b", "a%20b"),
        ("v1", "v1"),
        ("%3E%3B", "%3E;"),
        ("a{b}", "a%7Bb%7D"),
    ],
)
async def test_the_link_has_the_path_that_was_sent(sent: str, linked: str) -> None:
    app = deprecated_first("v1", "v2")
    link = await link_of(app, f"GET /v1/orders/{sent}?page=2")
    assert link in (f'</v2/orders/{linked}>; rel="successor-version"', None)
    assert (link is None) == ("{" in sent)


async def test_the_root_path_is_before_the_link() -> None:
    inner = deprecated_first("v1", "v2")
    app = App(routes=[Mount("/api", inner)])
    assert await link_of(app, "GET /api/v1/orders/7") == '</api/v2/orders/7>; rel="successor-version"'


async def test_a_mounted_router_has_no_successor_from_outside() -> None:
    mounted, app = Router(), App()
    mounted.include_router(orders(), version="v1", deprecated=OLD)
    app.include_router(orders(), version="v2")
    app.mount("/m", mounted)
    assert await link_of(app, "GET /m/v1/orders/7") is None


async def test_other_methods_paths_and_kinds_are_no_successors() -> None:
    app, new = App(), Router(prefix="/orders")
    new.post("/{order_id}")(lambda order_id: order_id)
    new.get("/{order_id}/lines")(lambda order_id: order_id)
    new.get("/fixed")(lambda: 1)

    async def socket(socket: WebSocket) -> None: ...

    new.websocket("/{order_id}")(socket)
    app.include_router(orders(), version="v1", deprecated=OLD)
    app.include_router(new, version="v2")
    assert await link_of(app, "GET /v1/orders/7") is None


async def test_a_parameter_with_slashes_before_the_version_has_no_link() -> None:
    app = App()
    app.include_router(orders(), prefix="/{tenant:path}", version=None, deprecated=OLD)  # type: ignore[arg-type]
    outer = Router(prefix="/{tenant:path}")
    for version, policies in (("v1", [Deprecated(OLD)]), ("v2", [])):
        outer.include_router(orders(), version=version, policies=policies)
    app = App()
    app.include_router(outer)
    assert await link_of(app, "GET /a/v1/orders/7") == '</a/v2/orders/7>; rel="successor-version"'
    assert await link_of(app, "GET /a/b/v1/orders/7") is None


async def test_a_pickled_application_finds_successors() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(deprecated_first("v1", "v2")))
    assert await link_of(app, "GET /v1/orders/7") == '</v2/orders/7>; rel="successor-version"'


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), unique=True))
def test_versions_are_ordered_by_their_numbers(pairs: list[tuple[int, int]]) -> None:
    versions = [f"v{major}.{minor}" for major, minor in sorted(pairs)]
    assert sorted(versions, key=_order) == versions


# -- what is rejected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["", "/v1", "v1/", "a b", "{v}", "é", 1, True, ".", ".."])
def test_a_version_is_one_segment(version: Any) -> None:
    for declare in (lambda: Router(version=version), lambda: App().include_router(Router(), version=version)):
        with pytest.raises(SignatureError, match="version="):
            declare()


def test_two_versions_are_rejected() -> None:
    versioned = Router(version="v1")
    versioned.get("/x")(lambda: 1)
    for outer in (Router(version="v2"), Router()):
        with pytest.raises(SignatureError, match="below the version"):
            outer.include_router(versioned, **({} if outer.prefix else {"version": "v2"}))
    late, router = Router(version="v2"), Router(version="v1")
    late.include_router(router)
    with pytest.raises(SignatureError, match="below the version"):
        router.get("/x")(lambda: 1)


def test_routes_and_sockets_have_no_version() -> None:
    app = App()
    options: Any = {"version": "v1"}

    async def socket(socket: WebSocket) -> None: ...

    for declare in (
        lambda: app.get("/x", **options)(lambda: 1),
        lambda: app.websocket("/s", **options)(socket),
        lambda: TypedRoute("/x", lambda: 1, **options),
    ):
        with pytest.raises(SignatureError, match="option of routers"):
            declare()
