"""Resources: classes whose methods are operations."""

import functools
import pickle
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import cloudpickle
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from signette import App, Body, Depends, Header, HTTPException, Patch, Query, Request, Response, Router, WebSocket
from signette.declarative.errors.base import SignatureError
from signette.middleware.registry import Middleware
from signette.policies import Off, RateLimit
from signette.resources import (
    Resource,
    api_route,
    delete,
    get,
    head,
    options,
    patch,
    post,
    put,
    query,
    trace,
    websocket,
)
from signette.responses.plain import PlainTextResponse
from signette.testclient import TestClient
from tests.asgi import JSON, connect, fetch
from tests.declarative import string_resources

T = TypeVar("T", bound=BaseModel)
K = TypeVar("K")


class User(BaseModel):
    name: str
    age: int = 0


class Tag(BaseModel):
    label: str


LOG: list[str] = []


@pytest.fixture(autouse=True)
def _empty_log() -> None:
    LOG.clear()


async def session() -> AsyncIterator[str]:
    LOG.append("open")
    yield "session"
    LOG.append("close")


def user(x_user: Annotated[str, Header()]) -> str:
    return x_user


class Users(Resource, prefix="/users"):
    """The users of a session."""

    session: str = Depends(session)
    size: int = Query(10, le=100)
    kind = "users"
    table: str = "t_users"

    def __init__(self, name: Annotated[str, Depends(user)], verbose: bool = False) -> None:
        self.name, self.verbose = name, verbose

    @get("/{number:int}")
    async def read(self, number: int) -> list[Any]:
        """Read a user."""
        return [number, *self._own()]

    @post(status_code=201)
    def create(self, item: User) -> User:
        return item

    @get()
    @get("/all", deprecated=True)
    async def listed(self) -> int:
        return self.size

    @get("/count/{n}")
    @staticmethod
    def count(n: int) -> int:
        return n

    @get("/kind")
    @classmethod
    async def which(cls, q: str = "") -> str:
        return cls.kind + q

    @websocket("/talk/{n}")
    async def talk(self, socket: WebSocket, n: int) -> None:
        await socket.accept()
        await socket.send_text(f"{self.name} {n}")
        await socket.close()

    def _own(self) -> list[Any]:
        return [self.name, self.session, self.size, self.verbose]

    @property
    def table_name(self) -> str:
        return self.table


ANN = {"x-user": "ann"}


def of(resource: Any, **included: Any) -> App:
    app = App()
    app.include(resource, **included)
    return app


async def test_methods_are_operations() -> None:
    app = of(Users, prefix="/v1")
    read = await fetch(app, "GET /v1/users/3?size=4&verbose=true", headers=ANN)
    assert read.json == [3, "ann", "session", 4, True]
    assert LOG == ["open", "close"]
    created = await fetch(app, "POST /v1/users", b'{"name": "bob"}', headers={**ANN, **JSON})
    assert (created.status, created.json) == (201, {"name": "bob", "age": 0})
    for path, expected in {"": b"10", "/all": b"10", "/count/3": b"3", "/kind?q=1": b"users1"}.items():
        assert (await fetch(app, f"GET /v1/users{path}", headers=ANN)).body == expected
    assert (await fetch(app, "HEAD /v1/users", headers=ANN)).status == 200
    assert (await connect(app, "/v1/users/talk/3", headers=[(b"x-user", b"ann")])).messages[1]["text"] == "ann 3"


async def test_all_invalid_values_are_in_one_response() -> None:
    found = await fetch(of(Users), "GET /users/0?size=101&verbose=so&table=x")
    assert sorted(found.errors) == [
        ("header", "x-user", "missing"),
        ("query", "size", "less_than_equal"),
        ("query", "verbose", "bool_parsing"),
    ]


def test_names_operation_ids_tags_and_summaries() -> None:
    app = of(Users, prefix="/{tenant}")
    assert app.url_path_for("users_read", tenant="a", number=3) == "/a/users/3"
    document = app.openapi()
    OpenAPIV31SpecValidator(document).validate()
    read = document["paths"]["/{tenant}/users/{number}"]["get"]
    assert (read["operationId"], read["tags"], read["summary"]) == ("users_read", ["Users"], "Read")
    assert read["description"] == "Read a user."
    assert [each["name"] for each in read["parameters"]] == ["tenant", "number", "verbose", "size", "x-user"]


