"""`Idempotent` and `Cached` with routers, mounts, middleware, error formats, overrides and pickles."""

from pathlib import Path
from typing import Annotated

import cloudpickle
import pytest

from signette import App, Depends, Header, Middleware, Problem, Request, Response, Router
from signette.cbv import cbv
from signette.compat import FastAPIErrors
from signette.middleware.base import BaseHTTPMiddleware
from signette.policies import Cached, Idempotent, Off
from signette.routing import Mount, Route
from signette.state import Backend, MemoryStore
from tests.asgi import call, fetch

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]
KEY = {"idempotency-key": "k"}


def counting(app, path="/", **options):
    """Adds a GET and a POST that return the number of their calls."""
    calls = []

    async def run() -> int:
        calls.append(1)
        return len(calls)

    app.get(path, policies=[Cached(60)], **options)(run)
    app.post(path, policies=[Idempotent()], **options)(run)
    return calls


async def assert_stored(app, path="/"):
    """Each of the two requests runs once."""
    key = {"idempotency-key": path}
    first = await fetch(app, f"POST {path}", headers=key)
    again = await fetch(app, f"POST {path}", headers=key)
    assert (again.body, again["idempotent-replayed"]) == (first.body, "true")
    first = await fetch(app, f"GET {path}")
    again = await fetch(app, f"GET {path}")
    assert (again.body, again["age"]) == (first.body, "0")


async def test_routers_with_prefixes_and_mounts():
    router = Router(prefix="/inner")
    counting(router)
    app = App(routes=[Mount("/mounted", router)])
    app.include_router(router, prefix="/one")
    app.include_router(router, prefix="/two/{name}")
    for path in ("/one/inner/", "/two/a/inner/", "/two/b/inner/", "/mounted/inner/"):
        await assert_stored(app, path)


async def test_applications_that_are_mounted_twice_have_their_own_responses():
    inner = App()
    calls = counting(inner)
    app = App(routes=[Mount("/one", inner), Mount("/two", inner)])
    await assert_stored(app, "/one/")
    await assert_stored(app, "/two/")
    assert len(calls) == 4


async def test_policies_of_an_application_and_off():
    app = App(policies=[Cached(60), Idempotent()])
    calls = []

    async def run() -> int:
        calls.append(1)
        return len(calls)

    app.api_route("/", methods=["GET"])(run)
    app.api_route("/", methods=["POST"])(run)
    app.get("/off", policies=[Off(Cached)])(run)
    await assert_stored(app)
    assert len(calls) == 2
    assert [(await fetch(app, "GET /off")).json for _ in range(2)] == [3, 4]


async def test_middleware_sees_stored_responses():
    async def dispatch(request, call_next):
        response = await call_next(request)
        response.headers["x-seen"] = "yes"
        return response

    app = App(middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch)])
    counting(app)
    await assert_stored(app)
    assert (await fetch(app, "GET /"))["x-seen"] == "yes"


async def test_a_stale_response_is_replaced_below_middleware():
    async def dispatch(request, call_next):
        return await call_next(request)

    app, calls = App(middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch)]), []
    policy = Cached(60, stale_while_revalidate=60)
    now = [0.0]
    policy.clock = lambda: now[0]

    @app.get("/", policies=[policy])
    async def run() -> int:
        calls.append(1)
        return len(calls)

    await fetch(app, "GET /")
    now[0] += 70
    assert (await fetch(app, "GET /")).json == 1
    assert (await fetch(app, "GET /")).json == 2


async def test_problems_have_the_error_format_of_the_application():
    app = App(errors=FastAPIErrors())
    counting(app)
    response = await fetch(app, "POST /", headers={"idempotency-key": "a b"})
    assert response.status == 400
    assert isinstance(response.json["detail"], str)
    assert "type" not in response.json


