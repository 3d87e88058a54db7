"""Path parameters of prefixes and mounts: judged where the whole path is known."""

import copy
import pickle
from collections.abc import Callable
from typing import Annotated, Any

import cloudpickle
import pytest
from pydantic import AliasChoices, AliasPath, Field

from signette import App, Depends, Path, Query, Router, WebSocket, explain
from signette.convertors import Convertor, register_url_convertor
from signette.declarative.errors.base import SignatureError
from signette.declarative.routing.routes import TypedRoute
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.routing import Host, Mount
from signette.testclient import TestClient

UserId = Annotated[int, Path(ge=1)]
Include = Callable[[App, Router], None]


async def marked(user_id: UserId) -> int:
    return user_id


async def by_default(user_id: int = Path(ge=1)) -> int:
    return user_id


def user_of(user_id: UserId) -> int:
    return user_id


async def dependent(user: Annotated[int, Depends(user_of)]) -> int:
    return user


def user_twice(user: Annotated[int, Depends(user_of)], user_id: UserId) -> int:
    return (user + user_id) // 2


async def deeply_dependent(user: Annotated[int, Depends(user_twice)]) -> int:
    return user


ENDPOINTS = [marked, by_default, dependent, deeply_dependent]


def directly(app: App, router: Router) -> None:
    app.include_router(router, prefix="/users/{user_id}")


def two_deep(app: App, router: Router) -> None:
    outer = Router(prefix="/v1")
    outer.include_router(router, prefix="/users/{user_id}")
    app.include_router(outer)


def outermost(app: App, router: Router) -> None:
    inner, outer = Router(prefix="/b"), Router(prefix="/a")
    inner.include_router(router)
    outer.include_router(inner)
    app.include_router(outer, prefix="/{user_id}")


def in_a_router_with_the_prefix(app: App, router: Router) -> None:
    outer = Router(prefix="/users/{user_id:int}")
    outer.include_router(router)
    app.include_router(outer)


def mounted(app: App, router: Router) -> None:
    app.mount("/users/{user_id}", router)


def mounted_with_convertor(app: App, router: Router) -> None:
    app.mount("/users/{user_id:int}", router)


def mounted_twice_deep(app: App, router: Router) -> None:
    outer = Router()
    outer.mount("/x/{other}", router)
    app.mount("/users/{user_id}", outer)


def mounted_in_an_included_router(app: App, router: Router) -> None:
    outer = Router()
    outer.mount("/x", router)
    app.include_router(outer, prefix="/users/{user_id}")


def included_in_a_mounted_router(app: App, router: Router) -> None:
    outer = Router()
    outer.include_router(router, prefix="/x")
    app.mount("/users/{user_id}", outer)


PLACES: dict[Include, str] = {
    directly: "/users/3/items",
    two_deep: "/v1/users/3/items",
    outermost: "/3/a/b/items",
    in_a_router_with_the_prefix: "/users/3/items",
    mounted: "/users/3/items",
    mounted_with_convertor: "/users/3/items",
    mounted_twice_deep: "/users/3/x/4/items",
    mounted_in_an_included_router: "/users/3/x/items",
    included_in_a_mounted_router: "/users/3/x/items",
}
everywhere = pytest.mark.parametrize("include", PLACES, ids=lambda each: each.__name__)


@everywhere
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("included_first", [False, True])
def test_a_path_parameter_of_an_outer_path_is_read(
    include: Include, endpoint: Callable[..., Any], included_first: bool
) -> None:
    app, router = App(), Router()
    if included_first:
        include(app, router)
    router.get("/items")(endpoint)
    if not included_first:
        include(app, router)
    with TestClient(app) as client:
        target = PLACES[include]
        assert client.get(target).json() == 3
        rejected = client.get(target.replace("3", "0"))
        assert (rejected.status_code, rejected.json()["errors"][0]["in"]) == (422, "path")
        assert rejected.json()["errors"][0]["name"] == "user_id"


@everywhere
def test_a_dependency_of_the_router_reads_it(include: Include) -> None:
    app, seen = App(), []

    def guard(user_id: UserId) -> None:
        seen.append(user_id)

    router = Router(dependencies=[Depends(guard)])

    @router.get("/items")
    async def items() -> str:
        return "typed"

    async def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse("plain")

    router.add_route("/plain", plain)
    include(app, router)
    client = TestClient(app)
    assert client.get(PLACES[include]).text == "typed"
    assert client.get(PLACES[include].replace("items", "plain")).text == "plain"
    assert seen == [3, 3]


