import errno
import gzip
import os
import pickle
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
import pytest
from blockbuster import BlockBuster
from hypothesis import example, given
from hypothesis import strategies as st

from signette import _directories, staticfiles
from signette.applications import Application
from signette.datastructures import Headers
from signette.exceptions import HTTPException
from signette.responses import FileResponse, PlainTextResponse, Response, file
from signette.routing import Mount, Router
from signette.staticfiles import NotModifiedResponse, StaticFiles
from tests.asgi import Exchange, call

SECRET = "only for the owner"
LARGE = os.urandom(600_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("files")
    (base / "secret.txt").write_text(SECRET)
    (base / "site-backup").mkdir()
    (base / "site-backup" / "secret.txt").write_text(SECRET)
    site = base / "site"
    for folder in ("", "dir", "empty", "dir with space?"):
        (site / folder).mkdir(parents=True)
    (site / "a.txt").write_text("hello")
    (site / "large.bin").write_bytes(LARGE)
    (site / "index.html").write_text("<h1>root</h1>")
    (site / "404.html").write_text("<h1>nothing</h1>")
    (site / "dir" / "index.html").write_text("<h1>dir</h1>")
    (site / "dir with space?" / "index.html").write_text("<h1>space</h1>")
    (site / "inside").symlink_to("a.txt")
    (site / "outside").symlink_to("../secret.txt")
    (site / "parent").symlink_to("..")
    (site / "loop1").symlink_to("loop2")
    (site / "loop2").symlink_to("loop1")
    if hasattr(os, "mkfifo"):
        os.mkfifo(site / "pipe")
    return site


@pytest.fixture(autouse=True, scope="module")
def made_before_the_loop(nothing_blocks: BlockBuster) -> Iterator[None]:
    """Applications are made before a loop runs, and so may look at directories; the tests make them in theirs."""
    places = nothing_blocks.functions["os.stat"].can_block_functions
    places.append(("signette/staticfiles.py", {"__init__"}))
    places.append(("signette/_directories.py", {"folder_of"}))
    yield
    del places[-2:]


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The visits to worker threads."""
    visits: list[Any] = []
    run = file.run_in_threadpool

    async def counting(*args: Any) -> Any:
        visits.append(args)
        return await run(*args)

    monkeypatch.setattr(file, "run_in_threadpool", counting)
    monkeypatch.setattr(staticfiles, "run_in_threadpool", counting)
    return visits


async def get(
    site: Path, path: str, method: str = "GET", *, fields: dict[str, str] | None = None, **options: Any
) -> Exchange:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in (fields or {}).items()]
    return await call(StaticFiles(directory=site, **options), path, method, headers=headers)


# -- files -------------------------------------------------------------------------------------------------------------


async def test_a_file_is_served_with_headers_for_caches(site: Path) -> None:
    response = await get(site, "/a.txt")
    assert (response.status, response.text) == (200, "hello")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-length"] == "5"
    assert response.headers["accept-ranges"] == "bytes"
    assert {"etag", "last-modified"} <= response.headers.keys()


async def test_head_has_the_length_and_no_body(site: Path) -> None:
    response = await get(site, "/a.txt", "HEAD")
    assert (response.status, response.headers["content-length"], response.body) == (200, "5", b"")


async def test_a_large_file_is_complete(site: Path) -> None:
    assert (await get(site, "/large.bin")).body == LARGE


async def test_ranges_of_small_and_large_files(site: Path) -> None:
    small = await get(site, "/a.txt", fields={"range": "bytes=1-2"})
    assert (small.status, small.text, small.headers["content-range"]) == (206, "el", "bytes 1-2/5")
    large = await get(site, "/large.bin", fields={"range": "bytes=-7"})
    assert (large.status, large.body) == (206, LARGE[-7:])
    assert (await get(site, "/a.txt", fields={"range": "bytes=9-"})).status == 416


async def test_several_ranges_of_a_small_file_are_sent_as_of_any_file(site: Path) -> None:
    fields = {"range": "bytes=0-0,4-4"}
    response = await get(site, "/a.txt", fields=fields)
    headers = [(b"range", b"bytes=0-0,4-4")]
    plain = await call(FileResponse(site / "a.txt"), headers=headers)
    assert response.status == plain.status == 206
    boundaries = [one.headers["content-type"].partition("boundary=")[2] for one in (response, plain)]
    assert response.text.replace(boundaries[0], "B") == plain.text.replace(boundaries[1], "B")
    assert int(response.headers["content-length"]) == len(response.body)


async def test_below_a_mount_in_an_application(site: Path) -> None:
    app = Application(routes=[Mount("/static", StaticFiles(directory=site), name="static")])
    assert (await call(app, "/static/dir/index.html")).text == "<h1>dir</h1>"
    assert app.url_path_for("static", path="/a.txt") == "/static/a.txt"
    assert (await call(app, "/static/nope")).status == 404


async def test_later_directories_stand_in_for_earlier_ones(site: Path, tmp_path: Path) -> None:
    class Layered(StaticFiles):
        def get_directories(self, *args: Any) -> list[Any]:
            return [tmp_path, *super().get_directories(*args)]

    (tmp_path / "a.txt").write_text("mine")
    (tmp_path / "loop1").symlink_to("loop1")
    app = Layered(directory=site, follow_symlink=True)
    assert (await call(app, "/a.txt")).text == "mine"
    assert (await call(app, "/dir/index.html")).text == "<h1>dir</h1>"


@pytest.mark.parametrize("path", ["/nope", "/dir", "/dir/", "/", "/a.txt/x", "/nope/../nope"])
async def test_a_path_without_a_file_is_a_404(site: Path, path: str) -> None:
    response = await get(site, path)
    assert (response.status, response.text) == (404, "Not Found")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
async def test_a_pipe_is_not_waited_for(site: Path) -> None:
    assert (await get(site, "/pipe")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "get"])
async def test_other_methods_are_405(site: Path, method: str) -> None:
    for app in (StaticFiles(directory=site), Application(routes=[Mount("/", StaticFiles(directory=site))])):
        response = await call(app, "/a.txt", method)
        assert (response.status, response.text, response.headers["allow"]) == (405, "Method Not Allowed", "GET, HEAD")


async def test_options_lists_the_allowed_methods(site: Path) -> None:
    response = await get(site, "/a.txt", "OPTIONS")
    assert (response.status, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


async def test_a_websocket_is_closed(site: Path) -> None:
    response = await call(StaticFiles(directory=site), "/a.txt", kind="websocket")
    assert response.messages == [{"type": "websocket.close", "code": 1000, "reason": ""}]


async def test_a_lifespan_scope_is_rejected(site: Path) -> None:
    response = await call(StaticFiles(directory=site), kind="lifespan")
    assert isinstance(response.error, AssertionError)


async def test_inside_an_application_a_missing_file_uses_its_exception_handlers(site: Path) -> None:
    async def handler(request: Any, exc: Exception) -> Response:
        return PlainTextResponse("handled", status_code=404)

    app = Application(routes=[Mount("/", StaticFiles(directory=site))], exception_handlers={404: handler})
    assert (await call(app, "/nope")).text == "handled"


# -- what the client has already ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/a.txt", "/large.bin"])
async def test_a_client_that_has_the_file_gets_304(site: Path, path: str) -> None:
    headers = (await get(site, path)).headers
    etag, modified = headers["etag"], headers["last-modified"]
    asked = [
        {"if-none-match": etag},
        {"if-none-match": f"W/{etag}"},
        {"if-none-match": f'"x,y", {etag}'},
        {"if-none-match": "*"},
        {"if-modified-since": modified},
        {"if-modified-since": "Wed, 21 Oct 2099 07:28:00 GMT"},
        {"if-none-match": etag, "range": "bytes=0-1"},
    ]
    for fields in asked:
        response = await get(site, path, fields=fields, cache_control="max-age=60")
        assert (response.status, response.body) == (304, b"")
        assert response.headers == {"etag": etag, "cache-control": "max-age=60"}


async def test_a_client_with_other_content_gets_the_file(site: Path) -> None:
    modified = (await get(site, "/a.txt")).headers["last-modified"]
    for fields in (
        {"if-none-match": '"x"'},
        {"if-none-match": '"x"', "if-modified-since": modified},
        {"if-modified-since": "garbage"},
        {"if-modified-since": "Wed, 21 Oct 2015 07:28:00 GMT"},
    ):
        assert (await get(site, "/a.txt", fields=fields)).text == "hello"


async def test_whether_it_is_new_can_be_decided_otherwise(site: Path) -> None:
    class Always(StaticFiles):
        def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
            return "x-never" not in request_headers

    assert (await call(Always(directory=site), "/a.txt")).status == 304
    headers = [(b"x-never", b""), (b"if-none-match", b"*")]
    assert (await call(Always(directory=site), "/a.txt", headers=headers)).status == 200


def test_a_304_keeps_the_headers_for_caches() -> None:
    headers = Headers(
        raw=[(b"ETag", b'"x"'), (b"content-length", b"3"), (b"vary", b"a"), (b"vary", b"b"), (b"server", b"y")]
    )
    assert NotModifiedResponse(headers).raw_headers == [(b"ETag", b'"x"'), (b"vary", b"a"), (b"vary", b"b")]


# -- html --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [("/", "<h1>root</h1>"), ("/dir/", "<h1>dir</h1>"), ("/a.txt", "hello")],
)
async def test_a_folder_is_its_index(site: Path, path: str, text: str) -> None:
    response = await get(site, path, html=True)
    assert (response.status, response.text) == (200, text)


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/s/dir", b"", "./dir/"),
        ("/s/dir", b"a=1&b=%20", "./dir/?a=1&b=%20"),
        ("/s", b"", "/s/"),  # by the router
        ("/s/dir with space?", b"", "./dir%20with%20space%3F/"),
    ],
)
async def test_a_folder_without_its_slash_is_a_redirect_that_names_no_host(
    site: Path, path: str, query: bytes, target: str
) -> None:
    app = Application(routes=[Mount("/s", StaticFiles(directory=site, html=True))])
    response = await call(app, path, query_string=query, headers=[(b"host", b"evil.example")])
    assert (response.status, response.headers["location"]) == (307, target)


@pytest.mark.parametrize("path", ["/nope", "/empty", "/empty/", "/outside", "/loop1", "/\0"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_missing_file_is_the_404_page(site: Path, path: str, method: str) -> None:
    response = await get(site, path, method, html=True, fields={"if-none-match": "*", "range": "bytes=0-1"})
    assert (response.status, response.text) == (404, "<h1>nothing</h1>" if method == "GET" else "")
    assert response.headers["content-type"] == "text/html; charset=utf-8"


async def test_without_such_a_page_it_is_a_plain_404(tmp_path: Path) -> None:
    assert (await get(tmp_path, "/", html=True)).text == "Not Found"


@pytest.mark.parametrize(
    "path", ["/dir//", "//", "/./", "/dir/.", "/dir/../", "//a.txt", "/dir/../a.txt", "/./a.txt", "/a.txt/", "/dir\\"]
)
@pytest.mark.parametrize("html", [True, False])
async def test_a_file_and_a_folder_have_one_path(site: Path, path: str, html: bool) -> None:
    response = await get(site, path, html=html)
    assert (response.status, response.text) == (404, "<h1>nothing</h1>" if html else "Not Found")
    assert (await get(site, path, method="POST", html=html)).status == 405


@pytest.mark.parametrize("target", ["/dir%2Findex.html", "/dir%2findex.html", "/%2Fa.txt", "/%2e/a.txt", "/a.txt%2F"])
async def test_an_escaped_slash_is_in_the_path_of_no_file(site: Path, target: str) -> None:
    response = await call(StaticFiles(directory=site), unquote(target), raw_path=target.encode())
    assert response.status == 404


async def test_a_subclass_may_respond_to_a_path_without_a_file(site: Path) -> None:
    class SinglePage(StaticFiles):
        async def get_response(self, path: str, scope: Any) -> Any:
            try:
                return await super().get_response(path, scope)
            except HTTPException:
                return await super().get_response("dir/index.html", scope)

    for path in ("/users/", "/users//3", "/.hidden", "/a.txt/"):
        assert (await call(SinglePage(directory=site), path)).text == "<h1>dir</h1>"


DOTFILES = ["/.env", "/.git/config", "/dir/.hidden", "/dir/.well-known/a", "/.well-known/.a", "/..a", "/.well-knownx"]


@pytest.fixture
def hiding(tmp_path: Path) -> Path:
    """A directory that holds names with a dot in front, as working directories do."""
    for name in (*DOTFILES, "/.well-known/security.txt", "/a.b"):
        (tmp_path / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name[1:]).write_text("text")
    return tmp_path


@pytest.mark.parametrize("path", DOTFILES)
async def test_dotfiles_are_not_served_unless_enabled(hiding: Path, path: str) -> None:
    assert (await get(hiding, path)).status == 404
    assert (await get(hiding, path, html=True)).status == 404
    assert (await get(hiding, path, dotfiles=True)).text == "text"


async def test_names_that_are_meant_for_all_are_served(hiding: Path) -> None:
    assert (await get(hiding, "/.well-known/security.txt")).text == "text"
    assert (await get(hiding, "/a.b")).text == "text"
    app = Router([Mount("/.files", StaticFiles(directory=hiding))])
    assert (await call(app, "/.files/a.b")).text == "text"


# -- what must never be served -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/dir/../../secret.txt",
        "/../site-backup/secret.txt",
        "//etc/passwd",
        "/%2e%2e/secret.txt",
        "/..\\secret.txt",
        "/outside",
        "/parent/secret.txt",
        "/parent/site-backup/secret.txt",
        "/loop1",
        "/loop1/a.txt",
        "/a.txt\0",
        "/\0",
        "/\ud800",
        "/" + "x" * 300,
        "/" + "x/" * 3000,
        "/C:/windows",
    ],
)
async def test_a_path_that_leads_nowhere_or_outside_is_404(site: Path, path: str) -> None:
    response = await get(site, path)
    assert (response.status, response.text) == (404, "Not Found")
    assert response.error is None


async def test_a_link_that_stays_inside_is_followed(site: Path) -> None:
    assert (await get(site, "/inside")).text == "hello"
    assert (await get(site, "/parent/site/a.txt")).text == "hello"


async def test_links_lead_outside_where_the_owner_wants_it(site: Path) -> None:
    assert (await get(site, "/outside", follow_symlink=True)).text == SECRET
    for path in ("/../secret.txt", "/parent/../../secret.txt", "/loop1", "/dir/../../site-backup/secret.txt"):
        assert (await get(site, path, follow_symlink=True)).status == 404


PIECES = st.sampled_from(
    ["..", ".", "", "...", "site", "dir", "a.txt", "secret.txt", "site-backup", "parent", "outside", "loop1", "\0", "~"]
)


@given(pieces=st.lists(PIECES | st.text(max_size=4), max_size=8), html=st.booleans(), rooted=st.booleans())
def test_no_path_leads_outside_of_the_directory(site: Path, pieces: list[str], html: bool, rooted: bool) -> None:
    path = "/" + "/".join(pieces)
    if rooted:
        path = f"/{site.parent}{path}"

    async def ask() -> Exchange:
        return await call(StaticFiles(directory=site, html=html, precompressed=True), path)

    response = anyio.run(ask)
    assert response.error is None
    assert response.status in {200, 307, 404}
    assert SECRET not in response.text
    if response.status == 307:
        assert response.headers["location"].startswith("./")


@given(pieces=st.lists(PIECES, max_size=8))
@example(pieces=["loop1", "..", "parent"])  # `realpath` could stop at the loop, and take `parent` for no link
def test_any_file_that_is_found_is_in_the_directory(site: Path, pieces: list[str]) -> None:
    found, known = StaticFiles(directory=site).lookup_path("/".join(pieces).lstrip("/"))
    assert (found == "") == (known is None)
    if known is not None:
        assert Path(found).resolve().is_relative_to(site.resolve())
        assert os.path.samestat(known, Path(found).stat())


async def test_the_hooks_are_safe_by_themselves(site: Path) -> None:
    app = StaticFiles(directory=site)
    for path in ("../secret.txt", "/etc/passwd", str(site / "a.txt"), app.get_path({"path": "/../secret.txt"})):
        assert await anyio.to_thread.run_sync(app.lookup_path, path) == ("", None)
        with pytest.raises(HTTPException) as caught:
            await app.get_response(path, {"method": "GET"})
        assert caught.value.status_code == 404


@pytest.mark.parametrize(
    ("path", "root_path", "below"),
    [
        ("/a/b", "", "a/b"),
        ("/", "", "."),
        ("", "", "."),
        ("//a//b/", "", "a/b"),
        ("/s/a", "/s", "a"),
        ("/a/../b", "", "b"),
    ],
)
def test_the_path_below_the_directory(path: str, root_path: str, below: str) -> None:
    found = StaticFiles().get_path({"path": path, "root_path": root_path})
    assert found == below.replace("/", os.sep)


async def test_a_file_that_may_not_be_read_is_401(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.F_OK)
    response = await get(site, "/a.txt")
    assert (response.status, response.text) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PermissionError(errno.EACCES, "no"), 401),
        (OSError(errno.ENAMETOOLONG, "long"), 404),
        (OSError(errno.ELOOP, "loop"), 404),
        (ValueError("embedded null byte"), 404),
    ],
)
async def test_errors_of_the_system_for_a_path_become_responses(site: Path, error: Exception, status: int) -> None:
    class Broken(StaticFiles):
        def lookup_path(self, path: str) -> Any:
            raise error

    assert (await call(Broken(directory=site), "/a.txt")).status == status


@pytest.mark.parametrize("call_of_the_system", ["lstat", "stat", "access"])
async def test_a_disk_that_fails_is_an_error(
    site: Path, monkeypatch: pytest.MonkeyPatch, call_of_the_system: str
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise OSError(errno.EIO, "disk")

    with monkeypatch.context() as broken:
        broken.setattr(os, call_of_the_system, fail)
        response = await call(StaticFiles(directory=site, check_dir=False), "/inside")
    assert isinstance(response.error, OSError)


_NAMES = st.sampled_from(
    ["a.txt", "folder", "deep", "up", "in", "out", "away", "nothing", "..", ".", "", "a.txt\0", "x" * 300]
)


@given(names=st.lists(_NAMES, min_size=1, max_size=4))
def test_the_lookup_without_links_finds_the_same_as_the_real_path(tree: StaticFiles, names: list[str]) -> None:
    path = os.path.normpath("/".join(names).lstrip("/"))
    root = os.path.realpath(str(tree.directory))
    real = os.path.realpath(os.path.join(root, path)) if "\0" not in path else "/nowhere"  # noqa: PTH118 - as the code has it
    is_inside = real == root or real.startswith(f"{root}/")
    found, status = tree.lookup_path(path)
    assert (status is not None) == (is_inside and os.path.exists(real))  # noqa: PTH110 - takes any name
    if status is not None:
        assert os.path.realpath(found) == real
        assert os.path.samestat(status, Path(real).stat())


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> StaticFiles:
    """Files two folders deep, links that stay, and links that lead out, the folder itself behind a link."""
    base = tmp_path_factory.mktemp("tree")
    deep = base / "real" / "folder" / "deep"
    deep.mkdir(parents=True)
    for folder in (base, base / "real", base / "real" / "folder", deep):
        (folder / "a.txt").write_text(str(folder))
    (base / "real" / "up").symlink_to("..")
    (base / "real" / "in").symlink_to("folder/deep")
    (deep / "up").symlink_to("../..")
    (deep / "out").symlink_to("../../../a.txt")
    (deep / "away").symlink_to("/etc")
    (base / "link").symlink_to("real")
    return StaticFiles(directory=base / "link")


async def test_a_file_deleted_after_the_lookup_is_a_404(site: Path) -> None:
    class Late(StaticFiles):
        def lookup_path(self, path: str) -> Any:
            return str(site / "gone.txt"), (site / "a.txt").stat()

    for method in ("GET", "HEAD"):
        assert (await call(Late(directory=site), "/a.txt", method)).status == 404


async def test_a_file_that_vanishes_just_before_it_is_opened_is_404(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any, **options: Any) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(staticfiles, "open", gone, raising=False)
    assert (await get(site, "/a.txt")).status == 404


async def test_a_file_that_shrinks_after_the_lookup_leaves_the_response_incomplete(site: Path) -> None:
    class Late(StaticFiles):
        def lookup_path(self, path: str) -> Any:
            return str(site / "a.txt"), os.stat_result([stat.S_IFREG, 0, 0, 0, 0, 0, 99, 0, 0, 0])

    response = await call(Late(directory=site), "/a.txt")
    assert isinstance(response.error, RuntimeError)
    assert not any(message.get("more_body") is False for message in response.messages)


async def test_a_file_that_grows_after_the_lookup_has_the_announced_length(site: Path) -> None:
    class Late(StaticFiles):
        def lookup_path(self, path: str) -> Any:
            return str(site / "a.txt"), os.stat_result([stat.S_IFREG, 0, 0, 0, 0, 0, 2, 0, 0, 0])

    response = await call(Late(directory=site), "/a.txt")
    assert (response.headers["content-length"], response.text) == ("2", "he")


# -- compressed files, caching, threads --------------------------------------------------------------------------------


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    (tmp_path / "app.js").write_text("let x = 1;")
    (tmp_path / "app.js.gz").write_bytes(gzip.compress(b"let x = 1;"))
    (tmp_path / "app.js.br").write_bytes(b"brotli")
    (tmp_path / "plain.css").write_text("b {}")
    (tmp_path / "linked.css").write_text("i {}")
    (tmp_path / "linked.css.gz").symlink_to("/etc/hostname")
    return tmp_path


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("", None),
        ("gzip;q=0", None),
        ("zstd", None),
        ("identity, gzip;q=0.5", None),
    ],
)
async def test_a_compressed_file_is_sent_to_clients_that_take_it(
    assets: Path, accepted: str, coding: str | None
) -> None:
    response = await get(assets, "/app.js", fields={"accept-encoding": accepted}, precompressed=True)
    assert response.headers.get("content-encoding") == coding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["content-length"] == str(len(response.body))
    if coding == "gzip":
        assert gzip.decompress(response.body) == b"let x = 1;"
    elif coding is None:
        assert response.text == "let x = 1;"


async def test_several_accept_encoding_fields_are_combined(assets: Path) -> None:
    app = StaticFiles(directory=assets, precompressed=True)
    headers = [(b"accept-encoding", b"deflate"), (b"accept-encoding", b"gzip")]
    assert (await call(app, "/app.js", headers=headers)).headers["content-encoding"] == "gzip"


async def test_each_coding_has_a_tag_of_its_own(assets: Path) -> None:
    tags = set()
    for accepted in ("", "gzip", "br"):
        response = await get(assets, "/app.js", fields={"accept-encoding": accepted}, precompressed=True)
        tags.add(response.headers["etag"])
        again = {"accept-encoding": accepted, "if-none-match": response.headers["etag"]}
        unchanged = await get(assets, "/app.js", fields=again, precompressed=True)
        assert (unchanged.status, unchanged.headers["vary"]) == (304, "Accept-Encoding")
    assert len(tags) == 3


async def test_a_range_applies_to_the_compressed_file(assets: Path) -> None:
    fields = {"accept-encoding": "br", "range": "bytes=0-2"}
    response = await get(assets, "/app.js", fields=fields, precompressed=True)
    assert (response.status, response.text, response.headers["content-encoding"]) == (206, "bro", "br")


async def test_two_dots_after_a_link_are_resolved_by_the_system(tmp_path: Path) -> None:
    for folder, content in (("releases/5", ""), ("releases/shared", "this one"), ("srv/shared", "another")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.txt").write_text(content)
    (tmp_path / "srv" / "current").symlink_to("../releases/5")
    assert (await get(tmp_path / "srv" / "current" / ".." / "shared", "/a.txt")).text == "this one"


@pytest.mark.parametrize("path", ["/plain.css", "/linked.css"])
async def test_without_a_compressed_file_the_plain_one_is_sent(assets: Path, path: str) -> None:
    response = await get(assets, path, fields={"accept-encoding": "gzip"}, precompressed=True)
    assert "content-encoding" not in response.headers
    assert response.text in {"b {}", "i {}"}


async def test_without_precompressed_compressed_files_are_ordinary_files(assets: Path) -> None:
    response = await get(assets, "/app.js", fields={"accept-encoding": "br"})
    assert response.text == "let x = 1;"
    assert "vary" not in response.headers


async def test_cache_control_is_for_files_only(site: Path) -> None:
    options = {"cache_control": "public, max-age=60", "html": True}
    for path, sent in {"/a.txt": True, "/dir/": True, "/nope": False, "/dir": False}.items():
        assert ("cache-control" in (await get(site, path, **options)).headers) is sent  # type: ignore[arg-type]  # a mixed dict


def test_an_invalid_cache_control_is_rejected_at_once(site: Path) -> None:
    with pytest.raises(ValueError, match="cache-control"):
        StaticFiles(directory=site, cache_control="a\r\nset-cookie: b")


async def test_a_subclass_may_add_headers_to_the_response(site: Path) -> None:
    class Marked(StaticFiles):
        async def get_response(self, path: str, scope: Any) -> Response:
            response = await super().get_response(path, scope)
            response.headers["x-path"] = path
            return response

    for path in ("/a.txt", "/large.bin"):
        assert (await call(Marked(directory=site), path)).headers["x-path"] == path[1:]


async def test_a_subclass_may_fall_back_to_another_file(site: Path) -> None:
    class OnePage(StaticFiles):
        async def get_response(self, path: str, scope: Any) -> Response:
            try:
                return await super().get_response(path, scope)
            except HTTPException as exc:
                if exc.status_code != 404:
                    raise
                return await super().get_response("index.html", scope)

    assert (await call(OnePage(directory=site), "/users/3")).text == "<h1>root</h1>"
    assert (await call(OnePage(directory=site), "/users/3", "POST")).status == 405


async def test_a_subclass_may_return_another_response(site: Path) -> None:
    class Named(StaticFiles):
        def file_response(self, full_path: Any, stat_result: Any, scope: Any, status_code: int = 200) -> Response:
            return FileResponse(full_path, stat_result=stat_result, filename="download.txt")

    response = await call(Named(directory=site), "/a.txt")
    assert (response.text, response.headers["content-disposition"]) == ("hello", 'attachment; filename="download.txt"')


async def test_a_request_visits_a_thread_once_and_a_large_file_as_any(site: Path, hops: list[Any]) -> None:
    app = StaticFiles(directory=site, html=True, precompressed=True)
    await call(app, "/a.txt")  # the first one looks at the directory too
    for path, count in {"/a.txt": 1, "/dir/": 1, "/nope": 1, "/large.bin": 4}.items():
        hops.clear()
        await call(app, path)
        assert len(hops) == count, path
    hops.clear()
    await call(app, "/large.bin", headers=[(b"if-none-match", b"*")])
    await call(app, "/large.bin", "HEAD")
    assert len(hops) == 2


async def test_a_server_that_sends_by_path_gets_the_path(site: Path, hops: list[Any]) -> None:
    app = StaticFiles(directory=site)
    await call(app, "/a.txt")
    hops.clear()
    response = await call(app, "/a.txt", extensions={"http.response.pathsend": {}})
    assert response.messages[-1] == {"type": "http.response.pathsend", "path": os.path.realpath(site / "a.txt")}
    assert len(hops) == 1


# -- where the files are -----------------------------------------------------------------------------------------------


def test_a_missing_directory_is_rejected_at_once(site: Path) -> None:
    for directory in (site / "nowhere", site / "a.txt"):
        with pytest.raises(RuntimeError) as caught:
            StaticFiles(directory=directory)
        assert str(caught.value) == f"Directory '{directory}' does not exist"


async def test_or_with_the_first_request(site: Path) -> None:
    response = await get(site / "nowhere", "/a.txt", check_dir=False)
    assert str(response.error) == f"StaticFiles directory '{site / 'nowhere'}' does not exist."
    response = await get(site / "a.txt", "/a.txt", check_dir=False)
    assert str(response.error) == f"StaticFiles path '{site / 'a.txt'}' is not a directory."


async def test_a_directory_may_be_created_later(tmp_path: Path) -> None:
    app = StaticFiles(directory=tmp_path / "later", check_dir=False)
    assert isinstance((await call(app, "/a")).error, RuntimeError)
    (tmp_path / "later").mkdir()
    assert (await call(app, "/a")).status == 404


async def test_without_any_directory_there_are_no_files() -> None:
    assert (await call(StaticFiles(), "/a")).status == 404


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for folder in ("statics", "assets"):
        (tmp_path / "shipped" / folder).mkdir(parents=True)
        (tmp_path / "shipped" / folder / "file.txt").write_text(folder)
    (tmp_path / "shipped" / "__init__.py").write_text("raise RuntimeError('a package is not run for its files')")
    (tmp_path / "single.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return "shipped"


async def test_packages_bring_their_files(package: str, site: Path) -> None:
    assert (await call(StaticFiles(packages=[package]), "/file.txt")).text == "statics"
    assert (await call(StaticFiles(packages=[(package, "assets")]), "/file.txt")).text == "assets"
    both = StaticFiles(directory=site, packages=[package])
    assert (await call(both, "/a.txt")).text == "hello"
    assert (await call(both, "/file.txt")).text == "statics"


async def test_a_module_may_have_a_folder_next_to_it(package: str) -> None:
    assert (await call(StaticFiles(packages=[("single", "shipped/assets")]), "/file.txt")).text == "assets"


@pytest.mark.parametrize(
    ("packages", "words"),
    [
        (["no_such_package"], "Package 'no_such_package' could not be found."),
        (["no_such_package.inner"], "Package 'no_such_package.inner' could not be found."),
        ([("shipped", "nope")], "Directory ''nope'' in package 'shipped' could not be found."),
    ],
)
def test_a_package_without_files_is_rejected(package: str, packages: Any, words: str) -> None:
    with pytest.raises(AssertionError) as caught:
        StaticFiles(packages=packages)
    assert str(caught.value) == words
    assert package not in sys.modules


# -- what is known -----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that kept metadata live by, as its only item."""
    now = [100.0]
    monkeypatch.setattr(_directories, "monotonic", lambda: now[0])
    return now


async def test_metadata_from_memory_spare_a_304_disk_and_thread(
    tmp_path: Path, clock: list[float], hops: list[Any]
) -> None:
    (tmp_path / "a.txt").write_text("hello")
    app = StaticFiles(directory=tmp_path, metadata_seconds=2)
    first = await call(app, "/a.txt")
    tag = [(b"if-none-match", first.headers["etag"].encode())]
    before = len(hops)
    for _ in range(3):
        response = await call(app, "/a.txt", headers=tag)
        assert (response.status, response.headers["etag"]) == (304, first.headers["etag"])
    assert len(hops) == before
    assert (await call(app, "/a.txt")).text == "hello"  # what is sent is read
    clock[0] += 2
    assert (await call(app, "/a.txt", headers=tag)).status == 304
    assert len(hops) == before + 2


async def test_a_file_that_changes_is_seen_when_the_time_is_over(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "a.txt"
    file.write_text("hello")
    app = StaticFiles(directory=tmp_path, metadata_seconds=2)
    tag = [(b"if-none-match", (await call(app, "/a.txt")).headers["etag"].encode())]
    file.write_text("hello, world")
    assert (await call(app, "/a.txt", headers=tag)).status == 304
    clock[0] += 2
    assert (await call(app, "/a.txt", headers=tag)).text == "hello, world"


async def test_a_file_that_shrank_or_went_meanwhile_is_never_sent_wrongly(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "a.txt"
    file.write_text("hello")
    app = StaticFiles(directory=tmp_path, metadata_seconds=2)
    await call(app, "/a.txt")
    file.unlink()
    with pytest.raises(HTTPException) as raised:
        await app.get_response("a.txt", {"type": "http", "method": "GET", "path": "/a.txt", "headers": []})
    assert raised.value.status_code == 404
    file.write_text("hi")
    clock[0] += 2
    assert (await call(app, "/a.txt")).text == "hi"


async def test_missing_files_are_not_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_directories.FileCache, "MAX_FILES", 3)
    app = StaticFiles(directory=tmp_path, metadata_seconds=60)
    assert (await call(app, "/later.txt")).status == 404
    for name in ("later", "b", "c", "d"):
        (tmp_path / f"{name}.txt").write_text(name)
        assert (await call(app, f"/{name}.txt")).text == name
    assert len(app._cache._found) == 1  # the cache was full, and was cleared for the fourth one


async def test_a_hook_keeps_its_thread(tmp_path: Path, hops: list[Any]) -> None:
    class Own(StaticFiles):
        def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
            return super().is_not_modified(response_headers, request_headers)

    (tmp_path / "a.txt").write_text("hello")
    app = Own(directory=tmp_path, metadata_seconds=2)
    tag = [(b"if-none-match", (await call(app, "/a.txt")).headers["etag"].encode())]
    before = len(hops)
    assert (await call(app, "/a.txt", headers=tag)).status == 304
    assert len(hops) == before + 1


def test_the_cache_is_not_pickled(tmp_path: Path) -> None:
    app = StaticFiles(directory=tmp_path, metadata_seconds=2)
    app._cache.keep("a.txt", ("/a.txt", tmp_path.stat()))
    again = pickle.loads(pickle.dumps(app))
    assert (again._cache.seconds, again._cache.get("a.txt")) == (2, None)
