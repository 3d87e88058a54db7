"""Differences of what is read from a request that the topics do not show."""

from importlib import import_module
from typing import Annotated, Any, Literal

import fastapi
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field

import signette
from tests.examples.topics.beyond import both, refused, row

SIDES = (fastapi, signette)


class A(BaseModel):
    kind: Literal["a"]
    value: int


class B(BaseModel):
    kind: Literal["b"]
    value: list[int]


def places(response: Any) -> list[Any]:
    """The locations of a 422: `loc` of FastAPI; source, name and pointer here."""
    assert response.status_code == 422
    found = response.json()
    if "errors" not in found:
        return [each["loc"] for each in found["detail"]]
    return [[each[key] for key in ("in", "name", "pointer") if key in each] for each in found["errors"]]


@row(
    "the location of an error in a union has the member that was tried: `['body', 'a', 'value']`; a missing "
    "discriminator is located at the union",
    "each step of a location exists in the value: `/value`; a missing discriminator of a form is located at its field",
    "nothing; `FastAPIErrors` has FastAPI's locations",
)
def union_members() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):

        @client.app.post("/json")
        def json(v: Annotated[A | B, of.Body(discriminator="kind")]): ...  # type: ignore[no-untyped-def]

        @client.app.post("/form")
        def form(v: Annotated[A | B, of.Form(discriminator="kind")]): ...  # type: ignore[no-untyped-def]

        found += places(client.post("/json", json={"kind": "a", "value": "x"}))
        found += places(client.post("/form", data={"value": "1"}))
    assert found == [["body", "a", "value"], ["body"], ["body", "/value"], ["form", "kind"]]


@row(
    "if several parameters share the body, a body that is not an object is a `missing` error for each",
    "one error: the body must be an object",
    "nothing",
)
def body_that_is_no_object() -> None:
    found = []
    for client in both():

        @client.app.post("/")
        def endpoint(a: A, b: B): ...  # type: ignore[no-untyped-def]

        found.append(places(client.post("/", json=[])))
    assert found == [[["body", "a"], ["body", "b"]], [["body", ""]]]


class Open(BaseModel, extra="allow"):
    n: int = 1


@row(
    "a model with `extra='allow'` also gets the other parameters, and an optional model is created from them",
    "it gets the values that no other parameter reads; an optional one is None if none were sent",
    "nothing",
)
def open_models() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):

        @client.app.get("/")
        def endpoint(m: Annotated[Open, of.Query()], token: str = ""):  # type: ignore[no-untyped-def]
            return m

        @client.app.get("/optional")
        def optional(m: Annotated[Open | None, of.Query()] = None, token: str = ""):  # type: ignore[no-untyped-def]
            return m

        found.append([client.get(f"{path}?token=a").json() for path in ("/", "/optional")])
    assert found == [[{"n": 1, "token": "a"}, {"n": 1, "token": "a"}], [{"n": 1}, None]]


@row(
    "if two aliases of a field (`AliasChoices`) are sent, the second is an unknown name",
    "both belong to the field: the first one that was sent counts, the other is ignored",
    "nothing; JSON bodies are alike",
)
def other_aliases() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):

        class Closed(BaseModel, extra="forbid"):
            n: int = Field(validation_alias=AliasChoices("first", "second"))

        @client.app.get("/")
        def query(m: Annotated[Closed, of.Query()]):  # type: ignore[no-untyped-def]
            return m

        @client.app.post("/")
        def body(m: Closed): ...  # type: ignore[no-untyped-def]

        both_sent = {"first": 1, "second": 2}
        found.append([client.get("/", params=both_sent).status_code, client.post("/", json=both_sent).status_code])
    assert found == [[422, 422], [200, 422]]


@row(
    "a model with `loc_by_alias=False` has field names in the locations of errors",
    "a location always has the names that were sent",
    "nothing",
)
def names_in_locations() -> None:
    class Named(BaseModel):
        model_config = ConfigDict(loc_by_alias=False)
        number: int = Field(alias="num")

    found = []
    for client in both():

        @client.app.post("/")
        def endpoint(m: Named): ...  # type: ignore[no-untyped-def]

        found += places(client.post("/", json={"num": "x"}))
    assert found == [["body", "number"], ["body", "/num"]]


@row(
    "an exception handler of the status 422 gets no validation errors",
    "it gets them, if there is no handler for `RequestValidationError`",
    "nothing",
)
def handlers_of_422() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):
        plain = import_module(f"{of.__name__}.responses").PlainTextResponse

        @client.app.exception_handler(422)
        async def handle(_: Any, exc: Any, plain: Any = plain) -> Any:
            return plain("handled", 422)

        @client.app.get("/{n}")
        def endpoint(n: int): ...  # type: ignore[no-untyped-def]

        found.append(client.get("/x").text == "handled")
    assert found == [False, True]