def test_the_name_of_the_class_is_in_words() -> None:
    class OrderItemsResource(Resource, prefix="/items"):
        @get(name="mine", summary="My items", operation_id="mine_too", tags=["more"])
        def read(self) -> int:
            return 1

        @get("/next")
        def next_one(self) -> int:
            return 1

    first, second = (each["get"] for each in of(OrderItemsResource).openapi()["paths"].values())
    assert (first["operationId"], first["tags"], first["summary"]) == ("mine_too", ["Order items", "more"], "My items")
    assert (second["operationId"], second["tags"], second["summary"]) == (
        "order_items_next_one", ["Order items"], "Next one",
    )  # fmt: skip


async def test_every_verb_has_a_decorator() -> None:
    class Every(Resource, prefix="/x"):
        @api_route("/two", methods=["GET", "POST"])
        def two(self) -> int:
            return 2

    verbs = {"get": get, "post": post, "put": put, "patch": patch, "delete": delete, "head": head, "query": query,
             "options": options, "trace": trace}  # fmt: skip
    namespace = "class Each(Resource, prefix='/y'):\n"
    for name in verbs:
        namespace += f"    @{name}('/{name}')\n    def of_{name}(self) -> str:\n        return '{name}'\n"
    scope: dict[str, Any] = {**verbs, "Resource": Resource}
    exec(namespace, scope)
    app = of(Every)
    app.include_router(scope["Each"])
    for method in ("GET", "POST"):
        assert (await fetch(app, f"{method} /x/two")).body == b"2"
    for name in verbs:
        response = await fetch(app, f"{name.upper()} /y/{name}")
        assert (response.status, response.body) == (200, name.encode())


async def test_it_is_included_in_routers_several_times() -> None:
    class Counter(Resource, prefix="/counter", scope="app"):
        def __init__(self) -> None:
            LOG.append("made")
            self.n = 0

        @get()
        async def count(self) -> int:
            self.n += 1
            return self.n

    app, outer = App(), Router(prefix="/outer", tags=["outer"])
    outer.include_router(Counter, prefix="/a", tags=["a"])
    app.include(outer, prefix="/v1")
    outer.include(Counter, prefix="/b")
    found = [(await fetch(app, f"GET /v1/outer/{each}/counter")).body for each in "aba"]
    assert (found, LOG) == ([b"1", b"2", b"3"], ["made"])
    (tags, _) = [operation["get"]["tags"] for operation in app.openapi()["paths"].values()]
    assert tags == ["outer", "a", "Counter"]


async def test_an_instance_serves_all_requests() -> None:
    class Hello(Resource, prefix="/hello"):
        def __init__(self, word: str) -> None:
            self.word = word

        @get("/{name}")
        async def say(self, name: str) -> str:
            return f"{self.word} {name}"

        @websocket("/talk")
        async def talk(self, socket: WebSocket) -> None:
            await socket.accept(headers=[(b"x-word", self.word.encode())])
            await socket.close()

    app = App()
    app.include(Hello("hello"), prefix="/en")
    app.include(Hello("hallo"), prefix="/de")
    assert (await fetch(app, "GET /en/hello/ann")).text == "hello ann"
    assert (await fetch(app, "GET /de/hello/ann")).text == "hallo ann"
    assert (await connect(app, "/de/hello/talk")).messages[0]["headers"] == [(b"x-word", b"hallo")]


# -- inheritance -------------------------------------------------------------------------------------------------------


class CrudResource(Resource, Generic[T, K]):
    model: ClassVar[type[Any]]
    log: list[str] = Depends(lambda: LOG)

    def __init__(self, keys: Annotated[list[K], Query()]) -> None:
        self.keys = keys

    @get("/{key}")
    async def read(self, key: K) -> "T":
        return self.model.model_validate({"name": str(key), "label": str(key)})  # type: ignore[no-any-return]

    @put("/{key}")
    async def replace(self, key: K, item: Annotated[T, Body()]) -> T:
        return item

    @patch("/{key}")
    async def change(self, key: K, item: Patch[T]) -> list[str]:
        return sorted(item.fields_set) if hasattr(item, "fields_set") else []

    @get("")
    def all(self) -> "list[K]":
        return self.keys


