"""Class-based views: `@cbv(router)` on classes whose methods are endpoints."""

import functools
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel

from signette import App, Depends, Header, HTTPException, Path, Query, Request, Router, WebSocket
from signette.cbv import cbv
from signette.declarative.errors.base import SignatureError
from signette.testclient import TestClient
from tests.declarative import string_views


class Item(BaseModel):
    name: str


LOG: list[str] = []


def session() -> Iterator[str]:
    LOG.append("open")
    try:
        yield "session"
    finally:
        LOG.append("close")


def user(authorization: Annotated[str, Header()]) -> str:
    if authorization == "nobody":
        raise HTTPException(401)
    return authorization


def client_of(router: Router, **options: Any) -> TestClient:
    app = App(**options)
    app.include_router(router, prefix="/v1")
    return TestClient(app)


def items() -> Router:
    """The program of the documentation of the packages that people use for it."""
    router = Router(tags=["items"])

    @cbv(router)
    class ItemViews:
        session: str = Depends(session)
        user: Annotated[str, Depends(user)]
        size: int = Query(10, le=100)

        @router.post("/items")
        def create_item(self, item: Item, q: int = 1) -> dict[str, Any]:
            return {"item": item.name, "q": q, **self.shared()}

        @router.get("/items/{item_id}")
        async def read_item(self, item_id: Annotated[int, Path(ge=1)]) -> dict[str, Any]:
            return {"id": item_id, **self.shared()}

        def shared(self) -> dict[str, Any]:
            return {"by": self.user, "session": self.session, "size": self.size}

    return router


