"""The files of fastapi-offline, Swagger UI and ReDoc: served by signette, without an import of the package.

In a browser they work with the policy, and offline.
"""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from signette import App, Depends
from signette.openapi.docs import ReDoc, SwaggerUI
from signette.security import OAuth2AuthorizationCodeBearer
from tests.browser import authorization, chromium
from tests.browser.chromium import Chromium
from tests.browser.conftest import serving
from tests.interop.serving import served


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (SwaggerUI(), {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}),
        (ReDoc(), {"redoc.standalone.js": "text/javascript"}),
    ],
    ids=["Swagger UI", "ReDoc"],
)
def test_the_files_of_the_package_are_served(page: SwaggerUI | ReDoc, names: dict[str, str]) -> None:
    with served(App(docs=page)) as client:
        html = client.get("/docs").text
        for name, media_type in names.items():
            assert f'"/docs/{name}"' in html
            response = client.get(f"/docs/{name}")
            assert response.headers["content-type"].split(";")[0] == media_type
            assert len(response.content) > 100_000
    assert "fastapi_offline" not in sys.modules


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium.running() as found:
        yield found


@pytest.fixture(scope="module")
def login_server() -> Iterator[str]:
    with serving(authorization.app) as url:
        yield url


def shop(login_server: str, **options: Any) -> App:
    app = App(**{"title": "Shop", **options})
    scheme = OAuth2AuthorizationCodeBearer(f"{login_server}/authorize", f"{login_server}/token", scopes={"a": "All"})

    @app.get("/me")
    async def me(token: Annotated[str, Depends(scheme)]) -> dict[str, str]:
        return {"token": token}

    return app


PAGES = [(SwaggerUI(), ".opblock"), (ReDoc(), "[id^=operation]")]


@pytest.mark.parametrize(("page", "ready"), PAGES, ids=["Swagger UI", "ReDoc"])
def test_a_page_works_with_its_policy(browser: Chromium, login_server: str, page: Any, ready: str) -> None:
    browser.requests.clear()
    browser.complaints.clear()
    with serving(shop(login_server, docs=page)) as url:
        browser.open(f"{url}/docs")
        browser.until(f"document.querySelector({ready!r}) !== null")
    # ReDoc wants to show the logo of its makers, which the policy blocks.
    assert [each for each in browser.complaints if "logo" not in each] == []
    loaded = [each for each in browser.requests if not each.startswith((url, "data:", "blob:", "about:"))]
    assert [each for each in loaded if "logo" not in each] == []


@pytest.mark.parametrize(("page", "ready"), PAGES, ids=["Swagger UI", "ReDoc"])
def test_scripts_in_descriptions_do_not_run(browser: Chromium, login_server: str, page: Any, ready: str) -> None:
    markup = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    with serving(shop(login_server, docs=page, description=markup, title=markup)) as url:
        browser.open(f"{url}/docs")
        browser.until(f"document.querySelector({ready!r}) !== null")
        assert browser.run("typeof window.hacked") == "undefined"


def test_swagger_ui_logs_in_with_pkce(browser: Chromium, login_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Swagger UI needs `window.opener`, which the header would cut off.
    monkeypatch.setattr(authorization, "HEADERS", {})
    options = {"clientId": "web", "scopes": "a", "usePkceWithAuthorizationCodeGrant": True}
    with serving(shop(login_server, docs=SwaggerUI(), swagger_ui_init_oauth=options)) as url:
        browser.open(f"{url}/docs")
        browser.until("document.querySelector('.auth-wrapper .authorize') !== null")
        browser.run("document.querySelector('.auth-wrapper .authorize').click()")
        browser.until("document.querySelector('.auth-btn-wrapper .authorize') !== null")
        browser.run("document.querySelector('.auth-btn-wrapper .authorize').click()")
        browser.until("document.querySelector('.auth-btn-wrapper button').textContent === 'Logout'")
        browser.run("document.querySelector('.opblock-summary-control').click()")
        browser.until("document.querySelector('.try-out__btn') !== null")
        browser.run("document.querySelector('.try-out__btn').click()")
        browser.until("document.querySelector('.execute') !== null")
        browser.run("document.querySelector('.execute').click()")
        browser.until("document.querySelector('.live-responses-table')?.textContent.includes('web:a')")
