"""Foreign applications after a route that guards them: each path reaches the guard, or nothing."""

from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import starlette.applications
import starlette.responses
import starlette.routing
import starlette.staticfiles

from signette import App, Depends, Request
from signette.applications import Application
from signette.endpoints import HTTPEndpoint
from signette.exceptions import HTTPException
from signette.middleware import Middleware
from signette.middleware.cors import CORSMiddleware
from signette.middleware.wsgi import WSGIMiddleware
from signette.responses import PlainTextResponse
from signette.routing import Host, Match, Mount, Route, Router, WebSocketRoute
from signette.routing.foreign import is_foreign
from signette.staticfiles import StaticFiles
from tests.asgi import Exchange, call
from tests.routing.test_slashes import ask

pytestmark = [pytest.mark.either_loop, pytest.mark.thorough]

# Spellings of /secret/key.txt for applications that decode, merge and resolve. The first one is the usual one.
SPELLINGS = [
    "/secret/key.txt",
    "/secret%2Fkey.txt",
    "/secret%2fkey.txt",
    "/%2Fsecret/key.txt",
    "%2Fsecret/key.txt",
    "//secret/key.txt",
    "///secret//key.txt",
    "/./secret/key.txt",
    "/%2e/secret/key.txt",
    "/%2E%2Fsecret/key.txt",
    "/x/../secret/key.txt",
    "/x/%2e%2e/secret/key.txt",
    "/x/..%2Fsecret/key.txt",
    "/x%2F..%2Fsecret%2Fkey.txt",
    "/secret/./key.txt",
    "/secret//key.txt",
    "/secret/../secret/key.txt",
    "/secret%5Ckey.txt",
    "/secret\\key.txt",
    "/%5Csecret/key.txt",
    "/x%5C..%5Csecret/key.txt",
    "/secret/key.txt/",
    "/secret/key.txt//",
    "/secret/key.txt/.",
    "/secret/key.txt%0A",
    "/secret%0A/key.txt",
]


def normalize(path: str) -> str:
    """The path, decoded, merged and resolved."""
    segments: list[str] = []
    for segment in path.replace("\\", "/").strip().split("/"):
        if segment == ".." and segments:
            segments.pop()
        elif segment not in {"", ".", ".."}:
            segments.append(segment)
    return "/" + "/".join(segments)


