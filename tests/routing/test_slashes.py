"""An escaped slash is part of a value, and does not separate parts."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette import App
from signette._http.paths import MARK, with_slashes
from signette.applications import Application
from signette.convertors import CONVERTOR_TYPES, StringConvertor
from signette.middleware import Middleware
from signette.middleware.httpsredirect import HTTPSRedirectMiddleware
from signette.middleware.trustedhost import TrustedHostMiddleware
from signette.paths import as_sent
from signette.responses import JSONResponse, PlainTextResponse
from signette.routing import Host, Match, Mount, Route, Router, WebSocketRoute
from signette.staticfiles import StaticFiles
from tests.asgi import Exchange, call


def at(label: str) -> Any:
    async def endpoint(request: Any) -> JSONResponse:
        return JSONResponse([label, request.path_params, request.scope.get("root_path", "")])

    return endpoint


async def ask(app: Any, target: str, method: str = "GET", **scope: Any) -> Exchange:
    """Send a request for an encoded path, decoded as servers do."""
    return await call(app, unquote(target), method, **{"raw_path": target.encode("ascii"), **scope})


class Odd(Route):
    """Matches as its base class does, but overrides `matches`, so that the index calls it."""

    def matches(self, scope: Any) -> Any:
        return super().matches(scope)


ROUTES = [
    Route("/items/{name}", at("name")),
    Route("/items/{name}/{part}", at("part")),
    Route("/items/a/b/c", at("fixed")),
    Odd("/odd/{name}", at("odd")),
    Route("/pair/{a}-{b}", at("pair")),
    Route("/files/{rest:path}", at("rest")),
    Route("/tail/{rest:path}.txt", at("tail")),
    Mount("/of/{who}", routes=[Route("/{what}", at("what"))]),
    Host("host.example", Router([Route("/items/{name}", at("host"))])),
]
APPS = [Router(ROUTES), Application(routes=ROUTES), App(routes=ROUTES)]


@pytest.fixture(params=APPS, ids=lambda app: type(app).__name__)
def app(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("/items/a%2Fb", '["name",{"name":"a/b"},""]'),
        ("/items/a%2fb%20c", '["name",{"name":"a/b c"},""]'),
        ("/items/%2F", '["name",{"name":"/"},""]'),
        ("/items/a%252Fb", '["name",{"name":"a%2Fb"},""]'),
        ("/items/a%2Fb/c%2Fd", '["part",{"name":"a/b","part":"c/d"},""]'),
        ("/items/a/b%2Fc", '["part",{"name":"a","part":"b/c"},""]'),
        ("/items/%E2%82%AC%2F%E2%82%AC", '["name",{"name":"€/€"},""]'),
        ("/odd/a%2Fb", '["odd",{"name":"a/b"},""]'),
        ("/pair/a%2F-%2Fb", '["pair",{"a":"a/","b":"/b"},""]'),
        ("/files/a%2Fb/c", '["rest",{"rest":"a/b/c"},""]'),
        ("/tail/a%2Fb.txt", '["tail",{"rest":"a/b"},""]'),
        ("/of/a%2Fb/c%2Fd", '["what",{"who":"a/b","what":"c/d"},"/of/a/b"]'),
    ],
)
async def test_an_escaped_slash_is_part_of_a_value(app: Any, target: str, text: str) -> None:
    assert (await ask(app, target)).text == text


@pytest.mark.parametrize("target", ["/items%2Fa", "/items/a/b%2Fc/d", "/of%2Fa/b", "/odd%2Fa"])
async def test_an_escaped_slash_does_not_separate_segments(app: Any, target: str) -> None:
    assert (await ask(app, target)).status == 404


@pytest.mark.parametrize("path", ["/items/x", "/of/x/y", "/odd/x", "/files/x"])
async def test_a_path_without_an_escaped_slash_matches_as_usual(app: Any, path: str) -> None:
    assert (await ask(app, path)).status == (await call(app, path)).status == 200


async def test_an_escaped_slash_does_not_match_a_slash_of_a_literal_path(app: Any) -> None:
    assert "fixed" in (await ask(app, "/items/a/b/c")).text
    assert "part" in (await ask(app, "/items/a/b%2Fc")).text
    assert (await ask(app, "/items/a/%62/c")).status == 200


async def test_a_wrong_method_gets_the_405_of_the_matching_route(app: Any) -> None:
    response = await ask(app, "/items/a%2Fb", "POST")
    assert (response.status, response.headers["allow"]) == (405, "GET, HEAD")


async def test_hosts_are_matched_as_usual(app: Any) -> None:
    response = await ask(Router([ROUTES[-1]]), "/items/a%2Fb", headers=[(b"host", b"host.example")])
    assert response.text == '["host",{"name":"a/b"},""]'


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/items/a%2Fb/", "/items/a%2Fb"),
        ("/items/a%2fb%3F/", "/items/a%2Fb%3F"),
        ("/odd/a%2Fb/", "/odd/a%2Fb"),
        ("/of/a%2Fb/c/", "/of/a%2Fb/c"),
    ],
)
async def test_a_redirect_of_a_trailing_slash_keeps_escaped_slashes(app: Any, target: str, location: str) -> None:
    response = await ask(app, target)
    assert (response.status, response.headers["location"]) == (307, location)


@pytest.mark.parametrize(
    "raw", [None, b"", b"/items/a/b", b"/items/b%2Fa", b"%2Fitems/a/b", b"/x%2Fy", b"%2F", b"\xff%2F"]
)
async def test_a_raw_path_that_differs_from_the_path_is_ignored(app: Any, raw: bytes | None) -> None:
    response = await call(app, "/items/a/b", raw_path=raw)
    assert response.text == '["part",{"name":"a","part":"b"},""]'


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/root/items/a/b", b"/root/items/a%2Fb"),
        ("/root/items/a/b", b"/items/a%2Fb"),
        ("/items/a/b", b"/root/items/a%2Fb"),
        ("/items/a/b", b"/items/a%2Fb?x=%2F"),
    ],
)
async def test_escaped_slashes_work_with_root_path_in_path_or_raw_path(app: Any, path: str, raw: bytes) -> None:
    response = await call(app, path, root_path="/root", raw_path=raw)
    assert response.text == '["name",{"name":"a/b"},"/root"]'


async def test_escaped_slashes_work_below_a_mount_without_its_root_path(app: Any) -> None:
    response = await call(app, "/of/x/a/b", root_path="/root", raw_path=b"/of/x/a%2Fb")
    assert response.text == '["what",{"who":"x","what":"a/b"},"/root/of/x"]'


async def test_escaped_slashes_work_for_websockets() -> None:
    heard = []

    async def socket(websocket: Any) -> None:
        heard.append(websocket.path_params)
        await websocket.accept()

    await ask(Router([WebSocketRoute("/of/{name}", socket)]), "/of/a%2Fb", kind="websocket")
    assert heard == [{"name": "a/b"}]


@pytest.mark.parametrize(
    ("layer", "host", "location"),
    [
        (Middleware(HTTPSRedirectMiddleware), b"a.org", "https://a.org/items/a%2Fb%3F"),
        (Middleware(TrustedHostMiddleware, ["www.a.org"]), b"a.org", "http://www.a.org/items/a%2Fb%3F"),
    ],
)
async def test_a_redirect_to_another_host_or_scheme_keeps_escaped_slashes(
    layer: Middleware, host: bytes, location: str
) -> None:
    app = Application(routes=ROUTES, middleware=[layer])
    assert (await ask(app, "/items/a%2Fb%3F", headers=[(b"host", host)])).headers["location"] == location


async def test_a_typed_endpoint_gets_an_escaped_slash() -> None:
    app = App()

    @app.get("/of/{name}/{count}")
    async def of(name: str, count: int) -> list[Any]:
        return [name, count]

    assert (await ask(app, "/of/a%2Fb/3")).text == '["a/b",3]'
    assert (await ask(app, "/of/a%2Fb/3%2F4")).status == 422


@pytest.fixture
def files(tmp_path: Path) -> Any:
    """Serves a folder next to a secret file."""
    (tmp_path / "inside" / "css").mkdir(parents=True)
    (tmp_path / "inside" / "css" / "main.css").write_text("main")
    (tmp_path / "secret").write_text("secret")
    return StaticFiles(directory=tmp_path / "inside")


@pytest.fixture
def pages(files: Any) -> Any:
    """Serves the same folder, with an index page for a folder in it."""
    deep = Path(files.directory, "css", "deep")
    deep.mkdir()
    (deep / "index.html").write_text("deep")
    return StaticFiles(directory=files.directory, html=True)


async def test_no_file_outside_of_a_directory_is_reached_by_it(files: Any, pages: Any, tmp_path: Path) -> None:
    app = Router([Mount("/static", files)])
    absolute = f"%2F{tmp_path}/secret"
    for target in (
        "..%2Fsecret",
        "css%2F..%2F..%2Fsecret",
        "%2F..%2Fsecret",
        absolute,
        "%2e%2e%2Fsecret",
        "..%5Csecret",
    ):
        assert (await ask(app, f"/static/{target}")).status == 404
    # No file has a slash in its name. Links of a page are relative to its folder.
    assert (await ask(Router([Mount("/", pages)]), "/css%2Fdeep")).status == 404
    assert (await ask(Router([Mount("/", pages)]), "/css/deep")).headers["location"] == "./deep/"
    assert (await ask(app, "/static/css/main.css")).text == "main"
    assert (await ask(app, "/static/css%2Fmain.css")).status == 404


def test_a_single_route_matches_as_the_index_does() -> None:
    scope = {"type": "http", "method": "GET", "path": "/items/a/b", "raw_path": b"/items/a%2Fb"}
    match, child_scope = ROUTES[0].matches(scope)
    assert match is Match.FULL
    assert child_scope["path_params"] == {"name": "a/b"}
    assert ROUTES[1].matches(scope)[0] is Match.NONE


async def test_a_value_with_a_slash_is_escaped_unless_its_convertor_matches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class AnyText(StringConvertor):
        def to_string(self, value: str) -> str:
            return value

    monkeypatch.setitem(CONVERTOR_TYPES, "any", AnyText())
    router = Router([Route("/items/{name:any}/{rest:path}", at("any"), name="any"), Route("/{x}", at("x"), name="x")])
    path = router.url_path_for("any", name="a/b", rest="c/d")
    assert path == "/items/a%2Fb/c/d"
    assert (await ask(router, path)).text == '["any",{"name":"a/b","rest":"c/d"},""]'
    with pytest.raises(AssertionError, match="May not contain path separators"):
        router.url_path_for("x", x="a/b")


@given(st.lists(st.sampled_from(["/", "%2F", "%2f", "a", "%25", "%2", "%C3%A9", "%E2%82", "%FF", "?"]), max_size=9))
def test_the_path_as_sent_equals_the_path_without_its_marks(parts: list[str]) -> None:
    raw = "/" + "".join(parts)
    path = unquote(raw.partition("?")[0])
    sent = as_sent(path, {"path": path, "raw_path": raw.encode()})
    assert with_slashes(sent) == path
    assert sent.count(MARK) == raw.partition("?")[0].lower().count("%2f")


@given(st.text("/a%2Ff", max_size=12), st.binary(max_size=12))
def test_no_raw_path_changes_the_path(path: str, raw: bytes) -> None:
    assert with_slashes(as_sent(path, {"path": path, "raw_path": raw})) == path


async def test_the_default_of_a_router_gets_escaped_slashes_if_it_reads_paths_as_sent() -> None:
    assert (await ask(Router([], default=PlainTextResponse("default")), "/a%2Fb")).text == "default"
    assert (await ask(Router([], default=Router([Route("/{name}", at("default"))])), "/a%2Fb")).status == 200