class People(CrudResource[User, int], prefix="/people"):
    model = User


Labels = TypeVar("Labels")


class Keyed(CrudResource[Tag, Labels], Generic[Labels]):
    model = Tag


class Tags(Keyed[str], prefix="/tags"):
    change = None  # type: ignore[assignment]  # removes the operation

    async def read(self, key: str) -> Tag:
        self.log.append("read")
        return await super().read(key)

    @put("/{key}/label", status_code=202)
    async def replace(self, key: str, item: Tag) -> Tag:
        return await super().replace(key, item)

    @get("/me")
    async def me(self) -> str:
        return "me"


async def test_type_variables_have_the_arguments_of_the_class() -> None:
    app = App()
    app.include(People)
    app.include(Tags)
    schemas = app.openapi()["components"]["schemas"]
    assert {"User", "Tag"} <= schemas.keys()
    assert (await fetch(app, "GET /people/3?keys=1")).json == {"name": "3", "age": 0}
    assert (await fetch(app, "GET /people/x?keys=y")).errors == [
        ("query", "keys", "int_parsing"), ("path", "key", "int_parsing"),
    ]  # fmt: skip
    assert (await fetch(app, "GET /people?keys=1&keys=2")).json == [1, 2]
    invalid = await fetch(app, "PUT /people/3?keys=1", b"{}", headers=JSON)
    assert invalid.errors == [("body", "/name", "missing")]


async def test_overridden_methods_have_the_operations_unless_they_declare_others() -> None:
    app = of(Tags)
    assert (await fetch(app, "GET /tags/a?keys=1")).json == {"label": "a"}
    assert LOG == ["read"]
    assert (await fetch(app, "GET /tags/me?keys=1")).text == "me"  # before `/{key}` of the base
    body = b'{"label": "b"}'
    assert (await fetch(app, "PUT /tags/a/label?keys=1", body, headers=JSON)).status == 202
    assert (await fetch(app, "PUT /tags/a?keys=1", body, headers=JSON)).status == 405
    assert (await fetch(app, "PATCH /tags/a?keys=1", body, headers=JSON)).status == 405


async def test_a_generic_class_can_be_included_with_its_arguments() -> None:
    class Listed(Resource, Generic[T], prefix="/listed"):
        @post()
        async def take(self, item: T) -> list[T]:
            return [item]

    app = App()
    app.include(Listed[User], prefix="/users")
    app.include(Listed[Tag], prefix="/tags")
    assert (await fetch(app, "POST /users/listed", b'{"name": "a"}', headers=JSON)).json == [{"name": "a", "age": 0}]
    assert (await fetch(app, "POST /tags/listed", b'{"label": "a"}', headers=JSON)).json == [{"label": "a"}]
    assert app.url_path_for("listed_user_take") == "/users/listed"


async def test_mixins_add_operations_and_options_are_combined() -> None:
    def admin(x_admin: Annotated[str, Header()]) -> None:
        LOG.append(x_admin)

    class Pings:
        @get("/ping")
        def ping(self) -> str:
            return type(self).__name__

    class Admin(Resource, prefix="/admin", tags=["admin"], dependencies=[Depends(admin)], responses={418: {}}):
        @get("/who")
        def who(self) -> int:
            return 1

    class Both(Pings, Admin, prefix="/both", tags=["both"], dependencies=[Depends(lambda: LOG.append("own"))]):
        pass

    app = of(Both)
    response = await fetch(app, "GET /both/ping", headers={"x-admin": "ann"})
    assert (response.text, LOG) == ("Both", ["ann", "own"])
    assert (await fetch(app, "GET /both/who")).status == 422
    assert (await fetch(app, "GET /admin/who", headers={"x-admin": "ann"})).status == 404
    operation = app.openapi()["paths"]["/both/ping"]["get"]
    assert operation["tags"] == ["admin", "both"]
    assert "418" in operation["responses"]


# -- instances ---------------------------------------------------------------------------------------------------------