@row(
    "`HTTPBasic(auto_error=False)` responds 401 to credentials that cannot be decoded",
    "the dependency gets None",
    "nothing: an endpoint that requires a user checks for None anyway",
)
def broken_credentials() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):
        scheme = __import__(f"{of.__name__}.security", fromlist=["HTTPBasic"]).HTTPBasic(auto_error=False)

        @client.app.get("/")
        def endpoint(user: Annotated[Any, of.Depends(scheme)]):  # type: ignore[no-untyped-def]
            return user

        response = client.get("/", headers={"authorization": "Basic broken"})
        found.append((response.status_code, response.json()))
    assert found == [(401, {"detail": "Not authenticated"}), (200, None)]


@row(
    "a login form that is returned as a result has `scopes`",
    "it has `scopes`, and `scope` as it was sent",
    "nothing",
)
def login_form() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):
        form = __import__(f"{of.__name__}.security", fromlist=["x"]).OAuth2PasswordRequestFormStrict

        @client.app.post("/")
        def endpoint(sent: Annotated[Any, of.Depends(form)]):  # type: ignore[no-untyped-def]
            return sent

        sent = {"grant_type": "password", "username": "a", "password": "b", "scope": "x y"}
        found.append(client.post("/", data=sent).json())
    assert found[1] == found[0] | {"scope": "x y"}


@row(
    "an empty file input is one empty file in `list[bytes]`",
    "it is left out: browsers send it if no file was chosen",
    "nothing",
)
def empty_files() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):

        @client.app.post("/")
        def endpoint(files: Annotated[list[bytes], of.File()] = []):  # type: ignore[no-untyped-def]  # noqa: B006
            return len(files)

        found += [client.post("/", data={"files": ""}).json(), client.post("/", files=[("files", ("", b""))]).json()]
    assert found == [1, 1, 0, 0]


@row(
    "a dependency that changes `dependency_overrides` changes the running request",
    "it changes the next request",
    "nothing",
)
def overrides_in_requests() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):

        def other() -> int:
            return 1

        def change(client: Any = client, other: Any = other) -> None:
            client.app.dependency_overrides[other] = lambda: 2

        def changes(change: Any = change) -> Any:
            return lambda: change()

        @client.app.get("/", dependencies=[of.Depends(changes())])
        def endpoint(value: Annotated[int, of.Depends(other)]):  # type: ignore[no-untyped-def]
            return value

        found.append([client.get("/").json(), client.get("/").json()])
    assert found == [[2, 2], [1, 2]]


@row(
    "an `AliasPath` in a form model is an error at each request; next to other aliases of a body parameter it "
    "silently disables these",
    "rejected when the route is made",
    "read the whole value, and take its part in the function",
)
def alias_paths() -> None:
    class Deep(BaseModel):
        n: int = Field(validation_alias=AliasPath("v", "x"))

    def form(app: Any, of: Any) -> None:
        @app.post("/form")
        def endpoint(m: Annotated[Deep, of.Form()]): ...  # type: ignore[no-untyped-def]

    def body(app: Any, of: Any) -> None:
        choices = AliasChoices("first", AliasPath("v", "x"))

        @app.post("/body")
        def endpoint(n: Annotated[int, of.Body(embed=True, validation_alias=choices)]): ...  # type: ignore[no-untyped-def]

    refused(form)
    refused(body)
    there, _ = both()
    form(there.app, fastapi)
    body(there.app, fastapi)
    assert there.post("/form", data={"v": "1"}).status_code == 422
    assert there.post("/body", json={"first": 1}).status_code == 422


@row(
    "a dependency of two `Security` parameters with different scopes is called twice, even if it reads no scopes",
    "it is called once",
    "`use_cache=False` calls it for each",
)
def security_without_scopes() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):
        calls: list[int] = []

        def count(calls: Any = calls) -> Any:
            return lambda: calls.append(1)

        guard = count()

        @client.app.get("/")
        def endpoint(  # type: ignore[no-untyped-def]
            one: Annotated[Any, of.Security(guard)], two: Annotated[Any, of.Security(guard, scopes=["s"])]
        ): ...

        client.get("/")
        found.append(len(calls))
    assert found == [2, 1]


@row(
    "after a dependency has read a part of an uploaded file, a `bytes` parameter is the rest",
    "it is the whole file",
    "nothing",
)
def files_read_twice() -> None:
    found = []
    for client, of in zip(both(), SIDES, strict=True):

        async def start(file: of.UploadFile) -> bytes:
            return await file.read(2)  # type: ignore[no-any-return]

        @client.app.post("/")
        def endpoint(start: Annotated[bytes, of.Depends(start)], file: Annotated[bytes, of.File()]):  # type: ignore[no-untyped-def]
            return [start, file]

        found.append(client.post("/", files={"file": b"abcd"}).json())
    assert found == [["ab", "cd"], ["ab", "abcd"]]


@row(
    "an empty name, `Query(alias='')`, is accepted",
    "rejected when the route is made",
    "remove the alias",
)
def empty_alias() -> None:
    def declare(app: Any, of: Any) -> None:
        @app.get("/")
        def endpoint(n: Annotated[int, of.Query(alias="")] = 3): ...  # type: ignore[no-untyped-def]

    refused(declare)
