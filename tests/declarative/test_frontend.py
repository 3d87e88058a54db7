"""`app.frontend`: a folder of a single-page application, for paths without a route."""

import pickle
from pathlib import Path
from typing import Annotated, Any

import cloudpickle
import pytest

from signette.app import App, Router
from signette.concurrency import run_in_threadpool
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Header
from signette.exceptions import HTTPException
from signette.middleware.registry import Middleware
from signette.responses import PlainTextResponse, Response
from tests.asgi import fetch
from tests.declarative.test_layers import Passing

PAGE = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
DATA = {"accept": "application/json, */*"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("index")
    (tmp_path / "app.js").write_text("script")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "index.html").write_text("sub")
    return tmp_path


def served(folder: Path, **options: Any) -> App:
    app = App(middleware=options.pop("middleware", None))
    app.frontend("/", folder, **options)  # before the routes, which win all the same

    @app.post("/items")
    async def items() -> None: ...

    @app.get("/api")
    async def api() -> str:
        return "api"

    return app


async def response_of(app: App, request: str, headers: dict[str, str]) -> tuple[int, bytes]:
    got = await fetch(app, request, headers=headers)
    return got.status, got.body


@pytest.mark.parametrize("middleware", [[], [Middleware(Passing)]])
async def test_files_are_served_and_pages_get_the_index(folder: Path, middleware: Any) -> None:
    app = await run_in_threadpool(served, folder, middleware=middleware)
    assert await response_of(app, "GET /", {}) == (200, b"index")
    assert await response_of(app, "GET /app.js", DATA) == (200, b"script")
    assert await response_of(app, "HEAD /app.js", DATA) == (200, b"")
    assert await response_of(app, "GET /sub/", PAGE) == (200, b"sub")
    assert (await fetch(app, "GET /sub", headers=PAGE))["location"] == "./sub/"
    assert await response_of(app, "GET /deep/page", PAGE) == (200, b"index")
    assert (await fetch(app, "GET /deep/page", headers=DATA)).status == 404
    assert (await fetch(app, "GET /missing.js", headers={"accept": "text/html;q=0"})).status == 404
    assert (await fetch(app, "GET /../secret", headers=DATA)).status == 404


async def test_routes_win_also_where_their_method_does_not_fit(folder: Path) -> None:
    app = await run_in_threadpool(served, folder)
    assert await response_of(app, "GET /api", PAGE) == (200, b"api")
    assert (await fetch(app, "GET /items", headers=PAGE)).status == 405
    assert (await fetch(app, "GET /api/", headers=PAGE)).status == 307
    for method in ("POST", "OPTIONS", "DELETE"):
        assert (await fetch(app, f"{method} /deep/page")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "ANY"])
async def test_another_method_for_the_path_of_a_file_is_a_405(folder: Path, method: str) -> None:
    (folder / "empty").mkdir()
    app, below = App(), App()
    app.frontend("/", folder, check_dir=False)
    below.frontend("/ui", folder, check_dir=False)
    files = ("/", "/app.js", "/index.html", "/sub", "/sub/", "/sub/index.html")
    others = ("/none", "/empty", "/empty/", "/app.js/", "/../app.js", "//app.js", "/..%2Fapp.js", "/.env")
    for served_app, prefix in ((app, ""), (below, "/ui")):
        for path in (*files, *others):
            got = await fetch(served_app, f"{method} {prefix}{path}")
            if path in others:
                assert got.status == 404, path
            else:
                allowed = (204, "GET, HEAD, OPTIONS") if method == "OPTIONS" else (405, "GET, HEAD")
                assert (got.status, got["allow"]) == allowed, path
    assert (await fetch(below, f"{method} /ui")).status == (204 if method == "OPTIONS" else 405)
    assert (await fetch(below, f"{method} /none")).status == 404


async def test_another_method_runs_the_default_where_there_is_no_file(folder: Path) -> None:
    router = Router(default=PlainTextResponse("default"))
    router.frontend("/", folder, check_dir=False)
    app = App()
    app.mount("/x", router)
    assert (await fetch(app, "POST /x/none")).text == "default"
    assert (await fetch(app, "POST /x/app.js")).status == 405


async def test_another_method_does_not_show_which_files_exist_behind_dependencies(folder: Path) -> None:
    async def guard() -> None:
        raise HTTPException(401)

    app = App()
    app.frontend("/", folder, check_dir=False, dependencies=[Depends(guard)])
    assert [(await fetch(app, f"{each}")).status for each in ("GET /app.js", "POST /app.js", "POST /none")] == [
        401,
        404,
        404,
    ]