class Legacy:
    """An ASGI application that normalizes paths, and records those that it gets."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await PlainTextResponse("secret" if "/secret/key.txt" in normalize(scope["path"]) else "open")(
            scope, receive, send
        )


def as_wsgi(legacy: Legacy) -> WSGIMiddleware:
    def application(environ: Any, start_response: Any) -> Any:
        legacy.paths.append(environ["SCRIPT_NAME"] + environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"secret" if "/secret/key.txt" in normalize(legacy.paths[-1]) else b"open"]

    return WSGIMiddleware(application)


async def guard(request: Any) -> Any:
    return PlainTextResponse("no", status_code=401)


GUARDED = {
    "mount": lambda legacy: Mount("/", legacy),
    "mount with middleware": lambda legacy: Mount("/", legacy, middleware=[Middleware(CORSMiddleware)]),
    "mount in a router": lambda legacy: Mount("/", routes=[Mount("/", legacy)]),
    "mount in an application": lambda legacy: Mount("/", Application(routes=[Mount("/", legacy)])),
    "mount of wrapped": lambda legacy: Mount("/", CORSMiddleware(legacy)),
    "mount with parameter": lambda legacy: Mount("/{tenant:path}", legacy),
    "wsgi": lambda legacy: Mount("/", as_wsgi(legacy)),
    "host": lambda legacy: Host("{any}", legacy),
    "route": lambda legacy: Route("/{rest:path}", legacy),
    "starlette mount": lambda legacy: starlette.routing.Mount("/", legacy),
    "starlette route": lambda legacy: starlette.routing.Route("/{rest:path}", legacy),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", GUARDED)
async def test_no_spelling_of_a_guarded_path_passes_its_guard(kind: str, spelling: str) -> None:
    legacy = Legacy()
    routes = [Route("/secret/{rest:path}", guard), GUARDED[kind](legacy)]
    for app in (Router(routes), Application(routes=routes), App(routes=routes, openapi_url=None)):
        response = await ask(app, spelling, headers=[(b"host", b"x")])
        assert not any("/secret/key.txt" in normalize(path) for path in legacy.paths)
        # 307: without the slash, the path reaches the guard. 200: the file has another name.
        assert response.status in {401, 404, 307} or response.text == "open"


async def test_no_spelling_passes_a_guard_before_the_default_of_a_router() -> None:
    legacy = Legacy()
    router = Router([Route("/secret/{rest:path}", guard)], default=legacy)
    for spelling in SPELLINGS[1:]:
        await ask(router, spelling)
    assert not any("/secret/key.txt" in normalize(path) for path in legacy.paths)
    response = await ask(router, "/open%2Ffile", kind="websocket")
    assert response.messages[0]["type"] == "websocket.close"
    assert (await ask(router, "/open%20file")).text == "open"


async def test_websockets_with_an_ambiguous_path_are_rejected() -> None:
    for leads in (lambda legacy: Mount("/", legacy), lambda legacy: WebSocketRoute("/{rest:path}", legacy)):
        legacy = Legacy()
        router = Router([leads(legacy)])
        assert (await ask(router, "/open", kind="websocket")).messages[0]["type"] == "websocket.accept"
        assert (await ask(router, "/secret%2Fkey.txt", kind="websocket")).messages[0]["type"] == "websocket.close"
        assert legacy.paths == ["/open"]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", ["ours", "starlette's", "front-end"])
async def test_no_spelling_of_a_guarded_file_passes_its_guard(kind: str, spelling: str, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "index.html").write_text("front")

    def reject() -> None:
        raise HTTPException(401)

    app = App()

    @app.get("/files/secret/{name:path}", dependencies=[Depends(reject)])
    async def of_folder(name: str) -> str:
        raise AssertionError("the guard let it pass")

    @app.get("/files/secret.txt", dependencies=[Depends(reject)])
    async def of_file() -> str:
        raise AssertionError("the guard let it pass")

    if kind == "ours":
        app.mount("/files", StaticFiles(directory=tmp_path, check_dir=False))
    elif kind == "front-end":
        app.frontend("/files", tmp_path, check_dir=False)
    else:
        app.mount("/files", starlette.staticfiles.StaticFiles(directory=tmp_path, check_dir=False))
    for target in (f"/files{spelling}", f"/files{spelling.replace('/key', '').replace('%2Fkey', '')}"):
        for accept in (b"text/html", b"*/*"):
            if kind == "starlette's" and target == "/files/secret.txt/":
                continue  # a trailing slash makes another path
            response = await ask(app, target, headers=[(b"accept", accept)])
            assert "secret" not in response.text
            assert response.status in {401, 404, 307} or response.text == "front"
    assert (await ask(app, "/files/index.html")).text == "front"


@pytest.mark.parametrize(
    ("target", "path"),
    [("/a%2Fb", "/a/b"), ("/a//b", "/a//b"), ("/a%5Cb", "/a\\b"), ("/https://a.org/", "/https://a.org/")],
)
async def test_escaped_slashes_lets_paths_with_any_slashes_pass(target: str, path: str) -> None:
    legacy = Legacy()
    app = App()
    app.mount("/mount", legacy, escaped_slashes=True)
    app.host("legacy", legacy, escaped_slashes=True)
    assert (await ask(app, f"/mount{target}")).status == 200
    assert (await ask(app, target, headers=[(b"host", b"legacy")])).status == 200
    assert legacy.paths == [f"/mount{path}", path]


@pytest.mark.parametrize("target", ["/./a", "/a/..", "/a%2F..%2Fb", "/a%5C.%5Cb", "/a/%2e%2e", "/."])
async def test_paths_with_dot_segments_never_reach_a_foreign_application(target: str) -> None:
    legacy = Legacy()
    router = Router([Mount("/", legacy, escaped_slashes=True)])
    assert (await ask(router, target)).status == 404
    assert legacy.paths == []


@pytest.mark.parametrize(
    "target",
    ["/", "/a", "/a/", "/a.b/.c", "/...", "/a..", "/..a/b", "/a%20b", "/%E2%82%AC", "/a%252Fb", "/a;b=c/d", "/:@"],
)
async def test_an_unambiguous_path_reaches_a_foreign_application(target: str) -> None:
    legacy = Legacy()
    assert (await ask(Router([Mount("/", legacy)]), target)).text == "open"
    assert len(legacy.paths) == 1


async def test_a_route_path_with_odd_slashes_reaches_its_application() -> None:
    legacy = Legacy()
    router = Router([Route("/a//b", legacy), Route("//{rest}", legacy)])
    assert (await ask(router, "/a//b")).status == 200
    assert (await ask(router, "//c")).status == 200


class Endpoint(HTTPEndpoint):
    async def get(self, request: Any) -> Any:
        return PlainTextResponse(request.path_params["rest"])


@pytest.mark.parametrize(
    "app",
    [
        Application(), App(), Router(), StaticFiles(directory="nowhere", check_dir=False), Endpoint,
        PlainTextResponse("x"), CORSMiddleware(App()), CORSMiddleware(CORSMiddleware(Router())),
    ],
    ids=lambda app: getattr(app, "__name__", type(app).__name__),
)  # fmt: skip
def test_applications_of_signette_are_not_foreign(app: Any) -> None:
    assert not is_foreign(app)


@pytest.mark.parametrize(
    "app",
    [Legacy(), Legacy().__call__, starlette.applications.Starlette(), CORSMiddleware(Legacy()), as_wsgi(Legacy())],
    ids=lambda app: type(app).__name__,
)
def test_other_applications_are_foreign(app: Any) -> None:
    assert is_foreign(app)


async def test_an_application_with_reads_path_as_sent_is_not_foreign() -> None:
    class Modern(Legacy):
        reads_path_as_sent = True

    assert (await ask(Router([Mount("/", Modern())]), "/a%2Fb")).text == "open"


async def test_custom_endpoints_get_escaped_slashes() -> None:
    assert (await ask(Router([Route("/{rest}", Endpoint)]), "/a%2Fb")).text == "a/b"
    assert (await ask(Router([Route("/{rest}", PlainTextResponse("x"))]), "/a%2Fb")).text == "x"


@pytest.mark.parametrize("target", ["/static%2Fx/users", "/static%2fx/users"])
async def test_middleware_sees_the_path_that_is_routed(target: str) -> None:
    app = App()
    seen = []

    @app.middleware("http")
    async def look(request: Request, call_next: Any) -> Any:
        seen.append((request.url.path, str(request.url), str(request.base_url)))
        return await call_next(request)

    @app.get("/{tenant}/users")
    async def users(tenant: str, request: Request) -> str:
        assert request.url.path == seen[0][0]
        return tenant

    assert (await ask(app, target, headers=[(b"host", b"a.org")])).text == "static/x"
    assert seen == [("/static%2Fx/users", "http://a.org/static%2Fx/users", "http://a.org/")]


# --- routes of other frameworks


async def point(request: Any) -> Any:
    return starlette.responses.PlainTextResponse(f"{request.path_params} {request.url_for('point')}")


STARLETTES = [
    starlette.routing.Route("/point", point, name="point"),
    starlette.routing.Mount("/below", routes=[starlette.routing.Route("/{name}", point, name="named")], name="below"),
]


@pytest.mark.parametrize(
    "make",
    [lambda routes: Router(routes), lambda routes: Application(routes=routes), lambda routes: App(routes=routes)],
)
async def test_routes_of_starlette_respond_as_in_starlette(make: Any) -> None:
    app = make([*STARLETTES, Route("/own", PlainTextResponse("own"), name="own")])

    async def got(path: str, method: str = "GET") -> Exchange:
        return await call(app, path, method, headers=[(b"host", b"a.org")])

    assert (await got("/point")).text == "{} http://a.org/point"
    assert (await got("/below/x")).text == "{'name': 'x'} http://a.org/point"
    assert (await got("/point", "POST")).status == 405
    assert (await got("/nowhere")).status == 404
    assert (await got("/point/")).headers["location"] == "/point"
    assert (await got("/own")).text == "own"
    assert (await ask(app, "/below/a%2Fb")).status == 404
    assert (app.url_path_for("below:named", name="x"), app.url_path_for("own")) == ("/below/x", "/own")


async def test_an_object_with_matches_and_handle_is_a_route() -> None:
    class Own:
        def matches(self, scope: Any) -> Any:
            return Match.FULL, {"endpoint": "own"}

        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            await PlainTextResponse(scope["endpoint"])(scope, receive, send)

    assert (await call(Router([Own()]))).text == "own"


def changes(routes: Any, wrong: Any) -> list[Any]:
    return [
        lambda: Router([wrong]),
        lambda: Application(routes=[wrong]),
        lambda: Mount("/", routes=[wrong]),
        lambda: routes.append(wrong),
        lambda: routes.extend([wrong]),
        lambda: routes.insert(0, wrong),
        lambda: routes.__setitem__(0, wrong),
        lambda: routes.__setitem__(slice(0, 1), [wrong]),
        lambda: routes.__iadd__([wrong]),
    ]


@pytest.mark.parametrize("place", range(9))
def test_an_object_that_is_not_a_route_is_rejected_when_it_is_added(place: int) -> None:
    routes = Router([Route("/", point)]).routes
    with pytest.raises(TypeError, match=r"`routes` takes routes, .* write `Route\(path, endpoint\)`"):
        changes(routes, Legacy())[place]()
    assert len(routes) == 1


def test_a_route_of_fastapi_is_rejected_because_it_needs_its_application() -> None:
    import fastapi

    api = fastapi.FastAPI()
    api.get("/x")(lambda: None)
    with pytest.raises(TypeError, match=r"mount that: `Mount\(path, fastapi_app\)`"):
        Router([api.routes[-1]])


@pytest.mark.parametrize("ours", Match)
@pytest.mark.parametrize("theirs", starlette.routing.Match)
def test_members_of_two_enums_named_match_are_equal_if_their_values_are(ours: Match, theirs: Any) -> None:
    same = ours.value == theirs.value
    assert (ours == theirs, theirs == ours, ours != theirs, theirs != ours) == (same, same, not same, not same)
    assert len({ours, theirs}) == (1 if same else 2)
    assert ({theirs: "found"}.get(ours) == "found") is same


def test_a_member_of_match_equals_nothing_else() -> None:
    other = Enum("Other", {"FULL": 2})
    assert Match.FULL == Match.FULL
    assert Match.FULL not in (2, "FULL", None, other.FULL, Match.PARTIAL)  # type: ignore[attr-defined]