async def test_an_exception_handler_makes_the_response_that_is_stored():
    app, calls = App(), []

    class Late(Exception):
        pass

    @app.exception_handler(Late)
    async def late(request: Request, exc: Exception) -> Response:
        return Response("late", 409)

    @app.post("/", policies=[Idempotent()])
    async def run() -> int:
        calls.append(1)
        raise Late

    for _ in range(2):
        assert (await fetch(app, "POST /", headers=KEY)).text == "late"
    assert len(calls) == 1


async def test_a_returned_problem_is_stored():
    class Gone(Problem, status=410):
        """It is gone."""

    app, calls = App(), []

    @app.post("/", policies=[Idempotent()])
    async def run() -> int | Gone:
        calls.append(1)
        return Gone()

    for _ in range(2):
        assert (await fetch(app, "POST /", headers=KEY)).status == 410
    assert len(calls) == 1


async def test_dependencies_are_open_until_the_response_is_stored():
    app, log = App(), []

    class Store(MemoryStore):
        async def replace(self, key, expected, value, *, ttl=None):
            log.append("stored")
            return await super().replace(key, expected, value, ttl=ttl)

    async def session():
        yield 1
        log.append("closed")

    app = App(state=Backend(overrides={"idempotency": Store()}))

    @app.post("/", policies=[Idempotent()])
    async def run(one: Annotated[int, Depends(session)]) -> int:
        return one

    await fetch(app, "POST /", headers=KEY)
    assert log == ["stored", "closed"]


async def test_overrides_of_by_are_used():
    async def user() -> str:
        return "real"

    app = App()
    app.dependency_overrides[user] = lambda: "fake"

    @app.get("/", policies=[Cached(60, by=user)])
    async def run(name: Annotated[str, Depends(user)]) -> str:
        return name

    assert (await fetch(app, "GET /")).text == "fake"
    assert (await fetch(app, "GET /"))["age"] == "0"


async def test_methods_of_classes():
    app = App()
    router = Router()

    @cbv(router)
    class Views:
        tenant: Annotated[str, Header()] = "none"

        @router.get("/{item}", policies=[Cached(60, tags=["item:{item}"])])
        async def read(self, item: int) -> str:
            return f"{self.tenant} {item}"

    app.include_router(router)
    assert (await fetch(app, "GET /1", headers={"tenant": "a"})).text == "a 1"
    assert (await fetch(app, "GET /1", headers={"tenant": "b"})).text == "b 1"
    assert (await fetch(app, "GET /1", headers={"tenant": "a"}))["age"] == "0"


async def user_of_plain(x_user: Annotated[str, Header()]) -> str:
    return x_user


async def test_plain_routes():
    calls = []

    async def plain(request: Request) -> Response:
        calls.append(1)
        return Response(str(len(calls)), 201)

    app = App(routes=[Route("/", plain, methods=["POST"])], policies=[Idempotent(by=user_of_plain)])
    for user, number in (("ada", "1"), ("ada", "1"), ("bob", "2")):
        assert (await fetch(app, "POST /", headers={**KEY, "x-user": user})).text == number
    assert (await call(app, "/", "POST", headers=KEY)).status == 422


async def test_files_are_stored_also_if_the_server_could_read_them(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")

    async def read() -> Path:
        return path

    app = App()
    app.get("/", policies=[Cached(60)])(read)
    app.post("/", policies=[Idempotent()])(read)
    for method, name in (("GET", "age"), ("POST", "idempotent-replayed")):
        for is_stored in (False, True):
            extensions = {"http.response.pathsend": {}, "http.response.zerocopysend": {}, "tls": {}}
            response = await call(app, "/", method, headers=KEY, extensions=extensions)
            assert response.body == b"content"
            assert (response[name] is not None) is is_stored
            assert response.scope["extensions"].keys() == {"tls"}


async def numbered() -> int:
    numbered.calls += 1
    return numbered.calls


numbered.calls = 0


async def test_a_pickled_application_has_its_policies():
    app = App()
    app.get("/", policies=[Cached(60)])(numbered)
    again = cloudpickle.loads(cloudpickle.dumps(app))
    first = await fetch(again, "GET /")
    assert (await fetch(again, "GET /")).body == first.body
    assert (await fetch(again, "GET /"))["age"] == "0"
