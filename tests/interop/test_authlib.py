"""Logins at another site by authlib: its client for Starlette in typed endpoints."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth

from signette import App, Middleware, Request
from signette.middleware.sessions import SessionMiddleware
from tests.interop.serving import served

oauth = OAuth()
oauth.register(
    "site",
    client_id="id",
    client_secret="secret",
    authorize_url="https://site.example/authorize",
    access_token_url="https://site.example/token",
)


def test_a_typed_endpoint_returns_its_redirect() -> None:
    app = App(middleware=[Middleware(SessionMiddleware, secret_key="keep it out of the code")])

    @app.get("/log-in")
    async def log_in(request: Request) -> Any:
        return await oauth.site.authorize_redirect(request, str(request.url_for("callback")))

    @app.get("/callback", name="callback")
    async def callback(request: Request) -> str:
        try:
            await oauth.site.authorize_access_token(request)
        except OAuthError as exc:
            return str(exc.error)
        return "in"

    with served(app) as client:
        response = client.get("/log-in")
        assert response.status_code == 302
        query = parse_qs(urlsplit(response.headers["location"]).query)
        assert query["redirect_uri"] == [f"{client.base_url}/callback"]
        assert client.get("/callback", params={"state": "wrong", "code": "c"}).text == "mismatching_state"
        assert client.get("/callback", params={"error": "denied"}).text == "denied"