def closing(kind: str) -> dict[str, Any]:
    """The methods of a class that log how its instances are closed."""

    async def enter(self: Any) -> Any:
        LOG.append("enter")
        return self

    async def leave(self: Any, *args: Any) -> None:
        LOG.append("exit")

    def close(self: Any) -> None:
        LOG.append("close")

    async def aclose(self: Any) -> None:
        LOG.append("aclose")

    def enter_sync(self: Any) -> Any:
        LOG.append("enter")
        return self

    def leave_sync(self: Any, *args: Any) -> None:
        LOG.append("exit")

    return {
        "async with": {"__aenter__": enter, "__aexit__": leave, "close": close},
        "with": {"__enter__": enter_sync, "__exit__": leave_sync},
        "aclose": {"aclose": aclose, "close": close},
        "close": {"close": close},
    }[kind]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("async with", ["enter", "exit"]), ("with", ["enter", "exit"]), ("aclose", ["aclose"]), ("close", ["close"])],
)
def test_an_instance_of_the_application_is_opened_and_closed_with_it(kind: str, expected: list[str]) -> None:
    class Base(Resource, prefix="/x", scope="app"):
        @get()
        async def read(self) -> int:
            LOG.append("read")
            return id(self)

    resource = type("Made", (Base,), closing(kind))
    app = of(resource)
    with TestClient(app) as client:
        assert expected[:-1] == LOG
        assert client.get("/x").text == client.get("/x").text
    assert [*expected[:-1], "read", "read", expected[-1]] == LOG


@pytest.mark.parametrize(
    ("kind", "expected"), [("async with", ["enter", "exit"]), ("with", ["enter", "exit"]), ("close", [])]
)
async def test_an_instance_of_a_request_is_entered_if_it_is_a_context_manager(kind: str, expected: list[str]) -> None:
    class Base(Resource, prefix="/x"):
        @get()
        async def read(self) -> None: ...

    assert (await fetch(of(type("Made", (Base,), closing(kind))), "GET /x")).status == 204
    assert expected == LOG


def test_a_close_with_parameters_or_a_route_does_not_close_the_instance() -> None:
    class Orders(Resource, prefix="/orders", scope="app"):
        @post("/{number}/close")
        async def close(self) -> str:
            return "closed"

        async def aclose(self, number: int) -> None:
            raise AssertionError

    with TestClient(of(Orders)) as client:
        assert client.post("/orders/3/close").text == "closed"


def test_an_instance_of_the_application_gets_what_belongs_to_the_application() -> None:
    def load_settings() -> str:
        return "settings"

    class Shared(Resource, prefix="/shared", scope="app"):
        settings: Annotated[str, Depends(load_settings, scope="app")]

        def __init__(self, more: Annotated[str, Depends(load_settings, scope="app")]) -> None:
            self.more = more

        @get()
        async def read(self, user: Annotated[str, Depends(user)]) -> list[str]:
            return [self.settings, self.more, user]

    app = of(Shared)
    with app.override(load_settings, lambda: "other"), TestClient(app) as client:
        assert client.get("/shared", headers=ANN).json() == ["other", "other", "ann"]

    class PerRequest(Resource, prefix="/request", scope="app"):
        user: str = Depends(user)

        @get()
        async def read(self) -> None: ...

    with pytest.raises(SignatureError):
        of(PerRequest)


async def test_each_request_has_its_own_instance_which_no_client_configures() -> None:
    class Notes(Resource, prefix="/notes"):
        limit: int = 5
        store: list[int]
        count: ClassVar[int] = 0

        def __init__(self) -> None:
            self.store = []

        @get()
        async def read(self) -> list[int]:
            self.store.append(self.limit)
            return self.store

    app = of(Notes)
    for _ in range(2):
        assert (await fetch(app, "GET /notes?limit=7&count=1")).json == [5]
    assert app.openapi()["paths"]["/notes"]["get"].get("parameters") is None


async def test_a_resource_may_be_a_dataclass() -> None:
    @dataclass
    class Notes(Resource, prefix="/notes"):
        user: Annotated[str, Depends(user)]
        size: int = 10

        @get()
        async def read(self) -> list[Any]:
            return [self.user, self.size]

    assert (await fetch(of(Notes), "GET /notes?size=3", headers=ANN)).json == ["ann", 3]


