"""Sessions by starsessions, in the place of signette's."""

from starsessions import InMemoryStore, SessionAutoloadMiddleware, SessionMiddleware

from signette import App, Middleware, Request
from tests.interop.serving import served


def test_a_request_has_its_session() -> None:
    store = InMemoryStore()
    app = App(
        middleware=[
            Middleware(SessionMiddleware, store=store, lifetime=3600, cookie_https_only=False),
            Middleware(SessionAutoloadMiddleware),
        ]
    )

    @app.get("/visits")
    async def visits(request: Request) -> int:
        request.session["visits"] = request.session.get("visits", 0) + 1
        visits: int = request.session["visits"]
        return visits

    with served(app) as client:
        assert [client.get("/visits").json() for _ in range(2)] == [1, 2]
        client.cookies.clear()
        assert client.get("/visits").json() == 1
    assert len(store.data) == 2
