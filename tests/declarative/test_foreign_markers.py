"""Markers of FastAPI mean here what they mean there; what cannot be honoured is rejected when the route is made.

A login must never be skipped: so each endpoint runs on both, and both respond alike.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import fastapi
import fastapi.security
import pytest
from fastapi import Body, Cookie, Depends, File, Form, Header, Path, Query, Security, params
from pydantic import BaseModel

import signette
from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.routing.router import Router
from signette.declarative.signature.foreign_markers import own_marker
from tests.asgi import JSON, MULTIPART, URLENCODED, Exchange, call

events: list[str] = []


def login(x_token: Annotated[str, Header()]) -> str:
    if x_token != "open":
        raise fastapi.HTTPException(403, "closed", {"x-why": "token"})
    return "ann"


class Derived(params.Depends):
    """A class that an application derives."""


class Page(BaseModel):
    number: int = Query(1, ge=1)
    size: Annotated[int, Query(le=50, alias="n")] = 10


class Heads(BaseModel):
    page: int = Query(1, ge=1)
    x_kind: Annotated[str, Header(alias="x-kind")] = "none"


class Credentials(BaseModel):
    user: str = Form()
    password: str = Form(min_length=2)


@dataclass
class Options:
    limit: int = Query(5, le=9)


class Plain:
    def __init__(self, limit: Annotated[int, Query(ge=1)] = 1, kind: str = Header("none")) -> None:
        self.limit, self.kind = limit, kind


async def opened() -> AsyncIterator[int]:
    events.append("open")
    yield 1
    events.append("close")


def sync_opened(number: Annotated[int, Depends(opened)]) -> Iterator[int]:
    yield number + 1


def counted() -> int:
    events.append("counted")
    return len(events)


def scopes_of(scopes: fastapi.security.SecurityScopes) -> list[str]:
    return scopes.scopes


def number_in(path: Annotated[int, Path(ge=1, alias="n")]) -> int:
    return path


bearer = fastapi.security.HTTPBearer()
key = fastapi.security.APIKeyHeader(name="x-key", auto_error=False)
token = fastapi.security.OAuth2PasswordBearer("token", scopes={"me": "about me"})


async def by_annotation(user: Annotated[str, Depends(login)]) -> str:
    return f"by {user}"


async def by_default(user: str = Depends(login)) -> str:
    return f"by {user}"


async def beside_none(user: Annotated[str, Depends(login)] | None) -> str:
    return f"by {user}"


async def by_security(user: Annotated[str, Security(login)]) -> str:
    return f"by {user}"


async def by_derived(user: Annotated[str, Derived(login)]) -> str:
    return f"by {user}"


async def by_class(plain: Annotated[Plain, Depends()]) -> list[Any]:
    return [plain.limit, plain.kind]


async def by_dataclass(options: Options = Depends()) -> int:
    return options.limit


async def by_model(page: Annotated[Page, Depends()]) -> list[int]:
    return [page.number, page.size]


async def by_model_of_places(heads: Heads = Depends(Heads)) -> list[Any]:
    return [heads.page, heads.x_kind]


async def opened_once(one: Annotated[int, Depends(opened)], two: Annotated[int, Depends(sync_opened)]) -> list[int]:
    return [one, two]


async def of_function_scope(one: Annotated[int, Depends(opened, scope="function")]) -> list[str]:
    return list(events)


async def without_cache(
    one: Annotated[int, Depends(counted)],
    two: Annotated[int, Depends(counted)],
    three: Annotated[int, Depends(counted, use_cache=False)],
) -> list[int]:
    return [one, two, three]


async def with_scopes(scopes: Annotated[list[str], Security(scopes_of, scopes=["me", "items"])]) -> list[str]:
    return scopes


async def by_bearer(found: Annotated[Any, Depends(bearer)]) -> str:
    return f"{found.scheme} {found.credentials}"


async def by_key(found: Annotated[str | None, Security(key)]) -> str:
    return f"key {found}"


async def by_token(found: Annotated[str, Security(token, scopes=["me"])]) -> str:
    return f"token {found}"


async def by_form(form: Annotated[fastapi.security.OAuth2PasswordRequestForm, Depends()]) -> list[str]:
    return [form.username, *form.scopes]


async def queries(
    a: Annotated[int, Query(ge=1, alias="m")],
    b: str = Query("x", max_length=2, pattern="[a-z]+"),
    c: list[int] = Query([]),
    d: Annotated[float | None, Query(gt=0, lt=1)] = None,
    e: Annotated[list[str], Query(default_factory=list)] = ...,  # type: ignore[assignment]
) -> list[Any]:
    return [a, b, c, d]


async def of_query_model(page: Annotated[Page, Query()]) -> list[int]:
    return [page.number, page.size]


async def heads(
    x_a: Annotated[str, Header()],
    b_c: Annotated[str | None, Header(convert_underscores=False)] = None,
    session: Annotated[str, Cookie(alias="sid")] = "none",
) -> list[Any]:
    return [x_a, b_c, session]


async def embedded(a: Annotated[int, Body(embed=True)]) -> int:
    return a


async def two_bodies(a: Annotated[int, Body(ge=1)], b: dict[str, int] = Body()) -> list[Any]:
    return [a, b]


async def of_form(name: Annotated[str, Form(min_length=2)], age: int = Form(3)) -> list[Any]:
    return [name, age]


async def of_form_model(sent: Annotated[Credentials, Form()]) -> list[str]:
    return [sent.user, sent.password]


async def of_files(one: Annotated[bytes, File()], more: list[fastapi.UploadFile] = File([])) -> list[Any]:
    return [one.decode(), [(await each.read()).decode() for each in more]]


async def of_path(n: Annotated[int, Path(le=9)]) -> int:
    return n


OPEN, SHUT = {"x-token": "open"}, {"x-token": "shut"}
FILES = b"".join(
    b'--cut\r\ncontent-disposition: form-data; name="%s"; filename="f"\r\n\r\n%s\r\n' % pair
    for pair in [(b"one", b"1"), (b"more", b"2"), (b"more", b"3")]
)
Ask = tuple[str, str, dict[str, str], bytes]


def get(path: str = "/", **headers: str) -> Ask:
    return "GET", path, {name.replace("_", "-"): value for name, value in headers.items()}, b""


def post(body: bytes, headers: dict[str, str] = JSON) -> Ask:
    return "POST", "/", headers, body


LOGINS = [get(), get(x_token="open"), get(x_token="shut"), get("/?user=root&x_token=open"), get("/?user=root")]
ENDPOINTS: dict[Callable[..., Any], list[Ask]] = {
    by_annotation: LOGINS,
    by_default: LOGINS,
    by_security: LOGINS,
    by_derived: LOGINS,
    by_class: [get(), get("/?limit=3", kind="k"), get("/?limit=0")],
    by_dataclass: [get(), get("/?limit=3"), get("/?limit=10")],
    by_model: [get(), get("/?number=2&n=4"), get("/?number=0"), get("/?n=51")],
    opened_once: [get()],
    of_function_scope: [get()],
    without_cache: [get()],
    with_scopes: [get()],
    by_bearer: [get(), get(authorization="Bearer t"), get(authorization="Basic t")],
    by_key: [get(), get(x_key="k")],
    by_token: [get(), get(authorization="Bearer t")],
    by_form: [post(b"grant_type=password&username=u&password=p&scope=a+b", URLENCODED), post(b"", URLENCODED)],
    queries: [get("/?m=1"), get("/?m=0"), get("/?a=1"), get("/?m=1&b=zz&c=1&c=2&d=.5"), get("/?m=1&b=zzz&d=1")],
    of_query_model: [get(), get("/?number=2&n=4"), get("/?number=0&n=51")],
    heads: [get(), get(x_a="1"), ("GET", "/", {"x-a": "1", "b_c": "2", "cookie": "sid=3"}, b"")],
    embedded: [post(b'{"a": 1}'), post(b"1"), post(b'{"a": "x"}')],
    two_bodies: [post(b'{"a": 1, "b": {"c": 2}}'), post(b'{"a": 0, "b": {}}')],
    of_form: [post(b"name=ann", URLENCODED), post(b"name=a&age=x", URLENCODED)],
    of_form_model: [post(b"user=ann&password=secret", URLENCODED), post(b"user=ann&password=s", URLENCODED)],
    of_files: [post(FILES + b"--cut--\r\n", MULTIPART)],
}


async def sent_to(app: Any, ask: Ask) -> Exchange:
    method, path, headers, body = ask
    path, _, query = path.partition("?")
    return await call(app, path, method, headers=headers, body=body, query_string=query.encode())


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.__name__)
async def test_endpoints_respond_as_in_fastapi(endpoint: Callable[..., Any]) -> None:
    ours, theirs = App(), fastapi.FastAPI()
    method = ENDPOINTS[endpoint][0][0].lower()
    getattr(ours, method)("/")(endpoint)
    getattr(theirs, method)("/", response_model=None, response_class=fastapi.responses.JSONResponse)(endpoint)
    for ask in ENDPOINTS[endpoint]:
        events.clear()
        here, seen = (await sent_to(ours, ask)).or_raise(), list(events)
        events.clear()
        there = await sent_to(theirs, ask)
        assert here.status == there.status, (ask, here.text, there.text)
        assert here.headers.get("x-why") == there.headers.get("x-why")
        assert seen == events
        if here.status == 200:
            assert here.text.strip('"') == there.text.strip('"'), ask


async def test_they_count_where_fastapi_ignores_them() -> None:
    app = App()
    app.get("/user")(beside_none)
    app.get("/places")(by_model_of_places)
    assert (await call(app, "/user", headers=OPEN)).text == "by ann"
    assert (await call(app, "/user", query_string=b"user=root")).status == 422
    assert (await call(app, "/places", headers={"x-kind": "k"}, query_string=b"page=2&x-kind=q")).json == [2, "k"]


async def test_a_limit_is_shared_by_all_uses_of_its_declaration() -> None:
    limited = Depends(counted, max_concurrency=2)
    assert own_marker(limited) is own_marker(limited)
    assert own_marker(limited) is not own_marker(Depends(counted, max_concurrency=2))
    assert own_marker(limited).concurrency_limit.limit == 2


async def test_path_parameters_are_read_by_their_markers() -> None:
    app = App()
    app.get("/{n}")(of_path)
    app.get("/below/{n}")(number_in)
    assert (await call(app, "/3")).json == 3
    assert (await call(app, "/10")).status == 422
    assert (await call(app, "/below/3")).json == 3
    assert (await call(app, "/below/0")).status == 422


@pytest.mark.parametrize(
    "declare",
    [
        lambda listed: App(dependencies=listed),
        lambda listed: Router(dependencies=listed),
        lambda listed: App(),
    ],
    ids=["application", "router", "route"],
)
async def test_they_are_entries_of_dependencies(declare: Any) -> None:
    holder = declare([Depends(login)])
    options = {"dependencies": [Depends(login)]} if not getattr(holder, "dependencies", None) else {}

    @holder.get("/", **options)
    async def endpoint() -> str:
        return "in"

    app = holder
    if isinstance(holder, Router):
        app = App()
        app.include_router(holder)
    assert (await call(app, headers=OPEN)).text == "in"
    assert (await call(app, headers=SHUT)).status == 403
    assert (await call(app)).status == 422


async def test_mounts_and_plain_routes_are_guarded_by_them() -> None:
    app = App(dependencies=[Depends(login)])
    app.mount("/mounted", signette.responses.PlainTextResponse("in"))  # type: ignore[attr-defined]
    assert (await call(app, "/mounted/x", headers=OPEN)).text == "in"
    assert (await call(app, "/mounted/x", headers=SHUT)).status == 403


async def test_websockets_have_them_too() -> None:
    app = App()

    @app.websocket("/")
    async def talk(websocket: fastapi.WebSocket, user: Annotated[str, Depends(login)], q: str = Query("none")) -> None:
        await websocket.accept()
        await websocket.send_text(f"{user} {q}")

    accepted = await call(app, kind="websocket", headers=OPEN, query_string=b"q=1")
    assert accepted.messages[1] == {"type": "websocket.send", "text": "ann 1"}
    rejected = await call(app, kind="websocket", headers=SHUT)
    assert rejected.types == ["websocket.close"]


async def test_overrides_replace_their_dependencies() -> None:
    app = App()
    app.get("/")(by_annotation)
    app.dependency_overrides[login] = lambda: "override"
    assert (await call(app)).text == "by override"


def test_the_document_has_their_texts_names_and_schemes() -> None:
    app = App()

    @app.get("/")
    async def endpoint(
        found: Annotated[str, Security(token, scopes=["me"])],
        q: Annotated[int, Query(title="T", description="D", examples=[3], deprecated=True, multiple_of=3)] = 3,
        hidden: Annotated[int, Query(include_in_schema=False)] = 3,
        named: Annotated[str, Query(openapi_examples={"one": {"value": "x"}})] = "",
    ) -> None: ...

    document = app.openapi()
    operation = document["paths"]["/"]["get"]
    assert operation["security"] == [{"OAuth2PasswordBearer": ["me"]}]
    flows = {"password": {"scopes": {"me": "about me"}, "tokenUrl": "token"}}
    assert document["components"]["securitySchemes"] == {"OAuth2PasswordBearer": {"type": "oauth2", "flows": flows}}
    assert [each["name"] for each in operation["parameters"]] == ["q", "named"]
    q, named = operation["parameters"]
    assert (q["description"], q["deprecated"], q["schema"]["multipleOf"]) == ("D", True, 3)
    assert (q["schema"]["title"], q["schema"]["examples"]) == ("T", [3])
    assert named["examples"] == {"one": {"value": "x"}}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (Query(1, ge=1, lt=5, alias="x"), signette.Query(1, ge=1, lt=5, alias="x")),
        (Query(strict=True, max_digits=3), signette.Query(strict=True, max_digits=3)),
        (Query(multiple_of=2, allow_inf_nan=False), signette.Query(multiple_of=2, allow_inf_nan=False)),
        (Header(None, convert_underscores=False), signette.Header(None, convert_underscores=False)),
        (Body(media_type="text/x", embed=True), signette.Body(media_type="text/x", embed=True)),
        (Form(min_length=1, max_length=2), signette.Form(min_length=1, max_length=2)),
        (File(description="d"), signette.File(description="d")),
        (Cookie(deprecated=True), signette.Cookie(deprecated=True)),
        (Path(pattern="x", discriminator="k"), signette.Path(pattern="x", discriminator="k")),
        (Depends(login, use_cache=False), signette.Depends(login, use_cache=False)),
        (Depends(), signette.Depends()),
        (Security(login, scopes=["a"]), signette.Security(login, scopes=["a"])),
    ],
)
def test_each_argument_is_that_of_the_marker_of_signette(theirs: Any, ours: Any) -> None:
    made = own_marker(theirs)
    assert type(made) is type(ours)
    assert repr(made) == repr(ours)
    names = ("convert_underscores", "embed", "media_type", "include_in_schema", "openapi_examples", "use_cache")
    assert [getattr(made, name, None) for name in names] == [getattr(ours, name, None) for name in names]


# -- what is rejected --------------------------------------------------------------------------------------------------


class WithUnknown(params.Depends):
    """A marker with an attribute that is unknown here."""


unknown = WithUnknown(login)
object.__setattr__(unknown, "tenant", "acme")
unknown_query = Query()
unknown_query.style = "deepObject"  # type: ignore[attr-defined]


class Uploading(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    files: list[fastapi.UploadFile] = []


class Depending(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    user: Any = Depends(login)


class Misplaced(BaseModel):
    size: int = Header(1)


REJECTED: dict[str, Any] = {
    "an attribute that is unknown": Annotated[str, unknown],
    "an argument that is unknown": Annotated[str, unknown_query],
    "a marker inside of a type": dict[str, Annotated[int, Query()]],
    "a dependency inside of a type": list[Annotated[str, Depends(login)]],
    "the function that makes a marker": Annotated[str, Query],
    "the class of a marker": Annotated[str, params.Query],
    "a marker beside a dependency": Annotated[str, Depends(login), Query()],
    "two dependencies": Annotated[str, Depends(login), signette.Depends(login)],
    "a class of schemes that is not instantiated": Annotated[Any, Depends(fastapi.security.HTTPBearer)],
    "a dependency on a field of a model": Depending,
    "a dependency on a field of a query model": Annotated[Depending, Query()],
    "a file in a model": Uploading,
    "a marker of another place on a field": Annotated[Misplaced, Query()],
}


def endpoint_of(annotation: Any) -> Any:
    async def endpoint(v: Any) -> None: ...

    endpoint.__annotations__ = {"v": annotation}
    return endpoint


@pytest.mark.parametrize("name", REJECTED)
def test_what_cannot_be_honoured_is_rejected(name: str) -> None:
    endpoint = endpoint_of(REJECTED[name])
    for declare in (
        lambda: App().post("/")(endpoint),
        lambda: App().post("/")(endpoint_of(Annotated[Any, signette.Depends(endpoint)])),
        lambda: App().post("/")(endpoint_of(Annotated[Any, Depends(endpoint)])),
    ):
        with pytest.raises(SignatureError):
            declare()


def test_a_scheme_without_depends_is_rejected() -> None:
    with pytest.raises(SignatureError):
        App().get("/")(endpoint_of(Annotated[Any, bearer]))
    with pytest.raises(SignatureError):
        App().get("/", dependencies=[bearer])(endpoint_of(int))
    with pytest.raises(SignatureError):
        App().get("/", dependencies=[unknown])(endpoint_of(int))