@everywhere
def test_a_websocket_reads_it(include: Include) -> None:
    app, router = App(), Router()

    @router.websocket("/items")
    async def talk(websocket: WebSocket, user_id: UserId) -> None:
        await websocket.accept()
        await websocket.send_json(user_id)
        await websocket.close()

    include(app, router)
    with TestClient(app).websocket_connect(PLACES[include]) as socket:
        assert socket.receive_json() == 3


@everywhere
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda app: pickle.loads(cloudpickle.dumps(app))])
def test_an_application_can_be_copied_before_and_after_its_start(
    include: Include, copied: Callable[[App], App]
) -> None:
    app, router = App(), Router()
    router.get("/items")(marked)
    include(app, router)
    before = copied(app)
    assert TestClient(app).get(PLACES[include]).json() == 3
    for again in (before, copied(app), copied(before)):
        assert TestClient(again).get(PLACES[include]).json() == 3


def test_an_included_route_is_documented_with_it() -> None:
    app, router = App(), Router()
    router.get("/items")(dependent)
    app.include_router(router, prefix="/users/{user_id}")
    (parameter,) = app.openapi()["paths"]["/users/{user_id}/items"]["get"]["parameters"]
    assert (parameter["in"], parameter["name"], parameter["required"]) == ("path", "user_id", True)
    assert 'path "user_id"' in explain(app, "GET /users/3/items")


@pytest.mark.parametrize("start", [lambda app: explain(app, "GET /users/{user_id}/items"), lambda app: app.openapi()])
def test_a_mounted_route_is_explained_before_the_start(start: Callable[[App], Any]) -> None:
    app, router = App(), Router()
    router.get("/items")(marked)
    app.mount("/users/{user_id}", router)
    start(app)


# -- one function in several places ------------------------------------------------------------------------------------


def test_a_default_counts_where_the_path_has_no_such_parameter() -> None:
    app, router = App(), Router()

    @router.get("/items")
    async def items(user_id: str | None = None) -> list[str | None]:
        return [user_id]

    app.include_router(router)
    app.include_router(router, prefix="/users/{user_id}")
    client = TestClient(app)
    assert client.get("/items").json() == [None]
    assert client.get("/items?user_id=a").json() == ["a"]
    assert client.get("/users/b/items").json() == ["b"]
    assert client.get("/users/b/items?user_id=a").json() == ["b"]
    documented = app.openapi()["paths"]
    (query,), (path,) = (documented[each]["get"]["parameters"] for each in ("/items", "/users/{user_id}/items"))
    assert (query["in"], query.get("required", False)) == ("query", False)
    assert (path["in"], path["required"], "default" in path["schema"]) == ("path", True, False)


@pytest.mark.parametrize(
    "kind",
    [str, Annotated[str, Field(description="the kind")], str | None],
    ids=["text", "field", "optional"],
)
def test_a_function_under_two_routes_may_have_a_default(kind: Any) -> None:
    app = App()

    @app.get("/items")
    @app.get("/items/{kind}")
    async def items(kind: kind = "all") -> str:  # type: ignore[valid-type]
        return str(kind)

    client = TestClient(app)
    assert client.get("/items").text == "all"
    assert client.get("/items?kind=a").text == "a"
    assert client.get("/items/b?kind=a").text == "b"


def test_a_default_factory_of_a_field_counts_in_the_query_only() -> None:
    app = App()

    @app.get("/items")
    @app.get("/items/{kind}")
    async def items(kind: Annotated[str, Field(default_factory=lambda: "made")]) -> str:
        return kind

    client = TestClient(app)
    assert [client.get(each).text for each in ("/items", "/items/b")] == ["made", "b"]


def test_a_dependency_is_used_with_a_path_parameter_and_without() -> None:
    app = App()

    def size(width: int | None = None, height: int = 9) -> list[int | None]:
        return [width, height]

    @app.get("/img")
    @app.get("/img/{width}")
    @app.get("/img/{width}x{height}")
    async def image(size: Annotated[list[int | None], Depends(size)]) -> list[int | None]:
        return size

    client = TestClient(app)
    assert client.get("/img").json() == [None, 9]
    assert client.get("/img?width=3").json() == [3, 9]
    assert client.get("/img/4?height=5").json() == [4, 5]
    assert client.get("/img/4x6?height=5").json() == [4, 6]
    assert client.get("/img/x").status_code == 422


