"""Scopes: asked for along a chain, added up, written in the document; guards in every layer."""

from typing import Annotated, Any

import pytest

from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.depends import SecurityScopes
from signette.declarative.signature.marker_functions import Depends, Security
from signette.exceptions import HTTPException
from signette.security import APIKeyHeader, HTTPBearer, OAuth2, OAuth2PasswordBearer, OpenIdConnect
from signette.websockets import WebSocket
from tests.asgi import JSON, fetch
from tests.declarative.test_websocket_endpoints import talk

SCHEME = OAuth2PasswordBearer("token", scopes={"me": "Read me", "items": "Read items", "admin": "All"})
ME = {"authorization": "Bearer me items"}


async def user(wanted: SecurityScopes, token: Annotated[str, Depends(SCHEME)]) -> dict[str, Any]:
    if not set(token.split()).issuperset(wanted.scopes):
        raise HTTPException(403, f"This needs: {wanted.scope_str}")
    return {"scopes": wanted.scopes, "text": wanted.scope_str}


async def active(user: Annotated[Any, Security(user, scopes=["me"])]) -> Any:
    return user


async def test_scopes_add_up_along_the_chain_those_of_the_endpoint_first() -> None:
    app = App()

    @app.get("/")
    async def read(who: Annotated[Any, Security(active, scopes=["items", "me"])]) -> Any:
        return who

    assert (await fetch(app, "GET /", headers=ME)).json == {"scopes": ["items", "me"], "text": "items me"}
    assert (await fetch(app, "GET /", headers={"authorization": "Bearer me"})).json["detail"] == "This needs: items me"
    assert app.openapi()["paths"]["/"]["get"]["security"] == [{"OAuth2PasswordBearer": ["items", "me"]}]


async def test_without_security_there_are_no_scopes() -> None:
    app = App()

    @app.get("/")
    async def read(wanted: SecurityScopes) -> Any:
        return [wanted.scopes, wanted.scope_str]

    assert (await fetch(app, "GET /")).json == [[], ""]


async def test_a_list_of_scopes_is_copied() -> None:
    app = App()

    async def greedy(wanted: SecurityScopes) -> list[str]:
        wanted.scopes.append("admin")
        return wanted.scopes

    @app.get("/")
    async def read(found: Annotated[list[str], Security(greedy, scopes=["me"])]) -> list[str]:
        return found

    for _ in range(2):
        assert (await fetch(app, "GET /")).json == ["me"]


async def test_a_dependency_that_reads_scopes_is_called_once_per_set() -> None:
    app, calls = App(), list[Any]()

    async def reads(wanted: SecurityScopes) -> int:
        calls.append(wanted.scopes)
        return len(calls)

    async def plain() -> int:
        calls.append("plain")
        return len(calls)

    @app.get("/")
    async def read(
        a: Annotated[int, Security(reads, scopes=["a", "b"])],
        b: Annotated[int, Security(reads, scopes=["b", "a", "a"])],
        c: Annotated[int, Security(reads, scopes=["a"])],
        d: Annotated[int, Security(plain, scopes=["a"])],
        e: Annotated[int, Security(plain, scopes=["b"])],
    ) -> list[int]:
        return [a, b, c, d, e]

    assert (await fetch(app, "GET /")).json == [1, 1, 2, 3, 3]
    assert calls == [["a", "b"], ["a"], "plain"]


def test_a_shared_dependency_is_checked_with_the_scopes_of_each_use() -> None:
    async def plain(token: Annotated[str, Depends(SCHEME)]) -> str:
        return token

    app = App()

    @app.get("/", dependencies=[Security(plain, scopes=["me"])])
    async def read(who: Annotated[str, Security(plain, scopes=["items"])]) -> str:
        return who

    assert app.openapi()["paths"]["/"]["get"]["security"] == [{"OAuth2PasswordBearer": ["me", "items"]}]


def test_scopes_reach_only_the_schemes_below_them() -> None:
    app = App()

    @app.get("/", dependencies=[Depends(APIKeyHeader(name="X-Key")), Security(user, scopes=["me"])])
    async def read() -> None: ...

    found = app.openapi()["paths"]["/"]["get"]["security"]
    assert found == [{"APIKeyHeader": [], "OAuth2PasswordBearer": ["me"]}]


def test_a_scheme_that_is_required_elsewhere_is_not_optional() -> None:
    relaxed = OAuth2PasswordBearer("token", scopes={"me": "Read me", "items": "Read items", "admin": "All"},
                                   auto_error=False)  # fmt: skip
    app = App()

    @app.get("/", dependencies=[Security(relaxed, scopes=["me"]), Security(SCHEME, scopes=["items"])])
    async def read() -> None: ...

    assert app.openapi()["paths"]["/"]["get"]["security"] == [{"OAuth2PasswordBearer": ["items", "me"]}]