@pytest.mark.parametrize("scope", ["request", "app"])
async def test_a_class_that_a_decorator_makes_again_keeps_its_options(scope: Any) -> None:
    @dataclass(slots=True)
    class Notes(Resource, prefix="/notes", tags=["slots"], scope=scope):
        size: int = 10

        @get()
        async def read(self) -> int:
            return self.size

    @dataclass(slots=True)
    class More(Notes, prefix="/more"): ...

    app = of(Notes)
    app.include(More)
    # An instance of the application is made without a request.
    assert (await fetch(app, "GET /notes?size=3")).body == (b"3" if scope == "request" else b"10")
    assert (await fetch(app, "GET /more?size=4")).body == (b"4" if scope == "request" else b"10")
    assert app.openapi()["paths"]["/more"]["get"]["tags"] == ["slots"]


async def test_two_applications_have_two_instances() -> None:
    class Counter(Resource, prefix="/counter", scope="app"):
        n = 0

        @post()
        async def count(self) -> int:
            self.n += 1
            return self.n

    one, other = of(Counter), of(Counter)
    assert [(await fetch(app, "POST /counter")).body for app in (one, other, one)] == [b"1", b"1", b"2"]


async def test_init_runs_in_the_event_loop() -> None:
    from anyio.lowlevel import current_token

    class Notes(Resource, prefix="/notes"):
        def __init__(self, size: int = 1) -> None:
            LOG.append(str(current_token() is not None))

        @get()
        async def read(self) -> None: ...

    await fetch(of(Notes), "GET /notes")
    assert LOG == ["True"]


async def test_overrides_replace_what_a_resource_depends_on() -> None:
    app = of(Users)
    with app.override(user, lambda: "bob"), app.override(session, lambda: "other"):
        assert (await fetch(app, "GET /users/3")).json == [3, "bob", "other", 10, False]


def test_an_override_of_a_resource_is_an_error_that_names_what_can_be_overridden() -> None:
    app = of(Users)
    override = app.override(Users, lambda: None)
    with pytest.raises(TypeError, match=r"`Users` is a resource and no dependency.*override the dependencies of its"):
        override.__enter__()
    with pytest.raises(TypeError, match="`Users` is a resource"):
        app.dependency_overrides = {Users: user}
    assert dict(app.dependency_overrides) == {}


# -- options -----------------------------------------------------------------------------------------------------------