def test_a_path_parameter_alone_may_have_a_default() -> None:
    app = App()

    @app.get("/items/{kind}")
    async def items(kind: str = "all") -> str:
        return kind

    assert TestClient(app).get("/items/b").text == "b"


def with_choices(*extra: Any, **options: Any) -> Any:
    return Path(validation_alias=AliasChoices("item_id", "id", *extra), **options)


@pytest.mark.parametrize("marker", [with_choices(), with_choices(AliasPath("deep", 0))], ids=["names", "with_path"])
def test_each_prefix_may_have_another_alias(marker: Any) -> None:
    app, router = App(), Router()

    @router.get("/x")
    async def x(item: Annotated[int, marker]) -> int:
        return item

    for prefix in ("/a/{item_id}", "/b/{id}", "/c/{item}"):
        app.include_router(router, prefix=prefix)
    client = TestClient(app)
    assert [client.get(f"/{each}/3/x").json() for each in "abc"] == [3, 3, 3]
    documented = app.openapi()["paths"]
    names = [operation["get"]["parameters"][0]["name"] for operation in documented.values()]
    assert names == ["item_id", "id", "item"]


def test_an_alias_counts_where_no_choice_is_in_the_path() -> None:
    app = App()

    @app.get("/a/{wire}")
    @app.get("/b/{id}")
    async def x(item: Annotated[int, with_choices(alias="wire")]) -> int:
        return item

    client = TestClient(app)
    assert [client.get(each).json() for each in ("/a/3", "/b/4")] == [3, 4]


# -- mounts ------------------------------------------------------------------------------------------------------------


class Reversed(Convertor[str]):
    regex = "[a-z]+"

    def convert(self, value: str) -> Any:
        return tuple(reversed(value))

    def to_string(self, value: Any) -> str:
        return "".join(reversed(value))


def test_the_text_of_a_mount_is_read_not_what_its_convertor_made() -> None:
    register_url_convertor("reversed", Reversed())
    app, router = App(), Router()

    @router.get("/x")
    async def x(word: Annotated[str, Path()]) -> str:
        return word

    app.mount("/{word:reversed}", router)
    assert TestClient(app).get("/abc/x").text == "abc"


def test_its_own_path_goes_before_that_of_a_mount() -> None:
    app, router = App(), Router()

    @router.get("/{user_id}/{item}")
    async def x(user_id: UserId, item: int, tenant: Annotated[str, Path()]) -> list[Any]:
        return [user_id, item, tenant]

    app.mount("/{tenant}/{user_id}", router)
    assert TestClient(app).get("/t/3/4/5").json() == [4, 5, "t"]


def test_a_host_gives_path_parameters_as_a_mount_does() -> None:
    app, router = App(), Router()

    @router.get("/x")
    async def x(tenant: Annotated[str, Path()]) -> str:
        return tenant

    app.host("{tenant}.example.org", router)
    assert TestClient(app, base_url="http://a.example.org").get("/x").text == "a"


@pytest.mark.parametrize("nested", [Mount, Host])
def test_a_router_in_a_list_of_routes_is_judged_at_the_start(nested: Any) -> None:
    async def x(tenant: Annotated[str, Path()]) -> str:
        return tenant

    at = {Mount: "/{tenant}", Host: "{tenant}.example.org"}[nested]
    app = App(routes=[nested(at, app=Router(routes=[TypedRoute("/x", x)]))])
    target = {Mount: "/a/x", Host: "/x"}[nested]
    assert TestClient(app, base_url="http://a.example.org").get(target).text == "a"


def test_a_router_may_be_mounted_twice() -> None:
    app, router = App(), Router()
    router.get("/items")(marked)
    app.mount("/a/{user_id}", router)
    app.mount("/b/{other}/{user_id}", router)
    client = TestClient(app)
    assert [client.get(each).json() for each in ("/a/3/items", "/b/x/4/items")] == [3, 4]