async def test_headers_and_cookies_of_dependencies_are_sent(folder: Path) -> None:
    async def dependency(response: Response) -> None:
        response.headers["x-by"] = "dependency"
        response.headers["vary"] = "Cookie"
        response.set_cookie("seen", "1")
        response.status_code = 201

    app = App(dependencies=[Depends(dependency)])
    app.frontend("/", folder, check_dir=False)
    for path, status in (("/app.js", 200), ("/deep/page", 200), ("/sub/", 200), ("/sub", 307)):
        got = await fetch(app, f"GET {path}", headers=PAGE)
        assert (got.status, got["x-by"], got.all("set-cookie")) == (
            status,
            "dependency",
            ["seen=1; Path=/; SameSite=lax"],
        )
        assert "Cookie" in got.all("vary")
    first = await fetch(app, "GET /app.js")
    again = await fetch(app, "GET /app.js", headers={"if-none-match": first["etag"] or ""})
    assert (again.status, again["x-by"]) == (304, "dependency")


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        ("text/html", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("application/xhtml+xml", True),
        ("text/html;q=0, application/xhtml+xml;q=0.1", True),
        ("text/html;level=1;q=0.001", True),
        ("text/html;q=x", True),
        ("text/html;q=0", False),
        ("text/html; q=0.0", False),
        ("text/html ; Q=0.000", False),
        ("text/html;level=1;q=0", False),
        ("application/xhtml+xml;q=0", False),
        ("text/*, */*", False),
        ("", False),
    ],
)
async def test_a_page_is_for_requests_that_accept_one(folder: Path, accept: str, wants: bool) -> None:
    app = App()
    app.frontend("/", folder, fallback="index.html", check_dir=False)
    for path in ("/deep", "/v/1.2.3"):
        assert (await fetch(app, f"GET {path}", headers={"accept": accept})).status == (200 if wants else 404)


@pytest.mark.parametrize(
    ("fallback", "has_404", "page", "data"),
    [
        ("auto", False, (200, b"index"), 404),
        ("auto", True, (404, b"lost"), 404),
        ("index.html", True, (200, b"index"), 404),
        ("404.html", True, (404, b"lost"), 404),
        (None, True, (404, None), 404),
        ("app.js", False, (200, b"script"), 404),
    ],
)
async def test_what_is_no_file_gets_the_fallback(
    folder: Path, fallback: str | None, has_404: bool, page: tuple[int, bytes | None], data: int
) -> None:
    if has_404:
        await run_in_threadpool((folder / "404.html").write_text, "lost")
    app = await run_in_threadpool(served, folder, fallback=fallback)
    status, body = await response_of(app, "GET /deep/page", PAGE)
    assert status == page[0]
    assert page[1] is None or body == page[1]
    assert (await fetch(app, "GET /deep/page", headers=DATA)).status == data


@pytest.mark.parametrize("fallback", ["auto", "index.html", "app.js"])
async def test_the_fallback_varies_on_accept(folder: Path, fallback: str) -> None:
    app = await run_in_threadpool(served, folder, fallback=fallback)
    got = [await fetch(app, "GET /deep/page", headers=headers) for headers in (PAGE, DATA, {})]
    assert [(each.status, each["vary"]) for each in got] == [(200, "Accept"), (404, "Accept"), (404, "Accept")]
    again = await fetch(app, "GET /deep/page", headers={**PAGE, "if-none-match": got[0]["etag"]})
    assert (again.status, again["vary"]) == (304, "Accept")


@pytest.mark.parametrize(("fallback", "path"), [("404.html", "deep"), (None, "deep"), ("auto", "app.js"), ("auto", "")])
async def test_operations_without_it_do_not_document_it(folder: Path, fallback: str | None, path: str) -> None:
    await run_in_threadpool((folder / "404.html").write_text, "lost")
    app = await run_in_threadpool(served, folder, fallback=fallback)
    for headers in (PAGE, DATA):
        assert (await fetch(app, f"GET /{path}", headers=headers))["vary"] is None


@pytest.mark.parametrize(
    "path", ["//app.js", "/./app.js", "/x/../app.js", "/app.js/", "/.env", "/sub//", "/sub\\index.html"]
)
async def test_a_path_that_names_no_file_gets_the_fallback(folder: Path, path: str) -> None:
    await run_in_threadpool((folder / ".env").write_text, "secret")
    app = App()
    app.frontend("/.ui", folder, check_dir=False)
    assert await response_of(app, f"GET /.ui{path}", PAGE) == (200, b"index")
    assert (await fetch(app, f"GET /.ui{path}", headers=DATA)).status == 404
    assert await response_of(app, "GET /.ui/app.js", DATA) == (200, b"script")