def test_what_the_user_says_of_security_takes_the_place_of_what_the_plan_says() -> None:
    app = App()
    declared = [{"HTTPBearer": []}, {"APIKeyHeader": []}]

    @app.get(
        "/",
        dependencies=[Depends(HTTPBearer(auto_error=False)), Depends(APIKeyHeader(name="k", auto_error=False))],
        openapi_extra={"security": declared},
    )
    async def read() -> None: ...

    assert app.openapi()["paths"]["/"]["get"]["security"] == declared


@pytest.mark.parametrize("level", ["app", "router", "include", "route", "parameter"])
async def test_a_scheme_guards_from_every_level(level: str) -> None:
    guards = [Security(user, scopes=["me"])]
    app, router = App(dependencies=guards if level == "app" else []), Router(
        dependencies=guards if level == "router" else []
    )  # fmt: skip
    mine = guards if level == "route" else []
    dependency = guards[0] if level == "parameter" else Depends(lambda: None)

    @router.post("/", dependencies=mine)
    async def write(item: dict[str, int], found: Annotated[Any, dependency]) -> None: ...

    @router.websocket("/socket", dependencies=mine)
    async def chat(socket: WebSocket, found: Annotated[Any, dependency]) -> None:
        await socket.accept()
        await socket.close()

    app.include_router(router, dependencies=guards if level == "include" else [])
    for headers, status in (({}, 401), ({"authorization": "Bearer x"}, 403)):
        rejected = await fetch(app, "POST /", b"{", JSON | headers)
        assert (rejected.status, rejected.receives) == (status, 0)
        result = await talk(app, "/socket", headers, {"websocket.http.response": {}})
        assert (result[0]["type"], result[0]["status"]) == ("websocket.http.response.start", status)
    assert (await fetch(app, "POST /", b"{}", JSON | ME)).status == 204
    assert [each["type"] for each in await talk(app, "/socket", ME)] == ["websocket.accept", "websocket.close"]


async def test_tests_may_override_the_scheme_or_what_depends_on_it() -> None:
    app = App()

    @app.get("/")
    async def read(who: Annotated[Any, Security(active, scopes=["items"])]) -> Any:
        return who

    async def scopes_only(wanted: SecurityScopes) -> str:
        return wanted.scope_str

    with app.override(SCHEME, lambda: "me items"):
        assert (await fetch(app, "GET /")).json["text"] == "items me"
    with app.override(user, scopes_only):
        assert (await fetch(app, "GET /")).body == b'"items me"'
    assert (await fetch(app, "GET /")).status == 401


def test_scopes_are_checked_where_all_schemes_below_the_dependency_declare_theirs() -> None:
    for other in (OAuth2PasswordBearer("token"), OAuth2(), OpenIdConnect(openIdConnectUrl="/o"), HTTPBearer()):
        app = App()

        async def either(a: Annotated[Any, Depends(SCHEME)], b: Annotated[Any, Depends(other)]) -> None: ...

        @app.get("/", dependencies=[Security(either, scopes=["elsewhere"])])
        async def read() -> None: ...

    with pytest.raises(SignatureError, match=r'hint: declare it in the scheme: `scopes={"elsewhere"'):

        @app.get("/", dependencies=[Security(SCHEME, scopes=["elsewhere"])])
        async def other_read() -> None: ...


def test_a_shared_dependency_is_checked_at_each_use() -> None:
    app = App()
    with pytest.raises(SignatureError, match='hint: write "items"'):

        @app.get("/", dependencies=[Security(SCHEME, scopes=["me"])])
        async def read(token: Annotated[str, Security(SCHEME, scopes=["item"])]) -> None: ...


@pytest.mark.parametrize("guard", [HTTPBearer(), HTTPBearer])
def test_a_scheme_without_depends_is_rejected_wherever_it_is_used(guard: Any) -> None:
    app = App()
    with pytest.raises(SignatureError, match="the security scheme `HTTPBearer` of `dependencies` must be wrapped"):

        @app.get("/", dependencies=[guard])
        async def merge_options() -> None: ...

    with pytest.raises(SignatureError, match="the security scheme `HTTPBearer` of `token` must be wrapped"):

        @app.get("/")
        async def default(token: Any = guard) -> None: ...

    with pytest.raises(SignatureError, match=r"hint: write `Depends\(HTTPBearer\(...\)\)`"):

        @app.get("/")
        async def marked(token: Annotated[str, guard]) -> None: ...


def test_the_class_of_a_scheme_is_rejected_as_a_type_too() -> None:
    app = App()
    with pytest.raises(
        SignatureError, match="depends on the class `HTTPBearer`, but a security scheme must be instantiated"
    ):

        @app.get("/")
        async def read(token: Annotated[HTTPBearer, Depends()]) -> None: ...


def test_scopes_compare_and_show_themselves() -> None:
    assert SecurityScopes(["a", "b"]) == SecurityScopes(scopes=("a", "b")) != SecurityScopes()
    assert hash(SecurityScopes(["a"])) == hash(SecurityScopes(["a"]))
    assert repr(SecurityScopes(["a"])) == "SecurityScopes(['a'])"