async def test_a_class_has_the_options_of_a_router() -> None:
    class Tagged:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            LOG.append(scope["route"].name)
            await self.app(scope, receive, send)

    async def gone(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("gone", 410)

    class Base(Resource, middleware=[Middleware(Tagged)], exception_handlers={KeyError: gone}):
        pass

    class Limited(Base, prefix="/limited", policies=[RateLimit("1/minute")], unknown_query_params="forbid"):
        @get()
        async def read(self) -> str:
            raise KeyError

        @get("/free", policies=[Off(RateLimit)])
        async def free(self) -> str:
            return "free"

    app = of(Limited)
    assert [(await fetch(app, "GET /limited")).status for _ in range(2)] == [410, 429]
    assert [(await fetch(app, "GET /limited/free")).status for _ in range(2)] == [200, 200]
    assert (await fetch(app, "GET /limited/free?x=1")).status == 422
    assert LOG[:2] == ["limited_read"] * 2


async def test_decorators_may_be_around_methods() -> None:
    def logged(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> Any:
            LOG.append(function.__name__)
            return await function(*args, **kwargs)

        return call

    class Notes(Resource, prefix="/notes"):
        @get("/below")
        @logged
        async def below(self, n: int = 1) -> int:
            return n

        @logged
        @get("/above")
        async def above(self, n: int = 2) -> int:
            return n

    app = of(Notes)
    assert (await fetch(app, "GET /notes/below?n=3")).body == b"3"
    assert (await fetch(app, "GET /notes/above")).body == b"2"
    assert LOG == ["below", "above"]


async def test_annotations_may_be_strings() -> None:
    app = of(string_resources.Notes)
    assert (await fetch(app, "POST /notes", b'{"text": "a"}', headers=JSON)).json == {"text": "a"}
    assert (await fetch(app, "GET /notes/3")).json == [3]


async def test_a_resource_can_be_pickled() -> None:
    class Notes(Resource, prefix="/notes"):
        @get()
        async def read(self) -> int:
            return 1

    app = of(Notes)
    again = pickle.loads(cloudpickle.dumps(app))
    assert (await fetch(again, "GET /notes")).body == b"1"


# -- errors ------------------------------------------------------------------------------------------------------------


def test_errors_of_a_signature_name_the_class() -> None:
    class Notes(Resource, prefix="/notes/{number}"):
        @get()
        async def read(self, numer: Annotated[int, Query(ge=5, le=3)]) -> None: ...

    with pytest.raises(SignatureError, match=r"Notes\.read \(declarative/test_resources.py:"):
        of(Notes)


def test_options_of_a_class_are_checked() -> None:
    with pytest.raises(TypeError, match="did you mean `prefix=`"):
        type("Notes", (Resource,), {}, prefx="/notes")
    with pytest.raises(ValueError, match="must start with a slash"):
        type("Notes", (Resource,), {}, prefix="notes")
    with pytest.raises(SignatureError, match="invalid value `scope='session'`"):
        type("Notes", (Resource,), {}, scope="session")
    with pytest.raises(SignatureError, match="`middleware=` takes a list"):
        type("Notes", (Resource,), {}, middleware=[TestClient])
    with pytest.raises(SignatureError, match="is called with the request and the exception"):
        type("Notes", (Resource,), {}, exception_handlers={404: lambda: None})


def test_decorators_are_for_methods() -> None:
    with pytest.raises(SignatureError, match=r"`@get\(\.\.\.\)` of `signette.resources` is for methods"):

        @get("/")
        async def read() -> None: ...

    with pytest.raises(SignatureError, match=r"write `@get\(\)`"):

        class Bare(Resource):
            @get  # type: ignore[arg-type]  # that is the test
            async def read(self) -> None: ...


def test_what_is_no_method_is_rejected() -> None:
    with pytest.raises(SignatureError, match=r"`@get\(...\)` decorates a `property`"):

        class Size(Resource):
            @get("/size")
            @property
            def size(self) -> int:
                return 1

    with pytest.raises(SignatureError, match="another decorator has replaced the function"):

        class Hidden(Resource):
            @functools.cached_property
            @get("/size")
            def size(self) -> int:
                return 1

            @lambda function: lambda *args: function(*args)
            @get("/hidden")
            def hidden(self) -> int:
                return 1

    class NoSelf(Resource, prefix="/x"):
        @get()
        def read() -> None: ...  # type: ignore[misc]  # that is the test

    with pytest.raises(SignatureError, match="the method `read` has no parameter for its instance"):
        of(NoSelf)

    class Base(Resource, prefix="/x"):
        @get()
        def read(self) -> int:
            return 1

    with pytest.raises(SignatureError, match="decorates a `int`"):
        of(type("Overridden", (Base,), {"read": 3}))


def test_classes_without_instances_or_operations_are_rejected() -> None:
    with pytest.raises(SignatureError, match=r"the resource `CrudResource` is generic, and `T, K` has no type"):
        of(CrudResource)
    with pytest.raises(SignatureError, match="the resource `Empty` has no operations"):
        of(type("Empty", (Resource,), {}))
    with pytest.raises(SignatureError, match="has no operations"):
        of(Resource)

    class Abstract(Resource, ABC, prefix="/x"):
        @get()
        @abstractmethod
        def read(self) -> None: ...

    with pytest.raises(SignatureError, match="the class is abstract"):
        of(Abstract)
    with pytest.raises(TypeError, match=r"takes a `signette\.Router` or a `Resource`"):
        App().include(User)  # type: ignore[arg-type]  # that is the test
    with pytest.raises(TypeError, match=r"write `class Plain\(Resource\)`"):
        App().include(type("Plain", (), {"read": None}))  # type: ignore[arg-type]  # that is the test


def test_an_instance_cannot_read_requests() -> None:
    with pytest.raises(SignatureError, match="its attribute `session` cannot be read from requests"):
        of(Users("ann"))


async def test_errors_of_init_are_responses() -> None:
    class Notes(Resource, prefix="/notes"):
        def __init__(self) -> None:
            raise HTTPException(403)

        @get()
        async def read(self) -> None: ...

    assert (await fetch(of(Notes), "GET /notes")).status == 403
