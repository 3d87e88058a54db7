"""Pages of Swagger UI and ReDoc: they load what they are given, and no text of theirs ends a script or a tag."""

import inspect
import json
import re
from html.parser import HTMLParser
from typing import Any

import fastapi
import fastapi.openapi.docs
import pytest

import signette.openapi.docs
from signette import App, Request
from signette.openapi.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from signette.responses import HTMLResponse
from signette.testclient import TestClient


class Page(HTMLParser):
    """The tags of a page with their attributes, its title, and the text of its scripts."""

    def __init__(self, response: HTMLResponse) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        assert response.media_type == "text/html"
        self.text = bytes(response.body).decode()
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("link", "meta"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def loaded(self) -> set[str | None]:
        """The URLs that the page loads."""
        return {value for _, attributes in self.tags for name, value in attributes.items() if name in ("src", "href")}

    def script(self) -> str:
        return "".join(self.texts.get("script", ()))

    def settings(self) -> dict[str, Any]:
        found = re.search(r"const settings = (.*);\n", self.script())
        assert found
        settings: dict[str, Any] = json.loads(found[1])
        return settings


HOSTILE = '</script><script>alert("1")</script>&\u2028\'"`${x}'


def test_swagger_ui_loads_the_document_and_the_urls_that_it_is_given() -> None:
    page = Page(
        get_swagger_ui_html(
            openapi_url="/v1/openapi.json",
            title="Shop & more",
            swagger_js_url="/static/ui.js?a=1&b=2",
            swagger_css_url="/static/ui.css",
            swagger_favicon_url="/static/icon.png",
        )
    )
    assert page.loaded() == {"/static/ui.js?a=1&b=2", "/static/ui.css", "/static/icon.png"}
    assert page.texts["title"] == ["Shop & more"]
    assert page.settings()["url"] == "/v1/openapi.json"
    assert page.settings()["dom_id"] == "#swagger-ui"
    assert ("div", {"id": "swagger-ui"}) in page.tags
    assert "oauth2RedirectUrl" not in page.script()
    assert "initOAuth" not in page.script()


def test_swagger_ui_has_the_parameters_that_it_is_given() -> None:
    page = Page(
        get_swagger_ui_html(
            openapi_url="/o",
            title="t",
            oauth2_redirect_url="/docs/oauth2-redirect",
            init_oauth={"clientId": "me", "usePkceWithAuthorizationCodeGrant": True},
            swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "obsidian"}},
        )
    )
    assert page.settings()["deepLinking"] is False
    assert page.settings()["syntaxHighlight"] == {"theme": "obsidian"}
    assert page.settings()["layout"] == "BaseLayout"
    assert 'settings.oauth2RedirectUrl = window.location.origin + "/docs/oauth2-redirect";' in page.script()
    assert 'ui.initOAuth({"clientId":"me","usePkceWithAuthorizationCodeGrant":true});' in page.script()


def test_redoc_loads_the_document_and_the_urls_that_it_is_given() -> None:
    page = Page(get_redoc_html(openapi_url="/openapi.json", title="Shop", redoc_js_url="/r.js", redoc_favicon_url="/i"))
    fonts = {url for url in page.loaded() if str(url).startswith("https://fonts.googleapis.com/")}
    assert page.loaded() - fonts == {"/r.js", "/i"}
    assert len(fonts) == 1
    assert ("redoc", {"spec-url": "/openapi.json"}) in page.tags
    without = Page(get_redoc_html(openapi_url="/o", title="t", redoc_js_url="/r.js", with_google_fonts=False))
    assert without.loaded() == {"/r.js", "data:,"}


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (
            get_swagger_ui_html,
            "openapi_url title swagger_js_url swagger_css_url swagger_favicon_url oauth2_redirect_url",
        ),
        (get_redoc_html, "openapi_url title redoc_js_url redoc_favicon_url"),
    ],
)
def test_no_text_ends_a_script_or_a_tag(make: Any, arguments: str) -> None:
    names = arguments.split()
    harmless, hostile = (Page(make(**dict.fromkeys(names, text))) for text in ("/x", HOSTILE))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in harmless.tags]
    assert hostile.loaded() - harmless.loaded() == {HOSTILE}
    more = {"init_oauth": {HOSTILE: HOSTILE}, "swagger_ui_parameters": {HOSTILE: [HOSTILE]}}
    page = Page(get_swagger_ui_html(openapi_url="/o", title="t", **more))
    assert page.settings()[HOSTILE] == [HOSTILE]
    assert page.text.count("<script") == 2


def test_the_page_of_a_login_returns_what_it_received_and_closes() -> None:
    page = Page(get_swagger_ui_oauth2_redirect_html())
    assert page.loaded() == {"data:,"}
    for word in ("window.opener.swaggerUIRedirectOauth2", "request.callback(", "request.errCb(", "window.close()"):
        assert word in page.script()


@pytest.mark.parametrize(
    "name", ["get_swagger_ui_html", "get_redoc_html", "get_swagger_ui_oauth2_redirect_html"]
)  # fmt: skip
def test_the_arguments_are_those_of_the_documentation(name: str) -> None:
    there, here = (inspect.signature(getattr(of.openapi.docs, name)).parameters for of in (fastapi, signette))
    assert list(here) == list(there)
    assert {name for name, each in here.items() if each.default is each.empty} == {
        name for name, each in there.items() if each.default is each.empty
    }


def test_pages_of_ones_own_stand_where_fastapis_documentation_puts_them() -> None:
    app = App(docs_url=None, redoc_url=None, title="Shop")

    @app.get("/docs", include_in_schema=False)
    async def custom_swagger_ui_html(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=f"{request.scope.get('root_path', '')}{app.openapi_url}",
            title=f"{app.title} - Swagger UI",
            oauth2_redirect_url="/docs/oauth2-redirect",
            swagger_js_url="/static/swagger-ui-bundle.js",
        )

    @app.get("/docs/oauth2-redirect", include_in_schema=False)
    async def swagger_ui_redirect() -> HTMLResponse:
        return get_swagger_ui_oauth2_redirect_html()

    @app.get("/redoc", include_in_schema=False)
    async def redoc_html() -> HTMLResponse:
        return get_redoc_html(openapi_url=str(app.openapi_url), title=f"{app.title} - ReDoc")

    client = TestClient(app)
    for path in ("/docs", "/docs/oauth2-redirect", "/redoc"):
        response = client.get(path)
        assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '"url":"/openapi.json"' in client.get("/docs").text
    assert app.openapi()["paths"] == {}
