"""The login by authorization code with PKCE, against an authorization server on another origin."""

from collections.abc import Iterator
from typing import Annotated

import pytest

from signette import App, Depends, Security
from signette.openapi.docs import BuiltInDocs
from signette.security import OAuth2AuthorizationCodeBearer, OpenIdConnect
from tests.browser import authorization
from tests.browser.chromium import Chromium
from tests.browser.conftest import serving


@pytest.fixture(scope="module")
def login_server() -> Iterator[str]:
    with serving(authorization.app) as url:
        yield url


@pytest.fixture
def page(browser: Chromium, login_server: str, request: pytest.FixtureRequest) -> Iterator[Chromium]:
    app = App(title="Members", docs=getattr(request, "param", True))
    scheme = OAuth2AuthorizationCodeBearer(
        f"{login_server}/authorize?audience=api", f"{login_server}/token", scopes={"read": "Read", "write": "Write"}
    )

    provider = OpenIdConnect(openIdConnectUrl=f"{login_server}/.well-known/openid-configuration")

    @app.get("/provider")
    async def by_provider(token: Annotated[str, Security(provider, scopes=["email"])]) -> dict[str, str]:
        return {"token": token}

    @app.get("/me")
    async def me(token: Annotated[str, Depends(scheme)]) -> dict[str, str]:
        return {"token": token}

    authorization.answer.clear()
    browser.complaints.clear()
    with serving(app) as url:
        browser.open(f"{url}/docs")
        browser.until("document.querySelector('.authorize')")
        browser.run("""
            document.querySelector(".authorize").click();
            var partOf = (name) => [...document.querySelectorAll("dialog fieldset")].find((each) =>
                each.querySelector("legend").textContent === name);
            var part = partOf("OAuth2AuthorizationCodeBearer");
            var state = () => part.querySelector("[role=status]").textContent;
            var button = (text) => [...part.querySelectorAll("button")].find((each) => each.textContent === text);
        """)
        yield browser


def sent_token(page: Chromium) -> str:
    """The token that the page sends to the API."""
    return str(page.run("credentials.get('OAuth2AuthorizationCodeBearer')?.value ?? ''"))


def test_a_public_client_logs_in_and_its_token_is_sent(page: Chromium) -> None:
    page.run("part.querySelector('[name=client_id]').focus()")
    page.type("web & more")
    page.run("part.querySelectorAll('[type=checkbox]')[1].click(); button('Log in').click()")
    page.until("state() === 'Token received.'")
    assert sent_token(page) == "web & more:read"
    assert authorization.codes == {}
    page.run("document.querySelector('dialog').close(); document.querySelector('[data-operation=me]').open = true")
    page.run("document.querySelector('.operation form').requestSubmit()")
    page.until("document.querySelector('pre.body')?.textContent.includes('web & more:read')")
    assert page.complaints == []
    assert page.run("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize("page", [BuiltInDocs(client_id="configured", scopes=["write"])], indirect=True)
def test_client_id_and_scopes_can_be_configured(page: Chromium) -> None:
    page.run("button('Log in').click()")
    page.until("state() === 'Token received.'")
    assert sent_token(page) == "configured:write"
    page.run("document.querySelector('dialog .quiet').click()")
    assert page.run("[credentials.size, part.querySelector('[name=client_id]').value]") == [0, "configured"]


def test_an_openid_provider_is_asked_for_its_pages(page: Chromium) -> None:
    page.run("part = partOf('OpenIdConnect'); part.querySelector('[name=client_id]').value = 'web'")
    page.run("button('Log in').click()")
    page.until("state() === 'Token received.'")
    page.run(
        "document.querySelector('dialog').close(); document.querySelector('[data-operation=by_provider]').open = true"
    )
    page.run("document.querySelector('.operation[open] form').requestSubmit()")
    page.until("document.querySelector('pre.body')?.textContent.includes('Bearer web:openid email')")
    assert page.complaints == []


def test_a_provider_without_pages_is_an_error(page: Chromium) -> None:
    page.run("""
        var failed = tokenByCode({ discoveryUrl: "/openapi.json" }, "web", "", [], new AbortController().signal)
            .catch((error) => error.message);
    """)
    assert page.run("failed") == "/openapi.json does not name the pages of a provider"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"error": "access_denied", "error_description": "She said no", "code": ""}, "access_denied: She said no"),
        ({"code": ""}, "the authorization server returned no code"),
        ({"code": "made-up"}, "The code is not valid"),
    ],
)
def test_a_login_that_fails_is_explained(page: Chromium, answer: dict[str, str], message: str) -> None:
    authorization.answer.update(answer)
    page.run("part.querySelector('[name=client_id]').value = 'web'; button('Log in').click()")
    page.until("state().startsWith('Login failed')")
    assert page.run("state()") == f"Login failed: {message}"
    assert sent_token(page) == ""


def test_a_response_with_another_state_is_not_taken(page: Chromium) -> None:
    authorization.answer["state"] = "made-up"
    page.run("""
        var seen = [];
        new BroadcastChannel("signette-login").onmessage = ({ data }) => seen.push(data);
        part.querySelector("[name=client_id]").value = "web";
        button("Log in").click();
    """)
    page.until("seen.length")
    assert page.run("seen.map(({ response }) => response.state)") == ["made-up"]
    assert page.run("state()") == "Continue in the other window …"
    page.run("button('Cancel').click()")
    page.until("state() === 'Login failed: cancelled'")
    assert sent_token(page) == ""


def test_a_verifier_that_was_not_announced_gets_no_token(page: Chromium) -> None:
    authorization.codes["stolen"] = {"challenge": "x", "redirect_uri": "x", "client_id": "web", "scope": ""}
    page.run("""
        var stolen = tokenFor(
            loginFlows(schemes()[0][1])[0],
            [["code", "stolen"], ["redirect_uri", "x"], ["client_id", "web"], ["code_verifier", randomText()]], [],
        ).catch((error) => error.message);
    """)
    assert page.run("stolen") == "The code is not valid"


def test_a_redirect_that_belongs_to_no_login_says_so(browser: Chromium, server: str) -> None:
    browser.open(f"{server}/docs/oauth2-redirect?code=secret&state=%3Cb%3E")
    browser.until("document.body.innerText.startsWith('No open page of API docs started this login.')")
    assert browser.run("location.search") == ""
    assert browser.run("document.querySelectorAll('b').length") == 0