def test_methods_share_the_attributes_of_their_class() -> None:
    LOG.clear()
    client = client_of(items())
    ann = {"authorization": "ann"}
    shared = {"by": "ann", "session": "session", "size": 10}
    assert client.post("/v1/items", json={"name": "a"}, headers=ann).json() == {"item": "a", "q": 1, **shared}
    assert client.get("/v1/items/3?size=4", headers=ann).json() == {"id": 3, **shared, "size": 4}
    assert client.get("/v1/items/3", headers={"authorization": "nobody"}).status_code == 401
    invalid = client.get("/v1/items/0?size=101")
    places = [(error["in"], error.get("name")) for error in invalid.json()["errors"]]
    assert sorted(places) == [("header", "authorization"), ("path", "item_id"), ("query", "size")]
    assert "close" in LOG
    assert ["open", "close"] * (len(LOG) // 2) == LOG


def test_the_document_has_the_parameters_of_attribute_and_method() -> None:
    app = App()
    app.include_router(items())
    operation = app.openapi()["paths"]["/items/{item_id}"]["get"]
    assert sorted(each["name"] for each in operation["parameters"]) == ["authorization", "item_id", "size"]
    assert (operation["operationId"], operation["tags"]) == ("read_item", ["items"])
    assert "self" not in str(operation)


def test_each_request_has_its_own_instance_which_its_dependencies_share() -> None:
    app, made = App(), []

    @cbv(app)
    class Views:
        count: int = 0

        def __init__(self) -> None:
            made.append(self)

        @app.get("/")
        async def read(self) -> int:
            self.count += 1
            return self.count

    client = TestClient(app)
    assert [client.get("/").json(), client.get("/?count=4").json()] == [1, 5]
    assert len(made) == 2
    assert Views.count == 0


def test_parameters_of_init_are_those_of_a_dependency_and_attributes_are_there_before() -> None:
    router = Router()

    @cbv(router)
    class Views:
        factor: int = 3

        def __init__(self, request: Request, page: int = 1, *args: object, **others: object) -> None:
            self.path, self.start = request.url.path, page * self.factor

        @router.get("/")
        def read(self) -> dict[str, Any]:
            return {"path": self.path, "start": self.start}

    client = client_of(router)
    assert client.get("/v1/?page=2&factor=5").json() == {"path": "/v1/", "start": 10}
    assert client.get("/v1/?page=x").status_code == 422


def test_class_variables_and_private_attributes_are_no_parameters() -> None:
    app = App()

    @cbv(app)
    class Views:
        kind: ClassVar[str] = "views"
        plain = "plain"
        _cache: dict[str, int] = {}
        _hidden: str = Depends(lambda: "hidden")

        @app.get("/")
        def read(self) -> list[str]:
            return [self.kind, self.plain, self._hidden, *self._cache]

    assert TestClient(app).get("/").json() == ["views", "plain", "hidden"]
    assert "parameters" not in app.openapi()["paths"]["/"]["get"]


def test_attributes_of_base_classes_count() -> None:
    router = Router()

    class Base:
        user: str = Depends(user)

        def greeting(self) -> str:
            return f"hello {self.user}"

    @cbv(router)
    class Views(Base):
        @router.get("/")
        def read(self) -> str:
            return self.greeting()

    assert client_of(router).get("/v1/", headers={"authorization": "ann"}).text == "hello ann"


def test_annotations_may_be_strings() -> None:
    client = client_of(string_views.router)
    assert client.get("/v1/items/3").json() == {"id": 3, "store": "store"}


def test_a_method_may_have_several_routes_and_decorators() -> None:
    router = Router()

    def logged(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            LOG.append(function.__name__)
            return function(*args, **kwargs)

        return wrapper

    @cbv(router)
    class Views:
        size: int = 1

        @router.get("/b")
        @router.get("/a", status_code=201)
        @logged
        def read(self) -> int:
            return self.size

    @router.get("/c")
    def after() -> None: ...

    assert [route.path for route in router.routes] == ["/a", "/b", "/c"]
    client = client_of(router)
    LOG.clear()
    assert [client.get(f"/v1/{path}").status_code for path in "ab"] == [201, 200]
    assert LOG == ["read", "read"]


def test_sockets_have_them_too() -> None:
    app = App()

    @cbv(app)
    class Views:
        name: str = "nobody"

        @app.websocket("/talk")
        async def talk(self, socket: WebSocket) -> None:
            await socket.accept()
            await socket.send_text(self.name)
            await socket.close()

    with TestClient(app).websocket_connect("/talk?name=ann") as session:
        assert session.receive_text() == "ann"


def test_dependencies_of_attributes_are_overridden_as_all_others() -> None:
    router = items()
    app = App()
    app.include_router(router)
    app.dependency_overrides[user] = lambda: "root"
    assert TestClient(app).get("/items/3").json()["by"] == "root"


def test_static_methods_need_no_instance() -> None:
    app = App()

    @cbv(app)
    class Views:
        @staticmethod
        @app.get("/")
        def read(q: int = 1) -> int:
            return q

    assert TestClient(app).get("/?q=3").json() == 3


UNDECORATED = """\
  problem: the endpoint is a method without an instance, so `self` cannot be filled
  hint: decorate its class with `@cbv(router)` of `signette.cbv`, or use a method of an instance, \
`app.get('/path')(instance.method)`"""


def test_a_class_that_is_not_decorated_is_rejected_where_its_router_is_included() -> None:
    router = Router()

    class Views:
        @router.get("/")
        def read(self) -> None: ...

    with pytest.raises(SignatureError) as caught:
        App().include_router(router)
    location, _, rest = str(caught.value).partition("\n")
    assert location.startswith(f"{__name__}.")
    assert ".Views.read (declarative/test_class_views.py:" in location
    assert rest == UNDECORATED
    assert Views


def test_or_when_the_application_starts() -> None:
    app, mounted = App(), App()
    app.mount("/in", mounted)

    class Views:
        @mounted.get("/")
        def read(self) -> None: ...

    with pytest.raises(SignatureError) as caught:
        TestClient(mounted).get("/")
    assert str(caught.value).endswith(UNDECORATED)
    with pytest.raises(SignatureError) as caught:
        TestClient(app).get("/in/")
    assert str(caught.value).endswith(UNDECORATED)
    assert Views


def test_also_of_a_router_that_is_mounted_or_included_before() -> None:
    for connect in (lambda app, inner: app.mount("/in", inner), lambda app, inner: app.include_router(inner)):
        app, inner = App(), Router()
        connect(app, inner)

        class Views:
            @inner.get("/")
            def read(self) -> None: ...

        with pytest.raises(SignatureError, match="decorate its class"):
            TestClient(app).get("/in/")
        cbv(inner)(Views)
        app.middleware_stack = None
        assert TestClient(app).get("/nowhere").status_code == 404


def test_another_router_leaves_the_methods_waiting() -> None:
    router = Router()

    @cbv(Router())
    class Views:
        @router.get("/")
        def read(self) -> None: ...

    assert list(router.routes) == []
    with pytest.raises(SignatureError, match="decorate its class"):
        App().include_router(router)
    assert cbv(router)(Views) is Views
    assert [route.path for route in router.routes] == ["/"]


def test_a_method_of_a_class_that_is_there_is_rejected_at_once() -> None:
    class Views:
        def read(self) -> None: ...

    with pytest.raises(SignatureError, match="method without an instance"):
        App().get("/")(Views.read)

    def self_alone(self) -> None: ...  # type: ignore[no-untyped-def]  # no annotation is the matter

    with pytest.raises(SignatureError, match="method without an instance"):
        App().get("/")(self_alone)


def test_errors_in_attributes_and_methods_are_raised_where_the_class_is_decorated() -> None:
    router = Router()
    with pytest.raises(SignatureError) as caught:

        @cbv(router)
        class Views:
            size: int = "many"  # type: ignore[assignment]

            @router.get("/")
            def read(self) -> None: ...

    assert ".Views (declarative/test_class_views.py:" in str(caught.value)
    assert "default 'many'" in str(caught.value).replace("`", "")


@pytest.mark.parametrize("other", [None, dict, {}, lambda: None])
def test_what_is_no_router_is_rejected(other: Any) -> None:
    with pytest.raises(TypeError, match=r"`cbv` takes a `Router` or an `App`, not .*; write `@cbv\(router\)`"):
        cbv(other)


def test_what_is_no_class_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"`@cbv\(router\)` decorates a class, not "):
        cbv(Router())(lambda: None)  # type: ignore[type-var]