def test_a_mounted_parameter_without_a_marker_is_a_query_parameter() -> None:
    app, router = App(), Router()

    @router.get("/x")
    async def x(user_id: int) -> int:
        return user_id

    app.mount("/{user_id}", router)
    assert TestClient(app).get("/3/x?user_id=4").json() == 4


def test_overrides_read_it_too() -> None:
    app, router = App(), Router()
    router.get("/items")(dependent)
    app.mount("/{user_id}", router)

    def other(user_id: UserId) -> int:
        return -user_id

    app.dependency_overrides[user_of] = other
    assert TestClient(app).get("/3/items").json() == -3


# -- errors ------------------------------------------------------------------------------------------------------------

NOT_IN_PATH = "`user_id` is marked `Path()`, but `/items` has no `{user_id}`"


def test_a_route_of_an_application_is_rejected_at_once() -> None:
    with pytest.raises(SignatureError) as raised:
        App().get("/items")(marked)
    assert raised.value.problem == NOT_IN_PATH


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("included_first", [False, True])
def test_an_application_rejects_it_when_it_gets_the_route(deep: bool, included_first: bool) -> None:
    app, router, outer = App(), Router(), Router()
    outer.include_router(router)
    included = outer if deep else router

    def declare() -> None:
        if included_first:
            app.include_router(included)
        router.get("/items")(marked)
        if not included_first:
            app.include_router(included)

    with pytest.raises(SignatureError) as raised:
        declare()
    assert raised.value.problem == NOT_IN_PATH
    assert raised.value.hint == "add `{user_id}` to the path, or remove `Path()`"


def test_the_dependency_of_a_plain_route_is_rejected_when_the_application_gets_it() -> None:
    router = Router(dependencies=[Depends(user_of)])
    router.add_route("/items", PlainTextResponse("plain"))
    with pytest.raises(SignatureError) as raised:
        App().include_router(router)
    assert raised.value.problem == NOT_IN_PATH


@pytest.mark.parametrize("path", ["/x", "/x/{other}", "/{users_id}"])
def test_a_mount_without_it_is_rejected_at_the_start(path: str) -> None:
    app, router = App(), Router()
    router.get("/items")(marked)
    app.mount(path, router)
    with pytest.raises(SignatureError) as raised, TestClient(app):
        pass
    assert "is marked `Path()`" in raised.value.problem


def test_one_of_two_mounts_without_it_is_rejected_at_the_start() -> None:
    app, router = App(), Router()
    router.get("/items")(marked)
    app.mount("/a/{user_id}", router)
    app.mount("/b", router)
    with pytest.raises(SignatureError) as raised, TestClient(app):
        pass
    assert raised.value.problem == NOT_IN_PATH


def test_a_webhook_and_a_callback_are_rejected() -> None:
    app, router = App(), Router()
    with pytest.raises(SignatureError):
        app.webhooks.post("sold")(marked)
    with pytest.raises(SignatureError):
        router.post("{$request.body#/url}/sold")(marked)
    router.post("/sold")(marked)
    app.get("/", callbacks=router.routes)(lambda: None)
    with pytest.raises(SignatureError), TestClient(app):
        pass


def test_another_error_of_the_same_signature_is_raised_at_once() -> None:
    async def broken(user_id: UserId, day: int = "monday") -> None: ...  # type: ignore[assignment]

    with pytest.raises(SignatureError) as raised:
        Router().get("/items")(broken)
    assert "day" in raised.value.problem


def test_a_marked_path_parameter_cannot_have_a_default() -> None:
    async def first(user_id: UserId = 1) -> None: ...
    async def second(user_id: int = Path(1)) -> None: ...
    async def third(user_id: Annotated[int, Path(default_factory=lambda: 1)]) -> None: ...

    for endpoint in (first, second, third):
        for router in (App(), Router()):
            with pytest.raises(SignatureError) as raised:
                router.get("/{user_id}")(endpoint)
            assert raised.value.problem == "the path parameter `user_id` cannot have a default"
        with pytest.raises(SignatureError):
            Router().get("/items")(endpoint)


def test_a_query_marker_is_no_path_parameter() -> None:
    app, router = App(), Router()

    @router.get("/x")
    async def x(user_id: Annotated[str, Query()] = "q", own: str = Path()) -> list[str]:
        return [user_id, own]

    app.include_router(router, prefix="/{own}")
    assert TestClient(app).get("/o/x").json() == ["q", "o"]
