"""Logins at another site by httpx-oauth: its dependency for the callback."""

from typing import Annotated, Any

from httpx_oauth.integrations.fastapi import OAuth2AuthorizeCallback
from httpx_oauth.oauth2 import OAuth2, OAuth2Token

from signette import App, Depends
from tests.interop.serving import served


class Site(OAuth2):
    """The other site, without a request to it."""

    async def get_access_token(self, code: str, redirect_uri: str, code_verifier: str | None = None) -> OAuth2Token:
        return OAuth2Token({"access_token": f"{code} for {redirect_uri}"})


site = Site("id", "secret", "https://site.example/authorize", "https://site.example/token")


def test_its_callback_is_a_dependency() -> None:
    app = App()

    @app.get("/callback", name="callback")
    async def callback(
        found: Annotated[Any, Depends(OAuth2AuthorizeCallback(site, route_name="callback"))],
    ) -> list[str]:
        token, state = found
        return [token["access_token"], state]

    with served(app) as client:
        found = client.get("/callback", params={"code": "c", "state": "s"}).json()
        assert found == [f"c for {client.base_url}/callback", "s"]
        assert client.get("/callback", params={"error": "denied"}).status_code == 400
        assert client.get("/callback").status_code == 400
    names = [each["name"] for each in app.openapi()["paths"]["/callback"]["get"]["parameters"]]
    assert set(names) >= {"code", "state", "error"}