def test_a_missing_folder_or_fallback_is_reported_at_once(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        App().frontend("/", folder / "none")
    with pytest.raises(RuntimeError, match=r"'404.html' does not exist in the folder"):
        App().frontend("/", folder, fallback="404.html")


async def test_unchecked_a_folder_may_come_later(tmp_path: Path) -> None:
    app = App()
    app.frontend("/", tmp_path / "later", check_dir=False)
    with pytest.raises(RuntimeError, match="does not exist"):
        await fetch(app, "GET /")

    def build() -> None:
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "index.html").write_text("index")

    await run_in_threadpool(build)
    assert await response_of(app, "GET /", {}) == (200, b"index")


@pytest.mark.parametrize("fallback", ["404.html", "lost.html"])
async def test_unchecked_a_missing_fallback_is_an_error_when_it_is_needed(folder: Path, fallback: str) -> None:
    app = App()
    app.frontend("/", folder, fallback=fallback, check_dir=False)
    assert await response_of(app, "GET /app.js", PAGE) == (200, b"script")
    with pytest.raises(RuntimeError, match=f"'{fallback}' does not exist in the folder"):
        await fetch(app, "GET /none", headers=PAGE)


async def test_a_fallback_that_was_deleted_since_is_a_404(folder: Path) -> None:
    app = await run_in_threadpool(served, folder, fallback="index.html")
    await run_in_threadpool((folder / "index.html").unlink)
    assert (await fetch(app, "GET /none", headers=PAGE)).status == 404


@pytest.mark.parametrize("path", ["", "app", "//"])
def test_a_path_without_its_slash_is_rejected(folder: Path, path: str) -> None:
    hint = path.strip("/")
    with pytest.raises(ValueError, match=f"must start with a slash; write '/{hint}'"):
        App().frontend(path, folder, check_dir=False)


async def test_dependencies_of_all_levels_run_before_it(folder: Path) -> None:
    seen: list[str] = []

    def key(x_key: Annotated[str, Header()] = "") -> None:
        seen.append("own")
        if x_key != "k":
            raise HTTPException(401)

    async def outer() -> None:
        seen.append("app")

    app = App(dependencies=[Depends(outer)])
    router = Router(prefix="/admin")
    router.frontend("/", folder, dependencies=[Depends(key)], check_dir=False)
    app.include_router(router)
    assert (await fetch(app, "GET /admin/app.js")).status == 401
    assert await response_of(app, "GET /admin/app.js", {"x-key": "k"}) == (200, b"script")
    assert seen == ["app", "own"] * 2
    with app.override(key, lambda: None):
        assert await response_of(app, "GET /admin/app.js", {}) == (200, b"script")


async def test_of_two_folders_the_nearer_one_serves(folder: Path) -> None:
    app = App()
    app.frontend("/", folder, check_dir=False)
    app.frontend("/admin", folder / "sub", check_dir=False)
    assert await response_of(app, "GET /admin/", {}) == (200, b"sub")
    assert await response_of(app, "GET /admin/users", PAGE) == (200, b"sub")
    assert await response_of(app, "GET /users", PAGE) == (200, b"index")


async def test_a_folder_without_its_slash_is_redirected(folder: Path) -> None:
    app, bare = App(), App(redirect_slashes=False)
    for each in (app, bare):
        each.frontend("/admin", folder, check_dir=False)
    sent = await fetch(app, "GET /admin?a=1")
    assert (sent.status, sent["location"]) == (307, "/admin/?a=1")
    assert (await fetch(bare, "GET /admin")).status == 404
    assert (await fetch(app, "GET /administration", headers=PAGE)).status == 404


async def test_a_mounted_router_has_its_own(folder: Path) -> None:
    app, router = App(), Router()
    router.frontend("/", folder, check_dir=False)
    app.mount("/mounted", router)
    assert await response_of(app, "GET /mounted/app.js", {}) == (200, b"script")


async def test_it_is_not_in_the_document_and_survives_pickling(folder: Path) -> None:
    app = await run_in_threadpool(served, folder)
    assert sorted(app.openapi()["paths"]) == ["/api", "/items"]
    again = pickle.loads(cloudpickle.dumps(app))
    assert await response_of(again, "GET /app.js", {}) == (200, b"script")
